"""The effect of a change at a known date, such as new guidance for some criteria.

The criteria whose guidance did not change tell what would have happened anyway: the effect is the change of
the touched criteria less the change of the untouched ones, plans before and after drawn whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stats import bootstrap
from stats.arrays import FloatArray
from stats.columns import Column
from stats.ratings import Ratings
from stats.registry import resolve
from stats.rounds import Cell, Draws, conclude_all, mean_of_draws, replicate

CANNOT_TELL = "Cannot tell: no criterion has an agreement both before and after the change."


@dataclass(frozen=True)
class ChangeEffect:
    """`touched` and `untouched` are changes of mean agreement; `value` their difference with its interval.

    Without untouched criteria `untouched` is None and `value` is the bare change, which may have other causes.
    """

    value: float | None
    low: float | None
    high: float | None
    touched: float | None
    untouched: float | None
    level: float
    undefined: str | None = None


def change_effect(
    before: Mapping[str, Ratings],
    after: Mapping[str, Ratings],
    touched: Sequence[str],
    stat: str = "alpha",
    *,
    replicates: int = bootstrap.REPLICATES,
    seed: int = bootstrap.SEED,
    level: float = bootstrap.LEVEL,
) -> ChangeEffect:
    """Effect on the `touched` criteria of what happened between two sets of plans.

    Both mappings hold ratings by criterion, each on its own index of plans.

    Agreement on F01 rose from one half to all; on A01, whose guidance stayed, it did not move:

    >>> from stats import Scale
    >>> yes_no = Scale.of("nominal", [0, 1])
    >>> half, all_of_it = Ratings.of([[1, 1], [0, 1]] * 20, yes_no), Ratings.of([[1, 1], [0, 0]] * 20, yes_no)
    >>> effect = change_effect({"F01": half, "A01": half}, {"F01": all_of_it, "A01": half}, ["F01"], "percent", replicates=200)
    >>> effect.value, effect.touched, effect.untouched, effect.low > 0
    (0.5, 0.5, 0.0, True)
    """
    sides = [_Side.of(side, stat, replicates, seed + number, level) for number, side in enumerate((before, after))]
    both = [key for key in before if all(side.has(key) for side in sides)]
    groups = [key for key in both if key in touched], [key for key in both if key not in touched]
    if not groups[0]:
        return ChangeEffect(None, None, None, None, None, level, CANNOT_TELL)
    changes = [sides[1].mean(group) - sides[0].mean(group) if group else None for group in groups]
    value = (changes[0] or 0.0) - (changes[1] or 0.0)
    limits = _limits(sides, groups, value, level) if replicates else None
    low, high = limits or (None, None)
    return ChangeEffect(value, low, high, changes[0], changes[1], level)


@dataclass(frozen=True)
class _Side:
    """All criteria of one period, measured and resampled."""

    stat: str
    columns: Mapping[str, Column]
    values: Mapping[Cell, float | None]
    draws: Draws
    level: float

    @classmethod
    def of(cls, criteria: Mapping[str, Ratings], stat: str, replicates: int, seed: int, level: float) -> "_Side":
        columns = {key: Column.of(ratings) for key, ratings in criteria.items()}
        wanted = {(key, stat): resolve(stat, column.patterns.scale) for key, column in columns.items()}
        draws = replicate(columns, wanted, replicates, seed)
        results = conclude_all(columns, wanted, draws, level)
        return cls(stat, columns, {cell: result.value for cell, result in results.items()}, draws, level)

    def has(self, key: str) -> bool:
        return self.values.get((key, self.stat)) is not None

    @property
    def plans(self) -> int:
        return max(int(column.pairable_plans.sum()) for column in self.columns.values())

    def mean(self, keys: Sequence[str]) -> float:
        """Plain mean over criteria: the same criteria before and after, so that their mix cannot move it."""
        return sum(self.values[key, self.stat] or 0.0 for key in keys) / len(keys)


def _limits(sides: Sequence[_Side], groups: Sequence[Sequence[str]], value: float, level: float) -> tuple[float, float] | None:
    before, after = sides
    change = [_mean_draws(after, keys) - _mean_draws(before, keys) if keys else np.zeros(1) for keys in groups]
    return bootstrap.interval(np.asarray(change[0] - change[1]), value, level, min(before.plans, after.plans))


def _mean_draws(side: _Side, keys: Sequence[str]) -> FloatArray:
    return mean_of_draws([(key, side.stat) for key in keys], side.draws, np.ones(len(keys)))
