"""Minutes: written when the meeting ends, noted, approved by the chair, published; approved ones never change again."""

from datetime import date

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, delete

from moderation.ledger import OPERATOR, EventRow, Via, transaction
from moderation.moderate import decisions, meetings, minutes, reopening
from moderation.moderate.decisions import Vote, WantedAction
from moderation.moderate.events import MinutesNoted
from moderation.moderate.meeting_rules import ActionKind, MinutesState
from moderation.moderate.queries_minutes import MinutesPage, minutes_page
from moderation.moderate.record import digest_of
from moderation.moderate.states import MeetingState
from moderation.moderate.tables import Lesson, Meeting, MeetingMinutes, MinutesAddendum, PlanAction
from moderation.post import Outbox
from moderation.words import InvalidInput, NotFound, Refused, StaleWrite
from tests.actions.test_moderate_meetings import PLANS, TERMS, agreed, begin, item, rows
from tests.build import Person, World, a_world, act_as
from tests.build_moderation import ClosedRound, a_routed_round

AMEND = WantedAction(ActionKind.AMEND, "Amend E2 and E3", "SEND team manager", date(2027, 1, 29))


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def over(engine: Engine, world: World, closed: ClosedRound) -> str:
    """A meeting that voted on one item, decided it with an action, and ended."""
    meeting: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    begin(engine, world, meeting)
    given = ((world.helen, 2), (world.amina, 2), (world.tom, 3))
    votes = [Vote(closed.plans["NF-1"], "E01", person.id, value) for person, value in given]
    act_as(engine, world.priya, world.area_id, decisions.record_revotes, meeting, votes)
    made = agreed(closed, action=AMEND, notes="Long talk about E2.")
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [made])
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    return meeting


def page(engine: Engine, world: World, meeting: str) -> MinutesPage:
    with Session(engine) as session:
        return minutes_page(session, world.area_id, meeting)


def do(engine: Engine, world: World, person: Person, verb, meeting: str, *rest: object) -> None:  # type: ignore[no-untyped-def]
    act_as(engine, person, world.area_id, verb, meeting, *rest)


def approve(engine: Engine, world: World, meeting: str) -> None:
    do(engine, world, world.priya, minutes.approve_minutes, meeting, page(engine, world, meeting).version)


def test_a_meeting_that_ends_leaves_its_minutes(engine: Engine, world: World, over: str) -> None:
    found = page(engine, world, over)
    assert found.state is MinutesState.DRAFT and found.record.chair == "Priya Nair"
    (decided,) = found.record.decided
    assert decided.agreed and decided.agreed.rating == "Requires improvement" and decided.votes == {"2": 2, "3": 1}
    assert decided.action and decided.action.owner == "SEND team manager" and decided.notes == "Long talk about E2."
    assert not any(auditor.evidence for auditor in decided.auditors)


def test_before_and_after_compares_linked_votes_only(engine: Engine, world: World, closed: ClosedRound) -> None:
    meeting: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    begin(engine, world, meeting, world.helen, world.amina, world.robert, world.shirin)
    people = ((world.helen, 2), (world.amina, 2), (world.robert, 4), (world.shirin, 1))
    votes = [Vote(closed.plans["NF-1"], "E01", person.id, value) for person, value in people]
    votes.append(Vote(closed.plans["NF-2"], "E01", world.helen.id, 3))
    votes.append(Vote(closed.plans["NF-2"], "E01", world.amina.id, None))
    act_as(engine, world.priya, world.area_id, decisions.record_revotes, meeting, votes)
    made = [agreed(closed), agreed(closed, "NF-2", value=3)]
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, made)
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    by_plan = {one.plan: one for one in page(engine, world, meeting).record.decided}
    assert (by_plan["NF-1"].same_before, by_plan["NF-1"].same_after) == (False, True)
    assert (by_plan["NF-2"].same_before, by_plan["NF-2"].same_after, by_plan["NF-2"].cannot_judge) == (None, None, 1)


def test_only_the_chair_approves_and_only_what_was_read(engine: Engine, world: World, over: str) -> None:
    with pytest.raises(Refused, match="Only the chair"):
        do(engine, world, world.grace, minutes.approve_minutes, over, 0)
    do(engine, world, world.priya, minutes.note_minutes, over, 0, "Apologies from care.")
    with pytest.raises(StaleWrite):
        do(engine, world, world.priya, minutes.approve_minutes, over, 0)
    approve(engine, world, over)
    do(engine, world, world.priya, minutes.approve_minutes, over, 0)
    found = page(engine, world, over)
    assert found.state is MinutesState.APPROVED and found.approved_by == "Priya Nair" and found.notes == "Apologies from care."


def test_the_chair_is_asked_by_letter_and_can_give_the_draft_back(engine: Engine, world: World, over: str) -> None:
    do(engine, world, world.grace, minutes.send_to_chair, over, 0)
    assert page(engine, world, over).state is MinutesState.WAITING
    (letter,) = rows(engine, Outbox)
    assert letter.recipient == "priya.nair@northfield.example" and "NF-" not in letter.body
    do(engine, world, world.priya, minutes.take_back, over, 1)
    assert page(engine, world, over).state is MinutesState.DRAFT


def test_nothing_is_published_that_the_chair_has_not_approved(engine: Engine, world: World, over: str) -> None:
    with pytest.raises(Refused, match="draft"):
        do(engine, world, world.grace, minutes.publish_minutes, over)
    approve(engine, world, over)
    do(engine, world, world.grace, minutes.publish_minutes, over)
    do(engine, world, world.grace, minutes.publish_minutes, over)
    assert page(engine, world, over).state is MinutesState.PUBLISHED
    assert [row.state for row in rows(engine, Meeting)] == [MeetingState.MINUTES_PUBLISHED]


def test_approved_minutes_are_corrected_by_addendum_only(engine: Engine, world: World, over: str) -> None:
    with pytest.raises(Refused, match="not approved"):
        do(engine, world, world.priya, minutes.add_addendum, over, "Tom was there.", "Left out.")
    approve(engine, world, over)
    with pytest.raises(Refused, match="addendum only"):
        do(engine, world, world.priya, minutes.note_minutes, over, 1, "Other notes")
    for given in (("", "Left out."), ("Tom was there.", " ")):
        with pytest.raises(InvalidInput):
            do(engine, world, world.priya, minutes.add_addendum, over, *given)
    for _ in range(2):
        do(engine, world, world.priya, minutes.add_addendum, over, "Tom was there.", "Left out.")
    (found,) = page(engine, world, over).addenda
    assert (found.number, found.text, found.author) == (1, "Tom was there.", "Priya Nair")


@pytest.mark.parametrize(
    "change", ["notes = 'x'", "content = '{}'", "state = 'draft'", "approved_by = NULL", "content_sha256 = 'x'"]
)
def test_the_database_itself_keeps_approved_minutes(engine: Engine, world: World, over: str, change: str) -> None:
    approve(engine, world, over)
    with pytest.raises(DatabaseError), engine.execution_options(writes=True).begin() as connection:
        connection.execute(text(f"UPDATE meeting_minutes SET {change}"))


def test_the_database_itself_keeps_an_addendum(engine: Engine, world: World, over: str) -> None:
    approve(engine, world, over)
    do(engine, world, world.priya, minutes.add_addendum, over, "Tom was there.", "Left out.")
    with pytest.raises(DatabaseError), engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("UPDATE minutes_addendum SET text = 'Tom was not there.'"))
    assert [row.text for row in rows(engine, MinutesAddendum)] == ["Tom was there."]


def test_the_digest_in_the_ledger_is_that_of_the_approved_text(engine: Engine, world: World, over: str) -> None:
    do(engine, world, world.priya, minutes.note_minutes, over, 0, "Apologies from care.")
    approve(engine, world, over)
    (kept,) = rows(engine, MeetingMinutes)
    (event,) = [row for row in rows(engine, EventRow) if row.name == "MinutesMoved"]
    assert event.content["content_sha256"] == kept.content_sha256 == digest_of(kept.content, kept.notes)
    assert set(event.content) == {"meeting_id", "state", "content_sha256"}


def test_what_happens_to_a_plan_later_does_not_change_the_minutes(
    engine: Engine, world: World, closed: ClosedRound, over: str
) -> None:
    before = page(engine, world, over).record
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        tx.session.execute(delete(PlanAction))
        tx.session.execute(delete(Lesson))
        tx.record(MinutesNoted(over))
    assert page(engine, world, over).record == before


def test_another_chair_approves_when_the_meeting_is_handed_over(engine: Engine, world: World, over: str) -> None:
    from moderation.people.tables import Membership
    from moderation.words import Role

    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        seat = Membership(area_id=world.area_id, account_id=world.ruth.id, role=Role.MODERATOR, starts_on=date(2024, 1, 1))
        tx.session.add(seat)
        tx.record(MinutesNoted(over))
    act_as(engine, world.priya, world.area_id, meetings.hand_over, over, world.ruth.id)
    with pytest.raises(Refused, match="Only the chair"):
        do(engine, world, world.priya, minutes.approve_minutes, over, 0)
    do(engine, world, world.ruth, minutes.approve_minutes, over, 0)
    assert page(engine, world, over).approved_by == "Ruth Adeyemi"


def test_minutes_of_a_meeting_that_ended_before_they_were_kept_are_written_when_needed(
    engine: Engine, world: World, over: str
) -> None:
    kept = page(engine, world, over).record
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("DELETE FROM meeting_minutes"))
    assert page(engine, world, over).record == kept
    approve(engine, world, over)
    assert page(engine, world, over).record == kept and len(rows(engine, MeetingMinutes)) == 1


def test_minutes_of_another_area_are_not_there(engine: Engine, world: World, over: str) -> None:
    elsewhere = a_world(engine, "Southfield", "southfield.example")
    for verb, rest in ((minutes.approve_minutes, (0,)), (minutes.note_minutes, (0, "x")), (minutes.publish_minutes, ())):
        with pytest.raises(NotFound):
            act_as(engine, elsewhere.priya, elsewhere.area_id, verb, over, *rest)
    with Session(engine) as session, pytest.raises(NotFound):
        minutes_page(session, elsewhere.area_id, over)


def test_reopening_takes_the_action_and_the_lesson_back(engine: Engine, world: World, closed: ClosedRound) -> None:
    meeting: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    begin(engine, world, meeting)
    made = agreed(closed, action=AMEND, lesson="Say how many.", dissent="It is good.", dissenter="Tom Evans")
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [made])
    found = item(engine, closed, "NF-1", "E01")
    act_as(engine, world.priya, world.area_id, reopening.reopen_item, meeting, found.id, found.version)
    assert rows(engine, PlanAction) == [] and rows(engine, Lesson) == []
    draft = item(engine, closed, "NF-1", "E01").draft
    assert draft and draft["values"] == {
        "rating": "2", "basis": "majority", "reason": "Two of four outcomes have no measure.", "dissent": "named",
        "dissent_text": "It is good.", "dissenter": "Tom Evans", "lesson": "Say how many.", "action": "amend",
        "action_text": "Amend E2 and E3", "action_owner": "SEND team manager", "action_due-day": "29", "action_due-month": "1",
        "action_due-year": "2027",
    }  # fmt: skip
