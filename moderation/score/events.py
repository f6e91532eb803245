"""What can have happened to score sheets. Ids, keys and states only: never a rating, never a word that was typed."""

from dataclasses import dataclass

from moderation.words import Event


@dataclass(frozen=True)
class ScoresheetStarted(Event):
    """An auditor opened the audit pack of a plan and began to score it."""

    sheet_id: str
    round_plan_id: str


@dataclass(frozen=True)
class RatingSaved(Event):
    sheet_id: str
    criterion_key: str


@dataclass(frozen=True)
class ScoresheetSubmitted(Event):
    sheet_id: str
    round_plan_id: str


@dataclass(frozen=True)
class ScoresheetReopened(Event):
    """A lead gave a submitted sheet back to its auditor; the reason is in the row."""

    sheet_id: str
    round_plan_id: str


@dataclass(frozen=True)
class ScoresheetLocked(Event):
    sheet_id: str
    round_plan_id: str


@dataclass(frozen=True)
class ScoresheetLapsed(Event):
    sheet_id: str
    round_plan_id: str


@dataclass(frozen=True)
class ScoresheetWithdrawn(Event):
    sheet_id: str
    round_plan_id: str


@dataclass(frozen=True)
class ConcernRaised(Event):
    """A safeguarding or data-breach concern went to the named person; what it says is in the row."""

    concern_id: str
    sheet_id: str
    kind: str


@dataclass(frozen=True)
class ConcernHandled(Event):
    """The named person is dealing with it."""

    concern_id: str


@dataclass(frozen=True)
class ConcernClosed(Event):
    """The person who dealt with a concern closed it; the outcome is in the row."""

    concern_id: str


@dataclass(frozen=True)
class ConcernOverdue(Event):
    """Nobody has said that they are dealing with a concern: the named person was reminded, from the second time on others too."""

    concern_id: str
    reminders: int


@dataclass(frozen=True)
class ConcernContactNamed(Event):
    """An area named the person who is told of concerns."""

    contact_id: str
    account_id: str
