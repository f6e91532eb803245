"""The room with several people in it: who comes, the steps of an item, and the silent vote.

join -> take_step (evidence, discussion, voting) -> cast, by each person on their own device -> reveal, by the chair or with the
last vote. Until then a vote is a `ballot`, which no page reads; from then on it is a revote, and frozen. The chair may open one
more vote (vote_again): its votes stand beside the first ones.
"""

from sqlmodel import select

from moderation.ledger import Transaction
from moderation.register.criteria import NonScore
from moderation.words import InvalidInput, NotFound, Problem, Refused

from .decisions import is_rating
from .events import BallotCast, ItemStepTaken, JoinedRoom, LeftRoom, RevotesRecorded, VotedAgain
from .queries import MISSING, rated_cells
from .queries_conflicts import conflicted_plans
from .rows import attendance_of, ballots_of, drop_ballots, item_in, meeting_in, move, policy_for, refuse_actor
from .states import DisagreementState, MeetingState
from .steps import Step, again, move_step, refuse_vote
from .tables import Attendance, Ballot, Disagreement, Meeting, MeetingItem, Revote

IN_SESSION = frozenset({MeetingState.IN_SESSION})
ABSTAIN = "abstain"
UNANSWERED = Problem("answer", "Choose the level you would give, or that you cannot judge this")


def join(tx: Transaction, meeting_id: str) -> None:
    """Somebody who is invited, or who left, is here."""
    meeting_in(tx, meeting_id, IN_SESSION)
    chosen = select(Attendance).where(Attendance.area_id == tx.area_id, Attendance.meeting_id == meeting_id)
    seat = tx.session.exec(chosen.where(Attendance.account_id == tx.actor.account_id)).first()
    if seat is None:
        raise NotFound(MISSING)
    if seat.arrived_at is not None and seat.left_at is None:
        return
    seat.arrived_at, seat.left_at = seat.arrived_at or tx.now, None
    tx.record(JoinedRoom(meeting_id))


def leave(tx: Transaction, meeting_id: str) -> None:
    """Somebody goes before the meeting ends. A vote that is cast is kept; who is not here is not waited for."""
    meeting_in(tx, meeting_id, IN_SESSION)
    chosen = select(Attendance).where(Attendance.area_id == tx.area_id, Attendance.meeting_id == meeting_id)
    seat = tx.session.exec(chosen.where(Attendance.account_id == tx.actor.account_id)).first()
    if seat is None:
        raise NotFound(MISSING)
    if seat.arrived_at is None or seat.left_at is not None:
        return
    seat.left_at = tx.now
    tx.record(LeftRoom(meeting_id))


def take_up(tx: Transaction, meeting_id: str, item_id: str) -> None:
    """Put an item before everybody in the room, at the step where it was left."""
    item, meeting, row = item_in(tx, item_id, IN_SESSION, meeting_id)
    refuse_actor(tx, meeting, row)
    item.step = move_step(item.step, Step.EVIDENCE) if item.step is Step.WAITING else item.step
    item.step_at, item.opened_at = tx.now, item.opened_at or tx.now
    tx.record(ItemStepTaken(row.id, meeting_id, item.step))


def take_step(tx: Transaction, meeting_id: str, item_id: str, to: Step) -> None:
    """Go on to a step of an item, for everybody in the room. Asking for the present step again changes nothing."""
    item, meeting, row = _unsettled_item(tx, meeting_id, item_id)
    if item.step is to:
        return
    if to is Step.REVEALED:
        _reveal(tx, item, meeting, row)
    else:
        _go_to(tx, item, meeting, row, to)


def vote_again(tx: Transaction, meeting_id: str, item_id: str, ballot_number: int) -> None:
    """A second silent vote, after the reveal and before the decision. `ballot_number` is the vote that the page showed: a second
    press, or another moderator's, finds the vote open and changes nothing."""
    item, meeting, row = _unsettled_item(tx, meeting_id, item_id)
    if item.ballot_number == ballot_number + 1 and item.step is Step.VOTING:
        return
    to = again(item.step, item.ballot_number)
    _refuse_empty_vote(tx, meeting, row)
    item.step, item.step_at, item.ballot_number = to, tx.now, item.ballot_number + 1
    tx.record(VotedAgain(row.id, meeting_id))
    tx.record(ItemStepTaken(row.id, meeting_id, to))


def _unsettled_item(tx: Transaction, meeting_id: str, item_id: str) -> tuple[MeetingItem, Meeting, Disagreement]:
    item, meeting, row = item_in(tx, item_id, IN_SESSION, meeting_id)
    refuse_actor(tx, meeting, row)
    if row.state not in (DisagreementState.LISTED, DisagreementState.DISCUSSED):
        raise Refused(f"This item is {row.state.words}, so the room cannot go on with it.")
    return item, meeting, row


def _refuse_empty_vote(tx: Transaction, meeting: Meeting, row: Disagreement) -> None:
    if not voters_of(tx, meeting, row):
        raise Refused("Nobody who may vote on this item is here. Record who is here, then open the vote.")


def _go_to(tx: Transaction, item: MeetingItem, meeting: Meeting, row: Disagreement, to: Step) -> None:
    if to is Step.VOTING:
        _refuse_empty_vote(tx, meeting, row)
    if item.step is Step.VOTING:
        drop_ballots(tx, item.id)
    item.step, item.step_at, item.opened_at = move_step(item.step, to), tx.now, item.opened_at or tx.now
    if to in (Step.DISCUSSION, Step.VOTING) and row.state is DisagreementState.LISTED:
        move(row, DisagreementState.DISCUSSED)
    tx.record(ItemStepTaken(row.id, meeting.id, to))


def voters_of(tx: Transaction, meeting: Meeting, row: Disagreement) -> dict[str, str | None]:
    """Who is here for an agency and has no conflict of interest with the plan: account and agency. Observers do not vote."""
    seats = [seat for seat in attendance_of(tx, meeting.id) if seat.agency_id]
    here = {seat.account_id: seat.agency_id for seat in seats if seat.arrived_at and not seat.left_at}
    return {
        account: agency
        for account, agency in here.items()
        if row.round_plan_id not in conflicted_plans(tx.session, tx.area_id, meeting.round_id, account)
    }


def cast(tx: Transaction, meeting_id: str, item_id: str, answer: str, ballot_number: int = 1) -> bool:
    """One person's vote: a level ("3"), another answer, or `ABSTAIN`. It replaces an earlier one. `ballot_number`: the vote of the
    item that it is meant for. True: it was the last vote, so all are revealed."""
    item, meeting, row = item_in(tx, item_id, IN_SESSION, meeting_id)
    voters = voters_of(tx, meeting, row)
    voter = tx.actor.account_id
    if voter is None or voter not in voters:
        raise NotFound(MISSING)
    refuse_vote(item.step, item.ballot_number, ballot_number)
    value, non_score = read_answer(answer)
    criterion = policy_for(tx, meeting).criteria[row.criterion_key]
    if answer != ABSTAIN and not is_rating(criterion, value, non_score):
        raise InvalidInput([UNANSWERED])
    ballots = {ballot.account_id: ballot for ballot in ballots_of(tx, item.id)}
    mine = ballots.get(voter) or Ballot(area_id=tx.area_id, item_id=item.id, account_id=voter, voted_at=tx.now)
    mine.value, mine.non_score, mine.voted_at = value, non_score, tx.now
    tx.session.add(mine)
    tx.record(BallotCast(row.id, meeting.id))
    if voters.keys() <= ballots.keys() | {voter}:
        _reveal(tx, item, meeting, row)
    return item.step is Step.REVEALED


def read_answer(answer: str) -> tuple[float | None, str | None]:
    """What a ballot paper sends: "3", "not_applicable" or "abstain"."""
    if answer == ABSTAIN:
        return None, None
    if answer in list(NonScore):
        return None, answer
    if not (answer.isascii() and answer.isdecimal() and len(answer) < 9):
        raise InvalidInput([UNANSWERED])
    return float(answer), None


def _reveal(tx: Transaction, item: MeetingItem, meeting: Meeting, row: Disagreement) -> None:
    """Every ballot becomes a vote at once, linked to the voter's own rating of the cell where there is one."""
    item.step, item.step_at = move_step(item.step, Step.REVEALED), tx.now
    tx.session.flush()
    rated = rated_cells(tx.session, tx.area_id, meeting.round_id, row.round_plan_id, row.criterion_key)
    agencies = {seat.account_id: seat.agency_id for seat in attendance_of(tx, meeting.id)}
    votes = [
        Revote(
            area_id=tx.area_id, meeting_id=meeting.id, disagreement_id=row.id, account_id=ballot.account_id,
            agency_id=agencies.get(ballot.account_id), ballot_number=item.ballot_number,
            value=ballot.value, non_score=ballot.non_score, voted_at=ballot.voted_at,
            original_rater=(row.round_plan_id, row.criterion_key, ballot.account_id) in rated,
        )
        for ballot in ballots_of(tx, item.id)
    ]  # fmt: skip
    tx.session.add_all(votes)
    drop_ballots(tx, item.id)
    tx.record(ItemStepTaken(row.id, meeting.id, Step.REVEALED))
    tx.record(RevotesRecorded(meeting.id, len(votes), sum(vote.original_rater for vote in votes)))
