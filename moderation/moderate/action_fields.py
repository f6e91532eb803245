"""What has to happen to a plan, in a form: four fields, for an item that stands by itself or for each plan of a question."""

from typing import Any

from moderation.web.field_base import Shown
from moderation.web.fields import DateParts, Form, Radios, Text, TextArea

from .decisions import WantedAction
from .meeting_rules import ACTION_WORDS, ActionKind

ACTIONS = (("none", "None"), *ACTION_WORDS.items())
NAMES = ("action", "action_text", "action_owner", "action_due")


def action_fields(suffix: str = "", of_plan: str = "") -> dict[str, Any]:
    """The fields, named with the suffix; `of_plan` tells those of one plan from those of another in messages."""
    inline = {"classes": "govuk-radios--small govuk-radios--inline"}
    fields = (
        Radios("What kind of action?", called=f"Action{of_plan}", choices=ACTIONS, default="none", look=inline),
        TextArea("What has to happen", called=f"The action{of_plan}", limit=500, look={"rows": 2}),
        Text("Who sees to it", called=f"Who sees to the action{of_plan}", limit=120, hint="A role, for example SEND team manager"),
        DateParts("By when", called=f"The date{of_plan}", hint="For example, 29 1 2027"),
    )
    return dict(zip((f"{name}{suffix}" for name in NAMES), fields, strict=True))


def touched(choice: Shown, *parts: Shown) -> bool:
    """Has somebody written into one of these fields, or is something wrong with one?"""
    return bool(choice.errors) or any(part.data or part.errors for part in parts)


class ActionPart:
    """These fields of a form that was filled."""

    def __init__(self, form: Form, suffix: str = "") -> None:
        self.form, self.suffix = form, suffix
        self.kind, self.text, self.owner, self.due = (form[f"{name}{suffix}"] for name in NAMES)

    @property
    def is_wanted(self) -> bool:
        return self.kind.data in list(ActionKind)

    @property
    def shows(self) -> bool:
        """Folded away until something is in it, or something is wrong with it."""
        return self.kind.data not in (None, "none") or touched(self.kind, self.text, self.owner, self.due)

    def check(self) -> None:
        """An action has all of its parts, or none."""
        if not self.is_wanted and (self.text.data or self.owner.data or self.due.data):
            self._say("action", "Choose what has to happen to the plan, or take out what you wrote")
        if self.is_wanted and not self.text.data:
            self._say("action_text", "Enter what has to happen to the plan")
        if self.is_wanted and not self.owner.data:
            self._say("action_owner", "Enter who sees to it")
        if self.is_wanted and not self.due.data and not self.due.errors:
            self._say("action_due", "Enter the date by which it has to happen")

    def _say(self, name: str, message: str) -> None:
        self.form.say(f"{name}{self.suffix}", message)

    def wanted(self) -> WantedAction | None:
        if not self.is_wanted:
            return None
        return WantedAction(ActionKind(self.kind.data), self.text.data, self.owner.data, self.due.data)
