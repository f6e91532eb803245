"""A problem as numpy arrays: plans are rows, auditors are columns, each agency is a run of columns.

Rows and columns stand in the order of keyed hashes, so that neither the order of the input nor the alphabet can
favour anybody. Seeds are not rows: everybody gets them, and they count among the work an auditor already has.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .costs import cost_rows
from .draw import Hashes, priorities, shuffled
from .problem import FULL_TIME, Problem

Ints = npt.NDArray[np.int64]
Costs = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Desk:
    """One agency's part: which columns are its auditors, and how many of them each plan needs."""

    agency: str
    columns: slice
    demand: Ints


@dataclass(frozen=True)
class Arrays:
    """`allowed` are the pairs that may be made, `locked` those already made (never both). `taken` is the work an auditor
    already has (locked work and seeds); `floor` and `ceiling` are the limits of the whole load, `availability` is in per cent."""

    problem: Problem
    seed: int | str
    plans: tuple[str, ...]
    auditors: tuple[str, ...]
    desks: tuple[Desk, ...]
    cost: Costs
    allowed: Flags
    locked: Flags
    seeds: tuple[str, ...]
    seeded: Flags
    taken: Ints
    floor: Ints
    ceiling: Ints
    availability: Ints
    history: Ints = field(repr=False)

    def hashes(self, purpose: str, columns: slice) -> Hashes:
        return priorities(self.seed, purpose, self.plans, self.auditors[columns])

    @cached_property
    def agency(self) -> Ints:
        """The number of each auditor's agency."""
        return np.repeat(np.arange(len(self.desks)), [desk.columns.stop - desk.columns.start for desk in self.desks])

    @cached_property
    def row(self) -> dict[str, int]:
        return {plan: row for row, plan in enumerate(self.plans)}

    @cached_property
    def column(self) -> dict[str, int]:
        return {auditor: column for column, auditor in enumerate(self.auditors)}

    @property
    def seed_pairs(self) -> list[tuple[str, str]]:
        return [(self.seeds[row], self.auditors[column]) for row, column in np.argwhere(self.seeded)]

    def pairs(self, chosen: Flags) -> list[tuple[str, str]]:
        return [(self.plans[row], self.auditors[column]) for row, column in np.argwhere(chosen)]


def arrays(problem: Problem, seed: int | str) -> Arrays:
    """Lay a problem out for a draw with this seed."""
    plans = shuffled(seed, "plans", set(problem.plans) - set(problem.seeds))
    by_agency = {agency: shuffled(seed, "auditors", problem.agencies[agency]) for agency in sorted(problem.agencies)}
    auditors = tuple(auditor for group in by_agency.values() for auditor in group)
    seeds = shuffled(seed, "seeds", problem.seeds)
    rows, columns = _places(plans), _places(auditors)
    locked = flags(rows, columns, problem.locked)
    barred = flags(rows, columns, ((conflict.plan, conflict.auditor) for conflict in problem.conflicts))
    ceiling = _ceiling(problem, auditors)
    seeded = _seeded(problem, seeds, auditors, ceiling - locked.sum(axis=0))
    taken = locked.sum(axis=0) + seeded.sum(axis=0)
    return Arrays(
        problem=problem,
        seed=seed,
        plans=plans,
        auditors=auditors,
        desks=_desks(problem, by_agency, rows, locked),
        cost=np.stack(list(cost_rows(problem.expertise_cost, plans, auditors)), axis=1),
        allowed=~(barred | locked),
        locked=locked,
        seeds=seeds,
        seeded=seeded,
        taken=taken,
        floor=np.array([problem.load_window.get(auditor, (0, 0))[0] for auditor in auditors], dtype=np.int64),
        ceiling=np.maximum(ceiling, taken),
        availability=np.array([problem.availability.get(auditor, FULL_TIME) for auditor in auditors], dtype=np.int64),
        history=_history(problem, columns),
    )


def _places(ids: tuple[str, ...]) -> dict[str, int]:
    return {one: place for place, one in enumerate(ids)}


def flags(rows: dict[str, int], columns: dict[str, int], pairs: Iterable[tuple[str, str]]) -> Flags:
    """True at the pairs that have a row and a column; of ordinary plans and seeds only one kind has rows."""
    places = [(rows[plan], columns[auditor]) for plan, auditor in pairs if plan in rows and auditor in columns]
    marked = np.zeros((len(rows), len(columns)), dtype=bool)
    if places:
        marked[tuple(np.array(places).T)] = True
    return marked


def _ceiling(problem: Problem, auditors: tuple[str, ...]) -> Ints:
    everything = len(problem.plans) + len(problem.seeds)
    upper = [problem.load_window.get(auditor, (0, everything))[1] for auditor in auditors]
    return np.minimum([problem.capacity.get(auditor, everything) for auditor in auditors], upper).astype(np.int64)


def _seeded(problem: Problem, seeds: tuple[str, ...], auditors: tuple[str, ...], free: Ints) -> Flags:
    """Who scores which seed: everybody without a conflict and with a place free; work on a seed that has begun stays."""
    rows, columns = _places(seeds), _places(auditors)
    begun = flags(rows, columns, problem.locked)
    may = ~flags(rows, columns, ((conflict.plan, conflict.auditor) for conflict in problem.conflicts)) & ~begun
    return np.asarray(begun | (may & (np.cumsum(may, axis=0) <= free - begun.sum(axis=0))))


def _desks(problem: Problem, by_agency: dict[str, tuple[str, ...]], rows: dict[str, int], locked: Flags) -> tuple[Desk, ...]:
    """Each agency's columns and the places still open: locked work has filled some."""
    desks, start = [], 0
    for agency, auditors in by_agency.items():
        columns = slice(start, start := start + len(auditors))
        wanted = np.full(len(rows), problem.auditors_per_plan.get(agency, 1), dtype=np.int64)
        for plan in (plan for plan, where in problem.extra if where == agency and plan in rows):
            wanted[rows[plan]] += 1
        desks.append(Desk(agency, columns, np.maximum(wanted - locked[:, columns].sum(axis=1), 0)))
    return tuple(desks)


def _history(problem: Problem, columns: dict[str, int]) -> Ints:
    together = np.zeros((len(columns), len(columns)), dtype=np.int64)
    for first, second, times in problem.history:
        together[columns[first], columns[second]] += times
        together[columns[second], columns[first]] += times
    return together
