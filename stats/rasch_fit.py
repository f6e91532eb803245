"""Finds the parameters of the Rasch model that make the ratings most likely, and their standard errors."""

import numpy as np

from stats.arrays import FloatArray
from stats.climb import climb, inverse_curvature
from stats.rasch import Model, Nodes, Parameters, log_likelihood, place_nodes
from stats.rasch_information import information

_MANY = 100_000
_ROUNDS = 10
_SETTLED, _SETTLED_MANY = 1e-5, 1e-4
_FAR, _SPREADS = 12.0, (-3.5, 2.0)  # walls: logits, and the log of the standard deviation of the plans
_STEEP = 100.0
_GAIN = 1e-13  # of log likelihood, for each rating


def fit(model: Model) -> tuple[Parameters, Nodes, float, bool]:
    """Parameters, the nodes of the last round, the deviance, and whether it converged.

    Nodes stay fixed during a climb, so that likelihood and gradient belong together; then they are placed anew,
    until nothing moves. The information says how far to go: it is taken where the search starts, once more after
    the first few steps, and from there on kept up by the steps themselves.
    """
    count, settled = (15, _SETTLED) if model.facets.ratings < _MANY else (9, _SETTLED_MANY)
    constraints = model.constraints
    free: FloatArray = np.linalg.lstsq(constraints, _start(model).vector, rcond=None)[0].astype(np.float64)
    measures = np.zeros(len(model.facets.plans))
    inverse = np.zeros((0, 0))
    for number in range(_ROUNDS):
        parameters = model.parameters(constraints @ free)
        nodes = place_nodes(model, parameters, measures, count)
        measures = nodes.at.mean(axis=1)
        if number < 2:
            inverse = inverse_curvature(_free_information(model, constraints, parameters, nodes))
        found, inverse, finished = _climb_for(model, constraints, nodes, free, inverse, 100 if number else 6)
        moved = float(np.abs(found - free).max())
        free = found
        if finished and moved < settled:
            break
    parameters = model.parameters(constraints @ free)
    value, _ = log_likelihood(model, parameters, nodes)
    return parameters, nodes, -2 * value, finished and moved < settled * 10


def standard_errors(model: Model, parameters: Parameters, nodes: Nodes) -> Parameters:
    """Standard errors in the shape of the parameters, from the inverse of the observed information; NaN if singular."""
    constraints = model.constraints
    try:
        inverse = np.linalg.inv(_free_information(model, constraints, parameters, nodes))
        variance = np.einsum("if,fg,ig->i", constraints, inverse, constraints, optimize=True)
    except np.linalg.LinAlgError:
        variance = np.full(len(constraints), np.nan)
    variance[variance < 0] = np.nan
    return model.parameters(np.sqrt(variance))


def _climb_for(
    model: Model, constraints: FloatArray, nodes: Nodes, free: FloatArray, inverse: FloatArray, steps: int
) -> tuple[FloatArray, FloatArray, bool]:
    """The free parameters that make the ratings most likely while the nodes stay where they are.

    Where few ratings would drive a parameter to infinity it comes to rest at a wall that is beyond all real ones.
    """

    def likelihood(place: FloatArray) -> tuple[float, FloatArray]:
        vector = constraints @ place
        value, gradient = log_likelihood(model, model.parameters(vector), nodes)
        outside = vector - np.clip(vector, -_FAR, _FAR)
        outside[-1] = vector[-1] - np.clip(vector[-1], *_SPREADS)
        steep = _STEEP * model.facets.ratings * outside
        return value - float(steep @ outside) / 2, constraints.T @ (gradient - steep)

    return climb(likelihood, free, inverse, _GAIN * model.facets.ratings, steps)


def _free_information(model: Model, constraints: FloatArray, parameters: Parameters, nodes: Nodes) -> FloatArray:
    return np.asarray(constraints.T @ information(model, parameters, nodes) @ constraints)


def _start(model: Model) -> Parameters:
    """Steps from how often each score occurs; everything else at zero and one."""
    facets = model.facets
    step = np.zeros((len(facets.values), model.steps))
    for group, length in enumerate(model.lengths):
        counts = np.bincount(facets.score[facets.group == group], minlength=length + 1)[: length + 1] + 0.5
        logits = np.log(counts[:-1] / counts[1:])
        step[group, :length] = logits - logits.mean()
    zeros = [np.zeros(size) for size in model.sizes]
    return Parameters(zeros[0], zeros[1], step, zeros[3], 0.0)
