"""Every coefficient equals its published or independently verified value to 1e-9."""

import json
from pathlib import Path
from typing import Any

import pytest

from stats import Ratings, Scale, find, measure_all
from stats.patterns import Patterns

CASES = json.loads((Path(__file__).parent.parent / "data" / "reference_agreement.json").read_text())["cases"]
EXPECTED = [(case, expected) for case in CASES for expected in case["expected"]]


def ratings_of(case: dict[str, Any]) -> Ratings:
    scale = Scale.of(case["level"], case["categories"])
    return Ratings.of([list(row) for row in zip(*case["ratings"], strict=True)], scale)


def name_of(pair: tuple[dict[str, Any], dict[str, Any]]) -> str:
    return f"{pair[0]['id']}-{pair[1]['stat']}"


@pytest.mark.parametrize("pair", EXPECTED, ids=name_of)
def test_it_equals_the_reference(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    case, expected = pair
    ratings = ratings_of(case)
    (result,) = measure_all(ratings, [find(expected["stat"], ratings.scale)], replicates=0)
    if expected["undefined"]:
        assert result.value is None
        assert result.undefined
    else:
        assert result.value == pytest.approx(expected["value"], abs=1e-9)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_registry_lists_every_coefficient_of_the_reference(case: dict[str, Any]) -> None:
    listed = {result.stat for result in measure_all(ratings_of(case), replicates=0)}
    assert {expected["stat"] for expected in case["expected"]} <= listed


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_bases_of_the_reference_are_counted(case: dict[str, Any]) -> None:
    ratings = ratings_of(case)
    patterns = Patterns.of(ratings)
    assert patterns.items == ratings.given.any(axis=1).sum()
    assert patterns.ratings == ratings.given.sum()
    assert patterns.pairable_items == (ratings.given.sum(axis=1) >= 2).sum()
