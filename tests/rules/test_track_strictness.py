"""How strict an auditor was: the arithmetic, and words that never say more than the interval."""

import pytest

from moderation.track.strictness import Strictness, strictness, words
from stats.clustered import clustered_mean


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
