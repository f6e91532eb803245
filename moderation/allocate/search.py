"""A search among the swaps of a round that is not large: every swap of a block at once, each with what it is worth."""

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
MOST_LOOKS = 2000  # at each block; far more than a search needs, so that no error of rounding keeps it going
CALM = 0.25  # swaps at random are chosen among the better quarter
DRAWN = 2.0**64  # as many values has a keyed hash


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

    @property
    def places(self) -> int:
        return sum(len(one.plans) for one in self.slots)

    def descend(self) -> None:
        """Make the best swap of each block of slots in turn until no block has one that helps."""
        blocks = [(slots, some) for slots in self.slots for some in _blocks(slots)]
        place = idle = 0
        while idle < len(blocks) and place < MOST_LOOKS * len(blocks):
            idle = 0 if self._improve(*blocks[place % len(blocks)]) else idle + 1
            place += 1

    def kick(self, *purpose: str) -> None:
        """A swap at random, among those that do not cost most."""
        draw, slots = self._some_agency("kick", *purpose)
        some = _blocks(slots)[0]
        changes = self._changes(slots, some)
        order = np.argsort(changes, axis=None, kind="stable")[: max(int(np.isfinite(changes).sum() * CALM), 1)]
        self._try(slots, some, changes, int(order[draw % len(order)]))

    def venture(self, warmth: float, *purpose: str) -> None:
        """A swap at random, each the likelier the more it helps: one that is worse by `warmth` than another is e times as
        rare. In units of relative variance per place."""
        draw, slots = self._some_agency("venture", *purpose)
        blocks = _blocks(slots)
        some = blocks[draw % len(blocks)]
        changes = self._changes(slots, some)
        least = float(changes.min())
        if np.isfinite(least):
            odds = np.exp((least - changes) * self.places / (warmth * self.precision.price)).cumsum()
            chance = keyed(self.arrays.seed, "chance", *purpose) / DRAWN
            self._try(slots, some, changes, int(odds.searchsorted(chance * odds[-1], side="right")))

    def copy(self) -> "Search":
        return replace(
            self, exchange=self.exchange.copy(), precision=copy(self.precision), slots=[one.copy() for one in self.slots]
        )

    def _some_agency(self, *purpose: str) -> tuple[int, Slots]:
        """One agency at random, and what is left of the hash that chose it."""
        draw = keyed(self.arrays.seed, *purpose)
        return draw // len(self.slots), self.slots[draw % len(self.slots)]

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


def _blocks(slots: Slots) -> list[slice]:
    number = len(slots.plans)
    step = max(BLOCK // number, 1)
    return [slice(start, min(start + step, number)) for start in range(0, number, step)]
