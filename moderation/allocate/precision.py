"""What a design is worth in precision, and exactly what every possible swap would change about it.

Counting repeated meetings is nearly as good in large rounds, but says nothing about sparse ones, where nobody meets
anybody twice and designs still differ. With C the information about severities (`design.py`), exchanging auditor a of plan
p for auditor b of plan q changes C by d u' + u d', where d = e_b - e_a and u = (raters of q)/k_q - (raters of p)/k_p
- (1/k_p + 1/k_q) d/2. So the change of tr(C+) follows from six numbers, each a sum of entries of a few small matrices, for
all swaps of an agency at once.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .arrays import Arrays, Flags, Ints
from .design import averaged, information
from .swaps import Slots

Floats = npt.NDArray[np.float64]
RIDGE = 1e-4  # keeps C invertible while auditors are unconnected, and makes connecting them worth more than anything


@dataclass(frozen=True)
class Products:
    """A matrix M over auditors, with the plans' mean raters Y: M, YM and YMY'."""

    auditors: Floats
    mixed: Floats
    plans: Floats

    @classmethod
    def of(cls, matrix: Floats, means: Floats) -> "Products":
        mixed = means @ matrix
        return cls(matrix, mixed, mixed @ means.T)

    def forms(self, one: "Spots", other: "Spots", half: Floats) -> tuple[Floats, Floats, Floats]:
        """d'Md, d'Mu and u'Mu for the swaps of each slot (row) with each other slot (column)."""
        dd = _squared(self.auditors, one.auditors, other.auditors)
        across = self.mixed[one.plans][:, other.auditors] + self.mixed[other.plans][:, one.auditors].T
        own = self.mixed[one.plans, one.auditors][:, None] + self.mixed[other.plans, other.auditors]
        dw = own - across
        ww = _squared(self.plans, one.plans, other.plans)
        return dd, dw - half * dd, ww - half * (2 * dw - half * dd)


def _squared(matrix: Floats, one: Ints, other: Ints) -> Floats:
    """(e_i - e_j)' M (e_i - e_j) for each i (row) and j (column)."""
    own = np.diagonal(matrix)
    return np.asarray(own[one][:, None] + own[other] - 2 * matrix[one][:, other])


@dataclass(frozen=True)
class Spots:
    """Where slots stand: the plan and the auditor of each."""

    plans: Ints
    auditors: Ints


@dataclass
class Precision:
    """The variance of severity contrasts, relative to the ideal, of a design that swaps change. `price` is that of one
    unit of relative variance."""

    seeded: Flags
    present: Flags
    place: Ints  # of each auditor among those with work
    price: float
    ideal: float
    size: Floats = field(init=False)
    variance: float = field(init=False)
    inverse: Products = field(init=False)
    squared: Products = field(init=False)

    @classmethod
    def of(cls, arrays: Arrays, everything: Flags, price: float) -> "Precision":
        """`everything` are all pairs with ordinary plans, locked ones included."""
        raters = np.vstack([everything, arrays.seeded])
        present: Flags = np.asarray(raters.any(axis=0))
        mean = averaged(information(raters[:, present]), arrays.agency[present])
        precision = cls(arrays.seeded, present, np.cumsum(present) - 1, price, float(np.trace(_inverse(mean))))
        precision.look(everything)
        return precision

    def look(self, everything: Flags) -> None:
        """Take in a changed design."""
        raters = np.vstack([everything, self.seeded])[:, self.present]
        self.size = np.maximum(raters.sum(axis=1), 1).astype(float)
        inverse = _inverse(information(raters))
        means = raters / self.size[:, None]
        self.inverse, self.squared = Products.of(inverse, means), Products.of(inverse @ inverse, means)
        self.variance = float(np.trace(inverse)) / self.ideal

    @property
    def efficiency(self) -> float:
        """As `design.py` has it: without the constant direction, whose share of both traces is 1."""
        constant = 1 / (1 + RIDGE) / self.ideal
        return (1 - constant) / (self.variance - constant)

    def changes(self, slots: Slots, some: slice) -> Floats:
        """The change for the swaps of some slots with every slot of the agency, at its price."""
        one = Spots(slots.plans[some], self.place[slots.auditors[some]])
        other = Spots(slots.plans, self.place[slots.auditors])
        half = (1 / self.size[one.plans][:, None] + 1 / self.size[other.plans][None, :]) / 2
        dd, du, uu = self.inverse.forms(one, other, half)
        dd2, du2, uu2 = self.squared.forms(one, other, half)
        shrunk = np.maximum((1 + du) ** 2 - dd * uu, RIDGE**2)
        return np.asarray(self.price / self.ideal * (uu * dd2 - 2 * (1 + du) * du2 + dd * uu2) / shrunk)


def _inverse(information_matrix: Floats) -> Floats:
    """The inverse with the constant direction (which severities leave free) filled in."""
    size = len(information_matrix)
    return np.asarray(np.linalg.inv(information_matrix + 1.0 / max(size, 1) + RIDGE * np.eye(size)))
