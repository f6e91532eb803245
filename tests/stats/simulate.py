"""The long simulation behind the intervals: `make simulate`. How often do 95% intervals hold the truth?

Exits 1 when the coverage at 50 plans leaves .91 to .97, for one criterion or for a section whose cells hang
together within plans. The same runs small in `make test`.
"""

import os
import sys
from collections.abc import Iterator

from stats import find
from stats.simulate import CUTS, SCALE, coverage_of_criterion, coverage_of_section

TRIALS = int(os.environ.get("TRIALS", "2000"))
SKEWED = (-2.0, -1.2, 0.8)
NAMES = ("percent_agreement", "alpha_ordinal", "alpha_nominal", "fleiss_kappa_quadratic", "gwet_ac1", "gwet_ac2_ordinal", "icc_2_1")
LOWEST, HIGHEST = 0.91, 0.97


def results() -> Iterator[tuple[str, int, float]]:
    """What was simulated, how many plans, and the coverage."""
    for plans in (20, 50, 100):
        for name in NAMES:
            for cuts, shape in ((CUTS, "even"), (SKEWED, "skewed")):
                share = coverage_of_criterion(find(name, SCALE), plans, TRIALS, seed=plans, replicates=1000, cuts=cuts)
                yield f"{name}, {shape} grades", plans, share
        for criteria in (6, 18):
            share = coverage_of_section("alpha_ordinal", plans, criteria, max(TRIALS // 4, 1), seed=plans, replicates=1000)
            yield f"section of {criteria} criteria", plans, share


def main() -> int:
    broken = 0
    for what, plans, share in results():
        outside = plans == 50 and not LOWEST <= share <= HIGHEST
        broken += outside
        print(f"{what:40} {plans:4} plans  {share:.3f}{'  outside .91 to .97' if outside else ''}", flush=True)
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
