"""What must hold for any ratings whatever."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import Agreement, Ratings, Scale, find, measure_all, statistics_for
from stats.arrays import IntArray

SCALE = Scale.of("ordinal", [1, 2, 3, 4])
CHANCE_CORRECTED = ("alpha", "kappa", "scott", "icc", "kendall")

plans, raters = st.integers(2, 12), st.integers(2, 4)


@st.composite
def tables(draw: st.DrawFn, lowest: int = -1, highest: int = 3) -> IntArray:
    rows, columns = draw(plans), draw(raters)
    cells = draw(st.lists(st.integers(lowest, highest), min_size=rows * columns, max_size=rows * columns))
    return np.array(cells, dtype=np.int64).reshape(rows, columns)


def all_of(codes: IntArray, scale: Scale = SCALE) -> dict[str, Agreement]:
    return {result.stat: result for result in measure_all(Ratings.from_codes(codes, scale), replicates=0)}


def assert_same(one: dict[str, Agreement], other: dict[str, Agreement]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        a, b = one[name].value, other[name].value
        assert (a is None) == (b is None), (name, a, b)
        if a is not None and b is not None:
            assert abs(a - b) < 1e-9, (name, a, b)


@given(tables(), st.randoms())
@settings(deadline=None, max_examples=40)
def test_the_order_of_plans_does_not_matter(codes: IntArray, random: object) -> None:
    order = np.random.default_rng(len(codes)).permutation(len(codes))
    assert_same(all_of(codes), all_of(codes[order]))


@given(tables())
@settings(deadline=None, max_examples=40)
def test_the_order_of_raters_does_not_matter(codes: IntArray) -> None:
    assert_same(all_of(codes), all_of(codes[:, ::-1]))


@given(tables())
@settings(deadline=None, max_examples=40)
def test_the_order_in_which_levels_are_declared_does_not_matter(codes: IntArray) -> None:
    values = np.where(codes < 0, np.nan, codes + 1.0)
    one = measure_all(Ratings.of(values, Scale.of("ordinal", [1, 2, 3, 4])), replicates=0)
    other = measure_all(Ratings.of(values, Scale.of("ordinal", [3, 1, 4, 2])), replicates=0)
    assert [result.value for result in one] == [result.value for result in other]


@given(tables())
@settings(deadline=None, max_examples=40)
def test_turning_an_ordered_scale_round_changes_no_ordered_coefficient(codes: IntArray) -> None:
    turned = np.where(codes < 0, -1, 3 - codes)
    for name in ("alpha_nominal", "alpha_ordinal", "alpha_interval", "fleiss_kappa_quadratic", "gwet_ac2_ordinal", "kendall_w"):
        one, other = all_of(codes)[name].value, all_of(turned)[name].value
        assert (one is None) == (other is None)
        assert one is None or other is None or abs(one - other) < 1e-9


@given(tables())
@settings(deadline=None, max_examples=40)
def test_a_plan_that_nobody_rated_changes_nothing_not_even_the_interval(codes: IntArray) -> None:
    with_empty = np.vstack([codes, np.full((1, codes.shape[1]), -1)])
    chosen = [find(name, SCALE) for name in ("alpha_ordinal", "conger_kappa", "gwet_ac1")]
    one = measure_all(Ratings.from_codes(codes, SCALE), chosen, replicates=50)
    assert one == measure_all(Ratings.from_codes(with_empty, SCALE), chosen, replicates=50)


@given(tables(lowest=0))
@settings(deadline=None, max_examples=40)
def test_perfect_agreement_is_one(codes: IntArray) -> None:
    alike = np.repeat(codes[:, :1], codes.shape[1], axis=1)
    alike[0], alike[1] = 0, 3
    for name, result in all_of(alike).items():
        if result.value is not None:
            assert abs(result.value - 1) < 1e-12, name
        else:
            assert name.startswith(("cohen", "scott", "fleiss_kappa_category")), (name, result.undefined)


@given(plans, raters, st.integers(0, 3))
@settings(deadline=None, max_examples=30)
def test_constant_ratings_are_undefined_with_a_reason(rows: int, columns: int, level: int) -> None:
    for name, result in all_of(np.full((rows, columns), level)).items():
        if any(word in name for word in CHANCE_CORRECTED):
            assert result.value is None, name
            assert result.undefined


@given(tables())
@settings(deadline=None, max_examples=60)
def test_nothing_is_ever_nan_and_nothing_exceeds_one(codes: IntArray) -> None:
    for name, result in all_of(codes).items():
        assert (result.value is None) == bool(result.undefined), name
        assert result.value is None or result.value <= 1 + 1e-9, name
        assert result.value is None or np.isfinite(result.value), name


@given(tables())
@settings(deadline=None, max_examples=30)
def test_levels_that_are_declared_but_unused_count_in_what_depends_on_the_scale(codes: IntArray) -> None:
    wide = Scale.of("ordinal", [1, 2, 3, 4, 5, 6, 7, 8])
    narrow, broad = all_of(codes), all_of(codes, wide)
    for name in ("alpha_nominal", "alpha_ordinal", "alpha_interval", "fleiss_kappa", "percent_agreement"):
        assert narrow[name].value == pytest.approx(broad[name].value, abs=1e-12)
    chance = narrow["brennan_prediger"].value
    if chance is not None and chance < 1:
        assert broad["brennan_prediger"].value != chance


@given(tables(lowest=0))
@settings(deadline=None, max_examples=30)
def test_three_coefficients_meet_where_theory_says_so(codes: IntArray) -> None:
    """Complete data: alpha is Fleiss's kappa with a small correction; for two raters Scott is Fleiss and Conger is Cohen."""
    found = all_of(codes)
    fleiss, alpha = found["fleiss_kappa"].value, found["alpha_nominal"].value
    if fleiss is not None and alpha is not None:
        ratings = codes.size
        assert abs(alpha - (1 - (1 - fleiss) * (ratings - 1) / ratings)) < 1e-9
    if codes.shape[1] == 2:
        for one, other in (("scott_pi", "fleiss_kappa"), ("cohen_kappa", "conger_kappa"), ("light_kappa", "cohen_kappa")):
            assert found[one].value == found[other].value or abs(found[one].value - found[other].value) < 1e-9


def test_every_coefficient_says_what_it_is() -> None:
    for statistic in statistics_for(SCALE):
        assert statistic.title
        assert statistic.about.endswith(".")
