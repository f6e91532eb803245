"""What every page stands in: the menu, the vendored files, the error pages."""

import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask, render_template

from moderation.web.navigation import ENTRIES
from moderation.web.palette import COLOURS
from moderation.words import Role
from tests.build import World
from tests.conftest import SignIn

ROOT = Path(__file__).parent.parent.parent
STATIC = ROOT / "moderation" / "static"
ERRORS = sorted(path.name for path in (ROOT / "templates" / "errors").glob("*.html") if path.stem not in ("base", "stale_versions"))


def test_vendored_files_are_the_ones_that_were_vendored() -> None:
    lines = re.findall(r"^\| (\S+) \| .* \| ([0-9a-f]{64}) \|$", (STATIC / "vendor" / "VERSIONS.md").read_text(), re.MULTILINE)
    assert len(lines) == 4
    for name, digest in lines:
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == digest, name


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.css")), ids=lambda path: path.name)
def test_no_style_fetches_a_font_or_a_picture(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "url(" not in text and "@font-face" not in text and "@import" not in text


@pytest.mark.parametrize("colour", [code for code, _ in COLOURS if code != "navy"])
def test_every_colour_an_area_may_choose_has_its_class(colour: str) -> None:
    assert f".app-area--{colour} " in (STATIC / "css" / "app.css").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_says_nothing_about_the_person(app: Flask, name: str) -> None:
    with app.test_request_context("/somewhere"):
        page = render_template(
            f"errors/{name}", message="The round is closed.", problems=[], mine={"reason": "mine"}, theirs={"reason": "theirs"}
        )
    assert page.count("<h1") == 1 and "Sign out" not in page and "csrf" not in page and "/somewhere" not in page


def test_both_versions_are_shown_when_somebody_else_was_first(app: Flask) -> None:
    with app.test_request_context("/"):
        page = render_template("errors/stale.html", mine={"reason": "mine"}, theirs={"reason": "theirs"})
    assert "mine" in page and "theirs" in page and "What is saved now" in page


@pytest.mark.parametrize("role", Role)
def test_help_names_every_page_that_the_menu_gives_to_a_role(app: Flask, role: Role) -> None:
    page = app.test_client().get("/help").text
    assert f'href="#{role.value}"' in page
    part = page.partition(f' id="{role.value}">')[2].partition("<h2")[0]
    menu = {entry.text for entry in ENTRIES if role in entry.roles}
    assert menu and menu <= set(re.findall(r"<strong>([^<]+)</strong>", part))


def test_missing_pages_are_the_same_bytes_for_everybody(sign_in: SignIn, world: World) -> None:
    answers = {sign_in(person).get("/no-such-page").data for person in (world.grace, world.helen, world.ruth)}
    assert len(answers) == 1


def test_the_menu_marks_where_one_is(sign_in: SignIn, world: World) -> None:
    page = sign_in(world.ruth).get("/quality").text
    assert re.search(r'href="/quality"\s+aria-current="true"', page)
    assert 'lang="en"' in page and "Ruth Adeyemi" in page and 'action="/sign-out"' in page


def test_a_refusal_goes_to_the_top_of_the_open_page(app: Flask) -> None:
    from moderation.words import Refused

    def refuse() -> None:
        raise Refused("The round is closed.")

    app.view_functions["people.help_page"] = refuse
    refuse.open_to = app.view_functions["people.privacy"].open_to  # type: ignore[attr-defined]
    part = app.test_client().get("/help", headers={"HX-Request": "true"})
    assert part.status_code == 409 and part.headers["HX-Retarget"] == "#main-content"
    assert 'id="refusal"' in part.text and "The round is closed." in part.text
    assert "HX-Retarget" not in app.test_client().get("/help").headers
