"""How values are written on pages: dates as London shows them, numbers rounded here and nowhere earlier, names for codes."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from ..instants import london
from ..words import AGENCY_NAMES, ROLE_NAMES, AgencyKind, Role
from ..words import plural as plural  # for whoever takes it with the others

MINUS = "\N{MINUS SIGN}"


def london_date(value: date | datetime | None, empty: str = "not set") -> str:
    """4 December 2026"""
    day = _day(value)
    return f"{day.day} {day:%B %Y}" if day else empty


def iso_date(value: str) -> str:
    """2026-12-04 is 4 December 2026; anything else stays as it is."""
    try:
        return london_date(date.fromisoformat(value))
    except ValueError:
        return value


def london_day(value: date | datetime | None, empty: str = "not set") -> str:
    """Fri 4 Dec"""
    day = _day(value)
    return f"{day:%a} {day.day} {day:%b}" if day else empty


def weekday(value: date | datetime | None, empty: str = "not set") -> str:
    """Friday 4 December"""
    day = _day(value)
    return f"{day:%A} {day.day} {day:%B}" if day else empty


def london_month(value: date | datetime | None, empty: str = "not set") -> str:
    """December 2026"""
    day = _day(value)
    return f"{day:%B %Y}" if day else empty


def london_time(value: datetime | None, empty: str = "") -> str:
    """2:32pm, as GOV.UK writes times"""
    if value is None:
        return empty
    clock = london(value)
    if (clock.hour, clock.minute) in ((0, 0), (12, 0)):
        return "midnight" if clock.hour == 0 else "midday"
    minutes = f":{clock.minute:02}" if clock.minute else ""
    return f"{clock.hour % 12 or 12}{minutes}{'am' if clock.hour < 12 else 'pm'}"


def london_instant(value: datetime | None, empty: str = "not yet") -> str:
    """4 December 2026 at 2:32pm"""
    return f"{london_date(value)} at {london_time(value)}" if value else empty


def clock_time(value: datetime | None, empty: str = "") -> str:
    """14:32, for the saved sign"""
    return f"{london(value):%H:%M}" if value else empty


def number(value: float | None, places: int = 0, empty: str = "not known") -> str:
    """1,234 or 0.48 with a real minus sign; never -0."""
    if value is None:
        return empty
    text = f"{value:,.{places}f}"
    bare = text.lstrip("-")
    return bare if not bare.strip("0.,") else text.replace("-", MINUS)


def grades(value: float, places: int) -> str:
    """2.0 grades, 1.0 grade"""
    return f"{number(value, places)} {'grade' if round(value, places) == 1 else 'grades'}"


def coefficient(value: float | None, empty: str = "not shown") -> str:
    """0.48"""
    return number(value, 2, empty)


def signed(value: float | None, places: int = 0, empty: str = "not shown") -> str:
    """+7 or a real minus"""
    text = number(value, places, empty)
    return f"+{text}" if value is not None and text.strip("0.") and not text.startswith(MINUS) else text


def percent(share: float | None, empty: str = "not shown") -> str:
    """A share of one as a whole percentage: 0.42 is 42%."""
    return empty if share is None else f"{number(100 * share)}%"


def points(share: float | None, empty: str = "not shown") -> str:
    """A difference of shares in percentage points: 0.28 is +28. One decimal, or two, where a whole number would say 0 of what is
    not: an interval from +0.3 leaves out no change, one from 0 seems not to."""
    if share is None:
        return empty
    exact = [signed(100 * share, places) for places in range(3)]
    return next((text for text in exact if text.strip("0.")), "0")


def interval(ends: tuple[float, float] | None, places: int = 2) -> str:
    """(0.27 to 0.67)"""
    return f"({number(ends[0], places)} to {number(ends[1], places)})" if ends else ""


def join_words(words: Iterable[Any], last: str = "and") -> str:
    """education, health and care"""
    parts = [str(word) for word in words]
    return f" {last} ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def sentence(text: Any) -> str:
    """First letter in upper case, the rest untouched."""
    words = str(text)
    return words[:1].upper() + words[1:]


def full_stop(text: Any) -> str:
    """What somebody typed, as a sentence among others: with one full stop, or the mark it ends with."""
    words = str(text).rstrip()
    return words if words.rstrip("\"')”’").endswith((".", "!", "?", "…")) else f"{words}."


def state_name(state: Any) -> str:
    """in_session is In session"""
    return sentence(str(state).replace("_", " "))


def agency_name(kind: Any) -> str:
    return AGENCY_NAMES[AgencyKind(str(kind))]


def role_names(roles: Iterable[Role]) -> str:
    """QA lead and auditor, in the order of the roles' list"""
    held = set(roles)
    names = [name if name.startswith("QA") else name.lower() for role, name in ROLE_NAMES.items() if role in held]
    return join_words(names)


def pagination_items(page: int, pages: int, link: Callable[[int], str]) -> list[dict[str, Any]]:
    """First, last and the neighbours, with an ellipsis where numbers are left out."""
    shown = [n for n in range(1, pages + 1) if n in (1, pages) or abs(n - page) <= 1]
    items: list[dict[str, Any]] = []
    for before, n in zip([0, *shown], shown, strict=False):
        items += [{"ellipsis": True}] if n - before > 1 else []
        items.append({"number": n, "href": link(n), "current": n == page})
    return items


def _day(value: date | datetime | None) -> date | None:
    return london(value).date() if isinstance(value, datetime) else value


def all_filters() -> dict[str, Callable[..., Any]]:
    """Every filter by its name in templates."""
    return {
        function.__name__: function
        for function in (
            london_date, iso_date, london_day, weekday, london_month, london_time, london_instant, clock_time, number, coefficient,
            signed, percent, interval, plural, grades, join_words, sentence, full_stop, state_name, agency_name, role_names,
            pagination_items,
        )
    }  # fmt: skip
