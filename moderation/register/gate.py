"""What happens at the gate: a pack is searched, a person decides each finding, passes the pack, and copies of it are released.

The work on files is done outside the transactions (`gate_packs.py`); what it found or made comes in here.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from moderation.instants import london, today
from moderation.ledger import Transaction, history
from moderation.store import Stored
from moderation.words import InvalidInput, NotFound, Problem, StaleWrite

from . import events, rules
from .gate_packs import Copy, CoverPlace, SearchedDocument
from .gate_rules import CheckAnswer, GateState, check_passable, check_token, check_undecided, overlaps, stays
from .gate_tables import Decision, DiscardedObject, Finding, Gate, LookReason, LookState, Origin, PageLook, ReleasedCopy
from .identity.kinds import Found, Kind
from .tables import Document, PlanHold, PlanVersion


@dataclass(frozen=True)
class AreaPlace:
    """A rectangle that a lead marked on a page, in ten-thousandths of it."""

    document_id: str
    page: int
    left: int
    top: int
    right: int
    bottom: int


def gate_row(tx: Transaction, plan_version_id: str) -> Gate:
    """The gate of a plan; made with its first document."""
    there = tx.session.exec(select(Gate).where(Gate.area_id == tx.area_id, Gate.plan_version_id == plan_version_id)).first()
    if there is None:
        there = Gate(area_id=tx.area_id, plan_version_id=plan_version_id)
        tx.session.add(there)
        tx.session.flush()
    return there


def reopen(tx: Transaction, plan: PlanVersion) -> None:
    """The pack changed: it is searched anew, and nothing of it is released until a person has passed it again."""
    gate = gate_row(tx, plan.id)
    _withdraw_copies(tx, plan, gate)
    gate.asked, gate.searched_at, gate.fault = gate.asked + 1, None, None


def close_gate(tx: Transaction, plan_version_id: str, version: int) -> None:
    """Take a release back, so that the pack or its findings can be changed; not while a round works with it."""
    plan = tx.get(PlanVersion, plan_version_id)
    gate = gate_row(tx, plan.id)
    if gate.passed_at is None:
        return
    rules.check_changeable(is_held(tx, plan.id))
    _check_seen(plan, version)
    _withdraw_copies(tx, plan, gate)


def _check_seen(plan: PlanVersion, version: int) -> None:
    """A release is about the pack that was seen: one that changed meanwhile has to be looked at again."""
    if plan.version != version:
        raise StaleWrite({"audit pack": "as you saw it"}, {"audit pack": "changed since; look at it again"})
    plan.version += 1


def _withdraw_copies(tx: Transaction, plan: PlanVersion, gate: Gate) -> None:
    copies = copies_of(tx, plan.id)
    if gate.passed_at is None and not copies:
        return
    originals = {document.store_path for document in _documents(tx, plan.id)}
    for copy in copies:
        tx.session.delete(copy)
        if copy.store_path not in originals:
            discard(tx, copy.store_path)
    plan.released_at = plan.released_by = None
    gate.passed_at = gate.passed_by = gate.fault = None
    tx.record(events.GateClosed(plan.id))


def discard(tx: Transaction, store_path: str) -> None:
    """Have the clock remove what lies there; whoever calls forgets the key in the same transaction."""
    tx.session.add(DiscardedObject(area_id=tx.area_id, store_path=store_path, discarded_at=tx.now))


def erase_row(tx: Transaction, discarded_id: str) -> None:
    """What was discarded is gone from the store."""
    row = tx.session.get(DiscardedObject, discarded_id)
    if row is not None:
        tx.session.delete(row)


def is_held(tx: Transaction, plan_version_id: str) -> bool:
    holds = select(PlanHold).where(PlanHold.area_id == tx.area_id, PlanHold.plan_version_id == plan_version_id)
    return tx.session.exec(holds).first() is not None


def name_people(tx: Transaction, plan_version_id: str, version: int, kept: Stored) -> None:
    """Who is in the plan, for a new search."""
    gate = _open_gate(tx, plan_version_id)
    tx.fresh(gate, version, mine={"people": "what you entered"})
    if gate.people_path is not None:
        discard(tx, gate.people_path)
    gate.people_path, gate.people_key = kept.path, kept.wrapped_key
    gate.asked, gate.searched_at, gate.fault = gate.asked + 1, None, None
    tx.record(events.PeopleNamed(gate.plan_version_id))


# --- the search ---------------------------------------------------------------------------------------------------------------


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
    for row in _findings(tx, [document.document_id]):
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
            tx.session.add(_finding(tx, document.document_id, one.page, one.start, one.end, one.kind, one.token))


def _finding(tx: Transaction, document_id: str, page: int, start: int, end: int, kind: Kind, token: str) -> Finding:
    return Finding(area_id=tx.area_id, document_id=document_id, page=page, starts=start, ends=end, kind=kind, token=token)


def _keep_looks(tx: Transaction, document: SearchedDocument) -> None:
    there = {look.page for look in _looks(tx, [document.document_id])}
    for page, reason in document.looks:
        if page not in there:
            tx.session.add(PageLook(area_id=tx.area_id, document_id=document.document_id, page=page, reason=LookReason(reason)))


def note_names_seen(tx: Transaction, plan_version_id: str) -> None:
    """Somebody is shown names out of the originals. Once a day for each person: the overview is loaded after every decision."""
    plan = tx.get(PlanVersion, plan_version_id)
    seen = (line for line in history(tx.session, tx.area_id, plan.id) if line.name == events.NamesSeen.__name__)
    if not any(line.actor_id == tx.actor.account_id and london(line.at).date() == today() for line in seen):
        tx.record(events.NamesSeen(plan.id))


# --- what a person decides ----------------------------------------------------------------------------------------------------


def decide(tx: Transaction, plan_version_id: str, finding_ids: Collection[str], decision: Decision) -> int:
    """Replace these findings by their tokens, or keep the words as they are. Returns how many changed."""
    _open_gate(tx, plan_version_id)
    rows = [row for row in _chosen(tx, plan_version_id, finding_ids) if row.decision is not decision]
    for row in rows:
        row.decision = decision
    if rows:
        tx.record(events.FindingsDecided(plan_version_id, decision.value, len(rows)))
    return len(rows)


def change_token(tx: Transaction, plan_version_id: str, finding_ids: Collection[str], token: str) -> int:
    """Let another token stand for these findings."""
    check_token(token)
    _open_gate(tx, plan_version_id)
    rows = [row for row in _chosen(tx, plan_version_id, finding_ids) if row.token != token]
    for row in rows:
        row.token = token
    if rows:
        tx.record(events.TokenChanged(plan_version_id, len(rows)))
    return len(rows)


def add_findings(tx: Transaction, plan_version_id: str, found: Sequence[Found], token: str) -> int:
    """Replace words that a lead pointed at, wherever they stand. `Found.document` counts the documents of the pack."""
    check_token(token)
    _open_gate(tx, plan_version_id)
    documents = _documents(tx, plan_version_id)
    rows = _findings(tx, [document.id for document in documents])
    added = 0
    for one in found:
        document_id, page = documents[one.document].id, one.page + 1
        there = [row for row in rows if (row.document_id, row.page) == (document_id, page) and _meets(row, one)]
        if any(row.decision is Decision.REPLACE for row in there) or not _widened(tx, there, one, token):
            continue
        added += 1
        if not there:
            row = _finding(tx, document_id, page, one.start, one.end, Kind.ADDED, token)
            row.origin, row.decision = Origin.ADDED, Decision.REPLACE
            tx.session.add(row)
    if added:
        tx.record(events.FindingsAdded(plan_version_id, added))
    return added


def _meets(row: Finding, one: Found) -> bool:
    return row.starts is not None and row.ends is not None and overlaps((row.starts, row.ends), (one.start, one.end))


def _widened(tx: Transaction, there: Sequence[Finding], one: Found, token: str) -> bool:
    """A finding that was there already is decided now, and covers the words that were pointed at."""
    for row in there[:1]:
        row.starts, row.ends = min(row.starts or 0, one.start), max(row.ends or 0, one.end)
        row.decision, row.token, row.origin = Decision.REPLACE, token, Origin.ADDED
    for row in there[1:]:
        tx.session.delete(row)
    return True


def mark_area(tx: Transaction, place: AreaPlace, token: str) -> str:
    """Cover a rectangle of a page: a signature, a photograph, words in a picture."""
    check_token(token)
    document = tx.get(Document, place.document_id)
    _open_gate(tx, document.plan_version_id)
    if not (
        1 <= place.page <= document.pages and 0 <= place.left < place.right <= 10_000 and 0 <= place.top < place.bottom <= 10_000
    ):
        raise InvalidInput([Problem("left", "The rectangle must lie on the page, and end after it begins")])
    row = Finding(
        area_id=tx.area_id, document_id=document.id, page=place.page,
        area_left=place.left, area_top=place.top, area_right=place.right, area_bottom=place.bottom,
        kind=Kind.AREA, token=token, origin=Origin.ADDED, decision=Decision.REPLACE,
    )  # fmt: skip
    tx.session.add(row)
    tx.record(events.FindingsAdded(document.plan_version_id, 1))
    return row.id


def look_at(tx: Transaction, document_id: str, page: int, state: LookState) -> None:
    """A person has looked at a page that could not be searched, or leaves it out of the copy."""
    document = tx.get(Document, document_id)
    _open_gate(tx, document.plan_version_id)
    row = next((look for look in _looks(tx, [document.id]) if look.page == page), None)
    if row is None:
        raise NotFound("Page not found")
    if row.state is not state:
        row.state = state
        tx.record(events.PageLookedAt(document.id, page, state is LookState.LEFT_OUT))


def answer_checks(tx: Transaction, plan_version_id: str, version: int, answers: Mapping[str, CheckAnswer]) -> None:
    """What the lead says after comparing names and dates with the register."""
    gate = _open_gate(tx, plan_version_id)
    tx.fresh(gate, version, mine={"checks": "what you chose"})
    gate.checks = {name: answer.value for name, answer in answers.items()}
    tx.record(events.NamesChecked(plan_version_id))


def _chosen(tx: Transaction, plan_version_id: str, finding_ids: Collection[str]) -> list[Finding]:
    """Those of the findings that belong to this plan; one that does not is not there."""
    wanted = set(finding_ids)
    rows = [row for row in _findings(tx, [document.id for document in _documents(tx, plan_version_id)]) if row.id in wanted]
    if wanted and not rows:
        raise NotFound("Page not found")
    return rows


def _open_gate(tx: Transaction, plan_version_id: str) -> Gate:
    plan = tx.get(PlanVersion, plan_version_id)
    rules.check_changeable(is_held(tx, plan.id))
    gate = gate_row(tx, plan.id)
    check_undecided(gate.passed_at is not None)
    return gate


# --- release ------------------------------------------------------------------------------------------------------------------


def pass_gate(tx: Transaction, plan_version_id: str, version: int) -> None:
    """A person releases the pack: the clock makes the copies. Twice is once."""
    plan = tx.get(PlanVersion, plan_version_id)
    gate = gate_row(tx, plan.id)
    if gate.passed_at is not None:
        return
    _check_seen(plan, version)
    documents = _documents(tx, plan.id)
    check_passable(_state(tx, gate, documents))
    gate.passed_at, gate.passed_by, gate.fault = tx.now, tx.actor.account_id, None
    tx.record(events.GatePassed(plan.id, tuple(document.id for document in documents)))


def _state(tx: Transaction, gate: Gate, documents: Sequence[Document]) -> GateState:
    ids = [document.id for document in documents]
    return GateState(
        tuple(document.kind.value for document in documents),
        sum(document.render_error is not None for document in documents),
        gate.searched_at is not None,
        sum(row.decision is Decision.WAITING for row in _findings(tx, ids)),
        sum(look.state is LookState.WAITING for look in _looks(tx, ids)),
        gate.checks is not None,
    )


def mark_released(tx: Transaction, plan_version_id: str, copies: Sequence[Copy]) -> bool:
    """The copies are there: auditors may read them. Not if the gate was closed, or the pack changed, while they were made."""
    plan = tx.get(PlanVersion, plan_version_id)
    gate = gate_row(tx, plan.id)
    documents = {document.id for document in _documents(tx, plan.id)}
    if gate.passed_by is None or plan.released_at is not None or documents != {copy.document_id for copy in copies}:
        return False
    for copy in copies:
        tx.session.add(
            ReleasedCopy(
                area_id=tx.area_id, document_id=copy.document_id, store_path=copy.stored.path, wrapped_key=copy.stored.wrapped_key,
                sha256=copy.stored.sha256, pages=copy.pages, made_at=tx.now, passed_by=gate.passed_by,
            )
        )  # fmt: skip
    plan.released_at, plan.released_by = tx.now, gate.passed_by
    tx.record(events.PackReleased(plan.id, tuple(copy.stored.sha256 for copy in copies)))
    return True


def mark_release_failed(tx: Transaction, plan_version_id: str, fault: str) -> None:
    """The copies could not be made: the gate is open to changes again, and says why."""
    gate = gate_row(tx, plan_version_id)
    if gate.passed_at is not None:
        gate.passed_at = gate.passed_by = None
        gate.fault = fault[:200]
        tx.record(events.ReleaseFailed(plan_version_id))


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


def copies_of(tx: Transaction, plan_version_id: str) -> Sequence[ReleasedCopy]:
    documents = select(Document.id).where(Document.area_id == tx.area_id, Document.plan_version_id == plan_version_id)
    chosen = select(ReleasedCopy).where(ReleasedCopy.area_id == tx.area_id, col(ReleasedCopy.document_id).in_(documents))
    return tx.session.exec(chosen).all()


def forget_document(tx: Transaction, document: Document) -> None:
    """What the gate knows of a document that is removed goes with it; with the last one, who is in the plan as well."""
    for row in (*_findings(tx, [document.id]), *_looks(tx, [document.id])):
        tx.session.delete(row)
    gate = gate_row(tx, document.plan_version_id)
    if [one for one in _documents(tx, document.plan_version_id) if one.id != document.id] or gate.people_path is None:
        return
    discard(tx, gate.people_path)
    gate.people_path = gate.people_key = None


def _documents(tx: Transaction, plan_version_id: str) -> Sequence[Document]:
    chosen = select(Document).where(
        Document.area_id == tx.area_id, Document.plan_version_id == plan_version_id, col(Document.erased_at).is_(None)
    )
    return tx.session.exec(chosen.order_by(col(Document.position))).all()


def _findings(tx: Transaction, document_ids: Sequence[str]) -> Sequence[Finding]:
    chosen = select(Finding).where(Finding.area_id == tx.area_id, col(Finding.document_id).in_(document_ids))
    return tx.session.exec(chosen.order_by(col(Finding.page), col(Finding.starts))).all()


def _looks(tx: Transaction, document_ids: Sequence[str]) -> Sequence[PageLook]:
    chosen = select(PageLook).where(PageLook.area_id == tx.area_id, col(PageLook.document_id).in_(document_ids))
    return tx.session.exec(chosen).all()
