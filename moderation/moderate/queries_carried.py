"""What earlier meetings of a round left over: deferred, not reached, or decided without a quorum."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session, col, select

from .policy import Policy
from .queries import PlanLine, plans_of, policy_of
from .queries_conflicts import barred_plans
from .queries_list import FREE
from .queries_meetings import MeetingFacts
from .queries_room import agreed_view
from .tables import AgreedRating, Disagreement, Meeting, MeetingItem


@dataclass(frozen=True)
class CarriedLine:
    """One item that is left over. It is confirmed or taken up again where a meeting decided it without a quorum."""

    disagreement_id: str
    plan: PlanLine
    key: str
    title: str
    why: str
    to_confirm: bool


def carried_over(session: Session, area_id: str, meeting: MeetingFacts, account_id: str) -> tuple[CarriedLine, ...]:
    """For whoever may moderate the plans, oldest meeting first."""
    policy = policy_of(session, area_id, meeting.round.framework_version_id)
    plans = plans_of(session, area_id, meeting.round.round_id)
    barred = barred_plans(session, area_id, meeting.round.round_id, account_id)
    left = {row.id: (row, why, False) for row, why in _left(session, area_id, meeting)}
    left |= {row.id: (row, why, True) for row, why in _unconfirmed(session, area_id, meeting, policy)}
    return tuple(
        CarriedLine(row.id, plans[row.round_plan_id], row.criterion_key, policy.criteria[row.criterion_key].title, why, confirm)
        for row, why, confirm in left.values()
        if row.round_plan_id not in barred
    )


def _left(session: Session, area_id: str, meeting: MeetingFacts) -> Iterator[tuple[Disagreement, str]]:
    """Deferred or not reached by a meeting that is over."""
    chosen = (
        select(Disagreement, MeetingItem.deferred_reason, Meeting.title)
        .join(MeetingItem, col(MeetingItem.disagreement_id) == Disagreement.id)
        .join(Meeting, col(Meeting.id) == MeetingItem.meeting_id)
        .where(Disagreement.area_id == area_id, Disagreement.round_id == meeting.round.round_id)
        .where(col(Disagreement.state).in_(FREE), col(Meeting.concluded_at).is_not(None))
        .order_by(col(Meeting.number), col(MeetingItem.position))
    )
    for row, reason, title in session.exec(chosen):
        yield row, f"Deferred in {title}: {reason}" if reason else f"Not reached in {title}"


def _unconfirmed(session: Session, area_id: str, meeting: MeetingFacts, policy: Policy) -> Iterator[tuple[Disagreement, str]]:
    chosen = (
        select(Disagreement, AgreedRating, Meeting.title)
        .join(AgreedRating, col(AgreedRating.disagreement_id) == Disagreement.id)
        .join(Meeting, col(Meeting.id) == AgreedRating.meeting_id)
        .where(Disagreement.area_id == area_id, Disagreement.round_id == meeting.round.round_id)
        .where(col(AgreedRating.quorate).is_(False), col(AgreedRating.confirmed_in).is_(None))
        .where(col(Meeting.concluded_at).is_not(None), Meeting.id != meeting.meeting_id)
        .order_by(col(Meeting.number), col(Disagreement.criterion_key))
    )
    for row, made, title in session.exec(chosen):
        yield row, f"Decided without quorum in {title}: {agreed_view(made, policy).rating}"


def unconfirmed(session: Session, area_id: str, round_id: str) -> int:
    """How many decisions of a round were made without a quorum and never confirmed."""
    mine = (AgreedRating.area_id == area_id, AgreedRating.round_id == round_id)
    chosen = select(AgreedRating.id).where(*mine, col(AgreedRating.quorate).is_(False))
    return len(session.exec(chosen.where(col(AgreedRating.confirmed_in).is_(None))).all())
