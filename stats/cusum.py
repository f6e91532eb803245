"""CUSUM: notices a small, lasting rise of the out-of-tolerance rate sooner than a chart of single periods.

One observation per seed plan, its share of ratings out of tolerance, because ratings of one plan hang
together. The sum grows when shares exceed a reference between the rate in control and the rate to
be found, and never falls below zero. Its limit is set by simulation, with the correlation inside a plan.
Source: M. R. Reynolds and Z. G. Stoumbos (1999), A CUSUM chart for monitoring a proportion.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stats.arrays import FloatArray

_PATHS = 200
_PLANS = 2000


@dataclass(frozen=True)
class Design:
    """What the chart is tuned for: rates in control and to be found, ratings on a plan, their correlation."""

    in_control: float = 0.10
    to_find: float = 0.25
    ratings: int = 30
    correlation: float = 0.1

    @property
    def reference(self) -> float:
        """The share at which the sum neither grows nor falls: where both rates are equally likely."""
        return math.log((1 - self.in_control) / (1 - self.to_find)) / self.sharpness

    @property
    def sharpness(self) -> float:
        """Log odds ratio of the two rates: turns shares into log likelihood ratios."""
        odds = self.to_find * (1 - self.in_control) / (self.in_control * (1 - self.to_find))
        return math.log(odds)


@dataclass(frozen=True)
class CusumPoint:
    total: float
    is_alarm: bool


def cusum(shares: Sequence[float], design: Design, limit: float) -> tuple[CusumPoint, ...]:
    """The running sum after each seed plan, in the order in which they were scored; starts anew after an alarm.

    >>> [point.is_alarm for point in cusum([0.1, 0.4, 0.5, 0.6, 0.1], Design(), limit=0.9)]
    [False, False, False, True, False]
    """
    points, total = [], 0.0
    for share in shares:
        total = max(0.0, total + share - design.reference)
        points.append(CusumPoint(total, total >= limit))
        total = 0.0 if total >= limit else total
    return tuple(points)


def limit_for(design: Design, run_length: float, seed: int = 1) -> float:
    """The limit at which false alarms come every `run_length` seed plans on average (simulated).

    >>> limit = limit_for(Design(), 100)
    >>> average_run_length(Design(), limit, 0.10) >= 100 > average_run_length(Design(), limit, 0.25)
    True
    """
    low, high = 0.01, 100.0
    for _ in range(3):
        limits = np.geomspace(low, high, 30)
        enough = run_lengths(design, limits, design.in_control, seed) >= run_length
        first = int(np.argmax(enough)) if enough.any() else len(limits) - 1
        low, high = float(limits[max(first - 1, 0)]), float(limits[first])
    return high


def average_run_length(design: Design, limit: float, rate: float, seed: int = 1) -> float:
    """Seed plans from a start at zero to the alarm, on average, when the true rate is `rate` (simulated).

    Without a limit to speak of, the first plan with a rating out of tolerance gives the alarm:

    >>> round(average_run_length(Design(ratings=1, correlation=0.0), 1e-9, 0.25))
    4
    """
    return float(run_lengths(design, np.array([limit]), rate, seed)[0])


def run_lengths(design: Design, limits: FloatArray, rate: float, seed: int = 1) -> FloatArray:
    """The same for several limits at once, on the same simulated plans."""
    shares = simulate_shares(np.random.default_rng(seed), rate, design, (_PLANS, _PATHS))
    total, alarms = np.zeros((len(limits), _PATHS)), np.zeros(len(limits))
    for share in shares:
        total = np.maximum(total + share - design.reference, 0.0)
        reached = total >= limits[:, None]
        alarms += reached.sum(axis=1)
        total[reached] = 0.0
    return np.where(alarms > 0, shares.size / np.maximum(alarms, 1), np.inf)


def simulate_shares(random: np.random.Generator, rate: float, design: Design, shape: tuple[int, ...]) -> FloatArray:
    """Shares of seed plans whose ratings are out of tolerance with a rate that differs from plan to plan."""
    if design.correlation > 0:
        size = 1 / design.correlation - 1
        rates = random.beta(rate * size, (1 - rate) * size, size=shape)
    else:
        rates = np.full(shape, rate)
    return np.asarray(random.binomial(design.ratings, rates) / design.ratings)
