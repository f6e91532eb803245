"""The forms of moderation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from moderation.instants import LONDON, is_skipped, london
from moderation.register.criteria import NonScore
from moderation.web.fields import Checkboxes, DateParts, Form, Hidden, Radios, Text, TextArea, Tick, TimeOfDay, Version, WholeNumber
from moderation.web.filters import london_date

from .action_fields import ActionPart, action_fields, touched
from .decisions import Decision
from .meeting_rules import DecisionRule, bases
from .meetings import MeetingTerms
from .packing import LONGEST
from .queries_cells import CellView
from .queries_meetings import MeetingFacts
from .queries_people import Attending
from .states import BASIS_WORDS, CAUSE_WORDS, Basis, Cause
from .steps import basis_of

SHORT = {"rows": 3}
SMALL_INLINE = {"classes": "govuk-radios--small govuk-radios--inline"}
DISSENT = (("none", "None"), ("unnamed", "Record without a name"), ("named", "Record with a name, at that person’s request"))
NARROW = {"classes": "govuk-input--width-3", "suffix": {"text": "minutes"}}


class MeetingForm(Form):
    title = Text(
        "Title of the meeting", needed="Enter a title for the meeting", limit=120, hint="For example, Moderation meeting 2"
    )
    date = DateParts("Date", needed="Enter the date of the meeting", hint="For example, 26 11 2026")
    time = TimeOfDay("Start", called="Start", needed="Enter when the meeting starts", hint="London time, like 10am or 2:30pm")
    minutes = WholeNumber("Length", called="Length", needed="Enter how long the meeting lasts", least=5, most=600, look=NARROW)
    minutes_per_item = WholeNumber(
        "Time for each item",
        called="Time for each item",
        needed="Enter how long an item may take",
        least=1,
        most=LONGEST,
        look=NARROW,
    )
    place = Text("Place (optional)", called="Place", limit=200, hint="A room, or “online”")
    disagreement = Hidden(limit=200_000)
    question = Hidden(limit=2_000)
    version = Version()

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        if fine and is_skipped(datetime.combine(self.date.data, self.time.data)):
            self.say("time", f"There is no {self.time.text_value()} on {london_date(self.date.data)}: the clocks go forward then")
        return not self.problems

    @property
    def _starts(self) -> datetime:
        return datetime.combine(self.date.data, self.time.data, LONDON)

    def terms(self) -> MeetingTerms:
        return MeetingTerms(self.title.data, self._starts, self.minutes.data, self.minutes_per_item.data, self.place.data)


class ItemTimeForm(Form):
    minutes = WholeNumber("Minutes", called="Minutes", least=1, most=LONGEST)
    version = Version()


def terms_of(meeting: MeetingFacts) -> dict[str, Any]:
    """What a form starts from when it changes a meeting."""
    starts = london(meeting.starts_at)
    return {
        "title": meeting.title, "date": starts.date(), "time": starts.time(), "minutes": meeting.minutes,
        "minutes_per_item": meeting.minutes_per_item, "place": meeting.place, "version": meeting.version,
    }  # fmt: skip


class AttendanceForm(Form):
    present = Checkboxes("Who is here?")

    def offer(self, people: Attending) -> "AttendanceForm":
        seats = [*(seat for agency in people.agencies for seat in agency.seats), *people.observers]
        self.present.choices = [(seat.account_id, seat.name) for seat in seats if seat.may_sit]
        return self


class InviteForm(Form):
    present = Checkboxes("Who is invited?")
    even_so = Tick("Send the invitations all the same. What is decided without an agency goes to the chair of the next meeting")

    def offer(self, people: Attending) -> "InviteForm":
        self.present.choices = [
            (seat.account_id, f"{seat.name}, {agency.name}") for agency in people.agencies for seat in agency.seats if seat.may_sit
        ] + [(seat.account_id, f"{seat.name}, observer") for seat in people.observers]
        return self


class DecisionForm(Form):
    rating = Radios("Agreed rating", needed="Choose the agreed rating")
    basis = Radios(
        "How was it decided?",
        called="How it was decided",
        needed="Choose how it was decided",
        look=SMALL_INLINE,
    )
    reason = TextArea(
        "Reason",
        needed="Enter the reason for the agreed rating",
        limit=2000,
        look=SHORT,
        hint="Point to the plan and the descriptor. Auditors see this in their feedback.",
    )
    cause = Radios(
        "Main cause of the disagreement (optional)",
        called="Cause",
        choices=list(CAUSE_WORDS.items()),
        look={"classes": "govuk-radios--small app-meeting-two"},
    )
    dissent = Radios(
        "How is it recorded?", called="Dissent", choices=DISSENT, default="none", look={"classes": "govuk-radios--small"}
    )
    dissent_text = TextArea("What the dissenting member said", limit=2000, look={"rows": 2})
    dissenter = Text("Name of the dissenting member", limit=120, hint="Only if they ask for it")
    lesson = TextArea(
        "Lesson for the guidance (optional)",
        called="Lesson",
        limit=2000,
        look={"rows": 2},
        hint="The QA lead decides whether it goes into the next version.",
    )
    action, action_text, action_owner, action_due = action_fields().values()
    notes = TextArea(
        "Notes of the discussion (optional)",
        called="Notes",
        limit=4000,
        look={"rows": 2},
        hint="They go into the minutes. No names.",
    )
    version = Version()

    def offer(self, cell: CellView, rule: DecisionRule) -> "DecisionForm":
        self.rating.choices = [
            (column.key, column.label) for column in cell.strip.columns if column.key != NonScore.OUTSIDE_DISCIPLINE
        ]
        self.basis.choices = [(basis, BASIS_WORDS[basis]) for basis in bases(rule)]
        if cell.votes:
            del self.basis  # worked out from the votes
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        if self.dissent.data != "none" and not self.dissent_text.data:
            self.say("dissent_text", "Enter what the dissenting member said")
        if self.dissent.data == "named" and not self.dissenter.data:
            self.say("dissenter", "Enter the name of the dissenting member")
        if self.dissent.data == "none" and self.dissent_text.data:
            self.say("dissent", "Choose how the dissent is recorded, or take out what you wrote")
        ActionPart(self).check()
        return not self.problems

    @property
    def shows_dissent(self) -> bool:
        """Folded away until somebody dissents, has written something, or something is wrong with it."""
        return self.dissent.data not in (None, "none") or touched(self.dissent, self.dissent_text, self.dissenter)

    @property
    def shows_action(self) -> bool:
        return ActionPart(self).shows

    def decision(self, cell: CellView) -> Decision:
        said = self.dissent.data != "none"
        basis = basis_of(cell.votes, self.rating.data) if cell.votes else Basis(self.basis.data)
        level = self.rating.data not in list(NonScore)
        return Decision(
            cell.plan.round_plan_id, cell.criterion.key,
            value=int(self.rating.data) if level else None, non_score=None if level else self.rating.data,
            basis=basis, reason=self.reason.data, cause=Cause(self.cause.data) if self.cause.data else None,
            dissent=self.dissent_text.data if said else "",
            dissenter=self.dissenter.data if self.dissent.data == "named" else "", lesson=self.lesson.data,
            action=ActionPart(self).wanted(), notes=self.notes.data,
        )  # fmt: skip


class RuleForm(Form):
    rule = Radios(
        "When not everybody agrees on a rating, what settles it?",
        called="The rule",
        needed="Choose what settles it",
        choices=[(rule, rule.words) for rule in DecisionRule],
    )


class SignForm(Form):
    version = Version()


class NotesForm(Form):
    notes = TextArea(
        "Notes",
        called="Notes",
        limit=4000,
        look={"rows": 10},
        hint="For example, apologies, or what was said beside the items. No names.",
    )
    version = Version()


class AddendumForm(Form):
    text = TextArea("What should the minutes say?", called="The addendum", needed="Enter what the minutes should say", limit=4000)
    reason = TextArea(
        "Why are they corrected?", called="The reason", needed="Enter why the minutes are corrected", limit=500, look={"rows": 2}
    )


class HandOverForm(Form):
    moderator = Radios("Who takes the meeting over?", called="The moderator", needed="Choose who takes the meeting over")

    def offer(self, people: Sequence[tuple[str, str]]) -> "HandOverForm":
        self.moderator.choices = list(people)
        return self


class DeferForm(Form):
    deferred_reason = TextArea(
        "Why is it deferred?", called="Reason", needed="Enter why it is deferred", limit=500, look={"rows": 2}
    )
    version = Version()
