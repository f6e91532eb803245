"""One criterion on an index of plans that it shares with others, so that plans can be drawn whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from stats.arrays import BoolArray, FloatArray, IntArray, WholeArray, sum_by
from stats.patterns import Patterns, owned_rows
from stats.ratings import Ratings
from stats.registry import Statistic

Key = TypeVar("Key")


@dataclass(frozen=True)
class Column:
    """One criterion on a shared index of plans: its patterns and the pattern of each plan (-1: no rating)."""

    patterns: Patterns
    owner: IntArray

    @classmethod
    def of(cls, ratings: Ratings) -> "Column":
        codes, times, owner = owned_rows(ratings.codes, len(ratings.scale))
        return cls(Patterns(codes, times, ratings.scale), owner)

    def evaluate_all(self, statistics: Mapping[Key, Statistic], plan_weights: WholeArray) -> dict[Key, FloatArray]:
        """Several coefficients for each row of plan weights (B x n -> B)."""
        found: dict[Key, FloatArray] = {}
        for by_rater in {statistic.knows_raters for statistic in statistics.values()}:
            patterns = self.patterns if by_rater else self.patterns.anonymous
            times = sum_by(self.owner if by_rater else self._anonymous_owner, len(patterns.codes), plan_weights)
            chosen = {key: one for key, one in statistics.items() if one.knows_raters is by_rater}
            found |= {key: one.evaluate(patterns, times) for key, one in chosen.items()}
        return found

    @cached_property
    def pairable_plans(self) -> BoolArray:
        """Which plans have two or more ratings (n)."""
        found = np.zeros(len(self.owner), dtype=np.bool_)
        found[self.owner >= 0] = self.patterns.pairable[self.owner[self.owner >= 0]]
        return found

    @cached_property
    def _anonymous_owner(self) -> IntArray:
        found = np.full(len(self.owner), -1, dtype=np.int64)
        found[self.owner >= 0] = self.patterns.anonymous_place[self.owner[self.owner >= 0]]
        return found
