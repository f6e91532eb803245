"""100 auditors at their desks at once: how long the service takes to acknowledge a change of level, on SQLite and on PostgreSQL.

Real gunicorn as in the Procfile, real pages: each auditor thinks, chooses a level, and the page fetches the next question ahead.
Server time is gunicorn's own, from its log; what the auditors see includes the wait for a free thread, and this program, which
shares the machine. Run `python -m benchmarks.desk_crowd`; it exits 1 when a promise is broken. DURATION and AUDITORS change it.
"""

import http.client
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from flask.sessions import SecureCookieSessionInterface

from benchmarks.databases import a_database
from moderation.database import open_engine
from moderation.ledger import OPERATOR, Via, transaction
from moderation.people import tables as people
from moderation.settings import Settings
from moderation.wiring import create_app
from moderation.words import AgencyKind, Role
from tests.build import PASSWORD_HASH, Person, World, WorldBuilt, a_world, an_open_round, start_session
from tests.build_sheets import a_sheet, criteria_of
from tests.conftest import make_settings, migrate
from tests.faults.test_crash_sheets import environment, free_port

AUDITORS, DURATION = int(os.environ.get("AUDITORS", "100")), int(os.environ.get("DURATION", "60"))
THINKS = 6.0  # seconds between two answers of one auditor, on average: faster than anybody reads
STARTS = 5  # seconds in which a process that has just started meets each page and statement for the first time
PROMISE = 100.0  # milliseconds of server time at the 99th percentile


@dataclass
class Auditor:
    """One open page: its session, its token, and the versions it has seen."""

    port: int
    cookie: str
    sheet_id: str
    questions: list[tuple[str, list[int]]]
    versions: dict[str, int] = field(default_factory=dict)
    waited: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def work(self, until: float, chance: random.Random) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        time.sleep(chance.uniform(0, THINKS))
        page = self._ask(connection, "GET", self._address(self.questions[0][0]))
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token, "no question came"
        number = 0
        while time.monotonic() < until:
            self._choose(connection, *self.questions[number % len(self.questions)], token[1], chance)
            number += 1
            self._ask(connection, "GET", self._address(self.questions[number % len(self.questions)][0]), {"HX-Target": "question"})
            time.sleep(chance.expovariate(1 / THINKS))

    def _choose(
        self, connection: http.client.HTTPConnection, key: str, values: list[int], token: str, chance: random.Random
    ) -> None:
        version, answer = str(self.versions.get(key, 0)), str(chance.choice(values))
        form = {"csrf_token": token, "version": version, "answer": answer, "evidence": f"Page {time.time()}"}
        before = time.perf_counter()
        self._ask(connection, "POST", self._address(key), body=urllib.parse.urlencode(form), key=key)
        self.waited.append(1000 * (time.perf_counter() - before))

    def _address(self, key: str) -> str:
        return f"/sheets/{self.sheet_id}/questions/{key}"

    def _ask(
        self, connection: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str] | None = None,
        body: str | None = None, key: str = "",
    ) -> str:  # fmt: skip
        sent = {"Cookie": self.cookie, "HX-Request": "true", **(headers or {})} if headers or body else {"Cookie": self.cookie}
        sent |= {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        response = _sent(connection, method, path, body, sent)
        said = response.read().decode()
        if response.headers.get("Set-Cookie"):
            self.cookie = response.headers["Set-Cookie"].partition(";")[0]
        if response.status != 200:
            self.failures.append(f"{method} {response.status}")
        elif key:
            self.versions[key] = int(response.headers["X-Saved"])
        return said


def _sent(
    connection: http.client.HTTPConnection, method: str, path: str, body: str | None, headers: dict[str, str]
) -> http.client.HTTPResponse:
    """As a browser does: on a connection that the server has closed meanwhile, once more on a new one."""
    try:
        connection.request(method, path, body, headers)
        return connection.getresponse()
    except (http.client.RemoteDisconnected, ConnectionError):
        connection.close()
        connection.request(method, path, body, headers)
        return connection.getresponse()


def a_crowd(settings: Settings, port: int) -> list[Auditor]:
    """An open round in which each education auditor has begun a sheet."""
    engine = open_engine(settings)
    migrate(engine)
    world = a_world(engine)
    crowd = [world.helen, *(_another(engine, world, number) for number in range(AUDITORS - 1))]
    round_id = an_open_round(engine, world, plans=2 * AUDITORS, capacity=2 * AUDITORS)
    sheets = [a_sheet(engine, world, round_id, person) for person in crowd]
    asked = [criteria_of(engine, world, person, sheet) for person, sheet in zip(crowd, sheets, strict=True)]
    questions = [[(one.key, sorted(one.scale.values)) for one in criteria] for criteria in asked]
    signer = SecureCookieSessionInterface().get_signing_serializer(create_app(settings, engine))
    assert signer is not None
    cookies = ["session=" + str(signer.dumps({"token": start_session(engine, person)})) for person in crowd]
    engine.dispose()
    return [Auditor(port, cookie, sheet, asked) for cookie, sheet, asked in zip(cookies, sheets, questions, strict=True)]


def _another(engine, world: World, number: int) -> Person:  # type: ignore[no-untyped-def]
    name, email = f"Auditor {number}", f"auditor{number}@northfield.example"
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        account = people.Account(
            email=email, name=name, password_hash=PASSWORD_HASH, state=people.AccountState.ACTIVE, created_at=tx.now
        )
        tx.session.add(account)
        tx.session.flush()
        post = {"role": Role.AUDITOR, "agency_id": world.agencies[AgencyKind.EDUCATION], "starts_on": date(2024, 1, 1)}
        tx.session.add(people.Membership(area_id=world.area_id, account_id=account.id, **post))
        tx.record(WorldBuilt(world.area_id))
    return Person(account.id, name, email, (Role.AUDITOR,), AgencyKind.EDUCATION)


@contextmanager
def gunicorn(settings: Settings, port: int, log: Path) -> Iterator[None]:
    """The web process of the Procfile."""
    command = [
        sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket",
        "--bind", f"127.0.0.1:{port}", "--log-level", "error", "--access-logfile", str(log),
        "--access-logformat", "%(m)s %(s)s %(D)s %(t)s",
        "moderation.wiring:create_app()",
    ]  # fmt: skip
    process = subprocess.Popen(command, env=environment(settings))
    try:
        _until_it_answers(port)
        yield
    finally:
        process.terminate()
        process.wait()


def _until_it_answers(port: int) -> None:
    for _ in range(300):
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("gunicorn does not answer")


def at_percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measured(kind: str) -> bool:
    """Print the figures of one database; True if the promise was kept."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        with a_database(kind, folder) as url:
            settings = make_settings(folder, url)
            crowd = a_crowd(settings, port)
            with gunicorn(settings, port, folder / "access.log"):
                until = time.monotonic() + DURATION
                threads = [
                    threading.Thread(target=one.work, args=(until, random.Random(number))) for number, one in enumerate(crowd)
                ]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
            served = list(_saves((folder / "access.log").read_text().splitlines()))
    return _told(kind, [took for _, took in served], [took for late, took in served if late > STARTS], crowd)


def _saves(lines: list[str]) -> Iterator[tuple[float, float]]:
    """Of each save: seconds since the service started, milliseconds of server time."""
    parts = [line.split() for line in lines]
    moments = [datetime.strptime(part[3], "[%d/%b/%Y:%H:%M:%S") for part in parts]
    for (method, status, micro, *_), moment in zip(parts, moments, strict=True):
        if (method, status) == ("POST", "200"):
            yield (moment - moments[0]).total_seconds(), int(micro) / 1000


def _told(kind: str, served: list[float], started: list[float], crowd: list[Auditor]) -> bool:
    failures = [failure for one in crowd for failure in one.failures]
    waited = [wait for one in crowd for wait in one.waited]
    worst = at_percentile(served, 0.99)
    print(
        f"{kind}: {len(crowd)} auditors, {len(served)} changes in {DURATION} s, "
        f"machine load {os.getloadavg()[0]:.0f}; server time p50 {at_percentile(served, 0.5):.0f} ms, "
        f"p99 {worst:.0f} ms (at most {PROMISE:.0f}), {at_percentile(started, 0.99):.0f} ms without the first {STARTS} s; "
        f"seen by auditors p50 {at_percentile(waited, 0.5):.0f} ms, "
        f"p99 {at_percentile(waited, 0.99):.0f} ms; {len(failures)} failures {sorted(set(failures))}"
    )
    return worst <= PROMISE and not failures


def main() -> int:
    kept = [measured(kind) for kind in ("SQLite", "PostgreSQL")]
    return int(not all(kept))


if __name__ == "__main__":
    sys.exit(main())
