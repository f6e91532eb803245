"""What the room shows: one item with Auditor A, B and C, and what the meeting agreed about it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from sqlmodel import Session, col, select

from moderation.register.criteria import Criterion
from moderation.words import NotFound

from .grades import overall_suggested
from .item_states import ItemState, item_state
from .policy import Policy, level_name
from .queries import MISSING, PlanLine, RoundFacts, auditors_by_cell, plans_of, policy_of, released_cells, sight_of
from .queries_agenda import AgendaItem, agenda_items
from .queries_conflicts import barred_plans
from .queries_meetings import MeetingFacts, meeting_facts
from .queries_out import attending_item
from .queries_people import Attending
from .queries_votes import Votes, votes_of
from .record import ActionView, AgreedView, without_identities
from .rules import refuse_barred
from .stakes import Outlook
from .states import Cause
from .steps import Step
from .tables import AgreedRating, Disagreement, Lesson, PlanAction
from .views import AuditorView, ReasonView, Strip, answer_key, choices_of, reason_view


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
    action: ActionView | None
    ballots: tuple[Votes, ...]
    suggested: str

    @property
    def votes(self) -> Mapping[str, int]:
        """The votes that were revealed last, by answer."""
        return self.ballots[-1].answers if self.ballots else {}

    @property
    def is_voted_twice(self) -> bool:
        return len(self.ballots) > 1

    @property
    def first_votes(self) -> Mapping[str, int]:
        """Where the meeting voted again: the votes before."""
        return self.ballots[0].answers if self.is_voted_twice else {}

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
    barred: frozenset[str]  # plans whose items somebody else has to run

    @property
    def ends_at(self) -> datetime | None:
        """When the time of this item is over; None before anybody looked at it."""
        opened = self.item.opened_at
        return opened + timedelta(minutes=self.item.minutes) if opened else None

    def seconds_used(self, now: datetime) -> int:
        """Of the time of the item; never more than it has."""
        whole = self.item.minutes * 60
        return whole if self.ends_at is None else max(0, min(whole, whole - int((self.ends_at - now).total_seconds())))

    def time_left(self, now: datetime) -> str:
        """In whole minutes; the time may be used up, which stops nobody."""
        seconds = int((self.ends_at - now).total_seconds()) if self.ends_at else 0
        return f"{ceil(seconds / 60)} min left" if seconds > 0 else f"0 min left, {-seconds // 60} over"

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
        return following(self.items, self.item, self.barred)

    @property
    def for_others(self) -> int:
        """How many items are left for another moderator."""
        return sum(item.plan.round_plan_id in self.barred for item in self.items if not item.is_settled)


def following(items: Sequence[AgendaItem], item: AgendaItem, barred: Collection[str]) -> AgendaItem | None:
    """The next item that is not settled and that this person may run, after this one or from the beginning."""
    later = [one for one in items if one.place > item.place] + list(items)
    mine = (one for one in later if one.item_id != item.item_id and one.plan.round_plan_id not in barred)
    return next((one for one in mine if not one.is_settled), None)


@dataclass(frozen=True)
class RoomNow:
    """What the chair's page asks for again and again."""

    meeting: MeetingFacts
    attending: Attending
    now: ItemState


def room_now(session: Session, area_id: str, meeting_id: str, item_id: str, account_id: str) -> RoomNow:
    """How far an item is and who is here, for the person who runs the meeting."""
    meeting = meeting_facts(session, area_id, meeting_id)
    now = item_state(session, area_id, meeting_id, account_id, item_id)
    if now is None:
        raise NotFound(MISSING)
    if now.round_plan_id in barred_plans(session, area_id, meeting.round.round_id, account_id):
        refuse_barred(account_id == meeting.moderator_id)
    return RoomNow(meeting, attending_item(session, area_id, meeting, now.round_plan_id), now)


def room_page(session: Session, area_id: str, meeting_id: str, item_id: str, account_id: str) -> RoomPage:
    """One item for the person who runs the meeting; not there for somebody who may not moderate its plan."""
    meeting = meeting_facts(session, area_id, meeting_id)
    items = tuple(agenda_items(session, area_id, meeting))
    item = next((one for one in items if one.item_id == item_id), None)
    now = item_state(session, area_id, meeting_id, account_id, item_id)
    barred = barred_plans(session, area_id, meeting.round.round_id, account_id)
    if item is None or now is None:
        raise NotFound(MISSING)
    if item.plan.round_plan_id in barred:
        refuse_barred(account_id == meeting.moderator_id)
    cell = cell_view(session, area_id, meeting.round, item.disagreement_id, meeting_id)
    people = attending_item(session, area_id, meeting, item.plan.round_plan_id)
    return RoomPage(meeting, item, items, cell, people, now, frozenset(barred))


def cell_view(session: Session, area_id: str, facts: RoundFacts, disagreement_id: str, meeting_id: str | None = None) -> CellView:
    """One disagreement with everything a moderator may see of it, and the votes of one meeting."""
    row = session.get(Disagreement, disagreement_id)
    if row is None or row.area_id != area_id or row.round_id != facts.round_id:
        raise NotFound(MISSING)
    policy = policy_of(session, area_id, facts.framework_version_id)
    agreed = agreed_of(session, area_id, [row.id], policy).get(row.id)
    sight = sight_of(session, area_id, facts.round_id)
    found = auditors_by_cell(session, sight, policy, row.round_plan_id, row.criterion_key, decided=agreed is not None)
    auditors = found.get((row.round_plan_id, row.criterion_key), ())
    criterion, plan = policy.criteria[row.criterion_key], plans_of(session, area_id, facts.round_id)[row.round_plan_id]
    return CellView(
        plan, criterion, policy.framework.section(criterion.section).label, auditors, choices_of(criterion, auditors, policy),
        tuple(reason_view(text) for text in row.reasons), agreed, lessons_of(session, area_id, [row.id]).get(row.id, ()),
        actions_of(session, area_id, [row.id]).get(row.id),
        votes_of(session, area_id, meeting_id, [row.id]).get(row.id, ()), _suggested(session, area_id, facts, policy, row),
    )  # fmt: skip


def for_observer(cell: CellView) -> CellView:
    """Without identities: no agency, not even after the decision, and no reference of the plan."""
    bare = without_identities(cell.auditors, cell.strip)
    return replace(cell, auditors=bare[0], strip=bare[1], plan=replace(cell.plan, reference="", year_group="", event=""))


def agreed_of(session: Session, area_id: str, disagreements: Sequence[str], policy: Policy) -> dict[str, AgreedView]:
    chosen = select(AgreedRating).where(AgreedRating.area_id == area_id, col(AgreedRating.disagreement_id).in_(disagreements))
    return {row.disagreement_id: agreed_view(row, policy) for row in session.exec(chosen) if row.disagreement_id}


def agreed_view(row: AgreedRating, policy: Policy) -> AgreedView:
    scale = policy.criteria[row.criterion_key].scale
    rating = policy.framework.non_score(row.non_score).label if row.non_score else level_name(scale, row.value)  # type: ignore[arg-type]
    cause = Cause(row.cause).words if row.cause else ""
    key = answer_key(row.value, row.non_score)
    return AgreedView(key, rating, row.basis, row.reason, cause, row.dissent, row.dissenter, row.quorate, row.decided_at)


def lessons_of(session: Session, area_id: str, disagreements: Sequence[str]) -> dict[str, tuple[str, ...]]:
    chosen = select(Lesson.disagreement_id, Lesson.text).where(
        Lesson.area_id == area_id, col(Lesson.disagreement_id).in_(disagreements)
    )
    found: defaultdict[str, list[str]] = defaultdict(list)
    for disagreement_id, text in session.exec(chosen.order_by(col(Lesson.created_at))):
        found[disagreement_id].append(text)
    return {key: tuple(texts) for key, texts in found.items()}


def actions_of(session: Session, area_id: str, disagreements: Sequence[str]) -> dict[str, ActionView]:
    chosen = select(PlanAction).where(PlanAction.area_id == area_id, col(PlanAction.disagreement_id).in_(disagreements))
    return {row.disagreement_id: ActionView(row.kind.words, row.text, row.owner, row.due_on) for row in session.exec(chosen)}


def _suggested(session: Session, area_id: str, facts: RoundFacts, policy: Policy, row: Disagreement) -> str:
    """For the overall judgement: what the grade rules suggest from what is agreed so far."""
    if row.criterion_key not in policy.overall:
        return ""
    cells = released_cells(session, area_id, facts.round_id).get(row.round_plan_id, {})
    known = {key: marks for key, marks in cells.items() if key in policy.criteria}
    so_far = Outlook.of(known, policy).agreed
    chosen = select(AgreedRating.criterion_key, AgreedRating.value).where(
        AgreedRating.area_id == area_id, AgreedRating.round_plan_id == row.round_plan_id, col(AgreedRating.value).is_not(None)
    )
    decided = {key: value for key, value in session.exec(chosen) if value is not None}
    return policy.grade_name(overall_suggested({**so_far, **decided}, policy))
