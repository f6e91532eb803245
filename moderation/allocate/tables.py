"""Rounds, their sample of plans, who rates in them, conflicts of interest, draws, and who got which plan."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from ..database import Row, belongs, check, enum_column, json_column, utc_column
from ..words import Retention
from .rules import FULL_TIME, RECOMMENDED, AllocationState, Ending, PlanKind, RoundState


class Round(Row, table=True):
    __tablename__ = "round"
    __table_args__ = belongs(
        Retention.STATISTICS,
        UniqueConstraint("area_id", "number"),
        check("dates_in_order", "closes_on >= opens_on"),
        check("opened", "state NOT IN ('open', 'closed', 'moderating', 'published', 'archived') OR opened_at IS NOT NULL"),
        check("closed", "(state IN ('closed', 'moderating', 'published', 'archived')) = (closed_at IS NOT NULL)"),
        check("published", "(state IN ('published', 'archived')) = (published_at IS NOT NULL)"),
        check("double_share", "double_share BETWEEN 0 AND 100"),
        check("seed_plans", "seed_plans BETWEEN 0 AND 3"),
        framework_version_id="framework_version",
    )

    framework_version_id: str = Field(max_length=40)
    number: int
    name: str = Field(max_length=120)
    state: RoundState = enum_column(RoundState, default=RoundState.DRAFT, index=True)
    opens_on: date
    closes_on: date
    sample: dict[str, Any] = json_column()  # size, strata, quotas, exclusions, seed: how the plans were drawn
    secret: str = Field(max_length=64)  # keys the draw; committed to by hash before the draw
    double_share: int = 0  # per cent of the plans that each agency scores once more
    seed_plans: int = 1  # hidden plans with agreed ratings, where earlier rounds have any
    repairs_itself: bool = False  # plans that come back are given to somebody else every morning
    created_at: datetime = utc_column()
    opened_at: datetime | None = utc_column(nullable=True)
    closed_at: datetime | None = utc_column(nullable=True)
    published_at: datetime | None = utc_column(nullable=True)
    version: int = 1


class RoundAgency(Row, table=True):
    """How many auditors of an agency each plan of the round gets."""

    __tablename__ = "round_agency"
    __table_args__ = belongs(
        Retention.STATISTICS,
        UniqueConstraint("round_id", "agency_id"),
        check("some_auditors", "auditors_per_plan BETWEEN 1 AND 9"),
        round_id="round",
        agency_id="agency",
    )

    round_id: str = Field(max_length=40)
    agency_id: str = Field(max_length=40)
    auditors_per_plan: int = 1


class RoundAuditor(Row, table=True):
    """An auditor of the round, for one agency, and how many plans they can take."""

    __tablename__ = "round_auditor"
    __table_args__ = belongs(
        Retention.SCORES,
        UniqueConstraint("round_id", "account_id"),
        check("capacity", "capacity >= 0"),
        check("availability", "availability BETWEEN 1 AND 100"),
        round_id="round",
        agency_id="agency",
    )

    round_id: str = Field(max_length=40)
    account_id: str = Field(foreign_key="account.id", max_length=40)
    agency_id: str = Field(max_length=40)
    capacity: int
    availability: int = FULL_TIME  # per cent of full time: plans are shared out in proportion
    absent_from: date | None = None
    reminded_at: datetime | None = utc_column(nullable=True)
    version: int = 1


class RoundPlan(Row, table=True):
    """A plan version in a round. What kind of plan it is stands in a table of its own."""

    __tablename__ = "round_plan"
    __table_args__ = belongs(
        Retention.SCORES,
        UniqueConstraint("round_id", "plan_version_id"),
        check("withdrawn_with_reason", "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)"),
        check("weight", "weight > 0"),
        round_id="round",
        plan_version_id="plan_version",
    )

    round_id: str = Field(max_length=40, index=True)
    plan_version_id: str = Field(max_length=40)
    stratum: str = Field(default="", max_length=200)
    weight: float = 1.0  # plans of the population that this one stands for, relative
    withdrawn_at: datetime | None = utc_column(nullable=True)
    withdrawn_reason: str | None = Field(default=None, max_length=500)
    version: int = 1


class RoundPlanKind(Row, table=True):
    """Private: which plans of a round are not ordinary. No auditor's or moderator's query joins this table."""

    __tablename__ = "round_plan_kind"
    __table_args__ = belongs(Retention.SCORES, UniqueConstraint("round_plan_id"), round_plan_id="round_plan")

    round_plan_id: str = Field(max_length=40)
    kind: PlanKind = enum_column(PlanKind)


class Conflict(Row, table=True):
    """Why an auditor may not rate a case, or any plan of a setting or a team."""

    __tablename__ = "conflict"
    __table_args__ = belongs(
        Retention.SCORES,
        check(
            "one_target",
            "(CASE WHEN case_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN setting IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN team IS NULL THEN 0 ELSE 1 END) = 1",
        ),
        check("cleared_by_another", "cleared_by IS NULL OR cleared_by <> account_id"),
        check("cleared", "(cleared_at IS NULL) = (cleared_by IS NULL)"),
        case_id="child_case",
    )

    account_id: str = Field(foreign_key="account.id", max_length=40, index=True)
    case_id: str | None = Field(default=None, max_length=40)
    setting: str | None = Field(default=None, max_length=120)
    team: str | None = Field(default=None, max_length=80)
    reason: str = Field(max_length=500)
    declared_by: str | None = Field(default=None, foreign_key="account.id", max_length=40)
    declared_at: datetime = utc_column()
    cleared_by: str | None = Field(default=None, foreign_key="account.id", max_length=40)
    cleared_at: datetime | None = utc_column(nullable=True)
    version: int = 1


class Draw(Row, table=True):
    """One numbered draw of a round's allocation: commitment, inputs' digest, outcome."""

    __tablename__ = "draw"
    __table_args__ = belongs(
        Retention.STATISTICS,
        UniqueConstraint("round_id", "number"),
        check("weighing", "weighing BETWEEN 1 AND 5"),
        round_id="round",
    )

    round_id: str = Field(max_length=40)
    number: int
    weighing: int = RECOMMENDED  # from 1, expertise alone, to 5, independence above all
    drawn_at: datetime = utc_column()
    reason: str | None = Field(default=None, max_length=500)
    commitment: str = Field(max_length=64)
    inputs_sha256: str = Field(max_length=64)
    inputs: dict[str, Any] = json_column()
    outcome: dict[str, Any] = json_column()


class DrawOrder(Row, table=True):
    """A draw that is too large to wait for: the clock works it out. `failure` says why it could not be kept."""

    __tablename__ = "draw_order"
    __table_args__ = belongs(
        Retention.TECHNICAL,
        UniqueConstraint("round_id"),
        check("weighing", "weighing BETWEEN 1 AND 5"),
        round_id="round",
    )

    round_id: str = Field(max_length=40)
    round_version: int  # the round as the lead saw it
    weighing: int
    reason: str = Field(default="", max_length=500)
    asked_by: str = Field(foreign_key="account.id", max_length=40)
    asked_at: datetime = utc_column()
    failure: str | None = Field(default=None, max_length=500)


class Expertise(Row, table=True):
    """What an auditor knows best: primary needs and phases of education. Shown to leads only."""

    __tablename__ = "expertise"
    __table_args__ = belongs(Retention.SCORES, UniqueConstraint("area_id", "account_id"))

    account_id: str = Field(foreign_key="account.id", max_length=40)
    needs: list[str] = json_column()
    phases: list[str] = json_column()
    version: int = 1


class CaseMet(Row, table=True):
    """Somebody has met a case without rating it, in a moderation meeting: they never rate it afterwards."""

    __tablename__ = "case_met"
    __table_args__ = belongs(Retention.SCORES, UniqueConstraint("account_id", "case_id"), case_id="child_case")

    account_id: str = Field(foreign_key="account.id", max_length=40)
    case_id: str = Field(max_length=40)
    met_at: datetime = utc_column()


class Allocation(Row, table=True):
    __tablename__ = "allocation"
    __table_args__ = belongs(
        Retention.SCORES,
        UniqueConstraint("round_plan_id", "account_id", "pass_number"),
        check("ended_somehow", "(state = 'ended') = (ended_as IS NOT NULL)"),
        round_id="round",
        round_plan_id="round_plan",
        agency_id="agency",
    )

    round_id: str = Field(max_length=40, index=True)
    round_plan_id: str = Field(max_length=40, index=True)
    account_id: str = Field(foreign_key="account.id", max_length=40, index=True)
    agency_id: str = Field(max_length=40)
    pass_number: int = 1
    position: int  # in the auditor's own random reading order
    state: AllocationState = enum_column(AllocationState, default=AllocationState.OFFERED)
    ended_as: Ending | None = enum_column(Ending, nullable=True)
    reason: str | None = Field(default=None, max_length=500)
    allocated_at: datetime = utc_column()
    ended_at: datetime | None = utc_column(nullable=True)
    version: int = 1
