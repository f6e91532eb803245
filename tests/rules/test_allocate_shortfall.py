"""Why an allocation is impossible: the sets named are the smallest, and the changes named are all that would help."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

from hypothesis import assume, given, settings

from benchmarks.allocation_instances import medium, small
from moderation.allocate.problem import Conflict, Problem, Shortfall, Warned
from moderation.allocate.solve import allocate
from tests.allocation_cases import problems


def shortage(problem: Problem, agency: str) -> int:
    outcome = allocate(replace(problem, linking_share=0.0, pair_weight=0))
    return sum(len(short.unfilled) for short in outcome.shortfalls if short.agency == agency)


def only(problem: Problem, plans: tuple[str, ...]) -> Problem:
    """The problem without the other plans."""
    return replace(
        problem,
        plans=plans,
        conflicts=tuple(one for one in problem.conflicts if one.plan in plans),
        extra=tuple(one for one in problem.extra if one[0] in plans),
    )


def need_and_have(problem: Problem, agency: str, plans: tuple[str, ...]) -> tuple[int, int]:
    """Hall's condition counted for a set of plans (no started work, no seeds)."""
    barred = {(one.plan, one.auditor) for one in problem.conflicts}
    need = sum(problem.auditors_per_plan.get(agency, 1) + problem.extra.count((plan, agency)) for plan in plans)
    have = sum(
        min(problem.capacity.get(who, len(problem.plans)), sum((plan, who) not in barred for plan in plans))
        for who in problem.agencies[agency]
    )
    return need, have


def changes(problem: Problem, agency: str, short: Shortfall) -> dict[str, Problem]:
    """Every single change a lead could make: a conflict cleared, or as many more places for one auditor as are missing."""
    cleared = {
        f"clear the conflict {one.plan}-{one.auditor}": replace(
            problem, conflicts=tuple(other for other in problem.conflicts if other != one)
        )
        for one in problem.conflicts
        if one.auditor in problem.agencies[agency]
    }
    words = "one more plan" if short.short == 1 else f"{short.short} more plans"
    more = {
        f"{words} for {who}": replace(problem, capacity={**problem.capacity, who: problem.capacity[who] + short.short})
        for who in problem.agencies[agency]
        if who in problem.capacity
    }
    return cleared | more


@given(problems(started=False, most_plans=5))
@settings(max_examples=120, deadline=None)
def test_every_change_that_cures_a_shortfall_is_named_and_no_other(problem: Problem) -> None:
    outcome = allocate(problem)
    assume(not outcome.feasible)
    for short in outcome.shortfalls:
        missing = shortage(problem, short.agency)
        helpful = {
            words
            for words, changed in changes(problem, short.agency, short).items()
            if shortage(changed, short.agency) == missing - short.short and shortage(only(changed, short.plans), short.agency) == 0
        }
        assert {str(fix) for fix in short.fixes} == helpful


@given(problems(started=False, most_plans=6))
@settings(max_examples=120, deadline=None)
def test_a_set_that_lacks_one_place_has_no_smaller_set_inside_that_lacks_it_too(problem: Problem) -> None:
    for short in allocate(problem).shortfalls:
        assert need_and_have(problem, short.agency, short.plans) == (short.need, short.have)
        assert short.need > short.have
        if short.short == 1:
            for size in range(1, len(short.plans)):
                for fewer in combinations(short.plans, size):
                    need, have = need_and_have(problem, short.agency, fewer)
                    assert need <= have, fewer


def test_the_culprit_of_the_small_impossible_instance_is_named_with_its_seven_cures(shared: Path) -> None:
    problem = small(shared / "data" / "allocation" / "02_small_infeasible.json")
    outcome = allocate(problem)
    (short,) = outcome.shortfalls
    assert outcome.status == "infeasible"
    assert (short.agency, short.plans, short.auditors, short.need, short.have) == ("H", ("P2", "P4", "P5"), ("H1",), 3, 2)
    assert [str(fix) for fix in short.fixes] == [
        "one more plan for H1",
        *(f"clear the conflict {plan}-{auditor}" for plan in ("P2", "P4", "P5") for auditor in ("H2", "H3")),
    ]
    assert sum(one.agency == "H" for one in outcome.allocations) == 5
    assert sum(one.agency == "E" for one in outcome.allocations) == 6


def test_where_no_single_change_is_enough_the_steps_are_named() -> None:
    barred = tuple(Conflict(plan, who, "setting") for plan in ("P1", "P2") for who in ("E1", "E2"))
    problem = Problem(agencies={"education": ("E1", "E2")}, plans=("P1", "P2", "P3"), capacity={"E1": 1, "E2": 1}, conflicts=barred)
    shortfalls = allocate(problem).shortfalls
    assert [short.plans for short in shortfalls] == [("P1",), ("P2",)]
    full = replace(problem, capacity={"E1": 1, "E2": 0})
    assert all(len(short.fixes) == 0 or short.short == 1 for short in allocate(full).shortfalls)


def test_at_most_twenty_cures_are_named(shared: Path) -> None:
    problem = medium(shared / "data" / "allocation" / "03_medium_60x30.json")
    only = problem.agencies["health"][0]
    barred = tuple(Conflict("P0003", who, "setting") for who in problem.agencies["health"])
    crowded = replace(problem, conflicts=(*problem.conflicts, *barred), auditors_per_plan={"care": 9})
    assert all(len(short.fixes) <= 20 and len(short.steps) <= 20 for short in allocate(crowded).shortfalls)
    assert only in {fix.auditor for short in allocate(crowded).shortfalls for fix in (*short.fixes, *short.steps)}


def test_weak_points_short_of_impossible_are_warned_of() -> None:
    barred = (Conflict("P1", "E2", "wrote advice"),)
    problem = Problem(agencies={"education": ("E1", "E2"), "health": ("H1",)}, plans=("P1", "P2", "P3", "P4"), conflicts=barred)
    warned = {(one.kind, one.agency): one for one in allocate(problem).warnings}
    assert warned[Warned.ONE_CHOICE, "education"].plans == ("P1",)
    assert warned[Warned.ONE_CHOICE, "education"].auditors == ("E1",)
    assert warned[Warned.APART_WITHIN, "education"].number == 2
    assert (Warned.APART, None) not in warned


def test_auditors_in_separate_groups_and_standing_triads_are_warned_of() -> None:
    barred = tuple(Conflict(f"P{plan}", who, "area") for plan in (1, 2) for who in ("E2", "H2", "C2"))
    barred += tuple(Conflict(f"P{plan}", who, "area") for plan in (3, 4) for who in ("E1", "H1", "C1"))
    agencies = {name: (f"{name[0].upper()}1", f"{name[0].upper()}2") for name in ("education", "health", "care")}
    outcome = allocate(Problem(agencies=agencies, plans=("P1", "P2", "P3", "P4"), conflicts=barred))
    kinds = {one.kind for one in outcome.warnings}
    assert outcome.design.components == 2 and outcome.design.efficiency == 0.0
    assert {Warned.APART, Warned.TRIAD} <= kinds
    assert any(one.auditors == ("C1", "E1", "H1") and one.plans == ("P1", "P2") for one in outcome.warnings)
