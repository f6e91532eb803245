"""Frameworks as plain content (YAML, JSON): read into values, and written back in one canonical form."""

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from moderation.words import AgencyKind, Problem

from .criteria import (
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
from .reading import Reader


def read(content: Any, problems: list[Problem]) -> Framework:
    """A framework from its content; what cannot be read is noted in `problems` and replaced by something harmless."""
    top = Reader(content, "", problems)
    about, defaults = top.inner("framework"), top.inner("defaults")
    rules = defaults.words("evidence_comment_required_when", EvidenceRule)
    scales = top.each_named("scales", _scale)
    sections = top.each("sections", _section)
    known = {scale.key: scale for scale in scales}, [section.key for section in sections]
    framework = Framework(
        key=about.text("id"),
        version=about.text("version"),
        title=about.text("title"),
        jurisdiction=about.text("jurisdiction", ""),
        language=about.text("language", "en-GB"),
        law_as_at=about.text("law_as_at", ""),
        plan_scope=about.texts("plan_scope"),
        audit_pack_required=about.texts("audit_pack_required"),
        blind_fields=about.texts("blind_fields"),
        scales=scales,
        sections=sections,
        criteria=top.each("criteria", lambda reader: _criterion(reader, *known, rules)),
        disciplines=top.each_named("disciplines", _discipline),
        non_scores=top.each_named("non_scores", _non_score),
        evidence_rules=rules,
        triggers=defaults.each("moderation_triggers", _trigger),
        grade_rules=_grade_rules(defaults.inner("grade_rules")),
        statistics=defaults.mapping("agreement_statistics"),
    )
    for reader in (about, defaults, top):
        reader.nothing_else()
    return _in_reading_order(framework)


def _in_reading_order(framework: Framework) -> Framework:
    known = {section.key for section in framework.sections}
    return framework.with_criteria(criterion for criterion in framework.criteria if criterion.section in known)


def _scale(key: str, reader: Reader) -> Scale:
    return Scale(
        key=key,
        kind=reader.word("kind", ScaleKind),
        levels=reader.each("levels", _level, key="key"),
        minimum=reader.optional_whole("minimum"),
        maximum=reader.optional_whole("maximum"),
        decimals=reader.optional_whole("decimals") or 0,
        allow_not_applicable=reader.flag("allow_not_applicable", True),
        allow_no_evidence=reader.flag("allow_no_evidence", True),
        allow_outside_discipline=reader.flag("allow_outside_discipline", True),
    )


def _level(reader: Reader) -> Level:
    label = reader.text("label")
    return Level(reader.whole("value"), reader.text("key"), label, reader.text("short", "") or label)


def _section(reader: Reader) -> Section:
    return Section(reader.text("id"), reader.text("label"), reader.number("weight", 1.0, highest=100))


def _discipline(key: str, reader: Reader) -> Discipline:
    if key not in list(AgencyKind):
        reader.wrong("", "is not a kind of agency", key, ", ".join(AgencyKind))
        key = AgencyKind.OTHER
    return Discipline(AgencyKind(key), reader.text("label"), reader.texts("typical_roles"))


def _non_score(key: str, reader: Reader) -> NonScoreMeaning:
    if key not in list(NonScore):
        reader.wrong("", "is not one of the answers that are not a level", key, ", ".join(NonScore))
        key = NonScore.NO_EVIDENCE
    return NonScoreMeaning(NonScore(key), reader.text("label"), reader.text("meaning", ""))


def _criterion(reader: Reader, scales: Mapping[str, Scale], sections: list[str], rules: tuple[EvidenceRule, ...]) -> Criterion:
    scale = scales.get(reader.key_of("scale", scales), Scale("", ScaleKind.NOMINAL))
    return Criterion(
        key=reader.text("id"),
        section=reader.key_of("section", sections),
        title=reader.text("title"),
        question=reader.text("question"),
        scale=scale,
        levels=_descriptors(reader, scale),
        scorers=reader.words("scorers", AgencyKind, everything="all"),
        guidance=reader.text("guidance", ""),
        statutory=reader.flag("statutory"),
        critical=reader.flag("critical"),
        weight=reader.number("weight", 1.0, highest=100),
        na_rule=reader.text("na_rule", ""),
        applies_when=_year_groups(reader.inner("applies_when")),
        good_example=reader.text("good_example", ""),
        not_yet_example=reader.text("not_yet_example", ""),
        legal_basis=reader.text("legal_basis", ""),
        flags=reader.texts("flags"),
        own_discipline_only=reader.flag("score_own_discipline_only"),
        required_text=reader.texts("required_text"),
        auto_suggest_from=reader.optional_text("auto_suggest_from"),
        comparable_with_previous=reader.flag("comparable_with_previous", True),
        rulings=reader.each("rulings", _ruling),
        evidence_when=reader.words("evidence_comment_required_when", EvidenceRule) or rules,
    )


def _descriptors(reader: Reader, scale: Scale) -> tuple[Level, ...]:
    """The scale's levels with what each means here; a level may be named by its key or by its value."""
    given = reader.mapping("levels")
    known = {name: level for level in scale.levels for name in (level.key, str(level.value))}
    for name in given.keys() - known.keys():
        reader.wrong(f"levels.{name}", "is not a level of this scale", None, ", ".join(level.key for level in scale.levels))
    for name, text in given.items():
        if not isinstance(text, str):
            reader.wrong(f"levels.{name}", "must be text", text)
    texts = {known[name].key: str(text).strip() for name, text in given.items() if name in known}
    return tuple(Level(level.value, level.key, level.label, level.short, texts.get(level.key, "")) for level in scale.levels)


def _year_groups(reader: Reader) -> YearGroups:
    years = YearGroups(reader.optional_whole("min_ncy"), reader.optional_whole("max_ncy"))
    reader.nothing_else()
    return years


def _ruling(reader: Reader) -> Ruling:
    return Ruling(reader.text("text"), reader.text("adopted_on"), reader.optional_text("lesson_id"))


def _trigger(reader: Reader) -> Trigger:
    return Trigger(
        key=reader.text("id"),
        kind=reader.word("kind", TriggerKind),
        rule=reader.text("rule"),
        at_least=reader.optional_whole("at_least"),
        boundary=reader.optional_whole("boundary"),
        scale=reader.optional_text("scale"),
        criteria=reader.texts("criteria"),
        share=reader.optional_number("share", highest=1),
    )


def _grade_rules(reader: Reader) -> GradeRules:
    rules = GradeRules(
        section_grade=reader.text("section_grade", ""),
        overall_suggested=reader.text("overall_suggested", ""),
        final_overall=reader.text("final_overall", ""),
        limits=reader.each("limiting_rules", _limit),
    )
    reader.nothing_else()
    return rules


def _limit(reader: Reader) -> Limit:
    return Limit(
        key=reader.text("id"),
        kind=reader.word("kind", LimitKind),
        cap=reader.whole("cap"),
        rule=reader.text("rule"),
        at_least=reader.optional_whole("at_least") or 1,
        level=reader.optional_whole("level"),
        flag=reader.optional_text("flag"),
        criteria=reader.texts("criteria"),
        leaving_out=reader.texts("except"),
    )


def to_content(framework: Framework) -> dict[str, Any]:
    """The canonical content: `read` gives the same framework back, and equal frameworks give equal content."""
    return {
        "framework": {
            "id": framework.key,
            **{name: getattr(framework, name) for name in ("version", "title", "jurisdiction", "language", "law_as_at")},
            **{name: list(getattr(framework, name)) for name in ("plan_scope", "audit_pack_required", "blind_fields")},
        },
        "disciplines": {
            each.kind.value: {"label": each.label, "typical_roles": list(each.typical_roles)} for each in framework.disciplines
        },
        "scales": {scale.key: _scale_content(scale) for scale in framework.scales},
        "non_scores": {each.key.value: {"label": each.label, "meaning": each.meaning} for each in framework.non_scores},
        "defaults": {
            "evidence_comment_required_when": [rule.value for rule in framework.evidence_rules],
            "moderation_triggers": [_renamed(asdict(trigger), key="id") for trigger in framework.triggers],
            "grade_rules": _grade_content(framework.grade_rules),
            "agreement_statistics": dict(framework.statistics),
        },
        "sections": [{"id": each.key, "label": each.label, "weight": each.weight} for each in framework.sections],
        "criteria": [_criterion_content(criterion, framework) for criterion in framework.criteria],
    }


def _scale_content(scale: Scale) -> dict[str, Any]:
    levels = [{"value": each.value, "key": each.key, "label": each.label, "short": each.short} for each in scale.levels]
    content = {**asdict(scale), "kind": scale.kind.value, "levels": levels}
    del content["key"]
    return _renamed(content)


def _grade_content(rules: GradeRules) -> dict[str, Any]:
    limits = [_renamed(asdict(limit), key="id", leaving_out="except") for limit in rules.limits]
    texts = {name: getattr(rules, name) for name in ("section_grade", "overall_suggested", "final_overall")}
    return {**texts, "limiting_rules": limits}


def _criterion_content(criterion: Criterion, framework: Framework) -> dict[str, Any]:
    content = {
        **asdict(criterion),
        "scale": criterion.scale.key,
        "scorers": _scorers_content(criterion.scorers),
        "levels": {level.key: level.descriptor for level in criterion.levels if level.descriptor},
        "evidence_when": [] if criterion.evidence_when == framework.evidence_rules else criterion.evidence_when,
    }
    return _renamed(
        content,
        key="id",
        own_discipline_only="score_own_discipline_only",
        evidence_when="evidence_comment_required_when",
    )


def _scorers_content(scorers: tuple[AgencyKind, ...]) -> str | list[str]:
    return "all" if scorers == tuple(AgencyKind) else [kind.value for kind in scorers]


def _renamed(content: Mapping[str, Any], **names: str) -> dict[str, Any]:
    return {names.get(name, name): _plain(value) for name, value in content.items() if value is not None}


def _plain(value: Any) -> Any:
    """Tuples as lists, words as texts, fields without a value left out: what JSON gives back unchanged."""
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items() if each is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, StrEnum) else value
