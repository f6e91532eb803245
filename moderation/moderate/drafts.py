"""A decision while it is being written: kept as it is typed, for whoever writes on, whatever happens to a laptop or a server."""

from collections.abc import Mapping
from typing import Any

from moderation.ledger import Transaction
from moderation.words import Refused, StaleWrite

from .events import DecisionDrafted
from .places import Place, place_in, refuse_actor_of
from .question_events import QuestionDrafted
from .states import MeetingState
from .tables import AgreedRating, PlanAction

# the fields of the form of a decision
FIELDS = (
    "rating", "basis", "reason", "cause", "dissent", "dissent_text", "dissenter", "lesson", "action", "action_text",
    "action_owner", "action_due-day", "action_due-month", "action_due-year", "notes",
)  # fmt: skip
LONGEST = 4000
FIELDS_OF_QUESTION = ("basis", "reason", "cause", "lesson", "notes")  # of a question: once


def fields_of_plan(disagreement_id: str) -> dict[str, str]:
    """The same fields where a plan stands in a question: the name in the form of a decision on it alone, and the one there."""
    at = f"-{disagreement_id}"
    due = {f"action_due-{part}": f"action_due{at}-{part}" for part in ("day", "month", "year")}
    same = {name: name + at for name in ("rating", "dissenter", "action", "action_text", "action_owner")}
    return {"dissent_text": f"dissent{at}", "notes": f"note{at}"} | same | due


def save_draft(tx: Transaction, meeting_id: str, item_id: str, window: str, version: int, typed: Mapping[str, str]) -> int:
    """Keep what is in the form; returns the version of the draft. A window that goes on writing replaces its own text; one
    that never saw what another window wrote is shown both, and nothing is lost."""
    place = place_in(tx, item_id, {MeetingState.IN_SESSION}, meeting_id)
    refuse_actor_of(tx, place)
    if not place.standing:
        raise Refused(f"This item is {place.pairs[0][1].state.words}, so what you typed is not kept. Copy what you still need.")
    values = {name: typed[name][:LONGEST] for name in fields_of(place) if typed.get(name)}
    kept = place.holder.draft or {"version": 0, "window": "", "values": {}}
    if values == kept["values"]:
        return int(kept["version"])
    if kept["version"] != version and kept["window"] != window:
        raise StaleWrite(values, kept["values"])
    place.holder.draft = {"version": kept["version"] + 1, "window": window, "values": values, "at": tx.now.isoformat()}
    tx.record(place.event(DecisionDrafted, QuestionDrafted))
    return int(kept["version"]) + 1


def fields_of(place: Place) -> tuple[str, ...]:
    if place.question is None:
        return FIELDS
    of_plans = (name for _, row in place.standing for name in fields_of_plan(row.id).values())
    return (*FIELDS_OF_QUESTION, *of_plans)


def as_draft(tx: Transaction, values: Mapping[str, str], version: int = 1) -> dict[str, Any]:
    return {"version": version, "window": "", "values": dict(values), "at": tx.now.isoformat()}


def draft_of(made: AgreedRating, lessons: list[str], action: PlanAction | None) -> dict[str, str]:
    """The form of a decision that is reopened, as it was sent."""
    said = "named" if made.dissenter else "unnamed" if made.dissent else "none"
    rating = made.non_score if made.value is None else str(int(made.value))
    wanted = {
        "action": action.kind, "action_text": action.text, "action_owner": action.owner, "action_due-day": str(action.due_on.day),
        "action_due-month": str(action.due_on.month), "action_due-year": str(action.due_on.year),
    } if action else {}  # fmt: skip
    values: dict[str, Any] = {
        "rating": rating, "basis": made.basis, "reason": made.reason, "cause": made.cause, "dissent": said,
        "dissent_text": made.dissent, "dissenter": made.dissenter, "lesson": "\n".join(lessons), **wanted,
    }  # fmt: skip
    return {name: str(value) for name, value in values.items() if value}
