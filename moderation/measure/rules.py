"""What is measured of a round, in plain values: which criteria, on which scale, for which groups, and from what seed."""

import hashlib
from collections.abc import Iterable, Mapping
from enum import StrEnum

from ..register.criteria import Criterion, Framework

STATS = ("alpha", "percent", "gwet", "kappa")  # the one of each family that suits the scale; alpha is the default
ROUND = "round"
MANY_VALUES = 60


class Scope(StrEnum):
    """What a result speaks of."""

    CRITERION = "criterion"
    SECTION = "section"
    ROUND = "round"
    AGENCY_PAIR = "agency_pair"


def pooled(framework: Framework) -> tuple[Criterion, ...]:
    """The criteria on which auditors' ratings can be compared."""
    return tuple(criterion for criterion in framework.criteria if criterion.is_pooled)


def groups(framework: Framework) -> Mapping[str, list[str]]:
    """Criteria by section, and all of the round: a section's agreement is the mean over its criteria."""
    found: dict[str, list[str]] = {section.key: [] for section in framework.sections}
    for criterion in pooled(framework):
        found[criterion.section].append(criterion.key)
    return found | {ROUND: [criterion.key for criterion in pooled(framework)]}


def labels(criterion: Criterion, observed: Iterable[float]) -> list[float]:
    """The declared levels. A wide range of numbers is cut down to what occurred: interval measures do not depend on the rest."""
    scale = criterion.scale
    if scale.levels:
        return [float(value) for value in scale.values]
    if scale.highest - scale.lowest < MANY_VALUES:
        return [float(value) for value in range(scale.lowest, scale.highest + 1)]
    return sorted(set(observed)) or [float(scale.lowest)]


def seed_of(round_id: str) -> int:
    """A seed of the round's own, the same every time."""
    return int.from_bytes(hashlib.sha256(round_id.encode()).digest()[:4], "big") % 2**31


def pair_key(one: str, other: str) -> str:
    """The key of a pair of agencies, whichever comes first."""
    return "|".join(sorted((one, other)))
