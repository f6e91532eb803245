"""Days away: an auditor says them, takes them back, and the lead who shares out plans sees them. Once for each database."""

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.allocate.queries import auditor_lines
from moderation.instants import today
from moderation.ledger import EventRow
from moderation.people import absences
from moderation.people.reminders import own_reminder_days
from moderation.words import InvalidInput
from tests.build import World, act_as, an_open_round
from tests.conftest import SignIn


@pytest.fixture
def helen(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.helen)


def days(name: str, day: date) -> dict[str, str]:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def told(engine: Engine, world: World) -> list[tuple[date, date]]:
    with Session(engine) as session:
        return [(one.starts_on, one.ends_on) for one in absences.away_dates(session, world.area_id, world.helen.id)]


def test_an_auditor_says_when_they_are_away_and_takes_it_back(helen: FlaskClient, engine: Engine, world: World) -> None:
    first, last = today() + timedelta(days=3), today() + timedelta(days=5)
    form = days("starts_on", first) | days("ends_on", last)
    for _ in range(2):  # clicked twice
        assert helen.post("/my-plans/away", data=form).status_code == 303
    assert told(engine, world) == [(first, last)]
    helen.post("/my-plans/away", data=days("starts_on", first))  # the same first day: the last day is changed
    assert told(engine, world) == [(first, first)]
    with Session(engine) as session:
        (one,) = absences.away_dates(session, world.area_id, world.helen.id)
    act_as(engine, world.robert, world.area_id, absences.remove_away_dates, one.id)  # not his
    assert told(engine, world)
    for _ in range(2):
        assert helen.post(f"/my-plans/away/{one.id}/remove").status_code == 303
    assert not told(engine, world)


def test_dates_that_make_no_sense_are_refused_beside_their_field(helen: FlaskClient, engine: Engine, world: World) -> None:
    first, before = today() + timedelta(days=3), today() - timedelta(days=3)
    refused = helen.post("/my-plans/away", data=days("starts_on", first) | days("ends_on", before))
    assert refused.status_code == 422 and "The last day away must be the same as or after the first" in refused.text
    assert helen.post("/my-plans/away", data={}).status_code == 422
    with pytest.raises(InvalidInput):
        absences.check_dates(before, before, today())
    with pytest.raises(InvalidInput):
        absences.check_dates(first, first + timedelta(days=400), today())
    assert not told(engine, world)


def test_the_lead_sees_days_away_that_fall_into_the_round(sign_in: SignIn, engine: Engine, world: World) -> None:
    round_id, soon = an_open_round(engine, world), today() + timedelta(days=3)
    act_as(engine, world.helen, world.area_id, absences.save_away_dates, soon, soon)
    act_as(
        engine, world.robert, world.area_id, absences.save_away_dates, today() + timedelta(days=90), today() + timedelta(days=91)
    )
    with Session(engine) as session:
        seen = {line.name: len(line.away) for line in auditor_lines(session, world.area_id, round_id)}
    assert seen[world.helen.name] == 1 and sum(seen.values()) == 1
    page = sign_in(world.grace).get(f"/rounds/{round_id}/moves")
    assert page.text.count("says they are away") == 1
    assert "says they are away" not in sign_in(world.robert).get("/my-plans").text


def test_an_auditor_chooses_when_to_be_reminded(helen: FlaskClient, engine: Engine, world: World) -> None:
    assert "a week before, 2 days before and on the last day" in helen.get("/my-plans").text
    page = helen.get("/my-plans/reminders").text
    assert page.count(" checked") == 3
    for _ in range(2):  # clicked twice
        saved = helen.post("/my-plans/reminders", data={"days": ["1", "0"]}, follow_redirects=True).text
        assert "we will email you the day before and on the last day" in saved
    assert helen.post("/my-plans/reminders", data={"days": ["3"]}).status_code == 422
    with Session(engine) as session:
        assert own_reminder_days(session, world.helen.id) == (1, 0)
        chosen = select(EventRow).where(EventRow.name == "ReminderDaysChosen", EventRow.subject == world.helen.id)
        assert len(session.exec(chosen).all()) == 1
    helen.post("/my-plans/reminders", data={"csrf_token": "as a browser sends it"})
    assert "You have chosen to get no emails" in helen.get("/my-plans").text
