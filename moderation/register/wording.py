"""Wordings of a criterion's guidance: what changes between two of them, and one change carried over into a third. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

SENTENCE = re.compile(r"\s*\S.*?(?:[.!?:][\"”’)]*(?=\s)|(?=\n)|$)", re.DOTALL)  # with the blank or break before it
WORD = re.compile(r"\S+\s*")
ISLAND = 3  # fewer unchanged words than this between two changes are read as one change


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words, and whether they are only on this side."""

    text: str
    is_changed: bool


@dataclass(frozen=True)
class Sides:
    """Two wordings beside each other: what would go is marked on the left, what would be new on the right."""

    before: tuple[Piece, ...]
    after: tuple[Piece, ...]

    @property
    def is_same(self) -> bool:
        return not any(piece.is_changed for piece in (*self.before, *self.after))


def compared(before: str, after: str) -> Sides:
    """The difference of two wordings, word by word."""
    old, new = WORD.findall(before), WORD.findall(after)
    gone, come = [True] * len(old), [True] * len(new)
    blocks = SequenceMatcher(None, _bare(old), _bare(new), autojunk=False).get_matching_blocks()
    for start, place, size in blocks:
        at_an_end = (start, place) == (0, 0) or (start + size, place + size) == (len(old), len(new))
        if size >= ISLAND or at_an_end:
            gone[start : start + size] = [False] * size
            come[place : place + size] = [False] * size
    return Sides(_pieces(old, gone), _pieces(new, come))


def _bare(words: Iterable[str]) -> list[str]:
    return [word.strip() for word in words]


def _pieces(words: Sequence[str], changed: Sequence[bool]) -> tuple[Piece, ...]:
    runs = groupby(zip(words, changed, strict=True), key=lambda pair: pair[1])
    return tuple(Piece("".join(word for word, _ in run), is_changed) for is_changed, run in runs)


@dataclass(frozen=True, slots=True)
class _Edit:
    """Sentences `start` to `end` of a wording become others; where both are the same, something comes in between."""

    start: int
    end: int
    new: tuple[str, ...]

    def clashes(self, other: "_Edit") -> bool:
        if self == other:
            return False
        if self.start == self.end or other.start == other.end:  # an addition beside a change is no clash, one inside it is
            return max(self.start, other.start) < min(self.end, other.end)
        return self.start < other.end and other.start < self.end


def carried_over(before: str, wanted: str, now: str) -> str | None:
    """`now` with the change that leads from `before` to `wanted`; None where `now` differs from `before` in the same sentences.

    >>> carried_over("Look at B. Judge all.", "Look at B. Judge the worst.", "Look at B first. Judge all.")
    'Look at B first. Judge the worst.'
    >>> carried_over("Judge all.", "Judge the worst.", "Judge some.") is None
    True
    """
    sentences = _sentences(before)
    mine, theirs = _edits(sentences, _sentences(wanted)), _edits(sentences, _sentences(now))
    if any(one.clashes(other) for one in mine for other in theirs):
        return None
    for edit in sorted({*mine, *theirs}, key=lambda edit: (edit.start, edit.end, edit in mine), reverse=True):
        sentences[edit.start : edit.end] = edit.new
    return _joined(sentences)


def _sentences(text: str) -> list[str]:
    return SENTENCE.findall(text.strip())


def _edits(before: Sequence[str], after: Sequence[str]) -> list[_Edit]:
    codes = SequenceMatcher(None, _bare(before), _bare(after), autojunk=False).get_opcodes()
    return [_Edit(start, end, tuple(after[place:stop])) for tag, start, end, place, stop in codes if tag != "equal"]


def _joined(sentences: Sequence[str]) -> str:
    """One text again; what was the first sentence of a text has no blank before it."""
    return "".join(each if each[:1].isspace() else f" {each}" for each in sentences).strip()
