"""How a form field becomes GOV.UK markup: one function per shape of parameters the GOV.UK macros expect.

The macros are called directly. No `required` attribute is written: the server's messages say more than the browser's.
"""

from collections.abc import Mapping
from typing import Any

from flask import current_app
from markupsafe import Markup

Params = dict[str, Any]


def govuk(component: str, macro: str, params: Mapping[str, Any]) -> Markup:
    """The markup of a GOV.UK component."""
    template = current_app.jinja_env.get_template(f"govuk_frontend_jinja/components/{component}/macro.html")
    return Markup(getattr(template.module, macro)(params))  # noqa: S704 (the macros escape)


def error_summary(problems: list[Params]) -> Markup:
    """The box at the top of a refused page; nothing when nothing is wrong."""
    if not problems:
        return Markup()
    return govuk("error-summary", "govukErrorSummary", {"titleText": "There is a problem", "errorList": problems})


def text_input(field: Any, look: Params) -> Markup:
    return govuk("input", "govukInput", _labelled(field, look) | {"value": field.text_value()})


def password_input(field: Any, look: Params) -> Markup:
    """What was typed is never written back."""
    return govuk("password-input", "govukPasswordInput", _labelled(field, look))


def textarea(field: Any, look: Params) -> Markup:
    params = _labelled(field, look) | {"value": field.text_value()}
    if field.limit is None:
        return govuk("textarea", "govukTextarea", params)
    return govuk("character-count", "govukCharacterCount", params | {"maxlength": field.limit})


def file_input(field: Any, look: Params) -> Markup:
    return govuk("file-upload", "govukFileUpload", _labelled(field, look))


def select(field: Any, look: Params) -> Markup:
    options = [{"value": o.value, "text": o.text, "selected": field.is_chosen(o)} for o in field.options]
    if field.blank is not None:
        options.insert(0, {"value": "", "text": field.blank})
    return govuk("select", "govukSelect", _labelled(field, look) | {"items": options})


def radios(field: Any, look: Params) -> Markup:
    return govuk("radios", "govukRadios", _grouped(field, look) | {"items": _ticks(field)})


def checkboxes(field: Any, look: Params) -> Markup:
    return govuk("checkboxes", "govukCheckboxes", _grouped(field, look) | {"items": _ticks(field)})


def tick(field: Any, look: Params) -> Markup:
    """A single checkbox: its label is the statement ticked, so there is no legend."""
    item = {"value": "yes", "text": field.label.text, "checked": bool(field.data)} | _hint(field)
    params = {"name": field.name, "idPrefix": field.id, "items": [item]} | _error(field) | look
    params.pop("size", None)
    return govuk("checkboxes", "govukCheckboxes", params)


def date_input(field: Any, look: Params) -> Markup:
    items = [
        {
            "label": part.capitalize(),
            "id": f"{field.id}-{part}",
            "name": f"{field.name}-{part}",
            "value": field.parts[part],
            "classes": f"govuk-input--width-{4 if part == 'year' else 2}"
            + (" govuk-input--error" if part in field.wrong_parts else ""),
        }
        for part in field.parts
    ]
    return govuk("date-input", "govukDateInput", _grouped(field, look) | {"id": field.id, "items": items})


def hidden(field: Any, look: Params) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(field.name, field.text_value())


def _labelled(field: Any, look: Params) -> Params:
    """Parameters of a component with one label; `size` (s, m, l) and `heading` style the label."""
    look = dict(look)
    size, heading = look.pop("size", None), look.pop("heading", False)
    label: Params = {"text": field.label.text, "isPageHeading": heading}
    if size:
        label["classes"] = f"govuk-label--{size}"
    return {"id": field.id, "name": field.name, "label": label} | _hint(field) | _error(field) | look


def _grouped(field: Any, look: Params) -> Params:
    """Parameters of a component with a legend around several inputs."""
    look = dict(look)
    size, heading = look.pop("size", None), look.pop("heading", False)
    legend: Params = {"text": field.label.text, "isPageHeading": heading}
    if size:
        legend["classes"] = f"govuk-fieldset__legend--{size}"
    params = {"name": field.name, "idPrefix": field.id, "fieldset": {"legend": legend}}
    return params | _hint(field) | _error(field) | look


def _ticks(field: Any) -> list[Params]:
    return [
        {"value": o.value, "html" if isinstance(o.text, Markup) else "text": o.text, "checked": field.is_chosen(o)}
        | ({"hint": {"text": o.hint}} if o.hint else {})
        for o in field.options
    ]


def _hint(field: Any) -> Params:
    return {"hint": {"text": field.description}} if field.description else {}


def _error(field: Any) -> Params:
    return {"errorMessage": {"html": Markup("<br>").join(field.errors)}} if field.errors else {}
