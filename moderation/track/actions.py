"""Keeping the trends: only rows that changed are written, and only then is there an event."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

from sqlmodel import select

from ..ledger import Transaction
from ..words import CODE_VERSION
from .events import TrendsRecomputed
from .queries.trends import Point
from .tables import TrendPoint

Place = tuple[str, str, str, str]


def recompute_trends(tx: Transaction, points: Sequence[Point]) -> int:
    """Put these points in place of the area's earlier ones; returns how many rows changed."""
    rows = tx.session.exec(select(TrendPoint).where(TrendPoint.area_id == tx.area_id)).all()
    known = {_place(row): row for row in rows}
    wanted = {_place(point): point for point in points}
    stays = {place for place, point in wanted.items() if place in known and known[place].fingerprint == fingerprint(point)}
    gone, new = known.keys() - stays, wanted.keys() - stays
    for place in gone:
        tx.session.delete(known[place])
    tx.session.flush()
    tx.session.add_all(_row(tx, wanted[place]) for place in sorted(new))
    if gone or new:
        tx.record(TrendsRecomputed(tx.area_id, len(gone | new)))
    return len(gone | new)


def fingerprint(point: Point) -> str:
    """A digest of the point and of the code that worked it out."""
    return hashlib.sha256(repr((CODE_VERSION, point)).encode()).hexdigest()


def _place(one: Point | TrendPoint) -> Place:
    return (str(one.series), one.key, one.stat, one.period)


def _row(tx: Transaction, point: Point) -> TrendPoint:
    return TrendPoint(area_id=tx.area_id, **asdict(point), computed_at=tx.now, fingerprint=fingerprint(point))
