"""When an agency with few auditors is named beside their ratings: when no meeting can vote on the plan any more. A plan has the
same letters on all its criteria, so a name that is given on one would be known before the vote on the next."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from moderation.people.tables import Agency

from .queries import UNCONFIRMED, RoundFacts, plans_of, sight_of
from .record import MinutesRecord, without_agencies
from .states import OPEN, DisagreementState, MeetingState
from .tables import AgreedRating, Disagreement, Meeting


def settled_plans(session: Session, area_id: str, facts: RoundFacts, plans: Collection[str]) -> frozenset[str]:
    """Of these plans, those on which everything is decided for good, or all of them once the round is published. What is deferred
    can go into another meeting, and so can what was decided without a quorum; what a meeting decided that is still being held, it
    can reopen and vote on again."""
    if facts.is_published:
        return frozenset(plans)
    left = select(Disagreement.round_plan_id).where(Disagreement.area_id == area_id, Disagreement.round_id == facts.round_id)
    unsure = select(AgreedRating.round_plan_id).where(AgreedRating.area_id == area_id, AgreedRating.round_id == facts.round_id)
    left = left.where(col(Disagreement.state).in_([*OPEN, DisagreementState.DEFERRED]))
    unsure = unsure.where(UNCONFIRMED)
    held = select(AgreedRating.round_plan_id).join(Meeting, col(Meeting.id) == AgreedRating.meeting_id)
    held = held.where(AgreedRating.area_id == area_id, AgreedRating.round_id == facts.round_id)
    held = held.where(Meeting.state == MeetingState.IN_SESSION)
    return frozenset(plans).difference(*(session.exec(waiting).all() for waiting in (left, unsure, held)))


def with_few_unnamed(session: Session, area_id: str, facts: RoundFacts, record: MinutesRecord) -> MinutesRecord:
    """The minutes as they may be read now: they keep every agency, and small ones are shown when their plan is settled."""
    if facts.is_published:
        return record
    plans = plans_of(session, area_id, facts.round_id)
    waiting = plans.keys() - settled_plans(session, area_id, facts, plans.keys())
    named = select(Agency.name).where(
        Agency.area_id == area_id, col(Agency.id).in_(sight_of(session, area_id, facts.round_id).agencies)
    )
    return without_agencies(record, {plans[key].reference for key in waiting}, set(session.exec(named)))
