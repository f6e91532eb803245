"""Words for a coefficient, taken from its interval and never from the point alone.

Gwet's probabilistic benchmarking: with an estimate and a standard error, each band of a scale of words
has a probability of holding the true value; going down from the best band, the first word whose
cumulative probability passes 95% is the one that may be used. Source: Gwet (2014), chapter 6.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

from stats.results import Agreement

CERTAINTY = 0.95


@dataclass(frozen=True)
class Benchmark:
    """A scale of words: each band is its word and its lower limit, best first."""

    name: str
    bands: tuple[tuple[str, float], ...]


LANDIS_KOCH = Benchmark(
    "Landis and Koch (1977)",
    (
        ("almost perfect", 0.8),
        ("substantial", 0.6),
        ("moderate", 0.4),
        ("fair", 0.2),
        ("slight", 0.0),
        ("poor", -1.0),
    ),
)

KRIPPENDORFF = Benchmark(
    "Krippendorff (2004)",
    (("reliable", 0.8), ("good enough for tentative conclusions", 0.667), ("not reliable", -1.0)),
)


def label(agreement: Agreement, benchmark: Benchmark = LANDIS_KOCH) -> str | None:
    """The strongest word that the interval allows; None without value or interval.

    The word means "at least": 0.48 with an interval from 0.27 to 0.67 is at least fair. Benchmarking asks for 95%
    certainty on one side, an interval gives 97.5%: where the two part, the word is that of the lower limit, so
    that nobody reads "at least fair" beside an interval from 0.19.

    >>> word(0.48, (0.67 - 0.27) / 2 / 1.96, LANDIS_KOCH)
    'fair'
    """
    if agreement.value is None or agreement.low is None or agreement.high is None:
        return None
    names = [name for name, _ in benchmark.bands]
    certain = word(agreement.value, standard_error(agreement), benchmark)
    return max(certain, band_of(agreement.low, benchmark), key=names.index)


def band_of(value: float, benchmark: Benchmark) -> str:
    """The word for a value that is known exactly.

    >>> band_of(0.79, KRIPPENDORFF)
    'good enough for tentative conclusions'
    """
    return next((name for name, limit in benchmark.bands if value >= limit), benchmark.bands[-1][0])


def word(value: float, error: float, benchmark: Benchmark) -> str:
    """Gwet's benchmarking of an estimate and its standard error.

    >>> word(0.77544, 0.14295, LANDIS_KOCH)  # AC1 of his example
    'moderate'
    """
    chances = membership(value, error, benchmark)
    reached = 0.0
    for (name, _), chance in zip(benchmark.bands, chances, strict=True):
        reached += chance
        if reached > CERTAINTY:
            return name
    return benchmark.bands[-1][0]


def membership(value: float, error: float, benchmark: Benchmark) -> list[float]:
    """Probability that the true value lies in each band, best band first, given that it lies in [-1, 1].

    >>> [round(chance, 2) for chance in membership(0.7, 0.1, LANDIS_KOCH)][:3]
    [0.16, 0.68, 0.16]
    """
    edges = [1.0, *(limit for _, limit in benchmark.bands)]
    above = [_above(edge, value, error) for edge in edges]
    inside = above[-1] - above[0]
    if inside <= 0:  # so far below -1 that nothing else is left
        return [float(name == benchmark.bands[-1][0]) for name, _ in benchmark.bands]
    return [(lower - upper) / inside for upper, lower in pairwise(above)]


def standard_error(agreement: Agreement) -> float:
    """The standard error that the lower half of the interval implies: the word speaks of "at least"."""
    assert agreement.value is not None and agreement.low is not None
    return max(agreement.value - agreement.low, 0.0) / NormalDist().inv_cdf((1 + agreement.level) / 2)


def _above(edge: float, value: float, error: float) -> float:
    """Probability that the true value exceeds `edge`; nothing exceeds a certain 1."""
    if error == 0:
        return float(value >= edge and edge < 1)
    return 0.5 * math.erfc((edge - value) / (error * math.sqrt(2)))
