"""What the clock does for the register: it draws, searches and copies documents, and gives each new area its framework."""

import time

from sqlalchemy import Engine
from sqlmodel import Session

from moderation.instants import now, today
from moderation.ledger import CLOCK, Via, transaction
from moderation.settings import Settings
from moderation.store import Store, Unreadable, open_store
from moderation.words import InvalidInput, plural

from .actions import install_framework, mark_rendered
from .gate import mark_release_failed, mark_released
from .gate_due import Due, coverings, discarded, due_for_release, due_for_search
from .gate_packs import Copy, WorkFailed, make_copy, people_of, search_pack
from .gate_rows import erase_row
from .gate_searching import mark_search_failed, mark_searched
from .packs import DRAW_SECONDS, Drawn, Kept, draw_pages, keep_document
from .queries import areas_without_framework, undrawn_documents
from .tables import UploadedFile
from .uploads import KEEP, mark_checked, old_batches, throw_away, waiting_files

IN_A_ROW = 20  # documents per run: the clock has other work too


def render_documents(engine: Engine, settings: Settings) -> str:
    """Draw the pages of the documents that have none yet, oldest first."""
    with Session(engine) as session:
        waiting = undrawn_documents(session, IN_A_ROW)
    for document_id in waiting:
        render_document(engine, settings, document_id)
    return f"{plural(len(waiting), 'document')} drawn"


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


def check_uploads(engine: Engine, settings: Settings) -> str:
    """Check uploaded files that wait to be added, oldest first."""
    return f"{plural(check_files(engine, open_store(settings)), 'file')} checked"


def check_files(engine: Engine, store: Store, batch_id: str | None = None, seconds: float = DRAW_SECONDS) -> int:
    """Check waiting files, of one batch or of all, until the time is up; whoever comes second to a file changes nothing."""
    with Session(engine) as session:
        waiting = waiting_files(session, IN_A_ROW, batch_id)
    started, checked = time.monotonic(), 0
    for file in waiting:
        if time.monotonic() - started > seconds:
            break
        _check_file(engine, store, file)
        checked += 1
    return checked


def _check_file(engine: Engine, store: Store, file: UploadedFile) -> None:
    outcome = _outcome(store, file)
    with transaction(engine, CLOCK, Via.JOB, file.area_id) as tx:
        unneeded = mark_checked(tx, file.id, outcome)
    for place in unneeded:
        store.erase(place)


def _outcome(store: Store, file: UploadedFile) -> Kept | str:
    try:
        return keep_document(store, store.get(file.store_path or "", file.wrapped_key or ""), file.name)
    except InvalidInput as refused:
        return refused.problems[0].message.removeprefix("The file ")
    except Unreadable:
        return "is not in the store, or was changed there. Upload it again"


def forget_uploads(engine: Engine, settings: Settings) -> str:
    """Throw away batches that nobody added for a week."""
    with Session(engine) as session:
        old = old_batches(session, now().date() - KEEP)
    for area_id, batch_id in old:
        with transaction(engine, CLOCK, Via.JOB, area_id) as tx:
            places = throw_away(tx, batch_id)
        for place in places:
            open_store(settings).erase(place)
    return f"{plural(len(old), 'upload')} thrown away"


def search_packs(engine: Engine, settings: Settings) -> str:
    """Search the packs that are new or changed, as soon as all their pages are drawn."""
    with Session(engine) as session:
        waiting = due_for_search(session, IN_A_ROW)
    for due in waiting:
        _search(engine, open_store(settings), due)
    return f"{plural(len(waiting), 'pack')} searched"


def _search(engine: Engine, store: Store, due: Due) -> None:
    """The search happens outside the transaction; its answer counts only if the pack is still the same."""
    try:
        people = people_of(store, due.people_path, due.people_key)
        found = search_pack(store, due.documents, people, due.settings, today(), due.added)
    except (WorkFailed, Unreadable) as fault:
        with transaction(engine, CLOCK, Via.JOB, due.area_id) as tx:
            mark_search_failed(tx, due.plan_version_id, due.asked, _reason(fault))
        return
    with transaction(engine, CLOCK, Via.JOB, due.area_id) as tx:
        mark_searched(tx, due.plan_version_id, due.asked, found)


def release_packs(engine: Engine, settings: Settings) -> str:
    """Make the copies of packs that a person has passed, and release them."""
    with Session(engine) as session:
        waiting = due_for_release(session, IN_A_ROW)
    for due in waiting:
        _release(engine, open_store(settings), due)
    return f"{plural(len(waiting), 'pack')} released"


def _release(engine: Engine, store: Store, due: Due) -> None:
    """Copies that were made for a pack that is closed again meanwhile are thrown away."""
    copies: list[Copy] = []
    try:
        with Session(engine) as session:
            wanted = [(each, *coverings(session, due.area_id, each.document_id)) for each in due.documents]
        copies += [make_copy(store, each, covered, left_out) for each, covered, left_out in wanted]
    except (WorkFailed, Unreadable) as fault:
        with transaction(engine, CLOCK, Via.JOB, due.area_id) as tx:
            mark_release_failed(tx, due.plan_version_id, _reason(fault))
        return
    with transaction(engine, CLOCK, Via.JOB, due.area_id) as tx:
        is_released = mark_released(tx, due.plan_version_id, copies)
    for copy in () if is_released else copies:
        store.erase(copy.stored.path)


def _reason(fault: Exception) -> str:
    return str(fault) if isinstance(fault, WorkFailed) else "is not in the store, or was changed there"


def erase_discarded(engine: Engine, settings: Settings) -> str:
    """Remove from the store what has lost its key."""
    with Session(engine) as session:
        waiting = discarded(session, IN_A_ROW)
    for area_id, row_id, path in waiting:
        open_store(settings).erase(path)
        with transaction(engine, CLOCK, Via.JOB, area_id) as tx:
            erase_row(tx, row_id)
    return f"{plural(len(waiting), 'object')} erased"


def install_frameworks(engine: Engine, settings: Settings) -> str:
    """Give each area that has no framework the built-in one."""
    with Session(engine) as session:
        waiting = areas_without_framework(session)
    for area_id in waiting:
        with transaction(engine, CLOCK, Via.JOB, area_id) as tx:
            install_framework(tx)
    return f"{plural(len(waiting), 'area')} given the framework"
