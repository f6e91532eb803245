"""Who scores the plans that an agency scores more than once: pairs that link all its auditors, not pairs at random.

When agencies score different criteria, only such plans compare auditors of one agency. Random pairs leave most auditors
unconnected; here each plan joins two groups that were apart for as long as there are any.
"""

from collections.abc import Mapping

import numpy as np

from .arrays import Arrays, Costs, Desk, Flags, Ints
from .design import linked_groups
from .draw import shuffled
from .problem import Problem


def chained(arrays: Arrays, desk: Desk, allowed: Flags, free: Ints) -> Flags:
    """Choose all auditors of the agency's plans with two or more open places, row by row, within their free places."""
    chosen = np.zeros_like(allowed)
    group = _groups(arrays, desk)
    for row in np.flatnonzero(desk.demand > 1).tolist():
        picked = _row(
            row, int(desk.demand[row]), chosen, allowed[row] & (chosen.sum(axis=0) < free), arrays.cost[row, desk.columns], group
        )
        if picked is not None:
            chosen[row, picked] = True
            group[np.isin(group, group[picked])] = group[picked[0]]
    return chosen


def _groups(arrays: Arrays, desk: Desk) -> Ints:
    """Groups of auditors already linked within the agency by seeds or by work that has begun."""
    return linked_groups(np.vstack([arrays.seeded, arrays.locked])[:, desk.columns])


def _row(row: int, number: int, chosen: Flags, may: Flags, cost: Costs, group: Ints) -> list[int] | None:
    """Auditors for one plan: from groups that are apart, not together before, least used so far, then cheapest."""
    used = chosen.sum(axis=0)
    picked: list[int] = []
    for _ in range(number):
        candidates = np.flatnonzero(may & ~np.isin(np.arange(len(may)), picked))
        if not len(candidates):
            return None
        linked = np.isin(group[candidates], group[picked])
        met = chosen[chosen[:, picked].any(axis=1)][:, candidates].sum(axis=0)
        best = np.lexsort((cost[candidates], used[candidates], met, linked))[0]
        picked.append(int(candidates[best]))
    return picked


def double_scored(problem: Problem, numbers: Mapping[str, int], seed: int | str) -> tuple[tuple[str, str], ...]:
    """Which plans each agency scores once more (`extra` of a problem): at random among those two more could still score,
    no plan for two agencies while others are left."""
    barred = {(conflict.plan, conflict.auditor) for conflict in problem.conflicts}
    extra: list[tuple[str, str]] = []
    for agency, number in sorted(numbers.items()):
        once = problem.auditors_per_plan.get(agency, 1)
        able = {plan: sum((plan, who) not in barred for who in problem.agencies[agency]) for plan in problem.plans}
        used = {plan for plan, _ in extra}
        order = sorted(shuffled(seed, f"double {agency}", problem.plans), key=lambda plan: plan in used)
        extra += [(plan, agency) for plan in order if able[plan] > once][:number]
    return tuple(extra)
