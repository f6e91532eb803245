"""Gwet's AC1 and AC2 and Brennan-Prediger: coefficients that stay steady where grades are skewed.

Source: K. L. Gwet, Handbook of Inter-Rater Reliability, 4th edition (2014). The prevalence is taken
over all plans with a rating, the agreement over plans with two or more.
"""

import numpy as np

from stats.arrays import FloatArray, divide
from stats.patterns import Patterns
from stats.percent import pairwise


def prevalence(patterns: Patterns, times: FloatArray) -> FloatArray:
    """How common each level is, every plan counting the same (B x q)."""
    shares = patterns.counts / patterns.sizes[:, None]
    return divide(times @ shares, times.sum(axis=1, keepdims=True))


def beyond_chance(agreement: FloatArray, chance: FloatArray) -> FloatArray:
    """(pa - pe) / (1 - pe): the share of the possible agreement beyond chance that was reached."""
    return divide(agreement - chance, 1 - chance)


def gwet_ac(patterns: Patterns, times: FloatArray, weights: FloatArray) -> FloatArray:
    """AC1 (identity weights) or AC2 (others).

    It exists even when every rating is the same, provided that two levels were possible: it is 1 then.

    Gwet (2002): two raters say + and + of 118 patients, + and - of 5, - and + of 2. Cohen's kappa is -.0234.

    >>> from stats import Ratings, Scale
    >>> pairs = [["+", "+"]] * 118 + [["+", "-"]] * 5 + [["-", "+"]] * 2
    >>> patterns = Patterns.of(Ratings.of(pairs, Scale.of("nominal", ["+", "-"])))
    >>> gwet_ac(patterns, patterns.observed, np.eye(2)).round(4).tolist()
    [0.9408]
    """
    return beyond_chance(pairwise(patterns, times, weights), gwet_chance(patterns, times, weights))


def gwet_chance(patterns: Patterns, times: FloatArray, weights: FloatArray) -> FloatArray:
    levels = len(weights)
    if levels < 2:
        return np.full(len(times), np.nan)
    common = prevalence(patterns, times)
    return np.asarray(weights.sum() / (levels * (levels - 1)) * (common * (1 - common)).sum(axis=1))


def brennan_prediger(patterns: Patterns, times: FloatArray, weights: FloatArray) -> FloatArray:
    """Chance is a uniform choice among the declared levels (Brennan and Prediger 1981).

    Two of three plans agree on a scale of four levels: (2/3 - 1/4) / (3/4).

    >>> from stats import Ratings, Scale
    >>> patterns = Patterns.of(Ratings.of([[1, 1], [2, 2], [1, 2]], Scale.of("nominal", [1, 2, 3, 4])))
    >>> brennan_prediger(patterns, patterns.observed, np.eye(4)).round(4).tolist()
    [0.5556]
    """
    chance = np.full(len(times), weights.sum() / weights.size)
    return beyond_chance(pairwise(patterns, times, weights), chance)
