"""Rounds, agencies and changes."""

import numpy as np
import pytest

from stats import Ratings, Scale, between, difference, measure, measure_pairs, measure_round, rater_group_difference, within
from stats.measure import measure_all
from stats.registry import find
from stats.simulate import SCALE, a_criterion


def some_criteria(plans: int = 60, seed: int = 1, error: float = 0.9, raters: int = 4) -> dict[str, Ratings]:
    random = np.random.default_rng(seed)
    quality = random.normal(size=plans)
    return {key: a_criterion(random, quality, raters=raters, error=error) for key in ("F01", "F02", "F03")}


def test_a_round_measures_each_criterion_as_it_would_be_alone() -> None:
    criteria = some_criteria()
    result = measure_round(criteria, {"round": list(criteria)}, ("alpha", "gwet", "percent"), replicates=200)
    for key, ratings in criteria.items():
        alone = measure(ratings, replicates=200)
        assert result.criterion(key).value == alone.value
        assert result.criterion(key).low == pytest.approx(alone.low, abs=0.06)
        assert result.criterion(key, "gwet").stat == "gwet_ac2_ordinal"
    assert result.group("round").percent == pytest.approx(result.group("round", "percent").value)


def test_a_round_of_which_nothing_was_rated_twice_says_so() -> None:
    lonely = Ratings.of([[1, None], [None, 2]], SCALE)
    result = measure_round({"F01": lonely}, {"round": ["F01"], "empty": []})
    assert result.group("round").undefined == "No plan was rated by two auditors."
    assert result.group("empty").undefined == "Agreement cannot be worked out for any question in this group."


def test_a_criterion_without_agreement_is_left_out_of_its_section() -> None:
    criteria = some_criteria() | {"same": Ratings.of([[2, 2, 2, 2]] * 60, SCALE)}
    result = measure_round(criteria, {"with": list(criteria), "without": list(criteria)[:3]}, replicates=100)
    assert result.criterion("same").value is None
    assert result.group("with").value == result.group("without").value


def test_between_two_single_raters_it_is_plain_alpha() -> None:
    criteria = some_criteria()
    for level in ("nominal", "ordinal", "interval", "ratio"):
        ratings = Ratings(criteria["F01"].codes, Scale.of(level, [1, 2, 3, 4]))
        across = between({"F01": ratings}, [0], [2], replicates=50)
        plain = measure(ratings.of_raters([0, 2]), replicates=50)
        assert across.value == pytest.approx(plain.value, abs=1e-12)
        assert across.percent == pytest.approx(plain.percent, abs=1e-12)
        assert across.pairable_items == plain.pairable_items


def test_between_agencies_only_pairs_across_them_count() -> None:
    """Health agrees with itself perfectly and with education never."""
    ratings = Ratings.of([[1, 2, 2], [2, 3, 3], [3, 4, 4], [4, 1, 1]] * 5, Scale.of("nominal", [1, 2, 3, 4]))
    pairs = measure_pairs({"F01": ratings}, {"education": [0], "health": [1, 2]}, replicates=50)
    assert pairs["health", "health"].value == 1
    across = pairs["education", "health"]
    assert across.percent == 0
    assert across.value is not None and across.value < 0
    assert pairs["education", "education"].undefined == "Only one auditor rated these plans."


def test_agencies_that_never_meet_have_no_agreement() -> None:
    ratings = Ratings.of([[1, None], [None, 2]], SCALE)
    assert between({"F01": ratings}, [0], [1]).undefined == "There are no ratings."


def test_within_takes_some_raters_only() -> None:
    criteria = some_criteria()
    chosen = {key: ratings.of_raters([1, 3]) for key, ratings in criteria.items()}
    assert within(criteria, [1, 3]).value == measure_round(chosen, {"all": list(chosen)}).group("all").value


def test_no_change_is_exactly_zero_when_the_same_plans_are_drawn() -> None:
    criteria = some_criteria()
    same = difference(criteria, criteria, paired=True, replicates=100)
    assert (same.value, same.low, same.high, same.is_clear) == (0, 0, 0, False)


def test_a_clear_improvement_is_seen() -> None:
    change = difference(some_criteria(80, 1, error=1.6), some_criteria(80, 2, error=0.3), paired=False, replicates=300)
    assert change.value == pytest.approx(change.after.value - change.before.value)
    assert change.is_clear and change.low > 0


def test_pairing_narrows_the_interval() -> None:
    before, after = some_criteria(60, 1, error=0.9), some_criteria(60, 1, error=0.8)
    paired = difference(before, after, paired=True, replicates=400)
    apart = difference(before, after, paired=False, replicates=400)
    assert paired.value == apart.value
    assert paired.high - paired.low < apart.high - apart.low


def test_a_change_that_every_plan_shows_alike_still_has_a_width() -> None:
    before, after = Ratings.of([[2, 1], [1, 2]] * 6, SCALE), Ratings.of([[2, 2], [1, 1]] * 6, SCALE)
    change = difference(before, after, "percent", paired=True)
    assert (change.value, change.high, change.method) == (1, 1, "binomial")
    assert change.low == pytest.approx(2 * 0.025 ** (1 / 12) - 1)
    few = difference(before.of_plans(slice(0, 3)), after.of_plans(slice(0, 3)), "percent", paired=True)
    assert not few.is_clear


def test_a_difference_needs_a_value_on_both_sides() -> None:
    same = Ratings.of([[2, 2, 2, 2]] * 60, SCALE)
    change = difference(some_criteria()["F01"], same, paired=True)
    assert change.value is None
    assert change.undefined == "Every rating is the same, so there is nothing to tell agreement from chance."


def test_two_groups_of_raters_are_compared_on_the_same_plans() -> None:
    change = rater_group_difference(some_criteria(), [0, 1], [2, 3], replicates=100)
    assert change.value is not None and change.low is not None and change.low < change.value < change.high


def test_rows_of_the_same_plan_are_drawn_together() -> None:
    """Every plan three times over: the interval must not believe in three times as many plans."""
    ratings = some_criteria()["F01"]
    tripled = ratings.of_plans(np.tile(np.arange(60), 3))
    (apart,) = measure_all(tripled, [find("alpha_ordinal", SCALE)], replicates=400)
    (together,) = measure_all(tripled, [find("alpha_ordinal", SCALE)], plans=np.tile(np.arange(60), 3), replicates=400)
    assert together.width == pytest.approx(measure(ratings, replicates=400).width, rel=0.15)
    assert apart.width < 0.75 * together.width
