"""Where a lesson came from: one disagreement, or all the plans of a question that was decided at once."""

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from moderation.ledger import Transaction

from .events import LessonProposed
from .question_tables import LessonSource
from .states import LessonState
from .tables import Disagreement, Lesson, Meeting


def propose(tx: Transaction, meeting: Meeting, rows: Sequence[Disagreement], text: str) -> None:
    """One lesson, whatever the number of plans it came from."""
    first, *others = rows
    lesson = Lesson(
        area_id=tx.area_id, round_id=meeting.round_id, meeting_id=meeting.id, disagreement_id=first.id,
        criterion_key=first.criterion_key, text=text.strip(), created_at=tx.now,
    )  # fmt: skip
    tx.session.add(lesson)
    tx.session.flush()
    tx.session.add_all(LessonSource(area_id=tx.area_id, lesson_id=lesson.id, disagreement_id=row.id) for row in others)
    tx.record(LessonProposed(lesson.id, meeting.id, first.criterion_key))


def lessons_from(session: Session, area_id: str, disagreement_ids: Collection[str]) -> list[tuple[str, Lesson]]:
    """Disagreement and lesson, the oldest lesson first; a lesson from several of them comes up with each."""
    first = select(Lesson.disagreement_id, Lesson).where(
        Lesson.area_id == area_id, col(Lesson.disagreement_id).in_(disagreement_ids)
    )
    further = (
        select(LessonSource.disagreement_id, Lesson)
        .join(Lesson, col(Lesson.id) == LessonSource.lesson_id)
        .where(LessonSource.area_id == area_id, col(LessonSource.disagreement_id).in_(disagreement_ids))
    )
    found = [*session.exec(first), *session.exec(further)]
    return sorted(found, key=lambda pair: (pair[1].created_at, pair[1].id))


def sources_of(session: Session, area_id: str, lessons: Collection[Lesson]) -> dict[str, list[str]]:
    """The disagreements that each lesson came from, by lesson."""
    found = {lesson.id: [lesson.disagreement_id] for lesson in lessons}
    chosen = select(LessonSource.lesson_id, LessonSource.disagreement_id).where(LessonSource.area_id == area_id)
    for lesson_id, disagreement_id in session.exec(chosen.where(col(LessonSource.lesson_id).in_(found))):
        found[lesson_id].append(disagreement_id)
    return found


def proposed_in(tx: Transaction, disagreement_id: str, meeting_id: str | None) -> list[Lesson]:
    """The lessons that a meeting proposed from this disagreement, and on which nobody has decided."""
    pairs = lessons_from(tx.session, tx.area_id, [disagreement_id])
    return [lesson for _, lesson in pairs if lesson.meeting_id == meeting_id and lesson.state is LessonState.PROPOSED]


def stands(tx: Transaction, disagreement_id: str, text: str) -> bool:
    """Does this disagreement teach this lesson already? Declined, it may be proposed once more."""
    pairs = lessons_from(tx.session, tx.area_id, [disagreement_id])
    return any(lesson.text == text.strip() and lesson.state is not LessonState.REJECTED for _, lesson in pairs)


def adopted_from(tx: Transaction, disagreement_id: str, meeting_id: str | None) -> list[str]:
    """The texts of the lessons that a meeting proposed from this disagreement and the lead adopted: those stay as they are."""
    pairs = lessons_from(tx.session, tx.area_id, [disagreement_id])
    return [lesson.text for _, lesson in pairs if lesson.meeting_id == meeting_id and lesson.state is LessonState.ADOPTED]


def take_from(tx: Transaction, disagreement_id: str, meeting_id: str | None, but: str = "") -> list[str]:
    """The texts of the lessons that a meeting proposed from this disagreement, which is a source of theirs no longer; `but`
    one that is proposed again. A lesson without a source goes; one on which the lead has decided stays as it is."""
    mine = [lesson for lesson in proposed_in(tx, disagreement_id, meeting_id) if lesson.text != but]
    for lesson in mine:
        _take(tx, lesson, disagreement_id)
    return [lesson.text for lesson in mine]


def teach_again(tx: Transaction, lesson: Lesson, disagreement_id: str) -> None:
    """A lesson that was taken from a disagreement comes from it again; where other plans teach it still, beside them."""
    there = tx.session.get(Lesson, lesson.id)
    if there is None:
        lesson.disagreement_id = disagreement_id
        tx.session.add(lesson)
    elif disagreement_id not in sources_of(tx.session, tx.area_id, [there])[there.id]:
        tx.session.add(LessonSource(area_id=tx.area_id, lesson_id=there.id, disagreement_id=disagreement_id))


def _take(tx: Transaction, lesson: Lesson, disagreement_id: str) -> None:
    chosen = select(LessonSource).where(LessonSource.area_id == tx.area_id, LessonSource.lesson_id == lesson.id)
    others = list(tx.session.exec(chosen.order_by(col(LessonSource.id))))
    if not others:
        tx.session.delete(lesson)
        return
    link = next((one for one in others if one.disagreement_id == disagreement_id), others[0])
    if lesson.disagreement_id == disagreement_id:
        lesson.disagreement_id = link.disagreement_id
    tx.session.delete(link)
    tx.session.flush()
