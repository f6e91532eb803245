"""The built-in framework and the reading of frameworks."""

import json
from typing import Any

import pytest

from moderation.register.framework import (
    NonScore,
    builtin,
    criteria_for,
    evidence_required,
    parse,
    plan_shared_by,
    to_content,
)
from moderation.words import AgencyKind, InvalidInput

EDUCATION, HEALTH, CARE = AgencyKind.EDUCATION, AgencyKind.HEALTH, AgencyKind.CARE
THREE = (EDUCATION, HEALTH, CARE)


def a_ratings_framework(**changes: Any) -> dict[str, Any]:
    """The content that a file of ratings gives: criteria with a scale each, answered by everybody."""
    levels = [{"value": value, "key": str(value), "label": str(value)} for value in (1, 2, 3)]
    return {
        "framework": {"id": "ratings", "version": "1", "title": "Ratings"},
        "scales": {"three": {"kind": "ordinal", "levels": levels}, "share": {"kind": "interval", "minimum": 0, "maximum": 100}},
        "sections": [{"id": "S", "label": "Ratings"}],
        "criteria": [
            {"id": "fluency", "section": "S", "title": "Fluency", "question": "How fluent?", "scorers": "all", "scale": "three"},
            {"id": "chance", "section": "S", "title": "Chance", "question": "How likely?", "scorers": "all", "scale": "share"},
        ],
    } | changes


def problems_of(content: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        parse(content)
    return {problem.field: problem.message for problem in refused.value.problems}


def test_the_built_in_framework_has_46_criteria_in_the_order_in_which_they_are_read() -> None:
    framework = parse(builtin())
    assert len(framework.criteria) == 46
    assert [section.key for section in framework.sections] == [*"ABCDEFG", "H1", "H2", *"IJK", "W", "O"]
    assert (framework.criteria[0].key, framework.criteria[-1].key) == ("A01", "O01")


def test_education_answers_40_criteria_health_31_and_care_27() -> None:
    framework = parse(builtin())
    assert [len(criteria_for(framework, kind, ncy=13)) for kind in THREE] == [40, 31, 27]


def test_a_younger_child_has_fewer_criteria() -> None:
    framework = parse(builtin())
    assert [len(criteria_for(framework, EDUCATION, ncy)) for ncy in (8, 9, 11, 12, None)] == [37, 39, 39, 40, 40]


def test_32_criteria_have_two_or_more_scorers_and_20_all_three() -> None:
    scorers = [len(criterion.scorers) for criterion in parse(builtin()).criteria]
    assert (sum(n >= 2 for n in scorers), sum(n == 3 for n in scorers)) == (32, 20)


def test_agreement_can_be_computed_on_31_criteria_and_on_19_by_all_three() -> None:
    framework = parse(builtin())
    shared = plan_shared_by(framework, THREE, ncy=13)
    assert len(shared) == 31
    assert sum(len(criterion.scorers) == 3 for criterion in shared) == 19
    assert plan_shared_by(framework, [CARE], ncy=13) == ()


def test_29_criteria_are_ordinal_17_yes_or_no_14_statutory_and_6_critical() -> None:
    criteria = parse(builtin()).criteria
    assert sum(criterion.is_ordinal for criterion in criteria) == 29
    assert sum(criterion.statutory for criterion in criteria) == 14
    assert {c.key for c in criteria if c.critical} == {"W01", "W03", "B01", "F01", "F04", "F06"}


def test_every_built_in_level_has_a_descriptor_and_every_criterion_both_examples() -> None:
    for criterion in parse(builtin()).criteria:
        assert all(level.descriptor for level in criterion.levels), criterion.key
        assert criterion.good_example and criterion.not_yet_example and criterion.guidance


@pytest.mark.parametrize(
    ("key", "value", "non_score", "required"),
    [
        ("W01", 1, None, True),  # critical
        ("W02", 0, None, True),  # a compliance No
        ("W02", 1, None, False),
        ("E01", 1, None, False),
        ("E01", None, NonScore.NOT_APPLICABLE, True),
        ("E01", None, NonScore.NO_EVIDENCE, True),
        ("E01", None, NonScore.OUTSIDE_DISCIPLINE, False),
        ("W01", None, NonScore.OUTSIDE_DISCIPLINE, False),
        ("W01", None, None, False),  # not answered yet
    ],
)
def test_evidence_is_required_where_the_framework_says_so(
    key: str, value: int | None, non_score: NonScore | None, required: bool
) -> None:
    assert evidence_required(parse(builtin()).criterion(key), value, non_score) is required


def test_not_applicable_is_refused_where_the_rule_is_never() -> None:
    framework = parse(builtin())
    assert not framework.criterion("W01").allows_non_score(NonScore.NOT_APPLICABLE)
    assert framework.criterion("W01").allows_non_score(NonScore.NO_EVIDENCE)
    assert framework.criterion("C01").allows_non_score(NonScore.NOT_APPLICABLE)


def test_triggers_watch_the_criteria_that_they_fit() -> None:
    framework = parse(builtin())
    watched = {t.key: sum(t.watches(c) for c in framework.criteria) for t in framework.triggers}
    assert watched == {
        "spread2": 28, "good_boundary": 28, "compliance_split": 17, "na_split": 45, "overall_split": 1, "safeguarding": 0,
        "calibration": 0,
    }  # fmt: skip


def test_content_survives_json_and_reading() -> None:
    content = builtin()
    framework = parse(json.loads(json.dumps(content)))
    assert to_content(framework) == content
    assert parse(content) == framework


def test_a_framework_can_be_made_of_a_file_of_ratings() -> None:
    framework = parse(a_ratings_framework())
    for kind in AgencyKind:
        assert [criterion.key for criterion in criteria_for(framework, kind, None)] == ["fluency", "chance"]
    assert framework.criterion("chance").scale.allows(55)
    assert not framework.criterion("chance").scale.allows(101)
    assert not framework.criterion("fluency").scale.allows(4)
    assert to_content(framework)["criteria"][0]["scorers"] == "all"


def test_all_errors_come_at_once_and_name_path_value_and_what_is_allowed() -> None:
    content = a_ratings_framework()
    content["criteria"][0] |= {"scorers": ["dentist"], "scale": "four", "weigth": 2}
    content["criteria"][1] |= {"question": None, "weight": "heavy", "section": "Z"}
    with pytest.raises(InvalidInput) as refused:
        parse(content)
    found = {problem.field: problem for problem in refused.value.problems}
    assert found["criteria[fluency].scorers"].value == "dentist"
    assert found["criteria[fluency].scale"].allowed == "three, share"
    assert "criteria[fluency].weigth" in found
    assert found["criteria[chance].question"].message == "is missing"
    assert found["criteria[chance].weight"].value == "heavy"
    assert found["criteria[chance].section"].allowed == "S"


@pytest.mark.parametrize("content", [None, [], "text", 7, {}, {"criteria": 3}, {"framework": []}, {"criteria": [None, 3]}])
def test_whatever_is_not_a_framework_is_refused_in_words(content: Any) -> None:
    assert problems_of(content)


def test_contradictions_are_found() -> None:
    content = a_ratings_framework()
    content["criteria"].append(dict(content["criteria"][0], levels={"1": "Poor"}, applies_when={"min_ncy": 9, "max_ncy": 3}))
    content["defaults"] = {"moderation_triggers": [{"id": "t", "kind": "split", "rule": "r", "criteria": ["X"]}]}
    content["scales"]["share"]["maximum"] = 0
    found = problems_of(content)
    assert {"criteria", "criteria[fluency].levels", "criteria[fluency].applies_when", "t.criteria", "scales.share"} <= set(found)


def test_every_mutilation_of_the_built_in_framework_is_read_or_refused_in_words() -> None:
    """Each field of a criterion in turn becomes nonsense: a problem at that field, never a crash."""
    for nonsense in (None, 3, "text", [], {}, [{}], True):
        for name in builtin()["criteria"][0]:
            content = builtin()
            content["criteria"][0][name] = nonsense
            try:
                parse(content)
            except InvalidInput as refused:
                assert all(problem.message for problem in refused.problems)
