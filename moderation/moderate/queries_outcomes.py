"""What became of the lessons of a meeting: for those who were there, beside the minutes, which do not change."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

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
    """The lessons of one meeting in the order they were proposed, without those about hidden plans of the round."""
    chosen = (
        select(Lesson, LessonDecision, Disagreement.round_plan_id)
        .join(Disagreement, col(Disagreement.id) == Lesson.disagreement_id)
        .join(LessonDecision, col(LessonDecision.lesson_id) == Lesson.id, isouter=True)
        .where(Lesson.area_id == area_id, Lesson.meeting_id == meeting_id)
        .order_by(col(Lesson.created_at), col(Lesson.id))
    )
    return tuple(_outcome(row, decision) for row, decision, plan in session.exec(chosen) if plan not in hidden)


def _outcome(row: Lesson, decision: LessonDecision | None) -> LessonOutcome:
    reason, decided_at = (decision.reason, decision.decided_at) if decision else ("", None)
    return LessonOutcome(row.criterion_key, row.text, row.state, reason, decided_at)
