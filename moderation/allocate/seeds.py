"""Hidden seed plans: plans of earlier rounds with agreed ratings, given to every auditor who has never met the case.

Which plan of a round is a seed stands in `round_plan_kind` alone. By default the service chooses at random, so nobody knows;
a later stage may name one (`add_seed`). A lead sees the sample without the seeds, so whatever a page says of a plan that is not
in the sample must not depend on its being a seed: the whole pool that seeds come from (`population.pool`) is treated alike.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from moderation.ledger import Transaction
from moderation.register.tables import PlanVersion
from moderation.words import Refused

from .draw import shuffled
from .events import SeedsChosen
from .population import has_pack, pool, seeds_in, taken_cases
from .rules import MOST_SEEDS, Ending, PlanKind, RoundState, check_in_setup
from .tables import Allocation, CaseMet, Round, RoundAgency, RoundAuditor, RoundPlan, RoundPlanKind

SCORED_BY = 2  # independent ratings without which nothing was agreed
MET_BY = 0.5  # the share of a round's auditors who may have met the case already


@dataclass(frozen=True)
class SeedCandidate:
    plan_version_id: str
    case_id: str


def candidates(session: Session, area_id: str, round_id: str) -> list[SeedCandidate]:
    """Plans of the round's pool that several auditors scored, and whose case is in no sample of a round that is still running.

    That it is a seed of another round keeps no plan out: its absence would say so.
    """
    sampled = taken_cases(area_id, round_id, again=True).where(col(RoundPlan.id).not_in(seeds_in(area_id)))
    here = select(PlanVersion.case_id).join(RoundPlan, col(RoundPlan.plan_version_id) == PlanVersion.id)
    chosen = (
        select(PlanVersion.id, PlanVersion.case_id)
        .join(RoundPlan, col(RoundPlan.plan_version_id) == PlanVersion.id)
        .join(Round, col(Round.id) == RoundPlan.round_id)
        .join(Allocation, col(Allocation.round_plan_id) == RoundPlan.id)
        .where(PlanVersion.area_id == area_id, col(PlanVersion.released_at).is_not(None), has_pack())
        .where(col(Round.state).in_((RoundState.PUBLISHED, RoundState.ARCHIVED)), col(RoundPlan.withdrawn_at).is_(None))
        .where(Allocation.ended_as == Ending.SUBMITTED)
        .where(col(PlanVersion.id).in_(pool(session.get(Round, round_id))))
        .where(col(PlanVersion.case_id).not_in(sampled))
        .where(col(PlanVersion.case_id).not_in(here.where(RoundPlan.round_id == round_id)))
        .group_by(col(PlanVersion.id), col(PlanVersion.case_id))
        .having(func.count(func.distinct(col(Allocation.account_id))) >= SCORED_BY)
        .order_by(col(PlanVersion.id))
    )
    return [SeedCandidate(*row) for row in session.exec(chosen)]


def add_seed(tx: Transaction, round_id: str, plan_version_id: str) -> None:
    """Use this plan, which has agreed ratings, as a seed of a round whose plans are not drawn yet."""
    found = tx.get(Round, round_id)
    check_in_setup(found.state)
    if has_chosen(found.sample):
        raise Refused("The service chose the hidden plans when the plans were drawn. A hidden plan can be named before that only.")
    now = of_round(tx, round_id)
    if len(now) >= MOST_SEEDS:
        raise Refused(f"This round has {MOST_SEEDS} hidden plans already. Each costs every auditor a plan.")
    if plan_version_id not in {one.plan_version_id for one in candidates(tx.session, tx.area_id, round_id)}:
        raise Refused("This plan cannot be a hidden plan of that round: its case is in a round already, or its papers are gone.")
    _add(tx, round_id, [plan_version_id])
    found.seed_plans = max(found.seed_plans, len(now) + 1)
    found.version += 1
    tx.record(SeedsChosen(round_id, len(now) + 1))


def top_up(tx: Transaction, found: Round) -> None:
    """As many seeds as the round should have, chosen at random as far as there are candidates."""
    now = of_round(tx, found.id)
    if len(now) > found.seed_plans:
        _remove(tx, shuffled(found.secret, "seeds", now)[found.seed_plans :])
    elif missing := found.seed_plans - len(now):
        unmet = _unmet(tx, found.id, _free(tx, found.id))
        _add(tx, found.id, shuffled(found.secret, "seeds", unmet)[:missing])
    if (after := len(of_round(tx, found.id))) != len(now):
        tx.record(SeedsChosen(found.id, after))


def has_chosen(sample: Mapping[str, Any]) -> bool:
    """Has the service chosen seeds? From then on a list of candidates would tell a lead which."""
    return bool(sample.get("strata"))


def _free(tx: Transaction, round_id: str) -> list[SeedCandidate]:
    """The candidates that are in no other round that is still running, not even as a seed."""
    taken = set(tx.session.exec(taken_cases(tx.area_id, round_id, again=True)))
    return [one for one in candidates(tx.session, tx.area_id, round_id) if one.case_id not in taken]


def drop_unreleased(tx: Transaction, round_id: str) -> set[str]:
    """Take out the seeds whose release was taken back since they were chosen; returns their ids in the round. Nobody is told."""
    lost = select(RoundPlan.id).join(PlanVersion, col(PlanVersion.id) == RoundPlan.plan_version_id)
    lost = lost.where(col(RoundPlan.id).in_(seeds_in(tx.area_id, round_id)), col(PlanVersion.released_at).is_(None))
    found = set(tx.session.exec(lost))
    _remove(tx, found)
    return found


def of_round(tx: Transaction, round_id: str) -> list[str]:
    """The seeds of a round, by their ids in it."""
    return sorted(tx.session.exec(seeds_in(tx.area_id, round_id)))


def panels(tx: Transaction, round_id: str) -> dict[str, dict[str, int]]:
    """For each seed: how many auditors an ordinary plan has, by agency. More than that would give it away afterwards."""
    sizes = select(RoundAgency.agency_id, RoundAgency.auditors_per_plan)
    usual = dict(tx.session.exec(sizes.where(RoundAgency.area_id == tx.area_id, RoundAgency.round_id == round_id)).all())
    return dict.fromkeys(of_round(tx, round_id), usual)


def _unmet(tx: Transaction, round_id: str, found: list[SeedCandidate]) -> list[str]:
    """The candidates that at least half of the round's auditors have never met, one for each case."""
    people = set(tx.session.exec(select(RoundAuditor.account_id).where(RoundAuditor.round_id == round_id)))
    met = _met(tx, [one.case_id for one in found])
    of_case = {one.case_id: one.plan_version_id for one in found}
    return [plan for case, plan in of_case.items() if len(met.get(case, set()) & people) <= MET_BY * len(people)]


def _met(tx: Transaction, cases: Collection[str]) -> dict[str, set[str]]:
    """Who has met each of these cases, as a rater or in a meeting."""
    rated = (
        select(PlanVersion.case_id, Allocation.account_id)
        .join(RoundPlan, col(RoundPlan.plan_version_id) == PlanVersion.id)
        .join(Allocation, col(Allocation.round_plan_id) == RoundPlan.id)
        .where(PlanVersion.area_id == tx.area_id, col(PlanVersion.case_id).in_(cases))
    )
    discussed = select(CaseMet.case_id, CaseMet.account_id).where(CaseMet.area_id == tx.area_id, col(CaseMet.case_id).in_(cases))
    found: dict[str, set[str]] = {}
    for case, who in [*tx.session.exec(rated), *tx.session.exec(discussed)]:
        found.setdefault(case, set()).add(who)
    return found


def _add(tx: Transaction, round_id: str, plan_version_ids: Collection[str]) -> None:
    rows = [RoundPlan(area_id=tx.area_id, round_id=round_id, plan_version_id=plan_id) for plan_id in plan_version_ids]
    tx.session.add_all(rows)
    tx.session.flush()
    tx.session.add_all(RoundPlanKind(area_id=tx.area_id, round_plan_id=row.id, kind=PlanKind.SEED) for row in rows)
    tx.session.flush()


def _remove(tx: Transaction, round_plan_ids: Collection[str]) -> None:
    tx.session.execute(delete(RoundPlanKind).where(col(RoundPlanKind.round_plan_id).in_(round_plan_ids)))
    tx.session.execute(delete(RoundPlan).where(col(RoundPlan.id).in_(round_plan_ids)))
