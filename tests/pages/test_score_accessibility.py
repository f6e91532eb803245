"""The manual script for the auditor's pages, kept as tests: keyboard only, 400% zoom, 320 pixels, forced colours, reduced motion,
names and order as a screen reader is given them, and no scripts. One window each; several pages in each window.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import barriers, overflow
from tests.build_sheets import answer_all
from tests.pages.test_score_browser import Served, served  # noqa: F401 - the fixture

NEED_A_NAME = ("link", "button", "radio", "textbox", "progressbar", "navigation", "region", "image")
# Of what has the focus: which part of the page it is in, whether it can be seen, and whether the focus on it can.
FOCUSED = """() => {
  const at = document.activeElement, label = at.matches('[type=radio]') ? document.querySelector(`label[for="${at.id}"]`) : at;
  const box = label.getBoundingClientRect(), middle = [box.x + Math.min(box.width, 40) / 2, box.y + box.height / 2];
  const drawn = [at, label].flatMap((one) => [getComputedStyle(one), getComputedStyle(one, '::before')]);
  const parts = { '.govuk-skip-link': 'skip', header: 'header', '.desk-bar': 'bar', '#question': 'question',
                  '#sections': 'sections', '#document': 'document', footer: 'footer' };
  const over = document.elementFromPoint(...middle);
  return {
    part: Object.entries(parts).find(([where]) => at.closest(where))?.[1] ?? 'none',
    id: at.id, name: at.innerText || at.id || at.tagName,
    covered: box.width > 1 && !(over && (label.contains(over) || over.contains(label) || at.contains(over))),
    shown: drawn.some((style) => style.boxShadow !== 'none' ||
                                 (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)),
  };
}"""


def enter(served: Served, browser: Browser, **wanted: Any) -> BrowserContext:  # noqa: F811
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **wanted})
    context.add_cookies([{"name": "session", "value": served.cookie, "url": served.url}])
    return context


def tabbed(page: Page, most: int = 120) -> list[dict[str, Any]]:
    """Everything that the Tab key reaches, in order, until it comes round to the beginning."""
    page.evaluate("document.activeElement.blur()")
    seen: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        page.wait_for_function("new Promise((done) => requestAnimationFrame(() => done(true)))")  # the page has scrolled to it
        at = page.evaluate(FOCUSED)
        if at["part"] == "none" or (seen and at["name"] == "Skip to main content"):
            return seen
        seen.append(at)
    raise AssertionError(f"the keyboard does not get out: {[one['name'] for one in seen[-5:]]}")


def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(browser: Browser, served: Served) -> None:  # noqa: F811
    page = enter(served, browser).new_page()
    page.goto(served.question("F02"))
    seen = tabbed(page)
    parts = list(dict.fromkeys(one["part"] for one in seen))
    assert parts == ["skip", "header", "bar", "question", "sections", "document", "footer"]
    assert [one["name"] for one in seen if not one["shown"]] == []
    assert [one["name"] for one in seen if one["covered"]] == []
    names = [one["id"] for one in seen]
    assert {"level-1", "evidence", "sure-sure"} <= set(names)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the second skip link goes to the plan
    assert page.evaluate("document.activeElement.closest('#document') !== null")
    answer_all(served.engine, served.world, served.world.helen, served.sheet_id)
    page.goto(f"{served.url}/sheets/{served.sheet_id}/check")
    for key in ("Tab", "Tab", "Enter", "Tab"):  # and on the page of all answers, past them to the end
        page.keyboard.press(key)
    expect(page.locator("#own")).to_be_focused()


def test_at_400_percent_and_at_320_pixels_nothing_runs_off_and_nothing_is_covered(browser: Browser, served: Served) -> None:  # noqa: F811
    page = enter(served, browser, viewport={"width": 320, "height": 256}).new_page()  # 1280 x 1024 at 400%
    for path in ("/my-plans", "/my-plans/away", f"/sheets/{served.sheet_id}/check", f"/sheets/{served.sheet_id}/questions/F02"):
        page.goto(served.url + path)
        assert overflow(page) == [], path
    assert page.evaluate("document.querySelector('.desk-next').offsetHeight") < 128, "the bar takes more than half of the screen"
    assert [one["name"] for one in tabbed(page) if one["covered"]] == []


def test_with_forced_colours_the_choice_and_the_focus_are_still_drawn(browser: Browser, served: Served) -> None:  # noqa: F811
    page = enter(served, browser, forced_colors="active").new_page()
    page.goto(served.question("F02"))
    page.keyboard.press("2")
    width = "id => getComputedStyle(document.querySelector(`label[for=${id}]`)).borderTopWidth"
    assert (page.evaluate(width, "level-2"), page.evaluate(width, "level-1")) == ("4px", "1px")
    dot = "id => getComputedStyle(document.querySelector(`label[for=${id}]`), '::after').opacity"
    assert (page.evaluate(dot, "level-2"), page.evaluate(dot, "level-1")) == ("1", "0")
    page.locator("#non-later").focus()
    page.keyboard.press("ArrowUp")
    outlines = [one["name"] for one in tabbed(page) if not one["shown"]]
    assert outlines == []
    assert barriers(page) == []


def test_with_less_motion_nothing_moves(browser: Browser, served: Served) -> None:  # noqa: F811
    page = enter(served, browser, reduced_motion="reduce").new_page()
    moving = """() => [...document.querySelectorAll('*')].filter((one) => { const style = getComputedStyle(one);
        return style.animationName !== 'none' || style.transitionDuration.split(',').some((time) => parseFloat(time) > 0.01); })
        .map((one) => one.outerHTML.slice(0, 80))"""
    for path in ("/my-plans", f"/sheets/{served.sheet_id}/check", f"/sheets/{served.sheet_id}/questions/F02"):
        page.goto(served.url + path)
        assert page.evaluate(moving) == [], path


@dataclass(frozen=True)
class Heard:
    role: str
    name: str
    more: str


def heard(page: Page) -> list[Heard]:
    """What a screen reader is given, in the order of reading."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    by_id = {node["nodeId"]: node for node in nodes}

    def read(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if not node["ignored"]:
            yield node
        for child in node.get("childIds", []):
            yield from read(by_id[child])

    def said(node: dict[str, Any], part: str) -> str:
        return " ".join(str(node.get(part, {}).get("value", "")).split())

    return [Heard(said(node, "role"), said(node, "name"), said(node, "description")) for node in read(nodes[0])]


def test_a_screen_reader_is_given_names_and_an_order_that_make_sense(browser: Browser, served: Served) -> None:  # noqa: F811
    page = enter(served, browser).new_page()
    page.goto(served.question("F02"))
    told = heard(page)
    wanted = [
        ("region", "This plan"), ("navigation", "F Special educational provision"), ("heading", "F02: Specific and quantified"),
        ("navigation", "Sections"), ("region", "Plan document"),
    ]  # fmt: skip
    assert [(one.role, one.name) for one in told if (one.role, one.name) in wanted] == wanted
    radios = [one for one in told if one.role == "radio"]
    names = [one.name for one in radios]
    assert names[:4] == ["Inadequate", "Requires improvement", "Good", "Outstanding"]
    assert names[4:8] == ["Not applicable", "No evidence in the pack", "Outside my discipline", "Leave for now"]
    assert names[8:] == ["Very sure", "Fairly sure", "Not sure"]
    assert all(one.more for one in radios[:8]), "every level and every other answer has its description"
    boxes = {one.name: one.more for one in told if one.role == "textbox"}
    assert "Needed" in boxes["What in the plan shows this?"]
    steps = [one.name for one in told if one.role == "link" and "F03" in one.name]
    assert steps and "not answered yet" in steps[0]
    assert any(one.role == "status" for one in told), "what is saved is announced"
    assert [one.role for one in told if one.role in NEED_A_NAME and not one.name] == []


def test_without_scripts_the_pages_have_no_barriers_either(browser: Browser, served: Served) -> None:  # noqa: F811
    context = enter(served, browser)
    context.route("**/*.js", lambda route: route.abort())  # axe comes by another way, and the page has none of its own
    page = context.new_page()
    for path in ("/my-plans", f"/sheets/{served.sheet_id}/check", f"/sheets/{served.sheet_id}/questions/F02", "/accessibility"):
        page.goto(served.url + path)
        assert not page.evaluate("document.body.classList.contains('js-enabled')")
        assert barriers(page) == [], path
    page.goto(served.question("F02"))
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
    assert page.locator("kbd:visible").count() == 0, "no key is promised that does nothing"
