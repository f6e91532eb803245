"""The room with several people in it: who comes, the steps of an item, and the silent vote.

join -> take_step (evidence, discussion, voting) -> cast, by each person on their own device -> reveal, by the chair or with the
last vote (`revealing`). Until then a vote is a `ballot`, which no page reads; from then on it is a revote, and frozen. The chair
may open one more vote (vote_again): its votes stand beside the first ones. A question takes every step with all its plans.
"""

from collections.abc import Mapping

from sqlmodel import select

from moderation.ledger import Transaction
from moderation.register.criteria import Criterion
from moderation.words import InvalidInput, NotFound, Problem, Refused

from .decisions import is_rating
from .events import BallotCast, JoinedRoom, LeftRoom, VotedAgain
from .places import Place, place_in, refuse_actor_of
from .queries import MISSING
from .question_events import QuestionBallotsCast, QuestionVotedAgain
from .revealing import reveal, reveal_complete, reveal_when_complete, step_of, stepped, voters_of
from .rows import ballots_of, drop_ballots, meeting_in, move, policy_for
from .states import DisagreementState, MeetingState
from .steps import Step, again, move_step, refuse_vote
from .tables import Attendance, Ballot, MeetingItem

IN_SESSION = frozenset({MeetingState.IN_SESSION})
ABSTAIN = "abstain"
UNANSWERED = "Choose the level you would give, or that you cannot judge this"


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
    """Somebody goes before the meeting ends. A vote that is cast is kept; who is not here is not waited for: if theirs was the last
    one missing, all are revealed."""
    meeting = meeting_in(tx, meeting_id, IN_SESSION)
    chosen = select(Attendance).where(Attendance.area_id == tx.area_id, Attendance.meeting_id == meeting_id)
    seat = tx.session.exec(chosen.where(Attendance.account_id == tx.actor.account_id)).first()
    if seat is None:
        raise NotFound(MISSING)
    if seat.arrived_at is None or seat.left_at is not None:
        return
    seat.left_at = tx.now
    tx.record(LeftRoom(meeting_id))
    reveal_complete(tx, meeting)


def take_up(tx: Transaction, meeting_id: str, item_id: str) -> None:
    """Put an item, or a question with all its plans, before everybody in the room, at the step where it was left."""
    place = place_in(tx, item_id, IN_SESSION, meeting_id)
    refuse_actor_of(tx, place)
    for item, _ in place.pairs:
        item.step = move_step(item.step, Step.EVIDENCE) if item.step is Step.WAITING else item.step
        item.step_at, item.opened_at = tx.now, item.opened_at or tx.now
    tx.record(stepped(place, step_of(place)))


def take_step(tx: Transaction, meeting_id: str, item_id: str, to: Step) -> None:
    """Go on to a step of an item, for everybody in the room. Asking for the present step again changes nothing."""
    place = _unsettled(tx, meeting_id, item_id)
    if step_of(place) is to:
        return
    if to is Step.REVEALED:
        reveal(tx, place)
    else:
        _go_to(tx, place, to)


def vote_again(tx: Transaction, meeting_id: str, item_id: str, ballot_number: int) -> None:
    """A second silent vote, after the reveal and before the decision. `ballot_number` is the vote that the page showed: a second
    press, or another moderator's, finds the vote open and changes nothing."""
    place = _unsettled(tx, meeting_id, item_id)
    first = place.standing[0][0]
    if first.ballot_number == ballot_number + 1 and first.step is Step.VOTING:
        return
    to = again(first.step, first.ballot_number)
    _refuse_empty_vote(tx, place)
    for item, _ in place.standing:
        item.step, item.step_at, item.ballot_number = to, tx.now, item.ballot_number + 1
    tx.record(place.event(VotedAgain, QuestionVotedAgain))
    tx.record(stepped(place, to))


def _unsettled(tx: Transaction, meeting_id: str, item_id: str) -> Place:
    place = place_in(tx, item_id, IN_SESSION, meeting_id)
    refuse_actor_of(tx, place)
    if not place.standing:
        raise Refused(f"This item is {place.words}, so the room cannot go on with it.")
    return place


def _refuse_empty_vote(tx: Transaction, place: Place) -> None:
    if not any(voters_of(tx, place).values()):
        raise Refused("Nobody who may vote on this item is here. Record who is here, then open the vote.")


def _go_to(tx: Transaction, place: Place, to: Step) -> None:
    if to is Step.VOTING:
        _refuse_empty_vote(tx, place)
    for item, row in place.standing:
        if item.step is Step.VOTING:
            drop_ballots(tx, item.id)
        item.step, item.step_at, item.opened_at = move_step(item.step, to), tx.now, item.opened_at or tx.now
        if to in (Step.DISCUSSION, Step.VOTING) and row.state is DisagreementState.LISTED:
            move(row, DisagreementState.DISCUSSED)
    tx.record(stepped(place, to))


def cast(tx: Transaction, meeting_id: str, item_id: str, answer: str, ballot_number: int = 1) -> bool:
    """One person's vote: a level ("3"), another answer, or `ABSTAIN`. It replaces an earlier one. `ballot_number`: the vote of the
    item that it is meant for. True: it was the last vote, so all are revealed."""
    place = place_in(tx, item_id, IN_SESSION, meeting_id)
    return _cast(tx, place, {row.id: answer for _, row in place.pairs}, ballot_number)


def cast_all(tx: Transaction, meeting_id: str, item_id: str, answers: Mapping[str, str], ballot_number: int = 1) -> bool:
    """The same for a question: one person's votes on all its plans at once, by disagreement."""
    return _cast(tx, place_in(tx, item_id, IN_SESSION, meeting_id), answers, ballot_number)


def _cast(tx: Transaction, place: Place, answers: Mapping[str, str], ballot_number: int) -> bool:
    voter, voters = tx.actor.account_id, voters_of(tx, place)
    mine = [(item, row) for item, row in place.standing or place.pairs if voter in voters[row.id]]
    if voter is None or not mine:
        raise NotFound(MISSING)
    if not place.standing:
        raise Refused(f"This item is {place.words}, so your vote came too late. It is not counted.")
    refuse_vote(mine[0][0].step, mine[0][0].ballot_number, ballot_number)
    criterion = policy_for(tx, place.meeting).criteria[mine[0][1].criterion_key]
    read = {row.id: _checked(criterion, answers.get(row.id, "")) for _, row in mine}
    wrong = [Problem(f"answer-{row.id}" if place.question else "answer", UNANSWERED) for _, row in mine if read[row.id] is None]
    if wrong:
        raise InvalidInput(wrong)
    for item, row in mine:
        _keep(tx, item, voter, read[row.id] or (None, None))
    tx.record(place.event(BallotCast, QuestionBallotsCast))
    tx.session.flush()
    return reveal_when_complete(tx, place)


def _keep(tx: Transaction, item: MeetingItem, voter: str, answer: tuple[float | None, str | None]) -> None:
    ballots = {ballot.account_id: ballot for ballot in ballots_of(tx, item.id)}
    mine = ballots.get(voter) or Ballot(area_id=tx.area_id, item_id=item.id, account_id=voter, voted_at=tx.now)
    (mine.value, mine.non_score), mine.voted_at = answer, tx.now
    tx.session.add(mine)


def _checked(criterion: Criterion, answer: str) -> tuple[float | None, str | None] | None:
    """The answer, if one may vote it."""
    value, non_score = read_answer(answer)
    return (value, non_score) if answer == ABSTAIN or is_rating(criterion, value, non_score) else None


def read_answer(answer: str) -> tuple[float | None, str | None]:
    """What a ballot paper sends: "3", "not_applicable" or "abstain"; what is none of these is no rating either."""
    if answer == ABSTAIN:
        return None, None
    if answer.isascii() and answer.isdecimal() and len(answer) < 9:
        return float(answer), None
    return None, answer
