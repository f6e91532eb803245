"""Did it help? A change in some units compared with the change in the others, allowing for where each started.

What is discussed is discussed *because* it differed, so by the next round much of it improves by itself (regression to the
mean). A plain before-and-after comparison calls that a success. Here each unit's later figure is compared with what units that
started in the same place came to.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stats.arrays import FloatArray

FEWEST = 5  # units on each side
LEVEL = 0.95


@dataclass(frozen=True)
class AdjustedChange:
    """How much more the treated units changed than others that started in the same place.

    `by_itself` is the change that the treated units would have shown anyway, and `plain` the one that they did show: the
    difference of the two is `value`. Where there is no value, `undefined` says why in words.
    """

    value: float | None
    low: float | None
    high: float | None
    level: float
    undefined: str | None
    treated: int
    untreated: int
    plain: float | None
    by_itself: float | None

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def adjusted_change(
    before: Sequence[float], after: Sequence[float], treated: Sequence[bool], *, level: float = LEVEL
) -> AdjustedChange:
    """Analysis of covariance of `after` on `before` and `treated` (three columns of equal length, one row per unit).

    The difference is adjusted for the *observed* starting point. That is right when units were chosen for what was observed
    then, as they are here (Rubin 1977, Assignment to treatment group on the basis of a covariate; Van Breukelen 2006, ANCOVA
    versus change from baseline); "correcting" the starting point for its error would put the bias back. The interval uses the
    heteroscedasticity-consistent standard errors HC3 (MacKinnon and White 1985; Long and Ervin 2000), because units
    rest on different numbers of plans, and Student's t with n - 3 degrees of freedom. It speaks of these units: what else
    happened between the two measurements to treated units only cannot be told apart.

    >>> found = adjusted_change([.3, .4, .5, .6, .4, .6, .7, .8, .9, .5], [.5, .56, .6, .66, .55, .53, .6, .65, .68, .5],
    ...                         [True] * 5 + [False] * 5)
    >>> round(found.value, 3), found.is_clear, round(found.plain, 3), round(found.by_itself, 3)
    (0.111, True, 0.134, 0.023)
    """
    old, new, chosen = np.asarray(before, float), np.asarray(after, float), np.asarray(treated, bool)
    counts = int(chosen.sum()), int((~chosen).sum())
    obstacle = _obstacle(old, *counts)
    if obstacle:
        return AdjustedChange(None, None, None, level, obstacle, *counts, None, None)
    design = np.column_stack([np.ones(len(old)), old, chosen])
    weights = np.linalg.pinv(design)
    fit = weights @ new
    half = _half_width(design, weights, new - design @ fit, level)
    plain = float((new - old)[chosen].mean())
    value = float(fit[2])
    return AdjustedChange(value, value - half, value + half, level, None, *counts, plain, plain - value)


def _obstacle(before: FloatArray, treated: int, untreated: int) -> str | None:
    if min(treated, untreated) < FEWEST:
        return f"There are {treated} on one side and {untreated} on the other; {FEWEST} are needed on each."
    if np.ptp(before) == 0:
        return "All started in the same place, so there is nothing to adjust for."
    return None


def _half_width(design: FloatArray, weights: FloatArray, residuals: FloatArray, level: float) -> float:
    """Half of the interval of the last coefficient: HC3 divides each residual by one less its leverage."""
    from scipy.special import stdtrit

    leverage = np.einsum("ij,ji->i", design, weights)
    spread = weights[-1] * residuals / (1 - np.minimum(leverage, 1 - 1e-12))
    return float(stdtrit(len(residuals) - design.shape[1], (1 + level) / 2) * math.sqrt(float(spread @ spread)))
