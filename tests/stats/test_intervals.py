"""Standard errors equal the published ones; intervals hold the true value as often as they say."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stats import Ratings, Scale, State, find, measure, measure_all, measure_round, resolve
from stats.bootstrap import resample
from stats.intervals import analytic, jackknife
from stats.patterns import Patterns
from stats.simulate import coverage_of_criterion, coverage_of_section
from stats.standard_errors import standard_error

CASES = json.loads((Path(__file__).parent.parent / "data" / "reference_agreement.json").read_text())["cases"]
WITH_ERRORS = [(case, expected) for case in CASES for expected in case["expected"] if expected.get("se")]


def ratings_of(case: dict[str, Any]) -> Ratings:
    return Ratings.of([list(row) for row in zip(*case["ratings"], strict=True)], Scale.of(case["level"], case["categories"]))


@pytest.mark.parametrize("pair", WITH_ERRORS, ids=lambda pair: f"{pair[0]['id']}-{pair[1]['stat']}")
def test_the_closed_form_equals_the_reference(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    case, expected = pair
    printed = expected["se"]["value"]
    digits = len(repr(printed).split(".")[-1])
    error = standard_error(expected["stat"], Patterns.of(ratings_of(case)))
    assert error == pytest.approx(printed, abs=max(0.6 * 10**-digits, 1e-7))


def test_there_is_no_closed_form_for_ordinal_alpha() -> None:
    result = analytic(ratings_of(CASES[1]), "alpha_ordinal")
    assert result.value is not None
    assert result.low is None
    assert result.note == "There is no formula for the standard error of this statistic."


def test_intraclass_correlations_have_the_limits_that_are_printed_for_them() -> None:
    """Shrout and Fleiss (1979), table 2, as the psych package prints it."""
    ratings = ratings_of(next(case for case in CASES if case["id"] == "shrout_fleiss1979"))
    printed = {
        "icc_1_1": (-0.133, 0.72), "icc_2_1": (0.019, 0.76), "icc_3_1": (0.342, 0.95),
        "icc_1_k": (-0.884, 0.91), "icc_2_k": (0.071, 0.93), "icc_3_k": (0.676, 0.99),
    }  # fmt: skip
    for name, (low, high) in printed.items():
        found = analytic(ratings, name)
        assert found.low == pytest.approx(low, abs=6e-4), name
        assert found.high == pytest.approx(high, abs=6e-3), name
        assert found.method == "analytic"


def test_an_intraclass_correlation_without_error_has_no_limits() -> None:
    perfect = analytic(Ratings.of([[1, 1], [2, 2], [3, 3]], Scale.of("interval", [1, 2, 3])), "icc_2_1")
    assert (perfect.value, perfect.low, perfect.note) == (1, None, "The ratings vary too little for a standard error.")
    same = analytic(Ratings.of([[1, 1], [1, 1]], Scale.of("interval", [1, 2, 3])), "icc_2_1")
    assert same.value is None and same.undefined


@pytest.mark.parametrize("name", ["gwet_ac1", "fleiss_kappa", "alpha_nominal", "percent_agreement"])
def test_jackknife_and_closed_form_tell_the_same(name: str) -> None:
    ratings = ratings_of(next(case for case in CASES if case["id"] == "irrcac_3x3abstractors"))
    one, other = analytic(ratings, name), jackknife(ratings, name)
    assert one.standard_error == pytest.approx(other.standard_error, rel=0.05)
    assert one.low == pytest.approx(other.low, abs=0.02)


def test_the_same_seed_gives_the_same_interval() -> None:
    ratings = ratings_of(CASES[1])
    assert measure(ratings, seed=3) == measure(ratings, seed=3)
    assert measure(ratings, seed=3).low != measure(ratings, seed=4).low


def test_batches_do_not_change_the_draws() -> None:
    times = np.array([5, 3, 40])
    whole = np.concatenate(list(resample(times, 20, seed=2)))
    parts = np.concatenate(list(resample(times, 20, seed=2, depth=700_000)))
    assert np.array_equal(whole, parts)
    assert np.all(whole.sum(axis=1) == 48)


def test_when_every_plan_agrees_the_interval_is_still_honest() -> None:
    scale = Scale.of("ordinal", [1, 2, 3, 4])
    lows = []
    for plans in (12, 60, 400):
        result = measure(Ratings.of([[level % 4 + 1] * 3 for level in range(plans)], scale))
        assert (result.value, result.high) == (1, 1)
        assert result.low is not None
        lows.append(result.low)
    assert lows == sorted(lows)
    assert lows[0] < 0.6 < 0.97 < lows[-1]


def test_without_replicates_there_is_no_interval() -> None:
    result = measure(ratings_of(CASES[1]), replicates=0)
    assert (result.low, result.high, result.method, result.note) == (None, None, None, None)


def test_states_follow_the_number_of_pairable_plans() -> None:
    scale = Scale.of("nominal", [0, 1])
    states = [measure(Ratings.of([[k % 2, (k // 2) % 2] for k in range(n)], scale), replicates=0).state for n in (9, 10, 49, 50)]
    assert states == [State.UNDEFINED, State.PROVISIONAL, State.PROVISIONAL, State.FIRM]


@pytest.mark.parametrize("name", ["alpha_ordinal", "gwet_ac2_ordinal", "fleiss_kappa_quadratic"])
def test_intervals_of_one_criterion_cover(name: str) -> None:
    share = coverage_of_criterion(find(name, Scale.of("ordinal", [1, 2, 3, 4])), plans=50, trials=300, seed=11)
    assert 0.90 <= share <= 0.985


def test_intervals_of_a_section_cover_although_cells_of_a_plan_hang_together() -> None:
    share = coverage_of_section("alpha_ordinal", plans=50, criteria=6, trials=150, seed=11)
    assert 0.90 <= share <= 0.985


def test_resampling_cells_would_be_too_narrow() -> None:
    honest = coverage_of_section("alpha_ordinal", plans=24, criteria=18, trials=60, seed=5)
    naive = coverage_of_section("alpha_ordinal", plans=24, criteria=18, trials=60, seed=5, whole_plans=False)
    assert naive < honest


def test_a_section_is_the_mean_over_its_criteria_weighted_by_pairable_plans() -> None:
    scale = Scale.of("ordinal", [1, 2, 3])
    full = Ratings.of([[1, 1], [2, 2], [3, 3], [1, 2], [2, 3]] * 4, scale)
    half = Ratings.of([[1, 2], [2, 2], [3, 1], [1, None], [None, None]] * 4, scale)
    result = measure_round({"a": full, "b": half}, {"section": ["a", "b"]}, replicates=50)
    a, b = result.criterion("a"), result.criterion("b")
    assert a.value is not None and b.value is not None
    assert (a.pairable_items, b.pairable_items) == (20, 12)
    assert result.group("section").value == pytest.approx((20 * a.value + 12 * b.value) / 32)
    assert resolve("alpha", scale).name == a.stat


ONE_PATTERN = Ratings.of([[1, 2]] * 12, Scale.of("ordinal", [1, 2, 3, 4]))


@pytest.mark.parametrize("name", ["percent_agreement_linear", "brennan_prediger_linear", "alpha_ordinal", "cohen_kappa_linear"])
def test_plans_that_all_show_one_pattern_give_no_interval_without_width(name: str) -> None:
    result = measure(ONE_PATTERN, name)
    assert result.value is not None
    assert (result.low, result.high, result.method) == (None, None, None)
    assert result.note == "Every plan shows the same, so drawing plans anew cannot give an interval."


def test_where_no_plan_agrees_some_others_still_may() -> None:
    result = measure(Ratings.of([[1, 2], [2, 3], [3, 1]] * 10, Scale.of("nominal", [1, 2, 3])), "percent_agreement")
    assert (result.value, result.low, result.method) == (0, 0, "binomial")
    assert result.high == pytest.approx(1 - 0.025 ** (1 / 30))


@pytest.mark.parametrize("name", ["percent_agreement", "percent_agreement_all", "gwet_ac1", "brennan_prediger_quadratic"])
def test_even_constant_ratings_may_hide_a_disagreement(name: str) -> None:
    result = measure(Ratings.of([[2, 2, 2]] * 12, Scale.of("ordinal", [1, 2, 3, 4])), name)
    assert (result.value, result.high) == (1, 1)
    assert result.low is not None and result.low < 0.9


def test_the_method_of_an_interval_is_told_truthfully() -> None:
    unanimous = Ratings.of([[1, 1], [2, 2], [3, 3], [4, 4]] * 10, Scale.of("ordinal", [1, 2, 3, 4]))
    assert measure(unanimous).method == "binomial"
    assert measure(ratings_of(CASES[1])).method == "bootstrap"
    measured = measure_round({"a": unanimous, "b": unanimous}, {"both": ["a", "b"]}, replicates=50)
    assert measured.group("both").method == "binomial"


def test_many_rows_of_a_single_plan_give_no_interval() -> None:
    rows = Ratings.of([[1, 2], [2, 2], [3, 3], [4, 3]] * 5, Scale.of("ordinal", [1, 2, 3, 4]))
    (result,) = measure_all(rows, [find("alpha_ordinal", rows.scale)], plans=np.zeros(20, dtype=np.int64))
    assert (result.low, result.note, result.pairable_items) == (None, "An interval needs at least two plans.", 1)


def test_what_unanimous_plans_may_hide_follows_the_number_of_plans_and_not_of_their_rows() -> None:
    rows = Ratings.of([[1, 1], [2, 2], [3, 3], [4, 4]] * 5, Scale.of("ordinal", [1, 2, 3, 4]))
    (apart,) = measure_all(rows, [find("percent_agreement", rows.scale)])
    (together,) = measure_all(rows, [find("percent_agreement", rows.scale)], plans=np.arange(20) // 4)
    assert apart.low == pytest.approx(0.025 ** (1 / 20))
    assert together.low == pytest.approx(0.025 ** (1 / 5))


@pytest.mark.parametrize("of", [analytic, jackknife], ids=["analytic", "jackknife"])
def test_an_interval_by_standard_error_is_possible_and_has_a_width(of: Any) -> None:
    scale = Scale.of("ordinal", [1, 2])
    few = of(Ratings.of([[1, 1], [1, 2]], scale), "percent_agreement")
    assert (few.low, few.high) == (0, 1)
    perfect = of(Ratings.of([[1, 1], [2, 2], [1, 1]], scale), "percent_agreement")
    assert (perfect.low, perfect.note) == (None, "The ratings vary too little for a standard error.")
    single = of(Ratings.of([[1, 2]], scale), "cohen_kappa")
    assert single.low is None and single.note


@pytest.mark.parametrize("name", ["icc_2_1", "icc_2_k"])
def test_an_intraclass_correlation_far_below_zero_has_no_impossible_limits(name: str) -> None:
    scale = Scale.of("interval", [1, 2])
    for table in ([[1, 2], [2, 1]] * 5, [[1, 2], [2, 1], [1, 2]], [[1, 2, 2], [2, 1, 1], [1, 2, 1], [2, 1, 1], [1, 2, 2]]):
        found = analytic(Ratings.of(table, scale), name)
        assert found.low is None or (found.value is not None and found.low <= found.value <= found.high <= 1)
