"""Before and after the meeting, on the questions that it decided: the same auditors, their independent rating and their vote
after the discussion. These plans were picked because auditors differed and people had talked, so it is never agreement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlmodel import Session, col, select

from moderation.measure.table import ratings as on_scale
from moderation.moderate.rules import DECIDED
from moderation.moderate.tables import Disagreement, Revote
from moderation.register.framework import Criterion, Framework
from moderation.score import released
from stats import Ratings, measure

from ..rules import COEFFICIENT_FROM, HIDDEN_BELOW
from .rounds import TrackedRound

ALL_QUESTIONS = "All questions discussed"


@dataclass(frozen=True)
class Vote:
    """One auditor on one plan and criterion: the rating given alone and the vote after the discussion."""

    plan: str
    criterion: str
    letter: str
    before: float
    after: float


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


def discussed(session: Session, area_id: str, chosen: TrackedRound, framework: Framework) -> Discussed | None:
    """For a published round; None where no vote of an original auditor is on record."""
    votes = _votes(session, area_id, chosen.id)
    if not votes:
        return None
    criteria = [one for one in framework.criteria if any(vote.criterion == one.key for vote in votes)]
    by_criterion = {one.key: [vote for vote in votes if vote.criterion == one.key] for one in criteria}
    rows = tuple(_row(one.key, one.title, by_criterion[one.key]) for one in criteria)
    found = {one.key: _coefficient(one, by_criterion[one.key]) for one in criteria}
    return Discussed(
        _row("", ALL_QUESTIONS, votes), rows, {key: value for key, value in found.items() if value is not None}
    )  # fmt: skip


def _votes(session: Session, area_id: str, round_id: str) -> tuple[Vote, ...]:
    revotes = _revotes(session, area_id, round_id)
    if not revotes:
        return ()
    release = released.release_for(session, area_id, round_id)
    people = released.raters_of(session, release)
    letter = {(plan, account): name for plan, letters in people.items() for name, account in letters.items()}
    given = {
        (one.round_plan_id, one.criterion_key, one.letter): one.value
        for one in released.ratings_of(session, release)
        if one.value is not None
    }
    found = [(plan, criterion, letter.get((plan, account), ""), after) for plan, criterion, account, after in revotes]
    return tuple(
        Vote(plan, criterion, name, given[plan, criterion, name], after)
        for plan, criterion, name, after in found
        if (plan, criterion, name) in given
    )


def _revotes(session: Session, area_id: str, round_id: str) -> Sequence[tuple[str, str, str, float]]:
    """Votes of original auditors on decided questions; of several meetings the last one counts."""
    statement = (
        select(Disagreement.round_plan_id, Disagreement.criterion_key, Revote.account_id, Revote.value)
        .join(Disagreement, col(Disagreement.id) == Revote.disagreement_id)
        .where(Revote.area_id == area_id, Disagreement.area_id == area_id, Disagreement.round_id == round_id)
        .where(col(Revote.original_rater), col(Revote.value).is_not(None), col(Disagreement.state).in_(DECIDED))
        .order_by(col(Revote.voted_at))
    )
    last = {(plan, criterion, account): value for plan, criterion, account, value in session.exec(statement)}
    return [(*cell, value) for cell, value in sorted(last.items()) if value is not None]


def _row(key: str, name: str, votes: Sequence[Vote]) -> DiscussedRow:
    cells: dict[tuple[str, str], list[Vote]] = {}
    for vote in votes:
        cells.setdefault((vote.plan, vote.criterion), []).append(vote)
    compared = [cell for cell in cells.values() if len(cell) > 1]
    plans = len({cell[0].plan for cell in compared})
    if plans < HIDDEN_BELOW:
        return DiscussedRow(key, name, None, None, None)
    before, after = (_same_pairs([[getattr(vote, when) for vote in cell] for cell in compared]) for when in ("before", "after"))
    return DiscussedRow(key, name, plans, before, after)


def _same_pairs(cells: Sequence[Sequence[float]]) -> float:
    """The mean over cells of the share of pairs that are equal."""
    shares = []
    for values in cells:
        pairs = [(one, other) for place, one in enumerate(values) for other in values[place + 1 :]]
        shares.append(sum(one == other for one, other in pairs) / len(pairs))
    return sum(shares) / len(shares)


def _coefficient(criterion: Criterion, votes: Sequence[Vote]) -> float | None:
    found = measure(_table(criterion, votes), replicates=0)
    return found.value if found.pairable_items >= COEFFICIENT_FROM else None


def _table(criterion: Criterion, votes: Sequence[Vote]) -> Ratings:
    plans, letters = sorted({vote.plan for vote in votes}), sorted({vote.letter for vote in votes})
    table = np.full((len(plans), len(letters)), np.nan)
    for vote in votes:
        table[plans.index(vote.plan), letters.index(vote.letter)] = vote.after
    return on_scale(criterion, table)
