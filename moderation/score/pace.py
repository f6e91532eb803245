"""How far a round has come, in counts of sheets: who is on time and who is behind an even pace to the closing date. Pure.

A count says which state a sheet is in and nothing about what is written on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True)
class SheetCount:
    """Sheets of one agency, one auditor or one round, by state."""

    submitted: int
    started: int
    total: int

    @property
    def untouched(self) -> int:
        return self.total - self.submitted - self.started

    def __add__(self, other: "SheetCount") -> "SheetCount":
        return SheetCount(self.submitted + other.submitted, self.started + other.started, self.total + other.total)


@dataclass(frozen=True)
class AgencyPace:
    name: str
    kind: str
    count: SheetCount
    due: int

    @property
    def behind(self) -> int:
        return max(0, self.due - self.count.submitted)


@dataclass(frozen=True)
class AuditorPace:
    auditor_id: str
    name: str
    agency: str
    kind: str
    count: SheetCount
    due: int
    last_worked: datetime | None
    reminded: datetime | None

    @property
    def behind(self) -> int:
        return max(0, self.due - self.count.submitted)

    def was_reminded_lately(self, instant: datetime) -> bool:
        """One reminder a week is enough."""
        return self.reminded is not None and instant - self.reminded < timedelta(days=7)


def due_by(total: int, opens_on: date, closes_on: date, today: date) -> int:
    """Sheets that an even pace from the opening to the closing date would have finished before today.

    >>> due_by(42, date(2026, 11, 9), date(2026, 12, 4), date(2026, 11, 23))
    22
    """
    days = (closes_on - opens_on).days + 1
    passed = min(max((today - opens_on).days, 0), days)
    return total * passed // days


def days_left(closes_on: date, today: date) -> int:
    return max(0, (closes_on - today).days)


def when(days: int) -> str:
    """How soon the round closes, in words."""
    if days == 0:
        return "and the round closes today"
    return f"{days} day{'' if days == 1 else 's'} before the round closes"


def headline(all_sheets: SheetCount, days: int) -> str:
    """The one sentence with the answer."""
    before = " " if days == 0 else ", "
    return f"{all_sheets.submitted} of {all_sheets.total} score sheets are in{before}{when(days)}."


def by_agency_in_words(agencies: Sequence[AgencyPace]) -> str:
    """Who is on time and who is behind, agency by agency."""
    on_time = [agency.name for agency in agencies if not agency.behind]
    late = [f"{agency.name} is {_sheets(agency.behind)} behind." for agency in agencies if agency.behind]
    fine = [f"{listed(on_time)} {'is' if len(on_time) == 1 else 'are'} on time."] if on_time else []
    return " ".join([*fine, *late])


def finding(agencies: Sequence[AgencyPace]) -> str:
    """The heading of the progress chart: its finding."""
    worst = max(agencies, key=lambda agency: agency.behind, default=None)
    if worst is None or not worst.behind:
        return "Every agency is where it should be today"
    return f"{worst.name} is {_sheets(worst.behind)} behind where it should be today"


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence: A, B and C."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _sheets(number: int) -> str:
    return f"{number} sheet{'' if number == 1 else 's'}"
