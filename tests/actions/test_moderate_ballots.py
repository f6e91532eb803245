"""The silent vote: who votes, what is revealed and when, what comes too late, and what nobody may ever see."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.allocate.events import ConflictRecorded
from moderation.allocate.tables import Conflict
from moderation.ledger import EventRow
from moderation.moderate import actions, ballots, decisions, meetings
from moderation.moderate.item_states import ItemState, item_state
from moderation.moderate.queries_minutes import minutes_page
from moderation.moderate.questions import put_question
from moderation.moderate.states import DisagreementState
from moderation.moderate.steps import Step
from moderation.moderate.tables import AgreedRating, Ballot, MeetingItem, Revote
from moderation.people.administration import disable_account
from moderation.register.tables import ChildCase
from moderation.score.actions import withdraw_plan
from moderation.words import InvalidInput, NotFound, Refused
from tests.actions.test_moderate_meetings import PLANS, TERMS, agreed, begin, cell, item, rows
from tests.build import Person, World, a_world, act_as
from tests.build_moderation import ClosedRound, a_routed_round
from tests.conftest import SignIn

pytestmark = pytest.mark.scene(a_routed_round, PLANS)


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


def governs(engine: Engine, world: World, person: Person) -> None:
    """Their conflict of interest with the plans of Oak School, which are all of these, becomes known."""

    def conflict(tx) -> None:  # type: ignore[no-untyped-def]
        row = Conflict(area_id=world.area_id, account_id=person.id, setting="Oak School", reason="Governor", declared_at=tx.now)
        tx.session.add(row)
        tx.record(ConflictRecorded(row.id, person.id))

    act_as(engine, world.grace, world.area_id, conflict)


def test_somebody_with_a_conflict_neither_votes_nor_is_waited_for(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    begin(engine, world, meeting)
    governs(engine, world, world.tom)
    found = item(engine, closed, "NF-1", "E01").id
    go(engine, world, meeting, found, Step.VOTING)
    with pytest.raises(NotFound):
        vote(engine, world, world.tom, meeting, found, "2")
    vote(engine, world, world.helen, meeting, found, "2")
    assert vote(engine, world, world.amina, meeting, found, "2")


def now(engine: Engine, world: World, meeting: str, item_id: str) -> ItemState:
    with Session(engine) as session:
        found = item_state(session, world.area_id, meeting, world.helen.id, item_id)
    assert found
    return found


def test_nobody_is_waited_for_whose_conflict_becomes_known_or_whose_account_is_disabled(
    engine: Engine, world: World, meeting: str, voting: str, sign_in: SignIn
) -> None:
    vote(engine, world, world.helen, meeting, voting, "2")
    chair = sign_in(world.priya)
    assert (now(engine, world, meeting, voting).voters, now(engine, world, meeting, voting).waits_for_nobody) == (3, False)
    assert "who may vote has voted" not in chair.get(f"/meetings/{meeting}/items/{voting}").text
    governs(engine, world, world.tom)
    act_as(engine, world.sam, world.area_id, disable_account, world.amina.id)
    found = now(engine, world, meeting, voting)
    assert (found.here, found.voters, found.voted, found.waits_for_nobody) == (2, 1, 1, True)
    page = chair.get(f"/meetings/{meeting}/items/{voting}").text
    assert "Everybody here who may vote has voted." in page and "Reveal the votes" in page
    go(engine, world, meeting, voting, Step.REVEALED)
    assert [row.account_id for row in rows(engine, Revote)] == [world.helen.id]


def test_a_vote_does_not_count_when_a_conflict_of_its_voter_becomes_known(
    engine: Engine, world: World, meeting: str, voting: str
) -> None:
    vote(engine, world, world.helen, meeting, voting, "2")
    governs(engine, world, world.helen)
    with pytest.raises(Refused, match="Nobody has voted yet"):
        go(engine, world, meeting, voting, Step.REVEALED)
    vote(engine, world, world.amina, meeting, voting, "3")
    assert vote(engine, world, world.tom, meeting, voting, "3")
    assert sorted(row.account_id for row in rows(engine, Revote)) == sorted([world.amina.id, world.tom.id])
    assert rows(engine, Ballot) == []


def test_only_the_vote_of_somebody_who_rated_the_plan_is_linked_to_a_rating(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    people = (world.helen, world.robert, world.amina, world.tom)
    begin(engine, world, meeting, *people)
    found = item(engine, closed, "NF-1", "E01").id
    go(engine, world, meeting, found, Step.VOTING)
    for person in people:
        vote(engine, world, person, meeting, found, "3")
    linked = {row.account_id: row.original_rater for row in rows(engine, Revote)}
    assert linked == {world.helen.id: True, world.robert.id: False, world.amina.id: True, world.tom.id: True}


def test_a_vote_is_not_revealed_before_anybody_has_voted_and_is_the_first_one_afterwards(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, voting: str
) -> None:
    with pytest.raises(Refused, match="nothing to reveal"):
        go(engine, world, meeting, voting, Step.REVEALED)
    for person in (world.helen, world.amina, world.tom):
        vote(engine, world, person, meeting, voting, "3")
    assert {(row.ballot_number, row.original_rater) for row in rows(engine, Revote)} == {(1, True)}
    act_as(engine, world.priya, world.area_id, decisions.decide_item, voting, 1, agreed(closed, value=3))
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    with Session(engine) as session:
        (linked,) = minutes_page(session, world.area_id, meeting).record.linked
    assert (linked.same_before, linked.same_after) == (False, True)


def leaves(engine: Engine, world: World, meeting: str, person: Person) -> None:
    act_as(engine, person, world.area_id, ballots.leave, meeting)


def is_marked_gone(engine: Engine, world: World, meeting: str, person: Person) -> None:
    here = [one.id for one in (world.helen, world.amina, world.tom) if one is not person]
    act_as(engine, world.priya, world.area_id, meetings.record_attendance, meeting, here)


@pytest.mark.parametrize("go_away", [leaves, is_marked_gone])
def test_when_the_last_person_who_has_not_voted_leaves_the_votes_are_revealed(  # type: ignore[no-untyped-def]
    engine: Engine, world: World, meeting: str, voting: str, go_away
) -> None:
    vote(engine, world, world.helen, meeting, voting, "2")
    vote(engine, world, world.amina, meeting, voting, "3")
    go_away(engine, world, meeting, world.tom)
    assert step_of(engine, voting) is Step.REVEALED
    assert sorted(row.account_id for row in rows(engine, Revote)) == sorted([world.helen.id, world.amina.id])


def test_a_vote_stays_open_when_somebody_leaves_and_another_has_not_voted_or_nobody_is_left(
    engine: Engine, world: World, meeting: str, voting: str
) -> None:
    vote(engine, world, world.helen, meeting, voting, "2")
    for person in (world.helen, world.tom, world.amina):  # who has voted, who has not, and the last one
        leaves(engine, world, meeting, person)
        assert step_of(engine, voting) is Step.VOTING and rows(engine, Revote) == []
    act_as(engine, world.amina, world.area_id, ballots.join, meeting)
    assert vote(engine, world, world.amina, meeting, voting, "3")
    assert len(rows(engine, Revote)) == 2


def lapse(engine: Engine, world: World, closed: ClosedRound, reference: str) -> None:
    """The lead withdraws a plan, and the job takes its disagreements along."""
    act_as(engine, world.grace, world.area_id, withdraw_plan, closed.plans[reference], "Sent to us by mistake")
    act_as(engine, None, world.area_id, actions.withdraw_lapsed, closed.id)


def test_a_vote_on_a_plan_that_is_withdrawn_meanwhile_is_refused_and_none_is_left_over(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, voting: str
) -> None:
    vote(engine, world, world.helen, meeting, voting, "2")
    lapse(engine, world, closed, "NF-1")
    assert rows(engine, Ballot) == [] and step_of(engine, voting) is Step.DISCUSSION
    with pytest.raises(Refused, match="This item is withdrawn, so your vote came too late"):
        vote(engine, world, world.amina, meeting, voting, "3")


def test_a_question_goes_on_voting_without_the_plan_that_is_withdrawn(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    asked = [cell(engine, closed, reference, "E01").id for reference in ("NF-1", "NF-2")]
    act_as(engine, world.priya, world.area_id, put_question, meeting, asked)
    act_as(engine, world.priya, world.area_id, meetings.begin, meeting, [world.helen.id, world.amina.id])
    gone, stays = (item(engine, closed, reference, "E01").id for reference in ("NF-1", "NF-2"))
    go(engine, world, meeting, stays, Step.VOTING)
    act_as(engine, world.helen, world.area_id, ballots.cast_all, meeting, stays, dict.fromkeys(asked, "2"))
    lapse(engine, world, closed, "NF-1")
    assert [row.item_id for row in rows(engine, Ballot)] == [stays]
    assert (step_of(engine, gone), step_of(engine, stays)) == (Step.DISCUSSION, Step.VOTING)
    assert act_as(engine, world.amina, world.area_id, ballots.cast_all, meeting, stays, dict.fromkeys(asked, "3"))
    assert {row.disagreement_id for row in rows(engine, Revote)} == {asked[1]} and rows(engine, Ballot) == []


def test_nothing_is_decided_while_a_vote_is_open(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, voting: str
) -> None:
    with pytest.raises(Refused, match="vote on this item is open"):
        act_as(engine, world.priya, world.area_id, decisions.decide_item, voting, 1, agreed(closed))
    vote(engine, world, world.helen, meeting, voting, "2")
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


def test_a_question_is_revealed_when_the_last_vote_missing_was_on_a_plan_that_is_withdrawn(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    asked = [cell(engine, closed, reference, "E01").id for reference in ("NF-1", "NF-2")]
    act_as(engine, world.priya, world.area_id, put_question, meeting, asked)
    act_as(engine, world.priya, world.area_id, meetings.begin, meeting, [world.helen.id, world.amina.id])
    knows_child(engine, world, world.amina, "NF-2")  # so that her vote is on NF-1 alone
    stays = item(engine, closed, "NF-2", "E01").id
    go(engine, world, meeting, stays, Step.VOTING)
    act_as(engine, world.helen, world.area_id, ballots.cast_all, meeting, stays, dict.fromkeys(asked, "2"))
    lapse(engine, world, closed, "NF-1")
    assert step_of(engine, stays) is Step.REVEALED
    assert [(row.disagreement_id, row.account_id) for row in rows(engine, Revote)] == [(asked[1], world.helen.id)]


def knows_child(engine: Engine, world: World, person: Person, reference: str) -> None:
    def conflict(tx) -> None:  # type: ignore[no-untyped-def]
        case = tx.session.exec(select(ChildCase.id).where(ChildCase.reference == reference)).one()
        row = Conflict(area_id=world.area_id, account_id=person.id, case_id=case, reason="Neighbour", declared_at=tx.now)
        tx.session.add(row)
        tx.record(ConflictRecorded(row.id, person.id))

    act_as(engine, world.grace, world.area_id, conflict)
