"""A second silent vote on an item: the first votes stay, the decision rests on the second, what is said of before and after on the
first."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from moderation.ledger import EventRow
from moderation.moderate import ballots, decisions, meetings
from moderation.moderate.item_states import item_state
from moderation.moderate.queries_minutes import minutes_page
from moderation.moderate.queries_room import room_page
from moderation.moderate.rules import Basis
from moderation.moderate.steps import Step
from moderation.moderate.tables import Ballot, MeetingItem, Revote
from moderation.track.queries.discussion import linked_votes
from moderation.words import InvalidInput, NotFound, Refused
from tests.actions.test_moderate_meetings import PLANS, TERMS, agreed, begin, item, rows
from tests.build import Person, World, act_as
from tests.build_moderation import ClosedRound, a_routed_round

pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def revealed(engine: Engine, world: World, closed: ClosedRound) -> MeetingItem:
    """E01 of NF-1, which Helen, Amina and Tom had rated 1, 3 and 3; Helen and Amina have voted 2 and 3, Tom could not judge."""
    meeting = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    begin(engine, world, meeting)
    found = item(engine, closed, "NF-1", "E01")
    act_as(engine, world.priya, world.area_id, ballots.take_step, meeting, found.id, Step.VOTING)
    for person, answer in ((world.helen, "2"), (world.amina, "3"), (world.tom, "abstain")):
        vote(engine, world, found, person, answer, 1)
    return found


def vote(engine: Engine, world: World, at: MeetingItem, person: Person, answer: str, number: int = 2) -> None:
    act_as(engine, person, world.area_id, ballots.cast, at.meeting_id, at.id, answer, number)


def again(engine: Engine, world: World, at: MeetingItem, person: Person | None = None, shown: int = 1) -> None:
    act_as(engine, person or world.priya, world.area_id, ballots.vote_again, at.meeting_id, at.id, shown)


def all_vote_two(engine: Engine, world: World, at: MeetingItem) -> None:
    for person in (world.helen, world.amina, world.tom):
        vote(engine, world, at, person, "2")


def names(engine: Engine, name: str) -> int:
    return sum(row.name == name for row in rows(engine, EventRow))


def test_the_second_votes_stand_beside_the_first_ones(engine: Engine, world: World, revealed: MeetingItem) -> None:
    first = {row.id: (row.account_id, row.value) for row in rows(engine, Revote)}
    again(engine, world, revealed)
    all_vote_two(engine, world, revealed)
    votes = rows(engine, Revote)
    assert {row.id: (row.account_id, row.value) for row in votes if row.ballot_number == 1} == first
    assert [row.value for row in votes if row.ballot_number == 2] == [2, 2, 2]
    with Session(engine) as session:
        page = room_page(session, world.area_id, revealed.meeting_id, revealed.id, world.priya.id)
    assert (page.cell.first_votes, page.cell.votes) == ({"2": 1, "3": 1}, {"2": 3})


def test_a_second_press_and_another_moderators_press_find_the_vote_open(
    engine: Engine, world: World, revealed: MeetingItem
) -> None:
    again(engine, world, revealed)
    vote(engine, world, revealed, world.helen, "2")
    again(engine, world, revealed)
    again(engine, world, revealed, world.ruth)
    assert [row.account_id for row in rows(engine, Ballot)] == [world.helen.id], "a vote that is in stays in"
    assert names(engine, "VotedAgain") == 1


def test_a_vote_meant_for_the_first_ballot_is_not_counted_in_the_second(
    engine: Engine, world: World, revealed: MeetingItem
) -> None:
    again(engine, world, revealed)
    with pytest.raises(Refused, match=r"so yours came too late.* There is a second vote"):
        vote(engine, world, revealed, world.tom, "4", number=1)
    assert rows(engine, Ballot) == []
    all_vote_two(engine, world, revealed)
    with pytest.raises(Refused, match="too late"):
        vote(engine, world, revealed, world.tom, "4")
    assert len(rows(engine, Revote)) == 6


def test_there_is_no_third_vote_and_none_before_the_reveal_or_after_the_decision(
    engine: Engine, world: World, closed: ClosedRound, revealed: MeetingItem
) -> None:
    other = item(engine, closed, "NF-2", "E01")
    with pytest.raises(Refused, match="can be voted on again after its votes are revealed"):
        again(engine, world, other)
    again(engine, world, revealed)
    all_vote_two(engine, world, revealed)
    for shown in (1, 2):
        with pytest.raises(Refused, match="voted on twice"):
            again(engine, world, revealed, shown=shown)
    version = rows(engine, MeetingItem)[0].version
    act_as(engine, world.priya, world.area_id, decisions.decide_item, revealed.id, version, agreed(closed, basis=Basis.UNANIMOUS))
    with pytest.raises(Refused, match="agreed"):
        again(engine, world, revealed)


def test_nobody_who_rated_the_plan_opens_it(engine: Engine, world: World, revealed: MeetingItem) -> None:
    with pytest.raises(NotFound):
        again(engine, world, revealed, world.helen)


def test_the_decision_rests_on_the_second_vote(engine: Engine, world: World, closed: ClosedRound, revealed: MeetingItem) -> None:
    """The area's rule is the majority's: after the first vote, which has none, the chair could decide."""
    again(engine, world, revealed)
    with pytest.raises(Refused, match="vote on this item is open"):
        act_as(engine, world.priya, world.area_id, decisions.decide_item, revealed.id, 1, agreed(closed, basis=Basis.CHAIR))
    all_vote_two(engine, world, revealed)
    with pytest.raises(InvalidInput, match="more than half decide"):
        act_as(
            engine, world.priya, world.area_id, decisions.decide_item, revealed.id, 1, agreed(closed, value=3, basis=Basis.CHAIR)
        )


def test_a_cancelled_second_vote_leaves_the_first_one(engine: Engine, world: World, revealed: MeetingItem) -> None:
    again(engine, world, revealed)
    vote(engine, world, revealed, world.helen, "4")
    act_as(engine, world.priya, world.area_id, ballots.take_step, revealed.meeting_id, revealed.id, Step.DISCUSSION)
    with Session(engine) as session:
        page = room_page(session, world.area_id, revealed.meeting_id, revealed.id, world.priya.id)
    assert (page.cell.first_votes, page.cell.votes) == ({}, {"2": 1, "3": 1})
    assert rows(engine, Ballot) == []


def test_agreement_after_discussion_is_that_of_the_first_vote_also_where_the_second_differs(
    engine: Engine, world: World, closed: ClosedRound
) -> None:
    meeting = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    begin(engine, world, meeting)
    found = item(engine, closed, "NF-1", "E01")
    act_as(engine, world.priya, world.area_id, ballots.take_step, meeting, found.id, Step.VOTING)
    for person in (world.helen, world.amina, world.tom):
        vote(engine, world, found, person, "2", 1)
    again(engine, world, found)
    for person, answer in ((world.helen, "1"), (world.amina, "3"), (world.tom, "3")):
        vote(engine, world, found, person, answer)
    act_as(engine, world.priya, world.area_id, decisions.decide_item, found.id, 1, agreed(closed, value=3))
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    with Session(engine) as session:
        (made,) = minutes_page(session, world.area_id, meeting).record.decided
    assert (made.same_before, made.same_after) == (False, True)


def test_a_page_that_shows_the_first_vote_knows_that_it_is_out_of_date(engine: Engine, world: World, revealed: MeetingItem) -> None:
    def mark() -> str:
        with Session(engine) as session:
            state = item_state(session, world.area_id, revealed.meeting_id, world.helen.id)
        return state.mark if state else ""

    seen = [mark()]
    again(engine, world, revealed)
    seen.append(mark())
    all_vote_two(engine, world, revealed)
    assert len({*seen, mark()}) == 3


def test_the_minutes_show_both_votes_and_compare_before_and_after_by_the_first(
    engine: Engine, world: World, closed: ClosedRound, revealed: MeetingItem
) -> None:
    again(engine, world, revealed)
    all_vote_two(engine, world, revealed)
    act_as(engine, world.priya, world.area_id, decisions.decide_item, revealed.id, 1, agreed(closed, basis=Basis.UNANIMOUS))
    act_as(engine, world.priya, world.area_id, meetings.conclude, revealed.meeting_id)
    with Session(engine) as session:
        record = minutes_page(session, world.area_id, revealed.meeting_id).record
        pairs = linked_votes(session, world.area_id, closed.id)["E01"]
    (made,) = record.decided
    assert (made.first_votes, made.first_cannot_judge, made.votes, made.cannot_judge) == ({"2": 1, "3": 1}, 1, {"2": 3}, 0)
    assert made.same_after is False and record.voted_twice == (made,)
    plan = closed.plans["NF-1"]
    assert pairs == {(plan, world.helen.id): (1, 2), (plan, world.amina.id): (3, 3)}, "Tom could not judge the first time"
