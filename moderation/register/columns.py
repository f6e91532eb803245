"""The columns of a plan import: what each is called, how its text is read, what is allowed. Pages, templates and checks iterate."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from .codes import (
    EVENT_NAMES,
    NEED_NAMES,
    OLDEST,
    SETTING_NAMES,
    YOUNGEST,
    PlanEvent,
    PrimaryNeed,
    SettingType,
    read_code,
    read_year_group,
)

FIRST_PLANS = date(2014, 9, 1)  # Part 3 of the Children and Families Act came into force
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,39}")
UPN = re.compile(r"[A-HJ-NP-RT-Z]\d{11}[\dA-HJ-NP-RT-Z]", re.IGNORECASE)
DATE_FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%Y-%b-%d")
DATES_ALLOWED = "dates like 2026-03-27 or 27/03/2026, from September 2014 to today"

Code = TypeVar("Code", bound=StrEnum)


class Unusable(ValueError):
    """This text cannot stand in this column; the message says why."""


@dataclass(frozen=True)
class Column:
    """`read(text, today)` gives the value or raises Unusable; empty text is None without asking."""

    key: str
    title: str
    read: Callable[[str, date], Any]
    allowed: str
    example: str
    required: bool = False
    aliases: tuple[str, ...] = ()


def _reference(text: str, today: date) -> str:
    if not REFERENCE.fullmatch(text):
        raise Unusable("must be a short reference without a name")
    if UPN.fullmatch(text) or is_nhs_number(text):
        raise Unusable("looks like a national number of the child. Use a reference of your own")
    return text


def is_nhs_number(text: str) -> bool:
    """Ten digits whose last one is the check digit of the first nine."""
    digits = re.sub(r"[ -]", "", text)
    if not re.fullmatch(r"\d{10}", digits):
        return False
    total = sum((10 - place) * int(digit) for place, digit in enumerate(digits[:9]))
    return (11 - total % 11) % 11 == int(digits[9])


def _year_group(text: str, today: date) -> int:
    year = read_year_group(text)
    if year is None:
        raise Unusable("is not a National Curriculum year")
    return year


def _code_of(codes: type[Code], names: Mapping[Code, str], what: str) -> Callable[[str, date], Code]:
    def read(text: str, today: date) -> Code:
        code = read_code(codes, names, text)
        if code is None:
            raise Unusable(f"is not {what}")
        return code

    return read


def _text_up_to(limit: int) -> Callable[[str, date], str]:
    def read(text: str, today: date) -> str:
        if len(text) > limit:
            raise Unusable(f"must be {limit} characters or fewer")
        return text

    return read


def _date(text: str, today: date) -> date:
    day = read_date(text)
    if day is None:
        raise Unusable("is not a real date")
    if not FIRST_PLANS <= day <= today:
        raise Unusable("is in the future" if day > today else "is before the first EHC plans")
    return day


def read_date(text: str) -> date | None:
    """A date in one of the usual spellings; never the American order, never a year of two digits."""
    text = re.sub(r"[ T]00:00(:00)?(\.0+)?$", "", text.strip())
    for form in DATE_FORMS:
        try:
            day = datetime.strptime(text, form).date()
        except ValueError:
            continue
        return day if day.year >= 1000 else None
    return None


def _codes_allowed(names: Mapping[Any, str]) -> str:
    return ", ".join(code.value for code in names)


COLUMNS: tuple[Column, ...] = (
    Column(
        "reference",
        "Reference",
        _reference,
        "up to 40 letters, digits, spaces and . _ / - ; no names",
        "NF-0412",
        required=True,
        aliases=("plan_reference", "audit_reference", "ref"),
    ),
    Column(
        "year_group",
        "Year group",
        _year_group,
        f"{YOUNGEST} to {OLDEST}; 0 or Reception",
        "9",
        required=True,
        aliases=("ncy", "nc_year", "year"),
    ),
    Column(
        "primary_need",
        "Primary need",
        _code_of(PrimaryNeed, NEED_NAMES, "a primary need"),
        _codes_allowed(NEED_NAMES),
        "SLCN",
        required=True,
        aliases=("need", "sentype"),
    ),
    Column(
        "setting_type",
        "Setting type",
        _code_of(SettingType, SETTING_NAMES, "a type of setting"),
        _codes_allowed(SETTING_NAMES),
        "mainstream",
        required=True,
        aliases=("sensetting", "placement_type"),
    ),
    Column(
        "setting", "Setting", _text_up_to(120), "up to 120 characters: a code or name, used only for conflicts of interest", "S-113"
    ),
    Column("team", "Team", _text_up_to(80), "up to 80 characters: the team that wrote the plan", "North team"),
    Column(
        "plan_event",
        "Plan event",
        _code_of(PlanEvent, EVENT_NAMES, "a plan event"),
        _codes_allowed(EVENT_NAMES),
        "new_plan",
        required=True,
        aliases=("event",),
    ),
    Column(
        "requested_on", "Requested on", _date, DATES_ALLOWED, "2025-11-03", aliases=("date_requested", "requested", "received_date")
    ),
    Column(
        "review_on", "Review meeting on", _date, DATES_ALLOWED, "2026-02-11", aliases=("date_of_review", "review", "review_meeting")
    ),
    Column(
        "decision_on", "Decision or proposed amendments on", _date, DATES_ALLOWED, "2026-03-04", aliases=("decision", "proposed_on")
    ),
    Column("ordered_on", "Tribunal order on", _date, DATES_ALLOWED, "2026-01-20", aliases=("tribunal_order_on",)),
    Column("issued_on", "Issued on", _date, DATES_ALLOWED, "2026-03-27", aliases=("date_issued", "issued", "start_date")),
)
FURTHER_DATES = ("decision_on", "ordered_on")  # kept as key dates; the others have a place of their own


def column_called(heading: str) -> Column | None:
    """The column that a heading of a file means."""
    key = re.sub(r"[^a-z0-9]+", "_", heading.casefold()).strip("_")
    for column in COLUMNS:
        if key in (column.key, *column.aliases) or key == re.sub(r"[^a-z0-9]+", "_", column.title.casefold()):
            return column
    return None
