"""Fields for dates and times, as people write them."""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any, ClassVar

from wtforms.validators import ValidationError

from . import widgets
from .field_base import Form, Shown

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CLOCK_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", re.ASCII)


class DateParts(Shown):
    """A date as day, month and year (`closes-day`, `closes-month`, `closes-year`); a month may be a word."""

    draw = staticmethod(widgets.date_input)

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        self.wrong_parts: list[str] = []
        super().process(formdata, *args, **kwargs)
        self.parts = _parts_of(self.data)
        if formdata is not None:
            self.parts = {part: formdata.get(f"{self.name}-{part}", "").strip() for part in self.parts}
            self._read()

    def process_formdata(self, valuelist: list[str]) -> None:
        """The parts have names of their own; `process` reads them."""

    def _read(self) -> None:
        self.data = None
        missing = [part for part, typed in self.parts.items() if not typed]
        if len(missing) == 3:
            return
        try:
            self.data = self._complete(missing)
        except ValidationError as problem:
            self.process_errors.append(str(problem))

    def _complete(self, missing: list[str]) -> date:
        if missing:
            self.wrong_parts = missing
            raise ValidationError(f"{self.called} must include a {' and '.join(missing)}")
        if re.fullmatch(r"[0-9]{1,3}", self.parts["year"]):
            self.wrong_parts = ["year"]
            raise ValidationError("Year must include 4 numbers")
        try:
            return date(int(self.parts["year"]), _month(self.parts["month"]), int(self.parts["day"]))
        except (ValueError, OverflowError):
            self.wrong_parts = list(self.parts)
            raise ValidationError(f"{self.called} must be a real date") from None

    def pre_validate(self, form: Form) -> None:
        if self.data is None and not self.process_errors and self.needed:
            self.wrong_parts = list(self.parts)
        super().pre_validate(form)


class TimeOfDay(Shown):
    """A time such as 2:30pm, 14:30 or 9am."""

    style: ClassVar[Mapping[str, Any]] = {"classes": "govuk-input--width-5", "spellcheck": False}

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip().lower() if valuelist else ""
        self.data = _clock_time(typed) if typed else None
        if typed and self.data is None:
            raise ValueError(f"{self.called} must be a time, like 9:30am or 2:15pm")

    def is_empty(self) -> bool:
        return self.data is None

    def text_value(self) -> str:
        return self.raw_data[0] if self.raw_data else f"{self.data:%H:%M}" if self.data else ""


def _parts_of(day: date | None) -> dict[str, str]:
    if day is None:
        return {"day": "", "month": "", "year": ""}
    return {"day": str(day.day), "month": str(day.month), "year": str(day.year)}


def _month(typed: str) -> int:
    word = typed.lower()[:3]
    return MONTHS.index(word) + 1 if word in MONTHS else int(typed)


def _clock_time(typed: str) -> time | None:
    match = CLOCK_TIME.fullmatch(typed)
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    return time(hour, minute) if hour < 24 and minute < 60 else None
