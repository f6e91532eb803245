"""A decision is taken up again by the meeting that made it, or falls with a sheet that is withdrawn: what was written becomes a
draft again, so that nothing of it is lost, and the former decision stays with its item."""

from collections.abc import Mapping, Sequence
from typing import Any

from moderation.ledger import Transaction
from moderation.register.criteria import Criterion
from moderation.words import StaleWrite

from .agenda_rows import state_here
from .decisions import present_texts, texts_of
from .drafts import as_draft, draft_of, fields_of_plan
from .events import DecisionReopened
from .lesson_sources import adopted_from, take_from
from .question_decisions import IN_SESSION, agreed_about, criterion_of, present_texts_of_question, question_in
from .question_tables import MeetingQuestion
from .replaced import WHY, bring_back, in_words, shared_with, whole_of
from .rows import action_on, decisions_on, drop_action, item_in, policy_for, refuse_actor
from .states import reopened
from .tables import AgreedRating, Disagreement, MeetingItem

TOGETHER = ("reason", "lesson")  # of a question that was decided in two goes, both are kept


def reopen_item(tx: Transaction, meeting_id: str, item_id: str, version: int) -> None:
    """Take up a decision again, from a page that showed this version of the item. The votes stay as they were revealed."""
    item, meeting, row = item_in(tx, item_id, IN_SESSION, meeting_id)
    refuse_actor(tx, meeting, row)
    criterion = policy_for(tx, meeting).criteria[row.criterion_key]
    if item.version != version:
        raise StaleWrite({"agreed_rating": "reopened"}, present_texts(tx, criterion, item, row))
    _open_again(tx, item, row)
    _undecide(tx, criterion, None, item, row, decisions_on(tx, [row.id])[row.id])
    tx.record(DecisionReopened(row.id, meeting_id))


def reopen_question(tx: Transaction, meeting_id: str, item_id: str, version: int) -> None:
    """The same for a question, with all plans that were decided."""
    place, question = question_in(tx, item_id, meeting_id)
    if question.version != version:
        raise StaleWrite({"agreed_ratings": "reopened"}, present_texts_of_question(tx, place))
    made, criterion = agreed_about(tx, place), criterion_of(tx, place)
    if not made:
        reopened(state_here(*place.pairs[0]))
    for item, row in place.pairs:
        if row.id in made:
            _open_again(tx, item, row)
            _undecide(tx, criterion, question, item, row, made[row.id])
            tx.record(DecisionReopened(row.id, meeting_id))
    question.version += 1


def _open_again(tx: Transaction, item: MeetingItem, row: Disagreement) -> None:
    row.state, row.version, item.step_at = reopened(state_here(item, row)), row.version + 1, tx.now


def _undecide(
    tx: Transaction,
    criterion: Criterion,
    question: MeetingQuestion | None,
    item: MeetingItem,
    row: Disagreement,
    made: AgreedRating,
) -> None:
    """What an earlier meeting had decided without a quorum is there again until this one decides anew."""
    whole = whole_of(item)
    take_back(tx, criterion, question, item, row, made)
    if whole:
        bring_back(tx, row.id, whole)


def take_back(
    tx: Transaction,
    criterion: Criterion,
    question: MeetingQuestion | None,
    item: MeetingItem,
    row: Disagreement,
    made: AgreedRating,
    why: str = "",
) -> None:
    """A decision is the draft of its item again, or goes into that of its question beside what is there."""
    shared = shared_with(tx, row.id, whole_of(item))
    item.former = [*in_words(item), texts_of(criterion, made) | ({WHY: why} if why else {})]
    values = taken_back(tx, row.id, made, shared)
    holder = question or item
    kept: Mapping[str, Any] = holder.draft or {"version": 0, "values": {}}
    if question:
        values = beside(kept["values"], of_question({**values, "notes": item.notes}, row.id))
    if holder.notes:
        values = {"notes": holder.notes} | values
    holder.draft = as_draft(tx, values, kept["version"] + 1)
    item.version += 1


def taken_back(tx: Transaction, disagreement_id: str, made: AgreedRating, shared: Sequence[str]) -> dict[str, str]:
    """The decision, its lesson and its action leave their tables; returns what they said, in the fields of the form. What the lead
    adopted and what a former decision taught too (`shared`) stands; it was said all the same."""
    standing = [*adopted_from(tx, disagreement_id, made.meeting_id), *shared]
    lessons = [*standing, *take_from(tx, disagreement_id, made.meeting_id)]
    values = draft_of(made, list(dict.fromkeys(lessons)), action_on(tx, disagreement_id))
    drop_action(tx, disagreement_id)
    tx.session.delete(made)
    tx.session.flush()
    return values


def of_question(was: Mapping[str, str], disagreement_id: str) -> dict[str, str]:
    """A decision on one plan, in the fields of the form of a question."""
    own = {there: was.get(mine) for mine, there in fields_of_plan(disagreement_id).items()}
    shared = {name: was[name] for name in ("reason", "cause", "lesson", "basis") if was.get(name)}
    return shared | {name: value for name, value in own.items() if value}


def beside(there: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """Of two reasons and two lessons, both: one below the other."""
    both = {name: f"{there[name]}\n{more[name]}" for name in TOGETHER if _differ(there.get(name, ""), more.get(name, ""))}
    return {**there, **more, **both, **{name: there[name] for name in TOGETHER if name in there and name not in both}}


def _differ(there: str, more: str) -> bool:
    return bool(there and more) and f"\n{more}\n" not in f"\n{there}\n"
