"""The lead's pages of the gate, in a client and in a real browser; what is done there reaches auditors and nothing else does."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import Engine
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from moderation.instants import frozen
from moderation.ledger import EventRow
from moderation.register import actions, jobs
from moderation.register.codes import PlanEvent, PrimaryNeed, SettingType
from moderation.register.gate_tables import Decision, Gate, PageLook
from moderation.register.packs import keep_document
from moderation.register.readers import seen_by_name
from moderation.register.rules import PlanFacts
from moderation.register.tables import Document, DocumentKind, PlanVersion
from moderation.settings import Settings
from moderation.store import open_store
from moderation.words import AgencyKind
from tests.browser import Live, Windows
from tests.build import World, a_world, act_as, also_auditor, start_session
from tests.build_gate import a_html_pdf, decide_all, findings_of, in_this_process, pass_the_gate, version_of
from tests.conftest import SignIn

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLAN = """<p>Name: Tobi Marlow</p><p>Tobi likes maps. Ellie will be supported at lunchtime.</p>
<p>The Kingfisher group meets daily.</p>
<div style="break-before: page">
<svg width="200" height="200"><rect width="200" height="200" fill="navy"/></svg></div>"""


@pytest.fixture
def settings(one_database: Settings) -> Settings:
    """What pages do does not depend on the database; the actions are tested on both."""
    return one_database


@pytest.fixture(autouse=True)
def work_here(monkeypatch: pytest.MonkeyPatch) -> None:
    in_this_process(monkeypatch)


@pytest.fixture(autouse=True)
def at_a_fixed_time() -> Iterator[None]:
    with frozen(NOW, every_thread=True):
        yield


@pytest.fixture(scope="module")
def tobi() -> bytes:
    return a_html_pdf(PLAN)


def a_plan_at_the_gate(engine: Engine, world: World, settings: Settings, content: bytes) -> str:
    facts = PlanFacts("NF-1", 4, PrimaryNeed.ASD, SettingType.MAINSTREAM, PlanEvent.NEW_PLAN, setting="Beck Lane Primary")
    plan: str = act_as(engine, world.grace, world.area_id, actions.register_plans, [facts])["NF-1"]
    kept = keep_document(open_store(settings), content)
    act_as(engine, world.grace, world.area_id, actions.attach_document, plan, DocumentKind.FINAL_PLAN, None, kept)
    jobs.render_documents(engine, settings)
    jobs.search_packs(engine, settings)
    return plan


@pytest.fixture
def plan(engine: Engine, world: World, settings: Settings, tobi: bytes) -> str:
    return a_plan_at_the_gate(engine, world, settings, tobi)


@pytest.fixture
def lead(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.grace)


def words(response: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


def document_of(engine: Engine) -> str:
    with Session(engine) as session:
        return session.exec(select(Document.id)).one()


def hidden(client: FlaskClient, address: str, name: str, value: str) -> dict[str, str]:
    """The hidden fields of the form on a page that speaks of this finding or group."""
    forms = re.findall(r"<form.*?</form>", client.get(address).text, re.DOTALL)
    form = next(form for form in forms if f'name="{name}" value="{value}"' in form)
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def decisions(engine: Engine, plan: str) -> list[str]:
    return [row.decision.value for row in findings_of(engine, plan)]


def read_events(engine: Engine) -> int:
    with Session(engine) as session:
        return len(session.exec(select(EventRow).where(EventRow.name == "OriginalPageRead")).all())


def test_the_overview_says_what_is_to_be_done_and_shows_each_finding_with_its_token(lead: FlaskClient, plan: str) -> None:
    page = words(lead.get(f"/plans/{plan}/gate"))
    assert "3 of 3 findings wait for your decision" in page
    assert "Tobi Marlow [CHILD]" in page
    assert "Possible names (1 to decide)" in page
    assert "1 page to look at" in page
    assert "Release When the rest is done" in page


def test_a_lead_who_also_scores_is_told_that_seeing_names_rules_the_plan_out_and_seeing_them_is_noted(
    lead: FlaskClient, plan: str, engine: Engine, world: World
) -> None:
    told = "you will not be given this plan to score"
    assert told not in words(lead.get(f"/plans/{plan}/gate"))
    also_auditor(engine, world, world.grace, world.agencies[AgencyKind.EDUCATION])
    assert told in words(lead.get(f"/plans/{plan}/gate"))
    assert "you will not be given this plan to score" in words(lead.get(f"/plans/{plan}/documents/new"))
    assert "you will not be given these plans to score" in words(lead.get("/uploads/new"))
    with Session(engine) as session:
        case = session.get_one(PlanVersion, plan).case_id
        assert seen_by_name(session, world.area_id, [world.grace.id, world.helen.id], [case]) == [(world.grace.id, case)]
        assert len(session.exec(select(EventRow).where(EventRow.name == "NamesSeen")).all()) == 1  # both on one day


def test_before_the_search_the_page_says_what_is_going_on(
    lead: FlaskClient, engine: Engine, world: World, settings: Settings, tobi: bytes
) -> None:
    facts = PlanFacts("NF-2", 4, PrimaryNeed.ASD, SettingType.MAINSTREAM, PlanEvent.NEW_PLAN)
    plan = act_as(engine, world.grace, world.area_id, actions.register_plans, [facts])["NF-2"]
    assert "There are no documents yet" in words(lead.get(f"/plans/{plan}/gate"))
    kept = keep_document(open_store(settings), tobi)
    act_as(engine, world.grace, world.area_id, actions.attach_document, plan, DocumentKind.FINAL_PLAN, None, kept)
    assert "The pages are being prepared" in words(lead.get(f"/plans/{plan}/gate"))
    jobs.render_documents(engine, settings)
    assert "The documents are being searched" in words(lead.get(f"/plans/{plan}/gate"))


def test_a_finding_is_decided_alone_with_its_like_and_by_kind_and_can_be_decided_again(
    lead: FlaskClient, plan: str, engine: Engine
) -> None:
    first, _, last = [row.id for row in findings_of(engine, plan)]
    decide, overview, page = f"/plans/{plan}/gate/decide", f"/plans/{plan}/gate", f"/documents/{document_of(engine)}/gate/1"
    before = hidden(lead, page, "finding", first)
    assert lead.post(decide, data={**before, "decision": "replace"}).status_code == 303
    assert decisions(engine, plan) == ["replace", "waiting", "waiting"]
    lead.post(decide, data={"kind": "name", "decision": "replace"})
    assert decisions(engine, plan) == ["replace", "replace", "waiting"]
    lead.post(decide, data={**hidden(lead, overview, "group", last), "decision": "keep"})
    stale = lead.post(decide, data={**before, "decision": "keep"})
    assert (stale.status_code, decisions(engine, plan)) == (409, ["replace", "replace", "keep"])
    assert "1 × replace [CHILD]" in words(stale)
    lead.post(decide, data={**hidden(lead, page, "finding", first), "decision": "keep"})
    assert decisions(engine, plan) == ["keep", "replace", "keep"]
    assert "All 3 findings are decided" in words(lead.get(f"/plans/{plan}/gate"))


def test_a_decision_that_is_none_decides_nothing_and_a_foreign_finding_is_missing(
    lead: FlaskClient, plan: str, engine: Engine
) -> None:
    lead.post(f"/plans/{plan}/gate/decide", data={"kind": "all", "decision": "explode"})
    assert set(decisions(engine, plan)) == {"waiting"}
    assert lead.post(f"/plans/{plan}/gate/decide", data={"group": "a" * 22, "decision": "keep"}).status_code == 404


def test_a_page_shows_its_findings_in_place_and_reading_it_is_recorded(lead: FlaskClient, plan: str, engine: Engine) -> None:
    document = document_of(engine)
    before = read_events(engine)
    page = lead.get(f"/documents/{document}/gate/1")
    assert page.text.count("<rect ") >= 3
    assert "Tobi likes maps." in words(page)
    assert read_events(engine) == before + 1
    lead.get(f"/documents/{document}/pages/1.webp")
    lead.get(f"/documents/{document}?page=1")
    assert read_events(engine) == before + 3
    assert lead.get(f"/documents/{document}/gate/3").status_code == 404


def test_a_page_without_text_is_looked_at_or_left_out(lead: FlaskClient, plan: str, engine: Engine) -> None:
    document = document_of(engine)
    assert "This page has no text" in words(lead.get(f"/documents/{document}/gate/2"))
    for state, said in (("looked", "You or another lead has looked at it"), ("left_out", "It will be left out of the copy")):
        lead.post(f"/documents/{document}/gate/2/look", data={"state": state})
        assert said in words(lead.get(f"/documents/{document}/gate/2"))
    with Session(engine) as session:
        assert session.exec(select(PageLook.state)).one() == "left_out"
    assert lead.post(f"/documents/{document}/gate/1/look", data={"state": "looked"}).status_code == 404


def test_words_are_added_everywhere_and_words_that_are_nowhere_are_said_to_be(lead: FlaskClient, plan: str, engine: Engine) -> None:
    add = f"/plans/{plan}/gate/add"
    assert lead.post(add, data={"words": "kingfisher", "token": "[setting 2]"}).status_code == 303
    assert [row.token for row in findings_of(engine, plan) if row.kind == "added"] == ["SETTING 2"]
    refused = lead.post(add, data={"words": "Wagtail", "token": "SETTING 2"})
    assert refused.status_code == 422
    assert "do not stand in any document" in refused.text
    assert "A token must not name anybody" in lead.post(add, data={"words": "Tobi", "token": "TOBI"}).text
    assert "Enter the words" in lead.post(add, data={"words": "", "token": ""}).text


def test_part_of_a_picture_is_covered_by_numbers_alone(lead: FlaskClient, plan: str, engine: Engine) -> None:
    mark = f"/documents/{document_of(engine)}/gate/2/area"
    assert lead.post(mark, data={"left": "5", "top": "5", "wide": "20", "high": "10", "token": "SIGNATURE"}).status_code == 303
    area = next(row for row in findings_of(engine, plan) if row.kind == "area")
    assert (area.area_left, area.area_top, area.area_right, area.area_bottom) == (500, 500, 2_500, 1_500)
    wrong = lead.post(mark, data={"left": "100", "top": "x", "wide": "20", "high": "10", "token": "SIGNATURE"})
    assert wrong.status_code == 422
    assert "From the top must be a whole number" in wrong.text


def test_a_token_is_changed_for_all_alike(lead: FlaskClient, plan: str, engine: Engine) -> None:
    group = findings_of(engine, plan)[2].id
    assert (
        lead.post(
            f"/plans/{plan}/gate/token", data={**hidden(lead, f"/plans/{plan}/gate", "group", group), "token": "sibling 1"}
        ).status_code
        == 303
    )
    assert findings_of(engine, plan)[2].token == "SIBLING 1"
    assert lead.post(f"/plans/{plan}/gate/token", data={"group": group, "token": "ELLIE"}).status_code == 422


def test_people_are_kept_out_of_the_database_and_shown_to_the_lead_again(
    lead: FlaskClient, plan: str, engine: Engine, settings: Settings
) -> None:
    people = f"/plans/{plan}/gate/people"
    assert "Beck Lane Primary" in lead.get(people).text  # of the register
    typed = {
        "child": "Tobi Marlow", "others": "Bear, Tobes", "born-day": "12", "born-month": "3", "born-year": "2015",
        "parents": "Mrs Sian Marlow\nMr Kofi Reid", "staff": "Dr Meera Shah, educational psychologist\nJo Price", "version": "1",
    }  # fmt: skip
    assert lead.post(people, data={**typed, "born-year": "1960"}).status_code == 422
    assert "say that you do not know it" in lead.post(people, data={**typed, "child": ""}).text
    assert lead.post(people, data=typed).status_code == 303
    page = lead.get(people).text
    for words_typed in ("Tobi Marlow", "Bear, Tobes", "Mr Kofi Reid", "Dr Meera Shah, ep", "Jo Price, staff"):
        assert words_typed in page
    assert lead.post(people, data=typed).status_code == 409  # what was seen is old now
    with Session(engine) as session:
        assert "Kofi Reid" not in str(session.exec(select(Gate)).one().model_dump())  # "Kofi" may stand in a random key
    jobs.search_packs(engine, settings)
    assert "findings wait" in words(lead.get(f"/plans/{plan}/gate"))


def test_who_is_in_the_plan_is_done_only_with_a_name_or_with_the_word_that_it_is_not_known(lead: FlaskClient, plan: str) -> None:
    people, overview = f"/plans/{plan}/gate/people", f"/plans/{plan}/gate"
    assert lead.post(people, data={"version": "1"}).status_code == 422
    assert "Say who is in the plan Done" not in words(lead.get(overview))
    assert lead.post(people, data={"version": "1", "unknown": "yes"}).status_code == 303
    assert "Say who is in the plan Done" in words(lead.get(overview))
    assert re.search(r'name="unknown"[^>]*checked', lead.get(people).text)


def test_while_the_documents_are_searched_again_nothing_can_be_decided_and_the_page_says_so(
    lead: FlaskClient, plan: str, engine: Engine, settings: Settings
) -> None:
    decide, overview = f"/plans/{plan}/gate/decide", f"/plans/{plan}/gate"
    lead.post(f"/plans/{plan}/gate/people", data={"child": "Tobi Marlow", "version": "1"})
    for address in (overview, f"/documents/{document_of(engine)}/gate/1"):
        page = lead.get(address).text
        assert 'name="decision"' not in page and 'name="words"' not in page
    assert "You can decide again when that is done" in words(lead.get(overview))
    refused = lead.post(decide, data={"kind": "all", "decision": "replace"})
    assert (refused.status_code, set(decisions(engine, plan))) == (409, {"waiting"})
    assert "The documents are being searched. Wait until that is done" in words(refused)
    jobs.search_packs(engine, settings)
    assert lead.post(decide, data={"kind": "all", "decision": "replace"}).status_code == 303
    assert set(decisions(engine, plan)) == {"replace"}


def test_names_and_dates_are_compared_and_every_question_needs_an_answer(lead: FlaskClient, plan: str, engine: Engine) -> None:
    checks = f"/plans/{plan}/gate/checks"
    refused = lead.post(checks, data={"name": "yes", "version": "1"})
    assert refused.status_code == 422
    for wanted in ("the date of birth is right", "the school or setting is named correctly", "everybody who is named in the plan"):
        assert refused.text.count(f"Choose whether {wanted}") == 2  # in the summary and beside its question
    answers = {"name": "yes", "born": "not_there", "setting": "cannot_tell", "others": "no", "version": "1"}
    assert lead.post(checks, data=answers).status_code == 303
    assert "Nobody else’s name by mistake No" in words(lead.get(f"/plans/{plan}/gate"))


def test_a_pack_is_released_only_when_all_is_done_and_confirmed(
    lead: FlaskClient, plan: str, engine: Engine, world: World, settings: Settings
) -> None:
    release = f"/plans/{plan}/gate/release"
    assert "It cannot be released yet" in words(lead.get(release))
    assert lead.post(release, data={"looked": "yes", "version": str(version_of(engine, plan))}).status_code == 409
    decide_all(engine, world, plan)
    lead.post(f"/plans/{plan}/gate/checks", data=dict.fromkeys(("name", "born", "setting", "others"), "yes") | {"version": "1"})
    assert "Confirm that the audit pack is de-identified" in lead.post(release, data={"version": "9"}).text
    version = re.search(r'name="version" value="(\d+)"', lead.get(release).text)
    assert version
    assert lead.post(release, data={"looked": "yes", "version": version[1]}).status_code == 303
    assert "The copies are being made" in words(lead.get(f"/plans/{plan}/gate"))
    jobs.release_packs(engine, settings)
    document = document_of(engine)
    assert "[CHILD] likes maps." in words(lead.get(f"/documents/{document}/released/1"))
    assert lead.get(f"/documents/{document}/released/1/picture").mimetype == "image/png"
    pdf = lead.get(f"/documents/{document}/released.pdf")
    assert pdf.headers["Content-Disposition"] == 'attachment; filename="NF-1-final-plan-1-released.pdf"'
    assert b"Tobi" not in pdf.data
    closed = lead.post(f"/plans/{plan}/gate/close", data={"version": str(version_of(engine, plan))})
    assert closed.status_code == 303
    assert lead.get(f"/documents/{document}/released/1").status_code == 404


def test_what_is_released_cannot_be_decided_anew(lead: FlaskClient, plan: str, engine: Engine, world: World) -> None:
    decide_all(engine, world, plan)
    pass_the_gate(engine, world, plan)
    assert lead.post(f"/plans/{plan}/gate/decide", data={"kind": "all", "decision": "keep"}).status_code in (303, 409)
    first = findings_of(engine, plan)[0]
    assert lead.post(f"/plans/{plan}/gate/decide", data={"finding": first.id, "decision": "keep"}).status_code == 409
    assert findings_of(engine, plan)[0].decision is Decision.REPLACE


def test_nobody_but_a_lead_of_the_area_reads_an_original_or_its_gate(
    sign_in: SignIn, engine: Engine, world: World, plan: str
) -> None:
    other = a_world(engine, "Southfield", "southfield.example")
    document = document_of(engine)
    for person in (world.helen, world.priya, world.ruth, world.sam, other.grace):
        client = sign_in(person)
        for address in (
            f"/plans/{plan}/gate",
            f"/documents/{document}/gate/1",
            f"/documents/{document}/pages/1.webp",
            f"/plans/{plan}/gate/people",
        ):
            assert client.get(address).status_code == 404, (person.name, address)


# --- in a browser -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def grace(live: Live, windows: Windows, tobi: bytes) -> tuple[Page, str, Engine]:
    """The lead at the gate of a plan."""
    world = a_world(live.engine)
    plan = a_plan_at_the_gate(live.engine, world, live.settings, tobi)
    page = windows.open()
    with live.app.test_client() as client:
        with client.session_transaction() as session:
            session["token"] = start_session(live.engine, world.grace)
        cookie = client.get_cookie("session")
    assert cookie
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": live.url}])
    page.goto(f"{live.url}/plans/{plan}/gate")
    windows.look(page)
    page.get_by_role("link", name="Look through the pages").click()
    windows.look(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    return page, plan, live.engine


def test_findings_are_decided_by_keys_and_words_are_added_by_selecting_them(grace: tuple[Page, str, Engine]) -> None:
    page, plan, engine = grace
    page.keyboard.press("r")
    expect(page.locator(".gate-finding--replace")).to_have_count(1)
    expect(page.locator(".gate-finding[data-next]")).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator(".gate-finding--keep")).to_have_count(1)
    page.evaluate("""() => {
        const text = document.getElementById("text"), walk = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) {
            const at = walk.currentNode.data.indexOf("Kingfisher");
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(walk.currentNode, at); range.setEnd(walk.currentNode, at + 10);
            document.getSelection().removeAllRanges(); document.getSelection().addRange(range);
        }
    }""")
    expect(page.get_by_label("Words to replace")).to_have_value("Kingfisher")
    page.locator("#add-words").get_by_label("Put this in their place").fill("SETTING 2")
    page.get_by_role("button", name="Replace everywhere").click()
    expect(page.get_by_text("Replaced by [SETTING 2] in 1 place.")).to_be_visible()
    assert sorted(decisions(engine, plan)) == ["keep", "replace", "replace", "waiting"]


def test_a_rectangle_is_dragged_over_the_picture_and_many_files_are_looked_over_and_added(
    grace: tuple[Page, str, Engine], windows: Windows
) -> None:
    page, plan, engine = grace
    frame = page.locator("#picture").bounding_box()
    assert frame
    page.mouse.move(frame["x"] + frame["width"] * 0.5, frame["y"] + 300)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.75, frame["y"] + 360, steps=4)
    page.mouse.up()
    area = page.locator("#mark-area")
    expect(area.get_by_label("From the left")).to_have_value("50")
    area.get_by_label("Put this in its place").fill("SIGNATURE")
    area.get_by_role("button", name="Cover this part").click()
    expect(page.get_by_text("Covered, with [SIGNATURE] in its place.")).to_be_visible()
    marked = next(row for row in findings_of(engine, plan) if row.kind == "area")
    assert (marked.area_left, marked.area_right) == (5_000, pytest.approx(7_500, abs=101))
    _add_many(page, windows)
    with Session(engine) as session:
        kinds = {row.kind for row in session.exec(select(Document).where(Document.plan_version_id == plan))}
    assert kinds == {DocumentKind.FINAL_PLAN, DocumentKind.SECTION_K_ADVICE, DocumentKind.KEY_DATES}


def _add_many(page: Page, windows: Windows) -> None:
    """The lead uploads three files, sees which goes where, says of one what its name does not, leaves one out, and adds them."""
    page.goto(f"{page.url.split('/documents')[0]}/plans")
    page.get_by_role("button", name="Add documents").click()
    windows.look(page)
    named = {"NF-1 EP advice 27-03-2026.pdf": "Advice.", "timeline.pdf": "Dates.", "poster.pdf": "No plan."}
    files: list[FilePayload] = [
        {"name": name, "mimeType": "application/pdf", "buffer": a_html_pdf(f"<p>{text}</p>")} for name, text in named.items()
    ]
    page.get_by_label("Files").set_input_files(files)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator(".app-lede")).to_contain_text("1 of 3 can be added, to 1 plan. 2 files need a decision.")
    expect(page.get_by_label("Plan of file 1")).to_have_value("NF-1")
    expect(page.get_by_label("Date of file 1")).to_have_value("27/3/2026")
    windows.look(page)
    page.get_by_label("Plan of file 2").fill("nf 1")
    page.get_by_label("What it is, file 2").select_option("Key dates")
    page.get_by_label("Leave out file 3").check()
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator(".app-lede")).to_contain_text("2 of 3 can be added, to 1 plan.")
    page.get_by_role("button", name="Add 2 documents").click()
    expect(page.get_by_text("2 documents added.")).to_be_visible()
