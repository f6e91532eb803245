"""What can have happened to areas, agencies, accounts, memberships and sessions. Ids and states only: no name, no address."""

from dataclasses import dataclass

from ..words import AgencyKind, Event


@dataclass(frozen=True)
class AreaCreated(Event):
    area_id: str
    authority_code: str


@dataclass(frozen=True)
class AreaChanged(Event):
    area_id: str


@dataclass(frozen=True)
class AgencyAdded(Event):
    agency_id: str
    kind: AgencyKind


@dataclass(frozen=True)
class AgencyRenamed(Event):
    agency_id: str


@dataclass(frozen=True)
class AccountInvited(Event):
    """Somebody who had no account was given one; the letter asks for a password."""

    account_id: str


@dataclass(frozen=True)
class InvitationSentAgain(Event):
    account_id: str


@dataclass(frozen=True)
class MembershipStarted(Event):
    account_id: str
    agency_id: str | None
    roles: tuple[str, ...]


@dataclass(frozen=True)
class RolesChanged(Event):
    account_id: str
    agency_id: str | None
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class MembershipEnded(Event):
    account_id: str


@dataclass(frozen=True)
class AccountDisabled(Event):
    account_id: str


@dataclass(frozen=True)
class AccountEnabled(Event):
    account_id: str


@dataclass(frozen=True)
class ReminderDaysChosen(Event):
    """Somebody chose on which days they are reminded of unfinished plans."""

    account_id: str


@dataclass(frozen=True)
class DetailsChanged(Event):
    """Somebody changed their own name or settings."""

    account_id: str


@dataclass(frozen=True)
class PasswordResetAsked(Event):
    account_id: str


@dataclass(frozen=True)
class PasswordChosen(Event):
    """`how`: invitation, reset or change."""

    account_id: str
    how: str


@dataclass(frozen=True)
class SignedIn(Event):
    account_id: str


@dataclass(frozen=True)
class SignedOut(Event):
    account_id: str


@dataclass(frozen=True)
class SessionsEnded(Event):
    """Every session of an account ended, but for the one in use where the person themselves asked for it."""

    account_id: str


@dataclass(frozen=True)
class AreaSwitched(Event):
    account_id: str
    area_id: str


@dataclass(frozen=True)
class AwayDatesSaved(Event):
    """An auditor said when they are away; the dates are in the row."""

    absence_id: str
    account_id: str


@dataclass(frozen=True)
class AwayDatesRemoved(Event):
    absence_id: str
    account_id: str
