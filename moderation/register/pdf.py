"""Cleans and draws documents, in a process of its own: hostile files then cost that process, not the service.

Run as `python -m moderation.register.pdf look|clean|draw` with a file on standard input; the answer on standard output is a ZIP
archive. `look` refuses a Word file that need not be made into pages for that.
`clean` keeps nothing but the pages as they look (comments, attachments, scripts, links and metadata are gone), of a PDF or Word
file; `draw` makes of each page a picture and its text, and finds the sections.
"""

import io
import json
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from .pdf_limits import check_limits
from .pdf_lines import lines_of
from .pdf_text import SAYS_NOTHING, PageText, readable
from .refusals import Refusal
from .right_to_left import has_right_to_left
from .sections import Line, find_sections
from .word import is_package, look_through, titles_of, to_pdf

MOST_PAGES = 300
MOST_MEMORY = 1_500_000_000
CLEAN_MEMORY = 150_000_000  # and ten times the file: 300 pages of text need 50 MB
CLEAN_SECONDS = 2  # of the processor, and one for each megabyte: 300 pages of text need 0.8
MOST_PIXELS = 150_000_000  # of one picture on a page: A4 at 1,200 dots per inch
WIDTH = 1240  # pixels: sharp beside the criteria and on a phone when zoomed
TALLEST = 3 * WIDTH
PICTURE_LIMIT = 150_000
TEXTS, SECTIONS_FOUND, WORDLESS = "texts.json", "sections.json", "wordless.json"  # what `draw` answers besides the pictures
CLEAN, PAGES, REMARKS, REFUSED, CALLED = "clean.pdf", "pages", "remarks.json", "refused", "called.json"  # what `clean` answers
NAMING = ("Title", "Author", "Subject")
LONGEST_TITLE = 200
QUALITIES = (80, 60, 40, 25)
FEW_LETTERS = 20  # as many may be stamped on a page that is a picture all the same
PAGE_KEYS = frozenset({"/Type", "/Parent", "/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Group"})
HIDDEN_KEYS = ("/Metadata", "/PieceInfo", "/LastModified", "/AA", "/JS", "/A", "/Lang", "/StructParent", "/StructParents")


def clean(content: bytes) -> bytes:
    """The same pages in a new file that holds nothing else."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.errors import PyPdfError
    from pypdfium2 import PdfiumError

    check_limits(content)
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
    except (PyPdfError, PdfiumError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
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

    document = opened(content)
    if document.get_formtype() == pdfium.FORMTYPE_XFA_FULL:
        raise Refusal("is a form that only Adobe’s own program can show. Print it to PDF, and add that")
    document.init_forms()
    for number in range(len(document)):
        page = document[number]
        _check_pictures(page, number + 1)
        pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
        page.close()
    flattened = io.BytesIO()
    document.save(flattened)
    return flattened.getvalue()


def _check_pictures(page: Any, number: int) -> None:
    for wide, high, _ in _pictures(page):
        if wide * high > MOST_PIXELS:
            raise Refusal(f"has a picture on page {number} that is too large to be shown. Scan it again at 300 dots per inch")


def _pictures(page: Any) -> Iterator[tuple[int, int, float]]:
    """The pictures on a page: pixels across and down, and how much of the page they cover."""
    import pypdfium2.raw as pdfium

    whole = max(page.get_width() * page.get_height(), 1.0)
    for each in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = each.get_bounds()
        yield *each.get_px_size(), abs((right - left) * (top - bottom)) / whole


def opened(content: bytes) -> Any:
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
    """A page as a picture (WebP), its text, and its lines; `is_picture_only`: it shows something, and its words are not text."""

    picture: bytes
    text: str
    lines: list[Line]
    is_picture_only: bool


def draw(content: bytes) -> Iterator[DrawnPage]:
    document = opened(content)
    for number in range(len(document)):
        page = document[number]
        text = _text(page)
        yield DrawnPage(_picture(page), text, lines_of(page), _is_picture_only(page, text))
        page.close()


def _is_picture_only(page: Any, text: str) -> bool:
    if not text:
        return next(page.get_objects(max_depth=1), None) is not None
    letters = sum(not letter.isspace() for letter in text)
    return letters < FEW_LETTERS and sum(covered for _, _, covered in _pictures(page)) > 0.5


def _picture(page: Any) -> bytes:
    wide, high = max(page.get_width(), 1.0), max(page.get_height(), 1.0)
    image = page.render(scale=min(WIDTH / wide, TALLEST / high)).to_pil().convert("RGB")
    for quality in QUALITIES:
        picture = _encoded(image, quality)
        if len(picture) <= PICTURE_LIMIT:
            return picture
    while len(picture) > PICTURE_LIMIT:  # a scan full of noise: fewer pixels rather than more blocks
        image = image.resize((max(image.width * 4 // 5, 1), max(image.height * 4 // 5, 1)))
        picture = _encoded(image, QUALITIES[-1])
    return picture


def _encoded(image: Any, quality: int) -> bytes:
    picture = io.BytesIO()
    image.save(picture, "WEBP", quality=quality, method=3)
    return picture.getvalue()


def _text(page: Any) -> str:
    text: str = page.get_textpage().get_text_bounded()
    if has_right_to_left(text):
        text = readable(PageText(page, 1, 1).text)
    lines = (line.rstrip() for line in SAYS_NOTHING.sub("", text).replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return "".join(letter for letter in "\n".join(lines) if letter >= " " or letter in "\n\t").strip()


def _answer(verb: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        try:
            VERBS[verb](archive, content)
        except Refusal as refusal:
            archive.writestr(REFUSED, str(refusal))
        except MemoryError:
            archive.writestr(REFUSED, "needs more memory than a document may take. Print it to a new PDF, and add that")
    return packed.getvalue()


def _pack_clean(archive: zipfile.ZipFile, content: bytes) -> None:
    remarks: tuple[str, ...] = ()
    called = titles_of(content) if is_package(content) else ()
    if is_package(content):
        content, remarks = to_pdf(content)
    cleaned = clean(content)
    archive.writestr(CALLED, json.dumps([*called, *_titles(content)]))
    document = opened(cleaned)
    archive.writestr(PAGES, str(len(document)))
    archive.writestr(
        WORDLESS, json.dumps([number for number, page in enumerate(document, 1) if _is_picture_only(page, _text(page))])
    )
    archive.writestr(REMARKS, json.dumps(remarks))
    archive.writestr(CLEAN, cleaned)


def _titles(content: bytes) -> list[str]:
    """What the file calls itself, and who wrote it."""
    said = opened(content).get_metadata_dict(skip_empty=True)
    return [said[name][:LONGEST_TITLE] for name in NAMING if name in said]


def _pack_pages(archive: zipfile.ZipFile, content: bytes) -> None:
    pages = []
    for number, page in enumerate(draw(content), start=1):
        archive.writestr(f"page-{number}.webp", page.picture)
        pages.append(replace(page, picture=b""))
    archive.writestr(TEXTS, json.dumps([page.text for page in pages]))
    archive.writestr(SECTIONS_FOUND, json.dumps([asdict(found) for found in find_sections([page.lines for page in pages])]))
    archive.writestr(WORDLESS, json.dumps([number for number, page in enumerate(pages, 1) if page.is_picture_only]))


def _pack_look(archive: zipfile.ZipFile, content: bytes) -> None:
    """What can be told at once; the rest shows when the file is made into pages or cleaned."""
    if is_package(content):
        look_through(content)
    else:
        check_limits(content)
        opened(content)
    archive.writestr(PAGES, "")


VERBS = {"clean": _pack_clean, "look": _pack_look, "draw": _pack_pages}


def _limit(verb: str, content: bytes) -> None:
    """Cleaning a PDF is quick and small, so what needs more is refused at once; drawing and setting pages need more room."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    if verb in ("clean", "look") and not is_package(content):
        room, seconds = CLEAN_MEMORY + 10 * len(content), CLEAN_SECONDS + len(content) // 1_000_000
        resource.setrlimit(resource.RLIMIT_DATA, (room, room))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


if __name__ == "__main__":
    document_file = sys.stdin.buffer.read()
    _limit(sys.argv[1], document_file)
    sys.stdout.buffer.write(_answer(sys.argv[1], document_file))
