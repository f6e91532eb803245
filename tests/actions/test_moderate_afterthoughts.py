"""A decision taken up again in its meeting, and a meeting that gets another moderator."""

import re
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from moderation.moderate import decisions, meetings, reopening
from moderation.moderate.states import DisagreementState
from moderation.moderate.tables import AgreedRating, Meeting, MeetingItem
from moderation.people.tables import Membership
from moderation.words import NotFound, Refused, Role, StaleWrite
from tests.actions.test_moderate_meetings import PLANS, TERMS, agreed, begin, cell, item, rows
from tests.build import Person, World, WorldBuilt, a_world, act_as
from tests.build_moderation import ClosedRound, a_routed_round
from tests.conftest import SignIn

pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def meeting(engine: Engine, world: World, closed: ClosedRound) -> str:
    planned: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    begin(engine, world, planned)
    return planned


def decide(engine: Engine, world: World, closed: ClosedRound, meeting: str, **changed: object) -> str:
    found = item(engine, closed, "NF-1", "E01")
    act_as(engine, world.priya, world.area_id, decisions.decide_item, found.id, found.version, agreed(closed, **changed))
    return found.id


def reopen(engine: Engine, world: World, meeting: str, item_id: str) -> None:
    with Session(engine) as session:
        version = session.get_one(MeetingItem, item_id).version
    act_as(engine, world.priya, world.area_id, reopening.reopen_item, meeting, item_id, version)


def make_moderator(engine: Engine, world: World, person: Person) -> None:
    def give(tx) -> None:  # type: ignore[no-untyped-def]
        tx.session.add(Membership(area_id=world.area_id, account_id=person.id, role=Role.MODERATOR, starts_on=date(2024, 1, 1)))
        tx.record(WorldBuilt(world.area_id))

    act_as(engine, None, world.area_id, give)


def test_a_decision_is_reopened_made_again_and_the_former_one_kept(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    found = decide(engine, world, closed, meeting, reason="The first reason.")
    reopen(engine, world, meeting, found)
    assert cell(engine, closed, "NF-1", "E01").state is DisagreementState.DISCUSSED and rows(engine, AgreedRating) == []
    decide(engine, world, closed, meeting, value=3, reason="The second reason.")
    assert [(row.value, row.reason) for row in rows(engine, AgreedRating)] == [(3, "The second reason.")]
    assert [one["reason"] for one in item(engine, closed, "NF-1", "E01").former] == ["The first reason."]


def test_only_a_decision_and_only_in_its_meeting_is_reopened(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    undecided = item(engine, closed, "NF-2", "E01").id
    with pytest.raises(Refused, match="no decision to reopen"):
        reopen(engine, world, meeting, undecided)
    found = decide(engine, world, closed, meeting)
    for person, area in ((world.helen, world.area_id), (world.priya, a_world(engine, "Southfield", "south.example").area_id)):
        with pytest.raises(NotFound):
            act_as(engine, person, area, reopening.reopen_item, meeting, found, 2)
    with pytest.raises(StaleWrite):
        act_as(engine, world.priya, world.area_id, reopening.reopen_item, meeting, found, 1)
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    with pytest.raises(Refused, match="concluded"):
        reopen(engine, world, meeting, found)


def test_a_meeting_is_handed_over_in_the_middle_and_keeps_everything(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    decide(engine, world, closed, meeting)
    make_moderator(engine, world, world.grace)
    act_as(engine, world.grace, world.area_id, meetings.hand_over, meeting, world.grace.id)
    assert [row.moderator_id for row in rows(engine, Meeting)] == [world.grace.id]
    act_as(engine, world.grace, world.area_id, decisions.decide, meeting, [agreed(closed, "NF-2")])
    assert len(rows(engine, AgreedRating)) == 2


def test_nobody_takes_over_who_is_no_moderator_or_scored_the_plans(engine: Engine, world: World, meeting: str) -> None:
    for stranger in (world.grace, world.helen, a_world(engine, "Southfield", "south.example").priya):
        with pytest.raises(NotFound):
            act_as(engine, world.priya, world.area_id, meetings.hand_over, meeting, stranger.id)
    make_moderator(engine, world, world.helen)
    with pytest.raises(Refused, match=r"may not moderate NF-1.*: they scored it"):
        act_as(engine, world.priya, world.area_id, meetings.hand_over, meeting, world.helen.id)
    assert [row.moderator_id for row in rows(engine, Meeting)] == [world.priya.id]


def test_the_pages_reopen_hand_over_and_invite(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, sign_in: SignIn
) -> None:
    found = decide(engine, world, closed, meeting, reason="The first reason.")
    priya, url = sign_in(world.priya), f"/meetings/{meeting}/items/{found}"
    shown = re.search(r'/reopen">.*?name="version" value="(\d+)"', priya.get(url).text)
    assert "Reopen in this meeting" in priya.get(url).text
    assert shown and priya.post(f"{url}/reopen").status_code == 409  # from a page that shows no version of it, or an older one
    assert priya.post(f"{url}/reopen", data={"version": shown[1]}).status_code == 303
    assert "The first reason." in priya.get(url).text and 'name="reason"' in priya.get(url).text
    assert "Nobody else in this area is a moderator" in priya.get(f"/meetings/{meeting}/hand-over").text
    make_moderator(engine, world, world.grace)
    assert priya.post(f"/meetings/{meeting}/hand-over").status_code == 422
    assert priya.post(f"/meetings/{meeting}/hand-over", data={"moderator": world.grace.id}).status_code == 303
    second = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    assert "The agenda takes" in priya.get(f"/meetings/{second}/invite").text
    alone = {"present": [world.helen.id], "even_so": "yes"}
    assert priya.post(f"/meetings/{second}/invite", data=alone).status_code == 303
    assert "1 of 2 invited" in priya.get(f"/meetings/{second}").text
    assert "not started" in sign_in(world.helen).get(f"/meetings/{second}/room").text
