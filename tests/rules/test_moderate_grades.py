"""Section grades, the suggested overall grade with its limiting rules, and what is at stake."""

import random

import pytest

from moderation.moderate.grades import half_down, overall_suggested, section_grade, weighted_median
from moderation.moderate.policy import Policy
from moderation.moderate.rules import Mark, route
from moderation.moderate.stakes import Case, Outlook, Stake, check_of_agreement, stake
from moderation.register.framework import builtin, parse

POLICY = Policy.of(parse(builtin()))
ORDINAL = dict.fromkeys(POLICY.shares, 3.0)
YES = {key: 1.0 for key, criterion in POLICY.criteria.items() if not criterion.is_ordinal}
GOOD = ORDINAL | YES | {"O01": 3.0}


@pytest.mark.parametrize(
    ("pairs", "median"),
    [
        ([(2, 1), (3, 1)], 2),
        ([(2, 1), (3, 1.5)], 3),
        ([(1, 1), (2, 1), (4, 1)], 2),
        ([(4, 2.5), (1, 1), (2, 1)], 4),
        ([(1, 0.1), (2, 0.2), (4, 0.3)], 2),
        ([(3, 0)], None),
        ([], None),
    ],
)
def test_the_weighted_median_goes_down_at_ties(pairs: list[tuple[float, float]], median: float | None) -> None:
    assert weighted_median(pairs) == median


@pytest.mark.parametrize(("mean", "level"), [(2.5, 2), (2.51, 3), (2.49, 2), (3.5, 3), (1.0, 1), (4.0, 4)])
def test_exact_halves_go_down(mean: float, level: int) -> None:
    assert half_down(mean) == level


def test_a_section_has_the_weighted_median_of_its_ordinal_criteria() -> None:
    assert section_grade("E", {"E01": 2, "E02": 3, "E03": 4, "B02": 1}, POLICY) == 3
    assert section_grade("F", {"F01": 0, "F02": 2, "F03": 4}, POLICY) == 2
    assert section_grade("F", {"F01": 0}, POLICY) is None


def test_sections_without_a_graded_criterion_have_no_grade() -> None:
    assert section_grade("J", {"J01": 1}, POLICY) is None
    assert section_grade("K", {"K01": 1, "K02": 4}, POLICY) is None
    assert section_grade("O", {"O01": 4}, POLICY) is None


def test_the_overall_suggestion_leaves_the_overall_judgement_and_own_discipline_advice_out() -> None:
    assert overall_suggested(GOOD, POLICY) == 3
    assert overall_suggested(GOOD | {"O01": 1, "K02": 1}, POLICY) == 3
    assert overall_suggested({"O01": 4, "K02": 4, "W01": 1}, POLICY) is None


def test_the_overall_suggestion_weighs_criterion_by_section() -> None:
    # F02 weighs 2.5 x 2.0, W04 1.0 x 1.0: (2 x 5 + 4 x 1) / 6 = 2.33
    assert overall_suggested({"F02": 2, "W04": 4}, POLICY) == 2
    # A01 1.5 and C01 1.5: an exact half
    assert overall_suggested({"A01": 2, "C01": 3}, POLICY) == 2


def test_a_critical_no_caps_at_requires_improvement() -> None:
    assert overall_suggested(GOOD | {"B01": 0}, POLICY) == 2


def test_three_statutory_noes_cap_at_inadequate_and_lateness_is_not_counted() -> None:
    two = {"A04": 0.0, "C02": 0.0}
    assert overall_suggested(GOOD | two, POLICY) == 3
    assert overall_suggested(GOOD | two | {"W08": 0}, POLICY) == 3
    assert overall_suggested(GOOD | two | {"D02": 0}, POLICY) == 1


@pytest.mark.parametrize("key", ["E01", "F02"])
def test_inadequate_outcomes_or_provision_cap_at_requires_improvement(key: str) -> None:
    assert overall_suggested(GOOD | {key: 1}, POLICY) == 2


def test_a_confirmed_data_breach_caps_at_inadequate() -> None:
    assert overall_suggested(GOOD, POLICY, confirmed_flags=["data_breach"]) == 1
    assert overall_suggested(GOOD, POLICY, confirmed_flags=["safeguarding"]) == 3


def cells(**changed: tuple[float, ...]) -> dict[str, list[Mark]]:
    """A plan that everybody finds good, but for some criteria."""
    marks = {key: [Mark(value), Mark(value)] for key, value in GOOD.items()}
    return marks | {key: [Mark(value) for value in ratings] for key, ratings in changed.items()}


def at_stake(key: str, plan: dict[str, list[Mark]], plans_alike: int = 1) -> Stake:
    return stake(Case.of(POLICY.criteria[key], plan[key], plans_alike), Outlook.of(plan, POLICY), POLICY)


def titles(found: Stake) -> list[str]:
    return [reason.partition(":")[0] for reason in found.reasons]


def test_a_critical_no_is_said_to_change_the_overall_grade() -> None:
    found = at_stake("B01", cells(B01=(0, 1, 1)))
    assert titles(found) == ["Changes the overall grade", "Statutory and critical", "Split"]
    assert "Requires improvement if “No”, Good if “Yes”" in found.reasons[0]


def test_the_overall_judgement_is_the_overall_grade() -> None:
    assert titles(at_stake("O01", cells(O01=(2, 3)))) == ["Is the overall grade", "1 level apart"]


def test_a_difference_that_changes_only_its_section_says_so() -> None:
    found = at_stake("G01", cells(G01=(2, 3)))
    assert titles(found) == ["Changes the section grade", "1 level apart"]
    assert found.reasons[0] == "Changes the section grade: Requires improvement or Good."


def test_applicability_can_take_a_section_its_grade() -> None:
    plan = cells() | {"D01": [Mark(3), Mark(non_score="not_applicable")]}
    found = at_stake("D01", plan)
    assert titles(found) == ["Changes the section grade", "Applies or not"]
    assert "Good or no grade" in found.reasons[0]


def test_what_recurs_on_a_criterion_is_said_from_three_plans_on() -> None:
    plan = cells(W09=(3, 4))
    assert "Recurs on this criterion" not in titles(at_stake("W09", plan, 2))
    assert "Recurs on this criterion" in titles(at_stake("W09", plan, 3))


def test_the_order_is_overall_then_section_then_duty_then_recurrence_then_width() -> None:
    overall = at_stake("O01", cells(O01=(2, 3)))
    section = at_stake("G01", cells(G01=(2, 3)))
    statutory = at_stake("J01", cells(J01=(0, 1)))
    recurring = at_stake("W09", cells(W09=(3, 4)), plans_alike=9)
    wide = at_stake("W09", cells(W09=(2, 4)))
    narrow = at_stake("W09", cells(W09=(3, 4)))
    ranked = [overall, section, statutory, recurring, wide, narrow, check_of_agreement()]
    assert [found.weight for found in ranked] == sorted((found.weight for found in ranked), reverse=True)
    assert len({found.weight for found in ranked}) == len(ranked)


def test_500_plans_of_46_criteria_are_routed_and_ranked() -> None:
    dice = random.Random(1)
    plans = [
        {key: [Mark(dice.choice([2, 3, 3, 3, 4]) if one.is_ordinal else dice.choice([0, 1, 1, 1, 1, 1])) for _ in range(3)]
         for key, one in POLICY.criteria.items()}
        for _ in range(500)
    ]  # fmt: skip
    found = 0
    for plan in plans:
        outlook = Outlook.of(plan, POLICY)
        routed = [key for key, marks in plan.items() if route(marks, POLICY.criteria[key], POLICY.watches[key])]
        found += len([stake(Case.of(POLICY.criteria[key], plan[key]), outlook, POLICY) for key in routed])
    assert found > 5000
