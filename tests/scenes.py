"""A scene: what every test of a file finds in its database. It is built once for the file, and each test starts from a copy.

A file says `pytestmark = pytest.mark.scene(builder, *arguments)`. `builder(engine, world, *arguments)` is called in Northfield;
what it answers is the fixture `scene`. (A builder alone: `pytest.mark.scene.with_args(builder)`, or it would be what is marked.)
The tests of a file without the mark start from an empty database.
"""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine

from moderation.database import open_engine
from moderation.settings import Settings
from tests.build import World, a_world


@dataclass(frozen=True)
class Start:
    """A database to copy (the path of a file, or the name on the server), and what stands in it."""

    database: str
    world: World | None = None
    built: Any = None


def scene_of(node: pytest.Item | pytest.Collector) -> pytest.Mark | None:
    return node.get_closest_marker("scene")


def build_scene(mark: pytest.Mark, settings: Settings, database: str) -> Start:
    """Build the scene in a database that is migrated and empty, and leave nobody connected to it."""
    engine = open_engine(settings)
    builder, *arguments = mark.args
    world = a_world(engine)
    built = builder(engine, world, *arguments, **mark.kwargs)
    _put_into_one_file(engine)
    engine.dispose()
    return Start(database, world, built)


def _put_into_one_file(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":  # what is still in the log beside it would be missing in a copy
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
