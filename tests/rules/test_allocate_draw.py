"""A draw can be repeated by anybody and steered by nobody."""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.allocation_instances import random_round
from moderation.allocate.draw import commitment, keyed, reading_order, seed_of
from moderation.allocate.problem import Conflict, Outcome, Problem
from moderation.allocate.reading import parse_problem
from moderation.allocate.receipt import public_key, receipt, verify_receipt
from moderation.allocate.solve import allocate
from tests.allocation_cases import problems

KEY = b"k" * 32


def shuffled_rows(problem: Problem, order: st.DataObject) -> Problem:
    """The same problem with its rows in another order."""

    def mixed(rows: tuple) -> tuple:
        return tuple(order.draw(st.permutations(rows)))

    return replace(
        problem,
        agencies={name: mixed(problem.agencies[name]) for name in mixed(tuple(problem.agencies))},
        plans=mixed(problem.plans),
        conflicts=mixed(problem.conflicts),
        extra=mixed(problem.extra),
        locked=mixed(problem.locked),
        expertise_cost={who: problem.expertise_cost[who] for who in mixed(tuple(problem.expertise_cost))},
    )


@given(problems(), st.integers(0, 99), st.data())
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_makes_no_difference(problem: Problem, seed: int, data: st.DataObject) -> None:
    assert allocate(problem, seed).to_json() == allocate(shuffled_rows(problem, data), seed).to_json()


@given(problems())
@settings(max_examples=60, deadline=None)
def test_a_problem_survives_being_written_and_read(problem: Problem) -> None:
    again = parse_problem(json.loads(json.dumps(problem.to_json())))
    assert again.sha256 == problem.sha256 and allocate(again, 5).to_json() == allocate(problem, 5).to_json()


def test_another_process_with_another_hash_seed_draws_the_same(tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(random_round(2, 30, 5).to_json()))
    command = [sys.executable, "-m", "moderation.commands", "allocate", str(path), "--seed", "11", "--json"]
    results = [subprocess.check_output(command, env={**os.environ, "PYTHONHASHSEED": hashing}) for hashing in ("1", "2")]
    assert results[0] == results[1]


def test_different_seeds_give_different_allocations() -> None:
    problem = random_round(2, 30, 5)
    assert len({allocate(problem, seed).allocations for seed in range(10)}) == 10


def chi_square(counts: Counter[str], expected: float) -> float:
    return sum((number - expected) ** 2 / expected for number in counts.values())


@pytest.mark.parametrize("design", ["recommended", "expertise only"])
def test_auditors_who_cannot_be_told_apart_are_treated_alike_over_two_thousand_seeds(design: str) -> None:
    """Who gets P1, and who gets the larger load: chi-square with 3 degrees of freedom, limit at one in 100,000."""
    problem = Problem(
        agencies={"education": ("E1", "E2", "E3", "E4"), "health": ("H1", "H2")}, plans=("P1", "P2", "P3", "P4", "P5")
    )
    if design == "expertise only":
        problem = replace(problem, linking_share=0.0, pair_weight=0)
    first: Counter[str] = Counter()
    busiest: Counter[str] = Counter()
    for seed in range(2000):
        outcome = allocate(problem, seed)
        first.update(one.auditor for one in outcome.allocations if one.plan == "P1" and one.agency == "education")
        busiest.update(who for who in problem.agencies["education"] if outcome.loads[who] == 2)
    assert chi_square(first, 500) < 25.9 and chi_square(busiest, 500) < 25.9


def test_everybody_reads_in_an_order_of_their_own_and_a_seed_stands_anywhere() -> None:
    plans = [f"P{place}" for place in range(20)]
    orders = {who: reading_order("seed", who, plans) for who in ("E1", "E2", "H1")}
    assert len(set(orders.values())) == 3 and all(sorted(order) == sorted(plans) for order in orders.values())
    places = Counter(reading_order(seed, "E1", [*plans[:4], "S1"]).index("S1") for seed in range(2000))
    assert chi_square(Counter({str(place): times for place, times in places.items()}), 400) < 28.5
    assert reading_order("seed", "E1", reversed(plans)) == orders["E1"]


def test_ids_that_run_together_do_not_hash_alike() -> None:
    assert keyed(1, "ab", "c") != keyed(1, "a", "bc") and keyed(1, "a") != keyed(2, "a")


def test_the_seed_follows_from_secret_and_inputs_and_the_commitment_gives_neither_away() -> None:
    assert seed_of("secret", "inputs") == seed_of("secret", "inputs")
    assert len({seed_of("secret", "inputs"), seed_of("other", "inputs"), seed_of("secret", "changed")}) == 3
    assert len({commitment("secret", "inputs"), commitment("other", "inputs"), commitment("secret", "changed")}) == 3


def a_draw() -> tuple[Problem, Outcome, bytes]:
    problem = replace(random_round(8, 12, 3), seeds=("S1",), conflicts=(Conflict("P0001", "E000", "wrote advice"),))
    outcome = allocate(problem, seed_of("secret", problem.sha256))
    return problem, outcome, receipt(problem, outcome, "secret", KEY, number=2, reason="an auditor left")


def test_a_receipt_stands() -> None:
    _, _, raw = a_draw()
    assert verify_receipt(raw) == [] and verify_receipt(raw, public_key(KEY)) == []
    assert verify_receipt(raw, public_key(b"another")) == ["It was signed with a key that is not the service's."]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_one_changed_byte_fails(data: st.DataObject) -> None:
    raw = bytearray(RECEIPT)
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    assert verify_receipt(bytes(raw)) != []


RECEIPT = a_draw()[2]


def test_a_receipt_signed_anew_over_another_result_fails() -> None:
    problem, outcome, _ = a_draw()
    first, *others = outcome.allocations
    swapped = replace(outcome, allocations=(*others, first._replace(auditor="E000" if first.auditor != "E000" else "E001")))
    assert any("another allocation" in fault for fault in verify_receipt(receipt(problem, swapped, "secret", KEY)))
    assert any("seed" in fault for fault in verify_receipt(receipt(problem, replace(outcome, seed="chosen"), "secret", KEY)))


def test_what_is_no_receipt_at_all_is_called_so() -> None:
    for raw in (b"", b"{}", b"[1]", b"null", b"\xff\xfe", b'{"kind": 1}', b"[" * 100_000):
        assert verify_receipt(raw)
