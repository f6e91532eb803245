"""The list of disagreements of a round, and how its moderation stands in counts."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from moderation.allocate.population import secret_plans
from moderation.allocate.tables import RoundPlan
from moderation.register.framework import Criterion

from .policy import Policy
from .queries import PlanLine, RoundFacts, auditors_by_cell, plans_of, policy_of, sight_of
from .stakes import CHECK_TITLE, alone
from .states import OPEN, DisagreementState, MeetingState
from .tables import Disagreement, Meeting, MeetingItem
from .views import AuditorView, ReasonView, Strip, reason_view, strip_of

FREE = (DisagreementState.FOUND, DisagreementState.DEFERRED)


@dataclass(frozen=True)
class DisagreementLine:
    """One row of the list."""

    disagreement_id: str
    plan: PlanLine
    criterion: Criterion
    section: str
    state: DisagreementState
    triggers: tuple[str, ...]
    reasons: tuple[ReasonView, ...]
    stake: float
    strip: Strip
    meeting: str | None

    @property
    def is_free(self) -> bool:
        """May it be put on an agenda?"""
        return self.state in FREE

    @property
    def is_difference(self) -> bool:
        """Not one that was drawn at random to check agreement."""
        return not self.says(CHECK_TITLE)

    @property
    def is_alone(self) -> bool:
        """Is it discussed by itself, and not as part of a question about the guidance?"""
        return alone(self.criterion, [reason.title for reason in self.reasons])

    def says(self, title: str) -> bool:
        return any(reason.title == title for reason in self.reasons)


def disagreement_lines(session: Session, area_id: str, facts: RoundFacts, barred: Mapping[str, str]) -> list[DisagreementLine]:
    """Every routed cell of the round that this moderator may see, where most is at stake first."""
    policy, sight = policy_of(session, area_id, facts.framework_version_id), sight_of(session, area_id, facts.round_id)
    rows = session.exec(
        select(Disagreement)
        .where(Disagreement.area_id == area_id, Disagreement.round_id == facts.round_id)
        .order_by(col(Disagreement.stake).desc(), col(Disagreement.criterion_key), col(Disagreement.id))
    ).all()
    plans, meetings = plans_of(session, area_id, facts.round_id), _meetings_of(session, area_id, facts.round_id)
    auditors = auditors_by_cell(session, sight, policy)
    return [
        _line(row, plans[row.round_plan_id], policy, auditors.get((row.round_plan_id, row.criterion_key), ()), meetings.get(row.id))
        for row in rows
        if row.round_plan_id not in barred and row.triggers
    ]


def _line(
    row: Disagreement, plan: PlanLine, policy: Policy, auditors: tuple[AuditorView, ...], meeting: str | None
) -> DisagreementLine:
    criterion = policy.criteria[row.criterion_key]
    section = policy.framework.section(criterion.section).label
    reasons = tuple(reason_view(text) for text in row.reasons)
    listed = meeting if row.state in (DisagreementState.LISTED, DisagreementState.DISCUSSED) else None
    strip = strip_of(criterion, auditors, policy)
    return DisagreementLine(row.id, plan, criterion, section, row.state, tuple(row.triggers), reasons, row.stake, strip, listed)


def _meetings_of(session: Session, area_id: str, round_id: str) -> dict[str, str]:
    """Disagreement -> the meeting on whose agenda it stands."""
    chosen = (
        select(MeetingItem.disagreement_id, Meeting.title)
        .join(Meeting, col(Meeting.id) == MeetingItem.meeting_id)
        .where(MeetingItem.area_id == area_id, Meeting.round_id == round_id, Meeting.state != MeetingState.CANCELLED)
        .order_by(col(Meeting.number))
    )
    return dict(session.exec(chosen).all())


def open_cells(session: Session, area_id: str, round_id: str) -> list[tuple[str, list[str]]]:
    """Criterion and reasons of every disagreement that is neither decided nor deferred."""
    chosen = select(Disagreement.criterion_key, Disagreement.reasons).where(
        Disagreement.area_id == area_id, Disagreement.round_id == round_id, col(Disagreement.state).in_(OPEN)
    )
    return [(key, list(reasons)) for key, reasons in session.exec(chosen)]


@dataclass(frozen=True)
class Counts:
    """How moderation of a round stands, in numbers: this is all a lead sees before the minutes."""

    found: int
    plans: int
    plans_in_round: int  # until publication with hidden plans that were withdrawn: leads withdraw them unseen
    open: int
    listed: int
    decided: int
    deferred: int
    withdrawn: int
    minutes_booked: int


def counts_of(session: Session, area_id: str, round_id: str) -> Counts:
    mine = (Disagreement.area_id == area_id, Disagreement.round_id == round_id)
    rows = session.exec(select(Disagreement.state, Disagreement.round_plan_id, Disagreement.triggers).where(*mine)).all()
    states = [state for state, _, triggers in rows if triggers or state in OPEN]
    in_round = (
        select(func.count())
        .select_from(RoundPlan)
        .where(RoundPlan.area_id == area_id, RoundPlan.round_id == round_id)
        .where(col(RoundPlan.withdrawn_at).is_(None) | col(RoundPlan.id).in_(secret_plans(area_id)))
    )
    planned = (col(Meeting.round_id) == round_id, col(Meeting.state).in_([MeetingState.PLANNED, MeetingState.INVITED]))
    booked = select(func.coalesce(func.sum(Meeting.minutes), 0)).where(Meeting.area_id == area_id, *planned)
    return Counts(
        found=len(states),
        plans=len({plan for _, plan, triggers in rows if triggers}),
        plans_in_round=session.exec(in_round).one(),
        open=sum(state in OPEN for state in states),
        listed=sum(state in (DisagreementState.LISTED, DisagreementState.DISCUSSED) for state in states),
        decided=sum(state in (DisagreementState.AGREED, DisagreementState.NOT_AGREED_CHAIR_DECIDED) for state in states),
        deferred=states.count(DisagreementState.DEFERRED),
        withdrawn=states.count(DisagreementState.WITHDRAWN),
        minutes_booked=session.exec(booked).one(),
    )
