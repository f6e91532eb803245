"""The verifier finds every kind of broken rule that is planted."""

from dataclasses import replace

import pytest

from moderation.allocate.problem import Allocation, Conflict, Problem, Shortfall
from moderation.allocate.solve import allocate
from moderation.allocate.verifier import violations

PROBLEM = Problem(
    agencies={"education": ("E1", "E2"), "health": ("H1", "H2")},
    plans=("P1", "P2"),
    capacity={"E1": 2, "E2": 2},
    conflicts=(Conflict("P1", "H2", "wrote advice"),),
    locked=(("P2", "H2"),),
    seeds=("S1",),
)
MADE = allocate(PROBLEM, 1).allocations


def test_a_good_allocation_stands() -> None:
    assert violations(PROBLEM, MADE) == []


def swapped(**changes: str) -> list[Allocation]:
    first = next(one for one in MADE if (one.plan, one.agency) == ("P1", "health"))
    return [one._replace(**changes) if one == first else one for one in MADE]


@pytest.mark.parametrize(
    "made, words",
    [
        (swapped(plan="P9"), "There is no plan P9"),
        (swapped(auditor="X1"), "X1 does not work for health"),
        (swapped(auditor="H2"), "in spite of a conflict (wrote advice)"),
        ([*MADE, MADE[0]], "2 times"),
        ([one for one in MADE if one != ("P2", "H2", "health")], "H2 has begun P2 and lost it"),
        ([one for one in MADE if one.plan != "P1"], "P1 has 1 auditors too few of education"),
        ([*MADE, Allocation("P2", "H1", "health")], "P2 has 1 auditors too many of health"),
        ([one for one in MADE if one != ("S1", "E1", "education")], "E1 could score the seed S1"),
    ],
)
def test_each_planted_fault_is_found(made: list[Allocation], words: str) -> None:
    assert any(words in fault for fault in violations(PROBLEM, made))


def test_an_overloaded_auditor_is_found() -> None:
    assert any("with room for 1" in fault for fault in violations(replace(PROBLEM, capacity={"E1": 1}), MADE))


def test_an_explanation_that_proves_nothing_is_found() -> None:
    partial = [one for one in MADE if (one.plan, one.agency) != ("P1", "education")]
    excuse = Shortfall("education", plans=("P1",), auditors=("E1",), need=1, have=0, unfilled=("P1",))
    assert any("counted again: 1 - 2" in fault for fault in violations(PROBLEM, partial, [excuse]))
