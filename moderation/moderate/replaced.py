"""A decision that had no quorum and that a meeting has replaced: kept whole with the item until the meeting is over. Reopened, the
new decision is gone and the former one is there again, as if nobody had decided anew."""

from collections.abc import Mapping, Sequence
from typing import Any

from moderation.database import Row
from moderation.ledger import Transaction

from .lesson_sources import lessons_from, teach_again
from .rows import action_on
from .tables import AgreedRating, Lesson, MeetingItem, PlanAction

WHOLE = "whole"  # beside the words of a former decision, which stay
WHY, EARLIER, FELL = "why", "earlier", "withdrawn"  # why it is a former one; by itself: this meeting reopened it
Former = Mapping[str, Any]


def keep_whole(item: MeetingItem, words: Former, made: AgreedRating, lessons: Sequence[Lesson], action: PlanAction | None) -> None:
    """What is replaced comes first: it is of an earlier meeting."""
    rows = {"made": _dump(made), "lessons": [_dump(one) for one in lessons], "action": action and _dump(action)}
    others = [one for one in in_words(item) if one["decided_at"] != words["decided_at"]]
    item.former = [{**words, WHY: EARLIER, WHOLE: rows}, *others]


def in_words(item: MeetingItem) -> list[dict[str, Any]]:
    """All that anybody is shown of former decisions."""
    return [{name: said for name, said in one.items() if name != WHOLE} for one in item.former]


def whole_of(item: MeetingItem) -> Former | None:
    return next((one[WHOLE] for one in item.former if WHOLE in one), None)


def shared_with(tx: Transaction, disagreement_id: str, whole: Former | None) -> list[str]:
    """The lessons of the former decision that its successor taught as well: the others were taken from the disagreement."""
    kept = {one["id"] for one in whole["lessons"]} if whole else set()
    there = lessons_from(tx.session, tx.area_id, [disagreement_id])
    return [lesson.text for _, lesson in there if lesson.id in kept]


def bring_back(tx: Transaction, disagreement_id: str, whole: Former) -> None:
    """An action that somebody has settled meanwhile stays as it is, and so does a lesson that other plans teach."""
    tx.session.add(AgreedRating.model_validate(whole["made"]))
    for one in whole["lessons"]:
        teach_again(tx, Lesson.model_validate(one), disagreement_id)
    if whole["action"] and action_on(tx, disagreement_id) is None:
        tx.session.add(PlanAction.model_validate(whole["action"]))
    tx.session.flush()


def _dump(row: Row) -> dict[str, Any]:
    return row.model_dump(mode="json")
