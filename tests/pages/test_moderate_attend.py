"""The room on people's own devices: who gets in, what they see at each step, and that no byte tells how anybody voted."""

import io
import re

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import Engine

from moderation.instants import frozen, now
from moderation.moderate import ballots, decisions, meetings
from moderation.moderate.rules import Basis
from moderation.moderate.steps import Step
from tests.actions.test_moderate_meetings import TERMS, agreed, item, list_all
from tests.build import World, a_world, act_as
from tests.build_moderation import ClosedRound, a_routed_round
from tests.conftest import SignIn

PLANS = {"NF-1": {"E01": (1, 3, 3), "O01": (2, 3, 3)}, "NF-2": {"E01": (2, 3, 3)}}


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def meeting(engine: Engine, world: World, closed: ClosedRound) -> str:
    planned: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    list_all(engine, world, planned)
    return planned


@pytest.fixture
def room(engine: Engine, world: World, meeting: str, closed: ClosedRound) -> str:
    """A meeting in session with Helen, Amina and Tom; the address of its room."""
    act_as(engine, world.priya, world.area_id, meetings.start, meeting)
    present = [world.helen.id, world.amina.id, world.tom.id]
    act_as(engine, world.priya, world.area_id, meetings.record_attendance, meeting, present)
    return f"/meetings/{meeting}/room"


@pytest.fixture
def voting(engine: Engine, world: World, meeting: str, room: str, closed: ClosedRound) -> str:
    found = item(engine, closed, "NF-1", "E01").id
    act_as(engine, world.priya, world.area_id, ballots.take_step, meeting, found, Step.VOTING)
    return found


def text(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)


def small(client: FlaskClient, room: str) -> str:
    """Where the page in front of somebody asks every two seconds."""
    found = re.search(r'hx-get="([^"]+)"', text(client, room))
    assert found
    return found[1].replace("&amp;", "&")


def test_the_room_is_missing_for_everybody_who_is_not_invited(
    engine: Engine, world: World, sign_in: SignIn, meeting: str, room: str
) -> None:
    elsewhere = a_world(engine, "Southfield", "southfield.example")
    for person in (world.robert, world.priya, world.grace, world.ruth, elsewhere.helen):
        client = sign_in(person)
        for path in ("", "/now"):
            there, nowhere = client.get(room + path), client.get(f"/meetings/nothing-here/room{path}")
            assert there.status_code == nowhere.status_code == 404 and there.data == nowhere.data
        assert client.post(f"{room}/vote", data={"answer": "2"}).status_code == 404
        assert client.post(f"{room}/join").status_code == 404


def test_before_an_item_is_opened_there_is_nothing_to_see(sign_in: SignIn, world: World, room: str) -> None:
    page = text(sign_in(world.helen), room)
    assert "The chair has not opened an item" in page and "NF-1" not in page
    assert "You vote in them on your own device" in text(sign_in(world.helen), "/my-meetings")


def test_people_read_vote_and_see_the_result_together(
    engine: Engine, world: World, sign_in: SignIn, meeting: str, room: str, voting: str
) -> None:
    helen, amina, tom, priya = (sign_in(person) for person in (world.helen, world.amina, world.tom, world.priya))
    page = text(helen, room)
    assert "Which level" in page or "which level would you give" in page
    assert "checked" not in page and "Auditor A" in page and "Amina" not in page
    gap = helen.post(f"{room}/vote", data={"item": voting})
    assert gap.status_code == 422 and '<a href="#answer">Choose the level you would give' in gap.text
    assert helen.post(f"{room}/vote", data={"item": voting, "answer": "2"}).status_code == 303
    assert "Your vote is in" in text(helen, room) and "1 of 3 have voted" in text(helen, room)
    assert "1 of 3 have voted" in text(priya, f"/meetings/{meeting}/items/{voting}")
    amina.post(f"{room}/vote", data={"item": voting, "answer": "3"})
    waiting = small(helen, room)
    assert "2 of 3 have voted" in text(helen, waiting)
    tom.post(f"{room}/vote", data={"item": voting, "answer": "abstain"})
    assert helen.get(waiting).headers["HX-Refresh"] == "true"
    for page in (text(helen, room), text(priya, f"/meetings/{meeting}/items/{voting}")):
        assert "1 vote" in page and "1 could not judge it." in page and "not voting" not in page
    late = amina.post(f"{room}/vote", data={"item": voting, "answer": "2"})
    assert late.status_code == 409 and "too late" in late.text


def test_who_was_there_and_had_not_voted_is_counted_in_the_room_and_in_the_minutes(
    engine: Engine, world: World, sign_in: SignIn, meeting: str, room: str, voting: str, closed: ClosedRound
) -> None:
    helen, priya, url = sign_in(world.helen), sign_in(world.priya), f"/meetings/{meeting}/items/{voting}"
    helen.post(f"{room}/vote", data={"item": voting, "answer": "2"})
    assert priya.post(f"{url}/step", data={"to": "revealed"}).status_code == 303
    assert "Present, not voting: 2." in text(helen, room) and "Present, not voting: 2." in text(priya, url)
    act_as(engine, world.priya, world.area_id, ballots.vote_again, meeting, voting, 1)
    for person in (world.helen, world.amina, world.tom):
        sign_in(person).post(f"{room}/vote", data={"item": voting, "answer": "2", "ballot": "2"})
    made = agreed(closed, basis=Basis.UNANIMOUS)
    act_as(engine, world.priya, world.area_id, decisions.decide_item, voting, 1, made)
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    assert "Present, not voting: 2 in the first vote, nobody in the second." in text(priya, f"/meetings/{meeting}/minutes")


def test_no_byte_before_the_reveal_depends_on_how_anybody_voted(
    engine: Engine, world: World, sign_in: SignIn, meeting: str, room: str, voting: str
) -> None:
    amina = sign_in(world.amina)
    watchers = [(sign_in(person), room) for person in (world.helen, world.tom, world.amina)]
    watchers += [(client, small(client, room)) for client, _ in watchers[:2]]
    watchers += [(sign_in(world.priya), f"/meetings/{meeting}/items/{voting}{path}") for path in ("", "/now")]
    seen = []
    with frozen(now()):  # the time left for the item goes on, whatever people vote
        for answer in ("1", "4", "abstain", "no_evidence"):
            assert amina.post(f"{room}/vote", data={"item": voting, "answer": answer}).status_code == 303
            seen.append([text(client, url) for client, url in watchers])
    assert all(pages == seen[0] for pages in seen)


def test_the_chair_takes_the_steps_and_the_basis_is_worked_out(
    engine: Engine, world: World, sign_in: SignIn, meeting: str, room: str, closed: ClosedRound
) -> None:
    priya, helen = sign_in(world.priya), sign_in(world.helen)
    found = item(engine, closed, "NF-1", "E01").id
    url = f"/meetings/{meeting}/items/{found}"
    assert "Show this item to everybody" in text(priya, url)
    for to, words in (("here", "Evidence"), ("discussion", "Discussion"), ("voting", "Silent vote")):
        assert priya.post(f"{url}/step", data={"to": to}).status_code == 303
        assert words in text(helen, room)
    assert 'name="reason"' not in text(priya, url)
    for person in (world.helen, world.amina):
        sign_in(person).post(f"{room}/vote", data={"item": found, "answer": "2"})
    assert priya.post(f"{url}/step", data={"to": "revealed"}).status_code == 303
    page = text(priya, url)
    assert "2 votes" in page and "worked out from the votes" in page and 'name="basis"' not in page
    version = re.search(r'name="version" value="(\d+)"', page)[1]  # type: ignore[index]
    given = {"rating": "2", "reason": "Two have no measure.", "dissent": "none", "version": version}
    assert priya.post(url, data=given).status_code == 303
    assert "Unanimous" in text(priya, url)
    assert "Two have no measure" not in text(helen, room)  # the room has gone on to the next item
    assert priya.post(f"{url}/step", data={"to": "nonsense"}).status_code == 409
    assert priya.post(f"{url}/step", data={"to": "voting"}).status_code == 409


def test_the_room_votes_again_and_both_votes_are_shown(
    engine: Engine, world: World, sign_in: SignIn, meeting: str, room: str, voting: str
) -> None:
    helen, amina, tom, priya = (sign_in(person) for person in (world.helen, world.amina, world.tom, world.priya))
    url = f"/meetings/{meeting}/items/{voting}"
    old = {"item": voting, "ballot": "1", "answer": "4"}
    assert "Vote again" not in text(priya, url)
    for client, answer in ((helen, "2"), (amina, "3"), (tom, "abstain")):
        assert client.post(f"{room}/vote", data=old | {"answer": answer}).status_code == 303
    waiting = small(helen, room)
    assert "Open a second silent vote" in text(priya, url)
    for _ in range(2):
        assert priya.post(f"{url}/vote-again", data={"ballot": "1"}).status_code == 303
    assert "Second silent vote" in text(priya, url) and helen.get(waiting).headers["HX-Refresh"] == "true"
    page = text(helen, room)
    assert 'name="ballot" value="2"' in page and "which level would you give now?" in page
    late = tom.post(f"{room}/vote", data=old)
    assert late.status_code == 409 and "There is a second vote on this item" in late.text
    for client in (helen, amina, tom):
        assert client.post(f"{room}/vote", data={"item": voting, "ballot": "2", "answer": "2"}).status_code == 303
    for client, address in ((helen, room), (priya, url)):
        both = text(client, address)
        assert "First vote after discussion" in both and "1 vote" in both and "3 votes" in both
    assert "Open a second silent vote" not in text(priya, url)
    version = re.search(r'name="version" value="(\d+)"', text(priya, url))[1]  # type: ignore[index]
    given = {"rating": "2", "reason": "Two have no measure.", "dissent": "none", "version": version}
    assert priya.post(url, data=given).status_code == 303
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    kept = " ".join(text(priya, f"/meetings/{meeting}/minutes").split())
    assert (
        "Unanimous" in kept
        and "First vote after discussion" in kept
        and "1 could not judge it in the first vote, nobody in the second" in kept
    )
    assert "1 item was voted on twice. There the first vote counts here" in kept
    paper = priya.get(f"/meetings/{meeting}/minutes.pdf")
    printed = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.data)).pages)
    assert "Second silent vote" in " ".join(printed.split())


def test_somebody_who_left_joins_again(engine: Engine, world: World, sign_in: SignIn, meeting: str, room: str) -> None:
    act_as(engine, world.priya, world.area_id, meetings.record_attendance, meeting, [world.helen.id])
    tom = sign_in(world.tom)
    assert "Join the meeting" in text(tom, room)
    assert tom.post(f"{room}/join").status_code == 303
    assert "Join the meeting" not in text(tom, room)
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    assert "The meeting is over" in text(tom, room)
