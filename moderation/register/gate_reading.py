"""The rows of a gate for the lead's pages. The words of findings are read from the originals; no row holds them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from moderation.store import Store, Unreadable

from .gate_packs import People, found_words, keep_found_words, people_of, place_of, raw_texts, shown
from .gate_tables import Finding, Gate, LookReason, LookState, PageLook
from .lookups import pack_rows, plan_row
from .tables import Document


@dataclass(frozen=True)
class Look:
    """A page that a person has to look at."""

    document_id: str
    label: str
    page: int
    reason: LookReason
    state: LookState


def people_view(session: Session, store: Store, area_id: str, plan_version_id: str) -> tuple[People, int, str | None]:
    """Who is in the plan as the lead said, the gate's version, and the setting of the register."""
    plan, _ = plan_row(session, area_id, plan_version_id)
    gate = gate_of(session, area_id, plan.id)
    return people_of(store, gate.people_path, gate.people_key), gate.version, plan.setting


def pack_texts(session: Session, store: Store, area_id: str, plan_version_id: str) -> list[list[str]]:
    """The text of every page of every document of a pack, in their order."""
    return list(texts_of_rows(store, pack_rows(session, area_id, plan_version_id)).values())


def gate_of(session: Session, area_id: str, plan_version_id: str) -> Gate:
    """The gate of a plan; one without documents has none yet, and looks like one that was never asked anything."""
    row = session.exec(select(Gate).where(Gate.area_id == area_id, Gate.plan_version_id == plan_version_id)).first()
    return row or Gate(area_id=area_id, plan_version_id=plan_version_id)


def texts_of_rows(store: Store, rows: Iterable[Document]) -> dict[str, list[str]]:
    """Pages that were not searched yet have no text to show."""
    texts = {}
    for row in rows:
        try:
            texts[row.id] = raw_texts(store, row.store_path, row.wrapped_key or "")
        except Unreadable:
            texts[row.id] = [""] * row.pages
    return texts


def words_found(store: Store, rows: Iterable[Document], findings: Sequence[Finding]) -> dict[str, str]:
    """The words of findings by their ids. They are kept beside each document once they have been read out of its text."""
    words: dict[str, str] = {}
    for row in rows:
        places = {one.id: place_of(one.page, one.starts, one.ends) for one in findings if one.document_id == row.id}
        known = found_words(store, row.store_path, row.wrapped_key or "") if places else {}
        if not known.keys() >= set(places.values()):
            texts = texts_of_rows(store, [row])[row.id]
            known |= {places[one.id]: words_of(one, texts) for one in findings if one.id in places}
            keep_found_words(store, row.store_path, row.wrapped_key or "", known)
        words |= {finding: known[place] for finding, place in places.items()}
    return words


def findings_in(session: Session, area_id: str, rows: Sequence[Document]) -> list[Finding]:
    order = {row.id: number for number, row in enumerate(rows)}
    chosen = select(Finding).where(Finding.area_id == area_id, col(Finding.document_id).in_(list(order)))
    return sorted(session.exec(chosen), key=lambda one: (order[one.document_id], one.page, one.starts or 0, one.id))


def looks_in(session: Session, area_id: str, rows: Sequence[Document], labels: dict[str, str]) -> tuple[Look, ...]:
    order = {row.id: number for number, row in enumerate(rows)}
    chosen = select(PageLook).where(PageLook.area_id == area_id, col(PageLook.document_id).in_(list(order)))
    found = sorted(session.exec(chosen), key=lambda one: (order[one.document_id], one.page))
    return tuple(Look(one.document_id, labels[one.document_id], one.page, one.reason, one.state) for one in found)


def words_of(one: Finding, texts: Sequence[str]) -> str:
    return "Part of a page" if one.starts is None or one.ends is None else shown(texts, one.page, one.starts, one.ends)
