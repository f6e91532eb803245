"""The declared scale: which levels a rating may take, and what kind of measurement they are.

The declared levels drive every weight, never the levels that happen to occur.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from numbers import Real

import numpy as np

from stats.arrays import FloatArray

Label = str | int | float


class Level(StrEnum):
    """Level of measurement, in the sense of Stevens."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


@dataclass(frozen=True)
class Scale:
    """Ordered levels of one criterion. Build it with `Scale.of`.

    >>> Scale.of("ordinal", [4, 2, 3, 1]).labels
    (1, 2, 3, 4)
    """

    level: Level
    labels: tuple[Label, ...]

    @classmethod
    def of(cls, level: Level | str, labels: Iterable[Label]) -> "Scale":
        """Numbers are put in their natural order; words keep the order in which they are declared."""
        given = tuple(labels)
        if len(set(given)) != len(given):
            raise ValueError(f"a level is declared twice in {given}")
        if not given:
            raise ValueError("a scale needs at least one level")
        ordered = tuple(sorted(given, key=float)) if all(_is_number(label) for label in given) else given
        return cls(Level(level), ordered)

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def is_numeric(self) -> bool:
        return all(_is_number(label) for label in self.labels)

    @property
    def has_order(self) -> bool:
        return self.is_numeric or self.level is not Level.NOMINAL

    @cached_property
    def values(self) -> FloatArray:
        """One number per level: its value, or for words its place in the declared order."""
        return np.array(self.labels if self.is_numeric else range(len(self)), dtype=np.float64)

    @cached_property
    def first_whole(self) -> int | None:
        """The lowest level when the scale is a run of whole numbers (1, 2, 3, 4), otherwise None."""
        if not self.is_numeric or float(self.values[0]) % 1 or np.any(np.diff(self.values) != 1):
            return None
        return int(self.values[0])


def _is_number(label: Label) -> bool:
    return isinstance(label, Real) and not isinstance(label, bool)
