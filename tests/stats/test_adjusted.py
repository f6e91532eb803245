"""Did it help, allowing for where each started: right where nothing happened, right where something did, and honest in between."""

import numpy as np
import pytest
from numpy.random import Generator

from stats.adjusted import FEWEST, adjusted_change

CRITERIA, PLANS, PAIRS = 46, 16, 3
ROUNDS = 400


def a_round(dice: Generator, agreement: np.ndarray, effect: np.ndarray | float = 0.0) -> np.ndarray:
    """Share of pairs of auditors with the same answer, by criterion; the pairs of one plan hang together."""
    easy = dice.beta(8, 8, size=PLANS) - 0.5  # some plans are easier to agree on, for every criterion
    chance = np.clip(agreement[:, None] + np.asarray(effect)[..., None] + 0.3 * easy, 0.02, 0.98)
    return dice.binomial(PAIRS, chance).mean(axis=1) / PAIRS


def two_rounds(dice: Generator, effect: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Before, after, and which criteria a meeting took: mostly those on which auditors happened to differ most."""
    agreement = dice.beta(20, 10, size=CRITERIA)
    before = a_round(dice, agreement)
    taken = np.zeros(CRITERIA, bool)
    taken[np.argsort(before + dice.normal(0, 0.05, CRITERIA))[:18]] = True
    return before, a_round(dice, agreement, effect * taken), taken


def naive_is_clear(before: np.ndarray, after: np.ndarray, taken: np.ndarray) -> bool:
    """The comparison not to make: did what was discussed improve?"""
    change = (after - before)[taken]
    return bool(abs(change.mean()) > 2.11 * change.std(ddof=1) / np.sqrt(len(change)))


def clear(seed: int, effect: float) -> tuple[float, float, float]:
    """Over many pairs of rounds: how often a clear rise, a clear fall, and how often the naive comparison claims a change."""
    dice = np.random.default_rng(seed)
    worlds = [two_rounds(dice, effect) for _ in range(ROUNDS)]
    found = [adjusted_change(*world) for world in worlds]
    rose, fell = (np.mean([one.is_clear and (one.value or 0) * way > 0 for one in found]) for way in (1, -1))
    return float(rose), float(fell), float(np.mean([naive_is_clear(*world) for world in worlds]))


def test_where_nothing_helped_it_says_so_at_its_nominal_rate_although_the_discussed_all_improve() -> None:
    rose, fell, naive = clear(seed=7, effect=0.0)
    assert 0.02 <= rose + fell <= 0.085, "one in twenty is what 95% promises"
    assert min(rose, fell) > 0.003 and max(rose, fell) < 0.06, "and not to one side only"
    assert naive > 0.25, "the plain comparison claims a success, or a failure, that is none, six times as often"


def test_where_it_helped_it_is_seen_and_where_it_harmed_too() -> None:
    rose, fell, _ = clear(seed=8, effect=0.15)
    assert rose > 0.8 and fell == 0
    rose, fell, _ = clear(seed=9, effect=-0.15)
    assert fell > 0.8 and rose == 0


def test_the_interval_covers_the_effect_and_the_value_is_not_biased() -> None:
    dice = np.random.default_rng(10)
    found = [adjusted_change(*two_rounds(dice, 0.08)) for _ in range(ROUNDS)]
    values = np.array([one.value for one in found], float)
    assert abs(values.mean() - 0.08) < 0.012, "clipping at 98% takes a little"
    assert 0.91 <= np.mean([(one.low or 0) <= 0.08 <= (one.high or 0) for one in found]) <= 0.98


def test_the_standard_error_is_that_of_leaving_one_out() -> None:
    """HC3 is the sum of squares of what each unit left out changes (Long and Ervin 2000)."""
    dice = np.random.default_rng(3)
    before, after, taken = two_rounds(dice, 0.1)
    found = adjusted_change(before, after, taken)
    rest = [np.arange(CRITERIA) != one for one in range(CRITERIA)]
    moved = [(adjusted_change(before[keep], after[keep], taken[keep]).value or 0) - (found.value or 0) for keep in rest]
    from scipy.special import stdtrit

    half = stdtrit(CRITERIA - 3, 0.975) * np.sqrt(np.sum(np.square(moved)))
    assert ((found.high or 0) - (found.low or 0)) / 2 == pytest.approx(half, rel=1e-9)


def test_the_change_splits_into_what_comes_by_itself_and_the_rest() -> None:
    found = adjusted_change(*two_rounds(np.random.default_rng(4), 0.1))
    assert found.plain == pytest.approx((found.by_itself or 0) + (found.value or 0))
    assert (found.by_itself or 0) > 0, "the criteria with the least agreement rise by themselves"


@pytest.mark.parametrize("treated", [0, FEWEST - 1, 12 - FEWEST + 1, 12])
def test_too_few_on_one_side_is_said_in_words(treated: int) -> None:
    numbers = np.linspace(0.2, 0.8, 12)
    found = adjusted_change(numbers, numbers, [place < treated for place in range(12)])
    assert (found.value, found.low) == (None, None) and "are needed on each" in (found.undefined or "")


def test_the_same_starting_point_everywhere_is_said_in_words() -> None:
    found = adjusted_change([0.5] * 12, np.linspace(0, 1, 12), [True, False] * 6)
    assert found.value is None and "same place" in (found.undefined or "")
