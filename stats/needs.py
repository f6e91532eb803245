"""What a coefficient needs of the ratings, and the reason, in words, when it does not get it."""

from collections.abc import Callable

import numpy as np

from stats.patterns import Patterns

Need = Callable[[Patterns], str | None]

NO_RATINGS = "There are no ratings."
ONE_RATER = "Only one auditor rated these plans."
NO_PAIRS = "No plan was rated by two auditors."
ALL_THE_SAME = "Every rating is the same, so there is nothing to tell agreement from chance."
ALL_PAIRS_THE_SAME = "Every plan that two auditors rated got the same rating, so there is nothing to tell agreement from chance."
NO_VARIATION = "The ratings vary too little to tell agreement from chance."
MANY_LEVELS = 1000
_CELLS = 50_000_000


def pairs(patterns: Patterns) -> str | None:
    """Two ratings of the same plan, at least once."""
    if not patterns.items:
        return NO_RATINGS
    if len(patterns.active) < 2:
        return ONE_RATER
    return None if patterns.pairable_items else NO_PAIRS


def variation(patterns: Patterns) -> str | None:
    """Two levels among the ratings that have a partner."""
    return variation_anywhere(patterns) or (ALL_PAIRS_THE_SAME if patterns.levels_used == 1 else None)


def variation_anywhere(patterns: Patterns) -> str | None:
    """Two levels among all ratings: Gwet's prevalence counts those without a partner too."""
    return ALL_THE_SAME if len(np.unique(patterns.codes[patterns.given])) == 1 else None


def numbers(patterns: Patterns) -> str | None:
    return None if patterns.scale.is_numeric else "The levels are words; this statistic needs numbers."


def order(patterns: Patterns) -> str | None:
    return None if patterns.scale.has_order else "The levels have no order; this statistic needs one."


def no_negatives(patterns: Patterns) -> str | None:
    if np.all(patterns.scale.values >= 0):
        return None
    return "The scale has negative values; a ratio scale starts at zero."


def few_levels(patterns: Patterns) -> str | None:
    """A scale of categories rather than measurements: tables of levels x levels fit into memory."""
    levels = len(patterns.scale)
    if levels <= MANY_LEVELS and levels * len(patterns.anonymous.codes) <= _CELLS:
        return None
    return f"The scale has {levels:,} levels; this statistic compares categories, not measurements."


def two_levels(patterns: Patterns) -> str | None:
    return None if len(patterns.scale) > 1 else "The scale has only one level."


def two_raters(patterns: Patterns) -> str | None:
    raters = len(patterns.active)
    if raters == 2:
        return None
    return f"This statistic compares two auditors; here there are {raters}."


def every_pair(patterns: Patterns) -> str | None:
    """Every two raters share a plan."""
    raters = len(patterns.active)
    if patterns.rater_pairs.count == raters * (raters - 1) // 2:
        return None
    return "Some auditors have no plan in common; this statistic compares every two of them."


def panel(patterns: Patterns) -> str | None:
    """A panel in which every rater rates the same plans."""
    shared = int(patterns.times[patterns.complete].sum())
    if shared >= 2:
        return None
    rated = "Only one plan was" if shared else "No plan was"
    return f"{rated} rated by every auditor; this statistic needs a panel that rates the same plans."
