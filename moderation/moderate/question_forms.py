"""The form of a decision about a question: once for all its plans, and for each plan a rating, a dissent, a note and an action."""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from moderation.register.criteria import NonScore
from moderation.web.fields import Form, Radios, Select, Text, TextArea, Version

from .action_fields import ActionPart, action_fields
from .forms import SHORT, SMALL_INLINE
from .meeting_rules import bases
from .queries_agenda import AgendaItem
from .queries_cells import CellView
from .queries_room import RoomPage
from .question_decisions import PlanDecision, QuestionDecision
from .states import BASIS_WORDS, CAUSE_WORDS, Basis, Cause
from .steps import basis_of

WHOLE = "all"


class QuestionForm(Form):
    """What is recorded once. `form_for` adds the fields of the plans."""

    basis = Radios(
        "How was it decided?", called="How it was decided", needed="Choose how it was decided", look=SMALL_INLINE,
        hint="For the plans without a vote.",
    )  # fmt: skip
    reason = TextArea(
        "Reason", needed="Enter the reason for the agreed ratings", limit=2000, look=SHORT,
        hint="One for all plans: what the guidance means. Auditors see this in their feedback.",
    )  # fmt: skip
    cause = Radios(
        "Main cause of the disagreement (optional)", called="Cause", choices=list(CAUSE_WORDS.items()),
        look={"classes": "govuk-radios--small app-meeting-two"},
    )  # fmt: skip
    lesson = TextArea(
        "Lesson for the guidance (optional)", called="Lesson", limit=2000, look={"rows": 2},
        hint="One lesson from all plans. The QA lead decides whether it goes into the next version.",
    )  # fmt: skip
    notes = TextArea(
        "Notes of the discussion (optional)", called="Notes", limit=4000, look={"rows": 2},
        hint="They go into the minutes. No names.",
    )  # fmt: skip
    version = Version()

    def validate(self, extra_validators: object = None) -> bool:
        super().validate(extra_validators)
        for name in [field.name for field in self if field.name.startswith("dissenter-")]:
            if self[name].data and not self[name.replace("dissenter-", "dissent-")].data:
                self.say(name.replace("dissenter-", "dissent-"), "Enter what the dissenting member said")
        for name in [field.name for field in self if field.name.startswith("action-")]:
            ActionPart(self, name.removeprefix("action")).check()
        return not self.problems

    def shows_more(self, key: str) -> bool:
        """Is there something in the fields of a plan that are folded away?"""
        return any(self[f"{name}-{key}"].data or self[f"{name}-{key}"].errors for name in ("dissent", "dissenter", "note"))

    def shows_action(self, key: str) -> bool:
        return ActionPart(self, f"-{key}").shows

    def decision(self, room: RoomPage) -> QuestionDecision:
        plans = {item.disagreement_id: self._plan(item.disagreement_id, cell) for item, cell in room.form_plans}
        cause = Cause(self.cause.data) if self.cause.data else None
        return QuestionDecision(plans, self.reason.data, cause, self.lesson.data, self.notes.data)

    def _plan(self, key: str, cell: CellView) -> PlanDecision:
        rating = self[f"rating-{key}"].data
        level = rating not in list(NonScore)
        basis = basis_of(cell.votes, rating) if cell.votes else Basis(self.basis.data)
        dissent, dissenter, note = (self[f"{name}-{key}"].data for name in ("dissent", "dissenter", "note"))
        action = ActionPart(self, f"-{key}").wanted()
        return PlanDecision(int(rating) if level else None, None if level else rating, basis, dissent, dissenter, note, action)


def form_for(room: RoomPage, values: Mapping[str, str] | None = None) -> QuestionForm:
    """With the fields of the plans that are not settled; filled with `values`, or else with what was sent."""
    fields = {name: field for item, cell in room.form_plans for name, field in _fields(item, cell).items()}
    kind = type("QuestionForm", (QuestionForm,), fields)
    form: QuestionForm = kind() if values is None else kind(formdata=MultiDict(values))
    form.basis.choices = [(basis, BASIS_WORDS[basis]) for basis in bases(room.meeting.decision_rule)]
    if all(cell.votes for _, cell in room.form_plans):
        del form.basis  # worked out from the votes
    return form


def _fields(item: AgendaItem, cell: CellView) -> dict[str, object]:
    key, plan = item.disagreement_id, item.plan.reference
    choices = [(column.key, column.label) for column in cell.strip.columns if column.key != NonScore.OUTSIDE_DISCIPLINE]
    return {
        f"rating-{key}": Radios(
            f"Agreed rating of plan {plan}", needed=f"Choose the agreed rating of plan {plan}", choices=choices
        ),
        f"dissent-{key}": TextArea("What a dissenting member said", called=f"Dissent on plan {plan}", limit=2000, look={"rows": 2}),
        f"dissenter-{key}": Text("Name of the dissenting member", limit=120, hint="Only if they ask for it"),
        f"note-{key}": TextArea("Note on this plan", called=f"Note on plan {plan}", limit=4000, look={"rows": 2}),
        **action_fields(f"-{key}", f" on plan {plan}"),
    }


def left_off(room: RoomPage) -> dict[str, str]:
    """What somebody wrote on this device or on another; where nobody chose yet, what everybody voted for."""
    voted = {f"rating-{item.disagreement_id}": next(iter(cell.votes)) for item, cell in room.open_plans if len(cell.votes) == 1}
    none = {f"action-{item.disagreement_id}": "none" for item, _ in room.open_plans}
    return {**none, **voted, **room.draft.get("values", {}), "version": str(room.turn.version)}


class LeaveForm(Form):
    """A question, or one of its plans, is left for another meeting."""

    what = Select("What is deferred?", called="What is deferred", needed="Choose what is deferred")
    deferred_reason = TextArea(
        "Why is it deferred?", called="Reason", needed="Enter why it is deferred", limit=500, look={"rows": 2}
    )  # fmt: skip
    version = Version()

    def offer(self, room: RoomPage) -> "LeaveForm":
        plans = [(item.item_id, f"Plan {item.plan.reference} only") for item, _ in room.open_plans]
        self.what.choices = [(WHOLE, "The whole question"), *plans]
        return self
