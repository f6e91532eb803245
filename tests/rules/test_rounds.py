"""What may happen to a round, a conflict and an allocation."""

from datetime import date
from itertools import pairwise, product

import pytest

from moderation.allocate.rules import (
    ALLOCATION_MOVES,
    ROUND_MOVES,
    AllocationState,
    Ending,
    Readiness,
    RoundState,
    RoundTerms,
    check_capacity,
    check_closing_date,
    check_in_setup,
    check_may_clear,
    check_ready,
    check_reason,
    check_terms,
    may_see_progress,
    move_allocation,
    move_round,
)
from moderation.words import InvalidInput, Refused

TODAY = date(2026, 11, 2)


def terms(name: str = "Round 15", opens: date = date(2026, 11, 9), closes: date = date(2026, 12, 4)) -> RoundTerms:
    return RoundTerms(name, "version", opens, closes)


def test_a_round_walks_from_draft_to_archive() -> None:
    walk = ["draft", "allocated", "open", "closed", "moderating", "published", "archived"]
    for state, to in pairwise(walk):
        assert move_round(RoundState(state), RoundState(to)) == to


def test_a_closed_round_with_nothing_to_moderate_is_published_at_once() -> None:
    assert move_round(RoundState.CLOSED, RoundState.PUBLISHED) is RoundState.PUBLISHED


@pytest.mark.parametrize("state", ["draft", "allocated", "open"])
def test_a_round_can_be_abandoned_until_it_closes(state: str) -> None:
    assert move_round(RoundState(state), RoundState.ABANDONED) is RoundState.ABANDONED


def test_every_other_move_of_a_round_is_refused() -> None:
    for state, to in product(RoundState, RoundState):
        if to not in ROUND_MOVES[state]:
            with pytest.raises(Refused):
                move_round(state, to)


def test_nothing_leaves_an_archived_or_abandoned_round() -> None:
    assert not ROUND_MOVES[RoundState.ARCHIVED] and not ROUND_MOVES[RoundState.ABANDONED]


def test_every_state_stands_in_the_tables_of_moves() -> None:
    assert set(ROUND_MOVES) == set(RoundState)
    assert set(ALLOCATION_MOVES) == set(AllocationState)


def test_an_allocation_that_ended_stays_ended() -> None:
    for ending in set(Ending) - {Ending.SUBMITTED}:
        with pytest.raises(Refused):
            move_allocation(AllocationState.ENDED, ending, AllocationState.STARTED)


def test_only_a_submitted_sheet_can_be_reopened() -> None:
    state = move_allocation(AllocationState.ENDED, Ending.SUBMITTED, AllocationState.STARTED)
    assert state is AllocationState.STARTED


def test_an_offer_must_be_accepted_before_it_starts() -> None:
    with pytest.raises(Refused):
        move_allocation(AllocationState.OFFERED, None, AllocationState.STARTED)


def test_a_round_needs_a_name_and_closes_after_it_opens() -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_terms(terms(name=" ", closes=date(2026, 11, 9)), TODAY)
    assert [problem.field for problem in refusal.value.problems] == ["name", "closes_on"]


def test_a_round_cannot_close_in_the_past() -> None:
    with pytest.raises(InvalidInput, match="today or later"):
        check_terms(terms(opens=date(2026, 10, 1), closes=date(2026, 11, 1)), TODAY)
    check_terms(terms(opens=date(2026, 10, 1), closes=TODAY), TODAY)


def test_the_closing_date_of_an_open_round_moves_to_a_day_still_to_come() -> None:
    check_closing_date(RoundState.OPEN, date(2026, 10, 1), TODAY, TODAY)
    with pytest.raises(InvalidInput):
        check_closing_date(RoundState.OPEN, date(2026, 10, 1), date(2026, 11, 1), TODAY)
    with pytest.raises(Refused):
        check_closing_date(RoundState.CLOSED, date(2026, 10, 1), date(2026, 12, 1), TODAY)


def test_a_round_that_is_open_cannot_be_set_up_again() -> None:
    check_in_setup(RoundState.ALLOCATED)
    with pytest.raises(Refused):
        check_in_setup(RoundState.OPEN)


def test_a_fully_covered_round_opens_without_a_question() -> None:
    check_ready(Readiness(120, 120, 40, 40, stale=False), confirmed=False)


def test_a_short_round_opens_only_when_the_lead_says_so() -> None:
    short = Readiness(119, 120, 39, 40, stale=False)
    with pytest.raises(InvalidInput, match="1 of 120 places empty"):
        check_ready(short, confirmed=False)
    check_ready(short, confirmed=True)


def test_a_draw_older_than_the_last_change_cannot_be_opened() -> None:
    with pytest.raises(Refused, match="Draw again"):
        check_ready(Readiness(120, 120, 40, 40, stale=True), confirmed=True)


def test_a_round_in_which_nobody_has_a_plan_cannot_open() -> None:
    with pytest.raises(Refused):
        check_ready(Readiness(0, 120, 0, 40, stale=False), confirmed=True)


def test_a_reason_is_required() -> None:
    assert check_reason(" knows the family ") == "knows the family"
    with pytest.raises(InvalidInput, match="Enter a reason"):
        check_reason("  ")


def test_nobody_clears_a_conflict_of_their_own() -> None:
    check_may_clear("amina", "grace")
    with pytest.raises(Refused, match="of your own"):
        check_may_clear("grace", "grace")


@pytest.mark.parametrize("capacity", [-1, 501])
def test_a_capacity_is_a_sensible_number(capacity: int) -> None:
    with pytest.raises(InvalidInput):
        check_capacity(capacity)


def test_a_lead_who_rates_in_a_round_does_not_see_its_progress_until_it_closes() -> None:
    assert may_see_progress(RoundState.OPEN, "grace", ["amina"])
    assert not may_see_progress(RoundState.OPEN, "grace", ["amina", "grace"])
    assert may_see_progress(RoundState.CLOSED, "grace", ["amina", "grace"])
