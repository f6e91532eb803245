"""Ratings as facets: each rating belongs to a plan, a rater and a criterion, and has a score 0, 1, 2 ...

What the severity model works on: dense codes, sorted by plan, with the connected components of the
graph in which a rater and a plan are joined when the rater rated the plan.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from stats.arrays import FloatArray, IntArray


class Steps(StrEnum):
    """Whether all criteria share the distances between their levels."""

    RATING_SCALE = "rating-scale"
    PARTIAL_CREDIT = "partial-credit"


@dataclass(frozen=True)
class Facets:
    """N ratings sorted by plan. `group` says whose steps a rating uses: 0, or its criterion.

    `values[group][score]` is the score in the units of the scale; a level that nobody used has no
    score of its own, as its step could not be estimated. `component[rater]` and
    `plan_component[plan]` number the parts of the graph, the largest first.
    """

    plan: IntArray
    rater: IntArray
    criterion: IntArray
    score: IntArray
    group: IntArray
    plans: tuple[Hashable, ...]
    raters: tuple[Hashable, ...]
    criteria: tuple[Hashable, ...]
    values: tuple[FloatArray, ...]
    component: IntArray
    plan_component: IntArray

    @property
    def ratings(self) -> int:
        return len(self.score)

    @property
    def components(self) -> int:
        return int(self.component.max(initial=-1)) + 1

    @property
    def steps(self) -> int:
        """Steps of the longest scale."""
        return max((len(values) for values in self.values), default=1) - 1

    @classmethod
    def of(
        cls,
        plans: Sequence[Hashable],
        raters: Sequence[Hashable],
        criteria: Sequence[Hashable],
        scores: Sequence[float] | FloatArray,
        steps: Steps = Steps.RATING_SCALE,
    ) -> "Facets":
        """From four columns of equal length; ValueError when they are empty or of different lengths."""
        values = np.asarray(scores, dtype=np.float64)
        if not len(values) or not len(plans) == len(raters) == len(criteria) == len(values):
            raise ValueError("plans, raters, criteria and scores must be columns of the same length, and not empty")
        plan, plan_names = codes_of(plans)
        rater, rater_names = codes_of(raters)
        criterion, criterion_names = codes_of(criteria)
        group = criterion if steps is Steps.PARTIAL_CREDIT else np.zeros(len(values), dtype=np.int64)
        used, score = _steps_used(values, group)
        component, plan_component = _components(rater, plan)
        order = np.argsort(plan, kind="stable")
        return cls(
            plan=plan[order],
            rater=rater[order],
            criterion=criterion[order],
            score=score[order],
            group=group[order],
            plans=plan_names,
            raters=rater_names,
            criteria=criterion_names,
            values=used,
            component=component,
            plan_component=plan_component,
        )


def _steps_used(values: FloatArray, group: IntArray) -> tuple[tuple[FloatArray, ...], IntArray]:
    """The distinct scores of each group of criteria, and the place of each score among those of its group (n)."""
    used = tuple(np.unique(values[group == one]) for one in range(int(group.max()) + 1))
    score = np.zeros(len(values), dtype=np.int64)
    for one, levels in enumerate(used):
        score[group == one] = np.searchsorted(levels, values[group == one])
    return used, score


def codes_of(names: Sequence[Hashable]) -> tuple[IntArray, tuple[Hashable, ...]]:
    """Codes in order of first appearance."""
    if isinstance(names, np.ndarray) and names.dtype.kind in "iu":
        found, codes = np.unique(names, return_inverse=True)
        return codes.astype(np.int64), tuple(found.tolist())
    place: dict[Hashable, int] = {}
    codes = np.array([place.setdefault(name, len(place)) for name in names], dtype=np.int64)
    return codes, tuple(place)


def _components(rater: IntArray, plan: IntArray) -> tuple[IntArray, IntArray]:
    """The part of the rater-plan graph of each rater and plan, by number of raters, largest first."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    raters, plans = int(rater.max()) + 1, int(plan.max()) + 1
    size = raters + plans
    graph = coo_array((np.ones(len(rater)), (rater, raters + plan)), shape=(size, size))
    _, part = connected_components(graph, directed=False)
    by_size = np.argsort(-np.bincount(part[:raters]), kind="stable")
    place = np.empty(len(by_size), dtype=np.int64)
    place[by_size] = np.arange(len(by_size))
    return place[part[:raters]], place[part[raters:]]
