"""Moves that overlap, on a line where an older answer comes after a newer one: what was asked for last is what stays."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import APIResponse, Browser, Page, Route, expect

from tests.pages.test_score_browser import Served, browser, saved, served  # noqa: F401


class Held:
    """Answers that are on their way: made by the service already, and kept until the test lets them go."""

    def __init__(self, page: Page, pattern: str, method: str = "GET") -> None:
        self._page, self._method, self._is_over = page, method, False
        self._kept: list[tuple[Route, APIResponse]] = []
        page.route(pattern, self._keep)

    def _keep(self, route: Route) -> None:
        if self._is_over or route.request.method != self._method or "hx-request" not in route.request.headers:
            route.fallback()
        else:
            self._kept.append((route, route.fetch()))

    def has(self, count: int) -> None:
        """Wait until so many are on their way."""
        while len(self._kept) < count:
            self._page.wait_for_timeout(10)

    def let_go(self) -> None:
        self._is_over = True
        for route, answer in self._kept:
            with self._page.expect_event("requestfinished", lambda one, held=route: one.url == held.request.url):
                route.fulfill(response=answer)


def shows(page: Page, key: str) -> None:
    """The question, its address and its title are one."""
    expect(page.locator("#answer")).to_have_attribute("action", ends_with(key))
    assert urlsplit(page.url).path.endswith(f"/{key}") and page.title().startswith(key)


def ends_with(key: str):  # type: ignore[no-untyped-def]
    return re.compile(f"/questions/{key}$")


@pytest.fixture
def desk_at(browser: Browser, served: Served) -> Callable[[str], Page]:  # noqa: F811
    def opened(key: str) -> Page:
        page = served.enter(browser).new_page()
        page.goto(served.question(key))
        page.wait_for_load_state("networkidle")
        return page

    return opened


def test_a_question_that_comes_late_does_not_take_the_place_of_the_one_asked_for_since(
    desk_at: Callable[[str], Page],
    served: Served,  # noqa: F811
) -> None:
    page = desk_at("F01")
    slow = Held(page, "**/questions/F03*")
    page.keyboard.press("n")  # F03 is fetched ahead from here on, and held
    shows(page, "F02")
    page.keyboard.press("2")
    page.keyboard.press("n")
    page.keyboard.press("n")
    page.keyboard.press("4")  # for the question that is not there yet: not an answer to this one
    expect(page.locator("#level-2")).to_be_checked()
    page.fill("#evidence", "typed while F03 was on its way")
    page.locator('.desk-step[href*="F04"]').click()
    shows(page, "F04")
    slow.let_go()
    expect(page.locator("#progress-words")).to_contain_text("1 of")
    page.keyboard.press("n")
    shows(page, "F05")
    page.go_back()
    shows(page, "F04")
    page.go_back()
    shows(page, "F02")
    expect(page.locator("#evidence")).to_have_value("typed while F03 was on its way")
    assert (saved(served, "F02").value, saved(served, "F02").evidence) == (2, "typed while F03 was on its way")


def test_going_back_and_forth_faster_than_pages_come_ends_where_the_address_says(desk_at: Callable[[str], Page]) -> None:
    page = desk_at("F02")
    for key in ("F03", "F04"):
        page.keyboard.press("n")
        shows(page, key)
    slow = Held(page, "**/questions/F03*")
    page.evaluate("history.back()")
    slow.has(1)
    page.evaluate("history.forward()")
    page.wait_for_url("**/F04*")
    slow.let_go()
    page.keyboard.press("n")
    shows(page, "F05")
    slow = Held(page, "**/questions/F04*")
    page.evaluate("history.back()")
    slow.has(1)
    page.keyboard.press("n")  # on the screen is F05: its next question, and F05 stays in the history
    shows(page, "F07")  # F06 is not asked of this plan
    slow.let_go()
    page.go_back()
    shows(page, "F05")


def test_neither_a_late_question_nor_a_refusal_hides_what_was_answered(
    desk_at: Callable[[str], Page],
    served: Served,  # noqa: F811
) -> None:
    page = desk_at("F03")
    page.route("**/questions/F03*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.keyboard.press("2")
    expect(page.locator("#saved")).to_contain_text("Not sent yet")
    early = Held(page, "**/questions/F03?*")
    page.keyboard.press("p")
    shows(page, "F02")
    early.has(1)  # F03 as it was without the answer, fetched ahead
    page.keyboard.press("n")
    page.unroute("**/questions/F03*")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#saved")).to_contain_text("Saved")
    early.let_go()
    shows(page, "F03")
    expect(page.locator("#level-2")).to_be_checked()
    expect(page.locator("#answer [name=version]")).to_have_value("1")
    assert saved(served, "F03").value == 2
    page.fill("#evidence", "much " * 14_000)  # more than a browser sends on when a page is left
    page.keyboard.press("Control+Enter")  # refused while the next question is there already
    expect(page.locator("#saved")).to_contain_text("go back to F03")
    page.locator("h1").press("p")
    shows(page, "F03")
    expect(page.locator("#evidence-error")).to_contain_text("Error:")
    page.locator("h1").press("3")
    expect(page.locator("#saved")).to_contain_text("Not everything is saved: see the message beside the box")
    page.locator("h1").press("n")
    shows(page, "F04")
    page.locator("h1").press("1")
    expect(page.locator("#saved")).to_contain_text("Not everything is saved: go back to F03")
    page.locator("h1").press("p")
    shows(page, "F03")
    expect(page.locator("#level-3")).to_be_checked()
    expect(page.locator("#evidence")).to_have_value("much " * 14_000)
    assert saved(served, "F03").value == 3
    page.route("**/questions/F03", lambda route: route.fulfill(status=403), times=1)
    page.fill("#evidence", "much shorter")
    expect(page.locator("#saved")).to_contain_text("Not saved: the service did not accept it")
    page.locator("h1").press("4")  # sends along what was turned away
    expect(page.locator("#saved")).to_contain_text("Saved")
    expect(page.locator("#evidence-error")).to_be_empty()
    assert (saved(served, "F03").value, saved(served, "F03").evidence) == (4, "much shorter")
    page.route("**/questions/F03", lambda route: route.fulfill(status=413), times=1)
    page.fill("#evidence", "much too long for something on the way")
    expect(page.locator("#evidence-error")).to_have_text("Error: This text is too long to send. Make it shorter")
    page.fill("#evidence", "short")
    expect(page.locator("#saved")).to_contain_text("Saved")


def test_a_question_that_the_service_cannot_save_does_not_hold_up_the_next_one(
    desk_at: Callable[[str], Page],
    served: Served,  # noqa: F811
) -> None:
    page = desk_at("F03")
    page.route("**/questions/F03", lambda route: route.fulfill(status=500))
    page.keyboard.press("1")
    expect(page.locator("#saved")).to_contain_text("Not sent yet")
    page.keyboard.press("n")
    shows(page, "F04")
    page.keyboard.press("2")
    expect(page.locator("#answer [name=version]")).to_have_value("1")
    expect(page.locator("#saved")).to_contain_text("Not sent yet")
    assert saved(served, "F04").value == 1  # Yes
    page.unroute("**/questions/F03")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#saved")).to_contain_text("Saved")
    assert saved(served, "F03").value == 1
