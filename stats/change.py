"""Differences: two periods, two groups of raters, before and after moderation.

Two results are compared by resampling their difference, never by looking whether intervals overlap.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from stats import bootstrap
from stats.arrays import FloatArray
from stats.columns import Column
from stats.ratings import Ratings
from stats.registry import Statistic, resolve
from stats.results import Agreement, Difference
from stats.rounds import Cell, Draws, conclude_all, mean_of_draws, replicate, summarise

Criteria = Mapping[str, Ratings]

NOTHING_COMMON = "No criterion has an agreement both before and after."


def difference(
    before: Ratings | Criteria,
    after: Ratings | Criteria,
    stat: str = "alpha",
    *,
    paired: bool,
    replicates: int = bootstrap.REPLICATES,
    seed: int = bootstrap.SEED,
    level: float = bootstrap.LEVEL,
) -> Difference:
    """After minus before, for one criterion or as the mean over the criteria that both have.

    `paired`: the rows of both are the same plans (a re-vote, two groups of raters on the same plans), so
    that each replicate draws the same plans for both. Otherwise the two sets of plans are drawn
    independently. Criteria count by their pairable plans, before and after together.

    >>> from stats import Scale
    >>> yes_no = Scale.of("nominal", [0, 1])
    >>> before, after = Ratings.of([[1, 1], [0, 1]] * 20, yes_no), Ratings.of([[1, 1], [1, 1]] * 20, yes_no)
    >>> found = difference(before, after, "percent", paired=True)
    >>> found.value, found.is_clear
    (0.5, True)
    """
    old, new = _columns("before", before), _columns("after", after)
    both = old | new
    wanted = {(key, stat): resolve(stat, column.patterns.scale) for key, column in both.items()}
    together = replicate(both, wanted, replicates, seed) if paired else None
    draws = together or _replicate_apart(old, new, wanted, replicates, seed)
    results = conclude_all(both, wanted, draws, level)
    pairs = _defined_in_both(old, stat, results)
    if not pairs:
        one, other = (summarise(stat, [(key, stat) for key in side], both, results, draws, level) for side in (old, new))
        return _conclude(one, other)
    earlier, later = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    weights = np.array([float(results[a].pairable_items + results[b].pairable_items) for a, b in pairs])
    first, second = (summarise(stat, keys, both, results, draws, level, weights) for keys in (earlier, later))
    if not replicates:
        return _conclude(first, second)
    drawn = mean_of_draws(later, draws, weights) - mean_of_draws(earlier, draws, weights)
    value = (second.value or 0.0) - (first.value or 0.0)
    plans = min(first.pairable_items, second.pairable_items)
    return _conclude(first, second, *_limits(drawn, value, level, plans))


def rater_group_difference(
    ratings: Ratings | Criteria,
    one: Sequence[int],
    other: Sequence[int],
    stat: str = "alpha",
    *,
    replicates: int = bootstrap.REPLICATES,
    seed: int = bootstrap.SEED,
) -> Difference:
    """Agreement within the second group of raters (columns) minus that within the first, on the same plans."""
    criteria = _as_criteria(ratings)
    first = {key: table.of_raters(one) for key, table in criteria.items()}
    second = {key: table.of_raters(other) for key, table in criteria.items()}
    return difference(first, second, stat, paired=True, replicates=replicates, seed=seed)


def _limits(drawn: FloatArray, value: float, level: float, plans: int) -> tuple[tuple[float, float] | None, str | None]:
    """The interval and how it was found; the same ratings before and after differ by exactly nothing."""
    limits = bootstrap.interval(drawn, value, level, plans)
    if limits or plans < 2 or not bootstrap.are_enough(drawn):
        return limits, bootstrap.METHOD if limits else None
    if not drawn.any():
        return (0.0, 0.0), bootstrap.METHOD
    return bootstrap.interval_when_alike(value, level, plans), bootstrap.UNANIMOUS


def _conclude(
    before: Agreement, after: Agreement, limits: tuple[float, float] | None = None, method: str | None = None
) -> Difference:
    known = before.value is not None and after.value is not None
    low, high = limits or (None, None)
    return Difference(
        stat=after.stat,
        value=after.value - before.value if after.value is not None and before.value is not None else None,
        low=low,
        high=high,
        level=after.level,
        method=method,
        undefined=None if known else before.undefined or after.undefined or NOTHING_COMMON,
        before=before,
        after=after,
    )


def _as_criteria(ratings: Ratings | Criteria) -> Criteria:
    return {"": ratings} if isinstance(ratings, Ratings) else ratings


def _columns(side: str, ratings: Ratings | Criteria) -> dict[str, Column]:
    return {f"{side} {key}": Column.of(table) for key, table in _as_criteria(ratings).items()}


def _replicate_apart(
    old: Mapping[str, Column],
    new: Mapping[str, Column],
    wanted: Mapping[Cell, Statistic],
    replicates: int,
    seed: int,
) -> Draws:
    """Independent draws for the two sets of plans."""
    one = replicate(old, {cell: wanted[cell] for cell in wanted if cell[0] in old}, replicates, seed)
    other = replicate(new, {cell: wanted[cell] for cell in wanted if cell[0] in new}, replicates, seed + 1)
    return Draws({**one.values, **other.values}, {**one.pairable, **other.pairable})


def _defined_in_both(old: Mapping[str, Column], stat: str, results: Mapping[Cell, Agreement]) -> list[tuple[Cell, Cell]]:
    """Cells of the same criterion before and after, where both have a value."""
    pairs = [((key, stat), (key.replace("before", "after", 1), stat)) for key in old]
    return [(a, b) for a, b in pairs if b in results and results[a].value is not None and results[b].value is not None]
