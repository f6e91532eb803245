"""Which module reads or writes ratings while everything is used: the five doors, and nobody else.

Import contracts cannot see raw SQL or a row that was handed on. So every statement on the rating tables is traced to the module
that issued it, and every rating that is made or changed to the module that did so.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType, ModuleType

import pytest
from sqlalchemy import Engine, event, text
from sqlmodel import Session

from moderation.clock import run_jobs
from moderation.commands.backup import backup
from moderation.instants import frozen
from moderation.score.tables import Rating, RatingRevision, Scoresheet
from moderation.web.render import db
from tests.blindness.conftest import SetUp, Stage
from tests.blindness.scene import NOW, Scene, others_act
from tests.blindness.test_two_worlds import JOBS, an_auditors_day
from tests.blindness.things import all_ids, requests

TABLES = re.compile(r"\b(scoresheet|rating|rating_revision)\b", re.IGNORECASE)
DOORS = {f"moderation.score.{name}" for name in ("actions", "own", "progress", "locked", "released")}
BY_THE_WAY = ("moderation.ledger", "moderation.web.render")  # they carry out what a module asks for
WHOLE_DATABASE = {"moderation.commands.backup"}


def asker(frame: FrameType | None) -> str | None:
    """The module of the service that asked for what is going on; None for a test."""
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith("moderation.") and name not in BY_THE_WAY:
            return name
        frame = frame.f_back
    return None


def is_flush(frame: FrameType | None) -> bool:
    """Writing what was changed earlier, at a moment that has nothing to do with who changed it."""
    while frame is not None:
        if frame.f_code.co_name == "_flush" and frame.f_globals.get("__name__") == "sqlalchemy.orm.session":
            return True
        frame = frame.f_back
    return False


@contextmanager
def watched() -> Iterator[set[tuple[str, str]]]:
    """Collects (module, what it did) for every touch of the rating tables."""
    seen: set[tuple[str, str]] = set()

    def note(frame: FrameType | None, what: str) -> None:
        who = asker(frame)
        if who:
            seen.add((who, what))

    def statement(connection, cursor, sql, parameters, context, many) -> None:  # type: ignore[no-untyped-def]
        if TABLES.search(sql) and not is_flush(sys._getframe(1)):
            note(sys._getframe(1), sql.split(maxsplit=1)[0].upper())

    def made(target, args, kwargs) -> None:  # type: ignore[no-untyped-def]
        note(sys._getframe(1), f"makes {type(target).__name__}")

    def changed(target, value, before, initiator) -> None:  # type: ignore[no-untyped-def]
        note(sys._getframe(1), f"changes {type(target).__name__}")

    listeners = [(Engine, "before_cursor_execute", statement)]
    for kind in (Rating, RatingRevision, Scoresheet):
        listeners.append((kind, "init", made))
        listeners += [(getattr(kind, name), "set", changed) for name in kind.model_fields]
    for target, name, listener in listeners:
        event.listen(target, name, listener)
    try:
        yield seen
    finally:
        for target, name, listener in listeners:
            event.remove(target, name, listener)


def strangers(seen: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(module, what) for module, what in seen if module not in DOORS}


def look_at_everything(stage: Stage) -> None:
    """Every page there is, by somebody of every role."""
    ids = all_ids(stage, of_each=1)
    for name in ("helen", "grace", "priya", "ruth", "sam"):
        person = stage.scene.northfield.people[name]
        client = stage.client(person)
        for request in requests(stage, person, ids, most=8):
            client.get(request.address, headers=request.headers)


def test_pages_of_every_role_read_ratings_through_the_doors_only(busy: Stage) -> None:
    with watched() as seen:
        look_at_everything(busy)
    assert strangers(seen) == set()
    assert {module for module, _ in seen} >= {"moderation.score.own", "moderation.score.progress", "moderation.score.released"}


def test_scoring_and_the_clocks_jobs_go_through_the_doors_only(set_up: SetUp, quiet_scene: Scene) -> None:
    stage = set_up(quiet_scene)
    with watched() as seen:
        others_act(stage.engine, stage.scene)
        list(an_auditors_day(stage))
        for day in (0, 15, 16):
            with frozen(NOW + timedelta(days=day), every_thread=True):
                run_jobs(stage.engine, stage.scene.settings, *JOBS)
    assert strangers(seen) == set()
    assert {"moderation.score.actions", "moderation.score.locked"} <= {module for module, _ in seen}
    assert ("moderation.score.actions", "makes Rating") in seen and ("moderation.score.actions", "changes Rating") in seen


def test_nobody_else_changes_a_rating_and_only_a_backup_reads_past_the_doors(busy: Stage) -> None:
    with watched() as seen:
        backup(busy.engine, busy.scene.settings, busy.source.parent / "backup.zip")
    assert {module for module, _ in strangers(seen)} <= WHOLE_DATABASE
    assert {what for _, what in seen} <= {"SELECT"}


# --- and the watch notices ----------------------------------------------------------------------------------------------------


def a_module(name: str, code: str, **names: object) -> ModuleType:
    """A module of the service that was written carelessly."""
    module = ModuleType(name)
    module.__dict__.update(names)
    exec(compile(code, name, "exec"), module.__dict__)
    return module


def test_raw_sql_from_a_later_stage_is_noticed(busy: Stage) -> None:
    code = "def average(): return db().execute(text('SELECT avg(value) FROM rating')).scalar()"
    leak = a_module("moderation.track.averages", code, db=db, text=text)
    with watched() as seen, busy.app.test_request_context():
        assert leak.average() is not None
    assert strangers(seen) == {("moderation.track.averages", "SELECT")}


def test_a_rating_changed_by_moderation_is_noticed(busy: Stage) -> None:
    code = "def overwrite(rating): rating.value = 1"
    leak = a_module("moderation.moderate.overwrite", code)
    with Session(busy.engine) as session:
        rating = session.exec(Rating.__table__.select().limit(1)).first()  # type: ignore[attr-defined, call-overload]
        row = session.get_one(Rating, rating.id)
        with watched() as seen:
            leak.overwrite(row)
    assert strangers(seen) == {("moderation.moderate.overwrite", "changes Rating")}


@pytest.mark.parametrize("words", ["select * from agreed_rating", "select rating_count from meeting", "select 1"])
def test_other_tables_are_not_ratings(words: str) -> None:
    assert not TABLES.search(words)
