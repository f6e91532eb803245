"""Alembic's entry: runs the numbered migrations on the database of the settings, or on the connection it is handed."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlmodel import AutoString, SQLModel

from moderation import jobs, ledger, post  # noqa: F401  (tables of the core)
from moderation.allocate import tables as allocate  # noqa: F401
from moderation.database import UTCDateTime, open_engine
from moderation.measure import tables as measure  # noqa: F401
from moderation.moderate import question_tables  # noqa: F401
from moderation.moderate import tables as moderate  # noqa: F401
from moderation.people import tables as people  # noqa: F401
from moderation.register import tables as register  # noqa: F401
from moderation.score import concern_tables  # noqa: F401
from moderation.score import tables as score  # noqa: F401
from moderation.settings import Settings
from moderation.track import tables as track  # noqa: F401


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column type with its import: without it a migration breaks half-way."""
    if kind == "type" and isinstance(item, UTCDateTime):
        autogen.imports.add("from moderation.database import UTCDateTime")
        return "UTCDateTime()"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.Text()"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, compare_type=True, render_item=render_item
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = open_engine(Settings.from_env())
    with engine.execution_options(writes=True).connect() as connection:
        run(connection)
        connection.commit()
