"""What the journeys need: the service in a browser, a mail server that catches letters, and a clock to move."""

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from moderation.clock import run_jobs
from moderation.instants import frozen
from moderation.settings import Settings
from tests.browser import Live, Windows, serve


@dataclass
class Mailbox:
    """A mail server of our own; every letter that reaches it."""

    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if letter["To"] == address]

    def link_for(self, address: str) -> str:
        """The newest link to choose a password that somebody was sent."""
        words = "\n".join(letter.get_content() for letter in self.to(address))
        return re.findall(r"http://\S+/choose-password/\S+", words)[-1]  # type: ignore[no-any-return]


@dataclass
class Clock:
    """The time of the story, for the tests, the server and the jobs alike."""

    _held: ExitStack = field(default_factory=ExitStack)

    def move(self, *when: int) -> None:
        """To this hour, in UTC: year, month, day, hour."""
        self._held.close()
        self._held.enter_context(frozen(datetime(*when, tzinfo=UTC), every_thread=True))  # type: ignore[arg-type, misc]

    def stop(self) -> None:
        self._held.close()


@dataclass(frozen=True)
class Story:
    """A service nobody has used yet, and all that is needed to use it."""

    live: Live
    windows: Windows
    mailbox: Mailbox
    clock: Clock

    def jobs(self, *names: str) -> list[str]:
        """Let the clock's process do this work now."""
        return run_jobs(self.live.engine, self.live.settings, *names)


@pytest.fixture
def mail_server() -> Iterator[tuple[Mailbox, str]]:
    mailbox = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    yield mailbox, f"smtp://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def story(one_database: Settings, windows: Windows, mail_server: tuple[Mailbox, str]) -> Iterator[Story]:
    mailbox, smtp_url = mail_server
    clock = Clock()
    clock.move(2026, 11, 16, 9)
    with serve(replace(one_database, smtp_url=smtp_url)) as live:
        yield Story(live, windows, mailbox, clock)
    clock.stop()
