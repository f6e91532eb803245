"""Decisions about accounts: passwords, sessions, slowing down after failures, roles, and who may do what to whom. Plain values."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, combinations

from ..words import Problem, Refused, Role

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200  # more is only work for the server

INVITATION_LIFE = timedelta(days=7)
RESET_LIFE = timedelta(hours=2)
SESSION_LIFE = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)

REMINDER_DAYS = (7, 2, 1, 0)  # days before a round closes on which somebody can have a reminder
USUAL_REMINDERS = "7,2,0"

FAILURE_MEMORY = timedelta(hours=1)
ACCOUNT_TRIES, ADDRESS_TRIES = 5, 30  # an office shares one address
LONGEST_WAIT = timedelta(minutes=2)

KEYBOARD = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm")


def password_problem(password: str, email: str, common: Collection[str]) -> str | None:
    """Why a password cannot be used, or None. Length and guessability count; there are no rules about kinds of characters."""
    if len(password) < SHORTEST_PASSWORD:
        return f"Password must be at least {SHORTEST_PASSWORD} characters. Three random words make a good one"
    if len(password) > LONGEST_PASSWORD:
        return f"Password must be {LONGEST_PASSWORD} characters or fewer"
    if _is_common(password.lower(), common):
        return "Choose a password that is harder to guess. Three random words make a good one"
    if _names_person(password.lower(), email):
        return "Password must not be your email address"
    return None


def _is_common(password: str, common: Collection[str]) -> bool:
    """Is it a well-known password, one with digits or signs around it, a repeated piece, or a walk along the keyboard?"""
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", password)
    return password in common or core in common or _repeats(password) or _walks(password)


def _repeats(password: str) -> bool:
    """'abcabcabcabc': one piece of up to four characters again and again; or hardly any different characters."""
    return len(set(password)) < 5 or any(password == (password[:n] * len(password))[: len(password)] for n in range(1, 5))


def _walks(password: str) -> bool:
    return any(password in row or password in row[::-1] for row in KEYBOARD)


def _names_person(password: str, email: str) -> bool:
    account, _, host = email.lower().partition("@")
    plain = re.sub(r"[\W\d_]+$", "", password)
    return bool(email) and (email.lower() in password or plain in (account, host))


def session_is_live(created: datetime, last_seen: datetime, ended: datetime | None, now: datetime, idle: timedelta) -> bool:
    """A session ends when ended, after a time without requests, and after twelve hours in any case."""
    return ended is None and now - last_seen < idle and now - created < SESSION_LIFE


def wants_touch(last_seen: datetime, now: datetime) -> bool:
    """Was the session last noted as used more than a minute ago?"""
    return now - last_seen >= TOUCH_EVERY


def reminder_days(kept: str) -> tuple[int, ...]:
    """A choice of reminder days as it is kept: "7,2,0", or nothing for somebody who wants none."""
    return tuple(int(day) for day in kept.split(",") if day)


def kept_reminder_days(days: Collection[int]) -> str:
    """How a choice is kept: the first reminder first."""
    return ",".join(str(day) for day in REMINDER_DAYS if day in days)


def every_reminder_choice() -> list[str]:
    """Whatever somebody can choose, as it is kept."""
    choices = chain.from_iterable(combinations(REMINDER_DAYS, size) for size in range(len(REMINDER_DAYS) + 1))
    return [kept_reminder_days(days) for days in choices]


def wait_until(failures: Sequence[datetime], free: int) -> datetime | None:
    """When the next try is looked at: the first few at once, then after 1, 2, 4 ... seconds, two minutes at most."""
    if len(failures) < free:
        return None
    exponent = min(len(failures) - free, 10)
    return max(failures) + min(timedelta(seconds=2**exponent), LONGEST_WAIT)


def holds(starts_on: date, ends_on: date | None, today: date) -> bool:
    """Does a role hold today? The day it ends on is the first without it, so that ending it bites at once."""
    return starts_on <= today and (ends_on is None or today < ends_on)


@dataclass(frozen=True)
class Post:
    """What somebody is in an area: roles, and the agency they belong to there."""

    roles: frozenset[Role]
    agency_id: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(role.value for role in self.roles))

    @property
    def print(self) -> str:
        """A short text that changes whenever the post does; pages carry it so that a stale edit is noticed."""
        return " ".join((*self.names, self.agency_id or "-"))


def post_problems(post: Post, agencies: Collection[str]) -> list[Problem]:
    """What is wrong with a post that somebody wants to give."""
    problems = []
    if not post.roles:
        problems.append(Problem("roles", "Select at least one role"))
    if Role.AUDITOR in post.roles and post.agency_id is None:
        problems.append(Problem("agency", "Select the agency this auditor belongs to"))
    if post.agency_id is not None and post.agency_id not in agencies:
        problems.append(Problem("agency", "Select an agency from the list"))
    return problems


def keep_an_administrator(administrators: Collection[str], account_id: str, post: Post | None) -> None:
    """An area without an administrator could never be mended: refuse to take away the last one."""
    stays = post is not None and Role.ADMINISTRATOR in post.roles
    if not stays and set(administrators) == {account_id}:
        raise Refused("This person is the only administrator. Make somebody else an administrator first.")


def may_disable_account(their_areas: Iterable[str], administered: Iterable[str]) -> bool:
    """An account is global: only an administrator of every area it works in may disable it. Others end its membership in theirs."""
    return set(their_areas) <= set(administered)


def may_create_area(ever_a_member: bool, administers: bool) -> bool:
    """Administrators may, and whoever the operator made an account for and nobody has placed yet: the first administrator."""
    return administers or not ever_a_member


@dataclass(frozen=True)
class Invitee:
    """One line of an invitation: a name and an address."""

    name: str
    email: str


LONGEST_LINE = 400
LINE = re.compile(r"^(?P<name>[^<>@]*?)[\s,;]*<?(?P<email>[^\s<>,;]+@[^\s<>,;]+)>?[\s,;]*$")


def read_invitees(text: str, is_email: re.Pattern[str]) -> tuple[list[Invitee], list[Problem]]:
    """People from lines such as `Amina Yusuf, amina.yusuf@nhs.example` or `Amina Yusuf <amina.yusuf@nhs.example>`."""
    people: dict[str, Invitee] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        person = _invitee(line.strip(), is_email)
        if isinstance(person, str):
            problems.append(Problem("people", f"Line {number}: {person}", row=number, value=line.strip()[:80]))
        elif person.email in people:
            problems.append(Problem("people", f"Line {number}: {person.email} is there twice", row=number))
        else:
            people[person.email] = person
    return list(people.values()), problems


def _invitee(line: str, is_email: re.Pattern[str]) -> Invitee | str:
    """A person, or what is wrong with the line."""
    match = LINE.match(line) if len(line) <= LONGEST_LINE else None
    if match is None or not is_email.fullmatch(match["email"]) or len(match["email"]) > 254:
        return "enter a name and an email address, like Sam Lee, sam.lee@example.com"
    if not match["name"].strip():
        return f"enter a name before {match['email']}"
    if len(match["name"]) > 120:
        return "the name must be 120 characters or fewer"
    return Invitee(" ".join(match["name"].split()), match["email"].lower())


def local_path(text: str | None) -> str:
    """Where to go after signing in: a path of this service, never another site."""
    plain = text or "/"
    harmless = plain.startswith("/") and not plain.startswith("//") and "\\" not in plain and plain.isprintable()
    return plain if harmless else "/"
