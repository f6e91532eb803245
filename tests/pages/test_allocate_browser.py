"""The allocation's pages in a real browser: axe, no sideways scrolling, a setting chosen, a large draw that shows up by itself."""

import threading
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from moderation.allocate import drawing, experts, ordering
from moderation.allocate.jobs import work_out_draws
from moderation.database import open_engine
from moderation.settings import Settings
from moderation.wiring import create_app
from tests.build import a_round, a_world, act_as
from tests.pages.test_track_browser import Served, browser

__all__ = ["browser"]

PAGES = (
    "/rounds/{round}", "/rounds/{round}/options", "/rounds/{round}/sample", "/rounds/{round}/allocation",
    "/rounds/{round}/allocation/draw", "/rounds/{round}/hidden-plan", "/expertise", "/expertise/{helen}",
)  # fmt: skip


@pytest.fixture
def served(one_database: Settings) -> Iterator[Served]:
    engine = open_engine(one_database)
    world = a_world(engine)
    app = create_app(one_database, engine)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Served(f"http://127.0.0.1:{server.port}", app, engine, world)
    server.shutdown()
    thread.join()
    engine.dispose()


def a_weighed_round(served: Served) -> str:
    """Twelve plans drawn for six auditors, two of whom know some needs best."""
    world = served.world
    found = a_round(served.engine, world, plans=12, capacity=12)
    for person, need in ((world.helen, "SEMH"), (world.robert, "ASD")):
        act_as(served.engine, world.grace, world.area_id, experts.record_expertise, person.id, 0, [need], [])
    act_as(served.engine, world.grace, world.area_id, drawing.allocate, found, 4)
    return found


@pytest.mark.parametrize("width", [1280, 375])
def test_every_page_around_the_allocation_is_clean(browser: Browser, served: Served, width: int) -> None:
    found, errors = a_weighed_round(served), []
    page = served.page(browser, served.world.grace, width)
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    for path in PAGES:
        page.goto(served.url + path.format(round=found, helen=served.world.helen.id))
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert not Axe().run(page).response["violations"], path
    assert errors == []


def test_a_setting_is_chosen_beside_what_it_leads_to(browser: Browser, served: Served) -> None:
    found = a_weighed_round(served)
    page = served.page(browser, served.world.grace, 1280)
    page.goto(f"{served.url}/rounds/{found}/allocation")
    assert page.get_by_label("3. Recommended (drawn)").is_checked()
    page.get_by_label("4. Independence first").check()
    page.get_by_role("button", name="Draw again with this setting").click()
    assert page.get_by_label("4. Independence first").is_checked()
    page.get_by_label("Why draw again?").fill("The panel is new, so we want to compare everybody")
    page.get_by_role("button", name="Draw again").click()
    expect(page.get_by_label("4. Independence first (drawn)")).to_be_checked()


def test_a_large_draw_shows_up_by_itself(
    browser: Browser,
    served: Served,
    one_database: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ordering, "AT_ONCE", 5)
    found = a_round(served.engine, served.world)
    page = served.page(browser, served.world.grace, 375)
    page.goto(f"{served.url}/rounds/{found}/allocation")
    page.get_by_role("button", name="Draw the allocation").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The allocation is being worked out")
    assert not Axe().run(page).response["violations"]
    work_out_draws(served.engine, one_database)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Allocate plans to auditors", timeout=15_000)
