"""The pages of moderation: who sees what, what can be done, and that a meeting can be held from beginning to end."""

import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.allocate.actions import mark_published
from moderation.allocate.events import PlansAllocated
from moderation.allocate.rules import RoundState
from moderation.moderate import actions
from moderation.moderate.tables import AgreedRating, Disagreement, Meeting, MeetingItem
from moderation.people.tables import Membership
from moderation.score.actions import withdraw_sheets
from moderation.words import Role
from tests.build import World, WorldBuilt, a_world, act_as
from tests.build_moderation import ClosedRound, a_closed_round, a_routed_round
from tests.conftest import SignIn
from tests.pages.test_track import text_of

PLANS = {
    "NF-1": {"B01": (0, 1, 1), "E01": (1, 3, 3), "O01": (2, 3, 3)},
    "NF-2": {"B01": (1, 1, 1), "E01": (2, 3, 3), "O01": (3, 3, 3), "D01": (3, None, "not_applicable")},
    "NF-3": {"B01": (1, 1, 1), "E01": (3, 3, 3), "O01": (3, 3, 3)},
    "NF-4": {"B01": (1, 1, 1), "E01": (2, 3, 2), "O01": (3, 3, 3)},
}
NAMES = ("Helen Marsh", "Amina Yusuf", "Tom Evans")


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def priya(sign_in: SignIn, world: World, closed: ClosedRound) -> FlaskClient:
    return sign_in(world.priya)


@pytest.fixture
def grace(sign_in: SignIn, world: World, closed: ClosedRound) -> FlaskClient:
    return sign_in(world.grace)


def body(client: FlaskClient, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.text
    return answer.text


def ids(engine: Engine, key: str | None = None) -> list[str]:
    with Session(engine) as session:
        rows = sorted(session.exec(select(Disagreement)), key=lambda row: -row.stake)
        return [row.id for row in rows if key in (None, row.criterion_key)]


def plan_meeting(client: FlaskClient, engine: Engine, closed: ClosedRound) -> str:
    terms = {
        "title": "Moderation meeting 1", "date-day": "26", "date-month": "11", "date-year": "2026", "time": "10am", "minutes": "90",
        "minutes_per_item": "6", "place": "Room 4", "disagreement": ",".join(ids(engine)),
    }  # fmt: skip
    answer = client.post(f"/disagreements/{closed.id}/new-meeting", data=terms)
    assert answer.status_code == 303, answer.text
    return str(answer.location).rsplit("/", 1)[-1]


def items(engine: Engine, meeting_id: str) -> list[MeetingItem]:
    with Session(engine) as session:
        chosen = select(MeetingItem).where(MeetingItem.meeting_id == meeting_id).order_by(MeetingItem.position)  # type: ignore[arg-type]
        return list(session.exec(chosen))


def start(client: FlaskClient, world: World, meeting_id: str, *names: str) -> str:
    here = [world.people[name].id for name in names or ("helen", "amina", "tom")]
    answer = client.post(f"/meetings/{meeting_id}/attendance", data={"present": here})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


DECISION = {"rating": "2", "basis": "majority", "reason": "Two of four have no measure.", "dissent": "none"}


def test_a_moderator_sees_what_is_at_stake_without_any_name(priya: FlaskClient, closed: ClosedRound) -> None:
    page = body(priya, f"/disagreements/{closed.id}")
    assert "Changes the overall grade" in page and "NF-1" in page and "Statutory and critical" in page
    assert not any(name in page for name in NAMES)


def test_a_moderator_is_not_told_that_a_round_hides_plans(priya: FlaskClient, closed: ClosedRound) -> None:
    assert all("idden plan" not in body(priya, page) for page in (f"/disagreements/{closed.id}", "/disagreements", "/meetings"))


def test_agencies_with_fewer_than_three_auditors_are_not_named_before_the_decision(priya: FlaskClient, closed: ClosedRound) -> None:
    page = body(priya, f"/disagreements/{closed.id}")
    strips = "".join(re.findall(r'<span class="app-strip.*?</span>\n', page, re.DOTALL))
    assert "app-dot--hidden" in strips and "app-agency" not in strips
    assert "Auditor A: " in page and "(Education)" not in page


def test_agencies_with_three_auditors_are_named(engine: Engine, world: World, sign_in: SignIn) -> None:
    raters = ("helen", "robert", "amina")
    ruth = a_routed_round(engine, world, {"NF-8": {"E01": (1, 3, 3)}}, raters=raters)
    page = body(sign_in(world.priya), f"/disagreements/{ruth.id}")
    assert "(Education)" not in page and "(Health)" not in page


def test_the_list_by_criterion_and_the_filter(priya: FlaskClient, closed: ClosedRound) -> None:
    groups = body(priya, f"/disagreements/{closed.id}?view=criterion")
    assert "Auditors differ on 3 plans" in groups
    only = body(priya, f"/disagreements/{closed.id}?criterion=B01")
    assert "NF-1" in only and "SMART" not in only.split("app-queue")[-1]
    assert "No disagreement is settled yet" in body(priya, f"/disagreements/{closed.id}?view=settled")
    assert body(priya, f"/disagreements/{closed.id}?page=99&view=nonsense&criterion=%FF")


def test_the_lead_sees_counts_and_never_a_rating(grace: FlaskClient, closed: ClosedRound, engine: Engine) -> None:
    page = body(grace, f"/disagreements/{closed.id}")
    assert "No time is booked ahead" in page  # a meeting may be in session
    assert "not settled yet" in page and "NF-1" not in page and "Evidence" not in page
    assert "Hidden plans are counted here" in page, "the sample has fewer plans than these counts are of"
    assert body(grace, f"/disagreements/{closed.id}/{ids(engine)[0]}", 404)


@pytest.mark.parametrize("path", ["", "/new-meeting", "/publish", "/defer-rest"])
def test_before_closing_a_round_is_missing_for_everybody(engine: Engine, world: World, sign_in: SignIn, path: str) -> None:
    still_open = a_closed_round(engine, world, {"NF-9": {"E01": (1, 3, 3)}}, state=RoundState.OPEN)
    for person in (world.priya, world.grace):
        client = sign_in(person)
        foreign = client.get(f"/disagreements/{still_open.id}{path}")
        missing = client.get(f"/disagreements/nothing-here{path}")
        assert foreign.status_code == missing.status_code == 404
        assert foreign.data == missing.data


def test_auditors_and_others_have_no_page_of_moderation(sign_in: SignIn, world: World, closed: ClosedRound) -> None:
    for person in (world.helen, world.ruth, world.sam):
        client = sign_in(person)
        for url in ("/disagreements", f"/disagreements/{closed.id}", "/meetings", "/lessons"):
            assert client.get(url).status_code == 404


def test_the_list_of_rounds_says_how_many_disagreements_were_withdrawn(
    priya: FlaskClient, closed: ClosedRound, engine: Engine, world: World
) -> None:
    assert "withdrawn" not in body(priya, "/disagreements")
    act_as(engine, world.grace, world.area_id, withdraw_sheets, closed.plans["NF-1"])
    gone = act_as(engine, None, world.area_id, actions.withdraw_lapsed, closed.id)
    assert gone and f"{len(ids(engine))}, {gone} withdrawn" in body(priya, "/disagreements")


def test_nothing_ticked_is_said_beside_the_list(priya: FlaskClient, closed: ClosedRound) -> None:
    answer = priya.post(f"/disagreements/{closed.id}/add", data={"meeting": ""})
    assert answer.status_code == 422 and "Choose one disagreement or more" in answer.text


def test_what_is_ticked_goes_on_to_a_new_meeting(priya: FlaskClient, closed: ClosedRound, engine: Engine) -> None:
    chosen = ids(engine)[:2]
    answer = priya.post(f"/disagreements/{closed.id}/add", data={"meeting": "", "disagreement": ",".join(chosen)})
    assert answer.status_code == 303, "a page that one can come back to"
    form = priya.get(answer.location).text
    assert f'value="{chosen[0]},{chosen[1]}"' in form and "2 disagreements will be on its agenda" in form


def test_more_than_an_address_holds_goes_on_to_a_new_meeting_too(priya: FlaskClient, closed: ClosedRound, engine: Engine) -> None:
    answer = priya.post(f"/disagreements/{closed.id}/add", data={"meeting": "", "disagreement": ",".join(ids(engine)[:1] * 150)})
    assert answer.status_code == 200 and "150 disagreements will be on its agenda" in answer.text


def test_a_meeting_form_says_everything_that_is_wrong(priya: FlaskClient, closed: ClosedRound) -> None:
    answer = priya.post(
        f"/disagreements/{closed.id}/new-meeting", data={"title": "", "time": "late", "minutes": "1", "minutes_per_item": ""}
    )
    assert answer.status_code == 422
    for words in ("Enter a title", "must be a time", "must be between 5 and 600", "Enter how long an item", "Enter the date"):
        assert words in answer.text


def test_the_agenda_shows_london_times_and_moves_items(priya: FlaskClient, closed: ClosedRound, engine: Engine) -> None:
    meeting_id = plan_meeting(priya, engine, closed)
    page = body(priya, f"/meetings/{meeting_id}")
    assert "10am to 11:30am" in page and "10:05am" in page and "Room 4" in page
    first, second, *_ = items(engine, meeting_id)
    answer = priya.post(f"/meetings/{meeting_id}/items/{first.id}/move", data={"step": "down"})
    assert answer.status_code == 303 and str(answer.location).endswith("?moved=2&by=down")
    assert [row.id for row in items(engine, meeting_id)][:2] == [second.id, first.id]
    assert "is now item 2" in body(priya, str(answer.location))


def test_the_minutes_of_one_item_are_set_on_the_agenda(priya: FlaskClient, closed: ClosedRound, engine: Engine) -> None:
    meeting_id = plan_meeting(priya, engine, closed)
    first = items(engine, meeting_id)[0]
    address = f"/meetings/{meeting_id}/items/{first.id}/minutes"
    assert priya.post(address, data={"version": first.version, "minutes": "10"}).status_code == 303
    page = body(priya, f"/meetings/{meeting_id}")
    assert 'name="minutes" inputmode="numeric" value="10"' in page and "10:15am" in page
    wrong = priya.post(address, data={"version": first.version + 1, "minutes": "ages"})
    assert (
        wrong.status_code == 422
        and 'href="#minutes"' in wrong.text
        and 'id="minutes"' in wrong.text
        and 'value="ages"' in wrong.text
    )
    assert wrong.text.count("Minutes must be a whole number") == 2


def test_adding_to_a_planned_meeting_and_taking_off(priya: FlaskClient, closed: ClosedRound, engine: Engine) -> None:
    meeting_id = plan_meeting(priya, engine, closed)
    item = items(engine, meeting_id)[0]
    priya.post(f"/meetings/{meeting_id}/items/{item.id}/take-off")
    count = len(items(engine, meeting_id))
    answer = priya.post(f"/disagreements/{closed.id}/add", data={"meeting": meeting_id, "disagreement": item.disagreement_id})
    assert answer.status_code == 303 and len(items(engine, meeting_id)) == count + 1


def test_the_room_shows_evidence_by_letter_and_descriptors(
    priya: FlaskClient, closed: ClosedRound, engine: Engine, world: World
) -> None:
    meeting_id = plan_meeting(priya, engine, closed)
    page = body(priya, start(priya, world, meeting_id))
    assert "Auditor A" in page and "Auditor C" in page and re.search(r"Evidence \d of (E01|B01|O01)", page)
    assert "3 people here" in page and "Quorum met" in page
    assert not any(name in page for name in NAMES)


def test_a_decision_needs_a_rating_a_reason_and_how(priya: FlaskClient, closed: ClosedRound, engine: Engine, world: World) -> None:
    meeting_id = plan_meeting(priya, engine, closed)
    url = start(priya, world, meeting_id)
    answer = priya.post(url, data={"dissent": "named", "version": "1"})
    assert answer.status_code == 422
    for words in (
        "Choose the agreed rating",
        "Enter the reason",
        "Choose how it was decided",
        "dissenting member said",
        "Enter the name",
    ):
        assert words in answer.text


FOLDED = re.compile(r'<details class="govuk-details app-folded"( open)?>.*?summary-text">([^<]+)<', re.S)
NO_DISSENT_NO_ACTION = {"dissent": "none", "action": "none", "version": "1"}


@pytest.mark.parametrize(
    ("typed", "folded", "words"),
    [
        ({}, [("", "Dissent (optional)"), ("", "Action on the plan (optional)")], "Enter the reason"),
        (
            {"dissent_text": "It is good."},
            [(" open", "Dissent (optional)"), ("", "Action on the plan (optional)")],
            "Choose how the dissent is recorded, or take out what you wrote",
        ),
        (
            {"action_due-day": "29"},
            [("", "Dissent (optional)"), (" open", "Action on the plan (optional)")],
            "The date must include a month",
        ),
        (
            {"action_owner": "SEND team manager"},
            [("", "Dissent (optional)"), (" open", "Action on the plan (optional)")],
            "Choose what has to happen to the plan, or take out what you wrote",
        ),
        (
            {"dissent": "unnamed", "action": "amend"},
            [(" open", "Dissent (optional)"), (" open", "Action on the plan (optional)")],
            "Enter who sees to it",
        ),
    ],
)
def test_dissent_and_action_are_folded_until_something_is_in_them(
    priya: FlaskClient,
    closed: ClosedRound,
    engine: Engine,
    world: World,
    typed: dict[str, str],
    folded: list[tuple[str, str]],
    words: str,
) -> None:
    """What is typed without its choice is never dropped in silence: it stays, unfolded, with a message."""
    url = start(priya, world, plan_meeting(priya, engine, closed))
    assert FOLDED.findall(body(priya, url)) == [("", "Dissent (optional)"), ("", "Action on the plan (optional)")]
    answer = priya.post(url, data=NO_DISSENT_NO_ACTION | typed)
    assert answer.status_code == 422 and words in answer.text
    assert FOLDED.findall(answer.text) == folded
    priya.post(f"{url}/draft", data=typed | {"draft_version": "0"})
    page = body(priya, url)
    assert FOLDED.findall(page) == [("" if typed.get("action_due-day") else was, name) for was, name in folded]


def test_a_meeting_is_held_concluded_and_minuted(
    priya: FlaskClient, grace: FlaskClient, closed: ClosedRound, engine: Engine, world: World
) -> None:
    meeting_id = plan_meeting(priya, engine, closed)
    start(priya, world, meeting_id)
    for item in items(engine, meeting_id)[:2]:
        given = DECISION | {
            "rating": "1",
            "version": "1",
            "lesson": "Say how many.",
            "dissent": "unnamed",
            "dissent_text": "It is good.",
        }
        answer = priya.post(f"/meetings/{meeting_id}/items/{item.id}", data=given)
        assert answer.status_code == 303, answer.text
    third = items(engine, meeting_id)[2]
    answer = priya.post(
        f"/meetings/{meeting_id}/items/{third.id}/defer", data={"deferred_reason": "Timetable missing.", "version": "1"}
    )
    assert answer.status_code == 303
    assert body(grace, f"/meetings/{meeting_id}/minutes", 404)
    assert priya.post(f"/meetings/{meeting_id}/conclude").status_code == 303
    for reader in (priya, grace):
        page = body(reader, f"/meetings/{meeting_id}/minutes")
        assert "2 agreed ratings" in page and "Two of four have no measure." in page and "One member, name not recorded" in page
        assert "Timetable missing.<" in page and "Not reached" in page and "Say how many." in page
        assert not any(name in page for name in NAMES)
        assert "No item had a vote" in page and "the first figure" not in page, "there is none"
    act_as(engine, world.grace, world.area_id, mark_published, closed.id)
    for reader in (priya, grace):
        page = body(reader, f"/meetings/{meeting_id}/minutes")
        assert ("(education)" in page) is (reader is priya), "a lead knows who had which plan: an agency would be a name"
    assert "Say how many." in body(grace, "/lessons")


def test_what_is_not_decided_shows_no_rating_in_the_minutes(
    priya: FlaskClient, grace: FlaskClient, closed: ClosedRound, engine: Engine, world: World
) -> None:
    meeting_id = plan_meeting(priya, engine, closed)
    start(priya, world, meeting_id)
    priya.post(f"/meetings/{meeting_id}/conclude")
    page = body(grace, f"/meetings/{meeting_id}/minutes")
    assert "Auditor A" not in page and "app-compare" not in page


def test_the_second_of_two_decisions_is_shown_both_texts(
    priya: FlaskClient, closed: ClosedRound, engine: Engine, world: World
) -> None:
    meeting_id = plan_meeting(priya, engine, closed)
    url = start(priya, world, meeting_id)
    priya.post(url, data=DECISION | {"rating": "2", "version": "1", "reason": "The first reason."})
    answer = priya.post(url, data=DECISION | {"rating": "3", "version": "1", "reason": "The second reason."})
    assert answer.status_code == 409
    assert "The first reason." in answer.text and "The second reason." in answer.text


def test_a_meeting_without_quorum_says_so(priya: FlaskClient, closed: ClosedRound, engine: Engine, world: World) -> None:
    meeting_id = plan_meeting(priya, engine, closed)
    page = body(priya, start(priya, world, meeting_id, "helen"))
    assert "No quorum" in page and "Nobody from health or social care is here" in page


def test_a_lead_sees_who_is_in_a_meeting_and_how_many_items(
    grace: FlaskClient, priya: FlaskClient, closed: ClosedRound, engine: Engine
) -> None:
    meeting_id = plan_meeting(priya, engine, closed)
    page = body(grace, f"/meetings/{meeting_id}")
    assert "Helen Marsh" in page and "7 items" in page and "NF-1" not in page
    assert "Moderation meeting 1" in body(grace, "/meetings")
    item = items(engine, meeting_id)[0]
    assert grace.get(f"/meetings/{meeting_id}/items/{item.id}").status_code == 404
    assert grace.post(f"/meetings/{meeting_id}/conclude").status_code == 404


def test_a_moderator_who_scored_some_plans_does_not_see_them(
    engine: Engine, world: World, sign_in: SignIn, closed: ClosedRound
) -> None:
    make_moderator(engine, world, world.helen.id)
    client = sign_in(world.helen)
    page = body(client, f"/disagreements/{closed.id}")
    assert "4 plans are left out of this list" in page and "NF-1" not in page
    assert client.get(f"/disagreements/{closed.id}/{ids(engine)[0]}").status_code == 404


def test_whoever_allocated_the_plans_sees_counts_even_as_a_moderator(
    engine: Engine, world: World, sign_in: SignIn, closed: ClosedRound
) -> None:
    def allocated(tx) -> None:  # type: ignore[no-untyped-def]
        tx.record(PlansAllocated(closed.id, "draw", 1, "commitment"))

    make_moderator(engine, world, world.grace.id)
    assert "NF-1" in body(sign_in(world.grace), f"/disagreements/{closed.id}")
    act_as(engine, world.grace, world.area_id, allocated)
    page = body(sign_in(world.grace), f"/disagreements/{closed.id}")
    assert "You drew or allocated the plans of this round" in page and "NF-1" not in page
    assert sign_in(world.grace).get(f"/disagreements/{closed.id}/{ids(engine)[0]}").status_code == 404


def make_moderator(engine: Engine, world: World, account_id: str) -> None:
    def give(tx) -> None:  # type: ignore[no-untyped-def]
        tx.session.add(Membership(area_id=world.area_id, account_id=account_id, role=Role.MODERATOR, starts_on=date(2024, 1, 1)))
        tx.record(WorldBuilt(world.area_id))

    act_as(engine, None, world.area_id, give)


def test_a_round_is_published_when_nothing_is_open(
    priya: FlaskClient, grace: FlaskClient, closed: ClosedRound, engine: Engine
) -> None:
    assert "7 disagreements are neither decided nor deferred" in body(grace, f"/disagreements/{closed.id}")
    refused = grace.post(f"/disagreements/{closed.id}/publish")
    assert refused.status_code == 409 and "neither decided nor deferred" in refused.text
    rest = body(priya, f"/disagreements/{closed.id}/defer-rest")
    assert "Defer 7 disagreements" in rest and "the lower of the two in the middle" in rest
    assert priya.post(f"/disagreements/{closed.id}/defer-rest").status_code == 303
    left = text_of(body(priya, f"/disagreements/{closed.id}"))
    assert "0 not settled yet could change the overall grade" in left and "0 not settled yet are on a statutory" in left
    assert "13 fit into 90 minutes" in left, "as many as filling takes"
    page = body(grace, f"/disagreements/{closed.id}/publish")
    assert "Publish the round" in page and "the lower of the two in the middle" in page
    assert grace.post(f"/disagreements/{closed.id}/publish").status_code == 303
    published = body(grace, f"/disagreements/{closed.id}")
    assert "The round is published." in published
    assert f"/agreement?round={closed.id}" in published and f"/quality?round={closed.id}" in published
    with Session(engine) as session:
        assert session.exec(select(AgreedRating)).first() is not None


def test_a_cancelled_meeting_says_so(priya: FlaskClient, closed: ClosedRound, engine: Engine) -> None:
    meeting_id = plan_meeting(priya, engine, closed)
    assert "Cancel the meeting" in body(priya, f"/meetings/{meeting_id}/cancel")
    assert priya.post(f"/meetings/{meeting_id}/cancel").status_code == 303
    assert "Cancelled" in body(priya, f"/meetings/{meeting_id}")


def test_a_meeting_can_be_changed_until_it_starts(priya: FlaskClient, closed: ClosedRound, engine: Engine, world: World) -> None:
    meeting_id = plan_meeting(priya, engine, closed)
    form = body(priya, f"/meetings/{meeting_id}/change")
    assert 'value="10:00"' in form and 'value="26"' in form
    terms = {
        "title": "Later", "date-day": "3", "date-month": "12", "date-year": "2026", "time": "2pm",
        "minutes": "60", "minutes_per_item": "5",
        "version": re.search(r'name="version" value="(\d+)"', form)[1],  # type: ignore[index]
    }  # fmt: skip
    assert priya.post(f"/meetings/{meeting_id}/change", data=terms).status_code == 303
    with Session(engine) as session:
        assert session.exec(select(Meeting.title)).one() == "Later"
    assert priya.post(f"/meetings/{meeting_id}/change", data=terms | {"title": "Earlier"}).status_code == 409


def test_empty_pages_say_what_is_missing(engine: Engine, sign_in: SignIn) -> None:
    elsewhere = a_world(engine, "Westmere", "westmere.example")
    client = sign_in(elsewhere.priya)
    assert "No round is closed yet" in body(client, "/disagreements")
    assert "No meeting is planned yet" in body(client, "/meetings") and "Plan a meeting" in body(client, "/meetings")
    assert "Plan a meeting" not in body(sign_in(elsewhere.grace), "/meetings")
    assert "No lesson is waiting" in body(client, "/lessons")
