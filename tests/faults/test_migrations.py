"""Migrations go up, down and up again with data, on both databases, and the models say what the migrations made."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, func, inspect, select
from sqlmodel import SQLModel

from moderation.commands.backup import digest
from moderation.database import migrations, schema_state
from moderation.moderate import actions, meetings
from moderation.moderate.decisions import decide
from moderation.settings import Settings
from tests.actions.test_moderate_meetings import TERMS, agreed, begin
from tests.build import World, act_as
from tests.build_moderation import a_closed_round
from tests.build_track import SIX, plausible, publish

VERSIONS = sorted((Path(__file__).parent.parent.parent / "migrations" / "versions").glob("0*.py"))


def move(engine: Engine, verb: str, revision: str) -> None:
    config = migrations()
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        getattr(command, verb)(config, revision)


def test_the_newest_migration_is_what_the_code_asks_for(engine: Engine) -> None:
    current, wanted = schema_state(engine)
    assert current == wanted == VERSIONS[-1].name[:4]


def test_models_and_migrations_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_down_to_nothing_leaves_nothing(engine: Engine) -> None:
    move(engine, "downgrade", "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}


@pytest.mark.parametrize("down_to", [path.name[:4] for path in VERSIONS])
def test_every_step_down_and_up_again_works(engine: Engine, down_to: str) -> None:
    move(engine, "downgrade", down_to)
    move(engine, "upgrade", "head")
    assert schema_state(engine)[0] == VERSIONS[-1].name[:4]


def test_data_of_the_kept_tables_survives_a_step_down_and_up(engine: Engine, world: World, settings: Settings) -> None:
    closed = a_closed_round(engine, world, plausible(4, "A", len(SIX)), SIX)
    publish(engine, world, closed.id)
    before, rows = digest(engine), counts(engine)
    move(engine, "downgrade", "0008")
    move(engine, "upgrade", "head")
    assert counts(engine) == rows
    assert digest(engine) == before


def test_a_meeting_and_its_minutes_survive_the_step_that_enlarges_them(engine: Engine, world: World) -> None:
    closed = a_closed_round(engine, world, {"NF-1": {"E01": (1, 3, 3)}})
    act_as(engine, None, world.area_id, actions.find_disagreements, closed.id)
    meeting = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    begin(engine, world, meeting)
    act_as(engine, world.priya, world.area_id, decide, meeting, [agreed(closed)])
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    rows = counts(engine)
    move(engine, "downgrade", "0013")
    move(engine, "upgrade", "head")
    assert counts(engine) == rows


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar() or 0
            for table in SQLModel.metadata.sorted_tables
        }
