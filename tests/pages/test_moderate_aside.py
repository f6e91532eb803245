"""A chair whose conflict of interest becomes known during the meeting: out of that item, in every page and by every action."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from moderation.allocate.events import ConflictRecorded
from moderation.allocate.tables import Conflict
from moderation.moderate import agendas, ballots, decisions, drafts, meetings, reopening
from moderation.moderate.states import DisagreementState
from moderation.moderate.steps import Step
from moderation.moderate.tables import AgreedRating, Disagreement, MeetingItem
from moderation.register.tables import ChildCase
from moderation.words import NotFound, Refused
from tests.actions.test_moderate_meetings import TERMS, agreed, item, list_all, rows
from tests.build import Person, World, act_as
from tests.build_moderation import ClosedRound, a_routed_round
from tests.conftest import SignIn
from tests.pages.test_moderate_pages import make_moderator
from tests.pages.test_track import text_of

PLANS = {"NF-1": {"E01": (1, 3, 3), "O01": (2, 3, 3)}, "NF-2": {"E01": (2, 3, 3)}}


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def late(engine: Engine, world: World, closed: ClosedRound) -> MeetingItem:
    """E01 of NF-1, on the agenda of a meeting of Priya's that has begun; then she learns that the child is her neighbour's."""
    meeting = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    list_all(engine, world, meeting)
    act_as(engine, world.priya, world.area_id, meetings.begin, meeting, [world.helen.id, world.amina.id, world.tom.id])
    found = item(engine, closed, "NF-1", "E01")
    act_as(engine, world.priya, world.area_id, ballots.take_up, meeting, found.id)
    conflict(engine, world, world.priya)
    return found


def conflict(engine: Engine, world: World, person: Person) -> None:
    case = next(row for row in rows(engine, ChildCase) if row.reference == "NF-1")

    def declare(tx) -> None:  # type: ignore[no-untyped-def]
        row = Conflict(area_id=world.area_id, account_id=person.id, case_id=case.id, reason="Neighbour", declared_at=tx.now)
        tx.session.add(row)
        tx.record(ConflictRecorded(row.id, person.id))

    act_as(engine, world.grace, world.area_id, declare)


@pytest.fixture
def priya(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.priya)


def url_of(at: MeetingItem) -> str:
    return f"/meetings/{at.meeting_id}/items/{at.id}"


def test_every_action_of_the_chair_on_that_item_is_refused_in_words(
    engine: Engine, world: World, closed: ClosedRound, late: MeetingItem
) -> None:
    tries = [
        (ballots.take_up, late.meeting_id, late.id),
        (ballots.take_step, late.meeting_id, late.id, Step.VOTING),
        (ballots.vote_again, late.meeting_id, late.id, 1),
        (drafts.save_draft, late.meeting_id, late.id, "w", 0, {"reason": "Mine"}),
        (decisions.decide_item, late.id, late.version, agreed(closed)),
        (reopening.reopen_item, late.meeting_id, late.id, late.version),
        (decisions.defer_item, late.id, late.version, "A reason that may give something away"),
    ]
    for verb, *given in tries:
        with pytest.raises(Refused, match=r"because you have a conflict of interest with the plan.*Another moderator can run it"):
            act_as(engine, world.priya, world.area_id, verb, *given)
    assert rows(engine, AgreedRating) == []


def test_another_moderator_runs_it_in_the_same_meeting(
    engine: Engine, world: World, closed: ClosedRound, late: MeetingItem
) -> None:
    act_as(engine, world.ruth, world.area_id, ballots.take_step, late.meeting_id, late.id, Step.DISCUSSION)
    act_as(engine, world.ruth, world.area_id, decisions.decide_item, late.id, late.version, agreed(closed))
    (made,) = rows(engine, AgreedRating)
    assert made.decided_by == world.ruth.id
    other = item(engine, closed, "NF-2", "E01")
    act_as(engine, world.priya, world.area_id, decisions.decide_item, other.id, other.version, agreed(closed, "NF-2"))


def test_for_another_moderator_with_a_conflict_there_is_no_such_item(engine: Engine, world: World, late: MeetingItem) -> None:
    conflict(engine, world, world.ruth)
    for verb in (ballots.take_up, decisions.stand_aside):
        with pytest.raises(NotFound):
            act_as(engine, world.ruth, world.area_id, verb, late.meeting_id, late.id)


def test_the_chair_sees_nothing_of_the_plan_and_how_to_go_on(
    priya: FlaskClient, sign_in: SignIn, engine: Engine, world: World, closed: ClosedRound, late: MeetingItem
) -> None:
    assert "No other moderator of this area may run it" in text_of(priya.get(url_of(late)).text)
    make_moderator(engine, world, world.ruth.id)
    page = text_of(priya.get(url_of(late)).text)
    assert "You are out of this item" in page and "hand the whole meeting over" in page
    assert "Ruth Adeyemi can run this item" in page
    assert "NF-1" not in page and "Auditor A" not in page and "Evidence" not in page
    assert priya.get(f"{url_of(late)}/plan").status_code == 409
    assert priya.get(f"{url_of(late)}/now?part=here&mark=x").headers["HX-Refresh"] == "true", "a page that is open goes there"
    refused = priya.post(url_of(late), data={"rating": "2", "basis": "chair", "reason": "x", "dissent": "none", "version": "1"})
    assert refused.status_code == 409 and "Another moderator can run it" in refused.text
    agenda = text_of(priya.get(f"/meetings/{late.meeting_id}").text)
    assert "Another moderator has to run this item, or take the meeting over." in agenda
    assert "What do we agree?" in text_of(sign_in(world.ruth).get(url_of(late)).text)


def test_the_room_goes_on_past_it_and_says_what_is_left(
    priya: FlaskClient, engine: Engine, closed: ClosedRound, late: MeetingItem
) -> None:
    other = item(engine, closed, "NF-2", "E01")
    page = priya.get(f"/meetings/{late.meeting_id}/items/{other.id}").text
    version = re.search(r'name="version" value="(\d+)"', page)[1]  # type: ignore[index]
    given = {"rating": "2", "basis": "chair", "reason": "No date.", "dissent": "none", "action": "none", "version": version}
    done = priya.post(f"/meetings/{late.meeting_id}/items/{other.id}", data=given, follow_redirects=True)
    assert done.status_code == 200
    assert f"Item {other.position} is decided. 2 items are left for another moderator." in text_of(done.text)


def test_the_chair_may_leave_it_for_another_meeting_without_a_reason_of_their_own(
    priya: FlaskClient, engine: Engine, world: World, closed: ClosedRound, late: MeetingItem
) -> None:
    act_as(engine, world.ruth, world.area_id, ballots.take_step, late.meeting_id, late.id, Step.VOTING)
    act_as(engine, world.helen, world.area_id, ballots.cast, late.meeting_id, late.id, "2")
    for _ in range(2):
        assert priya.post(f"{url_of(late)}/stand-aside").status_code == 303
    found = next(row for row in rows(engine, MeetingItem) if row.id == late.id)
    assert found.deferred_reason == "The chair has a conflict of interest with this plan"
    left = next(row for row in rows(engine, Disagreement) if row.id == late.disagreement_id)
    assert left.state is DisagreementState.DEFERRED
    other = item(engine, closed, "NF-2", "E01")
    assert priya.post(f"{url_of(other)}/stand-aside").status_code == 404, "where there is no conflict, there is a reason to give"
    next_meeting = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    with pytest.raises(Refused, match="another moderator has to take it"):
        act_as(engine, world.priya, world.area_id, agendas.put_on_agenda, next_meeting, [late.disagreement_id])
