"""The database's edge: engines for SQLite and PostgreSQL, the column types both agree on, and the keys that keep areas apart."""

from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    URL,
    CheckConstraint,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    ForeignKeyConstraint,
    TypeDecorator,
    UniqueConstraint,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Field, Session, SQLModel

from .settings import BadSettings, Settings
from .words import Retention, ServiceError, new_id

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An aware instant, kept in UTC. SQLite drops the zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def utc_column(nullable: bool = False, index: bool = False) -> Any:
    """A column that holds an instant."""
    return Field(default=None, sa_type=UTCDateTime, nullable=nullable, index=index)


def json_column(nullable: bool = False) -> Any:
    """A column that holds plain JSON. Assign a new value to change it: mutation is not seen."""
    return Field(default=None, sa_type=JSON, nullable=nullable)


def enum_column(values: type[StrEnum], nullable: bool = False, default: Any = None, index: bool = False) -> Any:
    """A text column that holds one of the enum's values, restated as a CHECK in both databases."""
    kind = Enum(
        values,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=values.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )
    return Field(default=default, sa_type=kind, nullable=nullable, index=index)


class Row(SQLModel):
    """A row of an area. Its key is random, and every reference carries the area, so that none can point into another."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=40)
    area_id: str = Field(max_length=40, index=True)


def belongs(retention: Retention, *constraints: Any, **references: str) -> tuple[Any, ...]:
    """`__table_args__` of a Row: its retention class, `(area_id, id)` as a key, and references `column="table"`.

    Every reference becomes a composite foreign key on `(area_id, column)`.
    """
    keys = [ForeignKeyConstraint(["area_id", column], [f"{table}.area_id", f"{table}.id"]) for column, table in references.items()]
    area = ForeignKeyConstraint(["area_id"], ["area.id"])
    return (area, UniqueConstraint("area_id", "id"), *keys, *constraints, {"info": {"retention": retention}})


def check(name: str, rule: str) -> CheckConstraint:
    """A CHECK that restates a rule in the database."""
    return CheckConstraint(rule, name=name)


def open_engine(settings: Settings) -> Engine:
    """The engine of the settings' database; it carries the ledger's key for `ledger.transaction`."""
    url = _url(settings.database_url)
    sqlite = url.get_backend_name() == "sqlite"
    options: dict[str, Any] = {} if sqlite else {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 5}
    engine = create_engine(url, execution_options={"ledger_key": settings.ledger_key}, **options)
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _url(text: str) -> URL:
    """The address of a database that this service can work with."""
    try:
        url = make_url(text)
    except ArgumentError:
        url = None
    if url is None or url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise BadSettings("MODERATION_DATABASE_URL must be like sqlite:///file or postgresql+psycopg://user@host/name.")
    return url


def _prepare_sqlite(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=15000", "synchronous=FULL", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the write lock at once: a lock upgraded half-way fails instead of waiting.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def confine(session: Session, area_id: str | None) -> None:
    """Tell PostgreSQL for which area this transaction works: it then hides the rows of every other (migration 0010)."""
    if area_id is not None and session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text("SELECT set_config('moderation.area', :area, true)"), {"area": area_id})


def for_reading(engine: Engine) -> Engine:
    """The same database, for sessions that only read: PostgreSQL then refuses them every write."""
    return engine.execution_options(postgresql_readonly=True)


def end_reading(session: Session) -> None:
    """Done with a session that only read.

    On PostgreSQL by a commit, of nothing: psycopg forgets its prepared statements at every rollback, and planning the questions
    of a sheet anew takes longer than answering them.
    """
    if session.in_transaction() and session.get_bind().dialect.name == "postgresql":
        session.expunge_all()
        with suppress(DBAPIError):  # the connection is gone: there is nothing to lose
            session.commit()
    session.close()


class WrongSchema(ServiceError):
    """The database is missing, or its schema is not the one this code needs."""


def migrations() -> Config:
    """Alembic's settings, from pyproject.toml."""
    root = Path(__file__).parent.parent
    config = Config(toml_file=str(root / "pyproject.toml"))
    config.set_main_option("script_location", str(root / "migrations"))
    return config


def schema_state(engine: Engine) -> tuple[str | None, str | None]:
    """The revision of the database and the one this code needs."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current, _wanted_revision()


@cache
def _wanted_revision() -> str | None:
    """The code does not change while it runs: its migrations are read once."""
    return ScriptDirectory.from_config(migrations()).get_current_head()


def unreachable(error: OperationalError) -> WrongSchema:
    """The database did not answer, in one line."""
    return WrongSchema(f"The database cannot be reached: {' '.join(str(error.orig).split())[:200]}")


def require_schema(engine: Engine) -> None:
    """Raise WrongSchema, with one line that says what to do, unless the database is there and current."""
    try:
        current, wanted = schema_state(engine)
    except OperationalError as error:
        raise unreachable(error) from error
    if current != wanted:
        raise WrongSchema(f"The database has schema {current or 'none'}, this code needs {wanted}: run `moderation db upgrade`.")
