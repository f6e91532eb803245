"""Documents leave the service: one that a lead removes, or the whole pack of a plan that nobody has used for a long time.

With a document go its key and its object in the store, with the pictures and texts of its pages; its released copy; what the gate
found in it; where its sections begin; with the last one, who is in the plan. The row stays, for the ledger speaks of it.
"""

from collections.abc import Sequence
from datetime import date

from sqlmodel import select

from moderation.ledger import Transaction

from . import events, rules
from .gate import forget_document, reopen
from .gate_rows import discard, documents_of, gate_row, is_held
from .tables import Document, DocumentSection, PlanVersion


def erase_document(tx: Transaction, document: Document) -> None:
    """Forget a document and its key. What lies in the store without a key is for the caller to remove, or for the clock."""
    forget_document(tx, document)
    document.erased_at, document.wrapped_key, document.remarks = tx.now, None, []
    for row in sections_of(tx, document.id):
        tx.session.delete(row)


def erase_pack(tx: Transaction, plan_version_id: str) -> int:
    """Erase the audit pack of a plan; returns how many documents it had. Twice is once; refused while a round works with it."""
    plan = tx.get(PlanVersion, plan_version_id)
    rules.check_changeable(is_held(tx, plan.id))
    documents = documents_of(tx, plan.id)
    if not documents:
        return 0
    reopen(tx, plan)
    gate_row(tx, plan.id).checks = None
    for document in documents:
        discard(tx, document.store_path)
        erase_document(tx, document)
    plan.version += 1
    tx.record(events.PackErased(plan.id, tuple(document.id for document in documents)))
    return len(documents)


def plan_erasure(tx: Transaction, plan_version_id: str, day: date) -> None:
    """Say on which day the pack will be erased, if nobody uses it before."""
    tx.get(PlanVersion, plan_version_id).erase_on = day
    tx.record(events.ErasurePlanned(plan_version_id))


def call_off_erasure(tx: Transaction, plan_version_id: str) -> None:
    """Somebody uses the pack after all."""
    tx.get(PlanVersion, plan_version_id).erase_on = None
    tx.record(events.ErasureCalledOff(plan_version_id))


def sections_of(tx: Transaction, document_id: str) -> Sequence[DocumentSection]:
    chosen = select(DocumentSection).where(DocumentSection.area_id == tx.area_id, DocumentSection.document_id == document_id)
    return tx.session.exec(chosen).all()
