"""Cleans and draws PDF files, in a process of its own: hostile files then cost that process, not the service.

Run as `python -m moderation.register.pdf clean|draw` with a PDF on standard input; the answer on standard output is a ZIP archive.
`clean` keeps nothing but the pages as they look (comments, attachments, scripts, links and metadata are gone); `draw` makes
a picture and the text of each page.
"""

import io
import json
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from .pdf_lines import lines_of
from .sections import Line, find_sections

MOST_PAGES = 300
MOST_MEMORY = 1_500_000_000
WIDTH = 1240  # pixels: sharp beside the criteria and on a phone when zoomed
TALLEST = 3 * WIDTH
PICTURE_LIMIT = 150_000
TEXTS, SECTIONS_FOUND, WORDLESS = "texts.json", "sections.json", "wordless.json"  # what `draw` answers besides the pictures
QUALITIES = (80, 60, 40, 25)
PAGE_KEYS = frozenset({"/Type", "/Parent", "/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Group"})
HIDDEN_KEYS = ("/Metadata", "/PieceInfo", "/LastModified", "/AA", "/JS", "/A", "/Lang", "/StructParent", "/StructParents")


class Refusal(Exception):
    """This file cannot be used; the message finishes the sentence "The file ..."."""


def clean(content: bytes) -> bytes:
    """The same pages in a new file that holds nothing else."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(_flattened(content)), strict=False)
        writer = PdfWriter()
        for page in reader.pages:
            for key in set(page.keys()) - PAGE_KEYS:
                del page[key]
            writer.add_page(page)
        _strip(writer)
        cleaned = io.BytesIO()
        writer.write(cleaned)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as fault:
        raise Refusal("is damaged and cannot be read. Open it and save it again as PDF") from fault
    return cleaned.getvalue()


def _strip(writer: Any) -> None:
    """Take out of every object what does not show on the page; `metadata = None` leaves out the author and the program."""
    from pypdf.generic import DictionaryObject

    writer.metadata = None
    for each in writer._objects:
        if isinstance(each, DictionaryObject):
            for key in HIDDEN_KEYS:
                each.pop(key, None)


def _flattened(content: bytes) -> bytes:
    """The file with filled-in form fields and visible notes drawn into the pages."""
    import pypdfium2.raw as pdfium

    document = _opened(content)
    document.init_forms()
    for number in range(len(document)):
        page = document[number]
        pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
        page.close()
    flattened = io.BytesIO()
    document.save(flattened)
    return flattened.getvalue()


def _opened(content: bytes) -> Any:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
        pages = len(document)
    except pypdfium2.PdfiumError as fault:
        raise Refusal(_why(str(fault))) from fault
    if pages > MOST_PAGES:
        raise Refusal(f"has {pages:,} pages. The limit is {MOST_PAGES}")
    if pages == 0:
        raise Refusal("has no pages")
    if pypdfium2.raw.FPDF_GetSecurityHandlerRevision(document) != -1:
        raise Refusal("is protected. Save it without a password and without restrictions")
    return document


def _why(fault: str) -> str:
    if "password" in fault.lower() or "security" in fault.lower():
        return "is protected by a password. Save it without one"
    return "is damaged and cannot be read. Open it and save it again as PDF"


@dataclass(frozen=True)
class DrawnPage:
    """A page as a picture (WebP), its text, and its lines; `is_picture_only`: it shows something, and none of it is text."""

    picture: bytes
    text: str
    lines: list[Line]
    is_picture_only: bool


def draw(content: bytes) -> Iterator[DrawnPage]:
    document = _opened(content)
    for number in range(len(document)):
        page = document[number]
        text = _text(page)
        yield DrawnPage(_picture(page), text, lines_of(page), not text and _shows_something(page))
        page.close()


def _shows_something(page: Any) -> bool:
    return next(page.get_objects(max_depth=1), None) is not None


def _picture(page: Any) -> bytes:
    wide, high = max(page.get_width(), 1.0), max(page.get_height(), 1.0)
    image = page.render(scale=min(WIDTH / wide, TALLEST / high)).to_pil().convert("RGB")
    for quality in QUALITIES:
        picture = io.BytesIO()
        image.save(picture, "WEBP", quality=quality, method=3)
        if picture.tell() <= PICTURE_LIMIT:
            break
    return picture.getvalue()


def _text(page: Any) -> str:
    text: str = page.get_textpage().get_text_bounded()
    lines = (line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return "".join(letter for letter in "\n".join(lines) if letter >= " " or letter in "\n\t").strip()


def _answer(verb: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        try:
            if verb == "clean":
                cleaned = clean(content)
                archive.writestr("clean.pdf", cleaned)
                archive.writestr("pages", str(len(_opened(cleaned))))
            else:
                _pack_pages(archive, content)
        except Refusal as refusal:
            archive.writestr("refused", str(refusal))
    return packed.getvalue()


def _pack_pages(archive: zipfile.ZipFile, content: bytes) -> None:
    pages = []
    for number, page in enumerate(draw(content), start=1):
        archive.writestr(f"page-{number}.webp", page.picture)
        pages.append(replace(page, picture=b""))
    archive.writestr(TEXTS, json.dumps([page.text for page in pages]))
    archive.writestr(SECTIONS_FOUND, json.dumps([asdict(found) for found in find_sections([page.lines for page in pages])]))
    archive.writestr(WORDLESS, json.dumps([number for number, page in enumerate(pages, 1) if page.is_picture_only]))


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


if __name__ == "__main__":
    _limit_memory()
    sys.stdout.buffer.write(_answer(sys.argv[1], sys.stdin.buffer.read()))
