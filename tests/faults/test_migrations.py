"""Migrations go up, down and up again with data, on both databases, and the models say what the migrations made."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, func, inspect, select, text
from sqlmodel import Session, SQLModel

from moderation.commands.backup import digest
from moderation.database import migrations, schema_state
from moderation.moderate import meetings
from moderation.moderate.decisions import decide
from moderation.register.audit_packs import PackDocument, audit_pack
from moderation.register.gate_due import due_for_search
from moderation.register.tables import ChildCase, PlanVersion
from moderation.settings import Settings
from moderation.words import NotFound
from tests.actions.test_moderate_meetings import TERMS, agreed, begin
from tests.build import World, act_as, an_open_round, some_plans
from tests.build_moderation import a_closed_round, a_routed_round
from tests.build_track import SIX, plausible, publish

BEFORE_THE_GATE = "0021"
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
    nothing_at_the_gate(engine)
    before, rows = digest(engine), counts(engine)
    move(engine, "downgrade", "0008")
    move(engine, "upgrade", "head")
    assert counts(engine) == rows
    assert digest(engine) == before


def test_a_meeting_and_its_minutes_survive_the_step_that_enlarges_them(engine: Engine, world: World) -> None:
    closed = a_routed_round(engine, world, {"NF-1": {"E01": (1, 3, 3)}})
    meeting = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    begin(engine, world, meeting)
    act_as(engine, world.priya, world.area_id, decide, meeting, [agreed(closed)])
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    nothing_at_the_gate(engine)
    rows = counts(engine)
    move(engine, "downgrade", "0013")
    move(engine, "upgrade", "head")
    assert counts(engine) == rows


NOT_YET = (
    "DELETE FROM released_copy",
    "UPDATE plan_version SET released_at = NULL, released_by = NULL",
    "UPDATE gate SET id = plan_version_id, searched_at = NULL, checks = NULL, passed_at = NULL, passed_by = NULL",
)


def nothing_at_the_gate(engine: Engine) -> None:
    """Copies and decisions are of tables that a step down drops; what stays are packs that wait to be searched."""
    with engine.execution_options(writes=True).begin() as connection:
        for statement in NOT_YET:
            connection.execute(text(statement))


def test_packs_that_a_round_works_with_stay_readable_and_the_others_wait_at_the_gate(engine: Engine, world: World) -> None:
    """Before there was a gate, a lead confirmed a pack by a tick. Nobody who is reading one loses it."""
    an_open_round(engine, world, plans=2)
    some_plans(engine, world, 1, prefix="N")
    move(engine, "downgrade", BEFORE_THE_GATE)
    with engine.execution_options(writes=True).begin() as connection:
        everybody = f"UPDATE plan_version SET attested_at = imported_at, attested_by = '{world.grace.id}'"
        connection.execute(text(everybody))
        connection.execute(text("UPDATE document SET rendered_at = uploaded_at"))
    move(engine, "upgrade", "head")
    with Session(engine) as session:
        plans = {case.reference: plan for plan, case in session.execute(select_plans()).all()}
        readable = {key: bool(documents(session, plan)) for key, plan in plans.items()}
        waiting = {due.plan_version_id for due in due_for_search(session, 9)}
    assert readable == {"P001": True, "P002": True, "N001": False}
    assert waiting == {plans["N001"].id}
    assert plans["P001"].released_by == world.grace.id


def select_plans():  # type: ignore[no-untyped-def]
    return select(PlanVersion, ChildCase).join(ChildCase, ChildCase.id == PlanVersion.case_id)


def documents(session: Session, plan: PlanVersion) -> tuple[PackDocument, ...]:
    try:
        return audit_pack(session, plan.area_id, plan.id).documents
    except NotFound:
        return ()


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar() or 0
            for table in SQLModel.metadata.sorted_tables
        }
