"""Two worlds that begin as one file, with the clock held: in one the others do nothing, in the other they rate, submit and write.

Until the round is closed an auditor receives the same bytes in both: status, headers, body, letters. And a lead, an area lead, a
moderator and an administrator receive the same bytes whatever the ratings *are*.
"""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, col, func, select
from werkzeug.test import TestResponse

from moderation import instants
from moderation.clock import run_jobs
from moderation.instants import frozen
from moderation.post import Outbox
from moderation.score import plans
from moderation.score.tables import Rating, Scoresheet
from moderation.web.render import db
from moderation.wiring import create_app
from tests.blindness.conftest import Play, SetUp, Stage
from tests.blindness.scene import ASKED, NOW, Scene, given_to, same_ids, sheets_of
from tests.blindness.things import WHOLE, all_ids, requests
from tests.build import Person

# Tokens are random by design; everything else must be the same.
MASKS = (
    re.compile(rb'(?<=name="csrf_token" value=")[^"]+|(?<=name="window" value=")[^"]+'),  # drawn anew for every page
    re.compile(rb'(?<="X-CSRFToken": ")[^"]+|(?<=name="csrf-token" content=")[^"]+|(?<=nonce=")[^"]+'),
)
COOKIE = re.compile(r"(?<=session=)[^;]+")
Ids = Mapping[str, Sequence[str]]
TIME_TO_GO = re.compile(r"[^>]*(?:to go</p>|at your usual pace)")
HTMX_FORM = {"HX-Request": "true", "HX-Target": "saved"}


@dataclass(frozen=True)
class Received:
    """What came back, with tokens masked. `length` is the whole body's, tokens included."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    length: int


def received(response: TestResponse) -> Received:
    body = response.data
    for mask in MASKS:
        body = mask.sub(b"-", body)
    headers = tuple((name, COOKIE.sub("-", value)) for name, value in response.headers)
    return Received(response.status_code, headers, body, len(response.data))


def everything(stage: Stage, person: Person, ids: Ids, endpoints: Collection[str] | None = None) -> dict[str, Received]:
    """Every page and fragment there is, as this person gets it."""
    client = stage.client(person)
    asked = requests(stage, person, ids, endpoints)
    return {str(request): received(client.get(request.address, headers=request.headers)) for request in asked}


def first_difference(one: Mapping[str, Received], other: Mapping[str, Received]) -> str:
    """Where two worlds differ, or nothing."""
    different = [where for where in one.keys() | other.keys() if one.get(where) != other.get(where)]
    return f"{len(different)} answers differ, for example: {sorted(different)[0]}" if different else ""


@dataclass(frozen=True)
class Worlds:
    quiet: Stage
    busy: Stage

    def compare(self, person: Person, *endpoints: str) -> str:
        """The first difference between the pages of a person (these pages, or all); ids that one world lacks are tried too."""
        one, other = all_ids(self.quiet, of_each=1), all_ids(self.busy, of_each=1)
        ids = {name: list(dict.fromkeys([*one[name], *other[name]])) for name in one}
        with frozen(instants.now()):  # pages that show the time left are read at one instant
            return first_difference(*(everything(stage, person, ids, endpoints) for stage in (self.quiet, self.busy)))


@pytest.fixture
def worlds(set_up: SetUp, quiet_scene: Scene, played: Play) -> Worlds:
    found = Worlds(set_up(quiet_scene), set_up(played()))
    assert ratings_of_others(found.busy) > ratings_of_others(found.quiet) == 0
    return found


def ratings_of_others(stage: Stage) -> int:
    helen, opened = stage.scene.northfield.helen, stage.scene.rounds["open"]
    theirs = select(func.count()).select_from(Rating).join(Scoresheet, col(Scoresheet.id) == Rating.sheet_id)
    with Session(stage.engine) as session:
        return session.exec(theirs.where(Scoresheet.round_id == opened, Scoresheet.account_id != helen.id)).one()


def test_every_page_of_an_auditor_is_the_same_to_the_byte(worlds: Worlds) -> None:
    assert worlds.compare(worlds.quiet.scene.northfield.helen) == ""


# --- what an auditor does -----------------------------------------------------------------------------------------------------


def an_auditors_day(stage: Stage) -> Iterator[tuple[str, Received]]:
    """Accept, start, save, correct, be refused, submit too early, raise a concern, decline: and what comes back each time."""
    scene, person = stage.scene, stage.scene.northfield.helen
    client, offered = stage.client(person), given_to(stage.engine, scene.rounds["open"], person)[0]
    begun, done = sheets_of(stage.engine, scene.rounds["open"], person)
    question = f"/sheets/{begun}/questions/{ASKED}"

    def post(address: str, headers: Mapping[str, str] = WHOLE, **form: str) -> tuple[str, Received]:
        return f"{address} {form} {dict(headers)}", received(client.post(address, data=form, headers=headers))

    yield post(question, HTMX_FORM, answer="2", version="1")
    yield post(question, HTMX_FORM, evidence="Better words", version="2")
    yield post(question, HTMX_FORM, answer="4", version="1")  # made on an old version
    yield post(question, HTMX_FORM, answer="99", version="3")
    yield post(question, go="next", version="3", answer="3", evidence="Better words")
    yield post(f"/sheets/{begun}/submit", own="yes", version="1")
    yield post(f"/sheets/{done}/questions/{ASKED}", HTMX_FORM, answer="1", version="1")  # locked
    yield post(f"/sheets/{done}/submit", own="yes", version="1")  # submitted already
    yield post(f"{question}/concerns/data_breach", text="A name stands on page 2")
    yield post(f"/my-plans/{offered}/accept")
    yield post(f"/my-plans/{offered}/start")
    yield post(f"/my-plans/{offered}/hand-back", reason="")
    yield post(f"/my-plans/{offered}/hand-back", reason="No time left")
    yield "my plans", received(client.get("/my-plans"))


def test_whatever_an_auditor_does_the_answers_are_the_same_to_the_byte(worlds: Worlds) -> None:
    days = []
    for stage in (worlds.quiet, worlds.busy):
        with same_ids("what Helen does"):
            days.append(dict(an_auditors_day(stage)))
    assert first_difference(*days) == ""
    statuses = {answer.status for answer in days[0].values()}
    assert {200, 303, 409, 422} <= statuses


# --- letters and jobs ---------------------------------------------------------------------------------------------------------

JOBS = ("install_frameworks", "close_rounds", "measure", "find_disagreements", "send_reminders", "recompute_trends", "tidy")


def letters(stage: Stage, person: Person) -> list[tuple[object, ...]]:
    chosen = select(Outbox.subject, Outbox.body, Outbox.key, Outbox.not_before).where(Outbox.recipient == person.email)
    with Session(stage.engine) as session:
        return [tuple(row) for row in session.exec(chosen.order_by(Outbox.key))]


def test_an_auditors_letters_are_the_same_until_the_last_day_and_so_are_the_pages(worlds: Worlds) -> None:
    helen, days = worlds.quiet.scene.northfield.helen, (0, 7, 12, 14)
    for stage in (worlds.quiet, worlds.busy):
        for day in days:
            with frozen(NOW + timedelta(days=day)), same_ids(f"day {day}"):
                run_jobs(stage.engine, stage.scene.settings, *JOBS)
    quiet, busy = (letters(stage, helen) for stage in (worlds.quiet, worlds.busy))
    assert quiet == busy and len(quiet) >= 3
    assert worlds.compare(helen) == ""


# --- those who look on --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["grace", "ruth", "priya", "sam"])
def test_before_closing_nobody_receives_a_byte_that_depends_on_a_rating(set_up: SetUp, played: Play, who: str) -> None:
    """In both worlds the others did the same; in one they rated high, wrote more and took twice as long over each question."""
    stern, kind = set_up(played(generous=False)), set_up(played(generous=True))
    assert digest_of_ratings(stern) != digest_of_ratings(kind)
    assert Worlds(stern, kind).compare(stern.scene.northfield.people[who]) == ""


def test_the_time_that_a_plan_takes_at_ones_own_pace_stands_on_ones_own_pages_alone(set_up: SetUp, played: Play) -> None:
    """That no page of anybody else depends on it to the byte is shown above. Here it stands on Robert's, and on nobody else's."""
    quick, slow = set_up(played(generous=False)), set_up(played(generous=True))
    told = [times_told(stage, stage.scene.northfield.robert) for stage in (quick, slow)]
    assert len(told[0]) == len(told[1]) == 3 and not set(told[0]) & set(told[1])
    for name in ("helen", "grace", "priya", "ruth", "sam"):
        assert not any(times_told(quick, quick.scene.northfield.people[name])), name
    theirs = sheets_of(quick.engine, quick.scene.rounds["open"], quick.scene.northfield.robert)[1]
    others = [person for name, person in quick.scene.northfield.people.items() if name != "robert"]
    opened = [quick.client(person).get(f"/sheets/{theirs}/questions/{ASKED}").status_code for person in others]
    assert set(opened) == {404}


def times_told(stage: Stage, person: Person) -> list[str]:
    """What *My plans* and a question that is open say of the time to go; nothing where there is no such page."""
    begun = sheets_of(stage.engine, stage.scene.rounds["open"], person)
    asked = ["/my-plans", *(f"/sheets/{sheet}/questions/{ASKED}" for sheet in begun)]
    pages = [stage.client(person).get(address).text for address in asked]
    return [found for page in pages for found in TIME_TO_GO.findall(page)]


def digest_of_ratings(stage: Stage) -> str:
    with Session(stage.engine) as session:
        rows = session.exec(select(Rating.sheet_id, Rating.criterion_key, Rating.value, Rating.evidence).order_by(Rating.id))
        return hashlib.sha256(repr(sorted(map(tuple, rows))).encode()).hexdigest()


# --- and the comparison notices -----------------------------------------------------------------------------------------------


def test_a_count_of_what_others_did_is_noticed(worlds: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of three have submitted: the leak that HotCRP and OpenReview had."""

    def leaky(self: plans.PlanList) -> str:
        submitted = db().exec(select(func.count()).where(Scoresheet.state == "submitted")).one()
        return f"{submitted} sheets are in."

    monkeypatch.setattr(plans.PlanList, "sentence", property(leaky))
    assert "score.my_plans" in worlds.compare(worlds.quiet.scene.northfield.helen, "score.my_plans")


def test_a_header_that_depends_on_others_is_noticed(worlds: Worlds) -> None:
    def tag(stage: Stage) -> None:
        @stage.app.after_request
        def etag(response):  # type: ignore[no-untyped-def]
            response.headers["ETag"] = f'"{ratings_of_others(stage)}"'
            return response

    for stage in (worlds.quiet, worlds.busy):
        tag(stage)
    assert "answers differ" in worlds.compare(worlds.quiet.scene.northfield.helen, "people.account")


def test_an_average_on_a_leads_page_is_noticed(set_up: SetUp, played: Play) -> None:
    worlds = Worlds(set_up(played(generous=False)), set_up(played(generous=True)))

    def leak(stage: Stage) -> None:
        show = stage.app.view_functions["score.round_progress"]

        def leaky(round_id: str):  # type: ignore[no-untyped-def]
            response = show(round_id)
            with Session(stage.engine) as session:
                response.data += f"<!-- {session.exec(select(func.avg(Rating.value))).one()} -->".encode()
            return response

        leaky.open_to = show.open_to  # type: ignore[attr-defined]
        stage.app.view_functions["score.round_progress"] = leaky

    for stage in (worlds.quiet, worlds.busy):
        leak(stage)
    grace = worlds.quiet.scene.northfield.grace
    assert "score.round_progress" in worlds.compare(grace, "score.round_progress")


def test_a_letter_that_others_caused_is_noticed(worlds: Worlds) -> None:
    helen = worlds.quiet.scene.northfield.helen
    with Session(worlds.busy.engine.execution_options(writes=True)) as session, session.begin():
        session.add(Outbox(key="leak", recipient=helen.email, subject="All have submitted but you", body="", not_before=NOW))
    assert letters(worlds.quiet, helen) != letters(worlds.busy, helen)


def test_the_forms_of_an_auditor_differ_in_their_tokens_alone(quiet: Stage) -> None:
    """With the tokens switched on: what is masked above is really only the token."""
    app = create_app(quiet.scene.settings, quiet.engine)
    stage = Stage(quiet.scene, quiet.engine, app, quiet.source)
    client: FlaskClient = stage.client(quiet.scene.northfield.helen)
    one, other = (client.get("/my-plans") for _ in range(2))
    assert received(one).body == received(other).body and b"csrf_token" in one.data
