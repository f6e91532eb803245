"""Influence: what agreement would be without one of the raters."""

from dataclasses import dataclass

import numpy as np

from stats.measure import measure
from stats.ratings import Ratings


@dataclass(frozen=True)
class Influence:
    """`rater` is the column left out; `change` is without minus with; None where either is undefined."""

    rater: int
    without: float | None
    change: float | None


def influence(ratings: Ratings, stat: str = "alpha") -> tuple[Influence, ...]:
    """The coefficient without each rater in turn, the one whose absence changes most first.

    >>> from stats import Scale
    >>> odd_one_out = [[1, 1, 2], [2, 2, 1], [1, 1, 2], [2, 2, 2], [1, 1, 1]]
    >>> found = influence(Ratings.of(odd_one_out, Scale.of("nominal", [1, 2])))
    >>> found[0].rater, found[0].without
    (2, 1.0)
    """
    whole = measure(ratings, stat, replicates=0).value
    columns = np.flatnonzero(ratings.given.any(axis=0)).tolist()
    found = []
    for rater in columns:
        without = measure(ratings.of_raters([other for other in columns if other != rater]), stat, replicates=0).value
        change = None if without is None or whole is None else without - whole
        found.append(Influence(rater, without, change))
    return tuple(sorted(found, key=lambda one: -abs(one.change or 0.0)))
