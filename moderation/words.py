"""The vocabulary every stage shares: roles, agencies, ids, events and the errors a person can cause. Pure."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

CODE_VERSION = "0.1.0"


class Role(StrEnum):
    ADMINISTRATOR = "administrator"
    LEAD = "lead"
    AUDITOR = "auditor"
    MODERATOR = "moderator"
    AREA_LEAD = "area_lead"
    OBSERVER = "observer"


ROLE_NAMES: Mapping[Role, str] = {
    Role.ADMINISTRATOR: "Administrator",
    Role.LEAD: "QA lead",
    Role.AUDITOR: "Auditor",
    Role.MODERATOR: "Moderator",
    Role.AREA_LEAD: "Area lead",
    Role.OBSERVER: "Observer",
}


class AgencyKind(StrEnum):
    EDUCATION = "education"
    HEALTH = "health"
    CARE = "care"
    OTHER = "other"


AGENCY_NAMES: Mapping[AgencyKind, str] = {
    AgencyKind.EDUCATION: "Education",
    AgencyKind.HEALTH: "Health",
    AgencyKind.CARE: "Social care",
    AgencyKind.OTHER: "Other",
}


class Retention(StrEnum):
    """How long a table's rows are kept; every table declares one."""

    ACCOUNT = "account"  # while the account is in use
    DOCUMENT = "document"  # 90 days after the last use
    SCORES = "scores"  # six years
    STATISTICS = "statistics"  # indefinitely: no person in them
    LEDGER = "ledger"  # six years; erasure keeps the digests
    TECHNICAL = "technical"  # weeks: sessions, outbox, job runs


def new_id() -> str:
    """A random 128-bit id, safe in a URL. Ids are random so that neither order nor number says anything."""
    return secrets.token_urlsafe(16)


def plural(count: int, one: str, many: str | None = None) -> str:
    """1 plan, 2 plans"""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


@dataclass(frozen=True)
class Event:
    """What can have happened. The first field of a subclass is the id of its subject; fields are ids, keys and states only."""

    @property
    def subject(self) -> str:
        return str(next(iter(vars(self).values())))


class ServiceError(Exception):
    """Something a person did cannot be done; the message is for that person."""


class Refused(ServiceError):
    """A rule says no."""


class NotFound(ServiceError):
    """There is no such thing for this person: missing and foreign are the same."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input: where it is, what it was, and what is allowed."""

    field: str
    message: str
    file: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    allowed: str | None = None

    def __str__(self) -> str:
        place = [self.file, f"row {self.row}" if self.row else None, self.column or self.field]
        where = ", ".join(part for part in place if part)
        seen = f" (was {shortened(self.value)!r})" if self.value is not None else ""
        said = ": ".join(part for part in (where, f"{self.message}{seen}") if part)
        return " ".join((f"{said.rstrip('.')}. Allowed: {self.allowed}." if self.allowed else said).split())

    @property
    def words(self) -> str:
        """For somebody who filled a form in. A message that is a sentence needs no name of a field; "must not be empty" does."""
        return str(replace(self, field="")) if self.message[:1].isupper() else str(self)


def shortened(text: str, longest: int = 80) -> str:
    """A value as an error shows it: the beginning of one that is very long."""
    return text if len(text) <= longest else text[:longest] + "..."


class InvalidInput(ServiceError):
    """Input that cannot be used; all problems at once."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems[:3]))
        self.problems = problems


class StaleWrite(ServiceError):
    """Somebody else saved first. Nothing was written; both versions are shown."""

    def __init__(self, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
        super().__init__("Someone else changed this while you were working on it.")
        self.mine = dict(mine)
        self.theirs = dict(theirs)
