"""Rounds that are not large are finished by the measure itself: swaps that lower cost + repeated meetings + variance.

The best swap of an agency is made until none helps. Where the design is still less precise than promised, a few swaps at
random lead out of the corner and the search goes on, with precision a little dearer each time, until the promise is kept
or the tries are used up: very few plans for each auditor allow no better design.
"""

from copy import copy
from dataclasses import dataclass, replace

import numpy as np

from .arrays import Arrays, Flags
from .design import components
from .draw import keyed
from .precision import Floats, Precision
from .swaps import Exchange, Slots
from .terms import Terms

BLOCK = 10_000  # swaps looked at together
WORK = 24_000  # tries x places
MOST_TRIES = 130
DEARER = 1.15  # per try
DEAREST = 64.0
KICK = 1  # swaps at random that begin a try
MOST_LOOKS = 2000  # at each block; far more than a search needs, so that no error of rounding keeps it going
CALM = 0.25  # they are chosen among the better quarter


@dataclass
class Search:
    """An allocation on its way to a better one. Pairs of plans scored twice move only where the auditors of the agency
    stay linked by such plans, and as evenly."""

    arrays: Arrays
    exchange: Exchange
    precision: Precision
    slots: list[Slots]
    total: float = 0.0  # by how much the objective has changed

    @classmethod
    def of(cls, arrays: Arrays, chosen: Flags, terms: Terms) -> "Search":
        exchange = Exchange.of(arrays, chosen | arrays.locked, terms.pair_price)
        precision = Precision.of(arrays, chosen | arrays.locked, terms.precision_price)
        slots = [Slots.of(desk, chosen, exchange) for desk in arrays.desks]
        return cls(arrays, exchange, precision, [one for one in slots if len(one.plans) > 1])

    @property
    def chosen(self) -> Flags:
        return np.asarray(self.exchange.chosen.T & ~self.arrays.locked)

    def descend(self) -> None:
        """Make the best swap of each block of slots in turn until no block has one that helps."""
        blocks = [(slots, some) for slots in self.slots for some in _blocks(slots)]
        place = idle = 0
        while idle < len(blocks) and place < MOST_LOOKS * len(blocks):
            idle = 0 if self._improve(*blocks[place % len(blocks)]) else idle + 1
            place += 1

    def kick(self, number: int) -> None:
        """A few swaps at random, among those that do not cost most."""
        for step in range(KICK):
            draw = keyed(self.arrays.seed, "kick", str(number), str(step))
            slots = self.slots[draw % len(self.slots)]
            some = _blocks(slots)[0]
            changes = self._changes(slots, some)
            order = np.argsort(changes, axis=None, kind="stable")[: max(int(np.isfinite(changes).sum() * CALM), 1)]
            self._try(slots, some, changes, int(order[draw // len(self.slots) % len(order)]))

    def _improve(self, slots: Slots, some: slice) -> bool:
        changes = self._changes(slots, some)
        while changes.flat[best := int(changes.argmin())] < -0.5:
            if self._try(slots, some, changes, best):
                return True
            changes.flat[best] = np.inf
        return False

    def _changes(self, slots: Slots, some: slice) -> Floats:
        changes = self.exchange.changes(slots, some) + self.precision.changes(slots, some)
        return np.where(self.exchange.possible(slots, some), np.round(changes, 3), np.inf)  # last digits differ by machine

    def _try(self, slots: Slots, some: slice, changes: Floats, index: int) -> bool:
        """Make a swap unless it weakens the links that plans scored twice give to an agency."""
        row, other = divmod(index, changes.shape[1])
        one, change = row + (some.start or 0), float(changes.flat[index])
        if not np.isfinite(change):
            return False
        before = self._links(slots, one, other)
        slots.swap(one, other, self.exchange)
        if any(now > then for now, then in zip(self._links(slots, one, other), before, strict=True)):
            slots.swap(one, other, self.exchange)
            return False
        self.total += change
        self.precision.look(self.exchange.chosen.T)
        return True

    def _links(self, slots: Slots, one: int, other: int) -> tuple[int, int]:
        """Into how many groups the agency's auditors fall by its own plans, and how unevenly these are shared out; nothing
        where no such plan is touched."""
        mine = self.exchange.chosen[slots.rows].T
        doubled = mine.sum(axis=1) > 1
        if not doubled[slots.plans[[one, other]]].any():
            return 0, 0
        linking = mine[doubled]
        return components(np.vstack([linking, self.arrays.seeded[:, slots.rows]])), int((linking.sum(axis=0) ** 2).sum())

    def copy(self) -> "Search":
        return replace(
            self, exchange=self.exchange.copy(), precision=copy(self.precision), slots=[one.copy() for one in self.slots]
        )


def sharpened(arrays: Arrays, chosen: Flags, terms: Terms) -> Flags:
    """The allocation after swaps that lower cost + repeated meetings + relative variance, each at its price."""
    everything = np.vstack([chosen | arrays.locked, arrays.seeded])
    if everything.sum(axis=1).max(initial=0) < 2:
        return chosen  # nobody shares a plan with anybody
    search = Search.of(arrays, chosen, terms)
    if not search.slots:
        return chosen
    search.descend()
    for number in range(min(WORK // int(chosen.sum()), MOST_TRIES)):
        if search.precision.efficiency >= terms.promised:
            break
        search.precision.price = min(search.precision.price * DEARER, terms.precision_price * DEAREST)
        search = _tried(search, number)
    return search.chosen


def _tried(search: Search, number: int) -> Search:
    """Whichever is better: the allocation as it is, or what a kick leads to."""
    changed = replace(search.copy(), total=0.0)
    changed.kick(number)
    changed.descend()
    return changed if changed.total <= 0 else search


def _blocks(slots: Slots) -> list[slice]:
    number = len(slots.plans)
    step = max(BLOCK // number, 1)
    return [slice(start, min(start + step, number)) for start in range(0, number, step)]
