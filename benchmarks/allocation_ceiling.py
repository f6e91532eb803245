"""How efficient can a design be? A bound that no allocation exceeds, and what a long search finds.

Run `python -m benchmarks.allocation_ceiling`: for rounds of several sizes what a draw reaches, what a search twenty times as long
that cares for precision alone finds, and the bound. Neither swaps nor luck change three things about C (`design.py`): its
trace, its largest eigenvalue is at most the largest load, and its squared entries add up to what meeting as evenly as
possible gives, or more. Then the sum of 1/eigenvalue is least when some eigenvalues equal that load and all others are equal:
the quadratic that touches 1/x at the lower value and meets it at the upper lies below 1/x up to there. A design at the bound
need not exist.
"""

import time
from statistics import median

import numpy as np
import numpy.typing as npt

from benchmarks.allocation_instances import random_round
from moderation.allocate.arrays import Arrays, Flags, Ints, arrays
from moderation.allocate.design import averaged, information, measured
from moderation.allocate.search import Search
from moderation.allocate.sharpen import COLD, DEAREST, WARM
from moderation.allocate.solve import drawn
from moderation.allocate.terms import terms_of

SIZES = [
    *(
        (plans, auditors, False)
        for plans, auditors in [(40, 5), (40, 10), (50, 10), (60, 10), (66, 10), (82, 12), (85, 12), (100, 13)]
    ),
    *((plans, auditors, True) for plans, auditors in [(40, 5), (46, 9), (54, 10), (55, 10), (60, 10), (70, 12), (80, 13)]),
]
DRAWS = 3
LONG = 20_000  # swaps of a long search


def ceiling(raters: Flags, agency: Ints) -> float:
    """The bound for all designs with these plans and loads: a row for each plan and seed, a column for each auditor with work."""
    everybody = raters.all(axis=1)
    plans, shared = raters[~everybody], float(everybody.sum())
    contrasts, matrix = raters.shape[1] - 1, information(plans)
    ideal = np.linalg.eigvalsh(averaged(matrix, agency))[1:] + shared
    if contrasts < 1 or not len(plans) or ideal[0] < 1e-9:
        return 1.0
    mean, most = float(np.trace(matrix)) / contrasts, float(plans.sum(axis=0).max())
    spread = max(_least_squares(plans, agency) / contrasts - mean**2, 0.0)
    return min(float((1 / ideal).mean()) / _least_mean(mean, spread, most, shared), 1.0)


def _least_mean(mean: float, spread: float, most: float, shared: float) -> float:
    """The least mean of 1 / (x + shared) over values x up to `most` with this mean and at least this variance."""
    room = most - mean
    if room <= 0:
        return 1 / (mean + shared)
    share, lower = spread / (spread + room**2), mean - spread / room
    return share / (most + shared) + (1 - share) / (lower + shared)


def _least_squares(plans: Flags, agency: Ints) -> float:
    """The least sum of the squared entries of C when these plans meet other auditors of the same agencies."""
    total = float((np.diagonal(information(plans)) ** 2).sum())
    groups = [plans[:, agency == one] for one in np.unique(agency)]
    for place, one in enumerate(groups):
        total += 2 * _evenly(one.sum(axis=1) * (one.sum(axis=1) - 1) / 2, plans, one.shape[1] * (one.shape[1] - 1) / 2)
        for other in groups[place + 1 :]:
            total += 2 * _evenly(one.sum(axis=1) * other.sum(axis=1), plans, one.shape[1] * other.shape[1])
    return total


def _evenly(meetings: npt.NDArray[np.float64], plans: Flags, pairs: float) -> float:
    """The least sum of squares over `pairs` of auditors, so many of whom meet on each plan, each time for 1/k of its k raters:
    as if nobody met twice, or as if all met equally often; whole numbers where all k are equal."""
    meeting = meetings > 0
    if not meeting.any():
        return 0.0
    size, number = plans[meeting].sum(axis=1), meetings[meeting]
    if (size != size[0]).any():
        return float(max((number / size**2).sum(), (number / size).sum() ** 2 / pairs))
    times, more = divmod(float(number.sum()), pairs)
    return ((pairs - more) * times**2 + more * (times + 1) ** 2) / float(size[0]) ** 2


def long_search(laid_out: Arrays, chosen: Flags) -> float:
    """The best efficiency on the way of a long cooling that cares for precision alone."""
    search = Search.of(laid_out, chosen, terms_of(laid_out.problem))
    search.precision.price *= DEAREST
    best = search.precision.efficiency
    for number in range(LONG):
        search.venture(WARM * (COLD / WARM) ** (number / LONG), "long", str(number))
        best = max(best, search.precision.efficiency)
    return best


def main() -> None:
    print("plans auditors scored   drawn  long search  bound  seconds")
    for plans, auditors, doubled in SIZES:
        problem = random_round(1, plans, auditors, double_scored=doubled)
        runs = [_run(arrays(problem, seed)) for seed in range(1, DRAWS + 1)]
        reached, seconds = median(run[1] for run in runs), median(run[2] for run in runs)
        laid_out, chosen = runs[0][0], runs[0][3]
        best = max(long_search(laid_out, chosen), *(run[1] for run in runs))
        raters = chosen | laid_out.locked
        bound = ceiling(raters[:, raters.any(axis=0)], laid_out.agency[raters.any(axis=0)])
        kind = "some twice" if doubled else "once      "
        print(f"{plans:5d} {3 * auditors:8d} {kind} {reached:.4f}       {best:.4f} {bound:.4f}   {seconds:.2f}", flush=True)


def _run(laid_out: Arrays) -> tuple[Arrays, float, float, Flags]:
    started = time.perf_counter()
    chosen = drawn(laid_out, terms_of(laid_out.problem))
    seconds = time.perf_counter() - started
    return laid_out, measured(laid_out, chosen | laid_out.locked).efficiency or 0.0, seconds, chosen


if __name__ == "__main__":
    main()
