"""The agenda pack: what everybody may read before a meeting, on paper. Auditor A, B and C; an agency only where it cannot name."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from moderation.words import NotFound

from .queries import MISSING
from .queries_agenda import AgendaItem, AgendaPlace, agenda_items, places_of
from .queries_attend import refuse_whoever_drew, seat_of
from .queries_cells import CellView, cell_views, for_observer
from .queries_conflicts import barred_plans, out_of_plans
from .queries_meetings import MeetingFacts, meeting_facts
from .states import MeetingState

OPEN_TO_MEMBERS = frozenset({MeetingState.INVITED, MeetingState.IN_SESSION})


@dataclass(frozen=True)
class PackPlace:
    """What takes one place on the agenda, and its evidence: plan by plan, without those with which the reader has a conflict of
    interest (`out`: how many)."""

    item: AgendaItem
    seen: tuple[CellView, ...]
    out: int


@dataclass(frozen=True)
class Pack:
    meeting: MeetingFacts
    places: tuple[PackPlace, ...]
    observes: bool


def pack_for_moderator(session: Session, area_id: str, meeting: MeetingFacts, account_id: str) -> Pack:
    """For whoever prepares the meeting; without plans they may not moderate (`barred_plans`)."""
    barred = barred_plans(session, area_id, meeting.round.round_id, account_id)
    return Pack(meeting, _places(session, area_id, meeting, frozenset(barred), False), False)


def pack_for_member(session: Session, area_id: str, meeting_id: str, account_id: str) -> Pack:
    """For somebody who is invited, until the meeting is over."""
    _, observes = seat_of(session, area_id, meeting_id, account_id)
    meeting = meeting_facts(session, area_id, meeting_id)
    refuse_whoever_drew(session, area_id, meeting, account_id)
    if meeting.state not in OPEN_TO_MEMBERS:
        raise NotFound(MISSING)
    hidden = out_of_plans(session, area_id, meeting.round.round_id, [account_id])[account_id]
    return Pack(meeting, _places(session, area_id, meeting, hidden, observes), observes)


def _places(session: Session, area_id: str, meeting: MeetingFacts, hidden: frozenset[str], observes: bool) -> tuple[PackPlace, ...]:
    items = agenda_items(session, area_id, meeting)
    wanted = [item.disagreement_id for item in items if item.plan.round_plan_id not in hidden]
    cells = cell_views(session, area_id, meeting.round, wanted)
    return tuple(_place(place, cells, observes) for place in places_of(items))


def _place(place: AgendaPlace, cells: Mapping[str, CellView], observes: bool) -> PackPlace:
    found = [cells[item.disagreement_id] for item in place.counting if item.disagreement_id in cells]
    seen = tuple(for_observer(cell) for cell in found) if observes else tuple(found)
    return PackPlace(place.first, seen, len(place.counting) - len(seen))
