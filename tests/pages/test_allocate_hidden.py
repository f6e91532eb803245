"""A lead may know the sample of a round. Nothing that a lead can open tells the hidden plan from plans that it could have been."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from moderation.allocate import actions, drawing, setup
from moderation.allocate.jobs import erase_documents
from moderation.allocate.population import POOL, eligible_plans
from moderation.allocate.queries import sample_view
from moderation.allocate.rules import Options, RoundTerms, SampleTerms
from moderation.allocate.seeds import add_seed
from moderation.allocate.tables import Round, RoundPlan
from moderation.instants import frozen, today
from moderation.register import gate
from moderation.register.tables import ChildCase, PlanVersion
from moderation.settings import Settings
from moderation.track.queries.seeds import seed_lines
from tests.actions.test_allocate_options import a_published_round, a_second_round, draw, lead, seeds_of, the_round
from tests.build import World
from tests.conftest import SignIn
from tests.pages.test_allocate_options import agree

START = datetime(2026, 11, 2, 12, tzinfo=UTC)
SURFACES = (
    "/plans/{}",
    "/plans/{}/gate",
    "/plans/{}/documents/new",
    "/plans?text={}",
    "/plans?pack=ready&text={}",
    "/plans?pack=leaving&text={}",
)


@pytest.fixture
def settings(sqlite_settings: Settings) -> Settings:
    return sqlite_settings


@pytest.fixture(autouse=True)
def at_a_fixed_time() -> Iterator[None]:
    with frozen(START):
        yield


def plans_of(engine: Engine, round_id: str) -> dict[str, str]:
    """Id and reference of each plan that was in a round."""
    with Session(engine) as session:
        chosen = select(PlanVersion.id, ChildCase.reference).join(ChildCase, col(ChildCase.id) == PlanVersion.case_id)
        chosen = chosen.join(RoundPlan, col(RoundPlan.plan_version_id) == PlanVersion.id)
        return dict(session.exec(chosen.where(RoundPlan.round_id == round_id)).all())


def a_third_round(engine: Engine, world: World, first: str) -> str:
    terms = RoundTerms("Round 3", the_round(engine, first).framework_version_id, today(), today() + timedelta(days=9))
    made: str = lead(engine, world, setup.create_round, terms)
    return made


def hidden_in(engine: Engine, round_id: str) -> str:
    with Session(engine) as session:
        (seed,) = seeds_of(engine, round_id)
        return session.get_one(RoundPlan, seed).plan_version_id


def seen_of(client: FlaskClient, plan: str, reference: str) -> list[str]:
    """Every page about a plan, without what is the plan's own: its names, its ids and its facts."""
    pages = [client.get(path.format(reference if "text=" in path else plan)) for path in SURFACES]
    return [f"{page.status_code} {_without_names(page.text, reference)}" for page in pages]


def _without_names(page: str, reference: str) -> str:
    page = re.sub(
        r'<dl class="register-facts">.*?</dl>|<td class="govuk-table__cell.*?</td>', "", page.replace(reference, "REF"), flags=re.S
    )
    return re.sub(r'value="[^"]+"', "", re.sub(r"/(plans|documents)/[^/\"]{20,}", r"/\1/ID", page))


def all_alike(client: FlaskClient, plans: dict[str, str]) -> list[str]:
    seen = [seen_of(client, *plan) for plan in plans.items()]
    assert all(page.startswith("200") for page in seen[0])
    assert all(one == seen[0] for one in seen)
    return seen[0]


def test_no_page_about_a_plan_tells_from_draft_to_publication_and_after_that_a_round_hides_it(
    engine: Engine, world: World, sign_in: SignIn, settings: Settings
) -> None:
    first = a_published_round(engine, world)
    plans = plans_of(engine, first)
    assert "Add a document" in all_alike(sign_in(world.grace), plans)[0]
    with frozen(START + timedelta(days=30)):
        found = a_second_round(engine, world, first)
        lead(engine, world, setup.draw_plans, found, 3, SampleTerms(6))
        draw(engine, world, found)
        client = sign_in(world.grace)
        assert hidden_in(engine, found) in plans
        all_alike(client, plans)
        lead(engine, world, drawing.open_round, found, the_round(engine, found).version)
        assert "may use it as a hidden plan" in all_alike(client, plans)[0]
    with frozen(START + timedelta(days=80)):  # their papers would be announced now, if nobody could need them
        client = sign_in(world.grace)
        assert erase_documents(engine, settings) == "0 documents erased, 0 audit packs announced"
        all_alike(client, plans)
        lead(engine, world, actions.mark_closed, found)
        lead(engine, world, actions.mark_published, found)
        assert erase_documents(engine, settings) == "0 documents erased, 6 audit packs announced"
        assert "will be erased on" in all_alike(client, plans)[0]


def test_taking_back_the_release_of_each_plan_in_turn_finds_no_hidden_plan(engine: Engine, world: World, sign_in: SignIn) -> None:
    first = a_published_round(engine, world)
    found = a_second_round(engine, world, first)
    lead(engine, world, setup.draw_plans, found, 3, SampleTerms(6))
    draw(engine, world, found)
    hidden = hidden_in(engine, found)
    with Session(engine) as session:
        version = session.get_one(PlanVersion, hidden).version
    lead(engine, world, gate.close_gate, hidden, version)
    lead(engine, world, drawing.open_round, found, the_round(engine, found).version)
    assert seeds_of(engine, found) == []
    with Session(engine) as session:
        assert session.get_one(Round, found).state.value == "open"


def test_another_round_offers_the_same_plans_whichever_of_them_is_hidden(engine: Engine, world: World) -> None:
    first = a_published_round(engine, world)
    agree(engine, world, first)
    found = a_second_round(engine, world, first)
    lead(engine, world, setup.draw_plans, found, 3, SampleTerms(6))
    lead(engine, world, setup.draw_plans, found, the_round(engine, found).version, SampleTerms(6, again=True))
    third = a_third_round(engine, world, first)
    with Session(engine) as session:
        named = {line.plan_version_id for line in seed_lines(session, world.area_id, third)}
        again = {plan.plan_version_id for plan in eligible_plans(session, world.area_id, third, again=True)}
        assert seed_lines(session, world.area_id, found) == []  # the service has chosen: a list would tell
        counted = sample_view(session, world.area_id, third)
    assert counted.reasons[0] == "6 are in another round now"  # not the hidden one, which counts among those it could have been
    assert counted.reasons[1].startswith("6 were in recent rounds, where hidden plans come from") and counted.plans == 12
    assert named == set(plans_of(engine, first))
    assert not again & named
    lead(engine, world, add_seed, third, hidden_in(engine, found))  # two rounds may hide the same plan
    assert hidden_in(engine, third) == hidden_in(engine, found)


def test_a_round_without_hidden_plans_and_a_round_long_ago_keep_nothing(engine: Engine, world: World, settings: Settings) -> None:
    first = a_published_round(engine, world)
    found = a_second_round(engine, world, first)
    lead(engine, world, setup.choose_options, found, the_round(engine, found).version, Options(seed_plans=0))
    with Session(engine) as session:
        assert {plan.plan_version_id for plan in eligible_plans(session, world.area_id, found, again=True)} > set(
            plans_of(engine, first)
        )
    with frozen(START + POOL + timedelta(days=1)):
        assert erase_documents(engine, settings) == "0 documents erased, 12 audit packs announced"
        later = a_third_round(engine, world, first)
        with Session(engine) as session:
            again = {plan.plan_version_id for plan in eligible_plans(session, world.area_id, later, again=True)}
        assert again > set(plans_of(engine, first))
