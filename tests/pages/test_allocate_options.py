"""The lead's pages for what most rounds leave alone, and the table of settings with what each leads to."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.allocate import actions, experts, ordering, setup
from moderation.allocate.drawing import drafted
from moderation.allocate.jobs import work_out_draws
from moderation.allocate.queries import auditor_lines
from moderation.allocate.receipt import verify_receipt
from moderation.allocate.rules import AuditorChoice, Options
from moderation.allocate.seeds import candidates
from moderation.allocate.tables import Draw, RoundPlan
from moderation.commands import main
from moderation.moderate.states import Basis
from moderation.moderate.tables import AgreedRating
from moderation.settings import Settings
from moderation.words import AgencyKind
from tests.actions.test_allocate_options import a_published_round, a_second_round, seeds_of, the_round
from tests.build import OPERATOR, Via, World, WorldBuilt, a_round, act_as, also_auditor, an_open_round, some_plans, transaction
from tests.conftest import SignIn


@pytest.fixture
def settings(sqlite_settings: Settings) -> Settings:
    return sqlite_settings


def text(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, response.text
    return re.sub(r"\s+", " ", response.text)


def known(engine: Engine, world: World) -> None:
    for person, need in ((world.helen, "SEMH"), (world.robert, "ASD")):
        act_as(engine, world.grace, world.area_id, experts.record_expertise, person.id, 0, [need], [])


def test_a_lead_records_what_an_auditor_knows_best(engine: Engine, world: World, sign_in: SignIn) -> None:
    lead = sign_in(world.grace)
    assert "Every plan suits them" in text(lead, "/expertise")
    path = f"/expertise/{world.helen.id}"
    assert lead.post(path, data={"needs": ["SEMH", "ASD"], "phases": ["Post-16"], "version": "0"}).status_code == 303
    page = text(lead, "/expertise")
    assert "Social, emotional and mental health; Post-16" in page
    assert len(re.findall(r'<input[^>]*value="(?:SEMH|ASD|Post-16)"[^>]*checked', text(lead, path))) == 3
    assert lead.post(path, data={"needs": ["nonsense"], "version": "1"}).status_code == 422


def test_a_lead_is_told_why_plans_cannot_be_drawn(engine: Engine, world: World, sign_in: SignIn) -> None:
    first = a_published_round(engine, world)
    found, lead = a_second_round(engine, world, first), sign_in(world.grace)
    path = f"/rounds/{found}/sample"
    some_plans(engine, world, 2, is_released=False, prefix="U")
    assert lead.post(f"{path}/exclude", data={"reference": "S001", "reason": "tribunal"}).status_code == 303
    page = text(lead, path)
    assert (
        "<strong>5 of 14 plans can be drawn.</strong>" in page and "6 were in recent rounds, where hidden plans come from" in page
    )
    assert "2 have no released audit pack yet" in page and "1 is excluded" in page and "earlier round:" not in page
    act_as(engine, world.grace, world.area_id, setup.choose_options, found, the_round(engine, found).version, Options(seed_plans=0))
    assert "6 were in an earlier round: tick the box below to let them be drawn again" in text(lead, path)
    again = {"size": "2", "again": "yes", "version": the_round(engine, found).version}
    assert lead.post(path, data=again).status_code == 303
    page = text(lead, path)
    assert "<strong>11 of 14 plans can be drawn.</strong>" in page and "earlier round:" not in page


def test_nobody_but_leads_sees_what_auditors_know_best(engine: Engine, world: World, sign_in: SignIn) -> None:
    for person in world.auditors():
        assert sign_in(person).get("/expertise").status_code == 404


def test_each_setting_stands_with_what_it_leads_to(engine: Engine, world: World, sign_in: SignIn) -> None:
    found, lead = a_round(engine, world), sign_in(world.grace)
    lead.post(f"/rounds/{found}/allocation/draw", data={"version": "4"})
    assert "Nothing is recorded of" in text(lead, f"/rounds/{found}/allocation")
    known(engine, world)
    lead.post(f"/rounds/{found}/allocation/draw", data={"version": "5", "reason": "expertise is recorded now"})
    page = text(lead, f"/rounds/{found}/allocation")
    assert len(re.findall(r'type="radio" value="\d" *(?:checked)?', page)) == 5
    assert re.search(r'value="3" checked aria-describedby="leads-3"', page)
    assert "Auditor knows that kind of need" in page


def test_another_setting_is_chosen_without_a_script(engine: Engine, world: World, sign_in: SignIn) -> None:
    found, lead = a_round(engine, world), sign_in(world.grace)
    known(engine, world)
    lead.post(f"/rounds/{found}/allocation/draw", data={"version": "4"})
    form = text(lead, f"/rounds/{found}/allocation/draw?weighing=1")
    assert re.search(r'value="1" *checked', form)
    assert lead.post(f"/rounds/{found}/allocation/draw?weighing=1", data={"weighing": "1", "version": "5"}).status_code == 422
    sent = {"weighing": "1", "reason": "a panel of specialists", "version": "5"}
    assert lead.post(f"/rounds/{found}/allocation/draw", data=sent).status_code == 303
    assert "1. Expertise only (drawn)" in text(lead, f"/rounds/{found}/allocation")
    assert text(lead, f"/rounds/{found}/allocation/draw?weighing=99").count("checked") == 1


def test_the_options_of_a_round_are_chosen_and_said(engine: Engine, world: World, sign_in: SignIn) -> None:
    found, lead = a_round(engine, world), sign_in(world.grace)
    assert "No plan scored twice, 1 hidden plan where there can be" in text(lead, f"/rounds/{found}")
    path, sent = f"/rounds/{found}/options", {"double_share": "50", "seed_plans": "0", "repairs_itself": "yes", "version": "4"}
    assert lead.post(path, data=sent | {"double_share": "101"}).status_code == 422
    assert lead.post(path, data=sent).status_code == 303
    assert "50 in 100 plans scored twice, no hidden plan, plans that come back move by themselves" in text(lead, f"/rounds/{found}")
    lead.post(f"/rounds/{found}/allocation/draw", data={"version": "5"})
    page = text(lead, f"/rounds/{found}/allocation")
    assert "27 of 27 places are filled" in page and "9 plans are scored twice within an agency" in page
    assert "nobody yet" not in text(lead, f"/rounds/{found}/allocation/plans")


def test_the_working_time_of_part_timers_is_asked_and_kept(engine: Engine, world: World, sign_in: SignIn) -> None:
    found, lead = a_round(engine, world), sign_in(world.grace)
    lead.post(f"/rounds/{found}/allocation/draw", data={"version": "4"})
    path = f"/rounds/{found}/auditors"
    with Session(engine) as session:
        lines = [line for line in auditor_lines(session, world.area_id, found) if line.capacity is not None]
    sent = {f"n_{line.account_id}": str(line.capacity) for line in lines} | {"version": "5"}
    wrong = lead.post(path, data=sent | {f"part_{world.helen.id}": "0"})
    assert wrong.status_code == 422 and "% of full time must be between 1 and 100" in wrong.text
    assert lead.post(path, data=sent | {f"part_{world.helen.id}": "60"}).status_code == 303
    assert '<details class="govuk-details" open>' in wrong.text
    assert f'name="part_{world.helen.id}"' in (page := lead.get(path).text) and 'value="60"' in page
    assert "Since this draw the working time of Helen" in text(lead, f"/rounds/{found}/allocation")


def test_what_is_weak_about_a_draft_is_said_with_names(engine: Engine, world: World, sign_in: SignIn) -> None:
    found, lead = a_round(engine, world, plans=40, capacity=40), sign_in(world.grace)
    lead.post(f"/rounds/{found}/allocation/draw", data={"version": "4"})
    page = text(lead, f"/rounds/{found}/allocation")
    assert re.search(r"meet on \d+ plans: P\d+", page)
    assert "are compared through other agencies only" in page
    assert "half a grade" in page


def test_a_round_can_be_told_to_repair_itself_while_it_is_open(engine: Engine, world: World, sign_in: SignIn) -> None:
    found, lead = an_open_round(engine, world), sign_in(world.grace)
    assert "They wait until you make the change above" in text(lead, f"/rounds/{found}/moves")
    assert lead.post(f"/rounds/{found}/moves/by-itself", data={"wanted": "yes"}).status_code == 303
    assert "Every morning they are given to somebody else" in text(lead, f"/rounds/{found}/moves")
    assert the_round(engine, found).repairs_itself


def test_the_number_of_plans_from_a_group_can_be_fixed(engine: Engine, world: World, sign_in: SignIn) -> None:
    found, lead = a_round(engine, world, plans=5), sign_in(world.grace)
    some_plans(engine, world, 20, prefix="Q")
    sent = {"size": "10", "stratify_by": ["primary_need"], "version": "4"}
    lead.post(f"/rounds/{found}/sample", data=sent)
    page = text(lead, f"/rounds/{found}/sample")
    assert "Fix how many plans come from a group" in page
    strata = the_round(engine, found).sample["strata"]
    most = max(range(len(strata)), key=lambda index: strata[index][1])
    assert lead.post(f"/rounds/{found}/sample", data=sent | {"version": "5", f"quota_{most}": "99"}).status_code == 422
    assert lead.post(f"/rounds/{found}/sample", data=sent | {"version": "5", f"quota_{most}": "1"}).status_code == 303
    assert the_round(engine, found).sample["strata"][most][2] == 1
    assert re.search(rf'name="quota_{most}"[^>]*value="1"', text(lead, f"/rounds/{found}/sample"))


def test_a_large_draw_says_that_it_is_being_worked_out(
    engine: Engine, world: World, sign_in: SignIn, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "AT_ONCE", 5)
    found, lead = a_round(engine, world), sign_in(world.grace)
    assert lead.post(f"/rounds/{found}/allocation/draw", data={"version": "4"}).status_code == 303
    page = text(lead, f"/rounds/{found}/allocation")
    assert "is being worked out" in page and "See if it is ready" in page and 'hx-trigger="every 5s"' in page
    work_out_draws(engine, settings)
    assert "18 of 18 places are filled" in text(lead, f"/rounds/{found}/allocation")


def test_a_large_draw_that_failed_says_why(
    engine: Engine, world: World, sign_in: SignIn, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "AT_ONCE", 5)
    found, lead = a_round(engine, world), sign_in(world.grace)
    lead.post(f"/rounds/{found}/allocation/draw", data={"version": "4"})
    lead.post(f"/rounds/{found}/options", data={"double_share": "0", "seed_plans": "0", "version": "4"})
    work_out_draws(engine, settings)
    page = text(lead, f"/rounds/{found}/allocation")
    assert "could not be kept" in page and "Draw the allocation" in page


@pytest.mark.parametrize("opened", [False, True])
def test_an_exchange_says_what_it_does_to_the_design_before_it_is_made(
    engine: Engine, world: World, sign_in: SignIn, opened: bool
) -> None:
    found, lead = a_round(engine, world, plans=8, capacity=8), sign_in(world.grace)
    lead.post(f"/rounds/{found}/allocation/draw", data={"version": "4"})
    if opened:
        lead.post(f"/rounds/{found}/open", data={"version": "5"})
    with Session(engine) as session:
        (mine, *_) = [place for place in drafted(session.exec(select(Draw)).one()) if place.auditor == world.helen.id]
    path = f"/rounds/{found}/{'moves' if opened else 'allocation'}/swap/{mine.plan}/{world.helen.id}"
    option = re.findall(r'<option value="([^"]+:[^"]+)"', text(lead, path))[0]
    sent = {"other": option, "reason": "she knows the family", "version": str(the_round(engine, found).version)}
    other = re.findall(r'<option value="([^"]+:[^"]+)"', text(lead, path))[-1]
    assert lead.post(path, data=sent | {"seen": other}).status_code == 200  # another exchange was looked at
    looked = lead.post(path, data=sent)
    assert looked.status_code == 200 and "Nothing has been exchanged yet" in looked.text
    assert re.search(r"(With this exchange: [a-z]|This exchange changes nothing)", looked.text)
    assert f'name="seen" value="{option}"' in looked.text
    assert lead.post(path, data=sent | {"seen": option, "reason": ""}).status_code == 422
    assert lead.post(path, data=sent | {"seen": option}).status_code == 303
    assert "Every pair meets" in text(lead, f"/rounds/{found}/allocation") or opened


# --- seeds ------------------------------------------------------------------------------------------------------------------


def test_no_page_of_the_lead_names_or_counts_a_seed(engine: Engine, world: World, sign_in: SignIn) -> None:
    first, lead = a_published_round(engine, world), sign_in(world.grace)
    found = a_second_round(engine, world, first)
    lead.post(f"/rounds/{found}/sample", data={"size": "6", "version": "3"})
    (seed,) = seeds_of(engine, found)
    lead.post(f"/rounds/{found}/allocation/draw", data={"version": str(the_round(engine, found).version)})
    setting_up = [
        "",
        "/sample",
        "/allocation",
        "/allocation/plans",
        "/allocation.csv",
        "/allocation/load.csv",
        "/allocation/pairs.csv",
    ]
    pages = [text(lead, f"/rounds/{found}{page}") for page in setting_up]
    lead.post(f"/rounds/{found}/open", data={"version": str(the_round(engine, found).version)})
    pages += [text(lead, f"/rounds/{found}{page}") for page in ("/progress", "/plans", "/moves", "/allocation", "/progress.csv")]
    assert not [page for page in pages if seed in page or re.search(r"\bP0\d\d", page)]
    assert "0 of 18 score sheets are in" in pages[7]


def test_a_lead_who_does_not_rate_may_name_a_seed(engine: Engine, world: World, sign_in: SignIn) -> None:
    first, lead = a_published_round(engine, world), sign_in(world.grace)
    found = a_second_round(engine, world, first)
    path = f"/rounds/{found}/hidden-plan"
    assert "There is none to choose" in text(lead, path)  # published without any agreed rating
    assert "Name a hidden plan" in text(lead, f"/rounds/{found}/options")
    with Session(engine) as session:
        offered = candidates(session, world.area_id, found)
    assert len(offered) == 6
    agree(engine, world, first)
    page = text(lead, path)
    assert page.count("1 agreed rating, 0 decided in a meeting") == 6
    assert lead.post(path, data={"plan": offered[0].plan_version_id}).status_code == 303
    assert len(seeds_of(engine, found)) == 1
    assert lead.post(path, data={"plan": offered[0].plan_version_id}).status_code == 422


def agree(engine: Engine, world: World, round_id: str) -> None:
    """One rating of every plan of the round was agreed by the independent ratings."""
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        for plan in tx.session.exec(select(RoundPlan.id).where(RoundPlan.round_id == round_id)).all():
            tx.session.add(AgreedRating(
                area_id=world.area_id, round_id=round_id, round_plan_id=plan, criterion_key="A01", value=3,
                basis=Basis.NOT_DISCUSSED, decided_at=tx.now,
            ))  # fmt: skip
        tx.record(WorldBuilt(world.area_id))


def test_a_lead_who_rates_may_not_name_a_seed(engine: Engine, world: World, sign_in: SignIn) -> None:
    first = a_published_round(engine, world)
    found = a_second_round(engine, world, first)
    education = world.agencies[AgencyKind.EDUCATION]
    also_auditor(engine, world, world.grace, education)
    act_as(engine, world.grace, world.area_id, setup.add_auditor, found, AuditorChoice(world.grace.id, education, 3))
    assert sign_in(world.grace).get(f"/rounds/{found}/hidden-plan").status_code == 409


# --- the receipt ------------------------------------------------------------------------------------------------------------


def test_the_receipt_of_a_draw_with_everything_in_it_stands(engine: Engine, world: World, sign_in: SignIn, tmp_path: Path) -> None:
    first, lead = a_published_round(engine, world), sign_in(world.grace)
    found = a_second_round(engine, world, first)
    known(engine, world)
    lead.post(f"/rounds/{found}/options", data={"double_share": "30", "seed_plans": "1", "version": "3"})
    lead.post(f"/rounds/{found}/sample", data={"size": "6", "version": "4"})
    lead.post(f"/rounds/{found}/allocation/draw", data={"version": str(the_round(engine, found).version), "weighing": "2"})
    lead.post(f"/rounds/{found}/open", data={"version": str(the_round(engine, found).version)})
    act_as(engine, None, world.area_id, actions.mark_closed, found)
    act_as(engine, None, world.area_id, actions.mark_published, found)
    raw = lead.get(f"/rounds/{found}/allocation/receipt/1.json").data
    assert verify_receipt(raw) == []
    file = tmp_path / "receipt.json"
    file.write_bytes(raw)
    assert main(["allocate", "--verify", str(file)]) == 0
    with Session(engine) as session:
        kept = session.exec(select(Draw).where(Draw.round_id == found)).one()
    assert kept.weighing == 2 and kept.inputs["seeds"] and kept.inputs["extra"] and kept.inputs["expertise_cost"]
