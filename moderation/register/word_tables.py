"""Tables of a Word file on our pages: no word of them is divided as long as the page is wide enough for that.

A name, a date or a number that is cut into slivers can neither be read nor found at the gate. So a column is as wide as its longest
word; a table that is too wide for that is set in smaller letters, and only one that still is too wide has its words divided, as few
as can be. Very long words (web addresses) may always be divided.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from xml.etree.ElementTree import Element

LONGEST = 24  # letters: what is longer is no word that must stay whole
LONG_WORD = re.compile(rf"(?<!\S)(?:&#?\w+;|[^\s<>&]){{{LONGEST + 1},1000}}(?!\S)")  # to divide longer ones would take minutes
TEXT = re.compile(r"(?<=>)[^<>]+")
ACROSS, ACROSS_TURNED = 75, 112  # letters that are sure to fit beside one another on a page, in our usual size
SMALLER = (("", 1.0), ("small", 1.3), ("tiny", 1.65))  # how many times as many fit in smaller letters
ROOM = 2  # letters' width that the edges of a cell take
LOOK = """
td, th { border: 0.5pt solid #555; padding: 1.5mm 2mm; vertical-align: top; overflow-wrap: break-word }
.long { overflow-wrap: anywhere }
.small { font-size: 8pt } .small td, .small th { padding: 1mm }
.tiny, .crowded { font-size: 7pt } .tiny td, .tiny th, .crowded td, .crowded th { padding: 0.7mm }
.crowded { table-layout: fixed } .crowded td, .crowded th { overflow-wrap: anywhere }
"""


def with_long_words(written: str) -> str:
    """HTML in which words that may be divided anywhere are marked."""
    return TEXT.sub(lambda text: LONG_WORD.sub(r'<span class="long">\g<0></span>', text.group()), written)


def fit_tables(body: Element, is_turned: bool) -> None:
    """Say of each table that is too wide how it is set instead."""
    across = ACROSS_TURNED if is_turned else ACROSS
    crowded: set[Element] = set()  # and what stands inside
    for table in list(body.iter("table")):
        columns = _columns(table)
        size = next((name for name, times in SMALLER if sum(columns) <= across * times), "crowded")
        if size == "crowded" or table in crowded:
            crowded.update(table.iter("table"))
            table.insert(0, _shares(columns))
            size = "crowded"
        if size:
            table.set("class", size)


def _columns(table: Element) -> list[float]:
    """How many letters across each column takes if no word of it is divided."""
    widest: defaultdict[int, float] = defaultdict(float)
    for column, span, cell in _cells(table):
        for each in range(column, column + span):
            widest[each] = max(widest[each], _needs(cell) / span)
    return [widest[each] for each in sorted(widest)]


def _cells(table: Element) -> Iterator[tuple[int, int, Element]]:
    """Each cell with its column and how many it spans, past those that cells above reach down into."""
    rows = [row for part in (table, *table.findall("thead"), *table.findall("tbody")) for row in part.findall("tr")]
    until: dict[int, int] = {}
    for number, row in enumerate(rows):
        column = 0
        for cell in row:
            while until.get(column, 0) > number:
                column += 1
            span = int(cell.get("colspan", "1"))
            until.update(dict.fromkeys(range(column, column + span), number + int(cell.get("rowspan", "1"))))
            yield column, span, cell
            column += span


def _needs(cell: Element) -> float:
    inner = [sum(_columns(table)) for table in cell.iter("table")]
    words = (word for text in cell.itertext() for word in text.split())
    return ROOM + max([*inner, *(len(word) if len(word) <= LONGEST else LONGEST / 2 for word in words)], default=0)


def _shares(columns: list[float]) -> Element:
    """The columns of a table that must divide words, each as wide as its longest word asks."""
    group = Element("colgroup")
    for column in columns:
        col = Element("col", {"style": f"width: {100 * column / sum(columns):.2f}%"})
        group.append(col)
    return group
