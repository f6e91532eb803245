"""An entry for somebody's calendar (iCalendar, RFC 5545 and 5546): an invitation, its update, or its cancellation. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

LINE = 75  # octets


class Method(StrEnum):
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True)
class Entry:
    """What a calendar is told of a meeting. A later `sequence` replaces an earlier one of the same `uid`."""

    uid: str
    sequence: int
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    text: str
    organiser: tuple[str, str]  # name and address
    invited: tuple[str, str]
    written_at: datetime


def calendar(entry: Entry, method: Method) -> str:
    """The whole text/calendar, lines ended and folded as the standard asks."""
    return "".join(f"{part}\r\n" for line in _lines(entry, method) for part in _folded(line))


def _lines(entry: Entry, method: Method) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//EHC plan moderation//EN", f"METHOD:{method}", "BEGIN:VEVENT")
    yield from (f"UID:{entry.uid}", f"SEQUENCE:{entry.sequence}", f"DTSTAMP:{_instant(entry.written_at)}")
    yield from (f"DTSTART:{_instant(entry.starts_at)}", f"DTEND:{_instant(entry.ends_at)}")
    yield from (f"SUMMARY:{_text(entry.title)}", f"DESCRIPTION:{_text(entry.text)}")
    if entry.place:
        yield f"LOCATION:{_text(entry.place)}"
    yield f"STATUS:{'CANCELLED' if method is Method.CANCEL else 'CONFIRMED'}"
    yield f"ORGANIZER;CN={_name(entry.organiser[0])}:mailto:{entry.organiser[1]}"
    yield f"ATTENDEE;CN={_name(entry.invited[0])};ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{entry.invited[1]}"
    yield from ("END:VEVENT", "END:VCALENDAR")


def _instant(moment: datetime) -> str:
    """In UTC, so that no time zone has to be described and no clock change can move the meeting."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(escaped.splitlines())


def _name(words: str) -> str:
    """A parameter cannot hold quotes or line breaks, and readers differ over what a backslash in it means."""
    return '"' + " ".join(words.replace('"', "'").replace("\\", "/").split()) + '"'


def _folded(line: str) -> Iterator[str]:
    """Parts of at most 75 octets, never within a character; all but the first begin with a space."""
    part = ""
    for letter in line:
        if len((part + letter).encode()) > LINE:
            yield part
            part = " "
        part += letter
    yield part
