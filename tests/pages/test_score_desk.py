"""The pages of the auditor's desk, with and without a script. Once for each database."""

import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, col, delete, select
from werkzeug.test import TestResponse

from moderation.allocate.rules import Ending
from moderation.allocate.tables import Allocation, Conflict
from moderation.ledger import OPERATOR, Transaction, Via, transaction
from moderation.people.tables import Membership
from moderation.register.gate_deciding import note_names_seen
from moderation.register.gate_packs import Original, make_copy
from moderation.register.gate_tables import ReleasedCopy
from moderation.register.packs import keep_document
from moderation.register.tables import Document
from moderation.score import actions
from moderation.score.concern_tables import Concern
from moderation.score.own import RaterDesk
from moderation.score.rules import NamesSeen
from moderation.score.tables import Rating, Scoresheet, SheetState
from moderation.settings import Settings
from moderation.store import Store, open_store
from moderation.words import Role
from tests.build import World, WorldBuilt, a_world, act_as, allocations_of, an_open_round
from tests.build_sheets import a_sheet, a_sheet_with_a_number, a_submitted_sheet, answer_all, save
from tests.conftest import SignIn

HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.scene.with_args(an_open_round)


def words(response: TestResponse) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


def rows(engine: Engine, kind: type, **where: object) -> list:  # type: ignore[type-arg]
    with Session(engine) as session:
        return list(session.exec(select(kind).filter_by(**where)))


@pytest.fixture
def round_id(scene: str) -> str:
    return scene


@pytest.fixture
def sheet_id(engine: Engine, world: World, round_id: str) -> str:
    return a_sheet(engine, world, round_id, world.helen)


@pytest.fixture
def helen(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.helen)


def question(sheet_id: str, key: str = "F02") -> str:
    return f"/sheets/{sheet_id}/questions/{key}"


@pytest.fixture
def elsewhere(engine: Engine) -> World:
    """Westmere, where no round is open yet."""
    return a_world(engine, "Westmere", "westmere.example")


def test_my_plans_is_empty_before_a_round_opens(sign_in: SignIn, elsewhere: World) -> None:
    page = sign_in(elsewhere.helen).get("/my-plans")
    assert "You have no plans to score" in words(page) and page.headers["Cache-Control"] == "no-store"


def test_an_auditor_accepts_and_starts_a_plan(helen: FlaskClient, engine: Engine, world: World, round_id: str) -> None:
    offered = allocations_of(engine, round_id, world.helen)
    assert words(helen.get("/my-plans")).count("Accept ") == len(offered)
    for _ in range(2):  # clicked twice
        assert helen.post(f"/my-plans/{offered[0]}/accept").status_code == 303
    assert "Not started, " in words(helen.get("/my-plans"))
    in_place = helen.post(f"/my-plans/{offered[1]}/accept", headers=HTMX)
    assert in_place.status_code == 200 and in_place.text.count("autofocus") == 1 and "You have accepted plan" in in_place.text
    first = helen.post(f"/my-plans/{offered[0]}/start")
    assert first.location == helen.post(f"/my-plans/{offered[0]}/start").location
    assert first.location.endswith("/questions/A01")
    sheet_id = first.location.split("/")[2]
    assert f'href="{question(sheet_id, "A01")}"' in helen.get("/my-plans").text
    helen.post(question(sheet_id, "B01"), data={"version": "0", "note_to_self": "here", "go": "stay"})
    assert goes_on(helen) == f"You stopped at B01 {question(sheet_id, 'B01')}"
    on = helen.get(f"/sheets/{sheet_id}")
    assert on.status_code == 303 and on.location.endswith("/questions/A01")
    helen.post(question(sheet_id, "B01"), data={"version": "1", "answer": "1", "go": "stay"})
    assert goes_on(helen) == f"Next: B02 {question(sheet_id, 'B02')}"
    answer_all(engine, world, world.helen, sheet_id, but={"B01": None, "A02": None})
    assert goes_on(helen) == f"Next: A02 {question(sheet_id, 'A02')}"  # left out on the way
    answer_all(engine, world, world.helen, sheet_id, but={"B01": None})
    assert goes_on(helen) == f"Every question is answered /sheets/{sheet_id}/check"


def goes_on(auditor: FlaskClient) -> str:
    """What My plans says of the plan that is begun, as far as its question, and where its button leads."""
    page = auditor.get("/my-plans").text
    words = re.search(r"You stopped at \w+|Next: \w+|Every question is answered", page)
    button = re.search(r'href="([^"]+)" role="button" draggable="false">(Continue|Check answers)<', page)
    return f"{words and words[0]} {button and button[1]}"


def test_what_is_begun_comes_first_with_the_one_green_button_and_a_long_list_is_folded(
    sign_in: SignIn, engine: Engine, elsewhere: World
) -> None:
    helen = sign_in(elsewhere.helen)
    offered = allocations_of(engine, an_open_round(engine, elsewhere, plans=12), elsewhere.helen)
    page = helen.get("/my-plans").text
    assert green_buttons(page) == ["Accept"] and "6 new plans need your reply" in words(helen.get("/my-plans"))
    assert page.index("3 more new plans") < page.index(offered[3]) and "3 more new plans" not in page[: page.index(offered[2])]
    for place in (0, 4):
        helen.post(f"/my-plans/{offered[place]}/accept")
    begun = helen.post(f"/my-plans/{offered[4]}/start").location.split("/")[2]
    page = helen.get("/my-plans").text
    assert green_buttons(page) == ["Continue"] and "more new plans" not in page
    assert page.index(begun) < page.index(offered[0]) < page.index("New plans to accept or decline") < page.index(offered[1])
    assert "2 plans are in progress. 4 new plans need your reply." in words(helen.get("/my-plans"))


def green_buttons(page: str) -> list[str]:
    return re.findall(r'class="govuk-button +desk-button-compact"[^>]*>(\w+)', page)


GIVING_UP = [("decline", Ending.DECLINED), ("hand-back", Ending.HANDED_BACK), ("conflict", Ending.DECLINED)]

NEEDED = {
    "decline": "Enter why you cannot score this plan", "hand-back": "Enter why you are handing this plan back",
    "conflict": "Enter how you know this child, family or setting",
}  # fmt: skip


@pytest.mark.parametrize(("what", "ending"), GIVING_UP)
def test_giving_a_plan_up_needs_a_reason_and_happens_once(
    helen: FlaskClient, engine: Engine, world: World, round_id: str, what: str, ending: Ending
) -> None:
    allocation = allocations_of(engine, round_id, world.helen)[0]
    refused = helen.post(f"/my-plans/{allocation}/{what}", data={"reason": " "})
    assert refused.status_code == 422 and f"There is a problem {NEEDED[what]}" in words(refused)
    for _ in range(2):
        assert helen.post(f"/my-plans/{allocation}/{what}", data={"reason": "I taught this child"}).status_code == 303
    assert rows(engine, Allocation, id=allocation)[0].ended_as is ending
    assert len(rows(engine, Conflict)) == (what == "conflict")
    assert helen.get(f"/my-plans/{allocation}/{what}").status_code == 404


def test_the_question_shows_its_help_its_levels_and_its_non_scores(helen: FlaskClient, sheet_id: str) -> None:
    page = helen.get(question(sheet_id))
    said = words(page)
    for part in ("Specific and quantified", "Good example", "Not yet there", "Inadequate", "Outstanding", "Leave for now"):
        assert part in said
    assert "0 of 3" in said
    assert 'value="not_applicable" data-key="x" aria-describedby="non-not_applicable-hint" disabled' in page.text
    assert "style=" not in page.text and "<style" not in page.text and "onclick" not in page.text


def test_an_account_says_whether_a_key_goes_on(helen: FlaskClient, world: World, sheet_id: str) -> None:
    assert "data-goes-on" not in helen.get(question(sheet_id)).text
    wanted = {"name": world.helen.name, "shortcuts": "yes", "goes_on": "yes", "version": "1"}
    assert helen.post("/account", data=wanted).status_code == 303
    assert "data-goes-on" in helen.get(question(sheet_id)).text


def test_without_a_script_the_form_saves_and_goes_on(helen: FlaskClient, engine: Engine, sheet_id: str) -> None:
    form = {"version": "0", "answer": "2", "evidence": "F4 is vague", "quote": "as required", "quote_place": "Page 9"}
    form |= {"confidence": "sure"}
    on = helen.post(question(sheet_id), data=form | {"go": "next"})
    assert on.status_code == 303 and on.location.endswith("/questions/F03")
    back = helen.post(question(sheet_id, "F03"), data={"version": "0", "note_to_self": "look again", "go": "previous"})
    assert back.location.endswith("/questions/F02")
    stay = helen.post(question(sheet_id), data=form | {"version": "1", "go": "stay"})
    assert stay.location.endswith("/questions/F02")
    last = helen.post(question(sheet_id, "O01"), data={"version": "0", "answer": "3", "go": "next"})
    assert last.location.endswith("/check")
    page = helen.get(question(sheet_id))
    assert 'value="2" data-key="2" aria-labelledby="level-2-name" aria-describedby="level-2-text" checked' in page.text
    assert "as required" in page.text and "Saved " in words(page)
    assert {row.criterion_key: row.value for row in rows(engine, Rating)} == {"F02": 2, "F03": None, "O01": 3}


def test_with_a_script_one_field_is_saved_and_only_marks_come_back(helen: FlaskClient, sheet_id: str) -> None:
    saved = helen.post(question(sheet_id), data={"version": "0", "answer": "2"}, headers=HTMX)
    assert saved.status_code == 200 and saved.headers["X-Saved"] == "1"
    assert re.search(r"Saved \d\d:\d\d", words(saved)) and "1 of 3" in words(saved)
    assert 'id="progress"' in saved.text and "<main" not in saved.text and "Inadequate" not in saved.text
    assert len(saved.data) < 12_000


def test_another_question_comes_as_a_fragment_when_htmx_asks(helen: FlaskClient, sheet_id: str) -> None:
    part = helen.get(question(sheet_id, "F03"), headers=HTMX | {"HX-Target": "question"})
    assert "<html" not in part.text and "<title>F03" in part.text and 'id="question"' in part.text
    whole = helen.get(question(sheet_id, "F03"))
    assert "<html" in whole.text


def test_two_tabs_get_both_versions_and_nothing_is_lost(helen: FlaskClient, engine: Engine, sheet_id: str) -> None:
    helen.post(question(sheet_id), data={"version": "0", "answer": "2", "go": "stay"})
    stale = helen.post(question(sheet_id), data={"version": "0", "answer": "4", "evidence": "Typed for long", "go": "next"})
    assert stale.status_code == 409
    said = words(stale)
    for part in ("changed somewhere else", "Outstanding", "Typed for long", "Requires improvement"):
        assert part in said
    fragment = helen.post(question(sheet_id), data={"version": "0", "answer": "4"}, headers=HTMX)
    assert fragment.status_code == 409 and fragment.text.strip().startswith('<div id="conflict"')
    mine = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', stale.text.split('id="conflict"')[1].split("</form>")[0]))
    kept = helen.post(question(sheet_id), data={name: mine[name] for name in ("version", "answer", "evidence", "go")})
    assert kept.status_code == 303
    row = rows(engine, Rating)[0]
    assert (row.value, row.evidence, row.version) == (4, "Typed for long", 2)


def test_a_refused_text_stays_in_its_box_with_the_message_beside_it(helen: FlaskClient, sheet_id: str) -> None:
    long = "x" * 4001
    refused = helen.post(question(sheet_id), data={"version": "0", "evidence": long, "go": "next"})
    assert (
        refused.status_code == 422
        and long in refused.text
        and "What shows this must be 4,000 characters or fewer" in words(refused)
    )
    texts = {"evidence": long, "quote": "x" * 2001}
    fragment = helen.post(question(sheet_id), data={"version": "0", "answer": "2"} | texts, headers=HTMX)
    assert fragment.status_code == 422 and fragment.headers["X-Refused"] == "evidence quote"
    assert 'id="evidence-error"' in fragment.text and 'id="quote-error"' in fragment.text


def test_a_number_is_an_answer_of_its_own_and_stays_in_its_box_when_it_is_refused(
    helen: FlaskClient, engine: Engine, world: World
) -> None:
    sheet_id = a_sheet_with_a_number(engine, world, "F02")
    saved = helen.post(question(sheet_id), data={"version": "0", "number": "7.5"}, headers=HTMX)
    assert saved.headers["X-Saved"] == "1" and "1 of 3" in words(saved)
    page = helen.get(question(sheet_id))
    assert 'value="7.5"' in page.text and 'id="level-number" value="number" checked' in page.text
    for typed, why in ({"number": "11"}, "from 0 to 10"), ({"answer": "no_evidence", "number": "3"}, "or clear the number"):
        refused = helen.post(question(sheet_id), data={"version": "1", "confidence": "not_sure", "go": "next"} | typed)
        assert refused.status_code == 422 and why in words(refused)
        assert f'value="{typed["number"]}"' in refused.text and 'value="not_sure" checked' in refused.text
    assert re.search(r'value="no_evidence"[^>]* checked', refused.text)
    assert [row.value for row in rows(engine, Rating)] == [75]


def test_what_was_chosen_stays_chosen_beside_a_refused_text_and_is_not_counted_as_saved(helen: FlaskClient, sheet_id: str) -> None:
    form = {"version": "0", "answer": "2", "confidence": "sure", "evidence": "x" * 4001, "go": "next"}
    refused = helen.post(question(sheet_id), data=form)
    assert re.search(r'id="level-2"[^>]* checked', refused.text) and re.search(r'id="sure-sure"[^>]* checked', refused.text)
    assert refused.status_code == 422 and "0 of 3" in words(refused)


def test_what_is_pasted_into_a_box_is_counted_and_never_cut_off(helen: FlaskClient, sheet_id: str) -> None:
    page = helen.get(question(sheet_id))
    form = page.text.split('id="answer"')[1].split("</form>")[0]
    assert "maxlength=" not in form.replace("data-maxlength=", "")
    assert form.count('data-module="govuk-character-count"') == 4
    assert "You can enter up to 4,000 characters" in words(page)


def test_the_check_page_says_what_is_missing_and_refuses_to_submit(
    helen: FlaskClient, engine: Engine, world: World, sheet_id: str
) -> None:
    answer_all(engine, world, world.helen, sheet_id, but={"F02": None})
    page = helen.get(f"/sheets/{sheet_id}/check")
    assert "Choose an answer for F02 Specific and quantified" in words(page) and "<title>Error:" in page.text
    refused = helen.post(f"/sheets/{sheet_id}/submit", data={"own": "yes", "version": "99"})
    assert refused.status_code == 422 and rows(engine, Scoresheet, id=sheet_id)[0].state is SheetState.DRAFT


def test_submitting_takes_a_signature_locks_and_is_one_submit(
    helen: FlaskClient, engine: Engine, world: World, sheet_id: str
) -> None:
    answer_all(engine, world, world.helen, sheet_id, but={"F01": 0})
    page = helen.get(f"/sheets/{sheet_id}/check")
    assert "You judged the plan Outstanding, and said No to a critical question" in words(page)
    assert "It does not stop you submitting" in words(page)
    version = re.search(r'name="version" value="(\d+)"', page.text)[1]  # type: ignore[index]
    assert helen.post(f"/sheets/{sheet_id}/submit", data={"version": version}).status_code == 422
    assert helen.post(f"/sheets/{sheet_id}/submit", data={"version": "1", "own": "yes"}).status_code == 409
    for _ in range(2):
        done = helen.post(f"/sheets/{sheet_id}/submit", data={"version": version, "own": "yes"})
        assert done.status_code == 303 and done.location.endswith("/thanks")
    assert "Your answers are locked" in words(helen.get(done.location))
    locked = helen.get(question(sheet_id))
    assert "locked" in words(locked) and locked.text.count("disabled") > 8 and "data-save" not in locked.text
    refused = helen.post(question(sheet_id), data={"version": "1", "answer": "1"})
    assert refused.status_code == 409 and "locked" in words(refused)


def test_a_page_left_open_past_closing_is_told_so_in_place(helen: FlaskClient, engine: Engine, world: World, round_id: str) -> None:
    sheet_id = a_sheet(engine, world, round_id, world.helen)
    act_as(engine, None, world.area_id, actions.close_round, round_id)
    late = helen.post(question(sheet_id), data={"version": "0", "answer": "2"}, headers=HTMX)
    assert late.status_code == 409 and late.text.startswith('<div id="conflict"')
    assert "not open" in words(late) and "<html" not in late.text
    assert helen.post(question(sheet_id), data={"version": "0", "answer": "2", "go": "next"}).status_code == 409


def test_a_foreign_sheet_and_no_sheet_are_the_same_page(sign_in: SignIn, engine: Engine, world: World, sheet_id: str) -> None:
    robert = sign_in(world.robert)
    for path in ("", "/check", "/thanks", "/questions/F02", "/questions/F02/concerns/safeguarding"):
        foreign, missing = robert.get(f"/sheets/{sheet_id}{path}"), robert.get(f"/sheets/nothing{path}")
        assert foreign.status_code == 404 and mask(foreign) == mask(missing)
    form = {"version": "0", "answer": "1"}
    assert robert.post(question(sheet_id), data=form).status_code == 404
    assert robert.post(f"/sheets/{sheet_id}/submit", data={"own": "yes"}).status_code == 404
    assert not rows(engine, Rating)


def mask(response: TestResponse) -> str:
    return re.sub(r'name="csrf_token" value="[^"]*"', "", response.text)


def test_what_one_auditor_sees_does_not_depend_on_another(
    sign_in: SignIn, engine: Engine, world: World, round_id: str, sheet_id: str
) -> None:
    helen = sign_in(world.helen)
    paths = ("/my-plans", question(sheet_id), f"/sheets/{sheet_id}/check")
    before = [(mask(page), dict(page.headers)) for page in map(helen.get, paths)]
    for person in (world.robert, world.amina, world.tom):
        a_submitted_sheet(engine, world, round_id, person)
    save(engine, world, world.jana, a_sheet(engine, world, round_id, world.jana), "O01", value=1, evidence="CANARY")
    after = [(mask(page), dict(page.headers)) for page in map(helen.get, paths)]
    for (old, old_headers), (new, new_headers) in zip(before, after, strict=True):
        assert old == new
        assert _steady(old_headers) == _steady(new_headers)


def _steady(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in ("Date", "Set-Cookie", "Content-Length")}


def test_a_concern_reaches_the_named_person_and_nobody_else(
    helen: FlaskClient, sign_in: SignIn, engine: Engine, world: World, sheet_id: str
) -> None:
    where = f"{question(sheet_id)}/concerns/safeguarding"
    assert world.grace.name in words(helen.get(where))
    assert helen.post(where, data={"text": ""}).status_code == 422
    for _ in range(2):
        assert helen.post(where, data={"text": "A bruise on page 4"}).status_code == 303
    assert len(rows(engine, Concern)) == 1 and not rows(engine, Rating)
    grace = sign_in(world.grace)
    assert "A bruise on page 4" in words(grace.get("/concerns"))
    assert "bruise" not in words(sign_in(world.ruth).get("/concerns"))
    assert grace.post(f"/concerns/{rows(engine, Concern)[0].id}/handled").status_code == 303
    assert "Being dealt with" in words(grace.get("/concerns"))
    address = f"/concerns/{rows(engine, Concern)[0].id}/close"
    assert sign_in(world.priya).get(address).status_code == 404 and "A bruise on page 4" in words(grace.get(address))
    assert grace.post(address, data={"version": 2, "outcome": ""}).status_code == 422
    assert grace.post(address, data={"version": 2, "outcome": "Social care was told."}).status_code == 303
    assert "Closed" in words(grace.get("/concerns")) and "Social care was told." in words(grace.get("/concerns"))
    assert grace.post("/concerns/named-person", data={"account_id": world.ruth.id}).status_code == 303
    assert world.ruth.name in words(helen.get(where))
    assert helen.get(f"{question(sheet_id)}/concerns/gossip").status_code == 404


def test_where_nobody_is_there_to_be_told_no_form_takes_a_concern(
    helen: FlaskClient, engine: Engine, world: World, sheet_id: str
) -> None:
    with transaction(engine, world.sam.actor, Via.PAGE, world.area_id) as tx:
        tx.session.exec(delete(Membership).where(col(Membership.account_id) == world.grace.id))
        tx.record(WorldBuilt(world.area_id))
    page = helen.get(f"{question(sheet_id)}/concerns/safeguarding")
    assert "Telephone your QA lead now" in words(page) and "Go back to question F02" in words(page)
    assert "<textarea" not in page.text


def test_the_lead_reopens_without_seeing_an_answer(
    sign_in: SignIn, helen: FlaskClient, engine: Engine, world: World, round_id: str, sheet_id: str
) -> None:
    save(engine, world, world.helen, sheet_id, "F02", value=2, evidence="CANARY evidence")
    answer_all(engine, world, world.helen, sheet_id, but={"F02": None})
    with Session(engine) as session:
        version = RaterDesk(session, world.area_id, world.helen.id).sheet(sheet_id).version
    helen.post(f"/sheets/{sheet_id}/submit", data={"version": str(version), "own": "yes"})
    grace = sign_in(world.grace)
    listed, ask = grace.get(f"/rounds/{round_id}/submitted"), f"/rounds/{round_id}/submitted/{sheet_id}/reopen"
    assert world.helen.name in words(listed)
    for page in (listed, grace.get(ask)):
        assert "CANARY" not in page.text and "Requires improvement" not in page.text
    assert grace.post(ask, data={"reason": ""}).status_code == 422
    assert grace.post(ask, data={"reason": "You asked for it"}).status_code == 303
    assert "You asked for it" in words(helen.get(f"/sheets/{sheet_id}/check"))
    assert sign_in(world.priya).get(f"/rounds/{round_id}/submitted").status_code == 404


def test_a_plan_without_a_pack_that_may_be_read_says_so(helen: FlaskClient, engine: Engine, world: World, sheet_id: str) -> None:
    assert "being prepared" in words(helen.get(question(sheet_id)))  # released, its pages not drawn yet
    assert helen.get(f"/sheets/{sheet_id}/documents/nothing/pages/1").status_code == 404
    with Session(engine) as session:
        plan_id = RaterDesk(session, world.area_id, world.helen.id).sheet(sheet_id).plan.plan_version_id
    act_as(engine, None, world.area_id, drawn_but_lost, plan_id)
    page = helen.get(question(sheet_id))
    assert page.status_code == 200 and "cannot be opened at the moment" in words(page)
    document_id = rows(engine, Document, plan_version_id=plan_id)[0].id
    assert helen.get(f"/sheets/{sheet_id}/documents/{document_id}/pages/1").status_code == 404


def drawn_but_lost(tx: Transaction, plan_id: str) -> None:
    """The register says that the pages are drawn, and the store has lost them."""
    for document in tx.session.exec(select(Document).where(Document.plan_version_id == plan_id)):
        document.rendered_at = tx.now
    tx.record(WorldBuilt(tx.area_id))


def test_the_pack_is_read_page_by_page_as_picture_and_as_text(
    helen: FlaskClient, engine: Engine, settings: Settings, world: World, sheet_id: str
) -> None:
    with Session(engine) as session:
        plan_id = RaterDesk(session, world.area_id, world.helen.id).sheet(sheet_id).plan.plan_version_id
    act_as(engine, None, world.area_id, keep_two_pages, open_store(settings), plan_id)
    document_id = rows(engine, Document, plan_version_id=plan_id)[0].id
    page = helen.get(f"{question(sheet_id)}?document={document_id}&page=2&view=text")
    assert "Page 2 of 2" in words(page) and "Words of page 2 go on here" in words(page)
    picture = helen.get(f"/sheets/{sheet_id}/documents/{document_id}/pages/2")
    assert picture.content_type == "image/png" and picture.headers["Cache-Control"] == "no-store" and len(picture.data) > 500
    assert helen.get(f"/sheets/{sheet_id}/documents/{document_id}/pages/3").status_code == 404


def keep_two_pages(tx: Transaction, store: Store, plan_id: str) -> None:
    """A real document of two pages in the pack of a plan."""
    import weasyprint

    pages = "".join(f"<p>Words of page {number}<br>go on here</p><hr style='break-after: page'>" for number in (1, 2))
    kept = keep_document(store, weasyprint.HTML(string=pages.removesuffix("<hr style='break-after: page'>")).write_pdf())
    for document in tx.session.exec(select(Document).where(Document.plan_version_id == plan_id)):
        copy = make_copy(store, Original(document.id, kept.stored.path, kept.stored.wrapped_key), (), ())
        row = tx.session.exec(select(ReleasedCopy).where(ReleasedCopy.document_id == document.id)).one()
        row.store_path, row.wrapped_key, document.pages = copy.stored.path, copy.stored.wrapped_key, copy.pages
        document.rendered_at = tx.now
    tx.record(WorldBuilt(tx.area_id))


def test_closing_leaves_the_auditor_their_answers_to_read(helen: FlaskClient, engine: Engine, world: World, round_id: str) -> None:
    sheet_id = a_sheet(engine, world, round_id, world.helen)
    save(engine, world, world.helen, sheet_id, "F02", value=2)
    act_as(engine, None, world.area_id, actions.close_round, round_id)
    page = words(helen.get("/my-plans"))
    late = page[page.index("Not submitted when the round closed") :]
    assert (
        "3 plans are left out of the results because they were not submitted in time" in late
        and "1 of 37 answered" in late
        and late.count("Not started") == 2
    )
    assert "earlier plans" not in page and "Submitted" not in page
    assert helen.get(f"/sheets/{sheet_id}").location.endswith("/check")
    assert "Requires improvement" in words(helen.get(f"/sheets/{sheet_id}/check"))


def test_a_lead_who_has_seen_the_names_since_sends_the_plan_back(
    helen: FlaskClient, engine: Engine, world: World, round_id: str, sheet_id: str
) -> None:
    answer_all(engine, world, world.helen, sheet_id)
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        lead = Membership(area_id=world.area_id, account_id=world.helen.id, role=Role.LEAD, starts_on=date(2024, 1, 1))
        tx.session.add(lead)
        tx.record(WorldBuilt(world.area_id))
    assert helen.get(question(sheet_id)).status_code == 200
    given = allocations_of(engine, round_id, world.helen)[0]
    with Session(engine) as session:
        plan = RaterDesk(session, world.area_id, world.helen.id).plan(given).plan_version_id
    act_as(engine, world.helen, world.area_id, note_names_seen, plan)
    for path in (f"/sheets/{sheet_id}", question(sheet_id), f"/sheets/{sheet_id}/check"):
        page = helen.get(path)
        assert page.status_code == 409 and "You have seen the names in this plan" in page.text, path
    part = helen.get(question(sheet_id, "F03"), headers=HTMX | {"HX-Target": "question"})
    assert part.status_code == 409 and part.text.startswith('<div id="conflict"') and f"/my-plans/{given}/conflict" in part.text
    assert "<html" not in part.text and "You have seen the names in this plan" in part.text
    refused = helen.post(f"/sheets/{sheet_id}/submit", data={"own": "yes", "version": "1"})
    assert refused.status_code == 409 and f"/my-plans/{given}/conflict" in refused.text
    assert rows(engine, Scoresheet, id=sheet_id)[0].state is SheetState.DRAFT
    with pytest.raises(NamesSeen):
        act_as(engine, world.helen, world.area_id, actions.submit, sheet_id, 1)
    assert helen.post(f"/my-plans/{given}/conflict", data={"reason": "I opened the papers"}).status_code == 303
    assert rows(engine, Allocation, id=given)[0].ended_as is Ending.HANDED_BACK
