"""Agreement weights: how much two levels count as agreeing, 1 on the diagonal.

Each function maps a scale of q levels to a symmetric q x q matrix. Linear and quadratic weights use
the numeric values of the levels; Gwet's ordinal weights use their order. Gwet's ordinal weights are
not Krippendorff's ordinal metric.
"""

import numpy as np

from stats.arrays import FloatArray
from stats.scales import Scale


def identity(scale: Scale) -> FloatArray:
    """Only equal levels agree."""
    return np.eye(len(scale))


def linear(scale: Scale) -> FloatArray:
    """1 - |x - y| / range (Cicchetti and Allison 1971).

    >>> linear(Scale.of("ordinal", [1, 2, 3]))[0].tolist()
    [1.0, 0.5, 0.0]
    """
    return 1 - _distance(scale)


def quadratic(scale: Scale) -> FloatArray:
    """1 - ((x - y) / range)^2 (Fleiss and Cohen 1973).

    >>> quadratic(Scale.of("ordinal", [1, 2, 3]))[0].tolist()
    [1.0, 0.75, 0.0]
    """
    return 1 - _distance(scale) ** 2


def ordinal(scale: Scale) -> FloatArray:
    """1 - C(d + 1, 2) / C(q, 2), with d the number of steps between two levels (Gwet 2014, ch. 3).

    >>> ordinal(Scale.of("ordinal", [1, 2, 3, 4]))[0].round(3).tolist()
    [1.0, 0.833, 0.5, 0.0]
    """
    place = np.arange(len(scale))
    steps = np.abs(np.subtract.outer(place, place))
    pairs = steps * (steps + 1) / 2
    return np.asarray(1 - pairs / max(float(pairs.max()), 1.0))


def _distance(scale: Scale) -> FloatArray:
    distance = np.abs(np.subtract.outer(scale.values, scale.values))
    return np.asarray(distance / (float(distance.max()) or 1.0))
