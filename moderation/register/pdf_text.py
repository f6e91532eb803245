"""The text of a PDF page, one character for each of the file's, and where on the drawn page each stands.

PDFium gives lines in the order of reading, but where words run from the right some of them, or their letters, come as they look.
`right_to_left.py` puts them right.
"""

import ctypes
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .right_to_left import Word, has_right_to_left, in_order, turned_back

SPACES = {0: " ", 9: " ", 11: " ", 12: " ", 13: " "}  # a line ends with 13 and 10: one of them is enough, the other keeps the count
HYPHENS = {2: "\u00ad", 0xFFFE: "\u00ad", 0xFFFF: "\ufffd"}
STANDS_FOR = SPACES | HYPHENS
WORD = re.compile(r"\S+")
SAYS_NOTHING = re.compile(
    "[\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]+"
)  # shapes of a font that stand for no letter, such as bullets
UNREAD = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]{3}")  # more than a bullet: words
FINE = 100  # parts of a unit, because PDFium answers in whole numbers


@dataclass(frozen=True)
class Box:
    """A rectangle on a drawn page, in its units, from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def __or__(self, other: "Box") -> "Box":
        return Box(
            min(self.left, other.left), min(self.top, other.top), max(self.right, other.right), max(self.bottom, other.bottom)
        )

    def holds_centre_of(self, other: "Box") -> bool:
        return (
            self.left <= (other.left + other.right) / 2 <= self.right and self.top <= (other.top + other.bottom) / 2 <= self.bottom
        )

    @property
    def high(self) -> float:
        return self.bottom - self.top

    @property
    def wide(self) -> float:
        return self.right - self.left


class PageText:
    """The characters of one page; `wide` and `high` are the units in which boxes are given."""

    def __init__(self, page: Any, wide: int, high: int) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium, self._page, self._size = pdfium, page, (wide, high)
        self._reader = page.get_textpage()
        self._count = max(0, pdfium.FPDFText_CountChars(self._reader.raw))

    @cached_property
    def text(self) -> str:
        return "".join(self._letters[place] for place in self._order)

    @cached_property
    def _letters(self) -> str:
        return "".join(map(_letter, self._codes))

    @cached_property
    def _codes(self) -> list[int]:
        return [self._pdfium.FPDFText_GetUnicode(self._reader.raw, place) for place in range(self._count)]

    def has_unread_words(self) -> bool:
        """Does the file not say which letters some of its shapes are?"""
        return UNREAD.search("".join(chr(min(code, 0x10FFFF)) for code in self._codes)) is not None

    @cached_property
    def _order(self) -> Sequence[int]:
        """The places of PDFium's characters in the order of reading."""
        if not has_right_to_left(self._letters):
            return range(self._count)
        places = turned_back(self._letters, [self._start(place) for place in range(self._count)])
        boxes = ((match.span(), self._box(match.start())) for match in WORD.finditer(self._letters))
        return in_order(self._letters, places, [Word(*span, box.left) for span, box in boxes if box])

    def _start(self, place: int) -> tuple[float, float]:
        """Where a character begins: letters that are one shape begin together."""
        x, y = ctypes.c_double(), ctypes.c_double()
        self._pdfium.FPDFText_GetCharOrigin(self._reader.raw, place, x, y)
        return x.value, y.value

    def box(self, place: int) -> Box | None:
        """Where a character stands, its whole height included; None for one that is not drawn, such as a line's end."""
        return self._box(self._order[place])

    def _room(self, place: int) -> Box | None:
        """The room that its line gives to a character, without what of its shape stands out."""
        loose = self._pdfium.FS_RECTF()
        if self._letters[place].isspace() or not self._pdfium.FPDFText_GetLooseCharBox(self._reader.raw, place, loose):
            return None
        return self._on_page(loose.left, loose.top) | self._on_page(loose.right, loose.bottom)

    def _box(self, place: int) -> Box | None:
        loose = self._pdfium.FS_RECTF()
        if self._letters[place].isspace() or not self._pdfium.FPDFText_GetLooseCharBox(self._reader.raw, place, loose):
            return None
        left, right, bottom, top = loose.left, loose.right, loose.bottom, loose.top
        tight = [ctypes.c_double() for _ in range(4)]
        if self._pdfium.FPDFText_GetCharBox(self._reader.raw, place, *tight):
            left, right = min(left, tight[0].value), max(right, tight[1].value)
            bottom, top = min(bottom, tight[2].value), max(top, tight[3].value)
        return self._on_page(left, top) | self._on_page(right, bottom)

    def boxes(self, start: int, end: int) -> list[Box]:
        """The boxes of a part of the text, one for each line of it."""
        lines: list[Box] = []
        for place in range(start, min(end, self._count)):
            box = self.box(place)
            if box is not None:
                if lines and _same_line(lines[-1], box):
                    lines[-1] |= box
                else:
                    lines.append(box)
        return lines

    def ends(self, start: int, end: int) -> Box | None:
        """The box from the first to the last character of a part: enough to say where it is, not to cover it."""
        end = min(end, self._count)
        first = next((box for place in range(start, end) if (box := self._room(self._order[place]))), None)
        last = next((box for place in range(end - 1, start - 1, -1) if (box := self._room(self._order[place]))), None)
        return first | last if first and last and _same_line(first, last) else first

    def words(self) -> list[tuple[int, int, Box]]:
        """Each word with its place in the text and its box."""
        places = (match.span() for match in WORD.finditer(self.text))
        return [(start, end, box) for start, end in places if (box := self.ends(start, end))]

    @cached_property
    def _matrix(self) -> tuple[float, ...]:
        """From the page's own units to those of the drawn page: turned and cropped pages included."""
        wide, high = self._page.get_width(), self._page.get_height()
        (x, y), (right, down), (across, up) = (self._device(*point) for point in ((0, 0), (wide, 0), (0, high)))
        return (right - x) / wide, (across - x) / high, x, (down - y) / wide, (up - y) / high, y

    def _device(self, x: float, y: float) -> tuple[float, float]:
        across, down = ctypes.c_int(), ctypes.c_int()
        wide, high = self._size
        self._pdfium.FPDF_PageToDevice(self._page.raw, 0, 0, wide * FINE, high * FINE, 0, x, y, across, down)
        return across.value / FINE, down.value / FINE

    def _on_page(self, x: float, y: float) -> Box:
        a, b, c, d, e, f = self._matrix
        across, down = a * x + b * y + c, d * x + e * y + f
        return Box(across, down, across, down)


def readable(text: str) -> str:
    """Text as people read it: no marks of the file, no blanks at line ends, nothing that says nothing."""
    lines = (line.rstrip() for line in SAYS_NOTHING.sub("", text).replace("\u00ad\n", "").replace("\u00ad", "").split("\n"))
    return "\n".join(lines).strip()


def _letter(code: int) -> str:
    """Each code is one character, so that places in the text are places in the file."""
    if code in STANDS_FOR:
        return STANDS_FOR[code]
    if code < 32 and code != 10:
        return " "
    return "\ufffd" if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF else chr(code)


def _same_line(line: Box, box: Box) -> bool:
    """Does a character go on in this line? Text that is turned or jumps begins a new box."""
    middle = (box.top + box.bottom) / 2
    return line.top <= middle <= line.bottom and box.left >= line.left - 2 * max(line.high, 1)
