"""Percent agreement: how often ratings of the same plan are alike, chance not considered.

Functions here and in its neighbours take patterns (P of them) and weights (B x P: how often each
pattern occurs, one row per bootstrap replicate) and return one value per row (B), NaN where undefined.
"""

import numpy as np

from stats.arrays import FloatArray, divide
from stats.patterns import Patterns


def agreement_of_patterns(patterns: Patterns, weights: FloatArray) -> FloatArray:
    """Share of agreeing pairs of ratings within each pattern (P), 0 where there is no pair.

    `weights` (q x q) says how much two levels agree.
    """
    counts, sizes = patterns.counts, patterns.sizes
    pairs = sizes * (sizes - 1.0)
    agreeing = (counts * (counts @ weights - 1)).sum(axis=1)
    agreeing[~patterns.pairable] = 0
    pairs[~patterns.pairable] = 1
    return np.asarray(agreeing / pairs)


def pairwise(patterns: Patterns, times: FloatArray, weights: FloatArray) -> FloatArray:
    """Mean over plans with two or more ratings of the (weighted) share of agreeing pairs.

    Source: Fleiss (1971), Gwet (2014) for missing ratings.

    Three raters of whom two agree on the first plan, and two who agree on the second: (1/3 + 1) / 2.

    >>> from stats import Ratings, Scale
    >>> patterns = Patterns.of(Ratings.of([[1, 1, 2], [2, 2, None]], Scale.of("nominal", [1, 2])))
    >>> pairwise(patterns, patterns.observed, np.eye(2)).round(4).tolist()
    [0.6667]
    """
    shares = agreement_of_patterns(patterns, weights)
    return divide(times @ shares, times @ patterns.pairable.astype(float))


def unanimous(patterns: Patterns, times: FloatArray) -> FloatArray:
    """Share of the plans with two or more ratings on which everybody who rated chose the same level.

    >>> from stats import Ratings, Scale
    >>> table = [[1, 1, None], [2, 2, 2], [1, 1, 2], [1, 1, 1], [1, None, None]]
    >>> patterns = Patterns.of(Ratings.of(table, Scale.of("nominal", [1, 2])))
    >>> unanimous(patterns, patterns.observed).tolist()
    [0.75]
    """
    alike = (patterns.counts.max(axis=1, initial=0) == patterns.sizes) & patterns.pairable
    return divide(times @ alike.astype(float), times @ patterns.pairable.astype(float))
