"""Frameworks and their immutable versions; children's cases, versions of their plans, and the documents of the audit pack."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from ..database import Row, belongs, check, enum_column, json_column, utc_column
from ..words import Retention
from .sections import SECTIONS


class VersionState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


class DocumentKind(StrEnum):
    FINAL_PLAN = "final_plan"
    SECTION_K_ADVICE = "section_k_advice"
    KEY_DATES = "key_dates"
    OTHER = "other"


class FrameworkVersion(Row, table=True):
    """One version of the area's audit framework. A published version never changes (a trigger sees to it)."""

    __tablename__ = "framework_version"
    __table_args__ = belongs(
        Retention.STATISTICS,
        UniqueConstraint("area_id", "number"),
        check("published_has_date", "(state = 'published') = (published_at IS NOT NULL)"),
        based_on_id="framework_version",
    )

    number: int
    title: str = Field(max_length=200)
    state: VersionState = enum_column(VersionState, default=VersionState.DRAFT)
    content: dict[str, Any] = json_column()
    content_sha256: str = Field(max_length=64)
    based_on_id: str | None = Field(default=None, max_length=40)
    created_at: datetime = utc_column()
    published_at: datetime | None = utc_column(nullable=True)
    version: int = 1


class ChildCase(Row, table=True):
    """A child or young person, by pseudonym."""

    __tablename__ = "child_case"
    __table_args__ = belongs(Retention.SCORES, UniqueConstraint("area_id", "reference"))

    reference: str = Field(max_length=40)
    created_at: datetime = utc_column()


class PlanVersion(Row, table=True):
    """One issued version of a case's plan, with what the sample and the framework need to know of it."""

    __tablename__ = "plan_version"
    __table_args__ = belongs(
        Retention.SCORES,
        UniqueConstraint("area_id", "case_id", "number"),
        check("year_group", "year_group BETWEEN -4 AND 20"),
        check("released_by_somebody", "(released_at IS NULL) = (released_by IS NULL)"),
        case_id="child_case",
    )

    case_id: str = Field(max_length=40, index=True)
    number: int
    year_group: int
    primary_need: str = Field(max_length=10)
    setting_type: str = Field(max_length=40)
    setting: str | None = Field(default=None, max_length=120)  # a code or name, for conflicts only; never shown to auditors
    team: str | None = Field(default=None, max_length=80)  # the writing team, for strata and conflicts; never shown to auditors
    plan_event: str = Field(max_length=40)
    requested_on: date | None = None
    issued_on: date | None = None
    review_on: date | None = None
    dates: dict[str, Any] | None = json_column(nullable=True)  # further key dates by name, ISO
    imported_at: datetime = utc_column()
    released_at: datetime | None = utc_column(nullable=True)  # auditors may read the released copies of its pack
    released_by: str | None = Field(default=None, foreign_key="account.id", max_length=40)
    erase_on: date | None = None  # the leads have been told that the pack is erased then, if nobody uses it before
    version: int = 1


class PlanHold(Row, table=True):
    """Somebody works with this version (an open round, say): its pack and its release stay as they are until it is let go."""

    __tablename__ = "plan_hold"
    __table_args__ = belongs(
        Retention.SCORES, UniqueConstraint("area_id", "plan_version_id", "holder"), plan_version_id="plan_version"
    )

    plan_version_id: str = Field(max_length=40)
    holder: str = Field(max_length=40)  # the id of whatever holds it; a later stage's, so no foreign key
    since: datetime = utc_column()


class Document(Row, table=True):
    """One PDF of an audit pack. Its bytes are in the store, under a key of its own; erasing the key erases the document."""

    __tablename__ = "document"
    __table_args__ = belongs(
        Retention.DOCUMENT,
        check("erased_or_stored", "(erased_at IS NULL) = (wrapped_key IS NOT NULL)"),
        check("pages", "pages BETWEEN 1 AND 300"),
        plan_version_id="plan_version",
    )

    plan_version_id: str = Field(max_length=40, index=True)
    kind: DocumentKind = enum_column(DocumentKind)
    position: int
    dated: date | None = None
    pages: int
    size: int
    sha256: str = Field(max_length=64)
    uploaded_sha256: str | None = Field(default=None, max_length=64)  # of the file before it was cleaned
    store_path: str = Field(max_length=200)
    wrapped_key: str | None = Field(default=None, max_length=200)
    uploaded_at: datetime = utc_column()
    uploaded_by: str | None = Field(default=None, foreign_key="account.id", max_length=40)
    rendered_at: datetime | None = utc_column(nullable=True)
    render_error: str | None = Field(default=None, max_length=200)
    remarks: list[str] = Field(default_factory=list, sa_type=JSON, nullable=False)  # what became of the file, in sentences
    wordless: list[int] = Field(default_factory=list, sa_type=JSON, nullable=False)  # pages that are pictures without text
    erased_at: datetime | None = utc_column(nullable=True)
    version: int = 1


class FileState(StrEnum):
    WAITING = "waiting"  # to be checked
    READY = "ready"
    REFUSED = "refused"


class UploadBatch(Row, table=True):
    """Files that were uploaded together, to be matched to plans and then added to their audit packs all at once."""

    __tablename__ = "upload_batch"
    __table_args__ = belongs(Retention.DOCUMENT)

    created_at: datetime = utc_column()
    created_by: str | None = Field(default=None, foreign_key="account.id", max_length=40)
    ended_at: datetime | None = utc_column(nullable=True)  # added or thrown away; its files are then no longer here
    added: int = 0
    version: int = 1


class UploadedFile(Row, table=True):
    """One file of a batch, encrypted in the store, with what is proposed for it. Its name may be a child's, and goes with it."""

    __tablename__ = "uploaded_file"
    __table_args__ = belongs(
        Retention.DOCUMENT,
        check("kept_unless_refused", "(state = 'refused') = (wrapped_key IS NULL)"),
        check("ready_has_pages", "(state = 'ready') = (pages IS NOT NULL)"),
        batch_id="upload_batch",
        plan_version_id="plan_version",
    )

    batch_id: str = Field(max_length=40, index=True)
    position: int
    name: str = Field(max_length=200)
    state: FileState = enum_column(FileState)
    fault: str | None = Field(default=None, max_length=300)
    store_path: str | None = Field(default=None, max_length=200)
    wrapped_key: str | None = Field(default=None, max_length=200)
    size: int
    uploaded_sha256: str = Field(max_length=64)
    sha256: str | None = Field(default=None, max_length=64)
    pages: int | None = None
    remarks: list[str] = Field(default_factory=list, sa_type=JSON, nullable=False)
    wordless: list[int] = Field(default_factory=list, sa_type=JSON, nullable=False)
    reference: str = Field(default="", max_length=40)  # of the plan it goes to
    plan_version_id: str | None = Field(
        default=None, max_length=40, index=True
    )  # the clock adds it there by itself, once it is fit
    kind: DocumentKind = enum_column(DocumentKind)
    dated: date | None = None
    is_left_out: bool = False


class DocumentSection(Row, table=True):
    """Where a section of the plan begins in a document: found by its heading, or set by the lead."""

    __tablename__ = "document_section"
    __table_args__ = belongs(
        Retention.DOCUMENT,
        UniqueConstraint("area_id", "document_id", "section"),
        check("section", f"section IN ({', '.join(repr(key) for key in SECTIONS)})"),
        check("place", "page BETWEEN 1 AND 300 AND top BETWEEN 0 AND 1000"),
        document_id="document",
    )

    document_id: str = Field(max_length=40, index=True)
    section: str = Field(max_length=2)
    page: int
    top: int = 0  # thousandths of the page's height
    by_hand: bool = False
