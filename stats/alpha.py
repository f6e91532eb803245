"""Krippendorff's alpha: one minus observed over expected disagreement.

Any number of raters, missing ratings, four metrics. Plans with fewer than two ratings are left out.
Source: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011).

Every metric is written as a squared distance between places of the levels, so that a plan's
disagreement is a variance within the plan: no table of pairs is built, and perfect agreement gives
exactly zero. The ordinal metric of two levels, (sum of the marginals between them, ends counted
half)^2, is the squared distance of their mid-ranks among all pairable ratings.
"""

from collections.abc import Sequence

import numpy as np

from stats.arrays import CodeArray, FloatArray, divide
from stats.patterns import Patterns
from stats.scales import Level, Scale

Columns = Sequence[int]


def alpha(patterns: Patterns, times: FloatArray, metric: Level) -> FloatArray:
    """Alpha for each row of `times` (B x P -> B); NaN where there is no pair or no variation.

    Krippendorff (2011), section B, two observers and twelve units, has .692:

    >>> from stats import Ratings
    >>> pairs = list(map(list, zip("aabbdccceddd"[:11] + "a", "babbbcccedd" + "d")))
    >>> patterns = Patterns.of(Ratings.of(pairs, Scale.of("nominal", "abcde")))
    >>> alpha(patterns, patterns.observed, Level.NOMINAL).round(3).tolist()
    [0.692]
    """
    marginals = pairable_marginals(patterns, times)
    observed = observed_disagreement(patterns, times, metric)
    return 1 - divide(observed, expected_disagreement(marginals, patterns.scale, metric))


def alpha_between(patterns: Patterns, times: FloatArray, metric: Level, left: Columns, right: Columns) -> FloatArray:
    """Alpha from pairs with one rating of each of two groups of raters, such as two agencies.

    A plan counts with as many values as it has ratings. With one rater in each group it is plain alpha.
    """
    a, b = patterns.given[:, left].sum(axis=1), patterns.given[:, right].sum(axis=1)
    met = (a > 0) & (b > 0)
    counts = Patterns(patterns.codes[:, [*left, *right]], patterns.times, patterns.scale).counts
    marginals = (times * met) @ counts
    weight = np.where(met, (a + b) / np.maximum(a * b, 1), 0.0)
    places = _places(patterns.scale, marginals, metric)
    within = np.zeros(len(times))
    for one in left:
        for other in right:
            apart = _apart(patterns.codes[:, one], patterns.codes[:, other], places, patterns.scale, metric)
            within += (times * apart) @ np.where(patterns.given[:, one] & patterns.given[:, other], weight, 0.0)
    observed = divide(within, marginals.sum(axis=1))
    return 1 - divide(observed, expected_disagreement(marginals, patterns.scale, metric))


def pairable_marginals(patterns: Patterns, times: FloatArray) -> FloatArray:
    """How often each level occurs among ratings that have a partner (B x q)."""
    return np.asarray((times * patterns.pairable) @ patterns.counts)


def observed_disagreement(patterns: Patterns, times: FloatArray, metric: Level) -> FloatArray:
    """Mean distance within plans (B)."""
    total = (times * patterns.pairable) @ patterns.sizes.astype(float)
    if metric is Level.ORDINAL:
        places = midranks(pairable_marginals(patterns, times))
        within = np.einsum("bp,bp->b", times, _spread_by_replicate(patterns, places))
    else:
        within = times @ disagreement_of_patterns(patterns, metric)
    return divide(within, total)


def expected_disagreement(marginals: FloatArray, scale: Scale, metric: Level) -> FloatArray:
    """Mean distance between any two of the ratings, whichever plans they come from (B x q -> B)."""
    total = marginals.sum(axis=1)
    if metric is Level.NOMINAL:
        apart = total**2 - (marginals**2).sum(axis=1)
    elif metric is Level.RATIO:
        apart = np.einsum("bk,bk->b", marginals @ ratio_distances(scale.values), marginals)
    else:
        places = _places(scale, marginals, metric)
        centre = divide((marginals * places).sum(axis=1), total)[:, None]
        apart = 2 * total * (marginals * (places - centre) ** 2).sum(axis=1)
    apart[(marginals > 0).sum(axis=1) < 2] = 0
    return divide(apart, total * (total - 1))


def _places(scale: Scale, marginals: FloatArray, metric: Level) -> FloatArray:
    """Where the levels stand, so that distances are squared differences (B x q, or 1 x q)."""
    return midranks(marginals) if metric is Level.ORDINAL else scale.values[None, :]


def _apart(one: CodeArray, other: CodeArray, places: FloatArray, scale: Scale, metric: Level) -> FloatArray:
    """Distance of two columns of ratings in each pattern (B x P, or 1 x P)."""
    if metric is Level.NOMINAL:
        return np.asarray(one != other, dtype=np.float64)[None, :]
    if metric is Level.RATIO:
        return np.asarray(ratio_distances(scale.values)[one, other][None, :])
    return np.asarray((places[:, one] - places[:, other]) ** 2)


def midranks(marginals: FloatArray) -> FloatArray:
    """Mean rank of each level among all pairable ratings (B x q), up to a constant."""
    return np.asarray(np.cumsum(marginals, axis=1) - marginals / 2)


def ratio_distances(values: FloatArray) -> FloatArray:
    """((a - b) / (a + b))^2, with zero against zero counting as no distance."""
    top, bottom = np.subtract.outer(values, values), np.add.outer(values, values)
    return np.asarray(np.divide(top, bottom, out=np.zeros_like(top), where=bottom != 0) ** 2)


def disagreement_of_patterns(patterns: Patterns, metric: Level) -> FloatArray:
    """Sum over ordered pairs of distances within each pattern, over m - 1 (P), for a fixed metric."""
    counts, sizes = patterns.counts, patterns.sizes.astype(float)
    if metric is Level.NOMINAL:
        apart = sizes**2 - (counts**2).sum(axis=1)
    elif metric is Level.RATIO:
        apart = ((counts @ ratio_distances(patterns.scale.values)) * counts).sum(axis=1)
    else:
        return np.asarray(_spread_by_replicate(patterns, patterns.scale.values[None, :])[0])
    return np.asarray(np.where(patterns.pairable, apart / np.maximum(sizes - 1, 1), 0.0))


def _spread_by_replicate(patterns: Patterns, places: FloatArray) -> FloatArray:
    """Sum over ordered pairs of squared distances within each pattern, over m - 1 (B x q -> B x P)."""
    sizes = np.maximum(patterns.sizes, 1)
    given = patterns.given
    where = np.where(given, patterns.codes, 0)
    values = places[:, where]
    means = (values * given).sum(axis=2) / sizes
    squares = (((values - means[:, :, None]) ** 2) * given).sum(axis=2)
    return np.asarray(squares * np.where(patterns.pairable, 2 * sizes / np.maximum(sizes - 1, 1), 0.0))
