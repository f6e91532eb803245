"""Page headers and footers of a Word file: which parts hold them, on which pages they stand, and how much room they need."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement

from .word_text import W

R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PAGE, PAGES = "\ue000", "\ue001"  # stand for the number of a page, and for how many there are, until the pages are set
NUMBERS = {"PAGE": PAGE, "NUMPAGES": PAGES, "SECTIONPAGES": PAGES}
MOST_PARTS = 12
LINE, PICTURE, ROW = 4.0, 15.0, 3.5  # millimetres
LETTERS = 100  # of a line
MOST_ROOM = 45.0  # millimetres: what needs more stands in the text instead
BLOCKS = ("p", "li", "h1", "h2", "h3", "h4", "h5", "h6")


@dataclass
class Running:
    """What stands at the head or the foot of pages. `first`: on the first page instead of that."""

    every: list[str] = field(default_factory=list)
    first: list[str] = field(default_factory=list)


def running_parts(document: Element, targets: Mapping[str, str]) -> tuple[Running, Running]:
    """The parts for head and foot, each once, in order. Only the first section has a first page of its own."""
    head, foot = Running(), Running()
    for number, section in enumerate(document.iter(W + "sectPr")):
        has_first = section.find(W + "titlePg") is not None
        for place, name in ((head, "headerReference"), (foot, "footerReference")):
            for each in section.findall(W + name):
                kind, part = each.get(W + "type", "default"), targets.get(each.get(R + "id", ""), "")
                wanted = place.first if kind == "first" and number == 0 else place.every
                if part and (kind != "first" or has_first) and part not in wanted and len(wanted) < MOST_PARTS:
                    wanted.append(part)
    return head, foot


def as_document(part: Element) -> Element:
    """A header or footer as a document of its own, its page numbers marked."""
    document = Element(W + "document")
    body = SubElement(document, W + "body")
    body.extend(list(part))
    for simple in document.iter(W + "fldSimple"):
        _mark(list(simple.iter(W + "t")), simple.get(W + "instr", ""))
    for paragraph in document.iter(W + "p"):
        for instruction, shown in _fields(paragraph):
            _mark(shown, instruction)
    return document


def _fields(paragraph: Element) -> Iterator[tuple[str, list[Element]]]:
    """Fields that are spread over runs: the instruction, and the text that Word showed last."""
    instruction, is_inside, is_shown = "", False, False
    shown: list[Element] = []
    for each in paragraph.iter():
        kind = each.get(W + "fldCharType") if each.tag == W + "fldChar" else None
        if kind == "begin":
            instruction, shown, is_inside, is_shown = "", [], True, False
        elif kind == "separate":
            is_shown = True
        elif kind == "end":
            yield instruction, shown
            is_inside = is_shown = False
        elif is_inside and each.tag == W + "instrText":
            instruction += each.text or ""
        elif is_shown and each.tag == W + "t":
            shown.append(each)


def _mark(shown: list[Element], instruction: str) -> None:
    words = instruction.split()
    mark = NUMBERS.get(words[0].upper()) if words else None
    if mark:
        for number, text in enumerate(shown):
            text.text = "" if number else mark


def room_for(body: Element) -> float:
    """Millimetres, by its lines and pictures; a guess that is rather too large."""
    lines = sum(-(-len("".join(each.itertext())) // LETTERS) or 1 for each in body.iter() if each.tag in BLOCKS)
    return (
        LINE * lines
        + ROW * sum(each.tag == "tr" for each in body.iter())
        + PICTURE * any(each.tag == "img" for each in body.iter())
    )
