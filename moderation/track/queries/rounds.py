"""The rounds that tracking may speak of: closed ones for agreement, published ones for everything else."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from moderation.allocate.rules import RELEASED, RoundState
from moderation.allocate.tables import Round
from moderation.instants import london
from moderation.register.tables import FrameworkVersion
from moderation.words import NotFound

PUBLISHED = frozenset({RoundState.PUBLISHED, RoundState.ARCHIVED})


@dataclass(frozen=True)
class TrackedRound:
    id: str
    number: int
    name: str
    closed_on: date
    published_on: date | None
    framework_version_id: str
    framework_number: int

    @property
    def is_published(self) -> bool:
        return self.published_on is not None


def released_rounds(session: Session, area_id: str) -> tuple[TrackedRound, ...]:
    """Closed and later rounds, the earliest first."""
    return _rounds(session, area_id, RELEASED)


def published_rounds(session: Session, area_id: str) -> tuple[TrackedRound, ...]:
    """Published rounds, the earliest first."""
    return _rounds(session, area_id, PUBLISHED)


def published_round(session: Session, area_id: str, round_id: str) -> TrackedRound:
    """One published round; NotFound for any other."""
    found = [one for one in published_rounds(session, area_id) if one.id == round_id]
    if not found:
        raise NotFound("Page not found")
    return found[0]


def _rounds(session: Session, area_id: str, states: frozenset[RoundState]) -> tuple[TrackedRound, ...]:
    statement = (
        select(Round, FrameworkVersion.number)
        .join(FrameworkVersion, col(FrameworkVersion.id) == Round.framework_version_id)
        .where(Round.area_id == area_id, FrameworkVersion.area_id == area_id, col(Round.state).in_(states))
        .order_by(col(Round.closed_at), col(Round.number))
    )
    return tuple(_tracked(row, number) for row, number in session.exec(statement))


def _tracked(row: Round, framework_number: int) -> TrackedRound:
    return TrackedRound(
        row.id,
        row.number,
        row.name,
        _day(row.closed_at),
        _day(row.published_at) if row.published_at else None,
        row.framework_version_id,
        framework_number,
    )


def _day(instant: Any) -> date:
    return london(instant).date()
