"""What a meeting decides about a question: a rating for each of its plans, with one reason, one cause and one lesson for all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from moderation.ledger import Transaction
from moderation.register.criteria import Criterion
from moderation.words import InvalidInput, NotFound, Problem, Refused, StaleWrite

from .decisions import Decision, decide, refuse_wrong, taken_back, texts_of
from .events import DecisionReopened
from .lesson_sources import propose
from .places import Place, place_in, refuse_actor_of
from .policy import level_name
from .queries import MISSING
from .queries_votes import votes_of
from .question_events import QuestionDecided
from .question_tables import MeetingQuestion
from .rows import defer, policy_for
from .states import Basis, Cause, MeetingState, reopened
from .tables import AgreedRating, Disagreement, MeetingItem

IN_SESSION = frozenset({MeetingState.IN_SESSION})


@dataclass(frozen=True)
class PlanDecision:
    """What was agreed about one plan of a question."""

    value: float | None
    non_score: str | None
    basis: Basis
    dissent: str = ""
    dissenter: str = ""
    note: str = ""


@dataclass(frozen=True)
class QuestionDecision:
    """What a meeting agreed about a question."""

    plans: Mapping[str, PlanDecision]  # by disagreement
    reason: str
    cause: Cause | None = None
    lesson: str = ""
    notes: str = ""


def decide_question(tx: Transaction, item_id: str, version: int, decision: QuestionDecision) -> int:
    """Record the agreed ratings of all plans of a question that are not settled, from a page that showed this version of it;
    returns how many. Whoever comes second is shown both decisions."""
    place, question = _question(tx, item_id)
    if question.version != version:
        raise StaleWrite(_texts(tx, place, decision), _present_texts(tx, place))
    if not place.standing:
        raise Refused("Every plan of this question is settled already.")
    _refuse_gaps(place, decision)
    rows = [row for _, row in place.standing]
    made = {row.id: _of_plan(row, decision) for row in rows}
    _refuse_wrong(tx, place, made)
    decide(tx, place.meeting.id, made.values())
    if decision.lesson.strip():
        propose(tx, place.meeting, rows, decision.lesson)
    question.version, question.draft, question.notes = question.version + 1, None, decision.notes.strip()
    tx.record(QuestionDecided(question.id, place.meeting.id, len(rows)))
    return len(rows)


def _question(tx: Transaction, item_id: str, meeting_id: str | None = None) -> tuple[Place, MeetingQuestion]:
    place = place_in(tx, item_id, IN_SESSION, meeting_id)
    if place.question is None:
        raise NotFound(MISSING)
    refuse_actor_of(tx, place)
    return place, place.question


def _refuse_gaps(place: Place, decision: QuestionDecision) -> None:
    gaps = [row.id for _, row in place.standing if row.id not in decision.plans]
    if gaps:
        raise InvalidInput([Problem(f"rating-{gap}", "Choose the agreed rating of this plan") for gap in gaps])


def _refuse_wrong(tx: Transaction, place: Place, made: Mapping[str, Decision]) -> None:
    """All that is wrong at once, each beside its plan."""
    criterion, votes = _criterion(tx, place), votes_of(tx.session, tx.area_id, place.meeting.id, made)
    problems: list[Problem] = []
    for key, decision in made.items():
        try:
            refuse_wrong(place.meeting, criterion, decision, votes.get(key, ()))
        except InvalidInput as wrong:
            problems += [Problem(_field(problem.field, key), problem.message) for problem in wrong.problems]
    if problems:
        raise InvalidInput(list(dict.fromkeys(problems)))


def _field(name: str, key: str) -> str:
    return f"{name}-{key}" if name in ("rating", "dissent") else name


def _of_plan(row: Disagreement, decision: QuestionDecision) -> Decision:
    made = decision.plans[row.id]
    return Decision(
        row.round_plan_id, row.criterion_key, made.value, made.non_score, made.basis, decision.reason, decision.cause,
        made.dissent, made.dissenter, notes=made.note,
    )  # fmt: skip


def _texts(tx: Transaction, place: Place, decision: QuestionDecision) -> dict[str, str]:
    criterion = _criterion(tx, place)
    said = [_rating(criterion, made.value, made.non_score) for key, made in decision.plans.items()]
    return {"agreed_ratings": ", ".join(said), "reason": decision.reason}


def _present_texts(tx: Transaction, place: Place) -> dict[str, str]:
    criterion, made = _criterion(tx, place), _agreed(tx, place)
    said = [
        _rating(criterion, made[row.id].value, made[row.id].non_score) if row.id in made else row.state.words
        for _, row in place.pairs
    ]
    return {"agreed_ratings": ", ".join(said), "reason": next((one.reason for one in made.values()), "")}


def _rating(criterion: Criterion, value: float | None, non_score: str | None) -> str:
    return level_name(criterion.scale, value) if non_score is None else non_score.replace("_", " ")


def _criterion(tx: Transaction, place: Place) -> Criterion:
    return policy_for(tx, place.meeting).criteria[place.pairs[0][1].criterion_key]


def _agreed(tx: Transaction, place: Place) -> dict[str, AgreedRating]:
    """By disagreement: what this meeting agreed about the plans."""
    mine = (AgreedRating.area_id == tx.area_id, AgreedRating.meeting_id == place.meeting.id)
    chosen = select(AgreedRating).where(*mine, col(AgreedRating.disagreement_id).in_([row.id for _, row in place.pairs]))
    return {row.disagreement_id or "": row for row in tx.session.exec(chosen)}


def defer_question(tx: Transaction, item_id: str, version: int, reason: str) -> None:
    """Leave a question, with all its plans that are not settled, for another meeting."""
    place, question = _to_defer(tx, item_id, version, reason)
    for item, row in place.standing:
        defer(tx, item, row, reason.strip())
    question.version += 1


def _to_defer(tx: Transaction, item_id: str, version: int, reason: str) -> tuple[Place, MeetingQuestion]:
    place, question = _question(tx, item_id)
    if not reason.strip():
        raise InvalidInput([Problem("deferred_reason", "Enter why it is deferred")])
    if question.version != version:
        raise StaleWrite({"agreed_ratings": "deferred", "reason": reason}, _present_texts(tx, place))
    return place, question


def defer_plan(tx: Transaction, item_id: str, version: int, reason: str) -> None:
    """Leave one plan of a question for another meeting; the question goes on with the others."""
    place, question = _to_defer(tx, item_id, version, reason)
    for item, row in place.standing:
        if item.id == item_id:
            defer(tx, item, row, reason.strip())
    question.version += 1


def reopen_question(tx: Transaction, meeting_id: str, item_id: str, version: int) -> None:
    """Take up the decision about a question again, while the meeting that made it is in session: for all plans it was about. The
    former ratings are kept with each, and the votes stay as they were revealed."""
    place, question = _question(tx, item_id, meeting_id)
    if question.version != version:
        raise StaleWrite({"agreed_ratings": "reopened"}, _present_texts(tx, place))
    made, criterion = _agreed(tx, place), _criterion(tx, place)
    if not made:
        reopened(place.pairs[0][1].state)
    values: dict[str, str] = {"notes": question.notes} if question.notes else {}
    for item, row in place.pairs:
        if row.id in made:
            item.former = [*item.former, texts_of(criterion, made[row.id])]
            values |= _back(tx, item, row, made[row.id])
            tx.record(DecisionReopened(row.id, meeting_id))
    question.draft = {"version": 1, "window": "", "values": values, "at": tx.now.isoformat()}
    question.version += 1


def _back(tx: Transaction, item: MeetingItem, row: Disagreement, made: AgreedRating) -> dict[str, str]:
    """The plan is open again; what was decided is what the form starts from."""
    row.state, row.version = reopened(row.state), row.version + 1
    item.version, item.step_at = item.version + 1, tx.now
    was: dict[str, Any] = taken_back(tx, row.id, made)["values"]
    own = {"rating": was.get("rating"), "dissent": was.get("dissent_text"), "dissenter": was.get("dissenter"), "note": item.notes}
    shared = {name: was[name] for name in ("reason", "cause", "lesson", "basis") if was.get(name)}
    return shared | {f"{name}-{row.id}": value for name, value in own.items() if value}
