"""Meetings without their agenda: which there are, when they are held, how far they are, in counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case
from sqlmodel import Session, col, func, select

from moderation.allocate.rules import RELEASED
from moderation.allocate.tables import Round
from moderation.people.tables import Account
from moderation.words import NotFound

from . import packing
from .meeting_rules import DecisionRule
from .queries import MISSING, RoundFacts, round_facts
from .queries_kept import counts_in, kept_records
from .question_tables import MeetingQuestion, QuestionItem
from .states import DECIDED, OVER, DisagreementState, MeetingState
from .tables import AgreedRating, Disagreement, Meeting, MeetingItem


@dataclass(frozen=True)
class MeetingFacts:
    """A meeting without its agenda."""

    meeting_id: str
    round: RoundFacts
    number: int
    title: str
    starts_at: datetime
    minutes: int
    minutes_per_item: int
    place: str
    moderator_id: str
    moderator: str
    state: MeetingState
    started_at: datetime | None
    concluded_at: datetime | None
    version: int
    decision_rule: DecisionRule

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def is_planned(self) -> bool:
        return self.state in (MeetingState.PLANNED, MeetingState.INVITED)

    @property
    def is_in_session(self) -> bool:
        return self.state is MeetingState.IN_SESSION

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def margin(self) -> int:
        """Minutes for welcome, and again for the close."""
        return packing.margin(self.minutes)


@dataclass(frozen=True)
class MeetingLine:
    """A meeting in the list, with the counts that leads may see too."""

    meeting: MeetingFacts
    items: int
    decided: int
    deferred: int


def meeting_facts(session: Session, area_id: str, meeting_id: str) -> MeetingFacts:
    """A meeting of this area; NotFound for any other."""
    found = meetings_where(session, area_id, Meeting.id == meeting_id)
    if not found:
        raise NotFound(MISSING)
    return found[0]


def meetings_where(session: Session, area_id: str, *which: object) -> list[MeetingFacts]:
    chosen = (
        select(Meeting, Account.name)
        .join(Account, col(Account.id) == Meeting.moderator_id)
        .join(Round, col(Round.id) == Meeting.round_id)
        .where(Meeting.area_id == area_id, col(Round.state).in_(RELEASED), *which)  # type: ignore[arg-type]
        .order_by(col(Meeting.starts_at).desc(), col(Meeting.number).desc())
    )
    rows = session.exec(chosen).all()
    rounds = {round_id: round_facts(session, area_id, round_id) for round_id in {row.round_id for row, _ in rows}}
    return [
        MeetingFacts(
            row.id, rounds[row.round_id], row.number, row.title, row.starts_at, row.minutes, row.minutes_per_item, row.place,
            row.moderator_id, moderator, row.state, row.started_at, row.concluded_at, row.version, row.decision_rule,
        )
        for row, moderator in rows
    ]  # fmt: skip


def meeting_lines(session: Session, area_id: str, round_id: str | None = None) -> list[MeetingLine]:
    """The meetings of the area or of one round, latest first."""
    which = (Meeting.round_id == round_id,) if round_id else ()
    meetings = meetings_where(session, area_id, *which)
    kept = kept_records(session, area_id, [meeting.meeting_id for meeting in meetings if meeting.is_over])
    counts = _counts(session, area_id) | {key: counts_in(found) for key, found in kept.items()}
    return [MeetingLine(meeting, *counts.get(meeting.meeting_id, (0, 0, 0))) for meeting in meetings]


def _counts(session: Session, area_id: str) -> dict[str, tuple[int, int, int]]:
    """By meeting: places on its agenda, what it decided itself, and what it deferred, whatever another meeting made of it."""
    state, made_here = col(Disagreement.state), col(AgreedRating.meeting_id) == MeetingItem.meeting_id
    left, shared = col(MeetingItem.deferred_reason).is_not(None), _shared_places(session, area_id)
    chosen = (
        select(
            MeetingItem.meeting_id,
            func.count(),
            func.count(case((and_(made_here, state.in_(DECIDED)), 1))),
            func.count(case((and_(left, state != DisagreementState.WITHDRAWN), 1))),
        )
        .join(Disagreement, col(Disagreement.id) == MeetingItem.disagreement_id)
        .join(AgreedRating, col(AgreedRating.disagreement_id) == MeetingItem.disagreement_id, isouter=True)
        .where(MeetingItem.area_id == area_id)
        .group_by(col(MeetingItem.meeting_id))
    )
    return {key: (items - shared.get(key, 0), decided, deferred) for key, items, decided, deferred in session.exec(chosen)}


def _shared_places(session: Session, area_id: str) -> dict[str, int]:
    """By meeting: how many plans stand in the place of another, because a question takes one place with all of its plans."""
    plans = func.count() - func.count(func.distinct(QuestionItem.question_id))
    chosen = (
        select(MeetingQuestion.meeting_id, plans)
        .join(QuestionItem, col(QuestionItem.question_id) == MeetingQuestion.id)
        .where(MeetingQuestion.area_id == area_id)
        .group_by(col(MeetingQuestion.meeting_id))
    )
    return dict(session.exec(chosen).all())


def open_meetings(lines: Sequence[MeetingLine]) -> list[MeetingFacts]:
    """Those to whose agenda something can still be added."""
    return [line.meeting for line in lines if line.meeting.is_planned or line.meeting.is_in_session]
