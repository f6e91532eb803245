"""Repairs are the smallest change there is, and leave started work alone."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from benchmarks.allocation_instances import random_round
from moderation.allocate.problem import Allocation, Conflict, Problem
from moderation.allocate.repair import Change, Pair, design_of_pairs, repair, share_with
from moderation.allocate.solve import allocate
from moderation.allocate.verifier import violations
from tests.allocation_cases import problems


def pairs(allocations: tuple[Allocation, ...]) -> set[Pair]:
    return {(one.plan, one.auditor) for one in allocations}


def after(current: set[Pair], change: Change) -> set[Pair]:
    return current - pairs(change.removed) | pairs(change.added)


def made(problem: Problem, standing: set[Pair]) -> list[Allocation]:
    return [Allocation(plan, auditor, problem.agency_of[auditor]) for plan, auditor in sorted(standing)]


def fewest_new_pairs(problem: Problem, current: set[Pair], open_places: int) -> int:
    """Brute force: every set of allowed pairs that leaves no more places open, and how many of its pairs are new."""
    barred = {(one.plan, one.auditor) for one in problem.conflicts}
    allowed = [
        (plan, who) for plan in problem.plans for group in problem.agencies.values() for who in group if (plan, who) not in barred
    ]
    best = len(allowed) + 1
    for choice in product((False, True), repeat=len(allowed)):
        chosen = {pair for pair, taken in zip(allowed, choice, strict=True) if taken}
        if len(chosen - current) < best and fits(problem, chosen, open_places):
            best = len(chosen - current)
    return best


def fits(problem: Problem, chosen: set[Pair], open_places: int) -> bool:
    for who in problem.agency_of:
        if sum(one == who for _, one in chosen) > problem.capacity.get(who, len(problem.plans)):
            return False
    missing = 0
    for agency, plan in product(problem.agencies, problem.plans):
        wanted = problem.auditors_per_plan.get(agency, 1) + problem.extra.count((plan, agency))
        have = sum(one == plan and problem.agency_of[who] == agency for one, who in chosen)
        if have > wanted:
            return False
        missing += wanted - have
    return missing <= open_places


@st.composite
def broken(draw: st.DrawFn) -> tuple[Problem, set[Pair]]:
    """A small allocation in which somebody declined a plan or is away."""
    problem = replace(draw(problems(started=False, most_plans=3, most_auditors=3)), auditors_per_plan={}, extra=())
    assume(len(problem.plans) * len(problem.agency_of) <= 12)
    current = pairs(allocate(problem, 3).allocations)
    assume(current)
    plan, who = draw(st.sampled_from(sorted(current)))
    if draw(st.booleans()):
        return replace(problem, capacity={**problem.capacity, who: 0}), current
    return replace(problem, conflicts=(*problem.conflicts, Conflict(plan, who, "declined"))), current


@given(broken())
@settings(max_examples=60, deadline=None)
def test_a_repair_makes_the_fewest_new_pairs_there_can_be(case: tuple[Problem, set[Pair]]) -> None:
    problem, current = case
    change = repair(problem, current, 1)
    standing = after(current, change)
    assert violations(problem, made(problem, standing), change.shortfalls) == []
    open_places = sum(len(short.unfilled) for short in change.shortfalls)
    assert open_places == sum(len(short.unfilled) for short in allocate(problem).shortfalls)
    assert len(change.added) == fewest_new_pairs(problem, current, open_places)


@given(broken())
@settings(max_examples=60, deadline=None)
def test_a_repair_of_what_was_repaired_changes_nothing(case: tuple[Problem, set[Pair]]) -> None:
    problem, current = case
    assert not repair(problem, after(current, repair(problem, current, 1)), 2)


def a_round() -> tuple[Problem, set[Pair]]:
    problem = replace(random_round(5, 40, 5), seeds=("S1",))
    return problem, pairs(allocate(problem, 7).allocations)


def test_what_is_whole_is_left_alone() -> None:
    problem, current = a_round()
    assert not repair(problem, current, 1)


def test_an_absence_is_covered_plan_by_plan_and_started_work_stays() -> None:
    problem, current = a_round()
    theirs = sorted(pair for pair in current if pair[1] == "H002" and pair[0] != "S1")
    started = theirs[:3]
    now = replace(problem, locked=tuple(started), capacity={"H002": 3})
    change = repair(now, current, 1)
    assert pairs(change.removed) == {*theirs[3:], ("S1", "H002")}
    assert len(change.added) == len(theirs) - 3 and not change.shortfalls
    assert violations(now, made(now, after(current, change))) == []


def test_started_work_of_others_never_moves_even_where_that_leaves_a_place_open() -> None:
    problem = Problem(
        agencies={"health": ("H1", "H2")},
        plans=("P1", "P2"),
        capacity={"H1": 1, "H2": 1},
        conflicts=(Conflict("P1", "H1", "declined"),),
    )
    current = {("P1", "H1"), ("P2", "H2")}
    chain = repair(problem, current, 1)
    assert after(current, chain) == {("P1", "H2"), ("P2", "H1")}
    held = repair(replace(problem, locked=(("P2", "H2"),)), current, 1)
    assert (pairs(held.removed), held.added) == ({("P1", "H1")}, ())
    assert [short.unfilled for short in held.shortfalls] == [("P1",)]


def test_a_place_goes_to_the_one_with_room_and_the_lower_load() -> None:
    problem = Problem(agencies={"care": ("C1", "C2", "C3")}, plans=("P1", "P2", "P3", "P4"))
    current = {("P1", "C1"), ("P2", "C2"), ("P3", "C2"), ("P4", "C3")}
    now = replace(problem, conflicts=(Conflict("P1", "C1", "declined"),))
    assert pairs(repair(now, current, 1).added) == {("P1", "C3")}


def test_a_new_auditor_gets_a_fair_share_and_the_seeds_by_the_fewest_moves() -> None:
    problem, current = a_round()
    now = replace(problem, agencies={**problem.agencies, "health": (*problem.agencies["health"], "H999")})
    change = share_with(now, current, "H999", 1)
    theirs = {pair for pair in after(current, change) if pair[1] == "H999"}
    fair = sum(one.agency == "health" and one.plan != "S1" for one in made(now, current)) // 6
    assert theirs == pairs(change.added) and ("S1", "H999") in theirs and len(theirs) == fair + 1
    assert {pair[0] for pair in pairs(change.removed)} == {pair[0] for pair in theirs} - {"S1"}
    assert violations(now, made(now, after(current, change))) == []


def test_the_effect_of_a_swap_on_the_design_can_be_shown() -> None:
    problem, current = a_round()
    shown, drawn = design_of_pairs(problem, current), allocate(problem, 7).design
    assert (shown.components, shown.repeat_pairs, shown.repeat_triads) == (1, drawn.repeat_pairs, 0)
    assert shown.lambda2 == pytest.approx(drawn.lambda2) and shown.efficiency == pytest.approx(drawn.efficiency)
