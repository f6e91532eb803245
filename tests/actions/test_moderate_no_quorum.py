"""A decision without a quorum is there until another one takes its place: nothing that a next meeting begins and leaves loses it,
and only a meeting that is held confirms it."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, update
from sqlmodel import Session

from moderation.moderate import actions, agendas, confirmations, decisions, drafts, follow_up, meetings, reopening
from moderation.moderate.ballots import take_up
from moderation.moderate.meeting_rules import ActionState
from moderation.moderate.queries_agenda import agenda_items
from moderation.moderate.queries_carried import carried_over, unconfirmed
from moderation.moderate.queries_cells import cell_view
from moderation.moderate.queries_meetings import meeting_facts
from moderation.moderate.queries_minutes import minutes_page
from moderation.moderate.states import DisagreementState
from moderation.moderate.tables import AgreedRating, Lesson, MeetingItem, PlanAction
from moderation.words import InvalidInput, Refused
from tests.actions.test_moderate_meetings import agreed, cell, rows
from tests.actions.test_moderate_next_meetings import AMEND, PLANS, do, first, new_meeting
from tests.build import World, act_as
from tests.build_moderation import ClosedRound, a_routed_round

__all__ = ["first"]


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


def kept(engine: Engine) -> tuple[object, ...]:
    """All there is of the decision."""
    (made,), (lesson,), (action,) = (rows(engine, table) for table in (AgreedRating, Lesson, PlanAction))
    return made, lesson.text, lesson.state, action


def again(engine: Engine, world: World, closed: ClosedRound) -> str:
    second = new_meeting(engine, world, closed)
    do(engine, world, confirmations.take_up_again, second, cell(engine, closed, "NF-1", "E01").id)
    return second


def item_of(engine: Engine, meeting: str) -> MeetingItem:
    (found,) = [row for row in rows(engine, MeetingItem) if row.meeting_id == meeting]
    return found


def leave(engine: Engine, world: World, meeting: str, how: str) -> None:
    def act(verb, *arguments: object) -> None:  # type: ignore[no-untyped-def]
        act_as(engine, world.priya, world.area_id, verb, *arguments)

    listed = item_of(engine, meeting)
    if how == "taken off":
        return act(agendas.take_off, meeting, listed.id)
    if how == "cancelled":
        return act(meetings.cancel_meeting, meeting)
    act(meetings.begin, meeting, [world.helen.id, world.amina.id])
    if how == "deferred":
        act(decisions.defer_item, listed.id, listed.version, "No time")
    if how == "discussed":
        vote = decisions.Vote(rows(engine, AgreedRating)[0].round_plan_id, "E01", world.helen.id, 3)
        act(decisions.record_revotes, meeting, [vote])
    return act(meetings.conclude, meeting)


@pytest.mark.parametrize("how", ["taken off", "cancelled", "not reached", "deferred", "discussed"])
def test_what_is_taken_up_again_and_left_stays_decided_as_it_was_and_unconfirmed(
    engine: Engine, world: World, closed: ClosedRound, first: str, how: str
) -> None:
    before, state = kept(engine), cell(engine, closed, "NF-1", "E01").state
    leave(engine, world, again(engine, world, closed), how)
    assert kept(engine) == before and cell(engine, closed, "NF-1", "E01").state is state
    act_as(engine, world.priya, world.area_id, actions.defer_rest, closed.id)
    with pytest.raises(Refused, match="has confirmed it or decided it again"):
        act_as(engine, world.grace, world.area_id, actions.publish_round, closed.id)
    third = new_meeting(engine, world, closed)
    with Session(engine) as session:
        left = carried_over(session, world.area_id, meeting_facts(session, world.area_id, third), world.priya.id)
    (line,) = [one for one in left if (one.references, one.key) == ("NF-1", "E01")]
    assert (line.why, line.to_confirm) == ("Decided without quorum in Meeting 1: Requires improvement", True)
    do(engine, world, confirmations.take_up_again, third, cell(engine, closed, "NF-1", "E01").id)
    assert item_of(engine, third).draft["values"]["lesson"] == "Say how many."


def test_the_minutes_of_a_meeting_that_did_not_decide_again_claim_no_decision(
    engine: Engine, world: World, closed: ClosedRound, first: str
) -> None:
    second = again(engine, world, closed)
    leave(engine, world, second, "deferred")
    with Session(engine) as session:
        (kept,) = minutes_page(session, world.area_id, second).record.items
    assert kept.agreed is None and kept.deferred_reason == "No time"


def test_while_a_meeting_decides_again_the_former_decision_is_its_draft_only(
    engine: Engine, world: World, closed: ClosedRound, first: str
) -> None:
    second = again(engine, world, closed)
    with Session(engine) as session:
        facts = meeting_facts(session, world.area_id, second)
        shown = cell_view(session, world.area_id, facts.round, cell(engine, closed, "NF-1", "E01").id, second)
        assert (shown.agreed, shown.lessons, shown.action) == (None, (), None) and shown.is_open
        assert "E01" not in {one.key for one in carried_over(session, world.area_id, facts, world.priya.id) if one.to_confirm}


def test_what_a_meeting_wrote_when_it_decided_again_goes_on_to_the_next(
    engine: Engine, world: World, closed: ClosedRound, first: str
) -> None:
    second = again(engine, world, closed)
    act_as(engine, world.priya, world.area_id, meetings.begin, second, [world.helen.id])
    written = {"reason": "Three outcomes have none.", "rating": "1"}
    found = item_of(engine, second)
    act_as(engine, world.priya, world.area_id, take_up, second, found.id)
    act_as(engine, world.priya, world.area_id, drafts.save_draft, second, found.id, "w", 1, written)
    act_as(engine, world.priya, world.area_id, meetings.conclude, second)
    assert item_of(engine, again(engine, world, closed)).draft["values"] == written


def test_taking_up_again_twice_lists_it_once(engine: Engine, world: World, closed: ClosedRound, first: str) -> None:
    second = again(engine, world, closed)
    do(engine, world, confirmations.take_up_again, second, cell(engine, closed, "NF-1", "E01").id)
    assert item_of(engine, second).position == 1
    act_as(engine, world.priya, world.area_id, meetings.begin, second, [world.helen.id])
    with pytest.raises(Refused, match="decides it again"):
        do(engine, world, confirmations.confirm_decision, second, cell(engine, closed, "NF-1", "E01").id)


def test_a_meeting_that_is_not_held_confirms_nothing(engine: Engine, world: World, closed: ClosedRound, first: str) -> None:
    second = new_meeting(engine, world, closed)
    with pytest.raises(Refused, match="has not begun"):
        do(engine, world, confirmations.confirm_decision, second, cell(engine, closed, "NF-1", "E01").id)
    with Session(engine) as session:
        assert unconfirmed(session, world.area_id, closed.id) == 1


def test_what_a_meeting_decides_while_it_is_held_is_not_for_another_one_yet(
    engine: Engine, world: World, closed: ClosedRound
) -> None:
    one, other = new_meeting(engine, world, closed), new_meeting(engine, world, closed)
    wanted = cell(engine, closed, "NF-1", "E01").id
    for meeting, listed in ((one, wanted), (other, cell(engine, closed, "NF-2", "E01").id)):
        act_as(engine, world.priya, world.area_id, agendas.put_on_agenda, meeting, [listed])
        act_as(engine, world.priya, world.area_id, meetings.begin, meeting, [world.helen.id])
    act_as(engine, world.priya, world.area_id, decisions.decide, one, [agreed(closed)])
    for verb in (confirmations.confirm_decision, confirmations.take_up_again):
        with pytest.raises(Refused, match="still held"):
            do(engine, world, verb, other, wanted)


def decide_and_reopen(engine: Engine, world: World, closed: ClosedRound, **changed: object) -> str:
    second = again(engine, world, closed)
    act_as(engine, world.priya, world.area_id, meetings.begin, second, [world.helen.id])
    act_as(engine, world.priya, world.area_id, decisions.decide, second, [agreed(closed, value=1, **changed)])
    found = item_of(engine, second)
    act_as(engine, world.priya, world.area_id, reopening.reopen_item, second, found.id, found.version)
    return second


def defer_there(engine: Engine, world: World, meeting: str) -> None:
    act_as(engine, world.priya, world.area_id, meetings.begin, meeting, [world.helen.id])
    found = item_of(engine, meeting)
    act_as(engine, world.priya, world.area_id, decisions.defer_item, found.id, found.version, "No time")


def test_what_is_taken_up_again_and_deferred_is_left_over_only_when_that_meeting_ends(
    engine: Engine, world: World, closed: ClosedRound, first: str
) -> None:
    def left(meeting: str) -> list[bool]:
        with Session(engine) as session:
            lines = carried_over(session, world.area_id, meeting_facts(session, world.area_id, meeting), world.priya.id)
            return [one.to_confirm for one in lines if (one.references, one.key) == ("NF-1", "E01")]

    second = again(engine, world, closed)
    defer_there(engine, world, second)
    third = new_meeting(engine, world, closed)
    assert left(third) == []
    act_as(engine, world.priya, world.area_id, meetings.conclude, second)
    assert left(third) == [True]


@pytest.mark.parametrize("decided_before", [True, False])
def test_what_a_meeting_defers_and_another_lists_stays_there_when_the_first_ends(
    engine: Engine, world: World, closed: ClosedRound, first: str, decided_before: bool
) -> None:
    reference = "NF-1" if decided_before else "NF-2"
    wanted, second = cell(engine, closed, reference, "E01").id, new_meeting(engine, world, closed)
    put = confirmations.take_up_again if decided_before else agendas.put_on_agenda
    act_as(engine, world.priya, world.area_id, put, second, wanted if decided_before else [wanted])
    defer_there(engine, world, second)
    third = new_meeting(engine, world, closed)
    act_as(engine, world.priya, world.area_id, agendas.put_on_agenda, third, [wanted])
    act_as(engine, world.priya, world.area_id, meetings.conclude, second)
    assert cell(engine, closed, reference, "E01").state is DisagreementState.LISTED
    act_as(engine, world.priya, world.area_id, meetings.begin, third, [world.helen.id])
    act_as(engine, world.priya, world.area_id, decisions.decide, third, [agreed(closed, reference, value=3)])
    found = [row for row in rows(engine, AgreedRating) if row.disagreement_id == wanted]
    assert [(made.value, made.meeting_id) for made in found] == [(3, third)]


MORE = replace(AMEND, text="Add a measure to all outcomes.")


@pytest.mark.parametrize("changed", [{}, {"lesson": "Another.", "action": MORE}, {"lesson": "Say how many.", "action": AMEND}])
def test_a_decision_that_was_made_again_and_reopened_stands_as_it_was_and_unconfirmed(
    engine: Engine, world: World, closed: ClosedRound, first: str, changed: dict[str, object]
) -> None:
    before, state, (lesson,) = kept(engine), cell(engine, closed, "NF-1", "E01").state, rows(engine, Lesson)
    second = decide_and_reopen(engine, world, closed, **changed)
    assert item_of(engine, second).draft["values"].get("lesson", "") == changed.get("lesson", "")  # nothing typed is lost
    assert kept(engine) == before and cell(engine, closed, "NF-1", "E01").state is DisagreementState.DISCUSSED
    act_as(engine, world.priya, world.area_id, meetings.conclude, second)
    assert (kept(engine), rows(engine, Lesson)) == (before, [lesson]) and cell(engine, closed, "NF-1", "E01").state is state
    act_as(engine, world.priya, world.area_id, actions.defer_rest, closed.id)
    with pytest.raises(Refused, match="has confirmed it or decided it again"):
        act_as(engine, world.grace, world.area_id, actions.publish_round, closed.id)
    third = new_meeting(engine, world, closed)
    act_as(engine, world.priya, world.area_id, meetings.begin, third, [world.helen.id])
    do(engine, world, confirmations.confirm_decision, third, cell(engine, closed, "NF-1", "E01").id)
    act_as(engine, world.priya, world.area_id, meetings.conclude, third)
    assert act_as(engine, world.grace, world.area_id, actions.publish_round, closed.id) > 0


def test_what_was_reopened_is_decided_anew_and_reopened_once_more(
    engine: Engine, world: World, closed: ClosedRound, first: str
) -> None:
    before, second = kept(engine), decide_and_reopen(engine, world, closed)
    act_as(engine, world.priya, world.area_id, decisions.decide, second, [agreed(closed, value=3)])
    assert [made.value for made in rows(engine, AgreedRating)] == [3] and rows(engine, Lesson) == rows(engine, PlanAction) == []
    found = item_of(engine, second)
    act_as(engine, world.priya, world.area_id, reopening.reopen_item, second, found.id, found.version)
    assert kept(engine) == before
    with Session(engine) as session:
        (shown,) = agenda_items(session, world.area_id, meeting_facts(session, world.area_id, second))
    ratings = [("Requires improvement", False), ("Inadequate", False), ("Good", False)]
    assert [(one["agreed_rating"], "whole" in one) for one in shown.former] == ratings
    act_as(engine, world.priya, world.area_id, meetings.conclude, second)
    assert "whole" not in str(item_of(engine, second).former)


def settle(engine: Engine, world: World) -> PlanAction:
    (action,) = rows(engine, PlanAction)
    act_as(engine, world.grace, world.area_id, follow_up.settle_action, action.id, action.version, ActionState.DONE, "Amended.")
    return rows(engine, PlanAction)[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize("wanted", [AMEND, None])
def test_what_is_done_about_a_plan_stays_done_when_its_item_is_decided_again(
    engine: Engine, world: World, closed: ClosedRound, first: str, wanted: decisions.WantedAction | None
) -> None:
    done = settle(engine, world)
    second = again(engine, world, closed)
    act_as(engine, world.priya, world.area_id, meetings.begin, second, [world.helen.id])
    act_as(engine, world.priya, world.area_id, decisions.decide, second, [agreed(closed, value=1, action=wanted)])
    (action,) = rows(engine, PlanAction)
    assert (action.id, action.state, action.note, action.settled_by) == (done.id, ActionState.DONE, "Amended.", world.grace.id)


def test_other_work_that_a_new_decision_asks_for_is_open_and_says_what_was_done_before(
    engine: Engine, world: World, closed: ClosedRound, first: str
) -> None:
    settle(engine, world)
    second = again(engine, world, closed)
    act_as(engine, world.priya, world.area_id, meetings.begin, second, [world.helen.id])
    more = replace(AMEND, text="Add a measure to all outcomes.")
    act_as(engine, world.priya, world.area_id, decisions.decide, second, [agreed(closed, action=more)])
    (action,) = rows(engine, PlanAction)
    noted = f"Asked for before: {AMEND.text.rstrip(chr(46))}. Done: Amended."
    assert (action.text, action.state, action.note, action.meeting_id) == (more.text, ActionState.OPEN, noted, second)
    act_as(engine, world.priya, world.area_id, meetings.conclude, second)
    with Session(engine) as session:
        (made,) = minutes_page(session, world.area_id, second).record.actions
    assert made.action and (made.action.text, made.action.noted) == (more.text, noted)


def test_an_action_that_was_opened_again_goes_with_its_decision(
    engine: Engine, world: World, closed: ClosedRound, first: str
) -> None:
    done = settle(engine, world)
    act_as(engine, world.grace, world.area_id, follow_up.open_again, done.id, done.version)
    second = again(engine, world, closed)
    act_as(engine, world.priya, world.area_id, meetings.begin, second, [world.helen.id])
    act_as(engine, world.priya, world.area_id, decisions.decide, second, [agreed(closed)])
    assert rows(engine, PlanAction) == []


def test_other_work_goes_with_the_decision_that_asked_for_it_and_what_was_done_before_is_there_again(
    engine: Engine, world: World, closed: ClosedRound, first: str
) -> None:
    done = settle(engine, world)
    second = decide_and_reopen(engine, world, closed, action=MORE)
    act_as(engine, world.priya, world.area_id, decisions.decide, second, [agreed(closed)])
    assert rows(engine, PlanAction) == [done]


def test_what_the_meeting_decided_is_told_apart_from_what_an_earlier_one_had(
    engine: Engine, world: World, closed: ClosedRound, first: str
) -> None:
    second = decide_and_reopen(engine, world, closed)
    assert [one.get("why") for one in item_of(engine, second).former] == ["earlier", None]


def test_a_lesson_that_both_decisions_teach_stays_one(engine: Engine, world: World, closed: ClosedRound, first: str) -> None:
    (before,) = rows(engine, Lesson)
    second = again(engine, world, closed)
    act_as(engine, world.priya, world.area_id, meetings.begin, second, [world.helen.id])
    act_as(engine, world.priya, world.area_id, decisions.decide, second, [agreed(closed, lesson="Say how many.")])
    assert rows(engine, Lesson) == [before]


def test_an_action_that_an_earlier_meeting_asked_for_keeps_its_date(
    engine: Engine, world: World, closed: ClosedRound, first: str
) -> None:
    second, asked_for, earlier = again(engine, world, closed), date(2026, 11, 2), date(2026, 11, 3)
    with Session(engine) as session:  # the day has come, and the item is taken up again
        session.exec(update(PlanAction).values(due_on=asked_for))
        session.commit()
    act_as(engine, world.priya, world.area_id, meetings.begin, second, [world.helen.id])
    with pytest.raises(InvalidInput, match="before the day of the meeting"):
        decide = agreed(closed, action=replace(AMEND, due_on=earlier))
        act_as(engine, world.priya, world.area_id, decisions.decide, second, [decide])
    made = agreed(closed, action=replace(AMEND, due_on=asked_for))
    act_as(engine, world.priya, world.area_id, decisions.decide, second, [made])
    assert [row.due_on for row in rows(engine, PlanAction)] == [asked_for]
