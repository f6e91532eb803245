"""The register's pages in a client: what leads can do, and what nobody else can."""

import html
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.allocate.jobs import erase_documents
from moderation.instants import frozen
from moderation.ledger import EventRow
from moderation.register import actions, jobs, queries
from moderation.register.queries import PlanFilter
from moderation.settings import Settings
from moderation.store import open_store
from tests.build import World, a_world, act_as
from tests.conftest import SignIn

HEADER = "reference,year_group,primary_need,setting_type,plan_event,issued_on"
ROW = "NF-1,9,SLCN,mainstream,new_plan,2026-03-27"


@pytest.fixture
def settings(one_database: Settings) -> Settings:
    """What pages do does not depend on the database; the actions are tested on both."""
    return one_database


@pytest.fixture(autouse=True)
def at_a_fixed_time() -> Iterator[None]:
    with frozen(datetime(2026, 11, 23, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def lead(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.grace)


def upload(client: FlaskClient, text: str | bytes, name: str = "plans.csv") -> object:
    content = text.encode() if isinstance(text, str) else text
    return client.post("/plans/import", data={"file": (io.BytesIO(content), name)})


def a_pdf() -> bytes:
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def add_document(client: FlaskClient, plan: str, content: bytes, kind: str = "final_plan", **more: str) -> object:
    data = {"file": (io.BytesIO(content), "Tobi Smith.pdf"), "kind": kind, **more}
    return client.post(f"/plans/{plan}/documents/new", data=data)


def only_plan(engine: Engine, world: World) -> str:
    with Session(engine) as session:
        return queries.plans(session, world.area_id, PlanFilter()).lines[0].id


def view(engine: Engine, world: World, plan: str) -> queries.PlanView:
    with Session(engine) as session:
        return queries.plan_view(session, world.area_id, plan)


@pytest.fixture
def plan(lead: FlaskClient, engine: Engine, world: World) -> str:
    upload(lead, f"{HEADER}\n{ROW}\n")
    return only_plan(engine, world)


# --- plans --------------------------------------------------------------------------------------------------------------------


def test_an_empty_register_says_what_to_do_next(lead: FlaskClient) -> None:
    page = lead.get("/plans").text
    assert "There are no plans yet" in page
    assert page.count("govuk-button") - page.count("govuk-button--") >= 1


def test_an_import_of_one_plan_leads_to_that_plan_and_of_several_to_the_list(lead: FlaskClient) -> None:
    answer = upload(lead, f"{HEADER}\n{ROW}\n")
    assert answer.status_code == 303  # type: ignore[attr-defined]
    page = lead.get(answer.headers["Location"]).text  # type: ignore[attr-defined]
    assert "1 plan imported: NF-1." in page and "Add a document" in page
    upload(lead, f"{HEADER}\n{ROW.replace('NF-1', 'NF-2')}\n{ROW.replace('NF-1', 'NF-3')}\n")
    page = lead.get("/plans").text
    assert "2 plans imported." in page and "NF-3" in page


def test_a_wrong_file_comes_back_with_every_error_in_a_table(lead: FlaskClient, engine: Engine, world: World) -> None:
    answer = upload(lead, f"{HEADER}\nNF-1,99,Autism<script>,mainstream,new_plan,31/02/2026\n")
    page = answer.text  # type: ignore[attr-defined]
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "Nothing was imported. 3 things to fix in the file" in page
    assert "Is not a real date" in page
    assert "Autism&lt;script&gt;" in page
    with Session(engine) as session:
        assert queries.plans(session, world.area_id, PlanFilter()).registered == 0


def test_no_file_an_empty_file_and_a_picture_are_refused_in_words(lead: FlaskClient) -> None:
    assert "Choose a CSV or Excel file" in lead.post("/plans/import", data={}).text
    assert "Is empty" in upload(lead, b"").text  # type: ignore[attr-defined]
    assert "Is not a table" in upload(lead, b"\x89PNG\r\n\x1a\n....").text  # type: ignore[attr-defined]


def test_an_upload_that_is_far_too_large_is_refused_in_words(lead: FlaskClient) -> None:
    answer = upload(lead, b"x" * 65_000_000)
    assert answer.status_code == 413  # type: ignore[attr-defined]
    assert "up to 50 MB" in answer.text  # type: ignore[attr-defined]


def test_the_templates_can_be_downloaded_and_have_every_column(lead: FlaskClient) -> None:
    text = lead.get("/plans/import/template.csv").data.decode("utf-8-sig")
    sheet = load_workbook(io.BytesIO(lead.get("/plans/import/template.xlsx").data))["Plans"]
    assert text.strip().split(",") == [cell.value for cell in sheet[1]]
    assert lead.get("/plans/import/template.exe").status_code == 404


def test_the_list_is_filtered_by_what_is_asked_and_bad_filters_ask_for_nothing(lead: FlaskClient, plan: str) -> None:
    assert "NF-1" in lead.get("/plans?text=nf&primary_need=SLCN&plan_event=new_plan&pack=none").text
    assert "No plan is like this" in lead.get("/plans?text=other").text
    assert "NF-1" in lead.get("/plans?primary_need=NONSENSE&pack='&page=-3").text
    assert "NF-1" in lead.get("/plans?page=x").text


# --- the audit pack -----------------------------------------------------------------------------------------------------------


def test_a_pack_from_upload_to_confirmation(lead: FlaskClient, plan: str, engine: Engine, world: World, settings: Settings) -> None:
    date = {"dated-day": "27", "dated-month": "3", "dated-year": "2026"}
    assert add_document(lead, plan, a_pdf(), **date).status_code == 303  # type: ignore[attr-defined]
    page = lead.get(f"/plans/{plan}").text
    assert "27 March 2026, 1 page" in page
    assert "Its pages are being prepared" in page
    assert "Tobi" not in page
    jobs.render_documents(engine, settings)
    document = view(engine, world, plan).documents[0].id
    assert "This page is empty." in lead.get(f"/documents/{document}").text
    picture = lead.get(f"/documents/{document}/pages/1.webp")
    assert (picture.status_code, picture.mimetype) == (200, "image/webp")
    assert lead.get(f"/documents/{document}/pages/2.webp").status_code == 404
    assert "De-identify the audit pack" in lead.get(f"/plans/{plan}").text


def test_the_lead_sees_which_documents_will_be_erased_and_afterwards_that_they_were(
    lead: FlaskClient, plan: str, engine: Engine, world: World, settings: Settings
) -> None:
    def nightly(day: datetime) -> None:
        with frozen(day):
            erase_documents(engine, settings)

    add_document(lead, plan, a_pdf())
    assert "will be erased" not in lead.get("/plans").text
    nightly(datetime(2027, 2, 7, 4, tzinfo=UTC))
    assert "The documents of 1 plan will be erased soon" in lead.get("/plans").text
    assert "NF-1" in lead.get("/plans?pack=leaving").text
    assert "These documents will be erased on 21 February 2027" in lead.get(f"/plans/{plan}").text
    nightly(datetime(2027, 2, 21, 4, tzinfo=UTC))
    page = lead.get(f"/plans/{plan}").text
    assert "The documents were erased on 21 February 2027" in page
    assert "audit pack erased, because nobody had used it for long" in page
    assert "No plan is like this." in lead.get("/plans?pack=leaving").text


def test_a_file_that_is_no_pdf_is_refused_beside_its_field(lead: FlaskClient, plan: str) -> None:
    answer = add_document(lead, plan, b"words in a text file")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "The file is not a PDF" in answer.text  # type: ignore[attr-defined]
    future = {"dated-day": "1", "dated-month": "1", "dated-year": "2031"}
    assert "must be between 2000 and today" in add_document(lead, plan, a_pdf(), **future).text  # type: ignore[attr-defined]


def test_a_refused_document_leaves_nothing_in_the_store(
    lead: FlaskClient, plan: str, settings: Settings, engine: Engine, world: World
) -> None:
    add_document(lead, plan, a_pdf())
    act_as(engine, world.grace, world.area_id, actions.hold_plans, "round-1", [plan])
    assert add_document(lead, plan, a_pdf(), kind="other").status_code == 409  # type: ignore[attr-defined]
    assert len({name.partition("/")[0] for name, _ in open_store(settings).sealed()}) == 1


def test_the_original_is_an_attachment_with_a_name_of_ours_and_every_reading_is_recorded(
    lead: FlaskClient, plan: str, engine: Engine, world: World
) -> None:
    add_document(lead, plan, a_pdf())
    document = view(engine, world, plan).documents[0].id
    answer = lead.get(f"/documents/{document}/original")
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="NF-1-final-plan-1.pdf"'
    with Session(engine) as session:
        assert len(session.exec(select(EventRow).where(EventRow.name == "DocumentRead")).all()) == 1


def test_a_document_is_removed_after_a_question(lead: FlaskClient, plan: str, engine: Engine, world: World) -> None:
    add_document(lead, plan, a_pdf())
    document = view(engine, world, plan).documents[0].id
    assert "Remove “Final plan”?" in lead.get(f"/documents/{document}/remove").text
    assert lead.post(f"/documents/{document}/remove").status_code == 303
    assert lead.get(f"/documents/{document}/original").status_code == 404
    assert lead.post(f"/documents/{document}/remove").status_code == 404


# --- frameworks ---------------------------------------------------------------------------------------------------------------


def test_a_framework_from_the_built_in_one_to_a_second_version(lead: FlaskClient, engine: Engine, world: World) -> None:
    assert "Your area has no framework yet" in lead.get("/framework").text
    assert lead.post("/framework/built-in").status_code == 303
    with Session(engine) as session:
        first = queries.framework_versions(session, world.area_id)[0].id
    assert "46" in lead.get(f"/framework/{first}").text
    draft = lead.post(f"/framework/{first}/copy").headers["Location"]
    page = lead.get(f"{draft}/criteria/F02").text
    data = filled(page) | {"title": "Specific and counted", "weight": "2.25"}
    assert lead.post(f"{draft}/criteria/F02", data=data).status_code == 303
    assert "Specific and counted" in lead.get(f"{draft}/sections/F").text
    assert "2.25" in lead.get(f"{draft}/changes").text
    version = filled(lead.get(f"{draft}/publish").text)["version"]
    assert lead.post(f"{draft}/publish", data={"version": version}).status_code == 303
    assert "Version 2" in lead.get("/framework").text
    assert lead.get(f"{draft}/criteria/F02").status_code == 404


def filled(page: str) -> dict[str, object]:
    """What a browser would send of a form nobody has touched."""
    found: dict[str, object] = {}
    for attributes in re.findall(r"<input ([^>]*)>", page):
        parts = dict(re.findall(r'(\w+)="([^"]*)"', attributes))
        if parts.get("type") == "checkbox":
            if "checked" in attributes:
                found.setdefault(parts["name"], []).append(parts["value"])  # type: ignore[union-attr,attr-defined]
        elif "name" in parts:
            found[parts["name"]] = html.unescape(parts.get("value", ""))
    for name, value in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', page, re.DOTALL):
        found[name] = html.unescape(value).removeprefix("\n")
    return found


def test_a_criterion_with_errors_comes_back_with_what_was_typed(lead: FlaskClient, engine: Engine, world: World) -> None:
    first = act_as(engine, world.grace, world.area_id, actions.install_framework)
    draft = lead.post(f"/framework/{first}/copy").headers["Location"]
    data = filled(lead.get(f"{draft}/criteria/F02").text) | {
        "title": "",
        "weight": "heavy",
        "guidance": "Kept text",
        "min_ncy": "9",
        "max_ncy": "3",
    }
    answer = lead.post(f"{draft}/criteria/F02", data=data)
    assert answer.status_code == 422
    for words in ("Enter a title", "Weight must be a number", "Kept text", "must not be before the first"):
        assert words in answer.text


def test_everybody_who_judges_reads_the_published_guidance_but_no_draft(sign_in: SignIn, engine: Engine, world: World) -> None:
    auditor = sign_in(world.helen)
    assert "not published its audit framework yet" in auditor.get("/guidance").text
    first = act_as(engine, world.grace, world.area_id, actions.install_framework)
    draft = act_as(engine, world.grace, world.area_id, actions.copy_framework, first)
    assert "version 1" in auditor.get("/guidance").text
    assert "F02" in auditor.get("/guidance/F").text
    assert auditor.get("/guidance/none").status_code == 404
    for path in (f"/framework/{first}", f"/framework/{draft}", "/framework", "/plans", "/plans/import"):
        assert auditor.get(path).status_code == 404


# --- nobody else --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["helen", "priya", "ruth", "sam"])
def test_only_leads_see_plans_and_documents(
    who: str, sign_in: SignIn, lead: FlaskClient, plan: str, engine: Engine, world: World
) -> None:
    add_document(lead, plan, a_pdf())
    document = view(engine, world, plan).documents[0].id
    client = sign_in(world.people[who])
    for path in (
        f"/plans/{plan}",
        f"/documents/{document}",
        f"/documents/{document}/original",
        f"/documents/{document}/pages/1.webp",
    ):
        assert client.get(path).status_code == 404
    assert client.post(f"/plans/{plan}/gate/release", data={"version": "1", "looked": "yes"}).status_code == 404


def test_a_lead_of_another_area_gets_the_same_404_as_for_nothing(
    sign_in: SignIn, lead: FlaskClient, plan: str, engine: Engine
) -> None:
    other = sign_in(a_world(engine, "Southfield", "southfield.example").grace)
    assert other.get(f"/plans/{plan}").data == other.get("/plans/AAAAAAAAAAAAAAAAAAAAAA").data
