"""Conflicts of interest: who is too close to a case, a setting or a team. Recorded by leads, cleared by somebody else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists
from sqlmodel import Session, col, select

from moderation.ledger import Transaction
from moderation.people.queries import people_with
from moderation.people.tables import Account
from moderation.register.tables import ChildCase, PlanVersion
from moderation.words import InvalidInput, NotFound, Problem, Role

from .events import ConflictCleared, ConflictRecorded
from .population import possible_auditors, secret_plans
from .rules import ConflictFacts, ConflictWith, check_may_clear, check_reason
from .tables import Conflict, Round, RoundPlan


@dataclass(frozen=True)
class ConflictLine:
    conflict_id: str
    auditor_id: str
    auditor: str
    kind: ConflictWith
    target: str
    reason: str
    declared_by: str
    declared_at: datetime
    version: int


def standing_conflicts(session: Session, area_id: str) -> list[ConflictLine]:
    """Every conflict that stands in this area and that leads may know of, by auditor."""
    chosen = (
        select(Conflict, Account.name, ChildCase.reference)
        .join(Account, col(Account.id) == Conflict.account_id)
        .join(ChildCase, (col(ChildCase.id) == Conflict.case_id) & (col(ChildCase.area_id) == Conflict.area_id), isouter=True)
        .where(Conflict.area_id == area_id, col(Conflict.cleared_at).is_(None), ~_tells_of_a_hidden_plan(area_id))
        .order_by(col(Account.name), col(Conflict.declared_at), col(Conflict.id))
    )
    rows = list(session.exec(chosen))
    authors = _names(session, {row.declared_by for row, *_ in rows if row.declared_by})
    return [_line(row, name, reference, authors) for row, name, reference in rows]


def _tells_of_a_hidden_plan(area_id: str) -> Any:
    """Did the auditor declare it on a plan that a round has hidden among theirs? The list would say which plan it is.

    What stood before the round opened, or what a lead recorded, tells nothing and stays where it is.
    """
    hidden = (
        exists()
        .where(col(RoundPlan.id).in_(secret_plans(area_id)), col(RoundPlan.plan_version_id) == PlanVersion.id)
        .where(col(Round.id) == RoundPlan.round_id, col(Round.opened_at) <= Conflict.declared_at)
        .where(col(PlanVersion.case_id) == Conflict.case_id)
    )
    return hidden & col(Conflict.declared_by).is_not_distinct_from(Conflict.account_id)


def _line(row: Conflict, name: str, reference: str | None, authors: dict[str, str]) -> ConflictLine:
    kind = ConflictWith.CASE if row.case_id else ConflictWith.SETTING if row.setting else ConflictWith.TEAM
    target = reference or row.setting or row.team or ""
    said_by = authors.get(row.declared_by or "", "not recorded")
    return ConflictLine(row.id, row.account_id, name, kind, target, row.reason, said_by, row.declared_at, row.version)


def _names(session: Session, account_ids: set[str]) -> dict[str, str]:
    return dict(session.exec(select(Account.id, Account.name).where(col(Account.id).in_(account_ids))).all())


def conflict_facts(session: Session, area_id: str) -> list[ConflictFacts]:
    """The conflicts that stand, for a draw."""
    chosen = select(Conflict).where(Conflict.area_id == area_id, col(Conflict.cleared_at).is_(None)).order_by(col(Conflict.id))
    return [ConflictFacts(row.account_id, row.reason, row.case_id, row.setting, row.team) for row in session.exec(chosen)]


def known_names(session: Session, area_id: str) -> tuple[list[str], list[str]]:
    """Settings and teams that plans of this area name, for suggestions."""
    rows = session.exec(select(PlanVersion.setting, PlanVersion.team).where(PlanVersion.area_id == area_id).distinct()).all()
    return sorted({setting for setting, _ in rows if setting}), sorted({team for _, team in rows if team})


@dataclass(frozen=True)
class NewConflict:
    """An auditor, and a case's reference, a setting or a team."""

    auditor_id: str
    kind: ConflictWith
    target: str
    reason: str


def people_concerned(session: Session, area_id: str) -> dict[str, str]:
    """Whom a conflict can be recorded for, by account: auditors with their agency, and observers of meetings."""
    observers = {one.account_id: f"{one.name}, observer" for one in people_with(session, area_id, Role.OBSERVER)}
    return observers | {one.account_id: f"{one.name}, {one.agency_name}" for one in possible_auditors(session, area_id)}


def record_conflict(tx: Transaction, new: NewConflict) -> str:
    """Keep an auditor from a case, or from every plan of a setting or a team. Said twice, it is recorded once."""
    why, target = check_reason(new.reason), " ".join(new.target.split())
    if new.auditor_id not in people_concerned(tx.session, tx.area_id):
        raise InvalidInput([Problem("auditor", "Choose an auditor of this area")])
    if not target:
        raise InvalidInput([Problem("target", "Enter what the auditor is too close to")])
    where: dict[str, Any] = {"case_id": _case(tx, target)} if new.kind is ConflictWith.CASE else {new.kind.value: target}
    standing = (col(Conflict.cleared_at).is_(None), ~_tells_of_a_hidden_plan(tx.area_id))
    same = select(Conflict).filter_by(area_id=tx.area_id, account_id=new.auditor_id, **where)
    known = tx.session.exec(same.where(*standing)).first()
    if known:
        return known.id
    row = Conflict(
        area_id=tx.area_id, account_id=new.auditor_id, reason=why, declared_by=tx.actor.account_id, declared_at=tx.now, **where
    )
    tx.session.add(row)
    tx.record(ConflictRecorded(row.id, new.auditor_id))
    return row.id


def _case(tx: Transaction, reference: str) -> str:
    found = tx.session.exec(select(ChildCase.id).where(ChildCase.area_id == tx.area_id, ChildCase.reference == reference)).first()
    if found is None:
        raise InvalidInput([Problem("target", "Enter the reference of a plan in the register", value=reference)])
    return found


def clear_conflict(tx: Transaction, conflict_id: str) -> None:
    """The conflict has ended. Nobody says that about themselves."""
    row = tx.get(Conflict, conflict_id)
    if tx.actor.account_id is None:
        raise NotFound("Page not found")
    check_may_clear(row.account_id, tx.actor.account_id)
    if row.cleared_at is None:
        row.cleared_at, row.cleared_by = tx.now, tx.actor.account_id
        row.version += 1
        tx.record(ConflictCleared(conflict_id, row.account_id))
