"""`moderation allocate PROBLEM.json`: allocate plans to auditors, or explain why it cannot be done; check a receipt."""

import argparse
import json
from pathlib import Path
from typing import Any

from ..allocate.problem import Outcome
from ..allocate.reading import read_problem
from ..allocate.receipt import read_receipt, verify_receipt
from ..allocate.solve import allocate
from ..words import InvalidInput, Problem


def add_to(subparsers: Any) -> None:
    parser = subparsers.add_parser("allocate", help="allocate plans to auditors, or check a receipt")
    parser.add_argument("problem", nargs="?", type=Path, metavar="PROBLEM.json")
    parser.add_argument("--seed", default="1", help="what the random order depends on (default 1)")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--verify", type=Path, metavar="RECEIPT", help="check the signed receipt of a draw")
    parser.add_argument("--key", metavar="KEY", help="the service's key, from its receipt page: nobody else's signature will do")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.verify is not None:
        return _verify(args.verify, args.key, args.json)
    if args.problem is None:
        raise InvalidInput([Problem("PROBLEM.json", "give the file with the problem, or --verify and a receipt")])
    outcome = allocate(read_problem(args.problem), int(args.seed) if _is_whole(args.seed) else args.seed)
    print(json.dumps(outcome.to_json()) if args.json else _readable(outcome))
    return 0 if outcome.feasible else 1


def _verify(path: Path, key: str | None, as_json: bool) -> int:
    faults = verify_receipt(read_receipt(path), key)
    if as_json:
        print(json.dumps({"genuine": not faults, "faults": faults}))
    else:
        print(
            "\n".join(["The receipt does not stand:", *faults])
            if faults
            else "The receipt stands: this draw gives this allocation."
        )
    return 1 if faults else 0


def _is_whole(text: str) -> bool:
    return text.removeprefix("-").isdecimal()


def _readable(outcome: Outcome) -> str:
    return "\n".join([*_found(outcome), *_shortfalls(outcome), *(f"Note: {warning}" for warning in outcome.warnings)])


def _found(outcome: Outcome) -> list[str]:
    design, loads = outcome.design, outcome.loads.values()
    precision = "" if design.efficiency is None else f", efficiency {design.efficiency:.3f}, lambda2 {design.lambda2 or 0:.2f}"
    return [
        *(f"{one.plan}\t{one.agency}\t{one.auditor}" for one in outcome.allocations),
        "",
        f"{len(outcome.allocations)} allocations, {min(loads, default=0)} to {max(loads, default=0)} plans for each auditor, "
        f"expertise cost {outcome.cost}.",
        f"Auditors linked in {design.components} group{'' if design.components == 1 else 's'}{precision}, "
        f"{design.repeat_pairs} repeated pairs, {design.repeat_triads} repeated panels.",
    ]


def _shortfalls(outcome: Outcome) -> list[str]:
    return [
        f"{short.agency}: {', '.join(short.plans)} need {short.need} places; "
        f"{', '.join(short.auditors) or 'nobody'} can give {short.have}. " + _help(short.fixes, short.steps)
        for short in outcome.shortfalls
    ]


def _help(fixes: tuple[Any, ...], steps: tuple[Any, ...]) -> str:
    if fixes:
        return "Any one of these would do: " + "; ".join(map(str, fixes)) + "."
    if steps:
        return "No single change is enough. Each of these fills one place: " + "; ".join(map(str, steps)) + "."
    return "No single change would help."
