"""What a save asks of the database. Each question is a way there and back, and the auditors of an area wait in one queue."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from moderation.database import end_reading, for_reading
from tests.build import World, an_open_round
from tests.build_sheets import a_sheet, answer_all
from tests.conftest import SignIn

# Session, roles; area, ledger's head, sheet, answers; the answer, its version before, the sheet, the event, the head.
MOST = {"sqlite": 10, "postgresql": 11}  # PostgreSQL is told the area


@contextmanager
def asked_of(engine: Engine) -> Iterator[list[str]]:
    """What a database is asked within this block, and every rollback."""
    log: list[str] = []

    def statement(connection: object, cursor: object, words: str, *_: object) -> None:
        if not words.startswith("BEGIN"):
            log.append(words)

    def rolled_back(connection: object) -> None:
        log.append("ROLLBACK")

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "rollback", rolled_back)
    yield log
    event.remove(engine, "before_cursor_execute", statement)
    event.remove(engine, "rollback", rolled_back)


@pytest.mark.parametrize("field", [{"answer": "2"}, {"evidence": "Page 9"}, {"answer": "2", "evidence": "Page 9", "go": "next"}])
def test_a_save_asks_for_each_thing_once(engine: Engine, world: World, sign_in: SignIn, field: dict[str, str]) -> None:
    sheet_id = a_sheet(engine, world, an_open_round(engine, world), world.helen)
    answer_all(engine, world, world.helen, sheet_id)
    helen, question = sign_in(world.helen), f"/sheets/{sheet_id}/questions/F02"
    headers = {} if "go" in field else {"HX-Request": "true"}
    helen.post(question, data={"version": "1", "confidence": "sure"}, headers=headers)  # the framework is at hand from here on
    with asked_of(engine) as log:
        assert helen.post(question, data={"version": "2", **field}, headers=headers).status_code in (200, 303)
    statements = [words for words in log if words != "ROLLBACK"]
    assert any("INTO rating_revision" in words for words in statements)
    assert len(statements) <= MOST[engine.dialect.name], "\n".join(statements)
    if engine.dialect.name == "postgresql":
        assert "ROLLBACK" not in log  # psycopg would forget its prepared statements


def test_a_session_that_only_reads_leaves_nothing_behind(engine: Engine, world: World) -> None:
    session = Session(for_reading(engine))
    with suppress(DBAPIError):  # PostgreSQL refuses it at once
        session.connection().execute(text("UPDATE area SET name = 'Elsewhere'"))
        assert engine.dialect.name == "sqlite"
    end_reading(session)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM area")).scalar_one() == "Northfield"
