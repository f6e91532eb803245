"""Areas, agencies, accounts and who holds which role where."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Column, Field, SQLModel, String

from ..database import Row, belongs, check, enum_column, utc_column
from ..words import AgencyKind, Retention, Role, new_id
from .rules import USUAL_REMINDERS, every_reminder_choice


class AccountState(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class LinkKind(StrEnum):
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105


class Area(SQLModel, table=True):
    __tablename__ = "area"
    __table_args__ = ({"info": {"retention": Retention.ACCOUNT}},)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=40)
    name: str = Field(max_length=120, unique=True)
    colour: str = Field(max_length=20)
    la_code: str | None = Field(default=None, max_length=10)
    region: str = Field(max_length=60)
    created_at: datetime = utc_column()
    version: int = 1


class Agency(Row, table=True):
    __tablename__ = "agency"
    __table_args__ = belongs(Retention.ACCOUNT, UniqueConstraint("area_id", "name"))

    name: str = Field(max_length=120)
    kind: AgencyKind = enum_column(AgencyKind)
    version: int = 1


class Account(SQLModel, table=True):
    __tablename__ = "account"
    __table_args__ = (
        check("active_has_password", "state <> 'active' OR password_hash IS NOT NULL"),
        check("email_lower_case", "email = lower(email)"),
        check("reminder_days", f"reminder_days IN ({', '.join(map(repr, every_reminder_choice()))})"),
        {"info": {"retention": Retention.ACCOUNT}},
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=40)
    email: str = Field(max_length=254, unique=True)
    name: str = Field(max_length=120)
    password_hash: str | None = Field(default=None, max_length=200)
    state: AccountState = enum_column(AccountState, default=AccountState.INVITED)
    created_at: datetime = utc_column()
    shortcuts: bool = True  # single-key shortcuts on the scoring page
    goes_on: bool = False  # a key for an answer goes on to the next question
    reminder_days: str = Field(default=USUAL_REMINDERS, max_length=20)  # days before a round closes, see rules.py
    version: int = 1


class Membership(Row, table=True):
    """One role of one account in one area, from a London date, until a London date (None: still)."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("area_id", "id"),
        UniqueConstraint("area_id", "account_id", "role", "starts_on"),
        ForeignKeyConstraint(["area_id"], ["area.id"]),
        ForeignKeyConstraint(["area_id", "agency_id"], ["agency.area_id", "agency.id"]),
        CheckConstraint("role <> 'auditor' OR agency_id IS NOT NULL", name="auditor_has_agency"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        {"info": {"retention": Retention.ACCOUNT}},
    )

    account_id: str = Field(sa_column=Column(String(40), ForeignKey("account.id"), nullable=False, index=True))
    role: Role = enum_column(Role)
    agency_id: str | None = Field(default=None, max_length=40)
    starts_on: date
    ends_on: date | None = None


class Absence(Row, table=True):
    """Days on which somebody cannot score, as they say themselves: both ends are days away."""

    __tablename__ = "absence"
    __table_args__ = belongs(
        Retention.ACCOUNT,
        UniqueConstraint("area_id", "account_id", "starts_on"),
        check("ends_after_start", "ends_on >= starts_on"),
    )

    account_id: str = Field(foreign_key="account.id", max_length=40, index=True)
    starts_on: date
    ends_on: date
    version: int = 1


class SignInLink(SQLModel, table=True):
    """A single-use link to choose a password; only the token's hash is kept."""

    __tablename__ = "sign_in_link"
    __table_args__ = ({"info": {"retention": Retention.TECHNICAL}},)

    token_hash: str = Field(primary_key=True, max_length=64)
    account_id: str = Field(foreign_key="account.id", max_length=40, index=True)
    kind: LinkKind = enum_column(LinkKind)
    expires_at: datetime = utc_column()
    used_at: datetime | None = utc_column(nullable=True)


class UserSession(SQLModel, table=True):
    __tablename__ = "user_session"
    __table_args__ = ({"info": {"retention": Retention.TECHNICAL}},)

    token_hash: str = Field(primary_key=True, max_length=64)
    account_id: str = Field(foreign_key="account.id", max_length=40, index=True)
    area_id: str | None = Field(default=None, foreign_key="area.id", max_length=40)
    created_at: datetime = utc_column()
    last_seen_at: datetime = utc_column()
    ended_at: datetime | None = utc_column(nullable=True)


class SignInFailure(SQLModel, table=True):
    __tablename__ = "sign_in_failure"
    __table_args__ = ({"info": {"retention": Retention.TECHNICAL}},)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=40)
    account_key: str = Field(max_length=64, index=True)  # keyed hash of the address that was typed
    address: str = Field(max_length=64, index=True)
    at: datetime = utc_column(index=True)
