"""Simulated audits with a known truth, to see whether intervals cover it.

A plan has a quality, a criterion of the plan a deviation from it, a rater's reading an error; cut points
turn readings into levels. The truth is the coefficient in a very large sample of the same kind.
"""

from collections.abc import Sequence

import numpy as np

from stats import bootstrap
from stats.arrays import FloatArray
from stats.measure import measure_all, point
from stats.patterns import Patterns
from stats.ratings import Ratings
from stats.registry import Statistic, find
from stats.rounds import measure_round
from stats.scales import Scale

SCALE = Scale.of("ordinal", [1, 2, 3, 4])
CUTS = (-1.0, 0.0, 1.0)
_LARGE = 200_000


def a_criterion(
    random: np.random.Generator,
    quality: FloatArray,
    raters: int = 3,
    error: float = 0.9,
    missing: float = 0.1,
    cuts: Sequence[float] = CUTS,
) -> Ratings:
    """Ratings of one criterion for plans of the given quality (n)."""
    own = quality + 0.5 * random.normal(size=len(quality))
    readings = own[:, None] + error * random.normal(size=(len(quality), raters))
    codes = np.searchsorted(np.asarray(cuts), readings).astype(np.int8)
    codes[random.random(codes.shape) < missing] = -1
    return Ratings.from_codes(codes, SCALE)


def coverage_of_criterion(
    statistic: Statistic, plans: int, trials: int, seed: int, replicates: int = 400, cuts: Sequence[float] = CUTS
) -> float:
    """Share of simulated audits whose 95% interval holds the truth, for one criterion."""
    random = np.random.default_rng(seed)
    truth = point(statistic, Patterns.of(a_criterion(random, random.normal(size=_LARGE), cuts=cuts)))
    hits = 0
    for trial in range(trials):
        ratings = a_criterion(random, random.normal(size=plans), cuts=cuts)
        (result,) = measure_all(ratings, [statistic], replicates=replicates, seed=trial)
        hits += _holds(result.low, truth, result.high)
    return hits / trials


def coverage_of_section(
    name: str, plans: int, criteria: int, trials: int, seed: int, replicates: int = 400, whole_plans: bool = True
) -> float:
    """The same for the mean over criteria that share the plans; `whole_plans=False` resamples each criterion apart."""
    random = np.random.default_rng(seed)
    truth = point(find(name, SCALE), Patterns.of(a_criterion(random, random.normal(size=_LARGE))))
    hits = 0
    for trial in range(trials):
        quality = random.normal(size=plans)
        section = {str(number): a_criterion(random, quality) for number in range(criteria)}
        low, high = _section_interval(section, name, trial, replicates, whole_plans)
        hits += _holds(low, truth, high)
    return hits / trials


def _section_interval(
    section: dict[str, Ratings], name: str, seed: int, replicates: int, whole_plans: bool
) -> tuple[float | None, float | None]:
    if whole_plans:
        result = measure_round(section, {"section": list(section)}, (name,), replicates=replicates, seed=seed).group(
            "section", name
        )
        return result.low, result.high
    statistic = find(name, SCALE)
    draws, values = [], []
    for number, ratings in enumerate(section.values()):
        patterns = Patterns.of(ratings).anonymous
        times = np.concatenate(list(bootstrap.resample(patterns.times, replicates, seed * 1000 + number)))
        draws.append(statistic.evaluate(patterns, times))
        values.append(point(statistic, patterns) or 0.0)
    limits = bootstrap.interval(
        np.mean(draws, axis=0), float(np.mean(values)), bootstrap.LEVEL, len(next(iter(section.values())).codes)
    )
    return limits or (None, None)


def _holds(low: float | None, truth: float | None, high: float | None) -> bool:
    return low is not None and high is not None and truth is not None and low <= truth <= high
