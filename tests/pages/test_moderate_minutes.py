"""The minutes as pages and as PDF, and a decision that is kept while it is typed."""

import io
import re

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import Engine

from moderation.allocate.actions import mark_published
from tests.build import World, act_as
from tests.build_moderation import ClosedRound, a_routed_round
from tests.conftest import SignIn
from tests.pages.test_moderate_pages import DECISION, NAMES, PLANS, body, items, plan_meeting, start
from tests.pages.test_track import text_of

ACTION = {
    "action": "amend", "action_text": "Amend E2.", "action_owner": "SEND team manager", "action_due-day": "29",
    "action_due-month": "1", "action_due-year": "2027", "notes": "Long talk about E2.",
}  # fmt: skip


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def priya(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.priya)


@pytest.fixture
def meeting(priya: FlaskClient, engine: Engine, world: World, closed: ClosedRound) -> str:
    planned = plan_meeting(priya, engine, closed)
    start(priya, world, planned)
    return planned


def version_of(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def test_minutes_are_approved_published_and_corrected(
    priya: FlaskClient, sign_in: SignIn, world: World, engine: Engine, meeting: str
) -> None:
    grace, url = sign_in(world.grace), f"/meetings/{meeting}/minutes"
    first = items(engine, meeting)[0]
    given = DECISION | ACTION | {"rating": "1", "version": "1"}
    assert priya.post(f"/meetings/{meeting}/items/{first.id}", data=given | {"action_owner": ""}).status_code == 422
    assert priya.post(f"/meetings/{meeting}/items/{first.id}", data=given).status_code == 303
    priya.post(f"/meetings/{meeting}/conclude")
    page = body(priya, url)
    assert "Amend the plan: Amend E2. SEND team manager, by 29 January 2027" in page and "Long talk about E2." in page
    assert "Approve the minutes" in page and "Approve the minutes" not in body(grace, url)
    assert grace.post(f"{url}/publish").status_code == 409
    priya.post(f"{url}/notes", data={"notes": "Apologies from care.", "version": version_of(page)})
    assert priya.post(f"{url}/approve", data={"version": version_of(page)}).status_code == 409, "the chair has not read the notes"
    assert priya.post(f"{url}/approve", data={"version": version_of(body(priya, url))}).status_code == 303
    assert "Approved by Priya Nair" in body(grace, url) and "Change the notes" not in body(priya, url)
    assert grace.post(f"{url}/publish").status_code == 303
    assert priya.post(f"{url}/addendum", data={"text": "Tom was late."}).status_code == 422
    assert priya.post(f"{url}/addendum", data={"text": "Tom was late.", "reason": "Left out."}).status_code == 303
    page = body(priya, url)
    assert "Published by Grace Obi" in page and "Addendum 1" in page and "Apologies from care." in page
    assert not any(name in page for name in NAMES)


def test_the_pdf_is_tagged_and_says_what_the_page_says(
    priya: FlaskClient, sign_in: SignIn, world: World, engine: Engine, closed: ClosedRound, meeting: str
) -> None:
    first = items(engine, meeting)[0]
    given = DECISION | ACTION | {"rating": "1", "version": "1", "reason": 'See <img src="http://example.org/x.png"> & page 2.'}
    priya.post(f"/meetings/{meeting}/items/{first.id}", data=given)
    priya.post(f"/meetings/{meeting}/conclude")
    act_as(engine, world.grace, world.area_id, mark_published, closed.id)  # from now on every agency is named
    answer = priya.get(f"/meetings/{meeting}/minutes.pdf")
    assert answer.mimetype == "application/pdf"
    paper = PdfReader(io.BytesIO(answer.data))
    root = paper.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en-GB" and root["/StructTreeRoot"]
    assert paper.metadata and paper.metadata.title == "Minutes of Moderation meeting 1"
    words = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    for told in ("Amend E2.", "SEND team manager, by 29 January 2027", "Not approved by the chair yet", '<img src="http'):
        assert told in words, words
    assert not any(name in words for name in NAMES)
    by_lead = PdfReader(io.BytesIO(sign_in(world.grace).get(f"/meetings/{meeting}/minutes.pdf").data))
    assert "(education)" in words and "(education)" not in " ".join(page.extract_text() for page in by_lead.pages)


def test_what_is_typed_is_there_when_the_item_is_opened_again(
    priya: FlaskClient, sign_in: SignIn, world: World, engine: Engine, meeting: str
) -> None:
    url = f"/meetings/{meeting}/items/{items(engine, meeting)[0].id}"
    typed = {"reason": "Half a sen", "rating": "1", "window": "w1", "draft_version": "0", "action_due-day": "29"}
    answer = priya.post(f"{url}/draft", data=typed, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "Draft saved" in answer.text and 'name="draft_version" value="1"' in answer.text
    page = body(sign_in(world.priya), url)
    assert "Half a sen</textarea>" in page and 'value="1" checked' in page and 'name="draft_version" value="1"' in page
    assert "Error:" not in page
    other = {"reason": "Another", "rating": "1", "window": "w2", "draft_version": "0", "version": items(engine, meeting)[0].version}
    clash = priya.post(f"{url}/draft", data=other)
    assert clash.status_code == 409 and "Half a sen" in clash.text and "Another</textarea>" in clash.text
    assert priya.post(f"{url}/draft", data=typed | {"draft_version": "x" * 30}).status_code == 303


def undecided_minutes(client: FlaskClient, meeting: str) -> tuple[str, str]:
    """The page and the paper of minutes, after the end."""
    client.post(f"/meetings/{meeting}/conclude")
    paper = PdfReader(io.BytesIO(client.get(f"/meetings/{meeting}/minutes.pdf").data))
    return text_of(body(client, f"/meetings/{meeting}/minutes")), " ".join(
        " ".join(page.extract_text() for page in paper.pages).split()
    )


def test_a_decision_that_was_taken_back_stays_in_the_minutes_of_a_meeting_that_then_defers_the_item(
    priya: FlaskClient, engine: Engine, meeting: str
) -> None:
    first = items(engine, meeting)[0]
    url = f"/meetings/{meeting}/items/{first.id}"
    priya.post(url, data=DECISION | {"rating": "1", "version": first.version, "notes": "Long talk about E2."})
    priya.post(f"{url}/reopen", data={"version": items(engine, meeting)[0].version})
    given = {"deferred_reason": "Ask the setting first", "version": items(engine, meeting)[0].version}
    assert priya.post(f"{url}/defer", data=given).status_code == 303
    for words in undecided_minutes(priya, meeting):
        assert "Deferred: Ask the setting first." in words and "Two of four have no measure." in words, words
        assert words.count("Reopened in the meeting") == 1 and words.count("Long talk about E2.") == 1


@pytest.mark.parametrize("defers", [True, False])
def test_notes_that_were_typed_about_an_item_without_a_decision_go_into_the_minutes(
    priya: FlaskClient, engine: Engine, meeting: str, defers: bool
) -> None:
    first = items(engine, meeting)[0]
    url = f"/meetings/{meeting}/items/{first.id}"
    typed = {"notes": "Everybody asked for the second page.", "window": "w1", "draft_version": "0"}
    assert priya.post(f"{url}/draft", data=typed, headers={"HX-Request": "true"}).status_code == 200
    if defers:
        priya.post(f"{url}/defer", data={"deferred_reason": "Ask the setting first", "version": first.version})
    for words in undecided_minutes(priya, meeting):
        assert words.count("Everybody asked for the second page.") == 1, words


def test_a_meeting_does_not_start_with_nobody_in_it(priya: FlaskClient, engine: Engine, world: World, closed: ClosedRound) -> None:
    planned = plan_meeting(priya, engine, closed)
    answer = priya.post(f"/meetings/{planned}/attendance", data={})
    assert answer.status_code == 422 and "cannot start with nobody in it" in answer.text
    assert "Start the meeting" in body(priya, f"/meetings/{planned}")


def test_the_time_of_an_item_runs_from_its_opening(priya: FlaskClient, engine: Engine, meeting: str) -> None:
    page = body(priya, f"/meetings/{meeting}/items/{items(engine, meeting)[0].id}")
    assert "6 min left" in page and "of 6. Item ends at" in page
    assert "planned for" in body(priya, f"/meetings/{meeting}/items/{items(engine, meeting)[1].id}")


def test_notes_that_come_after_the_approval_or_after_other_notes_are_shown_whole(
    priya: FlaskClient, engine: Engine, meeting: str
) -> None:
    priya.post(f"/meetings/{meeting}/conclude")
    url, first = f"/meetings/{meeting}/minutes", {"notes": "Apologies from care."}
    version = version_of(body(priya, url))
    assert priya.post(f"{url}/notes", data=first | {"version": version}).status_code == 303
    clash = priya.post(f"{url}/notes", data={"notes": "A long note of mine.", "version": version})
    assert clash.status_code == 409 and "A long note of mine." in clash.text and "Apologies from care." in clash.text
    assert priya.post(f"{url}/approve", data={"version": version_of(body(priya, url))}).status_code == 303
    late = priya.post(f"{url}/notes", data={"notes": "A long note of mine.", "version": version})
    assert late.status_code == 409 and "by an addendum only" in late.text and "A long note of mine." in late.text
