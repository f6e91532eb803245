"""A meeting in real browsers: chair and phone at once, live with twelve people, axe, 375 px, and without a script."""

import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import Engine, event
from werkzeug.serving import make_server

from moderation.database import open_engine
from moderation.moderate import meetings, unblinding
from moderation.moderate.agendas import put_on_agenda
from moderation.moderate.ballots import take_up
from moderation.moderate.decisions import defer_item
from moderation.moderate.minutes import publish_minutes
from moderation.moderate.tables import MeetingItem
from moderation.settings import Settings
from moderation.wiring import create_app
from tests.actions.test_moderate_meetings import TERMS, item, list_all, rows
from tests.build import Person, World, a_world, act_as, start_session
from tests.build_moderation import a_routed_round
from tests.pages.test_moderate_plan import a_cited_pack

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
PLANS = {"NF-1": {"E01": (1, 3, 3), "O01": (2, 3, 3)}, "NF-2": {"E01": (2, 3, 3)}}
MOST_STATEMENTS = 8
PHONE = 375
BROKEN_WORDS = """() => [...document.querySelectorAll('.app-compare thead th')].flatMap(head => {
    const words = head.textContent.trim().split(/\\s+/), node = head.firstChild, broken = []
    let at = 0
    for (const word of words) {
        const range = document.createRange(), start = node.data.indexOf(word, at)
        range.setStart(node, start); range.setEnd(node, at = start + word.length)
        if (range.getClientRects().length > 1) broken.push(word)
    }
    return broken
})"""  # words of the heads of a comparison that go over two lines


@dataclass(frozen=True)
class Served:
    """A service with a meeting in session: Helen, Amina and Tom are here."""

    url: str
    app: Flask
    engine: Engine
    world: World
    meeting: str
    item: str
    round: str
    plan: str

    def cookie(self, person: Person) -> str:
        signer = SecureCookieSessionInterface().get_signing_serializer(self.app)
        assert signer is not None
        return str(signer.dumps({"token": start_session(self.engine, person)}))

    def page(self, browser: Browser, person: Person, path: str, width: int = PHONE, script: bool = True) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=script)
        context.add_cookies([{"name": "session", "value": self.cookie(person), "url": self.url}])
        page = context.new_page()
        page.goto(self.url + path)
        return page

    @property
    def room(self) -> str:
        return f"/meetings/{self.meeting}/room"

    @property
    def chair(self) -> str:
        return f"/meetings/{self.meeting}/items/{self.item}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def served(one_database: Settings) -> Iterator[Served]:
    engine = open_engine(one_database)
    world = a_world(engine)
    closed = a_routed_round(engine, world, PLANS)
    meeting = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    list_all(engine, world, meeting)
    act_as(engine, world.priya, world.area_id, meetings.start, meeting)
    present = [world.helen.id, world.amina.id, world.tom.id]
    act_as(engine, world.priya, world.area_id, meetings.record_attendance, meeting, present)
    app = create_app(one_database, engine)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found = item(engine, closed, "NF-1", "E01").id
    yield Served(f"http://127.0.0.1:{server.port}", app, engine, world, meeting, found, closed.id, closed.plans["NF-1"])
    server.shutdown()
    thread.join()
    engine.dispose()


def clean(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url
    found = Axe().run(page).response["violations"]
    assert not found, [(one["id"], one["nodes"][0]["html"]) for one in found]


def clean_at_every_width(page: Page) -> None:
    for width in (PHONE, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        clean(page)


def test_the_chair_and_a_phone_hold_an_item_together(browser: Browser, served: Served) -> None:
    chair = served.page(browser, served.world.priya, served.chair, 1280)
    phone = served.page(browser, served.world.helen, served.room)
    clean(phone)
    chair.get_by_role("button", name="Show this item to everybody").click()
    expect(phone.get_by_role("heading", name="E01")).to_be_visible(timeout=10_000)
    clean(phone)
    asked: list[str] = []
    chair.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    chair.get_by_label("Reason", exact=True).fill("Two of four have no measure.")  # and not a second to save it
    chair.get_by_role("button", name="Open the silent vote").click()
    expect(phone.get_by_text("which level would you give")).to_be_visible(timeout=10_000)
    clean(phone)
    clean(chair)
    phone.get_by_label("Good", exact=False).first.check()
    phone.get_by_role("button", name="Cast my vote").click()
    expect(chair.get_by_text("1 of 3 have voted")).to_be_visible(timeout=10_000)
    chair.get_by_role("button", name="Reveal the votes").click()
    expect(phone.get_by_role("heading", name="The votes")).to_be_visible(timeout=10_000)
    expect(chair.get_by_label("Reason", exact=True)).to_have_value("Two of four have no measure.")
    clean(phone)
    clean(chair)
    chair.get_by_label("Reason", exact=True).fill("Three of four have no measure.")
    chair.get_by_text("Defer this item").click()
    expect(chair.get_by_text("Save it as a draft first")).to_be_hidden()  # here it saves by itself
    chair.get_by_role("button", name="Defer the item").click()
    expect(chair.get_by_label("Reason", exact=True)).to_have_value("Three of four have no measure.")
    assert asked == []


def test_a_vote_is_cast_and_seen_without_a_script(browser: Browser, served: Served) -> None:
    chair = served.page(browser, served.world.priya, served.chair, 1280, script=False)
    chair.get_by_text("Dissent (optional)").click()
    chair.get_by_label("Name of the dissenting member").fill("Q. Dissenter")
    chair.get_by_label("Name of the dissenting member").press("Enter")  # means the decision, as ever, not the step above it
    expect(chair.get_by_role("alert")).to_contain_text("Choose the agreed rating")
    chair.get_by_label("Reason", exact=True).fill("Two of four have no measure.")
    chair.get_by_text("Defer this item").click()
    expect(chair.get_by_text("Save it as a draft first")).to_be_visible()
    chair.get_by_role("button", name="Open the silent vote").click()
    phone = served.page(browser, served.world.helen, served.room, script=False)
    phone.locator("input[value='3']").check()
    phone.get_by_role("button", name="Cast my vote").click()
    expect(phone.get_by_role("heading", name="Your vote is in")).to_be_visible()
    chair.get_by_role("link", name="Check for the result").click()
    expect(chair.get_by_text("1 of 3 have voted")).to_be_visible()
    chair.get_by_role("button", name="Reveal the votes").click()
    expect(chair.get_by_label("Reason", exact=True)).to_have_value("Two of four have no measure.")
    phone.get_by_role("link", name="Check for the result").click()
    expect(phone.get_by_role("heading", name="The votes")).to_be_visible()


def test_a_decision_is_kept_as_it_is_typed_and_two_who_type_see_both(browser: Browser, served: Served) -> None:
    first = served.page(browser, served.world.priya, served.chair, 1280)
    first.get_by_label("Reason", exact=True).fill("Two of four have no measure.")
    expect(first.get_by_text("Draft saved")).to_be_visible(timeout=10_000)
    first.get_by_role("radio", name="Guidance is unclear").check()
    expect(first.locator("#draft input[name=draft_version]")).to_have_value("2", timeout=10_000)
    second = served.page(browser, served.world.priya, served.chair)
    expect(second.get_by_label("Reason", exact=True)).to_have_value("Two of four have no measure.")
    expect(second.get_by_role("radio", name="Guidance is unclear")).to_be_checked()
    first.get_by_label("Reason", exact=True).fill("Two of four have no measure or date.")
    expect(first.locator("#draft input[name=draft_version]")).to_have_value("3", timeout=10_000)
    second.get_by_label("Reason", exact=True).fill("Half of them cannot be checked.")
    expect(second.get_by_role("heading", name="Somebody else is writing this decision too")).to_be_visible(timeout=10_000)
    expect(second.get_by_role("cell", name="Two of four have no measure or date.")).to_be_visible()
    clean(second)
    second.get_by_role("button", name="Save what is here instead").click()
    expect(second.get_by_label("Reason", exact=True)).to_have_value("Half of them cannot be checked.")
    clean(second)


def test_a_lost_connection_keeps_what_is_typed_and_sends_it_later(browser: Browser, served: Served) -> None:
    chair = served.page(browser, served.world.priya, served.chair, 1280)
    chair.context.set_offline(True)
    chair.get_by_label("Reason", exact=True).fill("Typed in a tunnel.")
    expect(chair.get_by_text("What you type is kept here")).to_be_visible(timeout=10_000)
    chair.context.set_offline(False)
    expect(chair.get_by_text("Draft saved")).to_be_visible(timeout=15_000)
    expect(chair.get_by_text("This page tries again by itself")).to_be_hidden()


def test_the_time_left_is_spoken_at_five_one_and_no_minutes_only(browser: Browser, served: Served) -> None:
    act_as(served.engine, served.world.priya, served.world.area_id, take_up, served.meeting, served.item)
    chair = served.page(browser, served.world.priya, served.chair, 1280)
    chair.clock.install()
    chair.reload()
    spoken, left = chair.locator("[data-spoken]"), chair.locator("[data-left]")
    expect(left).to_have_text("6 min left")
    expect(spoken).to_have_text("")
    heard = []
    for _ in range(8):
        chair.clock.fast_forward(60_000)
        heard.append(spoken.text_content())
    five, one, none = (f"{words} left for this item" for words in ("5 minutes", "1 minute", "0 minutes"))
    assert list(dict.fromkeys(filter(None, heard))) == [five, one, none] and heard.count(five) > heard.count(one)
    expect(left).to_have_text(re.compile(r"0 min left, [12] over"))


def test_items_are_moved_by_keyboard_and_the_pages_around_a_meeting_are_clean(
    browser: Browser, served: Served, one_database: Settings
) -> None:
    page = served.page(browser, served.world.priya, f"/meetings/{served.meeting}", 1280)
    page.get_by_role("button", name="Move item 1 down").press("Enter")
    expect(page.get_by_role("button", name="Move item 2 down")).to_be_focused()
    expect(page.get_by_role("status")).to_contain_text("is now item 2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Move item 3 up")).to_be_focused()
    clean(page)
    a_cited_pack(served.engine, served.world, one_database, served.plan)
    page.goto(f"{served.url}{served.chair}/plan")
    expect(page.get_by_role("heading", name="page 2 of 3")).to_be_visible()
    clean_at_every_width(page)
    act_as(served.engine, served.world.priya, served.world.area_id, meetings.conclude, served.meeting)
    for path in ("minutes", "minutes/notes"):
        page.goto(f"{served.url}/meetings/{served.meeting}/{path}")
        clean(page)
    page.goto(f"{served.url}/meetings/{served.meeting}/minutes")
    page.get_by_role("button", name="Approve the minutes").click()
    for path in ("minutes", "minutes/addendum"):
        page.goto(f"{served.url}/meetings/{served.meeting}/{path}")
        page.set_viewport_size({"width": PHONE, "height": 800})
        clean(page)
    act_as(served.engine, served.world.grace, served.world.area_id, publish_minutes, served.meeting)
    clean(served.page(browser, served.world.helen, f"{served.room}/minutes"))


def test_planning_a_meeting_and_answering_for_names_are_clean(browser: Browser, served: Served) -> None:
    world, plan = served.world, served.plan
    planned = act_as(served.engine, world.priya, world.area_id, meetings.create_meeting, served.round, TERMS)
    later = next(row for row in rows(served.engine, MeetingItem) if row.id == served.item)
    act_as(served.engine, world.priya, world.area_id, defer_item, later.id, later.version, "No time left.")
    act_as(served.engine, world.priya, world.area_id, put_on_agenda, planned, [later.disagreement_id])
    page = served.page(browser, world.priya, f"/meetings/{planned}", 1280)
    page.get_by_label("Minutes for item 1").fill("long")
    page.get_by_role("button", name="Set the minutes of item 1").click()
    expect(page.get_by_role("alert")).to_contain_text("Minutes must be a whole number")
    clean_at_every_width(page)
    page.goto(f"{served.url}/meetings/{planned}/invite")
    page.get_by_label(re.compile("Amina Yusuf")).uncheck()
    page.get_by_role("button", name="Send the invitations").click()
    expect(page.get_by_label(re.compile("all the same"))).to_be_visible()
    clean_at_every_width(page)
    page.get_by_label(re.compile("all the same")).check()
    page.get_by_role("button", name="Send the invitations").click()
    expect(page.get_by_role("button", name="Invite Amina Yusuf").first).to_be_visible()
    clean_at_every_width(page)
    given = (served.round, plan, "A complaint names this plan.", "http://127.0.0.1/unblinding/{}")
    asked = act_as(served.engine, world.grace, world.area_id, unblinding.ask, *given)
    clean_at_every_width(served.page(browser, world.ruth, f"/unblinding/{asked}", 1280))


def test_lists_of_meetings_show_every_column_on_a_phone_and_no_level_is_broken_in_the_room(
    browser: Browser, served: Served
) -> None:
    hidden = "[...document.querySelectorAll('main td')].filter(cell => cell.getBoundingClientRect().right > innerWidth).length"
    for person, path in (
        (served.world.helen, "/my-meetings"),
        (served.world.priya, "/meetings"),
        (served.world.priya, "/disagreements"),
        (served.world.priya, f"/disagreements/{served.round}"),
    ):
        page = served.page(browser, person, path)
        assert page.evaluate(hidden) == 0, path
        clean(page)
    page.set_viewport_size({"width": 320, "height": 800})
    page.locator("#meeting option").evaluate_all("options => options.forEach(one => one.text += ' of all three agencies')")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, "a long name of a meeting"
    room = served.page(browser, served.world.priya, f"/meetings/{served.meeting}/items/{served.item}", 1280)
    assert room.locator(".app-compare thead th").count() > 4
    assert room.evaluate(BROKEN_WORDS) == []


def test_the_small_question_that_every_device_asks_each_second_asks_the_database_little(served: Served) -> None:
    act_as(served.engine, served.world.priya, served.world.area_id, meetings.record_attendance, served.meeting, _all(served.world))
    client = served.app.test_client()
    client.set_cookie("session", served.cookie(served.world.helen))
    asked: list[str] = []

    def note(connection, cursor, sql, *rest) -> None:  # type: ignore[no-untyped-def]
        asked.append(sql)

    event.listen(served.engine, "before_cursor_execute", note)
    assert client.get(f"{served.room}/now").status_code == 200
    event.remove(served.engine, "before_cursor_execute", note)
    assert 0 < len(asked) <= MOST_STATEMENTS, (len(asked), asked)


def _all(world: World) -> list[str]:
    return [world.people[name].id for name in ("helen", "robert", "amina", "tom", "shirin")]
