"""What was measured: one measurement of a round, and its results with seed, fingerprint and code version."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from ..database import Row, belongs, check, enum_column, utc_column
from ..words import Retention
from .rules import Scope


class Measurement(Row, table=True):
    """The present measurement of a round; replaced only when the fingerprint of its inputs changes."""

    __tablename__ = "measurement"
    __table_args__ = belongs(Retention.STATISTICS, UniqueConstraint("round_id"), round_id="round")

    round_id: str = Field(max_length=40)
    measured_at: datetime = utc_column()
    fingerprint: str = Field(max_length=64)
    seed: int
    replicates: int
    code_version: str = Field(max_length=20)
    plans: int
    sheets: int
    lapsed_sheets: int
    ratings: int


class MeasurementResult(Row, table=True):
    """One statistic of one thing, with its interval, or the reason why there is none."""

    __tablename__ = "measurement_result"
    __table_args__ = belongs(
        Retention.STATISTICS,
        UniqueConstraint("measurement_id", "scope", "key", "stat"),
        check("value_or_reason", "(value IS NULL) = (undefined IS NOT NULL)"),
        check("interval_whole", "(low IS NULL) = (high IS NULL)"),
        measurement_id="measurement",
    )

    measurement_id: str = Field(max_length=40, index=True)
    scope: Scope = enum_column(Scope)
    key: str = Field(max_length=130)  # criterion key, section key, "round", or "agency id|agency id"
    stat: str = Field(max_length=60)  # which of a family: alpha, percent, gwet, kappa, or a measure of its own
    statistic: str = Field(max_length=60)  # what that is on this scale: alpha_ordinal ...
    value: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    method: str = Field(default="", max_length=40)
    undefined: str | None = Field(default=None, max_length=300)
    plans: int  # pairable plans
    ratings: int
    raters: int
