"""What the meetings of a round discussed, whether or not they decided it."""

from sqlmodel import Session, col, select

from .states import DECIDED
from .steps import TALKED
from .tables import Disagreement, MeetingItem, Revote


def discussed_cells(session: Session, area_id: str, round_id: str) -> frozenset[tuple[str, str]]:
    """Plan and criterion of all that a meeting talked about, voted on or decided, also where it deferred it or took its decision
    back. To read the evidence of an item, or to have it on an agenda, is no discussion."""
    chosen = select(Disagreement.id, Disagreement.round_plan_id, Disagreement.criterion_key, Disagreement.state)
    rows = session.exec(chosen.where(Disagreement.area_id == area_id, Disagreement.round_id == round_id)).all()
    talked = _talked_about(session, area_id, round_id)
    return frozenset((plan, criterion) for key, plan, criterion, state in rows if state in DECIDED or key in talked)


def _talked_about(session: Session, area_id: str, round_id: str) -> set[str]:
    of_round = select(Disagreement.id).where(Disagreement.area_id == area_id, Disagreement.round_id == round_id)
    items = select(MeetingItem.disagreement_id, MeetingItem.step, MeetingItem.former).where(
        MeetingItem.area_id == area_id, col(MeetingItem.disagreement_id).in_(of_round)
    )
    votes = select(Revote.disagreement_id).where(Revote.area_id == area_id, col(Revote.disagreement_id).in_(of_round))
    on_agendas = {key for key, step, former in session.exec(items) if step in TALKED or former}
    return on_agendas | set(session.exec(votes))
