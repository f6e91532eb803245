"""Weak points of an allocation that covers its plans: what the lead should know before the round opens."""

from collections.abc import Iterator

import numpy as np

from .arrays import Arrays, Desk, Flags
from .design import components
from .problem import Caution, Warned
from .triads import recurring

MOST = 20  # of one kind


def cautions(laid_out: Arrays, chosen: Flags) -> tuple[Caution, ...]:
    """Everything worth a warning, at most twenty of a kind, in an order that does not depend on the draw's."""
    everything = chosen | laid_out.locked
    found = [*_apart(laid_out, everything), *_triads(laid_out, everything)]
    for desk in laid_out.desks:
        found += [*_one_choice(laid_out, desk), *_loads(laid_out, desk, everything), *_apart_within(laid_out, desk, everything)]
    kinds = list(Warned)
    return tuple(sorted(found, key=lambda one: (kinds.index(one.kind), one.agency or "", one.plans, one.auditors)))


def _one_choice(laid_out: Arrays, desk: Desk) -> list[Caution]:
    """Plans whose open places leave no choice: somebody who declines could not be replaced."""
    ready = laid_out.allowed[:, desk.columns] & (laid_out.ceiling > laid_out.taken)[desk.columns]
    names = laid_out.auditors[desk.columns]
    rows = np.flatnonzero((desk.demand > 0) & (ready.sum(axis=1) == desk.demand))
    found = [(laid_out.plans[row], sorted(names[column] for column in np.flatnonzero(ready[row]))) for row in rows]
    return [Caution(Warned.ONE_CHOICE, desk.agency, (plan,), tuple(who)) for plan, who in sorted(found)[:MOST]]


def _loads(laid_out: Arrays, desk: Desk, everything: Flags) -> Iterator[Caution]:
    loads = (everything.sum(axis=0) + laid_out.seeded.sum(axis=0))[desk.columns]
    full_time = laid_out.availability[desk.columns] == laid_out.availability[desk.columns].max(initial=0)
    spread = int(np.ptp(loads[full_time])) if full_time.any() else 0
    if spread > 1:
        yield Caution(Warned.UNEVEN, desk.agency, number=spread)
    low = np.flatnonzero(loads < laid_out.floor[desk.columns])
    if len(low):
        yield Caution(Warned.BELOW_WINDOW, desk.agency, auditors=tuple(sorted(laid_out.auditors[desk.columns][one] for one in low)))


def _apart(laid_out: Arrays, everything: Flags) -> Iterator[Caution]:
    groups = _groups(np.vstack([everything, laid_out.seeded]))
    if groups > 1:
        yield Caution(Warned.APART, number=groups)


def _apart_within(laid_out: Arrays, desk: Desk, everything: Flags) -> Iterator[Caution]:
    groups = _groups(np.vstack([everything, laid_out.seeded])[:, desk.columns])
    if groups > 1:
        yield Caution(Warned.APART_WITHIN, desk.agency, number=groups)


def _groups(raters: Flags) -> int:
    return components(raters[:, raters.any(axis=0)])


def _triads(laid_out: Arrays, everything: Flags) -> list[Caution]:
    found = [
        Caution(
            Warned.TRIAD,
            plans=tuple(sorted(laid_out.plans[row] for row in rows)),
            auditors=tuple(sorted(laid_out.auditors[column] for column in triad)),
            number=len(rows),
        )
        for triad, rows in recurring(everything).items()
    ]
    return sorted(found, key=lambda one: (-one.number, one.auditors))[:MOST]
