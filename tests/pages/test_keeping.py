"""A form sent when it cannot be taken (signed out meanwhile, the service down) loses nothing: the answer shows what was
typed, to whoever typed it, with a button that sends it again. Without a script, as a browser sends it."""

import html
import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from moderation.moderate.tables import AgreedRating, MeetingItem
from moderation.people.tables import UserSession
from moderation.score import actions as scoring
from moderation.score.concern_tables import Concern
from moderation.score.tables import Rating
from moderation.web import keeping
from tests.actions.test_moderate_drafts import writing
from tests.actions.test_moderate_meetings import PLANS
from tests.build import PASSWORD, Person, World, an_open_round
from tests.build_moderation import a_routed_round
from tests.build_sheets import a_sheet
from tests.conftest import SignIn

__all__ = ["writing"]
TEXT = "The outcomes are “measurable”:\r\n<two> of four & no dates."
HERE = {"Sec-Fetch-Site": "same-origin"}


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


def rows(engine: Engine, table: type) -> list:  # type: ignore[type-arg]
    with Session(engine) as session:
        return list(session.exec(select(table)))


def fields(answer: TestResponse, button: str = "") -> dict[str, str]:
    """The hidden fields of the form that has this button, as a browser sends them."""
    (form,) = [one for one in re.findall(r"<form.*?</form>", answer.text, re.DOTALL) if button in one and 'href="/help"' not in one]
    found = [re.search(rf'{name}="([^"]*)"', tag) for tag in re.findall(r"<input[^>]*>", form) for name in ("name", "value")]
    pairs = [html.unescape(one[1]) if one else "" for one in found]
    return dict(zip(pairs[::2], pairs[1::2], strict=True)) | {"": html.unescape(re.search(r'action="([^"]*)"', form)[1])}  # type: ignore[index]


def press(client: FlaskClient, answer: TestResponse, button: str, **more: str) -> TestResponse:
    sent = fields(answer, button) | more
    return client.post(sent.pop(""), data=sent, headers=HERE)


def seen(answer: TestResponse) -> bool:
    return "&lt;two&gt; of four &amp; no dates." in answer.text


class Desk:
    """Helen's browser on a question, with a form against forgery as it came with the page."""

    def __init__(self, app: Flask, engine: Engine, world: World, sign_in: SignIn) -> None:
        self.engine, self.world, self.client = engine, world, sign_in(world.helen)
        self.sheet_id = a_sheet(engine, world, an_open_round(engine, world), world.helen)
        self.address = f"/sheets/{self.sheet_id}/questions/F02"
        app.config["WTF_CSRF_ENABLED"] = True
        self.token = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(self.address).text)[1]  # type: ignore[index]

    def send(self, text: str = TEXT, **headers: str) -> TestResponse:
        typed = {"evidence": text, "answer": "2", "confidence": "sure", "note_to_self": "", "version": "0", "go": "next"}
        return self.client.post(self.address, data={"csrf_token": self.token, **typed}, headers=HERE | headers)

    def idle(self) -> None:
        """Nothing happens for a while."""
        with Session(self.engine) as session:
            session.exec(update(UserSession).values(last_seen_at=datetime(2026, 1, 1, tzinfo=UTC)))
            session.commit()

    def sign_in(self, answer: TestResponse, person: Person, password: str = PASSWORD) -> TestResponse:
        return press(self.client, answer, "Sign in", email=person.email, password=password)

    def saved(self) -> list[str]:
        return [row.evidence for row in rows(self.engine, Rating) if row.sheet_id == self.sheet_id and row.evidence]


@pytest.fixture
def desk(app: Flask, engine: Engine, world: World, sign_in: SignIn) -> Desk:
    return Desk(app, engine, world, sign_in)


def test_what_was_sent_after_the_session_had_ended_is_shown_after_signing_in_and_sent_again(desk: Desk) -> None:
    desk.idle()
    asked = desk.send()
    assert asked.status_code == 401 and "What you entered is not lost." in asked.text and not seen(asked)
    assert "measurable" not in asked.text and desk.saved() == []
    wrong = desk.sign_in(asked, desk.world.helen, "not the password")
    assert wrong.status_code == 422 and fields(wrong, "Sign in")["typed"] == fields(asked, "Sign in")["typed"]
    shown = desk.sign_in(wrong, desk.world.helen)
    assert seen(shown) and "You are signed in again" in shown.text and "Level 2" in shown.text and "Very sure" in shown.text
    assert shown.headers["Cache-Control"] == "no-store" and desk.saved() == []
    sent = press(desk.client, shown, "Send it again")
    assert sent.status_code == 303 and sent.location.startswith(desk.address.rsplit("/", 1)[0])
    assert desk.saved() == [TEXT.replace("\r\n", "\n")]


def test_nobody_else_is_shown_what_was_typed(desk: Desk) -> None:
    desk.idle()
    asked = desk.send()
    other = desk.sign_in(asked, desk.world.amina)
    assert (other.status_code, other.location, seen(other)) == (303, "/", False)
    assert "cannot be shown: it is somebody else’s" in desk.client.get(other.location, follow_redirects=True).text


@pytest.mark.parametrize("spoilt", ["cut", "nonsense", "old"])
def test_what_is_sealed_opens_whole_and_for_some_hours_only(desk: Desk, monkeypatch: pytest.MonkeyPatch, spoilt: str) -> None:
    desk.idle()
    asked = desk.send()
    sealed = fields(asked, "Sign in")["typed"]
    if spoilt == "old":
        monkeypatch.setattr(keeping, "HOURS", -1)
    sent = {"cut": sealed[:-9], "nonsense": "né", "old": sealed}[spoilt]
    entered = press(desk.client, asked, "Sign in", email=desk.world.helen.email, password=PASSWORD, typed=sent)
    assert (entered.status_code, entered.location) == (303, "/") and not seen(entered)


def test_what_is_too_long_to_be_carried_is_shown_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "LONGEST_SEALED", 40)
    desk.idle()
    shown = desk.send()
    assert shown.status_code == 401 and seen(shown) and "You are signed out." in shown.text
    assert desk.saved() == []


def test_a_decision_sent_after_the_session_had_ended_is_recorded_once_it_is_sent_again(
    app: Flask, engine: Engine, world: World, sign_in: SignIn, writing: MeetingItem
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    priya, address = sign_in(world.priya), f"/meetings/{writing.meeting_id}/items/{writing.id}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', priya.get(address).text)[1]  # type: ignore[index]
    with Session(engine) as session:
        session.exec(update(UserSession).values(last_seen_at=datetime(2026, 1, 1, tzinfo=UTC)))
        session.commit()
    typed = {
        "rating": "2",
        "basis": "majority",
        "reason": TEXT,
        "dissent": "none",
        "action": "none",
        "version": "1",
        "notes": "So.",
    }
    asked = priya.post(address, data={"csrf_token": token, **typed})
    shown = press(priya, asked, "Sign in", email=world.priya.email, password=PASSWORD)
    assert seen(shown) and "By majority" in shown.text and rows(engine, AgreedRating) == []
    assert press(priya, shown, "Send it again").status_code == 303
    (made,) = rows(engine, AgreedRating)
    assert (made.value, made.reason) == (2, TEXT.replace("\r\n", "\n"))


def test_who_signed_out_in_another_tab_keeps_the_text_and_sends_it_after_signing_in(desk: Desk) -> None:
    with desk.client.session_transaction() as cookie:
        cookie.clear()
    shown = desk.send()
    assert shown.status_code == 401 and seen(shown) and "in another tab or window" in shown.text
    desk.sign_in(desk.client.get("/sign-in"), desk.world.helen)
    once_more = press(desk.client, shown, "Send it again")  # its token is of the time before
    assert once_more.status_code == 400 and seen(once_more) and "You have signed in since" in once_more.text
    assert press(desk.client, once_more, "Send it again").status_code == 303
    assert desk.saved() == [TEXT.replace("\r\n", "\n")]


def test_who_signed_in_in_another_tab_is_shown_the_text_that_the_form_to_sign_in_with_carries(desk: Desk) -> None:
    desk.idle()
    asked = desk.send()
    desk.sign_in(desk.client.get("/sign-in"), desk.world.helen)
    shown = desk.sign_in(asked, desk.world.helen)
    assert seen(shown) and "You are signed in again" in shown.text and desk.saved() == []
    assert press(desk.client, shown, "Send it again").status_code == 303
    assert desk.saved() == [TEXT.replace("\r\n", "\n")]


@pytest.mark.parametrize("why", ["another site", "another person", "idle again"])
def test_what_the_form_to_sign_in_with_carries_is_for_its_writer_signed_in_here_only(desk: Desk, why: str) -> None:
    desk.idle()
    asked = desk.send()
    who = desk.world.amina if why == "another person" else desk.world.helen
    desk.sign_in(desk.client.get("/sign-in"), who)
    if why == "idle again":
        desk.idle()
    sent = fields(asked, "Sign in") | {"email": desk.world.helen.email, "password": PASSWORD}
    site = "cross-site" if why == "another site" else "same-origin"
    answer = desk.client.post(sent.pop(""), data=sent, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 400 and not seen(answer)


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "", "Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": ""}],
)
def test_another_site_cannot_put_words_on_a_page_of_ours(desk: Desk, headers: dict[str, str]) -> None:
    desk.token = "forged"
    answer = desk.send(**headers)
    assert answer.status_code == 400 and not seen(answer) and desk.saved() == []


@pytest.mark.parametrize("error", [OperationalError("select", {}, Exception("gone")), ZeroDivisionError()])
def test_what_was_typed_is_in_the_answer_when_the_service_cannot_save_it(
    app: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*_: object) -> None:
        raise error

    app.config["PROPAGATE_EXCEPTIONS"] = False
    with monkeypatch.context() as broken:
        broken.setattr(scoring, "save", fails)
        shown = desk.send()
    assert shown.status_code == (503 if isinstance(error, OperationalError) else 500) and seen(shown)
    assert press(desk.client, shown, "Send it again").status_code == 303 and len(desk.saved()) == 1


def test_a_form_that_is_too_big_to_be_read_says_that_nothing_of_it_was_saved(app: Flask, desk: Desk) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 100
    plain = desk.send()
    assert plain.status_code == 413 and "nothing of it was saved. Go back in your browser" in plain.text


def test_a_text_far_too_long_is_read_and_shown_all_the_same(desk: Desk) -> None:
    desk.idle()
    shown = desk.send(TEXT + "x" * 5_000_000)
    assert shown.status_code == 401 and seen(shown)


def test_what_was_typed_about_a_plan_that_has_left_the_list_is_in_the_answer(desk: Desk, sign_in: SignIn) -> None:
    desk.client = sign_in(desk.world.robert)  # another auditor: for them there is no such sheet
    desk.token = re.search(r'name="csrf_token" value="([^"]+)"', desk.client.get("/my-plans").text)[1]  # type: ignore[index]
    shown = desk.send()
    assert shown.status_code == 404 and seen(shown) and desk.saved() == []


def test_a_concern_sent_after_the_session_had_ended_is_told_in_the_end(desk: Desk) -> None:
    desk.idle()
    asked = desk.client.post(f"{desk.address}/concerns/safeguarding", data={"csrf_token": desk.token, "text": TEXT})
    shown = desk.sign_in(asked, desk.world.helen)
    assert seen(shown) and rows(desk.engine, Concern) == []
    assert press(desk.client, shown, "Send it again").status_code == 303 and len(rows(desk.engine, Concern)) == 1


@pytest.mark.parametrize(
    ("who", "address", "typed", "words"),
    [
        ("helen", "/my-plans/one/hand-back", {"reason": TEXT}, "Why you are handing this plan back"),
        ("priya", "/plans/one/gate/people", {"staff": TEXT, "born-day": "27", "born-month": "3", "born-year": "2015"}, "27 3 2015"),
        ("priya", "/framework/one/criteria/F02", {"guidance": "", "level_2": TEXT}, "Level 2"),
        ("priya", "/rounds/one/submitted/one/reopen", {"reason": TEXT}, "Why you are reopening it"),
        ("priya", "/conflicts/new", {"target": "EHC-9", "reason": TEXT}, "EHC-9"),
    ],
)
def test_whatever_is_written_on_another_page_is_shown_after_signing_in_too(
    desk: Desk, sign_in: SignIn, who: str, address: str, typed: dict[str, str], words: str
) -> None:
    person = getattr(desk.world, who)
    desk.client = sign_in(person)
    token = re.search(r'name="csrf_token" value="([^"]+)"', desk.client.get("/account").text)[1]  # type: ignore[index]
    desk.idle()
    shown = desk.sign_in(desk.client.post(address, data={"csrf_token": token, **typed}), person)
    assert seen(shown) and words in shown.text and fields(shown, "Send it again").items() >= {"": address, **typed}.items()


def test_a_page_that_keeps_what_is_typed_itself_is_answered_as_before(desk: Desk) -> None:
    desk.idle()
    answer = desk.send(**{"HX-Request": "true"})
    assert answer.status_code == 401 and not seen(answer) and "You are signed out" in answer.text
    assert desk.client.post("/account", data={"csrf_token": desk.token, "name": TEXT}).location == "/sign-in"
