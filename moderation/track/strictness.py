"""How strict an auditor was beside the agreed answers, in words for that auditor alone. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from moderation.web.filters import number, plural
from stats.clustered import clustered_difference, clustered_mean

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


@dataclass(frozen=True)
class Change:
    """How many levels stricter than in the round before (`since`); without an interval, `why_not` says why."""

    since: str = ""
    low: float | None = None
    high: float | None = None
    value: float | None = None
    why_not: str = ""

    @property
    def is_clear(self) -> bool:
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def change(now: Sequence[Sequence[int]], before: Sequence[Sequence[int]], since: str) -> Change:
    """The change from the round before, whose plans were others; each argument as for `strictness`."""
    if min(_plans_in(now), _plans_in(before)) < PLANS_NEEDED:
        short = "this round" if _plans_in(now) < PLANS_NEEDED else since
        return Change(since, why_not=f"in {short} you had fewer than {PLANS_NEEDED} plans with levels to compare")
    found = clustered_difference(now, before)
    if found.low is None:
        return Change(since, why_not="in each of the two rounds the difference was the same on every plan")
    return Change(since, found.low, found.high, found.value)


def _plans_in(below: Sequence[Sequence[int]]) -> int:
    return sum(1 for answers in below if answers)


def change_words(found: Change | None) -> str:
    """What can be said of the change; None: there was no round before."""
    if found is None:
        return "This is the first round you have feedback on, so there is no earlier one to compare it with."
    if found.value is None or found.low is None or found.high is None:
        return f"We cannot compare this with {found.since}: {found.why_not}."
    between = f"The 95% interval of the change is {_side(found.low)} to {_side(found.high)}"
    if not found.is_clear:
        cannot = f"We cannot tell whether you have become stricter or more lenient since {found.since}."
        return f"{cannot} {between}, so there may be no change."
    return f"You were about {_side(found.value)} than in {found.since}. {between}, so we are fairly sure that there is a change."


def words(found: Strictness) -> str:
    """What can be said, never more than the interval allows."""
    if found.value is None:
        return f"We cannot tell from {plural(found.plans, 'plan')}. It takes {PLANS_NEEDED} or more with levels to compare."
    if found.low is None or found.high is None:
        return f"On every plan the difference was the same: {_side(found.value)}. So there is no interval to show."
    between = f"The 95% interval is {_side(found.low)} to {_side(found.high)}"
    if not found.is_clear:
        cannot = "We cannot tell whether you were stricter or more lenient than the agreed answers."
        return f"{cannot} {between}, so there may be no difference."
    return (
        f"You were about {_side(found.value)} than the agreed answers. {between}, so we are fairly sure that there is a difference."
    )


def _side(levels: float) -> str:
    """0.3 of a level stricter, 1 level stricter, 1.4 levels stricter"""
    size = number(abs(levels), 1)
    if not size.strip("0."):
        return "no difference"
    of = f"{size} of a level" if abs(levels) < 0.95 else "1 level" if size == "1.0" else f"{size} levels"
    return f"{of} {'stricter' if levels > 0 else 'more lenient'}"
