"""What a search found comes in here; what a person decided before stays decided, as long as it is about the same words.

The words of a finding may turn out to be part of a longer name: then a decision about the part is none about the whole. And who
somebody is may be known better: then the token of what is replaced follows, unless a person chose it.
"""

from collections import defaultdict
from collections.abc import Sequence

from moderation.ledger import Transaction

from . import events
from .gate_packs import FoundPlace, SearchedDocument
from .gate_rows import findings_of, gate_row, looks_of, new_finding, place_in
from .gate_rules import covers, is_known_better, overlaps, stays, union
from .gate_tables import Decision, Finding, LookReason, Origin, PageLook
from .identity.kinds import Kind
from .tables import Document

PEOPLE = {Kind.NAME, Kind.POSSIBLE_NAME, Kind.INITIALS}


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
    """Each finding meets what was decided there before. Words that a lead added come last: they are found inside others."""
    found = {(one.page, one.start, one.end) for one in document.found}
    before = findings_of(tx, [document.document_id])
    there: defaultdict[int, list[Finding]] = defaultdict(list)
    for row in before:
        if stays(row.decision, row.origin, (row.page, row.starts, row.ends) in found):
            there[row.page].append(row)
    for one in sorted(document.found, key=lambda one: (one.kind is Kind.ADDED, one.page, -one.start)):
        there[one.page] = _with(tx, document, one, there[one.page])
    after = [row for rows in there.values() for row in rows]
    kept = {row.id for row in after}
    for row in before:
        if row.id not in kept:
            tx.session.delete(row)
    tx.session.add_all(after)


def _with(tx: Transaction, document: SearchedDocument, one: FoundPlace, there: list[Finding]) -> list[Finding]:
    """What is on the page with this finding: it is known already, or it takes the place of what it meets and has to be decided.

    A decision about part of it is none about the whole, and what crosses it is replaced together with it.
    """
    here = (one.start, one.end)
    met = {row.id: place for row in there if (place := place_in(row)) and overlaps(place, here)}
    known = next((row for row in there if row.id in met and _knows(row, met[row.id], one)), None)
    if known is not None:
        if not _is_shared(met[known.id], one.page, document.found):
            _tell(known, one, met[known.id] == here)
        return there
    start, end = union([here, *(met[row.id] for row in there if row.id in met and row.decision is not Decision.KEEP)])
    new = new_finding(tx, document.document_id, one.page, start, end, one.kind, one.token)
    return [*(row for row in there if row.id not in met), new]


def _knows(row: Finding, place: tuple[int, int], one: FoundPlace) -> bool:
    """Is this finding all in one that is there? What is kept covers nothing else, except words that a lead once added."""
    here = (one.start, one.end)
    return covers(place, here) and (row.decision is not Decision.KEEP or place == here or one.kind is Kind.ADDED)


def _is_shared(place: tuple[int, int], page: int, found: Sequence[FoundPlace]) -> bool:
    """Does one that was decided whole cover several people now? Then none of them says whose it is."""
    inside = (one for one in found if one.page == page and one.kind is not Kind.ADDED and covers(place, (one.start, one.end)))
    return len({one.token for one in inside}) > 1


def _tell(row: Finding, one: FoundPlace, is_same: bool) -> None:
    """The search may know better by now who somebody is. A token that a person chose stays; a kept stranger is decided anew."""
    if one.kind is Kind.ADDED or row.is_own_token or not (is_same or {row.kind, one.kind} <= PEOPLE):
        return
    kind = one.kind if is_same and row.origin is Origin.FOUND else row.kind
    if (row.kind, row.token) != (kind, one.token):
        if row.decision is Decision.KEEP and is_known_better(row.kind, row.token, kind, one.token):
            row.decision = Decision.WAITING
        row.kind, row.token, row.version = kind, one.token, row.version + 1


def _keep_looks(tx: Transaction, document: SearchedDocument) -> None:
    there = {look.page for look in looks_of(tx, [document.document_id])}
    for page, reason in document.looks:
        if page not in there:
            tx.session.add(PageLook(area_id=tx.area_id, document_id=document.document_id, page=page, reason=LookReason(reason)))
