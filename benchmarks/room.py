"""How soon what the chair does is seen by twelve people on their own devices: a real server, twelve clients that ask as htmx does.

Run `python -m benchmarks.room`; it exits 1 when somebody waits for more than two seconds. The clock starts before the chair's
click is sent and stops when a device has loaded the page that shows the new step.
"""

import http.client
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from moderation.database import open_engine
from moderation.ledger import OPERATOR, Via, transaction
from moderation.moderate import actions, ballots, meetings
from moderation.settings import Settings
from moderation.words import AgencyKind, Role
from tests.actions.test_moderate_meetings import TERMS, item, list_all
from tests.build import Person, World, WorldBuilt, _person, a_world, act_as
from tests.build_moderation import a_closed_round
from tests.conftest import make_settings, migrate
from tests.faults.test_crash_sheets import cookie_of, environment, free_port

PEOPLE, ACTIONS, PROMISE = 12, int(os.environ.get("TIMES", "12")), 2.0
PLANS = {f"NF-{number}": {"E01": (1, 3, 3), "O01": (2, 3, 3)} for number in range(1, 8)}


@dataclass
class Device:
    """One person's page: it asks as often as its `hx-trigger` says, and loads itself anew when it is told to."""

    port: int
    room: str
    cookie: str
    seen: dict[str, float] = field(default_factory=dict)  # step -> when its page was there
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        page = self.load()
        while not self.stop.wait(float(re.search(r'hx-trigger="every (\d+)s"', page)[1])):  # type: ignore[index]
            asked = re.search(r'hx-get="([^"]+)"', page)
            _, headers, _ = get(self.port, asked[1].replace("&amp;", "&"), self.cookie)  # type: ignore[index]
            page = self.load() if headers.get("HX-Refresh") else page

    def load(self) -> str:
        _, _, page = get(self.port, self.room, self.cookie)
        mark = re.search(r"mark=([^\"&]+)", page)
        if mark:
            self.seen.setdefault(mark[1], time.monotonic())
        return page


def get(port: int, path: str, cookie: str) -> tuple[int, dict[str, str], str]:
    return _ask(port, "GET", path, cookie)


def _ask(port: int, method: str, path: str, cookie: str, form: dict[str, str] | None = None) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"Cookie": cookie, "HX-Request": "true"} if "/now" in path else {"Cookie": cookie}
    body = urllib.parse.urlencode(form) if form else None
    if body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, dict(response.headers), text


@contextmanager
def served(settings: Settings) -> Iterator[int]:
    """The server of production, with its workers and threads."""
    port = free_port()
    command = [sys.executable, "-m", "moderation.commands", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment(settings), stderr=subprocess.DEVNULL)
    try:
        _answers(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> None:
    for _ in range(400):
        try:
            if get(port, "/health", "")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def a_full_room(engine: Engine) -> tuple[World, list[Person], str, str]:
    """A meeting in session with twelve people of three agencies, and its first item opened."""
    world = a_world(engine)
    kinds = (AgencyKind.EDUCATION, AgencyKind.HEALTH, AgencyKind.CARE)
    with transaction(engine, OPERATOR, Via.COMMAND, None) as tx:
        more = [
            _person(tx, world.area_id, world.agencies, f"Member {number}", (Role.AUDITOR,), kinds[number % 3], "more.example")
            for number in range(PEOPLE - len(world.auditors()))
        ]
        tx.record(WorldBuilt(world.area_id))
    people = [*world.auditors(), *more]
    closed = a_closed_round(engine, world, PLANS)
    act_as(engine, None, world.area_id, actions.find_disagreements, closed.id)
    meeting = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    list_all(engine, world, meeting)
    act_as(engine, world.priya, world.area_id, meetings.begin, meeting, [person.id for person in people])
    found = item(engine, closed, "NF-1", "E01").id
    act_as(engine, world.priya, world.area_id, ballots.take_up, meeting, found)
    return world, people, meeting, found


def waits(port: int, devices: list[Device], chair: str, url: str) -> list[float]:
    """For each step the chair takes and each device: seconds until it was seen there."""
    found = []
    for number in range(ACTIONS):
        step = "discussion" if number % 2 else "voting"
        _, headers, page = get(port, url, chair)
        token, cookie = re.search(r'name="csrf_token" value="([^"]+)"', page), headers["Set-Cookie"].split(";")[0]
        for device in devices:
            device.seen.clear()
        began = time.monotonic()
        status, _, _ = _ask(port, "POST", f"{url}/step", cookie, {"csrf_token": token[1], "to": step})  # type: ignore[index]
        assert status == 303, status
        time.sleep(3.5 + number % 5 / 7)
        for device in devices:
            times = [at for mark, at in device.seen.items() if f".{step}." in mark]
            found.append(min(times) - began if times else float("inf"))
    return found


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        settings = make_settings(Path(folder), f"sqlite:///{folder}/room.sqlite")
        engine = open_engine(settings)
        migrate(engine)
        world, people, meeting, found = a_full_room(engine)
        with served(settings) as port:
            cookies = [cookie_of(settings, engine, person) for person in people]
            devices = [Device(port, f"/meetings/{meeting}/room", cookie) for cookie in cookies]
            threads = [threading.Thread(target=device.run) for device in devices]
            for thread in threads:
                thread.start()
                time.sleep(0.13)  # people do not open their pages at the same moment
            try:
                seconds = waits(port, devices, cookie_of(settings, engine, world.priya), f"/meetings/{meeting}/items/{found}")
            finally:
                for device in devices:
                    device.stop.set()
                for thread in threads:
                    thread.join()
        engine.dispose()
    print(f"{len(devices)} people, {ACTIONS} steps of the chair, seconds until each device showed it:")
    most = sorted(seconds)[int(0.95 * len(seconds))]
    print(f"median {statistics.median(seconds):.2f}   95% {most:.2f}   longest {max(seconds):.2f}")
    return int(max(seconds) > PROMISE)


if __name__ == "__main__":
    sys.exit(main())
