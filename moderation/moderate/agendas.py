"""Agendas: disagreements go on, come off and change places; a meeting may also list every cell, for a complete re-vote."""

from collections.abc import Collection
from typing import Any

from sqlmodel import col, select

from moderation.allocate.tables import Round
from moderation.ledger import Transaction
from moderation.words import InvalidInput, NotFound, Problem

from . import rules
from .events import AgendaReordered, ItemsListed, ItemTakenOff, ItemTimed
from .finding import each_cell
from .packing import LONGEST, Choice, fitting, pack
from .queries import MISSING, released_cells
from .queries_conflicts import barred_plans
from .queries_list import FREE
from .rows import BEFORE, UNFINISHED, agenda_of, disagreements_of, item_in, meeting_in, move, policy_for, refuse_conflicts
from .states import DisagreementState
from .tables import Disagreement, Meeting, MeetingItem


def put_on_agenda(tx: Transaction, meeting_id: str, disagreement_ids: Collection[str]) -> int:
    """List disagreements in a meeting, in the order given; returns how many are new. What is listed there already stays."""
    meeting = meeting_in(tx, meeting_id, UNFINISHED)
    rules.refuse_published(tx.get(Round, meeting.round_id).state)
    agenda = agenda_of(tx, meeting_id)
    here = {row.id for _, row in agenda}
    rows = disagreements_of(tx, meeting.round_id)
    new = [_known(rows, wanted) for wanted in dict.fromkeys(disagreement_ids) if wanted not in here]
    refuse_conflicts(tx, meeting, {row.round_plan_id for row in new})
    drafts = _drafts(tx, [row.id for row in new])
    last = max((item.position for item, _ in agenda), default=0)
    for position, row in enumerate(new, start=last + 1):
        move(row, DisagreementState.LISTED)
        item = MeetingItem(area_id=tx.area_id, meeting_id=meeting_id, disagreement_id=row.id, position=position, former=[])
        item.draft = drafts.get(row.id)
        tx.session.add(item)
    if new:
        meeting.version += 1
        tx.record(ItemsListed(meeting_id, len(new)))
    return len(new)


def _drafts(tx: Transaction, disagreement_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """What an earlier meeting was writing about them when it left off."""
    chosen = select(MeetingItem.disagreement_id, MeetingItem.draft).where(MeetingItem.area_id == tx.area_id)
    found = tx.session.exec(chosen.where(col(MeetingItem.disagreement_id).in_(disagreement_ids)).order_by(col(MeetingItem.step_at)))
    return {key: dict(draft) for key, draft in found if draft}


def fill_agenda(tx: Transaction, meeting_id: str) -> int:
    """Put the disagreements worth most into the time that is free, each criterion in one piece, without plans that the
    moderator may not moderate. Returns how many are new; what does not fit waits for another meeting."""
    meeting = meeting_in(tx, meeting_id, BEFORE)
    used = sum(item.minutes or meeting.minutes_per_item for item, _ in agenda_of(tx, meeting_id))
    places = fitting(meeting.minutes, meeting.minutes_per_item, used)
    barred = barred_plans(tx.session, tx.area_id, meeting.round_id, meeting.moderator_id)
    waiting = [row for row in disagreements_of(tx, meeting.round_id).values() if row.state is DisagreementState.FOUND]
    choices = [Choice(row.id, row.criterion_key, row.stake) for row in waiting if row.round_plan_id not in barred]
    return put_on_agenda(tx, meeting_id, pack(choices, places))


def fill_meetings(tx: Transaction, round_id: str) -> tuple[int, int]:
    """The same for every planned meeting of the round, the earliest first: what does not fit into one goes into the next.
    Returns how many are new, and in how many meetings."""
    mine = (Meeting.area_id == tx.area_id, Meeting.round_id == round_id, col(Meeting.state).in_(BEFORE))
    planned = tx.session.exec(select(Meeting.id).where(*mine).order_by(col(Meeting.starts_at), col(Meeting.number))).all()
    added = [fill_agenda(tx, meeting_id) for meeting_id in planned]
    return sum(added), sum(map(bool, added))


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
    """Take an item off an agenda before the meeting starts; it can go into another one."""
    item, meeting, row = item_in(tx, item_id, BEFORE, meeting_id)
    move(row, DisagreementState.FOUND)
    meeting.version += 1
    tx.session.delete(item)
    tx.record(ItemTakenOff(meeting.id, row.id))


def move_item(tx: Transaction, meeting_id: str, item_id: str, step: int) -> int:
    """Move an item one place up (-1) or down (+1); returns its new place, counted from 1."""
    _, meeting, _ = item_in(tx, item_id, UNFINISHED, meeting_id)
    items = {item.id: item for item, _ in agenda_of(tx, meeting.id)}
    order = rules.moved(list(items), item_id, step)
    for position, key in enumerate(order, start=1):
        items[key].position = position
    meeting.version += 1
    tx.record(AgendaReordered(meeting.id))
    return order.index(item_id) + 1


def set_minutes(tx: Transaction, meeting_id: str, item_id: str, version: int, minutes: int | None) -> None:
    """Give one item more or less time than usual, before the meeting starts. None, or the usual time, takes that back."""
    item, meeting, row = item_in(tx, item_id, BEFORE, meeting_id)
    if minutes is not None and not 1 <= minutes <= LONGEST:
        raise InvalidInput([Problem("minutes", f"Minutes must be between 1 and {LONGEST}")])
    wanted = None if minutes == meeting.minutes_per_item else minutes
    if wanted == item.minutes:
        return
    tx.fresh(item, version, mine={"minutes": minutes})
    item.minutes = wanted
    meeting.version += 1
    tx.record(ItemTimed(meeting.id, row.id))


def _known(rows: dict[str, Disagreement], wanted: str) -> Disagreement:
    if wanted not in rows:
        raise NotFound(MISSING)
    return rows[wanted]
