"""A parent-carer representative in a meeting: invited, there, without identities and without a vote. And the agenda on paper."""

import io
from datetime import date

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.allocate.actions import mark_published
from moderation.ledger import OPERATOR, Via, transaction
from moderation.moderate import ballots, decisions, invitations, lessons, meetings, minutes
from moderation.moderate.decisions import WantedAction
from moderation.moderate.meeting_rules import ActionKind
from moderation.moderate.question_decisions import PlanDecision, QuestionDecision, decide_question
from moderation.moderate.question_tables import MeetingQuestion
from moderation.moderate.questions import put_question
from moderation.moderate.states import Basis
from moderation.moderate.steps import Step
from moderation.moderate.tables import Lesson
from moderation.people.tables import Membership
from moderation.words import NotFound, Role
from tests.actions.test_moderate_meetings import TERMS, agreed, cell, item, list_all, rows
from tests.build import Person, World, WorldBuilt, act_as
from tests.build_moderation import ClosedRound, a_routed_round
from tests.conftest import SignIn

PLANS = {"NF-1": {"E01": (1, 3, 3, 3, 3), "O01": (2, 3, 3, 3, 3)}, "NF-2": {"E01": (2, 3, 3, 3, 3)}}
RATERS = ("helen", "robert", "amina", "jana", "tom")


@pytest.fixture
def olive(engine: Engine, world: World) -> Person:
    """Ruth, who is asked to observe."""
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        row = Membership(area_id=world.area_id, account_id=world.ruth.id, role=Role.OBSERVER, starts_on=date(2024, 1, 1))
        tx.session.add(row)
        tx.record(WorldBuilt(world.area_id))
    return world.ruth


pytestmark = pytest.mark.scene(a_routed_round, PLANS, RATERS)


@pytest.fixture
def meeting(engine: Engine, world: World, closed: ClosedRound, olive: Person) -> str:
    planned: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    list_all(engine, world, planned)
    people = [world.helen.id, world.amina.id, world.tom.id, olive.id]
    assert act_as(engine, world.priya, world.area_id, invitations.invite, planned, people) == (4, 0)
    return planned


def text(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return answer.text


def paper(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.mimetype == "application/pdf", answer.text
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages).split())


def test_an_observer_sees_ratings_without_identities_and_does_not_vote(
    engine: Engine, world: World, sign_in: SignIn, meeting: str, closed: ClosedRound, olive: Person
) -> None:
    room, watching, helen = f"/meetings/{meeting}/room", sign_in(olive), sign_in(world.helen)
    present = [world.helen.id, world.amina.id, world.tom.id, olive.id]
    act_as(engine, world.priya, world.area_id, meetings.begin, meeting, present)
    found = item(engine, closed, "NF-1", "E01")
    act_as(engine, world.priya, world.area_id, ballots.take_step, meeting, found.id, Step.VOTING)
    page = text(watching, room)
    assert "Auditor A" in page and "Observers do not vote" in page and "0 of 3 have voted" in page
    assert "Observers do not see which agency" in page and "can vote on this plan" not in page
    mine = text(watching, "/my-meetings")
    assert "do not vote" in mine and "You vote" not in mine
    assert not any(word in page for word in ("NF-1", "Helen", "(Education)", "app-agency--", 'name="answer"'))
    assert watching.post(f"{room}/vote", data={"item": found.id, "answer": "2"}).status_code == 404
    with pytest.raises(NotFound):
        act_as(engine, olive, world.area_id, ballots.cast, meeting, found.id, "2")
    for person in (world.helen, world.amina, world.tom):
        act_as(engine, person, world.area_id, ballots.cast, meeting, found.id, "3")
    made = agreed(closed, value=3)
    act_as(engine, world.priya, world.area_id, decisions.decide_item, found.id, found.version, made)
    shown, hidden = text(helen, room), text(watching, room)
    assert "app-agency--" not in shown, "the letters are the same on O01 of this plan, on which the meeting may still vote"
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed, key="O01", value=3)])
    shown, hidden = text(helen, room), text(watching, room)
    assert "app-agency--" not in shown, "the meeting can still vote again on what it decided"
    assert "Agreed: Good" in hidden and "app-agency--" not in hidden and "NF-1" not in hidden


def test_an_observer_of_a_question_sees_its_plans_without_identities_on_the_page_and_on_paper(
    engine: Engine, world: World, sign_in: SignIn, closed: ClosedRound, olive: Person
) -> None:
    planned = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    both = [cell(engine, closed, reference, "E01").id for reference in ("NF-1", "NF-2")]
    act_as(engine, world.priya, world.area_id, put_question, planned, both)
    present = [world.helen.id, world.amina.id, world.tom.id, olive.id]
    act_as(engine, world.priya, world.area_id, invitations.invite, planned, present)
    watching, room = sign_in(olive), f"/meetings/{planned}/room"
    pack = paper(watching, f"{room}/agenda.pdf")
    assert "Plan 1" in pack and "Plan 2" in pack and "Evidence 1 of E01" in pack
    act_as(engine, world.priya, world.area_id, meetings.begin, planned, present)
    found = item(engine, closed, "NF-1", "E01")
    seen = []
    for step in (None, Step.DISCUSSION, Step.VOTING):
        if step:
            act_as(engine, world.priya, world.area_id, ballots.take_step, planned, found.id, step)
        else:
            act_as(engine, world.priya, world.area_id, ballots.take_up, planned, found.id)
        seen.append(text(watching, room))
    for person in (world.helen, world.amina, world.tom):
        answers = dict.fromkeys(both, "3")
        act_as(engine, person, world.area_id, ballots.cast_all, planned, found.id, answers)
    seen.append(text(watching, room))
    plans = {key: PlanDecision(3, None, Basis.UNANIMOUS) for key in both}
    made = QuestionDecision(plans, "Two of four outcomes have no measure.")
    act_as(engine, world.priya, world.area_id, decide_question, found.id, rows(engine, MeetingQuestion)[0].version, made)
    seen.append(text(watching, room))
    assert all("Plan 1" in page and "Plan 2" in page and "on 2 plans" in page for page in seen)
    assert "Agreed: Good" in seen[-1] and "app-agency--" not in text(sign_in(world.helen), room)
    secrets = ("NF-", "Helen", "Amina", "Tom Evans", "(Education)", "A, education", "app-agency--", 'name="answer', "room/plan")
    for page in (*seen, pack):
        assert [word for word in secrets if word in page] == []


def test_an_observer_who_knows_the_family_is_out_of_the_item(
    engine: Engine, world: World, sign_in: SignIn, meeting: str, closed: ClosedRound, olive: Person
) -> None:
    grace = sign_in(world.grace)
    given = {"auditor": olive.id, "kind": "case", "target": "NF-1", "reason": "Knows the family"}
    assert "Ruth Adeyemi, observer" in text(grace, "/conflicts/new")
    assert grace.post("/conflicts/new", data=given).status_code == 303
    act_as(engine, world.priya, world.area_id, meetings.begin, meeting, [world.helen.id, olive.id])
    found = item(engine, closed, "NF-1", "E01")
    act_as(engine, world.priya, world.area_id, ballots.take_up, meeting, found.id)
    page = text(sign_in(olive), f"/meetings/{meeting}/room")
    assert "You are out of this item" in page and "Auditor A" not in page
    assert "You are out of this item" in paper(sign_in(olive), f"/meetings/{meeting}/room/agenda.pdf")


def test_an_observer_makes_no_quorum(engine: Engine, world: World, sign_in: SignIn, meeting: str, olive: Person) -> None:
    act_as(engine, world.priya, world.area_id, meetings.begin, meeting, [olive.id])
    page = text(sign_in(world.priya), f"/meetings/{meeting}")
    assert "Nobody from education, health or social care is here" in page and "Observers" in page and "1 here" in page


def test_published_minutes_are_for_those_who_were_there(
    engine: Engine, world: World, sign_in: SignIn, meeting: str, closed: ClosedRound, olive: Person
) -> None:
    url = f"/meetings/{meeting}/room/minutes"
    act_as(engine, world.priya, world.area_id, meetings.begin, meeting, [world.helen.id, world.amina.id, olive.id])
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed)])
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    act_as(engine, world.priya, world.area_id, minutes.approve_minutes, meeting, 0)
    assert sign_in(world.helen).get(url).status_code == 404
    act_as(engine, world.grace, world.area_id, minutes.publish_minutes, meeting)
    assert "(education)" not in text(sign_in(world.helen), url), "decided without a quorum, and O01 is not decided"
    act_as(engine, world.grace, world.area_id, mark_published, closed.id)
    helen, watching = text(sign_in(world.helen), url), text(sign_in(olive), url)
    assert "NF-1" in helen and "(education)" in helen and "Observers, who do not vote" in helen
    assert "Two of four outcomes" in watching and "NF-1" not in watching and "(education)" not in watching
    for stranger in (world.tom, world.robert):  # invited and not there; not invited
        assert sign_in(stranger).get(url).status_code == 404


def test_an_observer_does_not_read_who_differed_or_who_sees_to_an_action(
    engine: Engine, world: World, sign_in: SignIn, meeting: str, closed: ClosedRound, olive: Person
) -> None:
    room = f"/meetings/{meeting}/room"
    act_as(engine, world.priya, world.area_id, meetings.begin, meeting, [world.helen.id, world.tom.id, olive.id])
    action = WantedAction(ActionKind.AMEND, "Amend E2.", "Amina Khan", date(2027, 1, 29))
    made = agreed(closed, dissent="The dates are clear.", dissenter="Robert Hale", action=action)
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [made])
    assert not any(name in paper(sign_in(olive), f"{room}/agenda.pdf") for name in ("Robert Hale", "Amina Khan"))
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    act_as(engine, world.priya, world.area_id, minutes.approve_minutes, meeting, 0)
    act_as(engine, world.grace, world.area_id, minutes.publish_minutes, meeting)
    helen, watching = text(sign_in(world.helen), f"{room}/minutes"), text(sign_in(olive), f"{room}/minutes")
    assert "Robert Hale: The dates are clear." in helen and helen.count("Amina Khan") == 2
    assert "Robert Hale" not in watching and "Amina Khan" not in watching
    assert "One member: The dates are clear." in watching and watching.count("Somebody whom the meeting named") == 2
    assert sign_in(olive).get(f"/meetings/{meeting}/minutes.pdf").status_code == 404


def test_why_a_lesson_was_declined_is_read_by_those_who_were_there_and_have_no_conflict_with_the_plan(
    engine: Engine, world: World, sign_in: SignIn, meeting: str, closed: ClosedRound, olive: Person
) -> None:
    url = f"/meetings/{meeting}/room/minutes"
    act_as(engine, world.priya, world.area_id, meetings.begin, meeting, [world.helen.id, olive.id])
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed, lesson="Say how many.")])
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    act_as(engine, world.priya, world.area_id, minutes.approve_minutes, meeting, 0)
    act_as(engine, world.grace, world.area_id, minutes.publish_minutes, meeting)
    assert "Waiting for a decision" in text(sign_in(world.helen), url)
    with Session(engine) as session:
        lesson = session.exec(select(Lesson)).one()
    act_as(engine, world.grace, world.area_id, lessons.decline, lesson.id, lesson.version, "The guidance says it on page 3.")
    for reader, address in ((world.helen, url), (olive, url), (world.priya, f"/meetings/{meeting}/minutes")):
        page = text(sign_in(reader), address)
        assert "Declined" in page and "The guidance says it on page 3." in page
    given = {"auditor": olive.id, "kind": "case", "target": "NF-1", "reason": "Knows the family"}
    assert sign_in(world.grace).post("/conflicts/new", data=given).status_code == 303
    assert "page 3" not in text(sign_in(olive), url)


def test_the_agenda_pack_has_no_names_and_agencies_of_three_only(
    engine: Engine, world: World, sign_in: SignIn, meeting: str, olive: Person
) -> None:
    url = f"/meetings/{meeting}/room/agenda.pdf"
    chair = paper(sign_in(world.priya), f"/meetings/{meeting}/agenda.pdf")
    helen, watching = paper(sign_in(world.helen), url), paper(sign_in(olive), url)
    assert "NF-1" in helen and "Evidence 1 of E01" in helen and "Requires improvement" in helen
    assert "NF-1" not in watching and "Evidence 1 of E01" in watching
    for words in (chair, helen, watching):
        assert not any(name in words for name in ("Helen", "Amina", "Tom Evans", "A, education", "drawn at random"))
    assert sign_in(world.robert).get(url).status_code == 404
    act_as(engine, world.priya, world.area_id, meetings.cancel_meeting, meeting)
    assert sign_in(world.helen).get(url).status_code == 404
