"""Actions on plans after the meeting: settled with a note, opened again, counted, and chased once a week while they are overdue."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from moderation.instants import frozen
from moderation.ledger import EventRow
from moderation.moderate import decisions, follow_up, meetings
from moderation.moderate.decisions import WantedAction
from moderation.moderate.jobs import chase_actions
from moderation.moderate.meeting_rules import ActionKind, ActionState
from moderation.moderate.tables import PlanAction
from moderation.post import Outbox
from moderation.settings import Settings
from moderation.track.queries.plan_actions import Tally, actions_page
from moderation.words import InvalidInput, NotFound, StaleWrite
from tests.actions.test_moderate_meetings import PLANS, TERMS, agreed, begin, rows
from tests.build import World, a_world, act_as
from tests.build_moderation import ClosedRound, a_routed_round

DUE = date(2027, 1, 29)
DONE, NOT_NEEDED = ActionState.DONE, ActionState.NOT_NEEDED


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def going_on(engine: Engine, world: World, closed: ClosedRound) -> str:
    """A meeting that asked for two actions and is still in session."""
    meeting: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    begin(engine, world, meeting)
    wanted = [WantedAction(ActionKind.AMEND, "Amend E2", "SEND team manager", DUE + timedelta(days=days)) for days in (0, 10)]
    made = [agreed(closed, plan, action=one) for plan, one in zip(("NF-1", "NF-2"), wanted, strict=True)]
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, made)
    return meeting


@pytest.fixture
def over(engine: Engine, world: World, going_on: str) -> str:
    act_as(engine, world.priya, world.area_id, meetings.conclude, going_on)
    return going_on


def first(engine: Engine) -> PlanAction:
    found: PlanAction = min(rows(engine, PlanAction), key=lambda row: row.due_on)
    return found


def settle(engine: Engine, world: World, to: ActionState = DONE, note: str = "Issued.", version: int = 1, area: str = "") -> None:
    key = first(engine).id
    act_as(engine, world.grace, area or world.area_id, follow_up.settle_action, key, version, to, note)


def tally(engine: Engine, world: World, today: date) -> Tally:
    with Session(engine) as session:
        return actions_page(session, world.area_id, today, None, "all").tally


def names(engine: Engine) -> list[str]:
    return [row.name for row in rows(engine, EventRow) if row.name.startswith("Action") and row.name != "ActionAgreed"]


def test_an_action_is_settled_with_a_note_and_by_whom(engine: Engine, world: World, over: str) -> None:
    for _ in range(2):
        settle(engine, world, note=" Amended plan issued. ")
    row = first(engine)
    assert (row.state, row.note, row.settled_by, row.version) == (DONE, "Amended plan issued.", world.grace.id, 2)
    assert names(engine) == ["ActionSettled"], "a double click is one event"
    event = next(event for event in rows(engine, EventRow) if event.name == "ActionSettled")
    assert set(event.content or {}) == {"action_id", "disagreement_id", "state"}


def test_a_note_is_needed(engine: Engine, world: World, over: str) -> None:
    with pytest.raises(InvalidInput, match="Enter what was done"):
        settle(engine, world, note="  ")


def test_of_two_leads_the_second_sees_what_the_first_recorded(engine: Engine, world: World, over: str) -> None:
    settle(engine, world)
    with pytest.raises(StaleWrite) as clash:
        settle(engine, world, NOT_NEEDED, "The child has moved.")
    assert (clash.value.theirs["note"], clash.value.mine["note"]) == ("Issued.", "The child has moved.")


def test_an_action_can_be_opened_again_and_keeps_its_note(engine: Engine, world: World, over: str) -> None:
    settle(engine, world)
    for version in (2, 2):
        act_as(engine, world.grace, world.area_id, follow_up.open_again, first(engine).id, version)
    row = first(engine)
    assert (row.state, row.note, row.settled_at, row.settled_by) == (ActionState.OPEN, "Issued.", None, None)
    assert names(engine) == ["ActionSettled", "ActionOpenedAgain"]


def test_nobody_settles_an_action_of_a_meeting_that_goes_on_or_of_another_area(engine: Engine, world: World, going_on: str) -> None:
    with pytest.raises(NotFound):
        settle(engine, world)
    act_as(engine, world.priya, world.area_id, meetings.conclude, going_on)
    other = a_world(engine, "Southfield", "south.example")
    with pytest.raises(NotFound):
        settle(engine, other, area=other.area_id)


def test_the_tally_counts_open_late_done_and_not_needed(engine: Engine, world: World, over: str) -> None:
    assert tally(engine, world, DUE) == Tally(open=2, late=0, done=0, not_needed=0)
    assert tally(engine, world, DUE + timedelta(days=1)) == Tally(open=2, late=1, done=0, not_needed=0)
    settle(engine, world, NOT_NEEDED)
    late = DUE + timedelta(days=90)
    assert tally(engine, world, late) == Tally(open=1, late=1, done=0, not_needed=1) and tally(engine, world, late).total == 2


def test_leads_hear_once_a_week_that_actions_are_overdue_and_no_plan_is_named(
    engine: Engine, world: World, settings: Settings, over: str
) -> None:
    said = []
    for day in range(24):
        with frozen(datetime(2027, 1, 29, 7, 45, tzinfo=UTC) + timedelta(days=day)):
            said.append(chase_actions(engine, settings))
            assert chase_actions(engine, settings) == "0 leads told of overdue actions", "twice on a day is once"
    assert [day for day, words in enumerate(said) if words == "1 lead told of overdue actions"] == [1, 8, 15, 22]
    with Session(engine) as session:
        letters = session.exec(select(Outbox).where(Outbox.key.startswith("actions:")).order_by(Outbox.key)).all()  # type: ignore[attr-defined]
    assert [letter.recipient for letter in letters] == [world.grace.email] * 4
    assert [letter.subject[:2] for letter in letters] == ["1 ", "1 ", "2 ", "2 "]
    assert "the oldest is 1 day overdue" in letters[0].body and "NF-" not in "".join(letter.body for letter in letters)


def test_what_is_settled_or_belongs_to_a_meeting_that_goes_on_is_not_chased(
    engine: Engine, world: World, settings: Settings, going_on: str
) -> None:
    with frozen(datetime(2027, 6, 1, 9, tzinfo=UTC)):
        assert chase_actions(engine, settings) == "0 leads told of overdue actions"
        act_as(engine, world.priya, world.area_id, meetings.conclude, going_on)
        for row in rows(engine, PlanAction):
            act_as(engine, world.grace, world.area_id, follow_up.settle_action, row.id, 1, NOT_NEEDED, "Moved away.")
        assert chase_actions(engine, settings) == "0 leads told of overdue actions"


@pytest.mark.parametrize("wrong", [{"state": DONE, "note": "x"}, {"state": DONE, "settled_at": datetime(2027, 1, 1, tzinfo=UTC)}])
def test_the_database_refuses_a_settled_action_without_its_time_or_note(
    engine: Engine, over: str, wrong: dict[str, object]
) -> None:
    with Session(engine) as session:
        row = session.get_one(PlanAction, first(engine).id)
        for name, value in wrong.items():
            setattr(row, name, value)
        with pytest.raises(IntegrityError):
            session.flush()
