"""An item that the chair of its meeting has to keep out of, because a conflict of interest became known late, or because they
may see who rated the plan."""

from dataclasses import dataclass

from sqlmodel import Session

from moderation.people.queries import people_with
from moderation.words import Role

from .queries_agenda import AgendaItem, AgendaPlace, agenda_items, places_of
from .queries_conflicts import barred_plans, drew_allocation
from .queries_meetings import MeetingFacts
from .queries_room import following


@dataclass(frozen=True)
class AsidePage:
    """What the chair sees instead of the item: nothing of the plan, who can run it, and where the chair goes on."""

    meeting: MeetingFacts
    item: AgendaItem
    items: int
    why: str
    able: tuple[str, ...]  # names of moderators who may run it
    following: AgendaPlace | None


def aside_page(session: Session, area_id: str, meeting: MeetingFacts, item_id: str, account_id: str) -> AsidePage | None:
    """None for everybody but a chair who is out of this item."""
    places = places_of(agenda_items(session, area_id, meeting))
    turn = next((one for one in places if any(item.item_id == item_id for item in one.items)), None)
    barred = barred_plans(session, area_id, meeting.round.round_id, account_id)
    if turn is None or account_id != meeting.moderator_id or not (turn.is_out(barred) or turn.without(barred) is None):
        return None
    item = next(one for one in turn.standing or turn.items if one.plan.round_plan_id in barred)
    able = _able(session, area_id, meeting.round.round_id, item.plan.round_plan_id)
    why = barred[item.plan.round_plan_id]
    return AsidePage(meeting, item, len(places), why, able, following(places, turn, barred))


def _able(session: Session, area_id: str, round_id: str, plan: str) -> tuple[str, ...]:
    return tuple(
        one.name
        for one in people_with(session, area_id, Role.MODERATOR)
        if plan not in barred_plans(session, area_id, round_id, one.account_id)
        and not drew_allocation(session, area_id, round_id, one.account_id)
    )
