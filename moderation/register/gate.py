"""What happens at the gate: it closes when a pack changes, a person passes the pack, and copies of it are released.

What is decided before that is in `gate_deciding.py`. The work on files is done outside the transactions (`gate_packs.py`); what it
found or made comes in here and in `gate_searching.py`.
"""

from collections.abc import Sequence

from moderation.ledger import Transaction
from moderation.words import StaleWrite

from . import events, rules
from .gate_packs import Copy
from .gate_rows import copies_of, discard, documents_of, findings_of, gate_row, is_held, looks_of
from .gate_rules import GateState, check_passable
from .gate_tables import Decision, Gate, LookState, ReleasedCopy
from .tables import Document, PlanVersion


def reopen(tx: Transaction, plan: PlanVersion) -> None:
    """The pack changed: it is searched anew, and nothing of it is released until a person has passed it again."""
    gate = gate_row(tx, plan.id)
    _withdraw_copies(tx, plan, gate)
    plan.erase_on = None
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
    originals = {document.store_path for document in documents_of(tx, plan.id)}
    for copy in copies:
        tx.session.delete(copy)
        if copy.store_path not in originals:
            discard(tx, copy.store_path)
    plan.released_at = plan.released_by = None
    gate.passed_at = gate.passed_by = gate.fault = None
    tx.record(events.GateClosed(plan.id))


def pass_gate(tx: Transaction, plan_version_id: str, version: int) -> None:
    """A person releases the pack: the clock makes the copies. Twice is once."""
    plan = tx.get(PlanVersion, plan_version_id)
    gate = gate_row(tx, plan.id)
    if gate.passed_at is not None:
        return
    _check_seen(plan, version)
    documents = documents_of(tx, plan.id)
    check_passable(_state(tx, gate, documents))
    gate.passed_at, gate.passed_by, gate.fault = tx.now, tx.actor.account_id, None
    tx.record(events.GatePassed(plan.id, tuple(document.id for document in documents)))


def _state(tx: Transaction, gate: Gate, documents: Sequence[Document]) -> GateState:
    ids = [document.id for document in documents]
    return GateState(
        tuple(document.kind.value for document in documents),
        sum(document.render_error is not None for document in documents),
        gate.searched_at is not None,
        sum(row.decision is Decision.WAITING for row in findings_of(tx, ids)),
        sum(look.state is LookState.WAITING for look in looks_of(tx, ids)),
        gate.checks is not None,
    )


def mark_released(tx: Transaction, plan_version_id: str, copies: Sequence[Copy]) -> bool:
    """The copies are there: auditors may read them. Not if the gate was closed, or the pack changed, while they were made."""
    plan = tx.get(PlanVersion, plan_version_id)
    gate = gate_row(tx, plan.id)
    documents = {document.id for document in documents_of(tx, plan.id)}
    if gate.passed_by is None or plan.released_at is not None or documents != {copy.document_id for copy in copies}:
        return False
    for copy in copies:
        tx.session.add(
            ReleasedCopy(
                area_id=tx.area_id, document_id=copy.document_id, store_path=copy.stored.path, wrapped_key=copy.stored.wrapped_key,
                sha256=copy.stored.sha256, pages=copy.pages, made_at=tx.now, passed_by=gate.passed_by,
            )
        )  # fmt: skip
    plan.released_at, plan.released_by, plan.erase_on = tx.now, gate.passed_by, None
    tx.record(events.PackReleased(plan.id, tuple(copy.stored.sha256 for copy in copies)))
    return True


def mark_release_failed(tx: Transaction, plan_version_id: str, fault: str) -> None:
    """The copies could not be made: the gate is open to changes again, and says why."""
    gate = gate_row(tx, plan_version_id)
    if gate.passed_at is not None:
        gate.passed_at = gate.passed_by = None
        gate.fault = fault[:200]
        tx.record(events.ReleaseFailed(plan_version_id))


def forget_document(tx: Transaction, document: Document) -> None:
    """What the gate knows of a document that is removed goes with it; with the last one, who is in the plan as well."""
    for row in (*findings_of(tx, [document.id]), *looks_of(tx, [document.id])):
        tx.session.delete(row)
    gate = gate_row(tx, document.plan_version_id)
    if [one for one in documents_of(tx, document.plan_version_id) if one.id != document.id] or gate.people_path is None:
        return
    discard(tx, gate.people_path)
    gate.people_path = gate.people_key = None
