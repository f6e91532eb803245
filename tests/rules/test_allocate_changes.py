"""What has changed since a draw is said in words, and never which plans are hidden."""

from dataclasses import replace
from typing import Any

import pytest

from moderation.allocate.changes import what_changed
from moderation.allocate.problem import Conflict, Problem
from moderation.allocate.queries import PersonName
from moderation.allocate.warnings import Names
from moderation.words import AgencyKind

PEOPLE = {"E1": "Helen Marsh", "E2": "Robert Ash", "H1": "Amina Khan"}
NAMES = Names({who: PersonName(who, name, "agency", "Agency", AgencyKind.EDUCATION) for who, name in PEOPLE.items()}, {})
BEFORE = Problem(
    agencies={"education": ("E1", "E2"), "health": ("H1",)},
    plans=("P1", "P2", "P3"),
    capacity={"E1": 3, "E2": 3, "H1": 3},
    auditors_per_plan={"education": 1, "health": 1},
    conflicts=(Conflict("P1", "E1", "knows the family"),),
    expertise_cost={"E1": {"P1": 600}},
    history=(("E1", "H1", 2),),
    seeds=("S1",),
)


@pytest.mark.parametrize(
    "change, words",
    [
        ({"plans": ("P1", "P2", "P3", "P4", "P5")}, ("2 plans were added",)),
        ({"plans": ("P1", "P2")}, ("1 plan was taken out",)),
        ({"conflicts": (*BEFORE.conflicts, Conflict("P2", "H1", "new"))}, ("1 conflict was recorded",)),
        ({"conflicts": ()}, ("1 conflict was cleared",)),
        ({"capacity": {"E1": 2, "E2": 5, "H1": 3}}, ("the number of plans that Helen Marsh and Robert Ash can take changed",)),
        ({"availability": {"H1": 60}}, ("the working time of Amina Khan changed",)),
        ({"auditors_per_plan": {"education": 2, "health": 1}}, ("the number of auditors for each plan changed",)),
        ({"expertise_cost": {}}, ("what auditors know best changed",)),
        ({"history": (("E1", "H1", 3),)}, ("auditors have met in another round",)),
        ({"extra": (("P1", "education"),)}, ("the plans to be scored twice changed",)),
        ({"seeds": ()}, ("the hidden plans changed",)),
        ({"agencies": {"education": ("E1",), "health": ("H1",)}}, ("Robert Ash left or went away",)),
        ({"agencies": {"education": ("E1", "E2", "E9"), "health": ("H1",)}}, ("1 auditor joined",)),
        ({"pair_weight": 100}, ("the way in which plans are drawn has changed",)),
    ],
)
def test_each_change_since_a_draw_is_named(change: dict[str, Any], words: tuple[str, ...]) -> None:
    assert what_changed(BEFORE.to_json(), replace(BEFORE, **change).to_json(), NAMES) == words


def test_somebody_who_joins_is_one_change_and_not_four() -> None:
    joined = replace(
        BEFORE,
        agencies={"education": ("E1", "E2"), "health": ("H1", "H2")},
        capacity={**BEFORE.capacity, "H2": 4},
        conflicts=(*BEFORE.conflicts, Conflict("P1", "H2", "wrote advice")),
        history=(*BEFORE.history, ("E1", "H2", 1)),
        expertise_cost={**BEFORE.expertise_cost, "H2": {"P2": 600}},
    )
    assert what_changed(BEFORE.to_json(), joined.to_json(), NAMES) == ("1 auditor joined",)


def test_a_conflict_with_a_hidden_plan_is_not_counted() -> None:
    hidden = replace(BEFORE, conflicts=(*BEFORE.conflicts, Conflict("S1", "E2", "met before")))
    assert what_changed(BEFORE.to_json(), hidden.to_json(), NAMES) == ("the way in which plans are drawn has changed",)
