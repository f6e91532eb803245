"""Reduces ratings to their distinct patterns, once; everything else is computed from the patterns.

Every coefficient depends on the data only through how often each distinct row of ratings occurs.
A thousand plans or a million of them fall into the same few dozen patterns, so estimates and
bootstrap replicates cost the same for both: resampling plans is a multinomial draw over patterns.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from stats.arrays import BoolArray, CodeArray, FloatArray, IntArray, sparse
from stats.rater_pairs import RaterPairs
from stats.ratings import MISSING, Ratings
from stats.scales import Scale

_TABLE_LIMIT = 1 << 16
_BLOCK = 1 << 15


@dataclass(frozen=True)
class Patterns:
    """Distinct rows of ratings and how many plans show each.

    `codes` (P x m) holds positions on the scale, -1 where missing; `times` (P) counts plans. Plans
    without any rating are left out. Columns are raters, or, after `anonymous`, just places.
    """

    codes: CodeArray
    times: IntArray
    scale: Scale

    @classmethod
    def of(cls, ratings: Ratings) -> "Patterns":
        codes, times = distinct_rows(ratings.codes, len(ratings.scale))
        return cls(codes, times, ratings.scale)

    @cached_property
    def anonymous(self) -> "Patterns":
        """The patterns when it does not matter who gave which rating: fewer of them."""
        codes, times, _ = self._merged
        return Patterns(codes, times, self.scale)

    @property
    def anonymous_place(self) -> IntArray:
        """The place among the anonymous patterns of each of these (P)."""
        return self._merged[2]

    @cached_property
    def _merged(self) -> tuple[CodeArray, IntArray, IntArray]:
        ordered = -np.sort(-self.codes, axis=1)
        width = int(self.sizes.max(initial=0))
        return owned_rows(ordered[:, :width], len(self.scale), self.times)

    @cached_property
    def given(self) -> BoolArray:
        return np.asarray(self.codes != MISSING)

    @cached_property
    def sizes(self) -> IntArray:
        """Number of ratings in each pattern (P)."""
        return np.asarray(self.given.sum(axis=1), dtype=np.int64)

    @cached_property
    def pairable(self) -> BoolArray:
        """Whether each pattern has at least two ratings (P)."""
        return np.asarray(self.sizes >= 2)

    @cached_property
    def complete(self) -> BoolArray:
        """Whether each pattern has a rating of every rater who rated anything (P)."""
        return np.asarray(self.given[:, self.active].all(axis=1))

    @cached_property
    def active(self) -> IntArray:
        """The columns that hold at least one rating."""
        return np.flatnonzero(self.given.any(axis=0))

    @cached_property
    def counts(self) -> FloatArray:
        """How many raters chose each level in each pattern (P x q)."""
        levels = len(self.scale)
        rows = np.broadcast_to(np.arange(len(self.codes))[:, None], self.codes.shape)[self.given]
        flat = np.bincount(rows * levels + self.codes[self.given], minlength=len(self.codes) * levels)
        return flat.reshape(len(self.codes), levels).astype(np.float64)

    @cached_property
    def observed(self) -> FloatArray:
        """The point estimate's weights: one row, how often each pattern occurs (1 x P)."""
        return self.times[None, :].astype(np.float64)

    @cached_property
    def rater_pairs(self) -> RaterPairs:
        """All pairs of ratings of the same pattern by two raters."""
        return RaterPairs.of(self.codes, len(self.scale))

    @cached_property
    def by_rater(self) -> Any:
        """Which rater chose which level in each pattern: a sparse P x (active raters x q)."""
        levels, codes = len(self.scale), self.codes[:, self.active]
        rows, raters = np.nonzero(codes != MISSING)
        place = raters * levels + codes[rows, raters]
        return sparse(rows, place, np.ones(len(rows)), (len(codes), codes.shape[1] * levels))

    @property
    def items(self) -> int:
        return int(self.times.sum())

    @property
    def pairable_items(self) -> int:
        return int(self.times[self.pairable].sum())

    @property
    def ratings(self) -> int:
        return int(self.times @ self.sizes)

    @property
    def levels_used(self) -> int:
        """How many levels occur among the ratings that have a partner."""
        return len(np.unique(self.codes[self.pairable][self.given[self.pairable]]))


def distinct_rows(codes: CodeArray, levels: int, times: IntArray | None = None) -> tuple[CodeArray, IntArray]:
    """Distinct rows that are not empty, and how often each occurs (`times`: how often each input row counts).

    A row is read as one number in base (levels + 1). Small numbers are counted in a table, without sorting.

    >>> rows, times = distinct_rows(np.array([[0, 1], [-1, -1], [0, 1], [1, 1]], dtype=np.int8), 2)
    >>> rows.tolist(), times.tolist()
    ([[0, 1], [1, 1]], [2, 1])
    """
    rows, total, _ = _distinct(codes, levels, times, owners=False)
    return rows, total


def owned_rows(codes: CodeArray, levels: int, times: IntArray | None = None) -> tuple[CodeArray, IntArray, IntArray]:
    """The same with, for each input row, its place among the distinct ones (-1 when it is empty)."""
    return _distinct(codes, levels, times, owners=True)


def _distinct(codes: CodeArray, levels: int, times: IntArray | None, owners: bool) -> tuple[CodeArray, IntArray, IntArray]:
    base, width = levels + 1, codes.shape[1]
    if base**width <= _TABLE_LIMIT:
        return _by_table(codes, base, times, owners)
    keys = _keys(codes, base, np.int64) if base**width < 2**63 else _row_bytes(codes)
    _, first, owner, counted = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    total = counted if times is None else np.bincount(owner, weights=times, minlength=len(first))
    return _without_empty(codes[first], total.astype(np.int64), owner.reshape(-1))


def _by_table(codes: CodeArray, base: int, times: IntArray | None, owners: bool) -> tuple[CodeArray, IntArray, IntArray]:
    """Block by block, so that the work stays in the processor's cache and needs no memory of its own."""
    width, blocks = codes.shape[1], [slice(start, start + _BLOCK) for start in range(0, len(codes), _BLOCK)]
    kind = np.uint8 if base**width <= 256 else np.uint16
    table = np.zeros(base**width, dtype=np.int64)
    for block in blocks:
        weights = None if times is None else times[block]
        table += np.bincount(_keys(codes[block], base, kind), weights, minlength=len(table)).astype(np.int64)
    present = np.flatnonzero(table)
    digits = present[:, None] // base ** np.arange(width)[::-1] % base - 1
    places = np.empty(len(table), dtype=np.int64)
    places[present] = np.arange(len(present))
    owner = [places[_keys(codes[block], base, kind)] for block in blocks if owners]
    return _without_empty(digits.astype(codes.dtype), table[present], np.concatenate(owner or [places[:0]]))


def _keys(codes: CodeArray, base: int, kind: Any) -> Any:
    """Each row as one number, whose digits are its codes + 1."""
    keys = np.zeros(len(codes), dtype=kind)
    for column in codes.T:
        keys *= kind(base)
        keys += column.astype(kind)  # -1 wraps around, and back below
    keys += kind(sum(base**place for place in range(codes.shape[1])))
    return keys


def _row_bytes(codes: CodeArray) -> Any:
    rows = np.ascontiguousarray(codes)
    return rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).reshape(-1)


def _without_empty(codes: CodeArray, times: IntArray, owner: IntArray) -> tuple[CodeArray, IntArray, IntArray]:
    empty = ~(codes != MISSING).any(axis=1)
    if not empty.any():
        return codes, times, owner
    place = np.where(empty, -1, np.cumsum(~empty) - 1)
    return codes[~empty], times[~empty], place[owner]
