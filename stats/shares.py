"""Shares of plans with score intervals, and the difference of two: honest for few plans and near 0 and 1.

Source: E. B. Wilson (1927), Probable inference; R. G. Newcombe (1998), Interval estimation for the difference between
independent proportions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

_Z95 = 1.959963984540054


@dataclass(frozen=True)
class Share:
    """A share of plans, of one, with its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ShareChange:
    """A difference of two shares with its 95% interval."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Does the interval leave out no change?"""
        return self.low > 0 or self.high < 0


def effective_number(weights: Iterable[float]) -> float:
    """How many equally weighted plans carry the same information (Kish 1965).

    >>> effective_number([1, 1, 1, 1]), round(effective_number([3, 1, 1, 1]), 2)
    (4.0, 3.0)
    """
    known = list(weights)
    return float(sum(known) ** 2 / sum(weight**2 for weight in known))


def wilson(share: float, number: float) -> Share:
    """Share with its 95% score interval (Wilson 1927): honest for few plans and at the ends, where resampling is not.

    >>> found = wilson(10 / 24, 24)
    >>> round(found.low, 2), round(found.high, 2)
    (0.24, 0.61)
    """
    spread = _Z95**2 / number
    middle = (share + spread / 2) / (1 + spread)
    half = _Z95 * sqrt(share * (1 - share) / number + spread / (4 * number)) / (1 + spread)
    return Share(share, max(0.0, middle - half), min(1.0, middle + half))


def change_of_share(before: Share, after: Share) -> ShareChange:
    """After minus before, with an interval from the two score intervals (Newcombe 1998, method 10).

    >>> found = change_of_share(wilson(48 / 80, 80), wilson(56 / 70, 70))
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    value = after.value - before.value
    down = sqrt((after.value - after.low) ** 2 + (before.high - before.value) ** 2)
    up = sqrt((after.high - after.value) ** 2 + (before.value - before.low) ** 2)
    return ShareChange(value, value - down, value + up)
