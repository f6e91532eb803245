"""What a sheet's form sends, as fields of an answer, and back again for a page that has to ask twice. Pure."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

from moderation.register.framework import Criterion, NonScore
from moderation.words import InvalidInput, Problem

from .rules import CHOICE, TEXT_NAMES, UNANSWERED, Answer, Confidence
from .sheet import in_words

SURE_WORDS = {Confidence.SURE: "Very sure", Confidence.FAIRLY_SURE: "Fairly sure", Confidence.NOT_SURE: "Not sure"}
TEXTS = tuple(TEXT_NAMES)
LATER = "later"
NUMBER = "number"


def read(criterion: Criterion, form: Mapping[str, str]) -> dict[str, Any]:
    """The fields of an answer that were sent; what was not sent is not changed."""
    fields: dict[str, Any] = {name: _text(form[name]) for name in TEXTS if name in form}
    if form.get("answer") or _has_number(form):
        fields |= _choice(criterion, form)
    if form.get("confidence"):
        fields["confidence"] = _confidence(form["confidence"])
    return fields


def readable(criterion: Criterion, form: Mapping[str, str]) -> dict[str, Any]:
    """What a refused form can show again in its places: its texts, and its choices as far as they can be read."""
    fields: dict[str, Any] = {name: _text(form[name]) for name in TEXTS if name in form}
    if form.get("answer") or _has_number(form):
        fields |= {name: getattr(UNANSWERED, name) for name in CHOICE}
    for names in (("answer", NUMBER), ("confidence",)):
        with suppress(InvalidInput):
            fields |= read(criterion, {name: form[name] for name in names if name in form})
    if fields.get("value") is not None and not criterion.scale.allows(fields["value"]):
        fields["value"] = None
    return fields


def write(fields: Mapping[str, Any]) -> dict[str, str]:
    """Fields of an answer as a form sends them."""
    sent = {name: str(fields[name]) for name in TEXTS if name in fields}
    if fields.get("confidence"):
        sent["confidence"] = fields["confidence"].value
    if any(name in fields for name in CHOICE):
        sent["answer"] = _sent_choice(fields)
    return sent


def describe(criterion: Criterion, fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Fields of an answer in words, for somebody who has to choose between two versions."""
    lines = [(label, fields[name] or "Nothing") for name, label in TEXT_NAMES.items() if name in fields]
    if "confidence" in fields:
        lines.insert(0, ("How sure", sure_words(fields["confidence"])))
    if any(name in fields for name in CHOICE):
        chosen = Answer(**{name: fields[name] for name in CHOICE if name in fields})
        lines.insert(0, ("Answer", in_words(criterion, chosen)))
    return lines


def in_lines(form: Mapping[str, str]) -> list[tuple[str, str]]:
    """What somebody typed and chose, where nothing but the form is known."""
    number = form.get(NUMBER, "").strip()
    chosen = (("Answer", _sent_answer(form.get("answer", ""))), ("Number", number), ("How sure", _sent_confidence(form)))
    typed = ((label, form.get(name, "").strip()) for name, label in TEXT_NAMES.items())
    return [(label, text) for label, text in (*chosen, *typed) if text]


def _sent_answer(sent: str) -> str:
    if sent.lstrip("-").isdigit():
        return f"Level {sent}"
    return {LATER: "Leave for now", NUMBER: ""}.get(sent, sent.replace("_", " ").capitalize())


def _sent_confidence(form: Mapping[str, str]) -> str:
    sent = form.get("confidence", "")
    return SURE_WORDS.get(Confidence(sent), "") if sent in set(Confidence) else sent


def sure_words(confidence: Confidence | None) -> str:
    return SURE_WORDS[confidence] if confidence else "Not said"


def typed_at(form: Mapping[str, str]) -> datetime | None:
    """When the page says that a change was made; nothing where it does not say it in a way we know."""
    try:
        found = datetime.fromisoformat(form.get("typed_at", "")[:40])
    except ValueError:
        return None
    return found if found.tzinfo else None


def _text(typed: str) -> str:
    """Without surrounding blanks and without the control characters that PostgreSQL cannot hold."""
    lines = typed.replace("\r\n", "\n")
    return "".join(letter for letter in lines if letter >= " " or letter in "\n\t").strip()


def _has_number(form: Mapping[str, str]) -> bool:
    return bool(form.get(NUMBER, "").strip())


def _choice(criterion: Criterion, form: Mapping[str, str]) -> dict[str, Any]:
    """A number alone is an answer too: whoever types one need not choose "Give a number" as well."""
    sent = form.get("answer") or NUMBER
    if sent != NUMBER and "go" in form and _has_number(form):  # with a script, typing a number chooses it
        raise InvalidInput([Problem(NUMBER, "Choose “Give a number”, or clear the number")])
    if sent == LATER:
        return {"left_for_now": True}
    if sent in set(NonScore):
        return {"non_score": NonScore(sent)}
    is_number = sent == NUMBER and not criterion.levels
    return {"value": _number(criterion, form.get("number", "")) if is_number else _level(sent)}


def _level(sent: str) -> int:
    if not re.fullmatch(r"-?\d{1,9}", sent):
        raise InvalidInput([Problem("answer", "Choose one of the answers offered for this question")])
    return int(sent)


def _number(criterion: Criterion, typed: str) -> int:
    """A number as the scale stores it: 3.5 with one decimal is 35."""
    scale = criterion.scale
    low, high = scale.number(scale.lowest), scale.number(scale.highest)
    places = f" with at most {scale.decimals} decimal places" if scale.decimals else ""
    wanted = f"Enter a number from {low:g} to {high:g}{places}"
    if not re.fullmatch(r"-?\d{1,9}(\.\d{1,6})?", typed.strip()):
        raise InvalidInput([Problem("number", wanted)])
    stored = Decimal(typed.strip()).scaleb(scale.decimals)
    if stored != stored.to_integral_value() or not scale.allows(int(stored)):
        raise InvalidInput([Problem("number", wanted)])
    return int(stored)


def _confidence(sent: str) -> Confidence:
    if sent not in set(Confidence):
        raise InvalidInput([Problem("confidence", "Choose how sure you are")])
    return Confidence(sent)


def _sent_choice(fields: Mapping[str, Any]) -> str:
    if fields.get("non_score"):
        return str(fields["non_score"].value)
    return LATER if fields.get("left_for_now") else str(fields.get("value"))
