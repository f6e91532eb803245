"""Pair swaps: exchange the auditors of two plans while that lowers expertise cost + price x repeated meetings.

Two auditors who share n plans (earlier rounds included) count C(n, 2). Fewer repeats mean variety, and they are also the
standard surrogate for precision: every contrast of severities is then carried by as many different paths as possible.
A swap keeps every load, every conflict and every plan's number of auditors.

All matrices have auditors as rows and plans as columns here, so that what one auditor could take lies side by side.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .arrays import Arrays, Desk, Flags, Ints
from .design import together

Counts = npt.NDArray[np.int32]
SWEEPS = 12
LARGE = 2_000_000  # pairs of slots from which only an auditor with a repeated meeting starts a swap
NEVER = np.int64(2**60)


@dataclass
class Exchange:
    """An allocation while it is being improved, kept up to date swap by swap.

    `open[a, p]`: auditor a may take plan p and has not got it. `times[a, b]`: how often two auditors meet.
    `near[a, p]`: how often auditor a meets the auditors of plan p, added up. `price` is that of one repeated meeting.
    """

    price: int
    cost: Counts
    chosen: Flags
    open: Flags
    times: Counts
    near: Counts
    size: Ints

    @classmethod
    def of(cls, arrays: Arrays, chosen: Flags, price: int) -> "Exchange":
        """`chosen` are all pairs, locked ones included."""
        times = (together(chosen) + arrays.history).astype(np.int32)
        near = (times.astype(np.float32) @ chosen.T.astype(np.float32)).astype(np.int32)
        mine, may = np.ascontiguousarray(chosen.T), np.ascontiguousarray(arrays.allowed.T)
        return cls(price, np.ascontiguousarray(arrays.cost.T), mine, may & ~mine, times, near, chosen.sum(axis=1))

    def weight(self, auditors: Ints, plans: Ints) -> Ints:
        """What each pair contributes now: its cost, and its repeated meetings at their price."""
        repeats = self.near[auditors, plans] - self.size[plans] + 1
        return np.asarray(self.price * repeats.astype(np.int64) + self.cost[auditors, plans])

    def repeats(self, auditor: int, plan: int) -> bool:
        """Does the auditor meet somebody on this plan whom they meet elsewhere too?"""
        return bool(self.near[auditor, plan] >= self.size[plan])

    def change(self, plan: int, auditor: int, slots: "Slots") -> Ints:
        """By how much the objective changes when `auditor` of `plan` changes places with the auditor of each slot.

        Auditors whom both plans share meet the same people before and after: hence the plans' common auditors.
        """
        shared = self.chosen[np.flatnonzero(self.chosen[:, plan])].sum(axis=0, dtype=np.int64)
        rows = slots.rows
        theirs = self.price * (self.near[rows, plan] - 2 * self.times[auditor, rows]).astype(np.int64) + self.cost[rows, plan]
        mine = self.price * (self.near[auditor] - 2 * shared) + self.cost[auditor]
        theirs[~self.open[rows, plan]] = NEVER
        mine[~self.open[auditor]] = NEVER
        return np.asarray(theirs[slots.auditors - rows.start] + mine[slots.plans] - slots.weight)

    def changes(self, slots: "Slots", some: slice) -> Ints:
        """The same for some slots (rows) and every slot of the agency (columns), whether the swaps may be made or not."""
        one, other = slots.auditors[some], slots.auditors
        meetings = _exchanged(self.near, slots, some) - 2 * (self._shared(slots, some) + self.times[one][:, other])
        now = self.weight(slots.auditors, slots.plans)
        return self.price * meetings.astype(np.int64) + _exchanged(self.cost, slots, some) - now[some][:, None] - now[None, :]

    def possible(self, slots: "Slots", some: slice) -> Flags:
        """Which of these swaps break no rule."""
        mine, theirs = self.open[slots.auditors[some]][:, slots.plans], self.open[slots.auditors][:, slots.plans[some]]
        return np.asarray(mine & theirs.T)

    def _shared(self, slots: "Slots", some: slice) -> Counts:
        """How many auditors the plans of these slots have in common."""
        raters = self.chosen.T.astype(np.float32)
        return np.asarray((raters[slots.plans[some]] @ raters.T)[:, slots.plans].astype(np.int32))

    def copy(self) -> "Exchange":
        mine = (self.chosen.copy(), self.open.copy(), self.times.copy(), self.near.copy())
        return Exchange(self.price, self.cost, *mine, self.size)

    def swap(self, plan: int, auditor: int, other_plan: int, other: int) -> None:
        self._replace(plan, auditor, other)
        self._replace(other_plan, other, auditor)

    def _replace(self, plan: int, old: int, new: int) -> None:
        self.chosen[old, plan] = False
        self.open[old, plan], self.open[new, plan] = True, False
        self.near[:, plan] -= self.times[old]
        raters = np.flatnonzero(self.chosen[:, plan])
        self._meet(old, raters, -1)
        self._meet(new, raters, 1)
        self.near[raters] += self.chosen[new].astype(np.int32) - self.chosen[old]
        self.chosen[new, plan] = True
        self.near[:, plan] += self.times[new]

    def _meet(self, auditor: int, raters: Ints, change: int) -> None:
        self.times[auditor, raters] += change
        self.times[raters, auditor] += change
        self.near[auditor] += change * self.chosen[raters].sum(axis=0, dtype=np.int32)


@dataclass
class Slots:
    """The pairs of one agency that may be swapped, and what each contributes to the objective."""

    rows: slice
    plans: Ints
    auditors: Ints
    weight: Ints

    @classmethod
    def of(cls, desk: Desk, movable: Flags, exchange: Exchange) -> "Slots":
        plans, columns = np.nonzero(movable[:, desk.columns])
        auditors = columns + desk.columns.start
        return cls(desk.columns, plans, auditors, exchange.weight(auditors, plans))

    def copy(self) -> "Slots":
        return Slots(self.rows, self.plans, self.auditors.copy(), self.weight)

    def best(self, slot: int, exchange: Exchange) -> tuple[int, int]:
        """The slot to swap with and what that changes."""
        change = exchange.change(int(self.plans[slot]), int(self.auditors[slot]), self)
        best = int(change.argmin())
        return best, int(change[best] - self.weight[slot])

    def swap(self, one: int, other: int, exchange: Exchange) -> None:
        exchange.swap(int(self.plans[one]), int(self.auditors[one]), int(self.plans[other]), int(self.auditors[other]))
        self.auditors[one], self.auditors[other] = self.auditors[other], self.auditors[one]
        self.weight = exchange.weight(self.auditors, self.plans)


def _exchanged(matrix: Counts, slots: Slots, some: slice) -> Counts:
    """What a matrix of auditors and plans says of both new pairs when some slots (rows) are swapped with all (columns)."""
    return np.asarray(matrix[slots.auditors[some]][:, slots.plans] + matrix[slots.auditors][:, slots.plans[some]].T)


def swapped(arrays: Arrays, chosen: Flags, fixed: Flags, price: int) -> Flags:
    """The allocation after all swaps that help. `fixed` pairs stay; locked ones are not in `chosen` and stay too."""
    exchange = Exchange.of(arrays, chosen | arrays.locked, price)
    for _ in range(SWEEPS):
        movable = exchange.chosen.T & ~(fixed | arrays.locked)
        if not sum(_sweep(Slots.of(desk, movable, exchange), exchange) for desk in arrays.desks):
            break
    return np.asarray(exchange.chosen.T & ~arrays.locked)


def _sweep(slots: Slots, exchange: Exchange) -> int:
    """Offer every slot its best swap; count those made."""
    swaps, everyone = 0, len(slots.plans) ** 2 <= LARGE
    for slot in range(len(slots.plans)):
        if everyone or exchange.repeats(int(slots.auditors[slot]), int(slots.plans[slot])):
            other, change = slots.best(slot, exchange)
            if change < 0:
                slots.swap(slot, other, exchange)
                swaps += 1
    return swaps
