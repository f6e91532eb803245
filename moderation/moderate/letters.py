"""Letters about a meeting, each with an entry for the calendar. They name no plan, no criterion and no rating."""

from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import col, select

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
SUBJECT = {Method.REQUEST: "Invitation", Method.CANCEL: "Cancelled"}


def tell(tx: Transaction, meeting: Meeting, accounts: Iterable[str], method: Method) -> None:
    """Queue the letter to each of these people, under the meeting's present sequence number."""
    wanted = {*accounts, meeting.moderator_id}
    people = {one.id: one for one in tx.session.exec(select(Account).where(col(Account.id).in_(wanted)))}
    chair = people[meeting.moderator_id]
    for account_id in accounts:
        person = people[account_id]
        how = CHAIR if method is Method.REQUEST and account_id == chair.id else HOW[method]
        entry = _entry(tx, meeting, (chair.name, chair.email), (person.name, person.email), how)
        subject = f"{SUBJECT[method]}: {meeting.title}, {when(meeting)}"
        body = f"{how}\n\n{meeting.title}\n{when(meeting)}\n{meeting.place}\nModerator: {chair.name}"
        key = f"meeting {meeting.id} {meeting.sequence} {method} {account_id}"
        post.queue(tx, post.Letter(person.email, subject, body, key, calendar=calendar(entry, method)))


def tell_everybody(tx: Transaction, meeting: Meeting, method: Method) -> None:
    """The same to all who have it in their calendars, as a new version of what they have."""
    told = {seat.account_id for seat in attendance_of(tx, meeting.id)} | _chair_told(tx, meeting)
    if told:
        meeting.sequence += 1
        tell(tx, meeting, sorted(told), method)


def _chair_told(tx: Transaction, meeting: Meeting) -> set[str]:
    """Who plans a meeting knows when it is; whoever took it over was told."""
    steps = history(tx.session, tx.area_id, meeting.id)
    return {meeting.moderator_id} if any(step.name == MeetingHandedOver.__name__ for step in steps) else set()


def tell_chairs(tx: Transaction, meeting: Meeting, former: str) -> None:
    """The meeting is handed over before it starts: everybody has another moderator, and the former one need not come."""
    invited = {seat.account_id for seat in attendance_of(tx, meeting.id)}
    meeting.sequence += 1
    tell(tx, meeting, sorted(invited | {meeting.moderator_id}), Method.REQUEST)
    if former not in invited:
        tell(tx, meeting, [former], Method.CANCEL)


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
