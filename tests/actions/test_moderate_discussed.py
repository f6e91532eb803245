"""What counts as discussed, and that nothing is published while a meeting can still change it."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from moderation.allocate.actions import mark_published
from moderation.moderate import actions, ballots, decisions, meetings, reopening
from moderation.moderate.lists import counts_page
from moderation.moderate.queries import round_facts
from moderation.moderate.queries_discussed import discussed_cells
from moderation.moderate.states import DisagreementState, MeetingState
from moderation.moderate.steps import Step
from moderation.moderate.tables import AgreedRating, Ballot, Meeting, MeetingItem
from moderation.score.actions import withdraw_plan
from moderation.words import Refused
from tests.actions.test_moderate_meetings import PLANS, TERMS, agreed, begin, cell, item, rows
from tests.build import World, act_as
from tests.build_moderation import ClosedRound, a_routed_round
from tests.conftest import SignIn

pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def meeting(engine: Engine, world: World, closed: ClosedRound) -> str:
    """A meeting in session with Helen, Amina and Tom."""
    planned: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    begin(engine, world, planned)
    return planned


def open_vote(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    """They talk about an item, and one of them has voted."""
    found = item(engine, closed, "NF-1", "E01").id
    for step in (Step.DISCUSSION, Step.VOTING):
        act_as(engine, world.priya, world.area_id, ballots.take_step, meeting, found, step)
    act_as(engine, world.helen, world.area_id, ballots.cast, meeting, found, "2")


def time_is_up(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)


def is_put_off(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    found = item(engine, closed, "NF-1", "E01")
    act_as(engine, world.priya, world.area_id, decisions.defer_item, found.id, found.version, "Timetable missing")
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)


def is_withdrawn(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    act_as(engine, world.grace, world.area_id, withdraw_plan, closed.plans["NF-1"], "Sent to us by mistake")
    act_as(engine, None, world.area_id, actions.withdraw_lapsed, closed.id)
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)


@pytest.mark.parametrize("ends", [time_is_up, is_put_off, is_withdrawn])
def test_what_was_talked_about_counts_as_discussed_also_when_its_vote_is_dropped(  # type: ignore[no-untyped-def]
    engine: Engine, world: World, closed: ClosedRound, meeting: str, ends
) -> None:
    open_vote(engine, world, closed, meeting)
    ends(engine, world, closed, meeting)
    assert rows(engine, Ballot) == []
    act_as(engine, world.priya, world.area_id, actions.defer_rest, closed.id)
    act_as(engine, world.grace, world.area_id, actions.publish_round, closed.id)
    with Session(engine) as session:
        assert discussed_cells(session, world.area_id, closed.id) == {(closed.plans["NF-1"], "E01")}


def test_the_page_that_concludes_a_meeting_says_that_an_open_vote_is_lost(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, sign_in: SignIn
) -> None:
    chair, url = sign_in(world.priya), f"/meetings/{meeting}/conclude"
    assert "silent vote" not in chair.get(url).text
    open_vote(engine, world, closed, meeting)
    place = item(engine, closed, "NF-1", "E01").position
    assert f"A silent vote is open on item {place}. If you conclude now, the votes that are in are dropped" in chair.get(url).text


def test_a_round_is_not_published_while_a_meeting_of_it_is_in_session(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, sign_in: SignIn
) -> None:
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed)])
    decided = item(engine, closed, "NF-1", "E01").id
    for left in [one for one in rows(engine, MeetingItem) if one.id != decided]:
        act_as(engine, world.priya, world.area_id, decisions.defer_item, left.id, left.version, "Later")
    with pytest.raises(Refused, match=r"Meeting 1 is still in session.* Conclude it first"):
        act_as(engine, world.grace, world.area_id, actions.publish_round, closed.id)
    with Session(engine) as session:
        page = counts_page(session, world.area_id, round_facts(session, world.area_id, closed.id))
    shown = sign_in(world.grace).get(f"/disagreements/{closed.id}/publish").text
    assert "Meeting 1 is still in session" in shown and "You cannot take this back" not in shown
    assert not page.may_publish and [one.title for one in page.in_session] == ["Meeting 1"]
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    assert act_as(engine, world.grace, world.area_id, actions.publish_round, closed.id) > 0


def test_no_meeting_touches_a_rating_that_is_published(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    """However the round came to be published: two people may press at the same moment."""
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed)])
    decided, other = item(engine, closed, "NF-1", "E01"), item(engine, closed, "NF-2", "E01")
    act_as(engine, world.grace, world.area_id, mark_published, closed.id)
    refused = [
        (reopening.reopen_item, meeting, decided.id, decided.version),
        (decisions.defer_item, other.id, other.version, "Later"),
        (decisions.decide, meeting, [agreed(closed, "NF-2")]),
        (decisions.decide_item, other.id, other.version, agreed(closed, "NF-2")),
        (ballots.take_step, meeting, other.id, Step.VOTING),
    ]
    for verb, *rest in refused:
        with pytest.raises(Refused, match="This round is published"):
            act_as(engine, world.priya, world.area_id, verb, *rest)
    assert len(rows(engine, AgreedRating)) == 1
    assert cell(engine, closed, "NF-2", "E01").state is DisagreementState.LISTED
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)  # it can always end
    assert rows(engine, Meeting)[0].state is MeetingState.CONCLUDED
