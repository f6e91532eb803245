"""Locked ratings as tables of plans x places: the first auditor of each agency, the second, and so on.

Auditors differ from plan to plan, so a column is a place on a plan, not a person. Every criterion uses the same rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stats import Ratings, Scale

from ..register.criteria import Criterion
from .rules import labels

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Answers:
    """One entry per answer: plan, rater and criterion as places in lists; `agency` of each rater; NaN where there is no level."""

    plans: int
    agency: tuple[str, ...]  # of each rater
    criteria: tuple[str, ...]
    plan: Ints
    rater: Ints
    criterion: Ints
    value: Floats


@dataclass(frozen=True)
class Places:
    """The column of each answer, and which columns belong to which agency."""

    column: Ints
    of_agency: Mapping[str, list[int]]

    @property
    def width(self) -> int:
        return sum(map(len, self.of_agency.values()))


def places(answers: Answers) -> Places:
    """Give each auditor of a plan a column among those of their agency, in an order that says nothing."""
    names = sorted(set(answers.agency))
    of_rater = np.array([names.index(name) for name in answers.agency], dtype=np.int64)
    # one number per sheet, in the order of plan, agency, auditor: numbers are sorted far faster than triples
    raters, kinds = max(len(answers.agency), 1), max(len(names), 1)
    code = (answers.plan * kinds + of_rater[answers.rater]) * raters + answers.rater
    sheets, sheet_of = np.unique(code, return_inverse=True)
    group = sheets // raters
    agency_of_sheet, rank = group % kinds, _rank_within(group)
    widths = [int(rank[agency_of_sheet == agency].max(initial=-1)) + 1 for agency in range(len(names))]
    offsets = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
    column = offsets[agency_of_sheet] + rank
    belongs = {name: list(range(offsets[place], offsets[place + 1])) for place, name in enumerate(names)}
    return Places(column[sheet_of.reshape(-1)], belongs)


def _rank_within(group: Ints) -> Ints:
    """0, 1, 2 ... within each run of equal values; `group` is sorted."""
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    return np.arange(len(group)) - np.repeat(starts, np.diff([*starts, len(group)]))


def tables(answers: Answers, where: Places, criteria: Sequence[Criterion]) -> dict[str, Floats]:
    """Plans x places of values for each criterion; NaN where nobody gave a level."""
    order = np.argsort(answers.criterion, kind="stable")
    bounds = np.searchsorted(answers.criterion[order], np.arange(len(answers.criteria) + 1))
    found = {}
    for criterion in criteria:
        table = np.full((answers.plans, where.width), np.nan)
        if criterion.key in answers.criteria:
            place = answers.criteria.index(criterion.key)
            mine = order[bounds[place] : bounds[place + 1]]
            table[answers.plan[mine], where.column[mine]] = answers.value[mine]
        found[criterion.key] = table
    return found


def ratings(criterion: Criterion, table: Floats) -> Ratings:
    """A criterion's table on its declared scale."""
    observed = table[~np.isnan(table)].tolist()
    return Ratings.of(table, Scale.of(criterion.scale.kind.value, labels(criterion, observed)))


@dataclass(frozen=True)
class Gaps:
    """Of each plan: the sum of the right group's levels minus the left's over the cells where both rated, and how many cells."""

    total: Floats
    cells: Floats

    def mean(self, weights: Floats) -> Floats:
        """The mean gap for each row of plan weights (B x n -> B)."""
        return _share(weights @ self.total, weights @ self.cells)


def level_gaps(values: Sequence[Floats], left: Sequence[int], right: Sequence[int]) -> Gaps:
    """Gaps between two groups of columns over several criteria on the same plans."""
    total, cells = np.zeros(len(values[0])), np.zeros(len(values[0]))
    for table in values:
        gap = _mean_of_rows(table[:, list(right)]) - _mean_of_rows(table[:, list(left)])
        both = ~np.isnan(gap)
        total[both] += gap[both]
        cells += both
    return Gaps(total, cells)


def _mean_of_rows(table: Floats) -> Floats:
    given = ~np.isnan(table)
    count = given.sum(axis=1)
    total = np.where(given, table, 0.0).sum(axis=1)
    return _share(total, count)


def _share(total: Floats, count: Floats | Ints) -> Floats:
    """Total by count; NaN where there is nothing to count."""
    found: Floats = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
    return found
