"""What may be read of audit packs: by auditors the released copies and nothing else, by the lead the originals as well.

Whether this auditor was given this plan is for a later stage to know; it asks here with the plan version that it has checked.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import chain

from sqlmodel import Session, col, select

from moderation.store import Store, Unreadable
from moderation.words import NotFound

from .finding import Hit, Part, find, parts
from .gate_packs import copy_page
from .gate_rules import ABOUT, SAID, Check, CheckAnswer
from .gate_tables import Gate, ReleasedCopy
from .lookups import existing, pack_rows, plan_row
from .packs import picture_of, texts_of
from .sections import SECTIONS
from .tables import Document, DocumentKind, DocumentSection

log = logging.getLogger("moderation")

DOCUMENT_NAMES = {
    DocumentKind.FINAL_PLAN: "Final plan",
    DocumentKind.SECTION_K_ADVICE: "Section K advice",
    DocumentKind.KEY_DATES: "Key dates",
    DocumentKind.OTHER: "Other document",
}


@dataclass(frozen=True)
class SectionPlace:
    """Where a section of the plan begins; `top`: how far down the page, from 0 to 1; `by_hand`: the lead said so."""

    section: str
    document_id: str
    page: int
    top: float
    by_hand: bool


@dataclass(frozen=True)
class PackDocument:
    """One document of a pack. `is_drawn`: its pages can be shown; until then they are being prepared."""

    id: str
    kind: DocumentKind
    label: str
    date: date | None
    pages: int
    is_drawn: bool
    sections: tuple[SectionPlace, ...] = ()
    wordless: tuple[int, ...] = ()  # pages that are pictures without text

    def begins(self, section: str) -> SectionPlace | None:
        """Where a section begins."""
        return next((place for place in self.sections if place.section == section), None)


@dataclass(frozen=True)
class AuditPack:
    """What an auditor reads of one version of a plan."""

    plan_version_id: str
    reference: str
    documents: tuple[PackDocument, ...]

    def document(self, document_id: str) -> PackDocument:
        return existing(next((each for each in self.documents if each.id == document_id), None))


@dataclass(frozen=True)
class DocumentPage:
    """One page of an original as the lead looks at it."""

    document: PackDocument
    plan_version_id: str
    reference: str
    page: int
    text: str
    fault: str | None
    is_released: bool
    version: int
    wanted: str = ""  # what is looked for in the document
    hits: tuple[Hit, ...] = ()

    @property
    def parts(self) -> list[Part]:
        return parts(self.text, self.wanted)


@dataclass(frozen=True)
class Place:
    """Where a document lies in the store, and the key that opens it."""

    area_id: str
    path: str
    wrapped_key: str


@dataclass(frozen=True)
class Original:
    """A document to take away, under a name that says nothing about the child."""

    place: Place
    filename: str


def audit_pack(session: Session, area_id: str, plan_version_id: str) -> AuditPack:
    """The pack of a plan as it was released; NotFound for one that is not."""
    plan, case = plan_row(session, area_id, plan_version_id)
    if plan.released_at is None:
        raise NotFound("Page not found")
    copies = _copies(session, area_id, plan.id)
    documents = tuple(each for each in pack_documents(session, area_id, plan.id) if each.id in copies)
    return AuditPack(plan.id, case.reference, documents)


def _copies(session: Session, area_id: str, plan_version_id: str) -> dict[str, ReleasedCopy]:
    of_plan = select(Document.id).where(Document.area_id == area_id, Document.plan_version_id == plan_version_id)
    chosen = select(ReleasedCopy).where(ReleasedCopy.area_id == area_id, col(ReleasedCopy.document_id).in_(of_plan))
    return {copy.document_id: copy for copy in session.exec(chosen)}


def pack_checks(session: Session, area_id: str, plan_version_id: str) -> tuple[tuple[str, str], ...]:
    """What the lead found when comparing with the real names: fixed by the release, and the same for every auditor."""
    chosen = select(Gate.checks).where(Gate.area_id == area_id, Gate.plan_version_id == plan_version_id)
    answers = session.exec(chosen.where(col(Gate.passed_at).is_not(None))).first() or {}
    return tuple((ABOUT[check], SAID[CheckAnswer(answers[check])]) for check in Check if check in answers)


def pack_documents(session: Session, area_id: str, plan_version_id: str) -> tuple[PackDocument, ...]:
    """The documents with labels that tell two of a kind apart."""
    rows = pack_rows(session, area_id, plan_version_id)
    sections = _sections(session, area_id, [row.id for row in rows])
    kinds = [row.kind for row in rows]
    documents = []
    for place, row in enumerate(rows):
        number = kinds[: place + 1].count(row.kind)
        label = DOCUMENT_NAMES[row.kind] + (f" {number}" if kinds.count(row.kind) > 1 else "")
        is_drawn = row.rendered_at is not None and row.render_error is None
        documents.append(
            PackDocument(row.id, row.kind, label, row.dated, row.pages, is_drawn, sections[row.id], tuple(row.wordless))
        )
    return tuple(documents)


def section_place(session: Session, area_id: str, plan_version_id: str, section: str) -> SectionPlace | None:
    """Where a section begins in a released pack: in the plan, else in another document; the advice is section K by itself."""
    documents = [each for each in audit_pack(session, area_id, plan_version_id).documents if each.is_drawn]
    documents.sort(key=lambda each: each.kind is not DocumentKind.FINAL_PLAN)
    found = (place for each in documents for place in each.sections if place.section == section)
    advice = (
        SectionPlace("K", each.id, 1, 0.0, by_hand=False)
        for each in documents
        if section == "K" and each.kind is DocumentKind.SECTION_K_ADVICE
    )
    return next(chain(found, advice), None)


def _sections(session: Session, area_id: str, document_ids: list[str]) -> dict[str, tuple[SectionPlace, ...]]:
    """The sections of each document in the order of the law."""
    chosen = select(DocumentSection).where(DocumentSection.area_id == area_id, col(DocumentSection.document_id).in_(document_ids))
    rows = sorted(session.exec(chosen), key=lambda row: SECTIONS.index(row.section))
    return {
        each: tuple(
            SectionPlace(row.section, each, row.page, row.top / 1000, row.by_hand) for row in rows if row.document_id == each
        )
        for each in document_ids
    }


def page_picture(session: Session, store: Store, area_id: str, plan_version_id: str, document_id: str, page: int) -> bytes:
    """One page of a released pack as a picture, pages counted from 1."""
    place = _released_place(session, area_id, plan_version_id, document_id, page)
    with _said_when_lost(place):
        return copy_page(store, place.path, place.wrapped_key, page)


def page_text(session: Session, store: Store, area_id: str, plan_version_id: str, document_id: str, page: int) -> str:
    """The text of one page of a released pack; empty where the page is a picture only."""
    return document_texts(session, store, area_id, plan_version_id, document_id, page)[page - 1]


def document_texts(
    session: Session, store: Store, area_id: str, plan_version_id: str, document_id: str, page: int = 1
) -> list[str]:
    """The text of every page of a document of a released pack."""
    return _texts(store, _released_place(session, area_id, plan_version_id, document_id, page))


@dataclass(frozen=True)
class ReleasedPage:
    """One page of a released copy, as its auditors see it."""

    document: PackDocument
    plan_version_id: str
    reference: str
    page: int
    text: str


def released_page(session: Session, store: Store, area_id: str, document_id: str, page: int) -> ReleasedPage:
    """What auditors see of a page, for the lead."""
    row = _document_row(session, area_id, document_id)
    pack = audit_pack(session, area_id, row.plan_version_id)
    text = page_text(session, store, area_id, pack.plan_version_id, document_id, page)
    return ReleasedPage(pack.document(document_id), pack.plan_version_id, pack.reference, page, text)


def released_pdf(session: Session, store: Store, area_id: str, document_id: str) -> Original:
    """The released copy of a document as PDF, for the lead who looks at what auditors get."""
    row = _document_row(session, area_id, document_id)
    _, case = plan_row(session, area_id, row.plan_version_id)
    place = _released_place(session, area_id, row.plan_version_id, document_id, 1)
    return Original(place, _filename(case.reference, row, "-released"))


def find_in_document(
    session: Session, store: Store, area_id: str, plan_version_id: str, document_id: str, wanted: str
) -> tuple[Hit, ...]:
    """Where words are in a document of a released pack."""
    return tuple(find(document_texts(session, store, area_id, plan_version_id, document_id), wanted))


def document_page(session: Session, store: Store, area_id: str, document_id: str, page: int = 1, wanted: str = "") -> DocumentPage:
    """What the lead sees of one page of an original, and where the wanted words are; a page out of range is the nearest."""
    row = _document_row(session, area_id, document_id)
    plan, case = plan_row(session, area_id, row.plan_version_id)
    labels = {each.id: each for each in pack_documents(session, area_id, plan.id)}
    page = min(max(page, 1), row.pages)
    drawn = labels[row.id].is_drawn
    texts = _texts(store, _place(row, page)) if drawn else [""] * row.pages
    return DocumentPage(
        labels[row.id],
        plan.id,
        case.reference,
        page,
        texts[page - 1],
        row.render_error,
        plan.released_at is not None,
        row.version,
        wanted,
        tuple(find(texts, wanted)),
    )


def lead_picture(session: Session, store: Store, area_id: str, document_id: str, page: int) -> bytes:
    """One page as a picture for the lead."""
    row = _document_row(session, area_id, document_id)
    return _picture(store, _place(row, page), page)


def content_of(store: Store, place: Place) -> bytes:
    """The document itself."""
    with _said_when_lost(place):
        return store.get(place.path, place.wrapped_key)


def original(session: Session, area_id: str, document_id: str) -> Original:
    """A document for the lead to download. The name is made of the reference and the kind, never of what was uploaded."""
    row = _document_row(session, area_id, document_id)
    _, case = plan_row(session, area_id, row.plan_version_id)
    return Original(Place(area_id, row.store_path, existing(row.wrapped_key)), _filename(case.reference, row))


def _filename(reference: str, row: Document, ending: str = "") -> str:
    plain = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in reference)
    return f"{plain}-{row.kind.value.replace('_', '-')}-{row.position}{ending}.pdf"


def undrawn_documents(session: Session, limit: int, document_id: str | None = None) -> dict[str, Place]:
    """Documents whose pages were not drawn yet, oldest first, of every area: for the clock. Or the one that is named."""
    waiting = select(Document).where(col(Document.rendered_at).is_(None), col(Document.erased_at).is_(None))
    if document_id is not None:
        waiting = waiting.where(Document.id == document_id)
    rows = session.exec(waiting.order_by(col(Document.uploaded_at), col(Document.id)).limit(limit))
    return {row.id: Place(row.area_id, row.store_path, row.wrapped_key) for row in rows if row.wrapped_key}


def _picture(store: Store, place: Place, page: int) -> bytes:
    with _said_when_lost(place):
        return picture_of(store, place.path, place.wrapped_key, page)


def _texts(store: Store, place: Place) -> list[str]:
    with _said_when_lost(place):
        return texts_of(store, place.path, place.wrapped_key)


@contextmanager
def _said_when_lost(place: Place) -> Iterator[None]:
    """What the store lost is missing for the reader, and an error for whoever runs the service."""
    try:
        yield
    except Unreadable as fault:
        log.error("area %s: %s", place.area_id, fault)
        raise NotFound("Page not found") from fault


def _released_place(session: Session, area_id: str, plan_version_id: str, document_id: str, page: int) -> Place:
    """Where the copy of a document lies, if its pack was released and has this page. The original is never a stand-in."""
    row = _document_row(session, area_id, document_id)
    plan, _ = plan_row(session, area_id, row.plan_version_id)
    copy = _copies(session, area_id, plan.id).get(row.id)
    if plan.id != plan_version_id or plan.released_at is None or copy is None or not 1 <= page <= copy.pages:
        raise NotFound("Page not found")
    return Place(row.area_id, copy.store_path, copy.wrapped_key)


def _place(row: Document, page: int) -> Place:
    if not 1 <= page <= row.pages or row.rendered_at is None or row.render_error is not None:
        raise NotFound("Page not found")
    return Place(row.area_id, row.store_path, existing(row.wrapped_key))


def _document_row(session: Session, area_id: str, document_id: str) -> Document:
    chosen = select(Document).where(Document.area_id == area_id, Document.id == document_id, col(Document.erased_at).is_(None))
    return existing(session.exec(chosen).first())
