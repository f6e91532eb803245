"""A decision being written is kept: for the other moderator, the other laptop, the next server; and two who write see both."""

import pytest
from sqlalchemy import Engine

from moderation.allocate.events import PlansAllocated
from moderation.ledger import EventRow, Via, transaction
from moderation.moderate import decisions, drafts, meetings
from moderation.moderate.tables import AgreedRating, MeetingItem
from moderation.words import NotFound, Refused, StaleWrite
from tests.actions.test_moderate_meetings import PLANS, TERMS, agreed, begin, item, rows
from tests.build import Person, World, a_world, act_as
from tests.build_moderation import ClosedRound, a_routed_round

pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def writing(engine: Engine, world: World, closed: ClosedRound) -> MeetingItem:
    meeting: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    begin(engine, world, meeting)
    return item(engine, closed, "NF-1", "E01")


def save(engine: Engine, world: World, at: MeetingItem, window: str, version: int, reason: str, by: Person | None = None) -> int:
    typed = {"reason": reason, "rating": "2", "csrf_token": "x", "version": "1"}
    kept = act_as(engine, by or world.priya, world.area_id, drafts.save_draft, at.meeting_id, at.id, window, version, typed)
    return int(kept.version)


def draft(engine: Engine, at: MeetingItem) -> dict[str, object]:
    (found,) = [row for row in rows(engine, MeetingItem) if row.id == at.id]
    return found.draft or {}


def test_a_window_that_goes_on_replaces_its_own_draft(engine: Engine, world: World, writing: MeetingItem) -> None:
    assert save(engine, world, writing, "w1", 0, "Two of") == 1
    assert save(engine, world, writing, "w1", 0, "Two of four") == 2  # the first answer never came
    assert save(engine, world, writing, "w1", 2, "Two of four") == 2
    assert draft(engine, writing)["values"] == {"reason": "Two of four", "rating": "2"}


def test_two_windows_that_write_see_both_texts(engine: Engine, world: World, writing: MeetingItem) -> None:
    save(engine, world, writing, "w1", 0, "The first text")
    with pytest.raises(StaleWrite) as clash:
        save(engine, world, writing, "w2", 0, "The second text")
    assert clash.value.mine["reason"] == "The second text" and clash.value.theirs["reason"] == "The first text"
    assert draft(engine, writing)["values"] == {"reason": "The first text", "rating": "2"}
    assert save(engine, world, writing, "w2", 1, "The second text") == 2  # having seen both
    with pytest.raises(StaleWrite):
        save(engine, world, writing, "w1", 1, "The first text, longer")


def test_a_draft_does_not_make_a_decision_stale_and_goes_with_it(
    engine: Engine, world: World, closed: ClosedRound, writing: MeetingItem
) -> None:
    save(engine, world, writing, "w1", 0, "Two of four")
    act_as(engine, world.priya, world.area_id, decisions.decide_item, writing.id, writing.version, agreed(closed))
    assert draft(engine, writing)["values"] == {}
    with pytest.raises(Refused, match="agreed"):
        save(engine, world, writing, "w1", 1, "Two of four, and more")


def test_a_deferred_item_brings_its_draft_into_the_next_meeting(
    engine: Engine, world: World, closed: ClosedRound, writing: MeetingItem
) -> None:
    from moderation.moderate.agendas import put_on_agenda

    save(engine, world, writing, "w1", 0, "Two of four")
    act_as(engine, world.priya, world.area_id, decisions.defer_item, writing.id, writing.version, "The timetable is missing")
    later: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    act_as(engine, world.priya, world.area_id, put_on_agenda, later, [writing.disagreement_id])
    (again,) = [row for row in rows(engine, MeetingItem) if row.meeting_id == later]
    assert again.draft["values"]["reason"] == "Two of four"


def test_only_those_who_may_decide_write_and_no_word_reaches_the_ledger(engine: Engine, world: World, writing: MeetingItem) -> None:
    with pytest.raises(NotFound):
        save(engine, world, writing, "w1", 0, "Mine", by=world.helen)
    elsewhere = a_world(engine, "Southfield", "southfield.example")
    with pytest.raises(NotFound):
        typed = {"reason": "x"}
        act_as(engine, elsewhere.priya, elsewhere.area_id, drafts.save_draft, writing.meeting_id, writing.id, "w", 0, typed)
    save(engine, world, writing, "w1", 0, "Two of four")
    assert not any("Two of" in str(row.content) for row in rows(engine, EventRow))


def test_whoever_allocated_the_plans_writes_nothing_about_them(
    engine: Engine, world: World, closed: ClosedRound, writing: MeetingItem
) -> None:
    """They know which plans the round hides; the pages are not there for them, and the verbs are not either."""
    with transaction(engine, world.priya.actor, Via.PAGE, world.area_id) as tx:
        tx.record(PlansAllocated(closed.id, "draw", 1, "commitment"))
    for verb, *arguments in (
        (drafts.save_draft, writing.meeting_id, writing.id, "w", 0, {"reason": "Mine"}),
        (decisions.decide_item, writing.id, writing.version, agreed(closed)),
        (decisions.defer_item, writing.id, writing.version, "Mine"),
    ):
        with pytest.raises(NotFound):
            act_as(engine, world.priya, world.area_id, verb, *arguments)
    assert draft(engine, writing) == {} and rows(engine, AgreedRating) == []
