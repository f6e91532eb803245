"""Charts alarm when they should and not when they should not; effects, drift, plans for a round."""

import numpy as np
import pytest

from stats import Ratings, Scale, measure
from stats.change_point import CANNOT_TELL, change_effect
from stats.coincidences import coincidences
from stats.control import LEAST_RATINGS, Period, chance_of_excess, control_chart
from stats.cusum import Design, average_run_length, cusum, limit_for
from stats.definitive import NOTHING, definitive_grade
from stats.drift import rater_drift
from stats.influence import influence
from stats.planner import Expected, interval_width, plans_for_power, plans_for_width, power
from stats.shrinkage import shrink
from stats.simulate import SCALE, a_criterion


def test_the_line_that_is_drawn_is_the_line_that_the_rule_uses() -> None:
    for out in range(61):
        (point,) = control_chart([Period(out, 60, 3)], limit=0.15).points
        assert point.alarm_from is not None
        assert point.is_alarm == (out / 60 >= point.alarm_from)


def test_no_alarm_below_twenty_ratings() -> None:
    (point,) = control_chart([Period(19, LEAST_RATINGS - 1, 1)], limit=0.1).points
    assert (point.is_alarm, point.chance) == (False, None)
    assert control_chart([Period(0, 0, 0)], limit=0.1).points[0].note == "No ratings of seed plans."


def test_ratings_of_one_plan_count_less_than_ratings_of_many() -> None:
    few, many = (chance_of_excess(12, Period(12, 40, plans), 0.15, 0.2) for plans in (1, 40))
    assert few < many


def test_in_control_the_chart_alarms_seldom() -> None:
    random = np.random.default_rng(3)
    shares = random.beta(0.1 * 9, 0.9 * 9, size=(4000, 3))
    out = random.binomial(20, shares).sum(axis=1)
    alarms = np.mean([control_chart([Period(int(count), 60, 3)], limit=0.1).points[0].is_alarm for count in out])
    assert alarms < 0.09


def test_cusum_finds_what_the_field_says_it_finds() -> None:
    """Independent items, 10% in control, tuned for 25%, h = 3: false alarm every 391, found after 28 and 12."""
    design = Design(in_control=0.10, to_find=0.25, ratings=1, correlation=0.0)
    limit = 3 / design.sharpness
    assert average_run_length(design, limit, 0.10) == pytest.approx(391, rel=0.08)
    assert average_run_length(design, limit, 0.25) == pytest.approx(28, rel=0.06)
    assert average_run_length(design, limit, 0.40) == pytest.approx(12, rel=0.06)


def test_the_limit_of_the_cusum_gives_the_wanted_false_alarms_despite_correlation() -> None:
    design = Design(correlation=0.1)
    limit = limit_for(design, run_length=100)
    assert average_run_length(design, limit, design.in_control, seed=9) == pytest.approx(100, rel=0.12)
    assert average_run_length(design, limit, design.to_find) < 10
    assert limit > limit_for(Design(correlation=0.0), run_length=100)


def test_a_cusum_starts_anew_after_an_alarm() -> None:
    points = cusum([0.9, 0.9, 0.0], Design(), limit=1.0)
    assert [point.is_alarm for point in points] == [False, True, False]
    assert points[2].total == 0


def test_small_numbers_are_drawn_towards_the_others() -> None:
    found = shrink([4, 10, 8, 11, 9], [4, 100, 100, 100, 100])
    assert found[0].raw == 1
    assert found[0].rate < 0.5
    assert abs(found[1].rate - 0.1) < 0.02
    assert all(one.low < one.rate < one.high for one in found)
    assert shrink([0], [0])[0].raw is None
    with pytest.raises(ValueError, match="between 0"):
        shrink([5], [4])


def test_drift_is_the_own_change_less_that_of_all_others() -> None:
    random = np.random.default_rng(2)
    rows = [(rater, plan, plan >= 30) for plan in range(60) for rater in range(4)]
    deviations = [0.3 * after + (0.8 if rater == 2 and after else 0) + random.normal(0, 0.4) for rater, _, after in rows]
    found = rater_drift([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows], deviations)
    assert [one.rater for one in found if one.is_clear and one.change > 0.4] == [2]
    assert found[2].change == pytest.approx(0.8, abs=0.25)


def criteria(seed: int, error_of_touched: float, plans: int = 80) -> dict[str, Ratings]:
    random = np.random.default_rng(seed)
    quality = random.normal(size=plans)
    errors = {"F01": error_of_touched, "F02": error_of_touched, "A01": 0.9, "A02": 0.9}
    return {key: a_criterion(random, quality, error=error) for key, error in errors.items()}


def test_the_effect_of_new_guidance_is_seen_beside_untouched_criteria() -> None:
    effect = change_effect(criteria(1, 1.6), criteria(2, 0.3), ["F01", "F02"], replicates=300)
    assert effect.value == pytest.approx(effect.touched - effect.untouched)
    assert effect.low is not None and 0 < effect.low < effect.value < effect.high


def test_without_untouched_criteria_the_effect_is_the_bare_change() -> None:
    effect = change_effect(criteria(1, 1.6), criteria(2, 0.3), ["F01", "F02", "A01", "A02"], replicates=100)
    assert effect.untouched is None
    assert effect.value == effect.touched
    assert change_effect(criteria(1, 1), criteria(2, 1), ["new"]).undefined == CANNOT_TELL


def test_the_planner_agrees_with_what_was_measured() -> None:
    """Measured: .28 wide at 50 plans, .20 at 100, .10 at 400, for ordinal alpha .66 and three raters."""
    expected = Expected(raters=3, levels=4, agreement=0.66)
    for plans, width in ((50, 0.28), (100, 0.20), (400, 0.10)):
        assert interval_width(plans, expected) == pytest.approx(width, abs=0.02)
    needed = plans_for_width(0.3, expected)
    assert interval_width(needed, expected) <= 0.3 < interval_width(needed - 1, expected)


def test_power_and_the_number_of_plans_belong_together() -> None:
    before, after = Expected(agreement=0.4), Expected(agreement=0.6)
    needed = plans_for_power(before, after, 0.8)
    assert power(before, after, needed, needed) == pytest.approx(0.8, abs=0.01)
    assert power(before, after, 10, 10) < 0.5
    assert power(before, before, 50, 50) == pytest.approx(0.05, abs=0.001)
    with pytest.raises(ValueError, match="no change"):
        plans_for_power(before, before)
    with pytest.raises(ValueError, match="two raters"):
        Expected(raters=1)


def test_the_definitive_grade_is_a_share_with_an_interval_over_plans() -> None:
    scale = Scale.of("ordinal", [1, 2, 3, 4])
    ratings = Ratings.of([[1, 1, 2], [2, 3, 4], [4, 4, 4], [3, None, None]] * 10, scale)
    found = definitive_grade(ratings, [1, 2, 4, None] * 10)
    assert found.value == pytest.approx((2 / 3 + 1 / 3 + 1) / 3)
    assert found.within_one == pytest.approx((1 + 2 / 3 + 1) / 3)
    assert found.low < found.value < found.high
    assert (found.items, found.ratings) == (30, 90)
    assert definitive_grade(ratings, [None] * 40).undefined == NOTHING
    always = definitive_grade(Ratings.of([[1, 1]] * 50, scale), [1] * 50)
    assert (always.value, always.high) == (1, 1)
    assert always.low == pytest.approx(0.929, abs=0.001)


def test_influence_names_the_rater_who_differs() -> None:
    codes = np.array(a_criterion(np.random.default_rng(1), np.random.default_rng(2).normal(size=80), missing=0).codes)
    codes[:, 1] = np.random.default_rng(3).integers(0, 4, 80)
    first = influence(Ratings.from_codes(codes, SCALE))[0]
    assert first.rater == 1
    assert first.change > 0.1


def test_leaving_raters_out_all_at_once_is_leaving_them_out_one_by_one() -> None:
    codes = np.array(a_criterion(np.random.default_rng(4), np.random.default_rng(5).normal(size=60), missing=0.4).codes)
    codes[:, 0] = -1  # somebody who rated nothing
    codes[:5] = -1
    ratings = Ratings.from_codes(codes, SCALE)
    for stat in ("alpha", "percent", "gwet"):
        found = influence(ratings, stat)
        assert 0 not in {one.rater for one in found}
        for one in found:
            alone = measure(ratings.of_raters([other for other in range(codes.shape[1]) if other != one.rater]), stat, replicates=0)
            assert (one.without is None) == (alone.value is None)
            assert one.without is None or one.without == pytest.approx(alone.value, abs=1e-12)
            assert one.pairable_items == alone.pairable_items
    assert {one.without for one in influence(Ratings.of([[1, 1], [1, 1]], Scale.of("nominal", [1, 2])))} == {None}


def test_coincidences_show_where_raters_differ() -> None:
    found = coincidences(Ratings.of([[1, 2], [1, 2], [3, 3], [2, 3]], Scale.of("ordinal", [1, 2, 3])))
    assert found.disagreements == [(1, 2, 0.5), (2, 3, 0.25)]
    assert found.observed.sum() == pytest.approx(found.expected.sum()) == 8
    assert np.allclose(found.observed, found.observed.T)


def test_raters_without_a_miss_are_not_taken_for_people_who_never_miss() -> None:
    one, *_ = shrink([0, 0, 0, 0], [10, 10, 10, 10])
    assert one.raw == 0
    assert one.rate < 0.05 and 0.02 < one.high < 0.2
    other, *_ = shrink([10, 10, 10, 10], [10, 10, 10, 10])
    assert (other.low, other.rate, other.high) == pytest.approx((1 - one.high, 1 - one.rate, 1 - one.low), abs=1e-6)


def test_the_planner_refuses_what_no_plans_can_give() -> None:
    assert interval_width(2, Expected()) <= 2
    with pytest.raises(ValueError, match="two plans"):
        interval_width(1, Expected())
    with pytest.raises(ValueError, match="without width"):
        plans_for_width(0, Expected())


def test_without_plans_there_is_no_definitive_grade() -> None:
    found = definitive_grade(Ratings.of(np.zeros((0, 2)), Scale.of("ordinal", [1, 2, 3])), [])
    assert (found.value, found.undefined) == (None, "No plan has both an agreed grade and a rating.")
