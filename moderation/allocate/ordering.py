"""Draws that are too large to wait for: the lead orders one, the clock works it out, the page says when it is ready."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from moderation.ledger import Actor, Transaction
from moderation.people.tables import Account
from moderation.words import Refused

from . import drawing
from .drawing import Solved, latest_draw
from .events import DrawFailed, DrawOrdered
from .queries import RoundView, agency_lines
from .rules import check_in_setup, check_reason
from .tables import DrawOrder, Round

AT_ONCE = 400  # places up to which five settings are drawn in two seconds


@dataclass(frozen=True)
class OrderView:
    """A draw that is being worked out, or that failed and why."""

    order_id: str
    area_id: str
    round_id: str
    weighing: int
    asked_at: datetime
    failure: str | None


def takes_long(session: Session, area_id: str, view: RoundView) -> bool:
    """Is this round too large to be drawn while somebody waits?"""
    each = sum(line.auditors_per_plan for line in agency_lines(session, area_id, view.id))
    return view.plans * each > AT_ONCE


def order_of(session: Session, area_id: str, round_id: str) -> OrderView | None:
    """The round's order, if there is one."""
    chosen = select(DrawOrder).where(DrawOrder.area_id == area_id, DrawOrder.round_id == round_id)
    row = session.exec(chosen).first()
    return _view(row) if row else None


def waiting(session: Session) -> list[OrderView]:
    """The orders of every area that have not failed, oldest first."""
    rows = session.exec(select(DrawOrder).where(DrawOrder.failure == None))  # noqa: E711 (SQL, not Python)
    return sorted((_view(row) for row in rows), key=lambda one: (one.asked_at, one.order_id))


def _view(row: DrawOrder) -> OrderView:
    return OrderView(row.id, row.area_id, row.round_id, row.weighing, row.asked_at, row.failure)


def order_draw(tx: Transaction, round_id: str, version: int, reason: str, weighing: int) -> None:
    """Ask for a draw. While one is being worked out, asking again changes nothing."""
    found = tx.get(Round, round_id)
    check_in_setup(found.state)
    why = check_reason(reason) if latest_draw(tx.session, tx.area_id, round_id) else ""
    row = _order(tx, round_id)
    if row and row.failure is None:
        return
    if found.version != version:
        raise Refused("The round has changed since you opened this page. Look at it again, then draw.")
    if row:
        tx.session.delete(row)
        tx.session.flush()
    tx.session.add(DrawOrder(
        area_id=tx.area_id, round_id=round_id, round_version=version, weighing=weighing, reason=why,
        asked_by=tx.actor.account_id or "", asked_at=tx.now,
    ))  # fmt: skip
    tx.record(DrawOrdered(round_id, weighing))


def keep(tx: Transaction, order_id: str, solved: Solved) -> str:
    """The draw that was worked out becomes the round's draft, and the order is done."""
    row = tx.get(DrawOrder, order_id)
    kept = drawing.allocate(tx, row.round_id, row.round_version, row.reason, solved)
    tx.session.delete(row)
    return kept


def fail(tx: Transaction, order_id: str, why: str) -> None:
    """The draw cannot be kept; the lead is told why."""
    row = tx.get(DrawOrder, order_id)
    row.failure = why[:500]
    tx.record(DrawFailed(row.round_id))


def asked_by(session: Session, order_id: str) -> Actor:
    """Whose act the draw is."""
    account = session.get_one(Account, session.get_one(DrawOrder, order_id).asked_by)
    return Actor(account.id, account.name)


def _order(tx: Transaction, round_id: str) -> DrawOrder | None:
    chosen = select(DrawOrder).where(DrawOrder.area_id == tx.area_id, DrawOrder.round_id == round_id)
    return tx.session.exec(chosen).first()
