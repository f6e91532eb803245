"""How many plans each auditor gets: as equal as the limits allow, in proportion to availability.

"As equal as possible" is least-majorised: the sum of load^2 / availability is smallest. That sum grows by
(2 load + 1) / availability with each further plan, so each plan goes where the growth is smallest.
"""

import numpy as np

from .arrays import Ints

SCALE = 1200  # a multiple of the usual percentages, so that equal shares stay exactly equal as integers


def growth(most: int, floor: Ints, availability: Ints) -> Ints:
    """The price of each auditor's 1st, 2nd ... plan (auditors x plans). Plans up to the floor come before all others."""
    nth = np.arange(1, most + 1)
    price = (
        (2 * nth - 1)[None, :] * SCALE // availability[:, None] if _uneven(availability) else np.tile(2 * nth - 1, (len(floor), 1))
    )
    beyond = price.max(initial=0) + 1
    return np.where(nth[None, :] <= floor[:, None], price, price + beyond) if floor.any() else price


def window(total: int, taken: Ints, ceiling: Ints, price: Ints) -> tuple[Ints, Ints]:
    """The range of each auditor's whole load in which every way of reaching `total` is equally even.

    Conflicts are left out of account: where they forbid every choice in these ranges, the flow weighs `price` itself.
    """
    nth = np.arange(1, price.shape[1] + 1)[None, :]
    open_places = (nth > taken[:, None]) & (nth <= ceiling[:, None])
    wanted = total - int(taken.sum())
    prices = np.sort(price[open_places])
    if wanted <= 0 or not len(prices):
        return taken, taken
    last = prices[min(wanted, len(prices)) - 1]
    return taken + (open_places & (price < last)).sum(axis=1), taken + (open_places & (price <= last)).sum(axis=1)


def _uneven(availability: Ints) -> bool:
    return bool((availability != availability[:1]).any())
