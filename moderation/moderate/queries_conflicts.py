"""Who may not moderate, see or vote on which plan, and who may see no rating of the round at all."""

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from moderation.allocate.barring import who_drew
from moderation.allocate.conflicts import conflict_facts
from moderation.allocate.rules import PlanFacts
from moderation.allocate.tables import RoundPlan
from moderation.people.queries import disabled_among
from moderation.register.tables import PlanVersion

from .states import UnblindingState
from .tables import AuditorLetter, Unblinding

SCORED, CONFLICT, SEEN = "you scored the plan", "you have a conflict of interest with the plan", "you may see who rated the plan"


def barred_plans(session: Session, area_id: str, round_id: str, account_id: str) -> dict[str, str]:
    """The plans this person may not moderate, with the reason in words."""
    scored = select(AuditorLetter.round_plan_id).join(RoundPlan, col(RoundPlan.id) == AuditorLetter.round_plan_id)
    mine = session.exec(
        scored.where(AuditorLetter.area_id == area_id, RoundPlan.round_id == round_id, AuditorLetter.account_id == account_id)
    )
    conflicted = dict.fromkeys(conflicted_plans(session, area_id, round_id, account_id), CONFLICT)
    seen = [plan for _, plan in _unblinded(session, area_id, round_id, [account_id])]
    return dict.fromkeys(seen, SEEN) | conflicted | dict.fromkeys(mine, SCORED)


def _unblinded(session: Session, area_id: str, round_id: str, accounts: Collection[str]) -> Sequence[tuple[str, str]]:
    """Account and plan, where one of these people asked for the names and was allowed to see them. They know them after the two
    weeks too."""
    mine = (Unblinding.area_id == area_id, Unblinding.round_id == round_id, col(Unblinding.asked_by).in_(accounts))
    chosen = select(Unblinding.asked_by, Unblinding.round_plan_id).where(*mine)
    return session.exec(chosen.where(Unblinding.state == UnblindingState.APPROVED)).all()


def drew_allocation(session: Session, area_id: str, round_id: str, account_id: str) -> bool:
    """Did this person allocate the round's plans, or draw a sample with hidden plans or name one? Whoever did sees no rating before
    the minutes, in whatever role: they know who has which plan, or could tell which is hidden."""
    return account_id in who_drew(session, area_id, round_id)


def may_not_sit(session: Session, area_id: str, round_id: str, accounts: Collection[str]) -> frozenset[str]:
    """Of these people, those who take no part in a meeting of the round, in whatever role: they drew or allocated its plans, or
    they cannot sign in any more."""
    return disabled_among(session, accounts).union(who_drew(session, area_id, round_id).intersection(accounts))


def out_of_plans(session: Session, area_id: str, round_id: str, accounts: Collection[str]) -> dict[str, frozenset[str]]:
    """By person, the plans that they have no seat and no vote for: they have a conflict of interest with them, or may see who rated
    them."""
    seen = _unblinded(session, area_id, round_id, accounts)
    conflicts = conflicted_by(session, area_id, round_id, accounts)
    return {who: plans.union(plan for whose, plan in seen if whose == who) for who, plans in conflicts.items()}


def conflicted_plans(session: Session, area_id: str, round_id: str, account_id: str) -> Collection[str]:
    """The plans whose child, setting or team this person has a conflict of interest with."""
    return conflicted_by(session, area_id, round_id, [account_id])[account_id]


def conflicted_by(session: Session, area_id: str, round_id: str, accounts: Collection[str]) -> dict[str, frozenset[str]]:
    """The same for several people at once."""
    wanted = set(accounts)
    conflicts = [conflict for conflict in conflict_facts(session, area_id) if conflict.auditor_id in wanted]
    if not conflicts:
        return dict.fromkeys(wanted, frozenset())
    chosen = (
        select(RoundPlan.id, PlanVersion.case_id, PlanVersion.setting, PlanVersion.team)
        .join(PlanVersion, col(PlanVersion.id) == RoundPlan.plan_version_id)
        .where(RoundPlan.area_id == area_id, RoundPlan.round_id == round_id)
    )
    plans = [PlanFacts(*row) for row in session.exec(chosen)]
    barred = {(conflict.auditor_id, plan.round_plan_id) for plan in plans for conflict in conflicts if conflict.bars(plan)}
    return {account: frozenset(plan for whose, plan in barred if whose == account) for account in wanted}
