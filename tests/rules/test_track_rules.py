"""Plan quality in plain values: shares with intervals, what is withheld, and which rounds go together."""

import math
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.register.framework import builtin, parse
from moderation.track.rules import (
    HIDDEN_BELOW,
    Graded,
    comparable_criteria,
    quality,
    windows,
    withheld_groups,
)
from stats.shares import change_of_share, effective_number, wilson

LEVELS = (1, 2, 3, 4)


def grades(*values: float, weight: float = 1.0) -> list[Graded]:
    return [Graded(value, weight) for value in values]


def test_a_share_has_the_score_interval_of_the_books() -> None:
    found = wilson(81 / 263, 263)  # Newcombe 1998, table I: 0.2553 to 0.3662
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)


def test_all_plans_good_is_not_certainty() -> None:
    found = quality(grades(*[3] * 12), LEVELS, 2).better
    assert found is not None and found.value == 1 and 0.7 < found.low < 0.8 and found.high == 1


def test_a_difference_has_the_interval_of_the_books() -> None:
    found = change_of_share(wilson(48 / 80, 80), wilson(56 / 70, 70))  # Newcombe 1998, table II (a), turned round
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    assert found.is_clear


def test_weights_count_plans_of_the_area() -> None:
    found = quality([*grades(1, 1, 2), *grades(3, 4, weight=3)], LEVELS, 2)
    assert found.shares == pytest.approx((2 / 9, 1 / 9, 3 / 9, 3 / 9))
    assert found.better is not None and found.better.value == pytest.approx(6 / 9)
    assert effective_number([1, 1, 1, 3, 3]) < 5


@pytest.mark.parametrize("count", range(HIDDEN_BELOW))
def test_fewer_than_five_plans_show_nothing_not_even_their_number(count: int) -> None:
    found = quality(grades(*[3] * count), LEVELS, 2)
    assert (found.plans, found.shares, found.better) == (None, (), None)
    assert found.hidden


def test_a_small_group_is_never_the_only_hidden_one() -> None:
    assert sorted(withheld_groups({"a": 24, "b": 16, "c": 2})) == ["b", "c"]
    assert sorted(withheld_groups({"a": 24, "b": 16, "c": 6, "d": 1, "e": 1})) == ["c", "d", "e"]
    assert withheld_groups({"a": 24, "b": 16}) == {}
    assert sorted(withheld_groups({"a": 3})) == ["a"]


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(min_value=1, max_value=40), max_size=6))
def test_what_is_hidden_cannot_be_taken_from_the_total(plans: dict[str, int]) -> None:
    hidden = withheld_groups(plans)
    small = {group for group, count in plans.items() if count < HIDDEN_BELOW}
    assert small <= set(hidden)
    if small and len(hidden) < len(plans):
        assert len(hidden) > 1 and sum(plans[group] for group in hidden) >= HIDDEN_BELOW


@given(
    st.lists(st.tuples(st.sampled_from(LEVELS), st.floats(min_value=0.1, max_value=9)), min_size=5, max_size=40),
)
def test_every_share_lies_in_its_interval_and_levels_add_up(plans: list[tuple[int, float]]) -> None:
    found = quality([Graded(grade, weight) for grade, weight in plans], LEVELS, 2)
    assert math.isclose(sum(found.shares), 1)
    assert found.better is not None
    assert 0 <= found.better.low <= found.better.value + 1e-12 and found.better.value <= found.better.high + 1e-12 <= 1 + 1e-9


def test_twelve_months_are_counted_back_from_the_latest_round() -> None:
    found = windows([date(2025, 9, 30), date(2025, 10, 1), date(2026, 9, 30)])
    assert [str(window) for window in found] == ["2024-10-01..2025-09-30", "2025-10-01..2026-09-30"]
    assert [str(window) for window in windows([date(2024, 2, 29)])] == ["2023-03-01..2024-02-29"]
    assert windows([]) == ()


def test_a_criterion_that_changed_its_meaning_is_not_joined_over_time() -> None:
    old = parse(builtin())
    new = old.with_criteria(replace(one, comparable_with_previous=one.key != "F02") for one in old.criteria)
    joined = {one.key for one in comparable_criteria([old, new])}
    assert "F02" not in joined and "F01" in joined
    assert "F02" in {one.key for one in comparable_criteria([new, new])}
    assert comparable_criteria([]) == ()
