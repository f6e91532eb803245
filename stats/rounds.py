"""Measures a round: many criteria on the same plans, their sections, and pairs of agencies.

The agreement of a section is the mean over its criteria, weighted by pairable plans; every criterion is
compared within itself. Plans are resampled whole, with the ratings of all criteria, because the
ratings of one plan hang together: resampling cells would give intervals that are too narrow.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from stats import bootstrap
from stats.arrays import FloatArray, WholeArray, divide
from stats.columns import Column
from stats.measure import NO_INTERVAL, conclude
from stats.ratings import Ratings
from stats.registry import Statistic, resolve
from stats.results import Agreement

_WHOLE = np.float32
"""Sums of weights are whole numbers up to the number of plans: exact below 16 million, and half the work."""

Key = TypeVar("Key")
Cell = tuple[str, str]
"""A criterion's key and the name of a coefficient."""

NO_CRITERION = "Agreement cannot be worked out for any question in this group."


@dataclass(frozen=True)
class RoundAgreement:
    """Results by criterion and by group (section, round), each for every coefficient that was asked for."""

    by_criterion: Mapping[Cell, Agreement]
    by_group: Mapping[Cell, Agreement]

    def criterion(self, key: str, stat: str = "alpha") -> Agreement:
        return self.by_criterion[key, stat]

    def group(self, name: str, stat: str = "alpha") -> Agreement:
        return self.by_group[name, stat]


def measure_round(
    criteria: Mapping[str, Ratings],
    groups: Mapping[str, Sequence[str]],
    stats: Sequence[str] = ("alpha",),
    *,
    replicates: int = bootstrap.REPLICATES,
    seed: int = bootstrap.SEED,
    level: float = bootstrap.LEVEL,
) -> RoundAgreement:
    """Agreement by criterion and by group of criteria.

    `criteria` maps a key to ratings whose rows are the same plans in the same order; `groups` maps a
    name ("round", "section F") to the keys it covers. `stats` are names of the registry, or "alpha",
    "kappa", "gwet", "percent" for the one that suits each criterion's scale.

    >>> from stats import Scale
    >>> yes_no = Scale.of("nominal", [0, 1])
    >>> tables = {"a": Ratings.of([[1, 1], [0, 1]], yes_no), "b": Ratings.of([[1, 1], [0, 0]], yes_no)}
    >>> measure_round(tables, {"both": ["a", "b"]}, ("percent",), replicates=0).group("both", "percent").value
    0.75
    """
    columns = {key: Column.of(ratings) for key, ratings in criteria.items()}
    wanted = {(key, stat): resolve(stat, columns[key].patterns.scale) for key in columns for stat in stats}
    draws = replicate(columns, wanted, replicates, seed)
    by_criterion = conclude_all(columns, wanted, draws, level)
    by_group = {
        (name, stat): summarise(stat, [(key, stat) for key in keys], columns, by_criterion, draws, level)
        for name, keys in groups.items()
        for stat in stats
    }
    return RoundAgreement(by_criterion, by_group)


def conclude_all(
    columns: Mapping[str, Column], wanted: Mapping[Cell, Statistic], draws: "Draws", level: float
) -> dict[Cell, Agreement]:
    """The result of each coefficient for each criterion."""
    return {
        cell: conclude(statistic, columns[cell[0]].patterns, draws.values.get(cell), level) for cell, statistic in wanted.items()
    }


@dataclass(frozen=True)
class Draws:
    """Replicates of each (criterion, coefficient), and of how many plans of each criterion are pairable (B)."""

    values: Mapping[Cell, FloatArray]
    pairable: Mapping[str, FloatArray]


def replicate(columns: Mapping[str, Column], wanted: Mapping[Cell, Statistic], replicates: int, seed: int) -> Draws:
    """Resample whole plans and evaluate every coefficient of every criterion on the same draws."""
    possible = {cell: one for cell, one in wanted.items() if one.obstacle(columns[cell[0]].patterns) is None}
    if not possible:
        return Draws({}, {})
    values: dict[Cell, list[FloatArray]] = {cell: [] for cell in possible}
    counted: list[FloatArray] = []
    twice = np.stack([column.pairable_plans for column in columns.values()], axis=1).astype(_WHOLE)
    for weights in plan_draws(columns, replicates, seed):
        counted.append((weights @ twice).astype(np.float64))
        for key, column in columns.items():
            mine = {cell: statistic for cell, statistic in possible.items() if cell[0] == key}
            for cell, drawn in column.evaluate_all(mine, weights).items():
                values[cell].append(drawn)
    pairable = np.concatenate(counted) if counted else np.zeros((0, len(columns)))
    return Draws(_joined(values), dict(zip(columns, pairable.T, strict=True)))


def plan_draws(columns: Mapping[str, Column], replicates: int, seed: int) -> Iterator[WholeArray]:
    """Weights of the plans (b x n) in each replicate; plans that nobody rated are never drawn."""
    rated = np.any([column.owner >= 0 for column in columns.values()], axis=0)
    places = np.flatnonzero(rated)
    for drawn in bootstrap.resample(np.ones(len(places), dtype=np.int64), replicates, seed):
        weights = np.zeros((len(drawn), len(rated)), dtype=_WHOLE)
        weights[:, places] = drawn
        yield weights


def summarise(
    stat: str,
    cells: Sequence[Cell],
    columns: Mapping[str, Column],
    results: Mapping[Cell, Agreement],
    draws: Draws,
    level: float,
    weights: FloatArray | None = None,
) -> Agreement:
    """The mean of several criteria, those without a value left out.

    Weighted by pairable plans, or by `weights` (one per cell, all cells having a value).
    """
    defined = [cell for cell in cells if results[cell].value is not None]
    asked = bool(defined) and defined[0] in draws.values
    basis = _basis([columns[key] for key, _ in cells])
    limits, method = _limits(defined, results, draws, level, weights, basis["pairable_items"]) if asked else (None, None)
    low, high = limits or (None, None)
    return Agreement(
        stat=stat,
        value=_mean([results[cell] for cell in defined], weights) if defined else None,
        low=low,
        high=high,
        level=level,
        method=method,
        undefined=None if defined else _common_reason([results[cell] for cell in cells]),
        percent=_mean_percent([results[cell] for cell in cells]),
        note=NO_INTERVAL if asked and limits is None else None,
        **basis,
    )


def _limits(
    cells: Sequence[Cell],
    results: Mapping[Cell, Agreement],
    draws: Draws,
    level: float,
    weights: FloatArray | None,
    plans: int,
) -> tuple[tuple[float, float] | None, str | None]:
    """The interval of the mean and how it was found; where all are perfect its lower limit is the mean of theirs."""
    value = _mean([results[cell] for cell in cells], weights)
    lowest = [result.low for cell in cells if (result := results[cell]).low is not None]
    if bootstrap.is_perfect(value):
        return ((float(np.mean(lowest)), 1.0), bootstrap.UNANIMOUS) if lowest else (None, None)
    limits = bootstrap.interval(mean_of_draws(cells, draws, weights), value, level, plans)
    return limits, bootstrap.METHOD if limits else None


def mean_of_draws(cells: Sequence[Cell], draws: Draws, weights: FloatArray | None = None) -> FloatArray:
    """Weighted mean over criteria in each replicate (B); a criterion undefined there is left out there."""
    values = np.array([draws.values[cell] for cell in cells])
    counted = np.array([draws.pairable[key] for key, _ in cells]) if weights is None else weights[:, None]
    present = np.where(np.isnan(values), 0.0, counted)
    return divide((np.nan_to_num(values) * present).sum(axis=0), present.sum(axis=0))


def _mean(results: Sequence[Agreement], weights: FloatArray | None) -> float:
    counted = [result.pairable_items for result in results] if weights is None else weights
    return float(np.average([result.value or 0.0 for result in results], weights=counted))


def _common_reason(results: Sequence[Agreement]) -> str:
    reasons = {result.undefined for result in results}
    only = reasons.pop() if len(reasons) == 1 else None
    return only or NO_CRITERION


def _mean_percent(results: Sequence[Agreement]) -> float | None:
    known = [result for result in results if result.percent is not None]
    if not known:
        return None
    return float(np.average([result.percent for result in known], weights=[result.pairable_items for result in known]))


def _basis(columns: Sequence[Column]) -> dict[str, int]:
    """Plans with a rating on any of the criteria, plans pairable on any, and the ratings of all."""
    if not columns:
        return {"items": 0, "pairable_items": 0, "raters": 0, "ratings": 0}
    return {
        "items": int(np.any([column.owner >= 0 for column in columns], axis=0).sum()),
        "pairable_items": int(np.any([column.pairable_plans for column in columns], axis=0).sum()),
        "raters": int(np.unique(np.concatenate([column.patterns.active for column in columns])).size),
        "ratings": sum(column.patterns.ratings for column in columns),
    }


def _joined(batches: Mapping[Key, list[FloatArray]]) -> dict[Key, FloatArray]:
    return {key: np.concatenate(values) for key, values in batches.items() if values}
