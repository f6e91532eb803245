"""Looking through a closed round: every cell against the rules, a sample of what was agreed, and what is at stake in each. Pure.

Thousands of cells have few distinct patterns of answers, so whatever depends on the pattern alone is worked out once."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from moderation.moderate import rules
from moderation.moderate.policy import Policy
from moderation.moderate.rules import Mark
from moderation.moderate.stakes import Outlook, Settled, Stake, cases_of, check_of_agreement, stake
from moderation.register.criteria import Criterion

Cell = tuple[str, str]  # plan and criterion
Cells = Mapping[str, Mapping[str, tuple[Mark, ...]]]  # plan -> criterion -> ratings
NOTHING: tuple[str, ...] = ()


def each_cell(cells: Cells, policy: Policy) -> Iterator[tuple[str, Criterion, tuple[Mark, ...]]]:
    """Plan, criterion and ratings of every cell that the framework knows."""
    criteria = policy.criteria
    for plan, answers in cells.items():
        for key, marks in answers.items():
            if key in criteria:
                yield plan, criteria[key], marks


def route_cells(cells: Cells, policy: Policy, key: str) -> dict[Cell, tuple[str, ...]]:
    """The cells that fire a trigger, and the random sample of cells on which everybody gave the same answer."""
    known: dict[tuple[str, tuple[Mark, ...]], tuple[tuple[str, ...], bool]] = {}
    fired: dict[Cell, tuple[str, ...]] = {}
    agreed: defaultdict[str, list[str]] = defaultdict(list)
    for plan, criterion, marks in each_cell(cells, policy):
        pattern = (criterion.key, marks)
        found = known.get(pattern)
        if found is None:
            found = known[pattern] = _routed(marks, criterion, policy)
        keys, is_agreed = found
        if keys:
            fired[plan, criterion.key] = keys
        elif is_agreed:
            agreed[plan].append(criterion.key)
    if policy.calibration is None:
        return fired
    sample = rules.calibration_sample(agreed, policy.calibration.part, key)
    return fired | dict.fromkeys(sample.items(), (policy.calibration.key,))


def _routed(marks: Sequence[Mark], criterion: Criterion, policy: Policy) -> tuple[tuple[str, ...], bool]:
    keys = rules.route(marks, criterion, policy.watches[criterion.key])
    return keys, not keys and rules.unanimous(marks, criterion)


def drawn_of(fired: Mapping[Cell, tuple[str, ...]], policy: Policy) -> set[Cell]:
    """The cells that are there by the draw alone."""
    return {cell for cell, keys in fired.items() if policy.calibration and keys == (policy.calibration.key,)}


def stakes_of(fired: Mapping[Cell, tuple[str, ...]], cells: Cells, policy: Policy, key: str) -> dict[Cell, Stake]:
    """What hangs on each routed cell. A drawn one takes the weight of some other, so that it comes up in meetings like any."""
    drawn = drawn_of(fired, policy)
    differing = fired.keys() - drawn
    alike = Counter(criterion for _, criterion in differing)
    settled: Settled = {}
    plans = {plan for plan, _ in differing}
    outlooks = {plan: Outlook.of(_known(cells[plan], policy), policy, settled) for plan in plans}
    cases = cases_of(differing, cells, policy, alike)
    ranked = {cell: stake(case, outlooks[cell[0]], policy) for cell, case in cases.items()}
    weights = sorted(one.weight for one in ranked.values()) or [0.0]
    return ranked | {cell: check_of_agreement(_weight(cell, weights, key)) for cell in drawn}


def _weight(cell: Cell, weights: Sequence[float], key: str) -> float:
    return weights[int(rules.keyed(key, "weight", *cell), 16) % len(weights)]


def _known(criteria: Mapping[str, tuple[Mark, ...]], policy: Policy) -> dict[str, tuple[Mark, ...]]:
    return {key: marks for key, marks in criteria.items() if key in policy.criteria}
