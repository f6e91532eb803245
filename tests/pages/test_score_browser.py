"""The desk in a real browser: saving as one goes, a connection that drops, two tabs, keys, a phone, and no script at all."""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright
from sqlalchemy import Engine
from sqlmodel import Session, select
from werkzeug.serving import make_server

from moderation.database import open_engine
from moderation.ledger import OPERATOR, Via, transaction
from moderation.people.tables import Membership
from moderation.register import actions as register
from moderation.register.gate_deciding import name_people, note_names_seen
from moderation.register.gate_packs import People, keep_people
from moderation.register.packs import keep_document
from moderation.register.tables import DocumentKind, FrameworkVersion
from moderation.score.own import RaterDesk
from moderation.score.tables import Scoresheet
from moderation.settings import Settings
from moderation.store import open_store
from moderation.wiring import create_app
from moderation.words import Role
from tests.build import PASSWORD, Person, World, WorldBuilt, a_world, act_as, an_open_round, an_open_round_about, start_session
from tests.build_gate import in_this_process, through_the_gate
from tests.build_packs import a_pdf, a_registered_plan
from tests.build_sheets import a_sheet, a_sheet_with_a_number, answer_all, submit

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)  # fmt: skip
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@dataclass(frozen=True)
class Served:
    """Helen's desk, served on this machine, with one sheet begun."""

    url: str
    cookie_of: Callable[[Person], str]
    engine: Engine
    world: World
    sheet_id: str

    @property
    def cookie(self) -> str:
        return self.cookie_of(self.world.helen)

    def question(self, key: str) -> str:
        return f"{self.url}/sheets/{self.sheet_id}/questions/{key}"

    def enter(self, browser: Browser, width: int = 1440, script: bool = True) -> BrowserContext:
        context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script)
        context.add_cookies([{"name": "session", "value": self.cookie, "url": self.url}])
        return context


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
    sheet_id = a_sheet(engine, world, an_open_round(engine, world), world.helen)
    app = create_app(one_database, engine)
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def cookie_of(person: Person) -> str:
        return str(signer.dumps({"token": start_session(engine, person)}))

    yield Served(f"http://127.0.0.1:{server.port}", cookie_of, engine, world, sheet_id)
    server.shutdown()
    thread.join()
    engine.dispose()


def saved(served: Served, key: str):  # type: ignore[no-untyped-def]
    with Session(served.engine) as session:
        return RaterDesk(session, served.world.area_id, served.world.helen.id).sheet(served.sheet_id).answers[key]


def test_keys_score_save_and_go_on(browser: Browser, served: Served) -> None:
    page, errors = served.enter(browser).new_page(), []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(served.question("F02"))
    page.keyboard.press("3")
    expect(page.locator("#progress-words")).to_contain_text("1 of")
    expect(page.locator("#saved")).to_contain_text("Saved")
    page.keyboard.press("e")
    page.keyboard.type("Page 9, n and 1 are only letters here")
    expect(page.locator("#answer [name=version]")).to_have_value("2")
    page.keyboard.press("Escape")
    expect(page.locator("h1")).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator("h1")).to_contain_text("Expertise")
    expect(page.locator("h1")).to_be_focused()
    assert page.url.split("?")[0].endswith("/F03") and page.title().startswith("F03")
    expect(page.locator('.desk-step[href*="F02"]')).to_contain_text("answered")
    page.keyboard.press("e")
    page.keyboard.type("written")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).not_to_contain_text("Expertise")
    page.goto(served.question("F03"))
    page.keyboard.press("p")
    expect(page.locator("#level-3")).to_be_checked()
    assert (saved(served, "F02").value, saved(served, "F02").evidence) == (3, "Page 9, n and 1 are only letters here")
    assert saved(served, "F03").evidence == "written"
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("4")  # the list is open: no key reaches the question behind it
    page.keyboard.press("Escape")
    expect(page.locator("#level-3")).to_be_checked()
    page.evaluate("document.getElementById('desk').dataset.shortcuts = 'off'")
    page.keyboard.press("?")
    page.keyboard.press("1")
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator("#level-3")).to_be_checked()
    with_number = replace(served, sheet_id=a_sheet_with_a_number(served.engine, served.world, "F02"))
    page.goto(with_number.question("F02"))
    page.keyboard.press("v")
    expect(page.locator("#answer [name=version]")).to_have_value("1")
    page.keyboard.press("1")
    expect(page.locator("#number")).to_be_focused()
    page.keyboard.type("7.5")
    expect(page.locator("#level-number")).to_be_checked()
    expect(page.locator("#answer [name=version]")).to_have_value("2")
    assert (saved(with_number, "F02").value, saved(with_number, "F02").non_score) == (75, None)
    page.keyboard.press("Enter")  # saves and stays
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("Expertise")
    assert not errors


def test_a_dropped_connection_is_said_and_mended(browser: Browser, served: Served) -> None:
    context = served.enter(browser)
    page = context.new_page()
    with page.expect_response(lambda response: "/F03" in response.url):  # the next question is fetched ahead
        page.goto(served.question("F02"))
    context.set_offline(True)
    page.keyboard.press("2")
    expect(page.locator("#saved")).to_contain_text("Not sent yet")
    page.fill("#evidence", "written in a tunnel")
    expect(page.locator("#saved")).to_contain_text("2 changes")
    warned: list[str] = []
    page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    page.wait_for_timeout(300)
    assert warned == ["beforeunload"]
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("Expertise")
    page.keyboard.press("1")
    expect(page.locator("#saved")).to_contain_text("3 changes")
    page.keyboard.press("n")  # this far the page was fetched, and no further
    expect(page.locator("#saved")).to_contain_text("cannot be shown yet")
    page.get_by_role("link", name="My plans").first.click()
    expect(page.locator("#saved")).to_contain_text("or your last changes are lost")
    context.set_offline(False)
    expect(page.locator("#saved")).to_contain_text("Saved", timeout=15_000)
    expect(page.locator("#progress-words")).to_contain_text("2 of", timeout=15_000)
    assert (saved(served, "F02").value, saved(served, "F02").evidence) == (2, "written in a tunnel")
    assert saved(served, "F03").value == 1


def test_signing_in_again_happens_in_place_and_sends_what_was_waiting(browser: Browser, served: Served) -> None:
    context = served.enter(browser)
    page = context.new_page()
    page.goto(served.question("F02"))
    page.wait_for_load_state("networkidle")
    context.clear_cookies()
    page.keyboard.press("2")
    asked = page.get_by_role("dialog", name="Sign in again to go on")
    expect(asked.get_by_label("Email address")).to_have_value(served.world.helen.email)
    asked.get_by_label("Password", exact=True).fill("not my password")
    asked.get_by_role("button", name="Sign in").click()
    expect(asked).to_contain_text("is not right")
    asked.get_by_label("Password", exact=True).fill(PASSWORD)
    asked.get_by_role("button", name="Sign in").click()
    expect(asked).to_be_hidden()
    expect(page.locator("#saved")).to_contain_text("Saved")
    page.keyboard.press("n")
    expect(page.locator("h1")).to_contain_text("Expertise")
    assert saved(served, "F02").value == 2
    context.add_cookies([{"name": "session", "value": served.cookie_of(served.world.amina), "url": served.url}])
    page.keyboard.press("3")  # in another tab somebody else has signed in, who does not have this plan
    expect(asked).to_contain_text(f"{served.world.amina.name} is signed in")
    asked.get_by_role("button", name=f"Sign out {served.world.amina.name}").click()
    asked.get_by_label("Password", exact=True).fill(PASSWORD)
    asked.get_by_role("button", name="Sign in").click()
    expect(asked).to_be_hidden()
    expect(page.locator("#answer [name=version]")).to_have_value("1")
    assert saved(served, "F03").value == 3


def test_signing_in_in_another_tab_sends_what_was_waiting(browser: Browser, served: Served) -> None:
    context = served.enter(browser)
    page = context.new_page()
    page.goto(served.question("F02"))
    page.wait_for_load_state("networkidle")
    context.clear_cookies()
    page.keyboard.press("2")
    expect(page.locator("#signing")).to_be_visible()
    context.add_cookies([{"name": "session", "value": served.cookie, "url": served.url}])
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#signing")).to_be_hidden()
    expect(page.locator("#saved")).to_contain_text("Saved")
    assert saved(served, "F02").value == 2


def test_words_selected_in_the_plan_become_a_quote_with_their_page(
    browser: Browser, served: Served, one_database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_this_process(monkeypatch)
    plan = a_released_page(served, one_database, "<h2>Section F: Provision</h2><p>Tobi has access to regular opportunities.</p>")
    served = replace(served, sheet_id=a_sheet_about(served, plan))
    page = served.enter(browser).new_page()
    page.goto(served.question("F02"))
    page.get_by_role("link", name="Text", exact=True).click()
    page.get_by_text("access to regular opportunities").click(click_count=3)  # as one selects a line
    expect(page.get_by_role("button", name="Quote these words")).to_be_visible()
    page.keyboard.press("q")
    expect(page.locator("#quote")).to_be_focused()
    expect(page.locator("#saved")).to_contain_text("Saved")
    answer = saved(served, "F02")
    assert answer.quote == "[CHILD] has access to regular opportunities."
    assert answer.quote_place == "Final plan, page 1, section F"


def a_released_page(served: Served, settings: Settings, body: str) -> str:
    """A plan of one page, uploaded as a PDF and through its gate: Tobi is the child."""
    engine, world, store = served.engine, served.world, open_store(settings)
    plan = a_registered_plan(engine, world)
    kept = keep_document(store, a_pdf(body))
    act_as(engine, world.grace, world.area_id, register.attach_document, plan, DocumentKind.FINAL_PLAN, None, kept)
    act_as(engine, world.grace, world.area_id, name_people, plan, 1, keep_people(store, People(child=("Tobi Marlow",))))
    through_the_gate(engine, world, settings, plan)
    return plan


def a_sheet_about(served: Served, plan: str) -> str:
    """Helen's sheet of this plan, in a round of its own."""
    engine, world = served.engine, served.world
    with Session(engine) as session:
        framework = session.exec(select(FrameworkVersion.id)).one()
    given = an_open_round_about(engine, world, [plan], framework, [world.helen, world.amina, world.tom])
    return a_sheet(engine, world, given, world.helen)


def test_two_tabs_choose_between_both_versions(browser: Browser, served: Served) -> None:
    context = served.enter(browser)
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(served.question("F02"))
    first.keyboard.press("4")
    expect(first.locator("#answer [name=version]")).to_have_value("1")
    second.keyboard.press("2")
    expect(second.locator("#conflict")).to_contain_text("changed somewhere else")
    expect(second.locator("#conflict")).to_contain_text("Outstanding")
    expect(second.locator("#conflict")).to_contain_text("On this page, changed at")
    expect(second.locator("#conflict")).to_be_focused()
    second.keyboard.press("n")  # the choice stays until it is made
    expect(second.locator("h1")).to_contain_text("Expertise")
    second.keyboard.press("1")
    expect(second.locator("#saved")).to_have_text("Not everything is saved: see the message above the question")
    keep_this_pages(second, "2")
    expect(second.locator("#level-2")).to_be_checked()
    expect(second.locator("#saved")).to_contain_text("Saved")
    assert (saved(served, "F02").value, saved(served, "F03").value) == (2, 1)


def test_everything_typed_into_an_answer_that_was_changed_elsewhere_is_there_to_choose(browser: Browser, served: Served) -> None:
    context = served.enter(browser)
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(served.question("F02"))
    first.keyboard.press("4")
    expect(first.locator("#answer [name=version]")).to_have_value("1")
    second.keyboard.press("2")
    expect(second.locator("#conflict")).to_contain_text("changed somewhere else")
    second.fill("#evidence", "Page 9 says who.")
    expect(second.locator("#conflict")).to_contain_text("Page 9 says who.")
    expect(second.locator("#conflict")).to_contain_text("Requires improvement")
    second.on("dialog", lambda dialog: dialog.dismiss())
    with second.expect_event("dialog") as warning:
        second.get_by_role("link", name="My plans").first.click()
    assert warning.value.type == "beforeunload"
    second.route("**/questions/F02", lambda route: route.fulfill(status=502))
    second.fill("#evidence", "Page 9 says who and when.")
    expect(second.locator("#saved")).to_contain_text("Not sent yet")
    second.unroute("**/questions/F02")
    keep_this_pages(second, "2")
    expect(second.locator("#evidence")).to_have_value("Page 9 says who and when.")
    answer = saved(served, "F02")
    assert (answer.value, answer.evidence) == (2, "Page 9 says who and when.")
    held: list[Route] = []
    first.keyboard.press("3")
    expect(first.locator("#conflict")).to_contain_text("changed somewhere else")
    first.route("**/questions/F02", lambda route: held.append(route), times=1)
    with first.expect_request("**/questions/F02"):
        first.fill("#evidence", "Page 10 says how often.")
    first.get_by_role("button", name="Keep this page's version").click()  # while the words are on their way
    held[0].continue_()
    expect(first.locator("#answer [name=version]")).to_have_value("3")
    expect(first.locator("#conflict")).to_be_empty()
    answer = saved(served, "F02")
    assert (answer.value, answer.evidence) == (3, "Page 10 says how often.")


def keep_this_pages(page: Page, version: str) -> None:
    page.get_by_role("button", name="Keep this page's version").click()
    expect(page.locator("#conflict")).to_be_empty()
    expect(page.locator("#answer [name=version]")).to_have_value(version)


def test_the_saved_version_may_stay_and_nothing_waits_any_more(browser: Browser, served: Served) -> None:
    context = served.enter(browser)
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(served.question("F02"))
    first.keyboard.press("4")
    expect(first.locator("#answer [name=version]")).to_have_value("1")
    second.keyboard.press("2")
    second.get_by_role("button", name="Keep the saved version").click()
    expect(second.locator("#level-4")).to_be_checked()
    expect(second.locator("#saved")).to_contain_text("Saved")
    second.get_by_role("link", name="My plans").first.click()
    expect(second.locator("h1")).to_contain_text("My plans")
    assert saved(served, "F02").value == 4


def test_without_a_script_everything_is_there(browser: Browser, served: Served) -> None:
    page = served.enter(browser, script=False).new_page()
    page.goto(served.question("F02"))
    page.locator("label[for=level-2]").click()
    page.fill("#evidence", "Page 9")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#saved")).to_contain_text("Saved")
    page.get_by_text("Quote the plan").click()
    page.get_by_label("Where they are").press("Enter")  # saves and stays
    expect(page.locator("h1")).to_contain_text("Specific and quantified")
    page.get_by_role("button", name="Next question").click()
    expect(page.locator("h1")).to_contain_text("Expertise")
    assert saved(served, "F02").value == 2
    answer_all(served.engine, served.world, served.world.helen, served.sheet_id, but={"F02": None})
    page.get_by_role("button", name="Check answers").click()
    page.locator("label[for=own]").click()
    page.get_by_role("button", name="Submit and lock").click()
    expect(page.locator("h1")).to_have_text("Submitted")


@pytest.mark.parametrize("width", [1440, 375, 320])
def test_pages_fit_and_are_accessible(browser: Browser, served: Served, width: int) -> None:
    page = served.enter(browser, width).new_page()
    paths = ("/my-plans", f"/sheets/{served.sheet_id}/check", f"/sheets/{served.sheet_id}/questions/F02/concerns/safeguarding")
    for address in (*(served.url + path for path in paths), served.question("F02"), served.question("F02") + "#document"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (address, width)
        assert [fault["id"] for fault in found(page)] == [], address
    answer_all(served.engine, served.world, served.world.helen, served.sheet_id)
    submit(served.engine, served.world, served.world.helen, served.sheet_id)
    page.context.add_cookies([{"name": "session", "value": served.cookie_of(served.world.grace), "url": served.url}])
    with Session(served.engine) as session:
        round_id = session.exec(select(Scoresheet.round_id)).one()
    for path in (f"/rounds/{round_id}/submitted", "/uploads/new"):
        page.goto(served.url + path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (path, width)


def found(page: Page) -> list[dict[str, object]]:
    violations: list[dict[str, object]] = Axe().run(page, options=RULES).response["violations"]
    return violations


def test_on_a_phone_the_plan_covers_the_question_and_gives_it_back(browser: Browser, served: Served) -> None:
    page = served.enter(browser, 375).new_page()
    page.goto(served.question("F02"))
    expect(page.locator("#document")).to_be_hidden()
    page.get_by_role("button", name="The plan").click()
    expect(page.locator("#document")).to_be_visible()
    assert page.locator("#middle").evaluate("element => element.inert")
    page.keyboard.press("Escape")
    expect(page.locator("#document")).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()


def test_back_returns_to_the_question_before_with_its_answer(browser: Browser, served: Served) -> None:
    page = served.enter(browser).new_page()
    page.goto(served.question("F02"))
    page.keyboard.press("2")
    page.keyboard.press("n")
    expect(page.locator("h1")).to_contain_text("Expertise")
    page.go_back()
    expect(page.locator("h1")).to_contain_text("Specific and quantified")
    expect(page.locator("#level-2")).to_be_checked()


def test_back_from_other_pages_shows_what_is_saved_and_not_what_the_browser_remembers(browser: Browser, served: Served) -> None:
    page = served.enter(browser).new_page()
    for level, words, version in (("2", "first words", "2"), ("4", "much better words", "4")):
        page.goto(served.question("F02"))
        page.keyboard.press(level)
        page.fill("#evidence", words)
        expect(page.locator("#answer [name=version]")).to_have_value(version)
        page.get_by_role("button", name="Check answers").first.click()
        expect(page.locator("h1")).to_have_text("Check your answers")
    for _ in range(3):
        page.go_back()
    expect(page.locator("#level-4")).to_be_checked()
    expect(page.locator("#evidence")).to_have_value("much better words")


def test_whoever_wants_it_goes_on_with_one_key_by_way_of_the_evidence_that_is_needed(browser: Browser, served: Served) -> None:
    page = served.enter(browser).new_page()
    page.goto(served.question("F02"))
    page.evaluate("document.getElementById('desk').dataset.goesOn = ''")
    page.keyboard.press("2")
    expect(page.locator("h1")).to_contain_text("Expertise")
    page.goto(served.question("F01"))
    page.evaluate("document.getElementById('desk').dataset.goesOn = ''")
    page.keyboard.press("1")
    expect(page.locator("#evidence")).to_be_focused()
    with page.expect_response(lambda answer: "required" in (answer.request.post_data or "")):
        page.keyboard.type("F2 says as required")
        page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("Specific and quantified")
    expect(page.locator("#progress-words")).to_contain_text("2 of")
    assert (saved(served, "F01").value, saved(served, "F01").evidence) == (0, "F2 says as required")


def test_a_question_that_is_not_shown_says_why_and_what_was_typed_stays(browser: Browser, served: Served) -> None:
    """Another window has shown this lead, who also scores, the names in the papers."""
    also_a_lead(served)
    page = served.enter(browser).new_page()
    page.route("**/F03**", lambda route: route.fulfill(status=503))
    page.goto(served.question("F02"))
    page.fill("#evidence", "Page 9 says who.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#saved")).to_contain_text("try again in a minute")
    page.unroute("**/F03**")
    with Session(served.engine) as session:
        plan = RaterDesk(session, served.world.area_id, served.world.helen.id).sheet(served.sheet_id).plan.plan_version_id
    act_as(served.engine, served.world.helen, served.world.area_id, note_names_seen, plan)
    page.fill("#evidence", "Page 9 says who and how often.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#conflict")).to_contain_text("You have seen the names in this plan")
    expect(page.locator("#conflict")).to_be_focused()
    expect(page.locator("#saved")).to_contain_text("Not shown: see the message above the question")
    expect(page.locator("#evidence")).to_have_value("Page 9 says who and how often.")
    assert saved(served, "F02").evidence == "Page 9 says who and how often."
    page.get_by_role("button", name="Send the plan back").click()
    expect(page.locator("h1")).to_contain_text("know")


def also_a_lead(served: Served) -> None:
    with transaction(served.engine, OPERATOR, Via.COMMAND, served.world.area_id) as tx:
        tx.session.add(
            Membership(area_id=served.world.area_id, account_id=served.world.helen.id, role=Role.LEAD, starts_on=date(2024, 1, 1))
        )
        tx.record(WorldBuilt(served.world.area_id))


def test_turning_a_page_of_the_plan_keeps_the_question(browser: Browser, served: Served) -> None:
    page = served.enter(browser).new_page()
    page.goto(served.question("F02"))
    page.keyboard.press("n")
    expect(page.locator("h1")).to_contain_text("Expertise")
    page.get_by_role("link", name="Page 2").click()
    expect(page.locator("#document")).to_contain_text("Page 2 of 2")
    assert "/F03?" in page.url and "page=2" in page.url
    page.reload()
    expect(page.locator("h1")).to_contain_text("Expertise")


def test_every_question_can_be_answered_with_two_keys(browser: Browser, served: Served) -> None:
    page = served.enter(browser).new_page()
    page.goto(served.question("A01"))
    presses = 0
    while "/questions/" in page.url:
        before = page.locator("h1").inner_text()
        for key in ("2", "n"):
            page.keyboard.press(key)
        presses += 2
        expect(page.locator("h1")).not_to_have_text(before)
    expect(page.locator("h1")).to_have_text("Check your answers")
    with Session(served.engine) as session:
        answers = RaterDesk(session, served.world.area_id, served.world.helen.id).sheet(served.sheet_id).answers
    assert presses == 2 * len(answers) and all(answer.is_answered for answer in answers.values())


def test_accepting_moves_a_plan_in_place_with_the_focus_on_its_start(browser: Browser, served: Served) -> None:
    with served.enter(browser) as context:
        page = context.new_page()
        page.goto(f"{served.url}/my-plans")
        accept = page.get_by_role("button", name="Accept")
        first, waiting = accept.first.inner_text().replace("Accept", "").strip(), accept.count()
        page.evaluate("document.body.dataset.same = 'page'")
        accept.first.press("Enter")
        expect(page.locator(":focus")).to_have_accessible_name(f"Start {first}")
        expect(page.locator(":focus")).to_have_accessible_description(f"You have accepted plan {first}.")
        assert accept.count() == waiting - 1 and page.evaluate("document.body.dataset.same") == "page"
        in_place = "**/accept"
        page.route(
            in_place, lambda route: route.fulfill(status=503) if "hx-request" in route.request.headers else route.continue_()
        )
        accept.first.press("Enter")
        expect(page.locator(".govuk-notification-banner, .app-confirmation").first).to_contain_text("You have accepted plan")
