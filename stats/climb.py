"""Climbs to the maximum of a smooth function: BFGS, given how curved the function is at the start.

Written out because a library's search from an unknown curvature needs three to ten times as many steps, and its
threaded linear algebra more time for small matrices than the function itself.
Source: J. Nocedal and S. J. Wright, Numerical Optimization (2006), algorithm 6.1.
"""

from collections.abc import Callable

import numpy as np

from stats.arrays import FloatArray

Slope = Callable[[FloatArray], tuple[float, FloatArray]]

_ENOUGH, _SHORTEST, _LONGEST = 1e-4, 1e-8, 2.0


def climb(
    function: Slope, start: FloatArray, inverse: FloatArray, settled: float, most: int
) -> tuple[FloatArray, FloatArray, bool]:
    """The maximum, the inverse of the (negative) curvature there, and whether it was reached within `most` steps.

    `function` gives value and gradient at a point (n). It is reached when a step would gain less than `settled`. No
    step moves a coordinate by more than 2.

    >>> bowl = lambda x: (-float((x - 1) @ (x - 1)), -2 * (x - 1))
    >>> place, _, reached = climb(bowl, np.zeros(2), np.eye(2) / 2, 1e-12, 10)
    >>> place.round(6).tolist(), reached
    ([1.0, 1.0], True)
    """
    place, (value, slope) = start, function(start)
    for _ in range(most):
        move = inverse @ slope
        if slope @ move < 2 * settled:
            return place, inverse, True
        step = _step(function, place, value, move, float(slope @ move))
        if step is None:
            return place, inverse, False
        value, bent, move = step
        inverse = _bent(inverse, move, slope - bent)
        place, slope = place + move, bent
    return place, inverse, False


def inverse_curvature(curvature: FloatArray) -> FloatArray:
    """The inverse of a symmetric matrix (n x n), its directions of the wrong sign turned round, so that a step goes uphill."""
    size, direction = np.linalg.eigh(curvature)
    size = np.maximum(np.abs(size), 1e-6 * np.abs(size).max())
    return np.asarray((direction / size) @ direction.T)


def _step(
    function: Slope, place: FloatArray, value: float, move: FloatArray, gain: float
) -> tuple[float, FloatArray, FloatArray] | None:
    """Halves the step until it gains a fair share of what the slope promises: value and gradient there, and the step."""
    share = min(1.0, _LONGEST / float(np.abs(move).max()))
    while share > _SHORTEST:
        found, slope = function(place + share * move)
        if found >= value + _ENOUGH * share * gain:
            return found, slope, share * move
        share /= 2
    return None


def _bent(inverse: FloatArray, move: FloatArray, change: FloatArray) -> FloatArray:
    """The inverse curvature after what a step has shown of it."""
    seen = float(move @ change)
    if seen <= 0:
        return inverse
    turned = inverse @ change
    both = np.outer(move, turned)
    return np.asarray(inverse - (both + both.T) / seen + (1 + float(turned @ change) / seen) / seen * np.outer(move, move))
