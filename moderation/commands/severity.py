"""`moderation severity FILE.csv`: how strict each rater of a file of ratings is (many-facet Rasch)."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from stats import Level
from stats.facets import Steps
from stats.severity import measure_severity
from stats.severity_results import Severity

from ..words import InvalidInput
from .csv_columns import Codes, unusable
from .patience import patience
from .ratings_table import EMPTY, RatingsTable, read_ratings_table, refuse_twice, units_of


def add_to(subparsers: Any) -> None:
    """Adds the command to the command line."""
    parser = subparsers.add_parser("severity", help="estimate how strict each rater is", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE.csv", help="columns item, rater, score; optional criterion, round")
    choices = [steps.value for steps in Steps]
    parser.add_argument("--by-step", choices=choices, default=choices[0], help="steps shared by all criteria, or each its own")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 0, or 2 with one line on stderr when the file cannot be used."""
    try:
        with patience(f"estimating severity from {args.file.name}"):
            found = _measured(args.file, Steps(args.by_step))
    except InvalidInput as error:
        print(f"moderation severity: {error}", file=sys.stderr)
        return 2
    print(json.dumps(as_json(found)) if args.json else as_text(found))
    return 0


def _measured(path: Path, steps: Steps) -> Severity:
    data = read_ratings_table(path, Level.ORDINAL)
    every = np.arange(len(data.table))
    refuse_twice(data, every, units_of(data, (), every))
    rows = np.flatnonzero(data.scores != EMPTY)
    values = np.array(data.labels, dtype=np.float64)[data.scores[rows]]
    found = measure_severity(_plans(data, rows), _names(data, "rater", rows), _names(data, "criterion", rows), values, steps)
    if found.undefined:
        raise unusable("score", found.undefined.rstrip("."), path.name, row=int(data.table.lines[rows[0]]))
    return found


def _plans(data: RatingsTable, rows: Codes) -> list[str]:
    """The item of each row, with its round where there are several: a plan may be better the second time."""
    items = _names(data, "item", rows)
    if "round" not in data.table.columns or len(data.column("round")) == 1:
        return items
    return [f"{item} (round {name})" for item, name in zip(items, _names(data, "round", rows), strict=True)]


def _names(data: RatingsTable, name: str, rows: Codes) -> list[str]:
    if name not in data.table.columns:
        return [""] * len(rows)
    names = data.column(name).names
    return [names[code] for code in data.codes(name)[rows]]


def as_json(found: Severity) -> dict[str, Any]:
    return {
        "components": found.components,
        "raters": [asdict(rater) for rater in found.raters],
        "criteria": [asdict(criterion) for criterion in found.criteria],
        "steps": [asdict(step) for step in found.steps],
        "deviance": found.deviance,
        "separation_reliability": found.separation_reliability,
        "converged": found.converged,
        "plan_sd": found.plan_sd,
        "plan_reliability": found.plan_reliability,
        "links": [asdict(link) for link in found.links],
        "plans": [asdict(plan) for plan in found.plans],
    }


def as_text(found: Severity) -> str:
    return "\n".join(_lines(found))


def _lines(found: Severity) -> Iterator[str]:
    if found.components > 1:
        links = "; ".join(f"{link.one} with {link.other}" for link in found.links)
        yield f"The raters fall into {found.components} parts that share no plan; compare severities within a part only."
        yield f"A plan rated by both would link them: {links}."
    yield f"{'rater':20} {'part':>4} {'severity':>9} {'se':>6} {'infit':>6} {'outfit':>6} {'fair average':>12} {'ratings':>8}"
    for rater in found.raters:
        if rater.note:
            yield f"{rater.rater!s:20} {'':4} {'-':>9}  {rater.note}"
            continue
        figures = f"{_two(rater.severity, 9)} {_two(rater.se, 6)} {_two(rater.infit, 6)} {_two(rater.outfit, 6)}"
        yield f"{rater.rater!s:20} {(rater.component or 0) + 1:4} {figures} {_two(rater.fair_average, 12)} {rater.ratings:8,}"
    yield f"\n{'criterion':20} {'difficulty':>10} {'se':>6}"
    for criterion in found.criteria:
        yield f"{criterion.criterion or '(all scores)'!s:20} {_two(criterion.difficulty, 10)} {_two(criterion.se, 6)}"
    yield f"\n{'step to level':20} {'value':>10} {'se':>6}"
    for step in found.steps:
        yield f"{f'{step.criterion or str()} {step.level:g}'.strip():20} {_two(step.value, 10)} {_two(step.se, 6)}"
    yield f"\nSeparation reliability {_two(found.separation_reliability)}, deviance {_two(found.deviance)}."
    yield "Infit and outfit: residuals at the plans' posterior means (a little below 1); outside 0.5 to 1.5 deserves a look."
    if not found.converged:
        yield "The search for the best estimates did not settle; take these with caution."


def _two(number: float | None, width: int = 0) -> str:
    return f"{'-':>{width}}" if number is None else f"{number:z{width}.2f}"
