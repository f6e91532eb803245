"""Severity equals TAM's estimate, finds the truth in simulated audits, and refuses what cannot be compared."""

import argparse
import csv
import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stats.facets import Facets, Steps
from stats.rasch import Model, log_likelihood, place_nodes
from stats.rasch_fit import fit
from stats.rasch_information import information
from stats.severity import ALONE, EXTREME, ONLY_EXTREMES, measure_severity
from stats.severity_results import Severity

Columns = tuple[list[Any], list[Any], list[Any], list[float]]


def tam_ratings(shared: Path) -> Columns:
    columns: Columns = ([], [], [], [])
    with (shared / "data" / "severity" / "data.ratings1.csv").open() as file:
        for row in csv.DictReader(file):
            for criterion in ("k1", "k2", "k3", "k4", "k5"):
                for column, value in zip(columns, (row["idstud"], row["rater"], criterion, float(row[criterion])), strict=True):
                    column.append(value)
    return columns


def tam_estimates(shared: Path) -> dict[str, float]:
    with (shared / "data" / "severity" / "data.ratings1_tam_mml61_xsi.csv").open() as file:
        return {row["parameter"]: float(row["xsi"]) for row in csv.DictReader(file)}


def simulated(plans: int = 200, raters: int = 6, criteria: int = 4, seed: int = 1, shift: int = 0) -> tuple[Columns, Any]:
    random = np.random.default_rng(seed)
    severity = random.normal(0, 0.7, raters)
    severity -= severity.mean()
    quality, steps = random.normal(0, 1.3, plans), np.array([-1.2, 0.0, 1.2])
    columns: Columns = ([], [], [], [])
    for plan in range(plans):
        for rater in random.choice(raters, 3, replace=False):
            for criterion in range(criteria):
                ease = quality[plan] - severity[rater] - 0.3 * criterion
                odds = np.exp(np.concatenate([[0], np.cumsum(ease - steps)]))
                score = float(random.choice(4, p=odds / odds.sum()))
                for column, value in zip(columns, (plan + 1000 * shift, rater + 100 * shift, criterion, score), strict=True):
                    column.append(value)
    return columns, severity


def test_every_estimate_is_within_two_thousandths_of_tam(shared: Path) -> None:
    found, tam = measure_severity(*tam_ratings(shared)), tam_estimates(shared)
    assert found.converged
    for rater in found.raters:
        assert rater.severity == pytest.approx(tam[f"rater{rater.rater}"], abs=0.002)
        assert 0.14 < rater.se < 0.16, "full information, not TAM's .09"
    for criterion in found.criteria:
        assert criterion.difficulty == pytest.approx(tam[criterion.criterion], abs=0.002)
    for step in found.steps:
        assert step.value == pytest.approx(tam[f"step{step.level:.0f}"], abs=0.002)
    assert sum(rater.severity for rater in found.raters) == pytest.approx(0, abs=1e-9)


def test_the_order_of_the_rows_does_not_matter(shared: Path) -> None:
    columns = tam_ratings(shared)
    order = np.random.default_rng(1).permutation(len(columns[0]))
    shuffled = [[column[row] for row in order] for column in columns]
    one = {rater.rater: rater.severity for rater in measure_severity(*columns).raters}
    other = {rater.rater: rater.severity for rater in measure_severity(*shuffled).raters}
    assert one == pytest.approx(other, abs=1e-5)


@pytest.mark.parametrize("steps", list(Steps))
def test_simulated_severities_are_found_within_their_errors(steps: Steps) -> None:
    columns, truth = simulated()
    found = measure_severity(*columns, steps)
    errors = [(rater.severity - truth[rater.rater]) / rater.se for rater in found.raters]
    assert found.converged
    assert np.abs(errors).max() < 3.5
    assert found.separation_reliability > 0.8
    assert all(0.5 < rater.infit < 1.5 for rater in found.raters)
    strictest = max(found.raters, key=lambda rater: rater.severity)
    assert strictest.fair_average == min(rater.fair_average for rater in found.raters)


def test_a_large_audit_is_found_within_its_errors() -> None:
    """Above 100,000 ratings there are fewer nodes; a search that stops early says it converged and is far off."""
    random = np.random.default_rng(2)
    plans, raters, criteria = 1200, 60, 30
    severity, difficulty, quality = random.normal(0, 0.6, raters), random.normal(0, 0.5, criteria), random.normal(0, 1.2, plans)
    plan = np.repeat(np.arange(plans), 3 * criteria)
    rater = np.concatenate([np.repeat(random.choice(raters, 3, replace=False), criteria) for _ in range(plans)])
    criterion = np.tile(np.arange(criteria), 3 * plans)
    ease = (quality[plan] - severity[rater] - difficulty[criterion])[:, None] - np.array([-1.5, 0.0, 1.5])
    odds = np.exp(np.cumsum(np.pad(ease, ((0, 0), (1, 0))), axis=1))
    score = (random.random((len(plan), 1)) > np.cumsum(odds / odds.sum(axis=1, keepdims=True), axis=1)).sum(axis=1)
    found = measure_severity(plan, rater, criterion, score.astype(float))
    errors = np.array([(one.severity - severity[one.rater] + severity.mean()) / one.se for one in found.raters])
    assert found.converged
    assert 0.7 < errors.std() < 1.35
    assert [step.value for step in found.steps] == pytest.approx([-1.5, 0, 1.5], abs=0.05)
    assert found.plan_sd == pytest.approx(1.2, abs=0.1)


def test_gradient_and_information_are_the_derivatives_of_the_likelihood() -> None:
    columns, _ = simulated(plans=40, raters=4, criteria=2)
    model = Model(Facets.of(*columns, Steps.PARTIAL_CREDIT))
    parameters, _, _, _ = fit(model)
    vector = parameters.vector + 0.05
    nodes = place_nodes(model, model.parameters(vector), np.zeros(40), 31)
    exact = log_likelihood(model, model.parameters(vector), nodes)[1]
    observed = information(model, model.parameters(vector), nodes)
    for place in range(len(vector)):
        step = np.zeros(len(vector))
        step[place] = 1e-5
        up, down = (log_likelihood(model, model.parameters(vector + sign * step), nodes) for sign in (1, -1))
        assert exact[place] == pytest.approx((up[0] - down[0]) / 2e-5, rel=1e-4, abs=1e-4)
        assert observed[place] == pytest.approx(-(up[1] - down[1]) / 2e-5, rel=1e-3, abs=1e-3)


def test_raters_who_share_no_plan_are_not_compared() -> None:
    one, _ = simulated(plans=60, seed=1)
    other, _ = simulated(plans=50, raters=4, seed=2, shift=1)
    found = measure_severity(*(first + second for first, second in zip(one, other, strict=True)))
    assert found.components == 2
    by_name = {rater.rater: rater.severity for rater in found.raters}
    assert found.compare(0, 1) == by_name[0] - by_name[1]
    with pytest.raises(ValueError, match="It would take a plan rated by both"):
        found.compare(0, 100)
    (link,) = found.links
    assert (link.one < 100) != (link.other < 100)
    for component in (0, 1):
        total = sum(rater.severity for rater in found.raters if rater.component == component)
        assert total == pytest.approx(0, abs=1e-9)


def test_a_rater_with_only_the_highest_score_is_left_out_and_said_so() -> None:
    columns, _ = simulated(plans=60)
    for plan in range(20):
        for column, value in zip(columns, (plan, "generous", 0, 3.0), strict=True):
            column.append(value)
    found = measure_severity(*columns)
    (generous,) = [rater for rater in found.raters if rater.rater == "generous"]
    assert (generous.severity, generous.note, generous.ratings) == (None, EXTREME, 20)
    with pytest.raises(ValueError, match="no finite estimate"):
        found.compare("generous", 0)


def test_when_every_rating_is_the_same_there_is_no_severity() -> None:
    found = measure_severity([1, 1, 2, 2], ["a", "b", "a", "b"], [0] * 4, [2.0] * 4)
    assert found.undefined == "Every rating is the same, so severity cannot be told from quality."


@pytest.mark.parametrize(
    "scores",
    [[1, 2, 3, 3], [1, 2, 2, 1, 1, 2] * 5, [1, 2, 2, 3, 3, 4, 4, 5] * 5, [1, 1, 2, 2, 3, 3, 4, 4] * 20],
    ids=["four ratings", "always the opposite", "always one apart", "always alike"],
)
def test_ratings_that_would_drive_a_parameter_to_infinity_come_to_rest(scores: list[int]) -> None:
    plans, raters = [place // 2 for place in range(len(scores))], ["a", "b"] * (len(scores) // 2)
    with np.errstate(all="raise", under="ignore"):
        found = measure_severity(plans, raters, [""] * len(scores), [float(score) for score in scores])
    assert all(abs(rater.severity) < 13 and np.isfinite(rater.se) for rater in found.raters)
    assert found.deviance > 0 and found.plan_sd < 10


def test_scales_of_different_length_keep_their_own_steps() -> None:
    columns, _ = simulated(plans=150)
    scores = [min(score, 1.0) if criterion == 0 else score for criterion, score in zip(columns[2], columns[3], strict=True)]
    found: Severity = measure_severity(columns[0], columns[1], columns[2], scores, Steps.PARTIAL_CREDIT)
    steps = {criterion: [step.level for step in found.steps if step.criterion == criterion] for criterion in range(4)}
    assert steps[0] == [1.0]
    assert steps[1] == [1.0, 2.0, 3.0]


def run(*arguments: str | Path) -> int:
    parser = argparse.ArgumentParser()
    importlib.import_module("moderation.commands.severity").add_to(parser.add_subparsers())
    args = parser.parse_args(["severity", *map(str, arguments)])
    code: int = args.run(args)
    return code


def test_the_command_prints_the_estimates(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    columns = tam_ratings(shared)
    path = tmp_path / "ratings.csv"
    path.write_text("item,rater,criterion,score\n" + "".join(f"{p},{r},{c},{s:g}\n" for p, r, c, s in zip(*columns, strict=True)))
    assert run(path, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    tam = tam_estimates(shared)
    assert {"components", "raters", "criteria", "steps", "deviance", "separation_reliability", "converged"} <= found.keys()
    for rater in found["raters"]:
        assert rater["severity"] == pytest.approx(tam[f"rater{rater['rater']}"], abs=0.002)
        assert {"se", "infit", "outfit", "fair_average", "ratings"} <= rater.keys()
    assert run(path, "--by-step", "partial-credit") == 0
    assert "Separation reliability" in capsys.readouterr().out


def test_the_command_refuses_bad_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ratings.csv"
    for content, word in [
        ("item,rater,score\n1,a,1\n1,a,2\n1,b,1\n", "second time"),
        ("item,rater,score\n1,a,1\n1,b,1\n", "every rating is the same"),
        ("item,rater,score\n1,a,1\n1,b,x\n", "row 3"),
        ("item,rater,score\n1,a,1\n", "only one rater"),
        ("item,rater,score\n1,a,1\n1,b,\n", "only one rater"),
        ("item,rater,score\n" + "".join(f"{item},{item % 2},{item}.5\n" for item in range(102)), "102 different scores"),
    ]:
        path.write_text(content)
        assert run(path) == 2
        line = capsys.readouterr().err
        assert word.lower() in line.lower()
        assert "--level" not in line


def test_a_rater_whose_plans_nobody_else_rated_has_no_severity() -> None:
    columns, _ = simulated(plans=60, raters=4)
    alone = [[f"own {number}" for number in range(8)], ["solo"] * 8, [0] * 8, [1.0, 2.0, 3.0, 2.0, 1.0, 3.0, 2.0, 2.0]]
    found = measure_severity(*(first + second for first, second in zip(columns, alone, strict=True)))
    (solo,) = [rater for rater in found.raters if rater.rater == "solo"]
    assert (solo.severity, solo.se, solo.fair_average, solo.ratings, solo.note) == (None, None, None, 8, ALONE)
    assert "solo" in {name for link in found.links for name in (link.one, link.other)}
    with pytest.raises(ValueError, match="It would take a plan rated by both"):
        found.compare("solo", 0)


def test_raters_with_only_extreme_scores_are_not_said_to_be_all_alike() -> None:
    found = measure_severity([1, 1, 2, 2], ["a", "b", "a", "b"], [0] * 4, [1.0, 4.0, 1.0, 4.0])
    assert found.undefined == ONLY_EXTREMES


def test_a_single_step_is_zero_by_definition_and_has_no_error() -> None:
    found = measure_severity([1, 1, 2, 2, 3, 3] * 40, ["a", "b"] * 120, [""] * 240, [1, 2, 2, 1, 1, 2] * 40)
    assert [(step.level, step.value, step.se) for step in found.steps] == [(2, 0, None)]
