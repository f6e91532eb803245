"""Mend an allocation with the smallest change: work that has started never moves, nothing moves without need.

Places are empty because somebody declined, is away, or may no longer rate a plan. First each empty place is offered to
somebody who has room: then as many pairs change as were broken. Only where that fails is the whole agency looked at, for
the shortest exchanges. Among the smallest changes the more even loads win, then expertise and fewer repeated meetings.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from .arrays import Arrays, Desk, Flags, Ints, arrays, flags
from .design import measured
from .draw import priorities
from .fill import limits_of
from .flow import cheapest, priced
from .loads import growth
from .problem import Allocation, Design, Problem, Shortfall
from .shortfall import shortfalls
from .terms import recommended_price

Pair = tuple[str, str]
NEW_PAIR = 100_000_000  # outweighs every other difference along a chain of exchanges
UNEVEN = 10_000  # how much dearer an auditor's next plan is than the one before
MEETINGS = 8  # meetings beyond these do not make a pair still dearer


@dataclass(frozen=True)
class Change:
    """Pairs to end and pairs to make; empty when nothing is to be done. What stays open is explained."""

    removed: tuple[Allocation, ...]
    added: tuple[Allocation, ...]
    shortfalls: tuple[Shortfall, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.removed or self.added)


def repair(problem: Problem, current: Iterable[Pair], seed: int | str) -> Change:
    """Fill what is empty. `problem` is as things are now: who is away has no capacity beyond started work, who declined a
    plan has a conflict with it. `current` are all standing allocations. Nobody gets a seed by a repair, and a seed is
    taken only from those who may not keep it."""
    laid_out, standing = _standing(problem, set(current), seed)
    kept = standing & laid_out.allowed
    chosen = np.hstack([_mended(laid_out, desk, kept) for desk in laid_out.desks])
    short = tuple(one for desk in laid_out.desks for one in shortfalls(laid_out, desk, chosen[:, desk.columns]))
    return _change(laid_out, set(current), chosen, short)


def share_with(problem: Problem, current: Iterable[Pair], newcomer: str, seed: int | str) -> Change:
    """Move the fewest plans to a new auditor until their load is fair, from those who have most. They also get the seeds."""
    everybody_has_seeds = {*current, *((plan, newcomer) for plan in problem.seeds)}
    laid_out, standing = _standing(problem, everybody_has_seeds, seed)
    column = laid_out.column[newcomer]
    desk = next(desk for desk in laid_out.desks if desk.columns.start <= column < desk.columns.stop)
    chosen = standing & laid_out.allowed
    fair = limits_of(laid_out, desk).low[column - desk.columns.start] - laid_out.taken[column]
    while chosen[:, column].sum() < fair and (move := _best_move(laid_out, desk, chosen, column)):
        row, donor = move
        chosen[row, donor], chosen[row, column] = False, True
    return _change(laid_out, set(current), chosen)


def design_of_pairs(problem: Problem, pairs: Iterable[Pair]) -> Design:
    """The design of some allocations: what a change would do to it is the difference of two of these."""
    laid_out, standing = _standing(problem, set(pairs), "design")
    return measured(laid_out, standing | laid_out.locked)


def _standing(problem: Problem, current: set[Pair], seed: int | str) -> tuple[Arrays, Flags]:
    """The problem with seeds where they are now, and the standing pairs with ordinary plans."""
    laid_out = arrays(problem, seed)
    seeds = {plan: row for row, plan in enumerate(laid_out.seeds)}
    seeded = laid_out.seeded & flags(seeds, laid_out.column, current)
    taken = laid_out.locked.sum(axis=0) + seeded.sum(axis=0)
    return replace(laid_out, seeded=seeded, taken=taken), flags(laid_out.row, laid_out.column, current)


def _change(laid_out: Arrays, current: set[Pair], chosen: Flags, short: tuple[Shortfall, ...] = ()) -> Change:
    """The difference between what stands and what is chosen, beside locked work and seeds."""
    wanted = set(laid_out.pairs(chosen | laid_out.locked)) | set(laid_out.seed_pairs)
    return Change(_allocations(laid_out, current - wanted), _allocations(laid_out, wanted - current), short)


def _allocations(laid_out: Arrays, pairs: set[Pair]) -> tuple[Allocation, ...]:
    agency_of = laid_out.problem.agency_of
    return tuple(Allocation(plan, auditor, agency_of.get(auditor, "")) for plan, auditor in sorted(pairs))


@dataclass(frozen=True)
class Mending:
    """One agency's part of a repair. `kept` are the standing pairs of all agencies that may stay."""

    laid_out: Arrays
    desk: Desk
    kept: Flags

    @property
    def mine(self) -> Flags:
        return self.kept[:, self.desk.columns]

    @property
    def loose(self) -> Ints:
        """The plans with too few or too many auditors, and those of auditors who have more than they can take."""
        overloaded = (self.laid_out.taken + self.kept.sum(axis=0) > self.laid_out.ceiling)[self.desk.columns]
        return np.flatnonzero((self.mine.sum(axis=1) != self.desk.demand) | self.mine[:, overloaded].any(axis=1))

    def filled(self, rows: Ints, allowed: Flags, *, partial: bool) -> Flags | None:
        """The agency's pairs with these plans filled at the lowest cost; all others stay as they are."""
        laid_out, columns = self.laid_out, self.desk.columns
        pairs = self.mine.copy()
        pairs[rows] = False
        have = laid_out.taken[columns] + pairs.sum(axis=0)
        ceiling = np.minimum(laid_out.ceiling[columns], have + allowed[rows].sum(axis=0))
        price = UNEVEN * growth(int(ceiling.max(initial=0)), laid_out.floor[columns], laid_out.availability[columns])
        ties = priorities(laid_out.seed, "repair", [laid_out.plans[row] for row in rows], laid_out.auditors[columns])
        places = priced(have, ceiling, price, outranks=False)
        found = cheapest(self._cost(rows), allowed[rows], self.desk.demand[rows], places, ties, partial=partial)
        if found is None:
            return None
        pairs[rows] = found
        return pairs

    def _cost(self, rows: Ints) -> Ints:
        columns = self.desk.columns
        new = NEW_PAIR + self.laid_out.cost[rows, columns] + _meetings(self.laid_out, self.kept, rows, columns)
        return np.where(self.mine[rows], 0, new)


def _mended(laid_out: Arrays, desk: Desk, kept: Flags) -> Flags:
    """One agency's pairs after the repair."""
    mending = Mending(laid_out, desk, kept)
    loose = mending.loose
    if not len(loose):
        return mending.mine
    allowed = laid_out.allowed[:, desk.columns]
    direct = mending.filled(loose, allowed, partial=False)
    if direct is not None and (direct & mending.mine).sum() == _keepable(mending, loose):
        return direct
    best = mending.filled(np.arange(len(kept)), allowed, partial=True)
    return mending.mine if best is None else best


def _keepable(mending: Mending, loose: Ints) -> int:
    """How many standing pairs could be kept at most if nothing else mattered."""
    most = mending.filled(loose, mending.mine, partial=True)
    return 0 if most is None else int(most.sum())


def _meetings(laid_out: Arrays, kept: Flags, rows: Ints, columns: slice) -> Ints:
    """What the meetings of each auditor with the other auditors of these plans would cost."""
    chosen = (kept | laid_out.locked).astype(np.float32)
    company = chosen[rows].any(axis=0)
    times = chosen[:, company].T @ chosen[:, columns] + laid_out.history[company][:, columns]
    near = chosen[rows][:, company] @ times
    return np.minimum(near, MEETINGS).astype(np.int64) * recommended_price(len(laid_out.plans))


def _best_move(laid_out: Arrays, desk: Desk, chosen: Flags, newcomer: int) -> tuple[int, int] | None:
    """The plan that costs least to take from the auditor who has most; None when nobody has more than one plan more."""
    load = laid_out.taken + chosen.sum(axis=0)
    donors = [column for column in range(desk.columns.start, desk.columns.stop) if load[column] > load[newcomer] + 1]
    for donor in sorted(donors, key=lambda column: (-int(load[column]), column)):
        rows = np.flatnonzero(chosen[:, donor] & laid_out.allowed[:, newcomer] & ~chosen[:, newcomer])
        if len(rows):
            meetings = _meetings(laid_out, chosen, rows, slice(newcomer, newcomer + 1))[:, 0]
            return int(rows[(laid_out.cost[rows, newcomer] - laid_out.cost[rows, donor] + meetings).argmin()]), donor
    return None
