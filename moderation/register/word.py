"""Turns Word files (DOCX) into PDF, in the process that cleans documents.

The package is looked through before anything of it is unpacked in earnest: what it holds, how much that becomes, whether it can run
something. A new package is made of the text, its numbering and its pictures; mammoth reads that, and WeasyPrint sets it on pages
without ever fetching anything. Headings, lists, tables, pictures, page headers and footers stay; comments and embedded files go.
"""

import base64
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from .refusals import Refusal
from .right_to_left import runs_right_to_left
from .word_running import MOST_ROOM, PAGE, PAGES, as_document, room_for, running_parts
from .word_tables import LOOK as TABLE_LOOK
from .word_tables import fit_tables, with_long_words
from .word_text import BOXES, EMPTY, TICKED, prepared

MOST_PARTS = 5_000
MOST_UNPACKED = 200_000_000
MOST_XML = 20_000_000
UNREADABLE = (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ElementTree.ParseError, DefusedXmlException)
MOST_SAID = 100_000  # bytes of what a file says of itself
NAMING = ("title", "subject", "creator", "lastModifiedBy")
MOST_SEEN = 5_000_000  # bytes of text that are read while somebody waits
MOST_LETTERS = 1_500_000  # 300 pages full of text
MOST_CELLS = 20_000  # of tables: twice as many take a minute of the processor and a gigabyte
MOST_PICTURES = 300
MOST_PIXELS = 40_000_000
PICTURE_SIZE = 1600  # pixels along the longer side: more than the page shows
CELL = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}tc"
NAMESPACE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
DAMAGED = "is damaged and cannot be read. Open it in Word and save it again, or save it as PDF"
TEXT_PARTS = ("styles.xml", "numbering.xml", "footnotes.xml", "endnotes.xml", "document.xml")
LEFT_OUT = "Made from a Word file: comments were left out"
IN_THE_TEXT = "A page header or footer of the Word file is long, and stands once, before or after the text"
NO_PICTURE = "[A picture that cannot be shown]"
STYLES = ("br[type='page'] => hr.page", "u => u", "strike => s")
LOOK = """
@page { size: A4 %(turned)s; margin: %(head).1fmm 14mm %(foot).1fmm;
  @top-left { content: element(head-every); width: 100%%; vertical-align: bottom; padding-bottom: 3mm }
  @bottom-left { content: element(foot-every); width: 100%%; vertical-align: top; padding-top: 3mm } }
.head-every { position: running(head-every) } .foot-every { position: running(foot-every) }
.head-first { position: running(head-first) } .foot-first { position: running(foot-first) }
.running { font-size: 9pt; line-height: 1.25 } .running p, .running table { margin: 0 } .running img { max-height: 14mm }
.page::after { content: counter(page) } .pages::after { content: counter(pages) }
body { font: 10.5pt/1.35 "Liberation Sans", Arial, "DejaVu Sans", "Noto Sans", sans-serif }
h1 { font-size: 17pt } h2 { font-size: 14pt } h3 { font-size: 12pt } h4, h5, h6 { font-size: 10.5pt }
h1, h2, h3, h4, h5, h6 { margin: 4mm 0 1.5mm; break-after: avoid } p { margin: 0 0 1.6mm }
ul, ol { margin: 0 0 1.6mm; padding-inline-start: 6mm } img { max-width: 100%%; max-height: 220mm }
table { width: 100%%; border-collapse: collapse; margin: 2mm 0 }
td > p:last-child, th > p:last-child { margin: 0 } hr.page { break-after: page; border: 0; margin: 0 }
"""
FIRST = {
    f"{place}-first": f"@page :first {{ @{side}-left {{ content: element({place}-first) }} }}\n"
    for place, side in (("head", "top"), ("foot", "bottom"))
}
MARGIN = 16.0  # millimetres
BLOCKS = frozenset({"p", "li", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6"})


def is_package(content: bytes) -> bool:
    """Whether this is a ZIP archive, as Word files are."""
    return content[:4] == b"PK\x03\x04"


def to_pdf(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The PDF, and what has to be said about what became of the file."""
    with _package(content) as package:
        return _converted(package)


def look_through(content: bytes) -> None:
    """Refuse what can be refused before it is made into pages: what is no Word file, does not fit, or cannot be read."""
    with _package(content) as package:
        list(_checked(package))
        parts = _present(package)
        if sum(package.getinfo(f"word/{name}").file_size for name in parts) < MOST_SEEN:
            for name in parts:
                _text_part(package, name, MOST_SEEN)


@contextmanager
def _package(content: bytes) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            yield package
    except UNREADABLE as fault:
        raise Refusal(DAMAGED) from fault
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, UnicodeError) as fault:
        raise Refusal("has a form that cannot be read. Save it as PDF in Word, and add that") from fault


def titles_of(content: bytes) -> list[str]:
    """What the file calls itself, and who wrote it; nothing where that cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            said = fromstring(_part(package, "docProps/core.xml", MOST_SAID), forbid_dtd=True)
    except (
        KeyError,
        Refusal,
        zipfile.BadZipFile,
        NotImplementedError,
        EOFError,
        OSError,
        ElementTree.ParseError,
        DefusedXmlException,
    ):
        return []
    return [each.text[:200] for each in said if each.text and each.tag.rpartition("}")[2] in NAMING]


def _converted(package: zipfile.ZipFile) -> tuple[bytes, tuple[str, ...]]:
    remarks = [LEFT_OUT, *_checked(package)]
    pictures = _Pictures()
    parts = {name: _text_part(package, name) for name in _present(package)}
    edges = list(_edges(package, parts, pictures))
    text, turned = prepared(parts)
    html = _html(_repacked(package, text), pictures)
    room = {place: _put_edges(html, place, [one for one in edges if one[0] == place]) for place in ("head", "foot")}
    if sum(map(len, html.itertext())) > MOST_LETTERS:
        raise Refusal("has too much text for 300 pages. Split it")
    remarks += [*pictures.remarks(), *([IN_THE_TEXT] if MARGIN - 1 in room.values() else [])]
    fit_tables(html, turned)
    look = LOOK % {"turned": "landscape" if turned else "portrait", **room} + TABLE_LOOK
    firsts = {f"{place}-{when}" for place, when, _ in edges if when == "first"}
    return _set(html, look + "".join(FIRST[name] for name in sorted(firsts))), tuple(remarks)


Edge = tuple[str, str, ElementTree.Element]  # head or foot, every page or the first, and what stands there


def _edges(package: zipfile.ZipFile, parts: dict[str, ElementTree.Element], pictures: "_Pictures") -> Iterator[Edge]:
    """What stands above and below the text, as far as it says or shows something, each once."""
    there = set(package.namelist())
    for place, running in zip(("head", "foot"), running_parts(parts["document.xml"], _targets(package)), strict=True):
        for when, names in (("every", running.every), ("first", running.first)):
            seen: set[str] = set()
            for name in (name for name in names if f"word/{name}" in there):
                body = _edge(package, name, parts, pictures)
                words = "".join(body.itertext()).strip()
                if (words or body.find(".//img") is not None) and words not in seen:
                    seen.add(words)
                    yield place, when, body


def _edge(package: zipfile.ZipFile, name: str, parts: dict[str, ElementTree.Element], pictures: "_Pictures") -> ElementTree.Element:
    shared = {each: part for each, part in parts.items() if each in ("styles.xml", "numbering.xml")}
    root = _text_part(package, name)
    text, _ = prepared({**shared, "document.xml": as_document(root)})
    return _html(_repacked(package, text, f"word/_rels/{name}.rels"), pictures)


def _targets(package: zipfile.ZipFile) -> dict[str, str]:
    """The parts of the package by the ids that the document uses."""
    name = "word/_rels/document.xml.rels"
    if name not in package.namelist():
        return {}
    root = fromstring(_part(package, name), forbid_dtd=True)
    return {each.get("Id", ""): each.get("Target", "") for each in root if each.get("TargetMode") != "External"}


def _put_edges(html: ElementTree.Element, place: str, edges: Sequence[Edge]) -> float:
    """Put them where the pages take them from, and say how wide the margin is. What is too long stands in the text, once."""
    room = max((room_for(body) for _, _, body in edges), default=0.0)
    wide = sum(room_for(body) for _, when, body in edges if when == "every")
    is_long = max(room, wide) > MOST_ROOM
    for when in ("every", "first"):
        block = ElementTree.Element("div", {} if is_long else {"class": f"running {place}-{when}"})
        block.extend(child for _, each, body in edges if each == when for child in body)
        if len(block):
            html.insert(0 if place == "head" or not is_long else len(html), block)
    return MARGIN - 1 if is_long else MARGIN + max(room, wide)


def _checked(package: zipfile.ZipFile) -> Iterator[str]:
    """Refuse what cannot be a Word document, or would not fit when unpacked; say what is left out."""
    parts = package.infolist()
    names = [part.filename for part in parts]
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Refusal("becomes too large when it is unpacked. Make its pictures smaller, or save it as PDF")
    if "word/document.xml" not in names or "[Content_Types].xml" not in names:
        raise Refusal("is not a Word document, whatever its name. Add PDF or Word (.docx) files")
    if any(part.flag_bits & 1 for part in parts):
        raise Refusal("is protected by a password. Save it without one")
    if any("vbaproject" in name.lower() for name in names) or b"macroEnabled" in _part(package, "[Content_Types].xml"):
        raise Refusal("contains macros. Save it as a Word document without macros (.docx), or as PDF")
    embedded = sum(name.startswith("word/embeddings/") for name in names)
    if embedded:
        yield f"{embedded} embedded file{'s were' if embedded > 1 else ' was'} left out"


def _present(package: zipfile.ZipFile) -> list[str]:
    there = set(package.namelist())
    present = [name for name in TEXT_PARTS if f"word/{name}" in there]
    if sum(package.getinfo(f"word/{name}").file_size for name in present) > MOST_XML:
        raise Refusal("becomes too large when it is unpacked. Split it, or save it as PDF")
    return present


def _text_part(package: zipfile.ZipFile, name: str, limit: int = MOST_XML) -> ElementTree.Element:
    root: ElementTree.Element = fromstring(_part(package, f"word/{name}", limit), forbid_dtd=True)
    if sum(1 for _ in root.iter(CELL)) > MOST_CELLS:
        raise Refusal(f"has more than {MOST_CELLS:,} cells in its tables. Split it, or save it as PDF in Word, and add that")
    return root


def _part(package: zipfile.ZipFile, name: str, limit: int = MOST_XML) -> bytes:
    """One part, counted while it is unpacked: what the directory says of its size may be a lie."""
    with package.open(name) as part:
        content = part.read(limit + 1)
    if len(content) > limit:
        raise Refusal("becomes too large when it is unpacked. Save it as PDF")
    return content


def _repacked(package: zipfile.ZipFile, text: dict[str, bytes], related: str = "") -> io.BytesIO:
    """A package of the text and the pictures, with no way out of it. `related`: where its relationships stand, if elsewhere."""
    new = io.BytesIO()
    with zipfile.ZipFile(new, "w") as repacked:
        repacked.writestr(
            "[Content_Types].xml", ElementTree.tostring(fromstring(_part(package, "[Content_Types].xml"), forbid_dtd=True))
        )
        for name, content in text.items():
            repacked.writestr(f"word/{name}", content)
        left = MOST_UNPACKED
        for name in package.namelist():
            if name == related or (not related and re.fullmatch(r"word/_rels/(document|footnotes|endnotes)\.xml\.rels", name)):
                repacked.writestr("word/_rels/document.xml.rels" if related else name, _inward(_part(package, name)))
            elif name.startswith("word/media/"):
                picture = _part(package, name, left)
                left -= len(picture)
                repacked.writestr(name, picture)
    new.seek(0)
    return new


def _inward(relationships: bytes) -> bytes:
    """Only what points into the package."""
    root = fromstring(relationships, forbid_dtd=True)
    for each in list(root):
        if each.get("TargetMode") == "External":
            each.set("Target", "nowhere")
            each.set("TargetMode", "Internal")
    return ElementTree.tostring(root)


class _Pictures:
    """Makes the pictures small enough, one by one, and counts those that cannot be shown."""

    def __init__(self) -> None:
        self.count = self.lost = 0

    def __call__(self, picture: Any) -> dict[str, str]:
        from PIL import Image

        self.count += 1
        try:
            with picture.open() as file:
                content = file.read()
            if self.count > MOST_PICTURES:
                raise ValueError("more pictures than 300 pages can show")
            return {"src": f"data:image/jpeg;base64,{base64.b64encode(_small(content)).decode()}"}
        except (OSError, ValueError, KeyError, SyntaxError, MemoryError, Image.DecompressionBombError):
            self.lost += 1
            return {"src": "", "alt": NO_PICTURE}

    def remarks(self) -> Iterable[str]:
        if self.lost:
            yield f"{self.lost} picture{'s' if self.lost > 1 else ''} of the Word file could not be shown"


def _small(content: bytes) -> bytes:
    from PIL import Image

    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")) as image:
        if image.width * image.height > MOST_PIXELS:
            raise ValueError("a picture that is too large to look at")
        image.draft("RGB", (PICTURE_SIZE, PICTURE_SIZE))
        seen = image.convert("RGBA")
    seen.thumbnail((PICTURE_SIZE, PICTURE_SIZE))
    page = Image.new("RGB", seen.size, "white")
    page.paste(seen, mask=seen.getchannel("A"))
    small = io.BytesIO()
    page.save(small, "JPEG", quality=85)
    return small.getvalue()


def _html(package: io.BytesIO, pictures: _Pictures) -> ElementTree.Element:
    import mammoth

    options = {"convert_image": mammoth.images.img_element(pictures), "style_map": "\n".join(STYLES), "external_file_access": False}
    written = with_long_words(mammoth.convert_to_html(package, **options).value.translate(BOXES))
    for mark, name in ((PAGE, "page"), (PAGES, "pages")):
        written = written.replace(mark, f'<span class="{name}"></span>')
    body = ElementTree.fromstring(f"<body>{written}</body>")  # noqa: S314 - mammoth wrote it
    for each in body.iter():
        if each.tag == "a":
            each.tag, each.attrib = "span", {}
        if each.tag == "input":  # a box of a form: as a character it is in the text, on its line
            each.tag, each.text, each.attrib = "span", TICKED if "checked" in each.attrib else EMPTY, {}
        if each.tag == "img" and not each.get("src"):
            each.tag, each.text, each.attrib = "span", each.get("alt"), {}
        if each.tag in BLOCKS and runs_right_to_left("".join(each.itertext())):
            each.set("dir", "rtl")
    return body


def _set(body: ElementTree.Element, look: str) -> bytes:
    """Pages, with nothing fetched from anywhere: pictures are in the text already."""
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    inside = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    text = ElementTree.tostring(body, encoding="unicode", method="html")
    page = HTML(string=f'<!doctype html><html lang="en-GB">{text}</html>', url_fetcher=inside)
    content: bytes = page.write_pdf(stylesheets=[CSS(string=look, url_fetcher=inside)])
    return content
