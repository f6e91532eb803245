"""Random small allocation problems for hypothesis, and an oracle for them: HiGHS on the same rules, written down anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from moderation.allocate.problem import Allocation, Conflict, Outcome, Problem


@st.composite
def problems(
    draw: st.DrawFn, *, conflicts: bool = True, started: bool = True, most_plans: int = 6, most_auditors: int = 4
) -> Problem:
    """Up to three agencies; zero capacity, ties, nobody eligible and several auditors per plan all occur."""
    plans = tuple(f"P{place}" for place in range(1, draw(st.integers(1, most_plans)) + 1))
    names = ("education", "health", "care")[: draw(st.integers(1, 3))]
    agencies = {
        name: tuple(f"{name[0].upper()}{place}" for place in range(1, draw(st.integers(1, most_auditors)) + 1)) for name in names
    }
    auditors = [auditor for group in agencies.values() for auditor in group]
    pairs = [(plan, auditor) for plan in plans for auditor in auditors]
    barred = draw(st.lists(st.sampled_from(pairs), max_size=len(pairs) // 2, unique=True)) if conflicts else []
    free = sorted(set(pairs) - set(barred))
    locked = draw(st.lists(st.sampled_from(free), max_size=2, unique=True)) if started and free else []
    seeds = ("S1",) if started and draw(st.booleans()) else ()
    extra = draw(st.lists(st.tuples(st.sampled_from(plans), st.sampled_from(names)), max_size=2, unique=True))
    return Problem(
        agencies=agencies,
        plans=plans,
        capacity=draw(st.dictionaries(st.sampled_from(auditors), st.integers(0, 6))),
        auditors_per_plan=draw(st.dictionaries(st.sampled_from(names), st.integers(0, 2))),
        extra=tuple(extra),
        conflicts=tuple(Conflict(plan, auditor, "reason") for plan, auditor in barred),
        expertise_cost={auditor: {plan: draw(st.integers(0, 4)) * 100 for plan in plans} for auditor in auditors},
        locked=tuple(locked),
        seeds=seeds,
    )


@dataclass(frozen=True)
class Best:
    """The best that can be had for one agency: fewest open places, then least sum of squared loads, then least cost."""

    open_places: int
    squares: int
    cost: int


def oracle(problem: Problem, agency: str) -> Best:
    """Three mixed-integer programs, each with the optimum of the one before as a constraint."""
    program = _Program(problem, agency)
    open_places = program.least(program.open_objective)
    program.fix(program.open_objective, open_places)
    squares = program.least(program.load_objective)
    program.fix(program.load_objective, squares)
    cost = program.least(program.cost_objective)
    return Best(open_places, squares + program.squares_taken, cost + program.cost_taken)


def achieved(problem: Problem, outcome: Outcome, agency: str) -> Best:
    """What an outcome achieved, counted from its allocations."""
    made = [one for one in outcome.allocations if one.agency == agency]
    loads = [sum(one.auditor == auditor for one in made) for auditor in problem.agencies[agency]]
    short = sum(len(one.unfilled) for one in outcome.shortfalls if one.agency == agency)
    return Best(short, sum(load**2 for load in loads), cost_of(problem, made))


def cost_of(problem: Problem, made: list[Allocation]) -> int:
    return sum(problem.expertise_cost.get(one.auditor, {}).get(one.plan, 0) for one in made)


class _Program:
    """Variables: one for each pair that may be made, one for each further plan of an auditor (priced by the growth of the
    square), one for the open places of each plan."""

    def __init__(self, problem: Problem, agency: str) -> None:
        auditors = problem.agencies[agency]
        barred = {(one.plan, one.auditor) for one in problem.conflicts} | set(problem.locked)
        started = [(plan, who) for plan, who in problem.locked if who in auditors]
        taken = self._taken(problem, auditors)
        self.pairs = [(plan, who) for plan in problem.plans for who in auditors if (plan, who) not in barred]
        self.steps = [(who, nth) for who in auditors for nth in range(taken[who] + 1, self._most(problem, who) + 1)]
        demand = self._demand(problem, agency, started)
        self.size = len(self.pairs) + len(self.steps) + len(problem.plans)
        self.cost_objective = np.zeros(self.size)
        self.load_objective = np.zeros(self.size)
        self.open_objective = np.zeros(self.size)
        self.cost_objective[: len(self.pairs)] = [problem.expertise_cost.get(who, {}).get(plan, 0) for plan, who in self.pairs]
        self.load_objective[len(self.pairs) : -len(problem.plans)] = [2 * nth - 1 for _, nth in self.steps]
        self.open_objective[-len(problem.plans) :] = 1
        self.squares_taken = sum(number**2 for number in taken.values())
        seeds = [(plan, who) for plan in problem.seeds for who in auditors]
        self.cost_taken = sum(problem.expertise_cost.get(who, {}).get(plan, 0) for plan, who in {*started, *seeds})
        rows, right = self._constraints(problem, auditors, demand)
        self.rows, self.right = rows, right

    @staticmethod
    def _most(problem: Problem, who: str) -> int:
        return problem.capacity.get(who, len(problem.plans) + len(problem.seeds))

    def _taken(self, problem: Problem, auditors: tuple[str, ...]) -> dict[str, int]:
        started = {who: sum(one == who for _, one in problem.locked) for who in auditors}
        return {who: number + sum(1 for _ in problem.seeds if number < self._most(problem, who)) for who, number in started.items()}

    @staticmethod
    def _demand(problem: Problem, agency: str, started: list[tuple[str, str]]) -> Mapping[str, int]:
        wanted = {plan: problem.auditors_per_plan.get(agency, 1) + problem.extra.count((plan, agency)) for plan in problem.plans}
        return {plan: max(number - sum(one == plan for one, _ in started), 0) for plan, number in wanted.items()}

    def _constraints(self, problem: Problem, auditors: tuple[str, ...], demand: Mapping[str, int]) -> tuple[list[Any], list[int]]:
        rows, right = [], []
        for place, plan in enumerate(problem.plans):
            row = np.zeros(self.size)
            row[[index for index, (one, _) in enumerate(self.pairs) if one == plan]] = 1
            row[len(self.pairs) + len(self.steps) + place] = 1
            rows.append(row)
            right.append(demand[plan])
        for who in auditors:
            row = np.zeros(self.size)
            row[[index for index, (_, one) in enumerate(self.pairs) if one == who]] = 1
            row[[len(self.pairs) + index for index, (one, _) in enumerate(self.steps) if one == who]] = -1
            rows.append(row)
            right.append(0)
        return rows, right

    def fix(self, objective: Any, value: int) -> None:
        self.rows.append(objective)
        self.right.append(value)

    def least(self, objective: Any) -> int:
        upper = np.ones(self.size)
        upper[len(self.pairs) + len(self.steps) :] = 99
        found = milp(
            objective,
            constraints=LinearConstraint(np.array(self.rows), self.right, self.right),
            integrality=np.ones(self.size),
            bounds=Bounds(0, upper),
        )
        assert found.success, found.message
        return round(found.fun)


def windows_can_hold(problem: Problem, outcome: Outcome, agency: str) -> bool:
    """Is there a way to cover every plan of an agency with every load inside its window, around the work that auditors have
    for certain (started work, and the seeds they were given)?"""
    sure = {*problem.locked, *((one.plan, one.auditor) for one in outcome.allocations if one.plan in problem.seeds)}
    barred = {(one.plan, one.auditor) for one in problem.conflicts} | sure
    auditors = problem.agencies[agency]
    pairs = [(plan, who) for plan in problem.plans for who in auditors if (plan, who) not in barred]
    started = [pair for pair in problem.locked if pair[1] in auditors]
    demand = _Program._demand(problem, agency, started)
    rows = [[float(plan == one) for one, _ in pairs] for plan in problem.plans]
    rows += [[float(who == one) for _, one in pairs] for who in auditors]
    taken = {who: sum(one == who for _, one in sure) for who in auditors}
    limits = [_limits(problem, who) for who in auditors]
    low = [
        *(demand[plan] for plan in problem.plans),
        *(least - taken[who] for (least, _), who in zip(limits, auditors, strict=True)),
    ]
    high = [
        *(demand[plan] for plan in problem.plans),
        *(most - taken[who] for (_, most), who in zip(limits, auditors, strict=True)),
    ]
    if not pairs:
        return all(least <= 0 <= most for least, most in zip(low, high, strict=True))
    ones = np.ones(len(pairs))
    return bool(milp(ones, constraints=LinearConstraint(np.array(rows), low, high), integrality=ones, bounds=Bounds(0, 1)).success)


def _limits(problem: Problem, who: str) -> tuple[int, int]:
    everything = len(problem.plans) + len(problem.seeds)
    least, most = problem.load_window.get(who, (0, everything))
    return least, min(most, problem.capacity.get(who, everything))
