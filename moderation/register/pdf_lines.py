"""The lines of a PDF page as they are seen: words that stand together, where, and how large. Cells of a table are lines too."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from .sections import Line

GAP = 0.8  # of the letters' size: wider than between words, narrower than between two cells
BOLD = 600


@dataclass(frozen=True)
class _Word:
    text: str
    left: float
    right: float
    top: float
    size: float
    bold: bool


def lines_of(page: Any) -> list[Line]:
    """The lines of a page in the order of the file, which is the order of reading in all that matters here."""
    textpage = page.get_textpage()
    wide, high = max(page.get_width(), 1.0), max(page.get_height(), 1.0)
    return [
        Line(" ".join(word.text for word in words), words[0].left / wide, 1 - words[0].top / high, words[0].size, words[0].bold)
        for words in _together(_words(textpage))
    ]


def _words(textpage: Any) -> Iterator[_Word]:
    text = textpage.get_text_range(errors="replace")
    start = 0
    for place, letter in enumerate(text + " "):
        if letter.isspace():
            if place > start:
                yield _word(textpage, text[start:place], _index(textpage, start), _index(textpage, place - 1))
            start = place + 1


def _index(textpage: Any, place: int) -> int:
    """The number of a letter on the page: the text leaves some out."""
    import pypdfium2.raw as pdfium

    index: int = pdfium.FPDFText_GetCharIndexFromTextIndex(textpage, place)
    return index


def _word(textpage: Any, text: str, first: int, last: int) -> _Word:
    import pypdfium2.raw as pdfium

    left, _, _, top = _box(textpage, first)
    _, bottom, right, _ = _box(textpage, last)
    bold = pdfium.FPDFText_GetFontWeight(textpage, first) >= BOLD
    return _Word(text, left, right, top, max(top - bottom, 1.0), bold)


def _box(textpage: Any, place: int) -> tuple[float, float, float, float]:
    """Left, bottom, right, top of a letter with the room its font gives it."""
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(textpage, place, ctypes.byref(box))
    return box.left, box.bottom, box.right, box.top


def _together(words: Iterator[_Word]) -> Iterator[list[_Word]]:
    line: list[_Word] = []
    for word in words:
        if line and not _goes_on(line[-1], word):
            yield line
            line = []
        line.append(replace(word, text=word.text.replace("\x02", "-").replace("\ufffe", "-")))
    if line:
        yield line


def _goes_on(before: _Word, word: _Word) -> bool:
    same_height = abs(before.top - word.top) < 0.5 * before.size
    return same_height and -before.size < word.left - before.right < GAP * before.size
