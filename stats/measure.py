"""Measures the agreement on one criterion: any coefficient of the registry, with its interval."""

from collections.abc import Sequence

import numpy as np

from stats import bootstrap, needs
from stats.arrays import FloatArray
from stats.patterns import Patterns
from stats.percent import pairwise
from stats.ratings import Ratings
from stats.registry import Statistic, resolve, statistics_for
from stats.results import Agreement
from stats.weights import identity

NO_INTERVAL = "The ratings vary too little for an interval."


def measure(
    ratings: Ratings,
    stat: str = "alpha",
    *,
    replicates: int = bootstrap.REPLICATES,
    seed: int = bootstrap.SEED,
    level: float = bootstrap.LEVEL,
) -> Agreement:
    """One coefficient of one criterion, by its name in the registry ("alpha": the one for the scale).

    Krippendorff (2011), section A, two raters and ten units:

    >>> from stats import Scale
    >>> values = list(zip([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]))
    >>> round(measure(Ratings.of(values, Scale.of("nominal", [0, 1])), replicates=0).value, 3)
    0.095
    """
    statistic = resolve(stat, ratings.scale)
    return measure_all(ratings, [statistic], replicates=replicates, seed=seed, level=level)[0]


def measure_all(
    ratings: Ratings,
    statistics: Sequence[Statistic] | None = None,
    *,
    replicates: int = bootstrap.REPLICATES,
    seed: int = bootstrap.SEED,
    level: float = bootstrap.LEVEL,
) -> tuple[Agreement, ...]:
    """Several coefficients, or all of the registry, from one reduction and common replicates."""
    patterns = Patterns.of(ratings)
    wanted = statistics_for(ratings.scale) if statistics is None else tuple(statistics)
    possible = [statistic for statistic in wanted if statistic.obstacle(patterns) is None]
    spread = _replicates(patterns, possible, replicates, seed)
    return tuple(conclude(statistic, patterns, spread.get(statistic.name), level) for statistic in wanted)


def conclude(statistic: Statistic, patterns: Patterns, replicates: FloatArray | None, level: float) -> Agreement:
    """The result for one coefficient: point estimate, interval from its replicates, or the reason for neither."""
    reason = statistic.obstacle(patterns)
    value = None if reason else point(statistic, patterns)
    if value is None:
        return agreement(statistic.name, patterns, undefined=reason or needs.NO_VARIATION, level=level)
    limits = None if replicates is None else bootstrap.interval(replicates, level)
    return agreement(
        statistic.name,
        patterns,
        value=value,
        limits=limits,
        level=level,
        note=NO_INTERVAL if replicates is not None and limits is None else None,
    )


def point(statistic: Statistic, patterns: Patterns) -> float | None:
    reduced = statistic.patterns_for(patterns)
    value = float(statistic.evaluate(reduced, reduced.observed)[0])
    return None if np.isnan(value) else value


def percent_of(patterns: Patterns) -> float | None:
    """Pairwise percent agreement, or None when no plan was rated twice or the levels are uncountable."""
    if needs.pairs(patterns) or needs.few_levels(patterns):
        return None
    reduced = patterns.anonymous
    return float(pairwise(reduced, reduced.observed, identity(patterns.scale))[0])


def agreement(
    stat: str,
    patterns: Patterns,
    *,
    level: float,
    value: float | None = None,
    limits: tuple[float, float] | None = None,
    undefined: str | None = None,
    note: str | None = None,
) -> Agreement:
    low, high = limits or (None, None)
    return Agreement(
        stat=stat,
        value=value,
        low=low,
        high=high,
        level=level,
        method=bootstrap.METHOD if limits else None,
        undefined=undefined,
        percent=percent_of(patterns),
        items=patterns.items,
        pairable_items=patterns.pairable_items,
        raters=len(patterns.active),
        ratings=patterns.ratings,
        note=note,
    )


def _replicates(patterns: Patterns, statistics: Sequence[Statistic], count: int, seed: int) -> dict[str, FloatArray]:
    """Bootstrap values of each coefficient: one run over anonymous patterns, one over patterns by rater."""
    if not count:
        return {}
    found: dict[str, FloatArray] = {}
    for by_rater in (False, True):
        group = [statistic for statistic in statistics if statistic.knows_raters is by_rater]
        if group:
            found |= _run(patterns if by_rater else patterns.anonymous, group, count, seed)
    return found


def _run(patterns: Patterns, statistics: Sequence[Statistic], count: int, seed: int) -> dict[str, FloatArray]:
    batches: dict[str, list[FloatArray]] = {statistic.name: [] for statistic in statistics}
    for times in bootstrap.resample(patterns.times, count, seed, bootstrap.depth_of(patterns)):
        for statistic in statistics:
            batches[statistic.name].append(statistic.evaluate(patterns, times))
    return {name: np.concatenate(values) for name, values in batches.items()}
