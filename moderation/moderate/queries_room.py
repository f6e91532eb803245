"""What the room and the minutes show: one item with Auditor A, B and C, and what the meeting agreed about it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from moderation.register.criteria import Criterion
from moderation.words import NotFound

from .grades import overall_suggested
from .item_states import ItemState, item_state
from .queries import (
    MISSING,
    PlanLine,
    RoundFacts,
    auditors_by_cell,
    barred_plans,
    plans_of,
    policy_of,
    released_cells,
    sight_of,
)
from .queries_meetings import AgendaItem, Attending, MeetingFacts, agenda_items, attending, meeting_facts
from .rules import DECIDED, Basis, Cause, Policy, level_name
from .stakes import Outlook
from .steps import Step
from .tables import AgreedRating, Disagreement, Lesson, Revote
from .views import AuditorView, ReasonView, Strip, answer_key, choices_of, reason_view, strip_of


@dataclass(frozen=True)
class AgreedView:
    """What was agreed about a cell."""

    key: str
    rating: str
    basis: Basis
    reason: str
    cause: str
    dissent: str
    dissenter: str
    quorate: bool
    decided_at: datetime


@dataclass(frozen=True)
class CellView:
    """One cell, as the list, the room and the minutes show it."""

    plan: PlanLine
    criterion: Criterion
    section: str
    auditors: tuple[AuditorView, ...]
    strip: Strip
    reasons: tuple[ReasonView, ...]
    agreed: AgreedView | None
    lessons: tuple[str, ...]
    votes: Mapping[str, int]
    suggested: str

    @property
    def given(self) -> Strip:
        """The strip without answers beside the scale that nobody gave."""
        return Strip(tuple(one for one in self.strip.columns if one.auditors or not one.off_scale), self.strip.spoken)

    @property
    def quotes(self) -> tuple[AuditorView, ...]:
        return tuple(auditor for auditor in self.auditors if auditor.quote)

    @property
    def agencies_hidden(self) -> bool:
        return any(auditor.agency_kind is None for auditor in self.auditors)


STEP_NAMES = ("Evidence", "Discussion", "Silent vote", "Decision")


@dataclass(frozen=True)
class RoomPage:
    """One item of a meeting in session."""

    meeting: MeetingFacts
    item: AgendaItem
    items: tuple[AgendaItem, ...]
    cell: CellView
    attending: Attending
    now: ItemState

    @property
    def steps(self) -> tuple[tuple[str, str, str], ...]:
        """Name, note and place of each step: done, now or next."""
        at = 4 if self.item.is_settled else list(Step).index(self.now.step) - 1
        return tuple(
            (name, "", "done" if place < at else "now" if place == at else "next") for place, name in enumerate(STEP_NAMES)
        )

    @property
    def following(self) -> AgendaItem | None:
        """The next item that is not settled, after this one or from the beginning."""
        later = [item for item in self.items if item.place > self.item.place] + list(self.items)
        return next((item for item in later if not item.is_settled and item.item_id != self.item.item_id), None)


def room_page(session: Session, area_id: str, meeting_id: str, item_id: str, account_id: str) -> RoomPage:
    """One item for the person who runs the meeting; not there for somebody who may not moderate its plan."""
    meeting = meeting_facts(session, area_id, meeting_id)
    items = tuple(agenda_items(session, area_id, meeting))
    item = next((one for one in items if one.item_id == item_id), None)
    now = item_state(session, area_id, meeting_id, account_id, item_id)
    if item is None or now is None or item.plan.round_plan_id in barred_plans(session, area_id, meeting.round.round_id, account_id):
        raise NotFound(MISSING)
    cell = cell_view(session, area_id, meeting.round, item.disagreement_id, meeting_id)
    return RoomPage(meeting, item, items, cell, attending(session, area_id, meeting), now)


def cell_view(session: Session, area_id: str, facts: RoundFacts, disagreement_id: str, meeting_id: str | None = None) -> CellView:
    """One disagreement with everything a moderator may see of it, and the votes of one meeting."""
    row = session.get(Disagreement, disagreement_id)
    if row is None or row.area_id != area_id or row.round_id != facts.round_id:
        raise NotFound(MISSING)
    policy = policy_of(session, area_id, facts.framework_version_id)
    agreed = _agreed(session, area_id, [row.id], policy).get(row.id)
    sight = sight_of(session, area_id, facts.round_id)
    found = auditors_by_cell(session, sight, policy, row.round_plan_id, row.criterion_key, decided=agreed is not None)
    auditors = found.get((row.round_plan_id, row.criterion_key), ())
    criterion, plan = policy.criteria[row.criterion_key], plans_of(session, area_id, facts.round_id)[row.round_plan_id]
    return CellView(
        plan, criterion, policy.framework.section(criterion.section).label, auditors, choices_of(criterion, auditors, policy),
        tuple(reason_view(text) for text in row.reasons), agreed, _lessons(session, area_id, [row.id]).get(row.id, ()),
        _votes(session, area_id, meeting_id, [row.id]).get(row.id, {}), _suggested(session, area_id, facts, policy, row),
    )  # fmt: skip


def _agreed(session: Session, area_id: str, disagreements: Sequence[str], policy: Policy) -> dict[str, AgreedView]:
    chosen = select(AgreedRating).where(AgreedRating.area_id == area_id, col(AgreedRating.disagreement_id).in_(disagreements))
    return {row.disagreement_id: _agreed_view(row, policy) for row in session.exec(chosen) if row.disagreement_id}


def _agreed_view(row: AgreedRating, policy: Policy) -> AgreedView:
    scale = policy.criteria[row.criterion_key].scale
    rating = policy.framework.non_score(row.non_score).label if row.non_score else level_name(scale, row.value)  # type: ignore[arg-type]
    cause = Cause(row.cause).words if row.cause else ""
    key = answer_key(row.value, row.non_score)
    return AgreedView(key, rating, row.basis, row.reason, cause, row.dissent, row.dissenter, row.quorate, row.decided_at)


def _lessons(session: Session, area_id: str, disagreements: Sequence[str]) -> dict[str, tuple[str, ...]]:
    chosen = select(Lesson.disagreement_id, Lesson.text).where(
        Lesson.area_id == area_id, col(Lesson.disagreement_id).in_(disagreements)
    )
    found: defaultdict[str, list[str]] = defaultdict(list)
    for disagreement_id, text in session.exec(chosen.order_by(col(Lesson.created_at))):
        found[disagreement_id].append(text)
    return {key: tuple(texts) for key, texts in found.items()}


def _votes(session: Session, area_id: str, meeting_id: str | None, disagreements: Sequence[str]) -> dict[str, dict[str, int]]:
    """Votes of one meeting after the discussion, revealed and counted by answer: no names, no agencies."""
    chosen = select(Revote.disagreement_id, Revote.value, Revote.non_score).where(
        Revote.area_id == area_id, Revote.meeting_id == meeting_id, col(Revote.disagreement_id).in_(disagreements)
    )
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for disagreement_id, value, non_score in session.exec(chosen):
        if value is not None or non_score is not None:
            found[disagreement_id][answer_key(value, non_score)] += 1
    return {key: dict(votes) for key, votes in found.items()}


def _suggested(session: Session, area_id: str, facts: RoundFacts, policy: Policy, row: Disagreement) -> str:
    """For the overall judgement: what the grade rules suggest from what is agreed so far."""
    if row.criterion_key not in policy.overall:
        return ""
    cells = released_cells(session, area_id, facts.round_id).cells.get(row.round_plan_id, {})
    so_far = Outlook.of({key: marks for key, marks in cells.items() if key in policy.criteria}, policy).agreed
    chosen = select(AgreedRating.criterion_key, AgreedRating.value).where(
        AgreedRating.area_id == area_id, AgreedRating.round_plan_id == row.round_plan_id, col(AgreedRating.value).is_not(None)
    )
    decided = {key: value for key, value in session.exec(chosen) if value is not None}
    return policy.grade_name(overall_suggested({**so_far, **decided}, policy))


# --- minutes --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MinutesItem:
    item: AgendaItem
    cell: CellView

    @property
    def before_same(self) -> bool:
        """Did all independent ratings give the same answer?"""
        return len({auditor.key for auditor in self.cell.auditors}) == 1

    @property
    def after_same(self) -> bool:
        return len(self.cell.votes) == 1


@dataclass(frozen=True)
class Minutes:
    """The record of a meeting that is over. Ratings appear only where the meeting decided."""

    meeting: MeetingFacts
    items: tuple[MinutesItem, ...]
    attending: Attending

    @property
    def decided(self) -> tuple[MinutesItem, ...]:
        return tuple(one for one in self.items if one.cell.agreed)

    @property
    def plans(self) -> int:
        return len({one.item.plan.round_plan_id for one in self.decided})

    @property
    def voted(self) -> tuple[MinutesItem, ...]:
        return tuple(one for one in self.items if one.cell.votes)

    @property
    def without_quorum(self) -> int:
        return sum(not one.cell.agreed.quorate for one in self.decided if one.cell.agreed)


def minutes(session: Session, area_id: str, meeting_id: str, knows_allocation: bool = False) -> Minutes:
    """The minutes of a meeting; not there before it is over.

    Whoever knows which auditor of an agency had which plan sees no agencies: they would put a name to each rating.
    """
    meeting = meeting_facts(session, area_id, meeting_id)
    if not meeting.is_over:
        raise NotFound(MISSING)
    items = agenda_items(session, area_id, meeting)
    policy, ids = policy_of(session, area_id, meeting.round.framework_version_id), [item.disagreement_id for item in items]
    agreed, lessons, votes = (
        _agreed(session, area_id, ids, policy),
        _lessons(session, area_id, ids),
        _votes(session, area_id, meeting_id, ids),
    )
    found = auditors_by_cell(session, sight_of(session, area_id, meeting.round.round_id), policy, decided=True)
    found = {cell: _without_agencies(auditors) for cell, auditors in found.items()} if knows_allocation else found
    here = {item.disagreement_id: item for item in items if item.state in DECIDED}
    views = [_minutes_item(item, found if item.disagreement_id in here else {}, policy, agreed, lessons, votes) for item in items]
    return Minutes(meeting, tuple(views), attending(session, area_id, meeting))


def _without_agencies(auditors: tuple[AuditorView, ...]) -> tuple[AuditorView, ...]:
    return tuple(replace(auditor, agency_kind=None, agency_name="") for auditor in auditors)


def _minutes_item(
    item: AgendaItem, found: Mapping[tuple[str, str], tuple[AuditorView, ...]], policy: Policy, agreed: Mapping[str, AgreedView],
    lessons: Mapping[str, tuple[str, ...]], votes: Mapping[str, Mapping[str, int]],
) -> MinutesItem:  # fmt: skip
    auditors = found.get((item.plan.round_plan_id, item.criterion.key), ())
    key = item.disagreement_id
    decision = agreed.get(key) if found else None
    strip = strip_of(item.criterion, auditors, policy, decision.key if decision else "")
    cell = CellView(
        item.plan, item.criterion, item.section, auditors, strip, (), decision,
        lessons.get(key, ()), votes.get(key, {}) if found else {}, "",
    )  # fmt: skip
    return MinutesItem(item, cell)
