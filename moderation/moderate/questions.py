"""Questions about the guidance on an agenda: several plans of one criterion go on as one item, and one of them may leave it.

What is decided about a question is in `question_decisions.py`; its steps and votes are those of any item (`ballots.py`).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlmodel import col, select

from moderation.ledger import Transaction
from moderation.words import Refused

from .agenda_rows import state_here
from .agendas import list_rows, not_listed
from .drafts import as_draft, fields_of_plan, inheriting, own_draft, values_alone, written_at
from .events import ItemsListed
from .packing import PLANS_MOST
from .places import Place, leave_question, place_in, places_of, renumber
from .question_events import PlanTakenAlone, QuestionListed
from .question_tables import MeetingQuestion, QuestionItem
from .reopening import beside, of_question
from .rows import UNFINISHED, refuse_actor
from .steps import Step, refuse_open_vote
from .tables import Disagreement, Meeting, MeetingItem

FEWEST = 2  # plans that make a question


def put_question(tx: Transaction, meeting_id: str, disagreement_ids: Collection[str]) -> int:
    """Put disagreements of one criterion on an agenda as one question; returns how many plans are new. They join the meeting's
    question about this criterion, if it has one; what is listed in the meeting already stays where it is."""
    meeting, new = not_listed(tx, meeting_id, disagreement_ids)
    if not new:
        return 0
    if len({row.criterion_key for row in new}) > 1:
        raise Refused("A question about the guidance is about one criterion. Choose plans that differ on the same one.")
    asked = _asked(tx, meeting, new[0].criterion_key)
    if asked is None and len(new) < FEWEST:
        list_rows(tx, meeting, new)
        tx.record(ItemsListed(meeting_id, len(new)))
        return len(new)
    _refuse_late(asked, len(new))
    _add(tx, meeting, asked, new)
    return len(new)


def _asked(tx: Transaction, meeting: Meeting, criterion_key: str) -> Place | None:
    """The question about a criterion that the meeting has already."""
    places = places_of(tx, meeting)
    return next((place for place in places if place.question and place.question.criterion_key == criterion_key), None)


def _refuse_late(asked: Place | None, more: int) -> None:
    here = len(asked.pairs) if asked else 0
    if here + more > PLANS_MOST:
        raise Refused(f"A question can hold {PLANS_MOST} plans: more cannot be looked at in one go. Choose fewer.")
    if asked and (not asked.standing or asked.standing[0][0].step in (Step.VOTING, Step.REVEALED)):
        raise Refused("The meeting has voted on this question or decided it already. Add the plan as an item of its own.")


def _add(tx: Transaction, meeting: Meeting, asked: Place | None, new: Sequence[Disagreement]) -> None:
    """New plans stand where the question stands, at the step where it is."""
    items = list_rows(tx, meeting, new, values_alone)
    question = asked.question if asked and asked.question else _new_question(tx, meeting, new)
    question.draft = _with_own(tx, question, items)
    leader = asked.standing[0][0] if asked else items[0]
    for item in items:
        item.position, item.step, item.ballot_number = leader.position, leader.step, leader.ballot_number
        item.step_at, item.opened_at = leader.step_at, leader.opened_at
        item.draft = None  # what is written is written about the question
    question.version += 1 if asked else 0
    tx.session.flush()
    tx.session.add_all(QuestionItem(area_id=tx.area_id, question_id=question.id, item_id=item.id) for item in items)
    tx.record(QuestionListed(question.id, meeting.id, len(new)))


def _with_own(tx: Transaction, question: MeetingQuestion, items: Sequence[MeetingItem]) -> dict[str, Any] | None:
    """What was written about the plans one by one is written about the question from now on."""
    kept: Mapping[str, Any] = question.draft or {"version": 0, "values": {}}
    drafts = [(item.disagreement_id, item.draft) for item in items if item.draft]
    own = [(key, draft["values"]) for key, draft in drafts if _is_newer(draft, kept, key)]
    if not own:
        return question.draft
    values, inherited = kept["values"], kept.get("inherited", {})
    for key, written in own:  # what is listed brings only what an earlier meeting wrote
        values, inherited = (beside(there, of_question(written, key)) for there in (values, inherited))
    return inheriting(as_draft(tx, values, kept["version"] + 1), inherited)


def _is_newer(own: Mapping[str, Any], kept: Mapping[str, Any], disagreement_id: str) -> bool:
    """Was it written after what the draft of the question says about the plan, if that says anything?"""
    said_there = kept["values"].keys() & fields_of_plan(disagreement_id).values()
    return not said_there or written_at(own) > written_at(kept)


def _new_question(tx: Transaction, meeting: Meeting, rows: Sequence[Disagreement]) -> MeetingQuestion:
    question = MeetingQuestion(area_id=tx.area_id, meeting_id=meeting.id, criterion_key=rows[0].criterion_key)
    question.draft = _written_before(tx, [row.id for row in rows])
    tx.session.add(question)
    return question


def _written_before(tx: Transaction, disagreement_ids: Collection[str]) -> dict[str, Any] | None:
    """What an earlier meeting wrote last about a question with any of these plans."""
    chosen = (
        select(MeetingQuestion.draft)
        .join(QuestionItem, col(QuestionItem.question_id) == MeetingQuestion.id)
        .join(MeetingItem, col(MeetingItem.id) == QuestionItem.item_id)
        .where(MeetingQuestion.area_id == tx.area_id, col(MeetingItem.disagreement_id).in_(disagreement_ids))
        .order_by(col(MeetingItem.step_at).desc())
    )
    found = [inheriting(draft, draft["values"]) for draft in tx.session.exec(chosen) if draft and draft["values"]]
    return max(found, key=written_at, default=None)


def take_alone(tx: Transaction, meeting_id: str, item_id: str) -> None:
    """One plan leaves its question and is discussed by itself, right after it. What was typed about it goes along."""
    place = place_in(tx, item_id, UNFINISHED, meeting_id)
    item, row = next(pair for pair in place.pairs if pair[0].id == item_id)
    refuse_actor(tx, place.meeting, row)
    if place.question is None:
        return
    refuse_open_vote(item.step)
    if (item, row) not in place.standing:
        raise Refused(f"This plan is {state_here(item, row).words}, so it stays with its question.")
    leave_question(tx, [item])
    item.draft, item.step_at = own_draft(tx, place.question, row), None
    place.question.version += 1
    item.version += 1
    _after(tx, place, item)
    tx.record(PlanTakenAlone(row.id, meeting_id, place.question.id))


def _after(tx: Transaction, left: Place, item: MeetingItem) -> None:
    """The item stands right after the question; a question without plans goes."""
    assert left.question
    if len(left.pairs) == 1:
        tx.session.delete(left.question)
        return
    order = places_of(tx, left.meeting)
    alone = next(place for place in order if place.key == item.id)
    rest = [place for place in order if place is not alone]
    at = 1 + next(at for at, place in enumerate(rest) if place.key == left.question.id)
    renumber([*rest[:at], alone, *rest[at:]])
