"""Questions about the guidance: one criterion with several plans, as one item of a meeting."""

from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from ..database import Row, belongs, check, json_column
from ..words import Retention


class MeetingQuestion(Row, table=True):
    """One criterion on which auditors differ on several plans, discussed once. Its plans are items of the meeting like any
    other: each keeps its votes and its outcome; time, draft, notes and version are those of the question."""

    __tablename__ = "meeting_question"
    __table_args__ = belongs(
        Retention.SCORES,
        UniqueConstraint("meeting_id", "criterion_key"),
        check("own_minutes", "minutes IS NULL OR minutes BETWEEN 1 AND 120"),
        check("counted", "version >= 1"),
        meeting_id="meeting",
    )

    meeting_id: str = Field(max_length=40, index=True)
    criterion_key: str = Field(max_length=40)
    minutes: int | None = None  # set by hand; none: as long as a question about so many plans takes
    notes: str = Field(default="", max_length=4000)
    draft: dict[str, Any] | None = json_column(nullable=True)  # a decision being written, about all its plans
    version: int = 1


class QuestionItem(Row, table=True):
    """An item of a meeting that belongs to a question. An item without such a row is discussed by itself."""

    __tablename__ = "question_item"
    __table_args__ = belongs(Retention.SCORES, UniqueConstraint("item_id"), question_id="meeting_question", item_id="meeting_item")

    question_id: str = Field(max_length=40, index=True)
    item_id: str = Field(max_length=40)


class LessonSource(Row, table=True):
    """A further disagreement that a lesson came from, beside the one it names: a question is about several plans."""

    __tablename__ = "lesson_source"
    __table_args__ = belongs(
        Retention.STATISTICS, UniqueConstraint("lesson_id", "disagreement_id"), lesson_id="lesson", disagreement_id="disagreement"
    )

    lesson_id: str = Field(max_length=40)
    disagreement_id: str = Field(max_length=40, index=True)
