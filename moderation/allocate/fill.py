"""Fill the open places: a few of them for the design's sake, all others at the lowest cost, with even loads.

Expertise alone sorts auditors into communities that never meet. Two blocks of places are therefore filled first: plans
scored twice within an agency link its auditors in one chain, and the linking block (a different share of the plans for
each agency) goes to auditors at random. One stranger on a plan links two communities by two of its three pairs, which
is why the agencies' blocks do not overlap.
"""

from dataclasses import dataclass

import numpy as np

from .arrays import Arrays, Desk, Flags, Ints
from .chain import chained
from .flow import cheapest, priced, within
from .loads import growth, window


@dataclass(frozen=True)
class Filled:
    """The pairs chosen, and those among them that later swaps leave alone."""

    chosen: Flags
    fixed: Flags


@dataclass(frozen=True)
class Limits:
    """What one agency's auditors may take: pairs, the even range of their loads, and the price of less even ones."""

    allowed: Flags
    taken: Ints
    ceiling: Ints
    price: Ints
    low: Ints
    high: Ints


def filled(arrays: Arrays, linking_share: float, chain: bool) -> Filled:
    """Every agency's open places filled as far as possible. Where a block leaves the rest impossible, it is left out."""
    linking = [_linking_rows(arrays, place, linking_share) for place in range(len(arrays.desks))]
    parts = [_filled(arrays, desk, rows, chain) for desk, rows in zip(arrays.desks, linking, strict=True)]
    return Filled(np.hstack([part.chosen for part in parts]), np.hstack([part.fixed for part in parts]))


def _linking_rows(arrays: Arrays, place: int, share: float) -> Flags:
    """Rows stand in random order: each agency takes the next share of them."""
    rows = len(arrays.plans)
    block = round(share * rows)
    flags = np.zeros(rows, dtype=bool)
    flags[np.arange(place * block, (place + 1) * block) % max(rows, 1)] = True
    return flags


def _filled(arrays: Arrays, desk: Desk, linking: Flags, chain: bool) -> Filled:
    limits = limits_of(arrays, desk)
    fixed = np.zeros_like(limits.allowed)
    if chain:
        fixed |= chained(arrays, desk, limits.allowed, limits.high - limits.taken)
    if linking.any():
        fixed |= _linking_block(arrays, desk, limits, linking & ~fixed.any(axis=1), fixed.sum(axis=0))
    rest = _cheapest_even(arrays, desk, limits, fixed)
    if rest is not None:
        return Filled(rest | fixed, fixed)
    return Filled(_as_far_as_possible(arrays, desk, limits), np.zeros_like(fixed))


def limits_of(arrays: Arrays, desk: Desk) -> Limits:
    columns = desk.columns
    allowed, taken = arrays.allowed[:, columns], arrays.taken[columns]
    ceiling = np.minimum(arrays.ceiling[columns], taken + allowed[desk.demand > 0].sum(axis=0))
    price = growth(int(ceiling.max(initial=0)), arrays.floor[columns], arrays.availability[columns])
    low, high = window(int(desk.demand.sum() + taken.sum()), taken, ceiling, price)
    return Limits(allowed, taken, ceiling, price, low, high)


def _linking_block(arrays: Arrays, desk: Desk, limits: Limits, rows: Flags, used: Ints) -> Flags:
    """Random auditors for these plans, the same number for each as far as it goes."""
    hashes = arrays.hashes("linking", desk.columns)
    demand = np.where(rows, desk.demand, 0)
    none = np.zeros_like(used)
    low, high = window(int(demand.sum()), none, limits.high - limits.taken - used, limits.price)
    block = cheapest((hashes >> np.uint64(54)).astype(np.int64), limits.allowed, demand, within(low, high - low), hashes)
    return block if block is not None else np.zeros_like(limits.allowed)


def _cheapest_even(arrays: Arrays, desk: Desk, limits: Limits, fixed: Flags) -> Flags | None:
    """The rest at the lowest cost with loads in the even range; None when conflicts or the blocks forbid it."""
    have = limits.taken + fixed.sum(axis=0)
    sure = np.maximum(limits.low - have, 0)
    demand = desk.demand - fixed.sum(axis=1)
    cost, ties = arrays.cost[:, desk.columns], arrays.hashes("ties", desk.columns)
    return cheapest(cost, limits.allowed, demand, within(sure, limits.high - have - sure), ties)


def _as_far_as_possible(arrays: Arrays, desk: Desk, limits: Limits) -> Flags:
    """The most places filled, then the most even loads, then the lowest cost: the flow weighs all three itself."""
    cost, ties = arrays.cost[:, desk.columns], arrays.hashes("ties", desk.columns)
    places = priced(limits.taken, limits.ceiling, limits.price)
    best = cheapest(cost, limits.allowed, desk.demand, places, ties, partial=True)
    if best is None:
        raise AssertionError("A partial allocation always exists.")
    return best
