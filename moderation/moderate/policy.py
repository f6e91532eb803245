"""What routing and grading need of one framework version, looked up once. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from moderation.register.criteria import Criterion, Framework, Limit, Scale, Trigger, TriggerKind


@dataclass(frozen=True)
class Policy:
    """What routing and grading need of one framework version, looked up once."""

    framework: Framework
    criteria: Mapping[str, Criterion]
    watches: Mapping[str, tuple[Trigger, ...]]
    overall: frozenset[str]  # the overall judgement
    shares: Mapping[str, float]  # of the criteria whose agreed ratings enter grades: their weight in the overall suggestion
    limits: Mapping[str, tuple[tuple[int, Limit], ...]]  # the limiting rules (with their place) that look at a criterion

    @classmethod
    def of(cls, framework: Framework) -> "Policy":
        criteria = {criterion.key: criterion for criterion in framework.criteria}
        watches = {
            key: tuple(trigger for trigger in framework.triggers if trigger.watches(criterion))
            for key, criterion in criteria.items()
        }
        weights = {section.key: section.weight for section in framework.sections}
        pooled = [criterion for criterion in framework.criteria if criterion.is_ordinal and criterion.is_pooled]
        graded = [criterion for criterion in pooled if criterion.key not in framework.overall]
        shares = {criterion.key: criterion.weight * weights[criterion.section] for criterion in graded}
        rules = tuple(enumerate(framework.grade_rules.limits))
        limits = {key: tuple(rule for rule in rules if rule[1].watches(criterion)) for key, criterion in criteria.items()}
        return cls(framework, criteria, watches, framework.overall, shares, limits)

    @cached_property
    def calibration(self) -> Trigger | None:
        """The trigger that draws agreed plans at random, if the framework has one."""
        return next((trigger for trigger in self.framework.triggers if trigger.kind is TriggerKind.RANDOM_AGREED), None)

    @cached_property
    def counted(self) -> dict[tuple[str, float], tuple[int, ...]]:
        """Towards which limiting rules a rating counts, as `grades` worked it out: there are few distinct ratings."""
        return {}

    def grade_name(self, grade: float | None) -> str:
        """A grade in the words of the graded criteria's scale."""
        return level_name(self.grade_scale, grade) if self.grade_scale and grade is not None else "no grade"

    @cached_property
    def grade_scale(self) -> Scale | None:
        return next((self.criteria[key].scale for key in self.shares), None)


def level_name(scale: Scale, value: float | None) -> str:
    """A rating in the words of its scale; a number where it has no levels."""
    if value is None:
        return "Not applicable"
    label = next((level.label for level in scale.levels if level.value == value), None)
    return label.replace(" - ", ", ") if label else f"{value / 10**scale.decimals:g}"


def distance(scale: Scale, low: float, high: float) -> float:
    """Levels between two ratings of an ordinal scale; the plain difference where there are no levels to count."""
    values = scale.values
    if low in values and high in values:
        return values.index(int(high)) - values.index(int(low))
    return (high - low) / float(10**scale.decimals)
