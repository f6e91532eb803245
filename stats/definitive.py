"""The probability of the definitive grade: how likely one auditor is to give the grade that was agreed.

Ofqual's measure of marking consistency. The agreed grade comes from a panel or a meeting, not from the
ratings themselves: against their own median any ratings look better than they are.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stats import bootstrap
from stats.arrays import FloatArray, divide
from stats.ratings import MISSING, Ratings

NOTHING = "No plan has both an agreed grade and a rating."


@dataclass(frozen=True)
class DefinitiveGrade:
    """A probability with its interval over plans; `within_one` is the same for at most one level away."""

    value: float | None
    low: float | None
    high: float | None
    within_one: float | None
    items: int
    ratings: int
    level: float
    undefined: str | None = None


def definitive_grade(
    ratings: Ratings,
    agreed: npt.ArrayLike,
    *,
    replicates: int = bootstrap.REPLICATES,
    seed: int = bootstrap.SEED,
    level: float = bootstrap.LEVEL,
) -> DefinitiveGrade:
    """Mean over plans of the share of their ratings that equal the agreed grade.

    `agreed` (one per plan) holds values of the scale, NaN or None where nothing was agreed.

    >>> from stats import Scale
    >>> found = definitive_grade(Ratings.of([[1, 2], [3, 3], [2, None]], Scale.of("ordinal", [1, 2, 3])), [1, 3, None])
    >>> found.value, found.within_one, found.items, found.ratings
    (0.75, 1.0, 2, 4)
    """
    target = Ratings.of(np.asarray(agreed, dtype=object).reshape(-1, 1), ratings.scale).codes
    given = ratings.given & (target != MISSING)
    rated = given.any(axis=1)
    distance = np.abs(ratings.codes.astype(np.int64) - target)
    exact, near = _share(given & (distance == 0), given)[rated], _share(given & (distance <= 1), given)[rated]
    if not len(exact):
        return DefinitiveGrade(None, None, None, None, 0, 0, level, NOTHING)
    low, high = _interval(exact, replicates, seed, level) or (None, None)
    near_share = float(near.mean()) if ratings.scale.has_order else None
    return DefinitiveGrade(float(exact.mean()), low, high, near_share, len(exact), int(given.sum()), level)


def _share(hits: npt.NDArray[np.bool_], given: npt.NDArray[np.bool_]) -> FloatArray:
    return divide(hits.sum(axis=1).astype(float), given.sum(axis=1).astype(float))


def _interval(shares: FloatArray, replicates: int, seed: int, level: float) -> tuple[float, float] | None:
    """Bootstrap over plans; when all plans are alike, the exact binomial limit, which resampling cannot give."""
    if not replicates or len(shares) < 2:
        return None
    hidden = bootstrap.hidden_share(level, len(shares))
    if np.all(shares == shares[0]) and shares[0] in (0.0, 1.0):
        return (1 - hidden, 1.0) if shares[0] else (0.0, hidden)
    values, often = np.unique(shares, return_counts=True)  # few, however many plans
    drawn = np.concatenate([times @ values for times in bootstrap.resample(often, replicates, seed)]) / len(shares)
    return bootstrap.interval(drawn, float(shares.mean()), level, len(shares))
