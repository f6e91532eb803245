"""Reads an audit framework from its content, writes it back, and answers who scores which criterion of which plan."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Any

import yaml

from moderation.words import AgencyKind, InvalidInput, Problem

from .content import read, to_content
from .criteria import (
    NEVER,
    Criterion,
    Discipline,
    EvidenceRule,
    Framework,
    GradeRules,
    Level,
    Limit,
    LimitKind,
    NonScore,
    NonScoreMeaning,
    Ruling,
    Scale,
    ScaleKind,
    Section,
    Trigger,
    TriggerKind,
    YearGroups,
)

__all__ = [
    "NEVER", "Criterion", "Discipline", "EvidenceRule", "Framework", "GradeRules", "Level", "Limit", "LimitKind",
    "NonScore", "NonScoreMeaning", "Ruling", "Scale", "ScaleKind", "Section", "Trigger", "TriggerKind", "YearGroups",
    "builtin", "criteria_for", "evidence_required", "parse", "plan_shared_by", "to_content",
]  # fmt: skip


def builtin() -> dict[str, Any]:
    """The content of the framework that ships with the service: 46 criteria for EHC plans in England."""
    return to_content(_builtin())


@cache
def _builtin() -> Framework:
    source = resources.files("moderation.register").joinpath("frameworks/ehcp_core.yaml")
    return parse(yaml.safe_load(source.read_text(encoding="utf-8")))


def criteria_for(framework: Framework, agency_kind: AgencyKind, ncy: int | None) -> tuple[Criterion, ...]:
    """What an auditor of this agency answers about a plan of this year group, A to K, then the whole plan, then overall."""
    return tuple(
        criterion for criterion in framework.criteria if criterion.scored_by(agency_kind) and criterion.applies_when.include(ncy)
    )


def plan_shared_by(framework: Framework, auditors: Iterable[AgencyKind], ncy: int | None) -> tuple[Criterion, ...]:
    """The criteria on which these auditors' ratings can be compared: at least two of them answer it, and about the same thing."""
    answers = Counter(criterion.key for kind in auditors for criterion in criteria_for(framework, kind, ncy))
    return tuple(criterion for criterion in framework.criteria if answers[criterion.key] > 1 and criterion.is_pooled)


def evidence_required(criterion: Criterion, value: int | None, non_score: NonScore | str | None) -> bool:
    """Must the auditor say what in the plan led to this answer?"""
    rules = criterion.evidence_when
    if non_score is not None:
        return EvidenceRule(str(non_score)) in rules
    if value is None:
        return False
    return (
        EvidenceRule.ALWAYS in rules
        or (criterion.critical and EvidenceRule.CRITICAL_CRITERION in rules)
        or (criterion.is_no(value) and EvidenceRule.COMPLIANCE_NO in rules)
    )


def parse(content: Any) -> Framework:
    """The framework that this content describes; InvalidInput names everything that is wrong with it at once."""
    problems: list[Problem] = []
    framework = read(content, problems)
    problems += _contradictions(framework)
    if problems:
        raise InvalidInput(problems)
    return framework


def _contradictions(framework: Framework) -> Iterator[Problem]:
    """What each part by itself allows, but the whole does not."""
    yield from _repeated("criteria", [criterion.key for criterion in framework.criteria])
    yield from _repeated("sections", [section.key for section in framework.sections])
    yield from _repeated("moderation_triggers", [trigger.key for trigger in framework.triggers])
    if not framework.criteria:
        yield Problem("criteria", "must hold at least one criterion")
    for scale in framework.scales:
        yield from _scale_problems(scale)
    for criterion in framework.criteria:
        yield from _criterion_problems(criterion)
    for trigger in framework.triggers:
        yield from _unknown_criteria(trigger.key, trigger.criteria, framework)
    for limit in framework.grade_rules.limits:
        yield from _unknown_criteria(limit.key, (*limit.criteria, *limit.leaving_out), framework)


def _repeated(field: str, keys: list[str]) -> Iterator[Problem]:
    for key, times in Counter(keys).items():
        if key and times > 1:
            yield Problem(field, f"must each have their own id; this one is there {times} times", value=key)


def _scale_problems(scale: Scale) -> Iterator[Problem]:
    field = f"scales.{scale.key}"
    yield from _repeated(f"{field}.levels", [level.key for level in scale.levels])
    yield from _repeated(f"{field}.levels", [str(level.value) for level in scale.levels])
    ranged = scale.kind in (ScaleKind.INTERVAL, ScaleKind.RATIO) and not scale.levels
    if ranged and (scale.minimum is None or scale.maximum is None or scale.minimum >= scale.maximum):
        yield Problem(field, "needs levels, or a minimum below its maximum")
    if not ranged and len(scale.levels) < 2:
        yield Problem(f"{field}.levels", "must be at least two")


def _criterion_problems(criterion: Criterion) -> Iterator[Problem]:
    field = f"criteria[{criterion.key}]"
    if not criterion.scorers:
        yield Problem(f"{field}.scorers", "must name at least one kind of agency", allowed=f"all, {', '.join(AgencyKind)}")
    described = [bool(level.descriptor) for level in criterion.levels]
    if any(described) and not all(described):
        yield Problem(f"{field}.levels", "must describe every level of the scale, or none")
    years = criterion.applies_when
    if years.min_ncy is not None and years.max_ncy is not None and years.min_ncy > years.max_ncy:
        yield Problem(f"{field}.applies_when", "must not end before it begins")


def _unknown_criteria(rule: str, keys: tuple[str, ...], framework: Framework) -> Iterator[Problem]:
    known = {criterion.key for criterion in framework.criteria}
    for key in set(keys) - known:
        yield Problem(f"{rule}.criteria", "is not a criterion of this framework", value=key)
