"""The agenda pack: what everybody may read before a meeting, on paper. Auditor A, B and C; an agency only where it cannot name."""

from dataclasses import dataclass

from sqlmodel import Session

from moderation.words import NotFound

from .queries import MISSING
from .queries_agenda import AgendaItem, agenda_items
from .queries_attend import seat_of
from .queries_conflicts import barred_plans, conflicted_plans
from .queries_meetings import MeetingFacts, meeting_facts
from .queries_room import CellView, cell_view, for_observer
from .states import MeetingState

OPEN_TO_MEMBERS = frozenset({MeetingState.INVITED, MeetingState.IN_SESSION})


@dataclass(frozen=True)
class PackItem:
    """An item and its evidence; none where the reader has a conflict of interest with the plan."""

    item: AgendaItem
    cell: CellView | None


@dataclass(frozen=True)
class Pack:
    meeting: MeetingFacts
    items: tuple[PackItem, ...]
    observes: bool


def pack_for_moderator(session: Session, area_id: str, meeting: MeetingFacts, account_id: str) -> Pack:
    """For whoever prepares the meeting; without plans they scored or have a conflict with."""
    barred = barred_plans(session, area_id, meeting.round.round_id, account_id)
    return Pack(meeting, _items(session, area_id, meeting, frozenset(barred), False), False)


def pack_for_member(session: Session, area_id: str, meeting_id: str, account_id: str) -> Pack:
    """For somebody who is invited, until the meeting is over."""
    _, observes = seat_of(session, area_id, meeting_id, account_id)
    meeting = meeting_facts(session, area_id, meeting_id)
    if meeting.state not in OPEN_TO_MEMBERS:
        raise NotFound(MISSING)
    hidden = frozenset(conflicted_plans(session, area_id, meeting.round.round_id, account_id))
    return Pack(meeting, _items(session, area_id, meeting, hidden, observes), observes)


def _items(session: Session, area_id: str, meeting: MeetingFacts, hidden: frozenset[str], observes: bool) -> tuple[PackItem, ...]:
    return tuple(
        PackItem(item, None if item.plan.round_plan_id in hidden else _cell(session, area_id, meeting, item, observes))
        for item in agenda_items(session, area_id, meeting)
    )


def _cell(session: Session, area_id: str, meeting: MeetingFacts, item: AgendaItem, observes: bool) -> CellView:
    cell = cell_view(session, area_id, meeting.round, item.disagreement_id)
    return for_observer(cell) if observes else cell
