"""What a good design may cost in expertise: the recommended terms, and the slider between expertise and independence."""

from dataclasses import dataclass, replace

from .problem import Problem

SMALL_ROUND = 100  # plans: up to here swaps alone link everybody
USUAL_ROUND = 40  # plans from which on a design can be as good as promised
LARGE_ROUND = 1000
LINKING_SHARE = 0.16
DEAREST_PAIR = 1000
CHEAPEST_PAIR = 150
PRECISE_SLOTS = 1000  # places up to which the variance itself is worked out
PROMISED = 0.9701  # efficiency that the recommended design of a round reaches if any allocation can
PROMISED_DOUBLED = 0.9601  # the same where some plans are scored twice: no two such designs are equally good
PRECISION = 20  # a unit of relative variance, per place, in units of the price of a repeated pair


@dataclass(frozen=True)
class Terms:
    """`linking_share` of the plans go to random auditors; a repeated meeting costs `pair_price` points of expertise, and
    a unit of relative variance `precision_price` (0 = not weighed). Below the `promised` efficiency the search goes on."""

    linking_share: float
    pair_price: int
    precision_price: float
    promised: float = 0.0

    @property
    def designed(self) -> bool:
        return self.pair_price > 0


@dataclass(frozen=True)
class Setting:
    """One position of the slider. None = as recommended for the size of the round."""

    name: str
    linking_share: float | None
    pair_weight: int | None

    def of(self, problem: Problem) -> Problem:
        return replace(problem, linking_share=self.linking_share, pair_weight=self.pair_weight)


SLIDER = (
    Setting("Expertise only", 0.0, 0),
    Setting("Expertise first", 0.0, 100),
    Setting("Recommended", None, None),
    Setting("Independence first", 0.3, 3000),
    Setting("Independence above all", 1.0, 10000),
)


def terms_of(problem: Problem) -> Terms:
    """The problem's own terms, or those recommended for its size."""
    plans = len(problem.plans)
    share = problem.linking_share if problem.linking_share is not None else recommended_share(plans)
    pair = problem.pair_weight if problem.pair_weight is not None else recommended_price(plans)
    places = sum(plans * problem.auditors_per_plan.get(agency, 1) for agency in problem.agencies) + len(problem.extra)
    return Terms(share, pair, float(PRECISION * pair * places) if places <= PRECISE_SLOTS else 0.0, promised(problem))


def promised(problem: Problem) -> float:
    """The efficiency that the recommended design should reach; none where the lead weighs it or few plans allow little."""
    if problem.pair_weight is not None or len(problem.plans) < USUAL_ROUND:
        return 0.0
    return PROMISED_DOUBLED if problem.extra else PROMISED


def recommended_share(plans: int) -> float:
    """Nothing in a small round; in a large one swaps cannot see the bridges that communities need."""
    grown = (plans - SMALL_ROUND) / (LARGE_ROUND - SMALL_ROUND)
    return LINKING_SHARE * min(max(grown, 0.0), 1.0)


def recommended_price(plans: int) -> int:
    """In a small round every repeat weighs; in a large one there is room for a few."""
    return max(CHEAPEST_PAIR, min(DEAREST_PAIR, DEAREST_PAIR * SMALL_ROUND // max(plans, 1)))
