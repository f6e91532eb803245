"""The agenda of a meeting: its items, when each begins, and how the time is used."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, groupby
from typing import Any

from sqlmodel import Session, func, select

from moderation.register.criteria import Criterion

from .agenda_rows import decided_in, minutes_of, outcome_here, turns_in
from .policy import Policy
from .queries import PlanLine, plans_of, policy_of
from .queries_kept import KeptItems, kept_records, kept_state
from .queries_meetings import MeetingFacts, meetings_where
from .queries_people import Attending, attending
from .question_tables import MeetingQuestion
from .replaced import in_words
from .states import DECIDED, DisagreementState
from .steps import Step
from .tables import Disagreement, Meeting, MeetingItem


@dataclass(frozen=True)
class QuestionFacts:
    """What the plans of a question have in common, beside their place on the agenda."""

    question_id: str
    version: int
    draft: Mapping[str, Any]
    notes: str


@dataclass(frozen=True)
class AgendaItem:
    item_id: str
    disagreement_id: str
    place: int
    starts_at: datetime
    minutes: int
    plan: PlanLine
    criterion: Criterion
    section: str
    state: DisagreementState
    is_sample: bool
    is_extra: bool
    deferred_reason: str | None
    version: int
    former: tuple[Mapping[str, str], ...]
    opened_at: datetime | None
    draft: Mapping[str, Any]
    notes: str
    question: QuestionFacts | None
    step: Step

    @property
    def is_settled(self) -> bool:
        return self.state in DECIDED or self.state in (DisagreementState.DEFERRED, DisagreementState.WITHDRAWN)


def agenda_items(session: Session, area_id: str, meeting: MeetingFacts) -> list[AgendaItem]:
    """The agenda in order, with the time at which each item begins. The plans of a question come one after the other, by
    reference, and share its place and its time."""
    policy = policy_of(session, area_id, meeting.round.framework_version_id)
    plans = plans_of(session, area_id, meeting.round.round_id)
    turns, made = turns_in(session, area_id, meeting.meeting_id), _made(session, area_id, meeting)
    lengths = [minutes_of(question, pairs, meeting.minutes_per_item) for question, pairs in turns]
    begins = accumulate(lengths, initial=meeting.margin)
    found = []
    for place, ((question, pairs), length, begin) in enumerate(zip(turns, lengths, begins, strict=False), start=1):
        slot = Slot(place, meeting.starts_at + timedelta(minutes=begin), length, question)
        items = [_agenda_item(slot, item, row, plans[row.round_plan_id], policy, made) for item, row in pairs]
        found += sorted(items, key=lambda item: item.plan.reference)
    return found


@dataclass(frozen=True)
class _Made:
    """What a meeting made of its items: when it is over, what its minutes say; before, what it decided itself."""

    decided: frozenset[str]
    kept: KeptItems

    def of(self, item: MeetingItem, row: Disagreement, plan: PlanLine) -> DisagreementState:
        said = self.kept.get((plan.reference, row.criterion_key))
        return kept_state(said) if said else outcome_here(item, row, self.decided)


def _made(session: Session, area_id: str, meeting: MeetingFacts) -> _Made:
    kept = kept_records(session, area_id, [meeting.meeting_id]) if meeting.is_over else {}
    items = {(item.plan, item.key): item for record in kept.values() for item in record.items}
    return _Made(decided_in(session, area_id, meeting.meeting_id), items)


@dataclass(frozen=True)
class Slot:
    """The time of one place of the agenda, and the question that is asked in it, if it is one."""

    place: int
    starts_at: datetime
    minutes: int
    question: MeetingQuestion | None


def _agenda_item(slot: Slot, item: MeetingItem, row: Disagreement, plan: PlanLine, policy: Policy, made: "_Made") -> AgendaItem:
    criterion = policy.criteria[row.criterion_key]
    sampled = policy.calibration.key if policy.calibration else None
    return AgendaItem(
        item.id, row.id, slot.place, slot.starts_at, slot.minutes, plan, criterion,
        policy.framework.section(criterion.section).label, made.of(item, row, plan), row.triggers == [sampled],
        not row.triggers, item.deferred_reason, item.version, tuple(in_words(item)), item.opened_at, item.draft or {}, item.notes,
        _question_facts(slot.question), item.step,
    )  # fmt: skip


def _question_facts(question: MeetingQuestion | None) -> QuestionFacts | None:
    return QuestionFacts(question.id, question.version, question.draft or {}, question.notes) if question else None


@dataclass(frozen=True)
class AgendaPlace:
    """What takes one place on the agenda: an item, or a question with all its plans."""

    items: tuple[AgendaItem, ...]

    @property
    def standing(self) -> tuple[AgendaItem, ...]:
        return tuple(item for item in self.items if not item.is_settled)

    @property
    def counting(self) -> tuple[AgendaItem, ...]:
        """What was not withdrawn, settled or not; where all was withdrawn, all of it."""
        return tuple(item for item in self.items if item.state is not DisagreementState.WITHDRAWN) or self.items

    @property
    def first(self) -> AgendaItem:
        """The item by which the place is addressed."""
        return (self.standing or self.items)[0]

    @property
    def item_id(self) -> str:
        return self.first.item_id

    @property
    def question(self) -> QuestionFacts | None:
        return self.first.question

    @property
    def place(self) -> int:
        return self.first.place

    @property
    def starts_at(self) -> datetime:
        return self.first.starts_at

    @property
    def minutes(self) -> int:
        return self.first.minutes

    @property
    def criterion(self) -> Criterion:
        return self.first.criterion

    @property
    def version(self) -> int:
        return self.question.version if self.question else self.first.version

    @property
    def is_settled(self) -> bool:
        return not self.standing

    @property
    def is_voting(self) -> bool:
        return any(item.step is Step.VOTING for item in self.standing)

    def is_out(self, barred: Collection[str]) -> bool:
        """Has somebody else to run it? It has a plan to decide that this person may not moderate."""
        return any(item.plan.round_plan_id in barred for item in self.standing)

    def why_out(self, barred: Mapping[str, str]) -> str:
        return next((barred[item.plan.round_plan_id] for item in self.items if item.plan.round_plan_id in barred), "")

    def without(self, barred: Collection[str]) -> "AgendaPlace | None":
        """What somebody may see of it: of what is settled, nothing of a plan that they may not moderate."""
        items = [item for item in self.items if not item.is_settled or item.plan.round_plan_id not in barred]
        return AgendaPlace(tuple(items)) if items else None

    @property
    def decided(self) -> int:
        return sum(item.state in DECIDED for item in self.items)


def places_of(items: Iterable[AgendaItem]) -> tuple[AgendaPlace, ...]:
    """The same agenda, place by place."""
    return tuple(AgendaPlace(tuple(found)) for _, found in groupby(items, key=lambda item: item.place))


@dataclass(frozen=True)
class Block:
    """A stretch of the time bar, in percent of its length."""

    kind: str
    label: str
    left: str
    width: str
    middle: str


@dataclass(frozen=True)
class TimeBar:
    """How the minutes of a meeting are used. When the agenda is too long, the bar is as long as the agenda."""

    planned: int
    minutes: int
    blocks: tuple[Block, ...]
    spoken: str

    @property
    def free(self) -> int:
        return self.minutes - self.planned


def time_bar(meeting: MeetingFacts, lengths: Sequence[int]) -> TimeBar:
    """`lengths`: the minutes of each item."""
    margin = meeting.margin
    planned = 2 * margin + sum(lengths)
    items = [("item", str(place), length) for place, length in enumerate(lengths, start=1)]
    parts = [("fixed", "Open", margin), *items, ("fixed", "End", margin)]
    parts.append(("free", f"{meeting.minutes - planned} free", meeting.minutes - planned))
    length = max(planned, meeting.minutes)
    blocks, at = [], 0
    for kind, label, minutes in parts:
        if minutes > 0:
            blocks.append(_block(kind, label, at, minutes, length))
            at += minutes
    spoken = (
        f"Items of the agenda and their minutes: {', '.join(map(str, lengths)) or 'none'}. {planned} of {meeting.minutes} minutes."
    )
    return TimeBar(planned, meeting.minutes, tuple(blocks), spoken)


def _block(kind: str, label: str, at: int, minutes: int, length: int) -> Block:
    left, width = 100 * at / length, 100 * minutes / length
    shown = label if width >= 5 or (kind == "item" and width >= 2.5) else ""
    return Block(kind, shown, f"{left:.2f}%", f"{width:.2f}%", f"{left + width / 2:.2f}%")


@dataclass(frozen=True)
class MeetingPage:
    """A meeting as its moderator sees it before and while it is held."""

    meeting: MeetingFacts
    places: tuple[AgendaPlace, ...]
    bar: TimeBar
    attending: Attending
    not_listed: int
    planned: int  # meetings of the round that are not held yet

    @property
    def items(self) -> tuple[AgendaItem, ...]:
        return tuple(item for place in self.places for item in place.items)

    @property
    def next_item(self) -> AgendaPlace | None:
        return next((place for place in self.places if not place.is_settled), None)


def meeting_page(session: Session, area_id: str, meeting: MeetingFacts) -> MeetingPage:
    places = places_of(agenda_items(session, area_id, meeting))
    waiting = (Disagreement.round_id == meeting.round.round_id, Disagreement.state == DisagreementState.FOUND)
    free = select(func.count()).select_from(Disagreement).where(Disagreement.area_id == area_id, *waiting)
    people = attending(session, area_id, meeting)
    planned = sum(line.is_planned for line in meetings_where(session, area_id, Meeting.round_id == meeting.round.round_id))
    bar = time_bar(meeting, [place.minutes for place in places])
    return MeetingPage(meeting, places, bar, people, session.exec(free).one(), planned)
