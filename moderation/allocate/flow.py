"""Minimum-cost flow: the cheapest way to fill the open places of one agency. The only file that knows the solver.

The network: each plan sends as many units as it has open places; a pair that may be made carries one unit to the
auditor; what an auditor holds flows on to the sink. Costs are integers; ties are settled by hash.
"""

from dataclasses import dataclass

import numpy as np
from ortools.graph.python import min_cost_flow

from moderation.words import Refused

from .arrays import Costs, Flags, Ints
from .draw import Hashes

LARGEST = 2**61  # the solver multiplies costs by the number of nodes in 64 bits
TIE_LEVELS = 1024


@dataclass(frozen=True)
class Places:
    """What auditors can take beyond what they have: `sure` units they must get, then `units` at a price each.

    `auditor`, `units` and `price` run in parallel; one auditor may stand in several rows with rising prices. A price
    outranks the cost of pairs, or is added to it.
    """

    sure: Ints
    auditor: Ints
    units: Ints
    price: Ints
    outranks: bool = True


def within(sure: Ints, more: Ints) -> Places:
    """Each auditor gets what is sure and perhaps some more, at no price."""
    return Places(sure, np.arange(len(sure)), more, np.zeros(len(sure), dtype=np.int64), outranks=False)


def priced(taken: Ints, ceiling: Ints, price: Ints, *, outranks: bool = True) -> Places:
    """Each auditor can get up to the ceiling, each further plan at its own price."""
    auditor, nth = np.nonzero((np.arange(price.shape[1]) >= taken[:, None]) & (np.arange(price.shape[1]) < ceiling[:, None]))
    return Places(np.zeros_like(taken), auditor, np.ones(len(auditor), dtype=np.int64), price[auditor, nth], outranks)


def cheapest(
    cost: Ints | Costs, allowed: Flags, demand: Ints, places: Places, ties: Hashes, *, partial: bool = False
) -> Flags | None:
    """The pairs to make, or None when the places cannot be filled (with `partial` some stay open, as few as possible).

    In this order: fewest open places, lowest price of the loads, lowest cost, lowest hash.
    """
    rows, columns = np.nonzero(allowed & (demand > 0)[:, None])
    levels = _levels(cost, allowed.shape, places, partial)
    pair_cost = cost[rows, columns].astype(np.int64) * levels.pair + (ties[rows, columns] % np.uint64(levels.tie)).astype(np.int64)
    solver = min_cost_flow.SimpleMinCostFlow()
    plans, auditors = allowed.shape
    sink = plans + auditors
    _arcs(solver, rows, plans + columns, np.ones(len(rows), dtype=np.int64), pair_cost)
    _arcs(solver, plans + places.auditor, np.full(len(places.auditor), sink), places.units, places.price * levels.load)
    if partial:
        _arcs(solver, np.arange(plans), np.full(plans, sink), demand, np.full(plans, levels.open_place))
    supply = np.concatenate([demand, -places.sure, [places.sure.sum() - demand.sum()]])
    solver.set_nodes_supplies(np.arange(sink + 1, dtype=np.int32), supply.astype(np.int64))
    if supply[-1] > 0 or solver.solve() != solver.OPTIMAL:
        return None
    chosen = np.zeros(allowed.shape, dtype=bool)
    chosen[rows, columns] = solver.flows(np.arange(len(rows), dtype=np.int32)) > 0
    return chosen


@dataclass(frozen=True)
class _Levels:
    """Multipliers that make one integer cost out of four wishes, each of which outranks all that follow it."""

    tie: int
    pair: int
    load: int
    open_place: int


def _levels(cost: Ints | Costs, shape: tuple[int, int], places: Places, partial: bool) -> _Levels:
    """A flow is cheapest when no cycle of changes lowers it, and a cycle visits each auditor once: so a wish outranks
    what the wishes below it can change along one cycle, not in total."""
    plans, auditors = shape
    cycle = 2 * (min(plans, auditors) + 1)
    dearest = int(np.abs(cost).max(initial=0))
    most = int(places.price.max(initial=0))  # an open place pays no price at all, so the whole price counts
    for tie in (TIE_LEVELS, 64, 8, 1):
        pair = cycle * tie
        load = cycle * (dearest + 1) * pair if places.outranks else pair
        open_place = (most + 1) * load + cycle * (dearest + 1) * pair if partial else 1
        if max(open_place, most * load, dearest * pair) * (plans + auditors + 2) < LARGEST:
            return _Levels(tie, pair, load, open_place)
    raise Refused("This round is too large to be allocated in one draw.")


def _arcs(solver: min_cost_flow.SimpleMinCostFlow, tails: Ints, heads: Ints, units: Ints, cost: Ints) -> None:
    solver.add_arcs_with_capacity_and_unit_cost(
        tails.astype(np.int32), heads.astype(np.int32), units.astype(np.int64), cost.astype(np.int64)
    )
