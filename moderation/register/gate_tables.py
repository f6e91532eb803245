"""The gate of an audit pack: what was found in it, what a person decided, and the copies that auditors read.

No row holds a word of a document. A finding is a place; the words there are read from the original, under the original's key.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from ..database import Row, belongs, check, enum_column, utc_column
from ..words import Retention
from .identity.kinds import Kind


class Decision(StrEnum):
    WAITING = "waiting"
    REPLACE = "replace"
    KEEP = "keep"


class Origin(StrEnum):
    FOUND = "found"
    ADDED = "added"


class LookReason(StrEnum):
    NO_TEXT = "no_text"
    PICTURE = "picture"


class LookState(StrEnum):
    WAITING = "waiting"
    LOOKED = "looked"
    LEFT_OUT = "left_out"


class Gate(Row, table=True):
    """Between the originals of a plan and its auditors: nothing passes before a person has passed it."""

    __tablename__ = "gate"
    __table_args__ = belongs(
        Retention.DOCUMENT,
        UniqueConstraint("area_id", "plan_version_id"),
        check("people_with_their_key", "(people_path IS NULL) = (people_key IS NULL)"),
        check("passed_by_somebody", "(passed_at IS NULL) = (passed_by IS NULL)"),
        check("passed_after_search_and_checks", "passed_at IS NULL OR (searched_at IS NOT NULL AND checks IS NOT NULL)"),
        plan_version_id="plan_version",
    )

    plan_version_id: str = Field(max_length=40)
    people_path: str | None = Field(default=None, max_length=200)  # who is in the plan: in the store, under a key of its own
    people_key: str | None = Field(default=None, max_length=200)
    asked: int = 0  # counts what makes a new search necessary, so that an old search's answer is known to be old
    searched_at: datetime | None = utc_column(nullable=True)
    fault: str | None = Field(default=None, max_length=200)
    # what the lead compared with the real names: yes, no, cannot tell. Nothing is NULL, not JSON's null: a CHECK asks for it
    checks: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True), nullable=True)
    passed_at: datetime | None = utc_column(nullable=True)
    passed_by: str | None = Field(default=None, foreign_key="account.id", max_length=40)
    version: int = 1


class Finding(Row, table=True):
    """A place in a document that may identify somebody: part of a page's text, or of its area in ten-thousandths."""

    __tablename__ = "finding"
    __table_args__ = belongs(
        Retention.DOCUMENT,
        check("text_or_area", "(starts IS NULL) = (area_left IS NOT NULL)"),
        check("text_is_whole", "(starts IS NULL) = (ends IS NULL) AND (starts IS NULL OR (starts >= 0 AND starts < ends))"),
        check(
            "area_is_whole",
            "area_left IS NULL OR (area_left >= 0 AND area_top >= 0 AND area_left < area_right AND area_top < area_bottom "
            "AND area_right <= 10000 AND area_bottom <= 10000)",
        ),
        check("page", "page BETWEEN 1 AND 300"),
        document_id="document",
    )

    document_id: str = Field(max_length=40, index=True)
    page: int
    starts: int | None = None
    ends: int | None = None
    area_left: int | None = None
    area_top: int | None = None
    area_right: int | None = None
    area_bottom: int | None = None
    kind: Kind = enum_column(Kind)
    token: str = Field(max_length=40)
    is_own_token: bool = False  # a person chose it: a search that knows better who somebody is leaves it alone
    origin: Origin = enum_column(Origin, default=Origin.FOUND)
    decision: Decision = enum_column(Decision, default=Decision.WAITING)
    version: int = 1  # counts decisions, so that two leads do not undo each other's unseen


class PageLook(Row, table=True):
    """A page whose words, or some of them, cannot be searched: a person has to look at it."""

    __tablename__ = "page_look"
    __table_args__ = belongs(
        Retention.DOCUMENT,
        UniqueConstraint("area_id", "document_id", "page"),
        check("page", "page BETWEEN 1 AND 300"),
        document_id="document",
    )

    document_id: str = Field(max_length=40, index=True)
    page: int
    reason: LookReason = enum_column(LookReason)
    state: LookState = enum_column(LookState, default=LookState.WAITING)


class ReleasedCopy(Row, table=True):
    """What auditors read of a document: other bytes, in another place, under another key. There is none that nobody released."""

    __tablename__ = "released_copy"
    __table_args__ = belongs(
        Retention.DOCUMENT,
        UniqueConstraint("area_id", "document_id"),
        check("pages", "pages BETWEEN 1 AND 300"),
        document_id="document",
    )

    document_id: str = Field(max_length=40)
    store_path: str = Field(max_length=200)
    wrapped_key: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    pages: int
    made_at: datetime = utc_column()
    passed_by: str = Field(foreign_key="account.id", max_length=40)


class DiscardedObject(Row, table=True):
    """Something in the store that no row holds the key of any more: the clock removes it."""

    __tablename__ = "discarded_object"
    __table_args__ = belongs(Retention.TECHNICAL)

    store_path: str = Field(max_length=200)
    discarded_at: datetime = utc_column()
