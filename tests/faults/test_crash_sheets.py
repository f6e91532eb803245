"""`kill -9` of the web process while auditors save and submit: whatever was acknowledged is there, whole, with its event."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.ledger import EventRow, verify
from moderation.score.tables import Rating, RatingRevision, Scoresheet, SheetState
from moderation.settings import Settings
from moderation.wiring import create_app
from tests.build import Person, World, an_open_round, start_session
from tests.build_sheets import a_sheet, answer_all, criteria_of

KILLS = 3
SERVER = """
import sys
from moderation.wiring import create_app
from werkzeug.serving import make_server
app = create_app()
app.config["WTF_CSRF_ENABLED"] = False
make_server("127.0.0.1", int(sys.argv[1]), app, threaded=True).serve_forever()
"""


def environment(settings: Settings) -> dict[str, str]:
    """What a process of its own needs to serve with these settings."""
    names = {
        "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key,
        "MASTER_KEY": b64encode(settings.master_key).decode(), "LEDGER_KEY": b64encode(settings.ledger_key).decode(),
        "STORE_URL": settings.store_url, "DATA_DIR": str(settings.data_dir),
    }  # fmt: skip
    here = {f"MODERATION_{name}": value for name, value in names.items()}
    return {**os.environ, **here, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(settings: Settings) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """A web process of its own, until it is killed."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], env=environment(settings), stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert process.poll() is None, "the web process did not start"
            time.sleep(0.1)
        yield port, process
    finally:
        process.kill()
        process.wait()


def cookie_of(settings: Settings, engine: Engine, person: Person) -> str:
    signer = SecureCookieSessionInterface().get_signing_serializer(create_app(settings, engine))
    assert signer is not None
    return "session=" + str(signer.dumps({"token": start_session(engine, person)}))


def post(port: int, path: str, cookie: str, form: dict[str, str], htmx: bool = True) -> http.client.HTTPResponse | None:
    """The answer to a post; None when the connection broke before one came."""
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"} | ({"HX-Request": "true"} if htmx else {})
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("POST", path, urllib.parse.urlencode(form), headers)
        response = connection.getresponse()
        response.read()
        return response
    except (OSError, http.client.HTTPException):
        return None


def kill_soon(process: "subprocess.Popen[bytes]", seconds: float) -> threading.Timer:
    timer = threading.Timer(seconds, lambda: os.kill(process.pid, signal.SIGKILL))
    timer.start()
    return timer


@dataclass
class Writer:
    """One auditor's page: the versions it has seen, and what it was told is saved."""

    cookie: str
    sheet_id: str
    keys: list[str]
    known: dict[str, int] = field(default_factory=dict)
    told: dict[str, tuple[int, str]] = field(default_factory=dict)

    def write_until_it_dies(self, port: int) -> None:
        """Save one question after the other, each with words of its own, and note what was acknowledged."""
        for number in range(10_000):
            key = self.keys[number % len(self.keys)]
            text = f"{key} words {number} {time.monotonic_ns()}"
            form = {"version": str(self.known.get(key, 0)), "evidence": text}
            answer = post(port, f"/sheets/{self.sheet_id}/questions/{key}", self.cookie, form)
            if answer is None:
                return
            if answer.status == 200:
                self.known[key] = int(answer.headers["X-Saved"])
                self.told[key] = (self.known[key], text)
            elif answer.status == 409:  # the save before the kill was written, its answer never came
                self.known[key] = self.known.get(key, 0) + 1


def test_every_acknowledged_save_survives_a_kill(settings: Settings, engine: Engine, world: World, tmp_path: Path) -> None:
    round_id = an_open_round(engine, world)
    people = [world.helen, world.robert, world.amina]
    sheets = [a_sheet(engine, world, round_id, person) for person in people]
    keys = [criterion.key for criterion in criteria_of(engine, world, world.amina, sheets[2])][:6]
    writers = [Writer(cookie_of(settings, engine, person), sheet, keys) for person, sheet in zip(people, sheets, strict=True)]
    for kill in range(KILLS):
        with serving(settings) as (port, process):
            timer = kill_soon(process, 1.0 + 0.37 * kill)
            all_at_once([threading.Thread(target=writer.write_until_it_dies, args=(port,)) for writer in writers])
            timer.join()
    assert all(writer.told for writer in writers)
    with Session(engine) as session:
        for writer in writers:
            check_kept(session, writer.sheet_id, writer.told)
    assert verify(engine, tmp_path / "heads").fault is None


def all_at_once(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def check_kept(session: Session, sheet_id: str, told: dict[str, tuple[int, str]]) -> None:
    """Each acknowledged version is the present one or a kept revision; versions have no gap; each has its event."""
    ratings = {row.criterion_key: row for row in session.exec(select(Rating).where(Rating.sheet_id == sheet_id))}
    for key, (version, text) in told.items():
        row = ratings[key]
        past = session.exec(select(RatingRevision).where(RatingRevision.rating_id == row.id))
        revisions = {kept.version: kept.evidence for kept in past}
        assert (revisions | {row.version: row.evidence})[version] == text
        assert sorted(revisions) == list(range(1, row.version))
    saved = session.exec(select(EventRow).where(EventRow.name == "RatingSaved", EventRow.subject == sheet_id)).all()
    assert len(saved) == sum(row.version for row in ratings.values())


def test_a_submit_is_whole_or_has_not_happened(settings: Settings, engine: Engine, world: World, tmp_path: Path) -> None:
    round_id = an_open_round(engine, world)
    people = [world.helen, world.robert, world.amina, world.jana]
    sheets = {person.id: a_sheet(engine, world, round_id, person) for person in people}
    for person in people:
        answer_all(engine, world, person, sheets[person.id])
    cookies = {person.id: cookie_of(settings, engine, person) for person in people}
    acknowledged: set[str] = set()
    for wait in (0.02, 0.3):
        with serving(settings) as (port, process):
            post(port, "/my-plans", cookies[world.helen.id], {})  # the first request loads what later ones have at hand
            timer = kill_soon(process, wait)
            who = [(cookies[person.id], sheets[person.id]) for person in people]
            all_at_once([threading.Thread(target=submit_once, args=(engine, port, *one, acknowledged)) for one in who])
            timer.join()
    with Session(engine) as session:
        for sheet in session.exec(select(Scoresheet)):
            about = (EventRow.name == "ScoresheetSubmitted", EventRow.subject == sheet.id)
            events = session.exec(select(EventRow).where(*about)).all()
            assert len(events) == (sheet.state is SheetState.SUBMITTED)
            assert sheet.id not in acknowledged or sheet.state is SheetState.SUBMITTED
    assert verify(engine, tmp_path / "heads").fault is None


def submit_once(engine: Engine, port: int, cookie: str, sheet_id: str, acknowledged: set[str]) -> None:
    with Session(engine) as session:
        version = session.exec(select(Scoresheet.version).where(Scoresheet.id == sheet_id)).one()
    answer = post(port, f"/sheets/{sheet_id}/submit", cookie, {"own": "yes", "version": str(version)}, htmx=False)
    if answer is not None and answer.status == 303 and answer.headers["Location"].endswith("/thanks"):
        acknowledged.add(sheet_id)
