"""What the room shows to whoever runs the meeting: one item, or a question with all its plans, and where the room goes on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlmodel import Session

from moderation.words import NotFound

from .item_states import ItemState, item_state
from .queries import MISSING
from .queries_agenda import AgendaItem, AgendaPlace, QuestionFacts, agenda_items, places_of
from .queries_cells import CellView, cell_views
from .queries_conflicts import barred_plans
from .queries_meetings import MeetingFacts, meeting_facts
from .queries_out import attending_item
from .queries_people import Attending
from .rules import refuse_barred
from .states import DECIDED
from .steps import Step

STEP_NAMES = ("Evidence", "Discussion", "Silent vote", "Decision")


@dataclass(frozen=True)
class RoomPage:
    """One item of a meeting in session: the one asked for, and where it belongs to a question, all plans of the question."""

    meeting: MeetingFacts
    item: AgendaItem
    turn: AgendaPlace
    places: tuple[AgendaPlace, ...]
    cells: Mapping[str, CellView]  # by disagreement
    attending: Attending
    now: ItemState
    barred: frozenset[str]  # plans whose items somebody else has to run

    @property
    def cell(self) -> CellView:
        return self.cells[self.item.disagreement_id]

    @property
    def question(self) -> QuestionFacts | None:
        return self.turn.question

    @property
    def draft(self) -> Mapping[str, Any]:
        return self.question.draft if self.question else self.item.draft

    @property
    def plans(self) -> tuple[tuple[AgendaItem, CellView], ...]:
        return tuple((item, self.cells[item.disagreement_id]) for item in self.turn.items)

    @property
    def open_plans(self) -> tuple[tuple[AgendaItem, CellView], ...]:
        """Those that are not settled."""
        return tuple((item, self.cells[item.disagreement_id]) for item in self.turn.standing)

    @property
    def form_plans(self) -> tuple[tuple[AgendaItem, CellView], ...]:
        """Those that the form is about: a decision that is sent twice is about plans that the first made settled."""
        return self.open_plans or tuple(pair for pair in self.plans if pair[0].state in DECIDED)

    @property
    def ends_at(self) -> datetime | None:
        """When the time of this item is over; None before anybody looked at it."""
        opened = self.item.opened_at
        return opened + timedelta(minutes=self.item.minutes) if opened else None

    def seconds_used(self, now: datetime) -> int:
        """Of the time of the item; never more than it has."""
        whole = self.item.minutes * 60
        return whole if self.ends_at is None else max(0, min(whole, whole - int((self.ends_at - now).total_seconds())))

    def time_left(self, now: datetime) -> str:
        """In whole minutes; the time may be used up, which stops nobody."""
        seconds = int((self.ends_at - now).total_seconds()) if self.ends_at else 0
        return f"{ceil(seconds / 60)} min left" if seconds > 0 else f"0 min left, {-seconds // 60} over"

    @property
    def steps(self) -> tuple[tuple[str, str, str], ...]:
        """Name, note and place of each step: done, now or next."""
        at = 4 if self.turn.is_settled else list(Step).index(self.now.step) - 1
        return tuple(
            (name, "", "done" if place < at else "now" if place == at else "next") for place, name in enumerate(STEP_NAMES)
        )

    @property
    def following(self) -> AgendaPlace | None:
        """The next place that is not settled, after this one or from the beginning."""
        return following(self.places, self.turn, self.barred)

    @property
    def for_others(self) -> int:
        """How many items are left for another moderator."""
        return sum(place.is_out(self.barred) for place in self.places)


def following(places: Sequence[AgendaPlace], turn: AgendaPlace, barred: Collection[str]) -> AgendaPlace | None:
    """The next place that is not settled and that this person may run, after this one or from the beginning."""
    later = [one for one in places if one.place > turn.place] + list(places)
    mine = (one for one in later if one.place != turn.place and not one.is_out(barred))
    return next((one for one in mine if not one.is_settled), None)


@dataclass(frozen=True)
class RoomNow:
    """What the chair's page asks for again and again."""

    meeting: MeetingFacts
    attending: Attending
    now: ItemState


def room_now(session: Session, area_id: str, meeting_id: str, item_id: str, account_id: str) -> RoomNow:
    """How far an item is and who is here, for the person who runs the meeting."""
    meeting = meeting_facts(session, area_id, meeting_id)
    now = item_state(session, area_id, meeting_id, account_id, item_id)
    if now is None:
        raise NotFound(MISSING)
    barred = barred_plans(session, area_id, meeting.round.round_id, account_id)
    out = [barred[plan] for plan in now.open_plans or now.plans if plan in barred]
    if out:
        refuse_barred(account_id == meeting.moderator_id, out[0])
    return RoomNow(meeting, attending_item(session, area_id, meeting, now.plans), now)


def room_page(session: Session, area_id: str, meeting_id: str, item_id: str, account_id: str) -> RoomPage:
    """One item for the person who runs the meeting; not there for somebody who may not moderate its plan."""
    meeting = meeting_facts(session, area_id, meeting_id)
    items = agenda_items(session, area_id, meeting)
    item = next((one for one in items if one.item_id == item_id), None)
    now = item_state(session, area_id, meeting_id, account_id, item_id)
    if item is None or now is None:
        raise NotFound(MISSING)
    barred = barred_plans(session, area_id, meeting.round.round_id, account_id)
    places = places_of(items)
    whole = next(one for one in places if one.place == item.place)
    turn = whole.without(barred)
    if turn is None or turn.is_out(barred):
        refuse_barred(account_id == meeting.moderator_id, whole.why_out(barred))
    shown = item if item in turn.items else turn.first
    cells = cell_views(session, area_id, meeting.round, [one.disagreement_id for one in turn.items], meeting_id)
    people = attending_item(session, area_id, meeting, [one.plan.round_plan_id for one in turn.items])
    return RoomPage(meeting, shown, turn, places, cells, people, now, frozenset(barred))
