"""The mean of values in clusters, such as the answers about one plan: the clusters are what is counted, not the values."""

import math
from collections.abc import Sequence
from typing import NamedTuple


class ClusteredMean(NamedTuple):
    """The mean with its interval; no interval where the clusters do not differ, since it would have no width."""

    value: float
    low: float | None
    high: float | None


def clustered_mean(clusters: Sequence[Sequence[float]], level: float = 0.95) -> ClusteredMean:
    """The ratio estimator over clusters of unequal size, with the linearised standard error and t(clusters - 1).

    Clusters of equal size are as good as their means: 0, 1 and 2 give 1 with 1 +/- 4.303 / sqrt(3):

    >>> found = clustered_mean([[0, 0], [1, 1], [2, 2]])
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (1.0, -1.484, 3.484)
    """
    mean, variance, freedom = _moments(clusters)
    return _between(mean, variance, freedom, level)


def clustered_difference(first: Sequence[Sequence[float]], second: Sequence[Sequence[float]], level: float = 0.95) -> ClusteredMean:
    """The first mean less the second, of two independent sets of clusters: Welch's interval on the linearised variances.

    With one value in each cluster it is Welch's t interval:

    >>> found = clustered_difference([[1], [2], [3]], [[0], [0], [3]])
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (1.0, -2.548, 4.548)
    """
    (one, spread, free), (other, wider, freer) = _moments(first), _moments(second)
    variance = spread + wider
    freedom = variance**2 / (spread**2 / free + wider**2 / freer) if variance else 0.0
    return _between(one - other, variance, freedom, level)


def _moments(clusters: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """Mean, variance of the mean, degrees of freedom."""
    kept = [list(values) for values in clusters if values]
    if len(kept) < 2:
        raise ValueError("A mean over clusters needs two clusters with values.")
    size, count = sum(map(len, kept)), len(kept)
    mean = sum(map(sum, kept)) / size
    squares = sum((sum(values) - mean * len(values)) ** 2 for values in kept)
    variance = count / (count - 1) * squares / size**2 if squares >= 1e-12 else 0.0
    return mean, variance, count - 1.0


def _between(value: float, variance: float, freedom: float, level: float) -> ClusteredMean:
    from scipy.special import stdtrit

    if not variance:
        return ClusteredMean(value, None, None)
    reach = float(stdtrit(freedom, (1 + level) / 2)) * math.sqrt(variance)
    return ClusteredMean(value, value - reach, value + reach)
