"""A silent vote is revealed: every ballot becomes a vote at once, by the chair, with the last ballot, or when the last person who
had not voted leaves the room."""

from sqlmodel import col, select

from moderation.ledger import Transaction
from moderation.words import Event, Refused

from .events import ItemStepTaken, RevotesRecorded
from .places import Place, places_of
from .queries import rated_cells
from .queries_conflicts import out_of_plans
from .question_events import QuestionStepTaken
from .rows import attendance_of, ballots_of, drop_ballots, drop_vote, voting_seats
from .steps import Step, move_step
from .tables import Ballot, Disagreement, Meeting, MeetingItem, Revote


def stepped(place: Place, step: Step) -> Event:
    return place.event(ItemStepTaken, QuestionStepTaken, step)


def step_of(place: Place) -> Step:
    """The plans of a question take every step together."""
    return (place.standing or place.pairs)[0][0].step


def voters_of(tx: Transaction, place: Place) -> dict[str, dict[str, str]]:
    """By disagreement, who is here for an agency and has no conflict of interest with the plan: account and agency."""
    here = voting_seats(tx, place.meeting)
    out = out_of_plans(tx.session, tx.area_id, place.meeting.round_id, here)
    return {
        row.id: {account: agency for account, agency in here.items() if row.round_plan_id not in out[account]}
        for _, row in place.standing or place.pairs
    }


def reveal_complete(tx: Transaction, meeting: Meeting) -> None:
    """Nobody waits any more for the vote of somebody who left."""
    tx.session.flush()
    for place in places_of(tx, meeting):
        reveal_when_complete(tx, place)


def stop_voting_on(tx: Transaction, withdrawn: Disagreement) -> None:
    """Its votes are dropped, and nobody waits for any more: a question goes on without that plan."""
    chosen = select(MeetingItem, Meeting).join(Meeting, col(Meeting.id) == MeetingItem.meeting_id)
    found = tx.session.exec(chosen.where(MeetingItem.area_id == tx.area_id, MeetingItem.disagreement_id == withdrawn.id)).all()
    for item, meeting in found:
        was_open = item.step is Step.VOTING
        drop_vote(tx, item)
        if was_open:
            reveal_complete(tx, meeting)


def reveal_when_complete(tx: Transaction, place: Place) -> bool:
    """Reveal if everybody has voted who is here and may. True: all is revealed."""
    if step_of(place) is Step.VOTING and _is_complete(tx, place):
        reveal(tx, place)
    return step_of(place) is Step.REVEALED


def _is_complete(tx: Transaction, place: Place) -> bool:
    voters = voters_of(tx, place)
    voted = {row.id: {ballot.account_id for ballot in ballots_of(tx, item.id)} for item, row in place.standing}
    return any(voters.values()) and bool(voted) and all(voters[key].keys() <= voted[key] for key in voted)


def reveal(tx: Transaction, place: Place) -> None:
    """Every ballot becomes a vote at once, linked to the voter's own rating of the cell where there is one."""
    for item, _ in place.standing:
        item.step, item.step_at = move_step(item.step, Step.REVEALED), tx.now
    tx.session.flush()
    votes = _votes(tx, place)
    if not votes:
        raise Refused("Nobody has voted yet, so there is nothing to reveal. Wait for the votes, or cancel the vote.")
    tx.session.add_all(votes)
    _count_silent(tx, place)
    for item, _ in place.standing:
        drop_ballots(tx, item.id)
    tx.record(stepped(place, Step.REVEALED))
    tx.record(RevotesRecorded(place.meeting.id, len(votes), sum(vote.original_rater for vote in votes)))


def _count_silent(tx: Transaction, place: Place) -> None:
    """Whoever is here and has not voted is recorded as present, not voting: by number, not by name."""
    voters = voters_of(tx, place)
    for item, row in place.standing:
        silent = len(voters[row.id].keys() - {ballot.account_id for ballot in ballots_of(tx, item.id)})
        if item.ballot_number == 1:
            item.first_not_voting = silent
        else:
            item.second_not_voting = silent


def _votes(tx: Transaction, place: Place) -> list[Revote]:
    meeting, (_, first) = place.meeting, place.standing[0]
    plan = None if place.question else first.round_plan_id
    rated = rated_cells(tx.session, tx.area_id, meeting.round_id, plan, first.criterion_key)
    agencies = {seat.account_id: seat.agency_id for seat in attendance_of(tx, meeting.id)}
    return [
        Revote(
            area_id=tx.area_id, meeting_id=meeting.id, disagreement_id=row.id, account_id=ballot.account_id,
            agency_id=agencies.get(ballot.account_id), ballot_number=item.ballot_number,
            value=ballot.value, non_score=ballot.non_score, voted_at=ballot.voted_at,
            original_rater=(row.round_plan_id, row.criterion_key, ballot.account_id) in rated,
        )
        for item, row, ballot in _counting(tx, place)
    ]  # fmt: skip


def _counting(tx: Transaction, place: Place) -> list[tuple[MeetingItem, Disagreement, Ballot]]:
    """The ballots without those of people whose conflict of interest became known after they had voted. Who left is counted."""
    cast = [(item, row, ballot) for item, row in place.standing for ballot in ballots_of(tx, item.id)]
    out = out_of_plans(tx.session, tx.area_id, place.meeting.round_id, {ballot.account_id for _, _, ballot in cast})
    return [(item, row, ballot) for item, row, ballot in cast if row.round_plan_id not in out[ballot.account_id]]
