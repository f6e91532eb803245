"""Planning a meeting so that each agency can take part in every item: who is ticked, what is missing, and what is left out."""

import html
import re
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.instants import frozen
from moderation.moderate import filling, invitations, meetings
from moderation.moderate.states import DisagreementState
from moderation.moderate.tables import Attendance, Disagreement, MeetingItem
from moderation.people.administration import disable_account
from moderation.post import Outbox
from tests.actions.test_moderate_item_time import conflict_of
from tests.actions.test_moderate_meetings import PLANS, TERMS, list_all, rows
from tests.build import Person, World, act_as
from tests.build_moderation import ClosedRound, a_routed_round
from tests.conftest import SignIn
from tests.pages.test_moderate_aside import conflict

pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def meeting(engine: Engine, world: World, closed: ClosedRound) -> str:
    planned: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    list_all(engine, world, planned)
    return planned


@pytest.fixture
def priya(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.priya)


def text(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.unescape(answer.text)))


def ticked(client: FlaskClient, meeting: str) -> set[str]:
    boxes = re.findall(r'<input[^>]*name="present"[^>]*>', client.get(f"/meetings/{meeting}/invite").text)
    return {re.search(r'value="([^"]+)"', box)[1] for box in boxes if " checked" in box}  # type: ignore[index]


def ids(*people: Person) -> set[str]:
    return {person.id for person in people}


def send(client: FlaskClient, meeting: str, *people: Person, **more: str):  # type: ignore[no-untyped-def]
    return client.post(f"/meetings/{meeting}/invite", data={"present": [person.id for person in people], **more})


def invited(engine: Engine) -> set[str]:
    return {row.account_id for row in rows(engine, Attendance)}


def test_one_auditor_of_the_round_from_each_agency_is_ticked_before_anybody_is_invited(
    priya: FlaskClient, meeting: str, world: World
) -> None:
    assert ticked(priya, meeting) == ids(world.helen, world.amina, world.tom)
    assert "4 items need somebody from education, health and social care" in text(priya, f"/meetings/{meeting}")


def test_whoever_has_a_conflict_with_an_item_is_not_ticked_alone(
    engine: Engine, priya: FlaskClient, meeting: str, world: World
) -> None:
    conflict(engine, world, world.tom)  # with NF-1
    assert ticked(priya, meeting) == ids(world.helen, world.amina, world.people["shirin"])


def test_invitations_without_an_agency_are_refused_beside_the_field_until_they_are_meant(
    engine: Engine, priya: FlaskClient, meeting: str, world: World
) -> None:
    refused = send(priya, meeting, world.helen, world.tom)
    assert refused.status_code == 422 and invited(engine) == set()
    assert "Health: nobody is chosen. Add Amina Yusuf." in refused.text
    assert "Send the invitations all the same" in refused.text
    assert send(priya, meeting, world.helen, world.tom, even_so="yes").status_code == 303
    assert invited(engine) == ids(world.helen, world.tom)


def test_who_has_a_conflict_is_said_when_they_are_invited_and_not_to_whoever_tries_a_list(
    engine: Engine, priya: FlaskClient, meeting: str, world: World
) -> None:
    """Tom is out of NF-1, Shirin is not: no list that leads to no letter tells the two apart."""
    conflict(engine, world, world.tom)
    refused = [send(priya, meeting, world.helen, care) for care in (world.tom, world.people["shirin"])]
    assert [answer.status_code for answer in refused] == [422, 422] and invited(engine) == set()
    assert all("Health: nobody is chosen." in answer.text and "Social care:" not in answer.text for answer in refused)
    sent = send(priya, meeting, world.helen, world.amina, world.tom)
    assert sent.status_code == 303 and invited(engine) == ids(world.helen, world.amina, world.tom)
    page = text(priya, f"/meetings/{meeting}")
    assert "3 invited. An agency is still missing from an item: the agenda says where." in page
    assert page.count("Social care: nobody who is invited can take part in this item.") == 2


def test_an_empty_agenda_asks_before_an_agency_is_left_out(
    engine: Engine, priya: FlaskClient, world: World, closed: ClosedRound
) -> None:
    empty = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    refused = send(priya, empty, world.helen, world.people["shirin"])
    assert refused.status_code == 422 and "Health: nobody is chosen." in refused.text and "Social care:" not in refused.text
    assert send(priya, empty, world.helen, world.amina, world.people["shirin"]).status_code == 303


def test_filling_that_takes_nothing_says_which_agency_is_missing(
    engine: Engine, priya: FlaskClient, world: World, closed: ClosedRound
) -> None:
    empty = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    send(priya, empty, world.helen, even_so="yes")
    priya.post(f"/meetings/{empty}/fill")
    said = "Nothing was added: nobody from health or social care who is invited could take part."
    assert said in text(priya, f"/meetings/{empty}")
    send(priya, empty, world.helen, world.amina, world.tom)
    for words in ("4 added", "nothing is waiting for a meeting"):
        priya.post(f"/meetings/{empty}/fill")
        assert words in text(priya, f"/meetings/{empty}")
    priya.post(f"/meetings/{empty}/fill", data={"all": "yes"})
    assert "Nothing was added: nothing is waiting for a meeting." in text(priya, f"/meetings/{empty}")


def test_whoever_cannot_sign_in_any_more_is_told_so_and_does_not_stop_the_others_from_being_invited(
    engine: Engine, priya: FlaskClient, meeting: str, world: World
) -> None:
    jana, tom = world.people["jana"], world.tom  # of the area; of the round
    send(priya, meeting, jana, tom, even_so="yes")
    for person in (jana, tom):
        act_as(engine, world.sam, world.area_id, disable_account, person.id)
    assert "Health: nobody who is invited can take part in any item." in text(priya, f"/meetings/{meeting}")
    assert priya.post(f"/meetings/{meeting}/invite-missing").status_code == 303
    assert invited(engine) == ids(world.helen, world.amina, world.people["shirin"])
    cancelled = [row.recipient for row in rows(engine, Outbox) if row.subject.startswith("Cancelled")]
    assert sorted(cancelled) == ["jana.novak@northfield.example", tom.email]


def test_people_from_each_agency_are_invited_without_a_question(
    engine: Engine, priya: FlaskClient, meeting: str, world: World
) -> None:
    assert "Send the invitations all the same" not in priya.get(f"/meetings/{meeting}/invite").text
    assert send(priya, meeting, world.helen, world.amina, world.tom).status_code == 303
    assert "Each agency is invited for every item." in text(priya, f"/meetings/{meeting}")


def test_an_item_that_an_agency_is_missing_from_says_so_and_one_press_invites_somebody(
    engine: Engine, priya: FlaskClient, meeting: str, world: World
) -> None:
    send(priya, meeting, world.helen, world.tom, even_so="yes")
    page = text(priya, f"/meetings/{meeting}")
    assert page.count("Health: nobody who is invited can take part in this item.") == 4
    assert "Health: nobody who is invited can take part in any item." in page and "Invite Amina Yusuf for this item" in page
    one = rows(engine, MeetingItem)[0].id
    for _ in range(2):  # twice is once
        assert priya.post(f"/meetings/{meeting}/invite-missing", data={"item": one}).status_code == 303
    assert invited(engine) == ids(world.helen, world.tom, world.amina)
    assert "nobody who is invited" not in text(priya, f"/meetings/{meeting}")


def test_one_press_closes_every_gap_of_the_agenda(engine: Engine, priya: FlaskClient, meeting: str, world: World) -> None:
    send(priya, meeting, world.helen, even_so="yes")
    priya.post(f"/meetings/{meeting}/invite-missing")
    assert invited(engine) == ids(world.helen, world.amina, world.tom)


def test_an_item_that_nobody_of_an_agency_may_take_part_in_is_said_before_anybody_is_invited(
    engine: Engine, priya: FlaskClient, meeting: str, world: World
) -> None:
    conflict(engine, world, world.tom)
    conflict(engine, world, world.people["shirin"])  # both with NF-1
    page = text(priya, f"/meetings/{meeting}")
    assert page.count("Social care: nobody who could be invited can take part in this item.") == 2  # NF-1 has two of the items
    assert send(priya, meeting, world.helen, world.amina, world.tom).status_code == 303
    assert "Invite Shirin" not in text(priya, f"/meetings/{meeting}")


def test_filling_a_meeting_takes_only_what_each_agency_that_is_invited_can_take_part_in(
    engine: Engine, world: World, closed: ClosedRound, priya: FlaskClient
) -> None:
    conflict(engine, world, world.tom)
    first, second = (act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS) for _ in range(2))
    for planned, care in ((first, world.tom), (second, world.people["shirin"])):
        people = [world.helen.id, world.amina.id, care.id]
        act_as(engine, world.priya, world.area_id, invitations.invite, planned, people)
    page = text(priya, f"/meetings/{first}")
    assert "2 of them are not taken into this meeting by themselves: nobody from social care who is invited could take part" in page
    assert act_as(engine, world.priya, world.area_id, filling.fill_meetings, closed.id) == (4, 2)
    with Session(engine) as session:
        chosen = select(MeetingItem.meeting_id, Disagreement.round_plan_id).join(Disagreement)
        where = set(session.exec(chosen))
    assert {meeting for meeting, plan in where if plan == closed.plans["NF-1"]} == {second}
    assert first in {meeting for meeting, _ in where}


def test_nothing_is_filled_in_that_nobody_of_an_agency_could_ever_decide(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    later = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    act_as(engine, world.priya, world.area_id, meetings.cancel_meeting, meeting)
    for person in (world.tom, world.people["shirin"]):
        conflict_of(engine, world, person)  # with the setting of every plan
    assert act_as(engine, world.priya, world.area_id, filling.fill_agenda, later) == 0
    assert {row.state for row in rows(engine, Disagreement)} == {DisagreementState.FOUND}


def buttons(page: str) -> dict[str, bool]:
    """The buttons that lead on, and whether they are green."""
    found = re.findall(r'<a href="[^"]*" role="button"[^>]*class="([^"]*)"[^>]*>\s*([^<]*?)\s*</a>', page)
    return {name: "secondary" not in css for css, name in found}


def test_inviting_comes_first_until_somebody_is_invited(priya: FlaskClient, meeting: str, world: World) -> None:
    assert buttons(priya.get(f"/meetings/{meeting}").text) == {"Invite people": True, "Start the meeting": False}
    send(priya, meeting, world.helen, world.amina, world.tom)
    assert buttons(priya.get(f"/meetings/{meeting}").text) == {"Start the meeting": True, "Invite people": False}


def test_starting_before_the_day_is_said_and_lists_say_when_a_meeting_was_held(
    engine: Engine, priya: FlaskClient, sign_in: SignIn, meeting: str, world: World
) -> None:
    with frozen(datetime(2026, 11, 24, 9, tzinfo=UTC)):
        asked = text(priya, f"/meetings/{meeting}/attendance")
        assert "This meeting is planned for 26 November 2026, 10am." in asked and "Nobody is invited yet." in asked
        send(priya, meeting, world.helen, world.amina, world.tom)
        priya.post(f"/meetings/{meeting}/attendance", data={"present": [world.helen.id]})
        later = text(priya, f"/meetings/{meeting}/attendance")
        assert "planned for" not in later and "Nobody is invited" not in later
        priya.post(f"/meetings/{meeting}/conclude")
    held = "Held 24 November 2026, 9am planned for 26 November 2026"
    for client, page in ((priya, "/meetings"), (priya, f"/meetings/{meeting}"), (sign_in(world.helen), "/my-meetings")):
        assert held in text(client, page), page


def test_on_the_day_nothing_is_said_of_the_plan(priya: FlaskClient, meeting: str) -> None:
    with frozen(datetime(2026, 11, 26, 9, tzinfo=UTC)):
        assert "is planned for" not in text(priya, f"/meetings/{meeting}/attendance")
