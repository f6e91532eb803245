"""Filling agendas by what is worth most: disagreements one by one, and what recurs on a criterion as one question."""

from collections.abc import Collection, Iterator

from sqlmodel import col, select

from moderation.ledger import Transaction

from .agendas import put_on_agenda
from .covering import gaps
from .packing import Choice, left, pack, turns
from .places import places_of
from .queries import agency_kinds_needed
from .queries_conflicts import barred_plans
from .queries_cover import candidates, offered
from .queries_meetings import meeting_facts
from .questions import put_question
from .rows import BEFORE, disagreements_of, meeting_in, policy_for
from .stakes import RECURS_FROM, alone
from .states import DisagreementState
from .tables import Meeting


def fill_agenda(tx: Transaction, meeting_id: str) -> int:
    """Put the disagreements worth most into the time that is free, each criterion in one piece, without plans that the
    moderator may not moderate, or for which nobody from an agency could be there. Returns how many are new; what does not fit
    waits for another meeting."""
    meeting = meeting_in(tx, meeting_id, BEFORE)
    places = places_of(tx, meeting)
    free = left(meeting.minutes, sum(place.minutes for place in places))
    asked = {place.question.criterion_key for place in places if place.question}
    chosen = pack(turns(_waiting(tx, meeting), meeting.minutes_per_item, RECURS_FROM, asked), free)
    return sum(
        put_question(tx, meeting_id, turn.keys) if turn.is_question else put_on_agenda(tx, meeting_id, turn.keys) for turn in chosen
    )


def _waiting(tx: Transaction, meeting: Meeting) -> Iterator[Choice]:
    criteria = policy_for(tx, meeting).criteria
    barred = barred_plans(tx.session, tx.area_id, meeting.round_id, meeting.moderator_id)
    found = [row for row in disagreements_of(tx, meeting.round_id).values() if row.state is DisagreementState.FOUND]
    out = barred.keys() | _without_quorum(tx, meeting, {row.round_plan_id for row in found})
    for row in found:
        if row.round_plan_id not in out:
            yield Choice(row.id, row.criterion_key, row.stake, alone(criteria[row.criterion_key], row.reasons))


def _without_quorum(tx: Transaction, meeting: Meeting, plans: Collection[str]) -> frozenset[str]:
    """Plans that would be decided without an agency: nobody of it who is invited, or could be, may take part."""
    facts = meeting_facts(tx.session, tx.area_id, meeting.id)
    people = offered(facts, candidates(tx.session, tx.area_id, facts))
    needed = agency_kinds_needed(tx.session, tx.area_id, meeting.round_id)
    return frozenset().union(*(gap.plans for gap in gaps(needed, people, plans)))


def fill_meetings(tx: Transaction, round_id: str) -> tuple[int, int]:
    """The same for every planned meeting of the round, the earliest first: what does not fit into one goes into the next.
    Returns how many are new, and in how many meetings."""
    mine = (Meeting.area_id == tx.area_id, Meeting.round_id == round_id, col(Meeting.state).in_(BEFORE))
    planned = tx.session.exec(select(Meeting.id).where(*mine).order_by(col(Meeting.starts_at), col(Meeting.number))).all()
    added = [fill_agenda(tx, meeting_id) for meeting_id in planned]
    return sum(added), sum(map(bool, added))
