"""Every two ratings of the same pattern by two raters, as sparse matrices from patterns to pairs of raters."""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from stats.arrays import CodeArray, FloatArray, IntArray, sparse
from stats.ratings import MISSING


@dataclass(frozen=True)
class RaterPairs:
    """Pairs of ratings: their pattern (of P), which of the `count` pairs of raters, and the two levels (of q)."""

    pattern: IntArray
    pair: IntArray
    first: IntArray
    second: IntArray
    count: int
    patterns: int
    levels: int
    _weighted: dict[bytes, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, codes: CodeArray, levels: int) -> "RaterPairs":
        """From patterns x raters; the rater of the earlier column comes first."""
        seat = _seats(codes)
        found = [_both_seated(codes, seat[:, i], seat[:, j]) for i, j in combinations(range(seat.shape[1]), 2)]
        pattern, pair, first, second = np.concatenate(found, axis=1) if found else np.zeros((4, 0), dtype=np.int64)
        names, numbered = np.unique(pair, return_inverse=True)
        return cls(pattern, numbered.reshape(-1), first, second, len(names), len(codes), levels)

    @cached_property
    def by_first(self) -> Any:
        """How often the first of each pair chose each level: P x (pairs x q)."""
        return self._matrix(self.pair * self.levels + self.first, np.ones(len(self.pair)), self.count * self.levels)

    @cached_property
    def by_second(self) -> Any:
        return self._matrix(self.pair * self.levels + self.second, np.ones(len(self.pair)), self.count * self.levels)

    def weighted(self, weights: FloatArray) -> Any:
        """Agreement of each pair: P x pairs. Kept, because every batch of replicates asks for it."""
        key = weights.tobytes()
        if key not in self._weighted:
            self._weighted[key] = self._matrix(self.pair, weights[self.first, self.second], self.count)
        return self._weighted[key]

    def _matrix(self, column: IntArray, values: FloatArray, width: int) -> Any:
        return sparse(self.pattern, column, values, (self.patterns, width))


def _seats(codes: CodeArray) -> IntArray:
    """The raters of each pattern, moved to the left, -1 behind the last (P x most ratings)."""
    given = codes != MISSING
    sizes = given.sum(axis=1)
    rows, raters = np.nonzero(given)
    place = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    seat = np.full((len(codes), int(sizes.max(initial=0))), MISSING, dtype=np.int64)
    seat[rows, place] = raters
    return seat


def _both_seated(codes: CodeArray, one: IntArray, other: IntArray) -> IntArray:
    """Pattern, pair and the two levels (4 x n) where both of two raters, given for each pattern, are there."""
    rows = np.flatnonzero((one != MISSING) & (other != MISSING))
    first, second = one[rows], other[rows]
    return np.array([rows, first * codes.shape[1] + second, codes[rows, first], codes[rows, second]], dtype=np.int64)
