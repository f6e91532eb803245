"""`moderation demo`: a demonstration area on an embedded SQLite file, served with web and clock until told to stop."""

import argparse
import base64
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from ..database import WrongSchema, open_engine, require_schema
from ..post import forget_all
from ..settings import Settings
from ..words import InvalidInput, Problem
from .database import upgrade
from .demo_world import ADMINISTRATOR, CAST, PASSWORD, address, build
from .serve import gunicorn_options

READY = "ready"
OWN = (READY, "secrets", "demo.sqlite", "documents", "ledger_heads.jsonl")  # what a demonstration keeps in its folder


def add_to(subparsers: Any) -> None:
    parser = subparsers.add_parser("demo", help="serve a demonstration area with synthetic plans and people")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--folder", type=Path, default=Path("var/demo"), help="where the demonstration keeps its data")
    parser.add_argument("--fresh", action="store_true", help="throw away what was done in the demonstration before")
    parser.add_argument("--build-only", action="store_true", help="make the data and stop")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    folder: Path = args.folder.absolute()
    env = _environment(folder, args.port, args.fresh)
    settings = Settings.from_env(env)
    _build_once(folder, settings)
    if args.build_only:
        return 0
    _print_accounts(args.port)
    return _serve(env, args.port)


def _environment(folder: Path, port: int, fresh: bool) -> dict[str, str]:
    """Settings of the demonstration. Its secrets are its own, made once and kept with its data."""
    if fresh or not _is_usable(folder):
        _clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "secrets"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text("\n".join(base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(3)))
    secret, master, ledger = kept.read_text().split()
    return {
        **os.environ,
        "MODERATION_DATABASE_URL": f"sqlite:///{folder}/demo.sqlite",
        "MODERATION_SECRET_KEY": secret,
        "MODERATION_MASTER_KEY": master,
        "MODERATION_LEDGER_KEY": ledger,
        "MODERATION_STORE_URL": f"file://{folder}/documents",
        "MODERATION_DATA_DIR": str(folder),
        "MODERATION_BASE_URL": f"http://127.0.0.1:{port}",
        "MODERATION_SMTP_URL": "console:",
        "MODERATION_ACCESSIBILITY_CONTACT": "access@northfield.example",
    }


def _clear(folder: Path) -> None:
    """Throw an earlier demonstration away, and nothing else that somebody may keep in a folder of that name."""
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    strange = [name for name in names if not name.startswith(OWN)]
    if strange or folder.is_file():
        raise InvalidInput([Problem("--folder", "this holds something else than a demonstration", value=str(folder))])
    shutil.rmtree(folder, ignore_errors=True)


def _is_usable(folder: Path) -> bool:
    """Was the demonstration built to its end, by this version of the schema?"""
    if not (folder / READY).exists() or not (folder / "secrets").exists():
        return False
    probe = Settings(
        database_url=f"sqlite:///{folder}/demo.sqlite", secret_key="", master_key=b"", ledger_key=b"", store_url="", data_dir=folder
    )
    try:
        require_schema(open_engine(probe))
    except WrongSchema:
        return False
    return True


def _build_once(folder: Path, settings: Settings) -> None:
    if (folder / READY).exists():
        return
    engine = open_engine(settings)
    upgrade(engine)
    build(engine, settings, lambda text: print(f"  {text}", flush=True))
    forget_all(engine)
    engine.dispose()
    (folder / READY).touch()


def _print_accounts(port: int) -> None:
    print(f"\nThe demonstration is at http://127.0.0.1:{port}. Everybody's password: {PASSWORD}\n")
    for name, roles, kind in ((ADMINISTRATOR, ("administrator",), None), *CAST):
        what = ", ".join(str(role).replace("_", " ") for role in roles) + (f", {kind}" if kind else "")
        print(f"  {address(name):<34}{what}")
    print("\nLetters are printed below. Ctrl-C stops it.\n", flush=True)


def _serve(env: dict[str, str], port: int) -> int:
    """Web and clock beside one another; when one ends or we are told to stop, both end."""
    web = [sys.executable, "-m", "gunicorn", *gunicorn_options("127.0.0.1", port), "moderation.wiring:create_app()"]
    running = [subprocess.Popen(command, env=env) for command in (web, [sys.executable, "-m", "moderation.clock"])]  # noqa: S603
    signal.signal(signal.SIGTERM, _stop)
    try:
        while all(process.poll() is None for process in running):
            time.sleep(0.3)
        return 1
    except (KeyboardInterrupt, SystemExit):
        return 0
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=30)


def _stop(number: int, frame: FrameType | None) -> None:
    raise SystemExit
