"""One sheet is withdrawn after closing: its ratings leave everything, and what hung on them is looked at again."""

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.allocate.rules import RoundState
from moderation.ledger import EventRow
from moderation.measure.actions import due_rounds
from moderation.moderate import agendas, decisions, meetings
from moderation.moderate.confirmations import take_up_again
from moderation.moderate.decisions import WantedAction
from moderation.moderate.follow_up import settle_action
from moderation.moderate.meeting_rules import ActionKind, ActionState
from moderation.moderate.states import Basis, DisagreementState
from moderation.moderate.tables import AgreedRating, Disagreement, MeetingItem, PlanAction
from moderation.moderate.withdrawals import withdraw_sheet
from moderation.post import Outbox
from moderation.score.tables import Rating, Scoresheet
from moderation.words import InvalidInput, NotFound, Refused
from tests.actions.test_moderate_meetings import TERMS, agreed, begin, cell, item, rows
from tests.build import World, a_world, act_as
from tests.build_moderation import ClosedRound, a_closed_round, a_routed_round
from tests.build_track import a_measured_round, publish
from tests.conftest import SignIn

# NF-1: E01 differs because of Helen alone; F02 differs without her too; B01 is agreed on. NF-2 has nothing to do with it.
PLANS = {
    "NF-1": {"E01": (1, 3, 3), "F02": (1, 1, 4), "B01": (1, 1, 1)},
    "NF-2": {"E01": (2, 3, 3), "F02": (3, 3, 3), "B01": (1, 1, 1)},
}


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


def sheet_of(engine: Engine, closed: ClosedRound, world: World, who: str = "helen", reference: str = "NF-1") -> str:
    with Session(engine) as session:
        mine = select(Scoresheet.id).where(Scoresheet.round_plan_id == closed.plans[reference])
        return session.exec(mine.where(Scoresheet.account_id == world.people[who].id)).one()


def withdraw(engine: Engine, world: World, sheet: str, reason: str = "A conflict of interest.") -> int:
    found: int = act_as(engine, world.grace, world.area_id, withdraw_sheet, sheet, reason)
    return found


def state(engine: Engine, closed: ClosedRound, key: str, reference: str = "NF-1") -> DisagreementState:
    return cell(engine, closed, reference, key).state


def test_what_differs_no_more_is_withdrawn_and_the_rest_keeps_its_place(engine: Engine, world: World, closed: ClosedRound) -> None:
    assert withdraw(engine, world, sheet_of(engine, closed, world)) == 1
    assert state(engine, closed, "E01") is DisagreementState.WITHDRAWN
    assert state(engine, closed, "F02") is state(engine, closed, "E01", "NF-2") is DisagreementState.FOUND
    assert cell(engine, closed, "NF-1", "F02").reasons[-1].startswith("3 levels apart")


def test_withdrawing_twice_is_withdrawing_once_and_the_answers_are_kept(engine: Engine, world: World, closed: ClosedRound) -> None:
    sheet = sheet_of(engine, closed, world)
    withdraw(engine, world, sheet)
    assert withdraw(engine, world, sheet) == 0
    with Session(engine) as session:
        assert len(session.exec(select(Rating).where(Rating.sheet_id == sheet)).all()) == 3
        names = [row.name for row in session.exec(select(EventRow)) if row.subject == sheet]
        letters = session.exec(select(Outbox).where(Outbox.recipient == world.helen.email)).all()
    assert names == ["ScoresheetWithdrawn"] and len(letters) == 1 and "conflict" not in letters[0].body


def test_a_reason_is_needed_and_only_a_locked_sheet_of_a_closed_round_of_this_area_will_do(
    engine: Engine, world: World, closed: ClosedRound
) -> None:
    sheet = sheet_of(engine, closed, world)
    with pytest.raises(InvalidInput):
        withdraw(engine, world, sheet, " ")
    south = a_world(engine, "Southfield", "south.example")
    with pytest.raises(NotFound):
        act_as(engine, south.grace, south.area_id, withdraw_sheet, sheet, "Mine now.")
    still_open = a_closed_round(engine, world, {"NF-9": {"E01": (1, 3, 3)}}, state=RoundState.OPEN)
    with pytest.raises(Refused, match="closed round"):
        withdraw(engine, world, sheet_of(engine, still_open, world, reference="NF-9"))


@pytest.mark.parametrize(("key", "after"), [("E01", DisagreementState.WITHDRAWN), ("F02", DisagreementState.FOUND)])
def test_a_decision_on_what_the_sheet_had_rated_falls_and_can_be_made_again(
    engine: Engine, world: World, closed: ClosedRound, key: str, after: DisagreementState
) -> None:
    meeting = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    begin(engine, world, meeting)
    amend = WantedAction(ActionKind.AMEND, "Say how often.", "SEND team", date(2026, 12, 18))
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed, key=key, action=amend)])
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    withdraw(engine, world, sheet_of(engine, closed, world))
    assert state(engine, closed, key) is after and rows(engine, AgreedRating) == []
    kept = item(engine, closed, "NF-1", key)
    assert kept.former[0]["reason"] == "Two of four outcomes have no measure."
    if after is DisagreementState.FOUND:
        second = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
        act_as(engine, world.priya, world.area_id, agendas.put_on_agenda, second, [cell(engine, closed, "NF-1", key).id])
        act_as(engine, world.priya, world.area_id, meetings.start, second)
        act_as(engine, world.priya, world.area_id, decisions.decide, second, [agreed(closed, key=key, value=3, action=amend)])
        assert [row.value for row in rows(engine, AgreedRating)] == [3]


def test_a_meeting_in_session_has_the_item_open_again(engine: Engine, world: World, closed: ClosedRound) -> None:
    meeting = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    begin(engine, world, meeting)
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed, key="F02")])
    withdraw(engine, world, sheet_of(engine, closed, world))
    assert state(engine, closed, "F02") is DisagreementState.DISCUSSED
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed, key="F02", value=4)])
    assert len(rows(engine, MeetingItem)) == len(rows(engine, Disagreement))


def test_other_decisions_stand(engine: Engine, world: World, closed: ClosedRound) -> None:
    meeting = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    begin(engine, world, meeting)
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed, "NF-2")])
    withdraw(engine, world, sheet_of(engine, closed, world))
    assert state(engine, closed, "E01", "NF-2") is DisagreementState.AGREED and len(rows(engine, AgreedRating)) == 1


def test_in_a_published_round_undiscussed_answers_are_settled_again(engine: Engine, world: World) -> None:
    closed = a_closed_round(engine, world, {"NF-9": {"E01": (3, 4, 4), "F02": (3, 3, 4), "W09": (2, "no_evidence", "no_evidence")}})
    publish(engine, world, closed.id)
    before = {row.criterion_key: (row.value, row.basis) for row in rows(engine, AgreedRating)}
    assert before == {"E01": (4, Basis.NOT_DISCUSSED), "F02": (3, Basis.NOT_DISCUSSED), "W09": (2, Basis.ONE_OPINION)}
    for who in ("tom", "helen"):
        withdraw(engine, world, sheet_of(engine, closed, world, who, "NF-9"))
    after = {row.criterion_key: (row.value, row.basis) for row in rows(engine, AgreedRating)}
    assert after == {"E01": (4, Basis.ONE_OPINION), "F02": (3, Basis.ONE_OPINION)}


def test_the_figures_are_due_to_be_worked_out_again(engine: Engine, world: World) -> None:
    found = a_measured_round(engine, world, 6, raters=("helen", "amina", "tom"))
    with Session(engine) as session:
        assert (world.area_id, found.id) not in due_rounds(session)
    withdraw(engine, world, sheet_of(engine, found, world, reference="A001"))
    with Session(engine) as session:
        assert (world.area_id, found.id) in due_rounds(session)


def test_the_lead_withdraws_a_sheet_from_a_page_without_seeing_an_answer(
    engine: Engine, sign_in: SignIn, world: World, closed: ClosedRound
) -> None:
    grace, sheet = sign_in(world.grace), sheet_of(engine, closed, world)
    page = grace.get(f"/disagreements/{closed.id}/sheets").text
    assert page.count("Withdraw<span") == 6 and "Evidence" not in page
    address = f"/disagreements/{closed.id}/sheets/{sheet}/withdraw"
    assert "This cannot be taken back" in grace.get(address).text
    assert grace.post(address, data={"reason": ""}).status_code == 422
    assert grace.post(address, data={"reason": "A conflict."}).status_code == 303
    assert grace.get(address).status_code == 404
    assert grace.get(f"/disagreements/{closed.id}/sheets").text.count("Withdraw<span") == 5


def test_a_decision_that_another_meeting_has_taken_up_again_falls_too_and_what_is_done_stays(
    engine: Engine, world: World, closed: ClosedRound
) -> None:
    act, area = (lambda verb, *rest: act_as(engine, world.priya, world.area_id, verb, *rest)), world.area_id
    first, second = (act(meetings.create_meeting, closed.id, TERMS) for _ in range(2))
    begin(engine, world, first, world.helen)
    wanted = WantedAction(ActionKind.AMEND, "Add a measure.", "SEND team manager", date(2027, 1, 29))
    act(decisions.decide, first, [agreed(closed, action=wanted)])
    act(meetings.conclude, first)
    (done,) = rows(engine, PlanAction)
    act_as(engine, world.grace, area, settle_action, done.id, done.version, ActionState.DONE, "Amended.")
    act(take_up_again, second, cell(engine, closed, "NF-1", "E01").id)
    withdraw(engine, world, sheet_of(engine, closed, world))
    assert state(engine, closed, "E01") is DisagreementState.WITHDRAWN and rows(engine, AgreedRating) == []
    assert [row.state for row in rows(engine, PlanAction)] == [ActionState.DONE]
