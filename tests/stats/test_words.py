"""Labels and sentences never say more than the interval allows; published values stand in the docstrings."""

import doctest
import importlib
import pkgutil
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stats
from stats import KRIPPENDORFF, Agreement, Difference, change_sentence, label, sentence
from stats.labels import LANDIS_KOCH, Benchmark, membership

RESULT = Agreement("alpha_ordinal", 0.48, 0.27, 0.67, 0.95, "bootstrap", None, 0.74, 124, 124, 3, 372)
AT_LEAST_FAIR = "Auditors agreed on 74% of ratings; allowing for chance, agreement is at least fair (0.48, between 0.27 and 0.67; "


@pytest.mark.parametrize("module", [found.name for found in pkgutil.iter_modules(stats.__path__, "stats.")] + ["stats"])
def test_the_examples_in_the_documentation_hold(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_a_label_comes_from_the_interval_and_not_from_the_point() -> None:
    assert label(RESULT) == "fair"
    assert label(replace(RESULT, low=0.42, high=0.54)) == "moderate"
    assert label(replace(RESULT, value=0.85, low=0.55, high=0.97)) == "moderate"
    assert label(replace(RESULT, low=-0.3, high=0.9)) == "poor"
    assert label(replace(RESULT, low=None, high=None)) is None
    assert label(replace(RESULT, value=0.9, low=0.86, high=0.93), KRIPPENDORFF) == "reliable"
    assert label(RESULT, KRIPPENDORFF) == "not reliable"


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1), st.sampled_from([LANDIS_KOCH, KRIPPENDORFF]))
def test_no_word_is_stronger_than_the_interval_allows(value: float, below: float, above: float, benchmark: Benchmark) -> None:
    limits = dict(benchmark.bands)
    result = replace(RESULT, value=value, low=value - below, high=min(value + above, 1.0))
    word = label(result, benchmark)
    assert word is not None
    assert limits[word] <= max(result.low, -1)
    text = sentence(result, benchmark)
    stronger = [name for name, limit in benchmark.bands if limit > result.low]
    assert not any(f"is {name}" in text or f"at least {name}" in text for name in stronger)
    assert ("may be no better than chance" in text or "cannot be called reliable" in text) == (word == benchmark.bands[-1][0])


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 0.5), st.sampled_from([LANDIS_KOCH, KRIPPENDORFF]))
def test_a_wider_interval_never_makes_a_word_stronger(value: float, below: float, more: float, benchmark: Benchmark) -> None:
    names = [name for name, _ in benchmark.bands]
    near, far = (label(replace(RESULT, value=value, low=value - width, high=1), benchmark) for width in (below, below + more))
    assert names.index(near) <= names.index(far)


def test_the_memberships_of_a_coefficient_add_up_to_one() -> None:
    assert sum(membership(0.676, 0.088, LANDIS_KOCH)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (
            RESULT,
            AT_LEAST_FAIR + "124 plans).",
        ),
        (
            replace(RESULT, pairable_items=24),
            AT_LEAST_FAIR + "24 plans). This is provisional: fewer than 50 plans.",
        ),
        (
            replace(RESULT, pairable_items=7),
            "Auditors agreed on 74% of ratings. Only 7 plans were rated by two or more auditors; 10 are needed.",
        ),
        (
            replace(RESULT, value=0.03, low=-0.2, high=0.24),
            "Auditors agreed on 74% of ratings; allowing for chance, agreement may be no better than chance "
            "(0.03, between \u22120.20 and 0.24; 124 plans).",
        ),
        (
            replace(RESULT, value=None, low=None, high=None, undefined="Every rating is the same.", percent=1.0),
            "Auditors agreed on 100% of ratings. Every rating is the same.",
        ),
        (
            replace(RESULT, value=None, low=None, high=None, undefined="No plan was rated by two auditors.", percent=None),
            "No plan was rated by two auditors.",
        ),
        (
            replace(RESULT, low=None, high=None, percent=0.999),
            "Auditors agreed on 99% of ratings; allowing for chance, it cannot be said how good agreement is (0.48; 124 plans).",
        ),
    ],
)
def test_a_result_reads_as_a_sentence(result: Agreement, expected: str) -> None:
    assert sentence(result) == expected


def a_change(low: float | None, high: float | None) -> Difference:
    return Difference("alpha", 0.13, low, high, 0.95, "bootstrap", None, RESULT, RESULT)


def test_a_change_is_called_one_only_when_its_interval_leaves_out_zero() -> None:
    assert change_sentence(a_change(0.02, 0.24)) == "Agreement rose (+0.13, between +0.02 and +0.24)."
    assert change_sentence(a_change(0.003, 0.24)).endswith("between +0.003 and +0.24)."), "and shows that it does"
    assert change_sentence(a_change(-0.02, 0.24)).startswith("Cannot tell whether agreement changed (+0.13")
    assert change_sentence(a_change(None, None)).startswith("Cannot tell whether agreement changed. There are too few")
    assert change_sentence(replace(a_change(-0.4, -0.1), value=-0.25)).startswith("Agreement fell (\u22120.25")
    undefined = replace(a_change(None, None), value=None, undefined="Every rating is the same.")
    assert change_sentence(undefined) == "Cannot tell whether agreement changed. Every rating is the same."


def test_a_coefficient_far_below_minus_one_still_has_a_word() -> None:
    far = replace(RESULT, value=-2.6, low=-2.7, high=-2.5)
    assert label(far) == "poor"
    assert label(far, KRIPPENDORFF) == "not reliable"
    assert "may be no better than chance" in sentence(far)
