"""The nightly trends: from closed and published rounds only, the same inputs give the same rows, and only changes are written."""

from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.allocate.rules import RoundState
from moderation.ledger import EventRow
from moderation.settings import Settings
from moderation.track import jobs
from moderation.track.queries.trends import trends
from moderation.track.rules import Series
from moderation.track.tables import TrendPoint
from tests.build import World, a_world
from tests.build_moderation import a_closed_round
from tests.build_track import a_measured_round, a_published_round, plausible, publish, trends_of

THREE = ("helen", "amina", "tom")
SPRING, AUTUMN, LATER = (datetime(year, month, 4, 12, tzinfo=UTC) for year, month in ((2025, 3), (2025, 9), (2026, 6)))


def points(engine: Engine, world: World) -> list[TrendPoint]:
    with Session(engine) as session:
        return list(session.exec(select(TrendPoint).where(TrendPoint.area_id == world.area_id)))


def events(engine: Engine) -> list[EventRow]:
    with Session(engine) as session:
        return list(session.exec(select(EventRow).where(EventRow.name == "TrendsRecomputed")))


def test_without_a_closed_round_there_is_no_trend(engine: Engine, world: World) -> None:
    a_closed_round(engine, world, plausible(6, "A", 3), THREE, RoundState.OPEN)
    assert trends_of(engine, world) == 0
    assert points(engine, world) == [] and events(engine) == []


def test_a_closed_round_has_agreement_and_a_published_one_quality_as_well(engine: Engine, world: World) -> None:
    found = a_measured_round(engine, world, 12, at=SPRING, raters=THREE)
    assert trends_of(engine, world) > 0
    assert {row.series for row in points(engine, world)} == {Series.AGREEMENT}
    publish(engine, world, found.id)
    trends_of(engine, world)
    kept = points(engine, world)
    assert {row.series for row in kept} == {Series.AGREEMENT, Series.QUALITY}
    assert all((row.value is None) == (row.undefined is not None) for row in kept)


def test_running_again_changes_nothing_and_says_nothing(engine: Engine, world: World) -> None:
    a_published_round(engine, world, 12, at=SPRING, raters=THREE)
    first = trends_of(engine, world)
    before = {row.id: row.fingerprint for row in points(engine, world)}
    assert first == len(before) and trends_of(engine, world) == 0
    assert {row.id: row.fingerprint for row in points(engine, world)} == before
    assert len(events(engine)) == 1


def test_twelve_months_are_compared_with_the_twelve_months_before(engine: Engine, world: World) -> None:
    a_measured_round(engine, world, 12, "A", SPRING, raters=THREE, noise=0.9)
    a_measured_round(engine, world, 12, "B", LATER, raters=THREE, noise=0.2, seed=2)
    trends_of(engine, world)
    with Session(engine) as session:
        found = trends(session, world.area_id)
    assert [period.plans for period in found.periods] == [12, 12]
    change = found.difference()
    assert change is not None and change.value is not None and change.value > 0 and change.is_clear


def test_within_twelve_months_a_round_is_compared_with_the_round_before(engine: Engine, world: World) -> None:
    a_measured_round(engine, world, 12, "A", SPRING, raters=THREE)
    a_measured_round(engine, world, 12, "B", AUTUMN, raters=THREE, seed=2)
    trends_of(engine, world)
    with Session(engine) as session:
        found = trends(session, world.area_id)
    assert [period.plans for period in found.periods] == [24]
    assert found.change is not None and found.change.plans == 12


def test_the_job_goes_through_every_area_by_itself(engine: Engine, settings: Settings, world: World) -> None:
    other = a_world(engine, "Southmoor", "southmoor.example")
    a_measured_round(engine, world, 12, at=SPRING, raters=THREE)
    assert jobs.recompute_trends(engine, settings).endswith("points of 2 areas changed")
    assert points(engine, world) and not points(engine, other)
