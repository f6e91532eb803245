"""Influence: what agreement would be without one of the raters."""

from dataclasses import dataclass

import numpy as np

from stats.arrays import CodeArray, FloatArray, IntArray
from stats.measure import measure
from stats.patterns import Patterns, owned_rows
from stats.ratings import MISSING, Ratings
from stats.registry import Statistic, resolve


@dataclass(frozen=True)
class Influence:
    """`rater` is the column left out; `change` is without minus with; None where either is undefined.

    `pairable_items` counts the plans that two of the others rated.
    """

    rater: int
    without: float | None
    change: float | None
    pairable_items: int


def influence(ratings: Ratings, stat: str = "alpha") -> tuple[Influence, ...]:
    """The coefficient without each rater in turn, the one whose absence changes most first.

    >>> from stats import Scale
    >>> odd_one_out = [[1, 1, 2], [2, 2, 1], [1, 1, 2], [2, 2, 2], [1, 1, 1]]
    >>> found = influence(Ratings.of(odd_one_out, Scale.of("nominal", [1, 2])))
    >>> found[0].rater, found[0].without, found[0].pairable_items
    (2, 1.0, 5)
    """
    whole = measure(ratings, stat, replicates=0).value
    raters = np.flatnonzero(ratings.given.any(axis=0)).tolist()
    statistic = resolve(stat, ratings.scale)
    without = _of_each(ratings, stat, raters) if statistic.knows_raters else _of_all(ratings, statistic, raters)
    found = (_influence(rater, value, plans, whole) for rater, (value, plans) in zip(raters, without, strict=True))
    return tuple(sorted(found, key=lambda one: -abs(one.change or 0.0)))


def _influence(rater: int, without: float | None, plans: int, whole: float | None) -> Influence:
    change = None if without is None or whole is None else without - whole
    return Influence(rater, without, change, plans)


def _of_each(ratings: Ratings, stat: str, raters: list[int]) -> list[tuple[float | None, int]]:
    """Measured once more for each rater: where it matters who gave which rating."""
    rest = (ratings.of_raters([other for other in raters if other != rater]) for rater in raters)
    return [(found.value, found.pairable_items) for found in (measure(one, stat, replicates=0) for one in rest)]


def _of_all(ratings: Ratings, statistic: Statistic, raters: list[int]) -> list[tuple[float | None, int]]:
    """All at once. Leaving a rater out changes only the plans that they rated: each of those shows another pattern, one rating
    shorter. So the raters differ in how often each pattern occurs, as the replicates of a bootstrap do."""
    plan, rater = np.nonzero(ratings.given)
    codes, times, owner = owned_rows(_with_shortened(ratings, plan, rater), len(ratings.scale))
    patterns, plans = Patterns(codes, times, ratings.scale), len(ratings.codes)
    often = _times_without(owner[:plans], owner[plans:], plan, np.searchsorted(raters, rater), (len(raters), len(codes)))
    values = statistic.evaluate(patterns, often)
    pairable = (often @ patterns.pairable).astype(int)
    return [(None if np.isnan(value) else float(value), int(count)) for value, count in zip(values, pairable, strict=True)]


def _with_shortened(ratings: Ratings, plan: IntArray, rater: IntArray) -> CodeArray:
    """Every plan's ratings in order, then every plan's once more without each single rating."""
    width = int(ratings.given.sum(axis=1).max(initial=0))
    whole = -np.sort(-ratings.codes, axis=1)[:, :width]
    shorter = whole[plan].copy()
    taken = (shorter == ratings.codes[plan, rater][:, None]).argmax(axis=1)
    shorter[np.arange(len(plan)), taken] = MISSING
    return np.vstack([whole, -np.sort(-shorter, axis=1)])


def _times_without(whole: IntArray, shorter: IntArray, plan: IntArray, rater: IntArray, shape: tuple[int, int]) -> FloatArray:
    """How often each pattern occurs without each rater (R x P); a plan without any rating shows none (-1)."""
    raters, patterns = shape
    times = np.tile(np.bincount(whole[whole >= 0], minlength=patterns).astype(float), (raters, 1))
    np.subtract.at(times, (rater, whole[plan]), 1)
    left = shorter >= 0
    np.add.at(times, (rater[left], shorter[left]), 1)
    return times
