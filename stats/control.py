"""A control chart of the out-of-tolerance rate on seed plans (p-chart).

A rating of a seed plan is out of tolerance when it misses the agreed rating by more than is allowed.
The rule: from twenty ratings on, alarm when it is more than 95% certain that the true rate is above the
limit. The line that is drawn is the line that the rule uses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stats.shrinkage import chance_above

LEAST_RATINGS = 20
CERTAINTY = 0.95


@dataclass(frozen=True)
class Period:
    """Ratings of seed plans in one period. `plans` is the number of seed plans that they belong to."""

    out: int
    ratings: int
    plans: int


@dataclass(frozen=True)
class ChartPoint:
    """`chance` is P(true rate > limit); `alarm_from` the observed rate from which this period would alarm."""

    rate: float | None
    chance: float | None
    alarm_from: float | None
    is_alarm: bool
    note: str | None


@dataclass(frozen=True)
class ControlChart:
    centre: float | None
    limit: float
    points: tuple[ChartPoint, ...]


def control_chart(periods: Sequence[Period], limit: float, correlation: float = 0.1) -> ControlChart:
    """The chart of several periods. Ratings of one plan hang together: `correlation` makes them count less.

    >>> chart = control_chart([Period(3, 30, 1), Period(14, 30, 1), Period(2, 6, 1)], limit=0.15)
    >>> [point.is_alarm for point in chart.points], chart.points[2].note
    ([False, True, False], 'Only 6 ratings of seed plans; 20 are needed.')
    """
    total = sum(period.ratings for period in periods)
    centre = sum(period.out for period in periods) / total if total else None
    return ControlChart(centre, limit, tuple(_point(period, limit, correlation) for period in periods))


def chance_of_excess(out: float, period: Period, limit: float, correlation: float) -> float:
    """P(true rate > limit) from Jeffreys' prior and the effective number of ratings."""
    effect = design_effect(period.ratings, period.plans, correlation)
    return chance_above(limit, 0.5 + out / effect, 0.5 + (period.ratings - out) / effect)


def design_effect(ratings: int, plans: int, correlation: float) -> float:
    """1 + (m - 1) correlation, m the ratings of a plan: by how much they count less than independent ones."""
    return 1 + max(ratings / max(plans, 1) - 1, 0) * correlation


def _point(period: Period, limit: float, correlation: float) -> ChartPoint:
    if not period.ratings:
        return ChartPoint(None, None, None, False, "No ratings of seed plans.")
    rate = period.out / period.ratings
    if period.ratings < LEAST_RATINGS:
        note = f"Only {period.ratings} ratings of seed plans; {LEAST_RATINGS} are needed."
        return ChartPoint(rate, None, None, False, note)
    chance = chance_of_excess(period.out, period, limit, correlation)
    return ChartPoint(rate, chance, _alarm_from(period, limit, correlation), chance > CERTAINTY, None)


def _alarm_from(period: Period, limit: float, correlation: float) -> float | None:
    """The smallest observable rate at which the rule alarms, None when no count would."""
    counts = range(period.ratings + 1)
    first = next((out for out in counts if chance_of_excess(out, period, limit, correlation) > CERTAINTY), None)
    return None if first is None else first / period.ratings
