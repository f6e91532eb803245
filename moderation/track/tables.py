"""Recomputed nightly: agreement and plan quality over time, ready to be drawn."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from ..database import Row, belongs, check, utc_column
from ..words import Retention


class TrendPoint(Row, table=True):
    """One statistic of one thing at one round or in one period of published rounds."""

    __tablename__ = "trend_point"
    __table_args__ = belongs(
        Retention.STATISTICS,
        UniqueConstraint("area_id", "series", "key", "stat", "period"),
        check("value_or_reason", "(value IS NULL) = (undefined IS NOT NULL)"),
        check("interval_whole", "(low IS NULL) = (high IS NULL)"),
        round_id="round",
    )

    series: str = Field(max_length=40)  # agreement, quality, change ...
    key: str = Field(max_length=130)  # criterion, section or "round"
    stat: str = Field(max_length=60)
    period: str = Field(max_length=60)  # round id, or "from..to"
    round_id: str | None = Field(default=None, max_length=40)
    first_on: date
    last_on: date
    value: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    undefined: str | None = Field(default=None, max_length=300)
    plans: int
    ratings: int
    computed_at: datetime = utc_column()
    fingerprint: str = Field(max_length=64)
