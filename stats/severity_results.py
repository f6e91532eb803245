"""Severities as results: raters, criteria, steps and plans, and who may be compared with whom."""

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True)
class RaterSeverity:
    """One rater: severity in logits, positive is strict, relative to the mean of the component.

    `infit` and `outfit` are mean squared residuals, 1 when the rater is as predictable as the model says;
    they are computed at the plans' posterior means, which makes them a little too small. Values
    outside 0.5 to 1.5 deserve a look, by convention. `fair_average` is the mean score, in units of
    the scale, that the rater would give to an average plan. Where there is no severity, `note` says why.
    """

    rater: Hashable
    severity: float | None
    se: float | None
    infit: float | None
    outfit: float | None
    fair_average: float | None
    ratings: int
    component: int | None
    note: str | None = None


@dataclass(frozen=True)
class CriterionDifficulty:
    """One criterion: difficulty in logits, positive is hard to score highly on."""

    criterion: Hashable
    difficulty: float | None
    se: float | None
    note: str | None = None


@dataclass(frozen=True)
class Step:
    """The extra difficulty of reaching a level from the one below; `criterion` is None when all share it."""

    criterion: Hashable | None
    level: float
    value: float
    se: float | None


@dataclass(frozen=True)
class PlanMeasure:
    """Posterior mean and standard deviation of a plan's quality, in logits."""

    plan: Hashable
    measure: float
    se: float


@dataclass(frozen=True)
class Link:
    """Two raters of different components: a plan that both rate would join them."""

    one: Hashable
    other: Hashable


@dataclass(frozen=True)
class Severity:
    """The fitted model. `separation_reliability` is the share of the variance of severities that is not error."""

    raters: tuple[RaterSeverity, ...]
    criteria: tuple[CriterionDifficulty, ...]
    steps: tuple[Step, ...] = ()
    plans: tuple[PlanMeasure, ...] = ()
    components: int = 0
    links: tuple[Link, ...] = ()
    plan_sd: float | None = None
    plan_reliability: float | None = None
    separation_reliability: float | None = None
    deviance: float | None = None
    converged: bool = False
    undefined: str | None = None

    def compare(self, one: Hashable, other: Hashable) -> float:
        """How much stricter the first rater is; ValueError across components, naming what would link them."""
        found = {rater.rater: rater for rater in self.raters}
        first, second = found[one], found[other]
        if first.component is None or second.component is None:
            raise ValueError(first.note or second.note)
        if first.component != second.component:
            links = " and ".join(f"a plan rated by both {link.one} and {link.other}" for link in self.links)
            raise ValueError(f"No chain of plans joins {one} and {other}, so they cannot be compared. It would take {links}.")
        if first.severity is None or second.severity is None:
            raise ValueError(first.note or second.note)
        return first.severity - second.severity
