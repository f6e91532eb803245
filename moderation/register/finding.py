"""Finds words in the pages of a document: whatever the capitals, the line breaks and the kind of quotation marks. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

AROUND = 60  # letters shown on either side
MOST_HITS = 100
LONGEST = 100
ALIKE = {"'": "['’‘]", "’": "['’‘]", '"': '["“”]', "“": '["“”]', "”": '["“”]', "-": "[-–—‑]", "–": "[-–—‑]"}


@dataclass(frozen=True)
class Part:
    """A piece of a text; `is_found`: it is what was looked for."""

    text: str
    is_found: bool = False


@dataclass(frozen=True)
class Hit:
    """A place in a document, with the words around it."""

    page: int
    before: str
    found: str
    after: str


def find(texts: Sequence[str], wanted: str) -> list[Hit]:
    """Every place of the wanted words, page by page, up to a hundred."""
    pattern = _pattern(wanted)
    if pattern is None:
        return []
    hits = (_hit(page, text, found) for page, text in enumerate(texts, start=1) for found in pattern.finditer(text))
    return [hit for _, hit in zip(range(MOST_HITS), hits, strict=False)]


def parts(text: str, wanted: str) -> list[Part]:
    """A text cut where the wanted words stand."""
    pattern = _pattern(wanted)
    return list(_cut(text, pattern)) if pattern else [Part(text)]


def _cut(text: str, pattern: re.Pattern[str]) -> Iterator[Part]:
    end = 0
    for found in pattern.finditer(text):
        yield Part(text[end : found.start()])
        yield Part(found[0], is_found=True)
        end = found.end()
    yield Part(text[end:])


def _pattern(wanted: str) -> re.Pattern[str] | None:
    words = wanted[:LONGEST].split()
    if not words:
        return None
    return re.compile(
        r"\s+".join("".join(ALIKE.get(letter, re.escape(letter)) for letter in word) for word in words), re.IGNORECASE
    )


def _hit(page: int, text: str, found: re.Match[str]) -> Hit:
    before, after = text[max(0, found.start() - AROUND) : found.start()], text[found.end() : found.end() + AROUND]
    return Hit(page, _flat(before), _flat(found[0]), _flat(after))


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)
