"""The published allocation instances as problems: they have a format of their own, and the large one is a recipe."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.allocate.costs import CostRow
from moderation.allocate.problem import Conflict, Problem

Hashes = npt.NDArray[np.uint64]
AGENCIES = ("education", "health", "care")


def small(path: Path) -> Problem:
    """01 and 02: named plans and auditors, a cost of 1 where need and expertise differ."""
    content = json.loads(path.read_text())
    expertise, need = content.get("expertise", {}), content.get("need", {})
    return Problem(
        agencies={agency: tuple(auditors) for agency, auditors in content["auditors"].items()},
        plans=tuple(content["plans"]),
        capacity=content["capacity"],
        conflicts=tuple(Conflict(plan, auditor, "from the file") for plan, auditor in content["conflicts"]),
        expertise_cost={who: {plan: int(need[plan] != what) for plan in content["plans"]} for who, what in expertise.items()},
    )


def medium(path: Path) -> Problem:
    """03 and 04: matrices per agency."""
    content = json.loads(path.read_text())
    parts = [
        (part["agency"], np.array(part["cost"]), part["conflicts"], part["demand"], part["cap"]) for part in content["agencies"]
    ]
    return _problem(content["P"], parts)


def large(path: Path) -> Problem:
    """05: generated, and compared with the published checksums."""
    content = json.loads(path.read_text())
    parts = generated(content["seed"], content["P"], content["n_per_agency"])
    for (_, cost, forbidden, _), check in zip(parts, content["checks"], strict=True):
        if hashlib.sha256(cost.tobytes()).hexdigest() != check["cost_int32_sha256"]:
            raise ValueError("the generated costs are not those of the instance")
        if hashlib.sha256(forbidden.tobytes()).hexdigest() != check["forbid_bool_sha256"]:
            raise ValueError("the generated conflicts are not those of the instance")
    return _problem(content["P"], [(name, cost, np.argwhere(barred), demand, None) for name, cost, barred, demand in parts])


def random_round(seed: int, plans: int, auditors: int, *, double_scored: bool = True) -> Problem:
    """A round made like the large instance, with this many plans and auditors of each agency."""
    parts = generated(seed, plans, auditors)
    ones = np.ones(plans, dtype=np.int64)
    return _problem(
        plans, [(name, cost, np.argwhere(barred), demand if double_scored else ones, None) for name, cost, barred, demand in parts]
    )


def generated(
    seed: int, plans: int, auditors: int
) -> list[tuple[str, npt.NDArray[np.int32], npt.NDArray[np.bool_], npt.NDArray[Any]]]:
    """Costs, conflicts and demand of each agency, by the recipe in the file of instance 05."""
    plan, auditor = np.arange(plans), np.arange(auditors)
    need, phase = _key(seed, 1, plan) % np.uint64(4), _key(seed, 2, plan) % np.uint64(4)
    double, where = _unit(_key(seed, 3, plan)) < 0.10, _key(seed, 4, plan) % np.uint64(3)
    parts = []
    for agency, name in enumerate(AGENCIES):
        same_need = need[:, None] == (_key(seed, 5, agency, auditor) % np.uint64(4))[None, :]
        same_phase = phase[:, None] == (_key(seed, 6, agency, auditor) % np.uint64(4))[None, :]
        noise = np.floor(200 * _unit(_key(seed, 7, agency, plan[:, None], auditor[None, :])))
        cost = (1000 - 500 * same_need - 300 * same_phase - noise).astype(np.int32)
        barred = _unit(_key(seed, 8, agency, plan[:, None], auditor[None, :])) < 0.05
        parts.append((name, cost, barred, 1 + (double & (where == agency)).astype(np.int64)))
    return parts


def _problem(plans: int, parts: list[tuple[str, Any, Any, Any, Any]]) -> Problem:
    names = tuple(f"P{plan:04d}" for plan in range(plans))
    index = {plan: place for place, plan in enumerate(names)}
    agencies = {name: tuple(f"{name[0].upper()}{column:03d}" for column in range(np.shape(cost)[1])) for name, cost, *_ in parts}
    return Problem(
        agencies=agencies,
        plans=names,
        capacity={who: int(most) for name, _, _, _, cap in parts if cap for who, most in zip(agencies[name], cap, strict=True)},
        extra=tuple((names[plan], name) for name, _, _, demand, _ in parts for plan in np.flatnonzero(np.array(demand) > 1)),
        conflicts=tuple(
            Conflict(names[plan], agencies[name][who], "from the file") for name, _, barred, _, _ in parts for plan, who in barred
        ),
        expertise_cost={
            who: CostRow(index, np.array(cost[:, column], dtype=np.int16))
            for name, cost, *_ in parts
            for column, who in enumerate(agencies[name])
        },
    )


def _key(seed: int, *parts: Any) -> Hashes:
    found = _mixed(np.asarray(seed, dtype=np.uint64))
    for part in parts:
        with np.errstate(over="ignore"):
            found = _mixed(found ^ _mixed(np.asarray(part, dtype=np.uint64) * np.uint64(0xD1342543DE82EF95) + np.uint64(1)))
    return found


def _mixed(values: Hashes) -> Hashes:
    with np.errstate(over="ignore"):
        values = values + np.uint64(0x9E3779B97F4A7C15)
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return values ^ (values >> np.uint64(31))


def _unit(hashes: Hashes) -> npt.NDArray[np.float64]:
    return (hashes >> np.uint64(11)).astype(np.float64) / 2**53
