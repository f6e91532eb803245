"""Lessons of a meeting that is over, for what the lead decides about them."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from moderation.ledger import OPERATOR, Via, transaction
from moderation.moderate import actions as moderate
from moderation.moderate.states import MeetingState
from moderation.moderate.tables import Disagreement, Lesson, Meeting
from tests.build import World, act_as
from tests.build_moderation import ClosedRound, RoundBuilt


def some_lessons(
    engine: Engine,
    world: World,
    found: ClosedRound,
    criterion: str,
    texts: Sequence[str],
    state: MeetingState = MeetingState.CONCLUDED,
) -> list[str]:
    """One meeting for each text, each about another plan on which auditors differ on this criterion; returns the lessons' ids."""
    act_as(engine, None, world.area_id, moderate.find_disagreements, found.id)
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        differing = select(Disagreement).where(Disagreement.round_id == found.id, Disagreement.criterion_key == criterion)
        cells = tx.session.exec(differing.order_by(col(Disagreement.id))).all()
        lessons = []
        for place, (text, cell) in enumerate(zip(texts, cells, strict=False), start=1):
            held = Meeting(
                area_id=world.area_id, round_id=found.id, number=place, title=f"Meeting {place}", starts_at=tx.now,
                moderator_id=world.priya.id, state=state,
            )  # fmt: skip
            tx.session.add(held)
            tx.session.flush()
            lessons.append(
                Lesson(
                    area_id=world.area_id, round_id=found.id, meeting_id=held.id, disagreement_id=cell.id, criterion_key=criterion,
                    text=text, created_at=tx.now + timedelta(seconds=place),
                )
            )  # fmt: skip
        tx.session.add_all(lessons)
        tx.record(RoundBuilt(found.id))
    assert len(lessons) == len(texts)
    return [lesson.id for lesson in lessons]


def lesson_row(engine: Engine, lesson_id: str) -> Lesson:
    with Session(engine) as session:
        return session.get_one(Lesson, lesson_id)
