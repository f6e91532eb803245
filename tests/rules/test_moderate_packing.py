"""Packing an agenda: never over the time, never worth less than any other choice, each criterion in one piece."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from moderation.moderate.packing import Choice, Turn, left, need, pack, parts, turns
from moderation.moderate.policy import Policy
from moderation.moderate.stakes import CHECK, alone
from moderation.register.framework import builtin, parse

CHOICES = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 5), st.booleans()), max_size=7).map(
    lambda found: [Choice(f"d{place}", criterion, worth, alone) for place, (criterion, worth, alone) in enumerate(found)]
)
MINUTES = st.integers(0, 60)


@given(CHOICES, MINUTES)
def test_no_other_choice_that_fits_is_worth_more(choices: list[Choice], minutes: int) -> None:
    offered = turns(choices, 6, 3)
    taken = pack(offered, minutes)
    assert sum(turn.minutes for turn in taken) <= minutes
    sets = (some for size in range(len(offered) + 1) for some in combinations(offered, size))
    best = max(sum(turn.worth for turn in some) for some in sets if sum(turn.minutes for turn in some) <= minutes)
    assert sum(turn.worth for turn in taken) == best


@given(CHOICES)
def test_every_disagreement_is_offered_once_and_a_question_is_about_one_criterion(choices: list[Choice]) -> None:
    offered = turns(choices, 6, 3)
    assert sorted(key for turn in offered for key in turn.keys) == sorted(choice.key for choice in choices)
    questions = [turn for turn in offered if turn.is_question]
    assert all(len(turn.choices) >= 3 and {one.criterion for one in turn.choices} == {turn.first.criterion} for turn in questions)
    assert not any(choice.is_alone for turn in questions for choice in turn.choices)


@given(CHOICES, MINUTES)
def test_each_criterion_stands_in_one_piece(choices: list[Choice], minutes: int) -> None:
    order = [turn.first.criterion for turn in pack(turns(choices, 6, 3), minutes)]
    pieces = [criterion for place, criterion in enumerate(order) if place == 0 or order[place - 1] != criterion]
    assert len(pieces) == len(set(pieces))


def keys(taken: list[Turn]) -> list[list[str]]:
    return [turn.keys for turn in taken]


def test_the_worthiest_stands_first() -> None:
    choices = [Choice("a", "E01", 1), Choice("b", "F02", 9), Choice("c", "E01", 8), Choice("d", "F02", 2)]
    assert keys(pack(turns(choices, 6, 3), 18)) == [["b"], ["d"], ["c"]]


def test_a_question_is_worth_what_all_its_plans_are_and_goes_on_as_one() -> None:
    many = [Choice(f"f{place}", "F02", 4, is_alone=False) for place in range(4)]
    assert keys(pack(turns([*many, Choice("e", "E01", 15)], 6, 3), 18)) == [["f0", "f1", "f2", "f3"]]
    assert keys(pack(turns([*many, Choice("e", "E01", 17)], 6, 3), 18)) == [["e"]]
    assert keys(pack(turns([*many, Choice("e", "E01", 17)], 6, 3), 24)) == [["e"], ["f0", "f1", "f2", "f3"]]


def test_a_meeting_asks_about_a_criterion_once_and_a_question_holds_what_can_be_looked_at() -> None:
    many = [Choice(f"f{place:02}", "F02", 50 - place, is_alone=False) for place in range(45)]
    (question,) = turns(many, 6, 3)
    assert (question.keys, question.minutes) == ([f"f{place:02}" for place in range(15)], 40)
    assert turns(many, 6, 3, asked=["F02"]) == []
    assert (parts(45), parts(20), parts(21)) == ([15, 15, 15], [20], [11, 10])


def test_how_much_is_left() -> None:
    assert (left(90), left(90, 60), left(20, 6), left(5, 60)) == (80, 20, 14, 0)


def test_a_hundred_thousand_are_packed() -> None:
    choices = [Choice(f"d{place}", f"C{place % 46}", place * 7919 % 10_007, place % 3 > 0) for place in range(110_000)]
    assert 0 < sum(turn.minutes for turn in pack(turns(choices, 6, 3), 80)) <= 80


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
