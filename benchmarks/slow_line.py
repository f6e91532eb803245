"""The sheet on a slow line: how soon the first answer can be seen and how much travels, in a real browser with a throttled network.

The line is "slow 3G" as the web's speed tests have it: 400 kbit/s and 400 ms for every request. (Chromium's developer tools have a
preset of that name with 2,000 ms for every request, in which nothing at all can come within a second; it is shown too.)
Run `python -m benchmarks.slow_line`; it exits 1 when a promise is broken.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from sqlalchemy import Engine

from tests.browser import Live, launch, serve
from tests.build import World, a_world, an_open_round
from tests.build_sheets import a_sheet
from tests.conftest import make_settings, migrate
from tests.faults.test_crash_sheets import cookie_of

KBITS, LATENCY, PRESET = 400, 400, 2000
VISIBLE, WEIGHT = 1.0, 300_000
SEEN = "() => document.querySelector('.desk-level__label')?.getBoundingClientRect().height > 0"


@dataclass
class Line:
    """A page behind a throttled network, and what came through it."""

    page: Page
    session: CDPSession
    came: dict[str, int] = field(default_factory=dict)
    pictures: set[str] = field(default_factory=set)

    def slow(self, latency: int) -> None:
        speed = KBITS * 1000 / 8
        limits = {"offline": False, "latency": latency, "downloadThroughput": speed, "uploadThroughput": speed}
        self.session.send("Network.emulateNetworkConditions", limits)

    def weight(self) -> int:
        return sum(size for request, size in self.came.items() if request not in self.pictures)

    def watch(self) -> None:
        self.session.send("Network.enable")
        self.session.on(
            "Network.loadingFinished", lambda one: self.came.__setitem__(one["requestId"], int(one["encodedDataLength"]))
        )
        self.session.on("Network.responseReceived", self._note)

    def _note(self, one: dict) -> None:  # type: ignore[type-arg]
        if one["type"] == "Image":
            self.pictures.add(one["requestId"])


def a_line(browser: Browser, live: Live, cookie: str) -> Line:
    context = browser.new_context(viewport={"width": 375, "height": 740})
    name, _, value = cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": live.url}])
    page = context.new_page()
    line = Line(page, context.new_cdp_session(page))
    line.watch()
    return line


def seconds(act: Callable[[], object], page: Page, until: str) -> float:
    before = time.perf_counter()
    act()
    page.wait_for_function(until, polling=10)
    return time.perf_counter() - before


def figures(browser: Browser, live: Live, cookie: str, sheet_id: str, latency: int) -> dict[str, float]:
    """Seconds: cold, from My plans, the next question, a change drawn and acknowledged; bytes of the cold page."""
    question = f"{live.url}/sheets/{sheet_id}/questions/F02"
    cold = a_line(browser, live, cookie)
    cold.slow(latency)
    found = {"nothing cached": seconds(lambda: cold.page.goto(question, wait_until="commit"), cold.page, SEEN)}
    cold.page.wait_for_load_state("networkidle")
    found["bytes"] = cold.weight()
    first = a_line(browser, live, cookie)
    first.slow(latency)
    first.page.goto(f"{live.url}/my-plans", wait_until="networkidle")  # the list comes first, and what a sheet needs with it
    begin = first.page.get_by_role("button", name="Continue").first
    found["first sheet, from My plans"] = seconds(lambda: begin.click(no_wait_after=True), first.page, SEEN)
    line = a_line(browser, live, cookie)
    line.page.goto(f"{live.url}/my-plans")
    line.page.goto(question)  # as somebody who has opened a plan before
    line.page.goto(f"{live.url}/my-plans")
    line.slow(latency)
    link = line.page.get_by_role("button", name="Continue").first
    found["from My plans"] = seconds(lambda: link.click(no_wait_after=True), line.page, SEEN)
    line.page.wait_for_load_state("networkidle")
    heading = line.page.locator("h1").inner_text()
    gone = f"() => document.querySelector('h1').innerText !== {heading!r}"
    found["change drawn"] = seconds(lambda: line.page.locator(".desk-level__label").first.click(), line.page, _CHOSEN)
    found["change saved"] = seconds(lambda: None, line.page, _SAVED)
    line.page.wait_for_timeout(3000)  # the next question comes while somebody thinks
    found["next question"] = seconds(lambda: line.page.keyboard.press("n"), line.page, gone)
    return found


_CHOSEN = "() => document.querySelector('.desk-level__input:checked')"
_SAVED = "() => document.getElementById('saved').innerText.includes('Saved')"


def a_desk(engine: Engine) -> tuple[World, str]:
    world = a_world(engine)
    return world, a_sheet(engine, world, an_open_round(engine, world), world.helen)


def main() -> int:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as play:
        folder = Path(name)
        settings = make_settings(folder, f"sqlite:///{folder}/line.sqlite")
        with serve(settings, prepare=migrate) as live:
            world, sheet_id = a_desk(live.engine)
            cookie = cookie_of(settings, live.engine, world.helen)
            browser = launch(play)
            for latency in (LATENCY, PRESET):
                found = figures(browser, live, cookie, sheet_id, latency)
                weight = found.pop("bytes")
                told = ", ".join(f"{what} {value:.2f} s" for what, value in found.items())
                print(f"{KBITS} kbit/s, {latency} ms: {told}; {weight / 1000:.0f} kB travelled without pictures")
                if latency == LATENCY:
                    broken = found["from My plans"] > VISIBLE or weight > WEIGHT
            browser.close()
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
