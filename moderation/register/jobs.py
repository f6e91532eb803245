"""What the clock does for the register: it draws the pages of new documents, and gives each new area its framework."""

from sqlalchemy import Engine
from sqlmodel import Session

from moderation.ledger import CLOCK, Via, transaction
from moderation.settings import Settings
from moderation.store import Unreadable, open_store

from .actions import install_framework, mark_rendered
from .packs import Drawn, draw_pages
from .queries import areas_without_framework, undrawn_documents

IN_A_ROW = 20  # documents per run: the clock has other work too


def render_documents(engine: Engine, settings: Settings) -> str:
    """Draw the pages of the documents that have none yet, oldest first."""
    with Session(engine) as session:
        waiting = undrawn_documents(session, IN_A_ROW)
    for document_id in waiting:
        render_document(engine, settings, document_id)
    return f"{len(waiting)} documents drawn"


def render_document(engine: Engine, settings: Settings, document_id: str) -> None:
    """Draw the pages of one document. The drawing happens outside the transaction, so that nobody waits for it."""
    with Session(engine) as session:
        place = undrawn_documents(session, IN_A_ROW, document_id).get(document_id)
    if place is None:
        return
    try:
        drawn = draw_pages(open_store(settings), place.path, place.wrapped_key)
    except Unreadable:
        drawn = Drawn(0, "is not in the store, or was changed there")
    with transaction(engine, CLOCK, Via.JOB, place.area_id) as tx:
        mark_rendered(tx, document_id, drawn)


def install_frameworks(engine: Engine, settings: Settings) -> str:
    """Give each area that has no framework the built-in one."""
    with Session(engine) as session:
        waiting = areas_without_framework(session)
    for area_id in waiting:
        with transaction(engine, CLOCK, Via.JOB, area_id) as tx:
            install_framework(tx)
    return f"{len(waiting)} areas given the framework"
