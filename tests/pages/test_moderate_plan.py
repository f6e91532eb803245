"""The plan beside an item: the page that the auditors cited, for the chair and the members, and for nobody else."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from moderation.allocate.tables import RoundPlan
from moderation.commands.demo_documents import as_pdf
from moderation.ledger import OPERATOR, Via, transaction
from moderation.moderate import actions, ballots, meetings
from moderation.moderate.extracts import cited_page, paragraphs, start_of, words_of
from moderation.moderate.steps import Step
from moderation.register import actions as register
from moderation.register.gate import close_gate
from moderation.register.gate_packs import Original, SearchedDocument, make_copy
from moderation.register.packs import draw_pages, keep_document
from moderation.register.tables import Document, DocumentKind, PlanVersion
from moderation.score.tables import Rating, Scoresheet
from moderation.settings import Settings
from moderation.store import open_store
from tests.actions.test_moderate_meetings import TERMS, item, list_all
from tests.build import World, WorldBuilt, act_as
from tests.build_gate import released
from tests.build_moderation import ClosedRound, a_closed_round
from tests.conftest import SignIn

PAGES = (
    "Section A<br>Jay likes trains.",
    "Section C<br>Jay takes no medicine.<br>Section E: outcomes<br>By July 2027 Jay will ask an adult for help.",
    "E2 goes on, which began here before.<br>Section F<br>As needed.",
)
QUOTE = "By July 2027 Jay\nwill ask an adult"


def test_the_page_most_auditors_cite_lies_beside_the_item() -> None:
    texts = ["Section A\nJay", "Section E: outcomes\nBy July 2027 Jay will\nask an adult", "Section F"]
    assert cited_page(texts, {"A": QUOTE, "B": "Section F and nothing"}) == 2
    assert cited_page(texts, {"A": "Jay"}) is None  # too short to be found
    assert cited_page(texts, {}) is None


def test_a_citation_is_marked_with_its_letters() -> None:
    (line,) = paragraphs("E1 By July 2027 Jay will ask an adult, and more.", {"A": QUOTE, "B": "will ask an adult, and"})
    assert [(piece.text, piece.cited_by) for piece in line] == [
        ("E1 ", ()), ("By July 2027 Jay ", ("A",)), ("will ask an adult", ("A", "B")), (", and", ("B",)), (" more.", ()),
    ]  # fmt: skip


SHARED = "Section C: health needs\nJay takes two medicines.\nSection D: social care needs\nJay has short breaks.\nHe likes them."


def test_what_lies_beside_an_item_begins_with_the_section_of_its_criterion() -> None:
    found = paragraphs(SHARED, {})
    assert words_of(found[start_of(found, "D", 0.5)]) == "Section D: social care needs"
    cited = paragraphs(SHARED, {"A": "Jay takes two medicines."})
    assert start_of(cited, "D", 0.5) == 1, "a citation above it is not hidden"
    unnamed = paragraphs("One\nTwo\nCare at home\nFour", {})
    assert start_of(unnamed, "D", 0.5) == 1, "where the words do not tell, its place on the page does, and a line more"


def a_cited_pack(engine: Engine, world: World, settings: Settings, plan: str) -> None:
    """A released pack of three pages for a plan, the second of which an auditor cited."""
    store = open_store(settings)
    pdf = as_pdf("".join(f'<div style="page-break-after: always">{page}</div>' for page in PAGES))
    kept = keep_document(store, pdf)
    drawn = draw_pages(store, kept.stored.path, kept.stored.wrapped_key)
    copy = make_copy(store, Original("", kept.stored.path, kept.stored.wrapped_key), (), ())
    with transaction(engine, world.grace.actor, Via.PAGE, world.area_id) as tx:
        version = tx.get(RoundPlan, plan).plan_version_id
        document = register.attach_document(tx, version, DocumentKind.FINAL_PLAN, TERMS.starts_at.date(), kept)
        register.mark_rendered(tx, document, drawn)
        others = select(Document).where(Document.plan_version_id == version, Document.id != document)
        for other in tx.session.exec(others):  # of the builder: it lies nowhere
            register.remove_document(tx, other.id)
        released(tx, version, [SearchedDocument(document, (), ())], [replace(copy, document_id=document)])
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        tx.session.exec(
            select(Rating).join(Scoresheet).where(Scoresheet.round_plan_id == plan).order_by(col(Rating.id))
        ).first().quote = QUOTE  # type: ignore[union-attr]
        tx.record(WorldBuilt(world.area_id))


@pytest.fixture
def closed(engine: Engine, world: World, settings: Settings) -> ClosedRound:
    closed = a_closed_round(engine, world, {"NF-1": {"E01": (1, 3, 3)}})
    a_cited_pack(engine, world, settings, closed.plans["NF-1"])
    act_as(engine, None, world.area_id, actions.find_disagreements, closed.id)
    return closed


@pytest.fixture
def meeting(engine: Engine, world: World, closed: ClosedRound) -> str:
    planned: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    list_all(engine, world, planned)
    act_as(engine, world.priya, world.area_id, meetings.begin, planned, [world.helen.id, world.amina.id])
    act_as(engine, world.priya, world.area_id, ballots.take_step, planned, item(engine, closed, "NF-1", "E01").id, Step.DISCUSSION)
    return planned


def text(client: FlaskClient, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.text
    return answer.text


def test_the_cited_page_lies_beside_the_item_and_can_be_turned(
    engine: Engine, world: World, sign_in: SignIn, meeting: str, closed: ClosedRound
) -> None:
    chair, room = f"/meetings/{meeting}/items/{item(engine, closed, 'NF-1', 'E01').id}", f"/meetings/{meeting}/room"
    for client, url in ((sign_in(world.priya), chair), (sign_in(world.helen), room)):
        page = text(client, url)
        assert "Final plan, page 2 of 3" in page and "<mark>By July 2027 Jay will ask an adult</mark>" in page
        box, above = page.split("Text of the page")[1].split("What stands above it on this page")
        assert "no medicine" not in box and "<p>Section E: outcomes</p>" in box.split("By July")[0] and "no medicine" in above
        assert "Page 3" in box and "E2 goes on" in box and "As needed" not in box
        assert "no medicine" in text(client, f"{url}/plan").split("Text of the page")[1].split("</section>")[0]
        assert "Jay likes trains." in text(client, f"{url}/plan?page=1") and "page 3 of 3" in text(client, f"{url}/plan?page=99")
        picture = text(client, f"{url}/plan").split('src="')[-1].split('"')[0]
        assert client.get(picture).mimetype.startswith("image/")
    for stranger in (world.robert, world.grace, world.tom):
        assert text(sign_in(stranger), f"{room}/plan", 404)


def test_without_a_citation_the_section_lies_beside_the_item(engine: Engine, world: World, sign_in: SignIn, meeting: str) -> None:
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        for rating in tx.session.exec(select(Rating)):
            rating.quote = ""
        tx.record(WorldBuilt(world.area_id))
    assert "Final plan, page 2 of 3" in text(sign_in(world.helen), f"/meetings/{meeting}/room")


def test_a_meeting_goes_on_when_a_pack_is_not_released_any_more(
    engine: Engine, world: World, sign_in: SignIn, meeting: str
) -> None:
    with Session(engine) as session:
        version = session.exec(select(PlanVersion)).one()
    act_as(engine, world.grace, world.area_id, close_gate, version.id, version.version)
    page = text(sign_in(world.helen), f"/meetings/{meeting}/room")
    assert "Auditor A" in page and "Final plan" not in page
    assert text(sign_in(world.helen), f"/meetings/{meeting}/room/plan", 404)
