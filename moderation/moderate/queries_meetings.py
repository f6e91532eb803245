"""What pages show of meetings: the list, the plan with its agenda and people, one item in the room."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from sqlmodel import Session, col, func, select

from moderation.allocate.population import possible_auditors
from moderation.allocate.rules import RELEASED
from moderation.allocate.tables import Round, RoundAuditor
from moderation.people.queries import people_with
from moderation.people.tables import Account, Agency
from moderation.register.criteria import Criterion
from moderation.words import AgencyKind, NotFound, Role

from . import packing, rules
from .meeting_rules import DecisionRule
from .queries import MISSING, PlanLine, RoundFacts, agency_kinds_needed, plans_of, policy_of, round_facts
from .rules import DisagreementState, MeetingState, Policy
from .tables import Attendance, Disagreement, Meeting, MeetingItem


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
        return self.state in (MeetingState.CONCLUDED, MeetingState.MINUTES_PUBLISHED)

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
    found = _meetings(session, area_id, Meeting.id == meeting_id)
    if not found:
        raise NotFound(MISSING)
    return found[0]


def _meetings(session: Session, area_id: str, *which: object) -> list[MeetingFacts]:
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
    chosen = (
        select(MeetingItem.meeting_id, Disagreement.state, func.count())
        .join(Disagreement, col(Disagreement.id) == MeetingItem.disagreement_id)
        .where(MeetingItem.area_id == area_id)
        .group_by(col(MeetingItem.meeting_id), col(Disagreement.state))
    )
    counts: dict[str, Counter[DisagreementState]] = {}
    for meeting_id, state, items in session.exec(chosen):
        counts.setdefault(meeting_id, Counter())[DisagreementState(state)] += items
    return [_with_counts(meeting, counts.get(meeting.meeting_id, Counter())) for meeting in _meetings(session, area_id, *which)]


def _with_counts(meeting: MeetingFacts, states: Counter[DisagreementState]) -> MeetingLine:
    decided = sum(states[state] for state in rules.DECIDED)
    return MeetingLine(meeting, states.total(), decided, states[DisagreementState.DEFERRED])


# --- agenda ---------------------------------------------------------------------------------------------------------------


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
        return self.state in rules.DECIDED or self.state in (DisagreementState.DEFERRED, DisagreementState.WITHDRAWN)


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


# --- people ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seat:
    """Somebody who may sit in the meeting."""

    account_id: str
    name: str
    is_here: bool
    was_here: bool
    is_invited: bool


@dataclass(frozen=True)
class AgencySeats:
    agency_id: str
    kind: AgencyKind
    name: str
    seats: tuple[Seat, ...]

    @property
    def here(self) -> int:
        return sum(seat.is_here for seat in self.seats)

    @property
    def invited(self) -> int:
        return sum(seat.is_invited for seat in self.seats)

    @property
    def came(self) -> int:
        return sum(seat.was_here for seat in self.seats)


@dataclass(frozen=True)
class Attending:
    """Who is here, agency by agency, and from which kind of agency nobody is."""

    agencies: tuple[AgencySeats, ...]
    missing: tuple[AgencyKind, ...]
    observers: tuple[Seat, ...] = ()
    needed: tuple[AgencyKind, ...] = ()

    def missing_without(self, out: Collection[str]) -> tuple[AgencyKind, ...]:
        """Kinds of agency from which nobody is left here when these people are out of an item."""
        left = {agency.kind: sum(seat.is_here and seat.account_id not in out for seat in agency.seats) for agency in self.agencies}
        return rules.quorum_missing(self.needed, left)

    @property
    def here(self) -> int:
        """Those who vote: observers are counted for themselves."""
        return sum(agency.here for agency in self.agencies)

    @property
    def observing(self) -> int:
        return sum(seat.is_here for seat in self.observers)

    @property
    def observed(self) -> int:
        """Observers who came."""
        return sum(seat.was_here for seat in self.observers)

    @property
    def uninvited(self) -> tuple[AgencyKind, ...]:
        """Kinds of agency of which nobody is invited."""
        return tuple(agency.kind for agency in self.agencies if not agency.invited)


def attending(session: Session, area_id: str, meeting: MeetingFacts) -> Attending:
    """Everybody who may sit in this meeting: the auditors of the round and of the area."""
    chosen = select(Attendance).where(Attendance.area_id == area_id, Attendance.meeting_id == meeting.meeting_id)
    rows = {row.account_id: row for row in session.exec(chosen)}
    people = _people(session, area_id, meeting.round.round_id)
    agencies = [
        AgencySeats(agency_id, kind, name, tuple(_seat(account_id, person, rows.get(account_id)) for account_id, person in seats))
        for (agency_id, kind, name), seats in people.items()
    ]
    here = {agency.kind: agency.here for agency in agencies if agency.here}
    needed = agency_kinds_needed(session, area_id, meeting.round.round_id)
    missing = rules.quorum_missing(needed, here)
    members = {account_id for seats in people.values() for account_id, _ in seats}
    watching = [one for one in people_with(session, area_id, Role.OBSERVER) if one.account_id not in members]
    observers = tuple(_seat(one.account_id, one.name, rows.get(one.account_id)) for one in watching)
    return Attending(tuple(agencies), missing, observers, tuple(needed))


def _seat(account_id: str, name: str, row: Attendance | None) -> Seat:
    came = row is not None and row.arrived_at is not None
    return Seat(account_id, name, came and row is not None and row.left_at is None, came, row is not None)


def _people(session: Session, area_id: str, round_id: str) -> dict[tuple[str, AgencyKind, str], list[tuple[str, str]]]:
    """Agency -> (account, name), agencies in their usual order. In the round people sit for the agency they rated for."""
    chosen = (
        select(RoundAuditor.account_id, Account.name, Agency)
        .join(Account, col(Account.id) == RoundAuditor.account_id)
        .join(Agency, col(Agency.id) == RoundAuditor.agency_id)
        .where(RoundAuditor.area_id == area_id, RoundAuditor.round_id == round_id)
    )
    seats = {one.account_id: (one.name, (one.agency_id, one.kind, one.agency_name)) for one in possible_auditors(session, area_id)}
    seats |= {account: (name, (agency.id, agency.kind, agency.name)) for account, name, agency in session.exec(chosen)}
    grouped: dict[tuple[str, AgencyKind, str], list[tuple[str, str]]] = {}
    for account_id, (name, agency) in sorted(seats.items(), key=lambda seat: _order(*seat[1])):
        grouped.setdefault(agency, []).append((account_id, name))
    return grouped


def _order(name: str, agency: tuple[str, AgencyKind, str]) -> tuple[int, str, str]:
    return list(AgencyKind).index(agency[1]), agency[2], name


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
    planned = sum(line.is_planned for line in _meetings(session, area_id, Meeting.round_id == meeting.round.round_id))
    return MeetingPage(
        meeting, tuple(items), time_bar(meeting, [item.minutes for item in items]), people, session.exec(free).one(), planned
    )


def open_meetings(lines: Sequence[MeetingLine]) -> list[MeetingFacts]:
    """Those to whose agenda something can still be added."""
    return [line.meeting for line in lines if line.meeting.is_planned or line.meeting.is_in_session]
