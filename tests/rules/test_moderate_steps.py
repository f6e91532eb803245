"""Steps of an item, and how a decision came about."""

from collections.abc import Mapping

import pytest

from moderation.moderate.states import Basis
from moderation.moderate.steps import STEP_MOVES, Step, basis_of, move_step, refuse_vote
from moderation.words import Refused


@pytest.mark.parametrize(
    ("votes", "agreed", "basis"),
    [
        ({"2": 5}, "2", Basis.UNANIMOUS),
        ({"2": 4, "3": 1}, "2", Basis.MAJORITY),
        ({"2": 4, "3": 1}, "3", Basis.CHAIR),
        ({"2": 2, "3": 2}, "2", Basis.CHAIR),
        ({"2": 2, "not_applicable": 3}, "not_applicable", Basis.MAJORITY),
        ({"2": 3}, "3", Basis.CHAIR),
        ({}, "2", Basis.CHAIR),
    ],
)
def test_how_a_decision_came_about_is_worked_out(votes: Mapping[str, int], agreed: str, basis: Basis) -> None:
    assert basis_of(votes, agreed) is basis


def test_every_step_that_is_not_in_the_table_is_refused() -> None:
    for step in Step:
        for to in Step:
            if to in STEP_MOVES[step]:
                assert move_step(step, to) is to
            else:
                with pytest.raises(Refused):
                    move_step(step, to)


def test_a_vote_counts_between_opening_and_reveal_only() -> None:
    for step in Step:
        if step is Step.VOTING:
            refuse_vote(step, 1, 1)
        else:
            with pytest.raises(Refused, match="too late" if step is Step.REVEALED else "not open"):
                refuse_vote(step, 1, 1)
