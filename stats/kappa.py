"""The kappa family: Cohen, Scott, Fleiss (and per level), Conger, Light.

All take patterns (P), weights of the patterns (B x P) and agreement weights (q x q); they return B values.
"""

import numpy as np

from stats.arrays import FloatArray, divide, remembered, sum_by
from stats.gwet import beyond_chance, prevalence
from stats.patterns import Patterns
from stats.percent import pairwise
from stats.scales import Scale


def fleiss_kappa(patterns: Patterns, times: FloatArray, weights: FloatArray) -> FloatArray:
    """Chance is two draws from the common prevalence (Fleiss 1971; Gwet 2014 where ratings are missing).

    One plan with two yes, one with two no, one with both: 2/3 observed, 1/2 expected.

    >>> from stats import Ratings
    >>> patterns = Patterns.of(Ratings.of([[1, 1], [0, 0], [0, 1]], Scale.of("nominal", [0, 1])))
    >>> fleiss_kappa(patterns, patterns.observed, np.eye(2)).round(4).tolist()
    [0.3333]
    """
    common = prevalence(patterns, times)
    return beyond_chance(pairwise(patterns, times, weights), chance_agreement(common, weights, common))


def fleiss_kappa_of_level(patterns: Patterns, times: FloatArray, level: int) -> FloatArray:
    """Fleiss's kappa for one level against all others together (Fleiss 1971)."""
    return fleiss_kappa(one_against_rest(patterns, level), times, np.eye(2))


def one_against_rest(patterns: Patterns, level: int) -> Patterns:
    codes = np.where(patterns.given, patterns.codes == level, -1).astype(np.int8)
    return Patterns(codes, patterns.times, Scale.of("nominal", ["other", "this"]))


def cohen_kappa(patterns: Patterns, times: FloatArray, weights: FloatArray) -> FloatArray:
    """Two raters, each with an own prevalence (Cohen 1960, 1968), over the plans that both rated.

    Fifty proposals, of which two readers both accept 20 and both refuse 15: .7 observed, .5 expected.

    >>> from stats import Ratings
    >>> pairs = [["yes", "yes"]] * 20 + [["yes", "no"]] * 5 + [["no", "yes"]] * 10 + [["no", "no"]] * 15
    >>> patterns = Patterns.of(Ratings.of(pairs, Scale.of("nominal", ["yes", "no"])))
    >>> cohen_kappa(patterns, patterns.observed, np.eye(2)).round(4).tolist()
    [0.4]
    """
    return _kappa_of_two(patterns, times, weights, *_the_two(patterns))


def cohen_kappa_observed_ranks(patterns: Patterns, times: FloatArray, power: int) -> FloatArray:
    """Cohen's kappa with weights from the ranks of the levels that occur, as R irr and scikit-learn do it.

    Listed to document the difference: the declared scale should be used.
    """
    first, second = _the_two(patterns)
    both = patterns.given[:, [first, second]].all(axis=1)
    used = np.unique(patterns.codes[both][:, [first, second]])
    rank = np.searchsorted(used, np.arange(len(patterns.scale)))
    distance = np.abs(np.subtract.outer(rank, rank)) / max(len(used) - 1, 1)
    return _kappa_of_two(patterns, times, 1 - distance**power, first, second)


def scott_pi(patterns: Patterns, times: FloatArray, weights: FloatArray) -> FloatArray:
    """Two raters, one common prevalence (Scott 1955), over the plans that both rated.

    Of 100 plans both accept 45 and refuse 15; 65% of all answers accept: .6 observed, .65 x .65 + .35 x .35 expected.

    >>> from stats import Ratings
    >>> pairs = [["yes", "yes"]] * 45 + [["yes", "no"]] * 15 + [["no", "yes"]] * 25 + [["no", "no"]] * 15
    >>> patterns = Patterns.of(Ratings.of(pairs, Scale.of("nominal", ["yes", "no"])))
    >>> scott_pi(patterns, patterns.observed, np.eye(2)).round(4).tolist()
    [0.1209]
    """
    agreement, rows, columns = _pair(patterns, times, weights, *_the_two(patterns))
    common = (rows + columns) / 2
    return beyond_chance(agreement, chance_agreement(common, weights, common))


def light_kappa(patterns: Patterns, times: FloatArray, weights: FloatArray) -> FloatArray:
    """Mean of Cohen's kappa over all pairs of raters (Light 1971); undefined as soon as one pair is.

    A third who always goes with the first: kappas of 1, .4 and .4.

    >>> from stats import Ratings
    >>> rows = [["yes"] * 3] * 20 + [["yes", "no", "yes"]] * 5 + [["no", "yes", "no"]] * 10 + [["no"] * 3] * 15
    >>> patterns = Patterns.of(Ratings.of(rows, Scale.of("nominal", ["yes", "no"])))
    >>> light_kappa(patterns, patterns.observed, np.eye(2)).round(4).tolist()
    [0.6]
    """
    if patterns.complete.all():
        return _light_of_panel(patterns, times, weights)
    total, first, second = _pair_sums(patterns, times)
    agreement = divide(np.asarray(times @ patterns.rater_pairs.weighted(weights)), total)
    chance = ((first @ weights) * second).sum(axis=2)
    return np.asarray(beyond_chance(agreement, chance).mean(axis=1))


def _light_of_panel(patterns: Patterns, times: FloatArray, weights: FloatArray) -> FloatArray:
    """The same without gaps: each rater's prevalence serves all pairs."""
    codes = patterns.codes[:, patterns.active]
    first, second = np.triu_indices(codes.shape[1], 1)
    agreement = divide(times @ weights[codes[:, first], codes[:, second]], times.sum(axis=1, keepdims=True))
    own = prevalence_by_rater(patterns, times)
    chance = np.matmul(own @ weights, own.transpose(0, 2, 1))[:, first, second]
    return np.asarray(beyond_chance(agreement, chance).mean(axis=1))


@remembered
def _pair_sums(patterns: Patterns, times: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """For each pair of raters: plans that both rated (B x pairs), and the prevalences of each on them (B x pairs x q)."""
    pairs, shape = patterns.rater_pairs, (len(times), -1, len(patterns.scale))
    first, second = (np.asarray(times @ matrix).reshape(shape) for matrix in (pairs.by_first, pairs.by_second))
    return first.sum(axis=2), _share(first), _share(second)


def conger_kappa(patterns: Patterns, times: FloatArray, weights: FloatArray) -> FloatArray:
    """Any number of raters, each with an own prevalence (Conger 1980; Gwet 2014 where ratings are missing).

    For two raters without missing ratings it is Cohen's kappa, here .4:

    >>> from stats import Ratings
    >>> pairs = [["yes", "yes"]] * 20 + [["yes", "no"]] * 5 + [["no", "yes"]] * 10 + [["no", "no"]] * 15
    >>> patterns = Patterns.of(Ratings.of(pairs, Scale.of("nominal", ["yes", "no"])))
    >>> conger_kappa(patterns, patterns.observed, np.eye(2)).round(4).tolist()
    [0.4]
    """
    own = prevalence_by_rater(patterns, times)
    chance = _chance_between(own, weights)
    return beyond_chance(pairwise(patterns, times, weights), chance)


@remembered
def prevalence_by_rater(patterns: Patterns, times: FloatArray) -> FloatArray:
    """How common each level is among the ratings of each rater (B x raters x q)."""
    counts = np.asarray(times @ patterns.by_rater).reshape(len(times), -1, len(patterns.scale))
    return _share(counts)


def chance_agreement(one: FloatArray, weights: FloatArray, other: FloatArray) -> FloatArray:
    """Expected agreement of two independent draws from two prevalences (B x q, q x q, B x q -> B)."""
    return np.asarray(((one @ weights) * other).sum(axis=1))


def _the_two(patterns: Patterns) -> tuple[int, int]:
    first, second = patterns.active
    return int(first), int(second)


def _share(counts: FloatArray) -> FloatArray:
    return divide(counts, counts.sum(axis=-1, keepdims=True))


def _kappa_of_two(patterns: Patterns, times: FloatArray, weights: FloatArray, first: int, second: int) -> FloatArray:
    agreement, rows, columns = _pair(patterns, times, weights, first, second)
    return beyond_chance(agreement, chance_agreement(rows, weights, columns))


def _pair(
    patterns: Patterns, times: FloatArray, weights: FloatArray, first: int, second: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Agreement (B) and the two prevalences (B x q) over the plans that both raters rated."""
    both = patterns.given[:, first] & patterns.given[:, second]
    one, other = patterns.codes[both, first], patterns.codes[both, second]
    times = times[:, both]
    agreement = divide(times @ weights[one, other], times.sum(axis=1))
    levels = len(patterns.scale)
    return agreement, _share(sum_by(one, levels, times)), _share(sum_by(other, levels, times))


def _chance_between(own: FloatArray, weights: FloatArray) -> FloatArray:
    """Mean over ordered pairs of different raters of the agreement that their prevalences give by chance.

    A rater with no rating in a replicate is left out of that replicate.
    """
    present = ~np.isnan(own[:, :, 0])
    known = np.where(present[:, :, None], own, 0.0)
    raters = present.sum(axis=1)
    together = known.sum(axis=1)
    everybody = chance_agreement(together, weights, together)
    same = ((known @ weights) * known).sum(axis=(1, 2))
    return divide(everybody - same, (raters * (raters - 1)).astype(float))
