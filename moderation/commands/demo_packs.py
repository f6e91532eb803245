"""The audit packs of the demo: made once for each kind of need, searched, copied and released as the service does it.

The work on files is done in this process, because the files are our own; for a plan of the demo only the results are kept again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlmodel import select

from .. import instants
from ..ledger import Transaction
from ..register import gate, gate_deciding, gate_rows, gate_searching, gate_work
from ..register.actions import attach_document, mark_rendered
from ..register.apart import packed, unpacked
from ..register.codes import PrimaryNeed
from ..register.gate_packs import (
    CoverPlace,
    Original,
    SearchedDocument,
    asked_to_flatten,
    keep_copy,
    keep_people,
    parts_to_search,
    searched_in,
)
from ..register.gate_rules import Check, CheckAnswer
from ..register.gate_tables import Decision, Finding
from ..register.packs import Drawn, Kept, draw_pages, keep_document
from ..register.pdf import TEXTS
from ..register.tables import Document, DocumentKind, PlanVersion
from ..store import Store
from .demo_documents import advice_html, as_pdf, named, people_in, plan_html, with_cover


@dataclass(frozen=True)
class Prepared:
    """A document that was drawn, searched and copied once, to be kept again for every plan of its kind."""

    kind: DocumentKind
    content: bytes
    drawn: Drawn
    beside: Mapping[str, bytes]  # what lies beside the original: page pictures, texts, layouts
    searched: SearchedDocument
    copy: Mapping[str, bytes]


def prepared_packs(store: Store, need: PrimaryNeed) -> tuple[Prepared, ...]:
    """The documents of one kind of need."""
    pages = ((DocumentKind.FINAL_PLAN, plan_html(need)), (DocumentKind.SECTION_K_ADVICE, advice_html(need)))
    kept = [keep_document(store, as_pdf(named(html, need))) for _, html in pages]
    drawn = [draw_pages(store, one.stored.path, one.stored.wrapped_key) for one in kept]
    contents = [store.get(one.stored.path, one.stored.wrapped_key) for one in kept]
    answer = unpacked(gate_work.answer("search", packed(parts_to_search(contents, people_in(need), (), instants.today()))))
    searched = searched_in(answer, [str(number) for number in range(len(pages))])
    packs = []
    for number, (kind, _) in enumerate(pages):
        stored = kept[number].stored
        names = [*(f"page-{page}.webp" for page in range(1, kept[number].pages + 1)), TEXTS]
        beside = {name: store.get_derived(stored.path, stored.wrapped_key, name) for name in names}
        beside |= {name.partition("/")[2]: part for name, part in answer.items() if name.startswith(f"{number}/")}
        places = [CoverPlace(one.page, one.token, one.start, one.end) for one in searched[number].found]
        copy = unpacked(gate_work.answer("flatten", packed(asked_to_flatten(contents[number], places, ()))))
        packs.append(Prepared(kind, contents[number], drawn[number], beside, searched[number], copy))
        store.erase(stored.path)
    return tuple(packs)


def attach_all(tx: Transaction, plans: Sequence[tuple[str, tuple[Prepared, ...]]], store: Store) -> None:
    """A released pack for each of these plans."""
    for version_id, pack in plans:
        documents = [_attached(tx, version_id, one, store) for one in pack]
        searched = [replace(one.searched, document_id=document_id) for one, document_id in zip(pack, documents, strict=True)]
        _pass(tx, version_id, searched)
        copies = [keep_copy(store, document_id, one.copy) for one, document_id in zip(pack, documents, strict=True)]
        gate.mark_released(tx, version_id, copies)


def _attached(tx: Transaction, version_id: str, one: Prepared, store: Store) -> str:
    stored = store.put(one.content)
    for name, part in one.beside.items():
        store.put_derived(stored.path, stored.wrapped_key, name, part)
    dated = instants.today() - timedelta(days=30)
    document_id = attach_document(tx, version_id, one.kind, dated, Kept(stored, one.drawn.pages))
    mark_rendered(tx, document_id, one.drawn)
    return document_id


def _pass(tx: Transaction, version_id: str, searched: Sequence[SearchedDocument]) -> None:
    """Everything is replaced, names and dates are as in the register, and the lead passes the pack."""
    row = gate_rows.gate_row(tx, version_id)
    gate_searching.mark_searched(tx, version_id, row.asked, searched)
    found = select(Finding.id).join(Document, Document.id == Finding.document_id)  # type: ignore[arg-type]
    gate_deciding.decide(
        tx, version_id, list(tx.session.exec(found.where(Document.plan_version_id == version_id))), Decision.REPLACE
    )
    gate_deciding.answer_checks(tx, version_id, row.version, dict.fromkeys(Check, CheckAnswer.YES))
    gate.pass_gate(tx, version_id, tx.get(PlanVersion, version_id).version)


def attach_waiting(tx: Transaction, version_id: str, need: PrimaryNeed, store: Store) -> None:
    """A pack as a caseworker uploads it. The lead has said who is in it and decides next."""
    kept = keep_document(store, as_pdf(with_cover(plan_html(need), need)))
    document_id = attach_document(tx, version_id, DocumentKind.FINAL_PLAN, instants.today() - timedelta(days=30), kept)
    mark_rendered(tx, document_id, draw_pages(store, kept.stored.path, kept.stored.wrapped_key))
    people = people_in(need)
    row = gate_rows.gate_row(tx, version_id)
    gate_deciding.name_people(tx, version_id, row.version, keep_people(store, people))
    original = Original(document_id, kept.stored.path, kept.stored.wrapped_key)
    content = store.get(original.path, original.wrapped_key)
    answer = unpacked(gate_work.answer("search", packed(parts_to_search([content], people, (), instants.today()))))
    for name, part in answer.items():
        if "/" in name:
            store.put_derived(original.path, original.wrapped_key, name.partition("/")[2], part)
    gate_searching.mark_searched(tx, version_id, row.asked, searched_in(answer, [document_id]))
