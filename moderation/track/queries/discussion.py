"""Before and after discussion: the independent ratings of a round beside the votes of the same people on the same cells.

Only votes that are linked to the voter's own rating count, and of somebody who voted more than once on a cell only the first vote:
by the second they had seen how the others voted. What comes after is *agreement after discussion*, never agreement: the
cells were chosen, and people have talked.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from sqlmodel import Session, col, select

from moderation.measure.rules import seed_of
from moderation.measure.table import ratings as on_scale
from moderation.moderate.queries import policy_of, round_facts
from moderation.moderate.tables import Disagreement, Revote
from moderation.register.framework import Criterion
from moderation.score.released import raters_of, ratings_of, release_for
from stats import Difference, Ratings, difference

Cell = tuple[str, str]  # plan, auditor
Pairs = Mapping[Cell, tuple[float, float]]  # rating before, vote after


def change_by_criterion(session: Session, area_id: str, round_id: str, replicates: int) -> dict[str, Difference]:
    """Alpha of the votes minus alpha of the independent ratings, for every criterion that was voted on."""
    criteria = policy_of(session, area_id, round_facts(session, area_id, round_id).framework_version_id).criteria
    return {
        key: _change(criteria[key], pairs, replicates, seed_of(round_id))
        for key, pairs in sorted(linked_votes(session, area_id, round_id).items())
    }


def linked_votes(session: Session, area_id: str, round_id: str) -> dict[str, Pairs]:
    """By criterion, plan and auditor: the independent rating and the vote of the same person, where both are levels."""
    voted = (
        select(Disagreement.criterion_key, Disagreement.round_plan_id, Revote.account_id, Revote.value)
        .join(Disagreement, col(Disagreement.id) == Revote.disagreement_id)
        .where(Disagreement.area_id == area_id, Disagreement.round_id == round_id)
        .where(Revote.area_id == area_id, col(Revote.original_rater), Revote.ballot_number == 1)
        .order_by(col(Revote.voted_at))
    )
    votes = session.exec(voted).all()
    before = _independent(session, area_id, round_id, sorted({key for key, *_ in votes}))
    first: dict[tuple[str, str, str], float | None] = {}
    for key, plan, account, value in votes:
        first.setdefault((plan, key, account), value)
    found: defaultdict[str, dict[Cell, tuple[float, float]]] = defaultdict(dict)
    for cell, value in first.items():
        plan, key, account = cell
        if cell in before and value is not None:
            found[key][plan, account] = (before[cell], value)
    return dict(found)


def _independent(session: Session, area_id: str, round_id: str, criteria: Sequence[str]) -> dict[tuple[str, str, str], float]:
    """The ratings of the criteria that were voted on, which are few of many."""
    release = release_for(session, area_id, round_id)
    people = raters_of(session, release)
    return {
        (one.round_plan_id, one.criterion_key, people[one.round_plan_id][one.letter]): float(one.value)
        for criterion in criteria
        for one in ratings_of(session, release, criterion_key=criterion)
        if one.value is not None
    }


def _change(criterion: Criterion, pairs: Pairs, replicates: int, seed: int) -> Difference:
    before, after = (votes_table(criterion, pairs, side) for side in (0, 1))
    return difference(before, after, "alpha", paired=True, replicates=replicates, seed=seed)


def votes_table(criterion: Criterion, pairs: Pairs, side: int, plans: Sequence[str] | None = None) -> Ratings:
    """Plans x auditors of one side; both sides have the same rows, columns and gaps. `plans`: the rows, where several criteria
    are to have the same."""
    row = {plan: place for place, plan in enumerate(plans or sorted({plan for plan, _ in pairs}))}
    column = {account: place for place, account in enumerate(sorted({account for _, account in pairs}))}
    table = np.full((len(row), len(column)), np.nan)
    for (plan, account), both in pairs.items():
        table[row[plan], column[account]] = both[side]
    return on_scale(criterion, table)
