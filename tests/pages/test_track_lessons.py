"""Lessons as a page: the lead compares, decides and takes back; a moderator words them; without JavaScript like with it."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.allocate.tables import Round
from moderation.moderate.states import LessonState
from moderation.register.framework_views import framework_versions
from tests.build import World, an_open_round
from tests.build_lessons import lesson_row, some_lessons
from tests.build_moderation import ClosedRound, a_closed_round
from tests.build_sheets import a_sheet
from tests.conftest import SignIn
from tests.pages.test_track import text_of

PLANS = {f"NF-{number}": {"E01": (1, 3, 3), "F02": (1, 3, 3)} for number in range(1, 5)}


pytestmark = pytest.mark.scene(a_closed_round, PLANS)


@pytest.fixture
def lesson(engine: Engine, world: World, closed: ClosedRound) -> str:
    return some_lessons(engine, world, closed, "F02", ["Say how many."])[0]


@pytest.fixture
def grace(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.grace)


def send(client: FlaskClient, lesson: str, choice: str, reason: str = "", version: int = 1) -> tuple[int, str]:
    given = {f"l{lesson}l-choice": choice, f"l{lesson}l-reason": reason, f"l{lesson}l-versions": f"{lesson}:{version}"}
    answer = client.post(f"/lessons/{lesson}", data=given, follow_redirects=True)
    return answer.status_code, text_of(answer.text)


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)[1]  # type: ignore[index]


def test_the_lead_compares_the_guidance_now_with_the_proposal(grace: FlaskClient, lesson: str) -> None:
    page = grace.get("/lessons").text
    assert "1 change to the guidance that meetings proposed waits for you." in page, "fewer wait with each that is decided"
    assert "Waiting (1)" in page and "Guidance now" in page and "4 disagreements" in page
    assert re.search(r"<ins><span[^>]*>Added: </span>Ruling: Say how many\.", page)
    assert not re.search(r'type="radio"[^>]* checked', page), "nothing is chosen beforehand"


def test_a_moderator_reads_and_words_lessons_and_does_not_decide(
    sign_in: SignIn, world: World, engine: Engine, lesson: str
) -> None:
    priya = sign_in(world.priya)
    assert "Save decision" not in priya.get("/lessons").text
    assert send(priya, lesson, "decline", "No.")[0] == 404
    form = priya.get(f"/lessons/{lesson}/wording").text
    before = hidden(form, "before")
    given = {"guidance": f"{before} Count them.", "before": before, "version": "1", "do": "save"}
    assert priya.post(f"/lessons/{lesson}/wording", data=given).status_code == 303
    assert lesson_row(engine, lesson).wording == f"{before} Count them."
    assert re.search(r"Added: </span>Count them\.", priya.get("/lessons").text)
    assert priya.post(f"/lessons/{lesson}/wording", data=given).status_code == 303, "a double click is one suggestion"
    other = given | {"guidance": f"{before} Count some."}
    assert priya.post(f"/lessons/{lesson}/wording", data=other).status_code == 409, "it was changed meanwhile"


def test_adopting_says_where_the_lesson_went_and_how_to_take_it_back(grace: FlaskClient, engine: Engine, lesson: str) -> None:
    status, page = send(grace, lesson, lesson)
    assert status == 200 and "F02: adopted into version 2" in page and "Version 2 is a draft with 1 adopted lesson" in page
    assert "Adopted into version 2 (draft)" in grace.get("/lessons?show=adopted").text
    assert grace.post(f"/lessons/{lesson}/undo").status_code == 303
    assert lesson_row(engine, lesson).state is LessonState.PROPOSED


def test_an_adopted_ruling_stands_with_its_date_in_the_guidance_and_at_the_desk_of_its_question(
    grace: FlaskClient, sign_in: SignIn, world: World, engine: Engine, lesson: str
) -> None:
    send(grace, lesson, lesson)
    helen = sign_in(world.helen)
    assert "Say how many." not in helen.get("/guidance/F").text
    with Session(engine) as session:
        draft = framework_versions(session, world.area_id)[0]
    publish = f"/framework/{draft.id}/publish"
    assert grace.post(publish, data={"version": hidden(grace.get(publish).text, "version")}).status_code == 303
    assert re.search(r"Ruling of \d+ \w+ 20\d\d: Say how many\.", text_of(helen.get("/guidance/F").text))
    assert "Say how many." in earlier_rulings(engine, world, helen, draft.id, "F02")
    assert not earlier_rulings(engine, world, helen, draft.id, "F03")
    assert grace.post(f"/lessons/{lesson}/undo").status_code == 409
    assert "Undo" not in grace.get("/lessons?show=adopted").text


def earlier_rulings(engine: Engine, world: World, helen: FlaskClient, framework: str, key: str) -> str:
    """What the desk shows of earlier rulings beside this question, in a round under this version; nothing where there are none."""
    with Session(engine) as session:
        known = session.exec(select(Round.id).where(Round.framework_version_id == framework)).first()
    sheet = a_sheet(engine, world, known or an_open_round(engine, world, framework=framework), world.helen)
    page = helen.get(f"/sheets/{sheet}/questions/{key}").text
    assert page.count("<h1") == 1
    return text_of(page.partition('<ol class="desk-rulings">')[2].partition("</ol>")[0])


def test_a_reason_is_needed_to_decline_and_what_was_typed_stays(grace: FlaskClient, engine: Engine, lesson: str) -> None:
    status, page = send(grace, lesson, "decline")
    assert status == 422 and "Enter why you decline it" in page
    status, page = send(grace, lesson, "", "Half a thought")
    assert status == 422 and "Choose what becomes of the lesson" in page and "Half a thought" in page
    assert send(grace, lesson, "decline", "One meeting is not enough.")[0] == 200
    assert "One meeting is not enough." in grace.get("/lessons?show=declined").text


def test_an_edit_shows_its_difference_before_it_is_saved(grace: FlaskClient, engine: Engine, lesson: str) -> None:
    given = {f"l{lesson}l-choice": "edit", f"l{lesson}l-versions": f"{lesson}:1"}
    assert grace.post(f"/lessons/{lesson}", data=given).location == f"/lessons/{lesson}/edit"
    form = grace.get(f"/lessons/{lesson}/edit").text
    before = hidden(form, "before")
    given = {
        "guidance": f"{before} Three are too many.", "before": before, "versions": f"{lesson}:1", "ruling": "Three.", "reason": "",
    }  # fmt: skip
    preview = grace.post(f"/lessons/{lesson}/edit", data=given | {"do": "preview"})
    assert preview.status_code == 200 and "Added: </span>Three are too many." in preview.text
    live = grace.post(f"/lessons/{lesson}/edit", data=given, headers={"HX-Request": "true"}).text
    assert live.startswith('\n<div id="difference">') or live.lstrip().startswith('<div id="difference">')
    assert grace.post(f"/lessons/{lesson}/edit", data=given | {"do": "save"}).status_code == 422
    assert grace.post(f"/lessons/{lesson}/edit", data=given | {"do": "save", "reason": "A number helps."}).status_code == 303
    page = text_of(grace.get("/lessons?show=adopted").text)
    assert "Three." in page and "As the meeting proposed it: Say how many." in page and "A number helps." in page


def test_two_lessons_about_one_sentence_have_one_form(
    grace: FlaskClient, world: World, engine: Engine, closed: ClosedRound
) -> None:
    one, other = some_lessons(engine, world, closed, "F02", ["Say how many.", "Say who."])
    for lesson, words in ((one, "First B."), (other, "First K.")):
        before = hidden(grace.get(f"/lessons/{lesson}/wording").text, "before")
        wanted = f"{words}{before[before.index('. ') + 1 :]}"
        given = {"guidance": wanted, "before": before, "version": "1", "do": "save"}
        assert grace.post(f"/lessons/{lesson}/wording", data=given).status_code == 303
    page = grace.get("/lessons").text
    assert page.count("Save decision") == 1 and "2 lessons change the same sentences" in page and "Decline both" in page
    given = {f"l{one}l-choice": other, f"l{one}l-versions": f"{one}:2 {other}:2", f"l{one}l-reason": "K comes first."}
    assert grace.post(f"/lessons/{one}", data=given).status_code == 303
    assert [lesson_row(engine, each).state for each in (one, other)] == [LessonState.REJECTED, LessonState.ADOPTED]


def test_pages_about_lessons_without_any_say_so(grace: FlaskClient) -> None:
    for show, words in (
        ("waiting", "No lesson is waiting"),
        ("adopted", "has been adopted yet"),
        ("declined", "has been declined"),
    ):
        assert words in grace.get(f"/lessons?show={show}").text


COUNT = "\r\n\r\nCount them."  # as a browser ends lines


def words_for(client: FlaskClient, lesson: str) -> str:
    return hidden(client.get(f"/lessons/{lesson}/edit").text, "before") + COUNT


def edit(client: FlaskClient, lesson: str, guidance: str, version: int = 1) -> tuple[int, str]:
    given = {
        "guidance": guidance, "before": guidance.removesuffix(COUNT), "versions": f"{lesson}:{version}", "do": "save",
        "ruling": "Say three.", "reason": "A number helps.",
    }  # fmt: skip
    answer = client.post(f"/lessons/{lesson}/edit", data=given)
    return answer.status_code, text_of(answer.text)


def test_a_lead_whose_lesson_was_worded_meanwhile_still_has_every_word_of_the_edit(
    grace: FlaskClient, sign_in: SignIn, world: World, lesson: str
) -> None:
    guidance = words_for(grace, lesson)
    before = guidance.removesuffix(COUNT)
    theirs = {"guidance": f"{before} Say who counts.", "before": before, "version": "1", "do": "save"}
    assert sign_in(world.priya).post(f"/lessons/{lesson}/wording", data=theirs).status_code == 303
    status, page = edit(grace, lesson, guidance)
    assert status == 409 and "Someone else changed this first" in page
    for told in ("Count them.", "Say three.", "A number helps.", "Say who counts.", "waiting, changed since"):
        assert page.count(told) == 1, "once, beside what is saved"


def test_whoever_comes_after_the_decision_is_told_of_it_and_keeps_what_they_wrote(
    grace: FlaskClient, sign_in: SignIn, world: World, engine: Engine, lesson: str
) -> None:
    guidance = words_for(grace, lesson)
    send(grace, lesson, "decline", "One meeting is not enough.")
    made = "declined by Grace Obi, with the reason “One meeting is not enough.”"
    status, page = send(grace, lesson, "decline", "Not clear to me.")
    assert status == 409 and made in page and "Not clear to me." in page
    status, page = edit(grace, lesson, guidance)
    assert status == 409 and made in page and all(told in page for told in ("Count them.", "Say three.", "A number helps."))
    given = {"guidance": guidance, "before": "", "version": "1", "do": "save"}
    answer = sign_in(world.priya).post(f"/lessons/{lesson}/wording", data=given)
    assert answer.status_code == 409 and made in text_of(answer.text) and "Count them." in answer.text
    assert lesson_row(engine, lesson).state is LessonState.REJECTED
    assert grace.get("/lessons/nothing-here/edit").status_code == 404
