"""Does the text of a page say what the page shows? If it does not, a search of it finds nothing, and a person must look."""

import ctypes
import re
from collections.abc import Iterator
from typing import Any

from .identity.lexicon import GIVEN_NAMES, ORDINARY
from .pdf_text import PageText

WORD = re.compile(r"[A-Za-z]{3,}")
LEAST_WORDS = 8  # from which they can be judged
LEAST_KNOWN = 0.15  # of the words: pages of plans have more than half, and a page of names and numbers some
LETTER = 0.7  # how wide letters are, in their height
SHORT = 4  # letters


def is_legible(page: Any, there: PageText) -> bool:
    """No text, letters that are none, words that are none, and words that say something else are not."""
    has_words = bool(there.text.strip()) and _are_words(there.text)
    return has_words and not there.has_unread_words() and not any(_says_less(each) for each in _texts(page))


def _are_words(text: str) -> bool:
    words = [word.lower() for word in WORD.findall(text)]
    known = sum(word in ORDINARY or word in GIVEN_NAMES for word in words)
    return len(words) < LEAST_WORDS or known >= LEAST_KNOWN * len(words)


def _texts(page: Any) -> Iterator[Any]:
    import pypdfium2.raw as pdfium

    yield from page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=5)


def _says_less(shown: Any) -> bool:
    """Does a file give fewer letters in place of words (`ActualText`) than half of those that it shows?"""
    import pypdfium2.raw as pdfium

    said = [length for n in range(pdfium.FPDFPageObj_CountMarks(shown.raw)) if (length := _said(shown, n)) is not None]
    if not said:
        return False
    left, bottom, right, top = shown.get_bounds()
    wide, high = sorted((right - left, top - bottom), reverse=True)
    letters = wide / max(high, 1.0) / LETTER
    return bool(letters > SHORT and min(said) < letters / 2)


def _said(shown: Any, number: int) -> int | None:
    """How many letters a mark puts in the place of what is shown."""
    import pypdfium2.raw as pdfium

    mark, size = pdfium.FPDFPageObj_GetMark(shown.raw, number), ctypes.c_ulong()
    is_there = pdfium.FPDFPageObjMark_GetParamStringValue(mark, b"ActualText", None, 0, size)
    return max(0, size.value // 2 - 1) if is_there else None
