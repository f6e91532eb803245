"""Letters go through a real SMTP connection, each once; a server that is away loses nothing."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation import instants, post
from moderation.ledger import OPERATOR, Via, transaction
from moderation.post import Letter, LetterState, Outbox, forget_letters, queue, send_due
from moderation.settings import Settings
from tests.build import World, WorldBuilt


class Box:
    """Keeps what arrives; refuses while `closed`."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, str, str]] = []
        self.closed = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.closed:
            return "451 try again later"
        text = envelope.content.decode()
        subject = next(line for line in text.splitlines() if line.startswith("Subject: "))
        self.letters.append((envelope.rcpt_tos[0], subject.removeprefix("Subject: "), text))
        return "250 ok"


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def posted(box: Box, settings: Settings) -> Iterator[Settings]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield replace(settings, smtp_url=f"smtp://127.0.0.1:{port}")
    server.stop()


def write(engine: Engine, world: World, key: str = "one", **more: Any) -> None:
    with transaction(engine, OPERATOR, Via.JOB, world.area_id) as tx:
        queue(tx, Letter("helen.marsh@northfield.example", "Your plans", "There are plans for you.", key, **more))
        tx.record(WorldBuilt(world.area_id))


def test_a_letter_arrives_once(engine: Engine, world: World, posted: Settings, box: Box) -> None:
    write(engine, world)
    assert send_due(engine, posted) == "1 letter sent, 0 not"
    assert send_due(engine, posted) == "0 letters sent, 0 not"
    assert [letter[:2] for letter in box.letters] == [("helen.marsh@northfield.example", "Your plans")]


def test_the_same_letter_is_queued_once(engine: Engine, world: World, posted: Settings, box: Box) -> None:
    write(engine, world)
    write(engine, world)
    send_due(engine, posted)
    assert len(box.letters) == 1


def test_a_letter_waits_for_its_time(engine: Engine, world: World, posted: Settings, box: Box) -> None:
    write(engine, world, not_before=instants.now() + timedelta(hours=1))
    send_due(engine, posted)
    assert box.letters == []
    with instants.frozen(instants.now() + timedelta(hours=2)):
        send_due(engine, posted)
    assert len(box.letters) == 1


def test_a_refusing_server_is_asked_again_later(engine: Engine, world: World, posted: Settings, box: Box) -> None:
    write(engine, world)
    box.closed = True
    assert send_due(engine, posted) == "0 letters sent, 1 not"
    box.closed = False
    with instants.frozen(instants.now() + timedelta(minutes=20)):
        assert send_due(engine, posted) == "1 letter sent, 0 not"


def test_a_missing_server_stops_nothing(engine: Engine, world: World, settings: Settings) -> None:
    write(engine, world)
    assert send_due(engine, replace(settings, smtp_url="smtp://127.0.0.1:1")) == "0 letters sent, 1 not"


def test_a_subject_with_a_line_break_cannot_add_headers(engine: Engine, world: World, posted: Settings, box: Box) -> None:
    with transaction(engine, OPERATOR, Via.JOB, world.area_id) as tx:
        queue(tx, Letter("helen.marsh@northfield.example", "Round\nBcc: everybody@example.org", "Text", "headers"))
        tx.record(WorldBuilt(world.area_id))
    send_due(engine, posted)
    assert all("Bcc" not in line.split(":")[0] for _, _, text in box.letters for line in text.splitlines())


def test_a_printed_letter_keeps_its_link_in_one_piece(
    sqlite_settings: Settings, engine: Engine, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    link = "http://127.0.0.1:8000/choose-password/" + "a" * 60
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        queue(tx, Letter("zoë@northfield.example", "Zoë, you are invited", f"Choose a password:\n{link}", "k"))
        tx.record(WorldBuilt(world.area_id))
    send_due(engine, replace(sqlite_settings, smtp_url="console:"))
    assert f"\n{link}\n" in capsys.readouterr().err


def test_a_printed_invitation_has_its_words_and_holds_nothing_up(
    engine: Engine, world: World, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    write(engine, world, "invitation", calendar="BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n")
    assert send_due(engine, replace(settings, smtp_url="console:")) == "1 letter sent, 0 not"
    assert "Your plans\n\nThere are plans for you." in capsys.readouterr().err


def test_a_letter_that_cannot_be_written_says_why_is_given_up_and_holds_nothing_up(
    engine: Engine, world: World, posted: Settings, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = post._message

    def broken(letter: Outbox, settings: Settings) -> EmailMessage:
        if letter.key == "broken":
            raise KeyError("multipart/mixed")
        return written(letter, settings)

    monkeypatch.setattr(post, "_message", broken)
    now = instants.now()
    write(engine, world, "broken")
    write(engine, world, "behind it", not_before=now + timedelta(seconds=1))
    for day in range(post.TRIES):
        with instants.frozen(now + timedelta(days=1 + day)):
            send_due(engine, posted)
    with Session(engine) as session:
        broken_letter = session.exec(select(Outbox).where(Outbox.key == "broken")).one()
    assert (broken_letter.state, broken_letter.error) == (LetterState.FAILED, "KeyError: 'multipart/mixed'")
    assert len(box.letters) == 1


def test_to_whom_old_letters_went_is_forgotten_and_those_that_still_wait_are_kept(
    engine: Engine, world: World, posted: Settings, box: Box
) -> None:
    now = instants.now()
    with instants.frozen(now - timedelta(weeks=13)):
        write(engine, world, "old")
        send_due(engine, posted)
        write(engine, world, "waiting")
    write(engine, world, "new")
    assert forget_letters(engine, posted) == "1 letter forgotten"
    send_due(engine, posted)
    assert len(box.letters) == 3
