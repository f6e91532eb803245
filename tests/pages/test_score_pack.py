"""The plan beside the question: it opens where the question's section begins, can be searched and made larger."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.allocate.tables import RoundPlan
from moderation.ledger import Transaction
from moderation.register.actions import mark_rendered
from moderation.register.gate_packs import Original, make_copy
from moderation.register.gate_tables import ReleasedCopy
from moderation.register.packs import Drawn, Kept, draw_pages, keep_document
from moderation.register.tables import Document, DocumentSection
from moderation.score.tables import Scoresheet
from moderation.settings import Settings
from moderation.store import Stored, open_store
from tests.build import World, act_as, an_open_round
from tests.build_packs import a_pdf
from tests.build_sheets import a_sheet
from tests.conftest import SignIn

NEXT = "<div style='break-after: page'></div>"
PLAN = f"<h2>Section A: Views</h2><p>Likes maps.</p>{NEXT}<h2>Section F: Provision</h2><p>Maps again.</p>"


@pytest.fixture
def settings(one_database: Settings) -> Settings:
    """What the page shows does not depend on the database."""
    return one_database


@pytest.fixture
def sheet_id(engine: Engine, world: World, settings: Settings) -> str:
    """A sheet whose plan has a real document: section A on its first page, section F on its second."""
    sheet = a_sheet(engine, world, an_open_round(engine, world), world.helen)
    store = open_store(settings)
    kept = keep_document(store, a_pdf(PLAN))
    drawn = draw_pages(store, kept.stored.path, kept.stored.wrapped_key)
    with Session(engine) as session:
        plan = session.get_one(RoundPlan, session.get_one(Scoresheet, sheet).round_plan_id).plan_version_id
        document = session.exec(select(Document.id).where(Document.plan_version_id == plan)).first()
    copy = make_copy(store, Original(document or "", kept.stored.path, kept.stored.wrapped_key), (), ())
    act_as(engine, world.grace, world.area_id, _give, document, kept, copy.stored, drawn)
    return sheet


def _give(tx: Transaction, document_id: str, kept: Kept, copy: Stored, drawn: Drawn) -> None:
    document = tx.get(Document, document_id)
    document.store_path, document.wrapped_key = kept.stored.path, kept.stored.wrapped_key
    document.pages, document.rendered_at = drawn.pages, None
    released = tx.session.exec(select(ReleasedCopy).where(ReleasedCopy.document_id == document_id)).one()
    released.store_path, released.wrapped_key, released.pages = copy.path, copy.wrapped_key, drawn.pages
    for old in tx.session.exec(select(DocumentSection).where(DocumentSection.document_id == document_id)):
        tx.session.delete(old)
    mark_rendered(tx, document_id, drawn)


@pytest.fixture
def helen(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.helen)


def page_of(helen: FlaskClient, sheet_id: str, key: str, more: str = "") -> str:
    answer = helen.get(f"/sheets/{sheet_id}/questions/{key}{more}")
    assert answer.status_code == 200
    return answer.text


def document_of(page: str) -> str:
    return page.partition('data-document="')[2].partition('"')[0]


def test_the_plan_opens_where_the_section_of_the_question_begins(helen: FlaskClient, sheet_id: str) -> None:
    provision = page_of(helen, sheet_id, "F02")
    assert 'data-page="2"' in provision and 'data-section="F"' in provision and "Section F, page 2" in provision
    views = page_of(helen, sheet_id, "A01")
    assert 'data-page="1"' in views and "Section A, page 1" in views


def test_where_the_reader_is_stays_within_a_section_and_goes_along_to_another(helen: FlaskClient, sheet_id: str) -> None:
    document = document_of(page_of(helen, sheet_id, "F02"))
    place = {"document": document, "page": "1", "view": "text", "version": "0"}
    same = helen.post(f"/sheets/{sheet_id}/questions/F02", data=place | {"go": "stay"})
    assert "page=1" in same.location and "view=text" in same.location
    before = helen.post(f"/sheets/{sheet_id}/questions/F01", data=place | {"go": "previous"}).location
    assert "document=" not in before and "view=text" in before
    moved = helen.post(before.partition("?")[0], data=place | {"go": "next"})
    assert "/questions/F01?" in moved.location
    there = helen.get(moved.location).text
    assert 'data-view="text"' in there and 'data-page="2"' in there


def test_the_sections_of_the_document_are_a_row_of_letters(helen: FlaskClient, sheet_id: str) -> None:
    page = page_of(helen, sheet_id, "F02")
    letters = page.partition('aria-label="Sections of the plan"')[2].partition("</nav>")[0]
    assert ">A<" in letters and letters.count("<li>") == 2
    assert letters.index('aria-current="true"') > letters.index(">A<")


def test_words_are_found_in_the_document_without_a_script(helen: FlaskClient, sheet_id: str) -> None:
    document = document_of(page_of(helen, sheet_id, "F02"))
    page = page_of(helen, sheet_id, "F02", f"?document={document}&page=1&find=maps")
    assert "2 places found for “maps”" in page and page.count("<mark>") == 2
    assert "0 places found" in page_of(helen, sheet_id, "F02", f"?document={document}&find=zebra")


def test_the_picture_can_be_made_larger_and_smaller(helen: FlaskClient, sheet_id: str) -> None:
    assert "desk-picture--large" not in page_of(helen, sheet_id, "F02")
    large = page_of(helen, sheet_id, "F02", "?zoom=large")
    assert "desk-picture--large" in large and "Smaller" in large and 'data-page="2"' in large


def test_the_lead_moves_a_section_and_the_question_follows(
    helen: FlaskClient, sign_in: SignIn, world: World, sheet_id: str, engine: Engine
) -> None:
    document = document_of(page_of(helen, sheet_id, "F02"))
    with Session(engine) as session:
        version = session.get_one(Document, document).version
    lead = sign_in(world.grace)
    saved = lead.post(f"/documents/{document}/sections", data={"section_F": "1", "section_A": "1", "version": str(version)})
    assert saved.status_code == 303
    assert 'data-page="1"' in page_of(sign_in(world.helen), sheet_id, "F02")
