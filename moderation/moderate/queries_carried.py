"""What earlier meetings of a round left over: deferred, not reached, or decided without a quorum."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from .policy import Policy
from .queries import PlanLine, plans_of, policy_of
from .queries_cells import agreed_view
from .queries_conflicts import barred_plans
from .queries_list import FREE
from .queries_meetings import MeetingFacts
from .question_tables import QuestionItem
from .tables import AgreedRating, Disagreement, Meeting, MeetingItem


@dataclass(frozen=True)
class CarriedLine:
    """What is left over: an item, or the plans of a question that was not settled. An item is confirmed or taken up again where a
    meeting decided it without a quorum."""

    disagreements: tuple[str, ...]
    plans: tuple[PlanLine, ...]
    key: str
    title: str
    why: str
    to_confirm: bool

    @property
    def value(self) -> str:
        """What taking it over sends."""
        return ",".join(self.disagreements)

    @property
    def references(self) -> str:
        return ", ".join(plan.reference for plan in self.plans)


@dataclass(frozen=True)
class _Left:
    row: Disagreement
    why: str
    question_id: str | None
    to_confirm: bool = False

    @property
    def place(self) -> str:
        return self.question_id or self.row.id


def carried_over(session: Session, area_id: str, meeting: MeetingFacts, account_id: str) -> tuple[CarriedLine, ...]:
    """For whoever may moderate the plans, oldest meeting first. What stood in one question is carried over as one."""
    policy = policy_of(session, area_id, meeting.round.framework_version_id)
    plans = plans_of(session, area_id, meeting.round.round_id)
    barred = barred_plans(session, area_id, meeting.round.round_id, account_id)
    left = {one.row.id: one for one in _left(session, area_id, meeting)}
    left |= {one.row.id: one for one in _unconfirmed(session, area_id, meeting, policy)}
    places: dict[str, list[_Left]] = {}
    for one in left.values():
        if one.row.round_plan_id not in barred:
            places.setdefault(one.place, []).append(one)
    return tuple(_line(found, plans, policy) for found in places.values())


def _line(found: list[_Left], plans: Mapping[str, PlanLine], policy: Policy) -> CarriedLine:
    found = sorted(found, key=lambda one: plans[one.row.round_plan_id].reference)
    first, key = found[0], found[0].row.criterion_key
    return CarriedLine(
        tuple(one.row.id for one in found), tuple(plans[one.row.round_plan_id] for one in found), key,
        policy.criteria[key].title, first.why, first.to_confirm,
    )  # fmt: skip


def _left(session: Session, area_id: str, meeting: MeetingFacts) -> Iterator[_Left]:
    """Deferred or not reached by a meeting that is over."""
    chosen = (
        select(Disagreement, MeetingItem.deferred_reason, Meeting.title, QuestionItem.question_id)
        .join(MeetingItem, col(MeetingItem.disagreement_id) == Disagreement.id)
        .join(Meeting, col(Meeting.id) == MeetingItem.meeting_id)
        .join(QuestionItem, col(QuestionItem.item_id) == MeetingItem.id, isouter=True)
        .where(Disagreement.area_id == area_id, Disagreement.round_id == meeting.round.round_id)
        .where(col(Disagreement.state).in_(FREE), col(Meeting.concluded_at).is_not(None))
        .order_by(col(Meeting.number), col(MeetingItem.position))
    )
    for row, reason, title, question_id in session.exec(chosen):
        yield _Left(row, f"Deferred in {title}: {reason}" if reason else f"Not reached in {title}", question_id)


def _unconfirmed(session: Session, area_id: str, meeting: MeetingFacts, policy: Policy) -> Iterator[_Left]:
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
        yield _Left(row, f"Decided without quorum in {title}: {agreed_view(made, policy).rating}", None, to_confirm=True)


def unconfirmed(session: Session, area_id: str, round_id: str) -> int:
    """How many decisions of a round were made without a quorum and never confirmed."""
    mine = (AgreedRating.area_id == area_id, AgreedRating.round_id == round_id)
    chosen = select(AgreedRating.id).where(*mine, col(AgreedRating.quorate).is_(False))
    return len(session.exec(chosen.where(col(AgreedRating.confirmed_in).is_(None))).all())


def confirmed_in(session: Session, area_id: str, meeting_id: str) -> int:
    """How many decisions of earlier meetings the chair of this one has confirmed."""
    mine = (AgreedRating.area_id == area_id, AgreedRating.confirmed_in == meeting_id)
    return len(session.exec(select(AgreedRating.id).where(*mine)).all())
