"""What may be answered, what is missing, how sheets move, and what the pages say of it. No database."""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moderation.register.criteria import Limit, LimitKind, ScaleKind
from moderation.register.framework import Criterion, Framework, Level, NonScore, Scale, builtin, criteria_for, parse
from moderation.score import own_pace, posted, rules, sheet
from moderation.score.notices import Notice, notices
from moderation.score.rules import Answer, Confidence, Lack, Missing, ScoresheetIncomplete, SheetState
from moderation.words import AgencyKind, InvalidInput, Refused


@pytest.fixture(scope="module")
def framework() -> Framework:
    return parse(builtin())


@pytest.fixture(scope="module")
def criteria(framework: Framework) -> tuple[Criterion, ...]:
    return criteria_for(framework, AgencyKind.EDUCATION, 10)


def complete(criteria: tuple[Criterion, ...]) -> dict[str, Answer]:
    return {criterion.key: Answer(value=criterion.scale.highest, evidence="Page 2") for criterion in criteria}


def test_every_move_that_is_not_in_the_table_is_refused() -> None:
    allowed = {
        (SheetState.DRAFT, SheetState.SUBMITTED),
        (SheetState.DRAFT, SheetState.LAPSED),
        (SheetState.SUBMITTED, SheetState.DRAFT),
        (SheetState.SUBMITTED, SheetState.LOCKED),
    }
    for state, to in itertools.product(SheetState, SheetState):
        if (state, to) in allowed:
            assert rules.move(state, to) is to
        else:
            with pytest.raises(Refused):
                rules.move(state, to)


@pytest.mark.parametrize("state", [SheetState.SUBMITTED, SheetState.LOCKED, SheetState.LAPSED])
def test_only_a_draft_may_be_saved(state: SheetState) -> None:
    rules.check_may_save(SheetState.DRAFT, is_listed=True, round_is_open=True)
    with pytest.raises(Refused):
        rules.check_may_save(state, is_listed=True, round_is_open=True)


def test_nothing_is_saved_off_the_list_or_after_closing() -> None:
    with pytest.raises(Refused, match="no longer on your list"):
        rules.check_may_save(SheetState.DRAFT, is_listed=False, round_is_open=True)
    with pytest.raises(Refused, match="not open"):
        rules.check_may_save(SheetState.DRAFT, is_listed=True, round_is_open=False)


def test_only_submitted_sheets_of_open_rounds_may_be_reopened() -> None:
    rules.check_may_reopen(SheetState.SUBMITTED, withdrawn=False, round_is_open=True)
    for state, withdrawn, is_open in (
        (SheetState.DRAFT, False, True), (SheetState.SUBMITTED, True, True), (SheetState.SUBMITTED, False, False),
    ):  # fmt: skip
        with pytest.raises(Refused):
            rules.check_may_reopen(state, withdrawn, is_open)


def test_a_complete_sheet_lacks_nothing(criteria: tuple[Criterion, ...]) -> None:
    assert rules.complete(criteria, complete(criteria))
    assert rules.submit(SheetState.DRAFT, criteria, complete(criteria)) is SheetState.SUBMITTED


def test_what_is_missing_is_named_in_the_order_of_the_questions(criteria: tuple[Criterion, ...]) -> None:
    answers = complete(criteria)
    answers["F01"] = Answer(value=0)  # critical, without evidence
    answers["A04"] = Answer(value=0)  # a compliance No, without evidence
    answers["J01"] = Answer(non_score=NonScore.NOT_APPLICABLE)
    answers["E01"] = Answer(non_score=NonScore.OUTSIDE_DISCIPLINE)  # nothing to show
    answers["F02"] = Answer(left_for_now=True)
    with pytest.raises(ScoresheetIncomplete) as caught:
        rules.submit(SheetState.DRAFT, criteria, answers)
    assert caught.value.missing == (
        Missing("A04", Lack.EVIDENCE), Missing("F01", Lack.EVIDENCE), Missing("F02", Lack.ANSWER), Missing("J01", Lack.EVIDENCE),
    )  # fmt: skip


def test_a_quote_is_evidence_too(criteria: tuple[Criterion, ...]) -> None:
    answers = complete(criteria) | {"F01": Answer(value=0, quote="as appropriate")}
    assert rules.complete(criteria, answers)


def test_not_applicable_is_refused_where_the_framework_rules_it_out(framework: Framework) -> None:
    with pytest.raises(InvalidInput):
        rules.check_answer(framework.criterion("F02"), Answer(non_score=NonScore.NOT_APPLICABLE))
    rules.check_answer(framework.criterion("F06"), Answer(non_score=NonScore.NOT_APPLICABLE))


def test_choosing_a_level_takes_the_non_score_away() -> None:
    before = Answer(non_score=NonScore.NO_EVIDENCE, evidence="Nothing on page 3")
    assert rules.differs(before, {"value": 2}) == {"value": 2, "non_score": None}
    assert rules.differs(before, {"non_score": NonScore.NO_EVIDENCE}) == {}
    mine, theirs = rules.both_versions(before, {"value": 2, "non_score": None})
    assert (mine["value"], theirs["non_score"]) == (2, NonScore.NO_EVIDENCE)
    assert set(mine) == set(rules.CHOICE)


def test_sections_run_from_a_to_k_then_whole_plan_then_overall(framework: Framework, criteria: tuple[Criterion, ...]) -> None:
    lines = sheet.sections(framework, criteria, {})
    assert [line.key for line in lines] == ["A", "B", "C", "D", "E", "F", "G", "H1", "H2", "I", "J", "K", "W", "O"]
    assert sum(line.total for line in lines) == 39


def test_marks_follow_the_answers(framework: Framework, criteria: tuple[Criterion, ...]) -> None:
    answers = {"F01": Answer(value=1), "J01": Answer(value=1), "F03": Answer(left_for_now=True)}
    seen = sheet.progress(framework, criteria, answers, "F02")
    marks = {line.key: line.mark for line in seen.sections}
    assert (marks["F"], marks["J"], marks["A"]) == (sheet.Mark.PART, sheet.Mark.DONE, sheet.Mark.TODO)
    assert (seen.answered, seen.left_for_now, seen.first_left) == (2, 1, "F03")
    assert [step.key for step in seen.steps if step.is_current] == ["F02"]
    assert next(line for line in seen.sections if line.key == "F").first_key == "F02"  # the first that is not answered


def test_non_scores_keep_their_place_and_say_why_one_is_not_offered(criteria: tuple[Criterion, ...]) -> None:
    choices = sheet.question(criteria, {}, "F02").non_scores
    assert [choice.value for choice in choices] == list(NonScore)
    assert not choices[0].is_offered and "every plan" in choices[0].hint
    assert sheet.question(criteria, {}, "F06").non_scores[0].hint == "Only if: child is below National Curriculum Year 9"


def test_on_yes_and_no_the_first_key_is_no(criteria: tuple[Criterion, ...]) -> None:
    assert [(level.key, level.label) for level in sheet.question(criteria, {}, "F01").levels] == [("1", "No"), ("2", "Yes")]


def test_the_hint_says_when_evidence_is_needed(framework: Framework) -> None:
    assert sheet.evidence_hint(framework.criterion("F02")) == "Needed if you choose No evidence in the pack."
    assert sheet.evidence_hint(framework.criterion("A04")) == "Needed if you choose No or No evidence in the pack."
    assert sheet.evidence_hint(framework.criterion("F01")).startswith("Needed here")
    assert "two strengths" in sheet.evidence_hint(framework.criterion("O01"))


def test_the_check_page_names_each_problem_once_in_words(framework: Framework, criteria: tuple[Criterion, ...]) -> None:
    answers = complete(criteria) | {"A04": Answer(value=0), "F02": Answer()}
    view = sheet.check(framework, criteria, answers)
    assert [item.problem for item in view.problems] == [
        "Say what in the plan shows that A04 is No",
        "Choose an answer for F02 Specific and quantified",
    ]
    assert (view.answered, view.total, view.lacking_evidence) == (38, 39, 1)


def test_a_form_says_only_what_it_sends(framework: Framework) -> None:
    criterion = framework.criterion("F02")
    assert posted.read(criterion, {"evidence": " Page 9\r\nF2 \x00"}) == {"evidence": "Page 9\nF2"}
    assert posted.read(criterion, {"answer": "3", "confidence": "sure"}) == {"value": 3, "confidence": Confidence.SURE}
    assert posted.read(criterion, {"answer": "later"}) == {"left_for_now": True}
    assert posted.read(criterion, {"answer": "no_evidence"}) == {"non_score": NonScore.NO_EVIDENCE}
    assert posted.read(criterion, {"version": "3", "go": "next"}) == {}


@pytest.mark.parametrize("form", [{"answer": "three"}, {"answer": "3.5"}, {"answer": "9" * 40}, {"confidence": "very"}])
def test_a_form_that_makes_no_sense_is_refused(framework: Framework, form: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        posted.read(framework.criterion("F02"), form)


def test_numbers_are_read_as_the_scale_stores_them(framework: Framework) -> None:
    scale = Scale("score", ScaleKind.INTERVAL, minimum=0, maximum=100, decimals=1)
    criterion = Criterion("N01", "W", "A number", "How much?", scale, (), (AgencyKind.EDUCATION,))
    assert posted.read(criterion, {"answer": "number", "number": "3.5"}) == {"value": 35}
    for typed in ("", "ten", "3.55", "11"):
        with pytest.raises(InvalidInput):
            posted.read(criterion, {"answer": "number", "number": typed})
    assert sheet.in_words(criterion, Answer(value=35)) == "3.5"


def test_both_versions_can_be_sent_again_as_they_were(framework: Framework) -> None:
    fields = {"value": None, "non_score": NonScore.NO_EVIDENCE, "left_for_now": False, "evidence": "Page 2"}
    assert posted.write(fields) == {"answer": "no_evidence", "evidence": "Page 2"}
    said = posted.describe(framework.criterion("F02"), fields)
    assert said == [("Answer", "No evidence in the pack"), ("What shows this", "Page 2")]


@pytest.mark.parametrize("check", [rules.check_reason, rules.check_concern])
def test_a_reason_and_a_concern_need_words(check) -> None:  # type: ignore[no-untyped-def]
    assert check("  seen on page 4 ") == "seen on page 4"
    for text in (" ", "x" * 3000):
        with pytest.raises(InvalidInput):
            check(text)


def test_a_level_keeps_its_short_name() -> None:
    assert sheet.short_label(Level(1, "yes", "Yes - met", "Yes").label) == "Yes"


def test_many_equal_answers_in_a_row_get_a_gentle_word(framework: Framework, criteria: tuple[Criterion, ...]) -> None:
    mixed = {criterion.key: Answer(value=1 + place % 2, evidence="x") for place, criterion in enumerate(criteria)}
    assert not notices(framework, criteria, mixed)
    same = {criterion.key: Answer(value=3 if criterion.is_ordinal else 1) for criterion in criteria}
    (notice,) = notices(framework, criteria, same)
    assert notice.title.startswith("You chose Good") and len(notice.keys) == 6


def contradictions(framework: Framework, said: Mapping[str, int]) -> list[tuple[str, ...]]:
    """The questions of the notices about these answers, by an education auditor about a plan of Year 10."""
    criteria = criteria_for(framework, AgencyKind.EDUCATION, 10)
    return [notice.keys for notice in notices(framework, criteria, {key: Answer(value=value) for key, value in said.items()})]


def test_a_good_plan_with_a_critical_no_gets_a_gentle_word(framework: Framework, criteria: tuple[Criterion, ...]) -> None:
    assert contradictions(framework, {"O01": 4, "F01": 0}) == [("F01", "O01")]
    assert contradictions(framework, {"O01": 3, "F01": 0, "W03": 0}) == [("F01", "W03", "O01")]
    assert not contradictions(framework, {"O01": 2, "F01": 0}), "the framework's own limit"
    assert not contradictions(framework, {"O01": 4, "K01": 0}), "not critical"
    (notice,) = notices(framework, criteria, {"O01": Answer(value=4), "F01": Answer(value=0)})
    assert notice.title == "You judged the plan Outstanding, and said No to a critical question"


def test_a_section_with_a_critical_no_and_high_levels_alone_gets_one_too(
    framework: Framework, criteria: tuple[Criterion, ...]
) -> None:
    high = {"F02": 3, "F03": 4, "F05": 3, "F07": 4}
    assert contradictions(framework, {"F01": 0, **high}) == [("F01", *high)]
    assert not contradictions(framework, {"F01": 0, **high, "F05": 2}), "one of them is lower"
    assert not contradictions(framework, {"F01": 0, "F02": 3, "F03": 4}), "they are not all answered yet"
    assert not contradictions(framework, {"B01": 0, **high}), "another section"
    assert contradictions(framework, {"F01": 0, **high, "O01": 3}) == [("F01", "O01")], "the plan's judgement says it already"
    (notice,) = notices(framework, criteria, {key: Answer(value=value) for key, value in {"F01": 0, **high}.items()})
    assert notice.title == "You said No to a critical question in section F, and every level you chose there is at least Good"


def changed(framework: Framework, **criteria: dict[str, Any]) -> Framework:
    return framework.with_criteria(replace(one, **criteria.get(one.key, {})) for one in framework.criteria)


def test_what_contradicts_what_is_said_by_the_framework(framework: Framework) -> None:
    no_longer = changed(framework, F01={"critical": False})
    assert not contradictions(no_longer, {"O01": 4, "F01": 0})
    elsewhere = replace(framework, sections=tuple(replace(one, weight=float(one.key == "O")) for one in framework.sections))
    assert "O01" not in elsewhere.overall and contradictions(elsewhere, {"O01": 4, "F01": 0}) == []
    summed_up = changed(framework, F07={"weight": 0.0})  # without weight of its own, it sums its section up
    assert contradictions(summed_up, {"F01": 0, "F02": 1, "F07": 3}) == [("F01", "F07")]
    assert not contradictions(summed_up, {"F01": 0, "F02": 4, "F07": 2})


def test_how_high_is_too_high_comes_from_the_rules_for_grades_or_from_the_scale(framework: Framework) -> None:
    limit = next(one for one in framework.grade_rules.limits if one.kind is LimitKind.CRITICAL_NO)

    def under(*limits: Limit) -> Framework:
        return replace(framework, grade_rules=replace(framework.grade_rules, limits=limits))

    stricter, two = under(replace(limit, cap=1)), under(replace(limit, at_least=2))
    assert contradictions(stricter, {"O01": 2, "F01": 0}) and not contradictions(stricter, {"O01": 1, "F01": 0})
    assert not contradictions(two, {"O01": 4, "F01": 0}) and contradictions(two, {"O01": 4, "F01": 0, "W03": 0})
    assert not contradictions(under(replace(limit, leaving_out=("F01",))), {"O01": 4, "F01": 0})
    scale = framework.criterion("O01").scale
    tens = replace(scale, key="tens", levels=tuple(replace(level, value=10 * level.value) for level in scale.levels))
    for other in (under(), changed(framework, O01={"scale": tens, "levels": tens.levels})):
        value = other.criterion("O01").scale.values
        assert contradictions(other, {"O01": value[2], "F01": 0}) and not contradictions(other, {"O01": value[1], "F01": 0})


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_own_pace_leaves_breaks_out_and_needs_enough_answers() -> None:
    sheet_times = [NOON + timedelta(minutes=2 * number) for number in range(6)]
    after_a_night = [NOON + timedelta(days=1, minutes=4 * number) for number in range(6)]
    assert own_pace.each([sheet_times]) is None
    assert own_pace.each([sheet_times + after_a_night]) == timedelta(minutes=3)
    assert own_pace.to_go(None, 40) == "" == own_pace.to_go(timedelta(minutes=3), 0)
    assert own_pace.to_go(timedelta(minutes=3), 40) == "about 2 hours"


def test_a_very_short_time_gets_a_gentle_word_and_a_long_one_none(framework: Framework, criteria: tuple[Criterion, ...]) -> None:
    varied = {one.key: Answer(value=one.levels[number % len(one.levels)].value) for number, one in enumerate(criteria[:12])}

    def told(seconds: int) -> tuple[Notice, ...]:
        return notices(framework, criteria, varied, [NOON + timedelta(seconds=seconds * number) for number in range(12)])

    (notice,) = told(5)
    assert "12 questions in about 1 minute" in notice.title and set(notice.keys) <= set(varied)
    assert not told(60)
