"""The agenda of a meeting: its items, when each begins, and how the time is used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from sqlmodel import Session, col, func, select

from moderation.register.criteria import Criterion

from .policy import Policy
from .queries import PlanLine, plans_of, policy_of
from .queries_meetings import MeetingFacts, meetings_where
from .queries_people import Attending, attending
from .states import DECIDED, DisagreementState
from .tables import Disagreement, Meeting, MeetingItem


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

    @property
    def is_settled(self) -> bool:
        return self.state in DECIDED or self.state in (DisagreementState.DEFERRED, DisagreementState.WITHDRAWN)


def agenda_items(session: Session, area_id: str, meeting: MeetingFacts) -> list[AgendaItem]:
    """The agenda in order, with the time at which each item begins."""
    policy, plans = (
        policy_of(session, area_id, meeting.round.framework_version_id),
        plans_of(session, area_id, meeting.round.round_id),
    )
    chosen = (
        select(MeetingItem, Disagreement)
        .join(Disagreement, col(Disagreement.id) == MeetingItem.disagreement_id)
        .where(MeetingItem.area_id == area_id, MeetingItem.meeting_id == meeting.meeting_id)
        .order_by(col(MeetingItem.position), col(MeetingItem.id))
    )
    rows = session.exec(chosen).all()
    lengths = [item.minutes or meeting.minutes_per_item for item, _ in rows]
    begins = accumulate(lengths, initial=meeting.margin)
    return [
        _agenda_item(place, meeting.starts_at + timedelta(minutes=begin), length, item, row, plans, policy)
        for place, ((item, row), length, begin) in enumerate(zip(rows, lengths, begins, strict=False), start=1)
    ]


def _agenda_item(
    place: int,
    starts: datetime,
    minutes: int,
    item: MeetingItem,
    row: Disagreement,
    plans: Mapping[str, PlanLine],
    policy: Policy,
) -> AgendaItem:
    criterion = policy.criteria[row.criterion_key]
    sampled = policy.calibration.key if policy.calibration else None
    return AgendaItem(
        item.id, row.id, place, starts, minutes, plans[row.round_plan_id], criterion,
        policy.framework.section(criterion.section).label, row.state, row.triggers == [sampled], not row.triggers,
        item.deferred_reason, item.version, tuple(item.former), item.opened_at, item.draft or {},
    )  # fmt: skip


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
    items: tuple[AgendaItem, ...]
    bar: TimeBar
    attending: Attending
    not_listed: int
    planned: int  # meetings of the round that are not held yet

    @property
    def next_item(self) -> AgendaItem | None:
        return next((item for item in self.items if not item.is_settled), None)


def meeting_page(session: Session, area_id: str, meeting: MeetingFacts) -> MeetingPage:
    items = agenda_items(session, area_id, meeting)
    waiting = (Disagreement.round_id == meeting.round.round_id, Disagreement.state == DisagreementState.FOUND)
    free = select(func.count()).select_from(Disagreement).where(Disagreement.area_id == area_id, *waiting)
    people = attending(session, area_id, meeting)
    planned = sum(line.is_planned for line in meetings_where(session, area_id, Meeting.round_id == meeting.round.round_id))
    return MeetingPage(
        meeting, tuple(items), time_bar(meeting, [item.minutes for item in items]), people, session.exec(free).one(), planned
    )
