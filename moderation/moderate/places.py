"""A place on an agenda, as the verbs work on it: one disagreement, or a question about the guidance with all its plans."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from moderation.ledger import Transaction
from moderation.words import Event

from .agenda_rows import Pair, minutes_of, questions_in, standing, state_here, turns_in, usual_minutes
from .question_tables import MeetingQuestion, QuestionItem
from .rows import item_in, refuse_actor
from .states import MeetingState
from .tables import Meeting, MeetingItem


@dataclass(frozen=True)
class Place:
    """What takes one turn in the meeting."""

    meeting: Meeting
    question: MeetingQuestion | None
    pairs: tuple[Pair, ...]

    @property
    def key(self) -> str:
        return self.question.id if self.question else self.pairs[0][0].id

    @property
    def standing(self) -> tuple[Pair, ...]:
        """What is not settled yet."""
        return standing(self.pairs)

    @property
    def words(self) -> str:
        """What the meeting made of it, or of its first plan."""
        return state_here(*self.pairs[0]).words

    @property
    def holder(self) -> MeetingQuestion | MeetingItem:
        """What has the minutes, the draft and the version."""
        return self.question or self.pairs[0][0]

    @property
    def usual_minutes(self) -> int:
        return usual_minutes(self.question, self.pairs, self.meeting.minutes_per_item)

    @property
    def minutes(self) -> int:
        return minutes_of(self.question, self.pairs, self.meeting.minutes_per_item)

    @property
    def plans(self) -> set[str]:
        return {row.round_plan_id for _, row in self.pairs}

    @property
    def plans_standing(self) -> set[str]:
        return {row.round_plan_id for _, row in self.standing}

    def event(self, of_item: Callable[..., Event], of_question: Callable[..., Event], *rest: str) -> Event:
        """The event of the one disagreement, or that of the question."""
        if self.question:
            return of_question(self.question.id, self.meeting.id, *rest)
        return of_item(self.pairs[0][1].id, self.meeting.id, *rest)


def place_in(tx: Transaction, item_id: str, states: Collection[MeetingState], meeting_id: str | None = None) -> Place:
    """The place of an item: its own, or that of the question it belongs to."""
    item, meeting, row = item_in(tx, item_id, states, meeting_id)
    question = questions_in(tx.session, tx.area_id, meeting.id).get(item.id)
    if question is None:
        return Place(meeting, None, ((item, row),))
    return next(place for place in places_of(tx, meeting) if place.key == question.id)


def places_of(tx: Transaction, meeting: Meeting) -> list[Place]:
    """The agenda in order."""
    return [Place(meeting, question, pairs) for question, pairs in turns_in(tx.session, tx.area_id, meeting.id)]


def refuse_actor_of(tx: Transaction, place: Place) -> None:
    refuse_actor(tx, place.meeting, *(row for _, row in place.standing or place.pairs))


def leave_question(tx: Transaction, items: Iterable[MeetingItem]) -> None:
    """The items stand by themselves from now on."""
    mine = [item.id for item in items]
    for link in tx.session.exec(
        select(QuestionItem).where(QuestionItem.area_id == tx.area_id, col(QuestionItem.item_id).in_(mine))
    ):
        tx.session.delete(link)
    tx.session.flush()


def renumber(order: Sequence[Place]) -> None:
    """The plans of a question share its position."""
    for position, place in enumerate(order, start=1):
        for item, _ in place.pairs:
            item.position = position
