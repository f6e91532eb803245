"""The lead's pages of documents: many files at once, where sections begin, words found in a document."""

import io
import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from moderation.ledger import OPERATOR, Via, transaction
from moderation.people.tables import Membership
from moderation.register import jobs, pages_packs
from moderation.register.actions import hold_plans
from moderation.register.readers import knows_names
from moderation.register.tables import Document, UploadBatch
from moderation.settings import Settings
from moderation.store import open_store
from moderation.words import Role
from tests.build import World, WorldBuilt, act_as
from tests.build_hostile import a_dynamic_form, a_million_objects
from tests.build_packs import a_pdf, a_picture_page, a_registered_plan
from tests.build_word import a_word_file, para
from tests.conftest import SignIn


@pytest.fixture
def settings(one_database: Settings) -> Settings:
    """What pages do does not depend on the database; the actions are tested on both."""
    return one_database


@pytest.fixture
def lead(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.grace)


def upload(lead: FlaskClient, files: dict[str, bytes]) -> str:
    sent = [(io.BytesIO(content), name) for name, content in files.items()]
    answer = lead.post("/uploads/new", data={"files": sent})
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def fields(page: str) -> dict[str, str]:
    """What a browser would send of the form as it stands."""
    found = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page))
    found = {name: value for name, value in found.items() if not name.startswith("leave-") and name != "csrf_token"}
    for name, options in re.findall(r'<select[^>]* name="([^"]+)">(.*?)</select>', page, re.DOTALL):
        found[name] = re.findall(r'value="([^"]+)" selected', options)[0]
    return found


def test_files_are_looked_over_and_then_added_together(lead: FlaskClient, engine: Engine, world: World) -> None:
    a_registered_plan(engine, world, "NF-1")
    a_registered_plan(engine, world, "NF-2")
    place = upload(lead, {"NF-1 final plan 27.03.2026.pdf": a_pdf("One"), "Nia Tŷ.pdf": a_picture_page(), "wrong.pdf": b"nothing"})
    page = lead.get(place).text
    assert "1 of 3 can be added" in page and "1 file needs a decision" in page and "1 file cannot be used" in page
    assert 'value="27/3/2026"' in page and "Nia Tŷ.pdf" in page and "This file is not a PDF or Word" in page
    assert "Page 1 is a picture" in page
    assert "3 files uploaded" in lead.get("/plans").text
    form = fields(page)
    refused = lead.post(place, data=form | {"do": "add"})
    assert refused.status_code == 422 and '">File 2: Its name has no reference' in refused.text
    answer = lead.post(place, data=form | {"reference-2": "nf-2", "kind-2": "section_k_advice", "do": "add"})
    assert answer.status_code == 303 and answer.headers["Location"] == "/plans"
    assert "2 documents added" in lead.get("/plans").text
    again = lead.post(place, data=form | {"do": "add"})
    assert again.status_code == 200 and "2 documents were added" in again.text
    with Session(engine) as session:
        assert {each.kind.value for each in session.exec(select(Document))} == {"final_plan", "section_k_advice"}


def test_the_name_of_a_file_is_for_whoever_uploaded_it_and_another_lead_who_looks_stays_free_to_score(
    lead: FlaskClient, sign_in: SignIn, engine: Engine, world: World
) -> None:
    also_a_lead(engine, world)
    helen, first, second = sign_in(world.helen), a_registered_plan(engine, world, "NF-1"), a_registered_plan(engine, world, "NF-2")
    place = upload(lead, {"NF-1 Nia Williams.pdf": a_pdf("One"), "Nia.pdf": a_pdf("Two")})
    add(lead, second, a_word_file(para("Three.")), "Nia again.docx")
    assert "Nia Williams.pdf" in lead.get(place).text and "Nia again.docx" in lead.get(f"/plans/{second}").text
    form = fields(helen.get(place).text)
    stale = helen.post(place, data=form | {"reference-2": "NF-2", "version": "9", "do": "save"})
    refused = helen.post(place, data=form | {"dated-2": "soon", "do": "add"})
    assert (stale.status_code, refused.status_code) == (409, 422)
    looks = [helen.get(place), helen.get(f"/plans/{second}"), helen.get("/plans"), helen.get(f"{place}/throw-away"), stale, refused]
    assert all("Nia" not in page.text for page in looks)
    assert "Only the person who uploaded these files sees their names" in looks[0].text and form["reference-1"] == "NF-1"
    with Session(engine) as session:
        assert not any(knows_names(session, world.area_id, world.helen.id, plan) for plan in (first, second))
    assert helen.post(place, data=form | {"leave-2": "yes", "do": "add"}).status_code == 303
    with Session(engine) as session:
        knows = {one.name: knows_names(session, world.area_id, one.id, first) for one in (world.grace, world.helen, world.robert)}
    assert knows == {world.grace.name: True, world.helen.name: True, world.robert.name: False}, "who uploaded it, who added it"


def also_a_lead(engine: Engine, world: World) -> None:
    """Helen scores plans, and leads as well."""
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        lead = Membership(area_id=world.area_id, account_id=world.helen.id, role=Role.LEAD, starts_on=date(2024, 1, 1))
        tx.session.add(lead)
        tx.record(WorldBuilt(world.area_id))


def test_a_wrong_date_comes_back_beside_its_field_with_everything_else_as_typed(
    lead: FlaskClient, engine: Engine, world: World
) -> None:
    a_registered_plan(engine, world, "NF-1")
    place = upload(lead, {"scan.pdf": a_pdf()})
    form = fields(lead.get(place).text) | {"reference-1": "NF-1", "dated-1": "31/2/2026", "leave-1": "yes", "do": "save"}
    answer = lead.post(place, data=form)
    assert answer.status_code == 422
    assert 'value="31/2/2026"' in answer.text and 'value="NF-1"' in answer.text and 'href="#dated-1"' in answer.text
    assert re.search(r'name="leave-1"[^>]* checked', answer.text)
    saved = lead.post(place, data=form | {"dated-1": "1/2/2026", "leave-1": ""}, follow_redirects=True)
    assert "Changes saved." in saved.text and "Will be added" in saved.text


def test_thrown_away_files_are_erased(lead: FlaskClient, engine: Engine, settings: Settings) -> None:
    place = upload(lead, {"a.pdf": a_pdf()})
    assert "Throw away 1 file?" in lead.get(f"{place}/throw-away").text
    assert lead.post(f"{place}/throw-away").status_code == 303
    assert list(open_store(settings).sealed()) == []
    assert "They were thrown away" in lead.get(place).text
    assert lead.post(f"{place}/throw-away").status_code == 303


def test_no_file_and_too_many_are_said(lead: FlaskClient) -> None:
    assert "Choose at least one file" in lead.post("/uploads/new", data={}).text
    many = [(io.BytesIO(b"x"), f"{number}.pdf") for number in range(201)]
    assert "Choose up to 200 files" in lead.post("/uploads/new", data={"files": many}).text


def test_many_files_may_be_larger_together_than_one(lead: FlaskClient) -> None:
    large = {f"{number}.pdf": bytes(24_000_000) for number in range(3)}
    assert "0 of 3 can be added" in lead.get(upload(lead, large)).text


def test_what_cannot_be_kept_leaves_nothing_behind(
    lead: FlaskClient, engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise RuntimeError("the database went away")

    monkeypatch.setattr("moderation.register.uploads.start_batch", broken)
    assert lead.post("/uploads/new", data={"files": (io.BytesIO(a_pdf()), "a.pdf")}).status_code == 500
    assert list(open_store(settings).sealed()) == []
    with Session(engine) as session:
        assert session.exec(select(UploadBatch)).all() == []


# --- a document ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def document(lead: FlaskClient, engine: Engine, world: World, settings: Settings) -> str:
    plan = a_registered_plan(engine, world)
    words = "<h2>Section B: Special educational needs</h2><p>Likes maps &amp; buses.</p>"
    lead.post(f"/plans/{plan}/documents/new", data={"file": (io.BytesIO(a_pdf(words, 2)), "x.pdf"), "kind": "final_plan"})
    jobs.render_documents(engine, settings)
    with Session(engine) as session:
        return session.exec(select(Document.id)).one()


def test_words_are_found_on_every_page_and_marked(lead: FlaskClient, document: str) -> None:
    page = lead.get(f"/documents/{document}?find=MAPS+%26&page=2").text
    assert "2 places found" in page and page.count("<mark>maps &amp;</mark>") == 3  # two in the list, one in the text
    assert f"/documents/{document}?page=1&amp;find=MAPS+%26" in page
    assert "0 places found" in lead.get(f"/documents/{document}?find=zebra").text


def test_a_page_can_be_made_larger_and_stays_so(lead: FlaskClient, document: str) -> None:
    page = lead.get(f"/documents/{document}?zoom=2").text
    assert "register-paper--2" in page and f"/documents/{document}?page=2&amp;zoom=2" in page
    assert "register-paper--3" in lead.get(f"/documents/{document}?zoom=99").text


def test_the_lead_sees_and_corrects_where_sections_begin(lead: FlaskClient, document: str, engine: Engine) -> None:
    with Session(engine) as session:
        plan = session.get_one(Document, document).plan_version_id
    assert "Sections found: B" in lead.get(f"/plans/{plan}").text
    form = fields(lead.get(f"/documents/{document}/sections").text)
    assert form["section_B"] == "1"
    wrong = lead.post(f"/documents/{document}/sections", data=form | {"section_F": "3"})
    assert wrong.status_code == 422 and "The page of section F must be between 1 and 2" in wrong.text
    lead.post(f"/documents/{document}/sections", data=form | {"section_F": "2", "section_B": ""})
    page = lead.get(f"/documents/{document}").text
    assert "Section F" in page and "Section B</a>" not in page
    stale = lead.post(f"/documents/{document}/sections", data=form | {"section_K": "1"})
    assert stale.status_code == 409


def test_scanned_pages_are_said_to_be_so_at_once(lead: FlaskClient, engine: Engine, world: World) -> None:
    plan = a_registered_plan(engine, world)
    data = {"file": (io.BytesIO(a_picture_page()), "x.pdf"), "kind": "final_plan"}
    page = lead.post(f"/plans/{plan}/documents/new", data=data, follow_redirects=True).text
    assert "Document added." in page and "Page 1 is a picture, so its words cannot be searched" in page


# --- one Word file --------------------------------------------------------------------------------------------------------------


def add(lead: FlaskClient, plan: str, content: bytes, name: str = "Tobi.docx") -> TestResponse:
    return lead.post(f"/plans/{plan}/documents/new", data={"file": (io.BytesIO(content), name), "kind": "final_plan"})


def test_a_word_file_is_made_into_pages_by_the_clock_while_the_plan_says_so(
    lead: FlaskClient, engine: Engine, world: World, settings: Settings
) -> None:
    plan = a_registered_plan(engine, world)
    content = a_word_file(para("The plan."))
    assert add(lead, plan, content).status_code == 303
    page = lead.get(f"/plans/{plan}").text
    assert "Tobi.docx</strong> is being prepared" in page and "There are no documents yet" not in page
    assert "uploaded on" not in lead.get("/plans").text  # nothing to be matched by hand
    assert "This file is being prepared already" in add(lead, plan, content).text
    assert jobs.check_uploads(engine, settings) == "1 file checked"
    page = lead.get(f"/plans/{plan}").text
    assert "Tobi.docx" not in page and "Final plan" in page
    assert "This document is in the audit pack already" in add(lead, plan, content).text
    with Session(engine) as session:
        (row,) = session.exec(select(Document)).all()
    assert (row.uploaded_by, row.kind.value) == (world.grace.id, "final_plan")
    assert {name.partition("/")[0] for name, _ in open_store(settings).sealed()} == {row.store_path}


def test_a_large_pdf_is_cleaned_by_the_clock_and_nobody_waits_for_it(
    lead: FlaskClient, engine: Engine, world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, content = a_registered_plan(engine, world), a_pdf("The plan.")
    monkeypatch.setattr(pages_packs, "AT_ONCE", len(content) - 1)
    assert "It is being prepared" in words(lead, add(lead, plan, content, "Tobi.pdf"))
    assert "Tobi.pdf</strong> is being prepared" in lead.get(f"/plans/{plan}").text
    assert jobs.check_uploads(engine, settings) == "1 file checked"
    page = lead.get(f"/plans/{plan}").text
    assert "Tobi.pdf" not in page and "Final plan" in page
    for unfit, why in ((b"%PDF-1.7 cut off" * 9_000, "is damaged"), (a_million_objects(), "objects. Print it to a new PDF")):
        refused = add(lead, plan, unfit, "Tobi.pdf")
        assert refused.status_code == 422 and why in refused.text, "at once"
    monkeypatch.setattr(pages_packs, "AT_ONCE", 0)
    assert add(lead, plan, a_dynamic_form(), "Form.pdf").status_code == 303
    jobs.check_uploads(engine, settings)
    assert "Form.pdf</strong> is a form that only Adobe" in lead.get(f"/plans/{plan}").text


def words(lead: FlaskClient, answer: TestResponse) -> str:
    """What the page says on which somebody comes out."""
    assert answer.status_code == 303
    return str(lead.get(answer.location).text)


def test_a_word_file_that_turns_out_unfit_says_why_until_it_is_thrown_away(
    lead: FlaskClient, engine: Engine, world: World, settings: Settings
) -> None:
    plan = a_registered_plan(engine, world)
    depth = 8
    nested = "<w:tbl><w:tr><w:tc>" * depth + para("deep") + "</w:tc></w:tr></w:tbl>" * depth
    assert add(lead, plan, a_word_file(nested)).status_code == 303
    jobs.check_uploads(engine, settings)
    page = lead.get(f"/plans/{plan}").text
    assert "has tables within tables" in page
    batch = re.findall(r"/uploads/[^/\"]+/throw-away", page)[0]
    assert lead.get(batch.removesuffix("/throw-away")).headers["Location"] == f"/plans/{plan}"
    assert lead.post(batch).headers["Location"] == f"/plans/{plan}"
    assert "tables within tables" not in lead.get(f"/plans/{plan}").text
    assert list(open_store(settings).sealed()) == []


def test_a_word_file_that_arrives_after_a_round_has_begun_stays_out_of_the_pack_and_says_so(
    lead: FlaskClient, engine: Engine, world: World, settings: Settings
) -> None:
    plan = a_registered_plan(engine, world)
    add(lead, plan, a_word_file(para("Late.")))
    act_as(engine, world.grace, world.area_id, hold_plans, "round-1", [plan])
    jobs.check_uploads(engine, settings)
    assert "could not be added. A round" in lead.get(f"/plans/{plan}").text
    assert list(open_store(settings).sealed()) == []
    with Session(engine) as session:
        assert session.exec(select(Document)).all() == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (a_word_file(para("x"), {"word/vbaProject.bin": b"x"}), "contains macros"),
        (a_word_file(para("x"), {"word/media/bomb.bin": bytes(210_000_000)}), "becomes too large"),
        (b"PK\x03\x04 nothing more", "is damaged"),
        (a_word_file("<w:p>"), "is damaged"),
    ],
    ids=["macros", "bomb", "cut", "broken"],
)
def test_what_can_be_refused_of_a_word_file_at_once_is(
    lead: FlaskClient, engine: Engine, world: World, settings: Settings, content: bytes, words: str
) -> None:
    plan = a_registered_plan(engine, world)
    answer = add(lead, plan, content)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert list(open_store(settings).sealed()) == []
