"""Why an allocation is impossible: which plans and auditors block each other, and every single change that would help.

Start from a largest partial allocation. From a plan with an open place, follow every exchange (this auditor could take
the plan if somebody else took that one, ...). If the place cannot be filled, all auditors reached are full, and full of
the plans reached: together those plans need more places than there are (Hall's theorem).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from .arrays import Arrays, Desk, Flags, Ints
from .design import linked_groups
from .flow import cheapest, priced
from .problem import Fix, Shortfall

FIXES = 20
SMALL = 20_000  # pairs up to which smaller sets and fixes of several places are searched for exactly


@dataclass(frozen=True)
class Block:
    """The pairs of some plans with one agency's auditors, those chosen, and the places auditors have for these plans."""

    allowed: Flags
    chosen: Flags
    demand: Ints
    free: Ints

    @property
    def open(self) -> Ints:
        return np.asarray(self.demand - self.chosen.sum(axis=1))

    def pairs(self, rows: Flags) -> int:
        return int(rows.sum()) * len(self.free)

    def need(self, rows: Flags) -> int:
        return int(self.demand[rows].sum())

    def have(self, rows: Flags) -> int:
        """The most places of these plans that can be filled: an auditor takes each plan once, and no more than is free."""
        return int(np.minimum(self.free, self.allowed[rows].sum(axis=0)).sum())


def shortfalls(arrays: Arrays, desk: Desk, chosen: Flags) -> list[Shortfall]:
    """Explain the places that a largest partial allocation of an agency leaves open."""
    free = (arrays.ceiling - arrays.taken)[desk.columns]
    block = Block(arrays.allowed[:, desk.columns], chosen, desk.demand, free)
    if not block.open.any():
        return []
    barred = ~(block.allowed | arrays.locked[:, desk.columns])
    found = [_explained(arrays, desk, block, barred, rows) for rows in _blocked_sets(block)]
    return sorted(found, key=lambda shortfall: shortfall.plans)


def _explained(arrays: Arrays, desk: Desk, block: Block, barred: Flags, rows: Flags) -> Shortfall:
    plans, auditors = np.array(arrays.plans), np.array(arrays.auditors[desk.columns])
    full = _reached(block, rows & (block.open > 0))[1]
    short = block.need(rows) - block.have(rows)
    one_more = sorted(map(str, auditors[full]))
    cleared = sorted(zip(*_named(barred & rows[:, None] & _with_a_way_out(block)[None, :], plans, auditors), strict=True))
    single = [Fix(who) for who in one_more] + [Fix(who, plan) for plan, who in cleared]
    fixes = single if short == 1 else list(islice(_several_places(block, rows, short, one_more, auditors), FIXES))
    return Shortfall(
        agency=desk.agency,
        plans=tuple(sorted(map(str, plans[rows]))),
        auditors=tuple(sorted(map(str, auditors[block.allowed[rows].any(axis=0)]))),
        need=block.need(rows),
        have=block.have(rows),
        unfilled=tuple(sorted(map(str, np.repeat(plans[rows], block.open[rows])))),
        fixes=tuple(fixes[:FIXES]),
        steps=() if fixes else tuple(single[:FIXES]),
    )


def _named(pairs: Flags, plans: np.ndarray, auditors: np.ndarray) -> tuple[list[str], list[str]]:
    rows, columns = np.nonzero(pairs)
    return list(map(str, plans[rows])), list(map(str, auditors[columns]))


def _reached(block: Block, start: Flags) -> tuple[Flags, Flags]:
    """The plans and auditors that exchanges reach from these plans."""
    plans, auditors, fresh = start.copy(), np.zeros(len(block.free), dtype=bool), start
    while fresh.any():
        new = (block.allowed[fresh] & ~block.chosen[fresh]).any(axis=0) & ~auditors
        auditors |= new
        fresh = block.chosen[:, new].any(axis=1) & ~plans
        plans |= fresh
    return plans, auditors


def _with_a_way_out(block: Block) -> Flags:
    """The auditors who have a place free, or could get one by exchanges: a cleared conflict with one of them fills a place."""
    ready = block.chosen.sum(axis=0) < block.free
    while True:
        movable = (block.allowed & ~block.chosen)[:, ready].any(axis=1)
        more = block.chosen[movable].any(axis=0) & ~ready
        if not more.any():
            return np.asarray(ready)
        ready |= more


def _blocked_sets(block: Block) -> list[Flags]:
    """The sets of plans behind the open places. What exchanges reach from all of them falls apart into independent sets;
    a plan that nobody may take is a set by itself."""
    plans, auditors = _reached(block, block.open > 0)
    links = block.allowed & plans[:, None] & auditors[None, :]
    group = linked_groups(links)
    sets = [np.asarray(links[:, auditors & (group == one)].any(axis=1)) for one in np.unique(group[auditors])]
    alone = np.flatnonzero(plans & ~links.any(axis=1)).tolist()
    return [_smallest(block, rows) for rows in [*sets, *(_only(row, len(plans)) for row in alone)]]


def _only(row: int, rows: int) -> Flags:
    flags = np.zeros(rows, dtype=bool)
    flags[row] = True
    return flags


def _smallest(block: Block, rows: Flags) -> Flags:
    """Leave out plans without which the set is as short. (Only plans with several open places can make that possible.)"""
    if block.demand[rows].max() == 1 or block.pairs(rows) > SMALL:
        return rows
    short = block.need(rows) - block.have(rows)
    for row in np.flatnonzero(rows).tolist():
        fewer = rows & ~_only(row, len(rows))
        if fewer[block.open > 0].sum() == rows[block.open > 0].sum() and block.need(fewer) - block.have(fewer) == short:
            rows = fewer
    return rows


def _several_places(block: Block, rows: Flags, short: int, names: list[str], auditors: np.ndarray) -> Iterator[Fix]:
    """The auditors with whom the whole set could be covered if they took `short` more plans."""
    column_of = {str(name): column for column, name in enumerate(auditors)}
    return (Fix(name, places=short) for name in names if _cured_by(block, rows, short, column_of[name]))


def _cured_by(block: Block, rows: Flags, short: int, column: int) -> bool:
    waiting = rows & (block.open > 0) & block.allowed[:, column] & ~block.chosen[:, column]
    if waiting.sum() >= short:
        return True
    if block.pairs(rows) > SMALL:
        return False
    more = block.free.copy()
    more[column] += short
    return _can_cover(block.allowed[rows], block.demand[rows], more)


def _can_cover(allowed: Flags, demand: Ints, free: Ints) -> bool:
    nothing = np.zeros(allowed.shape, dtype=np.int64)
    price = np.zeros((len(free), int(free.max(initial=0))), dtype=np.int64)
    places = priced(np.zeros_like(free), free, price)
    return cheapest(nothing, allowed, demand, places, nothing.astype(np.uint64)) is not None
