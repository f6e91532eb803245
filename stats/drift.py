"""Drift: whether a rater became stricter or more lenient, beyond what all raters did (rater x time)."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from stats import bootstrap
from stats.arrays import BoolArray, FloatArray, IntArray, divide, sum_by


@dataclass(frozen=True)
class RaterDrift:
    """Mean deviation from the agreed ratings before and after; `change` is the own change less that of all others."""

    rater: Hashable
    before: float | None
    after: float | None
    change: float | None
    low: float | None
    high: float | None
    ratings: int

    @property
    def is_clear(self) -> bool:
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def rater_drift(
    raters: Sequence[Hashable],
    plans: Sequence[Hashable],
    is_after: Sequence[bool],
    deviations: Sequence[float],
    *,
    replicates: int = bootstrap.REPLICATES,
    seed: int = bootstrap.SEED,
    level: float = bootstrap.LEVEL,
) -> tuple[RaterDrift, ...]:
    """Change of each rater between two periods, from ratings of seed plans (four columns of equal length).

    A deviation is the rating less the agreed rating. Plans are resampled whole. A rater with ratings in
    one period only has no change.

    >>> found = rater_drift(["a", "b"] * 4, [1, 1, 2, 2, 3, 3, 4, 4], [False] * 4 + [True] * 4, [0, 0, 0, 0, 1, 0, 1, 0])
    >>> [(drift.rater, drift.change) for drift in found]
    [('a', 1.0), ('b', -1.0)]
    """
    names = list(dict.fromkeys(raters))
    rater = np.array([names.index(name) for name in raters], dtype=np.int64)
    plan = np.unique(np.asarray(plans), return_inverse=True)[1]
    after, values = np.asarray(is_after, dtype=np.bool_), np.asarray(deviations, dtype=np.float64)
    total = int(plan.max(initial=-1)) + 1
    whole = _means(np.ones((1, len(values))), rater, after, values, len(names))
    spread = [
        _change(_means(times[:, plan], rater, after, values, len(names)))
        for times in bootstrap.resample(np.ones(total, dtype=np.int64), replicates, seed, 1 + len(values) // max(total, 1))
    ]
    draws = np.concatenate(spread) if spread else np.zeros((0, len(names)))
    counts = np.bincount(rater, minlength=len(names))
    return tuple(
        _drift(name, whole[0, :, code], change, draws[:, code], int(counts[code]), total, level)
        for code, (name, change) in enumerate(zip(names, _change(whole)[0].tolist(), strict=True))
    )


def _drift(
    name: Hashable, means: FloatArray, change: float, draws: FloatArray, ratings: int, plans: int, level: float
) -> RaterDrift:
    low, high = bootstrap.interval(draws, change, level, plans) or (None, None)
    return RaterDrift(name, _number(means[0]), _number(means[1]), _number(change), low, high, ratings)


def _means(times: FloatArray, rater: IntArray, after: BoolArray, values: FloatArray, raters: int) -> FloatArray:
    """Mean deviation by period and rater (B x 2 x raters), NaN where there is none."""
    cell = rater + raters * after.astype(np.int64)
    means = divide(sum_by(cell, 2 * raters, times * values), sum_by(cell, 2 * raters, times))
    return means.reshape(len(times), 2, raters)


def _change(means: FloatArray) -> FloatArray:
    """Own change less the mean change of the other raters (B x raters)."""
    own = means[:, 1] - means[:, 0]
    known = ~np.isnan(own)
    count = known.sum(axis=1, keepdims=True) - known
    others = divide(np.nansum(own, axis=1, keepdims=True) - np.nan_to_num(own), count.astype(np.float64))
    return np.asarray(own - np.where(count > 0, others, 0.0))


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
