"""Coverage, loads and cost of an allocation, against HiGHS and an independent verifier."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from benchmarks.allocation_instances import medium
from moderation.allocate.problem import Conflict, Outcome, Problem
from moderation.allocate.solve import allocate
from moderation.allocate.verifier import violations
from tests.allocation_cases import Best, achieved, oracle, problems, windows_can_hold

SEEDS = st.integers(0, 1000)


def by_expertise(problem: Problem, seed: int = 7) -> Outcome:
    return allocate(replace(problem, linking_share=0.0, pair_weight=0), seed)


@given(problems(), SEEDS)
@settings(max_examples=150, deadline=None)
def test_no_hard_rule_is_ever_broken_and_every_open_place_is_proved(problem: Problem, seed: int) -> None:
    outcome = allocate(problem, seed)
    assert violations(problem, outcome.allocations, outcome.shortfalls) == []


@given(problems(), SEEDS)
@settings(max_examples=100, deadline=None)
def test_coverage_loads_and_cost_are_those_of_highs(problem: Problem, seed: int) -> None:
    outcome = by_expertise(problem, seed)
    for agency in problem.agencies:
        assert achieved(problem, outcome, agency) == oracle(problem, agency)


@given(problems(), SEEDS)
@settings(max_examples=60, deadline=None)
def test_the_design_never_costs_coverage_or_even_loads(problem: Problem, seed: int) -> None:
    outcome = allocate(problem, seed)
    for agency in problem.agencies:
        got, best = achieved(problem, outcome, agency), oracle(problem, agency)
        assert (got.open_places, got.squares) == (best.open_places, best.squares)


@given(problems(), SEEDS, st.booleans(), st.data())
@settings(max_examples=60, deadline=None)
def test_every_window_holds_wherever_all_of_an_agency_can(problem: Problem, seed: int, designed: bool, data: st.DataObject) -> None:
    auditors = st.sampled_from([who for people in problem.agencies.values() for who in people])
    window = st.tuples(st.integers(0, 3), st.integers(0, 4)).map(lambda ends: (ends[0], ends[0] + ends[1]))
    problem = replace(problem, load_window=data.draw(st.dictionaries(auditors, window, min_size=1)))
    outcome = allocate(problem, seed) if designed else by_expertise(problem, seed)
    assert violations(problem, outcome.allocations, outcome.shortfalls) == []
    for agency, people in problem.agencies.items():
        if windows_can_hold(problem, outcome, agency):
            assert agency not in {short.agency for short in outcome.shortfalls}
            assert all(outcome.loads[who] >= problem.load_window.get(who, (0, 0))[0] for who in people)


@given(problems(conflicts=False, started=False), SEEDS)
@settings(max_examples=40, deadline=None)
def test_loads_differ_by_one_at_most_where_nothing_stands_in_the_way(problem: Problem, seed: int) -> None:
    outcome = allocate(replace(problem, capacity={}, extra=(), auditors_per_plan={}), seed)
    for auditors in problem.agencies.values():
        loads = [outcome.loads[auditor] for auditor in auditors]
        assert max(loads) - min(loads) <= 1


def value(best: Best) -> tuple[int, int, int]:
    return best.open_places, best.squares, best.cost


@given(problems(started=False), st.data())
@settings(max_examples=60, deadline=None)
def test_one_more_conflict_never_makes_an_allocation_better(problem: Problem, data: st.DataObject) -> None:
    plan = data.draw(st.sampled_from(problem.plans))
    agency = data.draw(st.sampled_from(sorted(problem.agencies)))
    auditor = data.draw(st.sampled_from(problem.agencies[agency]))
    harder = replace(problem, conflicts=(*problem.conflicts, Conflict(plan, auditor, "new")))
    before, after = (achieved(one, by_expertise(one), agency) for one in (problem, harder))
    assert before.open_places < after.open_places or value(before) <= value(after)


@given(problems(started=False), st.data())
@settings(max_examples=60, deadline=None)
def test_more_capacity_never_raises_a_shortfall(problem: Problem, data: st.DataObject) -> None:
    assume(problem.capacity)
    auditor = data.draw(st.sampled_from(sorted(problem.capacity)))
    roomier = replace(problem, capacity={**problem.capacity, auditor: problem.capacity[auditor] + 1})
    short = [sum(len(one.unfilled) for one in by_expertise(each).shortfalls) for each in (problem, roomier)]
    assert short[1] <= short[0]


def simple(plans: int = 4, auditors: int = 2, **changes: object) -> Problem:
    names = tuple(f"P{place}" for place in range(1, plans + 1))
    group = tuple(f"E{place}" for place in range(1, auditors + 1))
    return replace(Problem(agencies={"education": group}, plans=names), **changes)  # type: ignore[arg-type]


def test_one_auditor_alone_takes_everything() -> None:
    outcome = allocate(simple(auditors=1))
    assert outcome.feasible and outcome.loads == {"E1": 4}
    assert outcome.design.lambda2 is None and outcome.design.efficiency is None


def test_nobody_with_room_covers_nothing_and_says_so() -> None:
    outcome = allocate(simple(capacity={"E1": 0, "E2": 0}))
    (short,) = outcome.shortfalls
    assert outcome.allocations == () and (short.need, short.have) == (4, 0)
    assert {str(fix) for fix in short.fixes} == {"4 more plans for E1", "4 more plans for E2"}


def test_a_plan_with_which_everybody_has_a_conflict_is_the_only_one_left_open() -> None:
    outcome = allocate(simple(conflicts=(Conflict("P1", "E1", "wrote advice"), Conflict("P1", "E2", "wrote advice"))))
    (short,) = outcome.shortfalls
    assert short.plans == ("P1",) and short.auditors == () and len(outcome.allocations) == 3
    assert [str(fix) for fix in short.fixes] == ["clear the conflict P1-E1", "clear the conflict P1-E2"]


def test_no_plans_are_allocated_without_complaint() -> None:
    assert allocate(simple(plans=0)).allocations == ()


def test_a_plan_that_needs_two_gets_two_different_auditors() -> None:
    outcome = allocate(simple(auditors_per_plan={"education": 2}))
    assert set(Counter(outcome.allocations).values()) == {1} and outcome.loads == {"E1": 4, "E2": 4}


def test_started_work_stays_even_where_it_is_more_than_asked_for() -> None:
    outcome = allocate(simple(locked=(("P1", "E1"), ("P1", "E2")), capacity={"E1": 0}))
    pairs = {(one.plan, one.auditor) for one in outcome.allocations}
    assert {("P1", "E1"), ("P1", "E2")} <= pairs and outcome.feasible and outcome.loads == {"E1": 1, "E2": 4}


def test_a_seed_goes_to_everybody_who_may_score_it_and_counts_in_the_load() -> None:
    outcome = allocate(simple(auditors=4, seeds=("S1",), conflicts=(Conflict("S1", "E2", "knows the family"),)))
    assert [one.auditor for one in outcome.allocations if one.plan == "S1"] == ["E1", "E3", "E4"]
    assert sorted(outcome.loads.values()) == [1, 2, 2, 2]


def test_part_timers_get_plans_in_proportion() -> None:
    outcome = allocate(simple(plans=30, auditors=4, availability={"E1": 50, "E2": 50}))
    assert outcome.loads == {"E1": 5, "E2": 5, "E3": 10, "E4": 10}


def test_a_window_holds_and_the_others_share_the_rest_evenly() -> None:
    outcome = allocate(simple(plans=20, auditors=4, load_window={"E1": (2, 2), "E2": (8, 20)}))
    assert outcome.loads == {"E1": 2, "E2": 8, "E3": 5, "E4": 5}


def test_a_window_that_cannot_be_reached_is_said_and_costs_no_plan_its_auditor() -> None:
    problem = Problem(agencies={"education": ("E1", "E2")}, plans=("P1", "P2", "P3"), load_window={"E1": (4, 6)})
    outcome = allocate(problem)
    assert outcome.feasible and outcome.loads == {"E1": 3, "E2": 0}
    assert "education: E1 cannot get as many plans as asked for." in map(str, outcome.warnings)


def test_the_medium_instance_costs_exactly_the_known_optimum(shared: Path) -> None:
    problem = medium(shared / "data" / "allocation" / "03_medium_60x30.json")
    outcome = by_expertise(problem)
    cost = {agency: achieved(problem, outcome, agency).cost for agency in problem.agencies}
    assert cost == {"education": 19909, "health": 19218, "care": 20253}
    assert (outcome.design.repeat_pairs, outcome.design.repeat_triads) == (129, 11)


@pytest.mark.parametrize("agency, best", [("education", 16295), ("health", 14394), ("care", 16726)])
def test_the_part_time_instance_gets_the_least_majorised_loads(shared: Path, agency: str, best: int) -> None:
    problem = medium(shared / "data" / "allocation" / "04_medium_parttime.json")
    for outcome in (by_expertise(problem), allocate(problem)):
        assert sorted(outcome.loads[who] for who in problem.agencies[agency]) == [3, 3, 7, 7, 7, 7, 8, 8]
    assert achieved(problem, by_expertise(problem), agency).cost == best
    assert any("loads differ by 5 plans" in str(caution) and caution.agency == agency for caution in outcome.warnings)


def test_loads_are_even_when_conflicts_forbid_the_simplest_range() -> None:
    """E1 may take only P1 and P2: the even range is 3 each, the best possible 2 and 4."""
    barred = tuple(Conflict(f"P{place}", "E1", "setting") for place in range(3, 7))
    outcome = allocate(simple(plans=6, conflicts=barred))
    assert outcome.loads == {"E1": 2, "E2": 4} and np.array(list(outcome.loads.values())).sum() == 6
