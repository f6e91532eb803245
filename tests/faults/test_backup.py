"""A backup is one whole moment, and what is restored from it is the same and still verifies."""

import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from moderation.commands import backup as commands
from moderation.commands.backup import backup, digest, restore
from moderation.commands.database import upgrade
from moderation.database import open_engine
from moderation.ledger import sign_heads, verify
from moderation.settings import Settings
from moderation.store import open_store
from moderation.words import InvalidInput, Refused
from tests.build import World
from tests.build_moderation import a_closed_round
from tests.build_track import SIX, plausible, publish


@pytest.fixture
def archive(engine: Engine, world: World, settings: Settings, tmp_path: Path) -> Path:
    closed = a_closed_round(engine, world, plausible(4, "A", len(SIX)), SIX)
    publish(engine, world, closed.id)
    sign_heads(engine, settings.ledger_heads)
    return tmp_path / "backup.zip"


def test_the_command_saves_every_table_though_it_loads_only_what_it_needs() -> None:
    code = "from moderation.commands.backup import _tables; print(*(table.name for table in _tables()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"rating", "agreed_rating", "trend_point", "concern", "outbox", "event"} <= set(done.stdout.split())


def elsewhere(settings: Settings, folder: Path) -> Settings:
    """Another, empty installation with the same keys, on SQLite."""
    folder.mkdir()
    return replace(
        settings, database_url=f"sqlite:///{folder}/new.sqlite", store_url=f"file://{folder}/documents", data_dir=folder / "data"
    )


def test_restored_data_is_the_same_and_its_ledger_stands(engine: Engine, settings: Settings, archive: Path, tmp_path: Path) -> None:
    kept = open_store(settings).put(b"%PDF-1.7 a document")
    backup(engine, settings, archive)
    new = elsewhere(settings, tmp_path / "new")
    fresh = open_engine(new)
    upgrade(fresh)
    rows, documents = restore(fresh, new, archive)
    assert rows > 100
    assert documents == 1
    assert digest(fresh) == digest(engine)
    assert verify(fresh, new.ledger_heads).fault is None
    assert open_store(new).get(kept.path, kept.wrapped_key) == b"%PDF-1.7 a document"


def test_a_database_with_rows_is_not_overwritten(engine: Engine, settings: Settings, archive: Path) -> None:
    backup(engine, settings, archive)
    with pytest.raises(Refused, match="not empty"):
        restore(engine, settings, archive)


def test_documents_in_the_archive_stay_encrypted(engine: Engine, settings: Settings, archive: Path) -> None:
    open_store(settings).put(b"%PDF-1.7 CANARY")
    backup(engine, settings, archive)
    with zipfile.ZipFile(archive) as opened:
        assert not any(b"CANARY" in opened.read(name) for name in opened.namelist())


def test_a_damaged_backup_is_refused_and_writes_nothing(engine: Engine, settings: Settings, archive: Path, tmp_path: Path) -> None:
    backup(engine, settings, archive)
    content = bytearray(archive.read_bytes())
    content[200] ^= 0xFF
    archive.write_bytes(bytes(content))
    new = elsewhere(settings, tmp_path / "new")
    fresh = open_engine(new)
    upgrade(fresh)
    with pytest.raises(InvalidInput, match="backup"):
        restore(fresh, new, archive)
    assert not new.ledger_heads.exists()


def test_signed_heads_of_another_ledger_are_not_overwritten(
    engine: Engine, settings: Settings, archive: Path, tmp_path: Path
) -> None:
    backup(engine, settings, archive)
    new = elsewhere(settings, tmp_path / "new")
    new.data_dir.mkdir()
    new.ledger_heads.write_text('{"chain": "another"}\n')
    fresh = open_engine(new)
    upgrade(fresh)
    with pytest.raises(Refused, match="another ledger"):
        restore(fresh, new, archive)
    assert "another" in new.ledger_heads.read_text()


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04broken"])
def test_something_else_than_a_backup_is_refused_in_one_line(
    engine: Engine, settings: Settings, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "other.zip"
    file.write_bytes(content)
    with pytest.raises(InvalidInput, match="not a backup"):
        restore(engine, settings, file)


def test_a_backup_that_stops_half_way_leaves_the_last_whole_one(
    engine: Engine, settings: Settings, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(engine, settings, archive)
    whole = archive.read_bytes()

    def full(*_: object) -> int:
        raise OSError("No space left on device")

    monkeypatch.setattr(commands, "_save_documents", full)
    with pytest.raises(OSError, match="No space"):
        backup(engine, settings, archive)
    assert archive.read_bytes() == whole


def test_a_folder_that_is_not_there_is_named(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no such folder"):
        backup(engine, settings, tmp_path / "nowhere" / "backup.zip")
