"""Agreement between two groups of raters, such as two agencies, and within one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations_with_replacement

import numpy as np

from stats import alpha, bootstrap, needs
from stats.arrays import BoolArray, FloatArray, divide
from stats.columns import Column
from stats.patterns import Patterns
from stats.ratings import MISSING, Ratings
from stats.registry import Statistic, resolve
from stats.results import Agreement
from stats.rounds import conclude_all, measure_round, replicate, summarise

Columns = Sequence[int]


def measure_pairs(
    criteria: Mapping[str, Ratings],
    agencies: Mapping[str, Columns],
    *,
    replicates: int = bootstrap.REPLICATES,
    seed: int = bootstrap.SEED,
    level: float = bootstrap.LEVEL,
) -> dict[tuple[str, str], Agreement]:
    """Alpha of every two agencies (mean over the criteria), and of each agency within itself.

    `agencies` maps a name to the columns of the ratings that belong to it. Columns are best taken as
    places on a plan (first education auditor, second education auditor, first health auditor ...).
    The agency within itself, ("education", "education"), needs plans with two of its raters.
    """
    return {
        (one, other): within(criteria, agencies[one], replicates=replicates, seed=seed, level=level)
        if one == other
        else between(criteria, agencies[one], agencies[other], replicates=replicates, seed=seed, level=level)
        for one, other in combinations_with_replacement(agencies, 2)
    }


def within(
    criteria: Mapping[str, Ratings],
    columns: Columns,
    *,
    replicates: int = bootstrap.REPLICATES,
    seed: int = bootstrap.SEED,
    level: float = bootstrap.LEVEL,
) -> Agreement:
    """Alpha among some of the raters only: mean over the criteria, plans resampled whole."""
    chosen = {key: ratings.of_raters(columns) for key, ratings in criteria.items()}
    measured = measure_round(chosen, {"all": list(chosen)}, replicates=replicates, seed=seed, level=level)
    return measured.group("all")


def between(
    criteria: Mapping[str, Ratings],
    left: Columns,
    right: Columns,
    *,
    replicates: int = bootstrap.REPLICATES,
    seed: int = bootstrap.SEED,
    level: float = bootstrap.LEVEL,
) -> Agreement:
    """Alpha of one group of raters with another, from pairs across the two groups only.

    With one rater in each group it is plain alpha; Krippendorff (2011), section A, has .095:

    >>> from stats import Scale
    >>> values = list(zip([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]))
    >>> round(between({"": Ratings.of(values, Scale.of("nominal", [0, 1]))}, [0], [1], replicates=0).value, 3)
    0.095
    """
    met = {key: _where_both_rated(ratings, left, right) for key, ratings in criteria.items()}
    columns = {key: Column.of(ratings) for key, ratings in met.items()}
    wanted = {(key, "alpha"): _alpha_across(column.patterns, len(left)) for key, column in columns.items()}
    draws = replicate(columns, wanted, replicates, seed)
    results = {
        cell: replace(result, percent=_percent_across(columns[cell[0]].patterns, len(left)))
        for cell, result in conclude_all(columns, wanted, draws, level).items()
    }
    return summarise("alpha", list(wanted), columns, results, draws, level)


def _where_both_rated(ratings: Ratings, left: Columns, right: Columns) -> Ratings:
    """The raters of both groups, left before right; plans that one group did not rate are emptied."""
    given = ratings.given
    met = np.asarray(given[:, list(left)].any(axis=1) & given[:, list(right)].any(axis=1))
    chosen = ratings.codes[:, [*left, *right]]
    return Ratings(np.where(met[:, None], chosen, chosen.dtype.type(MISSING)), ratings.scale)


def _alpha_across(patterns: Patterns, left: int) -> Statistic:
    """Alpha between the first `left` columns and the rest."""
    plain = resolve("alpha", patterns.scale)
    places = range(patterns.codes.shape[1])
    evaluate = partial(alpha.alpha_between, metric=patterns.scale.level, left=places[:left], right=places[left:])
    return replace(plain, evaluate=evaluate, knows_raters=True)


def _percent_across(patterns: Patterns, left: int) -> float | None:
    """Mean over plans of the share of agreeing pairs across the two groups."""
    if needs.pairs(patterns):
        return None
    one, other = patterns.codes[:, :left, None], patterns.codes[:, None, left:]
    both = (one != MISSING) & (other != MISSING)
    alike = divide(_over_pairs(np.asarray((one == other) & both)), _over_pairs(np.asarray(both)))
    return float(np.average(alike, weights=patterns.times))


def _over_pairs(flags: BoolArray) -> FloatArray:
    return np.asarray(flags.sum(axis=(1, 2)), dtype=np.float64)
