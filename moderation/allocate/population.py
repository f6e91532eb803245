"""Who and what a round can be made of: plans that qualify for the sample, and people who can rate."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import case, exists, false, func, or_
from sqlmodel import Session, col, select

from moderation import instants
from moderation.people.tables import Account, AccountState, Agency, Membership
from moderation.register.codes import EVENT_NAMES, NEED_NAMES, SETTING_NAMES, PlanEvent, PrimaryNeed, SettingType
from moderation.register.tables import ChildCase, Document, PlanVersion
from moderation.words import AgencyKind, Role

from .rules import PlanKind, RoundState, phase
from .tables import Round, RoundPlan, RoundPlanKind

FINISHED = (RoundState.PUBLISHED, RoundState.ARCHIVED, RoundState.ABANDONED)
POOL = timedelta(days=90)  # hidden plans come from rounds that were published so short a time before


@dataclass(frozen=True)
class EligiblePlan:
    """A plan that may be drawn: its newest version, released, with its audit pack still there."""

    plan_version_id: str
    reference: str
    attributes: Mapping[str, str]


class Standing(StrEnum):
    """Can a plan be drawn for a round, and if not, why not?"""

    FREE = "free"
    EARLIER = "earlier"  # it may, where the lead lets plans of earlier rounds come again
    ELSEWHERE = "elsewhere"
    KEPT_BACK = "kept back"
    UNRELEASED = "unreleased"
    ERASED = "erased"
    EXCLUDED = "excluded"


@dataclass(frozen=True)
class PossibleAuditor:
    account_id: str
    name: str
    agency_id: str
    agency_name: str
    kind: AgencyKind


def eligible_plans(session: Session, area_id: str, round_id: str, again: bool = False) -> list[EligiblePlan]:
    """Plans that qualify for this round. `again` lets in plans of earlier rounds; never one that is in another round now, and none
    among which a round hides its seeds: what is missing from the list would be the seed."""
    chosen = (
        _newest(area_id, PlanVersion, ChildCase.reference)
        .join(ChildCase, col(ChildCase.id) == PlanVersion.case_id)
        .where(col(PlanVersion.released_at).is_not(None), has_pack())
        .where(col(PlanVersion.case_id).not_in(taken_cases(area_id, round_id, again)))
        .where(*(col(PlanVersion.case_id).not_in(_cases(pool(found))) for found in hiding_rounds(session, area_id)))
        .order_by(col(ChildCase.reference))
    )
    return [EligiblePlan(plan.id, reference, _attributes(plan)) for plan, reference in session.exec(chosen)]


def _newest(area_id: str, *columns: Any) -> Any:
    """The newest version of each plan."""
    newest = select(PlanVersion.case_id, func.max(PlanVersion.number).label("number")).where(PlanVersion.area_id == area_id)
    newest_of = newest.group_by(col(PlanVersion.case_id)).subquery()
    is_newest = (newest_of.c.case_id == PlanVersion.case_id) & (newest_of.c.number == PlanVersion.number)
    return select(*columns).select_from(PlanVersion).join(newest_of, is_newest).where(PlanVersion.area_id == area_id)


def standings(session: Session, area_id: str, round_id: str, excluded: Collection[str]) -> Mapping[Standing, int]:
    """How many plans of the area can be drawn, and why the others cannot.

    Where a round hides its seeds is asked before what other rounds have: a seed counts with its pool, not with its round.
    """
    kept_back = [col(PlanVersion.case_id).in_(_cases(pool(found))) for found in hiding_rounds(session, area_id)]
    stands = case(
        (col(PlanVersion.released_at).is_(None), Standing.UNRELEASED.value),
        (~has_pack(), Standing.ERASED.value),
        (col(PlanVersion.id).in_(excluded), Standing.EXCLUDED.value),
        (or_(false(), *kept_back), Standing.KEPT_BACK.value),
        (col(PlanVersion.case_id).in_(taken_cases(area_id, round_id, again=True)), Standing.ELSEWHERE.value),
        (col(PlanVersion.case_id).in_(taken_cases(area_id, round_id, again=False)), Standing.EARLIER.value),
        else_=Standing.FREE.value,
    )
    each = _newest(area_id, stands.label("standing")).subquery()
    counted = session.execute(select(each.c.standing, func.count()).group_by(each.c.standing))
    return {Standing(standing): count for standing, count in counted}


def has_pack() -> Any:
    """The plan's papers are still there."""
    return exists().where(col(Document.plan_version_id) == PlanVersion.id, col(Document.erased_at).is_(None))


def pool(found: Round | None) -> Any:
    """The plans among which a round hides its seeds: the samples of the rounds published shortly before it.

    Whether a plan is in the pool follows from what leads know. Whatever they can observe of a seed (its papers are kept, and
    stay as they are; it is in no other sample) holds for the whole pool, so it tells nobody which one the seed is.
    """
    chosen = (
        select(RoundPlan.plan_version_id)
        .join(Round, col(Round.id) == RoundPlan.round_id)
        .where(col(Round.state).in_((RoundState.PUBLISHED, RoundState.ARCHIVED)), col(RoundPlan.withdrawn_at).is_(None))
    )
    if found is None or not found.seed_plans:
        return chosen.where(false())
    chosen = chosen.where(Round.area_id == found.area_id, col(RoundPlan.id).not_in(seeds_in(found.area_id)))
    until = found.opened_at or instants.now()
    return chosen.where(col(Round.published_at).between(found.created_at - POOL, until))


def hiding_rounds(session: Session, area_id: str) -> list[Round]:
    """The rounds that have or will have seeds and are not finished."""
    chosen = select(Round).where(Round.area_id == area_id, col(Round.state).not_in(FINISHED), Round.seed_plans > 0)
    return list(session.exec(chosen.order_by(col(Round.number))))


def _cases(plan_version_ids: Any) -> Any:
    return select(PlanVersion.case_id).where(col(PlanVersion.id).in_(plan_version_ids))


def taken_cases(area_id: str, round_id: str, again: bool) -> Any:
    """Cases that are in another round: in one that is not finished, or, unless they may come again, in any."""
    free = FINISHED if again else (RoundState.ABANDONED,)
    return (
        select(PlanVersion.case_id)
        .join(RoundPlan, col(RoundPlan.plan_version_id) == PlanVersion.id)
        .join(Round, col(Round.id) == RoundPlan.round_id)
        .where(Round.area_id == area_id, Round.id != round_id, col(RoundPlan.withdrawn_at).is_(None))
        .where(col(Round.state).not_in(free))
    )


def _attributes(plan: PlanVersion) -> dict[str, str]:
    return {
        "phase": phase(plan.year_group),
        "primary_need": NEED_NAMES[PrimaryNeed(plan.primary_need)],
        "setting_type": SETTING_NAMES[SettingType(plan.setting_type)],
        "plan_event": EVENT_NAMES[PlanEvent(plan.plan_event)],
        "team": plan.team or "",
    }


def possible_auditors(session: Session, area_id: str) -> list[PossibleAuditor]:
    """Everybody who is an auditor of this area today, agency by agency."""
    today = instants.today()
    chosen = (
        select(Account, Agency)
        .join(Membership, col(Membership.account_id) == Account.id)
        .join(Agency, col(Agency.id) == Membership.agency_id)
        .where(Membership.area_id == area_id, Membership.role == Role.AUDITOR, Membership.starts_on <= today)
        .where((col(Membership.ends_on).is_(None)) | (col(Membership.ends_on) >= today))
        .where(col(Account.state) != AccountState.DISABLED)
    )
    people = {
        (account.id, agency.id): PossibleAuditor(account.id, account.name, agency.id, agency.name, agency.kind)
        for account, agency in session.exec(chosen)
    }
    return sorted(people.values(), key=lambda one: (list(AgencyKind).index(one.kind), one.agency_name, one.name, one.account_id))


def seeds_in(area_id: str, round_id: str | None = None) -> Any:
    """The ids of seed plans that are still in a round (or in any), to select or to leave out. For draws and counts only."""
    chosen = all_seeds(area_id).where(col(RoundPlan.withdrawn_at).is_(None))
    return chosen.where(RoundPlan.round_id == round_id) if round_id else chosen


def all_seeds(area_id: str) -> Any:
    """Those that were withdrawn as well: what leads see leaves these out like the others."""
    chosen = select(RoundPlanKind.round_plan_id).join(RoundPlan, col(RoundPlan.id) == RoundPlanKind.round_plan_id)
    return chosen.where(RoundPlan.area_id == area_id, RoundPlanKind.kind == PlanKind.SEED)


def secret_plans(area_id: str) -> Any:
    """The ids of the hidden plans of rounds that are not published, withdrawn ones too: what leads open leaves them out until then.

    Those of an abandoned round stay hidden: they are as likely as before in the next one.
    """
    chosen = all_seeds(area_id).join(Round, col(Round.id) == RoundPlan.round_id)
    return chosen.where(col(Round.state).not_in((RoundState.PUBLISHED, RoundState.ARCHIVED)))
