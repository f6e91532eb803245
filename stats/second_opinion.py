"""The everyday check on our own arithmetic: alpha once more, by the krippendorff package.

This is the only file that knows the package. It cannot say anything about constant ratings, on which it
raises, nor about criteria without a plan that two raters rated.
"""

import numpy as np

from stats.alpha import alpha
from stats.patterns import Patterns
from stats.ratings import Ratings
from stats.scales import Level

TOLERANCE = 1e-9


def krippendorff_alpha(ratings: Ratings, metric: Level) -> float | None:
    """Alpha as the krippendorff package computes it; None where it cannot.

    >>> from stats import Scale
    >>> krippendorff_alpha(Ratings.of([[1, 1], [1, 1]], Scale.of("nominal", [1, 2])), Level.NOMINAL) is None
    True
    """
    import krippendorff

    patterns = Patterns.of(ratings)
    if patterns.levels_used < 2:
        return None
    values = np.where(ratings.given, ratings.scale.values[ratings.codes], np.nan)
    domain = np.unique(values[~np.isnan(values)])
    found = krippendorff.alpha(values.T, level_of_measurement=metric.value, value_domain=domain)
    return float(found)


def disputed(ratings: Ratings, metric: Level | None = None) -> str | None:
    """What the two differ in, or None when they agree (or the package has no opinion)."""
    chosen = metric or ratings.scale.level
    other = krippendorff_alpha(ratings, chosen)
    if other is None:
        return None
    patterns = Patterns.of(ratings).anonymous
    own = float(alpha(patterns, patterns.observed, chosen)[0])
    if abs(own - other) <= TOLERANCE:
        return None
    return f"alpha ({chosen}) is {own!r} here and {other!r} by krippendorff"
