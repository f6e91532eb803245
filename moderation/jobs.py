"""Scheduled work: what is due stands in the database, is claimed with a lease and a fence, and takes effect once.

A `job_run` row is unique on (job, due time). Any number of clocks may run: one claims the row; if that clock is killed, the lease
ends and another takes the work up. A clock that wakes too late finds its fencing token replaced and may not report.
"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, Text, case, func, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from . import instants
from .database import enum_column, utc_column
from .settings import Settings
from .words import Retention, new_id, plural

LEASE = timedelta(minutes=10)
KEPT = timedelta(days=2)
COUNTED = "123456789"  # an outcome counts what was done: without one of these it was nothing
FAILURES_KEPT = timedelta(weeks=12)


class RunState(StrEnum):
    CLAIMED = "claimed"
    DONE = "done"
    FAILED = "failed"


class JobRun(SQLModel, table=True):
    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("job", "due_at"), {"info": {"retention": Retention.TECHNICAL}})

    id: str = Field(default_factory=new_id, primary_key=True, max_length=40)
    job: str = Field(max_length=60)
    due_at: datetime = utc_column(index=True)
    state: RunState = enum_column(RunState, default=RunState.CLAIMED)
    fence: int = 1
    leased_until: datetime = utc_column()
    started_at: datetime = utc_column()
    ended_at: datetime | None = utc_column(nullable=True)
    outcome: str = Field(default="", max_length=500)
    error: str | None = Field(default=None, sa_type=Text)


@dataclass(frozen=True)
class Every:
    """Due at every whole multiple of so many seconds."""

    seconds: int

    def last_due(self, now: datetime) -> datetime:
        return datetime.fromtimestamp(now.timestamp() // self.seconds * self.seconds, tz=now.tzinfo)


@dataclass(frozen=True)
class Daily:
    """Due once a day at a London time."""

    hour: int
    minute: int = 0

    def last_due(self, now: datetime) -> datetime:
        local = instants.london(now)
        due = local.replace(hour=self.hour, minute=self.minute, second=0, microsecond=0)
        return (due if due <= local else due - timedelta(days=1)).astimezone(now.tzinfo)


@dataclass(frozen=True)
class Job:
    """A named verb and when it is due. `run(engine, settings)` is safe to run twice and says what it did."""

    name: str
    due: Every | Daily
    run: Callable[[Engine, Settings], str]


@dataclass(frozen=True)
class Ran:
    """One run of a job, for administrators."""

    job: str
    due_at: datetime
    state: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    error: str | None

    @property
    def is_idle(self) -> bool:
        """It went well and had nothing to do."""
        return self.state == RunState.DONE and not any(digit in self.outcome for digit in COUNTED)


def run_if_due(job: Job, engine: Engine, settings: Settings) -> bool:
    """Run a job if its last due time has not been taken care of; says whether it ran."""
    claim = _claim(engine, job, job.due.last_due(instants.now()))
    if claim is None:
        return False
    run_id, fence = claim
    try:
        outcome, error = job.run(engine, settings), None
    except Exception:  # a job that fails must not stop the clock; the error is stored and shown
        outcome, error = "failed", traceback.format_exc(limit=-6)
    _report(engine, run_id, fence, outcome, error)
    return True


def _claim(engine: Engine, job: Job, due_at: datetime) -> tuple[str, int] | None:
    now = instants.now()
    try:
        with Session(engine.execution_options(writes=True)) as session, session.begin():
            run = session.exec(
                select(JobRun).where(JobRun.job == job.name, JobRun.due_at == due_at).with_for_update(skip_locked=True)
            ).first()
            if run is None:
                run = JobRun(job=job.name, due_at=due_at, leased_until=now + LEASE, started_at=now)
                session.add(run)
            elif run.state == RunState.CLAIMED and run.leased_until < now:
                run.fence, run.leased_until, run.started_at = run.fence + 1, now + LEASE, now
            else:
                return None
            session.flush()
            return run.id, run.fence
    except IntegrityError:  # another clock was faster
        return None


def _report(engine: Engine, run_id: str, fence: int, outcome: str, error: str | None) -> None:
    values = {
        "state": RunState.FAILED if error else RunState.DONE,
        "ended_at": instants.now(),
        "outcome": outcome[:500],
        "error": error,
    }
    mine = update(JobRun).where(col(JobRun.id) == run_id, col(JobRun.fence) == fence, col(JobRun.state) == RunState.CLAIMED)
    with Session(engine.execution_options(writes=True)) as session, session.begin():
        session.execute(mine.values(**values))


@dataclass(frozen=True)
class JobState:
    """How one job goes: its last run, the last one that went well, the last that failed, and since when it fails."""

    job: str
    last: Ran
    done: Ran | None
    failed: Ran | None
    failing_since: datetime | None


def recent_runs(session: Session, idle: bool = False, limit: int = 100) -> list[Ran]:
    """The latest runs, newest first; those that found nothing to do only on request."""
    chosen = select(JobRun).order_by(col(JobRun.due_at).desc(), col(JobRun.started_at).desc()).limit(limit)
    busy = or_(col(JobRun.state) != RunState.DONE, *(col(JobRun.outcome).contains(digit) for digit in COUNTED))
    return [_ran(row) for row in session.exec(chosen if idle else chosen.where(busy))]


def job_states(session: Session) -> list[JobState]:
    """Every job that has run, those that fail first."""
    latest = _latest()
    wanted = col(JobRun.due_at).in_((latest.c.last, latest.c.done, latest.c.failed))
    rows = session.exec(select(JobRun).join(latest, col(JobRun.job) == latest.c.job).where(wanted))
    runs: dict[str, list[Ran]] = {}
    for row in rows:
        runs.setdefault(row.job, []).append(_ran(row))
    states = [_state(session, job, of_job) for job, of_job in runs.items()]
    return sorted(states, key=lambda one: (one.failing_since is None, one.job))


def _latest() -> Any:
    """When each job was due last, last when it went well, and last when it failed."""

    def last(state: RunState) -> Any:
        return func.max(case((col(JobRun.state) == state, col(JobRun.due_at))))

    due = func.max(col(JobRun.due_at))
    columns = (due.label("last"), last(RunState.DONE).label("done"), last(RunState.FAILED).label("failed"))
    return select(JobRun.job, *columns).group_by(JobRun.job).subquery()


def _state(session: Session, job: str, runs: list[Ran]) -> JobState:
    newest = sorted(runs, key=lambda run: run.due_at, reverse=True)
    done = next((run for run in newest if run.state == RunState.DONE), None)
    failed = next((run for run in newest if run.state == RunState.FAILED), None)
    fails = failed is not None and (done is None or failed.due_at > done.due_at)
    return JobState(job, newest[0], done, failed, _failing_since(session, job, done) if fails else None)


def _failing_since(session: Session, job: str, done: Ran | None) -> datetime | None:
    """The first failure since a job went well."""
    failures = select(func.min(col(JobRun.due_at))).where(JobRun.job == job, JobRun.state == RunState.FAILED)
    return session.exec(failures.where(col(JobRun.due_at) > done.due_at) if done else failures).one()


def _ran(row: JobRun) -> Ran:
    return Ran(row.job, row.due_at, row.state, row.started_at, row.ended_at, row.outcome, row.error)


def last_tick(session: Session) -> datetime | None:
    """When a clock last finished anything: `/ready` reads it."""
    return session.exec(
        select(JobRun.ended_at).where(col(JobRun.ended_at).is_not(None)).order_by(col(JobRun.ended_at).desc())
    ).first()


def forget_old_runs(engine: Engine, settings: Settings) -> str:
    """Remove runs that went well, two days later; failures stay for twelve weeks, to be seen."""
    now = instants.now()
    went_well = (col(JobRun.state) == RunState.DONE) & (col(JobRun.ended_at) < now - KEPT)
    with Session(engine.execution_options(writes=True)) as session, session.begin():
        chosen = select(JobRun).where(went_well | (col(JobRun.ended_at) < now - FAILURES_KEPT))
        old = session.exec(chosen).all()
        for run in old:
            session.delete(run)
    return f"{plural(len(old), 'old run')} forgotten"
