"""What earlier meetings of a round left over: deferred, not reached, or decided without a quorum."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session, col, select

from .policy import Policy
from .queries import UNCONFIRMED, PlanLine, plans_of, policy_of
from .queries_cells import agreed_view
from .queries_conflicts import barred_plans
from .queries_list import FREE
from .queries_meetings import MeetingFacts
from .question_tables import QuestionItem
from .states import DECIDED
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
    """For whoever may moderate the plans, as the chair of the meeting must too; oldest meeting first. What stood in one question
    is carried over as one."""
    policy = policy_of(session, area_id, meeting.round.framework_version_id)
    plans = plans_of(session, area_id, meeting.round.round_id)
    barred = _barred(session, area_id, meeting.round.round_id, account_id, meeting.moderator_id)
    left = {one.row.id: one for one in _left(session, area_id, meeting)}
    left |= {one.row.id: _unconfirmed(one, policy) for one in _waiting_for(session, area_id, meeting)}
    places: dict[str, list[_Left]] = {}
    for one in left.values():
        if one.row.round_plan_id not in barred:
            places.setdefault(one.place, []).append(one)
    return tuple(_line(found, plans, policy) for found in places.values())


def _barred(session: Session, area_id: str, round_id: str, *accounts: str) -> set[str]:
    return {plan for account in set(accounts) for plan in barred_plans(session, area_id, round_id, account)}


def _line(found: list[_Left], plans: Mapping[str, PlanLine], policy: Policy) -> CarriedLine:
    found = sorted(found, key=lambda one: plans[one.row.round_plan_id].reference)
    first, key = found[0], found[0].row.criterion_key
    return CarriedLine(
        tuple(one.row.id for one in found), tuple(plans[one.row.round_plan_id] for one in found), key,
        policy.criteria[key].title, first.why, first.to_confirm,
    )  # fmt: skip


def _left(session: Session, area_id: str, meeting: MeetingFacts) -> Iterator[_Left]:
    """Deferred or not reached by a meeting that is over, and never decided: what a meeting takes up again and defers is decided
    as it was as soon as that meeting is over."""
    made = select(AgreedRating.disagreement_id).where(
        AgreedRating.area_id == area_id,
        AgreedRating.round_id == meeting.round.round_id,
        col(AgreedRating.disagreement_id).is_not(None),
    )
    chosen = (
        select(Disagreement, MeetingItem.deferred_reason, Meeting.title, QuestionItem.question_id)
        .join(MeetingItem, col(MeetingItem.disagreement_id) == Disagreement.id)
        .join(Meeting, col(Meeting.id) == MeetingItem.meeting_id)
        .join(QuestionItem, col(QuestionItem.item_id) == MeetingItem.id, isouter=True)
        .where(Disagreement.area_id == area_id, Disagreement.round_id == meeting.round.round_id)
        .where(col(Disagreement.state).in_(FREE), col(Meeting.concluded_at).is_not(None))
        .where(col(Disagreement.id).not_in(made))
        .order_by(col(Meeting.number), col(MeetingItem.position))
    )
    for row, reason, title, question_id in session.exec(chosen):
        yield _Left(row, f"Deferred in {title}: {reason}" if reason else f"Not reached in {title}", question_id)


def _unconfirmed(one: "_Waiting", policy: Policy) -> _Left:
    why = f"Decided without quorum in {one.held.title}: {agreed_view(one.made, policy).rating}"
    return _Left(one.row, why, None, to_confirm=True)


# --- decisions without a quorum -------------------------------------------------------------------------------------------


class _Waiting(NamedTuple):
    row: Disagreement
    made: AgreedRating
    held: Meeting

    @property
    def is_taken_up(self) -> bool:
        """Does a meeting decide it again?"""
        return self.row.state not in DECIDED


def _waiting(session: Session, area_id: str, round_id: str) -> list[_Waiting]:
    """What was decided without a quorum and never confirmed, with the meeting that decided it."""
    chosen = (
        select(Disagreement, AgreedRating, Meeting)
        .join(AgreedRating, col(AgreedRating.disagreement_id) == Disagreement.id)
        .join(Meeting, col(Meeting.id) == AgreedRating.meeting_id)
        .where(Disagreement.area_id == area_id, Disagreement.round_id == round_id)
        .where(UNCONFIRMED)
        .order_by(col(Meeting.number), col(Disagreement.criterion_key))
    )
    return [_Waiting(*found) for found in session.exec(chosen)]


def _waiting_for(session: Session, area_id: str, meeting: MeetingFacts) -> list[_Waiting]:
    """What this meeting may confirm, if its chair may: decided by a meeting that is over."""
    found = _waiting(session, area_id, meeting.round.round_id)
    return [one for one in found if not one.is_taken_up and one.held.concluded_at and one.held.id != meeting.meeting_id]


def unconfirmed(session: Session, area_id: str, round_id: str) -> int:
    """How many decisions of a round were made without a quorum and never confirmed, also those that a meeting decides again."""
    return len(_waiting(session, area_id, round_id))


def to_confirm(session: Session, area_id: str, meeting: MeetingFacts, *accounts: str) -> tuple[int, int]:
    """How many decisions a meeting may confirm, and how many it may not: those about plans that its chair, or one of the accounts,
    may not moderate."""
    found = _waiting_for(session, area_id, meeting)
    barred = _barred(session, area_id, meeting.round.round_id, meeting.moderator_id, *accounts) if found else set()
    out = sum(one.row.round_plan_id in barred for one in found)
    return len(found) - out, out


@dataclass(frozen=True)
class ToConfirm:
    """The decisions of a round that wait for the chair of the next meeting, for one moderator."""

    decisions: int
    barred: int  # about plans that this moderator may not moderate
    meeting: MeetingFacts | None  # where the others can be confirmed


def next_to_confirm(session: Session, area_id: str, round_id: str, meetings: Sequence[MeetingFacts], account_id: str) -> ToConfirm:
    """`meetings`: those that are planned or held, latest first."""
    found = [one for one in _waiting(session, area_id, round_id) if not one.is_taken_up]
    out = _barred(session, area_id, round_id, account_id) if found else set()
    mine = [one for one in found if one.row.round_plan_id not in out]
    at = next((meeting for meeting in reversed(meetings) if mine and _suits(session, area_id, meeting, mine)), None)
    return ToConfirm(len(found), len(found) - len(mine), at)


def _suits(session: Session, area_id: str, meeting: MeetingFacts, waiting: Sequence[_Waiting]) -> bool:
    barred = _barred(session, area_id, meeting.round.round_id, meeting.moderator_id)
    return any(one.held.id != meeting.meeting_id and one.row.round_plan_id not in barred for one in waiting)


def confirmed_in(session: Session, area_id: str, meeting_id: str) -> int:
    """How many decisions of earlier meetings the chair of this one has confirmed."""
    mine = (AgreedRating.area_id == area_id, AgreedRating.confirmed_in == meeting_id)
    return len(session.exec(select(AgreedRating.id).where(*mine)).all())
