"""Actions on plans as pages: the lead's list with what is overdue in words, settling one, the file, and who sees how much."""

import csv
import io
import re
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from moderation.instants import frozen
from moderation.ledger import OPERATOR, Via, transaction
from moderation.moderate import actions, decisions, meetings
from moderation.moderate.decisions import WantedAction
from moderation.moderate.meeting_rules import ActionKind
from moderation.moderate.tables import PlanAction
from tests.actions.test_moderate_meetings import PLANS, TERMS, agreed, begin, rows
from tests.build import World, act_as
from tests.build_moderation import RoundBuilt, a_routed_round
from tests.conftest import SignIn
from tests.pages.test_track import text_of

NOW = datetime(2027, 2, 3, 12, tzinfo=UTC)
WANTED = (
    ("NF-1", WantedAction(ActionKind.AMEND, "Amend outcomes E2 and E3", "SEND team manager", date(2027, 1, 22))),
    ("NF-2", WantedAction(ActionKind.ESCALATE, "=Ask the therapy service", "Designated clinical officer", date(2027, 2, 4))),
)


@pytest.fixture
def over(engine: Engine, world: World) -> str:
    """A meeting of a published round that agreed on two actions."""
    closed = a_routed_round(engine, world, PLANS)
    meeting: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    begin(engine, world, meeting)
    made = [agreed(closed, plan, action=action) for plan, action in WANTED]
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, made)
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    act_as(engine, world.priya, world.area_id, actions.defer_rest, closed.id)
    act_as(engine, world.grace, world.area_id, actions.publish_round, closed.id)
    return meeting


@pytest.fixture
def grace(sign_in: SignIn, world: World) -> FlaskClient:
    with frozen(NOW):
        return sign_in(world.grace)


def page(client: FlaskClient, url: str, status: int = 200) -> str:
    with frozen(NOW):
        answer = client.get(url)
    assert answer.status_code == status
    return text_of(answer.text)


def late_one(engine: Engine) -> str:
    return next(row.id for row in rows(engine, PlanAction) if row.kind is ActionKind.AMEND)


def settle(client: FlaskClient, action: str, **given: str) -> tuple[int, str]:
    with frozen(NOW):
        answer = client.post(f"/actions/{action}", data={"version": "1", **given}, follow_redirects=True)
    return answer.status_code, text_of(answer.text)


def test_the_list_says_who_sees_to_it_and_what_is_overdue_in_words(grace: FlaskClient, over: str) -> None:
    shown = page(grace, "/actions")
    assert "Meetings agreed 2 actions on plans: 2 open (1 overdue), 0 done, 0 no longer needed." in shown
    assert "Amend the plan, plan NF-1" in shown and "SEND team manager" in shown and "12 days overdue" in shown
    assert "Escalate, plan NF-2" in shown and "Due tomorrow" in shown
    assert shown.index("NF-1") < shown.index("NF-2"), "the most overdue comes first"


def test_a_lead_settles_an_action_and_opens_it_again(grace: FlaskClient, engine: Engine, over: str) -> None:
    action = late_one(engine)
    status, said = settle(grace, action)
    assert status == 422 and "Choose what became of it" in said and "Enter what was done" in said
    status, said = settle(grace, action, state="done", note="Amended plan issued on 1 February.")
    assert status == 200 and "The action on plan NF-1 is done." in said and "1 open (none overdue), 1 done" in said
    assert "NF-1" not in page(grace, "/actions").replace("The action on plan NF-1 is done.", "")
    assert "Amended plan issued on 1 February." in page(grace, "/actions?show=settled")
    assert "recorded by Grace Obi" in page(grace, f"/actions/{action}")
    with frozen(NOW):
        assert grace.post(f"/actions/{action}/open-again").status_code == 303
    assert "12 days overdue" in page(grace, f"/actions/{action}")


def test_the_file_has_the_same_rows_and_no_formula(grace: FlaskClient, engine: Engine, over: str) -> None:
    settle(grace, late_one(engine), state="not_needed", note="The child has moved.")
    with frozen(NOW):
        answer = grace.get("/actions.csv?show=all")
    table = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(row["Plan"], row["State"], row["Due"], row["Days overdue"]) for row in table] == [
        ("NF-2", "Open", "2027-02-04", "0"), ("NF-1", "No longer needed", "2027-01-22", "0"),
    ]  # fmt: skip
    assert table[1]["Note"] == "The child has moved." and not table[0]["What has to happen"].startswith("=")
    assert page(grace, "/actions.csv?round=nothing", 404)


def test_plan_quality_counts_them_and_only_leads_go_on_to_the_list(
    grace: FlaskClient, sign_in: SignIn, world: World, over: str
) -> None:
    with frozen(NOW):
        ruth = sign_in(world.ruth)
    for client, follows in ((grace, True), (ruth, False)):
        shown = page(client, "/quality")
        assert "2 open (1 overdue)" in shown and ("See the actions" in shown) is follows and "Amend outcomes" not in shown
    assert "Follow up the actions on plans" in page(grace, f"/meetings/{over}/minutes")
    assert "Meetings agreed 2 actions" not in page(ruth, "/actions", 404)


def test_without_actions_the_page_says_where_they_come_from(grace: FlaskClient) -> None:
    shown = page(grace, "/actions")
    assert "Meetings agreed no action on a plan." in shown and not re.search(r"\b0 open", shown)


def test_what_was_typed_about_an_action_that_is_gone_is_shown(grace: FlaskClient, engine: Engine, over: str) -> None:
    action = late_one(engine)
    with transaction(engine, OPERATOR, Via.COMMAND, rows(engine, PlanAction)[0].area_id) as tx:  # as a later decision drops it
        tx.session.delete(tx.get(PlanAction, action))
        tx.record(RoundBuilt(action))
    status, said = settle(grace, action, state="done", note="Amended plan issued on 1 February.")
    assert status == 404 and "This was not saved" in said and "Amended plan issued on 1 February." in said


def test_what_was_typed_about_an_action_that_somebody_else_settled_is_shown_beside_theirs(
    grace: FlaskClient, engine: Engine, over: str
) -> None:
    action = late_one(engine)
    settle(grace, action, state="done", note="Amended plan issued.")
    status, said = settle(grace, action, state="not_needed", note="The child has moved.")
    assert status == 409 and "The child has moved." in said and "Amended plan issued." in said
    assert said.count("The child has moved.") == 1, "once, beside what is saved"
