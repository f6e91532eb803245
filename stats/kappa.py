"""The kappa family: Cohen, Scott, Fleiss (and per level), Conger, Light.

All take patterns (P), weights of the patterns (B x P) and agreement weights (q x q); they return B values.
"""

from itertools import combinations

import numpy as np

from stats.arrays import FloatArray, divide, sum_by
from stats.gwet import beyond_chance, prevalence
from stats.patterns import Patterns
from stats.percent import pairwise
from stats.scales import Scale


def fleiss_kappa(patterns: Patterns, times: FloatArray, weights: FloatArray) -> FloatArray:
    """Chance is two draws from the common prevalence (Fleiss 1971; Gwet 2014 where ratings are missing)."""
    common = prevalence(patterns, times)
    chance = np.einsum("bk,kl,bl->b", common, weights, common)
    return beyond_chance(pairwise(patterns, times, weights), chance)


def fleiss_kappa_of_level(patterns: Patterns, times: FloatArray, level: int) -> FloatArray:
    """Fleiss's kappa for one level against all others together (Fleiss 1971)."""
    return fleiss_kappa(one_against_rest(patterns, level), times, np.eye(2))


def one_against_rest(patterns: Patterns, level: int) -> Patterns:
    codes = np.where(patterns.given, patterns.codes == level, -1).astype(np.int8)
    return Patterns(codes, patterns.times, Scale.of("nominal", ["other", "this"]))


def cohen_kappa(patterns: Patterns, times: FloatArray, weights: FloatArray) -> FloatArray:
    """Two raters, each with an own prevalence (Cohen 1960, 1968), over the plans that both rated."""
    return _kappa_of_tables(joint_tables(patterns, times, *_the_two(patterns)), weights)


def cohen_kappa_observed_ranks(patterns: Patterns, times: FloatArray, power: int) -> FloatArray:
    """Cohen's kappa with weights from the ranks of the levels that occur, as R irr and scikit-learn do it.

    Listed to document the difference: the declared scale should be used.
    """
    first, second = _the_two(patterns)
    both = patterns.given[:, [first, second]].all(axis=1)
    used = np.unique(patterns.codes[both][:, [first, second]])
    rank = np.arange(len(used))
    distance = np.abs(np.subtract.outer(rank, rank)) / max(len(used) - 1, 1)
    tables = joint_tables(patterns, times, first, second)[:, used][:, :, used]
    return _kappa_of_tables(tables, 1 - distance**power)


def scott_pi(patterns: Patterns, times: FloatArray, weights: FloatArray) -> FloatArray:
    """Two raters, one common prevalence (Scott 1955), over the plans that both rated."""
    tables = joint_tables(patterns, times, *_the_two(patterns))
    total = tables.sum(axis=(1, 2))
    common = divide(tables.sum(axis=1) + tables.sum(axis=2), 2 * total[:, None])
    agreement = divide((tables * weights).sum(axis=(1, 2)), total)
    return beyond_chance(agreement, np.einsum("bk,kl,bl->b", common, weights, common))


def light_kappa(patterns: Patterns, times: FloatArray, weights: FloatArray) -> FloatArray:
    """Mean of Cohen's kappa over all pairs of raters (Light 1971); undefined as soon as one pair is."""
    pairs = list(combinations(patterns.active, 2))
    total = np.zeros(len(times))
    for first, second in pairs:
        total += _kappa_of_tables(joint_tables(patterns, times, first, second), weights)
    return total / max(len(pairs), 1)


def conger_kappa(patterns: Patterns, times: FloatArray, weights: FloatArray) -> FloatArray:
    """Any number of raters, each with an own prevalence (Conger 1980; Gwet 2014 where ratings are missing).

    For two raters without missing ratings it is Cohen's kappa.
    """
    own = prevalence_by_rater(patterns, times)
    chance = _chance_between(own, weights)
    return beyond_chance(pairwise(patterns, times, weights), chance)


def prevalence_by_rater(patterns: Patterns, times: FloatArray) -> FloatArray:
    """How common each level is among the ratings of each rater (B x raters x q)."""
    levels = len(patterns.scale)
    shares = [_share(sum_by(patterns.codes[:, rater], levels, times)) for rater in patterns.active]
    return np.stack(shares, axis=1)


def joint_tables(patterns: Patterns, times: FloatArray, first: int, second: int) -> FloatArray:
    """How often the first rater chose one level and the second another (B x q x q)."""
    levels = len(patterns.scale)
    a, b = patterns.codes[:, first].astype(np.int64), patterns.codes[:, second].astype(np.int64)
    cell = np.where((a >= 0) & (b >= 0), a * levels + b, -1)
    return sum_by(cell, levels * levels, times).reshape(len(times), levels, levels)


def _the_two(patterns: Patterns) -> tuple[int, int]:
    first, second = patterns.active
    return int(first), int(second)


def _share(counts: FloatArray) -> FloatArray:
    return divide(counts, counts.sum(axis=-1, keepdims=True))


def _kappa_of_tables(tables: FloatArray, weights: FloatArray) -> FloatArray:
    total = tables.sum(axis=(1, 2))
    agreement = divide((tables * weights).sum(axis=(1, 2)), total)
    rows, columns = divide(tables.sum(axis=2), total[:, None]), divide(tables.sum(axis=1), total[:, None])
    return beyond_chance(agreement, np.einsum("bk,kl,bl->b", rows, weights, columns))


def _chance_between(own: FloatArray, weights: FloatArray) -> FloatArray:
    """Mean over ordered pairs of different raters of the agreement that their prevalences give by chance.

    A rater with no rating in a replicate is left out of that replicate.
    """
    present = ~np.isnan(own[:, :, 0])
    known = np.where(present[:, :, None], own, 0.0)
    raters = present.sum(axis=1)
    together = known.sum(axis=1)
    everybody = np.einsum("bk,kl,bl->b", together, weights, together)
    same = np.einsum("brk,kl,brl->b", known, weights, known, optimize=True)
    return divide(everybody - same, (raters * (raters - 1)).astype(float))
