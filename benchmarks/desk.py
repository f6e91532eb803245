"""The figures that the auditor's desk promises, measured as CPU time of whole requests: medians, with the framework at hand.

Run `python -m benchmarks.desk`; it exits 1 when a promise is broken.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.database import open_engine
from moderation.ledger import OPERATOR, Via, transaction
from moderation.register.tables import PlanVersion
from moderation.score.own import RaterDesk
from moderation.settings import Settings
from moderation.wiring import create_app
from tests.build import World, WorldBuilt, a_world, an_open_round, start_session
from tests.build_sheets import a_sheet, answer_all
from tests.conftest import make_settings, migrate

TIMES = int(os.environ.get("TIMES", "60"))
PROMISES = {"saved answer": 25.0, "my plans, 30 plans": 60.0, "sheet page, 40 criteria": 150.0, "check page, 40 criteria": 150.0}


def measured(act: Callable[[int], object]) -> float:
    """Median CPU milliseconds of one act."""
    for warm in range(5):
        act(warm)
    seen = []
    for number in range(5, 5 + TIMES):
        before = time.process_time()
        act(number)
        seen.append((time.process_time() - before) * 1000)
    return statistics.median(seen)


def a_busy_desk(settings: Settings, engine: Engine) -> tuple[FlaskClient, list[str]]:
    """An education auditor with 30 plans from Year 12, all begun, the first with every answer; and their sheets."""
    world = a_world(engine)
    round_id = an_open_round(engine, world, plans=60, capacity=60)
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        for plan in tx.session.exec(select(PlanVersion)):
            plan.year_group = 12
        tx.record(WorldBuilt(world.area_id))
    sheets = [a_sheet(engine, world, round_id, world.helen, which) for which in range(_plans(engine, world))]
    for sheet_id in sheets:
        answer_all(engine, world, world.helen, sheet_id)
    app = create_app(settings, engine)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    with client.session_transaction() as session:
        session["token"] = start_session(engine, world.helen)
    return client, sheets


def _plans(engine: Engine, world: World) -> int:
    with Session(engine) as session:
        return len(RaterDesk(session, world.area_id, world.helen.id).plans())


def figures(client: FlaskClient, sheets: list[str]) -> dict[str, float]:
    question = f"/sheets/{sheets[0]}/questions/F02"
    versions = {"now": 1}

    def save(number: int) -> None:
        form = {"version": str(versions["now"]), "answer": str(1 + number % 4)}
        answer = client.post(question, data=form, headers={"HX-Request": "true"})
        versions["now"] = int(answer.headers["X-Saved"])

    def get(path: str) -> Callable[[int], None]:
        def ask(number: int) -> None:
            assert client.get(path).status_code == 200

        return ask

    return {
        "saved answer": measured(save),
        "my plans, 30 plans": measured(get("/my-plans")),
        "sheet page, 40 criteria": measured(get(question)),
        "check page, 40 criteria": measured(get(f"/sheets/{sheets[0]}/check")),
    }


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        settings = make_settings(Path(folder), f"sqlite:///{folder}/bench.sqlite")
        engine = open_engine(settings)
        migrate(engine)
        client, sheets = a_busy_desk(settings, engine)
        found = figures(client, sheets)
        print(f"{len(sheets)} plans on the list")
        for name, milliseconds in found.items():
            print(f"{name:28} {milliseconds:7.1f} ms CPU (at most {PROMISES[name]:.0f})")
        engine.dispose()
    return int(any(milliseconds > PROMISES[name] for name, milliseconds in found.items()))


if __name__ == "__main__":
    sys.exit(main())
