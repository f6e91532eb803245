"""Trends as the nightly job left them, for the pages."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from stats import Difference

from ..rules import Series
from ..tables import TrendPoint
from .measured import nothing


@dataclass(frozen=True)
class Point:
    """One row of a trend. `period` is a round's id, or "from..to"."""

    series: Series
    key: str
    stat: str
    period: str
    round_id: str | None
    first_on: date
    last_on: date
    value: float | None
    low: float | None
    high: float | None
    undefined: str | None
    plans: int
    ratings: int


@dataclass(frozen=True)
class Trends:
    """What the pages need: twelve-month figures, the latest change, and quality by round."""

    periods: tuple[Point, ...]
    change: Point | None
    quality: tuple[Point, ...]
    computed_at: datetime | None

    def difference(self) -> Difference | None:
        """The latest change as the statistics put it."""
        one = self.change
        if one is None:
            return None
        side = nothing("")
        return Difference(one.stat, one.value, one.low, one.high, 0.95, None, one.undefined, side, side)


def trends(session: Session, area_id: str) -> Trends:
    """The trends as the last nightly run left them."""
    statement = select(TrendPoint).where(TrendPoint.area_id == area_id).order_by(col(TrendPoint.last_on), col(TrendPoint.key))
    rows = session.exec(statement).all()
    points = [_point(row) for row in rows]
    changes = [point for point in points if point.series is Series.CHANGE]
    return Trends(
        tuple(point for point in points if point.series is Series.PERIOD),
        changes[-1] if changes else None,
        tuple(point for point in points if point.series is Series.QUALITY),
        max((row.computed_at for row in rows), default=None),
    )


def _point(row: TrendPoint) -> Point:
    return Point(
        Series(row.series),
        row.key,
        row.stat,
        row.period,
        row.round_id,
        row.first_on,
        row.last_on,
        row.value,
        row.low,
        row.high,
        row.undefined,
        row.plans,
        row.ratings,
    )
