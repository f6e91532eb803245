"""Seeded resampling. The unit of resampling is the plan, because ratings of one plan hang together.

The raters are treated as fixed: intervals speak of these raters on other plans.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np

from stats.arrays import FloatArray, IntArray
from stats.patterns import Patterns

_CELLS = 4_000_000
_BLOCK = 1 << 16  # numbers that stay in the processor's cache
_ENOUGH = 0.9
_MOST_SHIFT = 1.0
_FLAT = 1e-9

REPLICATES = 1000
SEED = 1
LEVEL = 0.95
METHOD = "bootstrap"
UNANIMOUS = "binomial"
"""How the limit was found where every plan agrees, or none does: the exact binomial limit, which resampling cannot give."""


def resample(times: IntArray, replicates: int, seed: int, depth: int = 1) -> Iterator[FloatArray]:
    """Draw as many plans as there are, with replacement; yields counts by pattern, in batches (b x P).

    `times` (P) says how many plans show each pattern; `depth` how many numbers a pattern needs in
    memory while it is evaluated. The same seed gives the same draws whatever the batches.
    """
    random = np.random.default_rng(seed)
    batch = max(1, _CELLS // max(1, len(times) * depth))
    draw = _by_pattern(times) if len(times) * 10 < times.sum() else _by_plan(times)
    for start in range(0, replicates, batch):
        yield draw(random, min(batch, replicates - start))


def interval(replicates: FloatArray, value: float, level: float, plans: int) -> tuple[float, float] | None:
    """Bias-corrected, expanded percentile interval of `value`.

    None for a single plan, when fewer than nine in ten replicates are defined, and when all are the same: plans that
    all show one pattern say nothing of how much others would differ, so an interval without width would be a lie.

    Replicates draw some plans twice, which makes chance agreement look larger: they lie below the value on average,
    and a mean over many criteria keeps that shift while its spread shrinks. The percentiles move by as much
    (Efron 1981, Nonparametric standard errors and confidence intervals). Plain percentiles are also too narrow for
    few plans: they are taken further out, as far as Student's t with n - 1 degrees of freedom lies outside the
    normal (Hesterberg 2015, What teachers should know about the bootstrap): at 20 plans 1.6% and 98.4% instead of
    2.5% and 97.5%.
    """
    defined = replicates[~np.isnan(replicates)]
    if plans < 2 or not are_enough(replicates) or np.ptp(defined) < _FLAT:
        return None
    low, high = np.quantile(defined, _percentiles(defined, value, level, plans))
    return min(float(low), value), max(float(high), value)


def are_enough(replicates: FloatArray) -> bool:
    """Whether nine in ten replicates are defined, and there is one."""
    return len(replicates) > 0 and bool(np.count_nonzero(~np.isnan(replicates)) >= _ENOUGH * len(replicates))


def hidden_share(level: float, plans: int) -> float:
    """The share of other plans that may hide behind n plans that are all alike: the exact binomial limit.

    >>> round(hidden_share(0.95, 50), 3)
    0.071
    """
    return 1.0 - float(((1 - level) / 2) ** (1 / plans))


def interval_when_alike(difference: float, level: float, plans: int) -> tuple[float, float]:
    """Of a difference that all plans show alike: as many others as may be hidden could differ by 1 either way.

    >>> [round(limit, 2) for limit in interval_when_alike(0.5, 0.95, 50)]
    [0.39, 0.54]
    """
    hidden = hidden_share(level, plans)
    kept = (1 - hidden) * difference
    return min(difference, kept - hidden), max(difference, kept + hidden)


def is_perfect(value: float) -> bool:
    """Whether a coefficient says that every plan agrees."""
    return value > 1 - _FLAT


def _percentiles(replicates: FloatArray, value: float, level: float, plans: int) -> tuple[float, float]:
    """Which percentiles of the replicates are the limits.

    >>> [round(share, 3) for share in _percentiles(np.array([1.0, 2, 3, 4]), 2.5, 0.95, 100_000)]
    [0.025, 0.975]
    """
    from scipy.special import ndtr, ndtri

    below = float(np.mean(replicates < value) + np.mean(replicates <= value)) / 2
    shift = float(np.clip(ndtri(below), -_MOST_SHIFT, _MOST_SHIFT))
    reach = float(ndtri(_tail(level, plans)))
    return float(ndtr(2 * shift + reach)), float(ndtr(2 * shift - reach))


def _tail(level: float, plans: int) -> float:
    """
    >>> round(_tail(0.95, 20), 3), round(_tail(0.95, 100_000), 3)
    (0.016, 0.025)
    """
    from scipy.special import ndtr, stdtrit

    return float(ndtr(-math.sqrt(plans / (plans - 1)) * stdtrit(plans - 1, (1 + level) / 2)))


def depth_of(patterns: Patterns, by_rater: bool) -> int:
    """Numbers that a pattern needs: one for each of its ratings; by rater, its share of the tables of pairs."""
    most = max(int(patterns.sizes.max(initial=0)), 1)
    if not by_rater or patterns.complete.all():
        return most
    return max(1, patterns.rater_pairs.count * len(patterns.scale) // max(len(patterns.codes), 1))


def _by_pattern(times: IntArray) -> Callable[[np.random.Generator, int], FloatArray]:
    plans = int(times.sum())
    shares = times / max(plans, 1)
    return lambda random, count: random.multinomial(plans, shares, size=count).astype(np.float64)


def _by_plan(times: IntArray) -> Callable[[np.random.Generator, int], FloatArray]:
    owner = np.repeat(np.arange(len(times)), times)
    rows = max(1, _BLOCK // max(len(owner), 1))

    def block(random: np.random.Generator, count: int) -> IntArray:
        drawn = owner[random.integers(0, len(owner), size=(count, len(owner)))] if len(owner) else np.zeros((count, 0), int)
        cells = drawn + np.arange(count)[:, None] * len(times)
        return np.bincount(cells.reshape(-1), minlength=count * len(times)).reshape(count, len(times))

    def draw(random: np.random.Generator, count: int) -> FloatArray:
        found = np.empty((count, len(times)))
        for start in range(0, count, rows):
            part = found[start : start + rows]
            part[:] = block(random, len(part))
        return found

    return draw
