"""The scene of the blindness tests, built once and copied for each test, with the clock held."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from moderation.database import open_engine
from moderation.instants import frozen
from moderation.wiring import create_app
from tests.blindness.scene import NOW, Scene, build, lead_withdraws, others_act
from tests.build import Person
from tests.conftest import make_settings


@dataclass(frozen=True)
class Stage:
    """A scene that can be played: its database and the service on it."""

    scene: Scene
    engine: Engine
    app: Flask
    source: Path

    def client(self, person: Person | None) -> FlaskClient:
        """A browser of this person, signed in; of a visitor for None."""
        client = self.app.test_client()
        if person:
            with client.session_transaction() as session:
                session["token"] = self.scene.tokens[person.id]
        return client

    def restore(self) -> None:
        """Everything as it was when the scene was set up."""
        self.engine.dispose()
        file = _file(self.scene)
        for part in ("", "-wal", "-shm"):
            file.with_name(file.name + part).unlink(missing_ok=True)
        shutil.copy(self.source, file)


def _file(scene: Scene) -> Path:
    return Path(scene.settings.database_url.removeprefix("sqlite:///"))


def _settle(engine: Engine) -> None:
    """Everything into the one file, so that copying the file copies the database."""
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


@pytest.fixture(scope="session")
def quiet_scene(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The scene in which the others have done nothing yet."""
    folder = tmp_path_factory.mktemp("quiet")
    shutil.copy(sqlite_template, folder / "scene.sqlite")
    settings = make_settings(folder, f"sqlite:///{folder}/scene.sqlite")
    engine = open_engine(settings)
    scene = build(engine, settings)
    _settle(engine)
    return scene


Play = Callable[..., Scene]


@pytest.fixture(scope="session")
def played(quiet_scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Play:
    """A copy of the scene after the others have acted, with low ratings or with generous ones."""
    known: dict[bool, Scene] = {}

    def play(generous: bool = False) -> Scene:
        if generous not in known:
            scene = _copy(quiet_scene, tmp_path_factory.mktemp("played"))
            engine = open_engine(scene.settings)
            with frozen(NOW):
                others_act(engine, scene, generous)
            _settle(engine)
            known[generous] = scene
        return known[generous]

    return play


@pytest.fixture(scope="session")
def busy_scene(played: Play, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The scene after everything the others do, and after the lead has withdrawn one of Helen's plans."""
    scene = _copy(played(), tmp_path_factory.mktemp("busy"))
    engine = open_engine(scene.settings)
    with frozen(NOW):
        lead_withdraws(engine, scene)
    _settle(engine)
    return scene


def _copy(scene: Scene, folder: Path) -> Scene:
    shutil.copy(_file(scene), folder / "scene.sqlite")
    return scene.at(f"sqlite:///{folder}/scene.sqlite")


@pytest.fixture(autouse=True)
def held_clock() -> Iterator[None]:
    with frozen(NOW, every_thread=True):
        yield


@pytest.fixture(autouse=True)
def readable_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes on paper is looked at before it is set: in a PDF its words are packed, and a leak in them would not be seen."""
    monkeypatch.setattr("moderation.web.printing.as_pdf", lambda html: html.encode())


SetUp = Callable[[Scene], Stage]


@pytest.fixture
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SetUp]:
    """Play a copy of a scene."""
    engines: list[Engine] = []

    def play(scene: Scene) -> Stage:
        mine = _copy(scene, tmp_path_factory.mktemp("stage"))
        engine = open_engine(mine.settings)
        engines.append(engine)
        app = create_app(mine.settings, engine)
        app.config["WTF_CSRF_ENABLED"] = False
        return Stage(mine, engine, app, _file(scene))

    yield play
    for engine in engines:
        engine.dispose()


@pytest.fixture
def quiet(set_up: SetUp, quiet_scene: Scene) -> Stage:
    return set_up(quiet_scene)


@pytest.fixture
def busy(set_up: SetUp, busy_scene: Scene) -> Stage:
    return set_up(busy_scene)
