"""The letters of this stage, in fixed words. Pure.

An auditor's letter must not depend on what other auditors did. Changes to a list (a plan moved or withdrawn, a new closing
date) are the declared exceptions: one letter a day at most, the same words for all of them, sent with the morning's digest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from moderation.instants import LONDON, london
from moderation.post import Letter

DIGEST_TIME = time(8, 0)


@dataclass(frozen=True)
class Addressee:
    account_id: str
    name: str
    email: str


def offer(to: Addressee, round_id: str, round_name: str, closes_on: date) -> Letter:
    """A round has opened: there are plans on your list."""
    body = (
        f"Hello {to.name},\n\n"
        f"You have plans to score in {round_name}. Sign in to see your list.\n"
        "Tell us there if you should not score one of them.\n\n"
        f"The round closes at the end of {_long(closes_on)}.\n"
    )
    return Letter(to.email, f"{round_name}: plans for you to score", body, f"offer:{round_id}:{to.account_id}")


def change(to: Addressee, round_id: str, round_name: str, now: datetime) -> Letter:
    """Something about your list or its closing date has changed; what and why is not said."""
    due = next_digest(now)
    body = (
        f"Hello {to.name},\n\n"
        f"Your list of plans in {round_name}, or its closing date, has changed. Sign in to see your list as it is now.\n"
    )
    key = f"{changes_of(round_id)}{to.account_id}:{london(due).date().isoformat()}"
    return Letter(to.email, f"{round_name}: a change to your list", body, key, not_before=due)


def changes_of(round_id: str) -> str:
    """How the keys of all these letters of a round begin."""
    return f"change:{round_id}:"


def closed(to: Addressee, round_id: str, round_name: str, now: datetime) -> Letter:
    """The round has closed without some of your own sheets."""
    body = (
        f"Hello {to.name},\n\n"
        f"{round_name} has closed. Some of your plans were not submitted by then, so they are left out of its results.\n\n"
        "What you have answered is kept. Sign in to read it: My plans lists these plans under "
        "“Not submitted when the round closed”.\n\n"
        "You do not need to do anything. If the round closed earlier than you expected, ask your QA lead.\n"
    )
    key = f"closed:{round_id}:{to.account_id}"
    return Letter(to.email, f"{round_name} has closed: plans you did not submit", body, key, not_before=next_digest(now))


def erasure(to: Addressee, area_id: str, leaving: Sequence[tuple[str, date]], now: datetime) -> Letter:
    """The documents of these plans are erased soon, because no round uses them."""
    due = next_digest(now)
    one = "The documents of this plan" if len(leaving) == 1 else f"The documents of these {len(leaving)} plans"
    listed = "".join(f"- {reference}, on {_long(day)}\n" for reference, day in leaving)
    body = (
        f"Hello {to.name},\n\n"
        f"{one} will be erased, because nobody has used them for a long time:\n\n{listed}\n"
        "You need to do nothing. To keep the documents of a plan, put it into a round before that day.\n"
        "The answers of auditors stay.\n"
    )
    key = f"erasure:{area_id}:{to.account_id}:{london(now).date().isoformat()}"
    return Letter(to.email, "Documents that will be erased soon", body, key, not_before=due)


def reminder(to: Addressee, rounds: Sequence[tuple[str, date]], about: str, today: date) -> Letter:
    """Your own sheets are waiting: one letter for all these rounds, by name and closing date. `about`: a round, or the area."""
    (name, closes_on), *more = rounds
    listed = "".join(f"- {each}, closes at the end of {_long(day)}\n" for each, day in rounds)
    one = f"Some of your plans in {name} are not scored yet. The round closes at the end of {_long(closes_on)}.\n"
    several = f"Some of your plans in these rounds are not scored yet:\n\n{listed}\n"
    body = (
        f"Hello {to.name},\n\n"
        f"{several if more else one}"
        "Sign in to carry on where you stopped. If you cannot score them all, hand them back there, so that somebody else can.\n\n"
        "You can choose on which days we remind you: on My plans, choose Change your reminders.\n"
    )
    subject = f"Your plans to score in {len(rounds)} rounds" if more else f"{name}: your plans to score"
    return Letter(to.email, subject, body, f"reminder:{about}:{to.account_id}:{today.isoformat()}")


def next_digest(now: datetime) -> datetime:
    """The next morning's digest, in London time."""
    here = london(now)
    day = here.date() if here.time() < DIGEST_TIME else here.date() + timedelta(days=1)
    return datetime.combine(day, DIGEST_TIME, LONDON)


def _long(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"
