"""Decisions without a quorum go to the next chair; the area's rule says what settles an item; nothing left over is forgotten."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from moderation.allocate.rules import RoundState
from moderation.allocate.tables import Round
from moderation.moderate import actions, confirmations, customs, decisions, meetings
from moderation.moderate.agendas import put_on_agenda
from moderation.moderate.decisions import Vote, WantedAction
from moderation.moderate.filling import fill_meetings
from moderation.moderate.meeting_rules import ActionKind, DecisionRule
from moderation.moderate.queries_carried import carried_over, unconfirmed
from moderation.moderate.queries_meetings import meeting_facts
from moderation.moderate.queries_minutes import minutes_page
from moderation.moderate.states import Basis, DisagreementState
from moderation.moderate.tables import AgreedRating, Disagreement, Lesson, Meeting, MeetingItem, PlanAction
from moderation.words import InvalidInput, NotFound, Refused
from tests.actions.test_moderate_meetings import PLANS, TERMS, agreed, begin, cell, item, rows
from tests.build import World, a_world, act_as
from tests.build_moderation import ClosedRound, a_routed_round

AMEND = WantedAction(ActionKind.AMEND, "Add a measure to two outcomes.", "SEND team manager", date(2027, 1, 29))


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


def new_meeting(engine: Engine, world: World, closed: ClosedRound) -> str:
    planned: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    return planned


@pytest.fixture
def first(engine: Engine, world: World, closed: ClosedRound) -> str:
    """A meeting that decided one item without a quorum, deferred one, and did not reach the rest."""
    meeting = new_meeting(engine, world, closed)
    begin(engine, world, meeting, world.helen)
    made = agreed(closed, lesson="Say how many.", action=AMEND)
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [made])
    other = item(engine, closed, "NF-2", "E01")
    act_as(engine, world.priya, world.area_id, decisions.defer_item, other.id, other.version, "Timetable missing")
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    return meeting


def do(engine: Engine, world: World, verb, meeting: str, disagreement: str) -> None:  # type: ignore[no-untyped-def]
    act_as(engine, world.priya, world.area_id, verb, meeting, disagreement)


def test_the_next_chair_is_shown_what_is_left_over(engine: Engine, world: World, closed: ClosedRound, first: str) -> None:
    second = new_meeting(engine, world, closed)
    with Session(engine) as session:
        left = carried_over(session, world.area_id, meeting_facts(session, world.area_id, second), world.priya.id)
        scored = carried_over(session, world.area_id, meeting_facts(session, world.area_id, second), world.helen.id)
    why = {(line.references, line.key): (line.why, line.to_confirm) for line in left}
    assert why["NF-1", "E01"] == ("Decided without quorum in Meeting 1: Requires improvement", True)
    assert why["NF-2", "E01"] == ("Deferred in Meeting 1: Timetable missing", False)
    assert why["NF-1", "B01"] == ("Not reached in Meeting 1", False)
    assert scored == ()


def test_the_next_chair_confirms_once_and_it_stands_in_the_minutes(
    engine: Engine, world: World, closed: ClosedRound, first: str
) -> None:
    second, wanted = new_meeting(engine, world, closed), cell(engine, closed, "NF-1", "E01").id
    act_as(engine, world.priya, world.area_id, put_on_agenda, second, [cell(engine, closed, "NF-2", "E01").id])
    act_as(engine, world.priya, world.area_id, meetings.begin, second, [world.helen.id])
    for _ in range(2):
        do(engine, world, confirmations.confirm_decision, second, wanted)
    (made,) = rows(engine, AgreedRating)
    assert made.confirmed_in == second and not made.quorate
    with Session(engine) as session:
        assert unconfirmed(session, world.area_id, closed.id) == 0
    with pytest.raises(Refused, match="stands"):
        do(engine, world, confirmations.take_up_again, second, wanted)
    act_as(engine, world.priya, world.area_id, meetings.conclude, second)
    with Session(engine) as session:
        record = minutes_page(session, world.area_id, second).record
    assert record.confirmed == ("E01, plan NF-1: Requires improvement",)


def test_a_round_is_not_published_until_the_next_chair_has_looked_at_what_was_decided_without_a_quorum(
    engine: Engine, world: World, closed: ClosedRound, first: str
) -> None:
    act_as(engine, world.priya, world.area_id, actions.defer_rest, closed.id)
    with pytest.raises(Refused, match="1 decision was made without a quorum"):
        act_as(engine, world.grace, world.area_id, actions.publish_round, closed.id)
    second = new_meeting(engine, world, closed)
    assert rows(engine, Round)[0].state is RoundState.MODERATING
    act_as(engine, world.priya, world.area_id, meetings.begin, second, [world.helen.id])  # to confirm is enough to meet for
    do(engine, world, confirmations.confirm_decision, second, cell(engine, closed, "NF-1", "E01").id)
    act_as(engine, world.priya, world.area_id, meetings.conclude, second)
    assert act_as(engine, world.grace, world.area_id, actions.publish_round, closed.id) > 0
    with Session(engine) as session:
        assert minutes_page(session, world.area_id, second).record.confirmed == ("E01, plan NF-1: Requires improvement",)


def test_a_meeting_with_nothing_to_decide_or_to_confirm_does_not_start(engine: Engine, world: World, closed: ClosedRound) -> None:
    with pytest.raises(Refused, match="nothing on the agenda"):
        act_as(engine, world.priya, world.area_id, meetings.start, new_meeting(engine, world, closed))


def test_the_next_meeting_decides_anew_and_the_first_minutes_stay(
    engine: Engine, world: World, closed: ClosedRound, first: str
) -> None:
    with Session(engine) as session:
        before = minutes_page(session, world.area_id, first).record
    second, wanted = new_meeting(engine, world, closed), cell(engine, closed, "NF-1", "E01").id
    do(engine, world, confirmations.take_up_again, second, wanted)
    (again,) = [row for row in rows(engine, MeetingItem) if row.meeting_id == second]
    assert again.draft["values"]["lesson"] == "Say how many." and again.former[0]["agreed_rating"] == "Requires improvement"
    assert cell(engine, closed, "NF-1", "E01").state is DisagreementState.LISTED
    act_as(engine, world.priya, world.area_id, meetings.start, second)
    people = [world.helen.id, world.amina.id, world.tom.id]
    act_as(engine, world.priya, world.area_id, meetings.record_attendance, second, people)
    act_as(engine, world.priya, world.area_id, decisions.decide, second, [agreed(closed, value=3)])
    (made,) = rows(engine, AgreedRating)
    assert (made.value, made.quorate, made.meeting_id) == (3, True, second)
    assert rows(engine, Lesson) == [] and rows(engine, PlanAction) == []
    with Session(engine) as session:
        assert minutes_page(session, world.area_id, first).record == before


def test_a_decision_with_a_quorum_is_never_taken_up_by_another_meeting(engine: Engine, world: World, closed: ClosedRound) -> None:
    meeting = new_meeting(engine, world, closed)
    begin(engine, world, meeting)
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed)])
    wanted = cell(engine, closed, "NF-1", "E01").id
    with pytest.raises(NotFound):
        do(engine, world, confirmations.confirm_decision, meeting, wanted)
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    second = new_meeting(engine, world, closed)
    for verb in (confirmations.confirm_decision, confirmations.take_up_again):
        with pytest.raises(Refused, match="stands"):
            do(engine, world, verb, second, wanted)
    elsewhere = a_world(engine, "Southfield", "southfield.example")
    with pytest.raises(NotFound):
        act_as(engine, elsewhere.priya, elsewhere.area_id, confirmations.confirm_decision, second, wanted)


def test_what_does_not_fit_into_one_meeting_goes_into_the_next(engine: Engine, world: World, closed: ClosedRound) -> None:
    short = replace(TERMS, minutes=12, minutes_per_item=6)
    later = replace(short, starts_at=TERMS.starts_at + timedelta(days=7))
    planned = [act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, one) for one in (later, short)]
    waiting = len([row for row in rows(engine, Disagreement) if row.state is DisagreementState.FOUND])
    assert act_as(engine, world.priya, world.area_id, fill_meetings, closed.id) == (min(waiting, 4), 2)
    listed = [[row.disagreement_id for row in rows(engine, MeetingItem) if row.meeting_id == one] for one in planned]
    worth = {row.id: row.stake for row in rows(engine, Disagreement)}
    assert len(listed[1]) == 2 and min(worth[one] for one in listed[1]) >= max(worth[one] for one in listed[0])
    assert act_as(engine, world.priya, world.area_id, fill_meetings, closed.id) == (0, 0)


def test_a_meeting_keeps_the_rule_under_which_it_was_planned(engine: Engine, world: World, closed: ClosedRound) -> None:
    new_meeting(engine, world, closed)
    act_as(engine, world.grace, world.area_id, customs.choose_rule, DecisionRule.UNANIMITY)
    new_meeting(engine, world, closed)
    act_as(engine, world.grace, world.area_id, customs.choose_rule, DecisionRule.CHAIR)
    by_number = {row.number: row.decision_rule for row in rows(engine, Meeting)}
    assert by_number == {1: DecisionRule.MAJORITY, 2: DecisionRule.UNANIMITY}


@pytest.mark.parametrize(
    ("rule", "basis", "value", "allowed"),
    [
        (DecisionRule.MAJORITY, Basis.MAJORITY, 3, True),
        (DecisionRule.MAJORITY, Basis.CHAIR, 2, False),
        (DecisionRule.CHAIR, Basis.CHAIR, 2, True),
        (DecisionRule.UNANIMITY, Basis.MAJORITY, 3, False),
        (DecisionRule.UNANIMITY, Basis.UNANIMOUS, 3, True),
    ],
)
def test_the_areas_rule_holds_after_a_vote(
    engine: Engine, world: World, closed: ClosedRound, rule: DecisionRule, basis: Basis, value: int, allowed: bool
) -> None:
    act_as(engine, world.grace, world.area_id, customs.choose_rule, rule)
    meeting = new_meeting(engine, world, closed)
    begin(engine, world, meeting)
    people = ((world.helen, 2), (world.amina, 3), (world.tom, 3))
    votes = [Vote(closed.plans["NF-1"], "E01", person.id, given) for person, given in people]
    act_as(engine, world.priya, world.area_id, decisions.record_revotes, meeting, votes)
    made = agreed(closed, value=value, basis=basis)
    if allowed:
        act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [made])
    else:
        with pytest.raises(InvalidInput, match="In this area"):
            act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [made])
    assert len(rows(engine, AgreedRating)) == allowed
