"""The forms of the gate: who is in the plan, words and places to replace, what was compared with the register."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from wtforms.validators import ValidationError

from moderation.instants import today
from moderation.web.fields import DateParts, Form, Hidden, Radios, Text, TextArea, Tick, Version, WholeNumber

from .gate_packs import People
from .gate_rules import ANSWERS, QUESTIONS, UNANSWERED, CheckAnswer
from .identity.kinds import RoleToken, is_token
from .identity.roles import ROLE_WORDS

MOST_LINES = 60


class Lines(TextArea):
    """One person or place on each line."""

    def check(self) -> None:
        super().check()
        if len(lines_of(self.data)) > MOST_LINES:
            raise ValidationError(f"{self.called} must be {MOST_LINES} lines or fewer")


class PeopleForm(Form):
    child = Text("Full name of the child or young person", limit=120, look={"autocomplete": "off", "spellcheck": False})
    others = Text(
        "Other names they are called", hint="With commas between them, for example Tobi, Bear", limit=200,
        look={"autocomplete": "off", "spellcheck": False},
    )  # fmt: skip
    unknown = Tick("I do not know the name. I will look through every page, because the search finds less without it")
    born = DateParts("Date of birth", called="The date of birth", hint="For example, 27 3 2015")
    parents = Lines(
        "Parents and carers", hint="One on each line, with the title, for example Mrs Sian Marlow", look={"rows": 3}, limit=1500
    )
    children = Lines("Brothers, sisters and other children", hint="One on each line", look={"rows": 3}, limit=1500)
    staff = Lines(
        "Professionals", hint="One on each line, with what they are, for example Dr Meera Shah, educational psychologist",
        look={"rows": 5}, limit=3000,
    )  # fmt: skip
    settings = Lines("Schools and other settings", hint="One on each line, now and before", look={"rows": 3}, limit=1500)
    version = Version()

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        if not self.child.data and not self.unknown.data and not self.child.errors:
            self.say("child", "Enter the full name of the child or young person, or say that you do not know it")
        return not self.problems

    def validate_born(self, field: Any) -> None:
        if isinstance(field.data, date) and not date(today().year - 30, 1, 1) <= field.data <= today():
            raise ValidationError("The date of birth must be within the last 30 years")

    @property
    def people(self) -> People:
        child = tuple(name for name in (self.child.data, *_names(self.others.data)) if name)
        return People(
            child,
            self.born.data,
            tuple(map(_names, lines_of(self.parents.data))),
            tuple(map(_names, lines_of(self.children.data))),
            tuple(map(professional, lines_of(self.staff.data))),
            tuple(lines_of(self.settings.data)),
            is_unknown=not child,
        )


def filled_people(people: People, version: int, setting: str | None) -> PeopleForm:
    """The form with what was said before; at first with the setting of the register."""
    said = people != People()
    return PeopleForm(
        child=people.child[0] if people.child else "",
        unknown=people.is_unknown,
        others=", ".join(people.child[1:]),
        born=people.born,
        parents=_lines(people.parents),
        children=_lines(people.children),
        staff="\n".join(", ".join((*names, role.value.lower())) for role, names in people.staff),
        settings="\n".join(people.settings) if said else setting or "",
        version=version,
    )


def professional(line: str) -> tuple[RoleToken, tuple[str, ...]]:
    """`Dr Meera Shah, educational psychologist`: a name, other names, and the last part that says what they are."""
    parts = _names(line)
    for place in range(len(parts) - 1, 0, -1):
        role = _role(parts[place])
        if role is not None:
            return role, parts[:place] + parts[place + 1 :]
    return RoleToken.STAFF, parts


def _role(words: str) -> RoleToken | None:
    words = words.lower()
    same = next((role for role in RoleToken if role.value.lower() == words), None)
    return same or next((role for word, role in ROLE_WORDS if re.search(rf"\b{word}\b", words)), None)


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in (text or "").split("\n") if line.strip()]


def _names(line: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in (line or "").split(",") if name.strip())


def _lines(people: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(", ".join(names) for names in people)


class Token(Text):
    """A role token, with or without its brackets."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        self.data = self.data.strip("[] ").replace("dob", "DOB")

    def check(self) -> None:
        plain = self.data if self.data.startswith("DOB") else self.data.upper()
        if not is_token(plain):
            raise ValidationError("Choose a token of the list, like PARENT 1. A token must not name anybody")
        self.data = plain


TOKEN_HINT = "Who or what it is, for example PARENT 1, OTHER CHILD 2, SETTING 1 or REMOVED"  # noqa: S105
LIST = {"attributes": {"list": "tokens"}, "autocomplete": "off", "spellcheck": False, "classes": "govuk-input--width-20"}


class AddWords(Form):
    """Words to be replaced wherever they stand; `document` and the rest say where somebody selected them, if so."""

    words = Text("Words to replace", needed="Enter the words", limit=200, look={"autocomplete": "off", "spellcheck": False})
    token = Token("Put this in their place", needed="Choose what to put in their place", hint=TOKEN_HINT, limit=40, look=LIST)
    document = Hidden()
    page = Hidden()


class MarkArea(Form):
    """A rectangle of a page, in hundredths of its width and height."""

    left = WholeNumber("From the left", needed="Enter where the rectangle begins, from the left", most=100)
    top = WholeNumber("From the top", needed="Enter where the rectangle begins, from the top", most=100)
    wide = WholeNumber("Width", needed="Enter how wide the rectangle is", least=1, most=100)
    high = WholeNumber("Height", needed="Enter how high the rectangle is", least=1, most=100)
    token = Token(
        "Put this in its place",
        needed="Choose what to put in its place",
        hint="For example SIGNATURE or REMOVED",
        limit=40,
        look=LIST,
    )


class ChangeToken(Form):
    token = Token("Token", needed="Choose a token", limit=40, look=LIST)


def checks_form(answers: dict[str, Any], version: int) -> Form:
    """One question for each thing that only somebody with the real names can compare."""
    choices = [(answer.value, words) for answer, words in ANSWERS.items()]
    fields: dict[str, Any] = {
        check.value: Radios(words, needed=UNANSWERED[check], called=words, choices=choices, coerce=CheckAnswer)
        for check, words in QUESTIONS.items()
    }
    kind: type[Form] = type("ChecksForm", (Form,), {**fields, "version": Version()})
    return kind(data={**answers, "version": version})


class Release(Form):
    looked = Tick(
        "I have looked at what is replaced and what is kept. With these replacements nothing in this audit pack names or "
        "identifies the child or young person, their family, or the people who wrote about them",
        needed="Confirm that the audit pack is de-identified",
    )
    version = Version()
