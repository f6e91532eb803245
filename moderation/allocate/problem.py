"""What goes into an allocation and what comes out: frozen values that know nothing of solvers, tables or pages.

A `Problem` is complete and already checked (`reading.py` checks what comes from outside). An `Outcome` is either
feasible or carries the shortfalls that explain what could not be covered; both list every allocation made.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

FULL_TIME = 100


class Conflict(NamedTuple):
    """Why an auditor may not rate a plan."""

    plan: str
    auditor: str
    reason: str = ""


class Allocation(NamedTuple):
    """One auditor rates one plan for one agency."""

    plan: str
    auditor: str
    agency: str


@dataclass(frozen=True)
class Problem:
    """Plans to be covered, auditors to cover them, and the limits that hold.

    `locked` pairs are work already started: they stay. `seeds` go to everybody who may rate them. `history` says
    how often two auditors were together in earlier rounds. An auditor without a `capacity` has no limit; one
    without an `availability` (per cent) is full time. `linking_share` and `pair_weight` left at None are the
    recommended design; both 0 is expertise alone.
    """

    agencies: Mapping[str, tuple[str, ...]]
    plans: tuple[str, ...]
    capacity: Mapping[str, int] = field(default_factory=dict)
    auditors_per_plan: Mapping[str, int] = field(default_factory=dict)
    extra: tuple[tuple[str, str], ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    expertise_cost: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    history: tuple[tuple[str, str, int], ...] = ()
    seeds: tuple[str, ...] = ()
    locked: tuple[tuple[str, str], ...] = ()
    load_window: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    availability: Mapping[str, int] = field(default_factory=dict)
    linking_share: float | None = None
    pair_weight: int | None = None

    @property
    def agency_of(self) -> dict[str, str]:
        return {auditor: agency for agency, auditors in self.agencies.items() for auditor in auditors}

    def to_json(self) -> dict[str, Any]:
        """The problem in the fields of PROBLEM.json, in an order that does not depend on the order of its rows."""
        return {
            "agencies": {agency: sorted(auditors) for agency, auditors in sorted(self.agencies.items())},
            "plans": sorted(self.plans),
            "capacity": dict(sorted(self.capacity.items())),
            "auditors_per_plan": dict(sorted(self.auditors_per_plan.items())),
            "extra": sorted(list(pair) for pair in self.extra),
            "conflicts": sorted(list(conflict) for conflict in self.conflicts),
            "expertise_cost": {who: _costs(row) for who, row in sorted(self.expertise_cost.items()) if any(row.values())},
            "history": sorted([*sorted((first, second)), times] for first, second, times in self.history),
            "seeds": sorted(self.seeds),
            "locked": sorted(list(pair) for pair in self.locked),
            "load_window": {who: list(window) for who, window in sorted(self.load_window.items())},
            "availability": dict(sorted(self.availability.items())),
            "linking_share": self.linking_share,
            "pair_weight": self.pair_weight,
        }

    @property
    def sha256(self) -> str:
        """The digest of the inputs: the same for the same rows in any order."""
        return hashlib.sha256(canonical(self.to_json())).hexdigest()


def canonical(value: Any) -> bytes:
    """The one way in which a value is written before it is hashed or signed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _costs(row: Mapping[str, int]) -> dict[str, int]:
    return {plan: int(cost) for plan, cost in sorted(row.items()) if cost}


@dataclass(frozen=True)
class Fix:
    """One change that would cure a shortfall: a conflict cleared, or more places for an auditor."""

    auditor: str
    plan: str | None = None  # the plan of the conflict to clear; None = more places
    places: int = 1

    def __str__(self) -> str:
        if self.plan is not None:
            return f"clear the conflict {self.plan}-{self.auditor}"
        more = "one more plan" if self.places == 1 else f"{self.places} more plans"
        return f"{more} for {self.auditor}"


@dataclass(frozen=True)
class Shortfall:
    """Plans of which the auditors who may take them cannot cover all: `need` open places, at most `have` can be filled.

    `unfilled` says which plans the best partial allocation left open. `fixes` are single changes, each of which cures
    the whole shortfall; where there is none, `steps` are changes that each fill one place.
    """

    agency: str
    plans: tuple[str, ...]
    auditors: tuple[str, ...]
    need: int
    have: int
    unfilled: tuple[str, ...]
    fixes: tuple[Fix, ...] = ()
    steps: tuple[Fix, ...] = ()

    @property
    def short(self) -> int:
        return self.need - self.have


@dataclass(frozen=True)
class Design:
    """How well severity can be measured with an allocation. Seeds count in the design, not among the repeats.

    `lambda2` is the algebraic connectivity (0 = the auditors fall apart), `efficiency` is relative to the ideal with
    the same plans and loads, `contrast_variance` is the average variance of the difference between two auditors'
    severities, in units of the variance of one rating. The last three are None where nothing can be compared.
    """

    components: int
    repeat_pairs: int
    repeat_triads: int
    lambda2: float | None
    efficiency: float | None
    contrast_variance: float | None


@dataclass(frozen=True)
class Outcome:
    """The result of a draw."""

    allocations: tuple[Allocation, ...]
    cost: int
    loads: Mapping[str, int]
    design: Design
    shortfalls: tuple[Shortfall, ...]
    warnings: tuple[str, ...]
    seed: int | str
    inputs_sha256: str

    @property
    def feasible(self) -> bool:
        return not self.shortfalls

    @property
    def status(self) -> str:
        return "feasible" if self.feasible else "infeasible"

    def to_json(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "allocations": [allocation._asdict() for allocation in self.allocations],
            "cost": self.cost,
            "loads": dict(self.loads),
            "repeat_pairs": self.design.repeat_pairs,
            "repeat_triads": self.design.repeat_triads,
            "lambda2": self.design.lambda2,
            "efficiency": self.design.efficiency,
            "components": self.design.components,
            "contrast_variance": self.design.contrast_variance,
            "shortfalls": [_shortfall_json(shortfall) for shortfall in self.shortfalls],
            "warnings": list(self.warnings),
            "seed": self.seed,
            "inputs_sha256": self.inputs_sha256,
        }


def _shortfall_json(shortfall: Shortfall) -> dict[str, Any]:
    return {
        "agency": shortfall.agency,
        "plans": list(shortfall.plans),
        "auditors": list(shortfall.auditors),
        "need": shortfall.need,
        "have": shortfall.have,
        "unfilled": list(shortfall.unfilled),
        "fixes": [str(fix) for fix in shortfall.fixes],
        "steps": [str(fix) for fix in shortfall.steps],
    }
