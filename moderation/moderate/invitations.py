"""Who is invited to a meeting. A meeting exists only after its round is closed, so no invitation can tell anything before.

Every item needs somebody from each agency of the round. Inviting people among whom an agency is missing has to be meant.
"""

from collections.abc import Collection, Sequence

from moderation.ledger import Transaction
from moderation.web.filters import join_words, plural
from moderation.words import AGENCY_NAMES, InvalidInput, NotFound, Problem

from . import states
from .calendar import Method
from .covering import Gap, gaps, inviting, people_for
from .events import PeopleInvited
from .letters import tell
from .meetings import seats_of
from .places import Place, place_in, places_of
from .queries import MISSING, agency_kinds_needed
from .queries_cover import candidates
from .queries_meetings import meeting_facts
from .rows import BEFORE, attendance_of, meeting_in
from .states import MeetingState
from .tables import Attendance, Meeting

EVEN_SO = "Choose who else is invited, or tick that you send the invitations all the same"


def invite(tx: Transaction, meeting_id: str, wanted: Collection[str], even_so: bool = False) -> tuple[int, int]:
    """Exactly these people are invited: newcomers get an invitation, whoever is left out a cancellation, the others nothing.
    Returns how many of each. `even_so`: also when that leaves an item without somebody from an agency."""
    meeting = meeting_in(tx, meeting_id, BEFORE)
    agencies, seats = seats_of(tx, meeting.round_id), {seat.account_id: seat for seat in attendance_of(tx, meeting_id)}
    if not set(wanted) <= agencies.keys():
        raise NotFound(MISSING)
    new, gone = sorted(set(wanted) - seats.keys()), sorted(seats.keys() - set(wanted))
    if not (new or gone):
        return 0, 0
    if not even_so:
        _refuse_gaps(tx, meeting, wanted)
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


def invite_missing(tx: Transaction, meeting_id: str, item_id: str = "") -> tuple[int, int]:
    """Invite whoever has to come so that each agency is there, for one item or for the whole agenda, beside those who are invited.
    Doing it again changes nothing."""
    meeting = meeting_in(tx, meeting_id, BEFORE)
    places = [place_in(tx, item_id, BEFORE, meeting_id)] if item_id else places_of(tx, meeting)
    invited = {seat.account_id for seat in attendance_of(tx, meeting_id)}
    more = {one.account_id for one in people_for(_gaps(tx, meeting, places, invited))}
    return invite(tx, meeting_id, invited | more, even_so=True)


def _gaps(tx: Transaction, meeting: Meeting, places: Sequence[Place], wanted: Collection[str]) -> tuple[Gap, ...]:
    people = candidates(tx.session, tx.area_id, meeting_facts(tx.session, tx.area_id, meeting.id))
    plans = {plan for place in places for plan in place.plans_standing}
    return gaps(agency_kinds_needed(tx.session, tx.area_id, meeting.round_id), inviting(people, wanted), plans)


def _refuse_gaps(tx: Transaction, meeting: Meeting, wanted: Collection[str]) -> None:
    places = places_of(tx, meeting)
    found = _gaps(tx, meeting, places, wanted)
    if found:
        raise InvalidInput([Problem("present", " ".join(_missing(gap, places) for gap in found)), Problem("even_so", EVEN_SO)])


def _missing(gap: Gap, places: Sequence[Place]) -> str:
    at = [number for number, place in enumerate(places, start=1) if place.plans_standing & gap.plans]
    where = "any item" if len(at) == len(places) else f"{plural(len(at), 'item')} ({join_words(at)})"
    who = f" Add {join_words(one.name for one in gap.people)}." if gap.people else ""
    return f"{AGENCY_NAMES[gap.kind]}: nobody of these people can take part in {where}.{who}"
