"""Expertise as costs, and what the settings between expertise and independence lead to."""

import pytest

from moderation.allocate.expertise import NEED_COST, Knows, PlanKnown, expertise_costs, share_known
from moderation.allocate.problem import Problem
from moderation.allocate.rules import Options, check_options
from moderation.allocate.solve import allocate
from moderation.allocate.terms import SLIDER
from moderation.allocate.warnings import APART_WITHIN, Names, warnings_of
from moderation.allocate.weighing import compared
from moderation.words import InvalidInput

PLANS = [PlanKnown(f"p{number}", "SEMH" if number % 2 else "ASD", number % 12) for number in range(12)]


def test_a_plan_costs_nothing_to_somebody_who_knows_its_need_and_phase() -> None:
    knows = Knows("ali", frozenset({"SEMH"}), frozenset({"Years 7 to 9"}))
    assert [knows.cost("SEMH", "Years 7 to 9"), knows.cost("SEMH", "Post-16"), knows.cost("ASD", "Post-16")] == [0, 400, 1000]


def test_somebody_of_whom_nothing_is_recorded_has_no_costs() -> None:
    costs = expertise_costs(PLANS, [Knows("ali", frozenset({"SEMH"})), Knows("chen")])
    assert set(costs) == {"ali"}
    assert costs["ali"]["p1"] == 0 and costs["ali"]["p2"] == NEED_COST


def test_auditors_who_know_the_same_share_one_row() -> None:
    costs = expertise_costs(PLANS, [Knows("ali", frozenset({"SEMH"})), Knows("reid", frozenset({"SEMH"}))])
    assert costs["ali"] is costs["reid"]


def test_the_share_known_counts_only_people_of_whom_something_is_recorded() -> None:
    costs = expertise_costs(PLANS, [Knows("ali", frozenset({"SEMH"}))])
    assert share_known([("p1", "ali"), ("p2", "ali"), ("p2", "chen")], costs) == 0.5
    assert share_known([("p2", "chen")], costs) is None


def test_each_setting_is_tried_and_expertise_alone_knows_most() -> None:
    people = {"E": ("e1", "e2", "e3"), "H": ("h1", "h2", "h3")}
    knows = [Knows(who, frozenset({"SEMH"} if who.endswith("1") else {"ASD"})) for agency in people.values() for who in agency]
    problem = Problem(
        agencies=people, plans=tuple(plan.round_plan_id for plan in PLANS), expertise_cost=expertise_costs(PLANS, knows)
    )
    lines = compared(problem, 3, allocate(problem, "seed"))
    assert [line.weighing for line in lines] == [1, 2, 3, 4, 5]
    assert [line.name for line in lines] == [setting.name for setting in SLIDER]
    assert lines[0].known == max(line.known or 0 for line in lines)


def test_without_expertise_there_is_nothing_to_weigh() -> None:
    problem = Problem(agencies={"E": ("e1",)}, plans=("p1",))
    assert compared(problem, 3, allocate(problem, "seed")) == ()


@pytest.mark.parametrize("options", [Options(101), Options(-1), Options(0, 4), Options(0, -1)])
def test_shares_and_numbers_of_seeds_have_limits(options: Options) -> None:
    with pytest.raises(InvalidInput):
        check_options(options)


def test_agencies_whose_auditors_fall_apart_share_one_sentence() -> None:
    cautions = [{"kind": "apart_within", "agency": agency, "plans": (), "auditors": (), "number": 2} for agency in ("E", "H")]
    assert warnings_of(cautions, Names({}, {})) == [APART_WITHIN.format("this agency and this agency")]
