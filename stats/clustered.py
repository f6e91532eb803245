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
    from scipy.special import stdtrit

    kept = [list(values) for values in clusters if values]
    if len(kept) < 2:
        raise ValueError("A mean over clusters needs two clusters with values.")
    size, count = sum(map(len, kept)), len(kept)
    mean = sum(map(sum, kept)) / size
    squares = sum((sum(values) - mean * len(values)) ** 2 for values in kept)
    if squares < 1e-12:
        return ClusteredMean(mean, None, None)
    reach = float(stdtrit(count - 1, (1 + level) / 2)) * math.sqrt(count / (count - 1) * squares) / size
    return ClusteredMean(mean, mean - reach, mean + reach)
