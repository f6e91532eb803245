"""Decisions without a quorum go to the chair of the next meeting, who confirms them or puts them on its agenda again."""

from datetime import datetime
from typing import Any

from moderation.ledger import Transaction
from moderation.words import NotFound, Refused

from . import states
from .agendas import drafts_of
from .decisions import texts_of
from .drafts import as_draft, draft_of
from .events import DecisionConfirmed, DecisionReopened, ItemsListed
from .lesson_sources import proposed_in
from .queries import MISSING
from .replaced import EARLIER, WHY
from .rows import (
    UNFINISHED,
    action_on,
    agenda_of,
    decisions_on,
    meeting_in,
    policy_for,
    refuse_actor,
    refuse_conflicts,
    refuse_published,
)
from .states import OVER, MeetingState
from .tables import AgreedRating, Disagreement, Meeting, MeetingItem


def confirm_decision(tx: Transaction, meeting_id: str, disagreement_id: str) -> None:
    """The decision stands, says a meeting that is being held. Confirming again changes nothing."""
    meeting, row, made = _of_an_earlier_meeting(tx, meeting_id, disagreement_id)
    if made.confirmed_in is not None:
        return
    states.taken_up_again(row.state, made.quorate, confirmed=False)
    if meeting.state is not MeetingState.IN_SESSION:
        raise Refused("This meeting has not begun. A decision is confirmed while the meeting is held.")
    made.confirmed_at, made.confirmed_in = tx.now, meeting.id
    tx.record(DecisionConfirmed(row.id, meeting.id))


def take_up_again(tx: Transaction, meeting_id: str, disagreement_id: str) -> None:
    """The meeting decides anew. The former decision, with its lesson and its action, is there until a new one takes its place:
    what is taken off, put off or not reached stays decided as it was. Taking it up twice changes nothing."""
    meeting, row, made = _of_an_earlier_meeting(tx, meeting_id, disagreement_id)
    agenda = agenda_of(tx, meeting.id)
    if row.id in {listed.id for _, listed in agenda}:
        return
    row.state = states.taken_up_again(row.state, made.quorate, made.confirmed_in is not None)
    row.version += 1
    criterion = policy_for(tx, meeting).criteria[row.criterion_key]
    item = MeetingItem(
        area_id=tx.area_id, meeting_id=meeting.id, disagreement_id=row.id,
        position=1 + max((item.position for item, _ in agenda), default=0),
        former=[{**texts_of(criterion, made), WHY: EARLIER}], draft=_draft(tx, row, made),
    )  # fmt: skip
    tx.session.add(item)
    meeting.version += 1
    tx.record(DecisionReopened(row.id, meeting.id))
    tx.record(ItemsListed(meeting.id, 1))


def _draft(tx: Transaction, row: Disagreement, made: AgreedRating) -> dict[str, Any]:
    """What a meeting has written since, which did not come to decide it, or else the decision as it was sent."""
    since = drafts_of(tx, [row.id]).get(row.id)
    if since and datetime.fromisoformat(since["at"]) > made.decided_at:
        return since
    lessons = [lesson.text for lesson in proposed_in(tx, row.id, made.meeting_id)]
    return as_draft(tx, draft_of(made, lessons, action_on(tx, row.id)))


def _of_an_earlier_meeting(tx: Transaction, meeting_id: str, disagreement_id: str) -> tuple[Meeting, Disagreement, AgreedRating]:
    meeting = meeting_in(tx, meeting_id, UNFINISHED)
    refuse_published(tx, meeting)
    row = tx.get(Disagreement, disagreement_id)
    made = decisions_on(tx, [row.id]).get(row.id)
    if made is None or row.round_id != meeting.round_id or made.meeting_id in (None, meeting.id):
        raise NotFound(MISSING)
    refuse_actor(tx, meeting, row)
    refuse_conflicts(tx, meeting, {row.round_plan_id})
    if tx.get(Meeting, made.meeting_id or "").state not in OVER:
        raise Refused("The meeting that made this decision is still held. What it decides is not final yet.")
    return meeting, row, made
