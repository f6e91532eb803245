"""The one way to write, and the record of it."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from moderation.ledger import OPERATOR, EventRow, SilentWrite, Via, history, sign_heads, transaction, verify
from moderation.people.tables import Agency
from moderation.settings import Settings
from moderation.words import AgencyKind, NotFound
from tests.build import World, WorldBuilt, a_world


def test_a_changed_row_without_an_event_is_refused_and_rolled_back(engine: Engine, world: World) -> None:
    with pytest.raises(SilentWrite), transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        tx.session.add(Agency(area_id=world.area_id, name="Youth justice", kind=AgencyKind.OTHER))
    with Session(engine) as session:
        assert not session.exec(select(Agency).where(Agency.name == "Youth justice")).first()


def test_a_bulk_update_without_an_event_is_refused(engine: Engine, world: World) -> None:
    with pytest.raises(SilentWrite), transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        tx.session.execute(update(Agency).values(version=9))


def test_the_history_of_a_subject_tells_what_happened_to_it(engine: Engine, world: World) -> None:
    with transaction(engine, world.grace.actor, Via.PAGE, world.area_id) as tx:
        tx.record(WorldBuilt(world.area_id))
    with Session(engine) as session:
        lines = history(session, world.area_id, world.area_id)
    assert [(line.name, line.actor_id, line.via) for line in lines] == [("WorldBuilt", world.grace.id, "page")]


def test_rows_of_another_area_are_missing(engine: Engine, world: World) -> None:
    other = a_world(engine, "Southfield", "southfield.example")
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx, pytest.raises(NotFound):
        tx.get(Agency, other.agencies[AgencyKind.CARE])


def test_a_whole_ledger_stands(engine: Engine, world: World, settings: Settings) -> None:
    some_events(engine, world, 3)
    assert sign_heads(engine, settings.ledger_heads) == 2
    verdict = verify(engine, settings.ledger_heads)
    assert (verdict.fault, verdict.events, verdict.chains) == (None, 4, 2)


def some_events(engine: Engine, world: World, count: int) -> None:
    for _ in range(count):
        with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
            tx.record(WorldBuilt(world.area_id))


def test_the_database_itself_refuses_to_change_or_delete_events(engine: Engine, world: World) -> None:
    for statement in ("DELETE FROM event", "UPDATE event SET name = 'Nothing'"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    ("attack", "found"),
    [
        ("UPDATE event SET name = 'Other' WHERE seq = 2 AND chain = :area", "event 2"),
        ('UPDATE event SET content = \'{"area_id": "x"}\' WHERE seq = 2 AND chain = :area', "content was changed"),
        ("DELETE FROM event WHERE seq = 2 AND chain = :area", "event 2 is missing"),
        ("DELETE FROM event WHERE seq = 3 AND chain = :area", "the end of the chain is missing"),
        ("UPDATE event SET seq = CASE seq WHEN 1 THEN 102 ELSE 101 END WHERE seq < 3 AND chain = :area", "is missing"),
    ],
)
def test_tampering_is_found_and_the_first_bad_row_is_named(
    engine: Engine, world: World, settings: Settings, attack: str, found: str
) -> None:
    some_events(engine, world, 3)
    drop_guards(engine)
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(text(attack), {"area": world.area_id})
    assert found in str(verify(engine, settings.ledger_heads).fault)


def test_a_tail_cut_off_together_with_its_head_is_found_by_the_signed_heads(
    engine: Engine, world: World, settings: Settings
) -> None:
    some_events(engine, world, 3)
    sign_heads(engine, settings.ledger_heads)
    drop_guards(engine)
    with Session(engine) as session:
        digest = session.exec(select(EventRow.digest).where(col(EventRow.chain) == world.area_id, EventRow.seq == 2)).one()
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("DELETE FROM event WHERE seq = 3 AND chain = :area"), {"area": world.area_id})
        connection.execute(
            text("UPDATE ledger_head SET seq = 2, digest = :d WHERE chain = :area"), {"area": world.area_id, "d": digest}
        )
    assert "were signed and are gone" in str(verify(engine, settings.ledger_heads).fault)


def test_a_forged_signed_head_is_found(engine: Engine, world: World, settings: Settings) -> None:
    sign_heads(engine, settings.ledger_heads)
    forge(settings.ledger_heads)
    assert "signature is wrong" in str(verify(engine, settings.ledger_heads).fault)


def forge(heads: Path) -> None:
    line = json.loads(heads.read_text().splitlines()[0])
    heads.write_text(json.dumps(line | {"digest": "0" * 64}) + "\n")


def test_an_erased_event_leaves_the_chain_whole(engine: Engine, world: World, settings: Settings) -> None:
    some_events(engine, world, 2)
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(
            text("UPDATE event SET content = NULL, salt = NULL WHERE seq = 1 AND chain = :area"), {"area": world.area_id}
        )
    assert verify(engine, settings.ledger_heads).fault is None


def drop_guards(engine: Engine) -> None:
    """What somebody with the database in their hands would do first."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.execution_options(writes=True).begin() as connection:
        for name in ("event_no_delete", "event_no_change"):
            connection.execute(text(f"DROP TRIGGER {name}" + ("" if sqlite else " ON event")))
