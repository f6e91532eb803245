"""Letters about a meeting, each with an entry for the calendar. They name no plan, no criterion and no rating."""

from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import col, select

from moderation import post
from moderation.instants import london
from moderation.ledger import Transaction
from moderation.people.tables import Account

from .calendar import Entry, Method, calendar
from .rows import attendance_of
from .tables import Meeting

HOW = {
    Method.REQUEST: "Please come to this moderation meeting. On the day, sign in and open My meetings: you follow it there, on "
    "your own device, and members vote there. Please do not open the page where others can see it.",
    Method.CANCEL: "You do not need to come to this moderation meeting any more.",
}
SUBJECT = {Method.REQUEST: "Invitation", Method.CANCEL: "Cancelled"}


def tell(tx: Transaction, meeting: Meeting, accounts: Iterable[str], method: Method) -> None:
    """Queue the letter to each of these people, under the meeting's present sequence number."""
    wanted = {*accounts, meeting.moderator_id}
    people = {one.id: one for one in tx.session.exec(select(Account).where(col(Account.id).in_(wanted)))}
    chair = people[meeting.moderator_id]
    for account_id in accounts:
        person = people[account_id]
        entry = _entry(tx, meeting, (chair.name, chair.email), (person.name, person.email), method)
        subject = f"{SUBJECT[method]}: {meeting.title}, {when(meeting)}"
        body = f"{HOW[method]}\n\n{meeting.title}\n{when(meeting)}\n{meeting.place}\nModerator: {chair.name}"
        key = f"meeting {meeting.id} {meeting.sequence} {method} {account_id}"
        post.queue(tx, post.Letter(person.email, subject, body, key, calendar=calendar(entry, method)))


def tell_everybody(tx: Transaction, meeting: Meeting, method: Method) -> None:
    """The same to all who are invited, as a new version of what they have."""
    invited = [seat.account_id for seat in attendance_of(tx, meeting.id)]
    if invited:
        meeting.sequence += 1
        tell(tx, meeting, invited, method)


def when(meeting: Meeting) -> str:
    starts, ends = london(meeting.starts_at), london(meeting.starts_at + timedelta(minutes=meeting.minutes))
    return f"{starts:%A} {starts.day} {starts:%B %Y}, {starts:%H:%M} to {ends:%H:%M}"


def _entry(tx: Transaction, meeting: Meeting, chair: tuple[str, str], person: tuple[str, str], method: Method) -> Entry:
    ends = meeting.starts_at + timedelta(minutes=meeting.minutes)
    return Entry(
        f"{meeting.id}@ehc-plan-moderation", meeting.sequence, meeting.title, meeting.starts_at, ends, meeting.place,
        HOW[method], chair, person, tx.now,
    )  # fmt: skip
