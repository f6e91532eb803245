"""Agendas: disagreements go on, come off and change places; a meeting may also list every cell, for a complete re-vote."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlmodel import col, select

from moderation.ledger import Transaction
from moderation.words import InvalidInput, NotFound, Problem

from . import rules
from .drafts import inheriting, with_shared, written_at
from .events import AgendaReordered, ItemsListed, ItemTakenOff, ItemTimed
from .finding import each_cell
from .packing import LONGEST
from .places import leave_question, place_in, places_of, renumber
from .queries import MISSING, released_cells
from .queries_list import FREE
from .question_events import QuestionTakenOff, QuestionTimed
from .question_tables import MeetingQuestion, QuestionItem
from .rows import (
    BEFORE,
    UNFINISHED,
    agenda_of,
    disagreements_of,
    let_stand,
    meeting_in,
    move,
    policy_for,
    refuse_conflicts,
    refuse_published,
)
from .states import DisagreementState
from .tables import Disagreement, Meeting, MeetingItem

Draft = Mapping[str, Any] | None
Reading = Callable[[Mapping[str, str], str], dict[str, str]]


def put_on_agenda(tx: Transaction, meeting_id: str, disagreement_ids: Collection[str]) -> int:
    """List disagreements in a meeting, in the order given; returns how many are new. What is listed there already stays."""
    meeting, new = not_listed(tx, meeting_id, disagreement_ids)
    if new:
        list_rows(tx, meeting, new)
        tx.record(ItemsListed(meeting_id, len(new)))
    return len(new)


def not_listed(tx: Transaction, meeting_id: str, disagreement_ids: Collection[str]) -> tuple[Meeting, list[Disagreement]]:
    """The meeting, and those of the disagreements that are not on its agenda and may go there."""
    meeting = meeting_in(tx, meeting_id, UNFINISHED)
    refuse_published(tx, meeting)
    here = {row.id for _, row in agenda_of(tx, meeting_id)}
    rows = disagreements_of(tx, meeting.round_id)
    new = [_known(rows, wanted) for wanted in dict.fromkeys(disagreement_ids) if wanted not in here]
    refuse_conflicts(tx, meeting, {row.round_plan_id for row in new})
    return meeting, new


def list_rows(tx: Transaction, meeting: Meeting, new: Sequence[Disagreement], reading: Reading = with_shared) -> list[MeetingItem]:
    """Each at the end of the agenda, with what an earlier meeting was writing about it."""
    drafts = drafts_of(tx, [row.id for row in new], reading)
    last = max((item.position for item, _ in agenda_of(tx, meeting.id)), default=0)
    for row in new:
        move(row, DisagreementState.LISTED)
    items = [_item(tx, meeting, row, position) for position, row in enumerate(new, start=last + 1)]
    for item in items:
        left = drafts.get(item.disagreement_id)
        item.draft = inheriting(left, left["values"]) if left else None
    tx.session.add_all(items)
    meeting.version += 1
    return items


def _item(tx: Transaction, meeting: Meeting, row: Disagreement, position: int) -> MeetingItem:
    return MeetingItem(area_id=tx.area_id, meeting_id=meeting.id, disagreement_id=row.id, position=position, former=[])


def drafts_of(tx: Transaction, disagreement_ids: Collection[str], reading: Reading = with_shared) -> dict[str, dict[str, Any]]:
    """What an earlier meeting was writing about them when it left off. `reading`: what of the draft of a question, for those that
    were plans of one."""
    chosen = (
        select(MeetingItem.disagreement_id, MeetingItem.draft, MeetingQuestion.draft)
        .join(QuestionItem, col(QuestionItem.item_id) == MeetingItem.id, isouter=True)
        .join(MeetingQuestion, col(MeetingQuestion.id) == QuestionItem.question_id, isouter=True)
        .where(MeetingItem.area_id == tx.area_id, col(MeetingItem.disagreement_id).in_(disagreement_ids))
        .order_by(col(MeetingItem.step_at))
    )
    found = tx.session.exec(chosen).all()
    written = [(key, _written(own, asked, reading(asked["values"], key) if asked else {})) for key, own, asked in found]
    return dict(sorted(((key, draft) for key, draft in written if draft), key=lambda one: written_at(one[1])))


def _written(own: Draft, asked: Draft, of_question: Mapping[str, str]) -> dict[str, Any] | None:
    """What an item was left with: what was written about it, beside what was written about the question that it stayed with."""
    mine = own["values"] if own else {}
    latest = max((draft for draft in (own, asked) if draft and draft["values"]), key=written_at, default=None)
    notes = dict.fromkeys(values["notes"] for values in (of_question, mine) if values.get("notes"))
    values = {**of_question, **mine} | ({"notes": "\n".join(notes)} if notes else {})
    return {**latest, "window": "", "values": values} if latest and values else None


def list_every_cell(tx: Transaction, meeting_id: str) -> int:
    """Put every comparable cell of the round on the agenda, also those on which everybody agreed (they fire no trigger).
    For a complete re-vote; returns how many are new on the agenda."""
    meeting = meeting_in(tx, meeting_id, UNFINISHED)
    rows = disagreements_of(tx, meeting.round_id)
    known = {(row.round_plan_id, row.criterion_key) for row in rows.values()}
    policy = policy_for(tx, meeting)
    cells = released_cells(tx.session, tx.area_id, meeting.round_id)
    every = [(plan, one.key) for plan, one, marks in each_cell(cells, policy) if rules.comparable(marks, one)]
    tx.session.add_all(
        Disagreement(
            area_id=tx.area_id, round_id=meeting.round_id, round_plan_id=plan, criterion_key=key,
            triggers=[], stake=0.0, reasons=["Listed with every other plan and criterion."],
        )
        for plan, key in every
        if (plan, key) not in known
    )  # fmt: skip
    tx.session.flush()
    free = [row for row in disagreements_of(tx, meeting.round_id).values() if row.state in FREE]
    free.sort(key=lambda row: (-row.stake, row.round_plan_id, row.criterion_key))
    return put_on_agenda(tx, meeting_id, [row.id for row in free])


def take_off(tx: Transaction, meeting_id: str, item_id: str) -> None:
    """Take an item, or a question with all its plans, off an agenda before the meeting starts; it can go into another one."""
    place = place_in(tx, item_id, BEFORE, meeting_id)
    leave_question(tx, [item for item, _ in place.pairs])
    for _, row in place.standing:
        move(row, DisagreementState.FOUND)
    let_stand(tx, [row for _, row in place.pairs])
    for item, _ in place.pairs:
        tx.session.delete(item)
    if place.question:
        tx.session.delete(place.question)
    place.meeting.version += 1
    tx.record(QuestionTakenOff(place.key, meeting_id) if place.question else ItemTakenOff(meeting_id, place.pairs[0][1].id))


def move_item(tx: Transaction, meeting_id: str, item_id: str, step: int) -> int:
    """Move an item, or a question with all its plans, one place up (-1) or down (+1); returns its new place, counted from 1."""
    moving = place_in(tx, item_id, UNFINISHED, meeting_id)
    places = {place.key: place for place in places_of(tx, moving.meeting)}
    order = rules.moved(list(places), moving.key, step)
    renumber([places[key] for key in order])
    moving.meeting.version += 1
    tx.record(AgendaReordered(meeting_id))
    return order.index(moving.key) + 1


def set_minutes(tx: Transaction, meeting_id: str, item_id: str, version: int, minutes: int | None) -> None:
    """Give one item more or less time than usual, before the meeting starts. None, or the usual time, takes that back."""
    place = place_in(tx, item_id, BEFORE, meeting_id)
    if minutes is not None and not 1 <= minutes <= LONGEST:
        raise InvalidInput([Problem("minutes", f"Minutes must be between 1 and {LONGEST}")])
    wanted = None if minutes == place.usual_minutes else minutes
    if wanted == place.holder.minutes:
        return
    tx.fresh(place.holder, version, mine={"minutes": minutes})
    place.holder.minutes = wanted
    place.meeting.version += 1
    timed = QuestionTimed(place.key, meeting_id) if place.question else ItemTimed(meeting_id, place.pairs[0][1].id)
    tx.record(timed)


def _known(rows: dict[str, Disagreement], wanted: str) -> Disagreement:
    if wanted not in rows:
        raise NotFound(MISSING)
    return rows[wanted]
