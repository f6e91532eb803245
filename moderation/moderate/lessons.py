"""What becomes of a lesson: somebody words it for the guidance, the lead decides on it, and may take the decision back.

The words themselves go into the framework, which is an earlier stage; `track.lessons` does both in one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from moderation.ledger import Transaction
from moderation.words import InvalidInput, Problem, StaleWrite

from . import states
from .events import LessonAdopted, LessonDecisionUndone, LessonDeclined, LessonWorded
from .states import LessonState
from .tables import Lesson, LessonDecision


@dataclass(frozen=True)
class Adopted:
    """What was adopted: the ruling, and the guidance if it was changed for it (before, after)."""

    framework_version_id: str
    ruling: str
    guidance: tuple[str, str] | None = None
    reason: str = ""
    is_edited: bool = False


def word_lesson(tx: Transaction, lesson_id: str, version: int, before: str, wording: str) -> None:
    """Suggest how the guidance should read; `before` is how it reads to whoever suggests. No difference takes a suggestion back."""
    lesson = tx.get(Lesson, lesson_id)
    states.refuse_decided(lesson.state)
    wanted = None if wording.strip() == before.strip() else wording.strip()
    if wanted == lesson.wording and (wanted is None or lesson.wording_before == before):
        return
    tx.fresh(lesson, version, mine={"wording": wanted or ""})
    lesson.wording, lesson.wording_before = wanted, None if wanted is None else before
    tx.record(LessonWorded(lesson.id, lesson.criterion_key))


def undecided(tx: Transaction, lesson_id: str, version: int, mine: Mapping[str, str]) -> Lesson:
    """A lesson that waits for a decision, as the page showed it. Whoever comes second is shown what they wrote (`mine`), and what
    was decided or suggested meanwhile."""
    lesson = tx.get(Lesson, lesson_id)
    if lesson.state is not LessonState.PROPOSED or lesson.version != version:
        raise StaleWrite({"lesson": "waiting, as you saw it"} | dict(mine), _standing(tx, lesson))
    return lesson


def _standing(tx: Transaction, lesson: Lesson) -> dict[str, str | None]:
    """What is saved of a lesson by now, in the words of whoever wrote it."""
    if lesson.state is LessonState.PROPOSED:
        return {"lesson": "waiting, changed since", "guidance": lesson.wording, "ruling": lesson.text}
    made = decision_on(tx, lesson.id)
    return {"lesson": lesson.state.words, "guidance": made.guidance, "ruling": made.ruling or None, "reason": made.reason or None}


def mark_adopted(tx: Transaction, lesson: Lesson, adopted: Adopted) -> None:
    _decide(tx, lesson, LessonState.ADOPTED)
    before, after = adopted.guidance or (None, None)
    tx.session.add(LessonDecision(
        area_id=tx.area_id, lesson_id=lesson.id, framework_version_id=adopted.framework_version_id, ruling=adopted.ruling,
        guidance_before=before, guidance=after, reason=adopted.reason, decided_by=tx.actor.account_id, decided_at=tx.now,
    ))  # fmt: skip
    tx.record(LessonAdopted(lesson.id, adopted.framework_version_id, adopted.is_edited))


def decline(tx: Transaction, lesson_id: str, version: int, reason: str) -> None:
    """Leave the guidance as it is, with a reason that the people of the meeting can read."""
    if not reason.strip():
        raise InvalidInput([Problem("reason", "Enter why you decline it")])
    lesson = undecided(tx, lesson_id, version, {"reason": reason.strip()})
    _decide(tx, lesson, LessonState.REJECTED)
    tx.session.add(LessonDecision(
        area_id=tx.area_id, lesson_id=lesson.id, ruling="", reason=reason.strip(), decided_by=tx.actor.account_id, decided_at=tx.now
    ))  # fmt: skip
    tx.record(LessonDeclined(lesson.id, lesson.criterion_key))


def take_back(tx: Transaction, lesson: Lesson) -> None:
    """The lesson waits again."""
    tx.session.delete(decision_on(tx, lesson.id))
    _decide(tx, lesson, LessonState.PROPOSED)
    tx.record(LessonDecisionUndone(lesson.id, lesson.criterion_key))


def decision_on(tx: Transaction, lesson_id: str) -> LessonDecision:
    chosen = select(LessonDecision).where(LessonDecision.area_id == tx.area_id, LessonDecision.lesson_id == lesson_id)
    return tx.session.exec(chosen).one()


def adopted_together(tx: Transaction, lesson: Lesson) -> Sequence[Lesson]:
    """The lessons of this criterion whose change of the guidance was adopted in the same decision, this one included."""
    mine = decision_on(tx, lesson.id)
    if mine.guidance is None:
        return [lesson]
    chosen = (
        select(Lesson)
        .join(LessonDecision, col(LessonDecision.lesson_id) == Lesson.id)
        .where(Lesson.area_id == tx.area_id, Lesson.criterion_key == lesson.criterion_key)
        .where(LessonDecision.decided_at == mine.decided_at, LessonDecision.guidance == mine.guidance)
    )
    return tx.session.exec(chosen.order_by(col(Lesson.created_at), col(Lesson.id))).all()


def _decide(tx: Transaction, lesson: Lesson, to: LessonState) -> None:
    lesson.state = states.move_lesson(lesson.state, to)
    lesson.version += 1
