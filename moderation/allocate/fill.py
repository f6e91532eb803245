"""Fill the open places of one agency at the lowest cost, with loads as equal as its limits allow."""

import numpy as np

from .arrays import Arrays, Costs, Desk, Flags
from .flow import cheapest, priced, within
from .loads import growth, window


def fill(arrays: Arrays, desk: Desk, cost: Costs) -> Flags:
    """Choose pairs (plans x the agency's auditors). What cannot be covered stays open, as little as possible.

    The even range of loads nearly always works; where conflicts forbid it, the flow weighs loads itself.
    """
    columns = desk.columns
    allowed, ties = arrays.allowed[:, columns], arrays.hashes("ties", columns)
    taken = arrays.taken[columns]
    ceiling = np.minimum(arrays.ceiling[columns], taken + allowed[desk.demand > 0].sum(axis=0))
    total = int(desk.demand.sum() + taken.sum())
    price = growth(int(ceiling.max(initial=0)), arrays.floor[columns], arrays.availability[columns])
    low, high = window(total, taken, ceiling, price)
    even = cheapest(cost, allowed, desk.demand, within(low - taken, high - low), ties)
    if even is not None:
        return even
    best = cheapest(cost, allowed, desk.demand, priced(taken, ceiling, price), ties, partial=True)
    if best is None:
        raise AssertionError("A partial allocation always exists.")
    return best


def filled(arrays: Arrays) -> Flags:
    """Every agency filled by expertise alone."""
    return np.hstack([fill(arrays, desk, arrays.cost[:, desk.columns]) for desk in arrays.desks])
