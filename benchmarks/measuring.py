"""Measuring a round in the service: read the locked ratings, every coefficient with intervals, keep the results.

    python -m benchmarks.measuring [plans ...]      default: 60 5000; on SQLite and on PostgreSQL

Ratings are random with agreement of about .5; the tables are filled directly, because only the measuring is timed.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, insert
from sqlmodel import Session

from benchmarks.databases import a_database
from moderation import instants
from moderation.commands.database import upgrade
from moderation.database import open_engine
from moderation.ledger import CLOCK, Via, transaction
from moderation.measure.actions import compute, keep
from moderation.register.framework import builtin, parse
from moderation.score.locked import locked_ratings
from moderation.score.tables import Rating
from moderation.settings import Settings
from moderation.words import new_id
from tests.build import a_world
from tests.build_moderation import a_closed_round

RATERS = ("helen", "amina", "tom")


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or [60, 5000]
    for kind in ("SQLite", "PostgreSQL"):
        for plans in sizes:
            with tempfile.TemporaryDirectory() as name, a_database(kind, Path(name)) as url:
                run(url, Path(name), plans)


def run(url: str, folder: Path, plans: int) -> None:
    settings = Settings(
        database_url=url, secret_key="b" * 40, master_key=b"b" * 32, ledger_key=b"b" * 32,
        store_url=f"file://{folder}/documents", data_dir=folder,
    )  # fmt: skip
    engine = open_engine(settings)
    upgrade(engine)
    area_id, round_id = fill(engine, plans)
    with Session(engine) as session:
        begun = time.perf_counter()
        count = len(locked_ratings(session, area_id, round_id))
        read = time.perf_counter() - begun
    begun = time.perf_counter()
    measured = compute(engine, area_id, round_id, 2000)
    computed = time.perf_counter() - begun
    with transaction(engine, CLOCK, Via.JOB, area_id) as tx:
        keep(tx, round_id, measured)
    whole = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    where = engine.dialect.name
    print(
        f"{where:<11} {plans:>5} plans x 3 auditors, {count:>7,} ratings, {len(measured.results)} results: "
        f"{whole:.2f} s (of it reading {read:.2f} s, with arithmetic {computed:.2f} s), peak {peak:.0f} MB"
    )
    engine.dispose()


def fill(engine: Engine, plans: int) -> tuple[str, str]:
    """A closed round whose sheets have a rating on each of the 46 criteria."""
    world = a_world(engine, f"Bench {new_id()[:6]}", f"{new_id()[:8].lower()}.example")
    closed = a_closed_round(engine, world, {f"B{number:05}": {} for number in range(plans)}, RATERS)
    random = np.random.default_rng(1)
    with engine.execution_options(writes=True).begin() as connection:
        sheets = connection.exec_driver_sql("SELECT id, round_plan_id FROM scoresheet").all()
        quality = {plan: random.normal(2.5, 0.7) for plan in {plan for _, plan in sheets}}
        for start in range(0, len(sheets), 500):
            rows = [
                row for sheet, plan in sheets[start : start + 500] for row in ratings(world.area_id, sheet, quality[plan], random)
            ]
            connection.execute(insert(Rating), rows)
    return world.area_id, closed.id


def ratings(area_id: str, sheet: str, quality: float, random: np.random.Generator) -> list[dict[str, object]]:
    seen = quality + random.normal(0, 0.7, len(CRITERIA))
    return [
        {
            "id": new_id(), "area_id": area_id, "sheet_id": sheet, "criterion_key": criterion.key,
            "value": int(np.clip(round(level), 1, 4)) if criterion.is_ordinal else int(level > 2), "saved_at": NOW,
            "evidence": "", "quote": "", "quote_place": "", "note_to_self": "", "left_for_now": False, "version": 1,
        }
        for criterion, level in zip(CRITERIA, seen, strict=True)
    ]  # fmt: skip


CRITERIA = parse(builtin()).criteria
NOW = instants.now()

if __name__ == "__main__":
    main()
