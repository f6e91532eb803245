"""Plan quality in plain values, what may be shown of how many plans, and which rounds are taken together. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from moderation.register.criteria import Criterion, Framework
from stats.shares import Share, effective_number, wilson

HIDDEN_BELOW = 5  # plans: nothing is shown, not even the number
COEFFICIENT_FROM = 10  # plans: below, percentages only
FIRM_FROM = 50  # plans: below, everything is provisional
PEOPLE_NEEDED = 5  # auditors of a question: with fewer, a figure without one of them would speak of a person
AUDITORS_NEEDED = 3  # of an agency: with fewer, how strict the agency is would say how strict a person is

TOO_FEW = f"fewer than {HIDDEN_BELOW} plans: not shown, to protect children and auditors"
NO_PLAN = "no plan in this round was graded here"
NO_LEVELS = "only Yes and No questions, so it has no grade"
SECOND_HIDDEN = "so that the next figure cannot be worked out"


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


class Series(StrEnum):
    """What a trend follows."""

    AGREEMENT = "agreement"  # round by round
    PERIOD = "period"  # twelve months taken together
    CHANGE = "change"  # from one period to the next
    QUALITY = "quality"  # round by round, once published


@dataclass(frozen=True)
class Window:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"


def windows(days: Sequence[date]) -> tuple[Window, ...]:
    """Twelve months back from the latest day, the twelve months before it, and so on; only those in which something happened.

    >>> [str(window) for window in windows([date(2024, 3, 1), date(2025, 11, 5), date(2026, 9, 30)])]
    ['2023-10-01..2024-09-30', '2025-10-01..2026-09-30']
    """
    spans = {_window(day, max(days)) for day in days}
    return tuple(sorted(spans, key=lambda window: window.last))


def _window(day: date, latest: date) -> Window:
    back = 0
    while day <= _years_before(latest, back + 1):
        back += 1
    return Window(_day_after(_years_before(latest, back + 1)), _years_before(latest, back))


def _years_before(day: date, years: int) -> date:
    """The same day in an earlier year; 29 February becomes the 28th."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - years, day=28) if leap and years else day.replace(year=day.year - years)


def _day_after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def comparable_criteria(frameworks: Sequence[Framework]) -> tuple[Criterion, ...]:
    """The latest framework's criteria that mean the same in all of these versions, given in the order of time."""
    latest = frameworks[-1] if frameworks else None
    return tuple(one for one in latest.criteria if one.is_pooled and _same_in_all(one, frameworks)) if latest else ()


def _same_in_all(criterion: Criterion, frameworks: Sequence[Framework]) -> bool:
    versions = [{one.key: one for one in framework.criteria}.get(criterion.key) for framework in _distinct(frameworks)]
    known = [version for version in versions if version is not None]
    unbroken = all(version.comparable_with_previous for version in known[1:])
    return len(known) == len(versions) and unbroken and all(version.scale == criterion.scale for version in known)


def _distinct(frameworks: Sequence[Framework]) -> list[Framework]:
    """Each version once, in the order of time."""
    found: list[Framework] = []
    for framework in frameworks:
        if framework not in found:
            found.append(framework)
    return found
