"""A measured walk: an education auditor scores a whole plan from Year 12 with the keyboard alone, in a real browser.

Twice: with the keys as everybody has them, and with the setting that goes on by itself. Counts key presses (a chord is one; the
letters of evidence are counted apart) and the seconds that the service makes a person wait who presses the next key as soon as the
page is ready for it. Run `python -m benchmarks.walk`; it exits 1 when a promise is broken.
"""

import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright
from sqlmodel import Session, select

from moderation.ledger import OPERATOR, Via, transaction
from moderation.people.tables import Account
from moderation.register.framework import Criterion, evidence_required
from moderation.register.tables import PlanVersion
from moderation.score.own import RaterDesk
from moderation.score.rules import SheetState
from tests.browser import Live, launch, serve
from tests.build import PASSWORD, World, WorldBuilt, a_world, an_open_round
from tests.build_sheets import a_sheet, criteria_of
from tests.conftest import make_settings, migrate

EVIDENCE = "Page 9: F2 says as required"
MOST_PRESSES = {"everybody's keys": 95, "going on by itself": 55}
MOST_SECONDS = 60


@dataclass
class Keyboard:
    """The only way in: it counts."""

    page: Page
    presses: int = 0
    letters: int = 0
    waits: list[float] = field(default_factory=list)

    def press(self, key: str) -> None:
        self.presses += 1
        self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.letters += len(text)
        self.page.keyboard.type(text)

    def until(self, heading: str) -> None:
        """Wait for a heading; how long that takes is what the walk measures."""
        before = time.perf_counter()
        self.page.wait_for_function("text => document.querySelector('h1').innerText.endsWith(text)", arg=heading, polling=5)
        self.waits.append(time.perf_counter() - before)


def a_sheet_of_forty(live: Live, goes_on: bool) -> tuple[World, str, tuple[Criterion, ...]]:
    world = a_world(live.engine, f"Northfield {goes_on}", f"{str(goes_on).lower()}.example")
    round_id = an_open_round(live.engine, world)
    with transaction(live.engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        for plan in tx.session.exec(select(PlanVersion).where(PlanVersion.area_id == world.area_id)):
            plan.year_group = 12
        tx.session.get_one(Account, world.helen.id).goes_on = goes_on
        tx.record(WorldBuilt(world.area_id))
    sheet_id = a_sheet(live.engine, world, round_id, world.helen)
    return world, sheet_id, criteria_of(live.engine, world, world.helen, sheet_id)


def signed_in(page: Page, live: Live, world: World) -> None:
    page.goto(f"{live.url}/sign-in")
    page.fill("input[name=email]", world.helen.email)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/my-plans")


def walk(page: Page, live: Live, goes_on: bool) -> Keyboard:
    """From the first question to the thanks, with nothing but keys."""
    world, sheet_id, asked = a_sheet_of_forty(live, goes_on)
    signed_in(page, live, world)
    page.goto(f"{live.url}/sheets/{sheet_id}")
    hands = Keyboard(page)
    headings = [*(criterion.title for criterion in asked[1:]), "Check your answers"]
    for number, (criterion, then) in enumerate(zip(asked, headings, strict=True)):
        _answer(hands, criterion, number, goes_on)
        hands.until(then)
    _submit(hands)
    with Session(live.engine) as session:
        done = RaterDesk(session, world.area_id, world.helen.id).sheet(sheet_id)
    assert done.state is SheetState.SUBMITTED and len(done.saved) == len(asked) == 40
    return hands


def _answer(hands: Keyboard, criterion: Criterion, number: int, goes_on: bool) -> None:
    place = number % len(criterion.levels) if criterion.is_ordinal else len(criterion.levels) - 1
    hands.press(str(place + 1))
    if evidence_required(criterion, criterion.levels[place].value, None):
        if not goes_on:
            hands.press("e")
        expect(hands.page.locator("#evidence")).to_be_focused()
        hands.write(EVIDENCE)
        hands.press("Control+Enter")
    elif not goes_on:
        hands.press("n")


def _submit(hands: Keyboard) -> None:
    """The second skip link, the box, the button."""
    for key in ("Tab", "Tab", "Enter", "Tab", "Space", "Tab", "Enter"):
        hands.press(key)
    hands.until("Submitted")


def main() -> int:
    broken = False
    with tempfile.TemporaryDirectory() as name, sync_playwright() as play:
        folder = Path(name)
        settings = make_settings(folder, f"sqlite:///{folder}/walk.sqlite")
        with serve(settings, prepare=migrate) as live:
            browser = launch(play)
            for title, goes_on in (("everybody's keys", False), ("going on by itself", True)):
                hands = walk(browser.new_page(), live, goes_on)
                seconds, longest = sum(hands.waits), max(hands.waits)
                print(
                    f"{title:20} {hands.presses:4} presses and {hands.letters} letters for 40 questions, submitted; "
                    f"{seconds:.1f} s of waiting, at most {1000 * longest:.0f} ms at once"
                )
                broken |= hands.presses > MOST_PRESSES[title] or seconds > MOST_SECONDS
            browser.close()
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
