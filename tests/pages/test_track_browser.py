"""Agreement, plan quality and feedback in a real browser: axe, no error, no sideways scrolling, no label on another."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine
from werkzeug.serving import make_server

from moderation.database import open_engine
from moderation.settings import Settings
from moderation.wiring import create_app
from tests.build import Person, World, a_world, start_session
from tests.build_track import a_measured_round, a_meeting_that_settles, a_published_round, publish, trends_of

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
THREE = ("helen", "amina", "tom")
SPRING, SUMMER, AUTUMN = (datetime(2026, month, 4, 12, tzinfo=UTC) for month in (3, 6, 9))

COLLISIONS = """() => [...document.querySelectorAll('svg.app-chart__svg')]
  .filter(svg => svg.getBoundingClientRect().width)
  .flatMap(svg => {
    const frame = svg.viewBox.baseVal;
    const boxes = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBBox()]);
    const leaves = box => box.x < -1 || box.x + box.width > frame.width + 1 || box.y + box.height > frame.height + 3;
    const across = (a, b) => a.x + a.width > b.x + .5 && b.x + b.width > a.x + .5;
    const along = (a, b) => a.y + a.height - 3 > b.y + 1 && b.y + b.height - 3 > a.y + 1;
    const upon = boxes.flatMap(([one, a], place) =>
      boxes.slice(place + 1).filter(([, b]) => across(a, b) && along(a, b)).map(([other]) => one + ' / ' + other));
    return [...boxes.filter(([, box]) => leaves(box)).map(([text]) => text + ' leaves ' + svg.id), ...upon];
  })"""


@dataclass(frozen=True)
class Served:
    url: str
    app: Flask
    engine: Engine
    world: World

    def page(self, browser: Browser, person: Person, width: int) -> Page:
        signer = SecureCookieSessionInterface().get_signing_serializer(self.app)
        assert signer is not None
        context = browser.new_context(viewport={"width": width, "height": 900})
        cookie = str(signer.dumps({"token": start_session(self.engine, person)}))
        context.add_cookies([{"name": "session", "value": cookie, "url": self.url}])
        return context.new_page()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def served(one_database: Settings) -> Iterator[Served]:
    """Three rounds: one published after its meeting, one published, one closed that is too small for a coefficient."""
    engine = open_engine(one_database)
    world = a_world(engine)
    first = a_measured_round(engine, world, 12, "A", SPRING, raters=THREE)
    a_meeting_that_settles(engine, world, first, "F02", THREE, 3)
    publish(engine, world, first.id)
    a_published_round(engine, world, 14, "B", SUMMER, raters=THREE, seed=2)
    a_measured_round(engine, world, 7, "C", AUTUMN, raters=THREE, seed=3)
    trends_of(engine, world)
    app = create_app(one_database, engine)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Served(f"http://127.0.0.1:{server.port}", app, engine, world)
    server.shutdown()
    thread.join()
    engine.dispose()


@pytest.mark.parametrize("width", [1280, 375])
def test_every_page_of_tracking_is_clean(browser: Browser, served: Served, width: int) -> None:
    pages = ("grace", "/lessons"), ("grace", "/actions"), ("grace", "/routing"), ("grace", "/meetings/rule")
    for person, path in (("ruth", "/agreement"), ("ruth", "/quality"), ("helen", "/my-feedback"), *pages):
        page, errors = served.page(browser, served.world.people[person], width), []
        page.on("console", lambda message, said=errors: said.append(message.text) if message.type == "error" else None)
        page.goto(served.url + path)
        choices = page.locator("#round option").evaluate_all("options => options.map(option => option.value)") or [""]
        for choice in choices:
            page.goto(f"{served.url}{path}?round={choice}" if choice else page.url)
            assert page.evaluate(COLLISIONS) == [], path
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
            assert not Axe().run(page).response["violations"], path
        page.set_viewport_size({"width": 320 if width == 375 else width, "height": 900})
        page.locator("option").evaluate_all("options => options.forEach(one => one.text += ', all three agencies together')")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{path} with a long name of a round"
        assert errors == []


def test_printing_unfolds_the_tables_and_hides_the_controls(browser: Browser, served: Served) -> None:
    page = served.page(browser, served.world.ruth, 1280)
    page.goto(f"{served.url}/quality")
    assert not page.get_by_role("table").first.is_visible()
    page.emulate_media(media="print")
    assert page.get_by_role("table").first.is_visible()
    assert not page.locator(".app-filters").is_visible() and not page.locator("nav").first.is_visible()
