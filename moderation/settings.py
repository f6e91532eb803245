"""What an installation decides: read once from the environment, refused at the start when unsafe."""

import base64
import binascii
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .words import ServiceError

KNOWN_DEFAULTS = frozenset({"changeme", "secret", "dev", "password", "test"})


class BadSettings(ServiceError):
    """The service cannot start with these settings."""


@dataclass(frozen=True)
class Settings:
    """One installation's settings; every field is an environment variable `MODERATION_<NAME>` (docs/settings.md)."""

    database_url: str = field(metadata={"help": "SQLAlchemy URL: sqlite:///file or postgresql+psycopg://user@host/name"})
    secret_key: str = field(repr=False, metadata={"help": "signs cookies and forms; at least 32 characters"})
    master_key: bytes = field(repr=False, metadata={"help": "wraps document keys; 32 bytes as base64"})
    ledger_key: bytes = field(repr=False, metadata={"help": "chains the ledger; 32 bytes as base64, kept outside the database"})
    store_url: str = field(metadata={"help": "folder or bucket of the documents: file:///path or s3://bucket/path"})
    data_dir: Path = field(metadata={"help": "folder for signed ledger heads"})
    base_url: str = field(default="http://127.0.0.1:8000", metadata={"help": "how people reach the service; used in letters"})
    smtp_url: str = field(
        default="console:",
        repr=False,
        metadata={"help": "smtp://user:password@host:587 (STARTTLS), smtps://..., or console: to print letters"},
    )
    mail_from: str = field(default="moderation@localhost", metadata={"help": "sender of letters"})
    proxies: int = field(default=0, metadata={"help": "reverse proxies in front, so that addresses and https are right"})
    idle_minutes: int = field(default=30, metadata={"help": "sign out after so many minutes without a request"})
    document_days: int = field(default=90, metadata={"help": "erase the documents of a plan so many days after their last use"})
    accessibility_contact: str = field(
        default="",
        metadata={
            "help": "e-mail address in the accessibility statement, for problems and other formats; the law asks public bodies "
            "for one. Without it the statement sends people to the administrators and QA leads of their area"
        },
    )
    accessibility_days: int = field(default=10, metadata={"help": "working days within which that address answers"})
    replicates: int = field(default=2000, metadata={"help": "bootstrap replicates of every interval"})

    @property
    def secure(self) -> bool:
        """Are cookies for https only?"""
        return self.base_url.startswith("https://")

    @property
    def ledger_heads(self) -> Path:
        """Signed heads of the ledger's chains, kept outside the database."""
        return self.data_dir / "ledger_heads.jsonl"

    @staticmethod
    def from_env(env: Mapping[str, str] = os.environ) -> "Settings":
        """Settings from the environment; raises BadSettings with one line that names what is missing or unsafe."""
        return Settings(
            database_url=_text(env, "DATABASE_URL"),
            secret_key=_secret(env, "SECRET_KEY"),
            master_key=_key(env, "MASTER_KEY"),
            ledger_key=_key(env, "LEDGER_KEY"),
            store_url=_text(env, "STORE_URL"),
            data_dir=Path(_text(env, "DATA_DIR")),
            base_url=env.get("MODERATION_BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
            smtp_url=env.get("MODERATION_SMTP_URL", "console:"),
            mail_from=env.get("MODERATION_MAIL_FROM", "moderation@localhost"),
            proxies=_number(env, "PROXIES", 0),
            idle_minutes=_number(env, "IDLE_MINUTES", 30),
            document_days=_number(env, "DOCUMENT_DAYS", 90),
            accessibility_contact=_address(env, "ACCESSIBILITY_CONTACT"),
            accessibility_days=_number(env, "ACCESSIBILITY_DAYS", 10),
            replicates=_number(env, "REPLICATES", 2000),
        )


def _text(env: Mapping[str, str], name: str) -> str:
    value = env.get(f"MODERATION_{name}", "").strip()
    if not value:
        raise BadSettings(f"MODERATION_{name} is not set. See docs/settings.md.")
    return value


def _secret(env: Mapping[str, str], name: str) -> str:
    value = _text(env, name)
    if value.lower() in KNOWN_DEFAULTS or len(value) < 32:
        raise BadSettings(f"MODERATION_{name} must be a random secret of at least 32 characters.")
    return value


def _key(env: Mapping[str, str], name: str) -> bytes:
    try:
        key = base64.b64decode(_text(env, name), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise BadSettings(f"MODERATION_{name} must be 32 random bytes, written as base64.")
    return key


def _address(env: Mapping[str, str], name: str) -> str:
    value = env.get(f"MODERATION_{name}", "").strip()
    if value and not re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+", value):
        raise BadSettings(f"MODERATION_{name} must be an e-mail address, not {value!r}.")
    return value


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(f"MODERATION_{name}", str(default))
    if not value.isdecimal():
        raise BadSettings(f"MODERATION_{name} must be a whole number, not {value!r}.")
    return int(value)
