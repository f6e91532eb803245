"""A question about the guidance: several plans of one criterion as one item, from the agenda to one lesson."""

import pytest
from sqlalchemy import Engine, update
from sqlmodel import Session

from moderation.ledger import EventRow
from moderation.moderate import (
    agendas,
    ballots,
    confirmations,
    drafts,
    filling,
    meetings,
    question_decisions,
    questions,
    reopening,
)
from moderation.moderate.decisions import Decision, defer_item, stand_aside
from moderation.moderate.decisions import decide as decide_alone
from moderation.moderate.item_states import ItemState, item_state
from moderation.moderate.queries_agenda import MeetingPage, meeting_page
from moderation.moderate.queries_meetings import meeting_facts, meeting_lines
from moderation.moderate.queries_minutes import record_of
from moderation.moderate.queries_outcomes import lesson_outcomes
from moderation.moderate.queries_room import RoomPage, room_page
from moderation.moderate.question_decisions import PlanDecision, QuestionDecision
from moderation.moderate.question_tables import LessonSource, MeetingQuestion, QuestionItem
from moderation.moderate.states import Basis, Cause, DisagreementState, LessonState
from moderation.moderate.steps import Step
from moderation.moderate.tables import AgreedRating, Ballot, Disagreement, Lesson, MeetingItem, Revote
from moderation.words import InvalidInput, NotFound, Refused, StaleWrite
from tests.actions.test_moderate_item_time import conflict_of
from tests.actions.test_moderate_meetings import TERMS, cell, item, rows
from tests.build import Person, World, act_as
from tests.build_moderation import ClosedRound, a_routed_round
from tests.pages.test_moderate_aside import conflict

REFERENCES = ("NF-1", "NF-2", "NF-3", "NF-4")
PLANS = {reference: {"A05": (0, 1, 1), "E01": (1, 3, 3)} for reference in REFERENCES}
REASON = "A dated review is enough when it names a person."


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def meeting(engine: Engine, world: World, closed: ClosedRound) -> str:
    planned: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    return planned


def ids(engine: Engine, closed: ClosedRound, *references: str) -> list[str]:
    return [cell(engine, closed, reference, "A05").id for reference in references or REFERENCES]


def put(engine: Engine, world: World, closed: ClosedRound, meeting: str, *references: str) -> int:
    wanted = ids(engine, closed, *references)
    return act_as(engine, world.priya, world.area_id, questions.put_question, meeting, wanted)  # type: ignore[no-any-return]


@pytest.fixture
def asked(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> str:
    """A meeting in session with E01 of NF-1 and the question about A05; the id of an item of the question."""
    act_as(engine, world.priya, world.area_id, agendas.put_on_agenda, meeting, [cell(engine, closed, "NF-1", "E01").id])
    put(engine, world, closed, meeting)
    act_as(engine, world.priya, world.area_id, meetings.start, meeting)
    people = [world.helen.id, world.amina.id, world.tom.id]
    act_as(engine, world.priya, world.area_id, meetings.record_attendance, meeting, people)
    return item(engine, closed, "NF-2", "A05").id


def go(engine: Engine, world: World, meeting: str, item_id: str, to: Step) -> None:
    act_as(engine, world.priya, world.area_id, ballots.take_step, meeting, item_id, to)


def vote(engine: Engine, world: World, person: Person, meeting: str, item_id: str, answers: dict[str, str]) -> bool:
    done: bool = act_as(engine, person, world.area_id, ballots.cast_all, meeting, item_id, answers)
    return done


def page(engine: Engine, world: World, meeting: str) -> MeetingPage:
    with Session(engine) as session:
        return meeting_page(session, world.area_id, meeting_facts(session, world.area_id, meeting))


def state(engine: Engine, world: World, meeting: str, person: Person) -> ItemState:
    with Session(engine) as session:
        found = item_state(session, world.area_id, meeting, person.id)
    assert found is not None
    return found


def room(engine: Engine, world: World, meeting: str, item_id: str, person: Person | None = None) -> RoomPage:
    with Session(engine) as session:
        return room_page(session, world.area_id, meeting, item_id, (person or world.priya).id)


def decision(engine: Engine, closed: ClosedRound, *references: str, **changed: object) -> QuestionDecision:
    plans = {key: PlanDecision(1, None, Basis.MAJORITY) for key in ids(engine, closed, *references)}
    given = {"plans": plans, "reason": REASON, "cause": Cause.GUIDANCE, "lesson": "Say that a dated review counts."} | changed
    return QuestionDecision(**given)  # type: ignore[arg-type]


def decide(engine: Engine, world: World, item_id: str, version: int, made: QuestionDecision) -> int:
    return act_as(engine, world.priya, world.area_id, question_decisions.decide_question, item_id, version, made)  # type: ignore[no-any-return]


def version(engine: Engine) -> int:
    (question,) = rows(engine, MeetingQuestion)
    found: int = question.version
    return found


def events(engine: Engine) -> list[str]:
    area_id = rows(engine, Disagreement)[0].area_id
    return [row.name for row in sorted(rows(engine, EventRow), key=lambda row: row.seq) if row.chain == area_id]


def states_of(engine: Engine, closed: ClosedRound) -> list[DisagreementState]:
    return [cell(engine, closed, reference, "A05").state for reference in REFERENCES]


# --- the agenda -----------------------------------------------------------------------------------------------------------


def test_a_question_takes_one_place_with_all_its_plans(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    assert put(engine, world, closed, meeting) == 4
    assert put(engine, world, closed, meeting) == 0
    view = page(engine, world, meeting)
    (place,) = view.places
    assert [one.plan.reference for one in place.items] == list(REFERENCES)
    assert (place.minutes, view.bar.planned) == (10 + 4 * 2, 10 + 18)
    with Session(engine) as session:
        (line,) = meeting_lines(session, world.area_id)
    assert (line.items, line.decided) == (1, 0)
    assert states_of(engine, closed) == [DisagreementState.LISTED] * 4
    assert events(engine)[-1] == "QuestionListed"


def test_it_moves_as_one_and_comes_off_as_one(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    act_as(engine, world.priya, world.area_id, agendas.put_on_agenda, meeting, [cell(engine, closed, "NF-1", "E01").id])
    put(engine, world, closed, meeting)
    one = item(engine, closed, "NF-3", "A05")
    assert act_as(engine, world.priya, world.area_id, agendas.move_item, meeting, one.id, -1) == 1
    assert [place.criterion.key for place in page(engine, world, meeting).places] == ["A05", "E01"]
    act_as(engine, world.priya, world.area_id, agendas.take_off, meeting, one.id)
    assert [place.criterion.key for place in page(engine, world, meeting).places] == ["E01"]
    assert (rows(engine, MeetingQuestion), rows(engine, QuestionItem)) == ([], [])
    assert states_of(engine, closed) == [DisagreementState.FOUND] * 4


def test_it_has_minutes_of_its_own(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    put(engine, world, closed, meeting)
    one = item(engine, closed, "NF-3", "A05")
    act_as(engine, world.priya, world.area_id, agendas.set_minutes, meeting, one.id, 1, 25)
    assert page(engine, world, meeting).places[0].minutes == 25
    with pytest.raises(StaleWrite):
        act_as(engine, world.priya, world.area_id, agendas.set_minutes, meeting, one.id, 1, 30)
    act_as(engine, world.priya, world.area_id, agendas.set_minutes, meeting, one.id, 2, 18)
    assert rows(engine, MeetingQuestion)[0].minutes is None


def test_a_question_is_about_one_criterion_and_one_plan_is_no_question(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    mixed = [cell(engine, closed, "NF-1", "E01").id, cell(engine, closed, "NF-2", "A05").id]
    with pytest.raises(Refused, match="one criterion"):
        act_as(engine, world.priya, world.area_id, questions.put_question, meeting, mixed)
    assert put(engine, world, closed, meeting, "NF-1") == 1
    assert rows(engine, MeetingQuestion) == [] and len(rows(engine, MeetingItem)) == 1


def test_nobody_moderates_a_question_with_a_plan_they_scored(engine: Engine, world: World, closed: ClosedRound) -> None:
    own = act_as(engine, world.helen, world.area_id, meetings.create_meeting, closed.id, TERMS)
    with pytest.raises(Refused, match="scored"):
        act_as(engine, world.helen, world.area_id, questions.put_question, own, ids(engine, closed))
    assert rows(engine, MeetingQuestion) == []


def test_more_plans_join_a_question_until_it_is_voted_on(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    put(engine, world, closed, meeting, "NF-1", "NF-2")
    assert put(engine, world, closed, meeting, "NF-3") == 1
    act_as(engine, world.priya, world.area_id, meetings.start, meeting)
    act_as(engine, world.priya, world.area_id, meetings.record_attendance, meeting, [world.tom.id])
    go(engine, world, meeting, item(engine, closed, "NF-1", "A05").id, Step.VOTING)
    with pytest.raises(Refused, match="item of its own"):
        put(engine, world, closed, meeting, "NF-4")
    assert len(page(engine, world, meeting).places[0].items) == 3


def test_filling_takes_what_recurs_as_one_question(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    assert act_as(engine, world.priya, world.area_id, filling.fill_agenda, meeting) == len(rows(engine, Disagreement))
    places = page(engine, world, meeting).places
    (question,) = [place for place in places if place.question]
    assert (question.criterion.key, len(question.items)) == ("A05", 4)
    assert all(place.criterion.key == "E01" for place in places if not place.question)
    assert act_as(engine, world.priya, world.area_id, filling.fill_agenda, meeting) == 0


def test_a_plan_leaves_the_question_with_what_was_typed_about_it(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    mine = cell(engine, closed, "NF-2", "A05").id
    typed = {f"rating-{mine}": "0", f"note-{mine}": "Only NF-2", "reason": "Shared", f"rating-{mine}x": "1"}
    act_as(engine, world.priya, world.area_id, drafts.save_draft, meeting, asked, "window", 0, typed)
    before = version(engine)
    act_as(engine, world.priya, world.area_id, questions.take_alone, meeting, asked)
    act_as(engine, world.priya, world.area_id, questions.take_alone, meeting, asked)
    alone = item(engine, closed, "NF-2", "A05")
    assert alone.draft["values"] == {"rating": "0", "notes": "Only NF-2"}
    assert version(engine) == before + 1
    assert [len(place.items) for place in page(engine, world, meeting).places] == [1, 3, 1]
    assert page(engine, world, meeting).places[2].item_id == alone.id
    assert events(engine).count("PlanTakenAlone") == 1


# --- the vote -------------------------------------------------------------------------------------------------------------


def test_votes_on_all_plans_are_sent_at_once_and_revealed_together(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    go(engine, world, meeting, asked, Step.VOTING)
    yes = dict.fromkeys(ids(engine, closed), "1")
    assert not vote(engine, world, world.helen, meeting, asked, yes)
    assert not vote(engine, world, world.amina, meeting, asked, yes | {ids(engine, closed, "NF-1")[0]: "0"})
    assert (state(engine, world, meeting, world.tom).voted, state(engine, world, meeting, world.tom).voters) == (2, 3)
    assert not state(engine, world, meeting, world.tom).mine_is_in and rows(engine, Revote) == []
    assert vote(engine, world, world.tom, meeting, asked, dict.fromkeys(yes, "abstain"))
    assert len(rows(engine, Revote)) == 12 and rows(engine, Ballot) == []
    assert {one.step for one in rows(engine, MeetingItem) if one.position == 2} == {Step.REVEALED}
    view = room(engine, world, meeting, asked)
    assert [dict(shown.votes) for _, shown in view.plans] == [{"1": 1, "0": 1}, {"1": 2}, {"1": 2}, {"1": 2}]
    assert events(engine)[-3:] == ["QuestionBallotsCast", "QuestionStepTaken", "RevotesRecorded"]


def test_a_vote_that_leaves_a_plan_out_is_not_taken(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    go(engine, world, meeting, asked, Step.VOTING)
    first, *others = ids(engine, closed)
    with pytest.raises(InvalidInput) as refused:
        vote(engine, world, world.helen, meeting, asked, dict.fromkeys(others, "1") | {"somebody": "1"})
    assert [problem.field for problem in refused.value.problems] == [f"answer-{first}"]
    assert rows(engine, Ballot) == []


def test_somebody_with_a_conflict_votes_on_the_other_plans_only(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    conflict(engine, world, world.tom)  # with NF-1
    go(engine, world, meeting, asked, Step.VOTING)
    first, *others = ids(engine, closed)
    for person in (world.helen, world.amina):
        vote(engine, world, person, meeting, asked, dict.fromkeys([first, *others], "1"))
    assert state(engine, world, meeting, world.tom).voters == 3
    assert vote(engine, world, world.tom, meeting, asked, dict.fromkeys([first, *others], "0"))
    cast = [(row.disagreement_id == first, row.account_id) for row in rows(engine, Revote)]
    assert len(cast) == 11 and (True, world.tom.id) not in cast
    assert decide(engine, world, asked, 1, decision(engine, closed)) == 4
    quorate = {row.disagreement_id: row.quorate for row in rows(engine, AgreedRating)}
    assert quorate == {first: False, **dict.fromkeys(others, True)}


def test_somebody_with_a_conflict_on_every_plan_has_no_vote(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    conflict_of(engine, world, world.tom)  # with the setting of every plan
    go(engine, world, meeting, asked, Step.VOTING)
    with pytest.raises(NotFound):
        vote(engine, world, world.tom, meeting, asked, dict.fromkeys(ids(engine, closed), "1"))
    assert state(engine, world, meeting, world.tom).voters == 2
    assert not state(engine, world, meeting, world.tom).i_vote


def test_a_rating_against_the_vote_is_refused_beside_its_plan(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    go(engine, world, meeting, asked, Step.VOTING)
    vote(engine, world, world.helen, meeting, asked, dict.fromkeys(ids(engine, closed), "1"))
    go(engine, world, meeting, asked, Step.REVEALED)
    first, *others = ids(engine, closed)
    plans = {first: PlanDecision(0, None, Basis.CHAIR), **{key: PlanDecision(1, None, Basis.UNANIMOUS) for key in others}}
    with pytest.raises(InvalidInput) as refused:
        decide(engine, world, asked, 1, decision(engine, closed, plans=plans))
    assert [problem.field for problem in refused.value.problems] == [f"rating-{first}"]
    assert rows(engine, AgreedRating) == []


def test_a_chair_with_a_late_conflict_leaves_that_plan_and_goes_on_with_the_others(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    conflict(engine, world, world.priya)  # with NF-1
    with pytest.raises(Refused, match="out of this item"):
        decide(engine, world, asked, 1, decision(engine, closed))
    with pytest.raises(Refused, match="out of this item"):
        room(engine, world, meeting, asked)
    out = item(engine, closed, "NF-1", "A05").id
    act_as(engine, world.priya, world.area_id, stand_aside, meeting, out)
    assert [shown.plan.reference for _, shown in room(engine, world, meeting, asked).plans] == ["NF-2", "NF-3", "NF-4"]
    assert room(engine, world, meeting, out).item.plan.reference == "NF-2"
    assert decide(engine, world, asked, version(engine), decision(engine, closed)) == 3


def test_a_vote_after_the_reveal_comes_too_late(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    go(engine, world, meeting, asked, Step.VOTING)
    vote(engine, world, world.helen, meeting, asked, dict.fromkeys(ids(engine, closed), "1"))
    go(engine, world, meeting, asked, Step.REVEALED)
    with pytest.raises(Refused, match="too late"):
        vote(engine, world, world.amina, meeting, asked, dict.fromkeys(ids(engine, closed), "1"))
    assert {row.account_id for row in rows(engine, Revote)} == {world.helen.id}


def test_the_room_votes_again_on_all_plans(engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str) -> None:
    go(engine, world, meeting, asked, Step.VOTING)
    vote(engine, world, world.helen, meeting, asked, dict.fromkeys(ids(engine, closed), "1"))
    go(engine, world, meeting, asked, Step.REVEALED)
    for _ in range(2):
        act_as(engine, world.priya, world.area_id, ballots.vote_again, meeting, asked, 1)
    act_as(engine, world.helen, world.area_id, ballots.cast_all, meeting, asked, dict.fromkeys(ids(engine, closed), "0"), 2)
    go(engine, world, meeting, asked, Step.REVEALED)
    view = room(engine, world, meeting, asked)
    assert all((shown.first_votes, shown.votes) == ({"1": 1}, {"0": 1}) for _, shown in view.plans)
    assert events(engine).count("QuestionVotedAgain") == 1


# --- the decision ---------------------------------------------------------------------------------------------------------


def test_one_decision_gives_every_plan_a_rating_and_makes_one_lesson(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    first, *others = ids(engine, closed)
    plans = {key: PlanDecision(1, None, Basis.MAJORITY) for key in others}
    plans[first] = PlanDecision(0, None, Basis.CHAIR, dissent="Too strict", dissenter="Amina", note="Page 3 only.")
    assert decide(engine, world, asked, 1, decision(engine, closed, plans=plans, notes="Talked long.")) == 4
    made = {row.disagreement_id: row for row in rows(engine, AgreedRating)}
    assert {row.reason for row in made.values()} == {REASON} and {row.cause for row in made.values()} == {Cause.GUIDANCE}
    assert [made[key].value for key in (first, *others)] == [0, 1, 1, 1]
    assert (made[first].dissent, made[first].dissenter, made[others[0]].dissent) == ("Too strict", "Amina", "")
    (lesson,) = rows(engine, Lesson)
    assert {lesson.disagreement_id, *(row.disagreement_id for row in rows(engine, LessonSource))} == {first, *others}
    assert states_of(engine, closed) == [DisagreementState.NOT_AGREED_CHAIR_DECIDED, *[DisagreementState.AGREED] * 3]
    named = events(engine)
    assert (named.count("QuestionDecided"), named.count("DisagreementDecided"), named.count("LessonProposed")) == (1, 4, 1)
    shown = room(engine, world, meeting, asked)
    assert shown.turn.is_settled and all(one.lessons == ("Say that a dated review counts.",) for _, one in shown.plans)


def test_a_plan_without_a_rating_is_asked_for_by_name(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        decide(engine, world, asked, 1, decision(engine, closed, "NF-1", "NF-2", "NF-3"))
    assert [problem.field for problem in refused.value.problems] == [f"rating-{ids(engine, closed, 'NF-4')[0]}"]
    assert rows(engine, AgreedRating) == []


def test_two_people_who_decide_at_the_same_moment_see_both_decisions(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    decide(engine, world, asked, 1, decision(engine, closed))
    with pytest.raises(StaleWrite) as stale:
        decide(engine, world, asked, 1, decision(engine, closed, reason="Something else"))
    assert (stale.value.mine["reason"], stale.value.theirs["reason"]) == ("Something else", REASON)
    assert len(rows(engine, AgreedRating)) == 4 and len(rows(engine, Lesson)) == 1


def test_nothing_is_decided_while_the_vote_is_open(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    go(engine, world, meeting, asked, Step.VOTING)
    with pytest.raises(Refused, match="open"):
        decide(engine, world, asked, 1, decision(engine, closed))
    with pytest.raises(Refused, match="open"):
        act_as(engine, world.priya, world.area_id, questions.take_alone, meeting, asked)
    assert rows(engine, AgreedRating) == []


def test_one_plan_is_deferred_and_the_question_goes_on(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    go(engine, world, meeting, asked, Step.DISCUSSION)
    act_as(engine, world.priya, world.area_id, question_decisions.defer_plan, asked, 1, "Ask the school first")
    with pytest.raises(StaleWrite):
        decide(engine, world, asked, 1, decision(engine, closed))
    assert decide(engine, world, asked, 2, decision(engine, closed)) == 3
    assert states_of(engine, closed)[1] is DisagreementState.DEFERRED
    assert (len(rows(engine, Lesson)), len(rows(engine, LessonSource))) == (1, 2)


def test_the_whole_question_is_deferred_and_carried_over_as_one(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    key = ids(engine, closed, "NF-3")[0]
    act_as(engine, world.priya, world.area_id, drafts.save_draft, meeting, asked, "w", 0, {"reason": REASON, f"rating-{key}": "1"})
    with pytest.raises(InvalidInput):
        act_as(engine, world.priya, world.area_id, question_decisions.defer_question, asked, 1, " ")
    act_as(engine, world.priya, world.area_id, question_decisions.defer_question, asked, 1, "No time left")
    assert states_of(engine, closed) == [DisagreementState.DEFERRED] * 4
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    later = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    assert put(engine, world, closed, later) == 4
    again = next(row for row in rows(engine, MeetingQuestion) if row.meeting_id == later)
    assert again.draft["values"] == {"reason": REASON, f"rating-{key}": "1"}


def test_what_was_typed_last_about_a_plan_goes_into_its_question(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    """In the first meeting the plan leaves its question, in the second it is deferred with it, in the third it is by itself."""
    key, by_priya = ids(engine, closed, "NF-2")[0], (engine, world.priya, world.area_id)
    keep(engine, world, meeting, asked, {f"note-{key}": "OLD note", f"rating-{key}": "1"})
    act_as(*by_priya, question_decisions.defer_plan, asked, 1, "Ask the school")
    act_as(*by_priya, meetings.conclude, meeting)
    second, there = next_meeting(engine, world, closed, key, *REFERENCES)
    keep(engine, world, second, there, {f"note-{key}": "NEW and much longer note", f"rating-{key}": "3", "reason": "NEW"})
    act_as(*by_priya, question_decisions.defer_question, there, 1, "No time left")
    act_as(*by_priya, meetings.conclude, second)
    third, _ = next_meeting(engine, world, closed, key, *REFERENCES)
    assert draft_in(engine, third) == {f"note-{key}": "NEW and much longer note", f"rating-{key}": "3", "reason": "NEW"}
    act_as(*by_priya, questions.take_alone, third, item_of(engine, third, key))
    keep(engine, world, third, item_of(engine, third, key), {"notes": "By itself", "rating": "2"})
    act_as(*by_priya, meetings.conclude, third)
    fourth, _ = next_meeting(engine, world, closed, key, *REFERENCES)
    assert draft_in(engine, fourth) == {f"note-{key}": "By itself", f"rating-{key}": "2", "reason": "NEW"}


def keep(engine: Engine, world: World, meeting: str, item_id: str, typed: dict[str, str]) -> None:
    seen = room(engine, world, meeting, item_id).draft.get("version", 0)
    act_as(engine, world.priya, world.area_id, drafts.save_draft, meeting, item_id, "w", seen, typed)


def next_meeting(engine: Engine, world: World, closed: ClosedRound, key: str, *references: str) -> tuple[str, str]:
    """A later one, in session with the plans as a question; the id of one of its items."""
    later: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    put(engine, world, closed, later, *references)
    act_as(engine, world.priya, world.area_id, meetings.start, later)
    return later, item_of(engine, later, key)


def item_of(engine: Engine, meeting: str, key: str) -> str:
    return next(row.id for row in rows(engine, MeetingItem) if (row.meeting_id, row.disagreement_id) == (meeting, key))


def draft_in(engine: Engine, meeting: str) -> dict[str, str]:
    return next(row.draft["values"] for row in rows(engine, MeetingQuestion) if row.meeting_id == meeting)


def test_a_decision_is_reopened_for_all_its_plans(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    decide(engine, world, asked, 1, decision(engine, closed, notes="Said."))
    act_as(engine, world.priya, world.area_id, reopening.reopen_question, meeting, asked, 2)
    assert rows(engine, AgreedRating) == [] and rows(engine, Lesson) == [] and rows(engine, LessonSource) == []
    assert states_of(engine, closed) == [DisagreementState.DISCUSSED] * 4
    (question,) = rows(engine, MeetingQuestion)
    kept = question.draft["values"]
    assert (kept["reason"], kept["lesson"], kept["notes"]) == (REASON, "Say that a dated review counts.", "Said.")
    assert [kept[f"rating-{key}"] for key in ids(engine, closed)] == ["1"] * 4
    assert all(len(one.former) == 1 for one in rows(engine, MeetingItem) if one.position == 2)
    assert decide(engine, world, asked, 3, decision(engine, closed)) == 4


def test_a_draft_is_kept_as_it_is_typed_and_two_windows_lose_nothing(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    save = (drafts.save_draft, meeting, asked)
    assert act_as(engine, world.priya, world.area_id, *save, "one", 0, {"reason": "First"}).version == 1
    with pytest.raises(StaleWrite):
        act_as(engine, world.priya, world.area_id, *save, "two", 0, {"reason": "Second"})
    assert rows(engine, MeetingQuestion)[0].draft["values"] == {"reason": "First"}
    assert events(engine)[-1] == "QuestionDrafted"


def test_the_minutes_hold_a_question_as_one_item_with_one_reason_and_one_lesson(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    decide(engine, world, asked, 1, decision(engine, closed))
    with Session(engine) as session:
        kept = record_of(session, world.area_id, meeting)
    single, question = kept.places
    assert (single.is_question, question.is_question, len(question.items)) == (False, True, 4)
    assert (question.reason, question.lessons) == (REASON, ("Say that a dated review counts.",))
    assert [one.plan for one in question.items] == list(REFERENCES)


def test_a_lesson_is_hidden_only_from_somebody_who_is_out_of_all_its_plans(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    decide(engine, world, asked, 1, decision(engine, closed))
    with Session(engine) as session:
        every = list(closed.plans.values())
        assert len(lesson_outcomes(session, world.area_id, meeting, every[:3])) == 1
        assert lesson_outcomes(session, world.area_id, meeting, every) == ()


# --- a plan of a question by itself ---------------------------------------------------------------------------------------


def later_meeting(engine: Engine, world: World, closed: ClosedRound, *references: str) -> str:
    """Another one, with these plans one by one."""
    planned: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    act_as(engine, world.priya, world.area_id, agendas.put_on_agenda, planned, ids(engine, closed, *references))
    return planned


def values_of(engine: Engine, meeting: str, key: str) -> dict[str, str]:
    found = next(row for row in rows(engine, MeetingItem) if (row.meeting_id, row.disagreement_id) == (meeting, key))
    return (found.draft or {"values": {}})["values"]  # type: ignore[no-any-return]


LONG = "A dated review is enough.\nIt names a person."


@pytest.mark.parametrize("how", ["deferred", "not decided"])
def test_a_plan_of_a_question_that_was_put_off_brings_what_was_written_about_the_question(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str, how: str
) -> None:
    key = ids(engine, closed, "NF-2")[0]
    typed = {"reason": LONG, "lesson": "Say so.", "notes": "Talked long.", f"note-{key}": "Page 3", f"rating-{key}": "1"}
    keep(engine, world, meeting, asked, typed)
    if how == "deferred":
        act_as(engine, world.priya, world.area_id, question_decisions.defer_question, asked, 1, "No time left")
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    second = later_meeting(engine, world, closed, "NF-2")
    brought = {"reason": LONG, "lesson": "Say so.", "notes": "Talked long.\nPage 3", "rating": "1"}
    assert values_of(engine, second, key) == brought
    act_as(engine, world.priya, world.area_id, meetings.cancel_meeting, second)
    third, _ = next_meeting(engine, world, closed, key, *REFERENCES)
    kept = draft_in(engine, third)
    assert (kept["reason"], kept["lesson"], kept["notes"], kept[f"rating-{key}"]) == (LONG, "Say so.", "Talked long.", "1")


def test_a_plan_that_was_deferred_before_its_question_brings_both(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    key = ids(engine, closed, "NF-2")[0]
    keep(engine, world, meeting, asked, {"notes": "Talked long.", f"note-{key}": "Page 3"})
    act_as(engine, world.priya, world.area_id, question_decisions.defer_plan, asked, 1, "Ask the school")
    others = item(engine, closed, "NF-3", "A05").id
    keep(engine, world, meeting, others, {"notes": "Talked longer."})
    act_as(engine, world.priya, world.area_id, question_decisions.defer_question, others, 2, "No time left")
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    assert values_of(engine, later_meeting(engine, world, closed, "NF-2"), key) == {"notes": "Talked longer.\nPage 3"}


def test_a_plan_left_out_of_the_next_meetings_question_keeps_what_was_typed_about_it(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    mine, out = ids(engine, closed, "NF-2")[0], ids(engine, closed, "NF-4")[0]
    keep(
        engine, world, meeting, asked, {"reason": "First", f"note-{mine}": "Page 3", f"note-{out}": "Page 4", f"rating-{out}": "0"}
    )
    act_as(engine, world.priya, world.area_id, question_decisions.defer_question, asked, 1, "No time left")
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    second, there = next_meeting(engine, world, closed, mine, "NF-1", "NF-2", "NF-3")
    keep(engine, world, second, there, {"reason": "Second", f"note-{mine}": "Page 5"})
    act_as(engine, world.priya, world.area_id, meetings.conclude, second)
    third, _ = next_meeting(engine, world, closed, mine, *REFERENCES)
    assert draft_in(engine, third) == {"reason": "Second", f"note-{mine}": "Page 5", f"note-{out}": "Page 4", f"rating-{out}": "0"}


def test_a_window_that_has_an_old_draft_of_the_question_does_not_write_over_the_plan_taken_out_of_it(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    """The question goes when its last plan does, and what its windows send is about the plan then."""
    key, by_priya = ids(engine, closed, "NF-2")[0], (engine, world.priya, world.area_id)
    for window, version_seen, note in (("one", 0, "Page 3"), ("two", 1, "Page 4")):
        act_as(*by_priya, drafts.save_draft, meeting, asked, window, version_seen, {f"note-{key}": note})
    for reference in REFERENCES:
        act_as(*by_priya, questions.take_alone, meeting, item(engine, closed, reference, "A05").id)
    with pytest.raises(StaleWrite) as both:
        act_as(*by_priya, drafts.save_draft, meeting, asked, "one", 1, {f"note-{key}": "Page 3, again"})
    assert (both.value.mine["notes"], both.value.theirs["notes"]) == ("Page 3, again", "Page 4")
    other = item(engine, closed, "NF-1", "A05").id  # about which nothing had been written
    act_as(*by_priya, drafts.save_draft, meeting, other, "new", 3, {"notes": "Mine"})
    with pytest.raises(StaleWrite):
        act_as(*by_priya, drafts.save_draft, meeting, other, "one", 1, {"notes": "Old"})


# --- a decision that replaced another -------------------------------------------------------------------------------------


def test_a_question_that_is_reopened_gives_back_the_decision_that_it_had_replaced(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    """One plan was decided without a quorum before; a second meeting took it up and deferred it, a third asks it as a question."""
    by_priya, key = (engine, world.priya, world.area_id), ids(engine, closed, "NF-2")[0]
    act_as(*by_priya, questions.take_alone, meeting, asked)
    act_as(*by_priya, meetings.record_attendance, meeting, [world.helen.id])
    made = Decision(closed.plans["NF-2"], "A05", 0, None, Basis.MAJORITY, "By two", lesson="Count the reviews.")
    act_as(*by_priya, decide_alone, meeting, [made])
    act_as(*by_priya, meetings.conclude, meeting)
    (before,), (lesson,) = rows(engine, AgreedRating), rows(engine, Lesson)
    second = act_as(*by_priya, meetings.create_meeting, closed.id, TERMS)
    act_as(*by_priya, confirmations.take_up_again, second, key)
    act_as(*by_priya, meetings.begin, second, [world.helen.id])
    act_as(*by_priya, defer_item, item_of(engine, second, key), 1, "No time")
    third, there = next_meeting(engine, world, closed, key, *REFERENCES)
    act_as(*by_priya, meetings.record_attendance, third, [world.helen.id, world.amina.id, world.tom.id])
    assert decide(engine, world, there, 1, decision(engine, closed, lesson="Count the reviews.")) == 4
    assert before.id not in {row.id for row in rows(engine, AgreedRating)} and len(rows(engine, Lesson)) == 1
    act_as(*by_priya, reopening.reopen_question, third, there, 2)
    assert (rows(engine, AgreedRating), rows(engine, Lesson), rows(engine, LessonSource)) == ([before], [lesson], [])
    assert draft_in(engine, third)["lesson"] == "Count the reviews."
    former = next(row.former for row in rows(engine, MeetingItem) if row.id == there)
    assert [(one["reason"], one.get("why")) for one in former] == [("By two", "earlier"), (REASON, None)]
    act_as(*by_priya, meetings.conclude, third)
    act_as(*by_priya, meetings.conclude, second)
    assert cell(engine, closed, "NF-2", "A05").state is DisagreementState.AGREED and rows(engine, AgreedRating) == [before]


def test_notes_on_a_question_and_on_one_plan_of_it_go_into_the_minutes_where_they_are_left_undecided(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    one, alone = ids(engine, closed, "NF-2")[0], ids(engine, closed, "NF-1")[0]
    typed = {"notes": "Ask the SEND team.", f"note-{one}": "The review has no date.", f"note-{alone}": "Two names."}
    by_priya = (engine, world.priya, world.area_id)
    act_as(*by_priya, drafts.save_draft, meeting, asked, "w", 0, typed)
    act_as(*by_priya, question_decisions.defer_plan, item_of(engine, meeting, one), 1, "Ask the school")
    act_as(*by_priya, meetings.conclude, meeting)
    with Session(engine) as session:
        items = {found.plan: found for found in record_of(session, world.area_id, meeting).items}
    assert {found.question_notes for found in items.values() if found.is_question} == {"Ask the SEND team."}
    assert (items["NF-1"].notes, items["NF-2"].notes, items["NF-3"].notes) == ("Two names.", "The review has no date.", "")


def test_notes_of_an_earlier_meeting_are_not_repeated_in_the_minutes_of_one_that_does_not_reach_the_item(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    by_priya = (engine, world.priya, world.area_id)
    act_as(*by_priya, drafts.save_draft, meeting, asked, "w", 0, {"notes": "Ask the SEND team."})
    act_as(*by_priya, meetings.conclude, meeting)
    second, _ = next_meeting(engine, world, closed, ids(engine, closed)[0], *REFERENCES)
    assert draft_in(engine, second)["notes"] == "Ask the SEND team."
    act_as(*by_priya, meetings.conclude, second)
    with Session(engine) as session:
        assert not any(found.question_notes or found.notes for found in record_of(session, world.area_id, second).items)


def test_a_lesson_that_was_adopted_meanwhile_is_not_proposed_twice_by_deciding_again(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    decide(engine, world, asked, 1, decision(engine, closed))
    with Session(engine) as session:
        session.exec(update(Lesson).values(state=LessonState.ADOPTED))
        session.commit()
    act_as(engine, world.priya, world.area_id, reopening.reopen_question, meeting, asked, 2)
    assert draft_in(engine, meeting)["lesson"] == "Say that a dated review counts."
    assert decide(engine, world, asked, 3, decision(engine, closed)) == 4
    assert [lesson.state for lesson in rows(engine, Lesson)] == [LessonState.ADOPTED]
