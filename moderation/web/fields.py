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
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, ClassVar, NamedTuple

from wtforms.validators import ValidationError

from . import widgets
from .field_base import Form, Shown
from .field_dates import DateParts, TimeOfDay

__all__ = [
    "Checkboxes", "DateParts", "Email", "Form", "Hidden", "Option", "Password", "Radios", "Select", "Text", "TextArea", "Tick",
    "TimeOfDay", "Upload", "Version", "WholeNumber", "is_email",
]  # fmt: skip

EMAIL = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\"]+\.[^@\s.,;<>()\"]{2,}")


class Text(Shown):
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


class Password(Shown):
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


class WholeNumber(Shown):
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


class Option(NamedTuple):
    """One thing to choose: the value sent, the words shown, and a hint under them."""

    value: str
    text: str
    hint: str = ""


class _Choice(Shown):
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


class Tick(Shown):
    """One statement, ticked or not."""

    draw = staticmethod(widgets.tick)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = bool(valuelist)


class Upload(Shown):
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
