"""Concerns that auditors raise, and who is told of them: apart from the ratings, because a concern touches no score."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from ..database import Row, belongs, check, enum_column, utc_column
from ..words import Retention
from .rules import ConcernKind


class Concern(Row, table=True):
    """A safeguarding or data-breach flag: goes to one named person at once and touches no score."""

    __tablename__ = "concern"
    __table_args__ = belongs(
        Retention.SCORES,
        check("handled", "(handled_at IS NULL) = (handled_by IS NULL)"),
        check("closed_after_answer", "closed_at IS NULL OR handled_at IS NOT NULL"),
        check("closed_with_outcome", "(closed_at IS NULL) = (outcome IS NULL) AND (outcome IS NULL OR outcome <> '')"),
        sheet_id="scoresheet",
        round_plan_id="round_plan",
    )

    sheet_id: str = Field(max_length=40)
    round_plan_id: str = Field(max_length=40)
    kind: ConcernKind = enum_column(ConcernKind)
    text: str = Field(max_length=2000)
    raised_by: str = Field(foreign_key="account.id", max_length=40)
    raised_at: datetime = utc_column()
    sent_to: str = Field(foreign_key="account.id", max_length=40)
    handled_by: str | None = Field(default=None, foreign_key="account.id", max_length=40)
    handled_at: datetime | None = utc_column(nullable=True)
    closed_at: datetime | None = utc_column(nullable=True)
    outcome: str | None = Field(default=None, max_length=2000)
    reminders: int = 0  # how often the named person was reminded that nobody has said they are dealing with it
    version: int = 1


class ConcernContact(Row, table=True):
    """The one person of an area who is told of concerns at once."""

    __tablename__ = "concern_contact"
    __table_args__ = belongs(Retention.ACCOUNT, UniqueConstraint("area_id"))

    account_id: str = Field(foreign_key="account.id", max_length=40)
    version: int = 1
