"""The lead's pages of rounds: what they show, what they refuse, and what they never show."""

import json
import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.allocate import actions, conflicts, drawing, pairs, queries
from moderation.allocate.conflicts import NewConflict
from moderation.allocate.rules import ConflictWith, RoundState
from moderation.allocate.tables import Allocation, Conflict, Round, RoundPlan
from moderation.instants import frozen, now, today
from moderation.post import Outbox
from tests.build import Person, World, a_framework_version, a_round, act_as, allocations_of, an_open_round, some_plans
from tests.conftest import SignIn


def text(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, response.text
    return re.sub(r"\s+", " ", response.text)


def the_round(engine: Engine, round_id: str) -> Round:
    with Session(engine) as session:
        return session.exec(select(Round).where(Round.id == round_id)).one()


def a_date(name: str, day: date) -> dict[str, str]:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def test_a_lead_sets_a_round_up_and_opens_it_with_forms_alone(engine: Engine, world: World, sign_in: SignIn) -> None:
    framework, lead = a_framework_version(engine, world), sign_in(world.grace)
    some_plans(engine, world, 6)
    assert "There are no rounds yet" in text(lead, "/rounds")
    dates = a_date("opens_on", today()) | a_date("closes_on", today() + timedelta(days=14))
    created = lead.post("/rounds/new", data={"name": "Autumn", "framework_version_id": framework, "version": "0"} | dates)
    path = created.headers["Location"]
    assert created.status_code == 303
    assert "Cannot start yet" in text(lead, path)
    assert "First say which agencies rate" in text(lead, f"{path}/auditors")
    numbers = {f"n_{agency}": "1" for agency in world.agencies.values()}
    nobody = lead.post(f"{path}/agencies", data=dict.fromkeys(numbers, "0") | {"version": "1"})
    assert nobody.status_code == 422 and any(f'id="{name}-error"' in nobody.text for name in numbers)
    assert lead.post(f"{path}/agencies", data=numbers | {"version": "1"}).status_code == 303
    capacities = {f"n_{person.id}": "4" for person in world.auditors()}
    nobody = lead.post(f"{path}/auditors", data=dict.fromkeys(capacities, "") | {"version": "2"})
    assert nobody.status_code == 422 and f"n_{world.helen.id}-error" in nobody.text
    assert nobody.text.count("Enter how many plans at least one auditor can take") == 2  # in the summary and beside the field
    assert lead.post(f"{path}/auditors", data=capacities | {"version": "2"}).status_code == 303
    assert lead.post(f"{path}/sample", data={"size": "6", "stratify_by": ["phase", "team"], "version": "3"}).status_code == 303
    drawn = text(lead, f"{path}/sample")
    assert "6 plans drawn" in drawn and f'href="{path}"' in drawn and "Continue" in drawn
    assert "Draw the allocation" in text(lead, f"{path}/allocation")
    assert lead.post(f"{path}/allocation/draw", data={"version": "4"}).status_code == 303
    page = text(lead, f"{path}/allocation")
    assert "18 of 18 places are filled and no conflict is broken." in page and "Open the round" in page
    assert lead.post(f"{path}/open", data={"version": "5"}).status_code == 303
    assert "0 of 18 score sheets are in" in text(lead, f"{path}/progress")
    assert the_round(engine, path.rpartition("/")[2]).state is RoundState.OPEN


def test_what_is_wrong_with_a_new_round_is_said_beside_the_fields(engine: Engine, world: World, sign_in: SignIn) -> None:
    framework = a_framework_version(engine, world)
    same_day = a_date("opens_on", today()) | a_date("closes_on", today())
    response = sign_in(world.grace).post("/rounds/new", data={"name": "Autumn", "framework_version_id": framework} | same_day)
    assert response.status_code == 422 and "The closing date must be after the opening date" in response.text


def test_a_round_cannot_be_drawn_larger_than_its_population(engine: Engine, world: World, sign_in: SignIn) -> None:
    found = a_round(engine, world, plans=3)
    response = sign_in(world.grace).post(f"/rounds/{found}/sample", data={"size": "9", "version": "4"})
    assert response.status_code == 422 and "only 3 plans qualify" in response.text


def test_before_the_draw_the_lead_is_told_how_sure_the_figures_will_be(engine: Engine, world: World, sign_in: SignIn) -> None:
    path, lead = f"/rounds/{a_round(engine, world, plans=3)}/sample", sign_in(world.grace)
    assert "With 3 auditors and 3 plans the interval will be about" in text(lead, path)
    asked = text(lead, f"{path}?plans=40&auditors=3&expected=5")
    assert "With 3 auditors and 40 plans the interval will be about 0.4 wide." in asked
    assert re.search(r"about 0\.3</th>\s*<td[^>]*>62<", asked)
    more = text(lead, f"{path}?plans=70&auditors=3&expected=5")
    assert "With 3 auditors and 70 plans the interval will be about 0.3 wide." in more
    wrong = lead.get(f"{path}?plans=1&auditors=many&expected=5")
    assert wrong.status_code == 422 and "Plans must be between 2 and 10,000" in wrong.text
    assert "must be a whole number" in wrong.text and "will be about" not in wrong.text


@pytest.mark.parametrize("page", ["", "/terms", "/agencies", "/auditors", "/sample", "/allocation", "/abandon", "/auditors/add"])
def test_the_pages_of_setting_up_answer(engine: Engine, world: World, sign_in: SignIn, page: str) -> None:
    found = a_round(engine, world)
    assert "Round 1" in text(sign_in(world.grace), f"/rounds/{found}{page}")


DRAFT = [
    "/allocation",
    "/allocation/draw",
    "/allocation/plans",
    "/allocation/receipt",
    "/allocation.csv",
    "/allocation/load.csv",
    "/allocation/pairs.csv",
]


@pytest.mark.parametrize("page", DRAFT)
def test_the_pages_of_a_draft_answer_the_lead_and_nobody_else(engine: Engine, world: World, sign_in: SignIn, page: str) -> None:
    found = a_round(engine, world)
    act_as(engine, world.grace, world.area_id, drawing.allocate, found, 4)
    text(sign_in(world.grace), f"/rounds/{found}{page}")
    for other in (world.helen, world.priya, world.ruth, world.sam):
        text(sign_in(other), f"/rounds/{found}{page}", 404)


OPEN = [
    "/progress",
    "/progress.csv",
    "/plans",
    "/moves",
    "/closing-date",
    "/close",
    "/abandon",
    "/auditors/add",
    "/allocation",
    "/allocation/receipt",
]


@pytest.mark.parametrize("page", OPEN)
def test_the_pages_of_an_open_round_answer_the_lead_and_nobody_else(
    engine: Engine, world: World, sign_in: SignIn, page: str
) -> None:
    found = an_open_round(engine, world)
    text(sign_in(world.grace), f"/rounds/{found}{page}")
    for other in (world.helen, world.priya, world.ruth, world.sam):
        text(sign_in(other), f"/rounds/{found}{page}", 404)


def test_a_short_draft_names_the_culprits_and_the_changes_that_would_help(engine: Engine, world: World, sign_in: SignIn) -> None:
    found = a_round(engine, world, plans=4, capacity=4)
    for reference in ("P001", "P002"):
        new = NewConflict(world.jana.id, ConflictWith.CASE, reference, "wrote the advice")
        act_as(engine, world.grace, world.area_id, conflicts.record_conflict, new)
    lead = sign_in(world.grace)
    lead.post(
        f"/rounds/{found}/auditors",
        data={f"n_{person.id}": "1" if person is world.amina else "4" for person in world.auditors()} | {"version": "4"},
    )
    lead.post(f"/rounds/{found}/allocation/draw", data={"version": "5"})
    page = text(lead, f"/rounds/{found}/allocation")
    assert "1 place of Health cannot be filled" in page
    assert "Only Amina Yusuf can rate P001 and P002, and has room for 1: <strong>2 places needed, 1 to be had</strong>" in page
    assert "Let Amina Yusuf take 1 more plan (2 instead of 1)" in page
    assert "Clear Jana Novak&#39;s conflict with P001 (wrote the advice)" in page
    assert "Open with 1 empty" in page
    refused = lead.post(f"/rounds/{found}/open", data={"version": "6"})
    assert refused.status_code == 422 and "Confirm that the round opens with 1 of 12 places empty" in refused.text
    assert lead.post(f"/rounds/{found}/open", data={"version": "6", "confirm": "yes"}).status_code == 303


def test_plans_that_nobody_may_rate_stand_in_one_box(engine: Engine, world: World, sign_in: SignIn) -> None:
    found = a_round(engine, world, plans=4, capacity=4)
    for reference in ("P001", "P002", "P003"):
        for person in (world.jana, world.amina):
            new = NewConflict(person.id, ConflictWith.CASE, reference, "wrote the advice")
            act_as(engine, world.grace, world.area_id, conflicts.record_conflict, new)
    lead = sign_in(world.grace)
    lead.post(f"/rounds/{found}/allocation/draw", data={"version": "4"})
    page = text(lead, f"/rounds/{found}/allocation")
    assert page.count('class="app-shortfall"') == 1 and "3 places of Health cannot be filled" in page
    assert "Nobody can rate P001, P002 and P003: <strong>3 places needed, 0 to be had</strong>" in page
    assert "Each of these would fill one place, the last two all of them:" in page
    assert page.count("conflict with P00") == 6 and "Leave 3 of these plans out" in page


def test_pairs_that_recur_are_said_beside_the_draw(
    engine: Engine, world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs, "STANDING", 2)
    first = an_open_round(engine, world, plans=4)
    for person in world.auditors():
        for mine in allocations_of(engine, first, person):
            act_as(engine, person, world.area_id, actions.mark_started, mine)
            act_as(engine, person, world.area_id, actions.mark_submitted, mine)
    second = a_round(engine, world, plans=4, prefix="Q", framework=the_round(engine, first).framework_version_id)
    act_as(engine, world.grace, world.area_id, drawing.allocate, second, 4)
    page = text(sign_in(world.grace), f"/rounds/{second}/allocation")
    assert re.search(r"Counting earlier rounds, (one pair recurs|\d+ pairs share 2 plans or more)", page)


def test_an_old_page_cannot_open_a_round(engine: Engine, world: World, sign_in: SignIn) -> None:
    found = a_round(engine, world)
    act_as(engine, world.grace, world.area_id, drawing.allocate, found, 4)
    response = sign_in(world.grace).post(f"/rounds/{found}/open", data={"version": "4"})
    assert response.status_code == 409 and the_round(engine, found).state is RoundState.ALLOCATED


def test_a_lead_exchanges_two_auditors_of_a_draft(engine: Engine, world: World, sign_in: SignIn) -> None:
    found = a_round(engine, world)
    act_as(engine, world.grace, world.area_id, drawing.allocate, found, 4)
    lead = sign_in(world.grace)
    path = re.findall(r'href="(/rounds/[^"]+/swap/[^"]+)"', text(lead, f"/rounds/{found}/allocation/plans"))[0]
    option = re.findall(r'<option value="([^":]+:[^"]+)"', text(lead, path))[0]
    assert lead.post(path, data={"other": option, "seen": option, "reason": "Lives far away", "version": "5"}).status_code == 303
    assert "1 exchange made by hand" in text(lead, f"/rounds/{found}/allocation")


def test_conflicts_are_recorded_and_cleared_by_somebody_else(engine: Engine, world: World, sign_in: SignIn) -> None:
    lead = sign_in(world.grace)
    form = {"auditor": world.helen.id, "kind": "team", "target": "Team 1", "reason": "managed it"}
    assert lead.post("/conflicts/new", data=form).status_code == 303
    assert "managed it" in text(lead, "/conflicts")
    with Session(engine) as session:
        conflict = session.exec(select(Conflict)).one()
    assert lead.post(f"/conflicts/{conflict.id}/clear").status_code == 303
    assert "No conflict is recorded" in text(lead, "/conflicts")
    wrong = lead.post("/conflicts/new", data=form | {"kind": "case", "target": "P999"})
    assert wrong.status_code == 422 and "reference of a plan in the register" in wrong.text


def test_progress_counts_sheets_and_reminds_those_behind(engine: Engine, world: World, sign_in: SignIn) -> None:
    with frozen(now() - timedelta(days=9)):
        found = an_open_round(engine, world, closes=today() + timedelta(days=14))
    lead = sign_in(world.grace)
    page = text(lead, f"/rounds/{found}/progress")
    assert "6 auditors are behind" in page and "Remind 6 auditors" in page
    assert "not those of hidden plans" in page, "an auditor's own list can have more"
    assert lead.post(f"/rounds/{found}/remind").status_code == 303
    with Session(engine) as session:
        reminders = [letter for letter in session.exec(select(Outbox)) if letter.key.startswith("reminder:")]
    assert len(reminders) == 6
    assert "Remind 6" not in text(lead, f"/rounds/{found}/progress")


def test_a_lead_who_rates_sees_dates_and_their_own_list_only(engine: Engine, world: World, sign_in: SignIn) -> None:
    from tests.build import also_auditor

    also_auditor(engine, world, world.grace, world.agencies["care"])
    found = an_open_round(engine, world, plans=6)
    lead = sign_in(world.grace)
    page = text(lead, f"/rounds/{found}/progress")
    assert "its progress stays hidden from you" in page and "score sheets are in" not in page
    for hidden in ("/progress.csv", "/plans", "/moves", f"/moves/late/{world.tom.id}"):
        text(lead, f"/rounds/{found}{hidden}", 409)
    before = lead.get(f"/rounds/{found}/progress").data
    mine = allocations_of(engine, found, world.helen)[0]
    act_as(engine, world.helen, world.area_id, actions.mark_started, mine)
    act_as(engine, world.helen, world.area_id, actions.mark_submitted, mine)
    assert re.sub(rb'value="[^"]{60,}"', b"", lead.get(f"/rounds/{found}/progress").data) == re.sub(
        rb'value="[^"]{60,}"', b"", before
    )


def test_a_round_is_closed_before_its_date_and_then_shows_no_bars(engine: Engine, world: World, sign_in: SignIn) -> None:
    found, lead = an_open_round(engine, world), sign_in(world.grace)
    asked = text(lead, f"/rounds/{found}/close")
    assert "18 sheets are not submitted: 0 begun, 18 not begun" in asked and "see whose they are and remind them" in asked
    for _ in range(2):
        assert lead.post(f"/rounds/{found}/close", data={"version": "6"}).status_code == 303
    assert lead.get(f"/rounds/{found}/close").status_code == 303, "asks whether to close a round that is closed"
    page = text(lead, f"/rounds/{found}/progress")
    assert "18 sheets were not submitted in time" in page and '<svg class="app-chart' not in page


def test_a_plan_is_withdrawn_with_a_reason(engine: Engine, world: World, sign_in: SignIn) -> None:
    found, lead = an_open_round(engine, world), sign_in(world.grace)
    with Session(engine) as session:
        plan = session.exec(select(RoundPlan).where(RoundPlan.round_id == found)).first()
    assert plan is not None
    path = f"/rounds/{found}/plans/{plan.id}/withdraw"
    assert lead.post(path, data={"reason": ""}).status_code == 422
    assert lead.post(path, data={"reason": "A name was left in"}).status_code == 303
    assert "was withdrawn: A name was left in." in text(lead, f"/rounds/{found}/progress")
    assert "0 of 15 score sheets" in text(lead, f"/rounds/{found}/progress")


def test_a_closing_date_moves(engine: Engine, world: World, sign_in: SignIn) -> None:
    found, later = an_open_round(engine, world), today() + timedelta(days=40)
    lead = sign_in(world.grace)
    assert lead.post(f"/rounds/{found}/closing-date", data=a_date("closes_on", later) | {"version": "6"}).status_code == 303
    assert the_round(engine, found).closes_on == later
    past = lead.post(f"/rounds/{found}/closing-date", data=a_date("closes_on", today() - timedelta(days=1)) | {"version": "7"})
    assert past.status_code == 422


def test_another_areas_rounds_answer_like_missing_ones(engine: Engine, world: World, sign_in: SignIn) -> None:
    from tests.build import a_world

    found, elsewhere = an_open_round(engine, world), a_world(engine, "Southfield", "southfield.example")
    stranger = sign_in(elsewhere.grace)
    for page in ("", "/progress", "/allocation", "/plans", "/terms", "/moves"):
        assert stranger.get(f"/rounds/{found}{page}").data == stranger.get(f"/rounds/{'x' * 22}{page}").data


def test_no_page_of_a_round_says_what_kind_a_plan_is(engine: Engine, world: World, sign_in: SignIn) -> None:
    found, lead = an_open_round(engine, world), sign_in(world.grace)
    for page in ("/progress", "/plans", "/allocation", "/allocation/receipt", "/progress.csv", "/allocation/load.csv"):
        assert "seed" not in lead.get(f"/rounds/{found}{page}").text.lower()


def test_names_of_views_hold_no_kind(engine: Engine, world: World) -> None:
    assert not {field for field in queries.PlanLine.__dataclass_fields__ if "kind" in field}


def test_the_receipt_is_given_out_after_publication_and_stands(engine: Engine, world: World, sign_in: SignIn) -> None:
    from moderation.allocate.receipt import verify_receipt

    found, lead = an_open_round(engine, world), sign_in(world.grace)
    file = f"/rounds/{found}/allocation/receipt/1.json"
    text(lead, file, 404)
    act_as(engine, None, world.area_id, actions.mark_closed, found)
    act_as(engine, None, world.area_id, actions.mark_published, found)
    page = text(lead, f"/rounds/{found}/allocation/receipt")
    raw = lead.get(file).data
    assert file in page and (key := json.loads(raw)["public_key"]) in page
    assert verify_receipt(raw, key) == []
    assert verify_receipt(raw.replace(b'"number":1', b'"number":2'))


def test_a_lead_fills_an_empty_place_after_seeing_what_would_change(engine: Engine, world: World, sign_in: SignIn) -> None:
    found, lead = an_open_round(engine, world), sign_in(world.grace)
    act_as(engine, world.helen, world.area_id, actions.decline, allocations_of(engine, found, world.helen)[0], "knows the family")
    assert "1 place has no auditor" in text(lead, f"/rounds/{found}/progress")
    page = text(lead, f"/rounds/{found}/moves")
    assert "1 plan would change hands" in page
    shown = re.findall(r'name="shown" value="([^"]+)"', page)[0]
    assert lead.post(f"/rounds/{found}/moves/repair", data={"shown": "something else"}).status_code == 409
    assert lead.post(f"/rounds/{found}/moves/repair", data={"shown": shown}).status_code == 303
    assert "Nothing has to move" in text(lead, f"/rounds/{found}/moves")
    assert "Helen Marsh declined" in text(lead, f"/rounds/{found}/progress")


def test_a_lead_marks_an_auditor_as_away_and_back(engine: Engine, world: World, sign_in: SignIn) -> None:
    found, lead = an_open_round(engine, world), sign_in(world.grace)
    path = f"/rounds/{found}/auditors/{world.tom.id}"
    assert lead.post(f"{path}/away", data=a_date("absent_from", today())).status_code == 303
    assert "3 plans would change hands" in text(lead, f"/rounds/{found}/moves")
    assert lead.post(f"{path}/back").status_code == 303
    assert "Nothing has to move" in text(lead, f"/rounds/{found}/moves")


def test_what_somebody_late_has_not_started_goes_to_others_once_the_lead_has_seen_it(
    engine: Engine, world: World, sign_in: SignIn
) -> None:
    found, lead = an_open_round(engine, world), sign_in(world.grace)
    started, *_ = allocations_of(engine, found, world.tom)
    act_as(engine, world.tom, world.area_id, actions.mark_started, started)
    path = f"/rounds/{found}/moves/late/{world.tom.id}"
    page = text(lead, path)
    assert "2 plans of Tom Evans can go to others." in page and "Started work stays" in page
    shown = re.findall(r'name="shown" value="([^"]+)"', page)[0]
    assert lead.post(path, data={"shown": shown}).status_code == 303
    assert lead.post(path, data={"shown": shown}).status_code == 409  # a double click moves nothing twice
    assert "Nobody else can take what Tom Evans has not started" in text(lead, path)
    assert len(standing(engine, found, world.tom)) == 1 and "Nothing has to move" in text(lead, f"/rounds/{found}/moves")


def test_what_nobody_else_has_room_for_stays_with_somebody_late(engine: Engine, world: World, sign_in: SignIn) -> None:
    found, lead = an_open_round(engine, world, capacity=4), sign_in(world.grace)
    path = f"/rounds/{found}/moves/late/{world.tom.id}"
    page = text(lead, path)
    assert "1 plan of Tom Evans can go to others." in page and "<strong>nobody</strong>" not in page
    lead.post(path, data={"shown": re.findall(r'name="shown" value="([^"]+)"', page)[0]})
    assert len(standing(engine, found, world.tom)) == 2 and "Nothing has to move" in text(lead, f"/rounds/{found}/moves")


def standing(engine: Engine, round_id: str, person: Person) -> list[str]:
    with Session(engine) as session:
        return [one.id for one in session.exec(select(Allocation).where(
            Allocation.round_id == round_id, Allocation.account_id == person.id, Allocation.ended_as == None,  # noqa: E711
        ))]  # fmt: skip


def test_a_lead_exchanges_two_auditors_of_an_open_round(engine: Engine, world: World, sign_in: SignIn) -> None:
    found, lead = an_open_round(engine, world), sign_in(world.grace)
    path = re.findall(r'href="(/rounds/[^"]+/moves/swap/[^"]+)"', text(lead, f"/rounds/{found}/plans"))[0]
    option = re.findall(r'<option value="([^":]+:[^"]+)"', text(lead, path))[0]
    assert lead.post(path, data={"other": option, "seen": option, "reason": "Lives far away"}).status_code == 303


def test_the_way_back_from_an_exchange_leads_to_a_page(engine: Engine, world: World, sign_in: SignIn) -> None:
    found, lead = an_open_round(engine, world), sign_in(world.grace)
    plan, auditor = re.findall(rf"/rounds/{found}/moves/swap/([\w-]+)/([\w-]+)", text(lead, f"/rounds/{found}/plans"))[0]
    page = text(lead, f"/rounds/{found}/moves/swap/{plan}/{auditor}")
    back = re.search(r'href="([^"]+)">Cancel</a>', page)
    assert back and "plans" in text(lead, back.group(1))
