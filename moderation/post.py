"""Letters: queued as rows with what caused them, sent later by the clock, each exactly once as far as SMTP allows."""

import smtplib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from enum import StrEnum
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import Engine, Text, delete, update
from sqlmodel import Field, Session, SQLModel, col, select

from . import instants
from .database import enum_column, utc_column
from .ledger import Transaction
from .settings import Settings
from .words import Retention, new_id, plural

LEASE = timedelta(minutes=5)
KEEP = timedelta(weeks=12)  # longer than a round is open, so that no letter of it is sent twice
TRIES = 8


class LetterState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Outbox(SQLModel, table=True):
    __tablename__ = "outbox"
    __table_args__ = ({"info": {"retention": Retention.TECHNICAL}},)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=40)
    area_id: str | None = Field(default=None, max_length=40, index=True)
    key: str = Field(max_length=200, unique=True)
    recipient: str = Field(max_length=254)
    subject: str = Field(max_length=200)
    body: str = Field(sa_type=Text)
    calendar: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    state: LetterState = enum_column(LetterState, default=LetterState.WAITING, index=True)
    not_before: datetime = utc_column()
    tries: int = 0
    leased_until: datetime | None = utc_column(nullable=True)
    sent_at: datetime | None = utc_column(nullable=True)
    error: str | None = Field(default=None, max_length=300)


@dataclass(frozen=True)
class Letter:
    """A letter to one person. `key` says which letter it is: the same key is sent once."""

    to_email: str
    subject: str
    body: str
    key: str
    not_before: datetime | None = None
    calendar: str = ""  # an iCalendar text, sent as an attachment


def queue(tx: Transaction, letter: Letter) -> bool:
    """Put a letter into the outbox, in the same commit as what caused it; a known key is left alone. True if it is new."""
    if tx.session.exec(select(Outbox.id).where(Outbox.key == letter.key)).first():
        return False
    one_line = " ".join(letter.subject.split())  # a name with a line break in it must not become a header
    tx.session.add(
        Outbox(
            area_id=tx._area_id,
            key=letter.key,
            recipient=letter.to_email,
            subject=one_line,
            body=letter.body,
            calendar=letter.calendar,
            not_before=letter.not_before or tx.now,
        )
    )
    tx.session.flush()
    return True


def take_back(tx: Transaction, beginning: str) -> None:
    """Letters that wait to be sent and whose key begins so are not sent: something later has overtaken them."""
    waiting = col(Outbox.state) == LetterState.WAITING
    tx.session.execute(delete(Outbox).where(waiting, col(Outbox.key).startswith(beginning, autoescape=True)))


Sender = Callable[[EmailMessage], None]


def send_due(engine: Engine, settings: Settings) -> str:
    """Send what is due; a letter that fails is tried again later, and after eight tries given up and reported."""
    sent = failed = 0
    while (letter := _claim(engine)) is not None:
        error = _attempt(letter, settings)
        _settle(engine, letter, error)
        sent, failed = sent + (error is None), failed + (error is not None)
    return f"{plural(sent, 'letter')} sent, {failed} not"


def forget_letters(engine: Engine, settings: Settings) -> str:
    """Forget to whom old letters went, and those that were given up."""
    done = col(Outbox.state).in_((LetterState.SENT, LetterState.FAILED))
    with Session(engine.execution_options(writes=True)) as session, session.begin():
        gone = session.execute(delete(Outbox).where(done, col(Outbox.not_before) < instants.now() - KEEP))
    return f"{plural(gone.rowcount, 'letter')} forgotten"  # type: ignore[attr-defined]


def _claim(engine: Engine) -> Outbox | None:
    now = instants.now()
    with Session(engine.execution_options(writes=True), expire_on_commit=False) as session, session.begin():
        due = (
            select(Outbox)
            .where(Outbox.state == LetterState.WAITING, Outbox.not_before <= now)
            .where((col(Outbox.leased_until).is_(None)) | (col(Outbox.leased_until) < now))
            .order_by(col(Outbox.not_before), col(Outbox.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        letter = session.exec(due).first()
        if letter:
            letter.leased_until = now + LEASE * 2**letter.tries
            letter.tries += 1
    return letter


def _attempt(letter: Outbox, settings: Settings) -> str | None:
    try:
        deliver(_message(letter, settings), settings.smtp_url)
    except Exception as error:  # whatever is wrong with one letter, the letters behind it go out
        return f"{type(error).__name__}: {error}"[:300]
    return None


def _settle(engine: Engine, letter: Outbox, error: str | None) -> None:
    values: dict[str, Any] = {"error": error}
    if error is None:
        # what was sent is not kept: a letter may hold a link that chooses a password
        values |= {"state": LetterState.SENT, "sent_at": instants.now(), "leased_until": None, "body": "", "calendar": ""}
    elif letter.tries >= TRIES:
        values |= {"state": LetterState.FAILED}
    with Session(engine.execution_options(writes=True)) as session, session.begin():
        session.execute(update(Outbox).where(col(Outbox.id) == letter.id).values(**values))


def _message(letter: Outbox, settings: Settings) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, letter.recipient, letter.subject
    message["Message-ID"] = f"<{letter.id}@{settings.mail_from.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{letter.body.rstrip()}\n\n-- \nEHC plan moderation\n{settings.base_url}\n")
    if letter.calendar:
        method = "CANCEL" if "METHOD:CANCEL" in letter.calendar else "REQUEST"
        kind = {"method": method, "charset": "utf-8"}
        message.add_attachment(letter.calendar.encode(), "text", "calendar", filename="meeting.ics", params=kind)
    return message


def deliver(message: EmailMessage, smtp_url: str) -> None:
    """Hand a message to the mail server of `smtp_url`; `console:` prints it instead (demo)."""
    target = urlsplit(smtp_url)
    if target.scheme == "console":
        print(_readable(message), file=sys.stderr, flush=True)
        return
    kind = smtplib.SMTP_SSL if target.scheme == "smtps" else smtplib.SMTP
    with kind(target.hostname or "localhost", target.port or 0, timeout=20) as server:
        if target.scheme == "smtp" and target.username:
            server.starttls()
        if target.username:
            server.login(unquote(target.username), unquote(target.password or ""))
        server.send_message(message)


def _readable(message: EmailMessage) -> str:
    """The letter as its reader sees it: as sent, a long link would be broken over two lines and could not be followed."""
    body = message.get_body(("plain",))
    text = body.get_content().rstrip() if body else ""
    return f"--- letter to {message['To']} ---\n{message['Subject']}\n\n{text}\n--- end of letter ---\n"


def forget_all(engine: Engine) -> None:
    """Empty the outbox: the letters of an invented past are for nobody, and their links have been used."""
    with Session(engine.execution_options(writes=True)) as session, session.begin():
        session.execute(delete(Outbox))
