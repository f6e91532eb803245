"""Letters about a meeting, each with an entry for the calendar. They name no plan, no criterion and no rating."""

from collections.abc import Iterable
from datetime import timedelta

from moderation import post
from moderation.instants import london
from moderation.ledger import Transaction, history
from moderation.people.tables import Account

from .calendar import Entry, Method, calendar
from .events import MeetingHandedOver
from .rows import attendance_of
from .tables import Meeting

HOW = {
    Method.REQUEST: "Please come to this moderation meeting. On the day, sign in and open My meetings: you follow it there, on "
    "your own device, and members vote there. Please do not open the page where others can see it.",
    Method.CANCEL: "You do not need to come to this moderation meeting any more.",
}
CHAIR = "You moderate this meeting. Please sign in and open Meetings: its agenda is there, and on the day you run it from there."
SUBJECT = {Method.REQUEST: "Invitation:", Method.CANCEL: "Cancelled:"}
NO_LONGER = "You no longer moderate"
TAKEN_OVER = "Another moderator has taken this meeting over, so you do not need to come to it. It takes place as planned."


def tell(tx: Transaction, meeting: Meeting, accounts: Iterable[str], method: Method) -> None:
    """Queue the letter to each of these people, under the meeting's present sequence number."""
    for account_id in accounts:
        is_chair = method is Method.REQUEST and account_id == meeting.moderator_id
        _tell(tx, meeting, account_id, method, SUBJECT[method], CHAIR if is_chair else HOW[method])


def _tell(tx: Transaction, meeting: Meeting, account_id: str, method: Method, subject: str, how: str) -> None:
    chair, person = tx.session.get_one(Account, meeting.moderator_id), tx.session.get_one(Account, account_id)
    entry = _entry(tx, meeting, (chair.name, chair.email), (person.name, person.email), how)
    body = f"{how}\n\n{meeting.title}\n{when(meeting)}\n{meeting.place}\nModerator: {chair.name}"
    key = f"meeting {meeting.id} {meeting.sequence} {method} {account_id}"
    heading = f"{subject} {meeting.title}, {when(meeting)}"
    post.queue(tx, post.Letter(person.email, heading, body, key, calendar=calendar(entry, method)))


def tell_everybody(tx: Transaction, meeting: Meeting, method: Method) -> None:
    """The same to all who have it in their calendars, as a new version of what they have."""
    told = {seat.account_id for seat in attendance_of(tx, meeting.id)}
    told |= {meeting.moderator_id} if _chair_was_told(tx, meeting) else set()
    if told:
        meeting.sequence += 1
        tell(tx, meeting, sorted(told), method)


def _chair_was_told(tx: Transaction, meeting: Meeting) -> bool:
    """Who plans a meeting knows when it is; whoever took it over was told."""
    return any(step.name == MeetingHandedOver.__name__ for step in history(tx.session, tx.area_id, meeting.id))


def tell_chairs(tx: Transaction, meeting: Meeting, former: str) -> None:
    """The meeting is handed over before it starts: everybody has another moderator, and the former one need not come. That is said
    to them if they have it in their calendar, and not if they hand it over themselves."""
    invited = {seat.account_id for seat in attendance_of(tx, meeting.id)}
    meeting.sequence += 1
    tell(tx, meeting, sorted(invited | {meeting.moderator_id}), Method.REQUEST)
    if former not in invited and former != tx.actor.account_id and _chair_was_told(tx, meeting):
        _tell(tx, meeting, former, Method.CANCEL, NO_LONGER, TAKEN_OVER)


def tell_next_chair(tx: Transaction, meeting: Meeting, waits: str) -> None:
    """It is handed over while it is held or when it is over: what waits for the next chair, unless they took it themselves."""
    chair = tx.session.get_one(Account, meeting.moderator_id)
    if chair.id == tx.actor.account_id:
        return
    body = f"Hello {chair.name},\n\n{tx.actor.name} has handed {meeting.title} over to you. {waits}\n\nSign in and open Meetings.\n"
    key = f"meeting {meeting.id} handed over {meeting.version} {chair.id}"
    post.queue(tx, post.Letter(chair.email, f"You moderate {meeting.title} now", body, key))


def when(meeting: Meeting) -> str:
    starts, ends = london(meeting.starts_at), london(meeting.starts_at + timedelta(minutes=meeting.minutes))
    return f"{starts:%A} {starts.day} {starts:%B %Y}, {starts:%H:%M} to {ends:%H:%M}"


def _entry(tx: Transaction, meeting: Meeting, chair: tuple[str, str], person: tuple[str, str], how: str) -> Entry:
    ends = meeting.starts_at + timedelta(minutes=meeting.minutes)
    return Entry(
        f"{meeting.id}@ehc-plan-moderation", meeting.sequence, meeting.title, meeting.starts_at, ends, meeting.place,
        how, chair, person, tx.now,
    )  # fmt: skip
