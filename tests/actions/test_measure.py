"""A closed round is measured once, again when a sheet is withdrawn, and never before closing."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from moderation.ledger import CLOCK, Via, transaction
from moderation.measure.actions import compute, due_rounds, fingerprint, keep
from moderation.measure.jobs import measure_closed_rounds
from moderation.measure.queries import round_figures
from moderation.measure.rules import Scope, pair_key
from moderation.score.actions import withdraw_sheets
from moderation.settings import Settings
from moderation.words import AgencyKind
from tests.build import World, act_as, an_open_round
from tests.build_moderation import ClosedRound, a_closed_round
from tests.build_track import SIX, plausible

pytestmark = pytest.mark.scene(a_closed_round, plausible(12, "A", len(SIX)), SIX)


def test_an_open_round_is_not_measured(engine: Engine, world: World, settings: Settings) -> None:
    round_id = an_open_round(engine, world, plans=4)
    measure_closed_rounds(engine, settings)
    with Session(engine) as session:
        assert due_rounds(session) == []
        assert round_figures(session, world.area_id, round_id) is None


def test_a_closed_round_is_measured_by_criterion_section_round_and_pair(
    engine: Engine, world: World, settings: Settings, closed: ClosedRound
) -> None:
    assert measure_closed_rounds(engine, settings) == "1 round measured"
    with Session(engine) as session:
        figures = round_figures(session, world.area_id, closed.id)
    assert figures is not None
    whole = figures.get(Scope.ROUND, "round")
    assert whole is not None
    assert whole.value is not None
    assert whole.interval is not None
    assert whole.low is not None and whole.low <= whole.value <= (whole.high or 0)
    assert whole.plans == 12
    pair = figures.get(Scope.AGENCY_PAIR, pair_key(world.agencies[AgencyKind.HEALTH], world.agencies[AgencyKind.CARE]))
    assert pair is not None and pair.state == "provisional"
    assert figures.get(Scope.SECTION, "F") is not None
    assert figures.get(Scope.CRITERION, "K02") is None, "each agency judges its own advice: nothing to compare"


def test_measuring_again_changes_nothing(engine: Engine, world: World, settings: Settings, closed: ClosedRound) -> None:
    measure_closed_rounds(engine, settings)
    with Session(engine) as session:
        before = round_figures(session, world.area_id, closed.id)
        assert due_rounds(session) == []
    with transaction(engine, CLOCK, Via.JOB, world.area_id) as tx:
        assert keep(tx, closed.id, compute(engine, world.area_id, closed.id, settings.replicates)) is False
    with Session(engine) as session:
        after = round_figures(session, world.area_id, closed.id)
    assert before is not None and after is not None
    assert replace(before, measured_at=after.measured_at) == after


def test_withdrawing_a_plan_makes_the_round_due_and_leaves_the_plan_out(
    engine: Engine, world: World, settings: Settings, closed: ClosedRound
) -> None:
    measure_closed_rounds(engine, settings)
    act_as(engine, world.grace, world.area_id, withdraw_sheets, next(iter(closed.plans.values())))
    measure_closed_rounds(engine, settings)
    with Session(engine) as session:
        figures = round_figures(session, world.area_id, closed.id)
    assert figures is not None
    assert figures.plans == 11


def test_what_was_worked_out_while_a_plan_was_withdrawn_is_not_kept(
    engine: Engine, world: World, settings: Settings, closed: ClosedRound
) -> None:
    early = compute(engine, world.area_id, closed.id, settings.replicates)
    act_as(engine, world.grace, world.area_id, withdraw_sheets, next(iter(closed.plans.values())))
    with transaction(engine, CLOCK, Via.JOB, world.area_id) as tx:
        assert keep(tx, closed.id, early) is False
    with Session(engine) as session:
        assert due_rounds(session) == [(world.area_id, closed.id)]
        assert round_figures(session, world.area_id, closed.id) is None


def test_the_fingerprint_sees_every_input(engine: Engine, world: World, settings: Settings, closed: ClosedRound) -> None:
    from moderation.measure.actions import _framework
    from moderation.score.locked import locked_ratings

    with Session(engine) as session:
        framework = _framework(session, world.area_id, closed.id)
        locked = locked_ratings(session, world.area_id, closed.id)
    other_value = np.where(np.arange(len(locked.value)) == 0, 9.0, locked.value)
    prints = {
        fingerprint(framework, locked, 200, 1),
        fingerprint(framework, locked, 201, 1),
        fingerprint(framework, locked, 200, 2),
        fingerprint(framework, replace(locked, value=other_value), 200, 1),
        fingerprint(replace(framework, title="Another"), locked, 200, 1),
    }
    assert len(prints) == 5
