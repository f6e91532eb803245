"""Standing triads: three auditors who meet on more than one plan are parted by swaps, where any swap can part them."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import combinations

import numpy as np

from .arrays import Arrays, Flags
from .swaps import NEVER, Exchange, Slots

TRIED = 60  # swaps tried for each place of a plan, cheapest first
ROUNDS = 5

Triad = tuple[int, ...]


def parted(arrays: Arrays, chosen: Flags, fixed: Flags, pair_price: int) -> Flags:
    """The allocation after swaps that part repeated triads, each by the swap that costs least."""
    exchange = Exchange.of(arrays, chosen | arrays.locked, pair_price)
    counts = Counter(triad for plan in range(len(arrays.plans)) for triad in _triads(exchange, plan))
    for _ in range(ROUNDS):
        before = _repeats(counts)
        if not before:
            break
        for desk in arrays.desks:
            _part(Slots.of(desk, exchange.chosen.T & ~(fixed | arrays.locked), exchange), exchange, counts)
        if _repeats(counts) == before:
            break
    return np.asarray(exchange.chosen.T & ~arrays.locked)


def recurring(chosen: Flags) -> dict[Triad, list[int]]:
    """The sets of three auditors (columns) who share more than one plan, and those plans (rows)."""
    rows: dict[Triad, list[int]] = defaultdict(list)
    for row, members in enumerate(chosen):
        for triad in combinations(np.flatnonzero(members).tolist(), 3):
            rows[triad].append(row)
    return {triad: plans for triad, plans in rows.items() if len(plans) > 1}


def _repeats(counts: Counter[Triad]) -> int:
    return sum(times * (times - 1) // 2 for times in counts.values() if times > 1)


def _triads(exchange: Exchange, plan: int) -> Iterable[Triad]:
    return combinations(np.flatnonzero(exchange.chosen[:, plan]).tolist(), 3)


def _part(slots: Slots, exchange: Exchange, counts: Counter[Triad]) -> None:
    for slot in range(len(slots.plans)):
        if any(counts[triad] > 1 for triad in _triads(exchange, int(slots.plans[slot]))):
            _part_one(slot, slots, exchange, counts)


def _part_one(slot: int, slots: Slots, exchange: Exchange, counts: Counter[Triad]) -> None:
    """Make the cheapest swap of a slot that lowers the number of repeated triads."""
    plan, auditor = int(slots.plans[slot]), int(slots.auditors[slot])
    change = exchange.change(plan, auditor, slots) - slots.weight[slot]
    mine = _pairs(exchange, plan, auditor)
    for other in np.argsort(change, kind="stable")[:TRIED]:
        if change[other] >= NEVER // 2:
            return
        theirs, who = _pairs(exchange, int(slots.plans[other]), int(slots.auditors[other])), int(slots.auditors[other])
        before = Counter([*_with(auditor, mine), *_with(who, theirs)])
        after = Counter([*_with(who, mine), *_with(auditor, theirs)])
        if _change(counts, before, after) < 0:
            slots.swap(slot, int(other), exchange)
            counts.update(after)
            counts.subtract(before)
            return


def _pairs(exchange: Exchange, plan: int, auditor: int) -> list[tuple[int, int]]:
    """The pairs among the other auditors of a plan."""
    return list(combinations([one for one in np.flatnonzero(exchange.chosen[:, plan]).tolist() if one != auditor], 2))


def _with(auditor: int, pairs: list[tuple[int, int]]) -> list[Triad]:
    return [tuple(sorted((auditor, *pair))) for pair in pairs]


def _change(counts: Counter[Triad], before: Counter[Triad], after: Counter[Triad]) -> int:
    """By how much the repeated triads change when these replace those."""
    touched = before.keys() | after.keys()
    now = Counter({triad: counts[triad] for triad in touched})
    then = Counter({triad: counts[triad] - before[triad] + after[triad] for triad in touched})
    return _repeats(then) - _repeats(now)
