"""Who takes no part in a meeting: whoever drew or allocated the plans, and whose account is disabled. And who reads what of its
minutes: nobody what is about a plan that they have a conflict of interest with."""

import io

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import Engine
from sqlmodel import Session

from moderation.allocate.actions import mark_published
from moderation.allocate.events import PlansAllocated
from moderation.allocate.tables import CaseMet
from moderation.moderate import ballots, decisions, invitations, meetings
from moderation.moderate.queries_meetings import meeting_facts
from moderation.moderate.queries_people import Attending, attending
from moderation.moderate.steps import Step
from moderation.moderate.tables import AgreedRating, Attendance
from moderation.people.administration import disable_account
from moderation.register.tables import ChildCase
from moderation.words import NotFound
from tests.actions.test_moderate_meetings import TERMS, agreed, item, list_all, rows
from tests.build import Person, World, act_as, also_auditor
from tests.build_moderation import ClosedRound, a_routed_round
from tests.conftest import SignIn
from tests.pages.test_moderate_aside import conflict
from tests.pages.test_moderate_pages import make_moderator
from tests.pages.test_track import text_of

PLANS = {"NF-1": {"E01": (1, 3, 3)}, "NF-2": {"E01": (2, 3, 3)}}

pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def meeting(engine: Engine, world: World, closed: ClosedRound) -> str:
    planned: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    list_all(engine, world, planned)
    return planned


def begin(engine: Engine, world: World, meeting: str) -> None:
    act_as(engine, world.priya, world.area_id, meetings.begin, meeting, [world.helen.id, world.amina.id, world.tom.id])


@pytest.fixture
def minutes(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> str:
    """Of a meeting that has decided both items."""
    begin(engine, world, meeting)
    made = [agreed(closed, plan, reason=f"Why it is so on {plan}.") for plan in PLANS]
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, made)
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    return f"/meetings/{meeting}/minutes"


def allocate(engine: Engine, world: World, closed: ClosedRound, person: Person) -> None:
    def allocated(tx) -> None:  # type: ignore[no-untyped-def]
        tx.record(PlansAllocated(closed.id, "draw", 1, "commitment"))

    act_as(engine, person, world.area_id, allocated)


def read(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return text_of(answer.text)


def people(engine: Engine, world: World, meeting: str) -> Attending:
    with Session(engine) as session:
        return attending(session, world.area_id, meeting_facts(session, world.area_id, meeting))


def test_a_moderator_with_a_conflict_of_interest_reads_minutes_without_that_plan(
    engine: Engine, world: World, sign_in: SignIn, minutes: str
) -> None:
    make_moderator(engine, world, world.shirin.id)
    shirin = sign_in(world.shirin)
    assert "NF-1" in read(shirin, minutes)
    conflict(engine, world, world.shirin)
    paper = PdfReader(io.BytesIO(shirin.get(f"{minutes}.pdf").data))
    for words in (read(shirin, minutes), " ".join(page.extract_text() for page in paper.pages)):
        words = " ".join(words.split())
        assert "NF-1" not in words and "Why it is so on NF-2." in words and "1 item is left out here" in words
    assert "NF-1" in read(sign_in(world.priya), minutes), "for others they are whole"


def test_a_moderator_who_allocated_and_is_no_lead_now_reads_no_agency_in_minutes(
    engine: Engine, world: World, sign_in: SignIn, closed: ClosedRound, minutes: str
) -> None:
    make_moderator(engine, world, world.shirin.id)
    act_as(engine, world.grace, world.area_id, mark_published, closed.id)  # from now on every agency is named
    shirin = sign_in(world.shirin)
    assert "(education)" in read(shirin, minutes)
    allocate(engine, world, closed, world.shirin)
    assert "Auditor" in read(shirin, minutes) and "(education)" not in read(shirin, minutes)


def test_whoever_allocated_the_plans_is_offered_no_seat_and_cannot_be_given_one(
    engine: Engine, world: World, sign_in: SignIn, closed: ClosedRound, meeting: str
) -> None:
    also_auditor(engine, world, world.grace, world.agencies["education"])
    assert "Grace Obi" in str(people(engine, world, meeting).agencies)
    allocate(engine, world, closed, world.grace)
    assert "Grace Obi" not in str(people(engine, world, meeting))
    for page in ("invite", "attendance"):
        assert "Grace Obi," not in read(sign_in(world.priya), f"/meetings/{meeting}/{page}")
    for verb in (invitations.invite, meetings.record_attendance):
        with pytest.raises(NotFound):
            act_as(engine, world.priya, world.area_id, verb, meeting, [world.grace.id, world.amina.id, world.tom.id])


def test_an_invitation_opens_nothing_to_whoever_allocated_the_plans(
    engine: Engine, world: World, sign_in: SignIn, closed: ClosedRound, meeting: str
) -> None:
    also_auditor(engine, world, world.grace, world.agencies["education"])
    invited = [world.grace.id, world.helen.id, world.amina.id, world.tom.id]
    act_as(engine, world.priya, world.area_id, invitations.invite, meeting, invited)
    grace = sign_in(world.grace)
    room = f"/meetings/{meeting}/room"
    assert grace.get(room).status_code == grace.get(f"{room}/agenda.pdf").status_code == 200
    allocate(engine, world, closed, world.grace)
    begin(engine, world, meeting)
    for answer in (grace.get(room), grace.get(f"{room}/agenda.pdf"), grace.post(f"{room}/join")):
        assert answer.status_code == 404
    assert not [seat for seat in rows(engine, Attendance) if seat.account_id == world.grace.id and seat.arrived_at]


def test_whoever_chaired_or_came_knows_the_cases_that_were_reached(engine: Engine, world: World, minutes: str) -> None:
    met = {(row.account_id, row.case_id) for row in rows(engine, CaseMet)}
    cases = {row.id for row in rows(engine, ChildCase)}
    there = (world.priya, world.helen, world.amina, world.tom)
    assert met == {(person.id, case) for person in there for case in cases}


def test_a_disabled_account_is_offered_no_seat_and_makes_no_quorum(
    engine: Engine, world: World, sign_in: SignIn, closed: ClosedRound, meeting: str
) -> None:
    begin(engine, world, meeting)
    found = item(engine, closed, "NF-1", "E01")
    act_as(engine, world.priya, world.area_id, ballots.take_step, meeting, found.id, Step.VOTING)
    act_as(engine, world.sam, world.area_id, disable_account, world.tom.id)
    seats = people(engine, world, meeting)
    assert [kind.value for kind in seats.missing] == ["care"] and seats.here == 2
    assert "Tom Evans" not in read(sign_in(world.priya), f"/meetings/{meeting}/attendance")
    for person in (world.helen, world.amina):
        act_as(engine, person, world.area_id, ballots.cast, meeting, found.id, "2")
    assert item(engine, closed, "NF-1", "E01").step is Step.REVEALED, "nobody waits for somebody who cannot sign in"
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed)])
    assert [made.quorate for made in rows(engine, AgreedRating)] == [False]
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    assert sum(agency.came for agency in people(engine, world, meeting).agencies) == 3, "that they were there stays on record"
