"""Rates of few ratings, drawn towards the common rate: beta-binomial shrinkage.

Three ratings out of tolerance among four say little about a rater; how far a rate is drawn depends on how
much the raters differ from one another in truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stats.arrays import FloatArray

_LEAST, _MOST = 0.5, 1e4  # of each side of the prior, and of both together


@dataclass(frozen=True)
class ShrunkRate:
    """`raw` is the plain share (None without ratings); `rate` the posterior mean with its interval."""

    raw: float | None
    rate: float
    low: float
    high: float
    ratings: int


def shrink(out: Sequence[int], ratings: Sequence[int], level: float = 0.95) -> tuple[ShrunkRate, ...]:
    """Rates of several raters (or periods): `out` of `ratings` each.

    >>> found = shrink([3, 2, 1, 2, 30], [4, 20, 20, 20, 60])
    >>> round(found[0].raw, 2), found[0].rate < 0.6
    (0.75, True)
    """
    from scipy.special import betaincinv

    hits, tries = np.asarray(out, dtype=np.float64), np.asarray(ratings, dtype=np.float64)
    if np.any(hits < 0) or np.any(hits > tries):
        raise ValueError("each count must lie between 0 and the number of ratings")
    a, b = prior_of(hits, tries)
    tail = (1 - level) / 2
    return tuple(
        ShrunkRate(
            raw=hit / tried if tried else None,
            rate=(a + hit) / (a + b + tried),
            low=float(betaincinv(a + hit, b + tried - hit, tail)),
            high=float(betaincinv(a + hit, b + tried - hit, 1 - tail)),
            ratings=int(tried),
        )
        for hit, tried in zip(hits.tolist(), tries.tolist(), strict=True)
    )


def prior_of(out: FloatArray, ratings: FloatArray) -> tuple[float, float]:
    """The beta distribution of the true rates, by maximum marginal likelihood; Jeffreys' prior for fewer than three.

    Neither side weighs less than in Jeffreys' prior: four raters without a miss in ten do not prove that nobody misses.

    >>> round(prior_of(np.zeros(4), np.full(4, 10.0))[0], 2)
    0.5
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import betaln

    used = ratings > 0
    if used.sum() < 3:
        return 0.5, 0.5
    hits, tries = out[used], ratings[used]
    centre = float((hits.sum() + 0.5) / (tries.sum() + 1))

    def loss(log_size: float) -> float:
        a, b = centre * np.exp(log_size), (1 - centre) * np.exp(log_size)
        return -float((betaln(a + hits, b + tries - hits) - betaln(a, b)).sum())

    least = _LEAST / min(centre, 1 - centre)
    bounds = (np.log(least), np.log(max(_MOST, 2 * least)))
    size = float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))
    return centre * size, (1 - centre) * size


def chance_above(limit: float, a: float, b: float) -> float:
    """P(rate > limit) for a rate with distribution Beta(a, b)."""
    from scipy.special import betainc

    return float(1 - betainc(a, b, limit))
