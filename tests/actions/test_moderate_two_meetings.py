"""Two meetings are held at once, with the same plans on their agendas: each decision, deferral, carrying and cancelling has one
outcome, and the minutes of each meeting tell only what that meeting did."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from moderation.ledger import EventRow
from moderation.moderate import actions, agendas, ballots, confirmations, decisions, drafts, meetings, questions, reopening
from moderation.moderate.queries_agenda import agenda_items
from moderation.moderate.queries_carried import carried_over
from moderation.moderate.queries_meetings import meeting_facts, meeting_lines
from moderation.moderate.queries_minutes import minutes_page
from moderation.moderate.queries_room import RoomPage, room_page
from moderation.moderate.question_decisions import PlanDecision, QuestionDecision, decide_question, defer_question
from moderation.moderate.record import ItemRecord
from moderation.moderate.states import Basis, DisagreementState
from moderation.moderate.steps import Step
from moderation.moderate.tables import AgreedRating, Disagreement, MeetingItem
from moderation.words import Refused
from tests.actions.test_moderate_meetings import PLANS, TERMS, agreed, cell, list_all, rows
from tests.build import World, act_as
from tests.build_moderation import ClosedRound, a_routed_round

pytestmark = pytest.mark.scene(a_routed_round, PLANS)


class Rooms:
    """The first meeting is in session and has deferred E01 of NF-1; the second has put it on its agenda."""

    def __init__(self, engine: Engine, world: World, closed: ClosedRound) -> None:
        self.engine, self.world, self.round_id = engine, world, closed.id
        self.wanted = cell(engine, closed, "NF-1", "E01").id
        self.first = self.do(meetings.create_meeting, closed.id, TERMS)
        self.second = self.do(meetings.create_meeting, closed.id, replace(TERMS, title="Meeting 2"))
        list_all(engine, world, self.first)
        self.begin(self.first)
        self.do(decisions.defer_item, self.item(self.first).id, 1, "Ask the school")
        self.do(agendas.put_on_agenda, self.second, [self.wanted])

    def do(self, verb, *arguments):  # type: ignore[no-untyped-def]
        return act_as(self.engine, self.world.priya, self.world.area_id, verb, *arguments)

    def begin(self, meeting: str) -> None:
        self.do(meetings.begin, meeting, [self.world.helen.id, self.world.amina.id, self.world.tom.id])

    def item(self, meeting: str) -> MeetingItem:
        return next(
            row for row in rows(self.engine, MeetingItem) if (row.meeting_id, row.disagreement_id) == (meeting, self.wanted)
        )

    def minutes(self, meeting: str) -> ItemRecord:
        """Of the item; the meeting is over."""
        with Session(self.engine) as session:
            items = minutes_page(session, self.world.area_id, meeting).record.items
        return next(one for one in items if (one.plan, one.key) == ("NF-1", "E01"))

    def shown(self, meeting: str) -> RoomPage:
        with Session(self.engine) as session:
            return room_page(session, self.world.area_id, meeting, self.item(meeting).id, self.world.priya.id)

    def counts(self) -> dict[str, tuple[int, int]]:
        with Session(self.engine) as session:
            return {line.meeting.meeting_id: (line.decided, line.deferred) for line in meeting_lines(session, self.world.area_id)}

    def left_over(self, meeting: str) -> dict[tuple[str, str], str]:
        with Session(self.engine) as session:
            facts = meeting_facts(session, self.world.area_id, meeting)
            lines = carried_over(session, self.world.area_id, facts, self.world.priya.id)
        return {(line.references, line.key): line.why for line in lines}

    @property
    def state(self) -> DisagreementState:
        return next(row.state for row in rows(self.engine, Disagreement) if row.id == self.wanted)


@pytest.fixture
def rooms(engine: Engine, world: World, closed: ClosedRound) -> Rooms:
    return Rooms(engine, world, closed)


@pytest.mark.parametrize("ends_first", ["first", "second"])
def test_the_minutes_of_the_meeting_that_deferred_an_item_do_not_claim_what_the_other_decided(
    rooms: Rooms, closed: ClosedRound, ends_first: str
) -> None:
    rooms.begin(rooms.second)
    rooms.do(decisions.decide, rooms.second, [agreed(closed, lesson="Say how many.")])
    order = [rooms.first, rooms.second] if ends_first == "first" else [rooms.second, rooms.first]
    for meeting in order:
        rooms.do(meetings.conclude, meeting)
    here, there = rooms.minutes(rooms.first), rooms.minutes(rooms.second)
    assert (here.agreed, here.lessons, here.auditors, here.deferred_reason) == (None, (), (), "Ask the school")
    assert there.agreed and (there.agreed.rating, there.lessons) == ("Requires improvement", ("Say how many.",))
    assert rooms.counts() == {rooms.first: (0, 1), rooms.second: (1, 0)} and rooms.state is DisagreementState.AGREED
    concluded = [row.content for row in rows(rooms.engine, EventRow) if row.name == "MeetingConcluded"]
    assert {one["meeting_id"]: one["decided"] for one in concluded} == {rooms.first: 0, rooms.second: 1}


def test_the_room_that_deferred_an_item_shows_it_deferred_whatever_the_other_decides(rooms: Rooms, closed: ClosedRound) -> None:
    rooms.begin(rooms.second)
    for _ in ("before", "after"):
        shown = rooms.shown(rooms.first)
        assert shown.turn.is_settled and shown.item.state is shown.cell.state is shown.now.state is DisagreementState.DEFERRED
        assert shown.cell.agreed is None and shown.following and shown.following.item_id != shown.item.item_id
        if rooms.state is DisagreementState.LISTED:
            rooms.do(decisions.decide, rooms.second, [agreed(closed)])
    assert rooms.shown(rooms.second).cell.agreed


@pytest.mark.parametrize("decided", [False, True])
def test_the_meeting_that_deferred_an_item_has_no_more_say_in_it(rooms: Rooms, closed: ClosedRound, decided: bool) -> None:
    rooms.begin(rooms.second)
    if decided:
        rooms.do(decisions.decide, rooms.second, [agreed(closed, value=3)])
    before, mine = rows(rooms.engine, AgreedRating), rooms.item(rooms.first)
    state, draft = rooms.state, {"reason": "Late"}
    vote = decisions.Vote(closed.plans["NF-1"], "E01", rooms.world.helen.id, 3)
    for verb, *arguments in (
        (decisions.decide_item, mine.id, mine.version, agreed(closed)),
        (decisions.defer_item, mine.id, mine.version, "Again"),
        (decisions.record_revotes, rooms.first, [vote]),
        (ballots.take_step, rooms.first, mine.id, Step.DISCUSSION),
        (ballots.take_step, rooms.first, mine.id, Step.VOTING),
        (reopening.reopen_item, rooms.first, mine.id, mine.version),
        (drafts.save_draft, rooms.first, mine.id, "w", 0, draft),
    ):
        with pytest.raises(Refused, match="is deferred"):
            rooms.do(verb, *arguments)
    assert (rows(rooms.engine, AgreedRating), rooms.item(rooms.first), rooms.state) == (before, mine, state)


def test_an_item_waits_again_when_the_meeting_it_was_carried_to_is_cancelled(rooms: Rooms) -> None:
    with pytest.raises(Refused, match="is deferred"):
        rooms.do(ballots.take_step, rooms.first, rooms.item(rooms.first).id, Step.DISCUSSION)
    rooms.do(meetings.cancel_meeting, rooms.second)
    assert rooms.state is DisagreementState.FOUND
    rooms.do(meetings.conclude, rooms.first)
    third = rooms.do(meetings.create_meeting, rooms.round_id, replace(TERMS, title="Meeting 3"))
    assert rooms.left_over(third)["NF-1", "E01"] == "Deferred in Meeting 1: Ask the school"
    assert rooms.do(actions.defer_rest, rooms.round_id) > 0 and rooms.minutes(rooms.first).deferred_reason == "Ask the school"
    rooms.do(actions.publish_round, rooms.round_id)


def test_what_both_meetings_defer_is_left_over_once_and_each_gives_its_own_reason(rooms: Rooms) -> None:
    rooms.begin(rooms.second)
    rooms.do(decisions.defer_item, rooms.item(rooms.second).id, 1, "No time")
    for meeting in (rooms.first, rooms.second):
        rooms.do(meetings.conclude, meeting)
    assert [rooms.minutes(one).deferred_reason for one in (rooms.first, rooms.second)] == ["Ask the school", "No time"]
    third = rooms.do(meetings.create_meeting, rooms.round_id, replace(TERMS, title="Meeting 3"))
    assert rooms.left_over(third)["NF-1", "E01"] == "Deferred in Meeting 2: No time"


def test_a_question_that_was_deferred_is_not_reopened_where_it_was_deferred(
    engine: Engine, world: World, rooms: Rooms, closed: ClosedRound
) -> None:
    wanted = [cell(engine, closed, reference, "E01").id for reference in ("NF-1", "NF-2")]
    third, fourth = (rooms.do(meetings.create_meeting, closed.id, replace(TERMS, title=title)) for title in ("M3", "M4"))
    rooms.do(meetings.cancel_meeting, rooms.second)
    rooms.do(meetings.conclude, rooms.first)
    items = []
    for meeting in (third, fourth):
        rooms.do(questions.put_question, meeting, wanted)
        rooms.begin(meeting)
        items.append(rooms.item(meeting).id)
        if meeting == third:
            rooms.do(defer_question, items[0], 1, "No time")
    plans = {key: PlanDecision(3, None, Basis.MAJORITY) for key in wanted}
    rooms.do(decide_question, items[1], 1, QuestionDecision(plans, "Three is enough."))
    with pytest.raises(Refused, match="is deferred"):
        rooms.do(reopening.reopen_question, third, items[0], 2)
    assert len(rows(engine, AgreedRating)) == 2
    for meeting in (third, fourth):
        rooms.do(meetings.conclude, meeting)
    assert rooms.minutes(third).deferred_reason == "No time" and rooms.minutes(third).agreed is None
    assert rooms.minutes(fourth).agreed


@pytest.mark.parametrize("more", ["", " And more in the third."])
def test_the_minutes_of_a_meeting_have_no_notes_that_another_one_took(rooms: Rooms, closed: ClosedRound, more: str) -> None:
    third = rooms.do(meetings.create_meeting, closed.id, replace(TERMS, title="Meeting 3"))
    other = next(row for row in rows(rooms.engine, MeetingItem) if row.meeting_id == rooms.first and not row.deferred_reason)
    rooms.do(decisions.defer_item, other.id, 1, "No time")
    rooms.do(agendas.put_on_agenda, third, [other.disagreement_id])
    for meeting in (rooms.second, third):
        rooms.begin(meeting)
    rooms.do(drafts.save_draft, rooms.second, rooms.item(rooms.second).id, "w", 0, {"notes": "Said in the second only."})
    rooms.do(decisions.defer_item, rooms.item(rooms.second).id, 1, "Ask the health visitor")
    rooms.do(agendas.put_on_agenda, third, [rooms.wanted])
    found = rooms.item(third)
    assert found.draft and found.draft["values"] == {"notes": "Said in the second only."}, "it is there to go on with"
    if more:
        typed = {"notes": "Said in the second only." + more}
        rooms.do(drafts.save_draft, third, found.id, "x", found.draft["version"], typed)
    for meeting in (rooms.second, third):
        rooms.do(meetings.conclude, meeting)
    assert (rooms.minutes(rooms.second).notes, rooms.minutes(third).notes) == ("Said in the second only.", more.strip())


def test_a_plan_that_leaves_a_question_brings_no_notes_of_another_meeting_into_the_minutes(
    rooms: Rooms, engine: Engine, closed: ClosedRound
) -> None:
    wanted = [cell(engine, closed, reference, "E01").id for reference in ("NF-1", "NF-2")]
    third, fourth = (rooms.do(meetings.create_meeting, closed.id, replace(TERMS, title=title)) for title in ("M3", "M4"))
    rooms.do(meetings.cancel_meeting, rooms.second)
    rooms.do(meetings.conclude, rooms.first)
    for meeting in (third, fourth):
        rooms.do(questions.put_question, meeting, wanted)
        rooms.begin(meeting)
        item = rooms.item(meeting)
        if meeting == third:
            rooms.do(drafts.save_draft, third, item.id, "w", 0, {f"note-{rooms.wanted}": "Of the third.", "notes": "Of both."})
            rooms.do(defer_question, item.id, 1, "No time")
            rooms.do(meetings.conclude, third)
    rooms.do(questions.take_alone, fourth, item.id)
    rooms.do(meetings.conclude, fourth)
    assert (rooms.minutes(third).notes, rooms.minutes(third).question_notes) == ("Of the third.", "Of both.")
    assert rooms.minutes(fourth).notes == ""
    with Session(engine) as session:
        assert all(item.question_notes == "" for item in minutes_page(session, rooms.world.area_id, fourth).record.items)


def states_of(rooms: Rooms, meeting: str) -> list[DisagreementState]:
    """Of the item, on the agenda of a meeting."""
    with Session(rooms.engine) as session:
        items = agenda_items(session, rooms.world.area_id, meeting_facts(session, rooms.world.area_id, meeting))
    return [item.state for item in items if item.disagreement_id == rooms.wanted]


def test_lists_of_meetings_say_what_their_minutes_say_whatever_a_later_meeting_makes_of_it(
    rooms: Rooms, closed: ClosedRound
) -> None:
    rooms.do(meetings.conclude, rooms.first)
    rooms.do(meetings.begin, rooms.second, [rooms.world.helen.id])
    rooms.do(decisions.decide, rooms.second, [agreed(closed)])
    rooms.do(meetings.conclude, rooms.second)
    third = rooms.do(meetings.create_meeting, closed.id, replace(TERMS, title="Meeting 3"))
    rooms.do(confirmations.take_up_again, third, rooms.wanted)
    rooms.begin(third)
    assert (rooms.counts()[rooms.second], rooms.counts()[third]) == ((1, 0), (0, 0)), "the second decided it, without a quorum"
    rooms.do(decisions.decide, third, [agreed(closed, value=3)])
    rooms.do(meetings.conclude, third)
    assert rooms.counts() == {rooms.first: (0, 1), rooms.second: (1, 0), third: (1, 0)}
    assert rooms.minutes(rooms.second).agreed
    assert states_of(rooms, rooms.first) == [DisagreementState.DEFERRED]
    assert states_of(rooms, rooms.second) == [DisagreementState.AGREED]


def test_what_a_meeting_did_not_reach_is_not_deferred_there_when_a_later_one_defers_it(rooms: Rooms) -> None:
    rooms.begin(rooms.second)
    rooms.do(meetings.conclude, rooms.second)
    third = rooms.do(meetings.create_meeting, rooms.round_id, replace(TERMS, title="Meeting 3"))
    rooms.do(agendas.put_on_agenda, third, [rooms.wanted])
    rooms.begin(third)
    rooms.do(decisions.defer_item, rooms.item(third).id, 1, "No time")
    assert (rooms.counts()[rooms.second], rooms.counts()[third]) == ((0, 0), (0, 1))
    assert (states_of(rooms, rooms.second), states_of(rooms, third)) == ([DisagreementState.FOUND], [DisagreementState.DEFERRED])
