"""What people do to a round once it is allocated, and what auditors do with the plans they were given.

The verbs of setting up are in `setup.py`, of drawing in `drawing.py`, of repairing in `repairing.py`.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlmodel import col, select

from moderation import instants
from moderation.ledger import Transaction
from moderation.people.reminders import reminder_days_of
from moderation.people.tables import Account
from moderation.post import Letter, queue, take_back
from moderation.register.actions import let_go_plans
from moderation.register.tables import PlanVersion
from moderation.words import NotFound

from . import letters
from .events import (
    AllocationAccepted,
    AllocationEnded,
    AllocationReopened,
    AllocationStarted,
    AuditorMarkedAbsent,
    AuditorsReminded,
    CasesMet,
    ClosingDateMoved,
    ConflictRecorded,
    PlanWithdrawn,
    RoundAbandoned,
    RoundArchived,
    RoundClosed,
    RoundInModeration,
    RoundPublished,
)
from .letters import Addressee
from .population import secret_plans
from .rules import (
    IN_SETUP,
    AllocationState,
    Ending,
    RoundState,
    check_closing_date,
    check_may_withdraw,
    check_open,
    check_reason,
    move_allocation,
    move_round,
)
from .tables import Allocation, CaseMet, Conflict, Round, RoundAuditor, RoundPlan

# --- what an auditor does -------------------------------------------------------------------------------------------------


def accept(tx: Transaction, allocation_id: str) -> None:
    """Take a plan on."""
    given = _own(tx, allocation_id)
    if given.state is AllocationState.OFFERED:
        _move(given, AllocationState.ACCEPTED)
        tx.record(AllocationAccepted(given.id, given.round_id))


def decline(tx: Transaction, allocation_id: str, reason: str) -> None:
    """Say no to a plan that has not been started."""
    _give_up(tx, _own(tx, allocation_id), Ending.DECLINED, check_reason(reason))


def hand_back(tx: Transaction, allocation_id: str, reason: str) -> None:
    """Give a plan back, started or not."""
    _give_up(tx, _own(tx, allocation_id), Ending.HANDED_BACK, check_reason(reason))


def declare_conflict(tx: Transaction, allocation_id: str, reason: str) -> str:
    """Too close to this case: the plan goes back, and the case stays barred for this auditor. Returns the conflict's id."""
    given, why = _own(tx, allocation_id), check_reason(reason)
    started = given.state is AllocationState.STARTED
    _give_up(tx, given, Ending.HANDED_BACK if started else Ending.DECLINED, why)
    case_id = _case_of(tx, given)
    return _known_conflict(tx, given.account_id, case_id) or _bar(tx, given.account_id, case_id, why)


def _known_conflict(tx: Transaction, account_id: str, case_id: str) -> str | None:
    """The conflict that stands already, declared twice or recorded by a lead while the plan was on the auditor's list."""
    standing = (Conflict.account_id == account_id, Conflict.case_id == case_id, col(Conflict.cleared_at).is_(None))
    return tx.session.exec(select(Conflict.id).where(Conflict.area_id == tx.area_id, *standing)).first()


def _bar(tx: Transaction, account_id: str, case_id: str, why: str) -> str:
    conflict = Conflict(
        area_id=tx.area_id, account_id=account_id, case_id=case_id, reason=why, declared_by=tx.actor.account_id, declared_at=tx.now
    )
    tx.session.add(conflict)
    tx.record(ConflictRecorded(conflict.id, account_id))
    return conflict.id


def mark_started(tx: Transaction, allocation_id: str) -> None:
    """The first answer was saved; starting a plan accepts it."""
    given = _own(tx, allocation_id)
    if given.state is AllocationState.STARTED:
        return
    accept(tx, allocation_id)
    _move(given, AllocationState.STARTED)
    tx.record(AllocationStarted(given.id, given.round_id))


def mark_submitted(tx: Transaction, allocation_id: str) -> None:
    """The sheet is in."""
    given = _own(tx, allocation_id)
    if given.ended_as is not Ending.SUBMITTED:
        _end(tx, given, Ending.SUBMITTED)


def mark_reopened(tx: Transaction, allocation_id: str) -> None:
    """The lead has reopened the sheet: the plan is the auditor's to finish again."""
    given = tx.get(Allocation, allocation_id)
    check_open(tx.get(Round, given.round_id).state)
    if given.state is AllocationState.STARTED:
        return
    given.state = move_allocation(given.state, given.ended_as, AllocationState.STARTED)
    given.ended_as = given.ended_at = None
    given.version += 1
    tx.record(AllocationReopened(given.id, given.round_id))


def _own(tx: Transaction, allocation_id: str) -> Allocation:
    """The actor's own allocation in an open round; anybody else's does not exist."""
    given = tx.get(Allocation, allocation_id)
    if given.account_id != tx.actor.account_id:
        raise NotFound("Page not found")
    check_open(tx.get(Round, given.round_id).state)
    return given


def _case_of(tx: Transaction, given: Allocation) -> str:
    plan = tx.get(RoundPlan, given.round_plan_id)
    return tx.get(PlanVersion, plan.plan_version_id).case_id


def _give_up(tx: Transaction, given: Allocation, ending: Ending, reason: str) -> None:
    if given.ended_as in (Ending.DECLINED, Ending.HANDED_BACK):
        return
    _end(tx, given, ending, reason)


def _end(tx: Transaction, given: Allocation, ending: Ending, reason: str | None = None) -> None:
    _move(given, AllocationState.ENDED)
    given.ended_as, given.ended_at, given.reason = ending, tx.now, reason
    tx.record(AllocationEnded(given.id, given.round_id, ending.value))


def _move(given: Allocation, to: AllocationState) -> None:
    given.state = move_allocation(given.state, given.ended_as, to)
    given.version += 1


# --- what later stages tell a round ---------------------------------------------------------------------------------------


def mark_closed(tx: Transaction, round_id: str) -> None:
    """The round is closed; what is unfinished lapses, and whose it was is told with the next digest. That a list has changed is
    told no more: nobody can act on it."""
    found = tx.get(Round, round_id)
    found.state = move_round(found.state, RoundState.CLOSED)
    found.closed_at = tx.now
    found.version += 1
    take_back(tx, letters.changes_of(round_id))
    late = unfinished(tx, Allocation.round_id == round_id)
    for given in late:
        _end(tx, given, Ending.LAPSED)
    for to in addressees(tx, (given.account_id for given in late)):
        queue(tx, letters.closed(to, round_id, found.name, tx.now))
    tx.record(RoundClosed(round_id))


def mark_moderating(tx: Transaction, round_id: str) -> None:
    """Its disagreements are being settled."""
    found = tx.get(Round, round_id)
    if found.state is not RoundState.MODERATING:
        _move_round(tx, round_id, RoundState.MODERATING)
        tx.record(RoundInModeration(round_id))


def mark_met(tx: Transaction, meeting_id: str, account_ids: Iterable[str], case_ids: Iterable[str]) -> None:
    """These people have met these cases in a meeting: they are never given them to rate afterwards."""
    wanted = {(account_id, case_id) for account_id in account_ids for case_id in case_ids}
    known = select(CaseMet.account_id, CaseMet.case_id).where(CaseMet.area_id == tx.area_id)
    fresh = sorted(wanted - {(account_id, case_id) for account_id, case_id in tx.session.exec(known)})
    tx.session.add_all(CaseMet(area_id=tx.area_id, account_id=who, case_id=case, met_at=tx.now) for who, case in fresh)
    if fresh:
        tx.record(CasesMet(meeting_id, len({who for who, _ in fresh}), len({case for _, case in fresh})))


def mark_published(tx: Transaction, round_id: str) -> None:
    """Its results are out."""
    _move_round(tx, round_id, RoundState.PUBLISHED).published_at = tx.now
    let_go_plans(tx, round_id)
    tx.record(RoundPublished(round_id))


def mark_archived(tx: Transaction, round_id: str) -> None:
    """It is only kept."""
    _move_round(tx, round_id, RoundState.ARCHIVED)
    tx.record(RoundArchived(round_id))


def _move_round(tx: Transaction, round_id: str, to: RoundState) -> Round:
    found = tx.get(Round, round_id)
    found.state = move_round(found.state, to)
    found.version += 1
    return found


# --- what the lead does to an open round ----------------------------------------------------------------------------------


def move_closing_date(tx: Transaction, round_id: str, version: int, closes_on: date) -> None:
    """Give auditors more or less time; those with work left are told with the next digest. The same date again changes nothing."""
    found = tx.get(Round, round_id)
    if found.closes_on == closes_on:
        return
    check_closing_date(found.state, found.opens_on, closes_on, instants.today())
    tx.fresh(found, version, mine={"closes_on": closes_on})
    found.closes_on = closes_on
    tx.record(ClosingDateMoved(round_id, closes_on.isoformat()))
    tell_of_change(tx, found, [given.account_id for given in unfinished(tx, Allocation.round_id == round_id)])


def withdraw_plan(tx: Transaction, round_plan_id: str, reason: str) -> None:
    """Take a plan out of a round: its unfinished allocations end, nobody is told why. (`score` takes its sheets out as well.)"""
    plan, why = tx.get(RoundPlan, round_plan_id), check_reason(reason)
    found = tx.get(Round, plan.round_id)
    check_may_withdraw(found.state)
    if plan.withdrawn_at is not None:
        return
    plan.withdrawn_at, plan.withdrawn_reason = tx.now, why
    plan.version += 1
    if round_plan_id not in set(tx.session.exec(secret_plans(tx.area_id))):  # its papers stay held, like those of its whole pool
        let_go_plans(tx, plan.round_id, [plan.plan_version_id])
    tx.record(PlanWithdrawn(round_plan_id, plan.round_id))
    ending = unfinished(tx, Allocation.round_plan_id == round_plan_id)
    for given in ending:
        _end(tx, given, Ending.WITHDRAWN)
    tell_of_change(tx, found, [given.account_id for given in ending])


def mark_absent(tx: Transaction, round_id: str, account_id: str, absent_from: date | None) -> None:
    """An auditor is away from a date on (None: back again); their plans that are not started may then be moved."""
    auditor = tx.session.exec(
        select(RoundAuditor).where(
            RoundAuditor.area_id == tx.area_id, RoundAuditor.round_id == round_id, RoundAuditor.account_id == account_id
        )
    ).first()
    if auditor is None:
        raise NotFound("Page not found")
    check_open(tx.get(Round, round_id).state)
    auditor.absent_from = absent_from
    auditor.version += 1
    tx.record(AuditorMarkedAbsent(round_id, account_id, absent_from is not None))


def abandon_round(tx: Transaction, round_id: str, version: int) -> None:
    """Give a round up before it closes. Its sheets stay, unseen by anybody but their authors."""
    found = tx.get(Round, round_id)
    to = move_round(found.state, RoundState.ABANDONED)
    tx.fresh(found, version, mine={"state": to.value})
    was_open = found.state not in IN_SETUP
    found.state = to
    let_go_plans(tx, round_id)
    tx.record(RoundAbandoned(round_id))
    ending = unfinished(tx, Allocation.round_id == round_id)
    for given in ending:
        _end(tx, given, Ending.WITHDRAWN)
    if was_open:
        tell_of_change(tx, found, [given.account_id for given in ending])


def remind(tx: Transaction, round_id: str, account_ids: Iterable[str]) -> int:
    """Remind auditors of their own unfinished sheets, once a day at most; returns how many have had their letter today."""
    found = tx.get(Round, round_id)
    check_open(found.state)
    waiting = {given.account_id for given in unfinished(tx, Allocation.round_id == round_id)} & set(account_ids)
    told = [to for to in addressees(tx, waiting) if queue(tx, letters.reminder(to, [_closing(found)], round_id, instants.today()))]
    _note_reminded(tx, round_id, {to.account_id for to in told})
    return len(waiting)


def remind_by_date(tx: Transaction) -> int:
    """One letter to everybody who wants one so many days before a round closes, about all their open rounds; returns how many.

    Whether it goes out depends on dates, on one's own choice and on one's own unfinished plans, never on what others did.
    """
    today, rounds = instants.today(), _unfinished_rounds(tx)
    wanted = reminder_days_of(tx.session, rounds)
    due = {who: found for who, found in rounds.items() if any((one.closes_on - today).days in wanted[who] for one in found)}
    told = [to.account_id for to in addressees(tx, due) if queue(tx, _digest(to, due[to.account_id], tx.area_id, today))]
    for round_id in sorted({one.id for who in told for one in due[who]}):
        _note_reminded(tx, round_id, {who for who in told if round_id in [one.id for one in due[who]]})
    return len(told)


def _digest(to: Addressee, rounds: Sequence[Round], area_id: str, today: date) -> Letter:
    return letters.reminder(to, [_closing(one) for one in rounds], area_id, today)


def _closing(found: Round) -> tuple[str, date]:
    return found.name, found.closes_on


def _unfinished_rounds(tx: Transaction) -> dict[str, list[Round]]:
    """The open rounds in which somebody has plans to finish, first to close first."""
    chosen = (
        select(Allocation.account_id, Round)
        .join(Round, col(Round.id) == Allocation.round_id)
        .where(Allocation.area_id == tx.area_id, Round.area_id == tx.area_id, Round.state == RoundState.OPEN)
        .where(col(Allocation.state) != AllocationState.ENDED, Round.closes_on >= instants.today())
        .order_by(col(Round.closes_on), col(Round.id))
    )
    found: dict[str, dict[str, Round]] = {}
    for account_id, one in tx.session.exec(chosen):
        found.setdefault(account_id, {})[one.id] = one
    return {account_id: list(rounds.values()) for account_id, rounds in found.items()}


def _note_reminded(tx: Transaction, round_id: str, account_ids: Collection[str]) -> None:
    chosen = select(RoundAuditor).where(RoundAuditor.round_id == round_id, col(RoundAuditor.account_id).in_(account_ids))
    for auditor in tx.session.exec(chosen):
        auditor.reminded_at = tx.now
        auditor.version += 1
    if account_ids:
        tx.record(AuditorsReminded(round_id, len(account_ids)))


def end_as_reassigned(tx: Transaction, given: Allocation) -> None:
    """The plan goes to somebody else before it was started."""
    _end(tx, given, Ending.REASSIGNED)


# --- shared ---------------------------------------------------------------------------------------------------------------


def unfinished(tx: Transaction, where: Any) -> list[Allocation]:
    """Allocations of the area that have not ended."""
    chosen = select(Allocation).where(Allocation.area_id == tx.area_id, where, col(Allocation.state) != AllocationState.ENDED)
    return list(tx.session.exec(chosen.order_by(col(Allocation.id))))


def addressees(tx: Transaction, account_ids: Iterable[str]) -> list[Addressee]:
    """Where letters to these people go."""
    wanted = select(Account).where(col(Account.id).in_(set(account_ids))).order_by(col(Account.id))
    return [Addressee(account.id, account.name, account.email) for account in tx.session.exec(wanted)]


def tell_of_change(tx: Transaction, found: Round, account_ids: Iterable[str]) -> None:
    """One letter per auditor with the next digest, in words that fit every change."""
    for to in addressees(tx, account_ids):
        queue(tx, letters.change(to, found.id, found.name, tx.now))
