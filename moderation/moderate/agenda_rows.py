"""The rows of an agenda in order: item by item, and turn by turn, where a question takes one turn with all its plans."""

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from .packing import minutes_of_question
from .question_tables import MeetingQuestion, QuestionItem
from .states import DECIDED, DisagreementState
from .tables import AgreedRating, Disagreement, MeetingItem

Pair = tuple[MeetingItem, Disagreement]
TurnRows = tuple[MeetingQuestion | None, tuple[Pair, ...]]
TO_DECIDE = frozenset({DisagreementState.LISTED, DisagreementState.DISCUSSED})


def pairs_in(session: Session, area_id: str, meeting_id: str) -> list[Pair]:
    chosen = (
        select(MeetingItem, Disagreement)
        .join(Disagreement, col(Disagreement.id) == MeetingItem.disagreement_id)
        .where(MeetingItem.area_id == area_id, MeetingItem.meeting_id == meeting_id)
        .order_by(col(MeetingItem.position), col(MeetingItem.id))
    )
    return list(session.exec(chosen))


def questions_in(session: Session, area_id: str, meeting_id: str) -> dict[str, MeetingQuestion]:
    """The question that each item of a meeting belongs to, if it does."""
    chosen = (
        select(QuestionItem.item_id, MeetingQuestion)
        .join(MeetingQuestion, col(MeetingQuestion.id) == QuestionItem.question_id)
        .where(MeetingQuestion.area_id == area_id, MeetingQuestion.meeting_id == meeting_id)
    )
    return dict(session.exec(chosen).all())


def turns_in(session: Session, area_id: str, meeting_id: str) -> list[TurnRows]:
    questions = questions_in(session, area_id, meeting_id)
    found: dict[str, list[Pair]] = {}
    for item, row in pairs_in(session, area_id, meeting_id):
        found.setdefault(questions[item.id].id if item.id in questions else item.id, []).append((item, row))
    return [(questions.get(pairs[0][0].id), tuple(pairs)) for pairs in found.values()]


def counting(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """What was not withdrawn, settled or not: it takes time, and it is named."""
    return tuple(pair for pair in pairs if pair[1].state is not DisagreementState.WITHDRAWN)


def usual_minutes(question: MeetingQuestion | None, pairs: Sequence[Pair], each: int) -> int:
    """How long a place takes where nobody set it; nothing where all of it was withdrawn."""
    left = counting(pairs)
    usual = minutes_of_question(len(left)) if question else each
    return usual if left else 0


def minutes_of(question: MeetingQuestion | None, pairs: Sequence[Pair], each: int) -> int:
    usual = usual_minutes(question, pairs, each)
    return usual and ((question or pairs[0][0]).minutes or usual)


def standing(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """What is not settled yet."""
    return tuple(pair for pair in pairs if state_here(*pair) in TO_DECIDE)


def state_here(item: MeetingItem, row: Disagreement) -> DisagreementState:
    """What a meeting deferred stays deferred in it, whatever another meeting makes of it meanwhile."""
    withdrawn = row.state is DisagreementState.WITHDRAWN
    return DisagreementState.DEFERRED if item.deferred_reason and not withdrawn else row.state


def decided_in(session: Session, area_id: str, meeting_id: str) -> frozenset[str]:
    """The disagreements on which this meeting decided."""
    chosen = select(AgreedRating.disagreement_id).where(AgreedRating.area_id == area_id, AgreedRating.meeting_id == meeting_id)
    return frozenset(key for key in session.exec(chosen) if key)


def outcome_here(item: MeetingItem, row: Disagreement, decided: Collection[str]) -> DisagreementState:
    """What a meeting made of an item, also when it is over: nothing, where another meeting decided it. `decided`: by this one."""
    state = state_here(item, row)
    return DisagreementState.FOUND if state in DECIDED and row.id not in decided else state
