"""`moderation account create`: the first administrator's way in."""

import base64
import re

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.commands import account
from moderation.people.tables import Account, AccountState
from moderation.settings import Settings
from moderation.words import InvalidInput


class Arguments:
    def __init__(self, email: str, name: str) -> None:
        self.email, self.name = email, name


@pytest.fixture
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key, "STORE_URL": settings.store_url,
        "MASTER_KEY": base64.b64encode(settings.master_key).decode(), "LEDGER_KEY": base64.b64encode(settings.ledger_key).decode(),
        "DATA_DIR": str(settings.data_dir), "BASE_URL": "https://moderation.example",
    }  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(f"MODERATION_{name}", value)


def test_it_prints_a_link_for_the_new_administrator(environment: None, engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert account.run(Arguments("Sam@North.example", " Sam  Cole ")) == 0  # type: ignore[arg-type]
    assert re.search(r"https://moderation.example/choose-password/\S{43}\n", capsys.readouterr().out)
    with Session(engine) as session:
        created = session.exec(select(Account)).one()
    assert (created.email, created.name, created.state) == ("sam@north.example", "Sam Cole", AccountState.INVITED)


def test_it_names_what_cannot_be_used(environment: None) -> None:
    with pytest.raises(InvalidInput) as refusal:
        account.run(Arguments("sam", " "))  # type: ignore[arg-type]
    assert [problem.field for problem in refusal.value.problems] == ["--email", "--name"]


def test_it_makes_no_second_account_for_an_address(environment: None) -> None:
    account.run(Arguments("sam@north.example", "Sam"))  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        account.run(Arguments("SAM@north.example", "Sam"))  # type: ignore[arg-type]
