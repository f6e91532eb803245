"""The letters of a plan are the same on all its criteria, so no small agency is named beside one of them before the last vote."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from moderation.allocate.actions import mark_published
from moderation.moderate import actions, agendas, ballots, confirmations, decisions, meetings, reopening, rules
from moderation.moderate.queries import round_facts
from moderation.moderate.queries_cells import cell_views
from moderation.moderate.queries_minutes import minutes_page
from moderation.moderate.states import DisagreementState
from moderation.moderate.steps import Step
from moderation.moderate.tables import Disagreement, MeetingItem
from tests.actions.test_moderate_meetings import TERMS, agreed, cell, rows
from tests.build import World, a_world, act_as
from tests.build_moderation import ClosedRound, a_routed_round

TWO = {"NF-1": {"B01": (0, 1, 1), "E01": (1, 3, 3)}}
ALL = {"Education", "Health", "Social care"}


pytestmark = pytest.mark.scene(a_routed_round, TWO)


def hold(engine: Engine, world: World, closed: ClosedRound, key: str, people: int = 3) -> str:
    """Begin a meeting about one criterion of the plan."""
    planned: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    act_as(engine, world.priya, world.area_id, agendas.put_on_agenda, planned, [cell(engine, closed, "NF-1", key).id])
    present = [person.id for person in (world.helen, world.amina, world.tom)[:people]]
    act_as(engine, world.priya, world.area_id, meetings.begin, planned, present)
    return planned


def decide(engine: Engine, world: World, closed: ClosedRound, meeting: str, key: str) -> None:
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed, key=key, value=1)])


def conclude(engine: Engine, world: World, meeting: str) -> None:
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)


def named(engine: Engine, world: World, closed: ClosedRound, *minutes: str) -> set[str]:
    """Every agency that stands beside a letter, in the room or in these minutes."""
    with Session(engine) as session:
        ids = [row.id for row in rows(engine, Disagreement) if row.round_id == closed.id]
        cells = cell_views(session, world.area_id, round_facts(session, world.area_id, closed.id), ids).values()
        records = [minutes_page(session, world.area_id, one).record for one in minutes]
    seen = [*cells, *(item for record in records for item in record.items if item.agreed)]
    assert all(len(one.auditors) == 3 for one in seen)
    spoken = "".join(one.strip.spoken for one in seen)
    of_letters = {auditor.agency_name for one in seen for auditor in one.auditors} - {""}
    assert of_letters == {agency for agency in ALL if agency in spoken}
    return of_letters


def test_no_small_agency_is_named_before_the_last_criterion_of_its_plan_is_decided(
    engine: Engine, world: World, closed: ClosedRound
) -> None:
    first = hold(engine, world, closed, "E01")
    decide(engine, world, closed, first, "E01")
    assert named(engine, world, closed) == set()
    conclude(engine, world, first)
    assert named(engine, world, closed, first) == set(), "the minutes of the first meeting are read before the second one"
    second = hold(engine, world, closed, "B01")
    assert named(engine, world, closed, first) == set()
    decide(engine, world, closed, second, "B01")
    assert named(engine, world, closed, first) == set(), "what is decided can be voted on again until the meeting ends"
    conclude(engine, world, second)
    assert named(engine, world, closed, first) == ALL


def test_nobody_is_named_before_the_second_vote_of_a_decision_that_is_reopened(
    engine: Engine, world: World, closed: ClosedRound
) -> None:
    meeting = hold(engine, world, closed, "E01")
    act_as(engine, world.priya, world.area_id, agendas.put_on_agenda, meeting, [cell(engine, closed, "NF-1", "B01").id])
    item = next(row for row in rows(engine, MeetingItem) if row.disagreement_id == cell(engine, closed, "NF-1", "E01").id)
    act_as(engine, world.priya, world.area_id, ballots.take_step, meeting, item.id, Step.VOTING)
    for person in (world.helen, world.amina, world.tom):
        act_as(engine, person, world.area_id, ballots.cast, meeting, item.id, "1")
    decide(engine, world, closed, meeting, "E01")
    decide(engine, world, closed, meeting, "B01")
    assert named(engine, world, closed) == set()
    version = next(row.version for row in rows(engine, MeetingItem) if row.id == item.id)
    act_as(engine, world.priya, world.area_id, reopening.reopen_item, meeting, item.id, version)
    act_as(engine, world.priya, world.area_id, ballots.vote_again, meeting, item.id, 1)
    assert named(engine, world, closed) == set()


def test_what_is_deferred_or_was_decided_without_a_quorum_may_be_voted_on_again(
    engine: Engine, world: World, closed: ClosedRound
) -> None:
    first = hold(engine, world, closed, "E01", people=1)
    decide(engine, world, closed, first, "E01")
    conclude(engine, world, first)
    act_as(engine, world.priya, world.area_id, actions.defer_rest, closed.id)
    assert cell(engine, closed, "NF-1", "B01").state is DisagreementState.DEFERRED
    assert named(engine, world, closed, first) == set()
    second = hold(engine, world, closed, "B01")
    decide(engine, world, closed, second, "B01")
    assert named(engine, world, closed, first) == set(), "E01 has no quorum yet"
    wanted = cell(engine, closed, "NF-1", "E01").id
    act_as(engine, world.priya, world.area_id, confirmations.confirm_decision, second, wanted)
    conclude(engine, world, second)
    assert named(engine, world, closed, first) == ALL


def test_once_the_round_is_published_every_agency_is_named(engine: Engine, world: World, closed: ClosedRound) -> None:
    meeting = hold(engine, world, closed, "E01")
    decide(engine, world, closed, meeting, "E01")
    conclude(engine, world, meeting)
    act_as(engine, world.grace, world.area_id, mark_published, closed.id)
    assert named(engine, world, closed, meeting) == ALL


def test_an_agency_with_enough_auditors_is_named_all_the_time(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "AGENCY_THRESHOLD", 2)
    world = a_world(engine, "Westmere", "westmere.example")
    closed = a_routed_round(engine, world, TWO, raters=("helen", "robert", "tom"))
    meeting = hold(engine, world, closed, "E01")
    decide(engine, world, closed, meeting, "E01")
    conclude(engine, world, meeting)
    assert named(engine, world, closed, meeting) == {"Education"}
