"""How far the room is with an item: the small facts that pages ask for every two seconds. Counts, never an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from . import states
from .queries_conflicts import conflicted_plans
from .states import DisagreementState
from .steps import VOTES, Step
from .tables import Attendance, Ballot, Disagreement, MeetingItem


@dataclass(frozen=True)
class ItemState:
    """How far the room is with an item: counts, never an answer."""

    item_id: str
    disagreement_id: str
    round_plan_id: str
    place: int
    items: int
    minutes: int | None  # set by hand
    step: Step
    ballot_number: int
    step_at: datetime | None
    state: DisagreementState
    here: int
    voters: int
    voted: int
    mine_is_in: bool
    i_vote: bool

    @property
    def is_decided(self) -> bool:
        return self.state in states.DECIDED

    @property
    def is_settled(self) -> bool:
        return self.is_decided or self.state in (DisagreementState.DEFERRED, DisagreementState.WITHDRAWN)

    @property
    def is_voting(self) -> bool:
        return self.step is Step.VOTING and not self.is_settled

    @property
    def may_vote_again(self) -> bool:
        """Is the first vote revealed, and nothing decided?"""
        return self.step is Step.REVEALED and self.ballot_number < VOTES and not self.is_settled

    @property
    def vote_name(self) -> str:
        return "silent vote" if self.ballot_number == 1 else "second silent vote"

    @property
    def mark(self) -> str:
        """It changes when the page in front of somebody is out of date."""
        return f"{self.item_id}.{self.step}.{self.ballot_number}.{self.state}"


def item_state(session: Session, area_id: str, meeting_id: str, account_id: str, item_id: str | None = None) -> ItemState | None:
    """The item that the room looks at, or a given one; None before the first is opened."""
    agenda = session.exec(
        select(MeetingItem, Disagreement)
        .join(Disagreement, col(Disagreement.id) == MeetingItem.disagreement_id)
        .where(MeetingItem.area_id == area_id, MeetingItem.meeting_id == meeting_id)
        .order_by(col(MeetingItem.position), col(MeetingItem.id))
    ).all()
    place = _place([item for item, _ in agenda], item_id)
    if place is None:
        return None
    item, row = agenda[place]
    here = here_of(session, area_id, meeting_id)
    voters = [one for one in here if here[one] and row.round_plan_id not in conflicted_plans(session, area_id, row.round_id, one)]
    chosen = select(Ballot.account_id).where(Ballot.area_id == area_id, Ballot.item_id == item.id)
    voted = set(session.exec(chosen)) if item.step is Step.VOTING else set()
    return ItemState(
        item.id, row.id, row.round_plan_id, place + 1, len(agenda), item.minutes, item.step, item.ballot_number, item.step_at,
        row.state, len(here), len(voters), len(voted & set(voters)), account_id in voted, account_id in voters,
    )  # fmt: skip


def _place(agenda: Sequence[MeetingItem], item_id: str | None) -> int | None:
    """Where a given item is on the agenda, or the one that was opened last."""
    opened = [(item.step_at, place) for place, item in enumerate(agenda) if item.step_at]
    if item_id is None:
        return max(opened)[1] if opened else None
    return next((place for place, item in enumerate(agenda) if item.id == item_id), None)


def here_of(session: Session, area_id: str, meeting_id: str) -> dict[str, str | None]:
    """Who is here, and for which agency; observers for none."""
    mine = (Attendance.area_id == area_id, Attendance.meeting_id == meeting_id)
    chosen = select(Attendance.account_id, Attendance.agency_id).where(*mine)
    return dict(session.exec(chosen.where(col(Attendance.arrived_at).is_not(None), col(Attendance.left_at).is_(None))).all())
