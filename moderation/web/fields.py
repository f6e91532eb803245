"""The fields of every form, and the form they stand in: GOV.UK markup out, plain values and plain messages in.

    class CloseRound(Form):
        closes = DateParts("Closing date", needed="Enter the closing date", hint="For example, 27 3 2027")
        reason = TextArea("Reason", needed="Enter a reason", limit=500)
        version = Version()

In the template: `{{ form.error_summary }}`, then inside `<form method="post" novalidate>`: `{{ csrf() }}{{ form.version }}
{{ form.closes(size="m") }}`. `needed` is the message when nothing is given; without it the field is optional. Keyword
arguments of a rendering are parameters of the GOV.UK macro; `size` and `heading` style the label or legend.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time
from enum import Enum
from typing import Any, ClassVar, NamedTuple

from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import Field
from wtforms.validators import StopValidation, ValidationError

from ..words import Problem
from . import widgets

EMAIL = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\"]+\.[^@\s.,;<>()\"]{2,}")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CLOCK_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?")


class Form(FlaskForm):  # type: ignore[misc]
    """A form of this service. The whole application is guarded against request forgery, so the form itself is not."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = False

    @property
    def problems(self) -> list[dict[str, str]]:
        """Every message with a link to its field, in the order of the page."""
        whole = [{"text": message} for message in self.form_errors]
        return whole + [{"text": str(error), "href": f"#{_first_id(field)}"} for field in self for error in field.errors]

    @property
    def error_summary(self) -> Markup:
        return widgets.error_summary(self.problems)

    def add(self, problems: Iterable[Problem]) -> None:
        """Show what an action found wrong beside the fields it names; anything else in the summary only."""
        for problem in problems:
            if problem.field in self._fields:
                self[problem.field].errors = [*self[problem.field].errors, problem.message]
            else:
                self.form_errors.append(problem.message)

    def say(self, field: str, message: str) -> None:
        """Show one message beside a field."""
        self.add([Problem(field, message)])


def _first_id(field: Any) -> str:
    """The id of the input that a link in the summary should move to."""
    return f"{field.id}-{field.wrong_parts[0]}" if getattr(field, "wrong_parts", None) else str(field.id)


class _Shown(Field):  # type: ignore[misc]
    """What all fields here share: a look, a message for nothing given, and a check of what was given."""

    draw: Callable[[Any, dict[str, Any]], Markup] = staticmethod(widgets.text_input)
    style: ClassVar[Mapping[str, Any]] = {}
    data: Any

    def __init__(
        self,
        label: str = "",
        *,
        needed: str = "",
        hint: str = "",
        called: str = "",
        look: dict[str, Any] | None = None,
        **rest: Any,
    ) -> None:
        """`called` is how messages name the field when its label is a question."""
        super().__init__(label, description=hint, **rest)
        self.needed = needed
        self.called = called or label
        self.look = dict(self.style) | (look or {})

    def widget(self, field: Any, **look: Any) -> Markup:
        return self.draw(field, self.look | look)

    def pre_validate(self, form: Form) -> None:
        if self.process_errors:
            raise StopValidation()
        if self.is_empty():
            raise StopValidation(self.needed or None)
        self.check()

    def is_empty(self) -> bool:
        return self.data in (None, "", [], False)

    def check(self) -> None:
        """Raise ValidationError when what was given cannot be used."""

    def text_value(self) -> str:
        """What to write into the input: what was typed, else the value."""
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)


class Text(_Shown):
    """One line of text, trimmed; empty is ''."""

    def __init__(self, label: str = "", *, limit: int = 200, **rest: Any) -> None:
        super().__init__(label, **rest)
        self.limit: int | None = limit

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = _clean(valuelist[0]) if valuelist else ""

    def check(self) -> None:
        if self.limit is not None and len(self.data) > self.limit:
            raise ValidationError(f"{self.called} must be {self.limit:,} characters or fewer")


class Email(Text):
    """An e-mail address, in small letters."""

    style: ClassVar[Mapping[str, Any]] = {"type": "email", "autocomplete": "email", "spellcheck": False}

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        self.data = self.data.lower()

    def check(self) -> None:
        super().check()
        if not is_email(self.data):
            raise ValidationError("Enter an email address in the correct format, like name@example.com")


class Password(_Shown):
    """A password exactly as typed; `look={"autocomplete": "new-password"}` where one is chosen."""

    draw = staticmethod(widgets.password_input)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0] if valuelist else ""


class TextArea(Text):
    """Several lines of text; a `limit` also shows the characters left."""

    draw = staticmethod(widgets.textarea)

    def __init__(self, label: str = "", *, limit: int | None = None, **rest: Any) -> None:
        super().__init__(label, **rest)
        self.limit = limit

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = _clean(valuelist[0].replace("\r\n", "\n")) if valuelist else ""


class WholeNumber(_Shown):
    """A whole number between `least` and `most`; empty is None."""

    style: ClassVar[Mapping[str, Any]] = {"inputmode": "numeric", "classes": "govuk-input--width-4", "spellcheck": False}

    def __init__(self, label: str = "", *, least: int = 0, most: int = 1_000_000, **rest: Any) -> None:
        super().__init__(label, **rest)
        self.least, self.most = least, most

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip().replace(",", "") if valuelist else ""
        if typed and not re.fullmatch(r"-?[0-9]{1,12}", typed):
            raise ValueError(f"{self.called} must be a whole number, like {max(self.least, 1)}")
        self.data = int(typed) if typed else None

    def is_empty(self) -> bool:
        return self.data is None

    def check(self) -> None:
        if not self.least <= self.data <= self.most:
            raise ValidationError(f"{self.called} must be between {self.least:,} and {self.most:,}")


class DateParts(_Shown):
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
        except ValueError:
            self.wrong_parts = list(self.parts)
            raise ValidationError(f"{self.called} must be a real date") from None

    def pre_validate(self, form: Form) -> None:
        if self.data is None and not self.process_errors and self.needed:
            self.wrong_parts = list(self.parts)
        super().pre_validate(form)


class TimeOfDay(_Shown):
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


class Option(NamedTuple):
    """One thing to choose: the value sent, the words shown, and a hint under them."""

    value: str
    text: str
    hint: str = ""


class _Choice(_Shown):
    """A choice among `choices`: pairs or triples of value, text and hint. They may be set after the form is made."""

    def __init__(
        self, label: str = "", *, choices: Sequence[tuple[Any, ...]] = (), coerce: Callable[[str], Any] = str, **rest: Any
    ) -> None:
        super().__init__(label, **rest)
        self.choices = choices
        self.coerce = coerce

    @property
    def options(self) -> list[Option]:
        return [Option(_sent(value), *words) for value, *words in self.choices]

    def is_chosen(self, option: Option) -> bool:
        return option.value == _sent(self.data)

    def check(self) -> None:
        if _sent(self.data) not in {option.value for option in self.options}:
            raise ValidationError(self.needed or f"{self.called}: choose one of the options")
        self.data = self.coerce(_sent(self.data))

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0] if valuelist and valuelist[0] else None


class Radios(_Choice):
    """One of a few."""

    draw = staticmethod(widgets.radios)


class Select(_Choice):
    """One of many. `blank` is the text of the empty first option; None leaves it out."""

    draw = staticmethod(widgets.select)

    def __init__(self, label: str = "", *, blank: str | None = "", **rest: Any) -> None:
        super().__init__(label, **rest)
        self.blank = blank


class Checkboxes(_Choice):
    """Any of a few: a list."""

    draw = staticmethod(widgets.checkboxes)

    def is_chosen(self, option: Option) -> bool:
        return option.value in {_sent(value) for value in self.data or ()}

    def check(self) -> None:
        allowed = {option.value for option in self.options}
        if not all(_sent(value) in allowed for value in self.data):
            raise ValidationError(self.needed or f"{self.called}: choose from the options")
        self.data = [self.coerce(_sent(value)) for value in self.data]

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = list(dict.fromkeys(valuelist))


class Tick(_Shown):
    """One statement, ticked or not."""

    draw = staticmethod(widgets.tick)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = bool(valuelist)


class Upload(_Shown):
    """A file, or with `multiple` a list of files; the form needs `enctype="multipart/form-data"`."""

    draw = staticmethod(widgets.file_input)

    def __init__(self, label: str = "", *, multiple: bool = False, accept: str = "", **rest: Any) -> None:
        super().__init__(label, **rest)
        self.multiple = multiple
        attributes = ({"multiple": "multiple"} if multiple else {}) | ({"accept": accept} if accept else {})
        self.look = self.look | ({"attributes": attributes} if attributes else {})

    def process_formdata(self, valuelist: list[Any]) -> None:
        files = [file for file in valuelist if getattr(file, "filename", "")]
        self.data = files if self.multiple else next(iter(files), None)


class Hidden(Text):
    """Text the page carries along."""

    draw = staticmethod(widgets.hidden)


class Version(Hidden):
    """The version of the row a page was made from. A missing or spoilt one is 0, which is always stale."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0] if valuelist else ""
        self.data = int(typed) if re.fullmatch(r"[0-9]{1,9}", typed) else 0

    def check(self) -> None:
        """Any number will do: the action compares it."""


def is_email(text: str) -> bool:
    """Does it look like an e-mail address? Whether it exists only a letter can tell."""
    return len(text) <= 254 and EMAIL.fullmatch(text) is not None


def _clean(text: str) -> str:
    """Without surrounding blanks and without the control characters that PostgreSQL and CSV cannot hold."""
    return "".join(letter for letter in text if letter >= " " or letter in "\n\t").strip()


def _sent(value: Any) -> str:
    return str(value.value if isinstance(value, Enum) else value)


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
