"""Where raters differ: how often two ratings of the same plan pair each two levels."""

from dataclasses import dataclass

import numpy as np

from stats.alpha import pairable_marginals
from stats.arrays import FloatArray
from stats.patterns import Patterns
from stats.ratings import Ratings
from stats.scales import Label


@dataclass(frozen=True)
class Coincidences:
    """Krippendorff's coincidence matrix (q x q), and what chance would give; both sum to the pairable ratings."""

    levels: tuple[Label, ...]
    observed: FloatArray
    expected: FloatArray

    @property
    def disagreements(self) -> list[tuple[Label, Label, float]]:
        """Pairs of different levels with their share of all coincidences, most frequent first."""
        total = float(self.observed.sum())
        rows, columns = np.triu_indices(len(self.levels), 1)
        shares = 2 * self.observed[rows, columns] / total if total else np.zeros(len(rows))
        order = np.argsort(-shares, kind="stable")
        return [(self.levels[rows[at]], self.levels[columns[at]], float(shares[at])) for at in order if shares[at] > 0]


def coincidences(ratings: Ratings) -> Coincidences:
    """The coincidence matrix; each pair of ratings of a plan counts 1 / (m - 1), m the plan's ratings.

    Krippendorff (2011), section C:

    >>> from stats import Scale
    >>> table = [[1, 1, None, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4],
    ...          [4, 4, 4, 4], [1, 1, 2, 1], [2, 2, 2, 2], [None, 5, 5, 5], [None, None, 1, 1], [None, None, 3, None]]
    >>> found = coincidences(Ratings.of(table, Scale.of("nominal", range(1, 6))))
    >>> found.observed[0].round(2).tolist(), float(found.observed.sum())
    ([7.0, 1.33, 0.33, 0.33, 0.0], 40.0)
    """
    patterns = Patterns.of(ratings).anonymous
    counts = patterns.counts
    weight = np.where(patterns.pairable, patterns.times / np.maximum(patterns.sizes - 1, 1), 0.0)
    observed = np.einsum("p,pk,pl->kl", weight, counts, counts) - np.diag(weight @ counts)
    marginals = pairable_marginals(patterns, patterns.observed)[0]
    total = float(marginals.sum())
    expected = (np.outer(marginals, marginals) - np.diag(marginals)) / max(total - 1, 1)
    return Coincidences(ratings.scale.labels, observed, expected)
