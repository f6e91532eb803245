"""What becomes of the actions on plans that meetings agreed: done, no longer needed, opened again; a word when they are late."""

from datetime import date

from sqlmodel import Session, col, select

from moderation import post
from moderation.allocate.population import secret_plans
from moderation.instants import london
from moderation.ledger import Transaction
from moderation.people.queries import people_with
from moderation.web.filters import plural
from moderation.words import InvalidInput, NotFound, Problem, Role

from .events import ActionOpenedAgain, ActionsChased, ActionSettled
from .meeting_rules import ActionState, lateness, move_action, wants_word
from .queries import MISSING
from .states import OVER
from .tables import Meeting, PlanAction


def settle_action(tx: Transaction, action_id: str, version: int, to: ActionState, note: str) -> None:
    """It is done, or no longer needed. The same again changes nothing; whoever comes second with something else sees both."""
    row = _action(tx, action_id)
    if (row.state, row.note) == (to, note.strip()):
        return
    if not note.strip():
        raise InvalidInput([Problem("note", "Enter what was done, or why it is not needed any more")])
    tx.fresh(row, version, mine={"state": to.words, "note": note})
    row.state, row.note = move_action(row.state, to), note.strip()
    row.settled_at, row.settled_by = tx.now, tx.actor.account_id
    tx.record(ActionSettled(row.id, row.disagreement_id, to))


def open_again(tx: Transaction, action_id: str, version: int) -> None:
    """It was settled by mistake, or too early. Its note stays."""
    row = _action(tx, action_id)
    if row.state is ActionState.OPEN:
        return
    tx.fresh(row, version, mine={"state": ActionState.OPEN.words})
    row.state, row.settled_at, row.settled_by = move_action(row.state, ActionState.OPEN), None, None
    tx.record(ActionOpenedAgain(row.id, row.disagreement_id))


def _action(tx: Transaction, action_id: str) -> PlanAction:
    """Of a meeting that is over: before that it may still be taken back, and leads see nothing of it; nor of one on a plan that is
    still hidden."""
    row = tx.get(PlanAction, action_id)
    secret = set(tx.session.exec(secret_plans(tx.area_id)))
    if tx.get(Meeting, row.meeting_id).state not in OVER or row.round_plan_id in secret:
        raise NotFound(MISSING)
    return row


def areas_with_overdue(session: Session, today: date) -> list[str]:
    return sorted(set(session.exec(select(PlanAction.area_id).where(*_overdue(today)))))


def chase(tx: Transaction) -> int:
    """Tell the leads of the area how many actions are overdue, once a week at most. Returns how many letters went out."""
    today = london(tx.now).date()
    chosen = select(PlanAction).join(Meeting, col(Meeting.id) == PlanAction.meeting_id)
    rows = tx.session.exec(
        chosen.where(PlanAction.area_id == tx.area_id, *_overdue(today), col(Meeting.state).in_(OVER))
        .where(col(PlanAction.round_plan_id).not_in(secret_plans(tx.area_id)))
        .order_by(col(PlanAction.due_on))
    ).all()
    if not wants_word((row.told_on for row in rows), today):
        return 0
    leads = people_with(tx.session, tx.area_id, Role.LEAD)
    for lead in leads:
        post.queue(tx, _letter(tx.area_id, lead.name, lead.email, len(rows), rows[0].due_on, today))
    for row in rows:
        row.told_on = today
    tx.record(ActionsChased(tx.area_id, len(rows)))
    return len(leads)


def _overdue(today: date) -> tuple[bool, bool]:
    return PlanAction.state == ActionState.OPEN, PlanAction.due_on < today


def _letter(area_id: str, name: str, email: str, overdue: int, oldest: date, today: date) -> post.Letter:
    """It names no plan."""
    said = plural(overdue, "action on a plan is", "actions on plans are")
    body = (
        f"Hello {name},\n\n{said} overdue; the oldest is {lateness(oldest, today)}. Moderation meetings agreed on "
        f"{'it' if overdue == 1 else 'them'}. Please sign in, open Plan quality and then Actions on plans: say what is done or no "
        "longer needed, and ask whoever sees to the rest.\n\nThis letter comes once a week while an action is overdue.\n"
    )
    return post.Letter(email, f"{said} overdue", body, f"actions:{area_id}:{today.isoformat()}:{email}")
