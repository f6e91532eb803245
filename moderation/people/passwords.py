"""Secrets: passwords under argon2, random tokens under SHA-256, and the work that hides whether an account exists."""

import hashlib
import hmac
import secrets
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..words import InvalidInput, Problem
from .rules import password_problem

# OWASP's recommendation for argon2id: 19 MiB, two passes. Small enough for eight sign-ins at once on a small machine.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hashed(password: str) -> str:
    return HASHER.hash(password)


def checked_hash(password: str, email: str) -> str:
    """The hash of a new password; InvalidInput says why it is not good enough."""
    problem = password_problem(password, email, common_passwords())
    if problem:
        raise InvalidInput([Problem("password", problem)])
    return hashed(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Is it the password? Without a hash the same work is done, and the answer is no."""
    try:
        return HASHER.verify(password_hash or _nobody(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Was it made with weaker settings than today's?"""
    return HASHER.check_needs_rehash(password_hash)


@cache
def _nobody() -> str:
    return HASHER.hash(secrets.token_urlsafe(32))


def new_token() -> str:
    """256 random bits for a cookie or a link."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the database keeps of a token. The token is random, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def account_key(email: str, secret: str) -> str:
    """A keyed hash of a typed address: failures are counted for it whether or not an account exists."""
    return hmac.new(secret.encode(), email.strip().lower().encode(), hashlib.sha256).hexdigest()


@cache
def common_passwords() -> frozenset[str]:
    """Well-known passwords and the words they are made of, in small letters."""
    text = files(__package__).joinpath("data/common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))
