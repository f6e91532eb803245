"""Our alpha and that of the krippendorff package are the same number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import Level, Ratings, Scale
from stats.second_opinion import disputed, krippendorff_alpha


@given(st.integers(0, 10_000), st.integers(2, 30), st.integers(2, 6), st.integers(2, 7))
@settings(deadline=None, max_examples=60)
def test_both_find_the_same_alpha(seed: int, plans: int, raters: int, levels: int) -> None:
    codes = np.random.default_rng(seed).integers(-1, levels, (plans, raters))
    for level in Level:
        assert disputed(Ratings.from_codes(codes, Scale.of(level, range(levels)))) is None


def test_it_has_no_opinion_on_constant_ratings() -> None:
    assert krippendorff_alpha(Ratings.of([[2, 2], [2, 2]], Scale.of("ordinal", [1, 2, 3])), Level.ORDINAL) is None


def test_a_difference_is_put_into_words(monkeypatch: pytest.MonkeyPatch) -> None:
    ratings = Ratings.of([[1, 2], [2, 2], [3, 3]], Scale.of("ordinal", [1, 2, 3]))
    monkeypatch.setattr("stats.second_opinion.alpha", lambda *_: [0.5])
    assert disputed(ratings).startswith("alpha (ordinal) is 0.5 here and ")
