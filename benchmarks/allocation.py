"""The figures that allocation promises, measured: medians of three, each in a process of its own.

Run `python -m benchmarks.allocation`; it exits 1 when a promise is broken. The instances are those of
data/allocation in the shared material ($MODERATION_SHARED, or ../shared beside the repository).
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks.allocation_instances import large, medium, small
from moderation.allocate.arrays import arrays
from moderation.allocate.fill import filled
from moderation.allocate.problem import Conflict, Outcome, Problem
from moderation.allocate.repair import repair
from moderation.allocate.solve import allocate
from moderation.allocate.solve import explained as explained_by
from moderation.allocate.verifier import violations

FOLDER = Path(os.environ.get("MODERATION_SHARED", Path(__file__).parent.parent.parent / "shared")) / "data" / "allocation"
Figures = dict[str, float]
Promise = tuple[str, str, Callable[[float], bool]]
TIMES = int(os.environ.get("TIMES", "3"))


def instance(number: str) -> Problem:
    path = next(FOLDER.glob(f"{number}_*.json"))
    return (large if number == "05" else small if number in ("01", "02") else medium)(path)


def drawn(number: str) -> Figures:
    """The recommended design."""
    problem = instance(number)
    started = time.perf_counter()
    outcome = allocate(problem, 7)
    return {"seconds": time.perf_counter() - started, **_figures(problem, outcome)}


def expertise(number: str) -> Figures:
    """Expertise alone: the known optimum."""
    problem = replace(instance(number), linking_share=0.0, pair_weight=0)
    started = time.perf_counter()
    outcome = allocate(problem, 7)
    return {"seconds": time.perf_counter() - started, **_figures(problem, outcome)}


def explained(number: str) -> Figures:
    """The large round made impossible for three plans of one agency."""
    laid_out = arrays(_impossible(instance(number)), 7)
    chosen = filled(laid_out, 0.0, chain=False).chosen
    started = time.perf_counter()
    short = explained_by(laid_out, chosen)
    return {"seconds": time.perf_counter() - started, "shortfalls": len(short), "fixes": len(short[0].fixes)}


def repaired(number: str) -> Figures:
    """Five people decline a plan and one falls ill in the large round."""
    problem = instance(number)
    made = [(one.plan, one.auditor) for one in allocate(problem, 7).allocations]
    declined = made[:: len(made) // 5][:5]
    ill = problem.agencies["health"][17]
    broken = {*declined, *((plan, auditor) for plan, auditor in made if auditor == ill)}
    now = replace(
        problem,
        conflicts=(*problem.conflicts, *(Conflict(plan, auditor, "declined") for plan, auditor in declined)),
        capacity={**problem.capacity, ill: 0},
    )
    started = time.perf_counter()
    change = repair(now, made, 7)
    return {
        "seconds": time.perf_counter() - started,
        "broken": len(broken),
        "added": len(change.added),
        "removed": len(change.removed),
    }


def _impossible(problem: Problem) -> Problem:
    """Three plans that only one health auditor may take, who has room for two."""
    only, *others = problem.agencies["health"]
    plans = [plan for plan in problem.plans if (plan, "health") not in problem.extra][:3]
    kept = [one for one in problem.conflicts if not (one.plan in plans and one.auditor == only)]
    barred = [Conflict(plan, who, "made impossible") for plan in plans for who in others]
    return replace(problem, conflicts=(*kept, *barred), capacity={**problem.capacity, only: 2})


def _figures(problem: Problem, outcome: Outcome) -> Figures:
    design = outcome.design
    return {
        "cost": outcome.cost,
        "efficiency": design.efficiency or 0.0,
        "lambda2": design.lambda2 or 0.0,
        "repeat_pairs": design.repeat_pairs,
        "repeat_triads": design.repeat_triads,
        "components": design.components,
        "violations": len(violations(problem, outcome.allocations, outcome.shortfalls)),
    }


TASKS: dict[str, tuple[Callable[[str], Figures], str, dict[str, Callable[[float], bool]]]] = {
    "01, recommended": (drawn, "01", {"components": lambda x: x == 1, "repeat_pairs": lambda x: x == 0}),
    "03, recommended": (
        drawn,
        "03",
        {
            "seconds": lambda x: x <= 2,
            "efficiency": lambda x: x >= 0.96,
            "lambda2": lambda x: x >= 2.5,
            "repeat_pairs": lambda x: x == 0,
        },
    ),
    "03, expertise only": (expertise, "03", {"cost": lambda x: x == 19909 + 19218 + 20253}),
    "04, recommended": (drawn, "04", {"violations": lambda x: x == 0}),
    "04, expertise only": (expertise, "04", {"cost": lambda x: x == 16295 + 14394 + 16726}),
    "05, recommended": (
        drawn,
        "05",
        {
            "seconds": lambda x: x <= 15,
            "efficiency": lambda x: x >= 0.97,
            "lambda2": lambda x: x >= 5.5,
            "repeat_triads": lambda x: x == 0,
            "megabytes": lambda x: x <= 500,
        },
    ),
    "05, expertise only": (expertise, "05", {"cost": lambda x: x == 273158 + 394025 + 267436}),
    "05, explained": (explained, "05", {"seconds": lambda x: x <= 1, "shortfalls": lambda x: x == 1}),
    "05, repaired": (repaired, "05", {"seconds": lambda x: x <= 0.5}),
}


def main() -> int:
    if len(sys.argv) > 1:
        run, number, _ = TASKS[sys.argv[1]]
        print(json.dumps({**run(number), "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
        return 0
    return 1 if [name for name in TASKS if not _kept(name)] else 0


def _kept(name: str) -> bool:
    """Run a task three times in processes of their own, print the medians, and say whether its promises hold."""
    runs = [json.loads(subprocess.check_output([sys.executable, "-m", "benchmarks.allocation", name])) for _ in range(TIMES)]
    figures = {key: median(run[key] for run in runs) for key in runs[0]}
    broken = [key for key, holds in TASKS[name][2].items() if not holds(figures[key])]
    shown = "  ".join(f"{key} {value:.4g}" if value < 10_000 else f"{key} {value:.0f}" for key, value in figures.items())
    print(f"{name:20s} {'ok' if not broken else 'BROKEN: ' + ', '.join(broken):10s} {shown}", flush=True)
    return not broken


if __name__ == "__main__":
    sys.exit(main())
