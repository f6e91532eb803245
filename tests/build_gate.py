"""Packs at the gate: passed by the lead of the world as the service does it, or by rows alone where only the outcome matters."""

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from moderation.ledger import Transaction
from moderation.register import gate, gate_deciding, gate_rows, gate_searching, jobs
from moderation.register.apart import unpacked
from moderation.register.gate_packs import Copy, SearchedDocument
from moderation.register.gate_rules import Check, CheckAnswer, seen_of
from moderation.register.gate_tables import Decision, Finding, Gate, LookState, PageLook, ReleasedCopy
from moderation.register.tables import Document, PlanVersion
from moderation.settings import Settings
from tests.build import World, act_as

ALL_RIGHT = dict.fromkeys(Check, CheckAnswer.YES)


def a_html_pdf(body: str, title: str = "") -> bytes:
    """A PDF of a few paragraphs."""
    from moderation.commands.demo_documents import as_pdf

    return as_pdf(f'<html lang="en-GB"><title>{title}</title><body>{body}</body></html>')


def in_this_process(patch: pytest.MonkeyPatch) -> None:
    """The work on files without a process of its own for each: `tests/faults/test_gate_files.py` has the real thing."""
    from moderation.register import gate_packs, gate_work, packs, pdf

    patch.setattr(gate_packs, "ask", lambda module, verb, content, seconds: unpacked(gate_work.answer(verb, content)))
    patch.setattr(packs, "ask", lambda module, verb, content, seconds: unpacked(pdf._answer(verb, content)))


def findings_of(engine: Engine, plan: str) -> list[Finding]:
    with Session(engine) as session:
        found = select(Finding).join(Document, col(Document.id) == Finding.document_id).where(Document.plan_version_id == plan)
        return list(session.exec(found.order_by(col(Finding.page), col(Finding.starts))))


def seen(engine: Engine, plan: str, ids: Sequence[str]) -> str:
    """What a page that is loaded now has seen of these findings."""
    return seen_of({row.id: row.version for row in findings_of(engine, plan) if row.id in ids})


def decide_all(engine: Engine, world: World, plan: str, decision: Decision = Decision.REPLACE) -> None:
    """The lead decides everything, and looks at every page that the search could not read."""
    rows = [row.id for row in findings_of(engine, plan)]
    act_as(engine, world.grace, world.area_id, gate_deciding.decide, plan, rows, decision)
    with Session(engine) as session:
        looks = select(PageLook).join(Document, col(Document.id) == PageLook.document_id).where(Document.plan_version_id == plan)
        pages = [(look.document_id, look.page) for look in session.exec(looks)]
    for document, page in pages:
        act_as(engine, world.grace, world.area_id, gate_deciding.look_at, document, page, LookState.LOOKED)


def pass_the_gate(engine: Engine, world: World, plan: str) -> None:
    """Names and dates compared, then passed: the copies are not made yet."""
    with Session(engine) as session:
        version = session.exec(select(Gate.version).where(Gate.plan_version_id == plan)).one()
    act_as(engine, world.grace, world.area_id, gate_deciding.answer_checks, plan, version, ALL_RIGHT)
    act_as(engine, world.grace, world.area_id, gate.pass_gate, plan, version_of(engine, plan))


def version_of(engine: Engine, plan: str) -> int:
    with Session(engine) as session:
        return session.get_one(PlanVersion, plan).version


def through_the_gate(engine: Engine, world: World, settings: Settings, plan: str) -> None:
    """From a pack that was just uploaded to one that auditors can read."""
    jobs.render_documents(engine, settings)
    jobs.search_packs(engine, settings)
    decide_all(engine, world, plan)
    pass_the_gate(engine, world, plan)
    jobs.release_packs(engine, settings)


def released(tx: Transaction, plan: str, searched: Sequence[SearchedDocument], copies: Sequence[Copy]) -> None:
    """The same in one transaction, with the results of work that was done once for many plans."""
    row = gate_rows.gate_row(tx, plan)
    gate_searching.mark_searched(tx, plan, row.asked, searched)
    found = select(Finding.id).join(Document, col(Document.id) == Finding.document_id).where(Document.plan_version_id == plan)
    gate_deciding.decide(tx, plan, list(tx.session.exec(found)), Decision.REPLACE)
    gate_deciding.answer_checks(tx, plan, row.version, ALL_RIGHT)
    gate.pass_gate(tx, plan, tx.get(PlanVersion, plan).version)
    assert gate.mark_released(tx, plan, copies)


def copy_row(tx: Transaction, document: Document, by: str) -> ReleasedCopy:
    """A copy that says it lies where the original lies: for tests that read no bytes."""
    return ReleasedCopy(
        area_id=document.area_id, document_id=document.id, store_path=document.store_path, wrapped_key=document.wrapped_key or "",
        sha256=document.sha256, pages=document.pages, made_at=tx.now, passed_by=by,
    )  # fmt: skip
