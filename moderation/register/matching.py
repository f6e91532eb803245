"""Which plan a file belongs to, what it is and of which day, as far as its name says. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from .tables import DocumentKind

MOST_WORDS = 40
ADVICE = re.compile(
    r"\b(advice|appendix|appendices|section ?k|report|assessment|ep|salt|slt|ot|physio\w*|psycholog\w*|paediatric\w*"
    r"|medical|health|social care)\b"
)
DATES = re.compile(r"\b(key dates?|chronology|timeline|timescales?)\b")
PLAN = re.compile(r"\b(ehcp?s?|final|plan)\b")
OTHER_PLAN = re.compile(r"\b(care|support|behaviour|provision|draft|transition|pathway) plan\b|\b(review|minutes|letter|draft)\b")
DAYS = (
    (re.compile(r"(?<!\d)(20\d\d)[-_. ]?(0[1-9]|1[0-2])[-_. ]?(0[1-9]|[12]\d|3[01])(?!\d)"), (1, 2, 3)),
    (re.compile(r"(?<!\d)(0?[1-9]|[12]\d|3[01])[-_. ](0?[1-9]|1[0-2])[-_. ](20\d\d)(?!\d)"), (3, 2, 1)),
    (re.compile(r"(?<!\d)(0[1-9]|[12]\d|3[01])[-_. ](0[1-9]|1[0-2])[-_. ](\d\d)(?!\d)"), (3, 2, 1)),
)


@dataclass(frozen=True)
class Guess:
    """What a file name says. No reference or several: somebody has to choose."""

    references: tuple[str, ...]
    kind: DocumentKind
    dated: date | None

    @property
    def reference(self) -> str:
        return self.references[0] if len(self.references) == 1 else ""


def squeezed(text: str) -> str:
    """Letters and digits alone, small: "NF-0012" and "nf 0012" are the same reference."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


def by_squeezed(references: Iterable[str]) -> dict[str, str]:
    """References as they are looked up; of two that are the same when squeezed, neither can be told from a name."""
    found: dict[str, str] = {}
    twice = set()
    for reference in references:
        key = squeezed(reference)
        if key in found:
            twice.add(key)
        found[key] = reference
    return {key: reference for key, reference in found.items() if key and key not in twice}


def guess(name: str, known: Mapping[str, str], today: date) -> Guess:
    """`known`: references by their squeezed form. The folder of a file counts as a part of its name."""
    words = _words(name)
    references = _references(words, known)
    return Guess(references, _kind(" ".join(words), references), _day(name, today))


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", re.sub(r"\.[a-zA-Z]{2,5}$", "", name)).casefold()
    return re.findall(r"[^\W_]+", plain)[:MOST_WORDS]


def _references(words: list[str], known: Mapping[str, str]) -> tuple[str, ...]:
    """References that stand in the name as whole words, the longest first; what stands inside a longer one is not one."""
    taken = [False] * len(words)
    found = []
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            span = slice(start, start + length)
            reference = known.get("".join(words[span]))
            if reference is not None and not any(taken[span]):
                taken[span] = [True] * length
                found.append(reference)
    return tuple(dict.fromkeys(found))


def _kind(text: str, references: tuple[str, ...]) -> DocumentKind:
    if DATES.search(text):
        return DocumentKind.KEY_DATES
    if "final" in text.split() or (PLAN.search(text) and not ADVICE.search(text) and not OTHER_PLAN.search(text)):
        return DocumentKind.FINAL_PLAN
    if ADVICE.search(text):
        return DocumentKind.SECTION_K_ADVICE
    alone = len(references) == 1 and squeezed(text) == squeezed(references[0])
    return DocumentKind.FINAL_PLAN if alone else DocumentKind.OTHER


def _day(name: str, today: date) -> date | None:
    for pattern, (year, month, day) in DAYS:
        for found in pattern.finditer(name):
            try:
                dated = date(int(found[year]) % 100 + 2000, int(found[month]), int(found[day]))
            except ValueError:
                continue
            if dated <= today:
                return dated
    return None
