"""`moderation serve`, `moderation clock` and `moderation run-job NAME`: the processes of an installation."""

import argparse
import os
import sys
from typing import Any

from ..clock import TIMETABLE, run_clock
from ..database import open_engine, require_schema
from ..settings import Settings
from ..store import open_store
from ..words import InvalidInput, Problem


def add_to(subparsers: Any) -> None:
    web = subparsers.add_parser("serve", help="serve the pages")
    web.add_argument("--host", default="127.0.0.1")
    web.add_argument("--port", type=int, default=8000)
    web.set_defaults(run=serve)
    clock = subparsers.add_parser("clock", help="run the scheduled jobs")
    clock.set_defaults(run=tick)
    job = subparsers.add_parser("run-job", help="run one scheduled job now")
    job.add_argument("name")
    job.set_defaults(run=run_job)


def serve(args: argparse.Namespace) -> int:
    settings = Settings.from_env()
    open_store(settings).checked()
    require_schema(open_engine(settings))  # say what is wrong in one line, not in every worker's
    command = [sys.executable, "-m", "gunicorn", *gunicorn_options(args.host, args.port), "moderation.wiring:create_app()"]
    os.execv(sys.executable, command)  # the process becomes the server: signals reach it directly


def gunicorn_options(host: str, port: int) -> list[str]:
    """Two workers of four threads, without the control socket that would appear in the home folder."""
    options = ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket"]
    return [*options, "--bind", f"{host}:{port}", "--timeout", "60", "--graceful-timeout", "20", "--max-requests", "5000"]


def tick(args: argparse.Namespace) -> int:
    run_clock(Settings.from_env())
    return 0


def run_job(args: argparse.Namespace) -> int:
    settings = Settings.from_env()
    job = next((job for job in TIMETABLE if job.name == args.name), None)
    if job is None:
        names = ", ".join(job.name for job in TIMETABLE)
        raise InvalidInput([Problem("name", "there is no such job", value=args.name, allowed=names)])
    engine = open_engine(settings)
    require_schema(engine)
    print(job.run(engine, settings))
    return 0
