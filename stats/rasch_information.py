"""How much the ratings say about the parameters of the Rasch model: the full observed information.

It is what the information would be if the plans' measures were known, less the variance of the scores over
what the ratings leave open about them (Louis 1982). Errors taken one parameter at a time are too small.
"""

from collections.abc import Iterator

import numpy as np

from stats.arrays import FloatArray, IntArray
from stats.rasch import BATCH, Batch, Model, Nodes, Parameters, beyond, posterior


def information(model: Model, parameters: Parameters, nodes: Nodes) -> FloatArray:
    """Observed information of the full vector (Louis 1982): expected complete less variance of the scores."""
    size = int(model.edges[-1])
    total = np.zeros((size, size))
    for batch in _small(model, nodes.at.shape[1], size):
        _, weight, chances = posterior(model, parameters, nodes, batch)
        probability = chances.each()
        _add_complete(total, model, parameters, nodes, batch, weight, probability)
        scores = _scores(model, parameters, nodes, batch, probability)
        centred = scores - np.einsum("pq,pqd->pd", weight, scores)[:, None, :]
        flat = (centred * np.sqrt(weight)[:, :, None]).reshape(-1, size)
        total -= flat.T @ flat
    return total


def _scores(model: Model, parameters: Parameters, nodes: Nodes, batch: Batch, probability: FloatArray) -> FloatArray:
    """Gradient of the complete log likelihood of each plan at each node (plans x nodes x parameters)."""
    facets, plans, count = model.facets, len(batch.starts), nodes.at.shape[1]
    size = int(model.edges[-1])
    reach = beyond(probability)
    surprise = reach.sum(axis=2) - facets.score[batch.ratings, None]
    result = np.zeros((count, plans * size))
    row = batch.plan * size
    places = [(row + facets.rater[batch.ratings], surprise), (row + model.edges[1] + facets.criterion[batch.ratings], surprise)]
    for step in range(model.steps):
        place = row + model.edges[2] + facets.group[batch.ratings] * model.steps + step
        places.append((place, reach[:, :, step] - model.reached[batch.ratings, step, None]))
    for node in range(count):
        for place, part in places:
            result[node] += np.bincount(place, weights=part[:, node], minlength=plans * size)
    scores = result.reshape(count, plans, size).transpose(1, 0, 2)
    component = facets.plan_component[batch.plans]
    away = nodes.at[batch.plans] - parameters.mean[component][:, None]
    scores[np.arange(plans), :, model.edges[3] + component] = away / parameters.variance
    scores[:, :, -1] = away**2 / parameters.variance - 1
    return scores


def _add_complete(
    total: FloatArray,
    model: Model,
    parameters: Parameters,
    nodes: Nodes,
    batch: Batch,
    weight: FloatArray,
    probability: FloatArray,
) -> None:
    """Adds the expected information that there would be if the measures of the plans were known."""
    facets = model.facets
    share = weight[batch.plan]
    reach = beyond(probability)
    severity, difficulty = facets.rater[batch.ratings], model.edges[1] + facets.criterion[batch.ratings]
    steps = model.edges[2] + facets.group[batch.ratings, None] * model.steps + np.arange(model.steps)
    both = np.einsum("nq,nqj,nql->njl", share, reach, reach)
    least = np.maximum.outer(np.arange(model.steps), np.arange(model.steps))
    covariance = np.einsum("nq,nqj->nj", share, reach)[:, least] - both
    with_total, variance = covariance.sum(axis=2), covariance.sum(axis=(1, 2))
    for one, other in ((severity, severity), (difficulty, difficulty), (severity, difficulty), (difficulty, severity)):
        _add_pairs(total, one, other, variance)
    for step in range(model.steps):
        for one in (severity, difficulty):
            _add_pairs(total, one, steps[:, step], with_total[:, step])
            _add_pairs(total, steps[:, step], one, with_total[:, step])
        for other in range(model.steps):
            _add_pairs(total, steps[:, step], steps[:, other], covariance[:, step, other])
    _add_population(total, model, parameters, nodes, batch, weight)


def _add_population(
    total: FloatArray, model: Model, parameters: Parameters, nodes: Nodes, batch: Batch, weight: FloatArray
) -> None:
    """The same of the mean of each component and of the spread of the measures."""
    component = model.facets.plan_component[batch.plans]
    away = nodes.at[batch.plans] - parameters.mean[component][:, None]
    mean = model.edges[3] + component
    last = np.full(len(mean), model.edges[4])
    cross = 2 * (weight * away).sum(axis=1) / parameters.variance
    _add_pairs(total, mean, mean, np.full(len(mean), 1 / parameters.variance))
    _add_pairs(total, mean, last, cross)
    _add_pairs(total, last, mean, cross)
    _add_pairs(total, last, last, 2 * (weight * away**2).sum(axis=1) / parameters.variance)


def _small(model: Model, nodes: int, size: int) -> Iterator[Batch]:
    """Batches in which the scores of all plans (plans x nodes x parameters) stay below some tens of megabytes."""
    per_plan = max(1, int(model.counts.mean()))
    return model.batches(max(nodes, nodes * size * BATCH // (4_000_000 * per_plan)))


def _add_pairs(total: FloatArray, one: IntArray, other: IntArray, values: FloatArray) -> None:
    size = len(total)
    total += np.bincount(one * size + other, weights=values, minlength=size * size).reshape(size, size)
