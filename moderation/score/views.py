"""What an auditor sees of their own work, as values: plans, sheets, answers. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from moderation.allocate.rules import AllocationState, Ending, RoundState
from moderation.register.framework import Criterion, Framework
from moderation.words import AgencyKind

from .rules import UNANSWERED, Answer, SheetState


@dataclass(frozen=True)
class PlanFacts:
    """What an auditor may know of a plan before reading it."""

    reference: str
    year_group: int
    primary_need: str
    setting_type: str
    plan_event: str


@dataclass(frozen=True)
class MyPlan:
    """One plan on an auditor's list, and how far their own sheet has come."""

    allocation_id: str
    position: int
    state: AllocationState
    ended_as: Ending | None
    round_id: str
    round_name: str
    round_state: RoundState
    due_on: date
    framework_version_id: str
    framework_digest: str
    round_plan_id: str
    plan_version_id: str
    agency_kind: AgencyKind
    facts: PlanFacts
    sheet_id: str | None
    sheet_state: SheetState | None
    submitted_at: datetime | None
    withdrawn: bool

    @property
    def is_open(self) -> bool:
        return self.round_state is RoundState.OPEN


@dataclass(frozen=True)
class MyAnswer:
    """One answer as it is saved; version 0: nothing is saved yet."""

    answer: Answer = UNANSWERED
    version: int = 0
    saved_at: datetime | None = None


@dataclass(frozen=True)
class MySheet:
    """An auditor's own sheet with every answer in it."""

    id: str
    plan: MyPlan
    version: int
    saved_at: datetime
    reopened_reason: str | None
    saved: Mapping[str, MyAnswer] = field(default_factory=dict)

    @property
    def state(self) -> SheetState:
        assert self.plan.sheet_state is not None
        return self.plan.sheet_state

    @property
    def is_editable(self) -> bool:
        return self.plan.is_open and self.state is SheetState.DRAFT and not self.plan.withdrawn

    @property
    def last_saved_at(self) -> datetime | None:
        """When an answer was saved last; None while there is none."""
        return self.saved_at if self.saved else None

    @property
    def answer_times(self) -> list[datetime]:
        """When each answer was saved."""
        return [mine.saved_at for mine in self.saved.values() if mine.saved_at and mine.answer.is_answered]

    @property
    def answers(self) -> Mapping[str, Answer]:
        return {key: mine.answer for key, mine in self.saved.items()}


@dataclass(frozen=True)
class AskedSheet:
    """A sheet with the framework and the questions that belong to it."""

    sheet: MySheet
    framework: Framework
    criteria: tuple[Criterion, ...]

    def with_typed(self, key: str, typed: Mapping[str, Any]) -> "AskedSheet":
        """The same with texts that were refused, so that they can be mended."""
        before = self.sheet.saved.get(key, MyAnswer())
        saved = {**self.sheet.saved, key: replace(before, answer=replace(before.answer, **typed))}
        return replace(self, sheet=replace(self.sheet, saved=saved))


@dataclass(frozen=True)
class MyProgress:
    """Which questions of a sheet are answered, and the one that was worked on last."""

    answered: frozenset[str] = frozenset()
    last_key: str | None = None
