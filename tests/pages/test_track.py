"""Agreement, plan quality and feedback as pages: who sees them, when, and what is never on them."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from moderation.allocate.rules import PlanKind, RoundState
from moderation.allocate.tables import RoundPlanKind
from moderation.ledger import OPERATOR, Via, transaction
from moderation.moderate import meetings
from moderation.moderate.ballots import cast, take_step
from moderation.moderate.decisions import decide
from moderation.moderate.states import Basis
from moderation.moderate.steps import Step
from moderation.track.queries.quality import quality_view
from tests.actions.test_moderate_meetings import PLANS, TERMS, agreed, begin, item
from tests.build import World, a_world, act_as
from tests.build_moderation import RoundBuilt, a_closed_round, a_routed_round
from tests.build_track import (
    a_measured_round,
    a_meeting_that_settles,
    a_published_round,
    plausible,
    publish,
    trends_of,
)
from tests.conftest import SignIn

THREE = ("helen", "amina", "tom")
SPRING, LATER = (datetime(year, month, 4, 12, tzinfo=UTC) for year, month in ((2025, 3), (2026, 6)))


def text_of(body: str) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def rows_of(body: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.removeprefix("\ufeff"))))


@pytest.mark.parametrize(
    "path", ["/agreement", "/quality", "/agreement/agreement-by-round.csv", "/quality/plan-quality-by-section.csv"]
)
@pytest.mark.parametrize("who", ["helen", "priya", "sam"])
def test_agreement_and_quality_are_for_leads(sign_in: SignIn, world: World, path: str, who: str) -> None:
    assert sign_in(world.people[who]).get(path).status_code == 404


@pytest.mark.parametrize("who", ["ruth", "grace"])
def test_before_a_round_is_closed_there_is_nothing_to_see(engine: Engine, sign_in: SignIn, world: World, who: str) -> None:
    found = a_closed_round(engine, world, plausible(12, "A", 3), THREE, RoundState.OPEN)
    client = sign_in(world.people[who])
    assert "No audit round is closed yet" in client.get("/agreement").text
    assert "No audit round is published yet" in client.get("/quality").text
    assert client.get(f"/agreement?round={found.id}").status_code == 200
    assert client.get("/agreement/agreement-by-round.csv").status_code == 404


def test_agreement_is_shown_from_closing_and_quality_from_publication(engine: Engine, sign_in: SignIn, world: World) -> None:
    found = a_measured_round(engine, world, 12, raters=THREE)
    client = sign_in(world.ruth)
    page = text_of(client.get("/agreement").text)
    assert "auditors agreed on" in page and "provisional" in page
    assert "No audit round is published yet" in client.get("/quality").text
    assert client.get(f"/quality?round={found.id}").status_code == 200
    assert client.get(f"/quality/plan-quality-by-section.csv?round={found.id}").status_code == 404


def test_quality_carries_interval_agreement_and_number_on_the_same_line(engine: Engine, sign_in: SignIn, world: World) -> None:
    a_published_round(engine, world, 12, raters=THREE)
    page = text_of(sign_in(world.ruth).get("/quality").text)
    said = r"As whole plans, \d+% are Good or better \(\d+% to \d+%\), agreement \d\.\d\d \(\S+ to \S+\), provisional, 12 plans\."
    assert re.search(said, page)
    assert re.search(r"\d+% Good or better \(\d+ to \d+\) agreement \d\.\d\d \(\S+ to \S+\), 12 plans", page)


@pytest.mark.parametrize(("plans", "coefficient", "share"), [(4, False, False), (8, False, True), (12, True, True)])
def test_few_plans_show_less(engine: Engine, sign_in: SignIn, world: World, plans: int, coefficient: bool, share: bool) -> None:
    a_published_round(engine, world, plans, raters=THREE)
    client = sign_in(world.ruth)
    agreement = rows_of(client.get("/agreement/agreement-by-question.csv").text)[1:]
    assert any(row[1] for row in agreement) is coefficient
    assert any(row[4] for row in agreement) is share
    quality = {row[0]: row for row in rows_of(client.get("/quality/plan-quality-by-section.csv").text)}
    assert bool(quality["A Views, interests and aspirations"][6]) is share
    if not share:
        assert "fewer than 5 plans" in text_of(client.get("/quality").text)
        assert quality["A Views, interests and aspirations"][1] == ""
    for body in (client.get("/agreement").text, client.get("/quality").text):
        assert "nan" not in re.findall(r"[a-z]+", text_of(body).lower())


def test_page_table_and_file_hold_the_same_rows(engine: Engine, sign_in: SignIn, world: World) -> None:
    a_measured_round(engine, world, 12, raters=THREE)
    client = sign_in(world.grace)
    page = client.get("/agreement").text
    for name in re.findall(r"/agreement/([a-z-]+)\.csv", page):
        header, *rows = rows_of(client.get(f"/agreement/{name}.csv").text)
        assert all(len(row) == len(header) for row in rows) and rows
        for row in rows:
            assert row[0] in page.replace("&#39;", "'")


def test_how_strict_an_agency_is_stays_hidden_where_it_would_speak_of_a_person(
    engine: Engine, sign_in: SignIn, world: World
) -> None:
    a_measured_round(engine, world, 12, raters=THREE)
    client = sign_in(world.ruth)
    assert "grades" not in text_of(client.get("/agreement").text).replace("who grades higher", "")
    assert all(row[9:12] == ["", "", ""] for row in rows_of(client.get("/agreement/agreement-between-agencies.csv").text)[1:])


def test_changes_between_two_rounds_are_said_in_words(engine: Engine, sign_in: SignIn, world: World) -> None:
    a_published_round(engine, world, 12, "A", SPRING, raters=THREE, noise=0.9)
    a_published_round(engine, world, 12, "B", LATER, raters=THREE, noise=0.2, seed=2)
    trends_of(engine, world)
    client = sign_in(world.ruth)
    assert "Against the twelve months before, agreement rose" in text_of(client.get("/agreement").text)
    quality = text_of(client.get("/quality").text)
    assert "Change in % Good or better since Autumn 1" in quality and "round by round" in quality


def test_another_coefficient_is_one_choice_away(engine: Engine, sign_in: SignIn, world: World) -> None:
    a_measured_round(engine, world, 12, raters=THREE)
    client = sign_in(world.ruth)
    figures = {
        family: rows_of(client.get(f"/agreement/agreement-by-round.csv?coefficient={family}").text)[1][2]
        for family in ("alpha", "kappa", "gwet")
    }
    assert len(set(figures.values())) == 3
    assert client.get("/agreement?coefficient=nonsense").status_code == 200


def test_after_the_meeting_is_never_called_agreement(engine: Engine, sign_in: SignIn, world: World) -> None:
    found = a_measured_round(engine, world, 6, raters=THREE, noise=0.9)
    a_meeting_that_settles(engine, world, found, "F02", THREE, 3)
    client = sign_in(world.ruth)
    assert "After the discussion" not in client.get("/agreement").text, "not before publication"
    publish(engine, world, found.id)
    page = text_of(client.get("/agreement").text)
    assert re.search(r"gave the same answer more often: \d+% before, 100% after", page) and "It is not agreement" in page
    rows = {row[0]: row for row in rows_of(client.get("/agreement/before-and-after-the-meeting.csv").text)}
    assert rows["All questions discussed"][1:2] == ["6"] and rows["F02 Specific and quantified"][3] == "100.0"
    feedback = text_of(sign_in(world.helen).get(f"/my-feedback/{found.id}?show=all").text)
    assert "The plan says how often and by whom." in feedback


def test_another_area_has_no_such_round(engine: Engine, sign_in: SignIn, world: World) -> None:
    found = a_published_round(engine, world, 6, raters=THREE)
    stranger = a_world(engine, "Southmoor", "southmoor.example")
    a_published_round(engine, stranger, 6, "S", raters=THREE)
    lead, auditor = sign_in(stranger.ruth), sign_in(stranger.helen)
    for client, path in (
        (lead, f"/agreement?round={found.id}"),
        (lead, f"/quality?round={found.id}"),
        (auditor, f"/my-feedback/{found.id}"),
    ):
        answer, unknown = client.get(path), client.get(path.replace(found.id, "no-such-round"))
        assert answer.status_code == 404 and answer.data == unknown.data


def test_seeds_do_not_speak_for_the_area(engine: Engine, world: World) -> None:
    found = a_published_round(engine, world, 6, raters=THREE)
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        tx.session.add(RoundPlanKind(area_id=world.area_id, round_plan_id=found.plans["A001"], kind=PlanKind.SEED))
        tx.record(RoundBuilt(found.id))
    with Session(engine) as session:
        view = quality_view(session, world.area_id)
    assert view is not None and view.overall.quality.plans == 5


def test_feedback_does_not_exist_before_publication(engine: Engine, sign_in: SignIn, world: World) -> None:
    found = a_measured_round(engine, world, 6, raters=THREE)
    client = sign_in(world.helen)
    empty = client.get("/my-feedback").text
    assert "There is no feedback yet" in empty and "Go to My plans" in empty
    before, unknown = client.get(f"/my-feedback/{found.id}"), client.get("/my-feedback/no-such-round")
    assert before.status_code == 404 and before.data == unknown.data


def test_feedback_shows_own_answers_beside_the_agreed_ones_and_nothing_of_others(
    engine: Engine, sign_in: SignIn, world: World
) -> None:
    found = a_published_round(engine, world, 6, raters=THREE)
    client = sign_in(world.helen)
    assert client.get("/my-feedback").location == f"/my-feedback/{found.id}"
    page = client.get(f"/my-feedback/{found.id}?show=all").text
    assert "You scored 6 plans" in text_of(page) and "Not discussed in a meeting" in page
    assert "How strict you were" in page and "with more than two levels on 6 plans" in text_of(page)
    for other in (world.amina, world.tom):
        assert other.name not in page
    assert "Evidence" not in page
    assert client.get(f"/my-feedback/{found.id}?plan=no-such-plan").status_code == 404


def test_feedback_says_in_one_sentence_what_i_gave_what_was_agreed_and_why(engine: Engine, sign_in: SignIn, world: World) -> None:
    ratings = PLANS | {"NF-4": {"B01": (1, 0, 0), "E01": (2, None, None), "A05": ("no_evidence", 0, None)}}
    found = a_routed_round(engine, world, ratings)
    meeting = act_as(engine, world.priya, world.area_id, meetings.create_meeting, found.id, TERMS)
    begin(engine, world, meeting)
    decisions = [
        agreed(found, "NF-1", "E01", basis=Basis.MAJORITY, reason="Two outcomes have no measure."),
        agreed(found, "NF-2", "E01", basis=Basis.UNANIMOUS, reason="All but one have."),
        agreed(found, "NF-1", "B01", value=1, basis=Basis.CHAIR, reason="Page 4 <says> so."),
        agreed(found, "NF-4", "B01", value=1, basis=Basis.CHAIR, reason="Page 5 says so."),
    ]
    act_as(engine, world.priya, world.area_id, decide, meeting, decisions)
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    publish(engine, world, found.id)
    client = sign_in(world.helen)

    def said(reference: str) -> list[str]:
        page = client.get(f"/my-feedback/{found.id}?show=all&plan={found.plans[reference]}").text
        return [
            re.sub(r"</?strong>", "", line) for line in re.findall(r'<div class="track-result__why">\s*<p>(.*?)</p>', page, re.S)
        ]

    assert set(said("NF-1")) == {
        "You gave Inadequate, the meeting agreed Requires improvement by majority, because: Two outcomes have no measure.",
        "You gave No, not met, the chair of the meeting decided Yes, met, because: Page 4 &lt;says&gt; so.",
    }
    assert "You and the meeting agreed on Requires improvement, because: All but one have." in said("NF-2")
    assert "You gave Good, and so did the group. Not discussed in a meeting." in said("NF-3")
    assert set(said("NF-4")) == {
        "You gave Yes, met, and the chair of the meeting decided the same, because: Page 5 says so.",
        "You gave Requires improvement. Yours was the only answer, so there was nothing to compare it with.",
        "You answered No evidence in the pack. Only one person gave an answer that counts: No, not met.",
    }


def test_feedback_says_where_a_meeting_discussed_a_question_and_did_not_decide(
    engine: Engine, sign_in: SignIn, world: World
) -> None:
    found = a_routed_round(engine, world, PLANS)
    meeting = act_as(engine, world.priya, world.area_id, meetings.create_meeting, found.id, TERMS)
    begin(engine, world, meeting)
    voted = item(engine, found, "NF-1", "E01")
    act_as(engine, world.priya, world.area_id, take_step, meeting, voted.id, Step.VOTING)
    for person, answer in ((world.helen, "1"), (world.amina, "2"), (world.tom, "3")):
        act_as(engine, person, world.area_id, cast, meeting, voted.id, answer)
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    publish(engine, world, found.id)
    page = text_of(sign_in(world.helen).get(f"/my-feedback/{found.id}?show=all&plan={found.plans['NF-1']}").text)
    assert page.count("A meeting discussed it and did not decide.") == 1 and page.count("Not discussed in a meeting.") == 1


def test_who_finished_no_sheet_has_no_feedback(engine: Engine, sign_in: SignIn, world: World) -> None:
    found = a_published_round(engine, world, 6, raters=THREE)
    assert sign_in(world.robert).get(f"/my-feedback/{found.id}").status_code == 404
    assert "There is no feedback yet" in sign_in(world.robert).get("/my-feedback").text


def test_strictness_is_drawn_over_the_rounds_and_compared_with_the_last(engine: Engine, sign_in: SignIn, world: World) -> None:
    first = a_published_round(engine, world, 6, raters=THREE)
    client = sign_in(world.helen)
    assert "there is no earlier one to compare it with" in text_of(client.get(f"/my-feedback/{first.id}").text)
    second = a_published_round(engine, world, 4, prefix="B", raters=THREE)
    page = client.get(f"/my-feedback/{second.id}").text
    assert "in this round you had fewer than 5 plans with levels to compare" in text_of(page)
    assert page.count("app-chart__svg--wide") == 1 and "no difference" in page
    file = client.get(f"/my-feedback/{second.id}/how-strict.csv")
    lines = file.data.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Audit round,Stricter (levels),From,To,Answers,Plans") and len(lines) == 3
    assert client.get(f"/my-feedback/{first.id}/how-strict.csv").data.decode("utf-8-sig").count("\n") == 2
    assert sign_in(world.robert).get(f"/my-feedback/{second.id}/how-strict.csv").status_code == 404
