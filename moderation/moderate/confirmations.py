"""Decisions without a quorum go to the chair of the next meeting, who confirms them or puts them on its agenda again."""

from sqlmodel import func, select

from moderation.allocate.tables import Round
from moderation.ledger import Transaction
from moderation.words import NotFound

from . import rules, states
from .decisions import texts_of
from .events import DecisionConfirmed, DecisionReopened, ItemsListed
from .queries import MISSING
from .reopening import as_draft, taken_back
from .rows import UNFINISHED, meeting_in, policy_for, refuse_actor, refuse_conflicts
from .tables import AgreedRating, Disagreement, Meeting, MeetingItem


def confirm_decision(tx: Transaction, meeting_id: str, disagreement_id: str) -> None:
    """The decision stands. Confirming again changes nothing."""
    meeting, row, made = _of_an_earlier_meeting(tx, meeting_id, disagreement_id)
    if made.confirmed_in is not None:
        return
    states.taken_up_again(row.state, made.quorate, confirmed=False)
    made.confirmed_at, made.confirmed_in = tx.now, meeting.id
    tx.record(DecisionConfirmed(row.id, meeting.id))


def take_up_again(tx: Transaction, meeting_id: str, disagreement_id: str) -> None:
    """The meeting decides anew: the former decision goes with the item, as its draft and on its record."""
    meeting, row, made = _of_an_earlier_meeting(tx, meeting_id, disagreement_id)
    row.state = states.taken_up_again(row.state, made.quorate, made.confirmed_in is not None)
    row.version += 1
    position = select(func.coalesce(func.max(MeetingItem.position), 0)).where(MeetingItem.meeting_id == meeting.id)
    criterion = policy_for(tx, meeting).criteria[row.criterion_key]
    item = MeetingItem(
        area_id=tx.area_id, meeting_id=meeting.id, disagreement_id=row.id, position=1 + tx.session.exec(position).one(),
        former=[texts_of(criterion, made)], draft=as_draft(tx, taken_back(tx, row.id, made)),
    )  # fmt: skip
    tx.session.add(item)
    meeting.version += 1
    tx.record(DecisionReopened(row.id, meeting.id))
    tx.record(ItemsListed(meeting.id, 1))


def _of_an_earlier_meeting(tx: Transaction, meeting_id: str, disagreement_id: str) -> tuple[Meeting, Disagreement, AgreedRating]:
    meeting = meeting_in(tx, meeting_id, UNFINISHED)
    rules.refuse_published(tx.get(Round, meeting.round_id).state)
    row = tx.get(Disagreement, disagreement_id)
    chosen = select(AgreedRating).where(AgreedRating.area_id == tx.area_id, AgreedRating.disagreement_id == row.id)
    made = tx.session.exec(chosen).first()
    if made is None or row.round_id != meeting.round_id or made.meeting_id in (None, meeting.id):
        raise NotFound(MISSING)
    refuse_actor(tx, meeting, row)
    refuse_conflicts(tx, meeting, {row.round_plan_id})
    return meeting, row, made
