"""Which page of a plan lies beside an item, and what on it the auditors cited. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from moderation.register.sections import Line, find_sections

SHORTEST = 12  # letters: a shorter quote would be found anywhere


@dataclass(frozen=True)
class Piece:
    """A stretch of text, and the letters of the auditors who cited it."""

    text: str
    cited_by: tuple[str, ...] = ()


def cited_page(texts: Sequence[str], quotes: Mapping[str, str]) -> int | None:
    """The page, from 1, that most auditors cite; the first of equals; None where nobody cites any."""
    cited = [sum(bool(_place(quote, text)) for quote in quotes.values()) for text in texts]
    return 1 + cited.index(max(cited)) if any(cited) else None


def paragraphs(text: str, quotes: Mapping[str, str]) -> tuple[tuple[Piece, ...], ...]:
    """The page for any screen, with what was cited told apart."""
    joined = re.sub(r"[ \t]*\r?\n[ \t]*(?=[a-z(,;])", " ", text)
    return tuple(tuple(_pieces(line, quotes)) for line in map(str.strip, joined.splitlines()) if line)


Paragraph = tuple[Piece, ...]
STEP = 0.001  # of a page: lines of a text without places are taken to stand close together


def start_of(found: Sequence[Paragraph], section: str, top: float) -> int:
    """The paragraph from which on a page is about a section: its heading, or what is cited before it."""
    cited = (at for at, one in enumerate(found) if any(piece.cited_by for piece in one))
    return min(heading_of(found, section, top), next(cited, len(found)))


def heading_of(found: Sequence[Paragraph], section: str, top: float) -> int:
    """The paragraph that is the heading of a section. `top`: how far down the page it is, where its words do not tell; a paragraph
    more is shown then."""
    heading = _heading([words_of(one) for one in found], section)
    return max(0, int(top * len(found)) - 1) if heading is None else heading


def words_of(paragraph: Paragraph) -> str:
    return "".join(piece.text for piece in paragraph)


def _heading(lines: Sequence[str], section: str) -> int | None:
    known = find_sections([[Line(text, top=STEP * at) for at, text in enumerate(lines)]])
    return next((round(one.top / STEP) for one in known if one.section == section), None)


def _pieces(line: str, quotes: Mapping[str, str]) -> Iterator[Piece]:
    places = {letter: place for letter, quote in quotes.items() if (place := _place(quote, line))}
    edges = sorted({0, len(line), *(edge for place in places.values() for edge in place)})
    for start, end in pairwise(edges):
        by = tuple(letter for letter, (first, last) in sorted(places.items()) if first <= start and end <= last)
        yield Piece(line[start:end], by)


def _place(quote: str, text: str) -> tuple[int, int] | None:
    """Where a quote stands, whatever its line breaks are; None where it does not."""
    words = quote.split()
    if len("".join(words)) < SHORTEST:
        return None
    found = re.search(r"\s+".join(map(re.escape, words)), text, re.IGNORECASE)
    return found.span() if found else None
