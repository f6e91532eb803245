"""The rows of a gate inside a transaction, and the one way to have something removed from the store."""

from collections.abc import Sequence

from sqlmodel import col, select

from moderation.ledger import Transaction

from . import rules
from .gate_packs import CoverPlace
from .gate_rules import check_searched, check_undecided
from .gate_tables import Decision, DiscardedObject, Finding, Gate, PageLook, ReleasedCopy
from .identity.kinds import Kind
from .tables import Document, PlanHold, PlanVersion


def gate_row(tx: Transaction, plan_version_id: str) -> Gate:
    """The gate of a plan; made with its first document."""
    there = tx.session.exec(select(Gate).where(Gate.area_id == tx.area_id, Gate.plan_version_id == plan_version_id)).first()
    if there is None:
        there = Gate(area_id=tx.area_id, plan_version_id=plan_version_id)
        tx.session.add(there)
        tx.session.flush()
    return there


def open_gate(tx: Transaction, plan_version_id: str) -> Gate:
    plan = tx.get(PlanVersion, plan_version_id)
    rules.check_changeable(is_held(tx, plan.id))
    gate = gate_row(tx, plan.id)
    check_undecided(gate.passed_at is not None)
    return gate


def searched_gate(tx: Transaction, plan_version_id: str) -> Gate:
    """The gate while its findings can be decided: open, and no search under way that may change them."""
    gate = open_gate(tx, plan_version_id)
    check_searched(gate.searched_at is not None)
    return gate


def is_held(tx: Transaction, plan_version_id: str) -> bool:
    holds = select(PlanHold).where(PlanHold.area_id == tx.area_id, PlanHold.plan_version_id == plan_version_id)
    return tx.session.exec(holds).first() is not None


def documents_of(tx: Transaction, plan_version_id: str) -> Sequence[Document]:
    chosen = select(Document).where(
        Document.area_id == tx.area_id, Document.plan_version_id == plan_version_id, col(Document.erased_at).is_(None)
    )
    return tx.session.exec(chosen.order_by(col(Document.position))).all()


def findings_of(tx: Transaction, document_ids: Sequence[str]) -> Sequence[Finding]:
    chosen = select(Finding).where(Finding.area_id == tx.area_id, col(Finding.document_id).in_(document_ids))
    return tx.session.exec(chosen.order_by(col(Finding.page), col(Finding.starts))).all()


def looks_of(tx: Transaction, document_ids: Sequence[str]) -> Sequence[PageLook]:
    chosen = select(PageLook).where(PageLook.area_id == tx.area_id, col(PageLook.document_id).in_(document_ids))
    return tx.session.exec(chosen).all()


def new_finding(tx: Transaction, document_id: str, page: int, start: int, end: int, kind: Kind, token: str) -> Finding:
    return Finding(area_id=tx.area_id, document_id=document_id, page=page, starts=start, ends=end, kind=kind, token=token)


def place_in(row: Finding) -> tuple[int, int] | None:
    """Where a finding stands in the text of its page; one that covers an area stands nowhere."""
    return None if row.starts is None or row.ends is None else (row.starts, row.ends)


def copies_of(tx: Transaction, plan_version_id: str) -> Sequence[ReleasedCopy]:
    documents = select(Document.id).where(Document.area_id == tx.area_id, Document.plan_version_id == plan_version_id)
    chosen = select(ReleasedCopy).where(ReleasedCopy.area_id == tx.area_id, col(ReleasedCopy.document_id).in_(documents))
    return tx.session.exec(chosen).all()


def coverings_of(rows: Sequence[Finding]) -> list[CoverPlace]:
    """What is covered in a copy, of the findings of one document."""
    return [
        CoverPlace(row.page, row.token, row.starts or 0, row.ends or 0, area_of(row))
        for row in rows
        if row.decision is Decision.REPLACE
    ]


def area_of(row: Finding) -> tuple[int, int, int, int] | None:
    sides = (row.area_left, row.area_top, row.area_right, row.area_bottom)
    return sides if None not in sides else None  # type: ignore[return-value]


def discard(tx: Transaction, store_path: str) -> None:
    """Have the clock remove what lies there; whoever calls forgets the key in the same transaction."""
    tx.session.add(DiscardedObject(area_id=tx.area_id, store_path=store_path, discarded_at=tx.now))


def erase_row(tx: Transaction, discarded_id: str) -> None:
    """What was discarded is gone from the store."""
    row = tx.session.get(DiscardedObject, discarded_id)
    if row is not None:
        tx.session.delete(row)
