"""Measures the agreement on one criterion: any coefficient of the registry, with its interval."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stats import bootstrap, needs
from stats.arrays import CodeArray, FloatArray, IntArray
from stats.columns import Column
from stats.patterns import Patterns
from stats.percent import pairwise
from stats.ratings import Ratings
from stats.registry import Statistic, resolve, statistics_for
from stats.results import Agreement
from stats.weights import identity

NO_INTERVAL = "The ratings vary too little for an interval."
ALIKE = "Every plan shows the same, so drawing plans anew cannot give an interval."
ONE_PLAN = "An interval needs at least two plans."


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
    plans: IntArray | None = None,
    replicates: int = bootstrap.REPLICATES,
    seed: int = bootstrap.SEED,
    level: float = bootstrap.LEVEL,
) -> tuple[Agreement, ...]:
    """Several coefficients, or all of the registry, from one reduction and common replicates.

    Rows of the ratings that belong to the same plan, such as its criteria, are resampled together when
    `plans` gives the plan of each row (0, 1, 2 ...); the results then count plans, not rows.

    >>> from stats import Scale
    >>> two = Ratings.of([[1, 1], [0, 1], [1, 1], [0, 0]], Scale.of("nominal", [0, 1]))
    >>> wanted = [resolve(name, two.scale) for name in ("percent", "cohen_kappa")]
    >>> [round(one.value, 3) for one in measure_all(two, wanted)]
    [0.75, 0.5]
    """
    patterns = Patterns.of(ratings)
    wanted = statistics_for(ratings.scale) if statistics is None else tuple(statistics)
    possible = [statistic for statistic in wanted if statistic.obstacle(patterns) is None]
    if plans is None:
        spread = _replicates(patterns, possible, replicates, seed)
    else:
        spread = _replicates_of_plans(ratings, plans, possible, replicates, seed)
    items, pairable = _basis(ratings, patterns, plans)
    found = (conclude(statistic, patterns, spread.get(statistic.name), level, pairable) for statistic in wanted)
    return tuple(replace(result, items=items, pairable_items=pairable) for result in found)


def _basis(ratings: Ratings, patterns: Patterns, plans: IntArray | None) -> tuple[int, int]:
    """Plans with a rating, and plans with a row that two raters rated."""
    if plans is None:
        return patterns.items, patterns.pairable_items
    sizes = ratings.given.sum(axis=1)
    return len(np.unique(plans[sizes > 0])), len(np.unique(plans[sizes > 1]))


def conclude(
    statistic: Statistic, patterns: Patterns, replicates: FloatArray | None, level: float, drawn: int | None = None
) -> Agreement:
    """The result for one coefficient: point estimate, interval from its replicates, or the reason for neither.

    `drawn` is the number of pairable plans that were resampled, where several rows of the ratings belong to one.
    """
    reason = statistic.obstacle(patterns)
    value = None if reason else point(statistic, patterns)
    if value is None:
        return agreement(statistic.name, patterns, undefined=reason or needs.NO_VARIATION, level=level)
    if replicates is None:
        return agreement(statistic.name, patterns, value=value, level=level, note=_panel_note(statistic, patterns))
    plans = _plans_of(statistic, patterns)
    plans = plans if drawn is None else min(plans, drawn)
    limits, method = _limits(statistic, patterns, replicates, value, level, plans)
    note = _panel_note(statistic, patterns) if limits else _why_without(replicates, plans)
    return agreement(statistic.name, patterns, value=value, limits=limits, method=method, level=level, note=note)


def _why_without(replicates: FloatArray, plans: int) -> str:
    if plans < 2:
        return ONE_PLAN
    return ALIKE if bootstrap.are_enough(replicates) else NO_INTERVAL


def _limits(
    statistic: Statistic, patterns: Patterns, replicates: FloatArray, value: float, level: float, plans: int
) -> tuple[tuple[float, float] | None, str | None]:
    """The interval and how it was found."""
    if bootstrap.is_perfect(value) and plans > 1 and bootstrap.are_enough(replicates):
        low = with_hidden_disagreement(statistic, patterns, level, plans)
        return ((low, 1.0), bootstrap.UNANIMOUS) if low < 1 else (None, None)
    if statistic.is_share and value == 0 and plans > 1:  # no plan agrees: as many others as may be hidden could
        return (0.0, bootstrap.hidden_share(level, plans)), bootstrap.UNANIMOUS
    limits = bootstrap.interval(replicates, value, level, plans)
    return limits, bootstrap.METHOD if limits else None


def _panel_note(statistic: Statistic, patterns: Patterns) -> str | None:
    """A coefficient for panels uses only the plans that every rater rated, and says so when that is not all."""
    plans = _plans_of(statistic, patterns)
    return None if plans == patterns.pairable_items else f"From the {plans:,} plans that every auditor rated."


def _plans_of(statistic: Statistic, patterns: Patterns) -> int:
    """How many plans a coefficient uses: those of the whole panel, or all with two ratings."""
    return int(patterns.times[patterns.complete].sum()) if needs.panel in statistic.needs else patterns.pairable_items


def point(statistic: Statistic, patterns: Patterns) -> float | None:
    reduced = statistic.patterns_for(patterns)
    value = float(statistic.evaluate(reduced, reduced.observed)[0])
    return None if np.isnan(value) else value


def with_hidden_disagreement(statistic: Statistic, patterns: Patterns, level: float, plans: int) -> float:
    """Lower limit of a coefficient when every plan agrees, which resampling cannot give.

    In n = `plans` unanimous ones a share of 1 - ((1 - level) / 2)^(1/n) of disagreeing ones may be hidden (the exact
    binomial limit, 7% for n = 50). The coefficient is computed with that share of plans on which one
    rater chose the lowest and the others the highest level in use, or, where a single one is, another of the scale.
    """
    share = bootstrap.hidden_share(level, plans)
    reduced = statistic.patterns_for(patterns)
    extended = Patterns(np.vstack([reduced.codes, _worst(reduced)]), np.append(reduced.times, 1), reduced.scale)
    times = np.append(reduced.times * (1 - share), reduced.items * share)
    value = float(statistic.evaluate(extended, times[None, :])[0])
    return 0.0 if np.isnan(value) else min(value, 1.0)


def _worst(patterns: Patterns) -> CodeArray:
    """A row on which one rater chose the lowest level in use and the others the highest."""
    used = np.unique(patterns.codes[patterns.given])
    if len(used) == 1:
        ends = np.array([0, len(patterns.scale) - 1])
        used = np.sort(np.append(used, ends[np.abs(ends - used[0]).argmax()]))
    row = np.full(patterns.codes.shape[1], -1, dtype=patterns.codes.dtype)
    row[patterns.active] = used[-1]
    row[patterns.active[0]] = used[0]
    return row


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
    method: str | None = None,
    undefined: str | None = None,
    note: str | None = None,
    standard_error: float | None = None,
) -> Agreement:
    low, high = limits or (None, None)
    return Agreement(
        stat=stat,
        value=value,
        low=low,
        high=high,
        level=level,
        method=method,
        undefined=undefined,
        percent=percent_of(patterns),
        items=patterns.items,
        pairable_items=patterns.pairable_items,
        raters=len(patterns.active),
        ratings=patterns.ratings,
        note=note,
        standard_error=standard_error,
    )


def _replicates(patterns: Patterns, statistics: Sequence[Statistic], count: int, seed: int) -> dict[str, FloatArray]:
    """Bootstrap values of each coefficient: one run over anonymous patterns, one over patterns by rater."""
    if not count:
        return {}
    found: dict[str, FloatArray] = {}
    for by_rater in (False, True):
        group = [statistic for statistic in statistics if statistic.knows_raters is by_rater]
        if group:
            found |= _run(patterns if by_rater else patterns.anonymous, group, count, seed, by_rater)
    return found


def _replicates_of_plans(
    ratings: Ratings, plans: IntArray, statistics: Sequence[Statistic], count: int, seed: int
) -> dict[str, FloatArray]:
    """The same, plans drawn whole with all their rows."""
    column = Column.of(ratings)
    rated = np.unique(plans[column.owner >= 0])
    place = np.searchsorted(rated, plans)
    place[column.owner < 0] = 0
    wanted = {statistic.name: statistic for statistic in statistics}
    batches: dict[str, list[FloatArray]] = {name: [] for name in wanted}
    depth = 1 + len(plans) // max(len(rated), 1)
    for weights in bootstrap.resample(np.ones(len(rated), dtype=np.int64), count if wanted else 0, seed, depth):
        for name, values in column.evaluate_all(wanted, weights[:, place]).items():
            batches[name].append(values)
    return {name: np.concatenate(values) for name, values in batches.items() if values}


def _run(patterns: Patterns, statistics: Sequence[Statistic], count: int, seed: int, by_rater: bool) -> dict[str, FloatArray]:
    batches: dict[str, list[FloatArray]] = {statistic.name: [] for statistic in statistics}
    for times in bootstrap.resample(patterns.times, count, seed, bootstrap.depth_of(patterns, by_rater)):
        for statistic in statistics:
            batches[statistic.name].append(statistic.evaluate(patterns, times))
    return {name: np.concatenate(values) for name, values in batches.items()}
