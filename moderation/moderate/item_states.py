"""How far the room is with an item: the small facts that pages ask for every two seconds. Counts, never an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from . import states
from .agenda_rows import Pair, standing, state_here, turns_in
from .queries_conflicts import may_not_sit, out_of_plans
from .states import DisagreementState
from .steps import VOTES, Step
from .tables import Attendance, Ballot


@dataclass(frozen=True)
class ItemState:
    """How far the room is with an item, or with a question and all its plans: counts, never an answer."""

    item_id: str
    question_id: str | None
    disagreements: tuple[str, ...]
    plans: tuple[str, ...]
    open_plans: tuple[str, ...]  # those that are not settled
    place: int
    items: int
    minutes: int | None  # set by hand
    step: Step
    ballot_number: int
    step_at: datetime | None
    state: DisagreementState
    standing: int  # plans that are not settled
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
        return not self.standing

    @property
    def is_voting(self) -> bool:
        return self.step is Step.VOTING and not self.is_settled

    @property
    def waits_for_nobody(self) -> bool:
        """Are the votes of all in who are here and may vote? Whoever was missing is out of the item since."""
        return self.is_voting and self.voted == self.voters

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
        return f"{self.question_id or self.item_id}.{self.step}.{self.ballot_number}.{self.state}.{self.standing}"


def item_state(session: Session, area_id: str, meeting_id: str, account_id: str, item_id: str | None = None) -> ItemState | None:
    """The item that the room looks at, or a given one; None before the first is opened."""
    turns = turns_in(session, area_id, meeting_id)
    at = _at([pairs for _, pairs in turns], item_id)
    if at is None:
        return None
    question, pairs = turns[at]
    left = standing(pairs)
    item, row = (left or pairs)[0]
    here = here_of(session, area_id, row.round_id, meeting_id)
    votes = _votes(session, area_id, row.round_id, left or pairs, [one for one in here if here[one]])
    return ItemState(
        item.id, question.id if question else None, tuple(row.id for _, row in pairs), tuple(row.round_plan_id for _, row in pairs),
        tuple(row.round_plan_id for _, row in left), at + 1, len(turns), (question or item).minutes, item.step,
        item.ballot_number, item.step_at, state_here(item, row), len(left), len(here), len(votes), sum(votes.values()),
        votes.get(account_id, False), account_id in votes,
    )  # fmt: skip


def _votes(session: Session, area_id: str, round_id: str, pairs: Sequence[Pair], members: Sequence[str]) -> dict[str, bool]:
    """Who of those here may vote, and whether their vote is in: on every plan that they may vote on."""
    out = out_of_plans(session, area_id, round_id, members)
    mine = {one: {item.id for item, row in pairs if row.round_plan_id not in out[one]} for one in members}
    chosen = select(Ballot.account_id, Ballot.item_id).where(Ballot.area_id == area_id)
    asked = [item.id for item, _ in pairs if item.step is Step.VOTING]
    cast = set(session.exec(chosen.where(col(Ballot.item_id).in_(asked)))) if asked else set()
    return {one: all((one, item) in cast for item in items) for one, items in mine.items() if items}


def _at(turns: Sequence[Sequence[Pair]], item_id: str | None) -> int | None:
    """Where a given item is on the agenda, or the one that was opened last."""
    opened = [(item.step_at, at) for at, pairs in enumerate(turns) for item, _ in pairs if item.step_at]
    if item_id is None:
        return max(opened)[1] if opened else None
    return next((at for at, pairs in enumerate(turns) if any(item.id == item_id for item, _ in pairs)), None)


def here_of(session: Session, area_id: str, round_id: str, meeting_id: str) -> dict[str, str | None]:
    """Who is here and may be (`may_not_sit`), and for which agency; observers for none."""
    mine = (Attendance.area_id == area_id, Attendance.meeting_id == meeting_id)
    chosen = select(Attendance.account_id, Attendance.agency_id).where(*mine)
    seats = dict(session.exec(chosen.where(col(Attendance.arrived_at).is_not(None), col(Attendance.left_at).is_(None))).all())
    out = may_not_sit(session, area_id, round_id, seats)
    return {account: agency for account, agency in seats.items() if account not in out}
