"""Nightly tidying of sessions and links, and what administrators see of all the scheduled work."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete
from sqlmodel import Session, col

from ..jobs import JobState, Ran, job_states, recent_runs
from ..ledger import CLOCK, Via, transaction
from ..settings import Settings
from ..words import plural
from .tables import SignInFailure, SignInLink, UserSession

KEEP_FAILURES = timedelta(days=1)
KEEP_SESSIONS = timedelta(days=30)


def tidy_sessions(engine: Engine, settings: Settings) -> str:
    """Forget what is no longer needed to keep people safe."""
    with transaction(engine, CLOCK, Via.JOB, None) as tx:
        old = tx.now - KEEP_SESSIONS
        failed = tx.session.exec(delete(SignInFailure).where(col(SignInFailure.at) < tx.now - KEEP_FAILURES))
        ended = tx.session.exec(delete(UserSession).where(col(UserSession.last_seen_at) < old))
        links = tx.session.exec(delete(SignInLink).where(col(SignInLink.expires_at) < old))
        gone = f"{plural(failed.rowcount, 'failed sign-in')}, {plural(ended.rowcount, 'session')}"
        return f"{gone} and {plural(links.rowcount, 'link')} forgotten"


@dataclass(frozen=True)
class JobLine:
    """One run of a scheduled job, without anything from the data it worked on."""

    job: str
    due_at: datetime
    ended_at: datetime | None
    state: str
    outcome: str
    fault: str


@dataclass(frozen=True)
class JobNow:
    """How one job goes."""

    job: str
    last: JobLine
    done: JobLine | None
    failed: JobLine | None
    failing_since: datetime | None


@dataclass(frozen=True)
class JobsPage:
    """How each job goes, those that fail first, and their latest runs, with or without those that found nothing to do."""

    jobs: tuple[JobNow, ...]
    runs: tuple[JobLine, ...]
    with_idle: bool

    @property
    def failing(self) -> int:
        return sum(job.failing_since is not None for job in self.jobs)


def jobs_page(session: Session, with_idle: bool) -> JobsPage:
    """Of an error only kind and place are shown: its words may quote a rating or another area."""
    runs = tuple(map(_line, recent_runs(session, with_idle)))
    return JobsPage(tuple(map(_now, job_states(session))), runs, with_idle)


def _now(state: JobState) -> JobNow:
    done = _line(state.done) if state.done else None
    failed = _line(state.failed) if state.failed else None
    return JobNow(state.job, _line(state.last), done, failed, state.failing_since)


def _line(run: Ran) -> JobLine:
    return JobLine(
        run.job, run.due_at, run.ended_at, run.state, "nothing to do" if run.is_idle else run.outcome, fault_of(run.error or "")
    )


def fault_of(trace: str) -> str:
    """Kind and place of the error at the end of a traceback: `ValueError in moderation/measure/actions.py, line 12`."""
    places = re.findall(r'File "[^"]*?((?:moderation|stats)/[\w/]+\.py)", line (\d+)', trace)
    kinds: list[str] = re.findall(r"^([\w.]+)(?::|$)", trace, re.MULTILINE)
    if not kinds:
        return ""
    where = f" in {places[-1][0]}, line {places[-1][1]}" if places else ""
    return kinds[-1].rpartition(".")[2] + where
