"""Who is invited to a meeting. A meeting exists only after its round is closed, so no invitation can tell anything before.

Every item needs somebody from each agency of the round. Inviting nobody of an agency has to be meant. Which item lacks whom because
of a conflict of interest is said when people are invited, not before: by then they have a letter, and the ledger knows of it.
"""

from collections.abc import Collection, Sequence

from moderation.ledger import Transaction
from moderation.web.filters import join_words
from moderation.words import AGENCY_NAMES, AgencyKind, InvalidInput, NotFound, Problem

from . import states
from .calendar import Method
from .covering import Candidate, Gap, absent, gaps, inviting, people_for
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
    Returns how many of each. `even_so`: also when nobody from an agency is among them."""
    meeting = meeting_in(tx, meeting_id, BEFORE)
    agencies, seats = seats_of(tx, meeting.round_id), {seat.account_id: seat for seat in attendance_of(tx, meeting_id)}
    if not set(wanted) <= agencies.keys():
        raise NotFound(MISSING)
    new, gone = sorted(set(wanted) - seats.keys()), sorted(seats.keys() - set(wanted))
    if not (new or gone):
        return 0, 0
    if not even_so:
        _refuse_absence(tx, meeting, wanted)
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
    Whoever has left the area since is told that they need not come. Doing it again changes nothing."""
    meeting = meeting_in(tx, meeting_id, BEFORE)
    places = [place_in(tx, item_id, BEFORE, meeting_id)] if item_id else places_of(tx, meeting)
    invited = {seat.account_id for seat in attendance_of(tx, meeting_id)} & seats_of(tx, meeting.round_id).keys()
    more = {one.account_id for one in people_for(_gaps(tx, meeting, places, invited))}
    return invite(tx, meeting_id, invited | more, even_so=True)


def _gaps(tx: Transaction, meeting: Meeting, places: Sequence[Place], wanted: Collection[str]) -> tuple[Gap, ...]:
    return gaps(_needed(tx, meeting), inviting(_people(tx, meeting), wanted), _plans(places))


def _needed(tx: Transaction, meeting: Meeting) -> Collection[AgencyKind]:
    return agency_kinds_needed(tx.session, tx.area_id, meeting.round_id)


def _people(tx: Transaction, meeting: Meeting) -> tuple[Candidate, ...]:
    return candidates(tx.session, tx.area_id, meeting_facts(tx.session, tx.area_id, meeting.id))


def _plans(places: Sequence[Place]) -> set[str]:
    return {plan for place in places for plan in place.plans_standing}


def _refuse_absence(tx: Transaction, meeting: Meeting, wanted: Collection[str]) -> None:
    people, plans = _people(tx, meeting), _plans(places_of(tx, meeting))
    missing = absent(_needed(tx, meeting), people, wanted)
    proposed = {gap.kind: gap.people for gap in gaps(missing, inviting(people, ()), plans)}
    if missing:
        said = " ".join(_nobody(kind, proposed.get(kind, ())) for kind in missing)
        raise InvalidInput([Problem("present", said), Problem("even_so", EVEN_SO)])


def _nobody(kind: AgencyKind, proposed: Sequence[Candidate]) -> str:
    who = f" Add {join_words(one.name for one in proposed)}." if proposed else ""
    return f"{AGENCY_NAMES[kind]}: nobody is chosen.{who}"
