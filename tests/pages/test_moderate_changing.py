"""A meeting is changed, planned twice by a double click, or handed over: who is told, and that nothing happens twice."""

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import Engine

from moderation.moderate import invitations, meetings
from moderation.moderate.tables import Meeting
from moderation.post import Outbox
from tests.actions.test_moderate_meetings import TERMS, list_all, rows
from tests.build import World, act_as
from tests.build_moderation import ClosedRound, a_routed_round
from tests.conftest import SignIn
from tests.pages.test_moderate_pages import make_moderator
from tests.pages.test_track import text_of

PLANS = {"NF-1": {"E01": (1, 3, 3)}, "NF-2": {"E01": (2, 3, 3)}}
WHEN = {"date-day": "26", "date-month": "11", "date-year": "2026", "time": "10am"}
FORM = {"title": "Meeting 1", "minutes": "90", "minutes_per_item": "6", "place": "", **WHEN}

pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def meeting(engine: Engine, world: World, closed: ClosedRound) -> str:
    """Helen, Amina and Tom are invited; Shirin could moderate too."""
    planned: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    list_all(engine, world, planned)
    invited = [world.helen.id, world.amina.id, world.tom.id]
    act_as(engine, world.priya, world.area_id, invitations.invite, planned, invited)
    make_moderator(engine, world, world.shirin.id)
    return planned


@pytest.fixture
def priya(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.priya)


def letters(engine: Engine, since: int = 0) -> list[tuple[str, str]]:
    """Whom was written to, and what their calendar is told; the latest of them."""
    found = sorted(rows(engine, Outbox), key=lambda row: row.not_before)[since:]
    return sorted((row.recipient.split(".")[0], _method(row.calendar)) for row in found)


def _method(entry: str) -> str:
    return str(Calendar.from_ical(entry)["METHOD"]) if entry else "no entry"


def change(client: FlaskClient, meeting: str, **changed: str) -> str:
    answer = client.post(f"/meetings/{meeting}/change", data=FORM | {"version": "2"} | changed, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return text_of(answer.text)


def test_changing_nothing_sends_no_letter_and_neither_does_sending_a_change_twice(
    engine: Engine, priya: FlaskClient, meeting: str
) -> None:
    version = str(rows(engine, Meeting)[0].version)
    assert "Nothing has changed." in change(priya, meeting, version=version) and len(letters(engine)) == 3
    assert "The meeting is changed." in change(priya, meeting, version=version, place="Room 5") and len(letters(engine)) == 6
    assert "Nothing has changed." in change(priya, meeting, version=version, place="Room 5") and len(letters(engine)) == 6
    version = str(rows(engine, Meeting)[0].version)
    assert "The meeting is changed." in change(priya, meeting, version=version, place="Room 5", minutes_per_item="5")
    assert len(letters(engine)) == 6, "how long an item takes is in no invitation"


def test_a_new_meeting_that_is_sent_twice_is_one_meeting(engine: Engine, priya: FlaskClient, closed: ClosedRound) -> None:
    url = f"/disagreements/{closed.id}/new-meeting"
    first, again = (priya.post(url, data=FORM).location for _ in range(2))
    assert first == again and len(rows(engine, Meeting)) == 1
    assert priya.post(url, data=FORM | {"title": "Meeting 2"}).location != first


def test_before_the_start_a_hand_over_puts_the_meeting_into_the_next_calendar_and_out_of_the_former(
    engine: Engine, world: World, priya: FlaskClient, meeting: str
) -> None:
    assert priya.post(f"/meetings/{meeting}/hand-over", data={"moderator": world.shirin.id}).status_code == 303
    told = [("amina", "REQUEST"), ("helen", "REQUEST"), ("shirin", "REQUEST"), ("tom", "REQUEST")]
    assert letters(engine, 3) == told, "who hands it over had no entry and knows"
    bodies = {row.recipient.split(".")[0]: row.body for row in rows(engine, Outbox) if "Moderator: Shirin" in row.body}
    assert "You moderate this meeting" in bodies["shirin"] and "You moderate" not in bodies["helen"]
    change(priya, meeting, version=str(rows(engine, Meeting)[0].version), place="Room 5")
    assert letters(engine, 7) == [(name, "REQUEST") for name in ("amina", "helen", "shirin", "tom")], "their entry is kept right"
    assert priya.post(f"/meetings/{meeting}/hand-over", data={"moderator": world.priya.id}).status_code == 303
    told = [("amina", "REQUEST"), ("helen", "REQUEST"), ("priya", "REQUEST"), ("shirin", "CANCEL"), ("tom", "REQUEST")]
    assert letters(engine, 11) == told
    (subject,) = [row.subject for row in rows(engine, Outbox)[11:] if row.recipient == world.shirin.email]
    assert subject.startswith("You no longer moderate Meeting 1"), "the meeting takes place"
    act_as(engine, world.priya, world.area_id, meetings.cancel_meeting, meeting)
    assert letters(engine, 16) == [(name, "CANCEL") for name in ("amina", "helen", "priya", "tom")]


def test_after_the_end_the_minutes_lead_to_the_hand_over_and_the_next_chair_is_told_that_they_wait(
    engine: Engine, world: World, priya: FlaskClient, sign_in: SignIn, meeting: str
) -> None:
    act_as(engine, world.priya, world.area_id, meetings.begin, meeting, [world.helen.id, world.amina.id, world.tom.id])
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    minutes = f"/meetings/{meeting}/minutes"
    assert f'href="/meetings/{meeting}/hand-over"' in priya.get(minutes).text
    assert "approves its minutes" in priya.get(f"/meetings/{meeting}/hand-over").text
    assert priya.post(f"/meetings/{meeting}/hand-over", data={"moderator": world.shirin.id}).status_code == 303
    assert letters(engine, 3) == [("shirin", "no entry")]
    body = next(row.body for row in rows(engine, Outbox) if row.recipient == world.shirin.email)
    assert "Please read its minutes, and approve them" in body and "NF-" not in body
    shirin = sign_in(world.shirin)
    assert "Approve the minutes" in shirin.get(minutes).text
    assert shirin.post(f"{minutes}/approve", data={"version": "0"}).status_code == 303
    assert f'href="/meetings/{meeting}/hand-over"' not in priya.get(minutes).text


def test_a_page_number_of_any_length_is_answered(priya: FlaskClient, closed: ClosedRound) -> None:
    for page in ("9" * 5000, "٣", "-1", ""):
        assert priya.get(f"/disagreements/{closed.id}?page={page}").status_code == 200
