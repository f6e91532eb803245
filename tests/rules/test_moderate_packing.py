"""Packing an agenda: never over the time, never worth less than any other choice, each criterion in one piece."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from moderation.moderate.packing import Choice, fitting, need, pack
from moderation.moderate.policy import Policy
from moderation.moderate.stakes import CHECK, alone
from moderation.register.framework import builtin, parse

CHOICES = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 5)), max_size=9).map(
    lambda pairs: [Choice(f"d{place}", criterion, worth) for place, (criterion, worth) in enumerate(pairs)]
)


@given(CHOICES, st.integers(0, 10))
def test_no_other_choice_that_fits_is_worth_more(choices: list[Choice], places: int) -> None:
    worth = {choice.key: choice.worth for choice in choices}
    taken = pack(choices, places)
    size = min(places, len(choices))
    assert len(taken) == len(set(taken)) == size
    best = max(sum(choice.worth for choice in some) for some in combinations(choices, size))
    assert sum(worth[key] for key in taken) == best


@given(CHOICES, st.integers(0, 10))
def test_each_criterion_stands_in_one_piece(choices: list[Choice], places: int) -> None:
    of = {choice.key: choice.criterion for choice in choices}
    order = [of[key] for key in pack(choices, places)]
    pieces = [criterion for place, criterion in enumerate(order) if place == 0 or order[place - 1] != criterion]
    assert len(pieces) == len(set(pieces))


def test_the_worthiest_stands_first() -> None:
    choices = [Choice("a", "E01", 1), Choice("b", "F02", 9), Choice("c", "E01", 8), Choice("d", "F02", 2)]
    assert pack(choices, 3) == ["b", "d", "c"]


def test_how_many_fit() -> None:
    assert (fitting(90, 6), fitting(20, 6), fitting(5, 6), fitting(90, 90)) == (13, 3, 0, 0)


def test_a_hundred_thousand_are_packed() -> None:
    choices = [Choice(f"d{place}", f"C{place % 46}", place * 7919 % 10_007) for place in range(110_000)]
    assert len(pack(choices, 13)) == 13


def test_what_recurs_is_one_question_about_the_guidance_and_the_rest_is_discussed_one_by_one() -> None:
    cells = [*[("F02", False)] * 5, ("F02", True), *[("E02", False)] * 2, ("B01", True)]
    found = need(cells, recurs_from=3)
    assert (found.one_by_one, found.questions, found.grouped) == (4, (5,), 5)
    assert found.minutes == 4 * 6 + 10 + 5 * 2
    assert need([], recurs_from=3).minutes == 0


def test_the_overall_judgement_critical_criteria_grade_changes_and_checks_are_discussed_alone() -> None:
    policy = Policy.of(parse(builtin()))
    plain = next(one for one in policy.criteria.values() if not one.critical)
    critical = next(one for one in policy.criteria.values() if one.critical)
    assert alone(critical, []) and not alone(plain, ["2 levels apart: Good to Inadequate."])
    for reason in ("Is the overall grade: x.", "Changes the overall grade: x.", "Changes the section grade: x.", CHECK):
        assert alone(plain, ["2 levels apart: x.", reason])
