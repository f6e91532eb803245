"""Text made comparable: without accents, ligatures, soft hyphens and doubled spaces, each character knowing where it came from."""

import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

BREAK = "\x1f"  # a hyphen at the end of a line: perhaps the word's own, perhaps the line's
LINE_HYPHENS = "\x02\ufffe\u00ad"  # how PDF text marks a word that goes on in the next line
HYPHENS = "-\u2010\u2011"  # a dash divides no word
INVISIBLE = frozenset(
    "\u0640\u00ad\ufeff\u034f\u061c\u180e"
    + "".join(map(chr, [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206F)]))
)
PLAIN = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u00b4": "'", "\u0060": "'", "\u201b": "'", "\u2032": "'",
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
    "\u0142": "l", "\u0141": "L", "\u00f8": "o", "\u00d8": "O", "\u0111": "d", "\u0110": "D", "\u0131": "i", "\u00df": "ss",
    "\u00e6": "ae", "\u00c6": "Ae", "\u0153": "oe", "\u0152": "Oe", "\u00fe": "th", "\u00f0": "d", "\u0649": "\u064a", "\u0629": "\u0647",
})  # fmt: skip


@dataclass(frozen=True)
class Folded:
    """A text in comparable form. `places[i]` is where character i stands in the original."""

    cased: str
    places: tuple[int, ...]

    @cached_property
    def text(self) -> str:
        """In small letters."""
        lower = self.cased.lower()
        return lower if len(lower) == len(self.cased) else "".join(c.lower() if len(c.lower()) == 1 else c for c in self.cased)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The part of the original that a part of the folded text came from."""
        return self.places[start], self.places[end - 1] + 1


def fold(text: str, last: int = -1) -> Folded:
    """Spaces become one space, line ends one newline, and a word divided at the end of a line is marked with BREAK.

    `last`: the last letter of a page's own text; a word that it divides goes on in the next page, not in the foot below.
    """
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        parts = folded_letter(letter)
        if letter in LINE_HYPHENS and _ends_line(text, place) and place != last:
            parts = BREAK
        elif parts in (" ", "\n"):
            if parts == "\n" and letters and letters[-1] == " ":  # PDF lines end with a blank
                del letters[-1], places[-1]
            parts = _space(letters, parts, text[places[-1]] if places and places[-1] != last else " ")
        for part in parts:
            letters.append(part)
            places.append(place)
    return Folded("".join(letters), tuple(places))


def _space(letters: list[str], space: str, before: str) -> str:
    """What a blank adds: nothing after another. A hyphen before a line's end and the end itself are one BREAK."""
    if space == "\n" and before in HYPHENS and letters[-2:-1] and letters[-2].isalnum():
        letters[-1] = BREAK
    return "" if not letters or letters[-1] in (" ", "\n", BREAK) else space


@lru_cache(maxsize=20_000)
def folded_letter(letter: str) -> str:
    """A character in comparable form: any blank is a space or a newline, and what is not seen is nothing."""
    if letter.isspace():
        return "\n" if letter in "\r\n\x0b\x0c\x85\u2028\u2029" else " "
    return "" if letter in INVISIBLE else plain(letter)


def _ends_line(text: str, place: int) -> bool:
    return text[place + 1 : place + 4].lstrip(" ").startswith(("\r", "\n")) or place + 1 == len(text) or text[place] == "\x02"


def plain(letter: str) -> str:
    """A character without accent or ligature; nothing for one that only marks another."""
    parts = unicodedata.normalize("NFKD", letter.translate(PLAIN))
    return "".join(part for part in parts if unicodedata.category(part) != "Mn").translate(PLAIN)


def folded_words(text: str) -> str:
    """A name or phrase as it is compared: folded, small, without outer blanks."""
    return fold(text).text.replace(BREAK, "-").strip()
