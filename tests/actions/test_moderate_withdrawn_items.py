"""A sheet is withdrawn while its plan is on an agenda: nothing that the meeting wrote is lost, and nothing is stuck."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from moderation.moderate import agendas, ballots, decisions, meetings, question_decisions, reopening
from moderation.moderate.decisions import Decision, WantedAction
from moderation.moderate.meeting_rules import ActionKind
from moderation.moderate.queries_agenda import meeting_page
from moderation.moderate.queries_meetings import meeting_facts
from moderation.moderate.queries_minutes import minutes_page
from moderation.moderate.queries_pack import pack_for_moderator
from moderation.moderate.question_tables import MeetingQuestion, QuestionItem
from moderation.moderate.states import Basis, Cause, DisagreementState
from moderation.moderate.steps import Step
from moderation.moderate.tables import Ballot, Lesson, MeetingItem, PlanAction
from moderation.words import Refused
from tests.actions.test_moderate_meetings import cell, item, rows
from tests.actions.test_moderate_questions import (
    PLANS,
    REASON,
    REFERENCES,
    asked,
    decide,
    decision,
    go,
    ids,
    meeting,
    put,
    states_of,
    version,
    vote,
)
from tests.actions.test_moderate_withdrawals import sheet_of, withdraw
from tests.build import World, act_as
from tests.build_moderation import ClosedRound, a_routed_round
from tests.conftest import SignIn

__all__ = ["asked", "meeting"]  # fixtures
LESSON = "Say that a dated review counts."


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


def withdraw_one(engine: Engine, world: World, closed: ClosedRound, reference: str, who: str = "helen") -> None:
    """Without Helen's ratings the plan does not differ any more; without Amina's it does."""
    withdraw(engine, world, sheet_of(engine, closed, world, who, reference))


def draft(engine: Engine) -> Mapping[str, str]:
    (question,) = rows(engine, MeetingQuestion)
    kept: Mapping[str, str] = question.draft["values"]
    return kept


def test_a_decision_that_falls_is_the_draft_of_its_item_again(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    act_as(engine, world.priya, world.area_id, agendas.put_on_agenda, meeting, ids(engine, closed, "NF-2"))
    act_as(engine, world.priya, world.area_id, meetings.start, meeting)
    act_as(engine, world.priya, world.area_id, meetings.record_attendance, meeting, [world.helen.id, world.amina.id])
    found = item(engine, closed, "NF-2", "A05")
    amend = WantedAction(ActionKind.AMEND, "Name the person.", "SEND team", date(2026, 12, 18))
    made = Decision(
        closed.plans["NF-2"], "A05", 1, None, Basis.MAJORITY, REASON, Cause.GUIDANCE, lesson=LESSON, action=amend, notes="Said."
    )
    act_as(engine, world.priya, world.area_id, decisions.decide_item, found.id, found.version, made)
    withdraw_one(engine, world, closed, "NF-2", "amina")
    kept = item(engine, closed, "NF-2", "A05")
    assert cell(engine, closed, "NF-2", "A05").state is DisagreementState.DISCUSSED and len(kept.former) == 1
    assert kept.draft is not None and rows(engine, Lesson) == [] and rows(engine, PlanAction) == []
    values = kept.draft["values"]
    assert [values[name] for name in ("rating", "reason", "lesson", "notes")] == ["1", REASON, LESSON, "Said."]
    assert [values[name] for name in ("action_text", "action_owner", "action_due-day")] == ["Name the person.", "SEND team", "18"]


def test_a_decision_that_falls_on_one_plan_of_a_question_goes_into_the_draft_of_the_question(
    engine: Engine, world: World, closed: ClosedRound, asked: str
) -> None:
    decide(engine, world, asked, 1, decision(engine, closed, notes="Said at length."))
    before = version(engine)
    withdraw_one(engine, world, closed, "NF-2", "amina")
    assert version(engine) == before + 1  # a page that shows the decision is out of date
    key = ids(engine, closed, "NF-2")[0]
    kept = draft(engine)
    assert (kept["reason"], kept["notes"], kept[f"rating-{key}"]) == (REASON, "Said at length.", "1")
    assert [one.text for one in rows(engine, Lesson)] == [LESSON]  # three plans still stand behind it


def test_a_question_decided_in_two_goes_keeps_both_reasons_and_lessons_when_it_is_reopened(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    decide(engine, world, asked, 1, decision(engine, closed, notes="Said at length."))
    withdraw_one(engine, world, closed, "NF-2", "amina")
    again = decision(engine, closed, "NF-2", notes="Said at length.", lesson="A second lesson.", reason="A second reason.")
    decide(engine, world, asked, version(engine), again)
    act_as(engine, world.priya, world.area_id, reopening.reopen_question, meeting, asked, version(engine))
    kept = draft(engine)
    assert set(kept["reason"].split("\n")) == {REASON, "A second reason."}
    assert set(kept["lesson"].split("\n")) == {LESSON, "A second lesson."}
    assert kept["notes"] == "Said at length." and rows(engine, Lesson) == []


@pytest.mark.parametrize("verb", ["defer_question", "defer_plan"])
def test_a_question_without_a_plan_that_stands_cannot_be_deferred(
    engine: Engine, world: World, closed: ClosedRound, asked: str, verb: str
) -> None:
    for reference in REFERENCES:
        withdraw_one(engine, world, closed, reference)
    with pytest.raises(Refused, match="settled already"):
        act_as(engine, world.priya, world.area_id, getattr(question_decisions, verb), asked, version(engine), "No time.")


def test_a_question_with_a_plan_that_was_withdrawn_comes_off_the_agenda(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    put(engine, world, closed, meeting)
    withdraw_one(engine, world, closed, "NF-2")
    act_as(engine, world.priya, world.area_id, agendas.take_off, meeting, item(engine, closed, "NF-1", "A05").id)
    assert rows(engine, MeetingItem) == [] and rows(engine, MeetingQuestion) == [] and rows(engine, QuestionItem) == []
    found, withdrawn = DisagreementState.FOUND, DisagreementState.WITHDRAWN
    assert states_of(engine, closed) == [found, withdrawn, found, found]


def test_a_plan_of_a_question_that_was_withdrawn_takes_no_time_and_is_not_named(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    put(engine, world, closed, meeting)
    withdraw_one(engine, world, closed, "NF-2")
    with Session(engine) as session:
        view = meeting_page(session, world.area_id, meeting_facts(session, world.area_id, meeting))
        pack = pack_for_moderator(session, world.area_id, view.meeting, world.priya.id)
    (place,) = view.places
    assert (place.minutes, [one.plan.reference for one in place.counting]) == (16, ["NF-1", "NF-3", "NF-4"])
    assert [one.plan.reference for one in pack.places[0].seen] == ["NF-1", "NF-3", "NF-4"] and pack.places[0].out == 0
    for reference in ("NF-1", "NF-3", "NF-4"):
        withdraw_one(engine, world, closed, reference)
    with Session(engine) as session:
        assert meeting_page(session, world.area_id, view.meeting).bar.planned == 10  # the welcome and the close


def test_the_minutes_of_a_question_count_and_name_what_stands(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str, sign_in: SignIn
) -> None:
    withdraw_one(engine, world, closed, "NF-2")
    act_as(engine, world.priya, world.area_id, ballots.take_up, meeting, asked)
    room = sign_in(world.helen).get(f"/meetings/{meeting}/room").text
    assert "on 3 plans" in room and "NF-2" not in room
    plans = {key: one for key, one in decision(engine, closed).plans.items() if key not in ids(engine, closed, "NF-2")}
    decide(engine, world, asked, version(engine), replace(decision(engine, closed), plans=plans))
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    with Session(engine) as session:
        record = minutes_page(session, world.area_id, meeting).record
    *_, place = record.places
    assert (len(place.counting), place.withdrawn, record.undecided) == (3, 1, 1)  # one item was not reached
    page = sign_in(world.priya).get(f"/meetings/{meeting}/minutes").text
    assert "a question about the guidance, 3 plans" in page and "1 plan was withdrawn" in page
    assert "NF-2" not in page and "1 item not decided" in page


def test_an_item_that_was_withdrawn_comes_off_the_agenda(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    act_as(engine, world.priya, world.area_id, agendas.put_on_agenda, meeting, ids(engine, closed, "NF-2"))
    withdraw_one(engine, world, closed, "NF-2")
    act_as(engine, world.priya, world.area_id, agendas.take_off, meeting, item(engine, closed, "NF-2", "A05").id)
    assert rows(engine, MeetingItem) == []
    assert cell(engine, closed, "NF-2", "A05").state is DisagreementState.WITHDRAWN


def test_votes_on_a_plan_that_is_withdrawn_are_dropped_and_the_others_are_revealed(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    go(engine, world, meeting, asked, Step.VOTING)
    vote(engine, world, world.amina, meeting, asked, dict.fromkeys(ids(engine, closed), "1"))
    withdraw_one(engine, world, closed, "NF-2")
    assert {one.item_id for one in rows(engine, Ballot)}.isdisjoint({asked}) and len(rows(engine, Ballot)) == 3
    act_as(engine, world.priya, world.area_id, ballots.take_step, meeting, item(engine, closed, "NF-1", "A05").id, Step.REVEALED)
    assert rows(engine, Ballot) == []
