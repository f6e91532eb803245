"""Items with more or less time than usual, and who is out of an item: both stand on the agenda before anybody is in the room."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from moderation.allocate.events import ConflictRecorded
from moderation.allocate.tables import Conflict
from moderation.moderate import agendas, decisions, filling, invitations, meetings
from moderation.moderate.queries_agenda import MeetingPage, meeting_page
from moderation.moderate.queries_meetings import meeting_facts
from moderation.moderate.queries_out import out_of_items
from moderation.moderate.queries_room import room_page
from moderation.moderate.tables import AgreedRating, MeetingItem
from moderation.words import AgencyKind, InvalidInput, Refused, StaleWrite
from tests.actions.test_moderate_meetings import PLANS, TERMS, agreed, begin, item, list_all, meeting, rows
from tests.build import Person, World, act_as
from tests.build_moderation import ClosedRound, a_routed_round

__all__ = ["meeting"]


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


def page(engine: Engine, world: World, meeting: str) -> MeetingPage:
    with Session(engine) as session:
        return meeting_page(session, world.area_id, meeting_facts(session, world.area_id, meeting))


def set_minutes(engine: Engine, world: World, meeting: str, one: MeetingItem, minutes: int | None) -> None:
    act_as(engine, world.priya, world.area_id, agendas.set_minutes, meeting, one.id, one.version, minutes)


def conflict_of(engine: Engine, world: World, person: Person) -> None:
    def conflict(tx) -> None:  # type: ignore[no-untyped-def]
        row = Conflict(area_id=world.area_id, account_id=person.id, setting="Oak School", reason="Governor", declared_at=tx.now)
        tx.session.add(row)
        tx.record(ConflictRecorded(row.id, person.id))

    act_as(engine, world.grace, world.area_id, conflict)


def test_an_item_with_more_time_moves_those_after_it_and_uses_up_the_meeting(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    list_all(engine, world, meeting)
    before = page(engine, world, meeting)
    first = sorted(rows(engine, MeetingItem), key=lambda row: row.position)[0]
    set_minutes(engine, world, meeting, first, 20)
    after = page(engine, world, meeting)
    assert [one.minutes for one in after.items] == [20, 6, 6, 6]
    assert after.items[1].starts_at - before.items[1].starts_at == timedelta(minutes=14)
    assert after.bar.free == before.bar.free - 14 and after.bar.blocks[1].width == "22.22%"
    set_minutes(engine, world, meeting, rows(engine, MeetingItem)[0], 6)
    (again,) = [row for row in rows(engine, MeetingItem) if row.id == first.id]
    set_minutes(engine, world, meeting, again, None)
    assert [one.minutes for one in page(engine, world, meeting).items] == [6, 6, 6, 6]


def test_filling_counts_the_minutes_set_by_hand(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    short = meetings.MeetingTerms("Short", TERMS.starts_at, minutes=20, minutes_per_item=6)
    planned = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, short)
    assert act_as(engine, world.priya, world.area_id, filling.fill_agenda, planned) == 3
    first, second, third = sorted(rows(engine, MeetingItem), key=lambda row: row.position)
    act_as(engine, world.priya, world.area_id, agendas.take_off, planned, third.id)
    set_minutes(engine, world, planned, first, 12)
    assert act_as(engine, world.priya, world.area_id, filling.fill_agenda, planned) == 0
    set_minutes(engine, world, planned, second, 1)
    assert act_as(engine, world.priya, world.area_id, filling.fill_agenda, planned) == 1


def test_times_that_cannot_be_or_that_somebody_else_changed_are_refused(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    list_all(engine, world, meeting)
    one = rows(engine, MeetingItem)[0]
    for minutes in (0, 121):
        with pytest.raises(InvalidInput):
            set_minutes(engine, world, meeting, one, minutes)
    set_minutes(engine, world, meeting, one, 9)
    set_minutes(engine, world, meeting, one, 9)  # a double click
    with pytest.raises(StaleWrite) as stale:
        set_minutes(engine, world, meeting, one, 12)
    assert (stale.value.mine["minutes"], stale.value.theirs["minutes"]) == (12, 9)
    act_as(engine, world.priya, world.area_id, meetings.start, meeting)
    with pytest.raises(Refused):
        set_minutes(engine, world, meeting, rows(engine, MeetingItem)[0], 12)


def test_the_agenda_says_how_many_invited_people_are_out_of_an_item_and_which_agency_that_empties(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    list_all(engine, world, meeting)
    act_as(engine, world.priya, world.area_id, invitations.invite, meeting, [world.helen.id, world.amina.id, world.tom.id])
    conflict_of(engine, world, world.tom)
    view = page(engine, world, meeting)
    with Session(engine) as session:
        found = out_of_items(session, world.area_id, view.meeting, view.items, view.attending)
    assert found and set(found) == {one.item_id for one in view.items}
    assert {(out.people, out.agencies, out.moderator) for out in found.values()} == {(1, (AgencyKind.CARE,), False)}


def test_the_agenda_says_that_the_moderator_may_not_moderate_a_plan_any_more(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    list_all(engine, world, meeting)
    conflict_of(engine, world, world.priya)
    view = page(engine, world, meeting)
    with Session(engine) as session:
        found = out_of_items(session, world.area_id, view.meeting, view.items, view.attending)
    assert all(out.moderator for out in found.values()) and len(found) == len(view.items)


def test_somebody_who_is_out_of_an_item_does_not_count_for_its_quorum(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    begin(engine, world, meeting)
    wanted = item(engine, closed, "NF-1", "E01").id
    with Session(engine) as session:
        assert room_page(session, world.area_id, meeting, wanted, world.priya.id).attending.missing == ()
    conflict_of(engine, world, world.tom)
    with Session(engine) as session:
        assert room_page(session, world.area_id, meeting, wanted, world.priya.id).attending.missing == (AgencyKind.CARE,)
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed)])
    assert [made.quorate for made in rows(engine, AgreedRating)] == [False]
