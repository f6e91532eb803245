"""Moderation's scheduled work: closed rounds are looked through once, and what hangs on withdrawn plans is withdrawn."""

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from moderation import instants
from moderation.allocate.rules import RoundState
from moderation.allocate.tables import Round, RoundPlan
from moderation.ledger import CLOCK, Via, transaction
from moderation.settings import Settings
from moderation.words import plural

from . import actions, follow_up
from .states import OPEN, DisagreementState
from .tables import Disagreement, RoutedRound


def find_disagreements(engine: Engine, settings: Settings) -> str:
    """Look through every closed round that nobody has looked through yet, and again at those with withdrawn plans; each
    in a transaction of its own."""
    with Session(engine) as session:
        due, again = due_for_routing(session), due_for_withdrawal(session)
    for area_id, round_id in due:
        with transaction(engine, CLOCK, Via.JOB, area_id) as tx:
            actions.find_disagreements(tx, round_id)
    for area_id, round_id in again:
        with transaction(engine, CLOCK, Via.JOB, area_id) as tx:
            actions.withdraw_lapsed(tx, round_id)
    return f"{plural(len(due), 'round')} looked through" if due else "nothing to look through"


def chase_actions(engine: Engine, settings: Settings) -> str:
    """Tell leads of actions on plans that are overdue, once a week at most; each area in a transaction of its own."""
    with Session(engine) as session:
        areas = follow_up.areas_with_overdue(session, instants.today())
    told = 0
    for area_id in areas:
        with transaction(engine, CLOCK, Via.JOB, area_id) as tx:
            told += follow_up.chase(tx)
    return f"{plural(told, 'lead')} told of overdue actions"


def due_for_routing(session: Session) -> list[tuple[str, str]]:
    """Closed rounds that nobody has looked through yet: (area id, round id)."""
    routed = select(RoutedRound.round_id)
    waiting = select(Round.area_id, Round.id).where(Round.state == RoundState.CLOSED, col(Round.id).not_in(routed))
    return [(area_id, round_id) for area_id, round_id in session.exec(waiting.order_by(col(Round.closed_at), col(Round.id)))]


def due_for_withdrawal(session: Session) -> list[tuple[str, str]]:
    """Rounds in which a withdrawn plan still has an undecided disagreement: (area id, round id)."""
    undecided = col(Disagreement.state).in_([*OPEN, DisagreementState.DEFERRED])
    chosen = (
        select(Disagreement.area_id, Disagreement.round_id)
        .join(RoundPlan, col(RoundPlan.id) == Disagreement.round_plan_id)
        .join(Round, col(Round.id) == Disagreement.round_id)
        .where(undecided, col(RoundPlan.withdrawn_at).is_not(None), Round.state == RoundState.MODERATING)
        .distinct()
    )
    return [(area_id, round_id) for area_id, round_id in session.exec(chosen)]
