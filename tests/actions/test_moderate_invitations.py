"""Invitations: who gets which letter when a meeting is planned, changed, cancelled; sent to a real mail server and read back."""

import socket
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import Message

import pytest
from aiosmtpd.controller import Controller
from icalendar import Calendar
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.moderate import invitations, meetings
from moderation.moderate.states import MeetingState
from moderation.moderate.tables import Attendance, Meeting
from moderation.post import Outbox, send_due
from moderation.settings import Settings
from moderation.words import NotFound, Refused
from tests.actions.test_moderate_meetings import PLANS, TERMS, list_all, rows
from tests.build import World, a_world, act_as
from tests.build_moderation import a_routed_round


@pytest.fixture
def meeting(engine: Engine, world: World) -> str:
    closed = a_routed_round(engine, world, PLANS)
    planned: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    list_all(engine, world, planned)
    return planned


def invite(engine: Engine, world: World, meeting: str, *names: str) -> tuple[int, int]:
    people = [world.people[name].id for name in names]
    done: tuple[int, int] = act_as(engine, world.priya, world.area_id, invitations.invite, meeting, people, True)
    return done


def told(engine: Engine) -> list[tuple[str, str, int]]:
    """Who was told what under which number."""
    with Session(engine) as session:
        letters = session.exec(select(Outbox).where(Outbox.calendar != "")).all()
    entries = [(letter.recipient.split(".")[0], Calendar.from_ical(letter.calendar)) for letter in letters]
    return sorted((name, str(found["METHOD"]), found.walk("VEVENT")[0]["SEQUENCE"]) for name, found in entries)


def test_those_who_are_invited_get_one_letter_each(engine: Engine, world: World, meeting: str) -> None:
    assert invite(engine, world, meeting, "helen", "amina") == (2, 0)
    assert invite(engine, world, meeting, "helen", "amina") == (0, 0)
    assert told(engine) == [("amina", "REQUEST", 1), ("helen", "REQUEST", 1)]
    assert [row.state for row in rows(engine, Meeting)] == [MeetingState.INVITED]
    assert [row.arrived_at for row in rows(engine, Attendance)] == [None, None]


def test_a_change_is_told_under_a_higher_number_and_a_cancellation_too(engine: Engine, world: World, meeting: str) -> None:
    invite(engine, world, meeting, "helen")
    version = rows(engine, Meeting)[0].version
    later = replace(TERMS, starts_at=TERMS.starts_at + timedelta(days=1))
    act_as(engine, world.priya, world.area_id, meetings.change_meeting, meeting, version, later)
    act_as(engine, world.priya, world.area_id, meetings.cancel_meeting, meeting)
    act_as(engine, world.priya, world.area_id, meetings.cancel_meeting, meeting)
    assert told(engine) == [("helen", "CANCEL", 3), ("helen", "REQUEST", 1), ("helen", "REQUEST", 2)]


def test_whoever_is_left_out_is_told_and_can_be_invited_again(engine: Engine, world: World, meeting: str) -> None:
    invite(engine, world, meeting, "helen", "tom")
    assert invite(engine, world, meeting, "helen") == (0, 1)
    assert invite(engine, world, meeting, "helen", "tom") == (1, 0)
    assert [line for line in told(engine) if line[0] == "tom"] == [
        ("tom", "CANCEL", 2),
        ("tom", "REQUEST", 1),
        ("tom", "REQUEST", 3),
    ]


def test_a_letter_names_no_plan_and_no_criterion(engine: Engine, world: World, meeting: str) -> None:
    invite(engine, world, meeting, "helen")
    with Session(engine) as session:
        letter = session.exec(select(Outbox).where(Outbox.calendar != "")).one()
    everything = letter.subject + letter.body + letter.calendar
    assert "Thursday 26 November 2026, 10:00 to 11:30" in letter.body
    assert not any(word in everything for word in ("NF-", "E01", "B01", "Evidence", "Tom", "Amina"))


def test_only_people_of_the_area_are_invited_and_only_before_the_start(engine: Engine, world: World, meeting: str) -> None:
    elsewhere = a_world(engine, "Southfield", "southfield.example")
    for stranger in (world.sam.id, elsewhere.helen.id):
        with pytest.raises(NotFound):
            act_as(engine, world.priya, world.area_id, invitations.invite, meeting, [stranger])
    with pytest.raises(NotFound):
        act_as(engine, elsewhere.priya, elsewhere.area_id, invitations.invite, meeting, [])
    act_as(engine, world.priya, world.area_id, meetings.start, meeting)
    with pytest.raises(Refused, match="in session"):
        invite(engine, world, meeting, "helen")


class Inbox:
    """A mail server on this machine, and what arrived."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.messages.append(message_from_bytes(envelope.content))  # type: ignore[attr-defined]
        return "250 OK"


def test_the_letter_arrives_with_its_calendar_entry(engine: Engine, world: World, meeting: str, settings: Settings) -> None:
    invite(engine, world, meeting, "helen")
    inbox = Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(inbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        send_due(engine, replace(settings, smtp_url=f"smtp://127.0.0.1:{port}"))
    finally:
        server.stop()
    (message,) = inbox.messages
    (part,) = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert (part.get_param("method"), part.get_filename()) == ("REQUEST", "meeting.ics")
    found = Calendar.from_ical(part.get_payload(decode=True))
    assert found.walk("VEVENT")[0]["SUMMARY"] == "Meeting 1"
    with Session(engine) as session:
        assert {row.calendar for row in session.exec(select(Outbox))} == {""}
