"""What pages show of frameworks: their versions, one version whole, and what a version changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from moderation.people.tables import Area

from .changes import CriterionChange, changes
from .framework import Framework, parse
from .lookups import framework_row
from .tables import FrameworkVersion, VersionState


@dataclass(frozen=True)
class FrameworkLine:
    id: str
    number: int
    title: str
    is_draft: bool
    based_on: int | None
    created_at: datetime
    published_at: datetime | None


@dataclass(frozen=True)
class FrameworkView:
    """One version, with everything in it."""

    line: FrameworkLine
    framework: Framework
    based_on_id: str | None
    version: int


def framework_versions(session: Session, area_id: str) -> list[FrameworkLine]:
    """All versions of the area's framework, the newest first."""
    rows = session.exec(select(FrameworkVersion).where(FrameworkVersion.area_id == area_id)).all()
    numbers = {row.id: row.number for row in rows}
    return [_line(row, numbers.get(row.based_on_id or "")) for row in sorted(rows, key=lambda row: -row.number)]


def published_frameworks(session: Session, area_id: str) -> list[FrameworkLine]:
    return [line for line in framework_versions(session, area_id) if not line.is_draft]


def framework_view(session: Session, area_id: str, framework_version_id: str) -> FrameworkView:
    row = framework_row(session, area_id, framework_version_id)
    base = framework_row(session, area_id, row.based_on_id) if row.based_on_id else None
    return FrameworkView(_line(row, base.number if base else None), parse(row.content), row.based_on_id, row.version)


def framework_changes(session: Session, area_id: str, framework_version_id: str) -> tuple[CriterionChange, ...]:
    """What a version says differently from the one it is based on; the first version differs from nothing."""
    row = framework_row(session, area_id, framework_version_id)
    if row.based_on_id is None:
        return ()
    return changes(parse(framework_row(session, area_id, row.based_on_id).content), parse(row.content))


def areas_without_framework(session: Session) -> list[str]:
    having = select(FrameworkVersion.area_id).distinct()
    return list(session.exec(select(Area.id).where(col(Area.id).not_in(having))))


def _line(row: FrameworkVersion, based_on: int | None) -> FrameworkLine:
    is_draft = row.state is VersionState.DRAFT
    return FrameworkLine(row.id, row.number, row.title, is_draft, based_on, row.created_at, row.published_at)
