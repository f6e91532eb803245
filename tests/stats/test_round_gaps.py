"""A round may have criteria that nobody rated."""

import numpy as np

from stats import Ratings, Scale, measure_pairs, measure_round

SCALE = Scale.of("ordinal", [1, 2, 3, 4])


def test_a_criterion_that_nobody_rated_is_undefined_and_does_not_disturb_the_others() -> None:
    rated = Ratings.of([[1, 2], [3, 3], [4, 3], [2, 2]], SCALE)
    empty = Ratings.of(np.full((4, 2), np.nan), SCALE)
    found = measure_round({"k1": rated, "k2": empty}, {"round": ["k1", "k2"]}, replicates=50)
    assert found.criterion("k2").value is None
    assert found.group("round").value == found.criterion("k1").value


def test_agencies_that_share_no_plan_have_no_agreement() -> None:
    apart = Ratings.of([[1, np.nan], [np.nan, 3], [4, np.nan]], SCALE)
    found = measure_pairs({"k1": apart}, {"education": [0], "health": [1]}, replicates=50)
    assert {pair: one.value for pair, one in found.items()} == dict.fromkeys(found, None)
