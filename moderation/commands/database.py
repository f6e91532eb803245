"""`moderation db upgrade`: bring the database to the schema this code needs."""

import argparse
from typing import Any

from alembic import command
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from ..database import migrations, open_engine, unreachable
from ..settings import Settings


def add_to(subparsers: Any) -> None:
    parser = subparsers.add_parser("db", help="bring the database to the schema this code needs")
    parser.add_argument("verb", choices=["upgrade"])
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    engine = open_engine(Settings.from_env())
    try:
        upgrade(engine)
    except OperationalError as error:
        raise unreachable(error) from error
    return 0


def upgrade(engine: Engine) -> None:
    """Run the migrations that are missing, in one transaction."""
    config = migrations()
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
