"""The agreed ratings of a published round, plan by plan."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from moderation.allocate.rules import PlanKind
from moderation.allocate.tables import RoundPlan, RoundPlanKind
from moderation.moderate.states import Basis
from moderation.moderate.tables import AgreedRating
from moderation.register.tables import PlanVersion

DISCUSSED = (Basis.UNANIMOUS, Basis.MAJORITY, Basis.CHAIR)


@dataclass(frozen=True)
class AgreedPlan:
    """A plan of the round's sample: what it stands for, its primary need, and its agreed ratings by criterion."""

    round_plan_id: str
    weight: float
    primary_need: str
    ratings: Mapping[str, float]


@dataclass(frozen=True)
class AgreedOutcome:
    """The agreed outcome of one plan and criterion, for feedback."""

    value: float | None
    non_score: str | None
    basis: Basis
    reason: str


def agreed_plans(session: Session, area_id: str, round_id: str) -> tuple[AgreedPlan, ...]:
    """Plans that speak for the area: the drawn sample, without seeds, repeats and re-audits, and without withdrawn plans."""
    ratings = _ratings(session, area_id, round_id)
    statement = (
        select(RoundPlan.id, RoundPlan.weight, PlanVersion.primary_need)
        .join(PlanVersion, col(PlanVersion.id) == RoundPlan.plan_version_id)
        .where(RoundPlan.area_id == area_id, PlanVersion.area_id == area_id, RoundPlan.round_id == round_id)
        .where(col(RoundPlan.withdrawn_at).is_(None), col(RoundPlan.id).not_in(_special_plans(area_id)))
        .order_by(col(RoundPlan.id))
    )
    return tuple(AgreedPlan(key, weight, need, ratings.get(key, {})) for key, weight, need in session.exec(statement))


def outcomes(session: Session, area_id: str, round_id: str) -> Mapping[tuple[str, str], AgreedOutcome]:
    """Every agreed outcome of the round by plan and criterion."""
    cell = (AgreedRating.round_plan_id, AgreedRating.criterion_key)
    said = (AgreedRating.value, AgreedRating.non_score, AgreedRating.basis, AgreedRating.reason)
    statement = select(*cell, *said).where(AgreedRating.area_id == area_id, AgreedRating.round_id == round_id)  # type: ignore[call-overload]
    return {(plan, key): AgreedOutcome(*outcome) for plan, key, *outcome in session.exec(statement)}


def decided(session: Session, area_id: str, round_id: str, criterion_key: str) -> Mapping[str, float]:
    """The levels that a meeting decided on one criterion, by plan. The median of what auditors said is no decision."""
    statement = select(AgreedRating.round_plan_id, AgreedRating.value).where(
        AgreedRating.area_id == area_id,
        AgreedRating.round_id == round_id,
        AgreedRating.criterion_key == criterion_key,
        col(AgreedRating.basis).in_(DISCUSSED),
    )
    return {plan: value for plan, value in session.exec(statement) if value is not None}


def _ratings(session: Session, area_id: str, round_id: str) -> Mapping[str, Mapping[str, float]]:
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for (plan, criterion), outcome in outcomes(session, area_id, round_id).items():
        if outcome.value is not None:
            found[plan][criterion] = outcome.value
    return found


def _special_plans(area_id: str):  # type: ignore[no-untyped-def]
    special = select(RoundPlanKind.round_plan_id).where(RoundPlanKind.area_id == area_id)
    return special.where(RoundPlanKind.kind != PlanKind.ORDINARY)
