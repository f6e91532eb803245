"""The form fields every page uses: what is typed, what comes out, and what is said when it cannot be used."""

from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from jinja2 import PackageLoader, PrefixLoader

from moderation.web.fields import (
    Checkboxes,
    DateParts,
    Email,
    Form,
    Hidden,
    Password,
    Radios,
    Select,
    Text,
    TextArea,
    Tick,
    TimeOfDay,
    Upload,
    Version,
    WholeNumber,
    is_email,
)
from moderation.words import AgencyKind, Problem


class Everything(Form):
    name = Text("Full name", needed="Enter a name", limit=10)
    email = Email("Email address")
    secret = Password("Password")
    note = TextArea("Note", limit=20)
    plans = WholeNumber("Number of plans", least=1, most=60)
    closes = DateParts("When does it close?", called="Closing date")
    starts = TimeOfDay("Start")
    kind = Radios("Kind", choices=[(AgencyKind.HEALTH, "Health", "a hint"), (AgencyKind.CARE, "Care")], coerce=AgencyKind)
    agency = Select("Agency", choices=[("a1", "First"), ("a2", "Second")], blank="Choose one")
    several = Checkboxes("Several", choices=[("a", "A"), ("b", "B")])
    sure = Tick("I am sure")
    file = Upload("File", accept=".csv")
    carried = Hidden()
    version = Version()


@pytest.fixture
def post() -> Iterator[Any]:
    """Send a form by POST, without a service around it."""
    app = Flask("fields")
    app.secret_key = "s" * 40
    app.jinja_loader = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})  # type: ignore[assignment]
    contexts = []

    def send(form: type[Form] = Everything, **data: Any) -> Any:
        context = app.test_request_context(method="POST", data={"name": "Jo"} | data)
        context.push()
        contexts.append(context)
        return form()

    yield send
    for context in reversed(contexts):
        context.pop()


def errors_of(form: Any) -> dict[str, list[str]]:
    form.validate()
    return dict(form.errors)


def test_what_is_typed_comes_out_as_plain_values(post: Any) -> None:
    form = post(
        name="  Jo\x00 ", email="Jo@Example.COM", secret=" kept as typed ", note="one\r\ntwo", plans="1,0", starts="2.30 pm",
        kind="health", agency="a2", several=["a", "b", "a"], sure="yes", carried="x", version="7",
        **{"closes-day": "1", "closes-month": "march", "closes-year": "2027"},
    )  # fmt: skip
    assert form.validate(), form.errors
    assert {name: field.data for name, field in form._fields.items()} == {
        "name": "Jo", "email": "jo@example.com", "secret": " kept as typed ", "note": "one\ntwo", "plans": 10,
        "closes": date(2027, 3, 1), "starts": time(14, 30), "kind": AgencyKind.HEALTH, "agency": "a2", "several": ["a", "b"],
        "sure": True, "file": None, "carried": "x", "version": 7,
    }  # fmt: skip


def test_what_is_optional_may_be_left_out(post: Any) -> None:
    form = post()
    assert form.validate()
    assert (form.email.data, form.plans.data, form.closes.data, form.kind.data, form.several.data) == ("", None, None, None, [])


@pytest.mark.parametrize(
    ("typed", "message", "wrong"),
    [
        (("31", "2", "2027"), "Closing date must be a real date", ["day", "month", "year"]),
        (("", "2", "2027"), "Closing date must include a day", ["day"]),
        (("1", "", ""), "Closing date must include a month and year", ["month", "year"]),
        (("1", "2", "27"), "Year must include 4 numbers", ["year"]),
        (("one", "2", "2027"), "Closing date must be a real date", ["day", "month", "year"]),
        (("1", "13", "2027"), "Closing date must be a real date", ["day", "month", "year"]),
        (("1", "1", "999999999999"), "Closing date must be a real date", ["day", "month", "year"]),
    ],
)
def test_a_date_that_cannot_be_is_named_and_its_parts_marked(
    post: Any, typed: tuple[str, ...], message: str, wrong: list[str]
) -> None:
    form = post(**dict(zip(("closes-day", "closes-month", "closes-year"), typed, strict=True)))
    assert errors_of(form) == {"closes": [message]}
    assert form.closes.wrong_parts == wrong
    assert form.problems == [{"text": message, "href": f"#closes-{wrong[0]}"}]
    assert form.closes().count("govuk-input--error") == len(wrong)
    assert all(f'value="{part}"' in form.closes() for part in typed if part)


@pytest.mark.parametrize(("typed", "expected"), [("9am", time(9)), ("12am", time(0)), ("12pm", time(12)), ("14:05", time(14, 5))])
def test_times_are_read_as_people_write_them(post: Any, typed: str, expected: time) -> None:
    form = post(starts=typed)
    assert form.validate() and form.starts.data == expected


@pytest.mark.parametrize("typed", ["25:00", "13pm", "noonish", "9:75", "٩am"])
def test_times_that_are_none_are_refused(post: Any, typed: str) -> None:
    assert errors_of(post(starts=typed)) == {"starts": ["Start must be a time, like 9:30am or 2:15pm"]}


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("name", "", "Enter a name"),
        ("name", "x" * 11, "Full name must be 10 characters or fewer"),
        ("email", "jo@nowhere", "Enter an email address in the correct format, like name@example.com"),
        ("note", "x" * 21, "Note must be 20 characters or fewer"),
        ("plans", "ten", "Number of plans must be a whole number, like 1"),
        ("plans", "61", "Number of plans must be between 1 and 60"),
        ("plans", "9" * 400, "Number of plans must be a whole number, like 1"),
        ("kind", "education", "Kind: choose one of the options"),
        ("agency", "elsewhere", "Agency: choose one of the options"),
        ("several", ["a", "z"], "Several: choose from the options"),
    ],
)
def test_every_field_says_what_is_wrong(post: Any, field: str, typed: Any, message: str) -> None:
    assert errors_of(post(**{field: typed})) == {field: [message]}


def test_a_missing_or_spoilt_version_is_always_stale(post: Any) -> None:
    assert [post(version=typed).version.data for typed in ("", "x", "-1", "1" * 30)] == [0, 0, 0, 0]


def test_what_an_action_found_stands_beside_its_field_and_above(post: Any) -> None:
    form = post()
    form.validate()
    form.add([Problem("name", "Taken <b>"), Problem("name", "Too plain"), Problem("elsewhere", "Nothing was saved")])
    assert [problem["text"] for problem in form.problems] == ["Nothing was saved", "Taken <b>", "Too plain"]
    assert "Taken &lt;b&gt;<br>Too plain" in form.name()
    assert "Taken &lt;b&gt;" in form.error_summary and "<b>" not in form.error_summary


def test_what_was_typed_is_shown_again_escaped_but_never_a_password(post: Any) -> None:
    form = post(name='"><script>', note="</textarea><script>", secret="hunter2hunter2")
    assert "<script>" not in form.name() + form.note()
    assert "hunter2" not in form.secret()


def test_each_choice_carries_its_hint_and_is_ticked_when_chosen(post: Any) -> None:
    form = post(kind="care", several=["b"], agency="a2", sure="yes")
    assert "a hint" in form.kind() and 'value="care" checked' in form.kind()
    assert 'value="b" checked' in form.several() and 'value="a" checked' not in form.several()
    assert '<option value="a2" selected>' in form.agency() and ">Choose one</option>" in form.agency()
    assert 'value="yes" checked' in form.sure()


def test_labels_and_legends_can_be_the_heading(post: Any) -> None:
    form = post()
    assert 'class="govuk-label-wrapper"' in form.name(size="l", heading=True)
    assert "govuk-fieldset__legend--l" in form.kind(size="l", heading=True)
    assert "required" not in form.name()


@pytest.mark.parametrize("text", ["a@b", "a b@c.example", "a@b.c", "@b.example", "a@b..example,", "x" * 250 + "@b.example"])
def test_what_is_no_address(text: str) -> None:
    assert not is_email(text)
