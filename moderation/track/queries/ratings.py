"""Released ratings as tables of plans x auditors, for statistics over several rounds or over some of the plans."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from moderation.measure.table import ratings as on_scale
from moderation.register.framework import Criterion
from moderation.score.released import ReleasedRating
from stats import Ratings


def table_of(ratings: Iterable[ReleasedRating], criterion: Criterion) -> Ratings:
    """The ratings of one criterion, one row per plan that has any."""
    known = [one for one in ratings if one.criterion_key == criterion.key and one.value is not None]
    return tables_of(known, [criterion])[criterion.key]


def tables_of(ratings: Sequence[ReleasedRating], criteria: Iterable[Criterion]) -> Mapping[str, Ratings]:
    """Every criterion on the same rows. A column is an auditor's letter on a plan, not a person: who it is does not matter here."""
    row = {plan: place for place, plan in enumerate(sorted({one.round_plan_id for one in ratings}))}
    column = {letter: place for place, letter in enumerate(sorted({one.letter for one in ratings}))}
    wanted = {criterion.key: criterion for criterion in criteria}
    filled = {key: np.full((len(row), len(column)), np.nan) for key in wanted}
    for one in ratings:
        if one.criterion_key in wanted and one.value is not None:
            filled[one.criterion_key][row[one.round_plan_id], column[one.letter]] = one.value
    return {key: on_scale(wanted[key], table) for key, table in filled.items()}
