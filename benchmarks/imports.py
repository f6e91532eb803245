"""How long an import of 5,000 plans takes, from the uploaded file to the commit: under 10 seconds is the promise.

Run as `python -m benchmarks.imports`; uses a temporary SQLite database.
"""

import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from alembic import command
from sqlalchemy import Engine

from moderation.database import migrations, open_engine
from moderation.ledger import OPERATOR, Via, transaction
from moderation.people.events import AreaCreated
from moderation.people.tables import Area
from moderation.register.actions import import_plans
from moderation.register.codes import PlanEvent, PrimaryNeed, SettingType
from moderation.register.columns import COLUMNS
from moderation.register.sheets import read_table
from moderation.settings import Settings
from moderation.words import new_id

PLANS = 5_000
LIMIT = 10.0


def rows() -> list[list[str]]:
    """A register of a large county."""
    needs, settings, events = list(PrimaryNeed), list(SettingType), list(PlanEvent)
    return [
        [
            f"NF-{number:05}",
            str(number % 25 - 4),
            needs[number % len(needs)],
            settings[number % len(settings)],
            f"S-{number % 300}",
            f"Team {number % 7}",
            events[number % len(events)],
            "2025-09-03",
            "2026-01-12",
            "2026-02-02",
            "",
            f"{1 + number % 28:02}/03/2026",
        ]
        for number in range(PLANS)
    ]


def as_csv() -> bytes:
    lines = [[column.key for column in COLUMNS], *rows()]
    return "\r\n".join(",".join(line) for line in lines).encode("utf-8-sig")


def as_xlsx() -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Plans")
    for line in [[column.key for column in COLUMNS], *rows()]:
        sheet.append(line)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def a_database(folder: Path) -> tuple[Engine, str]:
    settings = Settings(
        database_url=f"sqlite:///{folder}/benchmark.sqlite",
        secret_key="s" * 40,
        master_key=b"m" * 32,
        ledger_key=b"l" * 32,
        store_url=folder.as_uri(),
        data_dir=folder,
    )
    engine = open_engine(settings)
    config = migrations()
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    area_id = new_id()
    with transaction(engine, OPERATOR, Via.COMMAND, None) as tx:
        tx.session.add(Area(id=area_id, name="Northfield", colour="navy", region="North East", created_at=tx.now))
        tx.record(AreaCreated(area_id, ""))
    return engine, area_id


def seconds(make: Callable[[], bytes], name: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        engine, area_id = a_database(Path(folder))
        content = make()
        start = time.perf_counter()
        table = read_table(name, content)
        with transaction(engine, OPERATOR, Via.COMMAND, area_id) as tx:
            imported = len(import_plans(tx, table))
        took = time.perf_counter() - start
        engine.dispose()
    if imported != PLANS:
        raise SystemExit(f"{imported} plans were imported, not {PLANS}")
    return took


def main() -> None:
    for make, name in ((as_csv, "plans.csv"), (as_xlsx, "plans.xlsx")):
        took = seconds(make, name)
        print(f"{name}: {PLANS:,} plans in {took:.2f} s (limit {LIMIT:.0f} s)")
        if took > LIMIT:
            raise SystemExit("too slow")


if __name__ == "__main__":
    main()
