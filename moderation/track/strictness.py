"""How strict an auditor was beside the agreed answers, in words for that auditor alone. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from moderation.web.filters import number, plural
from stats.clustered import clustered_mean

PLANS_NEEDED = 5  # with fewer, one unusual plan says more than the auditor does


@dataclass(frozen=True)
class Strictness:
    """How many levels below the agreed ones an auditor's were on average; without a value where there are too few plans."""

    plans: int
    answers: int
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_clear(self) -> bool:
        """Does the whole interval lie on one side of no difference?"""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def strictness(below: Sequence[Sequence[int]]) -> Strictness:
    """`below`: for every plan, how many levels below the agreed ones the auditor's answers were."""
    plans = [answers for answers in below if answers]
    counts = len(plans), sum(map(len, plans))
    return Strictness(*counts, *clustered_mean(plans)) if len(plans) >= PLANS_NEEDED else Strictness(*counts)


def words(found: Strictness) -> str:
    """What can be said, never more than the interval allows."""
    if found.value is None:
        return f"We cannot tell from {plural(found.plans, 'plan')}. It takes {PLANS_NEEDED} or more with levels to compare."
    if found.low is None or found.high is None:
        return f"On every plan the difference was the same: {_side(found.value)}. So there is no interval to show."
    between = f"The 95% interval is {_side(found.low)} to {_side(found.high)}"
    if not found.is_clear:
        return (
            f"We cannot tell whether you were stricter or more lenient than the agreed answers. {between}: no difference is in it."
        )
    return (
        f"You were about {_side(found.value)} than the agreed answers. {between}, so we are fairly sure that there is a difference."
    )


def _side(levels: float) -> str:
    """0.3 of a level stricter"""
    size = number(abs(levels), 1)
    if not size.strip("0."):
        return "no difference"
    return f"{size} of a level {'stricter' if levels > 0 else 'more lenient'}"
