"""Score sheets and ratings. Five modules may import this one; see the blindness contracts in pyproject.toml."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from ..database import Row, belongs, check, enum_column, utc_column
from ..register.criteria import NonScore
from ..words import Retention
from .rules import Confidence, SheetState


class Scoresheet(Row, table=True):
    __tablename__ = "scoresheet"
    __table_args__ = belongs(
        Retention.SCORES,
        UniqueConstraint("round_plan_id", "account_id", "pass_number"),
        check("submitted_has_time", "state NOT IN ('submitted', 'locked') OR submitted_at IS NOT NULL"),
        check("withdrawn_with_reason", "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)"),
        round_id="round",
        round_plan_id="round_plan",
        allocation_id="allocation",
        agency_id="agency",
    )

    round_id: str = Field(max_length=40, index=True)
    round_plan_id: str = Field(max_length=40, index=True)
    allocation_id: str = Field(max_length=40, unique=True)
    account_id: str = Field(foreign_key="account.id", max_length=40, index=True)
    agency_id: str = Field(max_length=40)
    pass_number: int = 1
    state: SheetState = enum_column(SheetState, default=SheetState.DRAFT)
    started_at: datetime = utc_column()
    saved_at: datetime = utc_column()
    submitted_at: datetime | None = utc_column(nullable=True)
    reopened_reason: str | None = Field(default=None, max_length=500)
    withdrawn_at: datetime | None = utc_column(nullable=True)
    withdrawn_reason: str | None = Field(default=None, max_length=500)
    version: int = 1


class Rating(Row, table=True):
    """One answer. Neither value nor non-score: not answered yet (only notes so far)."""

    __tablename__ = "rating"
    __table_args__ = belongs(
        Retention.SCORES,
        UniqueConstraint("sheet_id", "criterion_key"),
        check("one_answer", "value IS NULL OR non_score IS NULL"),
        sheet_id="scoresheet",
    )

    sheet_id: str = Field(max_length=40, index=True)
    criterion_key: str = Field(max_length=40)
    value: float | None = None
    non_score: NonScore | None = enum_column(NonScore, nullable=True)
    evidence: str = Field(default="", max_length=4000)
    quote: str = Field(default="", max_length=2000)
    quote_place: str = Field(default="", max_length=200)
    confidence: Confidence | None = enum_column(Confidence, nullable=True)
    note_to_self: str = Field(default="", max_length=2000)
    left_for_now: bool = False
    saved_at: datetime = utc_column()
    version: int = 1


class RatingRevision(Row, table=True):
    """Every earlier version of a rating, kept."""

    __tablename__ = "rating_revision"
    __table_args__ = belongs(Retention.SCORES, UniqueConstraint("rating_id", "version"), rating_id="rating")

    rating_id: str = Field(max_length=40)
    version: int
    value: float | None = None
    non_score: NonScore | None = enum_column(NonScore, nullable=True)
    evidence: str = Field(default="", max_length=4000)
    quote: str = Field(default="", max_length=2000)
    quote_place: str = Field(default="", max_length=200)
    confidence: Confidence | None = enum_column(Confidence, nullable=True)
    note_to_self: str = Field(default="", max_length=2000)
    saved_at: datetime = utc_column()
