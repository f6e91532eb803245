"""Who is invited to a meeting. A meeting exists only after its round is closed, so no invitation can tell anything before."""

from collections.abc import Collection

from moderation.ledger import Transaction
from moderation.words import NotFound

from . import states
from .calendar import Method
from .events import PeopleInvited
from .letters import tell
from .meetings import seats_of
from .queries import MISSING
from .rows import BEFORE, attendance_of, meeting_in
from .states import MeetingState
from .tables import Attendance


def invite(tx: Transaction, meeting_id: str, wanted: Collection[str]) -> tuple[int, int]:
    """Exactly these people are invited: newcomers get an invitation, whoever is left out a cancellation, the others nothing.
    Returns how many of each."""
    meeting = meeting_in(tx, meeting_id, BEFORE)
    agencies, seats = seats_of(tx, meeting.round_id), {seat.account_id: seat for seat in attendance_of(tx, meeting_id)}
    if not set(wanted) <= agencies.keys():
        raise NotFound(MISSING)
    new, gone = sorted(set(wanted) - seats.keys()), sorted(seats.keys() - set(wanted))
    if not (new or gone):
        return 0, 0
    meeting.sequence += 1
    if meeting.state is MeetingState.PLANNED:
        meeting.state = states.move_meeting(meeting.state, MeetingState.INVITED)
    for account in new:
        tx.session.add(Attendance(area_id=tx.area_id, meeting_id=meeting_id, account_id=account, agency_id=agencies[account]))
    for account in gone:
        tx.session.delete(seats[account])
    tell(tx, meeting, new, Method.REQUEST)
    tell(tx, meeting, gone, Method.CANCEL)
    tx.record(PeopleInvited(meeting_id, len(new), len(gone)))
    return len(new), len(gone)
