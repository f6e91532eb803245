"""What the register shows of plans, as frozen views. Every question takes the area as an argument.

Frameworks are shown by `framework_views.py`, audit packs by `audit_packs.py`; both are questions to this stage like the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func
from sqlmodel import Session, col, select

from moderation.ledger import history
from moderation.people.tables import Account

from . import rules
from .audit_packs import (
    AuditPack,
    audit_pack,
    content_of,
    document_page,
    document_texts,
    find_in_document,
    lead_picture,
    original,
    pack_checks,
    pack_documents,
    page_picture,
    page_text,
    released_page,
    released_pdf,
    section_place,
    undrawn_documents,
)
from .batch_views import BatchView, arriving, batch_view, open_batches
from .codes import EVENT_NAMES, NEED_NAMES, SETTING_NAMES, PlanEvent, PrimaryNeed, SettingType, year_name
from .framework_views import (
    areas_without_framework,
    framework_changes,
    framework_versions,
    framework_view,
    published_frameworks,
)
from .lookups import pack_rows, plan_row
from .tables import ChildCase, Document, DocumentKind, PlanHold, PlanVersion

__all__ = [
    "AuditPack",
    "BatchView",
    "PlanFilter",
    "PlanPage",
    "PlanView",
    "areas_without_framework",
    "arriving",
    "audit_pack",
    "batch_view",
    "content_of",
    "document_page",
    "document_texts",
    "find_in_document",
    "framework_changes",
    "framework_versions",
    "framework_view",
    "key_dates",
    "lead_picture",
    "open_batches",
    "original",
    "pack_checks",
    "page_picture",
    "page_text",
    "plan_view",
    "plans",
    "published_frameworks",
    "released_page",
    "released_pdf",
    "section_place",
    "undrawn_documents",
]

PER_PAGE = 50
HAPPENED = {
    "PlanRegistered": "put on the register",
    "DocumentAttached": "document added",
    "DocumentRemoved": "document removed and erased",
    "DocumentRead": "document downloaded",
    "SectionsPlaced": "sections placed by hand",
    "OriginalPageRead": "a page of the original looked at",
    "NamesSeen": "names in the audit pack looked at",
    "PeopleNamed": "people in the plan entered",
    "PackSearched": "searched for what identifies somebody",
    "NamesChecked": "names and dates compared with the register",
    "GatePassed": "passed as de-identified",
    "PackReleased": "released to auditors",
    "ReleaseFailed": "the copies could not be made",
    "GateClosed": "release taken back",
    "PackAttested": "confirmed as de-identified",  # before there was a gate
    "AttestationWithdrawn": "confirmation withdrawn",
    "ErasurePlanned": "to be erased soon, because nobody uses it",
    "ErasureCalledOff": "not to be erased yet, because a round uses it or may use it",
    "PackErased": "audit pack erased, because nobody had used it for long",
    "PlanHeld": "kept as it is for a round that opened",
    "PlanLetGo": "no longer kept as it is for a round",
}


@dataclass(frozen=True)
class PlanFilter:
    """Which plans to list; empty means any."""

    text: str = ""
    primary_need: str = ""
    plan_event: str = ""
    pack: str = ""  # one of PACK_STATES

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.primary_need or self.plan_event or self.pack)


PACK_STATES = {
    "none": "No documents",
    "waiting": "At the gate, not released",
    "ready": "Released to auditors",
    "leaving": "To be erased soon",
}
LEAVING = col(PlanVersion.erase_on).is_not(None)


@dataclass(frozen=True)
class PlanLine:
    id: str
    reference: str
    number: int
    year_group: str
    primary_need: str
    setting_type: str
    plan_event: str
    issued_on: date | None
    documents: int
    is_released: bool


@dataclass(frozen=True)
class PlanPage:
    lines: list[PlanLine]
    total: int
    page: int
    pages: int
    registered: int  # cases on the register, whatever the filter
    leaving: int = 0  # plans whose documents are erased soon
    leaves_on: date | None = None  # the first of them


@dataclass(frozen=True)
class DocumentView:
    id: str
    kind: str
    label: str
    position: int
    dated: date | None
    pages: int
    size: int
    uploaded_at: datetime
    is_drawn: bool
    fault: str | None
    sections: tuple[str, ...]  # those that were found, like "A" and "H1"
    remarks: tuple[str, ...]  # what became of the file
    wordless: tuple[int, ...]  # pages that are pictures without text

    @property
    def wordless_in_words(self) -> str:
        return rules.wordless_in_words(self.wordless, self.pages)

    @property
    def size_in_words(self) -> str:
        return f"{self.size / 1e6:.1f} MB" if self.size >= 1_000_000 else f"{max(1, self.size // 1000)} kB"


@dataclass(frozen=True)
class HistoryEntry:
    """One thing that happened to a plan or to a document of its pack, in words."""

    at: datetime
    words: str
    who: str | None


@dataclass(frozen=True)
class VersionLink:
    id: str
    number: int
    plan_event: str
    issued_on: date | None


@dataclass(frozen=True)
class PlanView:
    """One version of a plan with its audit pack, for the lead."""

    id: str
    case_id: str
    reference: str
    number: int
    year_group: str
    primary_need: str
    setting_type: str
    setting: str | None
    team: str | None
    plan_event: str
    dates: tuple[tuple[str, date], ...]
    documents: tuple[DocumentView, ...]
    released_at: datetime | None
    released_by: str | None
    is_held: bool
    erase_on: date | None  # its documents are erased then, if nobody uses them before
    version: int
    versions: tuple[VersionLink, ...] = ()
    history: tuple[HistoryEntry, ...] = field(default=(), repr=False)

    @property
    def erased_at(self) -> datetime | None:
        """When the pack was erased because nobody used it; None when it has documents again."""
        erased = (line.at for line in self.history if line.words == HAPPENED["PackErased"])
        return None if self.documents else next(erased, None)

    @property
    def held_in_words(self) -> str:
        return rules.HELD

    @property
    def has_final_plan(self) -> bool:
        return any(document.kind == DocumentKind.FINAL_PLAN for document in self.documents)


def plans(session: Session, area_id: str, wanted: PlanFilter, page: int = 1) -> PlanPage:
    """The newest version of each case that passes the filter, by reference."""
    documents = (
        select(Document.plan_version_id, func.count().label("documents"))
        .where(Document.area_id == area_id, col(Document.erased_at).is_(None))
        .group_by(col(Document.plan_version_id))
        .subquery()
    )
    count = func.coalesce(documents.c.documents, 0)
    newest = _newest(area_id)
    listed = (
        select(PlanVersion, ChildCase.reference, count)
        .join(ChildCase, col(ChildCase.id) == PlanVersion.case_id)
        .join(newest, (newest.c.case_id == PlanVersion.case_id) & (newest.c.number == PlanVersion.number))
        .join(documents, documents.c.plan_version_id == PlanVersion.id, isouter=True)
        .where(PlanVersion.area_id == area_id, *_conditions(wanted, count))
    )
    total = session.exec(select(func.count()).select_from(listed.subquery())).one()
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(page, 1), pages)
    rows = session.exec(listed.order_by(col(ChildCase.reference)).limit(PER_PAGE).offset((page - 1) * PER_PAGE))
    registered = session.exec(select(func.count()).select_from(ChildCase).where(ChildCase.area_id == area_id)).one()
    leaving = select(func.count(), func.min(PlanVersion.erase_on)).where(PlanVersion.area_id == area_id)
    return PlanPage([_plan_line(*row) for row in rows], total, page, pages, registered, *session.exec(leaving.where(LEAVING)).one())


def _newest(area_id: str) -> Subquery:
    numbers = select(PlanVersion.case_id, func.max(PlanVersion.number).label("number")).where(PlanVersion.area_id == area_id)
    return numbers.group_by(col(PlanVersion.case_id)).subquery()


def _conditions(wanted: PlanFilter, documents: ColumnElement[int]) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if wanted.text:
        chosen.append(func.lower(col(ChildCase.reference)).contains(wanted.text.lower(), autoescape=True))
    if wanted.primary_need:
        chosen.append(col(PlanVersion.primary_need) == wanted.primary_need)
    if wanted.plan_event:
        chosen.append(col(PlanVersion.plan_event) == wanted.plan_event)
    if wanted.pack == "none":
        chosen.append(documents == 0)
    elif wanted.pack == "waiting":
        chosen += [documents > 0, col(PlanVersion.released_at).is_(None)]
    elif wanted.pack == "ready":
        chosen.append(col(PlanVersion.released_at).is_not(None))
    elif wanted.pack == "leaving":
        chosen.append(LEAVING)
    return chosen


def _plan_line(plan: PlanVersion, reference: str, documents: int) -> PlanLine:
    return PlanLine(
        plan.id,
        reference,
        plan.number,
        year_name(plan.year_group),
        plan.primary_need,
        _name(SettingType, SETTING_NAMES, plan.setting_type),
        _name(PlanEvent, EVENT_NAMES, plan.plan_event),
        plan.issued_on,
        documents,
        plan.released_at is not None,
    )


def plan_view(session: Session, area_id: str, plan_version_id: str) -> PlanView:
    """Everything the register holds about one version of a plan."""
    plan, case = plan_row(session, area_id, plan_version_id)
    versions = session.exec(
        select(PlanVersion)
        .where(PlanVersion.area_id == area_id, PlanVersion.case_id == case.id)
        .order_by(col(PlanVersion.number).desc())
    )
    held = select(PlanHold.id).where(PlanHold.area_id == area_id, PlanHold.plan_version_id == plan.id)
    return PlanView(
        id=plan.id,
        case_id=case.id,
        reference=case.reference,
        number=plan.number,
        year_group=year_name(plan.year_group),
        primary_need=_name(PrimaryNeed, NEED_NAMES, plan.primary_need),
        setting_type=_name(SettingType, SETTING_NAMES, plan.setting_type),
        setting=plan.setting,
        team=plan.team,
        plan_event=_name(PlanEvent, EVENT_NAMES, plan.plan_event),
        dates=key_dates(plan),
        documents=_document_views(session, area_id, plan.id),
        released_at=plan.released_at,
        released_by=_account_name(session, plan.released_by),
        is_held=session.exec(held).first() is not None,
        erase_on=plan.erase_on,
        version=plan.version,
        versions=tuple(
            VersionLink(each.id, each.number, _name(PlanEvent, EVENT_NAMES, each.plan_event), each.issued_on) for each in versions
        ),
        history=_what_happened(session, area_id, plan.id),
    )


def _what_happened(session: Session, area_id: str, plan_version_id: str) -> tuple[HistoryEntry, ...]:
    """The plan's history and that of every document it ever had, newest first."""
    documents = select(Document.id).where(Document.area_id == area_id, Document.plan_version_id == plan_version_id)
    subjects = [plan_version_id, *session.exec(documents)]
    lines = [line for subject in subjects for line in history(session, area_id, subject) if line.name in HAPPENED]
    lines.sort(key=lambda line: line.at, reverse=True)
    return tuple(HistoryEntry(line.at, HAPPENED[line.name], _account_name(session, line.actor_id)) for line in lines)


def key_dates(plan: PlanVersion) -> tuple[tuple[str, date], ...]:
    """The dates of a plan that are known, named, in the order of the process."""
    further = plan.dates or {}
    named = (
        ("Requested", plan.requested_on),
        ("Review meeting", plan.review_on),
        ("Decision or proposed amendments", _day(further.get("decision_on"))),
        ("Tribunal order", _day(further.get("ordered_on"))),
        ("Issued", plan.issued_on),
    )
    return tuple((name, day) for name, day in named if day)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _document_views(session: Session, area_id: str, plan_version_id: str) -> tuple[DocumentView, ...]:
    labelled = {each.id: each for each in pack_documents(session, area_id, plan_version_id)}
    return tuple(
        DocumentView(
            row.id,
            row.kind.value,
            labelled[row.id].label,
            row.position,
            row.dated,
            row.pages,
            row.size,
            row.uploaded_at,
            is_drawn=labelled[row.id].is_drawn,
            fault=row.render_error,
            sections=tuple(place.section for place in labelled[row.id].sections),
            remarks=tuple(row.remarks),
            wordless=labelled[row.id].wordless,
        )
        for row in pack_rows(session, area_id, plan_version_id)
    )


def _account_name(session: Session, account_id: str | None) -> str | None:
    account = session.get(Account, account_id) if account_id else None
    return account.name if account else None


def _name(codes: type[StrEnum], names: Mapping[Any, str], code: str) -> str:
    """A code's name; a code this version of the service does not know stands for itself."""
    known = next((each for each in codes if each.value == code), None)
    return names[known] if known else code
