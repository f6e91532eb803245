"""The clock's part: work out large draws, repair the rounds whose leads have said so, erase documents that no round needs."""

from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from moderation.ledger import CLOCK, Via, transaction
from moderation.people.tables import Area
from moderation.settings import Settings
from moderation.words import ServiceError, plural

from . import ordering, retention
from .drawing import work_out
from .ordering import OrderView
from .repairing import apply_repair, repair_of
from .rules import RoundState
from .tables import Round


def work_out_draws(engine: Engine, settings: Settings) -> str:
    """Every draw that a lead has ordered, each kept in a transaction of its own."""
    with Session(engine) as session:
        orders = ordering.waiting(session)
    for order in orders:
        _work_out(engine, order)
    return f"{plural(len(orders), 'draw')} worked out"


def _work_out(engine: Engine, order: OrderView) -> None:
    try:
        with Session(engine) as session:
            actor = ordering.asked_by(session, order.order_id)
            solved = work_out(session, order.area_id, order.round_id, order.weighing)
        with transaction(engine, actor, Via.JOB, order.area_id) as tx:
            ordering.keep(tx, order.order_id, solved)
    except ServiceError as refusal:
        _fail(engine, order, str(refusal) or "Something changed meanwhile. Draw again.")
    except Exception:  # not tried again by itself, or it would fail every few seconds and hold up the others
        _fail(engine, order, "Something went wrong with this draw. Draw again, or ask whoever runs the service.")
        raise


def _fail(engine: Engine, order: OrderView, why: str) -> None:
    with transaction(engine, CLOCK, Via.JOB, order.area_id) as tx:
        ordering.fail(tx, order.order_id, why)


def repair_rounds(engine: Engine, settings: Settings) -> str:
    """Before the morning's digest, fill the places that came back, in rounds that repair themselves. The time of day is the
    same whatever happened and whenever it did, so it tells nobody anything."""
    with Session(engine) as session:
        chosen = select(Round.area_id, Round.id).where(Round.state == RoundState.OPEN, col(Round.repairs_itself).is_(True))
        rounds = list(session.exec(chosen))
    moved = sum(_repair(engine, area_id, round_id) for area_id, round_id in rounds)
    return f"{plural(len(rounds), 'round')} looked at, {plural(moved, 'place')} filled"


def _repair(engine: Engine, area_id: str, round_id: str) -> int:
    with Session(engine) as session:
        proposal = repair_of(session, area_id, round_id)
    if not proposal:
        return 0
    try:
        with transaction(engine, CLOCK, Via.JOB, area_id) as tx:
            return apply_repair(tx, round_id, proposal.fingerprint)
    except ServiceError:  # the round has changed since: it is looked at again tomorrow
        return 0


def erase_documents(engine: Engine, settings: Settings) -> str:
    """Erase the audit packs that nobody has used for as long as documents are kept, and announce those that are next."""
    keep = timedelta(days=settings.document_days)
    with Session(engine) as session:
        areas = session.exec(select(Area.id).order_by(col(Area.id))).all()
    announced = erased = 0
    for area_id in areas:
        with transaction(engine, CLOCK, Via.JOB, area_id) as tx:
            announced += retention.announce(tx, keep)
        erased += _erase(engine, area_id, keep)
    return f"{plural(erased, 'document')} erased, {plural(announced, 'audit pack')} announced"


def _erase(engine: Engine, area_id: str, keep: timedelta) -> int:
    """Each pack in a transaction of its own."""
    erased = 0
    with Session(engine) as session:
        due = retention.due(session, area_id, keep)
    for plan_version_id in due:
        with transaction(engine, CLOCK, Via.JOB, area_id) as tx:
            erased += retention.erase(tx, plan_version_id, keep)
    return erased
