"""Lines in which words run from the right, alone or among others: the order in which they are read, from where they stand."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


@dataclass(frozen=True)
class Word:
    """A word of a text, from start to end, and how far from the left it stands."""

    start: int
    end: int
    left: float


def has_right_to_left(text: str) -> bool:
    return RIGHT_TO_LEFT.search(text) is not None


def runs_right_to_left(text: str) -> bool | None:
    """As its first letter that has a direction; None when there is none."""
    directions = (unicodedata.bidirectional(letter) for letter in text)
    return next((each != "L" for each in directions if each in ("L", "R", "AL")), None)


def turned_back(text: str, starts: Sequence[tuple[float, float]]) -> list[int]:
    """The places of a text with the letters of each word that runs from the right in the order of reading.

    Some files have them as they look, from the left. Of letters that are one shape, and so begin at one point, the last is first.
    """
    places: list[int] = []
    for is_word, run in groupby(range(len(text)), key=lambda place: bool(RIGHT_TO_LEFT.match(text[place]))):
        shapes = [list(same) for _, same in groupby(run, key=lambda place: starts[place] if is_word else place)]
        if is_word and starts[shapes[0][0]][0] < starts[shapes[-1][0]][0]:
            shapes.reverse()
        places += [place for shape in shapes for place in (_turned(text, shape) if is_word else shape)]
    return places


def _turned(text: str, shape: list[int]) -> list[int]:
    """A letter and its mark begin at one point as well, and stay."""
    return shape if any(unicodedata.combining(text[place]) for place in shape) else shape[::-1]


def in_order(text: str, places: Sequence[int], words: Sequence[Word]) -> list[int]:
    """The places with words of the other direction in the order in which they are read. `words`: all that are drawn."""
    ordered = list(places)
    for line in _lines(text, words):
        for run in _foreign(text, line):
            ordered[run[0].start : run[-1].end] = _reversed(ordered, run)
    return ordered


def _lines(text: str, words: Sequence[Word]) -> Iterator[list[Word]]:
    numbers = (text.count("\n", 0, word.start) for word in words) if "\n" in text else (0 for _ in words)
    for _, line in groupby(zip(numbers, words, strict=True), key=lambda pair: pair[0]):
        yield [word for _, word in line]


def _foreign(text: str, line: Sequence[Word]) -> Iterator[list[Word]]:
    """Two or more words that run against their line and still stand in its order."""
    is_from_right = line[0].left > line[-1].left
    run: list[Word] = []
    for word in [*line, None]:
        direction = runs_right_to_left(text[word.start : word.end]) if word else is_from_right
        if word and direction is not is_from_right:
            run.append(word)
            continue
        while run and runs_right_to_left(text[run[-1].start : run[-1].end]) is None:
            run.pop()
        while run and runs_right_to_left(text[run[0].start : run[0].end]) is None:
            run.pop(0)
        if len(run) > 1 and (run[0].left > run[-1].left) is is_from_right:
            yield run
        run = []


def _reversed(places: Sequence[int], run: Sequence[Word]) -> list[int]:
    """Words and the gaps between them from the last to the first."""
    parts = [list(places[run[0].start : run[0].end])]
    for before, word in pairwise(run):
        parts += [list(places[before.end : word.start]), list(places[word.start : word.end])]
    return [place for part in reversed(parts) for place in part]
