"""Rounds that are not large are finished by the measure itself: swaps that lower cost + repeated meetings + variance.

The best swap of an agency is made until none helps. Where the design is still less precise than promised, a swap at random
leads out of the corner and the search goes on, with precision a little dearer each time, until the promise is kept or the
tries are used up. What then lies just below the promise is warmed up and cools: swaps at random that become ever more choosy
go far from any expertise, so their result is taken only where it keeps the promise. Very few plans for each auditor allow no
better design (docs/decisions/0010).
"""

import numpy as np

from .arrays import Arrays, Flags
from .search import Search
from .terms import Terms

WORK = 24_000  # tries x places
MOST_TRIES = 130
DEARER = 1.15  # per try
DEAREST = 64.0
NEAR = 0.0013  # of efficiency: as much as cooling has been seen to add
STEPS = 600_000  # of cooling, x places
WARM, COLD = 0.012, 0.006
LATE, FAR = 1 / 3, 0.0005  # who is still so far from the promise after a third of the steps does not get there


def sharpened(arrays: Arrays, chosen: Flags, terms: Terms) -> Flags:
    """The allocation after swaps that lower cost + repeated meetings + relative variance, each at its price."""
    everything = np.vstack([chosen | arrays.locked, arrays.seeded])
    if everything.sum(axis=1).max(initial=0) < 2:
        return chosen  # nobody shares a plan with anybody
    search = Search.of(arrays, chosen, terms)
    if not search.slots:
        return chosen
    search.descend()
    search = _kicked(search, terms)
    missing = terms.promised - search.precision.efficiency
    return (_cooled(search, terms) if 0 < missing < NEAR and _scores_twice(arrays) else search).chosen


def _scores_twice(arrays: Arrays) -> bool:
    """Designs of plans that are all scored alike are left no better by cooling than by kicks."""
    return any((desk.demand > 1).any() for desk in arrays.desks)


def _kicked(search: Search, terms: Terms) -> Search:
    """Try after try until the promise is kept."""
    for number in range(min(WORK // search.places, MOST_TRIES)):
        if search.precision.efficiency >= terms.promised:
            break
        search.precision.price = min(search.precision.price * DEARER, terms.precision_price * DEAREST)
        search = _tried(search, number)
    return search


def _tried(search: Search, number: int) -> Search:
    """Whichever is better: the allocation as it is, or what a kick leads to."""
    changed = search.copy()
    changed.total = 0.0
    changed.kick(str(number))
    changed.descend()
    return changed if changed.total <= 0 else search


def _cooled(search: Search, terms: Terms) -> Search:
    """The first allocation met that keeps the promise, or else the allocation as it is."""
    warm, steps, best = search.copy(), STEPS // search.places, 0.0
    for number in range(steps):
        warm.venture(WARM * (COLD / WARM) ** (number / steps), str(number))
        best = max(best, warm.precision.efficiency)
        if best >= terms.promised:
            return warm
        if number > steps * LATE and best < terms.promised - FAR:
            break
    return search
