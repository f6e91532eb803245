"""An auditor's own desk: the plans they were given, their sheets, their answers. Nothing here reads anybody else's.

Every query is one of `_mine()`, asked by `_run()`, so that no way leads from here to another auditor's row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam
from sqlmodel import Session, col, select

from moderation.allocate.rules import Ending, RoundState
from moderation.allocate.tables import Allocation, Round, RoundPlan
from moderation.people.tables import Agency
from moderation.register.framework import NonScore
from moderation.register.tables import ChildCase, FrameworkVersion, PlanVersion
from moderation.words import NotFound

from .own_pace import each
from .rules import FIELDS, Answer, Confidence, SheetState
from .tables import Rating, Scoresheet
from .views import MyAnswer, MyPlan, MyProgress, MySheet, PlanFacts

# Rounds that an auditor can see: not before they open, and not once they are only kept.
SHOWN = (RoundState.OPEN, RoundState.CLOSED, RoundState.MODERATING, RoundState.PUBLISHED)
# A plan that was declined, handed back, moved or withdrawn is gone from its auditor's desk.
KEPT = (Ending.SUBMITTED, Ending.LAPSED)
LATEST = 120  # answers that say how fast somebody works


@dataclass(frozen=True)
class OwnRows:
    """One of an auditor's sheets, and the rows behind it for the one who writes them."""

    plan: MyPlan
    row: Scoresheet
    ratings: dict[str, Rating]

    def as_value(self) -> MySheet:
        saved = {key: _answer(rating) for key, rating in self.ratings.items()}
        return MySheet(self.row.id, self.plan, self.row.version, self.row.saved_at, self.row.reopened_reason, saved)


class RaterDesk:
    """What one auditor of one area may read."""

    def __init__(self, session: Session, area_id: str, account_id: str) -> None:
        self._session = session
        self._area_id = area_id
        self._account_id = account_id

    def plans(self) -> tuple[MyPlan, ...]:
        """Every plan of rounds that have opened, by due date and then in this auditor's own random order."""
        ordered = _PLANS.order_by(col(Round.closes_on), col(Allocation.position), col(Allocation.id))
        return tuple(_plan(row) for row in self._run(ordered))

    def plan(self, allocation_id: str) -> MyPlan:
        """One plan of this auditor's list; NotFound for anybody else's."""
        return _plan(self._one(_PLANS.where(col(Allocation.id) == allocation_id)))

    def sheet(self, sheet_id: str) -> MySheet:
        """One of this auditor's sheets, whole; NotFound for anybody else's."""
        return self.rows(sheet_id).as_value()

    def rows(self, sheet_id: str) -> OwnRows:
        """The same with the rows behind it."""
        row = self._one(_SHEETS.where(col(Scoresheet.id) == sheet_id))
        return OwnRows(_plan(row), row.Scoresheet, {rating.criterion_key: rating for rating in self._ratings(sheet_id)})

    def progress(self) -> Mapping[str, MyProgress]:
        """How far each of this auditor's sheets has come that is not submitted, by sheet."""
        far: dict[str, MyProgress] = {}
        for row in self._run(_WORK):
            before = far.get(row.sheet_id, MyProgress())
            answered = before.answered | {row.criterion_key} if row.is_answer else before.answered
            far[row.sheet_id] = MyProgress(answered, row.criterion_key)
        return far

    def pace(self) -> timedelta | None:
        """This auditor's usual time for one question, from their latest answers; None while there are too few."""
        sheets: dict[str, list[datetime]] = {}
        for row in self._run(_TIMES):
            sheets.setdefault(row.sheet_id, []).append(row.saved_at)
        return each(list(sheets.values()))

    def _ratings(self, sheet_id: str) -> list[Rating]:
        return list(self._run(_ANSWERS.where(col(Scoresheet.id) == sheet_id)).scalars())

    def _run(self, statement: Any) -> Any:
        """Ask as this auditor, in this area: a statement of `_mine` says whose it is nowhere else."""
        return self._session.execute(statement, {"area": self._area_id, "me": self._account_id})

    def _one(self, statement: Any) -> Row[Any]:
        found: Row[Any] | None = self._run(statement).first()
        if found is None:
            raise NotFound("Page not found")
        return found


# --- statements: put together once, because that takes longer than asking them ------------------------------------------------


def _mine(*columns: Any) -> Any:
    """An auditor's allocations in rounds that have opened, unless given up, with their own sheet if there is one."""
    area: Any = bindparam("area")
    me: Any = bindparam("me")
    statement = (
        select(*columns)
        .select_from(Allocation)
        .join(Round, col(Round.id) == col(Allocation.round_id))
        .join(RoundPlan, col(RoundPlan.id) == col(Allocation.round_plan_id))
        .join(PlanVersion, col(PlanVersion.id) == col(RoundPlan.plan_version_id))
        .join(ChildCase, col(ChildCase.id) == col(PlanVersion.case_id))
        .join(Agency, col(Agency.id) == col(Allocation.agency_id))
        .outerjoin(Scoresheet, (col(Scoresheet.allocation_id) == col(Allocation.id)) & (col(Scoresheet.account_id) == me))
    )
    return statement.where(
        col(Allocation.area_id) == area,
        col(Allocation.account_id) == me,
        col(Round.state).in_(SHOWN),
        col(Allocation.ended_as).is_(None) | col(Allocation.ended_as).in_(KEPT),
    )


def _planned(*columns: Any) -> Any:
    return _mine(*_PLAN, *columns).join(FrameworkVersion, col(FrameworkVersion.id) == col(Round.framework_version_id))


def _with_ratings(*columns: Any) -> Any:
    return _mine(*columns).join(Rating, (col(Rating.sheet_id) == col(Scoresheet.id)) & (col(Rating.area_id) == bindparam("area")))


_PLAN: tuple[Any, ...] = (
    col(Allocation.id).label("allocation_id"), Allocation.position,
    col(Allocation.state).label("allocation_state"), Allocation.ended_as,
    col(Round.id).label("round_id"), col(Round.name).label("round_name"), col(Round.state).label("round_state"), Round.closes_on,
    Round.framework_version_id, FrameworkVersion.content_sha256,
    col(RoundPlan.id).label("round_plan_id"), col(PlanVersion.id).label("plan_version_id"), Agency.kind,
    ChildCase.reference, PlanVersion.year_group, PlanVersion.primary_need, PlanVersion.setting_type, PlanVersion.plan_event,
    col(Scoresheet.id).label("sheet_id"), col(Scoresheet.state).label("sheet_state"), Scoresheet.submitted_at,
    col(RoundPlan.withdrawn_at).label("plan_withdrawn_at"), col(Scoresheet.withdrawn_at).label("sheet_withdrawn_at"),
)  # fmt: skip
_IS_ANSWER = col(Rating.value).is_not(None) | col(Rating.non_score).is_not(None)
_PLANS, _SHEETS, _ANSWERS = _planned(), _planned(Scoresheet), _with_ratings(Rating)
_WORK = (
    _with_ratings(Rating.sheet_id, Rating.criterion_key, _IS_ANSWER.label("is_answer"))
    .where(col(Scoresheet.state).in_((SheetState.DRAFT, SheetState.LAPSED)))
    .order_by(col(Rating.saved_at), col(Rating.criterion_key).desc())
)
_TIMES = (
    _with_ratings(Rating.sheet_id, Rating.saved_at)
    .where(_IS_ANSWER)
    .order_by(col(Rating.saved_at).desc(), col(Rating.id))
    .limit(LATEST)
)


# --- rows as values ------------------------------------------------------------------------------------------------------------


def _plan(row: Row[Any]) -> MyPlan:
    facts = PlanFacts(row.reference, row.year_group, row.primary_need, row.setting_type, row.plan_event)
    return MyPlan(
        row.allocation_id, row.position, row.allocation_state, row.ended_as, row.round_id, row.round_name, row.round_state,
        row.closes_on, row.framework_version_id, row.content_sha256, row.round_plan_id, row.plan_version_id, row.kind, facts,
        row.sheet_id, row.sheet_state, row.submitted_at, bool(row.plan_withdrawn_at or row.sheet_withdrawn_at),
    )  # fmt: skip


def answer_of(rating: Rating) -> Answer:
    """A rating row as a plain value."""
    said = {name: getattr(rating, name) for name in FIELDS}
    said["value"] = None if rating.value is None else round(rating.value)
    said["non_score"] = None if rating.non_score is None else NonScore(rating.non_score)
    said["confidence"] = None if rating.confidence is None else Confidence(rating.confidence)
    return Answer(**said)


def _answer(rating: Rating) -> MyAnswer:
    return MyAnswer(answer_of(rating), rating.version, rating.saved_at)
