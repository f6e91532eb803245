"""Standard errors in closed form, where the field has them.

Gwet's linearised variance over plans for percent agreement, Fleiss, Scott, Conger, AC1/AC2,
Brennan-Prediger and alpha (nominal, interval); Fleiss, Cohen and Everitt's (1969) for Cohen's kappa.
Source: K. L. Gwet, Handbook of Inter-Rater Reliability, 4th edition (2014).
"""

import math
from collections.abc import Callable

import numpy as np

from stats import gwet, kappa, weights
from stats.arrays import FloatArray
from stats.patterns import Patterns
from stats.percent import agreement_of_patterns, pairwise
from stats.scales import Scale

Formula = Callable[[Patterns, FloatArray], float]


def standard_error(name: str, patterns: Patterns) -> float | None:
    """The standard error of a coefficient of the registry, or None where there is no formula.

    `patterns` are patterns by rater, and the coefficient exists for them. Gwet's published example
    (his 4 raters and 12 units, the data of Krippendorff 2011 C) gives AC1 .77544 with .14295:

    >>> from stats import Ratings
    >>> table = [[1, 1, None, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4],
    ...          [4, 4, 4, 4], [1, 1, 2, 1], [2, 2, 2, 2], [None, 5, 5, 5], [None, None, 1, 1], [None, None, 3, None]]
    >>> round(standard_error("gwet_ac1", Patterns.of(Ratings.of(table, Scale.of("nominal", range(1, 6))))), 5)
    0.14295
    """
    family, kind = _split(name)
    formula = _FORMULAS.get(family)
    if formula is None or kind not in _KINDS:
        return None
    error = formula(patterns, _KINDS[kind](patterns.scale))
    return None if math.isnan(error) else error


def _split(name: str) -> tuple[str, str]:
    """A coefficient's family and the kind of its weights; alpha's metrics have their weights."""
    if name in _ALPHAS:
        return "alpha", _ALPHAS[name]
    family, _, kind = name.rpartition("_")
    return (family, kind) if kind in _KINDS and family in _FORMULAS and family != "alpha" else (name, "")


def _percent_error(patterns: Patterns, weight: FloatArray) -> float:
    patterns = patterns.anonymous
    scaled, mean = _scaled_agreement(patterns, weight)
    return _linearised(patterns, scaled, mean)


def _fleiss_error(patterns: Patterns, weight: FloatArray) -> float:
    patterns = patterns.anonymous
    common = gwet.prevalence(patterns, patterns.observed)[0]
    own = (patterns.counts / patterns.sizes[:, None]) @ (weight @ common)
    return _corrected(patterns, weight, float(common @ weight @ common), own)


def _scott_error(patterns: Patterns, weight: FloatArray) -> float:
    """Scott's pi is Fleiss's kappa on the plans that both rated; Gwet divides by n twice for two raters."""
    both = Patterns(patterns.codes[patterns.complete], patterns.times[patterns.complete], patterns.scale)
    return _fleiss_error(both, weight) * math.sqrt((both.items - 1) / both.items)


def _gwet_error(patterns: Patterns, weight: FloatArray) -> float:
    patterns = patterns.anonymous
    common = gwet.prevalence(patterns, patterns.observed)[0]
    levels = len(weight)
    share = weight.sum() / (levels * (levels - 1))
    own = share * ((patterns.counts / patterns.sizes[:, None]) @ (1 - common))
    return _corrected(patterns, weight, float(share * (common @ (1 - common))), own)


def _brennan_prediger_error(patterns: Patterns, weight: FloatArray) -> float:
    patterns = patterns.anonymous
    chance = float(weight.sum() / weight.size)
    return _corrected(patterns, weight, chance, np.full(len(patterns.times), chance))


def _conger_error(patterns: Patterns, weight: FloatArray) -> float:
    codes, plans = patterns.codes[:, patterns.active], patterns.times.sum()
    own = kappa.prevalence_by_rater(patterns, patterns.observed)[0]
    raters = len(own)
    rated = patterns.times @ patterns.given[:, patterns.active]
    others = (own.sum(axis=0) - own) @ weight
    given = codes >= 0
    met = np.where(given, others[np.arange(raters), np.where(given, codes, 0)], 0.0)
    expected = (others * own).sum(axis=1)
    influence = (met - (given - rated / plans) * expected) * (plans / rated)
    chance = float(expected.sum() / (raters * (raters - 1)))
    return _corrected(patterns, weight, chance, influence.sum(axis=1) / (raters * (raters - 1)))


def _alpha_error(patterns: Patterns, weight: FloatArray) -> float:
    patterns = patterns.anonymous
    keep = patterns.pairable
    patterns = Patterns(patterns.codes[keep], patterns.times[keep], patterns.scale)
    counts, sizes, plans = patterns.counts, patterns.sizes.astype(float), patterns.times.sum()
    mean_size = float(patterns.times @ sizes / plans)
    unequal = (sizes - mean_size) / mean_size
    agreement = (counts * (counts @ weight - 1)).sum(axis=1) / (mean_size * (sizes - 1))
    mean = float(patterns.times @ agreement / plans)
    common = patterns.times @ counts / plans / mean_size
    chance = float(common @ weight @ common)
    if chance == 1:
        return math.nan
    value = (mean - chance) / (1 - chance)
    own = counts @ (weight @ common) / mean_size - chance * unequal
    small = 1 / float(patterns.times @ sizes)
    corrected = (1 - small) * mean + small
    each = (agreement - corrected * unequal - chance) / (1 - chance) - 2 * (1 - value) * (own - chance) / (1 - chance)
    return _linearised(patterns, each, value)


def _cohen_error(patterns: Patterns, weight: FloatArray) -> float:
    """Fleiss, Cohen and Everitt (1969)."""
    first, second = patterns.active
    both = patterns.given[:, first] & patterns.given[:, second]
    table = np.zeros(weight.shape)
    np.add.at(table, (patterns.codes[both, first], patterns.codes[both, second]), patterns.times[both])
    plans = float(table.sum())
    table = table / plans
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    chance = float(rows @ weight @ columns)
    if chance == 1:
        return math.nan
    value = (float((table * weight).sum()) - chance) / (1 - chance)
    margins = np.add.outer(weight @ columns, rows @ weight)
    spread = float((table * (weight - margins * (1 - value)) ** 2).sum()) - (value - chance * (1 - value)) ** 2
    return math.sqrt(max(spread, 0.0) / plans) / (1 - chance)


def _corrected(patterns: Patterns, weight: FloatArray, chance: float, own_chance: FloatArray) -> float:
    """Linearised error of (pa - pe) / (1 - pe); `own_chance` is each pattern's part in pe (P)."""
    if chance == 1:
        return math.nan
    scaled, mean = _scaled_agreement(patterns, weight)
    value = (mean - chance) / (1 - chance)
    inflation = patterns.items / patterns.pairable_items
    each = (scaled - chance * patterns.pairable * inflation) / (1 - chance)
    each = each - 2 * (1 - value) * (own_chance - chance) / (1 - chance)
    return _linearised(patterns, each, value)


def _scaled_agreement(patterns: Patterns, weight: FloatArray) -> tuple[FloatArray, float]:
    """Each pattern's agreement, scaled so that its mean over all plans is percent agreement."""
    inflation = patterns.items / patterns.pairable_items
    scaled = agreement_of_patterns(patterns, weight) * inflation
    return scaled, float(pairwise(patterns, patterns.observed, weight)[0])


def _linearised(patterns: Patterns, each: FloatArray, mean: float) -> float:
    plans = patterns.items
    if plans < 2:
        return math.nan
    return math.sqrt(float(patterns.times @ (each - mean) ** 2) / (plans * (plans - 1)))


_KINDS: dict[str, Callable[[Scale], FloatArray]] = {
    "": weights.identity,
    "linear": weights.linear,
    "quadratic": weights.quadratic,
    "ordinal": weights.ordinal,
}

_ALPHAS = {"alpha_nominal": "", "alpha_interval": "quadratic"}

_FORMULAS: dict[str, Formula] = {
    "percent_agreement": _percent_error,
    "fleiss_kappa": _fleiss_error,
    "scott_pi": _scott_error,
    "gwet_ac1": _gwet_error,
    "gwet_ac2": _gwet_error,
    "brennan_prediger": _brennan_prediger_error,
    "conger_kappa": _conger_error,
    "cohen_kappa": _cohen_error,
    "alpha": _alpha_error,
}
