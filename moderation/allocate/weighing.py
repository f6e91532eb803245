"""Expertise or independence: what each setting between the two leads to, measured on the round's own plans. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

from .expertise import share_known
from .problem import Allocation, Outcome, Problem
from .terms import SLIDER

STANDING = 5  # plans that two auditors share from which on they are a standing pair
RATING_SD = 0.7  # spread of one rating around plan and severity, in levels: as in `design.plans_to_see`


@dataclass(frozen=True)
class Consequence:
    """What one setting gives: the share of places whose auditor knows that need, and how well auditors can be compared."""

    weighing: int
    known: float | None
    visible: float | None  # the smallest difference between two auditors that would show, in grades
    standing_pairs: int
    triads: int
    groups: int

    @property
    def name(self) -> str:
        return SLIDER[self.weighing - 1].name


def compared(problem: Problem, chosen: int, outcome: Outcome) -> tuple[Consequence, ...]:
    """Every setting drawn with the same seed. Without any expertise there is nothing to weigh."""
    if not any(any(costs.values()) for costs in problem.expertise_cost.values()):
        return ()
    from .solve import allocate  # late: the solver's libraries take a second to load

    numbered = list(enumerate(SLIDER, 1))
    outcomes = {number: outcome if number == chosen else allocate(one.of(problem), outcome.seed) for number, one in numbered}
    return tuple(consequence(problem, number, outcomes[number]) for number, _ in numbered)


def consequence(problem: Problem, weighing: int, outcome: Outcome) -> Consequence:
    hidden = set(problem.seeds)
    places = [place for place in outcome.allocations if place.plan not in hidden]
    return Consequence(
        weighing,
        share_known([(place.plan, place.auditor) for place in places], problem.expertise_cost),
        visible_difference(outcome.design.contrast_variance),
        standing_pairs(places),
        outcome.design.repeat_triads,
        outcome.design.components,
    )


def visible_difference(contrast_variance: float | None) -> float | None:
    """The difference between two auditors' severities, in grades, that is twice its standard error."""
    return 2 * RATING_SD * sqrt(contrast_variance) if contrast_variance else None


def standing_pairs(places: Iterable[Allocation]) -> int:
    """How many pairs of auditors share five plans or more."""
    on_plan = defaultdict(list)
    for place in places:
        on_plan[place.plan].append(place.auditor)
    times = Counter(frozenset(pair) for auditors in on_plan.values() for pair in combinations(auditors, 2))
    return sum(number >= STANDING for number in times.values())
