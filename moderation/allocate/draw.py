"""Randomness that nobody can steer: every random order is a keyed hash of ids, and the key is fixed before the draw.

The order of rows, the version of a library and PYTHONHASHSEED make no difference, because nothing but the seed and
the ids enters a hash.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]


def keyed(seed: int | str, *parts: str) -> int:
    """A 64-bit hash of some ids under a seed; the length of each part is hashed too, so that parts cannot run together."""
    message = b"".join(len(raw).to_bytes(4, "big") + raw for raw in (part.encode() for part in parts))
    return int.from_bytes(hashlib.blake2b(message, digest_size=8, key=_key(seed)).digest(), "big")


def shuffled(seed: int | str, purpose: str, ids: Iterable[str]) -> tuple[str, ...]:
    """The ids in the random order that the seed gives them for this purpose."""
    return tuple(sorted(ids, key=lambda one: (keyed(seed, purpose, one), one)))


def priorities(seed: int | str, purpose: str, plans: Sequence[str], auditors: Sequence[str]) -> Hashes:
    """A 64-bit priority for every plan (row) and auditor (column)."""
    rows = np.array([keyed(seed, purpose, "plan", plan) for plan in plans], dtype=np.uint64)
    columns = np.array([keyed(seed, purpose, "auditor", auditor) for auditor in auditors], dtype=np.uint64)
    return _mixed(rows[:, None] ^ _mixed(columns)[None, :])


def reading_order(seed: int | str, auditor: str, plans: Iterable[str]) -> tuple[str, ...]:
    """An auditor's own random order of their plans. Seeds fall wherever their hash puts them, like any other plan."""
    return tuple(sorted(plans, key=lambda plan: (keyed(seed, "reading order", auditor, plan), plan)))


def seed_of(secret: str, inputs_sha256: str) -> str:
    """The seed of a draw: known to nobody before both the secret and the inputs are fixed."""
    return hmac.new(secret.encode(), inputs_sha256.encode(), hashlib.sha256).hexdigest()


def commitment(secret: str, inputs_sha256: str) -> str:
    """What is published before the draw: it fixes secret and inputs and gives neither away."""
    return hashlib.sha256(f"moderation draw\n{secret}\n{inputs_sha256}".encode()).hexdigest()


@lru_cache(maxsize=16)
def _key(seed: int | str) -> bytes:
    return hashlib.sha256(f"moderation seed {seed}".encode()).digest()


def _mixed(values: Hashes) -> Hashes:
    """The finishing steps of splitmix64: every bit of the input changes about half of the output."""
    with np.errstate(over="ignore"):
        values = values + np.uint64(0x9E3779B97F4A7C15)
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return values ^ (values >> np.uint64(31))
