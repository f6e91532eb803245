"""How many plans and auditors are needed: precision and power before any plan has been rated.

A plan has a quality, a rating is the quality plus an error, cut into levels of equal frequency; the error
is chosen so that ordinal alpha is what is expected. The standard error of one very large simulated
sample gives that of any number of plans, as it shrinks with their square root.
"""

import math
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np

from stats.intervals import jackknife_error
from stats.measure import point
from stats.patterns import Patterns
from stats.ratings import Ratings
from stats.registry import find
from stats.scales import Scale

_SAMPLE = 20_000
_TWO_SIDED = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Expected:
    """What is expected of a round: raters per plan, levels of the scale, ordinal alpha."""

    raters: int = 3
    levels: int = 4
    agreement: float = 0.5

    def __post_init__(self) -> None:
        if self.raters < 2 or self.levels < 2 or not 0 < self.agreement < 1:
            raise ValueError("a plan needs two raters, a scale two levels, and the agreement must lie between 0 and 1")


def interval_width(plans: int, expected: Expected) -> float:
    """Width of the 95% interval of ordinal alpha for one criterion, never more than from -1 to 1.

    >>> round(interval_width(100, Expected(raters=3, levels=4, agreement=0.66)), 2)
    0.19
    """
    from scipy.special import stdtrit

    if plans < 2:
        raise ValueError("an interval needs at least two plans")
    return min(float(2 * stdtrit(plans - 1, 0.975) * error_of_one(expected) / math.sqrt(plans)), 2.0)


def plans_for_width(width: float, expected: Expected) -> int:
    """Plans needed for an interval no wider than `width`; ValueError unless that is above zero.

    >>> plans_for_width(0.3, Expected(raters=3, levels=4, agreement=0.66))
    41
    """
    if width <= 0:
        raise ValueError("no number of plans gives an interval without width")
    plans = max(2, math.ceil((2 * _TWO_SIDED * error_of_one(expected) / width) ** 2))
    while interval_width(plans, expected) > width:
        plans += 1
    return plans


def power(before: Expected, after: Expected, plans_before: int, plans_after: int) -> float:
    """Probability that a change of agreement will be seen: that the interval of the difference leaves out zero.

    Two rounds alike differ "clearly" by chance once in twenty:

    >>> round(power(*[Expected(raters=3, levels=4, agreement=0.66)] * 2, 40, 40), 3)
    0.05
    """
    spread = math.hypot(error_of_one(before) / math.sqrt(plans_before), error_of_one(after) / math.sqrt(plans_after))
    size = abs(after.agreement - before.agreement) / spread
    normal = NormalDist()
    return normal.cdf(size - _TWO_SIDED) + normal.cdf(-size - _TWO_SIDED)


def plans_for_power(before: Expected, after: Expected, wanted: float = 0.8) -> int:
    """Plans needed in each of the two rounds to see the change with the wanted probability.

    >>> before, after = (Expected(raters=3, levels=4, agreement=level) for level in (0.5, 0.66))
    >>> plans = plans_for_power(before, after)
    >>> power(before, after, plans - 1, plans - 1) < 0.8 <= power(before, after, plans, plans)
    True
    """
    if before.agreement == after.agreement:
        raise ValueError("there is no change to be seen")
    spread = math.hypot(error_of_one(before), error_of_one(after))
    reach = _TWO_SIDED + NormalDist().inv_cdf(wanted)
    return max(2, math.ceil((reach * spread / (after.agreement - before.agreement)) ** 2))


def sentence_for(plans: int, expected: Expected) -> str:
    """The answer in words.

    >>> sentence_for(40, Expected(raters=3, levels=4, agreement=0.66))
    'With 3 auditors and 40 plans the interval will be about 0.3 wide.'
    """
    width = interval_width(plans, expected)
    return f"With {expected.raters} auditors and {plans} plans the interval will be about {width:.1f} wide."


@cache
def error_of_one(expected: Expected) -> float:
    """Standard error of ordinal alpha times the square root of the number of plans."""
    patterns = _sample(expected, _error_for(expected))
    error = jackknife_error(find("alpha_ordinal", patterns.scale), patterns)
    assert error is not None
    return error * math.sqrt(_SAMPLE)


def _error_for(expected: Expected) -> float:
    """The error of reading that gives the expected alpha (bisection; the same random numbers throughout)."""
    low, high = 0.0, 40.0
    for _ in range(30):
        middle = (low + high) / 2
        patterns = _sample(expected, middle)
        value = point(find("alpha_ordinal", patterns.scale), patterns) or 0.0
        low, high = (middle, high) if value > expected.agreement else (low, middle)
    return high


def _sample(expected: Expected, error: float) -> Patterns:
    random = np.random.default_rng(20_261)
    quality, noise = random.normal(size=(_SAMPLE, 1)), random.normal(size=(_SAMPLE, expected.raters))
    readings = (quality + error * noise) / math.hypot(1, error)
    cuts = [NormalDist().inv_cdf(share / expected.levels) for share in range(1, expected.levels)]
    scale = Scale.of("ordinal", range(expected.levels))
    return Patterns.of(Ratings.from_codes(np.searchsorted(cuts, readings).astype(np.int8), scale))
