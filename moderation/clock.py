"""The clock: which jobs there are and when they are due, and the one process that runs them.

APScheduler is only the tick. What is due, claimed and done stands in the database (`jobs.py`), so any number of clocks may run.
"""

import logging
import sys

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from sqlalchemy import Engine

from . import jobs, post
from .allocate.jobs import erase_documents, repair_rounds, work_out_draws
from .database import open_engine, require_schema
from .jobs import Daily, Every, Job
from .ledger import sign_heads
from .measure.jobs import measure_closed_rounds
from .moderate.jobs import chase_actions, find_disagreements
from .people.jobs import tidy_sessions
from .register.jobs import (
    check_uploads,
    erase_discarded,
    forget_uploads,
    install_frameworks,
    release_packs,
    render_documents,
    search_packs,
)
from .score.jobs import chase_concerns, close_due_rounds, send_reminders
from .settings import Settings
from .store import open_store
from .track.jobs import recompute_trends
from .words import ServiceError, plural

TICK_SECONDS = 5
MINUTE = 60


def sign_ledger(engine: Engine, settings: Settings) -> str:
    """Sign the head of every chain, outside the database."""
    return f"{plural(sign_heads(engine, settings.ledger_heads), 'head')} signed"


TIMETABLE = (
    Job("send_letters", Every(15), post.send_due),
    Job("install_frameworks", Every(15), install_frameworks),
    Job("check_uploads", Every(10), check_uploads),
    Job("render_documents", Every(10), render_documents),
    Job("search_packs", Every(10), search_packs),
    Job("release_packs", Every(10), release_packs),
    Job("erase_discarded", Every(MINUTE), erase_discarded),
    Job("work_out_draws", Every(10), work_out_draws),
    Job("close_rounds", Every(MINUTE), close_due_rounds),
    Job("measure", Every(MINUTE), measure_closed_rounds),
    Job("find_disagreements", Every(MINUTE), find_disagreements),
    Job("chase_concerns", Every(15 * MINUTE), chase_concerns),
    Job("repair_rounds", Daily(7, 15), repair_rounds),
    Job("send_reminders", Daily(7, 30), send_reminders),
    Job("chase_actions", Daily(7, 45), chase_actions),
    Job("recompute_trends", Daily(2), recompute_trends),
    Job("tidy", Daily(3), tidy_sessions),
    Job("forget_uploads", Daily(3, 15), forget_uploads),
    Job("forget_letters", Daily(3, 45), post.forget_letters),
    Job("erase_documents", Daily(4), erase_documents),
    Job("tidy_runs", Daily(3, 30), jobs.forget_old_runs),
    Job("sign_ledger", Every(15 * MINUTE), sign_ledger),
)


def run_due(engine: Engine, settings: Settings) -> list[str]:
    """Run every job that is due, in the order of the timetable; returns the names of those that ran."""
    return [job.name for job in TIMETABLE if jobs.run_if_due(job, engine, settings)]


def run_jobs(engine: Engine, settings: Settings, *names: str) -> list[str]:
    """Run these jobs now, due or not, in the order of the timetable; returns what each says it did."""
    return [job.run(engine, settings) for job in TIMETABLE if job.name in names]


def run_clock(settings: Settings) -> None:
    """Tick until told to stop. Raises WrongSchema when the database is missing or old."""
    engine = open_engine(settings)
    open_store(settings).checked()
    require_schema(engine)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BlockingScheduler(executors={"default": ThreadPoolExecutor(1)}, timezone="Europe/London")
    scheduler.add_job(run_due, "interval", [engine, settings], seconds=TICK_SECONDS, max_instances=1, coalesce=True)
    scheduler.start()


if __name__ == "__main__":
    try:
        run_clock(Settings.from_env())
    except ServiceError as error:
        sys.exit(f"moderation clock: {error}")
    except (KeyboardInterrupt, SystemExit):
        sys.exit(0)
