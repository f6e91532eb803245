"""Every form of a known name: parts, whole, in capitals, divided, spaced out, with or without accents.

A name is matched part by part on the folded text, and parts of the same person that stand together become one finding.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from .folding import BREAK, Folded, folded_words
from .kinds import Hit, Kind
from .lexicon import ORDINARY, PARTICLES, TITLES
from .wordlike import is_no_name, is_word

GAP = re.compile(rf"[\s{BREAK},'_-]{{0,3}}")
EDGE, END = r"(?<![^\W\d_])", r"(?![^\W\d_])"  # the digit of a footnote is no part of a word
SPACED, WIDE = r"(?:[\s.\-_]|\s?\|\s?)", r"[\s.\-_|]{1,3}"
SHORT = 3  # letters up to which a name has no plural: "the Marlows"
LONG = 5  # letters from which a name is looked for with a stray space in it
RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff]")


@dataclass(frozen=True)
class Form:
    """One way in which somebody is written. `weight`: of two people with the same part, the heavier form has it."""

    words: str
    token: str
    weight: int
    capital: bool  # only with a capital, because it is an ordinary word as well, or very short
    weak: bool = False  # by itself it says nobody: an ordinary word, or a month, that is a name where something around it says so


class Forms:
    """All forms that are looked for, as one pattern. What a match means is told by its letters alone."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self._best: dict[str, Form] = {}
        for form in forms:
            letters = _letters_only(form.words)
            known = self._best.get(letters)
            if letters and (known is None or _rank(known) < _rank(form)):
                self._best[letters] = form

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        if not self._best:
            return None
        longest_first = sorted((form.words for form in self._best.values()), key=lambda words: -len(words))
        first = "".join(sorted({re.escape(words.lstrip("'-.")[:1]) for words in longest_first}))
        return re.compile(rf"{EDGE}(?=[{first}])(?:{'|'.join(map(_pattern_of, longest_first))}){END}")

    def find(self, page: Folded) -> Iterator[Hit]:
        """Where anybody is named on a page; parts of one person that stand together are one hit."""
        waiting: Hit | None = None
        parts: set[str] = set()
        for hit in self.each(page):
            part = _letters_only(page.text[hit.start : hit.end])
            goes_on = waiting and waiting.token == hit.token and part not in parts
            if waiting and goes_on and GAP.fullmatch(page.text, waiting.end, hit.start):
                waiting = Hit(waiting.start, hit.end, Kind.NAME, hit.token)  # two parts together are no word any more
                parts.add(part)
                continue
            if waiting:
                yield waiting
            waiting, parts = hit, {part, *map(_letters_only, page.text[hit.start : hit.end].split())}
        if waiting:
            yield waiting

    def each(self, page: Folded) -> Iterator[Hit]:
        """The same, each by itself."""
        for match in self._pattern.finditer(page.text) if self._pattern else ():
            form = self._best[_letters_only(match.group())]
            is_small = form.capital and page.cased[match.start()].islower()  # some scripts have no capitals
            if not is_small and not is_no_name(page.cased, *match.span()):
                yield Hit(*match.span(), Kind.NAME, form.token, form.weak)


def _rank(form: Form) -> tuple[bool, int]:
    return not form.weak, form.weight


def _letters_only(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


def _pattern_of(words: str) -> str:
    """The pattern of a name in small letters: its parts may be apart, its letters spaced out or divided by a line's end."""
    parts = [part for part in re.split(r"[\s'.,-]+", words) if part]
    whole = rf"[\s{BREAK}.,'_-]{{0,3}}".join(map(_letters, parts))
    if len(words) < 3:
        return whole
    return f"{whole}|{WIDE.join(SPACED.join(map(re.escape, part)) for part in parts)}"


def _letters(part: str) -> str:
    """A long name may have a stray space in it; any may be divided at the end of a line."""
    between = rf"[{BREAK}\s]?" if len(part) >= LONG else f"{BREAK}?"
    return between.join(map(re.escape, part))


def forms_of(names: Iterable[str], token: str, alone: int = 2, met: bool = False) -> Iterator[Form]:
    """The forms of one person's names. The last part of a full name weighs less: a family shares it.

    `met`: nobody has named them to us, so that a part which is a word as well is theirs only where it is seen to be. So is the
    surname of whom the lead calls "Mr Young".
    """
    for name in names:
        parts = [part for part in re.split(r"[\s,]+", folded_words(name).strip(" .,")) if part and part.strip(".") not in TITLES]
        words = " ".join(parts)
        if len(words) < 2:
            continue
        yield Form(
            words,
            token,
            9,
            capital=len(words) <= 2 or words in ORDINARY,
            weak=(met or folded_words(name) != words) and is_word(words),
        )
        if len(parts[-1]) > SHORT and parts[-1] not in ORDINARY:
            yield Form(f"{parts[-1]}{'es' if parts[-1].endswith('s') else 's'}", token, 1, capital=True)
        if len(parts) > 1:
            yield from (
                Form(part, token, 8, True, met and is_word(part)) for part in [parts[0]] if len(part) > 1 and part in ORDINARY
            )
            yield from _parts(parts, token, alone, met)
        if RIGHT_TO_LEFT.search(words):  # some files hold such text as it looks, from the right
            yield Form(words[::-1], token, 5, capital=False)


def _parts(parts: list[str], token: str, alone: int, met: bool) -> Iterator[Form]:
    for place, part in enumerate(parts):
        pieces = [part, *(piece for piece in part.split("-") if "-" in part)]
        for piece in pieces:
            if len(piece.strip(".")) > 1 and piece not in PARTICLES:
                weight = 7 if place == 0 else alone
                yield Form(piece, token, weight, len(piece) <= 3 or piece in ORDINARY, met and is_word(piece))
