"""What the minutes of a meeting that is over say of its items, whatever later meetings have made of them."""

from collections.abc import Collection, Mapping

from sqlmodel import Session, col, select

from . import record
from .record import ItemRecord, MinutesRecord
from .states import DisagreementState, decided
from .tables import MeetingMinutes

KeptItems = Mapping[tuple[str, str], ItemRecord]  # by reference of the plan and criterion


def kept_records(session: Session, area_id: str, meetings: Collection[str]) -> dict[str, MinutesRecord]:
    """By meeting; none for a meeting that is not over."""
    chosen = select(MeetingMinutes.meeting_id, MeetingMinutes.content).where(MeetingMinutes.area_id == area_id)
    found = session.exec(chosen.where(col(MeetingMinutes.meeting_id).in_(meetings)))
    return {meeting_id: record.read(content) for meeting_id, content in found}


def kept_state(item: ItemRecord) -> DisagreementState:
    """What the meeting made of it. What it did not settle was free when it ended."""
    if item.withdrawn:
        return DisagreementState.WITHDRAWN
    if item.agreed:
        return decided(item.agreed.basis)
    return DisagreementState.DEFERRED if item.deferred_reason else DisagreementState.FOUND


def counts_in(found: MinutesRecord) -> tuple[int, int, int]:
    """Places on the agenda, agreed ratings, and what was deferred."""
    deferred = sum(kept_state(item) is DisagreementState.DEFERRED for item in found.items)
    return len(found.places), len(found.decided), deferred
