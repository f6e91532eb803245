"""Which plans of a population enter a round: at random, in strata, with quotas, reproducibly and with weights.

A plan's weight is how many plans of its stratum it stands for, so that figures from a sample with quotas can be
weighted back to the population.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from moderation.words import Refused

from .draw import shuffled

EVERYTHING = ""


@dataclass(frozen=True)
class Candidate:
    """A plan that could be drawn, and what it can be stratified by (primary need, phase, plan event, setting type, team)."""

    plan: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Drawn:
    plan: str
    stratum: str
    weight: float


@dataclass(frozen=True)
class Stratum:
    name: str
    population: int
    drawn: int

    @property
    def weight(self) -> float:
        return self.population / self.drawn if self.drawn else 0.0


@dataclass(frozen=True)
class Sample:
    """The plans drawn (in drawing order), the strata they came from, and the plans left out with the reason."""

    drawn: tuple[Drawn, ...]
    strata: tuple[Stratum, ...]
    left_out: Mapping[str, str]

    @property
    def plans(self) -> tuple[str, ...]:
        return tuple(one.plan for one in self.drawn)


def draw_sample(
    candidates: Iterable[Candidate],
    size: int,
    seed: int | str,
    *,
    stratify_by: Sequence[str] = (),
    quotas: Mapping[str, int] | None = None,
    exclude: Mapping[str, str] | None = None,
) -> Sample:
    """Draw `size` plans. `quotas` fixes the number from some strata (named as `stratum_name` names them); the others
    share the rest in proportion. `exclude` gives the reason (tribunal, complaint) why a plan must not be drawn."""
    exclude = exclude or {}
    strata = _strata((one for one in candidates if one.plan not in exclude), stratify_by)
    numbers = _numbers({name: len(plans) for name, plans in strata.items()}, size, quotas or {})
    summary = tuple(Stratum(name, len(strata[name]), numbers[name]) for name in sorted(strata))
    weights = {stratum.name: stratum.weight for stratum in summary}
    chosen = {plan: name for name in strata for plan in shuffled(seed, "sample", strata[name])[: numbers[name]]}
    order = shuffled(seed, "sample", chosen)
    return Sample(tuple(Drawn(plan, chosen[plan], weights[chosen[plan]]) for plan in order), summary, dict(exclude))


def stratum_name(attributes: Mapping[str, str], stratify_by: Sequence[str]) -> str:
    """The stratum of a plan: its values of the chosen attributes, or one stratum for everything."""
    return " / ".join(attributes.get(name) or "not recorded" for name in stratify_by) or EVERYTHING


def _strata(candidates: Iterable[Candidate], stratify_by: Sequence[str]) -> dict[str, list[str]]:
    strata: dict[str, list[str]] = defaultdict(list)
    for one in candidates:
        strata[stratum_name(one.attributes, stratify_by)].append(one.plan)
    return dict(strata)


def _numbers(population: Mapping[str, int], size: int, quotas: Mapping[str, int]) -> dict[str, int]:
    """How many plans each stratum gives: its quota, or its share of the rest."""
    _check(population, size, quotas)
    free = {name: count for name, count in population.items() if name not in quotas}
    rest = size - sum(quotas.values())
    if rest > sum(free.values()):
        raise Refused(f"The quotas leave {rest} plans to draw from other groups, which have only {sum(free.values())}.")
    return {**dict.fromkeys(population, 0), **quotas, **proportional(free, rest)}


def _check(population: Mapping[str, int], size: int, quotas: Mapping[str, int]) -> None:
    if size < 0 or size > sum(population.values()):
        raise Refused(f"{size} plans cannot be drawn: {sum(population.values())} qualify.")
    for name, quota in quotas.items():
        if name not in population:
            raise Refused(f"There is a quota for {name!r}, but no plan is in that group.")
        if not 0 <= quota <= population[name]:
            raise Refused(f"The quota of {quota} for {name!r} cannot be met: {population[name]} plans are in that group.")
    if sum(quotas.values()) > size:
        raise Refused(f"The quotas add up to {sum(quotas.values())}, more than the {size} plans to be drawn.")


def proportional(population: Mapping[str, int], size: int) -> dict[str, int]:
    """Share `size` out in proportion, rounding by the largest remainder (ties by name)."""
    total = sum(population.values())
    if not total:
        return dict.fromkeys(population, 0)
    shares = {name: Fraction(size * count, total) for name, count in population.items()}
    numbers = {name: int(share) for name, share in shares.items()}
    behind = sorted(shares, key=lambda name: (numbers[name] - shares[name], name))
    for name in behind[: size - sum(numbers.values())]:
        numbers[name] += 1
    return numbers
