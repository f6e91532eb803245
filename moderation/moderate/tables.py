"""Disagreements, meetings, what was voted and agreed, and the lessons."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field

from ..database import Row, belongs, check, enum_column, json_column, utc_column
from ..words import Retention
from .meeting_rules import ActionKind, ActionState, DecisionRule, MinutesState
from .states import Basis, DisagreementState, LessonState, MeetingState, UnblindingState
from .steps import Step


class AuditorLetter(Row, table=True):
    """Which auditor of a plan is called A, B, C: shuffled per plan. Where a plan went to everybody, those beyond the usual
    number stay out of sight of meetings, so that it looks like any other."""

    __tablename__ = "auditor_letter"
    __table_args__ = belongs(
        Retention.SCORES,
        UniqueConstraint("round_plan_id", "account_id"),
        UniqueConstraint("round_plan_id", "letter"),
        round_plan_id="round_plan",
    )

    round_plan_id: str = Field(max_length=40, index=True)
    account_id: str = Field(foreign_key="account.id", max_length=40)
    letter: str = Field(max_length=2)
    is_shown: bool = True


class RoutedRound(Row, table=True):
    """Disagreements of a round are found once."""

    __tablename__ = "routed_round"
    __table_args__ = belongs(Retention.STATISTICS, UniqueConstraint("round_id"), round_id="round")

    round_id: str = Field(max_length=40)
    routed_at: datetime = utc_column()
    cells: int
    found: int
    rules: list[dict[str, Any]] | None = json_column(nullable=True)  # the lead's routing rules that held; none: the framework's own


class RoutingRules(Row, table=True):
    """The lead's rules for what goes to a meeting, for one framework version. Every change is a row; the highest number holds."""

    __tablename__ = "routing_rules"
    __table_args__ = belongs(
        Retention.STATISTICS,
        UniqueConstraint("framework_version_id", "number"),
        check("counted", "number >= 1"),
        framework_version_id="framework_version",
    )

    framework_version_id: str = Field(max_length=40)
    number: int
    settings: list[dict[str, Any]] = json_column()
    made_by: str | None = Field(default=None, foreign_key="account.id", max_length=40)
    made_at: datetime = utc_column()


class Disagreement(Row, table=True):
    """A plan and criterion for the meeting: its ratings pass a trigger, or it was sampled (no trigger but `calibration`)."""

    __tablename__ = "disagreement"
    __table_args__ = belongs(
        Retention.SCORES, UniqueConstraint("round_plan_id", "criterion_key"), round_id="round", round_plan_id="round_plan"
    )

    round_id: str = Field(max_length=40, index=True)
    round_plan_id: str = Field(max_length=40)
    criterion_key: str = Field(max_length=40)
    triggers: list[str] = json_column()
    stake: float  # the higher, the earlier
    reasons: list[str] = json_column()  # why it matters, in words
    state: DisagreementState = enum_column(DisagreementState, default=DisagreementState.FOUND)
    version: int = 1


class Meeting(Row, table=True):
    __tablename__ = "meeting"
    __table_args__ = belongs(
        Retention.SCORES, check("length", "minutes BETWEEN 5 AND 600"), check("per_item", "minutes_per_item >= 1"), round_id="round"
    )

    round_id: str = Field(max_length=40, index=True)
    number: int
    title: str = Field(max_length=120)
    starts_at: datetime = utc_column()
    minutes: int = 90
    minutes_per_item: int = 6
    place: str = Field(default="", max_length=200)
    moderator_id: str = Field(foreign_key="account.id", max_length=40)
    decision_rule: DecisionRule = enum_column(DecisionRule, default=DecisionRule.MAJORITY)
    state: MeetingState = enum_column(MeetingState, default=MeetingState.PLANNED)
    started_at: datetime | None = utc_column(nullable=True)
    concluded_at: datetime | None = utc_column(nullable=True)
    sequence: int = 0  # of what calendars were told
    version: int = 1


class MeetingCustom(Row, table=True):
    """How meetings of an area are held, from the next one planned on."""

    __tablename__ = "meeting_custom"
    __table_args__ = belongs(Retention.STATISTICS, UniqueConstraint("area_id", name="uq_meeting_custom_area"))

    decision_rule: DecisionRule = enum_column(DecisionRule, default=DecisionRule.MAJORITY)
    version: int = 1


class MeetingItem(Row, table=True):
    __tablename__ = "meeting_item"
    __table_args__ = belongs(
        Retention.SCORES,
        UniqueConstraint("meeting_id", "disagreement_id"),
        check("own_minutes", "minutes IS NULL OR minutes BETWEEN 1 AND 120"),
        check("ballots", "ballot_number BETWEEN 1 AND 2"),
        check("first_not_voting", "first_not_voting >= 0"),
        check("second_not_voting", "second_not_voting >= 0"),
        meeting_id="meeting",
        disagreement_id="disagreement",
    )

    meeting_id: str = Field(max_length=40, index=True)
    disagreement_id: str = Field(max_length=40)
    position: int
    minutes: int | None = None  # set by hand; none: as long as the items of the meeting usually take
    deferred_reason: str | None = Field(default=None, max_length=500)
    notes: str = Field(default="", max_length=4000)
    draft: dict[str, Any] | None = json_column(nullable=True)  # a decision being written
    former: list[dict[str, Any]] = json_column()  # decisions that the meeting reopened, in words
    step: Step = enum_column(Step, default=Step.WAITING)
    ballot_number: int = 1  # the silent vote that is open or was held last; the second after a reveal
    first_not_voting: int = 0  # who was there, might vote and had not when the first vote was revealed
    second_not_voting: int = 0
    step_at: datetime | None = utc_column(nullable=True)  # the item with the latest is the one the room looks at
    opened_at: datetime | None = utc_column(nullable=True)  # when the room first looked at it: its time runs from then
    version: int = 1


class Attendance(Row, table=True):
    __tablename__ = "attendance"
    __table_args__ = belongs(
        Retention.SCORES, UniqueConstraint("meeting_id", "account_id"), meeting_id="meeting", agency_id="agency"
    )

    meeting_id: str = Field(max_length=40, index=True)
    account_id: str = Field(foreign_key="account.id", max_length=40)
    agency_id: str | None = Field(default=None, max_length=40)  # none: an observer, who sees no identities and does not vote
    arrived_at: datetime | None = utc_column(nullable=True)
    left_at: datetime | None = utc_column(nullable=True)


class Ballot(Row, table=True):
    """A vote that is not revealed yet. It becomes a revote at the reveal and is gone; nothing but the count reads this table."""

    __tablename__ = "ballot"
    __table_args__ = belongs(
        Retention.SCORES,
        UniqueConstraint("item_id", "account_id"),
        check("one_ballot", "value IS NULL OR non_score IS NULL"),
        item_id="meeting_item",
    )

    item_id: str = Field(max_length=40)
    account_id: str = Field(foreign_key="account.id", max_length=40)
    value: float | None = None
    non_score: str | None = Field(default=None, max_length=40)
    voted_at: datetime = utc_column()


class Revote(Row, table=True):
    """A vote in a meeting after the discussion: by an original rater (linked to their rating) or by another member."""

    __tablename__ = "revote"
    __table_args__ = belongs(
        Retention.SCORES,
        UniqueConstraint("disagreement_id", "meeting_id", "account_id", "ballot_number"),
        check("one_vote", "value IS NULL OR non_score IS NULL"),
        check("ballots", "ballot_number BETWEEN 1 AND 2"),
        meeting_id="meeting",
        disagreement_id="disagreement",
        agency_id="agency",
    )

    meeting_id: str = Field(max_length=40, index=True)
    disagreement_id: str = Field(max_length=40)
    account_id: str = Field(foreign_key="account.id", max_length=40)
    agency_id: str | None = Field(default=None, max_length=40)
    ballot_number: int = 1  # where a meeting votes again, the first votes stay as they were
    original_rater: bool  # linked to a rating of the round
    value: float | None = None
    non_score: str | None = Field(default=None, max_length=40)
    voted_at: datetime = utc_column()


class AgreedRating(Row, table=True):
    """The outcome for a plan and criterion, beside the untouched independent ratings."""

    __tablename__ = "agreed_rating"
    __table_args__ = (
        *belongs(
            Retention.SCORES,
            UniqueConstraint("round_plan_id", "criterion_key"),
            check("one_outcome", "(value IS NULL) <> (non_score IS NULL)"),
            check("reasoned", "basis IN ('not_discussed', 'one_opinion') OR reason <> ''"),
            check("confirmed", "(confirmed_at IS NULL) = (confirmed_in IS NULL)"),
            check("confirmed_what", "confirmed_in IS NULL OR (NOT quorate AND confirmed_in <> meeting_id)"),
            check("met", "(basis IN ('not_discussed', 'one_opinion')) = (meeting_id IS NULL)"),
            round_id="round",
            round_plan_id="round_plan",
        )[:-1],
        ForeignKeyConstraint(["area_id", "meeting_id"], ["meeting.area_id", "meeting.id"]),
        ForeignKeyConstraint(["area_id", "confirmed_in"], ["meeting.area_id", "meeting.id"]),
        ForeignKeyConstraint(["area_id", "disagreement_id"], ["disagreement.area_id", "disagreement.id"]),
        {"info": {"retention": Retention.SCORES}},
    )

    round_id: str = Field(max_length=40, index=True)
    round_plan_id: str = Field(max_length=40)
    criterion_key: str = Field(max_length=40)
    value: float | None = None
    non_score: str | None = Field(default=None, max_length=40)
    basis: Basis = enum_column(Basis)
    reason: str = Field(default="", max_length=2000)
    cause: str = Field(default="", max_length=60)
    dissent: str = Field(default="", max_length=2000)
    dissenter: str = Field(default="", max_length=120)  # named only if the person wishes
    quorate: bool = True
    confirmed_at: datetime | None = utc_column(nullable=True)  # a decision without quorum, by the chair of a later meeting
    confirmed_in: str | None = Field(default=None, max_length=40)
    meeting_id: str | None = Field(default=None, max_length=40)
    disagreement_id: str | None = Field(default=None, max_length=40)
    decided_by: str | None = Field(default=None, foreign_key="account.id", max_length=40)
    decided_at: datetime = utc_column()
    version: int = 1


class PlanAction(Row, table=True):
    """What has to happen to a plan after its item was decided; `track` follows it up."""

    __tablename__ = "plan_action"
    __table_args__ = belongs(
        Retention.SCORES,
        UniqueConstraint("disagreement_id"),
        check("somebody", "text <> '' AND owner <> ''"),
        check("settled", "(state = 'open') = (settled_at IS NULL)"),
        check("noted", "state = 'open' OR note <> ''"),
        meeting_id="meeting",
        disagreement_id="disagreement",
        round_plan_id="round_plan",
    )

    meeting_id: str = Field(max_length=40, index=True)
    disagreement_id: str = Field(max_length=40)
    round_plan_id: str = Field(max_length=40)
    kind: ActionKind = enum_column(ActionKind)
    text: str = Field(max_length=500)
    owner: str = Field(max_length=120)
    due_on: date
    created_at: datetime = utc_column()
    state: ActionState = enum_column(ActionState, default=ActionState.OPEN)
    note: str = Field(default="", max_length=1000)  # what was done, or why it is not needed any more
    settled_at: datetime | None = utc_column(nullable=True)
    settled_by: str | None = Field(default=None, foreign_key="account.id", max_length=40)
    told_on: date | None = None  # when the leads last heard that it is overdue
    version: int = 1


class MeetingMinutes(Row, table=True):
    """The record of a meeting, in words, as it was when the meeting ended. A trigger keeps what is approved from changing."""

    __tablename__ = "meeting_minutes"
    __table_args__ = belongs(
        Retention.SCORES,
        UniqueConstraint("meeting_id"),
        check("approved", "(state IN ('approved', 'published')) = (approved_at IS NOT NULL)"),
        check("approved_by", "(approved_at IS NULL) = (approved_by IS NULL)"),
        check("published", "(state = 'published') = (published_at IS NOT NULL)"),
        check("published_by", "(published_at IS NULL) = (published_by IS NULL)"),
        meeting_id="meeting",
    )

    meeting_id: str = Field(max_length=40)
    state: MinutesState = enum_column(MinutesState, default=MinutesState.DRAFT)
    content: dict[str, Any] = json_column()
    content_sha256: str = Field(max_length=64)
    notes: str = Field(default="", max_length=4000)
    written_at: datetime = utc_column()
    approved_at: datetime | None = utc_column(nullable=True)
    approved_by: str | None = Field(default=None, foreign_key="account.id", max_length=40)
    published_at: datetime | None = utc_column(nullable=True)
    published_by: str | None = Field(default=None, foreign_key="account.id", max_length=40)
    version: int = 1


class MinutesAddendum(Row, table=True):
    """A correction of approved minutes, beside them. It never changes either."""

    __tablename__ = "minutes_addendum"
    __table_args__ = belongs(
        Retention.SCORES,
        UniqueConstraint("minutes_id", "number"),
        check("said", "text <> '' AND reason <> ''"),
        minutes_id="meeting_minutes",
    )

    minutes_id: str = Field(max_length=40)
    number: int
    text: str = Field(max_length=4000)
    reason: str = Field(max_length=500)
    added_by: str = Field(foreign_key="account.id", max_length=40)
    added_at: datetime = utc_column()


class Lesson(Row, table=True):
    """What a meeting learned about a criterion."""

    __tablename__ = "lesson"
    __table_args__ = belongs(Retention.STATISTICS, round_id="round", meeting_id="meeting", disagreement_id="disagreement")

    round_id: str = Field(max_length=40, index=True)
    meeting_id: str = Field(max_length=40)
    disagreement_id: str = Field(max_length=40)
    criterion_key: str = Field(max_length=40)
    text: str = Field(max_length=2000)
    wording: str | None = Field(default=None, max_length=5000)  # how the guidance should read, if somebody suggested it
    wording_before: str | None = Field(default=None, max_length=5000)  # and how it read when they did
    state: LessonState = enum_column(LessonState, default=LessonState.PROPOSED)
    created_at: datetime = utc_column()
    version: int = 1


class Unblinding(Row, table=True):
    """A request for the names behind one plan's letters. A second person answers it."""

    __tablename__ = "unblinding"
    __table_args__ = belongs(
        Retention.SCORES,
        check("reasoned", "reason <> ''"),
        check("answered", "(state = 'asked') = (answered_by IS NULL)"),
        check("answered_at", "(answered_by IS NULL) = (answered_at IS NULL)"),
        check("second_person", "answered_by IS NULL OR answered_by <> asked_by"),
        check("refusal_reasoned", "state <> 'refused' OR answer <> ''"),
        round_id="round",
        round_plan_id="round_plan",
    )

    round_id: str = Field(max_length=40)
    round_plan_id: str = Field(max_length=40)
    reason: str = Field(max_length=1000)
    asked_by: str = Field(foreign_key="account.id", max_length=40)
    asked_at: datetime = utc_column()
    state: UnblindingState = enum_column(UnblindingState, default=UnblindingState.ASKED)
    answered_by: str | None = Field(default=None, foreign_key="account.id", max_length=40)
    answered_at: datetime | None = utc_column(nullable=True)
    answer: str = Field(default="", max_length=1000)
    version: int = 1


class LessonDecision(Row, table=True):
    """What the lead decided on a lesson: adopted into a version of the framework, or declined (no version) with a reason."""

    __tablename__ = "lesson_decision"
    __table_args__ = belongs(
        Retention.STATISTICS,
        UniqueConstraint("lesson_id"),
        check("ruling", "(framework_version_id IS NULL) = (ruling = '')"),
        check("reasoned", "framework_version_id IS NOT NULL OR reason <> ''"),
        check("guidance", "(guidance IS NULL) = (guidance_before IS NULL)"),
        check("guidance_adopted", "guidance IS NULL OR framework_version_id IS NOT NULL"),
        lesson_id="lesson",
        framework_version_id="framework_version",
    )

    lesson_id: str = Field(max_length=40)
    framework_version_id: str | None = Field(default=None, max_length=40)
    ruling: str = Field(default="", max_length=2000)  # as adopted; as proposed it stays in the lesson
    guidance_before: str | None = Field(default=None, max_length=5000)
    guidance: str | None = Field(default=None, max_length=5000)
    reason: str = Field(default="", max_length=2000)
    decided_by: str | None = Field(default=None, foreign_key="account.id", max_length=40)
    decided_at: datetime = utc_column()
