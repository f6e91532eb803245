"""The gate's heavy work on files, in a process of its own: `python -m moderation.register.gate_work search|flatten`.

`search` reads the text of a pack's documents and finds what identifies somebody; `flatten` makes the copy of one document.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from .apart import limit_memory, packed, unpacked
from .flattening import Covering, as_pdf, flatten
from .identity.folding import fold, folded_words
from .identity.kinds import Found, Kind, Known, Person, RoleToken
from .identity.names import Form, Forms
from .identity.search import search
from .legible import is_legible
from .pdf import opened
from .pdf_text import PageText
from .refusals import Refusal

RAW_TEXTS, LAYOUT, LOOKS = "raw-texts.json", "layout-{}.json", "looks.json"
NO_TEXT, PICTURE = "no_text", "picture"
UNITS = 10_000  # in which boxes are kept, whatever the size of the drawn page
LEAST_AREA = 0.003  # of a page, from which a picture may show a signature or a face
TOO_OFTEN = 2  # a picture in the same place of more pages than this is a letterhead: seeing it once is enough


def copy_picture(page: int) -> str:
    """The name of a page's picture beside a released copy."""
    return f"page-{page}"


def answer(verb: str, content: bytes) -> bytes:
    parts = unpacked(content)
    try:
        return packed(_searched(parts) if verb == "search" else _flattened(parts))
    except Refusal as refusal:
        return packed({"refused": str(refusal).encode()})


def _searched(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    asked = json.loads(parts["known.json"])
    answer: dict[str, bytes] = {}
    pack: list[list[str]] = []
    looks: list[list[tuple[int, str]]] = []
    for number in range(asked["documents"]):
        document = opened(parts[f"{number}.pdf"])
        texts, seen, unread = [], [], set()
        for page_number in range(len(document)):
            page = document[page_number]
            there = PageText(page, UNITS, UNITS)
            texts.append(there.text)
            seen.append(_pictures(page))
            if not is_legible(page, there):
                unread.add(page_number + 1)
            words = [(start, end, *_sides(box)) for start, end, box in there.words()]
            answer[f"{number}/{LAYOUT.format(page_number + 1)}"] = json.dumps(words).encode()
            page.close()
        pack.append(texts)
        looks.append(list(_to_look_at(seen, unread)))
        answer[f"{number}/{RAW_TEXTS}"] = json.dumps(texts).encode()
    known = _known(asked)
    found = [*search(pack, known, date.fromisoformat(asked["today"])), *_added(pack, asked["added"])]
    answer["found.json"] = json.dumps(
        [(one.document, one.page + 1, one.start, one.end, one.kind.value, one.token) for one in found]
    ).encode()
    answer[LOOKS] = json.dumps(looks).encode()
    return answer


def _added(pack: Sequence[Sequence[str]], places: Iterable[tuple[int, int, int, int, str]]) -> Iterator[Found]:
    """Every form of the words that stand where a lead once added them, each by itself."""
    words = ((pack[number][page - 1][start:end], token) for number, page, start, end, token in places)
    forms = Forms(Form(" ".join(folded_words(each).split()), token, 9, capital=False) for each, token in words)
    pages = ((d, p, fold(text)) for d, document in enumerate(pack) for p, text in enumerate(document))
    return (Found(d, p, *page.span(hit.start, hit.end), Kind.ADDED, hit.token) for d, p, page in pages for hit in forms.each(page))


def _sides(box: Any) -> tuple[int, int, int, int]:
    return round(box.left), round(box.top), round(box.right), round(box.bottom)


def _known(asked: Mapping[str, Any]) -> Known:
    people = tuple(Person(RoleToken(role), tuple(names)) for role, names in asked["people"])
    born = date.fromisoformat(asked["born"]) if asked["born"] else None
    return Known(people, born, tuple(asked["settings"]), tuple(asked["called"]))


def _pictures(page: Any) -> set[tuple[int, ...]]:
    """Where a page has pictures that are large enough to show something."""
    import pypdfium2.raw as pdfium

    least = LEAST_AREA * max(1.0, page.get_width() * page.get_height())
    places = (each.get_bounds() for each in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=5))
    return {tuple(map(round, one)) for one in places if (one[2] - one[0]) * (one[3] - one[1]) > least}


def _to_look_at(seen: list[set[tuple[int, ...]]], unread: set[int]) -> Iterator[tuple[int, str]]:
    times = Counter(place for places in seen for place in places)
    met: set[tuple[int, ...]] = set()
    for number, places in enumerate(seen, 1):
        new = {place for place in places if times[place] <= TOO_OFTEN or place not in met}
        met |= places
        if number in unread:
            yield number, NO_TEXT
        elif new:
            yield number, PICTURE


def _flattened(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    asked = json.loads(parts["asked.json"])
    coverings: dict[int, list[Covering]] = {}
    for page, token, start, end, area in asked["coverings"]:
        coverings.setdefault(page, []).append(Covering(token, start, end, tuple(area) if area else None))
    pages = list(flatten(opened(parts["original.pdf"]), coverings, frozenset(asked["left_out"])))
    pictures = {copy_picture(number): page.picture for number, page in enumerate(pages, 1)}
    return {"copy.pdf": as_pdf(pages), "texts.json": json.dumps([page.text for page in pages]).encode(), **pictures}


if __name__ == "__main__":
    limit_memory()
    sys.stdout.buffer.write(answer(sys.argv[1], sys.stdin.buffer.read()))
