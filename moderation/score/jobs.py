"""The clock's part: close rounds whose last day is over, and remind auditors of their own unfinished plans."""

from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation import instants
from moderation.allocate.actions import remind_by_date
from moderation.allocate.rules import RoundState
from moderation.allocate.tables import Round
from moderation.ledger import CLOCK, Via, transaction
from moderation.settings import Settings
from moderation.words import plural

from .actions import close_round, due_to_close
from .concerns import overdue
from .concerns import remind as remind_of_concern


def close_due_rounds(engine: Engine, settings: Settings) -> str:
    """Close every round whose closing day is over, each in a transaction of its own."""
    with Session(engine) as session:
        due = due_to_close(session, instants.now())
    for area_id, round_id in due:
        with transaction(engine, CLOCK, Via.JOB, area_id) as tx:
            close_round(tx, round_id)
    return f"{plural(len(due), 'round')} closed"


def send_reminders(engine: Engine, settings: Settings) -> str:
    """On the days before closing that they chose, one letter to each auditor with unfinished plans."""
    reminded = 0
    with Session(engine) as session:
        areas = sorted(set(session.exec(select(Round.area_id).where(Round.state == RoundState.OPEN))))
    for area_id in areas:
        with transaction(engine, CLOCK, Via.JOB, area_id) as tx:
            reminded += remind_by_date(tx)
    return f"{plural(reminded, 'auditor')} reminded"


def chase_concerns(engine: Engine, settings: Settings) -> str:
    """Remind of concerns that nobody has answered within a day, and of each further day."""
    with Session(engine) as session:
        late = overdue(session, instants.now())
    for area_id, concern_id in late:
        with transaction(engine, CLOCK, Via.JOB, area_id) as tx:
            remind_of_concern(tx, concern_id)
    return f"{plural(len(late), 'concern')} without an answer"
