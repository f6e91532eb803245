"""Plan quality in plain values: shares of plans with their intervals, and what may be shown of how many plans. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

HIDDEN_BELOW = 5  # plans: nothing is shown, not even the number
COEFFICIENT_FROM = 10  # plans: below, percentages only
FIRM_FROM = 50  # plans: below, everything is provisional
Z95 = 1.959963984540054

TOO_FEW = f"fewer than {HIDDEN_BELOW} plans: not shown, to protect children and auditors"
NO_PLAN = "no plan in this round was graded here"
NO_LEVELS = "only Yes and No questions, so it has no grade"
SECOND_HIDDEN = "so that the next figure cannot be worked out"


@dataclass(frozen=True)
class Share:
    """A share of plans, of one, with its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Change:
    """A difference of two shares with its 95% interval."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Does the interval leave out no change?"""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Graded:
    """The grade of one plan (a section's or the overall one) and how many plans of the area it stands for."""

    grade: float
    weight: float = 1.0


@dataclass(frozen=True)
class Quality:
    """How good the plans are in one respect. Where `hidden` says why, there is no figure at all, nor the number of plans."""

    plans: int | None
    shares: tuple[float, ...]
    better: Share | None
    hidden: str = ""

    @property
    def is_provisional(self) -> bool:
        return self.plans is not None and self.plans < FIRM_FROM

    @classmethod
    def withheld(cls, why: str) -> "Quality":
        return cls(None, (), None, why)


def quality(graded: Sequence[Graded], levels: Sequence[float], boundary: float) -> Quality:
    """Shares of plans at each level, and at a level above the boundary, if there are plans enough to show them."""
    if not graded:
        return Quality.withheld(NO_PLAN)
    if len(graded) < HIDDEN_BELOW:
        return Quality.withheld(TOO_FEW)
    return Quality(len(graded), level_shares(graded, levels), better_share(graded, boundary))


def level_shares(graded: Sequence[Graded], levels: Sequence[float]) -> tuple[float, ...]:
    """The weighted share of plans at each level, in the order of the levels."""
    total = sum(plan.weight for plan in graded)
    return tuple(sum(plan.weight for plan in graded if plan.grade == level) / total for level in levels)


def better_share(graded: Sequence[Graded], boundary: float) -> Share:
    """The weighted share of plans above the boundary."""
    total = sum(plan.weight for plan in graded)
    above = sum(plan.weight for plan in graded if plan.grade > boundary)
    return wilson(above / total, effective_number(plan.weight for plan in graded))


def effective_number(weights: Iterable[float]) -> float:
    """How many equally weighted plans carry the same information (Kish 1965).

    >>> effective_number([1, 1, 1, 1]), round(effective_number([3, 1, 1, 1]), 2)
    (4.0, 3.0)
    """
    known = list(weights)
    return float(sum(known) ** 2 / sum(weight**2 for weight in known))


def wilson(share: float, number: float) -> Share:
    """Share with its 95% score interval (Wilson 1927): honest for few plans and at the ends, where resampling is not.

    >>> found = wilson(10 / 24, 24)
    >>> round(found.low, 2), round(found.high, 2)
    (0.24, 0.61)
    """
    spread = Z95**2 / number
    middle = (share + spread / 2) / (1 + spread)
    half = Z95 * sqrt(share * (1 - share) / number + spread / (4 * number)) / (1 + spread)
    return Share(share, max(0.0, middle - half), min(1.0, middle + half))


def change(before: Share, after: Share) -> Change:
    """After minus before, with an interval from the two score intervals (Newcombe 1998, method 10).

    >>> found = change(wilson(48 / 80, 80), wilson(56 / 70, 70))
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    value = after.value - before.value
    down = sqrt((after.value - after.low) ** 2 + (before.high - before.value) ** 2)
    up = sqrt((after.high - after.value) ** 2 + (before.value - before.low) ** 2)
    return Change(value, value - down, value + up)


def withheld_groups(plans: Mapping[str, int]) -> Mapping[str, str]:
    """Which groups of a whole are not shown, and why. A small group is never hidden alone: the next smallest go with it
    until enough plans are hidden, so that nobody can take the rest away from the total.

    >>> sorted(withheld_groups({"autism": 24, "speech": 16, "hearing": 6, "vision": 2}))
    ['hearing', 'vision']
    """
    small = [group for group, count in plans.items() if 0 < count < HIDDEN_BELOW]
    withheld = dict.fromkeys(small, TOO_FEW)
    others = sorted((count, group) for group, count in plans.items() if count >= HIDDEN_BELOW)
    for _, group in others if small else ():
        if len(withheld) > 1 and sum(plans[name] for name in withheld) >= HIDDEN_BELOW:
            break
        withheld[group] = SECOND_HIDDEN
    return withheld
