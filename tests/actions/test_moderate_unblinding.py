"""Names behind A, B and C: asked for by a lead, approved by a second person, seen by nobody else, for two weeks."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.allocate.rules import RoundState
from moderation.instants import frozen
from moderation.ledger import OPERATOR, EventRow, Via, transaction
from moderation.moderate import ballots, meetings, unblinding
from moderation.moderate.agendas import put_on_agenda
from moderation.moderate.decisions import decide_item
from moderation.moderate.item_states import item_state
from moderation.moderate.queries_attend import attend_page
from moderation.moderate.states import UnblindingState
from moderation.moderate.steps import Step
from moderation.moderate.tables import Unblinding
from moderation.moderate.unblinding import UnblindingView
from moderation.people.tables import Membership
from moderation.post import Outbox
from moderation.words import InvalidInput, NotFound, Refused, Role, StaleWrite
from tests.actions.test_moderate_meetings import TERMS, agreed, cell, item
from tests.build import Person, World, WorldBuilt, a_world, act_as, also_auditor
from tests.build_moderation import ClosedRound, a_closed_round, a_routed_round
from tests.conftest import SignIn

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
WHY = "A tribunal has asked who judged section F."


PLANS = {"NF-1": {"E01": (1, 3, 3), "B01": (0, 1, 1)}, "NF-2": {"E01": (1, 3, 3)}}

pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def asked(engine: Engine, world: World, closed: ClosedRound) -> str:
    with frozen(NOW):
        return ask(engine, world, closed)


def ask(engine: Engine, world: World, closed: ClosedRound, reason: str = WHY) -> str:
    given = (closed.id, next(iter(closed.plans.values())), reason, "http://127.0.0.1/unblinding/{}")
    found: str = act_as(engine, world.grace, world.area_id, unblinding.ask, *given)
    return found


def answer(
    engine: Engine, world: World, asked: str, person: Person, approves: bool = True, reason: str = "", version: int = 1
) -> None:
    act_as(engine, person, world.area_id, unblinding.answer, asked, version, approves, reason)


def seen(engine: Engine, world: World, asked: str, person: Person, at: datetime = NOW) -> UnblindingView:
    with Session(engine) as session:
        return unblinding.request(session, world.area_id, asked, person.id, at)


def test_after_a_second_person_agrees_only_whoever_asked_sees_the_names(engine: Engine, world: World, asked: str) -> None:
    assert seen(engine, world, asked, world.grace).names == ()
    with frozen(NOW):
        answer(engine, world, asked, world.ruth)
    names = seen(engine, world, asked, world.grace).names
    assert sorted(one.letter for one in names) == ["A", "B", "C"]
    assert {(one.name, one.agency) for one in names} == {
        ("Helen Marsh", "Education"), ("Amina Yusuf", "Health"), ("Tom Evans", "Social care"),
    }  # fmt: skip
    assert seen(engine, world, asked, world.ruth).names == ()


def test_the_names_are_gone_after_two_weeks_and_a_request_nobody_answers_lapses(engine: Engine, world: World, asked: str) -> None:
    late = NOW + timedelta(days=unblinding.DAYS)
    assert seen(engine, world, asked, world.ruth, late).words == "Lapsed without an answer"
    with frozen(late), pytest.raises(Refused, match="not waiting"):
        answer(engine, world, asked, world.ruth)
    with frozen(NOW):
        answer(engine, world, asked, world.ruth)
    assert seen(engine, world, asked, world.grace, late - timedelta(seconds=1)).names
    assert seen(engine, world, asked, world.grace, late).names == ()


def test_nobody_approves_their_own_request_nor_one_about_themselves(engine: Engine, world: World, asked: str) -> None:
    for person in (world.grace, world.helen, world.priya, world.sam):
        with frozen(NOW), pytest.raises(Refused, match="Somebody else"):
            answer(engine, world, asked, person)
    assert not seen(engine, world, asked, world.grace).may_answer and seen(engine, world, asked, world.ruth).may_answer


def test_a_lead_who_rated_the_plan_is_no_second_person(engine: Engine, world: World) -> None:
    also_auditor(engine, world, world.ruth, next(iter(world.agencies.values())))
    people = dict(world.people) | {"ruth": replace(world.ruth, agency=world.helen.agency)}
    found = a_routed_round(engine, replace(world, people=people), {"NF-9": {"E01": (1, 3, 3)}}, ("ruth", "amina", "tom"))
    with frozen(NOW):
        mine = ask(engine, world, found)
        with pytest.raises(Refused, match="nobody who rated"):
            answer(engine, world, mine, world.ruth)


def test_a_refusal_needs_a_reason_and_shows_no_name(engine: Engine, world: World, asked: str) -> None:
    with frozen(NOW), pytest.raises(InvalidInput):
        answer(engine, world, asked, world.ruth, approves=False)
    with frozen(NOW):
        answer(engine, world, asked, world.ruth, approves=False, reason="The minutes are enough.")
    view = seen(engine, world, asked, world.grace)
    assert (view.state, view.answer, view.names) == (UnblindingState.REFUSED, "The minutes are enough.", ())
    with frozen(NOW), pytest.raises(Refused):
        answer(engine, world, asked, world.ruth)


def test_asking_needs_a_reason_and_a_closed_round_of_this_area(engine: Engine, world: World, closed: ClosedRound) -> None:
    with pytest.raises(InvalidInput):
        ask(engine, world, closed, " ")
    still_open = a_closed_round(engine, world, {"NF-9": {"E01": (1, 3, 3)}}, state=RoundState.OPEN)
    with pytest.raises(NotFound):
        act_as(engine, world.grace, world.area_id, unblinding.ask, still_open.id, still_open.plans["NF-9"], WHY, "{}")
    south = a_world(engine, "Southfield", "south.example")
    with pytest.raises(NotFound):
        act_as(engine, south.grace, south.area_id, unblinding.ask, closed.id, closed.plans["NF-1"], WHY, "{}")


def test_a_double_click_asks_once_and_an_old_page_cannot_answer(
    engine: Engine, world: World, closed: ClosedRound, asked: str
) -> None:
    with frozen(NOW):
        assert ask(engine, world, closed) == asked
        with pytest.raises(StaleWrite):
            answer(engine, world, asked, world.ruth, version=0)
    with Session(engine) as session:
        assert len(session.exec(select(Unblinding)).all()) == 1


def test_the_second_person_and_the_auditors_get_letters_and_the_ledger_has_every_step(
    engine: Engine, world: World, asked: str, sign_in: SignIn
) -> None:
    with frozen(NOW):
        answer(engine, world, asked, world.ruth)
    with Session(engine) as session:
        letters = {row.recipient: row for row in session.exec(select(Outbox))}
    assert letters.keys() == {world.ruth.email, world.helen.email, world.amina.email, world.tom.email}
    assert "Grace Obi" in letters[world.helen.email].body and "tribunal" not in "".join(row.body for row in letters.values())
    with frozen(NOW):
        page = sign_in(world.grace).get(f"/unblinding/{asked}")
    assert page.status_code == 200 and "Helen Marsh" in page.text
    with frozen(NOW):
        assert "Helen Marsh" not in sign_in(world.ruth).get(f"/unblinding/{asked}").text
    with Session(engine) as session:
        steps = [event.name for event in session.exec(select(EventRow).where(EventRow.subject == asked).order_by(EventRow.seq))]  # type: ignore[arg-type]
    assert steps == ["UnblindingAsked", "UnblindingAnswered", "NamesSeen"]


def test_the_pages_lead_from_asking_to_the_decision(engine: Engine, world: World, closed: ClosedRound, sign_in: SignIn) -> None:
    grace, ruth = sign_in(world.grace), sign_in(world.ruth)
    address = f"/disagreements/{closed.id}/unblinding"
    assert grace.post(address, data={"plan": "", "reason": ""}).status_code == 422
    assert grace.post(address, data={"plan": closed.plans["NF-1"], "reason": WHY}).status_code == 303
    listed = ruth.get("/unblinding").text
    assert "Waiting for a second person" in listed and "NF-1" in listed
    with Session(engine) as session:
        asked = session.exec(select(Unblinding.id)).one()
    assert (
        "Save decision" in ruth.get(f"/unblinding/{asked}").text and "Save decision" not in grace.get(f"/unblinding/{asked}").text
    )
    given = {"choice": "refuse", "reason": "", "version": "1"}
    assert ruth.post(f"/unblinding/{asked}", data=given).status_code == 422
    assert grace.post(f"/unblinding/{asked}", data=given | {"choice": "approve"}).status_code == 409
    assert ruth.post(f"/unblinding/{asked}", data=given | {"choice": "approve"}).status_code == 303
    assert "Auditor A" in grace.get(f"/unblinding/{asked}").text
    for person in (world.helen, world.priya, world.sam):
        assert sign_in(person).get(f"/unblinding/{asked}").status_code == 404


def also_moderator(engine: Engine, world: World, person: Person) -> None:
    also(engine, world, person, Role.MODERATOR)


def also(engine: Engine, world: World, person: Person, what: Role) -> None:
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        role = {"role": what, "starts_on": date(2024, 1, 1)}
        tx.session.add(Membership(area_id=world.area_id, account_id=person.id, **role))
        tx.record(WorldBuilt(world.area_id))


def test_whoever_may_see_the_names_of_a_plan_does_not_moderate_it(
    engine: Engine, world: World, closed: ClosedRound, asked: str, sign_in: SignIn
) -> None:
    also_moderator(engine, world, world.grace)
    meeting = act_as(engine, world.grace, world.area_id, meetings.create_meeting, closed.id, TERMS)
    act_as(engine, world.grace, world.area_id, put_on_agenda, meeting, [cell(engine, closed, "NF-1", "E01").id])
    act_as(engine, world.grace, world.area_id, meetings.begin, meeting, [world.helen.id, world.amina.id, world.tom.id])
    found = item(engine, closed, "NF-1", "E01")
    act_as(engine, world.grace, world.area_id, ballots.take_up, meeting, found.id)  # who only asks may still moderate
    with frozen(NOW):
        answer(engine, world, asked, world.ruth)
    for verb, *given in (
        (ballots.take_step, meeting, found.id, Step.VOTING),
        (decide_item, found.id, found.version, agreed(closed)),
    ):
        with pytest.raises(Refused, match="you may see who rated the plan"):
            act_as(engine, world.grace, world.area_id, verb, *given)
    chair = sign_in(world.grace)
    room = chair.get(f"/meetings/{meeting}/items/{found.id}").text
    assert "You may see who rated the plan" in room and "Auditor A" not in room
    assert "1 plan is left out of this list" in chair.get(f"/disagreements/{closed.id}").text
    act_as(engine, world.priya, world.area_id, decide_item, found.id, found.version, agreed(closed))
    act_as(engine, world.grace, world.area_id, meetings.conclude, meeting)
    with pytest.raises(Refused, match="may not moderate NF-1"):
        act_as(engine, world.grace, world.area_id, meetings.hand_over, held_by_priya(engine, world, closed), world.grace.id)


def test_the_only_moderator_of_a_plan_is_warned_before_the_names_are_shown_and_told_what_to_do_after(
    engine: Engine, world: World, closed: ClosedRound, sign_in: SignIn
) -> None:
    also(engine, world, world.priya, Role.LEAD)
    priya, ruth, listed = sign_in(world.priya), sign_in(world.ruth), f"/disagreements/{closed.id}"
    assert "You are the only moderator who can run meetings about plans NF-1 and NF-2" in priya.get(f"{listed}/unblinding").text
    assert "only moderator" not in sign_in(world.grace).get(f"{listed}/unblinding").text
    assert priya.post(f"{listed}/unblinding", data={"plan": closed.plans["NF-1"], "reason": WHY}).status_code == 303
    with Session(engine) as session:
        asked = f"/unblinding/{session.exec(select(Unblinding.id)).one()}"
    assert "Priya Nair is the only moderator who can run meetings about plan NF-1" in ruth.get(asked).text
    assert "No moderator is left" not in priya.get(listed).text
    assert ruth.post(asked, data={"choice": "approve", "reason": "", "version": "1"}).status_code == 303
    for page in (priya.get(listed).text, sign_in(world.grace).get(listed).text):
        assert "No moderator is left who may settle 1 plan." in page and "Ask your administrator for another moderator" in page
    also_moderator(engine, world, world.shirin)
    assert "No moderator is left" not in priya.get(listed).text
    assert "about plan NF-2" not in priya.get(f"{listed}/unblinding").text, "another moderator can"


def test_an_auditor_who_may_see_the_names_of_a_plan_is_out_of_its_items(
    engine: Engine, world: World, closed: ClosedRound, asked: str
) -> None:
    also_auditor(engine, world, world.grace, next(iter(world.agencies.values())))
    meeting = held_by_priya(engine, world, closed)
    act_as(engine, world.priya, world.area_id, put_on_agenda, meeting, [cell(engine, closed, "NF-2", "E01").id])
    act_as(engine, world.priya, world.area_id, meetings.begin, meeting, [world.helen.id, world.grace.id])
    with frozen(NOW):
        answer(engine, world, asked, world.ruth)
    theirs, other = item(engine, closed, "NF-1", "B01"), item(engine, closed, "NF-2", "E01")
    for found, voters in ((theirs, 1), (other, 2)):
        act_as(engine, world.priya, world.area_id, ballots.take_step, meeting, found.id, Step.VOTING)
        with Session(engine) as session:
            now = item_state(session, world.area_id, meeting, world.grace.id, found.id)
            page = attend_page(session, world.area_id, meeting, world.grace.id)
        assert now and now.voters == voters and now.i_vote is (found is other)
        assert (page.cell is not None) is (found is other)
    with pytest.raises(NotFound):
        act_as(engine, world.grace, world.area_id, ballots.cast, meeting, theirs.id, "1")
    assert act_as(engine, world.helen, world.area_id, ballots.cast, meeting, theirs.id, "1"), "nobody waits for her"


def held_by_priya(engine: Engine, world: World, closed: ClosedRound) -> str:
    """A meeting about another question of the same plan."""
    planned: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    act_as(engine, world.priya, world.area_id, put_on_agenda, planned, [cell(engine, closed, "NF-1", "B01").id])
    return planned


def test_a_refusal_after_somebody_else_has_answered_still_has_its_reason(
    engine: Engine, world: World, asked: str, sign_in: SignIn
) -> None:
    with frozen(NOW):
        answer(engine, world, asked, world.ruth)
        given = {"choice": "refuse", "reason": "The tribunal did not ask for names.", "version": "1"}
        late = sign_in(world.ruth).post(f"/unblinding/{asked}", data=given)
    assert late.status_code == 409 and "not waiting for an answer any more" in late.text
    assert "The tribunal did not ask for names." in late.text
