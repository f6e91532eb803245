"""Lessons: adopted into the next framework version, with edits, declined, taken back; two about the same sentence."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.ledger import EventRow
from moderation.moderate import lessons as moderate
from moderation.moderate.states import LessonState, MeetingState
from moderation.moderate.tables import LessonDecision
from moderation.register import actions as register
from moderation.register import queries as register_queries
from moderation.register.framework import Criterion
from moderation.track import lessons
from moderation.track.queries.lessons import LessonsPage, lessons_page
from moderation.words import InvalidInput, NotFound, Refused, StaleWrite
from tests.build import World, a_world, act_as
from tests.build_lessons import lesson_row, some_lessons
from tests.build_moderation import ClosedRound, a_closed_round

PLANS = {f"NF-{number}": {"E01": (1, 3, 3), "F02": (1, 3, 3)} for number in range(1, 5)}
SAYS = "Say how many."


pytestmark = pytest.mark.scene(a_closed_round, PLANS)


@pytest.fixture
def lesson(engine: Engine, world: World, closed: ClosedRound) -> str:
    return some_lessons(engine, world, closed, "F02", [SAYS])[0]


def page(engine: Engine, world: World, show: str = "waiting") -> LessonsPage:
    with Session(engine) as session:
        return lessons_page(session, world.area_id, show)


def criterion(engine: Engine, world: World, version_id: str, key: str = "F02") -> Criterion:
    with Session(engine) as session:
        return register_queries.framework_view(session, world.area_id, version_id).framework.criterion(key)


def do(engine: Engine, world: World, verb, *args):  # type: ignore[no-untyped-def]
    return act_as(engine, world.grace, world.area_id, verb, *args)


def guidance(engine: Engine, world: World) -> str:
    return page(engine, world).waiting[0].first.now


def suggest(engine: Engine, world: World, lesson_id: str, wording: str) -> None:
    version = lesson_row(engine, lesson_id).version
    act_as(engine, world.priya, world.area_id, moderate.word_lesson, lesson_id, version, guidance(engine, world), wording)


def first_sentence(text: str, instead: str) -> str:
    return f"{instead}{text[text.index('. ') + 1 :]}"


def test_a_lesson_is_adopted_into_a_new_draft_and_auditors_read_it_once_that_is_published(
    engine: Engine, world: World, closed: ClosedRound, lesson: str
) -> None:
    in_use = page(engine, world).published
    draft = do(engine, world, lessons.adopt, lesson, 1)
    assert [(one.text, one.lesson_id) for one in criterion(engine, world, draft).rulings] == [(SAYS, lesson)]
    assert in_use is not None and criterion(engine, world, in_use.id).rulings == ()
    assert (lesson_row(engine, lesson).state, page(engine, world).counts) == (
        LessonState.ADOPTED,
        {"waiting": 0, "adopted": 1, "declined": 0},
    )
    do(engine, world, register.publish_framework, draft, 2)
    assert page(engine, world, "adopted").decided[0].is_published


def test_a_second_lesson_goes_into_the_same_draft(engine: Engine, world: World, closed: ClosedRound) -> None:
    one, other = some_lessons(engine, world, closed, "F02", [SAYS, "Name who delivers it."])
    drafts = {do(engine, world, lessons.adopt, one, 1), do(engine, world, lessons.adopt, other, 1)}
    assert len(drafts) == 1 and len(criterion(engine, world, drafts.pop()).rulings) == 2
    assert page(engine, world).adopted_in_draft == 2


def test_a_suggested_wording_changes_the_guidance_when_it_is_adopted(engine: Engine, world: World, lesson: str) -> None:
    wanted = first_sentence(guidance(engine, world), "Start with section B.")
    suggest(engine, world, lesson, wanted)
    draft = do(engine, world, lessons.adopt, lesson, 2)
    found = criterion(engine, world, draft)
    assert (found.guidance, found.rulings[0].text) == (wanted, SAYS)
    assert found.comparable_with_previous, "new guidance asks the same question: the trend goes on"


def test_what_is_declined_needs_a_reason_and_leaves_the_framework_alone(engine: Engine, world: World, lesson: str) -> None:
    with pytest.raises(InvalidInput):
        do(engine, world, moderate.decline, lesson, 1, "  ")
    do(engine, world, moderate.decline, lesson, 1, "One meeting is not enough.")
    found = page(engine, world, "declined")
    assert (found.draft, found.decided[0].reason) == (None, "One meeting is not enough.")


def test_with_edits_all_three_texts_are_kept(engine: Engine, world: World, lesson: str) -> None:
    before = guidance(engine, world)
    edited = lessons.Edited(before, f"{before}\n\nThree or more are too many.", "Three are too many.", "A number helps.")
    draft = do(engine, world, lessons.adopt_edited, {lesson: 1}, edited)
    assert criterion(engine, world, draft).guidance == f"{before}\n\nThree or more are too many."
    found = page(engine, world, "adopted").decided[0]
    assert (found.line.text, found.ruling, found.reason) == (SAYS, "Three are too many.", "A number helps.")
    with Session(engine) as session:
        kept = session.exec(select(LessonDecision)).one()
    assert (kept.guidance_before, kept.guidance) == (before, f"{before}\n\nThree or more are too many.")


@pytest.mark.parametrize(("ruling", "reason", "field"), [("", "Why.", "ruling"), ("Say.", " ", "reason")])
def test_an_edit_needs_a_ruling_and_a_reason(
    engine: Engine, world: World, lesson: str, ruling: str, reason: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        do(engine, world, lessons.adopt_edited, {lesson: 1}, lessons.Edited("", "", ruling, reason))
    assert [problem.field for problem in refused.value.problems] == [field]


@pytest.mark.parametrize("verb", ["adopt", "edit", "decline"])
def test_a_decision_is_taken_back_until_the_version_is_published(engine: Engine, world: World, lesson: str, verb: str) -> None:
    before = guidance(engine, world)
    if verb == "adopt":
        suggest(engine, world, lesson, first_sentence(before, "Start with section B."))
        draft = do(engine, world, lessons.adopt, lesson, 2)
    elif verb == "edit":
        draft = do(engine, world, lessons.adopt_edited, {lesson: 1}, lessons.Edited(before, f"{before} More.", "Ruled.", "Why."))
    else:
        do(engine, world, moderate.decline, lesson, 1, "No.")
    do(engine, world, lessons.undo, lesson)
    do(engine, world, lessons.undo, lesson)
    assert lesson_row(engine, lesson).state is LessonState.PROPOSED
    if verb != "decline":
        assert (criterion(engine, world, draft).guidance, criterion(engine, world, draft).rulings) == (before, ())
    draft = do(engine, world, lessons.adopt, lesson, lesson_row(engine, lesson).version)
    with Session(engine) as session:
        version = register_queries.framework_view(session, world.area_id, draft).version
    do(engine, world, register.publish_framework, draft, version)
    with pytest.raises(Refused, match="published"):
        do(engine, world, lessons.undo, lesson)


def test_other_edits_of_the_draft_survive_an_undo(engine: Engine, world: World, closed: ClosedRound) -> None:
    one, other = some_lessons(engine, world, closed, "F02", [SAYS, "Name who delivers it."])
    before = guidance(engine, world)
    suggest(engine, world, one, first_sentence(before, "Start with section B."))
    draft = do(engine, world, lessons.adopt, one, 2)
    now = criterion(engine, world, draft).guidance
    do(engine, world, lessons.adopt_edited, {other: 1}, lessons.Edited(now, f"{now}\n\nWho delivers it?", "Name who.", "Shorter."))
    do(engine, world, lessons.undo, one)
    assert criterion(engine, world, draft).guidance == f"{before}\n\nWho delivers it?"
    assert [ruling.text for ruling in criterion(engine, world, draft).rulings] == ["Name who."]


def test_two_lessons_that_change_the_same_sentence_are_decided_together(engine: Engine, world: World, closed: ClosedRound) -> None:
    one, other = some_lessons(engine, world, closed, "F02", [SAYS, "Name who delivers it."])
    before = guidance(engine, world)
    suggest(engine, world, one, first_sentence(before, "Start with section B."))
    suggest(engine, world, other, first_sentence(before, "Start with the advice."))
    (group,) = page(engine, world).waiting
    assert group.is_clash and {line.id for line in group.lessons} == {one, other}
    with pytest.raises(InvalidInput):
        do(engine, world, lessons.settle_clash, {one: 2, other: 2}, one, "")
    do(engine, world, lessons.settle_clash, {one: 2, other: 2}, one, "The advice comes later.")
    assert (lesson_row(engine, one).state, lesson_row(engine, other).state) == (LessonState.ADOPTED, LessonState.REJECTED)


def test_lessons_adopted_with_one_edit_are_taken_back_together(engine: Engine, world: World, closed: ClosedRound) -> None:
    one, other = some_lessons(engine, world, closed, "F02", [SAYS, "Name who delivers it."])
    before = guidance(engine, world)
    edited = lessons.Edited(before, f"{before} Say how many, and who.", "-", "Both at once.")
    draft = do(engine, world, lessons.adopt_edited, {one: 1, other: 1}, edited)
    assert criterion(engine, world, draft).guidance == f"{before} Say how many, and who."
    assert [ruling.text for ruling in criterion(engine, world, draft).rulings] == [SAYS, "Name who delivers it."]
    do(engine, world, lessons.undo, other)
    assert (criterion(engine, world, draft).guidance, criterion(engine, world, draft).rulings) == (before, ())
    assert page(engine, world).counts["waiting"] == 2


def test_additions_that_do_not_touch_each_other_are_no_clash(engine: Engine, world: World, closed: ClosedRound) -> None:
    one, other = some_lessons(engine, world, closed, "F02", [SAYS, "Name who delivers it."])
    before = guidance(engine, world)
    for lesson_id, more in ((one, "How many?"), (other, "Who?")):
        suggest(engine, world, lesson_id, f"{before}\n\n{more}")
    assert [group.is_clash for group in page(engine, world).waiting] == [False, False]
    do(engine, world, lessons.adopt, one, 2)
    draft = do(engine, world, lessons.adopt, other, 2)
    assert criterion(engine, world, draft).guidance == f"{before}\n\nHow many?\n\nWho?"


def test_a_wording_that_no_longer_fits_is_adopted_after_an_edit_only(engine: Engine, world: World, lesson: str) -> None:
    before = guidance(engine, world)
    suggest(engine, world, lesson, first_sentence(before, "Start with section B."))
    draft = do(
        engine, world, register.adopt_lesson, register.LessonText("x", "F02", "Other.", (before, first_sentence(before, "No.")))
    )
    assert not page(engine, world).waiting[0].first.fits
    with pytest.raises(Refused, match="same sentences"):
        do(engine, world, lessons.adopt, lesson, 2)
    now = criterion(engine, world, draft).guidance
    do(engine, world, lessons.adopt_edited, {lesson: 2}, lessons.Edited(now, f"{now} And B.", SAYS, "It had changed."))
    assert criterion(engine, world, draft).guidance.endswith(" And B.")


def test_a_draft_with_adopted_lessons_is_not_discarded(engine: Engine, world: World, lesson: str) -> None:
    draft = do(engine, world, lessons.adopt, lesson, 1)
    with pytest.raises(Refused, match="an adopted lesson"):
        do(engine, world, register.discard_draft, draft)
    do(engine, world, lessons.undo, lesson)
    do(engine, world, register.discard_draft, draft)
    assert page(engine, world).draft is None


def test_two_people_do_not_decide_twice(engine: Engine, world: World, lesson: str) -> None:
    do(engine, world, moderate.decline, lesson, 1, "No.")
    with pytest.raises(StaleWrite) as stale:
        do(engine, world, lessons.adopt_edited, {lesson: 1}, lessons.Edited("", "Count them.", "Say three.", "A number helps."))
    mine, theirs = stale.value.mine, stale.value.theirs
    assert (mine["guidance"], mine["ruling"], mine["reason"]) == ("Count them.", "Say three.", "A number helps.")
    assert (theirs["lesson"], theirs["reason"]) == ("declined", "No.")
    with pytest.raises(StaleWrite):
        do(engine, world, lessons.adopt, lesson, 1)


def test_a_lesson_of_another_area_is_not_there(engine: Engine, world: World, lesson: str) -> None:
    south = a_world(engine, "Southfield", "south.example")
    for verb, args in ((lessons.adopt, (1,)), (lessons.undo, ()), (moderate.decline, (1, "No."))):
        with pytest.raises(NotFound):
            act_as(engine, south.grace, south.area_id, verb, lesson, *args)


def test_a_lesson_is_not_shown_before_its_meeting_is_over(engine: Engine, world: World, closed: ClosedRound) -> None:
    some_lessons(engine, world, closed, "F02", [SAYS], MeetingState.IN_SESSION)
    assert page(engine, world).waiting == ()


def test_plans_are_named_only_once_the_round_is_published(engine: Engine, world: World, closed: ClosedRound, lesson: str) -> None:
    evidence = page(engine, world).waiting[0].evidence
    assert (evidence.disagreements, evidence.plans, len(evidence.unpublished)) == (4, (), 1)


def test_the_ledger_says_what_happened_without_a_word_of_it(engine: Engine, world: World, lesson: str) -> None:
    do(engine, world, moderate.decline, lesson, 1, "One meeting is not enough.")
    do(engine, world, lessons.undo, lesson)
    do(engine, world, lessons.adopt, lesson, 3)
    with Session(engine) as session:
        mine = session.exec(select(EventRow).where(EventRow.subject == lesson).order_by(EventRow.seq)).all()  # type: ignore[arg-type]
    assert [row.name for row in mine] == ["LessonDeclined", "LessonDecisionUndone", "LessonAdopted"]
    assert not any(word in str(row.content) for row in mine for word in ("enough", SAYS))
