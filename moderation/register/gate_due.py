"""What the gate's work waits for: packs to search, copies to make, objects to erase. The state in the database is the queue."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Exists, exists, or_
from sqlmodel import Session, col, select

from .gate_packs import AddedPlace, CoverPlace, Original
from .gate_rows import coverings_of
from .gate_tables import Decision, DiscardedObject, Finding, Gate, LookState, Origin, PageLook
from .identity.kinds import Kind
from .tables import Document, PlanVersion


@dataclass(frozen=True)
class Due:
    """A pack that waits for work."""

    area_id: str
    plan_version_id: str
    asked: int
    people_path: str | None
    people_key: str | None
    settings: tuple[str, ...]
    documents: tuple[Original, ...]
    added: tuple[AddedPlace, ...]


def due_for_search(session: Session, limit: int) -> list[Due]:
    """Packs that were not searched since they changed, of every area, once all their pages are drawn."""
    undrawn = exists().where(
        col(Document.plan_version_id) == Gate.plan_version_id,
        col(Document.erased_at).is_(None),
        col(Document.rendered_at).is_(None) | col(Document.render_error).is_not(None),
    )
    waiting = select(Gate).where(col(Gate.searched_at).is_(None), col(Gate.fault).is_(None), ~undrawn, _has_documents())
    return [_due(session, gate) for gate in session.exec(waiting.order_by(col(Gate.id)).limit(limit))]


def due_for_release(session: Session, limit: int) -> list[Due]:
    """Packs that a person has passed and whose copies are not there yet."""
    waiting = (
        select(Gate)
        .join(PlanVersion, col(PlanVersion.id) == Gate.plan_version_id)
        .where(col(Gate.passed_at).is_not(None), col(PlanVersion.released_at).is_(None), _has_documents())
    )
    return [_due(session, gate) for gate in session.exec(waiting.order_by(col(Gate.passed_at), col(Gate.id)).limit(limit))]


def _has_documents() -> Exists:
    return exists().where(col(Document.plan_version_id) == Gate.plan_version_id, col(Document.erased_at).is_(None))


def _due(session: Session, gate: Gate) -> Due:
    chosen = select(Document).where(
        Document.area_id == gate.area_id, Document.plan_version_id == gate.plan_version_id, col(Document.erased_at).is_(None)
    )
    documents = session.exec(chosen.order_by(col(Document.position))).all()
    setting = session.get_one(PlanVersion, gate.plan_version_id).setting
    return Due(
        gate.area_id, gate.plan_version_id, gate.asked, gate.people_path, gate.people_key, (setting,) if setting else (),
        tuple(Original(row.id, row.store_path, row.wrapped_key or "") for row in documents),
        _added(session, gate.area_id, [row.id for row in documents]),
    )  # fmt: skip


def _added(session: Session, area_id: str, document_ids: Sequence[str]) -> tuple[AddedPlace, ...]:
    """Words that a lead added, where they are replaced."""
    rows = session.exec(
        select(Finding).where(
            Finding.area_id == area_id,
            col(Finding.document_id).in_(document_ids),
            col(Finding.starts).is_not(None),
            Finding.decision == Decision.REPLACE,
            or_(col(Finding.origin) == Origin.ADDED, col(Finding.kind) == Kind.ADDED),
        )
    )
    return tuple(AddedPlace(row.document_id, row.page, row.starts or 0, row.ends or 0, row.token) for row in rows)


def coverings(session: Session, area_id: str, document_id: str) -> tuple[list[CoverPlace], list[int]]:
    """What is covered in the copy of a document, and which pages are left out of it."""
    found = session.exec(select(Finding).where(Finding.area_id == area_id, Finding.document_id == document_id)).all()
    looks = session.exec(select(PageLook).where(PageLook.area_id == area_id, PageLook.document_id == document_id)).all()
    return coverings_of(found), sorted(look.page for look in looks if look.state is LookState.LEFT_OUT)


def discarded(session: Session, limit: int) -> Sequence[tuple[str, str, str]]:
    """Objects to remove from the store, as (area, row, place)."""
    rows = session.exec(select(DiscardedObject).order_by(col(DiscardedObject.discarded_at)).limit(limit))
    return [(row.area_id, row.id, row.store_path) for row in rows]
