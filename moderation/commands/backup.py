"""`moderation backup FILE` and `moderation restore FILE`: database, documents and signed ledger heads in one archive.

The archive holds one JSON file per table and the encrypted documents as they lie in the store, shut without the master key.
A backup is read in one transaction, so that it is one moment even while people work. `restore` needs an empty, migrated database.
"""

import argparse
import base64
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, func, insert, select
from sqlalchemy import Date as SqlDate
from sqlmodel import SQLModel

from .. import instants
from ..database import UTCDateTime, open_engine, require_schema, schema_state
from ..ledger import verify
from ..settings import Settings
from ..store import open_store
from ..words import CODE_VERSION, InvalidInput, Problem, Refused

BATCH = 1000


def add_to(subparsers: Any) -> None:
    save = subparsers.add_parser("backup", help="write everything into one archive")
    save.add_argument("file", type=Path)
    save.set_defaults(run=run_backup)
    load = subparsers.add_parser("restore", help="fill an empty database from an archive")
    load.add_argument("file", type=Path)
    load.set_defaults(run=run_restore)


def run_backup(args: argparse.Namespace) -> int:
    settings = Settings.from_env()
    engine = open_engine(settings)
    require_schema(engine)
    rows, documents = backup(engine, settings, args.file)
    print(f"{rows} rows and {documents} stored objects written to {args.file}.")
    return 0


def run_restore(args: argparse.Namespace) -> int:
    settings = Settings.from_env()
    engine = open_engine(settings)
    require_schema(engine)
    rows, documents = restore(engine, settings, args.file)
    verdict = verify(engine, settings.ledger_heads)
    print(f"{rows} rows and {documents} stored objects restored. " + (verdict.fault or "The ledger stands."))
    return 1 if verdict.fault else 0


def backup(engine: Engine, settings: Settings, file: Path) -> tuple[int, int]:
    """Write the archive beside its final name and move it there when it is whole; returns rows and stored objects."""
    part = file.with_name(file.name + ".part")
    try:
        return _written(engine, settings, part, file)
    finally:
        part.unlink(missing_ok=True)


def _written(engine: Engine, settings: Settings, part: Path, file: Path) -> tuple[int, int]:
    if not file.parent.is_dir():
        raise InvalidInput([Problem("file", "there is no such folder to write into", file=str(file))])
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        with engine.connect().execution_options(isolation_level=_snapshot(engine)) as connection, connection.begin():
            counts = {table.name: _save_table(connection, table, archive) for table in _tables()}
        documents = _save_documents(settings, archive)
        heads = settings.ledger_heads
        archive.writestr("ledger_heads.jsonl", heads.read_bytes() if heads.exists() else b"")
        about = {"code": CODE_VERSION, "schema": schema_state(engine)[0], "at": instants.now().isoformat(), "rows": counts}
        archive.writestr("about.json", json.dumps(about, indent=1))
    part.replace(file)
    return sum(counts.values()), documents


def restore(engine: Engine, settings: Settings, file: Path) -> tuple[int, int]:
    """Fill the empty database and the store from an archive, all rows in one transaction."""
    with _opened(file) as archive:
        about = json.loads(archive.read("about.json"))
        _require_heads(settings, archive.read("ledger_heads.jsonl"))
        if about["schema"] != schema_state(engine)[0]:
            raise Refused(
                f"{file}: the archive has schema {about['schema']}; restore it with the version that wrote it, then upgrade."
            )
        with engine.execution_options(writes=True).begin() as connection:
            _require_empty(connection)
            rows = sum(_load_table(connection, table, archive) for table in _tables())
        documents = _load_documents(settings, archive)
        _restore_heads(settings, archive.read("ledger_heads.jsonl"))
    return rows, documents


def _require_heads(settings: Settings, saved: bytes) -> None:
    here = settings.ledger_heads.read_bytes() if settings.ledger_heads.exists() else b""
    if not (here.startswith(saved) or saved.startswith(here)):
        raise Refused(f"{settings.ledger_heads} holds signed heads of another ledger. Move it away, then restore.")


def _restore_heads(settings: Settings, saved: bytes) -> None:
    """Signed heads are never thrown away: those signed since the backup stay, so that what is lost with them shows."""
    heads = settings.ledger_heads
    here = heads.read_bytes() if heads.exists() else b""
    if not here.startswith(saved):
        heads.parent.mkdir(parents=True, exist_ok=True)
        heads.write_bytes(saved)


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(file)
        archive.getinfo("about.json")
        broken = archive.testzip()
    except (OSError, zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise InvalidInput([Problem("file", "this is not a backup of this service", file=str(file))]) from error
    if broken is not None:
        raise InvalidInput([Problem("file", f"the backup is damaged at {broken}", file=str(file))])
    return archive


def _tables() -> list[Table]:
    """Every table of the service; a command loads only what it needs, and a table that is not loaded would not be saved."""
    import_module("moderation.wiring")
    return list(SQLModel.metadata.sorted_tables)


def _snapshot(engine: Engine) -> str:
    return "SERIALIZABLE" if engine.dialect.name == "sqlite" else "REPEATABLE READ"


def _save_table(connection: Connection, table: Table, archive: zipfile.ZipFile) -> int:
    count = 0
    with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as raw, io.TextIOWrapper(raw, "utf-8") as file:
        for row in connection.execute(_in_order(table).execution_options(yield_per=BATCH)).mappings():
            file.write(json.dumps(dict(row), default=_plain) + "\n")
            count += 1
    return count


def _in_order(table: Table) -> Select[Any]:
    """Rows that refer to rows of their own table come after them."""
    refers_to_itself = any(key.column.table is table for key in table.foreign_keys)
    return select(table).order_by(table.c.created_at) if refers_to_itself else select(table)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(type(value))


def _require_empty(connection: Connection) -> None:
    used = [table.name for table in _tables() if connection.execute(select(func.count()).select_from(table)).scalar()]
    if used:
        raise Refused(f"The database is not empty ({used[0]} has rows). Restore into a new database.")


def _load_table(connection: Connection, table: Table, archive: zipfile.ZipFile) -> int:
    count = 0
    with archive.open(f"tables/{table.name}.jsonl") as raw:
        for batch in _batches(io.TextIOWrapper(raw, "utf-8")):
            connection.execute(insert(table), [_typed(table, row) for row in batch])
            count += len(batch)
    return count


def _batches(lines: Iterator[str]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for line in lines:
        batch.append(json.loads(line))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(table.c[name].type, value) for name, value in row.items()}


def _value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UTCDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, SqlDate):
        return date.fromisoformat(value)
    return value


def _save_documents(settings: Settings, archive: zipfile.ZipFile) -> int:
    count = 0
    for name, content in open_store(settings).sealed():
        archive.writestr(f"documents/{name}", content)
        count += 1
    return count


def _load_documents(settings: Settings, archive: zipfile.ZipFile) -> int:
    store, names = open_store(settings), [name for name in archive.namelist() if name.startswith("documents/")]
    for name in names:
        store.put_sealed(name.removeprefix("documents/"), archive.read(name))
    return len(names)


def digest(engine: Engine) -> str:
    """One digest over every row of every table: two databases with the same content have the same."""
    total = hashlib.sha256()
    with engine.connect() as connection:
        for table in _tables():
            rows = connection.execute(select(table)).mappings()
            lines = sorted(json.dumps(dict(row), default=_plain, sort_keys=True) for row in rows)
            total.update(base64.b64encode("\n".join([table.name, *lines]).encode()))
    return total.hexdigest()
