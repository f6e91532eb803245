"""What the people in a meeting see on their own devices, and the small facts that are asked for every two seconds."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from moderation.allocate.tables import Round
from moderation.words import NotFound

from .item_states import ItemState, item_state
from .queries import MISSING
from .queries_cells import CellView, cell_views, for_observer
from .queries_conflicts import drew_allocation, out_of_plans
from .queries_meetings import MeetingFacts, meeting_facts
from .states import OVER, DisagreementState, MeetingState
from .tables import Attendance, Meeting


@dataclass(frozen=True)
class AttendPage:
    """The room on the device of somebody who is invited. Without the plans that the person has a conflict of interest with;
    `conflicted` says how many of the item those are."""

    meeting: MeetingFacts
    is_here: bool
    now: ItemState | None
    cells: tuple[CellView, ...] = ()
    conflicted: int = 0
    observes: bool = False

    @property
    def cell(self) -> CellView | None:
        """The item, or the first plan of a question."""
        return self.cells[0] if self.cells else None

    @property
    def is_question(self) -> bool:
        return self.now is not None and self.now.question_id is not None

    @property
    def asked(self) -> tuple[CellView, ...]:
        """What there is to vote on."""
        return tuple(cell for cell in self.cells if cell.is_open)

    @property
    def mark(self) -> str:
        item = self.now.mark if self.now and self.meeting.is_in_session else ""
        return f"{self.meeting.state}.{self.is_here:d}.{item}"


def attend_page(session: Session, area_id: str, meeting_id: str, account_id: str) -> AttendPage:
    """The room for somebody who is invited or here; not there for anybody else."""
    is_here, observes = seat_of(session, area_id, meeting_id, account_id)
    meeting = meeting_facts(session, area_id, meeting_id)
    refuse_whoever_drew(session, area_id, meeting, account_id)
    now = item_state(session, area_id, meeting_id, account_id) if meeting.is_in_session else None
    if now is None or not is_here:
        return AttendPage(meeting, is_here, now, observes=observes)
    out = out_of_plans(session, area_id, meeting.round.round_id, [account_id])[account_id]
    seen = [key for key, plan in zip(now.disagreements, now.plans, strict=True) if plan not in out]
    found = cell_views(session, area_id, meeting.round, seen, meeting_id).values()
    counting = [cell for cell in found if cell.state is not DisagreementState.WITHDRAWN] or found
    cells = sorted(counting, key=lambda cell: cell.plan.reference)
    shown = tuple(for_observer(cell) for cell in cells) if observes else tuple(cells)
    return AttendPage(meeting, is_here, now, shown, len(now.plans) - len(seen), observes)


def seat_of(session: Session, area_id: str, meeting_id: str, account_id: str) -> tuple[bool, bool]:
    """Is this person here, and as an observer? NotFound for somebody who is not invited."""
    chosen = select(Attendance).where(Attendance.area_id == area_id, Attendance.meeting_id == meeting_id)
    seat = session.exec(chosen.where(Attendance.account_id == account_id)).first()
    if seat is None:
        raise NotFound(MISSING)
    return seat.arrived_at is not None and seat.left_at is None, seat.agency_id is None


def refuse_whoever_drew(session: Session, area_id: str, meeting: MeetingFacts, account_id: str) -> None:
    """An invitation from before they drew or allocated the plans, or one by mistake, opens nothing."""
    if drew_allocation(session, area_id, meeting.round.round_id, account_id):
        raise NotFound(MISSING)


def mark_of(session: Session, area_id: str, meeting_id: str, account_id: str) -> tuple[str, ItemState | None]:
    """What a waiting page asks for: has anything changed, and how many have voted?"""
    is_here, _ = seat_of(session, area_id, meeting_id, account_id)
    state = session.exec(select(Meeting.state).where(Meeting.area_id == area_id, Meeting.id == meeting_id)).one()
    in_session = state is MeetingState.IN_SESSION
    now = item_state(session, area_id, meeting_id, account_id) if in_session else None
    return f"{state}.{is_here:d}.{now.mark if now else ''}", now


@dataclass(frozen=True)
class MyMeeting:
    meeting_id: str
    title: str
    round: str
    starts_at: datetime
    place: str
    state: MeetingState
    started_at: datetime | None

    @property
    def is_over(self) -> bool:
        return self.state in OVER


def my_meetings(session: Session, area_id: str, account_id: str) -> list[MyMeeting]:
    """The meetings that somebody is invited to or was in, latest first."""
    chosen = (
        select(Meeting, Round.name)
        .join(Attendance, col(Attendance.meeting_id) == Meeting.id)
        .join(Round, col(Round.id) == Meeting.round_id)
        .where(Meeting.area_id == area_id, Attendance.area_id == area_id, Attendance.account_id == account_id)
        .order_by(col(Meeting.starts_at).desc(), col(Meeting.id))
    )
    return [
        MyMeeting(row.id, row.title, name, row.starts_at, row.place, row.state, row.started_at)
        for row, name in session.exec(chosen)
    ]
