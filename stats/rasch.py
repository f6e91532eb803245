"""The many-facet Rasch model by marginal maximum likelihood: likelihood and gradient.

For a plan of measure t, a criterion of difficulty d, a rater of severity s and steps f_1 ... f_K:

    log P(score k) - log P(score k - 1) = t - d - s - f_k,    t ~ Normal(mean, sd)

The integral over t is taken by adaptive Gauss-Hermite quadrature: each plan has its own nodes, placed
around its posterior. Ratings are worked through in batches of whole plans, so memory stays small.
Source: J. M. Linacre, Many-Facet Rasch Measurement (1989); R. D. Bock and M. Aitkin (1981); for the
information see `rasch_information`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from stats.arrays import FloatArray, IntArray
from stats.facets import Facets

BATCH = 150_000
_FAR = 30.0


@dataclass(frozen=True)
class Parameters:
    """Severities sum to zero within a component, steps within their group; the first mean is zero."""

    severity: FloatArray
    difficulty: FloatArray
    step: FloatArray
    mean: FloatArray
    log_sd: float

    @property
    def variance(self) -> float:
        return float(np.exp(2 * self.log_sd))

    @property
    def vector(self) -> FloatArray:
        parts = (self.severity, self.difficulty, self.step.reshape(-1), self.mean, [self.log_sd])
        return np.concatenate([np.asarray(part, dtype=np.float64) for part in parts])


@dataclass(frozen=True)
class Nodes:
    """Where the integral is evaluated: `at` and `log_weight` are plans x nodes."""

    at: FloatArray
    log_weight: FloatArray


@dataclass(frozen=True)
class Batch:
    """Ratings of some whole plans; `starts` are the places where a plan begins."""

    ratings: slice
    plans: slice
    starts: IntArray
    plan: IntArray


class Model:
    """Everything about the data that does not change while parameters do."""

    def __init__(self, facets: Facets) -> None:
        self.facets = facets
        self.steps = facets.steps
        self.lengths = np.array([len(values) - 1 for values in facets.values])
        self.counts = np.bincount(facets.plan, minlength=len(facets.plans))
        self.raw = np.bincount(facets.plan, weights=facets.score)
        self.reached = np.arange(1, self.steps + 1) <= facets.score[:, None]

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of severities, difficulties, steps, means and log sd in a full vector."""
        facets = self.facets
        return (len(facets.raters), len(facets.criteria), len(facets.values) * self.steps, facets.components, 1)

    @cached_property
    def edges(self) -> IntArray:
        """Where each kind of parameter begins in a full vector."""
        return np.cumsum((0, *self.sizes))

    def parameters(self, vector: FloatArray) -> Parameters:
        severity, difficulty, step, mean, log_sd = np.split(vector, self.edges[1:-1])
        return Parameters(severity, difficulty, step.reshape(-1, self.steps), mean, float(log_sd[0]))

    @cached_property
    def constraints(self) -> FloatArray:
        """Full vector = this matrix times the free parameters."""
        from scipy.linalg import block_diag

        component = self.facets.component
        severities = np.zeros((len(component), 0))
        for one in range(self.facets.components):
            severities = np.hstack([severities, _sum_to_zero(len(component), np.flatnonzero(component == one))])
        steps = block_diag(*[_sum_to_zero(self.steps, np.arange(length)) for length in self.lengths])
        means = np.eye(self.facets.components)[:, 1:]
        return np.asarray(block_diag(severities, np.eye(self.sizes[1]), steps, means, np.eye(1)))

    def batches(self, nodes: int) -> Iterator[Batch]:
        """Whole plans, as many as fit."""
        ends = np.cumsum(self.counts)
        first = 0
        while first < len(ends):
            begin = int(ends[first] - self.counts[first])
            last = max(int(np.searchsorted(ends, begin + BATCH // nodes, side="right")), first + 1)
            starts = np.cumsum(self.counts[first:last]) - self.counts[first:last]
            plan = np.repeat(np.arange(last - first), self.counts[first:last])
            yield Batch(slice(begin, int(ends[last - 1])), slice(first, last), starts, plan)
            first = last

    def step_sums(self, parameters: Parameters) -> FloatArray:
        """Cumulative steps of each group (groups x K + 1); infinite beyond the end of a scale."""
        sums = np.concatenate([np.zeros((len(parameters.step), 1)), np.cumsum(parameters.step, axis=1)], axis=1)
        sums[np.arange(self.steps + 1) > self.lengths[:, None]] = np.inf
        return sums

    def location(self, parameters: Parameters) -> FloatArray:
        return parameters.severity[self.facets.rater] + parameters.difficulty[self.facets.criterion]


@dataclass(frozen=True)
class Chances:
    """Odds of each score for the ratings of a batch at each node: P(k) = odds(k) / total (n x nodes)."""

    power: FloatArray
    steps: FloatArray
    total: FloatArray

    @classmethod
    def at(cls, nodes: FloatArray, location: FloatArray, sums: FloatArray) -> "Chances":
        far = _FAR * 10 / max(sums.shape[1] - 1, 10)
        power = np.exp(np.clip(nodes - location[:, None], -far, far))
        steps = np.exp(-sums)
        total = np.zeros_like(power)
        for score in range(sums.shape[1] - 1, -1, -1):
            total *= power
            total += steps[:, score, None]
        return cls(power, steps, total)

    def expected(self, weight: FloatArray) -> FloatArray:
        """Probability of each score, averaged over the nodes (n x K + 1)."""
        share = weight / self.total
        result = np.empty(self.steps.shape)
        for score in range(self.steps.shape[1]):
            result[:, score] = share.sum(axis=1) * self.steps[:, score]
            share *= self.power
        return result

    def each(self) -> FloatArray:
        """Probability of each score at each node (n x nodes x K + 1)."""
        powers = self.power[:, :, None] ** np.arange(self.steps.shape[1])
        return np.asarray(powers * self.steps[:, None, :] / self.total[:, :, None])


def posterior(model: Model, parameters: Parameters, nodes: Nodes, batch: Batch) -> tuple[FloatArray, FloatArray, Chances]:
    """Log marginal likelihood of each plan, the weights of its nodes, and the chances of its ratings."""
    facets = model.facets
    at = nodes.at[batch.plans]
    location = model.location(parameters)[batch.ratings]
    sums = model.step_sums(parameters)[facets.group[batch.ratings]]
    chances = Chances.at(at[batch.plan], location, sums)
    score = facets.score[batch.ratings]
    fixed = np.add.reduceat(score * location + sums[np.arange(len(score)), score], batch.starts)
    centre = parameters.mean[facets.plan_component[batch.plans]][:, None]
    prior = -0.5 * (at - centre) ** 2 / parameters.variance - parameters.log_sd - 0.5 * np.log(2 * np.pi)
    joint = model.raw[batch.plans, None] * at - fixed[:, None] - np.add.reduceat(np.log(chances.total), batch.starts)
    joint += prior + nodes.log_weight[batch.plans]
    top = joint.max(axis=1, keepdims=True)
    weight = np.exp(joint - top)
    total = weight.sum(axis=1, keepdims=True)
    return (top + np.log(total))[:, 0], weight / total, chances


def log_likelihood(model: Model, parameters: Parameters, nodes: Nodes) -> tuple[float, FloatArray]:
    """Marginal log likelihood and its gradient with respect to the full vector (exact for the given nodes)."""
    facets, total = model.facets, 0.0
    gradient = [np.zeros(size) for size in model.sizes]
    for batch in model.batches(nodes.at.shape[1]):
        value, weight, chances = posterior(model, parameters, nodes, batch)
        total += float(value.sum())
        expected = chances.expected(weight[batch.plan])
        reach = beyond(expected)
        surprise = reach.sum(axis=1) - facets.score[batch.ratings]
        _add(gradient[0], facets.rater[batch.ratings], surprise)
        _add(gradient[1], facets.criterion[batch.ratings], surprise)
        for step in range(model.steps):
            place = facets.group[batch.ratings] * model.steps + step
            _add(gradient[2], place, reach[:, step] - model.reached[batch.ratings, step])
        away = nodes.at[batch.plans] - parameters.mean[facets.plan_component[batch.plans]][:, None]
        _add(gradient[3], facets.plan_component[batch.plans], (weight * away).sum(axis=1) / parameters.variance)
        gradient[4] += ((weight * away**2).sum(axis=1) / parameters.variance - 1).sum()
    return total, np.concatenate(gradient)


def place_nodes(model: Model, parameters: Parameters, start: FloatArray, count: int) -> Nodes:
    """Nodes around each plan's posterior mode, as wide as its curvature says; `start` (plans) are first guesses."""
    mode, curvature = start.copy(), np.ones(len(start))
    centre = parameters.mean[model.facets.plan_component]
    for _ in range(30):
        slope, curvature = _slope(model, parameters, mode)
        slope -= (mode - centre) / parameters.variance
        curvature += 1 / parameters.variance
        move = np.clip(slope / curvature, -2, 2)
        mode += move
        if np.abs(move).max() < 1e-6:
            break
    points, weights = np.polynomial.hermite.hermgauss(count)
    width = np.sqrt(2 / curvature)[:, None]
    return Nodes(mode[:, None] + width * points, np.log(width) + (np.log(weights) + points**2)[None, :])


def _slope(model: Model, parameters: Parameters, mode: FloatArray) -> tuple[FloatArray, FloatArray]:
    """First and minus second derivative of the log likelihood of each plan at one point (plans)."""
    slope, curvature = np.empty(len(mode)), np.empty(len(mode))
    score = np.arange(model.steps + 1)
    location, sums = model.location(parameters), model.step_sums(parameters)
    for batch in model.batches(1):
        at = mode[batch.plans][batch.plan][:, None]
        chances = Chances.at(at, location[batch.ratings], sums[model.facets.group[batch.ratings]])
        probability = chances.expected(np.ones_like(at))
        mean = probability @ score
        slope[batch.plans] = model.raw[batch.plans] - np.add.reduceat(mean, batch.starts)
        curvature[batch.plans] = np.add.reduceat(probability @ score**2 - mean**2, batch.starts)
    return slope, curvature


def beyond(probability: FloatArray) -> FloatArray:
    """P(score >= j) for j = 1 ... K along the last axis."""
    return np.cumsum(probability[..., ::-1], axis=-1)[..., ::-1][..., 1:]


def _sum_to_zero(rows: int, members: IntArray) -> FloatArray:
    """The members (all but the last free) sum to zero; other rows are zero."""
    result = np.zeros((rows, len(members) - 1))
    result[members[:-1], np.arange(len(members) - 1)] = 1
    result[members[-1]] = -1
    return result


def _add(total: FloatArray, place: IntArray, values: FloatArray) -> None:
    total += np.bincount(place, weights=values, minlength=len(total))
