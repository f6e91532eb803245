"""What somebody typed about an item, read from what was sent alone: it is theirs whatever has become of the item since. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from moderation.register.criteria import Criterion

from .meeting_rules import ACTION_WORDS
from .policy import level_name
from .states import BASIS_WORDS, CAUSE_WORDS

LABELS = {
    "rating": "Agreed rating", "basis": "How it was decided", "reason": "Reason", "cause": "Cause",
    "dissent": "How dissent is recorded", "dissent_text": "Dissent", "dissenter": "Name of the dissenting member",
    "lesson": "Lesson", "action": "Action on the plan", "action_text": "What has to happen", "action_owner": "Who sees to it",
    "action_due": "By when", "notes": "Notes", "deferred_reason": "Why it is deferred",
}  # fmt: skip
IN_A_QUESTION = {"dissent": "dissent_text", "note": "notes"}  # named otherwise there
CARRIED = frozenset(
    {"csrf_token", "version", "question", "window", "draft_version", "draft_seen", "what", "to", "ballot", "back"}
)  # sent along, typed by nobody
OF_PLAN = re.compile(r"(rating|dissent|dissenter|note|action|action_text|action_owner|action_due)-(.+)")
DATE_PART = re.compile(r"(action_due(?:-.+)?)-(day|month|year)")
UNTOUCHED = re.compile(r"dissent|action|action-.+")  # these choices begin with "None"
DISSENTS = {"unnamed": "Without a name", "named": "With a name"}
CHOSEN: Mapping[str, Mapping[Any, str]] = {
    "basis": BASIS_WORDS, "cause": CAUSE_WORDS, "dissent": DISSENTS, "action": ACTION_WORDS,
}  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """One field: the disagreement it is about (None: the item), what the form of a decision calls it, what is in it, and the
    names under which it was sent."""

    plan: str | None
    name: str
    text: str
    sent_as: tuple[str, ...]

    @property
    def label(self) -> str:
        return LABELS.get(self.name, self.name)


def said(sent: Mapping[str, str]) -> dict[str, str]:
    """The fields in which there is something: not those that were left as they came."""
    untouched = {name for name, text in sent.items() if text == "none" and UNTOUCHED.fullmatch(name)}
    return {name: text for name, text in sent.items() if text.strip() and name not in CARRIED | untouched}


def fingerprint(sent: Mapping[str, str]) -> str:
    """Of what is in a form: the same as when it was shown, if nobody has typed since."""
    plain = sorted((name, "\n".join(text.split("\r\n")).strip()) for name, text in said(sent).items())
    return sha256(json.dumps(plain).encode()).hexdigest()


def typed_in(sent: Mapping[str, str]) -> tuple[Typed, ...]:
    """All that was typed, in the order of the form; the parts of a date together."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, text in said(sent).items():
        date = DATE_PART.fullmatch(name)
        found.setdefault(date[1] if date else name, []).append((name, text))
    return tuple(_typed(name, parts) for name, parts in found.items())


def in_lines(sent: Mapping[str, str]) -> list[tuple[str, str]]:
    """The same where nothing but the form is known: the plans of a question are counted."""
    typed = typed_in(sent)
    plans = list(dict.fromkeys(one.plan for one in typed if one.plan))
    return [(_counted(one, plans), in_words(one, None)) for one in typed]


def _counted(typed: Typed, plans: Sequence[str]) -> str:
    return typed.label if typed.plan is None else f"{typed.label}, plan {1 + plans.index(typed.plan)} of what you entered"


def _typed(name: str, parts: list[tuple[str, str]]) -> Typed:
    of_plan = OF_PLAN.fullmatch(name)
    plan, own = (of_plan[2], IN_A_QUESTION.get(of_plan[1], of_plan[1])) if of_plan else (None, name)
    return Typed(plan, own, " ".join(text.strip() for _, text in parts), tuple(sent for sent, _ in parts))


def in_words(typed: Typed, criterion: Criterion | None) -> str:
    """What was typed; what was chosen, as the form calls it."""
    if typed.name == "rating":
        return _rating(typed.text, criterion)
    return CHOSEN.get(typed.name, {}).get(typed.text, typed.text)


def _rating(text: str, criterion: Criterion | None) -> str:
    if criterion and text.isascii() and text.isdecimal() and len(text) < 4:
        return level_name(criterion.scale, int(text))
    return text.replace("_", " ").capitalize()
