"""The plan of an item, as the people in a meeting read it: its pack page by page, begun where the auditors cited it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from moderation.allocate.tables import RoundPlan
from moderation.register import audit_packs
from moderation.register.audit_packs import PackDocument, SectionPlace
from moderation.store import Store
from moderation.words import NotFound

from .extracts import Paragraph, cited_page, heading_of, paragraphs, start_of
from .queries import MISSING
from .queries_cells import CellView


@dataclass(frozen=True)
class PlanPage:
    """One page of one document of the pack of an item."""

    documents: tuple[PackDocument, ...]
    document: PackDocument
    page: int
    paragraphs: tuple[Paragraph, ...]
    start: int = 0  # the paragraph with which the section of the item begins
    goes_on: tuple[Paragraph, ...] = ()  # the rest of a section that begins here, from the next page

    @property
    def before(self) -> tuple[Paragraph, ...]:
        return self.paragraphs[: self.start]

    @property
    def about(self) -> tuple[Paragraph, ...]:
        return self.paragraphs[self.start :]

    @property
    def previous(self) -> int | None:
        return self.page - 1 if self.page > 1 else None

    @property
    def following(self) -> int | None:
        return self.page + 1 if self.page < self.document.pages else None


def version_of(session: Session, area_id: str, round_plan_id: str) -> str:
    chosen = select(RoundPlan.plan_version_id).where(RoundPlan.area_id == area_id, RoundPlan.id == round_plan_id)
    found = session.exec(chosen).first()
    if found is None:
        raise NotFound(MISSING)
    return found


def plan_page(
    session: Session, store: Store, area_id: str, cell: CellView, document_id: str = "", page: int = 0
) -> PlanPage | None:
    """The page asked for, or the one that lies beside the item; None where the pack has nothing to show."""
    version = version_of(session, area_id, cell.plan.round_plan_id)
    quotes = {auditor.letter: auditor.quote for auditor in cell.auditors if auditor.quote}
    try:
        pack = Pack.of(session, store, area_id, version)
        place = pack.place(document_id, page) or pack.cited(quotes) or pack.begin(cell.criterion.section)
    except NotFound:  # not released any more, or the store has lost it: the meeting goes on without
        return None
    if place is None:
        return None
    document, number = place
    text = pack.texts[document.id][number - 1] if pack.texts[document.id] else ""
    found, begins = paragraphs(text, quotes), document.begins(cell.criterion.section)
    if begins is None or begins.page != number:
        return PlanPage(pack.documents, document, number, found)
    start = start_of(found, begins.section, begins.top)
    return PlanPage(pack.documents, document, number, found, start, _goes_on(document, pack.texts[document.id], begins, quotes))


def _goes_on(
    document: PackDocument, texts: Sequence[str], begins: SectionPlace, quotes: Mapping[str, str]
) -> tuple[Paragraph, ...]:
    """What of the next page belongs to a section that is the last to begin on its page."""
    others = sorted((place for place in document.sections if place.section != begins.section), key=lambda place: place.top)
    if begins.page >= len(texts) or any(place.page == begins.page and place.top > begins.top for place in others):
        return ()
    found = paragraphs(texts[begins.page], quotes)
    following = next((place for place in others if place.page == begins.page + 1), None)
    return found[: heading_of(found, following.section, following.top)] if following else found


Place = tuple[PackDocument, int]


@dataclass(frozen=True)
class Pack:
    """The documents that can be shown, with the text of their pages."""

    documents: tuple[PackDocument, ...]
    texts: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, session: Session, store: Store, area_id: str, version: str) -> "Pack":
        documents = tuple(one for one in audit_packs.audit_pack(session, area_id, version).documents if one.is_drawn)
        texts = {one.id: audit_packs.document_texts(session, store, area_id, version, one.id) for one in documents}
        return cls(documents, texts)

    def place(self, document_id: str, page: int) -> Place | None:
        """The page asked for; a number out of range is the nearest."""
        document = next((one for one in self.documents if one.id == document_id), None)
        document = document or (self.documents[0] if page and self.documents else None)
        return (document, min(max(page, 1), document.pages)) if document else None

    def cited(self, quotes: Mapping[str, str]) -> Place | None:
        found = ((one, cited_page(self.texts[one.id], quotes)) for one in self.documents)
        return next(((one, page) for one, page in found if page), None)

    def begin(self, section: str) -> Place | None:
        """Where the section of the criterion begins, or the first page."""
        begins = ((one, one.begins(section)) for one in self.documents)
        found = next(((one, place.page) for one, place in begins if place), None)
        return found or ((self.documents[0], 1) if self.documents else None)
