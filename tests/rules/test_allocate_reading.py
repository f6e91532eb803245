"""The command line: what it prints, and what it says about input that cannot be used."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.allocation_instances import random_round
from moderation.allocate.draw import seed_of
from moderation.allocate.reading import parse_problem
from moderation.allocate.receipt import public_key, receipt
from moderation.allocate.solve import allocate
from moderation.commands import main
from moderation.words import InvalidInput

GOOD: dict[str, Any] = {
    "agencies": {"education": ["E1", "E2"], "health": ["H1", "H2"]},
    "capacity": {"E1": 2, "E2": 3},
    "plans": ["P1", "P2", "P3"],
    "auditors_per_plan": {"education": 1},
    "extra": [["P3", "health"]],
    "conflicts": [["P1", "E1", "wrote advice"], ["P2", "E2"]],
    "expertise_cost": {"E1": {"P1": 120}},
    "history": [["E1", "H2", 3]],
    "seeds": [],
    "locked": [["P2", "E1"]],
    "load_window": {"H1": [1, 3]},
}


def written(tmp_path: Path, content: Any) -> str:
    path = tmp_path / "problem.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def test_a_feasible_problem_prints_only_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["allocate", written(tmp_path, GOOD), "--seed", "7", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) >= {
        "status", "allocations", "cost", "loads", "repeat_pairs", "repeat_triads", "lambda2", "efficiency", "components",
        "shortfalls", "seed", "inputs_sha256",
    }  # fmt: skip
    assert (found["status"], found["seed"], len(found["allocations"])) == ("feasible", 7, 7)
    assert {"plan": "P2", "auditor": "E1", "agency": "education"} in found["allocations"]


def test_an_impossible_problem_answers_no_and_still_allocates_what_it_can(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, {**GOOD, "conflicts": [["P1", "E1", "wrote advice"], ["P1", "E2", "knows the family"]]})
    assert main(["allocate", path, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    (short,) = found["shortfalls"]
    assert set(short) >= {"agency", "plans", "auditors", "need", "have", "fixes"}
    assert short["fixes"] == ["clear the conflict P1-E1", "clear the conflict P1-E2"] and len(found["allocations"]) == 6
    assert main(["allocate", path]) == 1
    assert "P1 need 1 places; nobody can give 0. Any one of these would do" in capsys.readouterr().out


@pytest.mark.parametrize(
    "change, where, words",
    [
        ({"plans": ["P1", "P2", "P1", "P3"]}, "plans", "stands there 2 times (was 'P1')"),
        ({"plans": None}, "plans", "is missing"),
        ({"plans": ["P1", "P2", "P3", 4]}, "row 4, plans", "must be a text"),
        ({"capacity": {"E1": -1}}, "capacity.E1", "must be a whole number, 0 or more (was '-1')"),
        ({"capacity": {"E1": 1.5}}, "capacity.E1", "whole number"),
        ({"capacity": {"E1": True}}, "capacity.E1", "whole number"),
        ({"capacity": {"E9": 1}}, "capacity", "there is no auditor of this name (was 'E9')"),
        ({"agencies": {"education": ["E1", "E2"], "health": ["H1", "H2"], "care": []}}, "agencies.care", "the agency has nobody"),
        ({"agencies": {"education": ["E1", "E2"], "health": ["H1", "H2", "E1"]}}, "agencies.health", "is in education already"),
        ({"agencies": {}}, "agencies", "at least one agency"),
        ({"conflicts": [["P1", "X9", "stranger"]]}, "row 1, conflicts", "there is no auditor of this name (was 'X9')"),
        ({"conflicts": [["P1", "E2"], ["P9", "E1"]]}, "row 2, conflicts", "there is no plan of this name (was 'P9')"),
        ({"conflicts": [["P1"]]}, "row 1, conflicts", "must be [plan, auditor, reason]"),
        ({"conflict": [["P1", "E1"]]}, "conflict", "is conflicts meant?"),
        ({"auditors_per_plan": {"housing": 1}}, "auditors_per_plan", "no agency of this name"),
        ({"extra": [["P1", "housing"]]}, "row 1, extra", "no agency of this name"),
        ({"extra": [["P9", "health"]]}, "row 1, extra", "there is no plan of this name (was 'P9')"),
        ({"expertise_cost": {"E9": {"P1": 1}}}, "expertise_cost", "there is no auditor of this name (was 'E9')"),
        ({"history": [["E1", "X9", 1]]}, "row 1, history", "there is no auditor of this name (was 'X9')"),
        ({"locked": [["P9", "E1"]]}, "row 1, locked", "there is no plan of this name (was 'P9')"),
        ({"locked": [["P2", "E1"], ["P3", "X9"]]}, "row 2, locked", "there is no auditor of this name (was 'X9')"),
        ({"load_window": {"X9": [1, 2]}}, "load_window", "there is no auditor of this name (was 'X9')"),
        ({"expertise_cost": {"E1": {"P1": 1001}}}, "expertise_cost.E1.P1", "from 0 to 1000"),
        ({"expertise_cost": {"E1": {"P9": 1}}}, "expertise_cost.E1", "no plan of this name"),
        ({"history": [["E1", "E1", 2]]}, "row 1, history", "with themselves"),
        ({"history": [["E1", "H1", 10**30]]}, "row 1, history", "from 0 to 10000"),
        ({"conflicts": [["P1", "E2", {"why": 1}]]}, "row 1, conflicts", "the reason must be a text"),
        ({"plans": ["P1", "P2", "P3", "\ud800"]}, "row 4, plans", "must be a text"),
        ({"history": [["E1", "H2"]]}, "row 1, history", "times together"),
        ({"locked": [["P1", "E1"]]}, "row 1, locked", "in spite of a conflict"),
        ({"load_window": {"E1": [3, 2]}}, "load_window.E1", "the least is more than the most"),
        ({"load_window": {"E1": 3}}, "load_window.E1", "must be [least, most]"),
        ({"linking_share": 2}, "linking_share", "between 0 and 1"),
        ({"pair_weight": "x"}, "pair_weight", "whole number"),
        ({"availability": {"E1": 0}}, "availability.E1", "from 1 to"),
        ({"seeds": "S1"}, "seeds", "must be a list"),
    ],
)
def test_bad_input_is_named_on_one_line(
    change: dict[str, Any], where: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["allocate", written(tmp_path, {**GOOD, **change})]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1
    assert f"problem.json, {where}: " in printed.err and words in printed.err


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "1", '{"plans": ["P1"], "plans": ["P2"]}', "[" * 200_000, '{"a": NaN'])
def test_what_is_no_problem_at_all_is_refused(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["allocate", written(tmp_path, content)]) == 2
    assert capsys.readouterr().err.startswith("moderation: problem.json")


def test_a_missing_file_and_a_missing_argument_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["allocate", str(tmp_path / "nowhere.json")]) == 2
    assert main(["allocate"]) == 2
    assert main(["allocate", "--verify", str(tmp_path / "nowhere.json")]) == 2
    assert "nowhere.json" in capsys.readouterr().err


def test_every_fault_is_found_at_once() -> None:
    with pytest.raises(InvalidInput) as raised:
        parse_problem({**GOOD, "capacity": {"E1": -1}, "plans": ["P1", "P1"]})
    assert len(raised.value.problems) >= 2


def test_fields_for_other_readers_are_left_alone() -> None:
    assert parse_problem({**GOOD, "name": "a round", "note": "for the minutes"}).plans == ("P1", "P2", "P3")


def test_a_receipt_is_verified_by_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problem = random_round(8, 12, 3)
    outcome = allocate(problem, seed_of("secret", problem.sha256))
    path = tmp_path / "receipt.json"
    path.write_bytes(receipt(problem, outcome, "secret", b"k" * 32))
    assert main(["allocate", "--verify", str(path)]) == 0
    assert main(["allocate", "--verify", str(path), "--key", public_key(b"k" * 32)]) == 0
    assert main(["allocate", "--verify", str(path), "--key", public_key(b"f" * 32)]) == 1
    assert "signed with a key that is not the service's" in capsys.readouterr().out
    path.write_bytes(path.read_bytes().replace(b"secret", b"secreT", 1))
    assert main(["allocate", "--verify", str(path)]) == 1
    assert "does not stand" in capsys.readouterr().out
