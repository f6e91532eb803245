"""Intervals without resampling: from standard errors in closed form, and from the jackknife.

The jackknife leaves out one plan at a time. It exists for every coefficient, costs as many evaluations
as there are patterns, and is the better choice than a closed form when there are few plans.
"""

import math
from dataclasses import replace

import numpy as np

from stats import bootstrap
from stats.arrays import FloatArray
from stats.icc_intervals import icc_interval
from stats.measure import agreement, measure
from stats.patterns import Patterns
from stats.ratings import Ratings
from stats.registry import Statistic, resolve
from stats.results import Agreement
from stats.standard_errors import standard_error

ANALYTIC = "analytic"
JACKKNIFE = "jackknife"
NO_FORMULA = "There is no formula for the standard error of this statistic."
NO_ERROR = "The ratings vary too little for a standard error."
_FLAT = 1e-12


def analytic(ratings: Ratings, stat: str = "alpha", level: float = bootstrap.LEVEL) -> Agreement:
    """A coefficient with its closed-form standard error and the interval value +/- t(n - 1) times the error.

    Where the error is zero, as for perfect agreement, there is no interval: it would have no width.
    Intraclass correlations have limits from the F distribution instead (`icc_intervals`).

    Gwet's example (2014) gives AC1 .775 between .461 and 1:

    >>> from stats import Scale
    >>> table = [[1, 1, None, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4],
    ...          [4, 4, 4, 4], [1, 1, 2, 1], [2, 2, 2, 2], [None, 5, 5, 5], [None, None, 1, 1], [None, None, 3, None]]
    >>> found = analytic(Ratings.of(table, Scale.of("nominal", range(1, 6))), "gwet_ac1")
    >>> round(found.value, 3), round(found.low, 3), found.high
    (0.775, 0.461, 1.0)
    """
    statistic, patterns = resolve(stat, ratings.scale), Patterns.of(ratings)
    if statistic.family == "icc" and statistic.obstacle(patterns) is None:
        return _of_variances(ratings, statistic, patterns, level)
    error = _formula_error(statistic, patterns)
    return _with_error(ratings, statistic, error, ANALYTIC, level, NO_FORMULA)


def _of_variances(ratings: Ratings, statistic: Statistic, patterns: Patterns, level: float) -> Agreement:
    """Intraclass correlations have limits from the F distribution, and no standard error."""
    plain = measure(ratings, statistic.name, replicates=0, level=level)
    limits = icc_interval(statistic.name, patterns, level) if plain.value is not None else None
    if limits and plain.value is not None and not limits[0] <= plain.value <= limits[1]:
        limits = None
    low, high = limits or (None, None)
    note = plain.note if limits or plain.value is None else NO_ERROR
    return replace(plain, low=low, high=high, method=ANALYTIC if limits else None, note=note)


def jackknife(ratings: Ratings, stat: str = "alpha", level: float = bootstrap.LEVEL) -> Agreement:
    """A coefficient with its jackknife standard error (Efron and Stein 1981) and a t(n - 1) interval.

    For a mean it is the usual error of a mean; here of 1, 1, 1 and 0, which is .25:

    >>> from stats import Scale
    >>> jackknife(Ratings.of([[1, 1], [2, 2], [2, 2], [1, 2]], Scale.of("nominal", [1, 2])), "percent").standard_error
    0.25
    """
    statistic = resolve(stat, ratings.scale)
    patterns = Patterns.of(ratings)
    error = None if statistic.obstacle(patterns) else jackknife_error(statistic, patterns)
    return _with_error(ratings, statistic, error, JACKKNIFE, level, NO_ERROR)


def jackknife_error(statistic: Statistic, patterns: Patterns) -> float | None:
    """Standard error from leaving out one plan of each pattern; None when one of them leaves no coefficient."""
    reduced = statistic.patterns_for(patterns)
    values = leave_one_out(statistic, reduced)
    plans, times = reduced.items, reduced.times
    if plans < 2 or np.isnan(values).any():
        return None
    mean = float(times @ values) / plans
    return math.sqrt((plans - 1) / plans * float(times @ (values - mean) ** 2))


def leave_one_out(statistic: Statistic, patterns: Patterns) -> FloatArray:
    """The coefficient without one plan of each pattern (P)."""
    batch = max(1, 4_000_000 // max(1, patterns.codes.size))
    parts = []
    for start in range(0, len(patterns.times), batch):
        rows = np.arange(start, min(start + batch, len(patterns.times)))
        times = np.repeat(patterns.observed, len(rows), axis=0)
        times[np.arange(len(rows)), rows] -= 1
        parts.append(statistic.evaluate(patterns, times))
    return np.concatenate(parts) if parts else np.zeros(0)


def _formula_error(statistic: Statistic, patterns: Patterns) -> float | None:
    return None if statistic.obstacle(patterns) else standard_error(statistic.name, patterns)


def _with_error(ratings: Ratings, statistic: Statistic, error: float | None, method: str, level: float, without: str) -> Agreement:
    patterns = Patterns.of(ratings)
    plain = measure(ratings, statistic.name, replicates=0, level=level)
    if plain.value is None or error is None or error < _FLAT or patterns.items < 2:
        reason = without if error is None else NO_ERROR
        note = None if plain.value is None else reason
        return agreement(statistic.name, patterns, value=plain.value, undefined=plain.undefined, note=note, level=level)
    reach = _student(level, patterns.items) * error
    least = 0.0 if statistic.is_share else -1.0
    limits = min(plain.value, max(plain.value - reach, least)), min(plain.value + reach, 1.0)
    return agreement(statistic.name, patterns, value=plain.value, limits=limits, method=method, level=level, standard_error=error)


def _student(level: float, plans: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(plans - 1, (1 + level) / 2))
