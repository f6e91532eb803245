"""Where sections begin: found when the pages are drawn, corrected by the lead, asked by the sheet."""

import io

import pytest
from pypdf import PdfReader, PdfWriter
from sqlalchemy import Engine
from sqlmodel import Session, select
from weasyprint import HTML

from moderation.ledger import EventRow
from moderation.register import actions, jobs, queries
from moderation.register.audit_packs import SectionPlace
from moderation.register.packs import keep_document
from moderation.register.tables import Document, DocumentKind, DocumentSection
from moderation.settings import Settings
from moderation.store import open_store
from moderation.words import InvalidInput, NotFound, StaleWrite
from tests.build import World, act_as
from tests.build_gate import through_the_gate
from tests.build_packs import a_picture_page, a_registered_plan

PLAN = """<style>th { padding: 2mm }</style><h2>Section A: Views, interests and aspirations</h2><p>I like maps.</p>
<h2 style="break-before: page">Section B: Special educational needs</h2><p>B1. Words.</p>
<table><tr><th>Section F: Special educational provision</th><th>Section E: Outcomes</th></tr></table>"""
ADVICE = "<h1>Advice of the educational psychologist</h1><p>Recommended provision.</p>"


def attach(engine: Engine, settings: Settings, world: World, plan: str, content: bytes, kind: DocumentKind) -> str:
    kept = keep_document(open_store(settings), content)
    document = act_as(engine, world.grace, world.area_id, actions.attach_document, plan, kind, None, kept)
    jobs.render_documents(engine, settings)
    return str(document)


def a_plan_with_advice(engine: Engine, settings: Settings, world: World) -> tuple[str, str, str]:
    plan = a_registered_plan(engine, world)
    advice = attach(engine, settings, world, plan, HTML(string=ADVICE).write_pdf(), DocumentKind.SECTION_K_ADVICE)
    return plan, attach(engine, settings, world, plan, HTML(string=PLAN).write_pdf(), DocumentKind.FINAL_PLAN), advice


def place(engine: Engine, world: World, plan: str, section: str) -> SectionPlace | None:
    with Session(engine) as session:
        return queries.section_place(session, world.area_id, plan, section)


def put(engine: Engine, world: World, document: str, pages: dict[str, int | None], version: int = 1) -> None:
    act_as(engine, world.grace, world.area_id, actions.place_sections, document, pages, version)


def test_the_sheet_is_told_where_a_section_begins(engine: Engine, settings: Settings, world: World) -> None:
    plan, document, advice = a_plan_with_advice(engine, settings, world)
    with pytest.raises(NotFound):
        place(engine, world, plan, "B")
    through_the_gate(engine, world, settings, plan)
    found = {key: place(engine, world, plan, key) for key in ("A", "B", "E", "F", "G", "K", "W")}
    assert {key: (one.document_id, one.page) for key, one in found.items() if one} == {
        "A": (document, 1), "B": (document, 2), "E": (document, 2), "F": (document, 2), "K": (advice, 1),
    }  # fmt: skip
    assert found["B"] is not None and found["F"] is not None and found["B"].top < found["F"].top < 0.5


def test_the_lead_corrects_where_sections_begin(engine: Engine, settings: Settings, world: World) -> None:
    plan, document, _ = a_plan_with_advice(engine, settings, world)
    through_the_gate(engine, world, settings, plan)
    put(engine, world, document, {"A": 1, "B": 1, "E": None, "G": 2})
    put(engine, world, document, {"A": 1, "B": 1, "E": None, "G": 2})  # a second click changes nothing
    corrected = place(engine, world, plan, "B")
    assert corrected is not None and (corrected.page, corrected.by_hand) == (1, True)
    assert place(engine, world, plan, "E") is None
    untouched = place(engine, world, plan, "A")
    assert untouched is not None and not untouched.by_hand
    with Session(engine) as session:
        (event,) = session.exec(select(EventRow).where(EventRow.name == "SectionsPlaced"))
    assert event.content == {"document_id": document, "sections": ["B", "E", "G"]}


def test_a_section_beyond_the_last_page_or_on_an_old_page_is_refused(engine: Engine, settings: Settings, world: World) -> None:
    _, document, _ = a_plan_with_advice(engine, settings, world)
    with pytest.raises(InvalidInput) as wrong:
        put(engine, world, document, {"B": 3, "C": 1})
    assert [problem.field for problem in wrong.value.problems] == ["section_B"]
    put(engine, world, document, {"B": 1})
    with pytest.raises(StaleWrite) as stale:
        put(engine, world, document, {"B": 2}, version=1)
    assert stale.value.mine == {"section B": "page 2"}


def test_the_places_go_with_the_document(engine: Engine, settings: Settings, world: World) -> None:
    _, document, _ = a_plan_with_advice(engine, settings, world)
    act_as(engine, world.grace, world.area_id, actions.remove_document, document)
    with Session(engine) as session:
        assert session.exec(select(DocumentSection).where(DocumentSection.document_id == document)).all() == []


def test_pages_that_are_pictures_are_known_and_empty_ones_are_not_taken_for_them(
    engine: Engine, settings: Settings, world: World
) -> None:
    writer = PdfWriter()
    for content in (HTML(string="<p>Words</p>").write_pdf(), a_picture_page(), HTML(string="").write_pdf()):
        writer.add_page(PdfReader(io.BytesIO(content)).pages[0])
    file = io.BytesIO()
    writer.write(file)
    plan = a_registered_plan(engine, world)
    attach(engine, settings, world, plan, file.getvalue(), DocumentKind.FINAL_PLAN)
    with Session(engine) as session:
        assert session.exec(select(Document.wordless)).one() == [2]
        (shown,) = queries.plan_view(session, world.area_id, plan).documents
    assert shown.wordless_in_words == "Page 2 is a picture, so its words cannot be searched, quoted or read aloud."
