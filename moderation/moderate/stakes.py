"""What is at stake in a disagreement, and so its place in the list: first what changes the overall grade, then the section
grade, then critical and statutory criteria, then what recurs on a criterion across plans, then how wide the difference is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from moderation.moderate.grades import Tally, weighted_median
from moderation.moderate.policy import Policy, distance, level_name
from moderation.moderate.rules import Mark, Outcome, lower_median, scores, settle_undiscussed
from moderation.register.criteria import Criterion, NonScore, ScaleKind

RECURS_FROM = 3
GRADED = ("Is the overall grade", "Changes the overall grade", "Changes the section grade")  # titles of reasons
CHECK_TITLE = "Checks that agreement is sound"
CHECK = f"{CHECK_TITLE}: drawn at random where all auditors gave the same answer."
Settled = dict[tuple[str, tuple[Mark, ...]], Outcome | None]  # what was worked out already, by criterion and answers


@dataclass(frozen=True, slots=True)
class Stake:
    """Reasons in words ("Title: detail.") and the number they give: the higher, the earlier."""

    reasons: tuple[str, ...]
    weight: float


@dataclass(frozen=True)
class Case:
    """One routed cell: the ends of its ratings and their middle, whether somebody says that it does not apply, and on how
    many plans of the round the same criterion was routed. Cells of many plans are alike and share a case with its words."""

    criterion: Criterion
    low: float
    high: float
    middle: float
    may_not_apply: bool
    plans_alike: int = 1

    @classmethod
    def of(cls, criterion: Criterion, marks: Sequence[Mark], plans_alike: int = 1) -> "Case":
        values = scores(marks)
        may_not_apply = any(mark.non_score == NonScore.NOT_APPLICABLE for mark in marks)
        return cls(criterion, min(values), max(values), lower_median(values), may_not_apply, plans_alike)

    @cached_property
    def width(self) -> float:
        return distance(self.criterion.scale, self.low, self.high)

    @cached_property
    def options(self) -> tuple[float | None, ...]:
        """What the meeting could agree at the ends of the difference; None stands for not applicable."""
        ends = (self.low, self.high) if self.low != self.high else (self.low,)
        return (*ends, None) if self.may_not_apply else ends

    @cached_property
    def said(self) -> tuple[str, ...]:
        """The options in words."""
        return tuple(f"“{level_name(self.criterion.scale, option).split(', ')[0]}”" for option in self.options)

    @cached_property
    def duty(self) -> str | None:
        return _duty(self.criterion)

    @cached_property
    def recurs(self) -> str | None:
        return _recurs(self)

    @cached_property
    def difference(self) -> str:
        return _width(self)


def cases_of(
    fired: Iterable[tuple[str, str]], cells: Mapping[str, Mapping[str, Sequence[Mark]]], policy: Policy, alike: Mapping[str, int]
) -> dict[tuple[str, str], Case]:
    """The case of each routed cell (plan and criterion); those with the same answers to a criterion share one."""
    known: dict[tuple[str, tuple[tuple[bool, float, str], ...]], Case] = {}
    found = {}
    for plan, key in fired:
        marks = cells[plan][key]
        pattern = (key, tuple(sorted((mark.value is None, mark.value or 0.0, mark.non_score or "") for mark in marks)))
        if pattern not in known:
            known[pattern] = Case.of(policy.criteria[key], marks, alike[key])
        found[plan, key] = known[pattern]
    return found


@dataclass(frozen=True, slots=True)
class Outlook:
    """The agreed ratings one plan would have if nothing were discussed."""

    agreed: Mapping[str, float]
    tally: Tally
    sections: Mapping[str, Sequence[tuple[str, float, float]]]  # section -> criterion, value and weight of what is graded

    @classmethod
    def of(cls, cells: Mapping[str, Sequence[Mark]], policy: Policy, known: Settled | None = None) -> "Outlook":
        """From all cells of the plan (criterion -> ratings). `known` is kept from plan to plan, because answers repeat."""
        settled = _settled(cells, policy, {} if known is None else known)
        agreed = {key: cell.value for key, cell in settled.items() if cell is not None and cell.value is not None}
        sections: defaultdict[str, list[tuple[str, float, float]]] = defaultdict(list)
        for key in policy.shares.keys() & agreed.keys():
            sections[policy.criteria[key].section].append((key, agreed[key], policy.criteria[key].weight))
        return cls(agreed, Tally.of(agreed, policy), sections)


def _settled(cells: Mapping[str, Sequence[Mark]], policy: Policy, known: Settled) -> dict[str, Outcome | None]:
    found = {}
    for key, marks in cells.items():
        pattern = (key, tuple(marks))
        if pattern not in known:
            known[pattern] = settle_undiscussed(marks, policy.criteria[key])
        found[key] = known[pattern]
    return found


def alone(criterion: Criterion, reasons: Iterable[str]) -> bool:
    """Is a cell discussed by itself? The overall judgement, critical criteria, what changes a grade, and what was drawn to check
    agreement are; the rest of a criterion is one question about its guidance."""
    return criterion.critical or any(reason.startswith((*GRADED, CHECK_TITLE)) for reason in reasons)


def stake(case: Case, plan: Outlook, policy: Policy) -> Stake:
    """What hangs on one routed cell."""
    overall, section = _overall(case, plan, policy), _section(case, plan, policy)
    reasons = (overall, section, case.duty, case.recurs, case.difference)
    grade = 2 * bool(overall) + bool(section)
    duties = 2 * case.criterion.critical + case.criterion.statutory
    weight = (4 * grade + duties) * 10_000 + 100 * min(case.plans_alike if case.recurs else 0, 99) + min(case.width, 99)
    return Stake(tuple(reason for reason in reasons if reason), weight)


def check_of_agreement(weight: float = 0.0) -> Stake:
    """A cell drawn at random: nothing hangs on it but the check itself. Its weight is its place among the others."""
    return Stake((CHECK,), weight)


def _overall(case: Case, plan: Outlook, policy: Policy) -> str | None:
    criterion = case.criterion
    if criterion.key in policy.overall:
        low, high = (level_name(criterion.scale, end) for end in (case.low, case.high))
        return f"Is the overall grade: auditors range from {low} to {high}." if low != high else None
    if criterion.key not in policy.shares and not policy.limits[criterion.key]:
        return None
    held = plan.agreed.get(criterion.key)
    rest = plan.tally if held is None else plan.tally.add(criterion, held, policy, -1)
    grades = [(rest if option is None else rest.add(criterion, option, policy)).suggested(policy) for option in case.options]
    if grades.count(grades[0]) == len(grades):
        return None
    said = [f"{policy.grade_name(grade)} if {option}" for option, grade in zip(case.said, grades, strict=True)]
    return f"Changes the overall grade: {', '.join(said)}."


def _section(case: Case, plan: Outlook, policy: Policy) -> str | None:
    criterion = case.criterion
    if criterion.key not in policy.shares:
        return None
    beside = [(value, weight) for key, value, weight in plan.sections.get(criterion.section, ()) if key != criterion.key]
    ends = ([] if option is None else [(option, criterion.weight)] for option in case.options)
    grades = dict.fromkeys(weighted_median(beside + end) for end in ends)
    if len(grades) < 2:
        return None
    return f"Changes the section grade: {' or '.join(policy.grade_name(grade) for grade in grades)}."


def _duty(criterion: Criterion) -> str | None:
    words = [word for word, holds in (("statutory", criterion.statutory), ("critical", criterion.critical)) if holds]
    return f"{' and '.join(words).capitalize()}: {criterion.legal_basis or criterion.title}." if words else None


def _recurs(case: Case) -> str | None:
    if case.plans_alike < RECURS_FROM:
        return None
    return f"Recurs on this criterion: on {case.plans_alike} plans. Often the guidance is unclear."


def _width(case: Case) -> str:
    scale = case.criterion.scale
    if case.may_not_apply:
        return f"Applies or not: scored {level_name(scale, case.middle)} by those who say it applies."
    if case.low == case.high:
        return "Not sure: auditors agree, but most were not sure."
    low, high = level_name(scale, case.low), level_name(scale, case.high)
    if scale.kind is ScaleKind.NOMINAL:
        return f"Split: some say “{high}”, some “{low}”."
    width = case.width
    return f"{width:g} {'level' if width == 1 else 'levels'} apart: {high} to {low}."
