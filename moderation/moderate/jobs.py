"""Moderation's scheduled work: closed rounds are looked through for disagreements, once each."""

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from moderation.allocate.rules import RoundState
from moderation.allocate.tables import Round
from moderation.ledger import CLOCK, Via, transaction
from moderation.settings import Settings

from . import actions
from .tables import RoutedRound


def find_disagreements(engine: Engine, settings: Settings) -> str:
    """Look through every closed round that nobody has looked through yet, each in a transaction of its own."""
    with Session(engine) as session:
        due = due_for_routing(session)
    for area_id, round_id in due:
        with transaction(engine, CLOCK, Via.JOB, area_id) as tx:
            actions.find_disagreements(tx, round_id)
    return f"{len(due)} round{'s' if len(due) > 1 else ''} looked through" if due else "nothing to look through"


def due_for_routing(session: Session) -> list[tuple[str, str]]:
    """Closed rounds that nobody has looked through yet: (area id, round id)."""
    routed = select(RoutedRound.round_id)
    waiting = select(Round.area_id, Round.id).where(Round.state == RoundState.CLOSED, col(Round.id).not_in(routed))
    return [(area_id, round_id) for area_id, round_id in session.exec(waiting.order_by(col(Round.closed_at), col(Round.id)))]
