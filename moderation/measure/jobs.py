"""The clock's part: measure every closed round that needs it."""

from sqlalchemy import Engine
from sqlmodel import Session

from ..ledger import CLOCK, Via, transaction
from ..settings import Settings
from ..words import plural
from .actions import compute, due_rounds, keep


def measure_closed_rounds(engine: Engine, settings: Settings) -> str:
    """Measure what is due, one transaction a round; the arithmetic happens outside it."""
    with Session(engine) as session:
        due = due_rounds(session)
    for area_id, round_id in due:
        measured = compute(engine, area_id, round_id, settings.replicates)
        with transaction(engine, CLOCK, Via.JOB, area_id) as tx:
            keep(tx, round_id, measured)
    return f"{plural(len(due), 'round')} measured"
