"""Intraclass correlations (Shrout and Fleiss 1979) and Kendall's W, for a panel in which all rate all.

They use the plans that every rater rated. Values of the levels must be numbers.
"""

from dataclasses import dataclass

import numpy as np

from stats.arrays import FloatArray, divide, sum_by
from stats.patterns import Patterns

_NOISE = 1e-12


@dataclass(frozen=True)
class MeanSquares:
    """Mean squares of the two-way table of n plans and k raters, one per replicate (B)."""

    between: FloatArray
    within: FloatArray
    raters: FloatArray
    error: FloatArray
    plans: FloatArray
    width: int


def mean_squares(patterns: Patterns, times: FloatArray) -> MeanSquares:
    """The mean squares of the plans that every rater rated, for each row of `times` (B x P).

    Shrout and Fleiss (1979), table 3: 11.24 between, 6.26 within, 32.49 between judges, 1.02 residual.

    >>> from stats import Ratings, Scale
    >>> table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> patterns = Patterns.of(Ratings.of(table, Scale.of("interval", range(1, 11))))
    >>> found = mean_squares(patterns, patterns.observed)
    >>> [round(float(square[0]), 2) for square in (found.between, found.within, found.raters, found.error)]
    [11.24, 6.26, 32.49, 1.02]
    >>> [round(float(form(patterns, patterns.observed)[0]), 2) for form in (icc_1_1, icc_2_1, icc_3_1)]
    [0.17, 0.29, 0.71]
    >>> [round(float(form(patterns, patterns.observed)[0]), 2) for form in (icc_1_k, icc_2_k, icc_3_k)]
    [0.44, 0.62, 0.91]
    """
    values, weights = _panel(patterns, times)
    plans, width = weights.sum(axis=1), values.shape[1]
    row = values.mean(axis=1)
    grand = divide(weights @ row, plans)
    between = width * _variation(weights, row[:, None], grand[:, None])
    raters = plans * ((divide(weights @ values, plans[:, None]) - grand[:, None]) ** 2).sum(axis=1)
    within = weights @ ((values - row[:, None]) ** 2).sum(axis=1)
    error = _without_noise(within - raters, within)
    between = _without_noise(between, between + within)
    freedom = plans - 1
    return MeanSquares(
        divide(between, freedom),
        divide(within, plans * (width - 1)),
        raters / max(width - 1, 1),
        divide(error, freedom * (width - 1)),
        plans,
        width,
    )


def icc_1_1(patterns: Patterns, times: FloatArray) -> FloatArray:
    """One-way: each plan may have other raters."""
    ms = mean_squares(patterns, times)
    return _share_of(ms, ms.between - ms.within, ms.between + (ms.width - 1) * ms.within)


def icc_2_1(patterns: Patterns, times: FloatArray) -> FloatArray:
    """Two-way, absolute agreement of single ratings."""
    ms = mean_squares(patterns, times)
    shift = ms.width * divide(ms.raters - ms.error, ms.plans)
    return _share_of(ms, ms.between - ms.error, ms.between + (ms.width - 1) * ms.error + shift)


def icc_3_1(patterns: Patterns, times: FloatArray) -> FloatArray:
    """Two-way, consistency of single ratings: severity does not count."""
    ms = mean_squares(patterns, times)
    return _share_of(ms, ms.between - ms.error, ms.between + (ms.width - 1) * ms.error)


def icc_1_k(patterns: Patterns, times: FloatArray) -> FloatArray:
    """One-way, the mean of all raters."""
    ms = mean_squares(patterns, times)
    return _share_of(ms, ms.between - ms.within, ms.between)


def icc_2_k(patterns: Patterns, times: FloatArray) -> FloatArray:
    """Two-way, absolute agreement of the mean of all raters."""
    ms = mean_squares(patterns, times)
    return _share_of(ms, ms.between - ms.error, ms.between + divide(ms.raters - ms.error, ms.plans))


def icc_3_k(patterns: Patterns, times: FloatArray) -> FloatArray:
    """Two-way, consistency of the mean of all raters (Cronbach's alpha)."""
    ms = mean_squares(patterns, times)
    return _share_of(ms, ms.between - ms.error, ms.between)


def kendall_w(patterns: Patterns, times: FloatArray) -> FloatArray:
    """Kendall's coefficient of concordance, corrected for ties.

    Siegel (1956): three executives rank six applicants, W = .16.

    >>> from stats import Ratings, Scale
    >>> ranks = [[1, 1, 6], [6, 5, 3], [3, 6, 2], [2, 4, 5], [5, 2, 4], [4, 3, 1]]
    >>> patterns = Patterns.of(Ratings.of(ranks, Scale.of("ordinal", range(1, 7))))
    >>> kendall_w(patterns, patterns.observed).round(2).tolist()
    [0.16]
    """
    weights = times * patterns.complete
    codes = patterns.codes[:, patterns.active][patterns.complete]
    weights = weights[:, patterns.complete]
    plans, raters = weights.sum(axis=1), codes.shape[1]
    sums, ties = np.zeros(weights.shape), np.zeros(len(times))
    for rater in range(raters):
        chosen = sum_by(codes[:, rater], len(patterns.scale), weights)
        ranks = np.cumsum(chosen, axis=1) - chosen / 2
        sums += ranks[:, codes[:, rater]]
        ties += (chosen**3 - chosen).sum(axis=1)
    middle = raters * plans / 2
    spread = (weights * (sums - middle[:, None]) ** 2).sum(axis=1)
    return divide(12 * spread, raters**2 * (plans**3 - plans) - raters * ties)


def _share_of(ms: MeanSquares, part: FloatArray, whole: FloatArray) -> FloatArray:
    """A variance as a share of the whole; undefined where the estimate of the whole is not positive."""
    return divide(part, np.where(whole > _NOISE * (ms.between + ms.within + ms.raters), whole, 0.0))


def _panel(patterns: Patterns, times: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Values (plans rated by all x raters), shifted to a mean near zero, and their weights."""
    whole = patterns.complete
    values = patterns.scale.values[patterns.codes[whole][:, patterns.active]]
    share = patterns.times[whole] / max(patterns.times[whole].sum(), 1)
    return np.asarray(values - (share @ values).mean()), np.asarray(times[:, whole])


def _variation(weights: FloatArray, values: FloatArray, centre: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("bp,bp->b", weights, (values[:, 0][None, :] - centre) ** 2))


def _without_noise(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Sums of squares that are only rounding error become an exact zero."""
    return np.where(np.abs(part) <= _NOISE * whole, 0.0, part)
