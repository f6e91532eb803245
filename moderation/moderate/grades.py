"""Grades of a plan from its agreed ratings, by the framework's grade rules. Pure arithmetic; the meeting sets the final grade."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from moderation.moderate.policy import Policy
from moderation.register.criteria import Criterion

SLACK = 1e-9  # weights are decimal fractions, so sums miss by a hair


def weighted_median(values: Iterable[tuple[float, float]]) -> float | None:
    """Of (value, weight) the value at which half of the weight is reached: ties go down. None without weight."""
    ordered = sorted(pair for pair in values if pair[1] > 0)
    half, running = sum(weight for _, weight in ordered) / 2, 0.0
    for value, weight in ordered:
        running += weight
        if running >= half - SLACK:
            return value
    return None


def section_grade(section: str, agreed: Mapping[str, float], policy: Policy) -> float | None:
    """Weighted median of a section's agreed ordinal ratings (criterion -> value); None where it has none."""
    graded = [policy.criteria[key] for key in agreed if key in policy.shares]
    return weighted_median((agreed[one.key], one.weight) for one in graded if one.section == section)


def half_down(mean: float) -> int:
    """The nearest level; an exact half goes down."""
    return ceil(mean - 0.5 - SLACK)


def _counted(criterion: Criterion, value: float, policy: Policy) -> tuple[int, ...]:
    """The places of the limiting rules towards which this agreed rating counts; most criteria have none."""
    known = policy.counted.get((criterion.key, value))
    if known is None:
        known = tuple(place for place, limit in policy.limits[criterion.key] if limit.counts(criterion, value))
        policy.counted[criterion.key, value] = known
    return known


@dataclass(frozen=True, slots=True)
class Tally:
    """What a plan's suggested overall grade is made of. Adding or taking away one rating answers "what if" at once."""

    weighted: float
    weight: float
    hits: tuple[int, ...]  # one per limiting rule of the framework

    @classmethod
    def of(cls, agreed: Mapping[str, float], policy: Policy) -> "Tally":
        graded = [key for key in agreed if key in policy.shares]
        weighted, weight = sum(policy.shares[key] * agreed[key] for key in graded), sum(policy.shares[key] for key in graded)
        counted = [place for key, value in agreed.items() for place in _counted(policy.criteria[key], value, policy)]
        return cls(weighted, weight, tuple(counted.count(place) for place in range(len(policy.framework.grade_rules.limits))))

    def add(self, criterion: Criterion, value: float, policy: Policy, sign: int = 1) -> "Tally":
        share = policy.shares.get(criterion.key, 0.0)
        counted = _counted(criterion, value, policy)
        hits = tuple(count + sign * (place in counted) for place, count in enumerate(self.hits)) if counted else self.hits
        return Tally(self.weighted + sign * share * value, self.weight + sign * share, hits)

    def suggested(self, policy: Policy, confirmed_flags: Sequence[str] = ()) -> int | None:
        """The weighted mean to the nearest level, then the limiting rules; None where nothing graded is agreed."""
        if self.weight <= SLACK:
            return None
        grade = half_down(self.weighted / self.weight)
        for count, limit in zip(self.hits, policy.framework.grade_rules.limits, strict=True):
            if limit.cap < grade and (count >= limit.at_least or (limit.flag and limit.flag in confirmed_flags)):
                grade = limit.cap
        return grade


def overall_suggested(agreed: Mapping[str, float], policy: Policy, confirmed_flags: Sequence[str] = ()) -> int | None:
    """The suggested overall grade of a plan from its agreed ratings (criterion -> value)."""
    return Tally.of(agreed, policy).suggested(policy, confirmed_flags)
