"""What is at stake in a disagreement, and so its place in the list: first what changes the overall grade, then the section
grade, then critical and statutory criteria, then what recurs on a criterion across plans, then how wide the difference is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from moderation.moderate.grades import Tally, section_grade
from moderation.moderate.rules import Mark, Policy, distance, level_name, lower_median, scores, settle_undiscussed
from moderation.register.criteria import Criterion, NonScore, ScaleKind

RECURS_FROM = 3
CHECK = "Checks that agreement is sound: drawn at random from plans on which auditors agreed."


@dataclass(frozen=True, slots=True)
class Stake:
    """Reasons in words ("Title: detail.") and the number they give: the higher, the earlier."""

    reasons: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Case:
    """One routed cell: the ends of its ratings and their middle, whether somebody says that it does not apply, and on how
    many plans of the round the same criterion was routed."""

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

    @property
    def width(self) -> float:
        return distance(self.criterion.scale, self.low, self.high)

    @property
    def options(self) -> tuple[float | None, ...]:
        """What the meeting could agree at the ends of the difference; None stands for not applicable."""
        ends = (self.low, self.high) if self.low != self.high else (self.low,)
        return (*ends, None) if self.may_not_apply else ends


@dataclass(frozen=True, slots=True)
class Outlook:
    """The agreed ratings one plan would have if nothing were discussed."""

    agreed: Mapping[str, float]
    tally: Tally

    @classmethod
    def of(cls, cells: Mapping[str, Sequence[Mark]], policy: Policy) -> "Outlook":
        """From all cells of the plan (criterion -> ratings)."""
        settled = {key: settle_undiscussed(marks, policy.criteria[key]) for key, marks in cells.items()}
        agreed = {key: cell.value for key, cell in settled.items() if cell is not None and cell.value is not None}
        return cls(agreed, Tally.of(agreed, policy))


def stake(case: Case, plan: Outlook, policy: Policy) -> Stake:
    """What hangs on one routed cell."""
    overall, section = _overall(case, plan, policy), _section(case, plan, policy)
    duty, recurs = _duty(case.criterion), _recurs(case)
    reasons = (overall, section, duty, recurs, _width(case))
    grade = 2 * bool(overall) + bool(section)
    duties = 2 * case.criterion.critical + case.criterion.statutory
    weight = (4 * grade + duties) * 10_000 + 100 * min(case.plans_alike if recurs else 0, 99) + min(case.width, 99)
    return Stake(tuple(reason for reason in reasons if reason), weight)


def check_of_agreement() -> Stake:
    """A cell drawn at random: nothing hangs on it but the check itself."""
    return Stake((CHECK,), 0.0)


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
    if len(set(grades)) < 2:
        return None
    said = [f"{policy.grade_name(grade)} if {_said(case, option)}" for option, grade in zip(case.options, grades, strict=True)]
    return f"Changes the overall grade: {', '.join(said)}."


def _said(case: Case, option: float | None) -> str:
    name = level_name(case.criterion.scale, option)
    return f"“{name.split(', ')[0]}”"


def _section(case: Case, plan: Outlook, policy: Policy) -> str | None:
    criterion = case.criterion
    if criterion.key not in policy.shares:
        return None
    section = [key for key in plan.agreed if key in policy.shares and policy.criteria[key].section == criterion.section]
    beside = {key: plan.agreed[key] for key in section if key != criterion.key}
    options = [beside if option is None else beside | {criterion.key: option} for option in case.options]
    grades = dict.fromkeys(section_grade(criterion.section, option, policy) for option in options)
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
