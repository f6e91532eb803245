"""What goes into an allocation and what comes out: frozen values that know nothing of solvers, tables or pages.

A `Problem` is complete and already checked (`reading.py` checks what comes from outside). An `Outcome` is either
feasible or carries the shortfalls that explain what could not be covered; both list every allocation made.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from .costs import cost_rows

FULL_TIME = 100  # per cent


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

    def to_json(self, *, costs: bool = True) -> dict[str, Any]:
        """The problem in the fields of PROBLEM.json, in an order that does not depend on the order of its rows."""
        return {
            "agencies": {agency: sorted(auditors) for agency, auditors in sorted(self.agencies.items())},
            "plans": sorted(self.plans),
            "capacity": dict(sorted(self.capacity.items())),
            "auditors_per_plan": dict(sorted(self.auditors_per_plan.items())),
            "extra": sorted(list(pair) for pair in self.extra),
            "conflicts": sorted(list(conflict) for conflict in self.conflicts),
            "expertise_cost": dict(self._costs()) if costs else {},
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
        """The digest of the inputs: the same for the same rows in any order. First everything but the costs is hashed, then
        each auditor's costs; there can be millions."""
        digest = hashlib.sha256(canonical(self.to_json(costs=False)))
        for who, row in self._costs():
            digest.update(canonical([who, row]))
        return digest.hexdigest()

    def _costs(self) -> Iterator[tuple[str, dict[str, int]]]:
        """Each auditor's costs, 0 left out: it is the same as no cost."""
        plans = sorted({*self.plans, *self.seeds})
        auditors = sorted(self.expertise_cost)
        for who, costs in zip(auditors, cost_rows(self.expertise_cost, plans, auditors), strict=True):
            row = {plan: cost for plan, cost in zip(plans, costs.tolist(), strict=True) if cost}
            if row:
                yield who, row


def canonical(value: Any) -> bytes:
    """The one way in which a value is written before it is hashed or signed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


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


class Warned(StrEnum):
    """What a lead should know although the plans can be covered."""

    ONE_CHOICE = "one_choice"
    UNEVEN = "uneven"
    BELOW_WINDOW = "below_window"
    APART = "apart"
    APART_WITHIN = "apart_within"
    TRIAD = "triad"


@dataclass(frozen=True)
class Caution:
    """A weak point of an allocation, with the ids that a page turns into names. `number` is what the kind counts."""

    kind: Warned
    agency: str | None = None
    plans: tuple[str, ...] = ()
    auditors: tuple[str, ...] = ()
    number: int = 0

    def __str__(self) -> str:
        return SENTENCES[self.kind].format(
            agency=self.agency, plans=", ".join(self.plans), auditors=", ".join(self.auditors) or "nobody", number=self.number
        )


SENTENCES: Mapping[Warned, str] = {
    Warned.ONE_CHOICE: "{plans}: nobody could replace {auditors} ({agency}).",
    Warned.UNEVEN: "{agency}: the loads differ by {number} plans, because limits and conflicts allow no more equal ones.",
    Warned.BELOW_WINDOW: "{agency}: {auditors} cannot get as many plans as asked for.",
    Warned.APART: "The auditors fall into {number} groups that share no plan: their severities cannot be compared.",
    Warned.APART_WITHIN: "{agency}: without plans scored by other agencies its auditors fall into {number} unconnected groups; "
    "a seed, or more plans scored twice, would link them.",
    Warned.TRIAD: "{auditors} meet on {number} plans: {plans}.",
}


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
    warnings: tuple[Caution, ...]
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
            "warnings": [str(caution) for caution in self.warnings],
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
