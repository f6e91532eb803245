"""What became of the lessons of a meeting: for those who were there, beside the minutes, which do not change."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from .lesson_sources import sources_of
from .states import LessonState
from .tables import Disagreement, Lesson, LessonDecision


@dataclass(frozen=True)
class LessonOutcome:
    """A lesson as it was proposed, and what the lead decided: adopted, declined with a reason, or nothing yet."""

    key: str
    text: str
    state: LessonState
    reason: str
    decided_at: datetime | None


def lesson_outcomes(session: Session, area_id: str, meeting_id: str, hidden: Collection[str] = ()) -> tuple[LessonOutcome, ...]:
    """The lessons of one meeting in the order they were proposed, without those that came from hidden plans alone."""
    chosen = (
        select(Lesson, LessonDecision)
        .join(LessonDecision, col(LessonDecision.lesson_id) == Lesson.id, isouter=True)
        .where(Lesson.area_id == area_id, Lesson.meeting_id == meeting_id)
        .order_by(col(Lesson.created_at), col(Lesson.id))
    )
    rows = session.exec(chosen).all()
    plans = _plans(session, area_id, [row for row, _ in rows])
    return tuple(_outcome(row, decision) for row, decision in rows if not plans[row.id] <= set(hidden))


def _plans(session: Session, area_id: str, lessons: Collection[Lesson]) -> dict[str, set[str]]:
    """The plans that each lesson came from."""
    sources = sources_of(session, area_id, lessons)
    every = [key for keys in sources.values() for key in keys]
    chosen = select(Disagreement.id, Disagreement.round_plan_id).where(Disagreement.area_id == area_id)
    plan = dict(session.exec(chosen.where(col(Disagreement.id).in_(every))).all())
    return {key: {plan[one] for one in found} for key, found in sources.items()}


def _outcome(row: Lesson, decision: LessonDecision | None) -> LessonOutcome:
    reason, decided_at = (decision.reason, decision.decided_at) if decision else ("", None)
    return LessonOutcome(row.criterion_key, row.text, row.state, reason, decided_at)
