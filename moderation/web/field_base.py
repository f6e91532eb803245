"""What a form is, and what all its fields have in common; `fields.py` has the fields themselves."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import Field
from wtforms.validators import StopValidation

from ..words import Problem
from . import widgets


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


class Shown(Field):  # type: ignore[misc]
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
