"""The pages of people: signing in, one's own account, administration. Once for each database."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from moderation.instants import frozen
from moderation.jobs import Every, Job, run_if_due
from moderation.ledger import OPERATOR, Via, transaction
from moderation.people import administration, pages_signing, passwords, queries
from moderation.people.tables import UserSession
from moderation.post import Outbox
from moderation.settings import Settings
from moderation.words import AgencyKind, Role

from ..build import PASSWORD, World, a_world

SignIn = Callable[..., FlaskClient]
NEW_PASSWORD = "teapot orchard sleet"


def words(response: TestResponse) -> str:
    """What a page says, without its markup."""
    body = re.sub(r"<(script|style).*?</\1>", " ", response.text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def masked(response: TestResponse) -> str:
    """A page with the token against forgery taken out."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", response.text)


def enter(client: FlaskClient, email: str, password: str = PASSWORD, **more: str) -> TestResponse:
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def last_letter(engine: Engine, email: str) -> Outbox:
    with Session(engine) as session:
        found = session.exec(select(Outbox).where(Outbox.recipient == email).order_by(col(Outbox.not_before).desc())).first()
    assert found is not None
    return found


def link_in(letter: Outbox) -> str:
    return re.search(r"http://127.0.0.1:8000(/choose-password/\S+)", letter.body)[1]  # type: ignore[index]


def test_the_first_page_is_sign_in_under_a_strict_content_policy(client: FlaskClient) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert "Sign in" in words(response)
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_signing_in_leads_where_one_wanted_to_go(client: FlaskClient, world: World) -> None:
    response = client.get("/people")
    assert response.status_code == 303
    assert response.location == "/sign-in?next=/people"
    assert 'name="next" value="/people"' in client.get(response.location).text
    response = enter(client, world.sam.email, next="/people")
    assert (response.status_code, response.location) == (303, "/people")
    assert "Amina Yusuf" in words(client.get("/people"))


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil"])
def test_signing_in_never_leads_to_another_site(client: FlaskClient, world: World, target: str) -> None:
    assert enter(client, world.sam.email, next=target).location == "/"


def test_a_wrong_password_an_unknown_address_and_a_disabled_account_look_the_same(app: Flask, engine: Engine, world: World) -> None:
    with transaction(engine, world.sam.actor, Via.PAGE, world.area_id) as tx:
        administration.disable_account(tx, world.tom.id)
    pages = []
    for email in (world.amina.email, "nobody@northfield.example", world.tom.email):
        response = enter(app.test_client(), email, "not the password")
        assert response.status_code == 422
        pages.append(masked(response).replace(email, "ADDRESS"))
    assert len(set(pages)) == 1
    assert enter(app.test_client(), world.tom.email).status_code == 422


class Counting:
    """A hasher that counts its work."""

    def __init__(self, real: PasswordHasher) -> None:
        self.real, self.count = real, 0

    def verify(self, password_hash: str, password: str) -> bool:
        self.count += 1
        return self.real.verify(password_hash, password)


@pytest.mark.parametrize("email", ["nobody@northfield.example", "amina.yusuf@northfield.example"])
def test_the_same_work_is_done_whether_or_not_there_is_an_account(
    client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch, email: str
) -> None:
    passwords.matches(None, "")  # the hash that stands in for nobody is made once
    hasher = Counting(passwords.HASHER)
    monkeypatch.setattr(passwords, "HASHER", hasher)
    enter(client, email, "not the password")
    assert hasher.count == 1


@pytest.mark.parametrize("email", ["nobody@northfield.example", "amina.yusuf@northfield.example"])
def test_asking_for_a_link_takes_the_same_time_whether_or_not_there_is_an_account(
    client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch, email: str
) -> None:
    naps: list[float] = []
    moments = iter([100.0, 100.1])
    monkeypatch.setattr(pages_signing, "time", SimpleNamespace(monotonic=lambda: next(moments), sleep=naps.append))
    client.post("/forgotten-password", data={"email": email})
    assert naps == [pytest.approx(pages_signing.RESET_SECONDS - 0.1)]


def test_after_five_failures_even_the_right_password_has_to_wait(client: FlaskClient, world: World) -> None:
    for _ in range(5):
        enter(client, world.amina.email, "not the password")
    response = enter(client, world.amina.email)
    assert response.status_code == 422
    assert "too many tries" in words(response)


def test_signing_in_gives_a_new_session_and_ends_the_old_one(client: FlaskClient, engine: Engine, world: World) -> None:
    enter(client, world.grace.email)
    with client.session_transaction() as session:
        first = session["token"]
    enter(client, world.amina.email)
    with client.session_transaction() as session:
        assert session["token"] != first
    with Session(engine) as session:
        states = {held.account_id: held.ended_at for held in session.exec(select(UserSession))}
    assert states[world.grace.id] is not None and states[world.amina.id] is None


def test_signing_out_says_so_and_closes_the_pages(sign_in: SignIn, world: World) -> None:
    client = sign_in(world.grace)
    assert client.get("/account").status_code == 200
    assert "You have signed out" in words(client.post("/sign-out", follow_redirects=True))
    assert client.get("/account").status_code == 303


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: FlaskClient, world: World) -> None:
    cookie = enter(client, world.grace.email).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_an_empty_sign_in_says_what_is_missing_beside_the_fields_and_above(client: FlaskClient) -> None:
    response = client.post("/sign-in", data={})
    assert response.status_code == 422
    assert words(response).count("Enter your email address") == words(response).count("Enter your password") == 2
    assert 'href="#email"' in response.text and "Error: Sign in" in response.text


def test_a_form_without_its_token_is_refused(app: Flask, world: World, sign_in: SignIn) -> None:
    grace = sign_in(world.grace)
    app.config["WTF_CSRF_ENABLED"] = True
    assert grace.post("/account", data={"name": "Somebody else"}).status_code == 400
    assert "Somebody else" not in words(grace.get("/account"))


def test_a_form_sent_after_the_session_is_over_leads_to_signing_in(app: Flask, world: World) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = app.test_client().post("/account", data={"name": "Somebody else"})
    assert answer.status_code == 401
    assert "You are signed out" in words(answer) and 'href="/sign-in"' in answer.text


def test_a_forgotten_password_answers_alike_and_leads_to_a_new_one(app: Flask, engine: Engine, world: World) -> None:
    client = app.test_client()
    known = client.post("/forgotten-password", data={"email": world.amina.email})
    unknown = client.post("/forgotten-password", data={"email": "nobody@northfield.example"})
    assert (known.status_code, known.location, known.data) == (unknown.status_code, unknown.location, unknown.data)
    link = link_in(last_letter(engine, world.amina.email))
    assert world.amina.email in words(client.get(link))
    response = client.post(link, data={"password": NEW_PASSWORD}, follow_redirects=True)
    assert "Your password is saved" in words(response)
    assert enter(client, world.amina.email).status_code == 422
    assert enter(client, world.amina.email, NEW_PASSWORD).status_code == 303
    assert client.get(link).status_code == client.post(link, data={"password": NEW_PASSWORD}).status_code == 404


def test_a_link_in_a_letter_never_follows_the_host_of_the_request(client: FlaskClient, engine: Engine, world: World) -> None:
    client.post("/forgotten-password", data={"email": world.amina.email}, headers={"Host": "evil.example"})
    assert "evil" not in last_letter(engine, world.amina.email).body


def test_a_guessable_new_password_is_refused_and_the_link_still_works(client: FlaskClient, engine: Engine, world: World) -> None:
    client.post("/forgotten-password", data={"email": world.amina.email})
    link = link_in(last_letter(engine, world.amina.email))
    for weak in ("short", "Password2027!", world.amina.email):
        response = client.post(link, data={"password": weak})
        assert response.status_code == 422
        assert weak not in masked(response).replace(world.amina.email, "") or weak == world.amina.email
    assert client.post(link, data={"password": NEW_PASSWORD}).status_code == 303


def test_people_change_their_name_and_password(sign_in: SignIn, world: World) -> None:
    client, other = sign_in(world.grace), sign_in(world.grace)
    page = client.get("/account")
    assert "grace.obi@northfield.example" in words(page)
    data = {"name": "Grace Obi-Wright", "shortcuts": "yes", "version": "1"}
    assert "Grace Obi-Wright" in words(client.post("/account", data=data, follow_redirects=True))
    assert client.post("/account", data=data).status_code == 409
    wrong = client.post("/account/password", data={"current": "not it", "password": NEW_PASSWORD})
    assert wrong.status_code == 422 and "current password is not right" in words(wrong)
    weak = client.post("/account/password", data={"current": PASSWORD, "password": "short"})
    assert weak.status_code == 422 and "at least 12 characters" in words(weak)
    done = client.post("/account/password", data={"current": PASSWORD, "password": NEW_PASSWORD}, follow_redirects=True)
    assert "Your password is changed" in words(done)
    assert other.get("/account").status_code == 303


def test_an_administrator_invites_several_people_who_then_sign_in(
    app: Flask, engine: Engine, sign_in: SignIn, world: World
) -> None:
    sam = sign_in(world.sam)
    data = {
        "people": "Ann Wu, ann@nhs.example\r\nBo Li <bo@nhs.example>",
        "roles": ["auditor", "moderator"],
        "agency": world.agencies[AgencyKind.HEALTH],
    }
    page = words(sam.post("/people/invite", data=data, follow_redirects=True))
    assert "You have invited 2 people" in page and "Bo Li" in page and "Auditor and moderator" in page
    ann = app.test_client()
    link = link_in(last_letter(engine, "ann@nhs.example"))
    assert "Welcome, Ann Wu" in words(ann.get(link))
    ann.post(link, data={"password": NEW_PASSWORD})
    assert enter(ann, "ann@nhs.example", NEW_PASSWORD).status_code == 303
    assert "Auditor and moderator, Health" in words(ann.get("/account"))


def test_every_mistake_in_an_invitation_is_shown_and_nothing_typed_is_lost(sign_in: SignIn, world: World) -> None:
    data = {"people": "Ann Wu\nann@nhs.example", "roles": ["auditor"], "agency": ""}
    response = sign_in(world.sam).post("/people/invite", data=data)
    assert response.status_code == 422
    assert "Line 1: enter a name and an email address" in words(response)
    assert "Line 2: enter a name before ann@nhs.example" in words(response)
    assert "Ann Wu\nann@nhs.example</textarea>" in response.text
    assert re.search(r'value="auditor"[^>]*checked', response.text)


def test_an_auditor_without_an_agency_is_asked_for_one(sign_in: SignIn, world: World) -> None:
    data = {"people": "Ann Wu, ann@nhs.example", "roles": ["auditor"], "agency": ""}
    response = sign_in(world.sam).post("/people/invite", data=data)
    assert response.status_code == 422 and "Select the agency this auditor belongs to" in words(response)


def test_an_administrator_changes_roles_and_takes_access_away(engine: Engine, sign_in: SignIn, world: World) -> None:
    sam, grace = sign_in(world.sam), sign_in(world.grace)
    page = sam.get(f"/people/{world.grace.id}")
    was = re.search(r'name="was" value="([^"]*)"', page.text)[1]  # type: ignore[index]
    data = {"roles": ["moderator", "area_lead"], "agency": "", "was": was}
    assert "The roles of Grace Obi are saved" in words(sam.post(f"/people/{world.grace.id}", data=data, follow_redirects=True))
    assert "Moderator and area lead" in words(grace.get("/account"))
    assert sam.post(f"/people/{world.grace.id}", data=data).status_code == 409
    assert "End the access of Grace Obi" in words(sam.get(f"/people/{world.grace.id}/end"))
    assert "no longer has access" in words(sam.post(f"/people/{world.grace.id}/end", follow_redirects=True))
    assert "You have no access to an area" in words(grace.get("/"))
    assert sam.get(f"/people/{world.grace.id}").status_code == 404


def test_a_disabled_person_is_out_with_the_next_request(sign_in: SignIn, world: World) -> None:
    sam, amina = sign_in(world.sam), sign_in(world.amina)
    assert amina.get("/account").status_code == 200
    assert "Disable the account of Amina Yusuf" in words(sam.get(f"/people/{world.amina.id}/disable"))
    assert "is disabled" in words(sam.post(f"/people/{world.amina.id}/disable", follow_redirects=True))
    assert amina.get("/account").status_code == 303
    assert "Open the account again" in words(sam.get(f"/people/{world.amina.id}"))
    assert "The account is open again" in words(sam.post(f"/people/{world.amina.id}/enable", follow_redirects=True))


def test_the_only_administrator_is_told_why_they_stay(sign_in: SignIn, world: World) -> None:
    response = sign_in(world.sam).post(f"/people/{world.sam.id}/end")
    assert response.status_code == 409 and "only administrator" in words(response)


def test_a_person_of_another_area_looks_like_nobody(engine: Engine, sign_in: SignIn, world: World) -> None:
    south, sam = a_world(engine, "Southfield", "southfield.example"), sign_in(world.sam)
    for path in ("", "/end", "/disable"):
        foreign, missing = sam.get(f"/people/{south.amina.id}{path}"), sam.get(f"/people/nobody{path}")
        assert foreign.status_code == missing.status_code == 404
        assert masked(foreign) == masked(missing)
    foreign = sam.get(f"/area/agencies/{south.agencies[AgencyKind.HEALTH]}")
    assert foreign.status_code == 404 and masked(foreign) == masked(sam.get("/area/agencies/nothing"))
    assert "Southfield" not in sam.get("/people").text and "southfield" not in sam.get("/people").text


@pytest.mark.parametrize(
    "path", ["/people/invite", "/people/x", "/people/x/end", "/people/x/disable", "/area", "/area/agencies/new", "/jobs"]
)
def test_pages_of_administrators_do_not_exist_for_others(sign_in: SignIn, world: World, path: str) -> None:
    for person in (world.grace, world.amina, world.priya, world.ruth):
        assert sign_in(person).get(path).status_code == 404


def test_a_lead_sees_the_people_but_changes_nobody(sign_in: SignIn, world: World) -> None:
    page = sign_in(world.grace).get("/people")
    assert "Amina Yusuf" in words(page) and "Invite people" not in words(page) and f"/people/{world.amina.id}" not in page.text


def test_the_first_administrator_sets_up_an_area(client: FlaskClient, engine: Engine) -> None:
    with transaction(engine, OPERATOR, Via.COMMAND, None) as tx:
        link = administration.create_account(tx, "Sam Cole", "sam@north.example")
    client.post(link, data={"password": NEW_PASSWORD})
    enter(client, "sam@north.example", NEW_PASSWORD)
    assert client.get("/").location == "/areas/new"
    assert len(re.findall(r"<option", client.get("/areas/new").text)) == 154
    missing = client.post("/areas/new", data={"name": "", "colour": "", "la_code": ""})
    assert missing.status_code == 422 and words(missing).count("Select a local authority") >= 2
    data = {"name": "Birmingham Partnership", "colour": "plum", "la_code": "330"}
    page = client.post("/areas/new", data=data, follow_redirects=True)
    assert "Birmingham Partnership is set up" in words(page) and "app-area--plum" in page.text


def test_a_plain_member_cannot_set_up_an_area(sign_in: SignIn, world: World) -> None:
    assert sign_in(world.amina).get("/areas/new").status_code == 404
    assert sign_in(world.sam).get("/areas/new").status_code == 200


def test_an_area_changes_its_name_colour_and_agencies(sign_in: SignIn, world: World, engine: Engine) -> None:
    sam = sign_in(world.sam)
    page = sam.post("/area", data={"name": "Northfield Partnership", "colour": "teal", "version": "1"}, follow_redirects=True)
    assert "Northfield Partnership" in words(page) and "app-area--teal" in page.text
    assert "Virtual School is added" in words(
        sam.post("/area/agencies/new", data={"name": "Virtual School", "kind": "education"}, follow_redirects=True)
    )
    with Session(engine) as session:
        school = next(agency for agency in queries.agencies(session, world.area_id) if agency.name == "Virtual School")
    assert sam.post(f"/area/agencies/{school.id}", data={"name": "Health", "version": "1"}).status_code == 422
    renamed = sam.post(f"/area/agencies/{school.id}", data={"name": "SEN support", "version": "1"}, follow_redirects=True)
    assert "now called SEN support" in words(renamed)


def test_somebody_with_two_areas_chooses_and_changes(engine: Engine, client: FlaskClient, world: World) -> None:
    south = a_world(engine, "Southfield", "southfield.example")
    with transaction(engine, world.sam.actor, Via.PAGE, world.area_id) as tx:
        invitee = administration.Invitee("Amina", south.amina.email)
        administration.invite(tx, [invitee], administration.Post(frozenset({Role.ADMINISTRATOR})), str)
    enter(client, south.amina.email)
    assert client.get("/").location == "/change-area"
    assert words(client.get("/change-area")).count("Northfield") == 1
    assert client.post("/change-area", data={"area": "nonsense"}).status_code == 422
    client.post("/change-area", data={"area": world.area_id})
    assert "Grace Obi" in words(client.get("/people"))


def test_administrators_see_how_the_jobs_went(sign_in: SignIn, world: World, engine: Engine, settings) -> None:  # type: ignore[no-untyped-def]
    def broken(*_: object) -> str:
        raise ValueError("rating 4 by Amina Yusuf")

    assert "No job has run yet" in words(sign_in(world.sam).get("/jobs"))
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    for minute, measured in enumerate((lambda *_: "2 rounds measured", broken, broken)):
        with frozen(noon + timedelta(minutes=minute)):
            run_if_due(Job("measure", Every(60), measured), engine, settings)
            run_if_due(Job("send_letters", Every(60), lambda *_, sent=2 - minute: f"{sent} letters sent, 0 not"), engine, settings)
    with frozen(noon + timedelta(minutes=5)):
        sam = sign_in(world.sam)
        page, everything = words(sam.get("/jobs")), words(sam.get("/jobs?idle=yes"))
    states, _, runs = page.partition("The latest runs that had something to do")
    assert "1 job is failing" in states and "ValueError in moderation/jobs.py" in states and "rating 4" not in page
    assert "Measure Failing since Mon 23 Nov, 12:01pm" in states and ": 2 rounds measured" in states
    assert states.index("Measure") < states.index("Send letters Working")
    assert ": nothing to do" in states and "0 letters sent" not in page
    assert "Done nothing to do" not in runs and "2 letters sent" in runs and runs.count("ValueError") == 2
    assert "Done nothing to do" in everything


@pytest.mark.parametrize(
    "path", ["/help", "/privacy", "/cookies", "/accessibility", "/forgotten-password", "/forgotten-password/sent"]
)
def test_pages_about_the_service_are_open_to_anyone(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert "<h1" in response.text and "style=" not in response.text


def test_the_accessibility_statement_says_whom_to_ask_and_when_they_answer(app: Flask, settings: Settings) -> None:
    page = words(app.test_client().get("/accessibility"))
    assert "has not given an address" in page and "administrator or QA lead of your area" in page and "working day" not in page
    app.extensions["moderation"]["settings"] = replace(
        settings, accessibility_contact="access@council.example", accessibility_days=5
    )
    response = app.test_client().get("/accessibility")
    assert 'href="mailto:access@council.example"' in response.text
    page = words(response)
    assert "get back to you within 5 working days" in page and "has not given an address" not in page
    assert "If you are not happy with how we respond to your complaint, contact the Equality Advisory and Support Service" in page
    assert re.search(r"This statement was prepared on \d+ \w+ 20\d\d\. It was last reviewed on \d+ \w+ 20\d\d", page)


def test_a_used_session_is_noted_once_a_minute(sign_in: SignIn, world: World, engine: Engine) -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    with frozen(noon):
        client = sign_in(world.grace)
    for seconds, noted in ((30, 0), (60, 60), (90, 60), (1000, 1000)):
        with frozen(noon + timedelta(seconds=seconds)):
            client.get("/account")
        with Session(engine) as session:
            assert session.exec(select(UserSession.last_seen_at)).one() == noon + timedelta(seconds=noted)
