"""Severity: how strict each rater is, beside how hard each criterion and how good each plan.

A many-facet Rasch model by marginal maximum likelihood. Severity is a person's private, developmental
feedback, never a league table, and severities may be compared only within one connected component.
"""

from collections.abc import Hashable, Sequence
from itertools import compress

import numpy as np

from stats.arrays import BoolArray, FloatArray, IntArray
from stats.facets import Facets, Steps, codes_of
from stats.rasch import Chances, Model, Nodes, Parameters, posterior
from stats.rasch_fit import fit, standard_errors
from stats.severity_results import CriterionDifficulty, Link, PlanMeasure, RaterSeverity, Severity, Step

EXTREME = "Only ever the lowest or only ever the highest score: there is no finite estimate."
ALONE = "Nobody else whose severity can be told rated any of this rater's plans, so it cannot be told from their quality."
SAME = "Every rating is the same, so severity cannot be told from quality."
MOST_LEVELS = 101
ONLY_EXTREMES = "Raters or criteria only ever have the lowest or the highest score, and without them no ratings are left."


def measure_severity(
    plans: Sequence[Hashable],
    raters: Sequence[Hashable],
    criteria: Sequence[Hashable],
    scores: Sequence[float] | FloatArray,
    steps: Steps = Steps.RATING_SCALE,
) -> Severity:
    """Fits the model to four columns of equal length; standard errors come from the full observed information.

    Raters and criteria that only ever have the lowest or only the highest score have no finite estimate:
    they are left out, and say so. Measurements (more than 101 different scores) have no steps to estimate: undefined.
    ValueError when the columns differ in length or are empty.

    Plans that differ so little that only the raters tell: one gives a 2 to two plans in three, the other to one
    in three. Each is log 2 = .69 from the middle:

    >>> found = measure_severity([1, 1, 2, 2, 3, 3] * 40, ["a", "b"] * 120, [""] * 240, [1, 2, 2, 1, 1, 2] * 40)
    >>> [(rater.rater, round(rater.severity, 2)) for rater in found.raters]
    [('a', 0.69), ('b', -0.69)]
    """
    levels = len(np.unique(np.asarray(scores, dtype=np.float64)))
    if levels > MOST_LEVELS:
        return Severity((), (), undefined=too_many(levels))
    kept = _with_finite_estimates(raters, criteria, scores)
    left_out = _left_out(raters, criteria, kept)
    if not kept.any():
        return Severity(*left_out, undefined=SAME if len(set(scores)) == 1 else ONLY_EXTREMES)
    chosen = [_rows(column, kept) for column in (plans, raters, criteria)]
    facets = Facets.of(chosen[0], chosen[1], chosen[2], np.asarray(scores, dtype=np.float64)[kept], steps)
    return _fitted(facets, left_out)


def too_many(levels: int) -> str:
    return f"There are {levels:,} different scores; severity is told from the levels of a scale, at most {MOST_LEVELS}."


def _fitted(facets: Facets, left_out: tuple[tuple[RaterSeverity, ...], tuple[CriterionDifficulty, ...]]) -> Severity:
    model = Model(facets)
    parameters, nodes, deviance, converged = fit(model)
    errors = standard_errors(model, parameters, nodes)
    measures, spread = plan_measures(model, parameters, nodes)
    return Severity(
        raters=_raters(model, parameters, errors, measures) + left_out[0],
        criteria=_criteria(facets, parameters, errors) + left_out[1],
        steps=_steps(model, parameters, errors),
        plans=tuple(map(PlanMeasure, facets.plans, measures.tolist(), spread.tolist())),
        components=facets.components,
        links=_links(facets),
        plan_sd=float(np.exp(parameters.log_sd)),
        plan_reliability=_share(float(np.var(measures)), float(np.var(measures) + np.mean(spread**2))),
        separation_reliability=_separation(parameters.severity, errors.severity, facets.component),
        deviance=deviance,
        converged=converged,
    )


def plan_measures(model: Model, parameters: Parameters, nodes: Nodes) -> tuple[FloatArray, FloatArray]:
    """Posterior mean and standard deviation of each plan."""
    means, spread = np.empty(len(model.facets.plans)), np.empty(len(model.facets.plans))
    for batch in model.batches(nodes.at.shape[1]):
        _, weight, _ = posterior(model, parameters, nodes, batch)
        at = nodes.at[batch.plans]
        means[batch.plans] = (weight * at).sum(axis=1)
        spread[batch.plans] = np.sqrt((weight * (at - means[batch.plans, None]) ** 2).sum(axis=1))
    return means, spread


def _raters(model: Model, parameters: Parameters, errors: Parameters, measures: FloatArray) -> tuple[RaterSeverity, ...]:
    facets = model.facets
    infit, outfit = _fit_of_raters(model, parameters, measures)
    fair = _fair_averages(model, parameters)
    counts = np.bincount(facets.rater, minlength=len(facets.raters))
    alone = _alone(facets.component)
    return tuple(
        RaterSeverity(
            name,
            None if alone[code] else float(parameters.severity[code]),
            None if alone[code] else _number(errors.severity[code]),
            _number(infit[code]),
            _number(outfit[code]),
            None if alone[code] else float(fair[code]),
            int(counts[code]),
            int(facets.component[code]),
            ALONE if alone[code] else None,
        )
        for code, name in enumerate(facets.raters)
    )


def _alone(component: IntArray) -> BoolArray:
    """Raters who are the only one of their component."""
    return np.asarray(np.bincount(component)[component] == 1)


def _fit_of_raters(model: Model, parameters: Parameters, measures: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Infit and outfit mean squares from residuals at the posterior means of the plans."""
    facets = model.facets
    sums = model.step_sums(parameters)[facets.group]
    at = measures[facets.plan][:, None]
    probability = Chances.at(at, model.location(parameters), sums).expected(np.ones_like(at))
    score = np.arange(model.steps + 1)
    mean = probability @ score
    variance = probability @ score**2 - mean**2
    squared = (facets.score - mean) ** 2

    def by_rater(values: FloatArray) -> FloatArray:
        return np.bincount(facets.rater, weights=values, minlength=len(facets.raters)).astype(np.float64)

    return by_rater(squared) / by_rater(variance), by_rater(squared / variance) / by_rater(np.ones(len(squared)))


def _fair_averages(model: Model, parameters: Parameters) -> FloatArray:
    """Mean over the criteria of the score that each rater would give to a plan at the mean of the component."""
    facets = model.facets
    groups = np.zeros(len(facets.criteria), dtype=np.int64)
    groups[facets.criterion] = facets.group
    sums = model.step_sums(parameters)[groups]
    values = np.array([np.append(one, np.zeros(model.steps + 1 - len(one))) for one in facets.values])[groups]
    fair = np.empty(len(facets.raters))
    for rater, severity in enumerate(parameters.severity):
        at = np.full((len(groups), 1), parameters.mean[facets.component[rater]])
        probability = Chances.at(at, parameters.difficulty + severity, sums).expected(np.ones_like(at))
        fair[rater] = (probability * values).sum(axis=1).mean()
    return fair


def _criteria(facets: Facets, parameters: Parameters, errors: Parameters) -> tuple[CriterionDifficulty, ...]:
    return tuple(
        CriterionDifficulty(name, float(parameters.difficulty[code]), _number(errors.difficulty[code]))
        for code, name in enumerate(facets.criteria)
    )


def _steps(model: Model, parameters: Parameters, errors: Parameters) -> tuple[Step, ...]:
    facets = model.facets
    names = [None] * len(facets.values) if len(facets.values) == 1 else list(facets.criteria)
    return tuple(
        Step(
            names[group],
            float(levels[step + 1]),
            float(parameters.step[group, step]),
            _number(errors.step[group, step]) if len(levels) > 2 else None,  # a single step is zero by definition
        )
        for group, levels in enumerate(facets.values)
        for step in range(len(levels) - 1)
    )


def _links(facets: Facets) -> tuple[Link, ...]:
    """The busiest rater of the largest component with the busiest of each other one."""
    counts = np.bincount(facets.rater, minlength=len(facets.raters))
    busiest = [int(np.argmax(np.where(facets.component == part, counts, -1))) for part in range(facets.components)]
    return tuple(Link(facets.raters[busiest[0]], facets.raters[other]) for other in busiest[1:])


def _with_finite_estimates(
    raters: Sequence[Hashable], criteria: Sequence[Hashable], scores: Sequence[float] | FloatArray
) -> BoolArray:
    """Rows that are left when raters and criteria with only extreme scores are taken out, one after the other."""
    score = np.unique(np.asarray(scores, dtype=np.float64), return_inverse=True)[1]
    rater, criterion = codes_of(raters)[0], codes_of(criteria)[0]
    kept = np.ones(len(score), dtype=np.bool_)
    while kept.any():
        lowest, highest = int(score[kept].min()), int(score[kept].max())
        finite = kept & _has_both(rater, score, kept, lowest, highest) & _has_both(criterion, score, kept, lowest, highest)
        if np.array_equal(finite, kept):
            return kept
        kept = finite
    return kept


def _rows(column: Sequence[Hashable], kept: BoolArray) -> Sequence[Hashable]:
    return column if kept.all() else list(compress(column, kept))


def _has_both(owner: IntArray, score: IntArray, kept: BoolArray, lowest: int, highest: int) -> BoolArray:
    """Rows whose owner has a score above the lowest and one below the highest."""
    above = np.bincount(owner[kept & (score > lowest)], minlength=int(owner.max()) + 1) > 0
    below = np.bincount(owner[kept & (score < highest)], minlength=int(owner.max()) + 1) > 0
    return np.asarray((above & below)[owner])


def _left_out(
    raters: Sequence[Hashable], criteria: Sequence[Hashable], kept: BoolArray
) -> tuple[tuple[RaterSeverity, ...], tuple[CriterionDifficulty, ...]]:
    kept_raters = {rater for rater, keep in zip(raters, kept, strict=True) if keep}
    kept_criteria = {criterion for criterion, keep in zip(criteria, kept, strict=True) if keep}
    counts: dict[Hashable, int] = {}
    for rater in raters:
        counts[rater] = counts.get(rater, 0) + 1
    return (
        tuple(
            RaterSeverity(rater, None, None, None, None, None, count, None, EXTREME)
            for rater, count in counts.items()
            if rater not in kept_raters
        ),
        tuple(
            CriterionDifficulty(criterion, None, None, EXTREME)
            for criterion in dict.fromkeys(criteria)
            if criterion not in kept_criteria
        ),
    )


def _separation(severities: FloatArray, errors: FloatArray, component: IntArray) -> float | None:
    """(observed variance - mean squared error) / observed variance, at least 0; raters vary within their component.

    >>> round(_separation(np.array([-1.0, 1, -1, 1, 0]), np.array([0.5, 0.5, 0.5, 0.5, 0]), np.array([0, 0, 1, 1, 2])), 3)
    0.875
    """
    met = ~_alone(component)
    if not met.any() or np.isnan(errors[met]).any():
        return None
    observed = float((severities[met] ** 2).sum() / (met.sum() - len(np.unique(component[met]))))
    return _share(max(observed - float(np.mean(errors[met] ** 2)), 0.0), observed)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
