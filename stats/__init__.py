"""Agreement between people who rate the same things: exact, honest about its limits, and fast.

Ratings go in as a table of plans x raters with a declared scale; typed results come out.

>>> from stats import Ratings, Scale, measure, sentence
>>> scale = Scale.of("nominal", [1, 2, 3, 4, 5])
>>> table = [[1, 1, None, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4],
...          [4, 4, 4, 4], [1, 1, 2, 1], [2, 2, 2, 2], [None, 5, 5, 5], [None, None, 1, 1], [None, None, 3, None]]
>>> result = measure(Ratings.of(table, scale), "alpha_nominal", seed=1)
>>> round(result.value, 3), result.pairable_items, str(result.state)
(0.743, 11, 'provisional')

The value is that of Krippendorff (2011), section C.

Where things are: `scales`, `ratings` and `patterns` hold the data; `percent`, `kappa`, `gwet`, `alpha`
and `icc` the coefficients, all listed in `registry`; `measure`, `rounds`, `pairs` and `change` give
results with intervals from `bootstrap`; `labels` and `sentences` put them into words.
"""

from stats.change import difference, rater_group_difference
from stats.labels import KRIPPENDORFF, LANDIS_KOCH, label
from stats.measure import measure, measure_all
from stats.pairs import between, measure_pairs, within
from stats.ratings import Ratings
from stats.registry import Statistic, find, resolve, statistics_for
from stats.results import Agreement, Difference, State
from stats.rounds import RoundAgreement, measure_round
from stats.scales import Level, Scale
from stats.sentences import change_sentence, sentence, verdict

__all__ = [
    "KRIPPENDORFF",
    "LANDIS_KOCH",
    "Agreement",
    "Difference",
    "Level",
    "Ratings",
    "RoundAgreement",
    "Scale",
    "State",
    "Statistic",
    "between",
    "change_sentence",
    "difference",
    "find",
    "label",
    "measure",
    "measure_all",
    "measure_pairs",
    "measure_round",
    "rater_group_difference",
    "resolve",
    "sentence",
    "statistics_for",
    "verdict",
    "within",
]
