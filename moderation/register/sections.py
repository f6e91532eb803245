"""Finds sections A to K of a plan by their headings, wherever these stand: on a line, in a table, in a column. Pure.

Every line that could be a heading is weighed: how it is written, whether it names its section, whether it stands out. Entries of a
list of contents and sentences that mention a section weigh little. The heaviest line wins, the first of equals.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

SECTIONS = ("A", "B", "C", "D", "E", "F", "G", "H1", "H2", "I", "J", "K")

SECTION_NAMES: Mapping[str, str] = {
    "A": "views, interests and aspirations",
    "B": "special educational needs",
    "C": "health needs",
    "D": "social care needs",
    "E": "outcomes",
    "F": "special educational provision",
    "G": "health provision",
    "H1": "social care provision under the 1970 Act",
    "H2": "other social care provision",
    "I": "placement",
    "J": "personal budget",
    "K": "advice and information",
}

# What the law calls each section, and what plans make of it: enough to know a heading that does not give the letter.
TITLES: Mapping[str, str] = {
    "A": r"views|interests|aspirations|all about me|about me",
    "B": r"special educational needs?|sen\b|educational needs",
    "C": r"health(care| care)? needs",
    "D": r"social care needs",
    "E": r"outcomes",
    "F": r"educational provision|sep\b",
    "G": r"health(care| care)? provision|health provision",
    "H": r"social care provision|social care support",
    "H1": r"social care provision|chronically sick|1970|under 18|csdpa",
    "H2": r"other social care|social care provision|reasonably required",
    "I": r"placement|name and type|school|setting|institution",
    "J": r"personal budget|direct payments?",
    "K": r"advice|information|reports|appendices",
}

# Words that confirm a letter; a heading in a narrow column may be cut after any of them.
WORDS: Mapping[str, str] = {
    "A": r"views|interests|aspirations|about me|history",
    "B": r"special|educational|needs|sen\b",
    "C": r"health",
    "D": r"social|care needs",
    "E": r"outcomes",
    "F": r"special|educational|provision|sep\b",
    "G": r"health",
    "H": r"social|care",
    "H1": r"social|care|chronically|1970|csdpa",
    "H2": r"social|care|other|reasonably",
    "I": r"placement|name|type|school|setting|institution",
    "J": r"personal|budget|direct|payments?",
    "K": r"advice|information|reports|appendices",
}

NAMED = re.compile(r"^\W{0,3}(?:part|section)s?\s+(?P<key>H\s?[12]|[A-K])(?![\w'’])\s*(?P<mark>[:.)\-–—|]*)\s*(?P<rest>.*)$", re.I)
LETTERED = re.compile(r"^\W{0,3}(?P<key>H\s?[12]|[A-K])(?![\w'’])\)?\s*(?P<mark>[:.)\-–—|]*)\s*(?P<rest>.*)$")
NUMBERED = re.compile(r"^\W{0,3}(?P<key>[A-K])\.?[1-9](?![\w'’])\s*(?P<mark>[:.)\-–—|]*)\s*(?P<rest>.*)$")
ALSO = re.compile(r"\b(?:and|&|,|/)\s*(?:section\s+)?(H\s?[12]|[A-K])\b(?=\s*(?:[(:–-]|and|&|,|/|$))")
LEADERS = re.compile(r"(?:\.\s?){3,}|…")
PAGE_NUMBER = re.compile(r"[.\s]\d{1,3}$")
CONTINUED = re.compile(r"\bcont(?:inued|['’]?d)?\b", re.I)
RUNNING_ON = re.compile(
    r"^(?:of|sets?|is|are|in|and|or|to|for|the|this|that|above|below|should|must|will|has|was|were|as|with|which|where|when|may|can|by|does|on|at|"
    r"there|therefore|about|from|also|because|before|after)\b",
)
LEADING_IN = re.compile(
    r"(?:\b(?:in|of|see|under|to|from|and|or|the|with|by|per|for|at|is|are|both|section|sections|part)|,)$", re.I
)
LONGEST = 230  # letters: the law's own title of H2 is long, and a heading with its table row is longer
ALIKE = 5  # headings of as many sections, one after the other, may be a list of contents
MOST_IN_CONTENTS = 60


@dataclass(frozen=True)
class Line:
    """Words that stand together on a page. `left`, `top`: parts of its width and height; `size`: of the letters, in points."""

    text: str
    left: float = 0.1
    top: float = 0.0
    size: float = 11.0
    bold: bool = False


@dataclass(frozen=True)
class Found:
    """Where a section begins: the page, counted from 1, and how far down it (0 to 1)."""

    section: str
    page: int
    top: float


@dataclass(frozen=True)
class _Candidate:
    section: str
    page: int
    line: int  # in reading order, over the whole document
    top: float
    weight: float


def find_sections(pages: Sequence[Sequence[Line]]) -> tuple[Found, ...]:
    """The sections that have a heading, in the order of the law."""
    candidates = _without_contents(list(_candidates(pages)))
    best: dict[str, _Candidate] = {}
    for each in candidates:
        if each.section not in best or each.weight > best[each.section].weight:
            best[each.section] = each
    chosen = {key: one for key, one in best.items() if one.weight >= 1}
    return tuple(Found(key, chosen[key].page, chosen[key].top) for key in SECTIONS if key in chosen)


def _candidates(pages: Sequence[Sequence[Line]]) -> Iterator[_Candidate]:
    usual = median([line.size for page in pages for line in page] or [11.0])
    number = 0
    for page, lines in enumerate(pages, start=1):
        for place, line in enumerate(lines):
            number += 1
            for section, weight in _headings(line, lines[place - 1] if place else None, usual).items():
                yield _Candidate(section, page, number, line.top, weight)


def _headings(line: Line, before: Line | None, usual: float) -> dict[str, float]:
    """The sections that this line could begin, with how much speaks for it."""
    text = " ".join(line.text.split())
    if len(text) > LONGEST or not text:
        return {}
    stands_out = (line.size > 1.12 * usual) + line.bold
    weights = _by_key(text, stands_out) or _by_title(text, stands_out)
    if not stands_out and before is not None and _runs_on(before, line):
        return {}
    less = 3 * bool(LEADERS.search(text)) + 1.5 * bool(PAGE_NUMBER.search(text)) + bool(CONTINUED.search(text))
    return {key: weight + 0.5 * stands_out - less for key, weight in weights.items()}


def _by_key(text: str, stands_out: int) -> dict[str, float]:
    """A heading that gives the letter: "Section B", "B. Special educational needs", "B1 Strengths"."""
    for pattern, named in ((NAMED, 3.0), (LETTERED, 1.5), (NUMBERED, 0.5)):
        match = pattern.match(text)
        if match is not None:
            key, mark, rest = match["key"].upper().replace(" ", ""), match["mark"], match["rest"]
            weight = named + _says(key, mark or " " * (named > 2), rest, stands_out)
            keys = [key, *(more.replace(" ", "") for more in ALSO.findall(text))] if named > 0.5 else [key]
            return {each: weight - 0.25 * place for place, each in enumerate(keys) for each in _halves(each)}
    return {}


def _says(key: str, mark: str, rest: str, stands_out: int) -> float:
    """What the words after the letter add or take away."""
    if not rest:
        return 0.5 if stands_out else -1.0
    if re.match(r"(?:the |any |summary |child['’]s )*\W*(?:" + WORDS[key] + ")", rest, re.I):
        return 2.0
    if RUNNING_ON.match(rest) and not mark.strip():
        return -4.0
    if mark and re.search(rf"\b(?:{WORDS[key]})", rest[:60], re.I):
        return 2.0
    return 0.5 if stands_out else -1.0


def _by_title(text: str, stands_out: int) -> dict[str, float]:
    """A heading that gives the title and no letter; it has to stand out and to say little more."""
    if not stands_out:
        return {}
    for key in ("D", "H2", "H", "C", "G", "F", "B", "A", "J", "E", "I"):
        match = re.match(r"(?:the |summary of |child['’]s |special |\W)*(?:" + TITLES[key] + ")", text, re.I)
        if match is not None and len(text) - match.end() < (80 if key == "A" else 30):
            return dict.fromkeys(_halves(key), 0.5)
    return {}


def _halves(key: str) -> tuple[str, ...]:
    """A section H that is not divided stands for both its halves."""
    return ("H1", "H2") if key == "H" else (key,)


def _runs_on(before: Line, line: Line) -> bool:
    """Whether the line goes on with the sentence of the line before it, in the same column and the same letters."""
    beneath = abs(before.left - line.left) < 0.02 and 0 < line.top - before.top < 0.04
    return beneath and not before.bold and bool(LEADING_IN.search(before.text.rstrip()))


def _without_contents(candidates: list[_Candidate]) -> list[_Candidate]:
    """Entries of a list of contents weigh little: many sections with hardly a line between them, most of which come again."""
    last = {each.section: each.line for each in candidates if each.weight >= 2}
    listed: set[int] = set()
    for start, first in enumerate(candidates):
        run = _run(candidates, start)
        if first.line not in listed and len({each.section for each in run}) >= ALIKE and _come_again(run, last):
            listed.update(each.line for each in run)
    return [replace(each, weight=min(each.weight, 1.0)) if each.line in listed else each for each in candidates]


def _run(candidates: Sequence[_Candidate], start: int) -> list[_Candidate]:
    """This candidate and those after it, as long as hardly a line lies between them."""
    run = [candidates[start]]
    for each in candidates[start + 1 : start + MOST_IN_CONTENTS]:
        if each.line - run[-1].line > 2 or (each.line > run[-1].line and each.section in {one.section for one in run}):
            break
        run.append(each)
    return run


def _come_again(run: Sequence[_Candidate], last: Mapping[str, int]) -> bool:
    """Whether most of these sections have a good heading further on as well."""
    sections = {each.section for each in run}
    again = [section for section in sections if last.get(section, 0) > run[-1].line]
    return len(again) * 2 >= len(sections)
