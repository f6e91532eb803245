"""What the lead's pages show of a gate. The words of findings are read from the originals; no row holds them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from moderation.people.tables import Account
from moderation.store import Store, Unreadable

from .audit_packs import pack_documents
from .gate import area_of
from .gate_packs import People, layout, people_of, raw_texts
from .gate_rules import ABOUT, ANSWERS, Check, CheckAnswer, GateState
from .gate_tables import Decision, Finding, Gate, LookReason, LookState, PageLook
from .identity.folding import folded_words
from .identity.kinds import FIXED, KIND_NAMES, Kind
from .lookups import existing, pack_rows, plan_row
from .tables import Document, PlanHold

AROUND = 40  # characters shown on either side of a finding
UNITS = 10_000
COMMON = ("PARENT 1", "PARENT 2", "SIBLING 1", "OTHER CHILD 1", "EP 1", "SENCO 1", "TEACHER 1", "SETTING 1")


@dataclass(frozen=True)
class Place:
    """Where a finding stands: for a link."""

    document_id: str
    page: int
    finding_id: str
    is_waiting: bool


@dataclass(frozen=True)
class Group:
    """All findings of the same words with the same token: decided together, or one by one in their place."""

    key: str  # the id of the first
    kind: Kind
    words: str
    token: str
    finding_ids: tuple[str, ...]
    places: tuple[Place, ...]
    waiting: int
    replaced: int
    kept: int


@dataclass(frozen=True)
class KindOfFinding:
    """All groups of one kind."""

    kind: Kind
    name: str
    groups: tuple[Group, ...]

    @property
    def waiting(self) -> int:
        return sum(group.waiting for group in self.groups)


@dataclass(frozen=True)
class Look:
    """A page that a person has to look at."""

    document_id: str
    label: str
    page: int
    reason: LookReason
    state: LookState


@dataclass(frozen=True)
class GateView:
    """The gate of one plan."""

    plan_version_id: str
    reference: str
    version: int  # of the plan: for passing and closing
    gate_version: int  # of the gate: for people and checks
    is_drawn: bool
    is_searched: bool
    is_held: bool
    fault: str | None
    has_people: bool
    kinds: tuple[KindOfFinding, ...]
    looks: tuple[Look, ...]
    checks: tuple[tuple[str, str], ...]
    answers: dict[str, str]
    missing: tuple[str, ...]
    passed_at: datetime | None
    passed_by: str | None
    released_at: datetime | None
    documents: tuple[tuple[str, str], ...]  # id and label
    tokens: tuple[str, ...]

    @property
    def findings(self) -> int:
        return sum(len(group.finding_ids) for kind in self.kinds for group in kind.groups)

    @property
    def undecided(self) -> int:
        return sum(kind.waiting for kind in self.kinds)

    @property
    def unseen(self) -> int:
        return sum(look.state is LookState.WAITING for look in self.looks)

    def group(self, key: str) -> Group:
        return existing(next((group for kind in self.kinds for group in kind.groups if key in group.finding_ids), None))


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
    is_open: bool  # may be changed: neither passed nor held
    next_page: tuple[str, int] | None  # the next page with something to do
    undecided: int  # in the whole pack
    total: int
    tokens: tuple[str, ...]

    @property
    def first_waiting(self) -> PageFinding | None:
        return next((one for one in self.findings if one.decision is Decision.WAITING), None)


def gate_view(session: Session, store: Store, area_id: str, plan_version_id: str) -> GateView:
    """The gate of a plan with everything that was found, by kind."""
    plan, case = plan_row(session, area_id, plan_version_id)
    gate, rows = _gate(session, area_id, plan.id), pack_rows(session, area_id, plan.id)
    labels = {each.id: each.label for each in pack_documents(session, area_id, plan.id)}
    findings, looks = _findings(session, area_id, rows), _looks(session, area_id, rows, labels)
    groups = _groups(findings, _texts(store, rows) if findings else {})
    state = GateState(
        tuple(row.kind.value for row in rows),
        sum(row.render_error is not None for row in rows),
        gate.searched_at is not None,
        sum(one.decision is Decision.WAITING for one in findings),
        sum(look.state is LookState.WAITING for look in looks),
        gate.checks is not None,
    )
    held = select(PlanHold.id).where(PlanHold.area_id == area_id, PlanHold.plan_version_id == plan.id)
    return GateView(
        plan.id, case.reference, plan.version, gate.version,
        all(row.rendered_at is not None for row in rows), gate.searched_at is not None, session.exec(held).first() is not None,
        gate.fault, gate.people_path is not None, groups, looks, _checks(gate), dict(gate.checks or {}),
        tuple(state.missing), gate.passed_at,
        _name(session, gate.passed_by), plan.released_at, tuple(labels.items()), _tokens(findings),
    )  # fmt: skip


def gate_page(session: Session, store: Store, area_id: str, document_id: str, page: int) -> GatePage:
    """One page of an original at the gate. A page that is not there is missing."""
    chosen = select(Document).where(Document.area_id == area_id, Document.id == document_id, col(Document.erased_at).is_(None))
    document = existing(session.exec(chosen).first())
    view = gate_view(session, store, area_id, document.plan_version_id)
    if not 1 <= page <= document.pages or document.rendered_at is None or document.render_error is not None:
        existing(None)
    rows = [row for row in _findings(session, area_id, [document]) if row.page == page]
    text, words = _page(store, document, page) if view.is_searched or rows else ("", [])
    alike = {one: len(group.finding_ids) for kind in view.kinds for group in kind.groups for one in group.finding_ids}
    found = tuple(_shown(row, number, text, words, alike[row.id]) for number, row in enumerate(_in_order(rows), 1))
    labels = dict(view.documents)
    look = next((look for look in view.looks if (look.document_id, look.page) == (document.id, page)), None)
    is_open = view.passed_at is None and not view.is_held and view.is_searched
    return GatePage(
        document.id, labels[document.id], view.plan_version_id, view.reference, page, document.pages, found,
        tuple(_parts(text, rows, found)), look, is_open, _next(view, document.id, page), view.undecided, view.findings, view.tokens,
    )  # fmt: skip


def people_view(session: Session, store: Store, area_id: str, plan_version_id: str) -> tuple[People, int, str | None]:
    """Who is in the plan as the lead said, the gate's version, and the setting of the register."""
    plan, _ = plan_row(session, area_id, plan_version_id)
    gate = _gate(session, area_id, plan.id)
    return people_of(store, gate.people_path, gate.people_key), gate.version, plan.setting


def pack_texts(session: Session, store: Store, area_id: str, plan_version_id: str) -> list[list[str]]:
    """The text of every page of every document of a pack, in their order."""
    return list(_texts(store, pack_rows(session, area_id, plan_version_id)).values())


def _gate(session: Session, area_id: str, plan_version_id: str) -> Gate:
    """The gate of a plan; one without documents has none yet, and looks like one that was never asked anything."""
    row = session.exec(select(Gate).where(Gate.area_id == area_id, Gate.plan_version_id == plan_version_id)).first()
    return row or Gate(area_id=area_id, plan_version_id=plan_version_id)


def _texts(store: Store, rows: Iterable[Document]) -> dict[str, list[str]]:
    """Pages that were not searched yet have no text to show."""
    texts = {}
    for row in rows:
        try:
            texts[row.id] = raw_texts(store, row.store_path, row.wrapped_key or "")
        except Unreadable:
            texts[row.id] = [""] * row.pages
    return texts


def _page(store: Store, document: Document, page: int) -> tuple[str, list[tuple[int, int, int, int, int, int]]]:
    try:
        words = layout(store, document.store_path, document.wrapped_key or "", page)
    except Unreadable:
        words = []
    return _texts(store, [document])[document.id][page - 1], words


def _findings(session: Session, area_id: str, rows: Sequence[Document]) -> list[Finding]:
    order = {row.id: number for number, row in enumerate(rows)}
    chosen = select(Finding).where(Finding.area_id == area_id, col(Finding.document_id).in_(list(order)))
    return sorted(session.exec(chosen), key=lambda one: (order[one.document_id], one.page, one.starts or 0, one.id))


def _looks(session: Session, area_id: str, rows: Sequence[Document], labels: dict[str, str]) -> tuple[Look, ...]:
    order = {row.id: number for number, row in enumerate(rows)}
    chosen = select(PageLook).where(PageLook.area_id == area_id, col(PageLook.document_id).in_(list(order)))
    found = sorted(session.exec(chosen), key=lambda one: (order[one.document_id], one.page))
    return tuple(Look(one.document_id, labels[one.document_id], one.page, one.reason, one.state) for one in found)


def _groups(findings: Sequence[Finding], texts: dict[str, list[str]]) -> tuple[KindOfFinding, ...]:
    """Findings of the same words and token together, kinds in their order, the most frequent first."""
    gathered: dict[tuple[Kind, str, str], list[Finding]] = {}
    for one in findings:
        words = _words(one, texts[one.document_id][one.page - 1])
        same = f"{one.document_id}/{one.page}/{one.id}" if one.kind is Kind.AREA else "".join(folded_words(words).split())
        gathered.setdefault((one.kind, same, one.token), []).append(one)
    groups = [_group(rows, texts) for rows in gathered.values()]
    return tuple(
        KindOfFinding(kind, KIND_NAMES[kind], tuple(sorted(mine, key=lambda group: (-group.waiting, -len(group.places)))))
        for kind in Kind
        if (mine := [group for group in groups if group.kind is kind])
    )


def _group(rows: Sequence[Finding], texts: dict[str, list[str]]) -> Group:
    first, counts = rows[0], Counter(row.decision for row in rows)
    return Group(
        first.id, first.kind, _words(first, texts[first.document_id][first.page - 1]), first.token, tuple(row.id for row in rows),
        tuple(Place(row.document_id, row.page, row.id, row.decision is Decision.WAITING) for row in rows),
        counts[Decision.WAITING], counts[Decision.REPLACE], counts[Decision.KEEP],
    )  # fmt: skip


def _words(one: Finding, text: str) -> str:
    if one.starts is None:
        return "Part of a page"
    return " ".join(text[one.starts : one.ends].replace("\u00ad", "").split()) or "Words that cannot be shown"


def _checks(gate: Gate) -> tuple[tuple[str, str], ...]:
    answers = gate.checks or {}
    return tuple((ABOUT[check], ANSWERS[CheckAnswer(answers[check])]) for check in Check if check in answers)


def _name(session: Session, account_id: str | None) -> str | None:
    account = session.get(Account, account_id) if account_id else None
    return account.name if account else None


def _tokens(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Tokens to choose from: those of this pack first."""
    return tuple(dict.fromkeys([*sorted({one.token for one in findings}), *COMMON, *FIXED]))


def _in_order(rows: Sequence[Finding]) -> list[Finding]:
    return sorted(rows, key=lambda row: (row.starts is None, row.starts or 0, row.area_top or 0))


def _shown(row: Finding, number: int, text: str, words: Sequence[tuple[int, int, int, int, int, int]], alike: int) -> PageFinding:
    start, end = row.starts or 0, row.ends or 0
    area = area_of(row)
    sides = [area] if area else _joined([(a, b, c, d) for first, last, a, b, c, d in words if first < end and start < last])
    before, after = ("", "") if area else (text[max(0, start - AROUND) : start], text[end : end + AROUND])
    return PageFinding(
        row.id, number, KIND_NAMES[row.kind], _words(row, text), _short(before, 0), _short(after, 1),
        row.token, row.decision, alike,
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
