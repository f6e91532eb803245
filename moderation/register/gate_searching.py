"""What a search found comes in here; what a person decided before stays decided."""

from collections.abc import Sequence

from moderation.ledger import Transaction

from . import events
from .gate_packs import SearchedDocument
from .gate_rows import findings_of, gate_row, looks_of, new_finding
from .gate_rules import overlaps, stays
from .gate_tables import Decision, LookReason, PageLook
from .tables import Document


def mark_searched(tx: Transaction, plan_version_id: str, asked: int, searched: Sequence[SearchedDocument]) -> bool:
    """Keep what a search found, unless the pack changed meanwhile. What a person decided before stays decided."""
    gate = gate_row(tx, plan_version_id)
    if gate.asked != asked or gate.searched_at is not None:
        return False
    for document in searched:
        if tx.get(Document, document.document_id).erased_at is None:
            _keep_findings(tx, document)
            _keep_looks(tx, document)
    gate.searched_at, gate.fault = tx.now, None
    found, looks = sum(len(one.found) for one in searched), sum(len(one.looks) for one in searched)
    tx.record(events.PackSearched(plan_version_id, found, looks))
    return True


def mark_search_failed(tx: Transaction, plan_version_id: str, asked: int, fault: str) -> None:
    """A search that cannot be done is not tried for ever; the page says why and what to do."""
    gate = gate_row(tx, plan_version_id)
    if gate.asked == asked and gate.searched_at is None:
        gate.fault = fault[:200]
        tx.record(events.PackSearched(plan_version_id, -1, -1))


def _keep_findings(tx: Transaction, document: SearchedDocument) -> None:
    found = {(one.page, one.start, one.end, one.kind): one for one in document.found}
    taken: dict[int, list[tuple[int, int]]] = {}
    for row in findings_of(tx, [document.document_id]):
        again = found.pop((row.page, row.starts or 0, row.ends or 0, row.kind), None)
        if not stays(row.decision, row.origin, again is not None):
            tx.session.delete(row)
            continue
        if again and row.decision is Decision.WAITING:
            row.token = again.token
        if row.starts is not None and row.ends is not None:
            taken.setdefault(row.page, []).append((row.starts, row.ends))
    for one in found.values():
        if not any(overlaps((one.start, one.end), place) for place in taken.get(one.page, ())):
            tx.session.add(new_finding(tx, document.document_id, one.page, one.start, one.end, one.kind, one.token))


def _keep_looks(tx: Transaction, document: SearchedDocument) -> None:
    there = {look.page for look in looks_of(tx, [document.document_id])}
    for page, reason in document.looks:
        if page not in there:
            tx.session.add(PageLook(area_id=tx.area_id, document_id=document.document_id, page=page, reason=LookReason(reason)))
