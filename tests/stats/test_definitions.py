"""Every coefficient of the registry equals its definition, whatever the ratings."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import Level, Ratings, Scale, find, measure_all
from tests.stats.definitions import Table, defined
from tests.stats.published import printed

SCALES: list[tuple[Level, list[float | str]]] = [
    (Level.ORDINAL, [1, 2, 3, 4]),
    (Level.ORDINAL, [0, 1, 2, 5, 10]),
    (Level.INTERVAL, [-2, 0, 0.5, 3.25]),
    (Level.RATIO, [0, 1, 1.5, 20]),
    (Level.NOMINAL, [1, 2, 3]),
    (Level.NOMINAL, ["met", "not met", "partly"]),
    (Level.ORDINAL, [7]),
]


@st.composite
def a_table(draw: st.DrawFn, levels: list[float | str]) -> Table:
    """Small tables with gaps; few levels in use, so that ties, constants and empty rows and columns are common."""
    plans, raters = draw(st.integers(1, 8)), draw(st.integers(1, 5))
    used = draw(st.lists(st.sampled_from(levels), min_size=1, max_size=len(levels)))
    gaps = draw(st.sampled_from([0, 1, 4]))
    cell = st.sampled_from([*used * 2, *[None] * gaps])
    return draw(st.lists(st.lists(cell, min_size=raters, max_size=raters), min_size=plans, max_size=plans))


@given(st.sampled_from(SCALES).flatmap(lambda scale: st.tuples(st.just(scale), a_table(scale[1]))))
@settings(deadline=None, max_examples=150)
def test_it_equals_its_definition(case: tuple[tuple[Level, list[float | str]], Table]) -> None:
    (level, levels), table = case
    for result in measure_all(Ratings.of(table, Scale.of(level, levels)), replicates=0):
        if result.undefined and ("words" in result.undefined or "no order" in result.undefined or "negative" in result.undefined):
            assert isinstance(levels[0], str) or min(levels) < 0
            continue
        expected = defined(result.stat, table, levels)
        assert (result.value is None) == (expected is None), (result.stat, result.value, result.undefined, expected)
        assert result.value == pytest.approx(expected, abs=1e-9), result.stat


def test_a_large_sparse_table_equals_its_definition() -> None:
    """Many raters, each plan rated by three: patterns are wide and no panel is complete."""
    random = np.random.default_rng(4)
    table: list[list[int | None]] = []
    for _ in range(60):
        quality, chosen = random.normal(), set(random.choice(14, 3, replace=False).tolist())
        table.append(
            [int(np.clip(round(2.5 + quality + random.normal()), 1, 4)) if rater in chosen else None for rater in range(14)]
        )
    for result in measure_all(Ratings.of(table, Scale.of("ordinal", [1, 2, 3, 4])), replicates=0):
        expected = defined(result.stat, table, [1, 2, 3, 4])
        assert (result.value is None) == (expected is None), (result.stat, result.undefined, expected)
        assert result.value == pytest.approx(expected, abs=1e-9), result.stat


@pytest.mark.parametrize(
    ("name", "level", "levels", "table", "stat", "value"), list(printed()), ids=[f"{case[0]} {case[4]}" for case in printed()]
)
def test_it_equals_the_printed_value(name: str, level: str, levels: list[Any], table: Table, stat: str, value: float) -> None:
    (result,) = measure_all(Ratings.of(table, Scale.of(level, levels)), [find(stat, Scale.of(level, levels))], replicates=0)
    digits = len(str(value).split(".")[1])
    assert result.value == pytest.approx(value, abs=0.5001 * 10**-digits)
