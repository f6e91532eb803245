"""Routing a closed round, ranking its disagreements and packing a meeting: every cell against the rules, then what is at stake in
each, then which of them fit into 90 minutes.

    python benchmarks/routing.py [plans ...]      default: 60 5000

Seconds of processor time of the rules alone, without a database: 46 criteria, three auditors, ratings with agreement of about .5.
"""

import sys
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from moderation.moderate.finding import Cell, Cells, route_cells, stakes_of
from moderation.moderate.packing import MINUTES_EACH, Choice, pack, turns
from moderation.moderate.policy import Policy
from moderation.moderate.rules import Mark
from moderation.moderate.stakes import RECURS_FROM, Stake, alone
from moderation.register.criteria import NonScore
from moderation.register.framework import builtin, parse

POLICY = Policy.of(parse(builtin()))
MINUTES = 80  # of a meeting of 90, beside its welcome and its close
PROMISE = 5.0  # seconds for 5,000 plans


def main() -> None:
    for plans in [int(word) for word in sys.argv[1:]] or [60, 5000]:
        cells = a_round(plans)
        begun = time.process_time()
        fired = route_cells(cells, POLICY, "secret")
        routed = time.process_time() - begun
        stakes = stakes_of(fired, cells, POLICY, "secret")
        ranked = time.process_time() - begun
        pack(turns(choices_of(stakes), MINUTES_EACH, RECURS_FROM), MINUTES)
        whole = time.process_time() - begun
        print(
            f"{plans:>5} plans x {len(POLICY.criteria)} criteria, {len(fired):>6,} disagreements: {whole:.2f} s"
            f" (routing {routed:.2f} s, ranking {ranked - routed:.2f} s, packing {whole - ranked:.2f} s;"
            f" promised for 5,000 plans: {PROMISE:g} s)"
        )


def choices_of(stakes: Mapping[Cell, Stake]) -> list[Choice]:
    return [Choice(plan, key, one.weight, alone(POLICY.criteria[key], one.reasons)) for (plan, key), one in stakes.items()]


def a_round(plans: int) -> Cells:
    """Three ratings a cell; one in fifty answers says that the criterion does not apply."""
    random = np.random.default_rng(1)
    return {f"plan {number}": _plan(random) for number in range(plans)}


def _plan(random: np.random.Generator) -> dict[str, tuple[Mark, ...]]:
    criteria = list(POLICY.criteria.values())
    seen = random.normal(2.5, 0.7) + random.normal(0, 0.7, (len(criteria), 3))
    absent = random.random(seen.shape) < 0.02
    return {
        one.key: tuple(
            Mark(None, NonScore.NOT_APPLICABLE) if away and one.allows_non_score(NonScore.NOT_APPLICABLE)
            else Mark(int(np.clip(round(level), 1, 4)) if one.is_ordinal else int(level > 2))
            for level, away in zip(levels, without, strict=True)
        )
        for one, levels, without in zip(criteria, seen, absent, strict=True)
    }  # fmt: skip


if __name__ == "__main__":
    main()
