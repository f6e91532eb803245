"""Minutes: written down when a meeting ends, noted, approved by its chair, published by the lead, corrected by addendum only."""

from sqlmodel import func, select

from moderation import post
from moderation.ledger import Transaction
from moderation.people.tables import Account
from moderation.words import InvalidInput, Problem, Refused

from . import record, states
from .events import MinutesAddendumAdded, MinutesMoved, MinutesNoted, MinutesWritten
from .meeting_rules import FIXED, MinutesState, move_minutes
from .queries_minutes import record_of
from .rows import meeting_in
from .states import OVER, MeetingState
from .tables import Meeting, MeetingMinutes, MinutesAddendum


def write_minutes(tx: Transaction, meeting: Meeting) -> MeetingMinutes:
    """Keep the record of a meeting that has just ended: what happens to its items later does not change it."""
    tx.session.flush()
    content = record.kept(record_of(tx.session, tx.area_id, meeting.id))
    row = MeetingMinutes(
        area_id=tx.area_id, meeting_id=meeting.id, content=content, content_sha256=record.digest_of(content, ""),
        written_at=tx.now, version=0,
    )  # fmt: skip
    tx.session.add(row)
    tx.record(MinutesWritten(meeting.id, row.content_sha256))
    return row


def note_minutes(tx: Transaction, meeting_id: str, version: int, notes: str) -> None:
    """What else has to stand in the minutes, as long as the chair has not approved them."""
    _, row = _minutes(tx, meeting_id)
    if row.state in FIXED:
        raise Refused("The chair has approved these minutes. They can be corrected by an addendum only.")
    tx.fresh(row, version, mine={"notes": notes})
    row.notes, row.content_sha256 = notes.strip(), record.digest_of(row.content, notes.strip())
    tx.record(MinutesNoted(meeting_id))


def send_to_chair(tx: Transaction, meeting_id: str, version: int) -> None:
    """The draft is complete: the chair is asked to approve it, by letter unless the chair is the one who asks."""
    meeting, row = _minutes(tx, meeting_id)
    _move(tx, row, version, MinutesState.WAITING)
    chair = tx.session.get(Account, meeting.moderator_id)
    if chair is not None and chair.id != tx.actor.account_id:
        body = f"The minutes of {meeting.title} are written. Please read and approve them: sign in and open Meetings."
        key = f"minutes {meeting_id} {row.version}"
        post.queue(tx, post.Letter(chair.email, f"Please approve the minutes of {meeting.title}", body, key))


def take_back(tx: Transaction, meeting_id: str, version: int) -> None:
    """From the chair back to the draft."""
    _move(tx, _minutes(tx, meeting_id)[1], version, MinutesState.DRAFT)


def approve_minutes(tx: Transaction, meeting_id: str, version: int) -> None:
    """The chair says that they are a true record. From then on they never change. Approving again changes nothing."""
    meeting, row = _minutes(tx, meeting_id)
    if tx.actor.account_id != meeting.moderator_id:
        raise Refused("Only the chair of the meeting can approve its minutes. If the chair cannot, hand the meeting over.")
    if row.state in FIXED:
        return
    row.approved_at, row.approved_by = tx.now, tx.actor.account_id
    _move(tx, row, version, MinutesState.APPROVED)


def publish_minutes(tx: Transaction, meeting_id: str) -> None:
    """Everybody who was there may read them. Publishing again changes nothing."""
    meeting, row = _minutes(tx, meeting_id)
    if row.state is MinutesState.PUBLISHED:
        return
    row.published_at, row.published_by = tx.now, tx.actor.account_id
    _move(tx, row, row.version, MinutesState.PUBLISHED)
    meeting.state = states.move_meeting(meeting.state, MeetingState.MINUTES_PUBLISHED)
    meeting.version += 1


def add_addendum(tx: Transaction, meeting_id: str, text: str, reason: str) -> int:
    """A correction of approved minutes, beside them; returns its number. The same correction again is the same addendum."""
    _, row = _minutes(tx, meeting_id)
    if row.state not in FIXED:
        raise Refused("These minutes are not approved yet. Correct them by a note.")
    if tx.actor.account_id is None:
        raise Refused("An addendum has an author.")
    _check_addendum(text, reason)
    mine = (MinutesAddendum.area_id == tx.area_id, MinutesAddendum.minutes_id == row.id)
    twice = tx.session.exec(select(MinutesAddendum.number).where(*mine, MinutesAddendum.text == text.strip())).first()
    if twice is not None:
        return twice
    number = 1 + tx.session.exec(select(func.count()).select_from(MinutesAddendum).where(*mine)).one()
    tx.session.add(
        MinutesAddendum(
            area_id=tx.area_id, minutes_id=row.id, number=number, text=text.strip(), reason=reason.strip(),
            added_by=tx.actor.account_id, added_at=tx.now,
        )
    )  # fmt: skip
    tx.record(MinutesAddendumAdded(meeting_id, number))
    return number


def _check_addendum(text: str, reason: str) -> None:
    problems = [] if text.strip() else [Problem("text", "Enter what the minutes should say")]
    if not reason.strip():
        problems.append(Problem("reason", "Enter why the minutes are corrected"))
    if problems:
        raise InvalidInput(problems)


def _minutes(tx: Transaction, meeting_id: str) -> tuple[Meeting, MeetingMinutes]:
    meeting = meeting_in(tx, meeting_id, OVER)
    chosen = select(MeetingMinutes).where(MeetingMinutes.area_id == tx.area_id, MeetingMinutes.meeting_id == meeting_id)
    return meeting, tx.session.exec(chosen).first() or write_minutes(tx, meeting)


def _move(tx: Transaction, row: MeetingMinutes, version: int, to: MinutesState) -> None:
    moved = move_minutes(row.state, to)
    tx.fresh(row, version, mine={"state": to.words})
    row.state = moved
    tx.record(MinutesMoved(row.meeting_id, to, row.content_sha256))
