"""Freezing: the inputs of a draw as they stand now, put together from the tables of the round."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from moderation.register.readers import seen_by_name
from moderation.register.tables import PlanVersion

from .conflicts import conflict_facts
from .expertise import Knows, PlanKnown, expertise_costs
from .population import possible_auditors, seeds_in
from .problem import FULL_TIME, Problem
from .problem import Conflict as Bar
from .rules import RECOMMENDED, Ending, PlanFacts, barred
from .tables import Allocation, CaseMet, Expertise, Round, RoundAgency, RoundAuditor, RoundPlan
from .terms import SLIDER

MET_BEFORE = "rated this case in an earlier round"
DISCUSSED = "discussed this case in a meeting"
KNOWS_NAMES = "has uploaded or seen the audit pack with the real names"
NEVER_READ = (Ending.DECLINED, Ending.REASSIGNED)


def freeze(session: Session, area_id: str, round_id: str, weighing: int = RECOMMENDED) -> Problem:
    """The inputs of a draw as they stand now. The same state gives the same inputs, also which plans are scored twice."""
    auditors = _auditors(session, area_id, round_id)
    plans = _plan_facts(session, area_id, round_id)
    seeds = set(session.exec(seeds_in(area_id, round_id)))
    agencies = _agencies(session, area_id, round_id)
    people = [auditor.account_id for auditor in auditors]
    problem = Problem(
        agencies={agency: tuple(a.account_id for a in auditors if a.agency_id == agency) for agency in agencies},
        plans=tuple(plan.round_plan_id for plan in plans if plan.round_plan_id not in seeds),
        capacity={auditor.account_id: auditor.capacity for auditor in auditors},
        availability={one.account_id: one.availability for one in auditors if one.availability != FULL_TIME},
        auditors_per_plan=agencies,
        conflicts=_bars(session, area_id, round_id, plans, people),
        expertise_cost=_costs(session, area_id, round_id, people),
        history=_history(session, area_id, round_id, people),
        seeds=tuple(sorted(seeds)),
    )
    return SLIDER[weighing - 1].of(_doubled(session, round_id, problem))


def _doubled(session: Session, round_id: str, problem: Problem) -> Problem:
    """The problem with the plans that agencies score once more: never more than their auditors have room for."""
    found = session.get_one(Round, round_id)
    if not found.double_share or not problem.plans:
        return problem
    from .chain import double_scored  # late: the solver's libraries take a second to load

    wanted = {
        agency: min(round(found.double_share * len(problem.plans) / 100), _room(problem, agency))
        for agency, people in problem.agencies.items()
        if len(people) > problem.auditors_per_plan[agency]
    }
    seed = hmac.new(found.secret.encode(), b"scored twice", hashlib.sha256).hexdigest()
    return replace(problem, extra=double_scored(problem, wanted, seed))


def _room(problem: Problem, agency: str) -> int:
    """How many places an agency has beyond those it must fill."""
    people = problem.agencies[agency]
    capacity = sum(problem.capacity[who] for who in people)
    return max(0, capacity - problem.auditors_per_plan[agency] * len(problem.plans) - len(people) * len(problem.seeds))


def _auditors(session: Session, area_id: str, round_id: str) -> list[RoundAuditor]:
    """The auditors of a round who are there: not away, and still auditors of their agency."""
    able = {(person.account_id, person.agency_id) for person in possible_auditors(session, area_id)}
    chosen = select(RoundAuditor).where(RoundAuditor.area_id == area_id, RoundAuditor.round_id == round_id)
    rows = session.exec(chosen.order_by(col(RoundAuditor.account_id)))
    return [row for row in rows if row.absent_from is None and (row.account_id, row.agency_id) in able]


def _agencies(session: Session, area_id: str, round_id: str) -> dict[str, int]:
    chosen = select(RoundAgency).where(RoundAgency.area_id == area_id, RoundAgency.round_id == round_id)
    return {row.agency_id: row.auditors_per_plan for row in session.exec(chosen.order_by(col(RoundAgency.agency_id)))}


def _plan_facts(session: Session, area_id: str, round_id: str) -> list[PlanFacts]:
    chosen = (
        select(RoundPlan.id, PlanVersion.case_id, PlanVersion.setting, PlanVersion.team)
        .join(PlanVersion, col(PlanVersion.id) == RoundPlan.plan_version_id)
        .where(RoundPlan.area_id == area_id, RoundPlan.round_id == round_id, col(RoundPlan.withdrawn_at).is_(None))
        .order_by(col(RoundPlan.id))
    )
    return [PlanFacts(*row) for row in session.exec(chosen)]


def _costs(session: Session, area_id: str, round_id: str, people: Sequence[str]) -> dict[str, dict[str, int]]:
    """What every plan costs every auditor whose expertise is recorded."""
    chosen = (
        select(RoundPlan.id, PlanVersion.primary_need, PlanVersion.year_group)
        .join(PlanVersion, col(PlanVersion.id) == RoundPlan.plan_version_id)
        .where(RoundPlan.area_id == area_id, RoundPlan.round_id == round_id, col(RoundPlan.withdrawn_at).is_(None))
    )
    known = select(Expertise).where(Expertise.area_id == area_id, col(Expertise.account_id).in_(people))
    knows = [Knows(row.account_id, frozenset(row.needs), frozenset(row.phases)) for row in session.exec(known)]
    return expertise_costs([PlanKnown(*row) for row in session.exec(chosen)], knows) if knows else {}


def _bars(session: Session, area_id: str, round_id: str, plans: Sequence[PlanFacts], people: Sequence[str]) -> tuple[Bar, ...]:
    """Declared conflicts, and cases that an auditor has met in an earlier round or knows by name."""
    conflicts = [conflict for conflict in conflict_facts(session, area_id) if conflict.auditor_id in set(people)]
    declared = barred(plans, conflicts)
    of_case = defaultdict(list)
    for plan in plans:
        of_case[plan.case_id].append(plan.round_plan_id)
    seen = dict.fromkeys(_discussed(session, area_id, people), DISCUSSED)
    seen |= dict.fromkeys(_met(session, area_id, round_id, people), MET_BEFORE)
    seen |= dict.fromkeys(seen_by_name(session, area_id, people, list(of_case)), KNOWS_NAMES)
    met = {(plan, who): reason for (who, case), reason in seen.items() for plan in of_case.get(case, ())}
    return tuple(Bar(plan, who, reason) for (plan, who), reason in sorted({**met, **declared}.items()))


def _discussed(session: Session, area_id: str, people: Sequence[str]) -> list[tuple[str, str]]:
    chosen = select(CaseMet.account_id, CaseMet.case_id).where(CaseMet.area_id == area_id)
    return list(session.exec(chosen.where(col(CaseMet.account_id).in_(people))))


def _met(session: Session, area_id: str, round_id: str, people: Sequence[str]) -> list[tuple[str, str]]:
    chosen = (
        select(Allocation.account_id, PlanVersion.case_id)
        .join(RoundPlan, col(RoundPlan.id) == Allocation.round_plan_id)
        .join(PlanVersion, col(PlanVersion.id) == RoundPlan.plan_version_id)
        .where(Allocation.area_id == area_id, Allocation.round_id != round_id, col(Allocation.account_id).in_(people))
        .where(col(Allocation.ended_as).is_(None) | col(Allocation.ended_as).not_in(NEVER_READ))
        .distinct()
    )
    return list(session.exec(chosen))


def _history(session: Session, area_id: str, round_id: str, people: Sequence[str]) -> tuple[tuple[str, str, int], ...]:
    """How often two of these people have scored the same plan in earlier rounds."""
    one, other = aliased(Allocation), aliased(Allocation)
    chosen = (
        select(one.account_id, other.account_id, func.count())
        .join(other, (col(one.round_plan_id) == other.round_plan_id) & (col(one.account_id) < other.account_id))
        .where(one.area_id == area_id, one.round_id != round_id, col(one.account_id).in_(people))
        .where(col(other.account_id).in_(people), one.ended_as == Ending.SUBMITTED, other.ended_as == Ending.SUBMITTED)
        .group_by(col(one.account_id), col(other.account_id))
        .order_by(col(one.account_id), col(other.account_id))
    )
    return tuple((first, second, times) for first, second, times in session.exec(chosen))
