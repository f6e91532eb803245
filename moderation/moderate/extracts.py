"""Which page of a plan lies beside an item, and what on it the auditors cited. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

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
