"""A decision while it is being written: kept as it is typed, for whoever writes on, whatever happens to a laptop or a server."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moderation.ledger import Transaction
from moderation.words import NotFound, Refused, StaleWrite

from .agenda_rows import state_here
from .events import DecisionDrafted
from .places import Place, place_in, places_of, refuse_actor_of
from .question_events import QuestionDrafted
from .question_tables import MeetingQuestion
from .states import DECIDED, MeetingState
from .tables import AgreedRating, Disagreement, Meeting, PlanAction
from .typed import fingerprint, said

# the fields of the form of a decision
FIELDS = (
    "rating", "basis", "reason", "cause", "dissent", "dissent_text", "dissenter", "lesson", "action", "action_text",
    "action_owner", "action_due-day", "action_due-month", "action_due-year", "notes",
)  # fmt: skip
LONGEST = 20_000  # of one field: far more than can be recorded, so that whoever has to shorten a text still has it
LONGEST_NOTES, CUT = 4000, " ... (the rest is in the draft of the item)"  # in the minutes
FIELDS_OF_QUESTION = ("basis", "reason", "cause", "lesson", "notes")  # of a question: once


def fields_of_plan(disagreement_id: str) -> dict[str, str]:
    """The same fields where a plan stands in a question: the name in the form of a decision on it alone, and the one there."""
    at = f"-{disagreement_id}"
    due = {f"action_due-{part}": f"action_due{at}-{part}" for part in ("day", "month", "year")}
    same = {name: name + at for name in ("rating", "dissenter", "action", "action_text", "action_owner")}
    return {"dissent_text": f"dissent{at}", "notes": f"note{at}"} | same | due


@dataclass(frozen=True)
class Kept:
    """The version of a draft, and the fields of the form that were sent and are kept nowhere."""

    version: int
    dropped: tuple[str, ...] = ()


def save_draft(tx: Transaction, meeting_id: str, item_id: str, window: str, version: int, typed: Mapping[str, str]) -> Kept:
    """Keep what is in the form. A window that goes on writing replaces its own text; one that never saw what another window
    wrote is shown both, and nothing is lost. What is about a plan that has left its question since goes to the plan's own item."""
    place = written_about(tx, meeting_id, item_id, typed)
    refuse_actor_of(tx, place)
    if not place.standing:
        raise Refused(f"This item is {place.words}, so what you typed is not kept. Copy what you still need.")
    values, kept = values_at(place, typed), _draft(place)
    seen = kept["version"] == version or (window and kept["window"] == window)
    if values != kept["values"] and not seen:
        raise StaleWrite(values, kept["values"])
    kept_at = _put(tx, place, window, values)
    return Kept(kept_at, _dropped(tx, place, window, typed))


def keep_first(tx: Transaction, meeting_id: str, item_id: str, window: str, version: int, typed: Mapping[str, str]) -> None:
    """Before the room goes on: all that is in the form is kept, or the room stays where it is. A form that is as it was shown has
    nothing to keep: the draft may be somebody else's by now."""
    if _is_touched(typed) and save_draft(tx, meeting_id, item_id, window, version, typed).dropped:
        raise StaleWrite({}, {})


def _is_touched(typed: Mapping[str, str]) -> bool:
    """Also where everything was taken out. A form that does not say how it was shown is, if there is something in it."""
    shown = typed.get("draft_seen")
    return fingerprint(typed) != shown if shown else bool(said(typed))


def written_about(tx: Transaction, meeting_id: str, item_id: str, typed: Mapping[str, str]) -> Place:
    """The question that the form was about, where the meeting still has it; else the place of the item."""
    place = place_in(tx, item_id, {MeetingState.IN_SESSION}, meeting_id)
    asked = (one for one in places_of(tx, place.meeting) if one.question and one.question.id == typed.get("question"))
    return next(asked, place)


def _draft(place: Place) -> Mapping[str, Any]:
    return place.holder.draft or {"version": 0, "window": "", "values": {}}


def _put(tx: Transaction, place: Place, window: str, values: Mapping[str, str]) -> int:
    kept = _draft(place)
    if values == kept["values"]:
        return int(kept["version"])
    place.holder.draft = inheriting(as_draft(tx, values, kept["version"] + 1) | {"window": window}, kept.get("inherited", {}))
    tx.record(place.event(DecisionDrafted, QuestionDrafted))
    return int(kept["version"]) + 1


def values_at(place: Place, typed: Mapping[str, str]) -> dict[str, str]:
    """Of what was sent, what the form of this place has; a plan that was of a question has its own part of that."""
    if place.question:
        return _texts(typed, _fields_of_question(place))
    return with_shared(typed, place.pairs[0][1].id)


def with_shared(typed: Mapping[str, str], disagreement_id: str) -> dict[str, str]:
    """What was typed about a question, as the form of one of its plans has it: what is about all of them comes along."""
    shared, own = _texts(typed, FIELDS), values_alone(typed, disagreement_id)
    notes = [values["notes"] for values in (shared, own) if "notes" in values]
    return shared | own | ({"notes": "\n".join(notes)} if notes else {})


def _texts(typed: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    return {name: typed[name][:LONGEST] for name in names if typed.get(name)}


def _fields_of_question(place: Place) -> tuple[str, ...]:
    return (*FIELDS_OF_QUESTION, *(name for _, row in place.standing for name in fields_of_plan(row.id).values()))


def _taken(place: Place) -> set[str]:
    """The names of the fields of which this place keeps what was sent."""
    if place.question:
        return {*_fields_of_question(place)}
    return {*FIELDS, *fields_of_plan(place.pairs[0][1].id).values()}


def _dropped(tx: Transaction, place: Place, window: str, typed: Mapping[str, str]) -> tuple[str, ...]:
    left = {name: text for name, text in said(typed).items() if name not in _taken(place) or len(text) > LONGEST}
    alone = [one for one in places_of(tx, place.meeting) if one.question is None and one.standing and one.key != place.key]
    for own in alone:
        names = {*fields_of_plan(own.pairs[0][1].id).values()} & left.keys()
        if names and _keep_alone(tx, own, window, values_alone(left, own.pairs[0][1].id)):
            left = {name: text for name, text in left.items() if name not in names}
    return tuple(left)


def _keep_alone(tx: Transaction, own: Place, window: str, values: Mapping[str, str]) -> bool:
    """Can it stand in the draft of the plan's own item, without a word there being lost?"""
    kept = _draft(own)
    theirs = kept["window"] != window and not kept["values"].items() <= values.items()
    if theirs or not _may_write(tx, own):
        return False
    _put(tx, own, window, values)
    return True


def _may_write(tx: Transaction, place: Place) -> bool:
    try:
        refuse_actor_of(tx, place)
    except (NotFound, Refused):
        return False
    return True


def own_draft(tx: Transaction, question: MeetingQuestion, row: Disagreement) -> dict[str, Any] | None:
    """Of what is written about a question, what is about one plan: as the draft of a decision on it alone. The count goes on: a
    window that saw the draft of the question has not seen what is written about the plan from now on."""
    draft = question.draft or {}
    values, inherited = (values_alone(draft.get(part, {}), row.id) for part in ("values", "inherited"))
    return inheriting(as_draft(tx, values, draft["version"] + 1), inherited) if values else emptied(question.draft)


def values_alone(typed: Mapping[str, str], disagreement_id: str) -> dict[str, str]:
    """What was typed about one plan of a question, in the fields of the form of a decision on it alone."""
    values = {mine: typed[there] for mine, there in fields_of_plan(disagreement_id).items() if typed.get(there)}
    if values.get("action") == "none":
        del values["action"]
    if "dissent_text" in values:
        values["dissent"] = "named" if "dissenter" in values else "unnamed"
    return values


def as_draft(tx: Transaction, values: Mapping[str, str], version: int = 1) -> dict[str, Any]:
    return {"version": version, "window": "", "values": dict(values), "at": tx.now.isoformat()}


def inheriting(draft: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """With what the meeting found written when it took the item: an earlier one wrote it, and has it in its own minutes."""
    return {**draft, "inherited": dict(values)}


def written_at(draft: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(draft["at"])


def emptied(draft: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """After the decision. The count goes on: a window that saw the draft has not seen what is written when it is reopened."""
    return {"version": draft["version"] + 1, "window": "", "values": {}} if draft else None


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


def note_undecided(tx: Transaction, meeting: Meeting) -> None:
    """What was noted about the items that a meeting leaves undecided goes into its minutes, as the form says. The draft stays as it
    is, for the meeting that goes on with it."""
    for place in places_of(tx, meeting):
        left = [(item, row) for item, row in place.pairs if state_here(item, row) not in DECIDED]
        shared = _written_here(place.holder.draft)
        if place.question and left:
            place.question.notes = _noted(place.question.notes, shared)
        for item, row in left:
            own = _written_here(item.draft) or values_alone(shared, row.id) if place.question else shared
            item.notes = _noted(item.notes, own)


def _written_here(draft: Mapping[str, Any] | None) -> Mapping[str, str]:
    """What was written in this meeting, without what it found there: that is in the minutes of the meeting that wrote it."""
    values, found = (draft or {}).get("values", {}), (draft or {}).get("inherited", {})
    return {name: text.removeprefix(found.get(name, "")).strip() for name, text in values.items() if text != found.get(name)}


def _noted(there: str, draft: Mapping[str, str]) -> str:
    """What was written down before a decision was reopened is in the draft as a rule; if it was changed there, both are kept."""
    more = draft.get("notes", "").strip()
    both = more if there in more else f"{there}\n{more}".strip()
    return both if len(both) <= LONGEST_NOTES else both[: LONGEST_NOTES - len(CUT)] + CUT
