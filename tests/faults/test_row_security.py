"""PostgreSQL's second belt: a connection that works for one area cannot see or write rows of another, whatever the code asks."""

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, inspect, make_url, text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import Session, select

from moderation.database import confine, open_engine
from moderation.ledger import OPERATOR, Via, transaction
from moderation.people.tables import Agency
from moderation.settings import Settings
from moderation.words import AgencyKind
from tests.build import WorldBuilt, a_world

OPEN = {"membership", "user_session", "outbox"}


@pytest.fixture
def owner(postgres_settings: Settings) -> Iterator[Engine]:
    engine = open_engine(postgres_settings)
    yield engine
    engine.dispose()


@pytest.fixture
def ordinary(owner: Engine, postgres_settings: Settings) -> Iterator[Engine]:
    """The same database as an ordinary user: a superuser passes every policy."""
    role = f"ordinary_{uuid.uuid4().hex[:12]}"
    with owner.begin() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD 'ordinary'"))
        connection.execute(text(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}"))
    url = make_url(postgres_settings.database_url).set(username=role, password="ordinary")
    engine = open_engine(replace(postgres_settings, database_url=url.render_as_string(hide_password=False)))
    yield engine
    engine.dispose()
    with owner.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))


def test_every_table_of_an_area_has_the_belt(owner: Engine) -> None:
    known = inspect(owner)
    of_area = {name for name in known.get_table_names() if any(column["name"] == "area_id" for column in known.get_columns(name))}
    with owner.connect() as connection:
        belted = set(connection.execute(text("SELECT tablename FROM pg_policies WHERE policyname = 'same_area'")).scalars())
    assert belted == of_area - OPEN


def test_a_confined_connection_sees_its_own_area_only(owner: Engine, ordinary: Engine) -> None:
    north, south = a_world(owner), a_world(owner, "Southfield", "southfield.example")
    with Session(ordinary) as session:
        confine(session, north.area_id)
        assert {agency.area_id for agency in session.exec(select(Agency))} == {north.area_id}
        assert session.get(Agency, south.agencies[AgencyKind.CARE]) is None


def test_a_confined_transaction_cannot_write_into_another_area(owner: Engine, ordinary: Engine) -> None:
    north, south = a_world(owner), a_world(owner, "Southfield", "southfield.example")
    with pytest.raises(ProgrammingError, match="row-level security"), transaction(ordinary, OPERATOR, Via.JOB, north.area_id) as tx:
        tx.session.add(Agency(area_id=south.area_id, name="Elsewhere", kind=AgencyKind.OTHER))
        tx.record(WorldBuilt(north.area_id))


def test_a_connection_that_works_for_no_area_is_not_confined(owner: Engine, ordinary: Engine) -> None:
    areas = {a_world(owner).area_id, a_world(owner, "Southfield", "southfield.example").area_id}
    with Session(ordinary) as session:
        assert {agency.area_id for agency in session.exec(select(Agency))} == areas
