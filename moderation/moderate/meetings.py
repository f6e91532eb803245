"""Meetings, from the plan to the end. What goes on their agendas is in `agendas.py`, what they vote and decide in `decisions.py`.

create_meeting -> put_on_agenda -> start -> record_attendance -> record_revotes -> decide or defer_item -> conclude
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select

from moderation.allocate.actions import mark_met
from moderation.allocate.population import possible_auditors
from moderation.allocate.rules import RoundState
from moderation.allocate.tables import Round, RoundAuditor, RoundPlan
from moderation.ledger import Transaction
from moderation.people.queries import people_with
from moderation.people.tables import Agency
from moderation.register.tables import PlanVersion
from moderation.words import AgencyKind, InvalidInput, NotFound, Problem, Refused, Role

from . import rules, states
from .agenda_rows import state_here
from .calendar import Method
from .customs import decision_rule_of
from .drafts import note_undecided
from .events import (
    AttendanceRecorded,
    MeetingCancelled,
    MeetingChanged,
    MeetingConcluded,
    MeetingHandedOver,
    MeetingPlanned,
    MeetingStarted,
)
from .letters import tell_chairs, tell_everybody, tell_next_chair
from .minutes import write_minutes
from .queries import MISSING, agency_kinds_needed
from .queries_carried import to_confirm
from .queries_conflicts import drew_allocation, may_not_sit, out_of_plans
from .queries_meetings import meeting_facts
from .replaced import in_words
from .revealing import reveal_complete
from .rows import (
    BEFORE,
    UNFINISHED,
    agenda_of,
    attendance_of,
    defer,
    let_stand,
    meeting_in,
    move,
    refuse_conflicts,
    refuse_published,
    voting_seats,
)
from .states import OVER, DisagreementState, MeetingState
from .tables import Attendance, Meeting

WAITS = {
    MeetingState.IN_SESSION: "It is being held at this moment.",
    MeetingState.CONCLUDED: "It is over. Please read its minutes, and approve them if nobody has yet.",
}
TOLD = frozenset({"title", "starts_at", "minutes", "place"})  # what an invitation says


@dataclass(frozen=True)
class MeetingTerms:
    """When a meeting is held, and how much fits."""

    title: str
    starts_at: datetime
    minutes: int = 90
    minutes_per_item: int = 6
    place: str = ""


def create_meeting(tx: Transaction, round_id: str, terms: MeetingTerms, moderator_id: str | None = None) -> str:
    """Plan a meeting of a closed round; whoever plans it moderates it, unless somebody else is named."""
    found = tx.get(Round, round_id)
    if found.state not in (RoundState.CLOSED, RoundState.MODERATING):
        raise NotFound(MISSING)
    moderator = moderator_id or tx.actor.account_id
    if moderator is None:
        raise Refused("A meeting needs a moderator.")
    _check(terms)
    earlier = select(func.count()).select_from(Meeting).where(Meeting.area_id == tx.area_id, Meeting.round_id == round_id)
    number = tx.session.exec(earlier).one()
    meeting = Meeting(area_id=tx.area_id, round_id=round_id, number=number + 1, moderator_id=moderator, **_columns(terms))
    meeting.decision_rule = decision_rule_of(tx.session, tx.area_id)
    tx.session.add(meeting)
    tx.session.flush()
    tx.record(MeetingPlanned(meeting.id, round_id))
    return meeting.id


def change_meeting(tx: Transaction, meeting_id: str, version: int, terms: MeetingTerms) -> bool:
    """Another time, place, title or length, before it starts. The same terms change nothing, and nobody gets a letter; nor does
    anybody where what changes is in no invitation. True: something has changed."""
    meeting = meeting_in(tx, meeting_id, BEFORE)
    _check(terms)
    changed = {name: value for name, value in _columns(terms).items() if getattr(meeting, name) != value}
    if not changed:
        return False
    tx.fresh(meeting, version, mine=_columns(terms))
    for name, value in changed.items():
        setattr(meeting, name, value)
    if TOLD & changed.keys():
        tell_everybody(tx, meeting, Method.REQUEST)
    tx.record(MeetingChanged(meeting_id))
    return True


def planned_already(tx: Transaction, round_id: str, terms: MeetingTerms) -> str | None:
    """The meeting that whoever asks has planned with just these terms: nobody holds two of them at the same time."""
    mine = (Meeting.area_id == tx.area_id, Meeting.round_id == round_id, Meeting.moderator_id == tx.actor.account_id)
    same = [getattr(Meeting, name) == value for name, value in _columns(terms).items()]
    return tx.session.exec(select(Meeting.id).where(*mine, *same, col(Meeting.state).in_(BEFORE))).first()


def cancel_meeting(tx: Transaction, meeting_id: str) -> None:
    """It will not be held: what was on its agenda is free for another meeting. Cancelling again changes nothing."""
    meeting = tx.get(Meeting, meeting_id)
    if meeting.state is MeetingState.CANCELLED:
        return
    meeting.state = states.move_meeting(meeting.state, MeetingState.CANCELLED)
    meeting.version += 1
    listed = [row for _, row in agenda_of(tx, meeting_id) if row.state is DisagreementState.LISTED]
    for row in listed:
        move(row, DisagreementState.FOUND)
    let_stand(tx, listed)
    tell_everybody(tx, meeting, Method.CANCEL)
    tx.record(MeetingCancelled(meeting_id, len(listed)))


def _columns(terms: MeetingTerms) -> dict[str, Any]:
    return {
        "title": terms.title, "starts_at": terms.starts_at, "minutes": terms.minutes,
        "minutes_per_item": terms.minutes_per_item, "place": terms.place,
    }  # fmt: skip


def _check(terms: MeetingTerms) -> None:
    problems = []
    if not terms.title.strip():
        problems.append(Problem("title", "Enter a title for the meeting"))
    if not 5 <= terms.minutes <= 600:
        problems.append(Problem("minutes", "The meeting must last between 5 and 600 minutes"))
    if not 1 <= terms.minutes_per_item <= terms.minutes:
        problems.append(Problem("minutes_per_item", "Minutes for each item must be 1 or more, and fit into the meeting"))
    if problems:
        raise InvalidInput(problems)


def hand_over(tx: Transaction, meeting_id: str, to_account: str) -> None:
    """Another moderator takes the meeting over, also in the middle of it, or when only its minutes are left to approve:
    somebody who scored none of its plans."""
    meeting = meeting_in(tx, meeting_id, UNFINISHED | {MeetingState.CONCLUDED})
    if to_account not in {one.account_id for one in people_with(tx.session, tx.area_id, Role.MODERATOR)}:
        raise NotFound(MISSING)
    if to_account == meeting.moderator_id:
        return
    if drew_allocation(tx.session, tx.area_id, meeting.round_id, to_account):
        raise Refused("This person drew or allocated the plans of the round, so somebody else has to take the meeting.")
    former, meeting.moderator_id = meeting.moderator_id, to_account
    refuse_conflicts(tx, meeting, {row.round_plan_id for _, row in agenda_of(tx, meeting_id)})
    meeting.version += 1
    if meeting.state in BEFORE:
        tell_chairs(tx, meeting, former)
    else:
        tell_next_chair(tx, meeting, WAITS[meeting.state])
    tx.record(MeetingHandedOver(meeting_id, former, to_account))


def start(tx: Transaction, meeting_id: str) -> None:
    """Begin. Starting again changes nothing."""
    meeting = tx.get(Meeting, meeting_id)
    if meeting.state is MeetingState.IN_SESSION:
        return
    refuse_published(tx, meeting)
    agenda = agenda_of(tx, meeting_id)
    if not agenda and not _has_to_confirm(tx, meeting):
        raise Refused("There is nothing on the agenda yet. Add disagreements to it, then start the meeting.")
    refuse_conflicts(tx, meeting, {row.round_plan_id for _, row in agenda})
    meeting.state = states.move_meeting(meeting.state, MeetingState.IN_SESSION)
    meeting.started_at = tx.now
    meeting.version += 1
    tx.record(MeetingStarted(meeting_id))


def _has_to_confirm(tx: Transaction, meeting: Meeting) -> bool:
    """A meeting may be held for nothing but decisions that an earlier one made without a quorum, and that its chair may confirm."""
    here, _ = to_confirm(tx.session, tx.area_id, meeting_facts(tx.session, tx.area_id, meeting.id))
    return here > 0


def begin(tx: Transaction, meeting_id: str, present: Collection[str]) -> None:
    """Start with the people who are here. Nobody meets alone."""
    if not present:
        raise InvalidInput([Problem("present", "Choose who is here. A meeting cannot start with nobody in it")])
    start(tx, meeting_id)
    record_attendance(tx, meeting_id, present)


def record_attendance(tx: Transaction, meeting_id: str, present: Collection[str]) -> None:
    """Who is here now: newcomers arrive, whoever is missing has left."""
    meeting = meeting_in(tx, meeting_id, UNFINISHED)
    agencies = seats_of(tx, meeting.round_id)
    if not set(present) <= agencies.keys():
        raise NotFound(MISSING)
    rows = {row.account_id: row for row in attendance_of(tx, meeting_id)}
    for account_id in set(present) - rows.keys():
        sits_for = agencies[account_id]
        rows[account_id] = Attendance(area_id=tx.area_id, meeting_id=meeting_id, account_id=account_id, agency_id=sits_for)
        tx.session.add(rows[account_id])
    for account_id, row in rows.items():
        _arrive_or_leave(row, account_id in present, tx.now)
    tx.record(AttendanceRecorded(meeting_id, len(set(present))))
    if meeting.state is MeetingState.IN_SESSION:
        reveal_complete(tx, meeting)


def _arrive_or_leave(row: Attendance, is_here: bool, now: datetime) -> None:
    if is_here:
        row.arrived_at, row.left_at = row.arrived_at or now, None
    elif row.arrived_at is not None and row.left_at is None:
        row.left_at = now


def seats_of(tx: Transaction, round_id: str) -> dict[str, str | None]:
    """Who may sit in a meeting: the auditors of the area and of the round, with the agency they sit for, and observers; not who
    drew or allocated the plans, nor whose account is disabled."""
    observers = people_with(tx.session, tx.area_id, Role.OBSERVER)
    area = {person.account_id: person.agency_id for person in possible_auditors(tx.session, tx.area_id)}
    chosen = select(RoundAuditor.account_id, RoundAuditor.agency_id)
    of_round = tx.session.exec(chosen.where(RoundAuditor.area_id == tx.area_id, RoundAuditor.round_id == round_id)).all()
    seats = dict.fromkeys(one.account_id for one in observers) | area | dict(of_round)
    out = may_not_sit(tx.session, tx.area_id, round_id, seats)
    return {account_id: agency for account_id, agency in seats.items() if account_id not in out}


def quorate_plans(tx: Transaction, meeting: Meeting, plans: Collection[str]) -> set[str]:
    """Of these plans, those for which somebody is here from every kind of agency that rated in the round. Somebody with a
    conflict of interest is out of the item, so they do not count for it."""
    kinds = dict(tx.session.exec(select(Agency.id, Agency.kind).where(Agency.area_id == tx.area_id)).all())
    here = {account: AgencyKind(kinds[agency]) for account, agency in voting_seats(tx, meeting).items()}
    needed = agency_kinds_needed(tx.session, tx.area_id, meeting.round_id)
    out = out_of_plans(tx.session, tx.area_id, meeting.round_id, here)
    return {
        plan
        for plan in plans
        if not rules.quorum_missing(needed, Counter(kind for account, kind in here.items() if plan not in out[account]))
    }


def conclude(tx: Transaction, meeting_id: str) -> None:
    """End the meeting: what was discussed and not decided is deferred, what was not reached is free for the next meeting. What
    it deferred may stand on another agenda by now, and stays there."""
    meeting = tx.get(Meeting, meeting_id)
    if meeting.state in OVER:
        return
    meeting.state = states.move_meeting(meeting.state, MeetingState.CONCLUDED)
    meeting.concluded_at = tx.now
    meeting.version += 1
    agenda = agenda_of(tx, meeting_id)
    reached = [row for item, row in agenda if item.deferred_reason or row.state is not DisagreementState.LISTED]
    _have_met(tx, meeting, {row.round_plan_id for row in reached})
    for item, row in agenda:
        item.former = in_words(item)  # nothing is reopened any more
        if item.deferred_reason:
            continue
        if row.state is DisagreementState.DISCUSSED:
            defer(tx, item, row, "Discussed and not decided")
        elif row.state is DisagreementState.LISTED:
            move(row, DisagreementState.FOUND)
    for seat in attendance_of(tx, meeting_id):
        _arrive_or_leave(seat, False, tx.now)
    note_undecided(tx, meeting)
    write_minutes(tx, meeting)
    decided = sum(state_here(item, row) in states.DECIDED for item, row in agenda)
    let_stand(tx, [row for _, row in agenda])
    tx.record(MeetingConcluded(meeting_id, decided, len(agenda) - decided))


def _have_met(tx: Transaction, meeting: Meeting, round_plans: Collection[str]) -> None:
    """Whoever was there knows these cases now, so no later round may give them to rate."""
    cases = select(PlanVersion.case_id).join(RoundPlan, col(RoundPlan.plan_version_id) == PlanVersion.id)
    met = tx.session.exec(cases.where(RoundPlan.area_id == tx.area_id, col(RoundPlan.id).in_(round_plans)))
    there = {seat.account_id for seat in attendance_of(tx, meeting.id) if seat.arrived_at}
    mark_met(tx, meeting.id, there | {meeting.moderator_id}, set(met))
