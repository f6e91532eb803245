"""What the lead sees of files that wait to be added: which plan each would go to, and what stands against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import exists
from sqlmodel import Session, col, select

from moderation.instants import today

from . import rules
from .lookups import existing
from .matching import by_squeezed, guess, squeezed
from .tables import ChildCase, Document, DocumentKind, FileState, PlanHold, PlanVersion, UploadBatch, UploadedFile
from .uploads_rules import NAMES, OPEN, Fit


@dataclass(frozen=True)
class FileLine:
    """One file with its plan, what it is, and how it stands."""

    id: str
    position: int
    name: str  # empty for all but whoever uploaded it: it often is the child's
    size: int
    pages: int | None
    reference: str
    plan_version_id: str | None
    kind: DocumentKind
    dated: date | None
    is_left_out: bool
    fit: Fit
    says: str
    remarks: tuple[str, ...]

    @property
    def is_to_add(self) -> bool:
        return self.fit is Fit.READY

    @property
    def is_open(self) -> bool:
        return self.fit in OPEN

    @property
    def fit_name(self) -> str:
        return NAMES[self.fit]


@dataclass(frozen=True)
class BatchView:
    id: str
    created_at: datetime
    ended_at: datetime | None
    added: int
    version: int
    files: tuple[FileLine, ...]
    plan_version_id: str | None = None  # of a single file that is added by itself

    def count(self, *fits: Fit) -> int:
        return sum(line.fit in fits for line in self.files)

    @property
    def ready(self) -> int:
        return self.count(Fit.READY)

    @property
    def checking(self) -> int:
        return self.count(Fit.CHECKING)

    @property
    def undecided(self) -> int:
        return self.count(*OPEN)

    @property
    def refused(self) -> int:
        return self.count(Fit.REFUSED)

    @property
    def plans(self) -> int:
        return len({line.plan_version_id for line in self.files if line.is_to_add})


@dataclass(frozen=True)
class _Pack:
    """The newest version of a plan, as far as adding to its pack goes."""

    plan_version_id: str
    reference: str
    closed: str | None
    digests: frozenset[str]
    final_plans: int


def batch_view(session: Session, area_id: str, batch_id: str, reader: str) -> BatchView:
    """A batch as this person may see it: without the names of files that somebody else has uploaded."""
    chosen = select(UploadBatch).where(UploadBatch.area_id == area_id, UploadBatch.id == batch_id)
    return view_of(session, existing(session.exec(chosen).first()), reader)


def open_batches(session: Session, area_id: str) -> list[BatchView]:
    """Batches that wait to be added, newest first."""
    chosen = select(UploadBatch).where(UploadBatch.area_id == area_id, col(UploadBatch.ended_at).is_(None))
    single = exists().where(col(UploadedFile.batch_id) == UploadBatch.id, col(UploadedFile.plan_version_id).is_not(None))
    chosen = chosen.where(~single)
    return [view_of(session, batch) for batch in session.exec(chosen.order_by(col(UploadBatch.created_at).desc()))]


@dataclass(frozen=True)
class Arriving:
    """A file on its way into the pack of a plan; `fault`: why it did not get there."""

    batch_id: str
    name: str  # as in `FileLine`
    fault: str | None
    sha256: str


def arriving(session: Session, area_id: str, plan_version_id: str, reader: str = "") -> list[Arriving]:
    """Single files that the clock makes into pages for a plan, or could not, oldest first."""
    chosen = (
        select(UploadedFile, UploadBatch.created_by)
        .join(UploadBatch, col(UploadBatch.id) == UploadedFile.batch_id)
        .where(UploadedFile.area_id == area_id, UploadedFile.plan_version_id == plan_version_id)
        .order_by(col(UploadBatch.created_at), col(UploadBatch.id))
    )
    return [
        Arriving(row.batch_id, row.name if by == reader else "", row.fault, row.uploaded_sha256) for row, by in session.exec(chosen)
    ]


def view_of(session: Session, batch: UploadBatch, reader: str = "") -> BatchView:
    rows = rows_of(session, batch)
    references = plan_choices(session, batch.area_id)
    known = by_squeezed(references)
    packs = _packs(session, batch.area_id, {known.get(squeezed(row.reference), row.reference) for row in rows})
    lines = [_line(row, rows, known, packs) for row in rows]
    if batch.created_by != reader:
        lines = [replace(line, name="") for line in lines]
    return BatchView(
        batch.id,
        batch.created_at,
        batch.ended_at,
        batch.added,
        batch.version,
        tuple(lines),
        rows[0].plan_version_id if rows else None,
    )


def rows_of(session: Session, batch: UploadBatch) -> Sequence[UploadedFile]:
    chosen = select(UploadedFile).where(UploadedFile.area_id == batch.area_id, UploadedFile.batch_id == batch.id)
    return session.exec(chosen.order_by(col(UploadedFile.position))).all()


def plan_choices(session: Session, area_id: str) -> list[str]:
    """The references of all plans on the register."""
    return list(session.exec(select(ChildCase.reference).where(ChildCase.area_id == area_id)))


def _packs(session: Session, area_id: str, references: set[str]) -> dict[str, _Pack]:
    """The packs of these plans by reference: the newest version of each."""
    plans = session.exec(
        select(ChildCase.reference, PlanVersion)
        .join(PlanVersion, col(PlanVersion.case_id) == ChildCase.id)
        .where(ChildCase.area_id == area_id, PlanVersion.area_id == area_id, col(ChildCase.reference).in_(references))
        .order_by(col(PlanVersion.number))
    )
    newest = dict(plans.all())
    ids = [plan.id for plan in newest.values()]
    held = set(
        session.exec(select(PlanHold.plan_version_id).where(PlanHold.area_id == area_id, col(PlanHold.plan_version_id).in_(ids)))
    )
    documents = session.exec(
        select(Document).where(
            Document.area_id == area_id, col(Document.plan_version_id).in_(ids), col(Document.erased_at).is_(None)
        )
    ).all()
    return {
        reference: _Pack(
            plan.id,
            reference,
            _closed(plan, plan.id in held),
            frozenset(
                digest
                for each in documents
                if each.plan_version_id == plan.id
                for digest in (each.sha256, each.uploaded_sha256)
                if digest
            ),
            sum(each.plan_version_id == plan.id and each.kind is DocumentKind.FINAL_PLAN for each in documents),
        )
        for reference, plan in newest.items()
    }


def _closed(plan: PlanVersion, is_held: bool) -> str | None:
    if is_held:
        return "A round uses this plan, or may use it as a hidden plan, so its audit pack cannot change. Leave the file out"
    if plan.released_at is not None:
        return "Its audit pack is released. Take the release back on the plan’s page, or leave the file out"
    return None


def _line(row: UploadedFile, rows: Sequence[UploadedFile], known: Mapping[str, str], packs: Mapping[str, _Pack]) -> FileLine:
    reference = known.get(squeezed(row.reference), row.reference)
    pack = packs.get(reference)
    fit, says = _stands(row, rows, known, pack)
    return FileLine(
        row.id,
        row.position,
        row.name,
        row.size,
        row.pages,
        reference,
        pack.plan_version_id if pack else None,
        row.kind,
        row.dated,
        row.is_left_out,
        fit,
        says,
        (*row.remarks, *filter(None, [rules.wordless_in_words(row.wordless, row.pages or 0).rstrip(".")])),
    )


def _stands(row: UploadedFile, rows: Sequence[UploadedFile], known: Mapping[str, str], pack: _Pack | None) -> tuple[Fit, str]:
    """How a file stands, and what to do about it."""
    if row.state is FileState.REFUSED:
        return Fit.REFUSED, f"This file {row.fault}"
    if row.is_left_out:
        return Fit.LEFT_OUT, ""
    earlier = next((one for one in rows if one.position < row.position and one.uploaded_sha256 == row.uploaded_sha256), None)
    if earlier is not None and not earlier.is_left_out and earlier.reference == row.reference:
        return Fit.TWICE, f"It is the same as file {earlier.position}. Leave one of them out"
    if pack is None:
        return _without_plan(row, known)
    if pack.closed:
        return Fit.CLOSED, pack.closed
    if pack.digests & {row.sha256, row.uploaded_sha256}:
        return Fit.THERE, f"It is in the audit pack of {pack.reference} already. Leave it out"
    if row.state is FileState.WAITING:
        return Fit.CHECKING, "It is being checked. Load this page again in a minute"
    return Fit.READY, _notice(row, rows, pack)


def _without_plan(row: UploadedFile, known: Mapping[str, str]) -> tuple[Fit, str]:
    if row.reference:
        return Fit.UNKNOWN, f"There is no plan {row.reference} on the register. Correct the reference, or leave the file out"
    named = guess(row.name.rpartition(": ")[2], known, today()).references
    if len(named) > 1:
        return Fit.AMBIGUOUS, f"Its name has {' and '.join(named)}. Enter the right one, or leave the file out"
    return Fit.NO_PLAN, "Its name has no reference of the register. Enter one, or leave the file out"


def _notice(row: UploadedFile, rows: Sequence[UploadedFile], pack: _Pack) -> str:
    if row.kind is not DocumentKind.FINAL_PLAN:
        return ""
    others = [
        one for one in rows
        if one.kind is DocumentKind.FINAL_PLAN and not one.is_left_out and one.state is not FileState.REFUSED
        and squeezed(one.reference) == squeezed(row.reference)
    ]  # fmt: skip
    if len(others) + pack.final_plans > 1:
        return f"{pack.reference} would have more than one final plan. Check what each file is"
    return ""
