"""The receipt of a draw: anybody can check, after the round, that the allocation came from the committed inputs and secret.

It is one line of canonical JSON, so that a single changed byte is noticed, with an Ed25519 signature of the service. The
check repeats the draw: commitment -> seed -> allocation, and has the rules verified by code of their own.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from moderation.words import CODE_VERSION, InvalidInput
from moderation.words import Problem as Fault

from .draw import commitment, seed_of
from .problem import Allocation, Outcome, Problem, canonical
from .reading import parse_problem
from .solve import allocate
from .verifier import violations

KIND = "moderation allocation receipt 1"


def receipt(
    problem: Problem, outcome: Outcome, secret: str, signing_key: bytes, *, number: int = 1, reason: str | None = None
) -> bytes:
    """The signed receipt of a draw. `number` and `reason` tell a redraw from the first draw."""
    key = _private_key(signing_key)
    content = {
        "kind": KIND,
        "code_version": CODE_VERSION,
        "number": number,
        "reason": reason,
        "inputs": problem.to_json(),
        "inputs_sha256": problem.sha256,
        "secret": secret,
        "commitment": commitment(secret, problem.sha256),
        "seed": outcome.seed,
        "allocations": sorted(list(one) for one in outcome.allocations),
        "public_key": public_key(signing_key),
    }
    return canonical({**content, "signature": key.sign(canonical(content)).hex()}) + b"\n"


def public_key(signing_key: bytes) -> str:
    """What the service publishes so that its receipts can be told from forged ones."""
    return _private_key(signing_key).public_key().public_bytes_raw().hex()


def read_receipt(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput([Fault("receipt", f"cannot be read: {error.strerror}", file=path.name)]) from error


def verify_receipt(raw: bytes, trusted_key: str | None = None) -> list[str]:
    """What is wrong with a receipt; empty when it stands. `trusted_key` is the public key the service is known by."""
    try:
        content = json.loads(raw)
        if canonical(content) + b"\n" != raw or content["kind"] != KIND:
            return ["The file is not a receipt as the service writes it: something was added, removed or changed."]
        return list(_faults(content, trusted_key))
    except (ValueError, TypeError, KeyError, RecursionError, InvalidInput) as error:
        return [f"The file is not a receipt: {error}"]


def _faults(content: dict[str, Any], trusted_key: str | None) -> Iterator[str]:
    problem = parse_problem(content["inputs"])
    secret, sha256 = content["secret"], content["inputs_sha256"]
    if not _signed(content):
        yield "The signature does not belong to this content."
    if trusted_key is not None and content["public_key"] != trusted_key:
        yield "It was signed with a key that is not the service's."
    if problem.sha256 != sha256:
        yield "The inputs are not those whose digest is given."
    if commitment(secret, sha256) != content["commitment"]:
        yield "The commitment does not belong to this secret and these inputs."
    if seed_of(secret, sha256) != content["seed"]:
        yield "The seed does not follow from the secret and the inputs."
    yield from _result_faults(problem, content)


def _result_faults(problem: Problem, content: dict[str, Any]) -> Iterator[str]:
    again = allocate(problem, content["seed"])
    given = [Allocation(*one) for one in content["allocations"]]
    if sorted(again.allocations) != sorted(given):
        other = (
            ""
            if content["code_version"] == CODE_VERSION
            else f" (drawn by version {content['code_version']}, checked by {CODE_VERSION})"
        )
        yield f"This draw gives another allocation{other}."
    yield from violations(problem, given, again.shortfalls)


def _signed(content: dict[str, Any]) -> bool:
    unsigned = {name: value for name, value in content.items() if name != "signature"}
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(content["public_key"]))
        key.verify(bytes.fromhex(content["signature"]), canonical(unsigned))
    except (InvalidSignature, ValueError):
        return False
    return True


def _private_key(signing_key: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"moderation receipt\n" + signing_key).digest())
