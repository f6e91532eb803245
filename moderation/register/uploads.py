"""Uploading many files at once: kept, checked, matched to plans by their names, looked over by the lead, added all together.

Nothing of a batch is on the register before it is added, and adding is one transaction: a crash leaves the whole batch as it was.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from moderation.instants import today
from moderation.ledger import Transaction
from moderation.store import Store, Stored
from moderation.words import InvalidInput, Problem, Refused, ServiceError, new_id

from . import events, uploads_rules
from .actions import attach_document, check_open
from .archives import is_archive, members
from .batch_views import arriving, plan_choices, rows_of, view_of
from .matching import Guess, by_squeezed, guess
from .packs import Kept, unfit_at_first_sight
from .refusals import Refusal
from .tables import Document, DocumentKind, FileState, UploadBatch, UploadedFile

KEEP = timedelta(days=7)  # a batch that nobody adds


@dataclass(frozen=True)
class Arrived:
    """A file as it came: kept in the store, or refused at once."""

    name: str
    size: int
    sha256: str
    stored: Stored | None
    fault: str | None = None


@dataclass(frozen=True)
class Change:
    """What the lead says of one file."""

    reference: str
    kind: DocumentKind
    dated: date | None
    is_left_out: bool


def arrived(store: Store, name: str, content: bytes) -> Iterator[Arrived]:
    """Keep a file, or every file of a ZIP archive. What can be refused at first sight is not kept."""
    if not is_archive(content):
        yield kept(store, name, content)
        return
    try:
        for member in members(content):
            yield _kept(store, f"{name}: {member.name}", member.content, member.fault or unfit_at_first_sight(member.content))
    except Refusal as refusal:
        yield _kept(store, name, content, str(refusal))


def kept(store: Store, name: str, content: bytes) -> Arrived:
    """A file as it came, in the store unless it is refused at first sight."""
    return _kept(store, name, content, unfit_at_first_sight(content))


def _kept(store: Store, name: str, content: bytes, fault: str | None) -> Arrived:
    digest = hashlib.sha256(content).hexdigest()
    return Arrived(_shown(name), len(content), digest, None if fault else store.put(content), fault)


def _shown(name: str) -> str:
    """A name as it can be shown: without control letters, and the end of it where it is long."""
    plain = "".join(letter for letter in name.replace("\\", "/") if letter.isprintable())
    return plain if len(plain) <= 200 else f"…{plain[-199:]}"


def start_batch(tx: Transaction, files: Sequence[Arrived]) -> str:
    """Put files up for looking over, each with what its name says."""
    batch = UploadBatch(id=new_id(), area_id=tx.area_id, created_at=tx.now, created_by=tx.actor.account_id)
    tx.session.add(batch)
    known = by_squeezed(plan_choices(tx.session, tx.area_id or ""))
    for position, file in enumerate(files, start=1):
        tx.session.add(_row(batch, position, file, guess(file.name.rpartition(": ")[2], known, today())))
    tx.record(events.FilesUploaded(batch.id, len(files)))
    return batch.id


def _row(batch: UploadBatch, position: int, file: Arrived, guessed: Guess) -> UploadedFile:
    return UploadedFile(
        area_id=batch.area_id,
        batch_id=batch.id,
        position=position,
        name=file.name,
        state=FileState.WAITING if file.stored else FileState.REFUSED,
        fault=file.fault,
        store_path=file.stored.path if file.stored else None,
        wrapped_key=file.stored.wrapped_key if file.stored else None,
        size=file.size,
        uploaded_sha256=file.sha256,
        reference=guessed.reference,
        kind=guessed.kind,
        dated=guessed.dated,
    )


def start_direct(tx: Transaction, plan_version_id: str, kind: DocumentKind, dated: date | None, file: Arrived) -> str:
    """Put up one file that takes a while to be made into pages; the clock adds it to the pack of this plan by itself."""
    plan = check_open(tx, plan_version_id, file.sha256)
    if any(one.sha256 == file.sha256 and one.fault is None for one in arriving(tx.session, plan.area_id, plan.id)):
        raise InvalidInput([Problem("file", "This file is being prepared already")])
    batch = UploadBatch(id=new_id(), area_id=tx.area_id, created_at=tx.now, created_by=tx.actor.account_id)
    tx.session.add(batch)
    row = _row(batch, 1, file, Guess((), kind, dated))
    row.plan_version_id = plan.id
    tx.session.add(row)
    tx.record(events.FilesUploaded(batch.id, 1))
    return batch.id


def mark_checked(tx: Transaction, file_id: str, outcome: Kept | str) -> list[str]:
    """Note what the check of a file found; a file for one plan is added at once. Returns places that the store needs no longer."""
    file = tx.session.get(UploadedFile, file_id)
    if file is None or file.area_id != tx.area_id or file.state is not FileState.WAITING:
        return [outcome.stored.path] if isinstance(outcome, Kept) else []  # thrown away, or checked by somebody else, meanwhile
    raw = file.store_path or ""
    if isinstance(outcome, Kept):
        file.state, file.pages, file.sha256 = FileState.READY, outcome.pages, outcome.stored.sha256
        file.remarks, file.wordless = list(outcome.remarks), list(outcome.wordless)
        file.store_path, file.wrapped_key, file.size = outcome.stored.path, outcome.stored.wrapped_key, outcome.stored.size
    else:
        file.state, file.fault, file.store_path, file.wrapped_key = FileState.REFUSED, outcome[:300], None, None
    tx.record(events.FileChecked(file.batch_id, file.id, isinstance(outcome, Kept)))
    return [raw, *(_add_direct(tx, file, file.plan_version_id) if file.plan_version_id and isinstance(outcome, Kept) else [])]


def _add_direct(tx: Transaction, file: UploadedFile, plan_version_id: str) -> list[str]:
    """Into the pack of its plan. If that has been closed meanwhile the file says so, until somebody has read it."""
    batch = tx.get(UploadBatch, file.batch_id)
    try:
        _attach(tx, file, plan_version_id, batch.created_by)
    except (InvalidInput, Refused) as refusal:
        unneeded = file.store_path or ""
        file.state, file.fault, file.pages = FileState.REFUSED, _why(refusal), None
        file.store_path = file.wrapped_key = None
        return [unneeded]
    batch.added = 1
    _end(tx, batch)
    tx.record(events.FilesAdded(batch.id, 1))
    return []


def _why(refusal: ServiceError) -> str:
    said = refusal.problems[0].message if isinstance(refusal, InvalidInput) else str(refusal)
    return f"could not be added. {said}"[:300]


def change_batch(tx: Transaction, batch_id: str, changes: Mapping[str, Change], version: int) -> None:
    """Say which plans files belong to, what they are, and which are left out."""
    batch = _open_batch(tx, batch_id)
    if batch is None:
        return
    rows = [row for row in rows_of(tx.session, batch) if row.id in changes]
    if not any(_differs(row, changes[row.id]) for row in rows):
        return
    tx.fresh(batch, version, mine={f"File {row.position}": changes[row.id].reference or "no plan" for row in rows})
    for row in rows:
        change = changes[row.id]
        row.reference, row.kind, row.dated, row.is_left_out = change.reference, change.kind, change.dated, change.is_left_out
    tx.record(events.FilesMatched(batch.id))


def _differs(row: UploadedFile, change: Change) -> bool:
    return Change(row.reference, row.kind, row.dated, row.is_left_out) != change


def add_batch(tx: Transaction, batch_id: str) -> tuple[int, list[str]]:
    """Add every file that is not left out to the audit pack of its plan, all or none. Adding twice is adding.

    Returns how many were added, and the places in the store of those that were not.
    """
    batch = _open_batch(tx, batch_id)
    if batch is None:
        return tx.get(UploadBatch, batch_id).added, []
    view = view_of(tx.session, batch)
    uploads_rules.check_addable(view.files)
    lines = {line.id: line for line in view.files}
    for row in rows_of(tx.session, batch):
        if lines[row.id].is_to_add:
            _attach(tx, row, lines[row.id].plan_version_id or "", batch.created_by)
    batch.added = sum(line.is_to_add for line in view.files)
    places = _end(tx, batch)
    tx.record(events.FilesAdded(batch.id, batch.added))
    return batch.added, places


def _attach(tx: Transaction, row: UploadedFile, plan_version_id: str, uploaded_by: str | None) -> None:
    """Whoever uploaded a file knows its name, whoever adds it."""
    stored = Stored(row.store_path or "", row.wrapped_key or "", row.sha256 or "", row.size)
    kept = Kept(stored, row.pages or 0, row.uploaded_sha256, tuple(row.remarks), tuple(row.wordless))
    try:
        document_id = attach_document(tx, plan_version_id, row.kind, row.dated, kept)
    except InvalidInput as wrong:
        raise InvalidInput(uploads_rules.at_file(row.position, wrong.problems)) from wrong
    tx.get(Document, document_id).uploaded_by = uploaded_by
    row.store_path = None  # the document's now


def throw_away(tx: Transaction, batch_id: str) -> list[str]:
    """Forget a batch. Returns the places in the store that are no longer needed."""
    batch = _open_batch(tx, batch_id)
    if batch is None:
        return []
    places = _end(tx, batch)
    tx.record(events.FilesThrownAway(batch.id, len(places)))
    return places


def _end(tx: Transaction, batch: UploadBatch) -> list[str]:
    """The files' rows go, names and all."""
    rows = rows_of(tx.session, batch)
    places = [row.store_path for row in rows if row.store_path]
    for row in rows:
        tx.session.delete(row)
    batch.ended_at = tx.now
    batch.version += 1
    return places


def _open_batch(tx: Transaction, batch_id: str) -> UploadBatch | None:
    batch = tx.get(UploadBatch, batch_id)
    return None if batch.ended_at else batch


def waiting_files(session: Session, limit: int, batch_id: str | None = None) -> list[UploadedFile]:
    """Files that wait to be checked, oldest first, of every area or of one batch."""
    waiting = select(UploadedFile).where(UploadedFile.state == FileState.WAITING)
    if batch_id is not None:
        waiting = waiting.where(UploadedFile.batch_id == batch_id)
    return list(session.exec(waiting.order_by(col(UploadedFile.position), col(UploadedFile.id)).limit(limit)))


def old_batches(session: Session, before: date) -> list[tuple[str, str]]:
    """Batches that nobody added for days: area and id."""
    batches = session.exec(select(UploadBatch).where(col(UploadBatch.ended_at).is_(None)))
    return [(batch.area_id, batch.id) for batch in batches if batch.created_at.date() < before]
