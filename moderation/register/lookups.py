"""Rows of one area by id: what is missing and what belongs to another area are the same."""

from collections.abc import Sequence
from typing import TypeVar

from sqlmodel import Session, col, select

from moderation.words import NotFound

from .tables import ChildCase, Document, FrameworkVersion, PlanVersion

Found = TypeVar("Found")


def existing(found: Found | None) -> Found:
    if found is None:
        raise NotFound("Page not found")
    return found


def framework_row(session: Session, area_id: str, framework_version_id: str) -> FrameworkVersion:
    chosen = select(FrameworkVersion).where(FrameworkVersion.area_id == area_id, FrameworkVersion.id == framework_version_id)
    return existing(session.exec(chosen).first())


def plan_row(session: Session, area_id: str, plan_version_id: str) -> tuple[PlanVersion, ChildCase]:
    chosen = (
        select(PlanVersion, ChildCase)
        .join(ChildCase, col(ChildCase.id) == PlanVersion.case_id)
        .where(PlanVersion.area_id == area_id, PlanVersion.id == plan_version_id)
    )
    return existing(session.exec(chosen).first())


def pack_rows(session: Session, area_id: str, plan_version_id: str) -> Sequence[Document]:
    """The documents of an audit pack in their order."""
    return session.exec(
        select(Document)
        .where(Document.area_id == area_id, Document.plan_version_id == plan_version_id, col(Document.erased_at).is_(None))
        .order_by(col(Document.position))
    ).all()
