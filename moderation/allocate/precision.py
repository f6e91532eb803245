"""Small rounds are finished by the measure itself: swaps that lower the average variance of a severity contrast.

Counting repeated meetings is nearly as good in large rounds, but says nothing about sparse ones, where nobody meets
anybody twice and designs still differ. With C the information about severities (`design.py`), swapping auditors a and b
between plans p and q adds -x'x'/k for the plans' new raters x' and +xx/k for the old ones: four vectors, so that the
change of tr(C+) follows from 4 x 4 matrices, and to first order from a table look-up for all candidates at once.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .arrays import Arrays, Flags, Ints
from .design import averaged, information
from .swaps import Exchange, Slots

Floats = npt.NDArray[np.float64]
RIDGE = 1e-4  # keeps C invertible while auditors are unconnected, and makes connecting them worth more than anything
SWEEPS = 4
TRIED = 3  # candidates of each slot that are worked out exactly


@dataclass
class Precision:
    """The variance of severity contrasts, relative to the ideal, while swaps change the design."""

    raters: Floats  # plans and seeds x auditors with work
    place: Ints  # column of each auditor in `raters`
    price: float  # of one unit of relative variance
    ideal: float
    inverse: Floats
    squared: Floats
    seen: Floats

    @classmethod
    def of(cls, arrays: Arrays, chosen: Flags, price: float) -> "Precision":
        everything = np.vstack([chosen | arrays.locked, arrays.seeded])
        present = everything.any(axis=0)
        raters = everything[:, present].astype(float)
        ideal = float(np.trace(_inverse(averaged(information(raters > 0), arrays.agency[present]))))
        empty = np.empty((0, 0))
        precision = cls(raters, np.cumsum(present) - 1, price / ideal, ideal, empty, empty, empty)
        precision.refresh()
        return precision

    def refresh(self) -> None:
        self.inverse = _inverse(information(self.raters > 0))
        self.squared = self.inverse @ self.inverse
        self.seen = self.raters @ self.squared

    def guess(self, plan: int, auditor: int, slots: Slots) -> Floats:
        """The change for a swap with each slot, to first order."""
        one, others = self.place[auditor], self.place[slots.auditors]
        size = self.raters.sum(axis=1)
        apart = self.squared[one, one] + self.squared[others, others] - 2 * self.squared[one, others]
        here = (2 * (self.seen[plan, others] - self.seen[plan, one]) + apart) / size[plan]
        there = (2 * (self.seen[slots.plans, one] - self.seen[slots.plans, others]) + apart) / size[slots.plans]
        return np.asarray(self.price * (here + there))

    def change(self, plan: int, auditor: int, other_plan: int, other: int) -> float:
        """The change for one swap, exactly."""
        old = self.raters[[plan, other_plan]]
        step = np.zeros(len(self.inverse))
        step[self.place[auditor]], step[self.place[other]] = -1.0, 1.0
        vectors = np.vstack([old[0] + step, old[0], old[1] - step, old[1]])
        size = np.repeat(old.sum(axis=1), 2)
        core = np.diag(size * [-1.0, 1.0, -1.0, 1.0]) + vectors @ self.inverse @ vectors.T
        return float(-self.price * np.trace(np.linalg.solve(core, vectors @ self.squared @ vectors.T)))

    def swap(self, plan: int, auditor: int, other_plan: int, other: int) -> None:
        one, two = self.place[auditor], self.place[other]
        self.raters[plan, [one, two]] = 0.0, 1.0
        self.raters[other_plan, [one, two]] = 1.0, 0.0
        self.refresh()


def sharpened(arrays: Arrays, chosen: Flags, fixed: Flags, pair_price: int, price: float) -> Flags:
    """The allocation after swaps that lower cost + repeated meetings + relative variance, each at its price."""
    if (chosen | arrays.locked).any(axis=0).sum() < 2:
        return chosen
    exchange = Exchange.of(arrays, chosen | arrays.locked, pair_price)
    precision = Precision.of(arrays, chosen, price)
    for _ in range(SWEEPS):
        movable = exchange.chosen.T & ~(fixed | arrays.locked)
        if not sum(_sweep(Slots.of(desk, movable, exchange), exchange, precision) for desk in arrays.desks):
            break
    return np.asarray(exchange.chosen.T & ~arrays.locked)


def _sweep(slots: Slots, exchange: Exchange, precision: Precision) -> int:
    return sum(_improved(slot, slots, exchange, precision) for slot in range(len(slots.plans)))


def _improved(slot: int, slots: Slots, exchange: Exchange, precision: Precision) -> bool:
    """Make the first of a slot's most promising swaps that helps."""
    plan, auditor = int(slots.plans[slot]), int(slots.auditors[slot])
    change = exchange.change(plan, auditor, slots) - slots.weight[slot]
    promise = np.round(change + precision.guess(plan, auditor, slots), 3)  # the last digits differ between machines
    for other in np.argsort(promise, kind="stable")[:TRIED]:
        swap = plan, auditor, int(slots.plans[other]), int(slots.auditors[other])
        if promise[other] < 0 and change[other] + precision.change(*swap) < -0.5:
            slots.swap(slot, int(other), exchange)
            precision.swap(*swap)
            return True
    return False


def _inverse(information_matrix: Floats) -> Floats:
    """The inverse with the constant direction (which severities leave free) filled in."""
    size = len(information_matrix)
    return np.asarray(np.linalg.inv(information_matrix + 1.0 / max(size, 1) + RIDGE * np.eye(size)))
