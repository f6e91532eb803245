"""Calendar entries, read back by an independent parser."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from moderation.moderate.calendar import LINE, Entry, Method, calendar

STARTS = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # in the night in which the clocks go back


def entry(title: str = "Meeting 1", place: str = "Room 4", sequence: int = 0, name: str = "Helen Marsh") -> Entry:
    people = (("Priya Nair", "priya@northfield.example"), (name, "helen@northfield.example"))
    return Entry("m1@x", sequence, title, STARTS, STARTS + timedelta(minutes=90), place, "Come.\nBring nothing.", *people, STARTS)


def test_an_invitation_says_when_where_and_who() -> None:
    found = Calendar.from_ical(calendar(entry(sequence=2), Method.REQUEST))
    (event,) = found.walk("VEVENT")
    assert (found["METHOD"], event["UID"], event["SEQUENCE"], event["STATUS"]) == ("REQUEST", "m1@x", 2, "CONFIRMED")
    assert (event["SUMMARY"], event["LOCATION"], event["DESCRIPTION"]) == ("Meeting 1", "Room 4", "Come.\nBring nothing.")
    assert event["ATTENDEE"] == "mailto:helen@northfield.example" and event["ORGANIZER"].params["CN"] == "Priya Nair"


def test_the_length_is_right_when_the_clocks_change() -> None:
    (event,) = Calendar.from_ical(calendar(entry(), Method.REQUEST)).walk("VEVENT")
    starts, ends = event.decoded("DTSTART"), event.decoded("DTEND")
    assert ends - starts == timedelta(minutes=90)
    assert starts.astimezone(ZoneInfo("Europe/London")).strftime("%H:%M %Z") == "01:30 BST"
    assert ends.astimezone(ZoneInfo("Europe/London")).strftime("%H:%M %Z") == "02:00 GMT"


def test_a_cancellation_says_so() -> None:
    found = Calendar.from_ical(calendar(entry(), Method.CANCEL))
    assert (found["METHOD"], found.walk("VEVENT")[0]["STATUS"]) == ("CANCEL", "CANCELLED")


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=120).map(str.strip)


@given(WORDS.filter(bool), WORDS, WORDS)
def test_any_words_come_back_as_they_were(title: str, place: str, name: str) -> None:
    written = calendar(entry(title, place, name=name or "x"), Method.REQUEST)
    assert all(len(line.encode()) <= LINE for line in written.split("\r\n"))
    (event,) = Calendar.from_ical(written).walk("VEVENT")
    assert str(event["SUMMARY"]) == title and str(event.get("LOCATION", "")) == place
    assert event["ATTENDEE"].params["CN"] == " ".join((name or "x").replace('"', "'").replace("\\", "/").split())
