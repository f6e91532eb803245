"""What a meeting decides about a question: a rating for each of its plans, with one reason, one cause and one lesson for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import col, select

from moderation.ledger import Transaction
from moderation.register.criteria import Criterion
from moderation.words import InvalidInput, NotFound, Problem, Refused, StaleWrite

from .agenda_rows import Pair, state_here
from .decisions import Decision, WantedAction, decide, is_recorded, refuse_past, refuse_wrong
from .drafts import emptied, own_draft
from .lesson_sources import propose, stands
from .places import Place, place_in, refuse_actor_of
from .policy import level_name
from .queries import MISSING
from .queries_votes import votes_of
from .question_events import QuestionDecided
from .question_tables import MeetingQuestion
from .rows import defer, policy_for
from .states import Basis, Cause, MeetingState
from .tables import AgreedRating, Disagreement

IN_SESSION = frozenset({MeetingState.IN_SESSION})
SETTLED = "This is settled already."


@dataclass(frozen=True)
class PlanDecision:
    """What was agreed about one plan of a question."""

    value: float | None
    non_score: str | None
    basis: Basis
    dissent: str = ""
    dissenter: str = ""
    note: str = ""
    action: WantedAction | None = None


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
    returns how many. Whoever comes second is shown both decisions; the same decision sent twice is recorded once."""
    place, question = question_in(tx, item_id)
    if question.version != version and _is_recorded(tx, place, question, decision):
        return 0
    if question.version != version:
        raise StaleWrite(_texts(tx, place, decision), present_texts_of_question(tx, place))
    if not place.standing:
        raise Refused(SETTLED)
    _refuse_gaps(place, decision)
    rows = [row for _, row in place.standing]
    made = {row.id: _of_plan(row, decision) for row in rows}
    _refuse_wrong(tx, place, made)
    decide(tx, place.meeting.id, made.values())
    new = [row for row in rows if not stands(tx, row.id, decision.lesson)]
    if decision.lesson.strip() and new:
        propose(tx, place.meeting, new, decision.lesson)
    question.version, question.draft, question.notes = question.version + 1, emptied(question.draft), decision.notes.strip()
    tx.record(QuestionDecided(question.id, place.meeting.id, len(rows)))
    return len(rows)


def _is_recorded(tx: Transaction, place: Place, question: MeetingQuestion, decision: QuestionDecision) -> bool:
    """Did the meeting decide exactly this, about exactly these plans?"""
    pairs = [(item, row) for item, row in place.pairs if row.id in decision.plans]
    same = (is_recorded(tx, item, row, replace(_of_plan(row, decision), lesson=decision.lesson)) for item, row in pairs)
    return question.notes == decision.notes.strip() and len(pairs) == len(agreed_about(tx, place)) > 0 and all(same)


def question_in(tx: Transaction, item_id: str, meeting_id: str | None = None) -> tuple[Place, MeetingQuestion]:
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
    criterion, votes = criterion_of(tx, place), votes_of(tx.session, tx.area_id, place.meeting.id, made)
    problems: list[Problem] = []
    for key, decision in made.items():
        try:
            refuse_wrong(place.meeting, criterion, decision, votes.get(key, ()))
            refuse_past(tx, place.meeting, key, decision.action)
        except InvalidInput as wrong:
            problems += [Problem(_field(problem.field, key), problem.message) for problem in wrong.problems]
    if problems:
        raise InvalidInput(list(dict.fromkeys(problems)))


def _field(name: str, key: str) -> str:
    return f"{name}-{key}" if name in ("rating", "dissent", "action_text", "action_due") else name


def _of_plan(row: Disagreement, decision: QuestionDecision) -> Decision:
    made = decision.plans[row.id]
    return Decision(
        row.round_plan_id, row.criterion_key, made.value, made.non_score, made.basis, decision.reason, decision.cause,
        made.dissent, made.dissenter, action=made.action, notes=made.note,
    )  # fmt: skip


def _texts(tx: Transaction, place: Place, decision: QuestionDecision) -> dict[str, str]:
    criterion = criterion_of(tx, place)
    said = [_rating(criterion, made.value, made.non_score) for made in decision.plans.values()]
    return {"agreed_ratings": ", ".join(said), "reason": decision.reason}


def present_texts_of_question(tx: Transaction, place: Place) -> dict[str, str]:
    criterion, made = criterion_of(tx, place), agreed_about(tx, place)
    said = [
        _rating(criterion, made[row.id].value, made[row.id].non_score) if row.id in made else state_here(item, row).words
        for item, row in place.pairs
    ]
    return {"agreed_ratings": ", ".join(said), "reason": next((one.reason for one in made.values()), "")}


def _rating(criterion: Criterion, value: float | None, non_score: str | None) -> str:
    return level_name(criterion.scale, value) if non_score is None else non_score.replace("_", " ")


def criterion_of(tx: Transaction, place: Place) -> Criterion:
    return policy_for(tx, place.meeting).criteria[place.pairs[0][1].criterion_key]


def agreed_about(tx: Transaction, place: Place) -> dict[str, AgreedRating]:
    """By disagreement: what this meeting agreed about the plans."""
    mine = (AgreedRating.area_id == tx.area_id, AgreedRating.meeting_id == place.meeting.id)
    chosen = select(AgreedRating).where(*mine, col(AgreedRating.disagreement_id).in_([row.id for _, row in place.pairs]))
    return {row.disagreement_id or "": row for row in tx.session.exec(chosen)}


def defer_question(tx: Transaction, item_id: str, version: int, reason: str) -> None:
    """Leave a question, with all its plans that are not settled, for another meeting."""
    place, question = _to_defer(tx, item_id, version, reason)
    _defer(tx, question, place.standing, reason)


def _defer(tx: Transaction, question: MeetingQuestion, pairs: Sequence[Pair], reason: str) -> None:
    if not pairs:
        raise Refused(SETTLED)
    for item, row in pairs:
        defer(tx, item, row, reason.strip())
    question.version += 1


def _to_defer(tx: Transaction, item_id: str, version: int, reason: str) -> tuple[Place, MeetingQuestion]:
    place, question = question_in(tx, item_id)
    if not reason.strip():
        raise InvalidInput([Problem("deferred_reason", "Enter why it is deferred")])
    if question.version != version:
        raise StaleWrite({"agreed_ratings": "deferred", "reason": reason}, present_texts_of_question(tx, place))
    return place, question


def defer_plan(tx: Transaction, item_id: str, version: int, reason: str) -> None:
    """Leave one plan of a question for another meeting, with what is written about it; the question goes on with the others."""
    place, question = _to_defer(tx, item_id, version, reason)
    pairs = [pair for pair in place.standing if pair[0].id == item_id]
    _defer(tx, question, pairs, reason)
    for item, row in pairs:
        item.draft = own_draft(tx, question, row)
