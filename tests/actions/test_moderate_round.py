"""What happens to a closed round: disagreements are found once, deferred, withdrawn; the round is published."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.allocate.rules import PlanKind, RoundState
from moderation.allocate.tables import Round, RoundPlan, RoundPlanKind
from moderation.ledger import EventRow, Transaction
from moderation.moderate import actions, jobs
from moderation.moderate.agendas import put_on_agenda
from moderation.moderate.meetings import MeetingTerms, create_meeting
from moderation.moderate.queries import auditors_by_cell as by_cell
from moderation.moderate.queries import policy_of, released_cells, sight_of
from moderation.moderate.queries_conflicts import barred_plans
from moderation.moderate.stakes import CHECK
from moderation.moderate.tables import AgreedRating, AuditorLetter, Disagreement
from moderation.score.actions import withdraw_sheets
from moderation.score.events import ScoresheetWithdrawn
from moderation.score.tables import Rating, Scoresheet
from moderation.settings import Settings
from moderation.words import NotFound, Refused
from tests.build import World, a_world, act_as
from tests.build_moderation import ClosedRound, RoundBuilt, a_closed_round

PLANS = {
    "NF-1": {"B01": (0, 1, 1), "E01": (1, 3, 3), "O01": (2, 3, 3), "K02": (1, 4, 2), "W09": (3, 3, 4)},
    "NF-2": {"B01": (1, 1, 1), "E01": (3, 3, None), "O01": (3, 3, 3), "D01": (3, None, "not_applicable")},
    "NF-3": {"B01": (1, 1, 1), "E01": (3, 3, 3), "O01": (3, 3, 3), "W09": (2, "no_evidence", 2)},
    "NF-4": {"B01": (1, 1, 1), "E01": (2, None, None), "O01": (3, 3, 3)},
}


pytestmark = pytest.mark.scene(a_closed_round, PLANS)


def find(engine: Engine, world: World, closed: ClosedRound) -> int:
    found: int = act_as(engine, None, world.area_id, actions.find_disagreements, closed.id)
    return found


def disagreements(engine: Engine) -> dict[tuple[str, str], Disagreement]:
    with Session(engine) as session:
        return {(row.round_plan_id, row.criterion_key): row for row in session.exec(select(Disagreement))}


def state_of(engine: Engine, closed: ClosedRound) -> RoundState:
    with Session(engine) as session:
        return session.exec(select(Round.state).where(Round.id == closed.id)).one()


def test_disagreements_are_found_by_the_frameworks_triggers(engine: Engine, world: World, closed: ClosedRound) -> None:
    find(engine, world, closed)
    one, two = closed.plans["NF-1"], closed.plans["NF-2"]
    found = {cell: set(row.triggers) for cell, row in disagreements(engine).items() if row.triggers != ["calibration"]}
    assert found == {
        (one, "B01"): {"compliance_split"}, (one, "E01"): {"spread2", "good_boundary"},
        (one, "O01"): {"good_boundary", "overall_split"}, (two, "D01"): {"na_split"},
    }  # fmt: skip


def test_a_share_of_what_was_agreed_is_drawn_too_and_stands_among_the_others(
    engine: Engine, world: World, closed: ClosedRound
) -> None:
    assert find(engine, world, closed) == 5
    found = disagreements(engine).values()
    drawn = [row for row in found if row.triggers == ["calibration"]]
    assert len(drawn) == 1 and drawn[0].reasons == [CHECK]
    assert drawn[0].stake in {row.stake for row in found if row not in drawn}, "else it would never come up in a meeting"


def test_what_is_most_at_stake_comes_first_with_its_reasons(engine: Engine, world: World, closed: ClosedRound) -> None:
    find(engine, world, closed)
    differing = [row for row in disagreements(engine).values() if row.triggers != ["calibration"]]
    ranked = sorted(differing, key=lambda row: -row.stake)
    assert {row.criterion_key for row in ranked[:3]} == {"B01", "E01", "O01"}
    overall = next(row for row in ranked if row.criterion_key == "O01")
    assert overall.reasons == [
        "Is the overall grade: auditors range from Requires improvement to Good.", "1 level apart: Good to Requires improvement."
    ]  # fmt: skip


def test_finding_again_changes_nothing(engine: Engine, world: World, closed: ClosedRound) -> None:
    first = find(engine, world, closed)
    before = disagreements(engine)
    assert find(engine, world, closed) == first
    assert disagreements(engine).keys() == before.keys()
    with Session(engine) as session:
        assert len(session.exec(select(EventRow).where(EventRow.name == "DisagreementsFound")).all()) == 1


def test_letters_are_dealt_once_per_plan_and_stay(engine: Engine, world: World, closed: ClosedRound) -> None:
    find(engine, world, closed)
    with Session(engine) as session:
        dealt = session.exec(select(AuditorLetter)).all()
    assert len(dealt) == 12 and {row.letter for row in dealt} == {"A", "B", "C"}
    orders = {
        tuple(sorted((row.letter, row.account_id) for row in dealt if row.round_plan_id == plan)) for plan in closed.plans.values()
    }
    assert len(orders) > 1


def test_a_round_with_something_to_moderate_is_in_moderation(engine: Engine, world: World, closed: ClosedRound) -> None:
    find(engine, world, closed)
    assert state_of(engine, closed) is RoundState.MODERATING


def test_a_round_that_is_not_closed_has_no_disagreements_for_anybody(engine: Engine, world: World) -> None:
    still_open = a_closed_round(engine, world, {"NF-9": {"E01": (1, 3, 3)}}, state=RoundState.OPEN)
    with pytest.raises(NotFound):
        find(engine, world, still_open)
    assert disagreements(engine) == {}


def test_the_job_looks_through_every_closed_round_once(
    engine: Engine, world: World, closed: ClosedRound, settings: Settings
) -> None:
    assert jobs.find_disagreements(engine, settings) == "1 round looked through"
    assert jobs.find_disagreements(engine, settings) == "nothing to look through"
    assert len(disagreements(engine)) == 5


def test_events_of_finding_carry_no_rating(engine: Engine, world: World, closed: ClosedRound) -> None:
    find(engine, world, closed)
    with Session(engine) as session:
        contents = [row.content or {} for row in session.exec(select(EventRow).where(EventRow.name == "DisagreementsFound"))]
    assert contents == [{"round_id": closed.id, "cells": 16, "found": 5}]


def test_withdrawn_sheets_take_their_open_disagreements_along(engine: Engine, world: World, closed: ClosedRound) -> None:
    find(engine, world, closed)
    withdraw(engine, world, closed.plans["NF-1"], world.helen.id)
    assert act_as(engine, None, world.area_id, actions.withdraw_lapsed, closed.id) == 3
    states = {key: row.state for (plan, key), row in disagreements(engine).items() if plan == closed.plans["NF-1"]}
    assert set(states.values()) == {"withdrawn"}
    assert act_as(engine, None, world.area_id, actions.withdraw_lapsed, closed.id) == 0


def test_what_still_differs_without_the_withdrawn_sheet_stays(engine: Engine, world: World, closed: ClosedRound) -> None:
    find(engine, world, closed)
    withdraw(engine, world, closed.plans["NF-1"], world.tom.id)
    assert act_as(engine, None, world.area_id, actions.withdraw_lapsed, closed.id) == 0


def test_the_job_withdraws_what_hangs_on_a_withdrawn_plan(
    engine: Engine, world: World, closed: ClosedRound, settings: Settings
) -> None:
    def withdraw_plan(tx) -> None:  # type: ignore[no-untyped-def]
        plan = tx.get(RoundPlan, closed.plans["NF-1"])
        plan.withdrawn_at, plan.withdrawn_reason = tx.now, "wrong document"
        withdraw_sheets(tx, plan.id)

    jobs.find_disagreements(engine, settings)
    act_as(engine, world.grace, world.area_id, withdraw_plan)
    jobs.find_disagreements(engine, settings)
    states = {row.state for (plan, _), row in disagreements(engine).items() if plan == closed.plans["NF-1"]}
    assert states == {"withdrawn"}


def test_what_is_published_never_goes_into_a_meeting(engine: Engine, world: World, closed: ClosedRound) -> None:
    find(engine, world, closed)
    terms = MeetingTerms("Late", datetime(2026, 12, 1, tzinfo=UTC))
    meeting = act_as(engine, world.priya, world.area_id, create_meeting, closed.id, terms)
    act_as(engine, world.priya, world.area_id, actions.defer_rest, closed.id)
    act_as(engine, world.grace, world.area_id, actions.publish_round, closed.id)
    one = next(iter(disagreements(engine).values()))
    with pytest.raises(Refused, match="published"):
        act_as(engine, world.priya, world.area_id, put_on_agenda, meeting, [one.id])


def withdraw(engine: Engine, world: World, plan_id: str, account_id: str) -> None:
    def withdraw_sheet(tx) -> None:  # type: ignore[no-untyped-def]
        chosen = select(Scoresheet).where(Scoresheet.round_plan_id == plan_id, Scoresheet.account_id == account_id)
        sheet = tx.session.exec(chosen).one()
        sheet.withdrawn_at, sheet.withdrawn_reason = tx.now, "wrong document"
        tx.record(ScoresheetWithdrawn(sheet.id, plan_id))

    act_as(engine, world.grace, world.area_id, withdraw_sheet)


def test_publishing_is_refused_while_something_is_open(engine: Engine, world: World, closed: ClosedRound) -> None:
    find(engine, world, closed)
    with pytest.raises(Refused, match="5 disagreements are neither decided nor deferred"):
        act_as(engine, world.grace, world.area_id, actions.publish_round, closed.id)
    assert state_of(engine, closed) is RoundState.MODERATING


def test_a_published_round_has_an_agreed_rating_for_every_cell_that_can_have_one(
    engine: Engine, world: World, closed: ClosedRound
) -> None:
    find(engine, world, closed)
    assert act_as(engine, world.priya, world.area_id, actions.defer_rest, closed.id) == 5
    act_as(engine, world.grace, world.area_id, actions.publish_round, closed.id)
    assert state_of(engine, closed) is RoundState.PUBLISHED
    with Session(engine) as session:
        agreed = {(row.round_plan_id, row.criterion_key): row for row in session.exec(select(AgreedRating))}
    one, two, three, four = (closed.plans[f"NF-{place}"] for place in (1, 2, 3, 4))
    assert (agreed[one, "E01"].value, agreed[one, "E01"].basis) == (3, "not_discussed")
    assert (agreed[one, "B01"].value, agreed[two, "E01"].value) == (1, 3)
    assert (agreed[two, "D01"].value, agreed[two, "D01"].basis) == (3, "not_discussed")
    assert (agreed[three, "W09"].value, agreed[three, "W09"].basis) == (2, "not_discussed")
    assert (agreed[four, "E01"].value, agreed[four, "E01"].basis) == (2, "one_opinion")
    assert (one, "K02") not in agreed


def test_publishing_twice_is_publishing_once(engine: Engine, world: World, closed: ClosedRound) -> None:
    find(engine, world, closed)
    act_as(engine, world.priya, world.area_id, actions.defer_rest, closed.id)
    assert act_as(engine, world.grace, world.area_id, actions.publish_round, closed.id) > 0
    assert act_as(engine, world.grace, world.area_id, actions.publish_round, closed.id) == 0


def test_a_round_with_nothing_to_moderate_is_published_at_once(engine: Engine, world: World) -> None:
    calm = a_closed_round(engine, world, {"NF-9": {"E01": (3, None, None)}})
    act_as(engine, world.grace, world.area_id, actions.publish_round, calm.id)
    assert state_of(engine, calm) is RoundState.PUBLISHED


def test_ratings_are_never_touched(engine: Engine, world: World, closed: ClosedRound) -> None:
    before = _ratings(engine)
    find(engine, world, closed)
    act_as(engine, world.priya, world.area_id, actions.defer_rest, closed.id)
    act_as(engine, world.grace, world.area_id, actions.publish_round, closed.id)
    assert _ratings(engine) == before


def _ratings(engine: Engine) -> list[tuple[object, ...]]:
    with Session(engine) as session:
        return [tuple(row.model_dump().values()) for row in session.exec(select(Rating).order_by(Rating.id))]


def test_rounds_of_another_area_are_not_there(engine: Engine, world: World, closed: ClosedRound) -> None:
    other = a_world(engine, "Southfield", "southfield.example")
    for action in (actions.find_disagreements, actions.publish_round, actions.withdraw_lapsed):
        with pytest.raises(NotFound):
            act_as(engine, other.grace, other.area_id, action, closed.id)


def _make_seed(tx: Transaction, plan: str) -> None:
    tx.session.add(RoundPlanKind(area_id=tx.area_id, round_plan_id=plan, kind=PlanKind.SEED))
    tx.record(RoundBuilt(plan))


def test_a_meeting_cannot_tell_a_seed_that_everybody_scored_from_another_plan(engine: Engine, world: World) -> None:
    everybody = [name for name, person in world.people.items() if person.agency]
    closed = a_closed_round(engine, world, {"NF-9": {"E01": (3, 1, 3, 1, 3, 1), "B01": (1,) * 6}}, raters=everybody)
    plan = closed.plans["NF-9"]
    act_as(engine, None, world.area_id, _make_seed, plan)
    find(engine, world, closed)
    with Session(engine) as session:
        version = session.exec(select(Round.framework_version_id).where(Round.id == closed.id)).one()
        policy = policy_of(session, world.area_id, version)
        sight = sight_of(session, world.area_id, closed.id)
        seen = by_cell(session, sight, policy, plan, "E01")[plan, "E01"]
        cells = released_cells(session, world.area_id, closed.id)[plan]
        barred = [name for name in everybody if plan in barred_plans(session, world.area_id, closed.id, world.people[name].id)]
    assert [auditor.letter for auditor in seen] == ["A", "B", "C"]
    assert [len(marks) for marks in cells.values()] == [3, 3]
    assert barred == everybody, "whoever scored it may not moderate it, seen or not"


def test_a_plan_that_is_no_seed_shows_everybody_who_scored_it(engine: Engine, world: World) -> None:
    everybody = [name for name, person in world.people.items() if person.agency]
    closed = a_closed_round(engine, world, {"NF-9": {"E01": (3, 1, 3, 1, 3, 1)}}, raters=everybody)
    find(engine, world, closed)
    with Session(engine) as session:
        assert len(released_cells(session, world.area_id, closed.id)[closed.plans["NF-9"]]["E01"]) == 6
