"""Finds the parameters of the Rasch model that make the ratings most likely, and their standard errors."""

import numpy as np

from stats.arrays import FloatArray
from stats.rasch import Model, Nodes, Parameters, log_likelihood, place_nodes
from stats.rasch_information import information

_MANY = 100_000
_ROUNDS = 10
_SETTLED, _SETTLED_MANY = 1e-5, 1e-4


def fit(model: Model) -> tuple[Parameters, Nodes, float, bool]:
    """Parameters, the nodes of the last round, the deviance, and whether it converged.

    Nodes stay fixed while L-BFGS works, so that likelihood and gradient belong together; then they are
    placed anew, until nothing moves.
    """
    count, settled = (21, _SETTLED) if model.facets.ratings < _MANY else (9, _SETTLED_MANY)
    constraints = model.constraints
    free: FloatArray = np.linalg.lstsq(constraints, _start(model).vector, rcond=None)[0].astype(np.float64)
    measures = np.zeros(len(model.facets.plans))
    for number in range(_ROUNDS):
        nodes = place_nodes(model, model.parameters(constraints @ free), measures, count)
        measures = nodes.at.mean(axis=1)
        found, finished = _maximise(model, constraints, nodes, free, 15 if number == 0 else 200)
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
    free = constraints.T @ information(model, parameters, nodes) @ constraints
    try:
        variance = np.einsum("if,fg,ig->i", constraints, np.linalg.inv(free), constraints, optimize=True)
    except np.linalg.LinAlgError:
        variance = np.full(len(constraints), np.nan)
    variance[variance < 0] = np.nan
    return model.parameters(np.sqrt(variance))


def _maximise(model: Model, constraints: FloatArray, nodes: Nodes, free: FloatArray, steps: int) -> tuple[FloatArray, bool]:
    from scipy.optimize import minimize

    scale = 1 / np.sqrt(_roughly_known(model) @ constraints**2 + 1)
    ratings = model.facets.ratings

    def loss(scaled: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = log_likelihood(model, model.parameters(constraints @ (scaled * scale)), nodes)
        return -value / ratings, -(constraints.T @ gradient) * scale / ratings

    result = minimize(
        loss,
        free / scale,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": steps, "maxcor": 20, "gtol": 1e-8, "ftol": 1e-13 if ratings < _MANY else 1e-12},
    )
    return np.asarray(result.x * scale), bool(result.success)


def _roughly_known(model: Model) -> FloatArray:
    """About how much information there is on each parameter, so that all have the same footing in the search."""
    facets = model.facets
    half = 0.5 * np.ones(facets.ratings)
    step = np.repeat(np.bincount(facets.group, minlength=len(facets.values)), model.steps) * 0.2
    plans = np.bincount(facets.plan_component, minlength=facets.components).astype(float)
    return np.concatenate(
        [
            np.bincount(facets.rater, weights=half, minlength=len(facets.raters)),
            np.bincount(facets.criterion, weights=half, minlength=len(facets.criteria)),
            step,
            plans,
            [2.0 * len(facets.plans)],
        ]
    )


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
