"""What the lead sees of one page of an original at the gate: its words and picture, with each finding in its place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from moderation.store import Store, Unreadable

from .gate_packs import layout
from .gate_reading import Look, findings_in, texts_of_rows, words_of
from .gate_rows import area_of
from .gate_rules import seen_of
from .gate_tables import Decision, Finding, LookState
from .gate_views import GateView, Group, gate_view
from .identity.kinds import KIND_NAMES
from .lookups import existing
from .tables import Document

AROUND = 40  # characters shown on either side of a finding


@dataclass(frozen=True)
class PageFinding:
    """A finding on the page that is shown. `boxes`: left, top, wide and high, in ten-thousandths of the page."""

    id: str
    number: int
    kind: str
    words: str
    before: str
    after: str
    token: str
    decision: Decision
    alike: int  # findings of the same words in the whole pack
    seen: str  # changes as soon as somebody decides it
    all_seen: str  # the same of all that are alike
    boxes: tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True)
class TextPart:
    """A stretch of the page's text; with the finding that stands there, if one does."""

    text: str
    finding: PageFinding | None = None


@dataclass(frozen=True)
class GatePage:
    """One page of an original, with what was found on it."""

    document_id: str
    label: str
    plan_version_id: str
    reference: str
    page: int
    pages: int
    findings: tuple[PageFinding, ...]
    parts: tuple[TextPart, ...]
    look: Look | None
    is_open: bool  # may be changed: neither passed, nor held, nor being searched
    next_page: tuple[str, int] | None  # the next page with something to do
    undecided: int  # in the whole pack
    total: int
    tokens: tuple[str, ...]

    @property
    def first_waiting(self) -> PageFinding | None:
        return next((one for one in self.findings if one.decision is Decision.WAITING), None)


def gate_page(session: Session, store: Store, area_id: str, document_id: str, page: int) -> GatePage:
    """One page of an original at the gate. A page that is not there is missing."""
    chosen = select(Document).where(Document.area_id == area_id, Document.id == document_id, col(Document.erased_at).is_(None))
    document = existing(session.exec(chosen).first())
    view = gate_view(session, store, area_id, document.plan_version_id)
    if not 1 <= page <= document.pages or document.rendered_at is None or document.render_error is not None:
        existing(None)
    rows = [row for row in findings_in(session, area_id, [document]) if row.page == page]
    text, words = _page(store, document, page) if view.is_searched or rows else ("", [])
    alike = {one: group for kind in view.kinds for group in kind.groups for one in group.finding_ids}
    found = tuple(_shown(row, number, text, words, alike[row.id]) for number, row in enumerate(_in_order(rows), 1))
    labels = dict(view.documents)
    look = next((look for look in view.looks if (look.document_id, look.page) == (document.id, page)), None)
    return GatePage(
        document.id, labels[document.id], view.plan_version_id, view.reference, page, document.pages, found,
        tuple(_parts(text, rows, found)), look, view.can_decide, _next(view, document.id, page),
        view.undecided, view.findings, view.tokens,
    )  # fmt: skip


def _page(store: Store, document: Document, page: int) -> tuple[str, list[tuple[int, int, int, int, int, int]]]:
    try:
        words = layout(store, document.store_path, document.wrapped_key or "", page)
    except Unreadable:
        words = []
    return texts_of_rows(store, [document])[document.id][page - 1], words


def _in_order(rows: Sequence[Finding]) -> list[Finding]:
    return sorted(rows, key=lambda row: (row.starts is None, row.starts or 0, row.area_top or 0))


def _shown(row: Finding, number: int, text: str, words: Sequence[tuple[int, int, int, int, int, int]], alike: Group) -> PageFinding:
    start, end = row.starts or 0, row.ends or 0
    area = area_of(row)
    sides = [area] if area else _joined([(a, b, c, d) for first, last, a, b, c, d in words if first < end and start < last])
    before, after = ("", "") if area else (text[max(0, start - AROUND) : start], text[end : end + AROUND])
    return PageFinding(
        row.id, number, KIND_NAMES[row.kind], words_of(row, [*[""] * (row.page - 1), text]), _short(before, 0), _short(after, 1),
        row.token, row.decision, len(alike.finding_ids), seen_of({row.id: row.version}), alike.seen,
        tuple((left, top, max(right - left, 1), max(bottom - top, 1)) for left, top, right, bottom in sides),
    )  # fmt: skip


def _joined(boxes: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Boxes of words that stand beside one another as one."""
    joined: list[tuple[int, int, int, int]] = []
    for box in boxes:
        last = joined[-1] if joined else None
        if last and last[1] < (box[1] + box[3]) / 2 < last[3] and 0 <= box[0] - last[2] < 200:
            joined[-1] = (last[0], min(last[1], box[1]), box[2], max(last[3], box[3]))
        else:
            joined.append(box)
    return joined


def _short(text: str, side: int) -> str:
    """Whole words around a finding."""
    words = " ".join(text.replace("\u00ad", "").split())
    cut = words.split(" ", 1)[1] if side == 0 and len(text) == AROUND and " " in words else words
    return cut.rsplit(" ", 1)[0] if side == 1 and len(text) == AROUND and " " in cut else cut


def _parts(text: str, rows: Sequence[Finding], found: Sequence[PageFinding]) -> Iterable[TextPart]:
    """The whole text of a page, cut where findings stand. Joined together the parts are the text."""
    place, shown = 0, {one.id: one for one in found}
    for row in _in_order(rows):
        if row.starts is None or row.ends is None or row.starts < place:
            continue
        yield TextPart(text[place : row.starts])
        yield TextPart(text[row.starts : row.ends], shown[row.id])
        place = row.ends
    yield TextPart(text[place:])


def _next(view: GateView, document_id: str, page: int) -> tuple[str, int] | None:
    """The next page with something to decide or to look at, after this one, then from the beginning."""
    order = {one: number for number, (one, _) in enumerate(view.documents)}
    places = (place for kind in view.kinds for group in kind.groups for place in group.places if place.is_waiting)
    waiting = {(order[place.document_id], place.page) for place in places}
    waiting |= {(order[look.document_id], look.page) for look in view.looks if look.state is LookState.WAITING}
    here = (order[document_id], page)
    following = sorted(waiting - {here}, key=lambda one: (one <= here, one))
    return (view.documents[following[0][0]][0], following[0][1]) if following else None
