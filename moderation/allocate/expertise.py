"""What an auditor knows best, and what a plan outside of it costs: whole numbers from 0 (just right) to 1,000. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .rules import phase

NEED_COST = 600  # the plan's primary need is not among those the auditor knows best
PHASE_COST = 400  # nor its phase of education


@dataclass(frozen=True)
class Knows:
    """The primary needs and the phases that an auditor knows best; none of a kind = no preference."""

    auditor_id: str
    needs: frozenset[str] = frozenset()
    phases: frozenset[str] = frozenset()

    def cost(self, primary_need: str, of_phase: str) -> int:
        """What it costs to give this auditor a plan.

        >>> Knows("ali", frozenset({"SEMH"}), frozenset({"Early years"})).cost("SEMH", "Post-16")
        400
        """
        need = NEED_COST if self.needs and primary_need not in self.needs else 0
        return need + (PHASE_COST if self.phases and of_phase not in self.phases else 0)


@dataclass(frozen=True)
class PlanKnown:
    """What expertise needs to know of a plan in a round."""

    round_plan_id: str
    primary_need: str
    year_group: int


def expertise_costs(plans: Iterable[PlanKnown], people: Iterable[Knows]) -> dict[str, dict[str, int]]:
    """Auditor -> plan -> cost, for the auditors of whom something is known; auditors who know the same share one row."""
    kinds = [(plan.round_plan_id, plan.primary_need, phase(plan.year_group)) for plan in plans]
    rows: dict[tuple[frozenset[str], frozenset[str]], dict[str, int]] = {}
    found = {}
    for person in people:
        key = (person.needs, person.phases)
        if any(key):
            rows[key] = rows.get(key) or {plan: person.cost(need, of_phase) for plan, need, of_phase in kinds}
            found[person.auditor_id] = rows[key]
    return found


def share_known(pairs: Iterable[tuple[str, str]], costs: Mapping[str, Mapping[str, int]]) -> float | None:
    """The share of (plan, auditor) pairs where the auditor knows that need; None where nobody's expertise is recorded."""
    known = [costs[auditor].get(plan, 0) < NEED_COST for plan, auditor in pairs if auditor in costs]
    return sum(known) / len(known) if known else None
