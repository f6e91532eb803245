"""Before and after the meeting, on the questions that were discussed: how often two auditors gave the same answer, alone and in
the vote. These plans were picked because auditors differed and people had talked, so it is never agreement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from moderation.register.framework import Framework
from stats import measure

from ..rules import COEFFICIENT_FROM, HIDDEN_BELOW
from .discussion import Pairs, linked_votes, votes_table
from .rounds import TrackedRound

ALL_QUESTIONS = "All questions discussed"


@dataclass(frozen=True)
class DiscussedRow:
    """How often two auditors gave the same answer, before and after; None where fewer than five plans were discussed."""

    key: str
    name: str
    plans: int | None
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Discussed:
    """`coefficients`: the second vote's coefficient by criterion, where ten plans or more were discussed."""

    everything: DiscussedRow
    rows: tuple[DiscussedRow, ...]
    coefficients: Mapping[str, float]


@dataclass(frozen=True)
class _Cell:
    """One plan and criterion: the ratings and the votes of the same auditors, in the same order."""

    plan: str
    before: tuple[float, ...]
    after: tuple[float, ...]


def discussed(session: Session, area_id: str, chosen: TrackedRound, framework: Framework) -> Discussed | None:
    """For a published round; None where no vote of an original auditor is on record."""
    votes = linked_votes(session, area_id, chosen.id)
    if not votes:
        return None
    criteria = [criterion for criterion in framework.criteria if criterion.key in votes]
    cells = {criterion.key: _cells(votes[criterion.key]) for criterion in criteria}
    rows = tuple(_row(criterion.key, criterion.title, cells[criterion.key]) for criterion in criteria)
    everything = _row("", ALL_QUESTIONS, [cell for each in cells.values() for cell in each])
    after = {criterion.key: measure(votes_table(criterion, votes[criterion.key], 1), replicates=0) for criterion in criteria}
    coefficients = {
        key: found.value for key, found in after.items() if found.value is not None and found.pairable_items >= COEFFICIENT_FROM
    }
    return Discussed(everything, rows, coefficients)


def _cells(pairs: Pairs) -> list[_Cell]:
    by_plan: dict[str, list[tuple[float, float]]] = {}
    for (plan, _), both in sorted(pairs.items()):
        by_plan.setdefault(plan, []).append(both)
    return [_Cell(plan, *zip(*both, strict=True)) for plan, both in by_plan.items() if len(both) > 1]


def _row(key: str, name: str, cells: Sequence[_Cell]) -> DiscussedRow:
    plans = len({cell.plan for cell in cells})
    if plans < HIDDEN_BELOW:
        return DiscussedRow(key, name, None, None, None)
    before, after = [cell.before for cell in cells], [cell.after for cell in cells]
    return DiscussedRow(key, name, plans, _same_pairs(before), _same_pairs(after))


def _same_pairs(cells: Sequence[Sequence[float]]) -> float:
    """The mean over cells of the share of pairs that are equal."""
    return sum(map(_same_in_cell, cells)) / len(cells)


def _same_in_cell(values: Sequence[float]) -> float:
    pairs = [(one, other) for place, one in enumerate(values) for other in values[place + 1 :]]
    return sum(one == other for one, other in pairs) / len(pairs)
