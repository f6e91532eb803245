"""What happens to plans: they come onto the register and get an audit pack. `gate.py` has what happens before auditors see it.

The verbs that change the framework are in `drafting.py`, and are verbs of this stage like the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select

from moderation.instants import today
from moderation.ledger import Transaction
from moderation.words import InvalidInput, Problem, new_id

from . import events, rules
from .drafting import (
    LessonText,
    adopt_lesson,
    change_criterion,
    copy_framework,
    discard_draft,
    drop_lesson,
    install_framework,
    publish_content,
    publish_framework,
    retitle,
)
from .erasing import erase_document, sections_of
from .gate import reopen
from .gate_rows import is_held
from .packs import Drawn, Kept
from .rules import KnownVersion, PlanFacts
from .sheets import Table
from .tables import ChildCase, Document, DocumentKind, DocumentSection, PlanHold, PlanVersion

__all__ = [
    "LessonText",
    "adopt_lesson",
    "attach_document",
    "change_criterion",
    "check_open",
    "copy_framework",
    "discard_draft",
    "drop_lesson",
    "hold_plans",
    "import_plans",
    "install_framework",
    "let_go_plans",
    "mark_rendered",
    "place_sections",
    "publish_content",
    "publish_framework",
    "record_reading",
    "register_plans",
    "remove_document",
    "retitle",
]


@dataclass(frozen=True)
class _Known:
    """A case of the register with its latest version."""

    case: ChildCase
    latest: PlanVersion

    @property
    def version(self) -> KnownVersion:
        return KnownVersion(self.latest.plan_event, self.latest.issued_on)


def import_plans(tx: Transaction, table: Table) -> dict[str, str]:
    """Put the plans of a file on the register, all or none; InvalidInput has everything that is wrong with it.

    Returns the ids of the plans by reference.
    """
    known = {reference: case.version for reference, case in _known_cases(tx).items()}
    return register_plans(tx, rules.check_import(table, known, today()))


def register_plans(tx: Transaction, plans: Sequence[PlanFacts]) -> dict[str, str]:
    """A version for each plan, of a new case or, for a known reference, as the next one. Returns version ids by reference."""
    known = _known_cases(tx)
    added: dict[str, str] = {}
    for facts in plans:
        there = known.get(facts.reference.casefold())
        case = there.case if there else _new_case(tx, facts.reference)
        plan = _version(tx, case, there.latest.number + 1 if there else 1, facts)
        tx.session.add(plan)
        tx.record(events.PlanRegistered(plan.id, case.id, plan.number))
        added[facts.reference] = plan.id
    return added


def _known_cases(tx: Transaction) -> dict[str, _Known]:
    """By reference in small letters; the latest version of each comes last and stays."""
    rows = tx.session.exec(
        select(ChildCase, PlanVersion)
        .join(PlanVersion, col(PlanVersion.case_id) == ChildCase.id)
        .where(ChildCase.area_id == tx.area_id, PlanVersion.area_id == tx.area_id)
        .order_by(col(PlanVersion.number))
    )
    return {case.reference.casefold(): _Known(case, plan) for case, plan in rows}


def _new_case(tx: Transaction, reference: str) -> ChildCase:
    case = ChildCase(id=new_id(), area_id=tx.area_id, reference=reference, created_at=tx.now)
    tx.session.add(case)
    return case


def _version(tx: Transaction, case: ChildCase, number: int, facts: PlanFacts) -> PlanVersion:
    return PlanVersion(
        id=new_id(),
        area_id=tx.area_id,
        case_id=case.id,
        number=number,
        year_group=facts.year_group,
        primary_need=facts.primary_need.value,
        setting_type=facts.setting_type.value,
        setting=facts.setting,
        team=facts.team,
        plan_event=facts.plan_event.value,
        requested_on=facts.requested_on,
        issued_on=facts.issued_on,
        review_on=facts.review_on,
        dates={name: day.isoformat() for name, day in facts.further_dates.items()} or None,
        imported_at=tx.now,
    )


def attach_document(tx: Transaction, plan_version_id: str, kind: DocumentKind, dated: date | None, kept: Kept) -> str:
    """Add a kept PDF to a plan's audit pack. The same document twice is refused."""
    plan = check_open(tx, plan_version_id, kept.stored.sha256, kept.uploaded_sha256)
    pack = _pack(tx, plan.id)
    document = Document(
        area_id=tx.area_id,
        plan_version_id=plan.id,
        kind=kind,
        position=max((each.position for each in pack), default=0) + 1,
        dated=dated,
        pages=kept.pages,
        remarks=list(kept.remarks),
        wordless=list(kept.wordless),
        size=kept.stored.size,
        sha256=kept.stored.sha256,
        uploaded_sha256=kept.uploaded_sha256,
        store_path=kept.stored.path,
        wrapped_key=kept.stored.wrapped_key,
        uploaded_at=tx.now,
        uploaded_by=tx.actor.account_id,
    )
    tx.session.add(document)
    plan.version += 1
    reopen(tx, plan)
    tx.record(events.DocumentAttached(document.id, plan.id, kind.value, document.sha256))
    return document.id


def check_open(tx: Transaction, plan_version_id: str, sha256: str, uploaded_sha256: str | None = None) -> PlanVersion:
    """The plan, if this file may come into its pack."""
    plan = _editable(tx, plan_version_id)
    uploaded = uploaded_sha256 or sha256
    if any(rules.is_same_file(each.sha256, each.uploaded_sha256, sha256, uploaded) for each in _pack(tx, plan.id)):
        raise InvalidInput([Problem("file", "This document is in the audit pack already")])
    return plan


def remove_document(tx: Transaction, document_id: str) -> str:
    """Take a document out of its pack and forget its key. Returns its place in the store, for erasing what lies there."""
    document = tx.get(Document, document_id)
    plan = _editable(tx, document.plan_version_id)
    if document.erased_at is None:
        plan.version += 1
        reopen(tx, plan)
        erase_document(tx, document)
        tx.record(events.DocumentRemoved(document.id, document.plan_version_id))
    return document.store_path


def mark_rendered(tx: Transaction, document_id: str, drawn: Drawn) -> None:
    """Note that the pages of a document can be shown, or why not."""
    document = tx.get(Document, document_id)
    if document.rendered_at is not None or document.erased_at is not None:
        return
    document.rendered_at, document.wordless = tx.now, list(drawn.wordless)
    for found in drawn.sections:
        tx.session.add(_section(document, found.section, found.page, round(1000 * min(max(found.top, 0.0), 1.0))))
    document.render_error = drawn.fault[:200] if drawn.fault else None
    tx.record(events.DocumentRendered(document.id, drawn.pages, readable=drawn.fault is None))


def place_sections(tx: Transaction, document_id: str, pages: Mapping[str, int | None], version: int) -> None:
    """Say on which pages sections begin; no page: not in this document. It changes only where readers are taken."""
    document = tx.get(Document, document_id)
    there = {row.section: row for row in sections_of(tx, document.id)}
    changed = {key: page for key, page in pages.items() if page != (there[key].page if key in there else None)}
    if not changed:
        return
    rules.check_places(changed, document.pages)
    tx.fresh(document, version, mine=rules.places_in_words(changed))
    for section in changed.keys() & there.keys():
        tx.session.delete(there[section])
    tx.session.flush()
    tx.session.add_all(_section(document, section, page, 0, by_hand=True) for section, page in changed.items() if page)
    tx.record(events.SectionsPlaced(document.id, tuple(changed)))


def _section(document: Document, section: str, page: int, top: int, by_hand: bool = False) -> DocumentSection:
    return DocumentSection(area_id=document.area_id, document_id=document.id, section=section, page=page, top=top, by_hand=by_hand)


def record_reading(tx: Transaction, document_id: str, page: int | None = None) -> None:
    """Note in the ledger that somebody takes the original document, or reads a page of it."""
    document = tx.get(Document, document_id)
    plan = document.plan_version_id
    tx.record(events.DocumentRead(document.id, plan) if page is None else events.OriginalPageRead(document.id, plan, page))


def hold_plans(tx: Transaction, holder: str, plan_version_ids: Iterable[str]) -> None:
    """Keep packs and releases of these plans as they are, for a round that opens. Holding twice is holding."""
    held = {hold.plan_version_id for hold in _holds_of(tx, holder)}
    for plan_version_id in sorted(set(plan_version_ids) - held):
        plan = tx.get(PlanVersion, plan_version_id)
        plan.erase_on = None
        tx.session.add(PlanHold(area_id=tx.area_id, plan_version_id=plan.id, holder=holder, since=tx.now))
        tx.record(events.PlanHeld(plan.id, holder))


def let_go_plans(tx: Transaction, holder: str, plan_version_ids: Iterable[str] | None = None) -> None:
    """End the holds of a round that has closed; of these plans only, when they are named."""
    chosen = None if plan_version_ids is None else set(plan_version_ids)
    for hold in _holds_of(tx, holder):
        if chosen is None or hold.plan_version_id in chosen:
            tx.session.delete(hold)
            tx.record(events.PlanLetGo(hold.plan_version_id, holder))


def _holds_of(tx: Transaction, holder: str) -> Sequence[PlanHold]:
    return tx.session.exec(select(PlanHold).where(PlanHold.area_id == tx.area_id, PlanHold.holder == holder)).all()


def _editable(tx: Transaction, plan_version_id: str) -> PlanVersion:
    plan = tx.get(PlanVersion, plan_version_id)
    rules.check_changeable(is_held(tx, plan.id))
    return plan


def _pack(tx: Transaction, plan_version_id: str) -> Sequence[Document]:
    """The documents of a pack in their order."""
    return tx.session.exec(
        select(Document)
        .where(Document.area_id == tx.area_id, Document.plan_version_id == plan_version_id, col(Document.erased_at).is_(None))
        .order_by(col(Document.position))
    ).all()
