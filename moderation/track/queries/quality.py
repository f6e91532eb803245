"""Plan quality of a published round: grades of the agreed ratings, section by section and for whole plans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from moderation.moderate.grades import section_grade
from moderation.moderate.policy import Policy
from moderation.register.codes import NEED_NAMES, PrimaryNeed
from moderation.register.framework import Framework, Scale, TriggerKind
from moderation.score import released
from moderation.score.questions import framework_of
from stats import measure
from stats.results import Agreement
from stats.shares import ShareChange, change_of_share

from ..rules import NO_LEVELS, Graded, Quality, quality, withheld_groups
from .agreed import AgreedPlan, agreed_plans
from .measured import Measured, measured, nothing
from .names import section_name
from .ratings import table_of
from .rounds import TrackedRound, published_round, published_rounds
from .trends import Trends, trends


@dataclass(frozen=True)
class QualityRow:
    """One line of the page: a section, or whole plans, with its reliability."""

    key: str
    name: str
    quality: Quality
    agreement: Agreement
    before: Quality | None = None

    @property
    def change(self) -> ShareChange | None:
        """Against the round before, where both are shown."""
        earlier = self.before.better if self.before else None
        return change_of_share(earlier, self.quality.better) if earlier and self.quality.better else None


@dataclass(frozen=True)
class QualityView:
    """The page of one round. `levels` are the words of the scale, the first `boundary` of them below Good."""

    round: TrackedRound
    rounds: tuple[TrackedRound, ...]
    earlier: TrackedRound | None
    levels: tuple[str, ...]
    boundary: int
    overall: QualityRow
    sections: tuple[QualityRow, ...]
    needs: tuple[QualityRow, ...]
    agencies: int
    trends: Trends


@dataclass(frozen=True)
class _Grades:
    """Grades of one round's plans under its framework."""

    policy: Policy
    plans: tuple[AgreedPlan, ...]

    @property
    def scale(self) -> Scale | None:
        graded = [*self.policy.overall, *self.policy.shares]
        return self.policy.criteria[graded[0]].scale if graded else None

    @property
    def boundary(self) -> float:
        """The highest level that is below Good, as the framework's own trigger says; else the middle of the scale."""
        triggers = [one.boundary for one in self.policy.framework.triggers if one.kind is TriggerKind.BOUNDARY]
        known = [boundary for boundary in triggers if boundary is not None]
        levels = self.levels
        return known[0] if known else levels[(len(levels) - 1) // 2] if levels else 0

    @property
    def levels(self) -> tuple[int, ...]:
        return tuple(sorted(self.scale.values)) if self.scale else ()

    def of_section(self, key: str) -> Quality:
        if not any(self.policy.criteria[one].section == key for one in self.policy.shares):
            return Quality.withheld(NO_LEVELS)
        grades = [(section_grade(key, plan.ratings, self.policy), plan.weight) for plan in self.plans]
        return self._quality([Graded(grade, weight) for grade, weight in grades if grade is not None])

    def overall(self, plans: Sequence[AgreedPlan] | None = None) -> Quality:
        chosen = self.plans if plans is None else plans
        key = self.overall_criterion
        if key is None:
            return Quality.withheld(NO_LEVELS)
        return self._quality([Graded(plan.ratings[key], plan.weight) for plan in chosen if key in plan.ratings])

    @property
    def overall_criterion(self) -> str | None:
        return min(self.policy.overall, default=None)

    def _quality(self, graded: list[Graded]) -> Quality:
        return quality(graded, self.levels, self.boundary)


def quality_view(session: Session, area_id: str, round_id: str | None = None) -> QualityView | None:
    """The chosen published round, or the latest; None while no round is published."""
    rounds = published_rounds(session, area_id)
    if not rounds:
        return None
    chosen = published_round(session, area_id, round_id) if round_id else rounds[-1]
    earlier = next((one for one in reversed(rounds[: rounds.index(chosen)])), None)
    grades = _grades(session, area_id, chosen)
    before = _grades(session, area_id, earlier) if earlier else None
    agreement = measured(session, area_id, chosen.id)
    return QualityView(
        chosen,
        rounds,
        earlier,
        _level_words(grades),
        sum(level <= grades.boundary for level in grades.levels),
        _overall_row(grades, before, agreement),
        _section_rows(grades, before, agreement),
        _need_rows(session, area_id, chosen, grades),
        _agencies(session, area_id, chosen),
        trends(session, area_id),
    )


def quality_by_section(session: Session, area_id: str, chosen: TrackedRound) -> Mapping[str, Quality]:
    """Sections by key, and whole plans under "round": what the trend keeps of a published round."""
    grades = _grades(session, area_id, chosen)
    sections = {key: grades.of_section(key) for key, _ in _sections(grades.policy.framework, grades.policy)}
    return {"round": grades.overall()} | sections


def _grades(session: Session, area_id: str, chosen: TrackedRound) -> _Grades:
    framework = framework_of(session, area_id, chosen.framework_version_id)
    return _Grades(Policy.of(framework), agreed_plans(session, area_id, chosen.id))


def _level_words(grades: _Grades) -> tuple[str, ...]:
    names = {level.value: level.label for level in grades.scale.levels} if grades.scale else {}
    return tuple(names[value] for value in grades.levels)


def _overall_row(grades: _Grades, before: _Grades | None, agreement: Measured) -> QualityRow:
    key = grades.overall_criterion
    found = agreement.criterion(key) if key else nothing(NO_LEVELS)
    name = section_name(grades.policy.framework.section(grades.policy.criteria[key].section)) if key else "Overall"
    return QualityRow("", name, grades.overall(), found, before.overall() if before else None)


def _section_rows(grades: _Grades, before: _Grades | None, agreement: Measured) -> tuple[QualityRow, ...]:
    return tuple(
        QualityRow(key, name, grades.of_section(key), agreement.section(key), _same_section(before, key))
        for key, name in _sections(grades.policy.framework, grades.policy)
    )


def _same_section(before: _Grades | None, key: str) -> Quality | None:
    known = before is not None and any(section.key == key for section in before.policy.framework.sections)
    return before.of_section(key) if before and known else None


def _sections(framework: Framework, policy: Policy) -> tuple[tuple[str, str], ...]:
    """Sections that can have a grade of their own, in reading order: the overall judgement has its own line."""
    overall = {policy.criteria[key].section for key in policy.overall}
    return tuple((section.key, section_name(section)) for section in framework.sections if section.key not in overall)


def _need_rows(session: Session, area_id: str, chosen: TrackedRound, grades: _Grades) -> tuple[QualityRow, ...]:
    """Whole plans by primary need. What would give a hidden group away is hidden as well."""
    groups: dict[str, list[AgreedPlan]] = {}
    for plan in grades.plans:
        if grades.overall_criterion in plan.ratings:
            groups.setdefault(plan.primary_need, []).append(plan)
    withheld = withheld_groups({need: len(plans) for need, plans in groups.items()})
    release = released.release_for(session, area_id, chosen.id)
    ratings = released.ratings_of(session, release, criterion_key=grades.overall_criterion or "")
    ordered = sorted(groups, key=lambda need: (need in withheld, -len(groups[need]), need))
    return tuple(
        _hidden_need(need, withheld[need]) if need in withheld else _need_row(grades, need, groups[need], ratings)
        for need in ordered
    )


def _hidden_need(need: str, why: str) -> QualityRow:
    return QualityRow(need, _need_name(need), Quality.withheld(why), nothing(why))


def _need_row(grades: _Grades, need: str, plans: Sequence[AgreedPlan], ratings: Sequence[released.ReleasedRating]) -> QualityRow:
    among = {plan.round_plan_id for plan in plans}
    mine = [one for one in ratings if one.round_plan_id in among]
    agreement = measure(table_of(mine, grades.policy.criteria[grades.overall_criterion or ""]))
    return QualityRow(need, _need_name(need), grades.overall(plans), agreement)


def _need_name(need: str) -> str:
    return NEED_NAMES[PrimaryNeed(need)] if need in list(PrimaryNeed) else need


def _agencies(session: Session, area_id: str, chosen: TrackedRound) -> int:
    return len(released.auditors_per_agency(session, released.release_for(session, area_id, chosen.id)))
