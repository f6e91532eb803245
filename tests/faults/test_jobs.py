"""Scheduled work takes effect once, whoever runs it, and is taken up when a clock is killed."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from moderation import clock, instants
from moderation.jobs import Daily, Every, Job, forget_old_runs, last_tick, recent_runs, run_if_due
from moderation.settings import Settings

NOON = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)


def job(run: Callable[[], str] = lambda: "done", due: Every | Daily | None = None) -> Job:
    return Job("example", due or Every(60), lambda engine, settings: run())


def runs(engine: Engine) -> list[tuple[str, str]]:
    with Session(engine) as session:
        return [(run.state, run.outcome) for run in recent_runs(session, idle=True)]


def test_a_job_runs_once_for_each_time_it_is_due(engine: Engine, settings: Settings) -> None:
    with instants.frozen(NOON):
        assert run_if_due(job(), engine, settings)
        assert not run_if_due(job(), engine, settings)
    with instants.frozen(NOON + timedelta(minutes=1)):
        assert run_if_due(job(), engine, settings)
    assert runs(engine) == [("done", "done"), ("done", "done")]


def test_of_several_clocks_one_runs_the_job(engine: Engine, settings: Settings) -> None:
    started, ran = threading.Barrier(4), []

    def tick() -> None:
        with instants.frozen(NOON):
            started.wait()
            ran.append(run_if_due(job(), engine, settings))

    threads = [threading.Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ran) == [False, False, False, True]


def test_the_work_of_a_killed_clock_is_taken_up_after_its_lease(engine: Engine, settings: Settings) -> None:
    def killed() -> str:
        raise KeyboardInterrupt

    due = Daily(2)
    with instants.frozen(NOON), pytest.raises(KeyboardInterrupt):
        run_if_due(job(killed, due), engine, settings)
    with instants.frozen(NOON + timedelta(minutes=5)):
        assert not run_if_due(job(due=due), engine, settings), "the lease still holds"
    with instants.frozen(NOON + timedelta(minutes=11)):
        assert run_if_due(job(due=due), engine, settings)
    assert runs(engine) == [("done", "done")]


def test_a_clock_that_wakes_after_its_lease_may_not_report(engine: Engine, settings: Settings) -> None:
    def slow() -> str:
        with instants.frozen(NOON + timedelta(minutes=11)):
            run_if_due(job(lambda: "the second clock", Daily(2)), engine, settings)
        return "the slow clock"

    with instants.frozen(NOON):
        run_if_due(job(slow, Daily(2)), engine, settings)
    assert runs(engine) == [("done", "the second clock")]


def test_a_job_that_fails_is_recorded_and_does_not_stop_the_clock(engine: Engine, settings: Settings) -> None:
    def fails() -> str:
        raise ValueError("something is wrong")

    with instants.frozen(NOON):
        assert run_if_due(job(fails), engine, settings)
    with Session(engine) as session:
        (run,) = recent_runs(session)
    assert run.state == "failed"
    assert "something is wrong" in (run.error or "")


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 3, 2, 1, 59, tzinfo=UTC), datetime(2026, 3, 1, 2, 0, tzinfo=UTC)),
        (datetime(2026, 3, 2, 2, 0, tzinfo=UTC), datetime(2026, 3, 2, 2, 0, tzinfo=UTC)),
        (datetime(2026, 7, 1, 1, 30, tzinfo=UTC), datetime(2026, 7, 1, 1, 0, tzinfo=UTC)),
    ],
)
def test_daily_jobs_follow_the_clocks_in_london(now: datetime, due: datetime) -> None:
    assert Daily(2).last_due(now) == due


def test_every_job_of_the_timetable_runs_on_an_empty_installation_and_twice(engine: Engine, settings: Settings) -> None:
    for _ in range(2):
        for each in clock.TIMETABLE:
            each.run(engine, settings)


def test_the_last_tick_is_when_a_job_last_ended(engine: Engine, settings: Settings) -> None:
    with instants.frozen(NOON):
        run_if_due(job(), engine, settings)
    with Session(engine) as session:
        assert last_tick(session) == NOON


def test_old_runs_are_forgotten_and_failures_stay_to_be_seen_for_weeks(engine: Engine, settings: Settings) -> None:
    def fails() -> str:
        raise ValueError

    with instants.frozen(NOON):
        run_if_due(job(), engine, settings)
        run_if_due(Job("other", Every(60), lambda e, s: fails()), engine, settings)
    with instants.frozen(NOON + timedelta(days=3)):
        assert forget_old_runs(engine, settings) == "1 old run forgotten"
    assert [state for state, _ in runs(engine)] == ["failed"]
    with instants.frozen(NOON + timedelta(weeks=13)):
        assert forget_old_runs(engine, settings) == "1 old run forgotten"
