"""What pages say of decisions without a quorum: where they can be confirmed and by whom, and what is left when a meeting ends."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session

from moderation.moderate import agendas, confirmations, decisions, meetings
from moderation.moderate.queries_meetings import meeting_lines
from moderation.moderate.tables import MeetingItem
from moderation.words import Refused
from tests.actions.test_moderate_meetings import agreed, cell, rows
from tests.actions.test_moderate_next_meetings import PLANS, do, first, new_meeting
from tests.build import World, act_as
from tests.build_moderation import ClosedRound, a_routed_round
from tests.conftest import SignIn
from tests.pages.test_moderate_aside import conflict
from tests.pages.test_moderate_attend import text
from tests.pages.test_moderate_pages import make_moderator
from tests.pages.test_track import text_of

__all__ = ["first"]
CONFIRM, AGAIN = 'name="to" value="confirm"', 'name="to" value="again"'


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def priya(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.priya)


def carried(client: FlaskClient, meeting: str, to: str, disagreement: str) -> int:
    return client.post(f"/meetings/{meeting}/carried-over", data={"to": to, "disagreement": disagreement}).status_code


def begin(engine: Engine, world: World, meeting: str) -> None:
    act_as(engine, world.priya, world.area_id, meetings.begin, meeting, [world.helen.id])


def test_a_decision_is_confirmed_at_the_meeting_and_not_before(
    engine: Engine, world: World, priya: FlaskClient, closed: ClosedRound, first: str
) -> None:
    second, wanted = new_meeting(engine, world, closed), cell(engine, closed, "NF-1", "E01").id
    planned = text(priya, f"/meetings/{second}")
    assert "Decided without quorum in Meeting 1" in planned and "Start the meeting" in planned
    assert CONFIRM not in planned and AGAIN in planned and "Confirm when the meeting is held" in planned
    assert carried(priya, second, "confirm", wanted) == 409
    begin(engine, world, second)
    assert CONFIRM in text(priya, f"/meetings/{second}")
    assert carried(priya, second, "confirm", wanted) == 303
    assert "1 decision of an earlier meeting is confirmed" in text(priya, f"/meetings/{second}")


def test_deciding_again_may_be_pressed_twice(
    engine: Engine, world: World, priya: FlaskClient, closed: ClosedRound, first: str
) -> None:
    second, wanted = new_meeting(engine, world, closed), cell(engine, closed, "NF-1", "E01").id
    assert [carried(priya, second, "again", wanted) for _ in range(2)] == [303, 303]
    (item,) = [row for row in rows(engine, MeetingItem) if row.meeting_id == second]
    begin(engine, world, second)
    shown = text(priya, f"/meetings/{second}/items/{item.id}")
    assert "An earlier meeting decided this without a quorum." in shown and "Reopened in the meeting" not in shown


def test_the_list_leads_to_a_meeting_that_can_confirm_and_not_to_the_one_that_decided(
    engine: Engine, world: World, priya: FlaskClient, closed: ClosedRound
) -> None:
    held, listed = new_meeting(engine, world, closed), f"/disagreements/{closed.id}"
    act_as(engine, world.priya, world.area_id, agendas.put_on_agenda, held, [cell(engine, closed, "NF-1", "E01").id])
    begin(engine, world, held)
    act_as(engine, world.priya, world.area_id, decisions.decide, held, [agreed(closed)])
    assert "Plan the next meeting" in text(priya, listed) and f'href="/meetings/{held}"' not in text(priya, listed)
    later = new_meeting(engine, world, closed)
    assert f'href="/meetings/{later}"' in text(priya, listed) and "Plan the next meeting" not in text(priya, listed)


def test_whoever_may_not_moderate_the_plan_is_told_that_another_moderator_has_to_confirm(
    engine: Engine, world: World, sign_in: SignIn, priya: FlaskClient, closed: ClosedRound, first: str
) -> None:
    make_moderator(engine, world, world.shirin.id)
    second = new_meeting(engine, world, closed)
    conflict(engine, world, world.priya)
    listed = text_of(text(priya, f"/disagreements/{closed.id}"))
    assert "Another moderator has to, because you scored the plan, have a conflict of interest with it or may see" in listed
    assert f'href="/meetings/{second}"' not in text(priya, f"/disagreements/{closed.id}") and "Plan the next" not in listed
    agenda = text(priya, f"/meetings/{second}")
    assert "that you scored, have a conflict of interest with or may see who rated" in text_of(agenda)
    assert "A meeting of another moderator has to confirm it" in text_of(agenda)
    assert "Start the meeting" not in agenda and AGAIN not in agenda
    with pytest.raises(Refused, match="nothing on the agenda"):
        begin(engine, world, second)
    shirin = sign_in(world.shirin)
    assert AGAIN not in text(shirin, f"/meetings/{second}")  # its chair may not
    assert "Plan the next meeting" in text(shirin, f"/disagreements/{closed.id}")


def test_concluding_says_what_is_not_confirmed_yet(
    engine: Engine, world: World, priya: FlaskClient, closed: ClosedRound, first: str
) -> None:
    second = new_meeting(engine, world, closed)
    begin(engine, world, second)
    asked = text_of(text(priya, f"/meetings/{second}/conclude"))
    assert "1 decision of an earlier meeting was made without a quorum and is not confirmed" in asked and "Every item" not in asked
    do(engine, world, confirmations.confirm_decision, second, cell(engine, closed, "NF-1", "E01").id)
    done = text_of(text(priya, f"/meetings/{second}/conclude"))
    assert "not confirmed" not in done and "1 decision of an earlier meeting is confirmed." in done


def test_a_meeting_that_is_only_to_confirm_says_what_and_people_can_be_invited_to_it(
    engine: Engine, world: World, priya: FlaskClient, closed: ClosedRound, first: str
) -> None:
    second = new_meeting(engine, world, closed)
    planned = text(priya, f"/meetings/{second}")
    said = "This meeting has 1 decision to confirm, or to decide again, because it was made without a quorum: E01, plan NF-1."
    assert said in text_of(planned) and "Nothing is on the agenda yet" not in planned
    assert f'href="/meetings/{second}/invite"' in planned
    assert planned.index("Decided without quorum in") < planned.index("Deferred in Meeting 1"), "what publishing waits for first"
    sent = {"present": [person.id for person in (world.helen, world.amina, world.tom)]}
    assert priya.post(f"/meetings/{second}/invite", data=sent).status_code == 303
    begin(engine, world, second)
    assert "No item was on the agenda" not in text(priya, f"/meetings/{second}/conclude")


def test_the_minutes_say_what_was_not_confirmed(
    engine: Engine, world: World, priya: FlaskClient, closed: ClosedRound, first: str
) -> None:
    second = new_meeting(engine, world, closed)
    begin(engine, world, second)
    priya.post(f"/meetings/{second}/conclude")
    said = "1 decision that an earlier meeting made without a quorum was not confirmed in this one."
    assert said in text(priya, f"/meetings/{second}/minutes") and said not in text(priya, f"/meetings/{first}/minutes")
    assert priya.get(f"/meetings/{second}/minutes.pdf").data.startswith(b"%PDF")


def test_the_list_of_meetings_counts_a_decision_for_the_meeting_that_made_it(
    engine: Engine, world: World, closed: ClosedRound, first: str
) -> None:
    second = new_meeting(engine, world, closed)
    do(engine, world, confirmations.take_up_again, second, cell(engine, closed, "NF-1", "E01").id)
    act_as(engine, world.priya, world.area_id, meetings.cancel_meeting, second)
    with Session(engine) as session:
        lines = meeting_lines(session, world.area_id, closed.id)
    assert {line.meeting.meeting_id: line.decided for line in lines} == {first: 1, second: 0}


def test_what_a_meeting_deferred_and_another_decided_counts_for_the_other(
    engine: Engine, world: World, priya: FlaskClient, closed: ClosedRound, first: str
) -> None:
    second = new_meeting(engine, world, closed)
    act_as(engine, world.priya, world.area_id, agendas.put_on_agenda, second, [cell(engine, closed, "NF-2", "E01").id])
    begin(engine, world, second)
    act_as(engine, world.priya, world.area_id, decisions.decide, second, [agreed(closed, "NF-2")])
    with Session(engine) as session:
        lines = meeting_lines(session, world.area_id, closed.id)
    assert {line.meeting.meeting_id: line.decided for line in lines} == {first: 1, second: 1}
    assert "Ratings agreed" in text(priya, "/meetings"), "a question is one item and may settle several"
