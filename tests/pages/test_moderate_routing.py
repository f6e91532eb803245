"""What sends an answer to a meeting: set by the lead for rounds that close later, tried on published rounds in counts only."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.allocate.rules import RoundState
from moderation.allocate.tables import Round
from moderation.ledger import EventRow
from moderation.moderate import actions
from moderation.moderate.queries_routing import routing_of
from moderation.moderate.tables import Disagreement, RoutedRound, RoutingRules
from moderation.register import actions as register
from tests.build import World, act_as
from tests.build_moderation import ClosedRound, a_closed_round
from tests.build_track import publish
from tests.conftest import SignIn
from tests.pages.test_track import text_of

# E01: two levels apart on one plan, one level apart and across the boundary on another, agreed on the rest.
PLANS = {
    "NF-1": {"E01": (1, 3, 3), "B01": (0, 1, 1)}, "NF-2": {"E01": (2, 3, 3), "B01": (1, 1, 1)},
    "NF-3": {"E01": (3, 3, 3), "B01": (1, 1, 1)}, "NF-4": {"E01": (3, 4, 4), "B01": (1, 1, 1)},
}  # fmt: skip
ALL = ("spread2", "good_boundary", "compliance_split", "na_split", "overall_split", "calibration")


@pytest.fixture
def grace(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.grace)


@pytest.fixture
def published(engine: Engine, world: World) -> ClosedRound:
    found = a_closed_round(engine, world, PLANS)
    publish(engine, world, found.id)
    return found


def version_of(engine: Engine, found: ClosedRound) -> str:
    with Session(engine) as session:
        return session.get_one(Round, found.id).framework_version_id


def send(client: FlaskClient, version: str, do: str = "save", on: tuple[str, ...] = ALL, number: int = 0, **amounts: str):  # type: ignore[no-untyped-def]
    given = {
        "do": do,
        "number": str(number),
        "on": list(on),
        "amount-spread2": "2",
        "amount-calibration": "10",
        "amount-low_confidence": "50",
        "amount-good_boundary": "2",
    }
    return client.post(f"/framework/{version}/routing", data=given | {f"amount-{key}": value for key, value in amounts.items()})


def table(page: str) -> dict[str, list[int]]:
    rows = re.findall(r'<th scope="row"[^>]*>([^<]+)</th>((?:<td[^>]*>(?:<strong>)?[\d,]+(?:</strong>)?</td>)+)', page)
    return {name: [int(each) for each in re.findall(r">(\d+)<", cells)] for name, cells in rows}


def triggers(engine: Engine, found: ClosedRound) -> set[str]:
    with Session(engine) as session:
        return {key for row in session.exec(select(Disagreement).where(Disagreement.round_id == found.id)) for key in row.triggers}


def test_the_rules_start_as_the_framework_says_and_offer_low_confidence(
    grace: FlaskClient, engine: Engine, published: ClosedRound
) -> None:
    page = grace.get(f"/framework/{version_of(engine, published)}/routing").text
    assert re.findall(r'value="(\w+)" checked', page) == list(ALL)
    assert 'value="low_confidence" aria' in page and "always on" in page and "Safeguarding or data-breach flag" in page
    assert grace.get("/routing").location.endswith(f"/framework/{version_of(engine, published)}/routing")


def test_trying_counts_by_rule_on_the_latest_published_round_and_saves_nothing(
    grace: FlaskClient, engine: Engine, published: ClosedRound
) -> None:
    version = version_of(engine, published)
    answer = send(grace, version, "try", on=("spread2", "compliance_split"), spread2="1")
    found = table(answer.text)
    assert answer.status_code == 200
    assert (found["Far apart"], found["Either side of a boundary"], found["Yes and No"]) == ([1, 3], [2, 0], [1, 1])
    assert found["Altogether (one may come under several rules)"][1] == 4
    with Session(engine) as session:
        assert session.exec(select(RoutingRules)).all() == []


def test_what_is_rated_in_a_round_that_is_not_published_is_never_counted(grace: FlaskClient, engine: Engine, world: World) -> None:
    found = a_closed_round(engine, world, PLANS)
    page = send(grace, version_of(engine, found), "try").text
    assert "No round is published yet" in page and table(page) == {}


def test_a_round_that_closes_later_is_looked_through_by_the_new_rules_and_keeps_them(
    grace: FlaskClient, engine: Engine, world: World
) -> None:
    first = a_closed_round(engine, world, PLANS)
    version = version_of(engine, first)
    assert send(grace, version, on=("spread2", "calibration"), spread2="1", calibration="50").status_code == 303
    act_as(engine, None, world.area_id, actions.find_disagreements, first.id)
    assert triggers(engine, first) == {"spread2", "calibration"}
    with Session(engine) as session:
        kept = session.exec(select(RoutedRound)).one().rules or []
    assert send(grace, version, number=1, on=("compliance_split",)).status_code == 303
    with Session(engine) as session:
        assert (session.exec(select(RoutedRound)).one().rules, routing_of(session, world.area_id, version).number) == (kept, 2)
    act_as(engine, None, world.area_id, actions.withdraw_lapsed, first.id)
    assert triggers(engine, first) == {"spread2", "calibration"}, "judged by the rules that found them"
    with Session(engine) as session:
        assert {row.state for row in session.exec(select(Disagreement))} == {"found"}


def test_the_boundary_can_be_moved_and_is_tried_on_the_last_round(
    grace: FlaskClient, engine: Engine, published: ClosedRound
) -> None:
    version = version_of(engine, published)
    page = grace.get(f"/framework/{version}/routing").text
    places = re.findall(r'<option value="(\d)"( selected)?>([^<]+)<', page)
    assert places == [
        ("1", "", "Inadequate and Requires improvement"), ("2", " selected", "Requires improvement and Good"),
        ("3", "", "Good and Outstanding"),
    ]  # fmt: skip
    tried = send(grace, version, "try", good_boundary="3").text
    assert table(tried)["Either side of a boundary"] == [2, 1], "only NF-4 has ratings on both sides of Outstanding"
    assert '<option value="3" selected>' in tried


def test_a_moved_boundary_holds_for_rounds_that_close_later_and_is_listed_with_who_moved_it(
    grace: FlaskClient, engine: Engine, world: World
) -> None:
    found = a_closed_round(engine, world, PLANS)
    version = version_of(engine, found)
    assert send(grace, version, on=("good_boundary",), good_boundary="3").status_code == 303
    assert send(grace, version, on=("good_boundary",), good_boundary="3").status_code == 303, "a double click saves once"
    act_as(engine, None, world.area_id, actions.find_disagreements, found.id)
    with Session(engine) as session:
        routed = session.exec(select(Disagreement).where(Disagreement.round_id == found.id)).all()
        assert [row.round_plan_id for row in routed] == [found.plans["NF-4"]]
        assert routing_of(session, world.area_id, version).number == 1
    page = text_of(grace.get(f"/framework/{version}/routing").text)
    assert "Grace Obi: Far apart: off; Either side of a boundary: between Good and Outstanding; Yes and No: off" in page


def test_rules_from_before_boundaries_could_be_moved_keep_the_boundary_of_the_framework(
    grace: FlaskClient, engine: Engine, world: World
) -> None:
    found = a_closed_round(engine, world, PLANS)
    version = version_of(engine, found)
    send(grace, version, on=("good_boundary",))
    with Session(engine) as session:
        row = session.exec(select(RoutingRules)).one()
        row.settings = [one | {"amount": None} if one["key"] == "good_boundary" else one for one in row.settings]
        session.commit()
    assert '<option value="2" selected>' in grace.get(f"/framework/{version}/routing").text
    act_as(engine, None, world.area_id, actions.find_disagreements, found.id)
    with Session(engine) as session:
        plans = {row.round_plan_id for row in session.exec(select(Disagreement).where(Disagreement.round_id == found.id))}
    assert plans == {found.plans["NF-1"], found.plans["NF-2"]}


def test_low_confidence_can_be_switched_on(grace: FlaskClient, engine: Engine, world: World) -> None:
    found = a_closed_round(engine, world, PLANS, confidence="not_sure")
    send(grace, version_of(engine, found), on=("low_confidence",))
    act_as(engine, None, world.area_id, actions.find_disagreements, found.id)
    assert triggers(engine, found) == {"low_confidence"}


@pytest.mark.parametrize(
    ("on", "amounts", "words"),
    [
        (("calibration",), {}, "Keep at least one rule that finds disagreements"),
        (("spread2",), {"spread2": "0"}, "Far apart: enter a whole number from 1 to 9"),
        (("spread2", "calibration"), {"calibration": "sixty"}, "enter a whole number from 1 to 50%"),
        (("good_boundary",), {"good_boundary": "4"}, "Either side of a boundary: choose between which levels the boundary lies"),
    ],
)
def test_rules_that_cannot_be_used_are_refused_in_words(
    grace: FlaskClient, engine: Engine, published: ClosedRound, on: tuple[str, ...], amounts: dict[str, str], words: str
) -> None:
    answer = send(grace, version_of(engine, published), on=on, **amounts)
    assert answer.status_code == 422 and words in text_of(answer.text)


def test_two_leads_who_change_the_rules_are_told(grace: FlaskClient, engine: Engine, world: World, published: ClosedRound) -> None:
    version = version_of(engine, published)
    assert send(grace, version, spread2="3").status_code == 303
    assert send(grace, version, spread2="3").status_code == 303, "a double click saves once"
    assert send(grace, version, spread2="4").status_code == 409
    with Session(engine) as session:
        assert [row.number for row in session.exec(select(RoutingRules))] == [1]
        names = [row.name for row in session.exec(select(EventRow)) if row.name == "RoutingRulesChanged"]
    assert len(names) == 1
    assert "Earlier changes" in grace.get(f"/framework/{version}/routing").text


def test_a_new_version_of_the_framework_starts_with_the_rules_of_the_old_one(
    grace: FlaskClient, engine: Engine, world: World, published: ClosedRound
) -> None:
    version = version_of(engine, published)
    send(grace, version, spread2="3")
    draft = act_as(engine, world.grace, world.area_id, register.adopt_lesson, register.LessonText("x", "E01", "Count dates."))
    assert grace.get(f"/framework/{draft}/routing").status_code == 404, "a draft has no rules yet"
    act_as(engine, world.grace, world.area_id, register.publish_framework, draft, 2)
    page = grace.get(f"/framework/{draft}/routing").text
    assert re.search(r'name="amount-spread2"[^>]* value="3"', page)


def test_an_open_round_is_named_and_no_auditor_gets_in(grace: FlaskClient, sign_in: SignIn, engine: Engine, world: World) -> None:
    found = a_closed_round(engine, world, PLANS, state=RoundState.OPEN)
    version = version_of(engine, found)
    assert "is open and will use what you save here" in text_of(grace.get(f"/framework/{version}/routing").text)
    for person in (world.helen, world.priya, world.ruth, world.sam):
        assert sign_in(person).get(f"/framework/{version}/routing").status_code == 404
