"""The silent vote: who votes, what is revealed and when, what comes too late, and what nobody may ever see."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from moderation.allocate.events import ConflictRecorded
from moderation.allocate.tables import Conflict
from moderation.ledger import EventRow
from moderation.moderate import actions, ballots, decisions, meetings
from moderation.moderate.item_states import item_state
from moderation.moderate.states import DisagreementState
from moderation.moderate.steps import Step
from moderation.moderate.tables import AgreedRating, Ballot, MeetingItem, Revote
from moderation.words import InvalidInput, NotFound, Refused
from tests.actions.test_moderate_meetings import PLANS, TERMS, agreed, begin, cell, item, rows
from tests.build import Person, World, a_world, act_as
from tests.build_moderation import ClosedRound, a_closed_round


@pytest.fixture
def closed(engine: Engine, world: World) -> ClosedRound:
    closed = a_closed_round(engine, world, PLANS)
    act_as(engine, None, world.area_id, actions.find_disagreements, closed.id)
    return closed


@pytest.fixture
def meeting(engine: Engine, world: World, closed: ClosedRound) -> str:
    planned: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    return planned


@pytest.fixture
def voting(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> str:
    """The item on which Helen, Amina and Tom are voting."""
    begin(engine, world, meeting)
    found = item(engine, closed, "NF-1", "E01").id
    go(engine, world, meeting, found, Step.VOTING)
    return found


def go(engine: Engine, world: World, meeting: str, item_id: str, to: Step) -> None:
    act_as(engine, world.priya, world.area_id, ballots.take_step, meeting, item_id, to)


def vote(engine: Engine, world: World, person: Person, meeting: str, item_id: str, answer: str) -> bool:
    done: bool = act_as(engine, person, world.area_id, ballots.cast, meeting, item_id, answer)
    return done


def step_of(engine: Engine, item_id: str) -> Step:
    with Session(engine) as session:
        return session.get_one(MeetingItem, item_id).step


def test_the_last_vote_reveals_all_of_them(engine: Engine, world: World, meeting: str, voting: str) -> None:
    assert not vote(engine, world, world.helen, meeting, voting, "2")
    assert not vote(engine, world, world.amina, meeting, voting, "3")
    assert rows(engine, Revote) == [] and step_of(engine, voting) is Step.VOTING
    assert vote(engine, world, world.tom, meeting, voting, "abstain")
    assert sorted((row.value or 0, row.original_rater) for row in rows(engine, Revote)) == [(0, True), (2, True), (3, True)]
    assert rows(engine, Ballot) == [] and step_of(engine, voting) is Step.REVEALED


def test_the_chair_reveals_without_the_last_vote(engine: Engine, world: World, meeting: str, voting: str) -> None:
    vote(engine, world, world.helen, meeting, voting, "2")
    go(engine, world, meeting, voting, Step.REVEALED)
    go(engine, world, meeting, voting, Step.REVEALED)
    assert [row.account_id for row in rows(engine, Revote)] == [world.helen.id]


def test_a_vote_after_the_reveal_is_refused_and_told_so(engine: Engine, world: World, meeting: str, voting: str) -> None:
    vote(engine, world, world.helen, meeting, voting, "2")
    go(engine, world, meeting, voting, Step.REVEALED)
    with pytest.raises(Refused, match="too late"):
        vote(engine, world, world.amina, meeting, voting, "3")
    assert len(rows(engine, Revote)) == 1 and rows(engine, Ballot) == []


def test_a_vote_can_be_changed_until_the_reveal(engine: Engine, world: World, meeting: str, voting: str) -> None:
    vote(engine, world, world.helen, meeting, voting, "2")
    vote(engine, world, world.helen, meeting, voting, "4")
    go(engine, world, meeting, voting, Step.REVEALED)
    assert [row.value for row in rows(engine, Revote)] == [4]


def test_a_cancelled_vote_is_gone(engine: Engine, world: World, meeting: str, voting: str) -> None:
    vote(engine, world, world.helen, meeting, voting, "2")
    go(engine, world, meeting, voting, Step.DISCUSSION)
    assert rows(engine, Ballot) == [] and rows(engine, Revote) == []
    with pytest.raises(Refused, match="not open"):
        vote(engine, world, world.amina, meeting, voting, "3")
    go(engine, world, meeting, voting, Step.VOTING)


@pytest.mark.parametrize("answer", ["", "5", "2.5", "-1", "nonsense", "٣", "9" * 40])
def test_a_vote_is_an_answer_of_the_paper(engine: Engine, world: World, meeting: str, voting: str, answer: str) -> None:
    with pytest.raises(InvalidInput):
        vote(engine, world, world.helen, meeting, voting, answer)
    assert rows(engine, Ballot) == []


def test_only_those_who_are_here_vote(engine: Engine, world: World, meeting: str, voting: str) -> None:
    for stranger in (world.robert, world.grace, world.priya, a_world(engine, "Southfield", "south.example").helen):
        with pytest.raises(NotFound):
            vote(engine, world, stranger, meeting, voting, "2")
    act_as(engine, world.priya, world.area_id, meetings.record_attendance, meeting, [world.helen.id])
    with pytest.raises(NotFound):
        vote(engine, world, world.amina, meeting, voting, "2")
    act_as(engine, world.amina, world.area_id, ballots.join, meeting)
    assert not vote(engine, world, world.amina, meeting, voting, "2")


def test_somebody_with_a_conflict_neither_votes_nor_is_waited_for(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    def conflict(tx) -> None:  # type: ignore[no-untyped-def]
        row = Conflict(area_id=world.area_id, account_id=world.tom.id, setting="Oak School", reason="Governor", declared_at=tx.now)
        tx.session.add(row)
        tx.record(ConflictRecorded(row.id, world.tom.id))

    begin(engine, world, meeting)
    act_as(engine, world.grace, world.area_id, conflict)
    found = item(engine, closed, "NF-1", "E01").id
    go(engine, world, meeting, found, Step.VOTING)
    with pytest.raises(NotFound):
        vote(engine, world, world.tom, meeting, found, "2")
    vote(engine, world, world.helen, meeting, found, "2")
    assert vote(engine, world, world.amina, meeting, found, "2")


def test_nothing_is_decided_while_a_vote_is_open(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, voting: str
) -> None:
    with pytest.raises(Refused, match="vote on this item is open"):
        act_as(engine, world.priya, world.area_id, decisions.decide_item, voting, 1, agreed(closed))
    go(engine, world, meeting, voting, Step.REVEALED)
    act_as(engine, world.priya, world.area_id, decisions.decide_item, voting, 1, agreed(closed))
    assert len(rows(engine, AgreedRating)) == 1
    with pytest.raises(Refused, match="agreed"):
        go(engine, world, meeting, voting, Step.DISCUSSION)


def test_a_meeting_that_ends_during_a_vote_defers_the_item(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, voting: str
) -> None:
    vote(engine, world, world.helen, meeting, voting, "2")
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    assert cell(engine, closed, "NF-1", "E01").state is DisagreementState.DEFERRED
    assert rows(engine, Ballot) == [] and rows(engine, Revote) == []


def test_the_steps_are_for_those_who_may_moderate_the_plan(engine: Engine, world: World, meeting: str, voting: str) -> None:
    for person in (world.helen, a_world(engine, "Southfield", "south.example").priya):
        with pytest.raises(NotFound):
            area = world.area_id if person is world.helen else "elsewhere"
            act_as(engine, person, area, ballots.take_step, meeting, voting, Step.DISCUSSION)


def test_no_event_of_a_vote_carries_an_answer(engine: Engine, world: World, meeting: str, voting: str) -> None:
    vote(engine, world, world.helen, meeting, voting, "3")
    found = [row for row in rows(engine, EventRow) if row.name in ("BallotCast", "ItemStepTaken")]
    assert {row.name for row in found} == {"BallotCast", "ItemStepTaken"}
    assert all(set(row.content or {}) <= {"disagreement_id", "meeting_id", "step"} for row in found)


def test_going_back_to_an_item_keeps_its_step(engine: Engine, world: World, closed: ClosedRound, meeting: str, voting: str) -> None:
    other = item(engine, closed, "NF-2", "E01").id
    act_as(engine, world.priya, world.area_id, ballots.take_up, meeting, other)
    act_as(engine, world.priya, world.area_id, ballots.take_up, meeting, voting)
    assert (step_of(engine, other), step_of(engine, voting)) == (Step.EVIDENCE, Step.VOTING)
    with Session(engine) as session:
        now = item_state(session, world.area_id, meeting, world.helen.id)
    assert now is not None and now.item_id == voting and now.voters == 3
