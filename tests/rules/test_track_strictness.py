"""How strict an auditor was: the arithmetic, and words that never say more than the interval."""

import pytest

from moderation.track.strictness import Strictness, change, change_words, strictness, words
from stats.clustered import clustered_difference, clustered_mean


def test_the_interval_counts_plans_and_not_answers() -> None:
    few, many = clustered_mean([[0], [1], [2]]), clustered_mean([[0] * 50, [1] * 50, [2] * 50])
    assert few == pytest.approx(many)


def test_plans_with_more_answers_weigh_more() -> None:
    assert clustered_mean([[1, 1, 1], [0]]).value == 0.75


def test_one_cluster_has_no_mean_over_clusters() -> None:
    with pytest.raises(ValueError, match="two clusters"):
        clustered_mean([[1, 2], []])


@pytest.mark.parametrize(
    ("below", "said"),
    [
        ([[1, 0], [1, 1], [1, 0], [1, 1], [1, 1]], "You were about 0.8 of a level stricter than the agreed answers."),
        ([[-1, 0], [-1, -1], [-1, 0], [-1, -1], [-1, -1]], "You were about 0.8 of a level more lenient than"),
        ([[1], [-1], [0], [1], [-1]], "We cannot tell whether you were stricter or more lenient"),
        ([[0, 0]] * 6, "On every plan the difference was the same: no difference."),
        ([[1], [1], [1], [1]], "We cannot tell from 4 plans. It takes 5 or more"),
        ([[], [1], []], "We cannot tell from 1 plan."),
    ],
)
def test_the_words_say_what_the_interval_allows(below: list[list[int]], said: str) -> None:
    assert words(strictness(below)).startswith(said)


def test_a_plan_without_levels_to_compare_is_not_counted() -> None:
    assert strictness([[1], [], [0]]) == Strictness(2, 2)


def test_a_difference_of_two_means_has_welchs_interval_and_counts_plans() -> None:
    from scipy.stats import ttest_ind

    now, before = [1, 0, 2, 1, 0, 1], [0, -1, 0, 2, -1]
    found = clustered_difference([[one] * 3 for one in now], [[one] * 7 for one in before])
    assert (found.low, found.high) == pytest.approx(tuple(ttest_ind(now, before, equal_var=False).confidence_interval()))
    assert clustered_difference([[1, 1], [1]], [[0], [0, 0]]) == (1.0, None, None)


STRICT, LENIENT, MIXED = [[1], [1], [2], [1], [1]], [[-1], [-1], [0], [-1], [-1]], [[1], [-1], [0], [1], [-1]]


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (STRICT, LENIENT, "You were about 2.0 levels stricter than in Spring. The 95% interval of the change is"),
        (LENIENT, STRICT, "You were about 2.0 levels more lenient than in Spring."),
        (MIXED, MIXED, "We cannot tell whether you have become stricter or more lenient since Spring."),
        (STRICT[:3], MIXED, "We cannot compare this with Spring: in this round you had fewer than 5 plans"),
        (STRICT, MIXED[:4], "We cannot compare this with Spring: in Spring you had fewer than 5 plans"),
        ([[1]] * 5, [[0]] * 5, "We cannot compare this with Spring: in each of the two rounds the difference was the same on"),
    ],
)
def test_a_change_is_told_with_its_interval_or_why_there_is_none(now: list[list[int]], before: list[list[int]], said: str) -> None:
    assert change_words(change(now, before, "Spring")).startswith(said)
