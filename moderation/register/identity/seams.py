"""The texts that are searched: each page, and what runs over its end, read together with the beginning of the next one."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .folding import Folded, fold

Pack = Sequence[Sequence[str]]  # the text of each page of each document
NEAR = 80  # characters on each side of a page's end, and up to the next line's
FAR = 400
MARGIN_LINES = 3  # at the head and the foot of a page, among which running lines are looked for


@dataclass(frozen=True)
class Piece:
    """A text that is searched as one, and where its parts stand: (page, where the part begins there, where in this text)."""

    document: int
    parts: tuple[tuple[int, int, int], ...]
    text: Folded
    over: int = 0  # where in the folded text the next page begins; 0 for a whole page

    def places(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Page, start and end of a part of the folded text; two of one that runs over a page's end."""
        first, last = self.text.span(start, end)
        ends = [begins - 1 for _, _, begins in self.parts[1:]] + [last]  # a newline parts them
        for (page, offset, begins), until in zip(self.parts, ends, strict=True):
            a, b = max(first, begins), min(last, until)
            if a < b:
                yield page, offset + a - begins, offset + b - begins

    def is_whole(self, start: int, end: int) -> bool:
        """Of a page's end, only what runs over it: what stands beside may be cut off."""
        return self.over == 0 or start < self.over < end

    def is_new(self, end: int) -> bool:
        """What a page's end does not touch is found on its own page."""
        return end > self.over


def pieces_of(pack: Pack) -> tuple[list[Piece], list[Piece]]:
    """Every page, and the last lines of each with the first of the next, without what is printed at the foot and the head of them all."""
    pages, over = [], []
    for d, document in enumerate(pack):
        running = _running(document)
        bodies = [_body(text, p, running) for p, text in enumerate(document)]
        pages += [
            Piece(d, ((p, 0, 0),), fold(text, body[1] - 1)) for p, (text, body) in enumerate(zip(document, bodies, strict=True))
        ]
        over += list(_seams(d, document, bodies))
    return pages, over


def _seams(d: int, document: Sequence[str], bodies: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    for p in range(len(document) - 1):
        (start, end), (begin, stop) = _tail(document[p], *bodies[p]), _head(document[p + 1], *bodies[p + 1])
        before, after = document[p][start:end], document[p + 1][begin:stop]
        if before and after:
            text = fold(f"{before}\n{after}")
            over = sum(place < len(before) + 1 for place in text.places)
            yield Piece(d, ((p, start, 0), (p + 1, begin, len(before) + 1)), text, over)


def _running(document: Sequence[str]) -> frozenset[str]:
    """Lines at the head or the foot of more than one page, their numbers apart."""
    counts = Counter(
        line for p, text in enumerate(document) for line in {_numberless(line.group(), p) for line in _edge_lines(text)}
    )
    return frozenset(line for line, count in counts.items() if count > 1)


def _edge_lines(text: str) -> list[re.Match[str]]:
    lines = list(re.finditer(r"[^\r\n]*\S[^\r\n]*", text))
    return lines[:MARGIN_LINES] + lines[MARGIN_LINES:][-MARGIN_LINES:]


def _numberless(line: str, page: int) -> str:
    """A line as it is the same on every page; a number alone counts the pages, or it is not one of theirs."""
    words = " ".join(line.split())
    return f"page {int(words) - page}" if words.isdecimal() and len(words) < FAR else re.sub(r"\d+", "0", words)


def _body(text: str, page: int, running: frozenset[str]) -> tuple[int, int]:
    """Where a page's own text begins and ends."""
    lines = _edge_lines(text)
    own = [line for line in lines if _numberless(line.group(), page) not in running]
    if not own:
        return 0, 0
    start = own[0].start() + len(own[0].group()) - len(own[0].group().lstrip())
    return start, own[-1].start() + len(own[-1].group().rstrip())


def _tail(text: str, start: int, end: int) -> tuple[int, int]:
    """The last lines of a page: whole ones, unless they are very long."""
    near = max(start, text.rfind("\n", start, max(start, end - NEAR)) + 1)
    if end - near > FAR:
        near = text.rfind(" ", start, end - NEAR) + 1 or end - NEAR
    return near, end


def _head(text: str, start: int, end: int) -> tuple[int, int]:
    stop = text.find("\n", min(end, start + NEAR), end)
    stop = end if stop < 0 else stop
    if stop - start > FAR:
        stop = text.find(" ", start + NEAR, end)
        stop = start + NEAR if stop < 0 else stop
    return start, stop
