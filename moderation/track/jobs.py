"""The clock's part: work the trends of every area out anew."""

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ..ledger import CLOCK, Via, transaction
from ..people.tables import Area
from ..settings import Settings
from ..words import plural
from . import actions
from .queries.working_out import work_out


def recompute_trends(engine: Engine, settings: Settings) -> str:
    """One transaction an area; the arithmetic happens outside it."""
    with Session(engine) as session:
        areas = session.exec(select(Area.id).order_by(col(Area.id))).all()
    changed = sum(_recompute(engine, area_id, settings.replicates) for area_id in areas)
    return f"{plural(changed, 'point')} of {plural(len(areas), 'area')} changed"


def _recompute(engine: Engine, area_id: str, replicates: int) -> int:
    with Session(engine) as session:
        points = work_out(session, area_id, replicates)
    with transaction(engine, CLOCK, Via.JOB, area_id) as tx:
        return actions.recompute_trends(tx, points)
