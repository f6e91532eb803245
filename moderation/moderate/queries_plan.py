"""The plan of an item, as the people in a meeting read it: its pack page by page, begun where the auditors cited it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from moderation.allocate.tables import RoundPlan
from moderation.register import audit_packs
from moderation.register.audit_packs import PackDocument
from moderation.store import Store
from moderation.words import NotFound

from .extracts import Piece, best_page, paragraphs
from .queries import MISSING
from .queries_room import CellView


@dataclass(frozen=True)
class PlanPage:
    """One page of one document of the pack of an item."""

    documents: tuple[PackDocument, ...]
    document: PackDocument
    page: int
    paragraphs: tuple[tuple[Piece, ...], ...]

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
    try:
        documents = tuple(one for one in audit_packs.audit_pack(session, area_id, version).documents if one.is_drawn)
        chosen = next((one for one in documents if one.id == document_id), documents[0] if documents else None)
        texts = audit_packs.document_texts(session, store, area_id, version, chosen.id) if chosen else []
    except NotFound:  # not attested any more, or the store has lost it: the meeting goes on without
        return None
    if chosen is None:
        return None
    quotes = {auditor.letter: auditor.quote for auditor in cell.auditors if auditor.quote}
    number = _number(page, texts, quotes, cell)
    return PlanPage(documents, chosen, number, paragraphs(texts[number - 1] if texts else "", quotes))


def _number(page: int, texts: Sequence[str], quotes: Mapping[str, str], cell: CellView) -> int:
    return min(max(page, 1), len(texts) or 1) if page else best_page(texts, quotes, cell.criterion.section)
