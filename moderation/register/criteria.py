"""What an audit framework is made of: scales with levels, sections, criteria, triggers and grade rules, as plain values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from moderation.words import AgencyKind

from .codes import year_name

NEVER = "never"


class ScaleKind(StrEnum):
    """What may be done with the numbers of a scale; it decides the statistics."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


class NonScore(StrEnum):
    """Answers that are not a level. Not answered yet is none of them."""

    NOT_APPLICABLE = "not_applicable"
    NO_EVIDENCE = "no_evidence"
    OUTSIDE_DISCIPLINE = "outside_discipline"


class EvidenceRule(StrEnum):
    """When an auditor must write down the evidence for an answer."""

    ALWAYS = "always"
    CRITICAL_CRITERION = "critical_criterion"
    COMPLIANCE_NO = "compliance_no"
    NOT_APPLICABLE = "not_applicable"
    NO_EVIDENCE = "no_evidence"
    OUTSIDE_DISCIPLINE = "outside_discipline"


class TriggerKind(StrEnum):
    """The ways in which ratings of one unit can call for moderation."""

    SPREAD = "spread"  # highest and lowest differ by `at_least`
    BOUNDARY = "boundary"  # some at or below `boundary`, some above
    SPLIT = "split"  # nominal ratings that are not all the same
    NOT_APPLICABLE_SPLIT = "not_applicable_split"  # one says it cannot apply, another rates it
    ANY_DIFFERENCE = "any_difference"  # ratings that are not all the same, on any scale
    LOW_CONFIDENCE = "low_confidence"  # more than `share` of those who rated were not sure
    FLAG = "flag"  # a safeguarding or data-breach flag; routed at once
    RANDOM_AGREED = "random_agreed"  # a random `share` of the plans on which everybody agreed


class LimitKind(StrEnum):
    """What can cap the suggested overall grade."""

    CRITICAL_NO = "critical_no"
    STATUTORY_NO = "statutory_no"
    FLAG_CONFIRMED = "flag_confirmed"
    LEVEL_AT_MOST = "level_at_most"


@dataclass(frozen=True)
class Level:
    """One value of a scale; its descriptor says what it means for one criterion."""

    value: int
    key: str
    label: str
    short: str
    descriptor: str = ""


@dataclass(frozen=True)
class Scale:
    """The allowed values: named levels, or a range of numbers stored as whole numbers (`decimals` says of what)."""

    key: str
    kind: ScaleKind
    levels: tuple[Level, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    decimals: int = 0
    allow_not_applicable: bool = True
    allow_no_evidence: bool = True
    allow_outside_discipline: bool = True

    @property
    def is_ordered(self) -> bool:
        return self.kind is not ScaleKind.NOMINAL

    @property
    def values(self) -> tuple[int, ...]:
        return tuple(level.value for level in self.levels)

    @property
    def lowest(self) -> int:
        return min(self.values) if self.levels else self.minimum or 0

    @property
    def highest(self) -> int:
        return max(self.values) if self.levels else self.maximum or 0

    def allows(self, value: int) -> bool:
        return value in self.values if self.levels else self.lowest <= value <= self.highest

    def number(self, value: int) -> float:
        """The stored whole number as it is meant: 35 with one decimal is 3.5."""
        return float(value / 10**self.decimals)

    def allows_non_score(self, non_score: NonScore) -> bool:
        return {
            NonScore.NOT_APPLICABLE: self.allow_not_applicable,
            NonScore.NO_EVIDENCE: self.allow_no_evidence,
            NonScore.OUTSIDE_DISCIPLINE: self.allow_outside_discipline,
        }[non_score]


@dataclass(frozen=True)
class Section:
    key: str
    label: str
    weight: float = 1.0


@dataclass(frozen=True)
class YearGroups:
    """The National Curriculum years a criterion is for; without limits, all of them."""

    min_ncy: int | None = None
    max_ncy: int | None = None

    def include(self, ncy: int | None) -> bool:
        """An unknown year group is included: the auditor can see the plan, and says so if the criterion cannot apply."""
        if ncy is None:
            return True
        return (self.min_ncy is None or ncy >= self.min_ncy) and (self.max_ncy is None or ncy <= self.max_ncy)

    @property
    def in_words(self) -> str:
        """From Year 9; Reception to Year 6; nothing when it is for all."""
        first = None if self.min_ncy is None else year_name(self.min_ncy)
        last = None if self.max_ncy is None else year_name(self.max_ncy)
        if first and last:
            return f"{first} to {last}"
        return f"From {first}" if first else f"Up to {last}" if last else ""


@dataclass(frozen=True)
class Ruling:
    """What a moderation meeting settled about a criterion, adopted into its guidance."""

    text: str
    adopted_on: str
    lesson_id: str | None = None


@dataclass(frozen=True)
class Criterion:
    """One question of the framework. `key` is stable across versions, so that trends know what may be joined."""

    key: str
    section: str
    title: str
    question: str
    scale: Scale
    levels: tuple[Level, ...]
    scorers: tuple[AgencyKind, ...]
    guidance: str = ""
    statutory: bool = False
    critical: bool = False
    weight: float = 1.0
    na_rule: str = ""
    applies_when: YearGroups = YearGroups()
    good_example: str = ""
    not_yet_example: str = ""
    legal_basis: str = ""
    flags: tuple[str, ...] = ()
    own_discipline_only: bool = False
    required_text: tuple[str, ...] = ()
    auto_suggest_from: str | None = None
    comparable_with_previous: bool = True
    rulings: tuple[Ruling, ...] = ()
    evidence_when: tuple[EvidenceRule, ...] = ()

    @property
    def is_ordinal(self) -> bool:
        return self.scale.kind is ScaleKind.ORDINAL

    @property
    def is_pooled(self) -> bool:
        """Can auditors' ratings be compared? Not where each judges their own discipline's advice."""
        return not self.own_discipline_only

    def scored_by(self, kind: AgencyKind) -> bool:
        return kind in self.scorers

    def level(self, value: int) -> Level | None:
        return next((level for level in self.levels if level.value == value), None)

    def is_no(self, value: int | None) -> bool:
        """Is this rating the No of a Yes/No criterion?"""
        level = None if value is None else self.level(value)
        return self.scale.kind is ScaleKind.NOMINAL and level is not None and level.key == "no"

    def allows_non_score(self, non_score: NonScore) -> bool:
        if non_score is NonScore.NOT_APPLICABLE and self.na_rule == NEVER:
            return False
        return self.scale.allows_non_score(non_score)


@dataclass(frozen=True)
class NonScoreMeaning:
    key: NonScore
    label: str
    meaning: str


@dataclass(frozen=True)
class Discipline:
    kind: AgencyKind
    label: str
    typical_roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trigger:
    """A rule that sends a unit to moderation; without criteria or scale it holds for every criterion that it fits."""

    key: str
    kind: TriggerKind
    rule: str
    at_least: int | None = None
    boundary: int | None = None
    scale: str | None = None
    criteria: tuple[str, ...] = ()
    share: float | None = None

    @property
    def part(self) -> float:
        """The share it goes by, 0 included; one that says none means half of those who were not sure, or draws nothing."""
        usual = 0.5 if self.kind is TriggerKind.LOW_CONFIDENCE else 0.0
        return usual if self.share is None else self.share

    def watches(self, criterion: Criterion) -> bool:
        """Does this trigger look at the ratings of this criterion?"""
        if not criterion.is_pooled or self.kind in (TriggerKind.FLAG, TriggerKind.RANDOM_AGREED):
            return False
        named = not self.criteria or criterion.key in self.criteria
        scaled = self.scale is None or criterion.scale.key == self.scale
        return named and scaled and self._fits(criterion.scale)

    def _fits(self, scale: Scale) -> bool:
        if self.kind in (TriggerKind.SPREAD, TriggerKind.BOUNDARY):
            return scale.is_ordered
        return self.kind is not TriggerKind.SPLIT or not scale.is_ordered


@dataclass(frozen=True)
class Limit:
    """Caps the suggested overall grade at the level `cap`."""

    key: str
    kind: LimitKind
    cap: int
    rule: str
    at_least: int = 1
    level: int | None = None
    flag: str | None = None
    criteria: tuple[str, ...] = ()
    leaving_out: tuple[str, ...] = ()

    def watches(self, criterion: Criterion) -> bool:
        """Can a rating of this criterion count towards this rule?"""
        named = criterion.key not in self.leaving_out and (not self.criteria or criterion.key in self.criteria)
        marked = {
            LimitKind.CRITICAL_NO: criterion.critical,
            LimitKind.STATUTORY_NO: criterion.statutory,
            LimitKind.LEVEL_AT_MOST: True,
        }
        return named and marked.get(self.kind, False)

    def counts(self, criterion: Criterion, value: float) -> bool:
        """Does this rating of a criterion that the rule watches count towards it?"""
        if self.kind is LimitKind.LEVEL_AT_MOST:
            return self.level is not None and value <= self.level
        return criterion.is_no(int(value))


@dataclass(frozen=True)
class GradeRules:
    section_grade: str = ""
    overall_suggested: str = ""
    final_overall: str = ""
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True)
class Framework:
    """One version of the audit tool. Sections and criteria stand in the order in which they are read and scored."""

    key: str
    version: str
    title: str
    scales: tuple[Scale, ...]
    sections: tuple[Section, ...]
    criteria: tuple[Criterion, ...]
    disciplines: tuple[Discipline, ...] = ()
    non_scores: tuple[NonScoreMeaning, ...] = ()
    evidence_rules: tuple[EvidenceRule, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    grade_rules: GradeRules = GradeRules()
    statistics: Mapping[str, Any] = field(default_factory=dict)
    jurisdiction: str = ""
    language: str = "en-GB"
    law_as_at: str = ""
    plan_scope: tuple[str, ...] = ()
    audit_pack_required: tuple[str, ...] = ()
    blind_fields: tuple[str, ...] = ()

    def criterion(self, key: str) -> Criterion:
        """The criterion of this key; KeyError when the framework has none."""
        return {criterion.key: criterion for criterion in self.criteria}[key]

    def section(self, key: str) -> Section:
        return {section.key: section for section in self.sections}[key]

    def in_section(self, key: str) -> tuple[Criterion, ...]:
        return tuple(criterion for criterion in self.criteria if criterion.section == key)

    @cached_property
    def overall(self) -> frozenset[str]:
        """The overall judgement: ordinal criteria in a section without weight."""
        weights = {section.key: section.weight for section in self.sections}
        return frozenset(one.key for one in self.criteria if one.is_ordinal and not weights[one.section])

    def non_score(self, key: NonScore) -> NonScoreMeaning:
        return {meaning.key: meaning for meaning in self.non_scores}[key]

    def with_criteria(self, criteria: Iterable[Criterion]) -> "Framework":
        """This framework with other criteria, in the reading order of the sections."""
        order = {section.key: place for place, section in enumerate(self.sections)}
        return replace(self, criteria=tuple(sorted(criteria, key=lambda criterion: order[criterion.section])))
