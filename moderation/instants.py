"""Time: instants are aware and in UTC, deadlines are London dates, and tests can hold the clock still."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
_held: ContextVar[datetime | None] = ContextVar("held instant", default=None)
_held_everywhere: list[datetime] = []


def now() -> datetime:
    """The present instant, in UTC."""
    return _held.get() or (_held_everywhere[-1] if _held_everywhere else datetime.now(UTC))


def today() -> date:
    """The present date in London."""
    return london(now()).date()


def london(instant: datetime) -> datetime:
    """An instant as the clocks in London show it."""
    return instant.astimezone(LONDON)


def is_skipped(local: datetime) -> bool:
    """Do the clocks in London never show this time, because they go forward over it?"""
    there = local.replace(tzinfo=LONDON)
    return london(there.astimezone(UTC)).replace(tzinfo=None) != local.replace(tzinfo=None)


def end_of_day(day: date) -> datetime:
    """The last instant of a London date (its clock changes included), in UTC: deadlines include their day."""
    midnight = datetime.combine(day + timedelta(days=1), time(), LONDON)
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


def start_of_day(day: date) -> datetime:
    """The first instant of a London date, in UTC."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


@contextmanager
def frozen(instant: datetime, every_thread: bool = False) -> Iterator[None]:
    """Hold the clock at an instant; `every_thread` also for servers that a test runs beside itself."""
    if every_thread:
        _held_everywhere.append(instant)
        try:
            yield
        finally:
            _held_everywhere.pop()
        return
    token = _held.set(instant)
    try:
        yield
    finally:
        _held.reset(token)
