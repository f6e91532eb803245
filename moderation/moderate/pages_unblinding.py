"""Asking for the names behind a plan's letters, and answering as the second person."""

from flask import Response, url_for
from werkzeug.wrappers import Response as AnyResponse

from moderation import instants
from moderation.allocate.pages import here
from moderation.web.access import open_to, viewer
from moderation.web.fields import Form, Radios, Select, TextArea, Version
from moderation.web.keeping import keeps_typed, named
from moderation.web.render import act, db, render, settings, settled
from moderation.words import Role

from . import unblinding
from .pages import pages, the_round
from .queries_able import only_able
from .states import UnblindingState


class AskForm(Form):
    plan = Select("Plan", needed="Choose the plan", blank="Choose a plan")
    reason = TextArea(
        "Why do you need the names?", called="Reason", needed="Enter why you need the names", limit=unblinding.LONGEST,
        hint="The second person reads this. Do not write anything that identifies the child.",
    )  # fmt: skip


class AnswerForm(Form):
    choice = Radios(
        "Your decision", needed="Choose whether the names may be shown",
        choices=[("approve", "Approve: show the names to the person who asks"), ("refuse", "Refuse")],
    )  # fmt: skip
    reason = TextArea("Reason", limit=unblinding.LONGEST, look={"rows": 2}, hint="Needed if you refuse.")
    version = Version()

    def validate(self, extra_validators: object = None) -> bool:
        super().validate(extra_validators)
        if self.choice.data == "refuse" and not self.reason.data:
            self.say("reason", "Enter why you refuse")
        return not self.problems


@pages.route("/disagreements/<round_id>/unblinding", methods=["GET", "POST"])
@open_to(Role.LEAD)
@keeps_typed(named(reason="Reason"))
def unblinding_ask(round_id: str) -> AnyResponse:
    form = AskForm()
    form.plan.choices = unblinding.plans(db(), here(), round_id)
    if form.validate_on_submit():
        where = settings().base_url.rstrip("/") + url_for("moderate.unblindings") + "/{}"
        act(unblinding.ask, round_id, form.plan.data, form.reason.data, where)
        return settled("moderate.unblindings", "Your request is recorded. A second person is asked to decide.")
    alone = only_able(db(), here(), round_id, viewer().account_id)
    shown = {"form": form, "days": unblinding.DAYS, "alone": alone}
    return render("moderate/unblinding_ask.html", the_round(round_id), 422 if form.errors else 200, **shown)


@pages.get("/unblinding")
@open_to(Role.LEAD, Role.AREA_LEAD)
def unblindings() -> Response:
    view = unblinding.requests(db(), here(), viewer().account_id, instants.now())
    return render("moderate/unblindings.html", view, days=unblinding.DAYS)


@pages.route("/unblinding/<unblinding_id>", methods=["GET", "POST"])
@open_to(Role.LEAD, Role.AREA_LEAD)
@keeps_typed(named(reason="Reason"))
def unblinding_request(unblinding_id: str) -> AnyResponse:
    """One request: answered by the second person; the names, for whoever asked, while they may be seen. A look is recorded."""
    view = unblinding.request(db(), here(), unblinding_id, viewer().account_id, instants.now())
    form = AnswerForm(data={"version": unblinding.version_of(db(), unblinding_id)})
    if form.validate_on_submit():
        act(unblinding.answer, unblinding_id, form.version.data, form.choice.data == "approve", form.reason.data)
        return settled("moderate.unblindings", "Your decision is recorded.")
    if view.names:
        act(unblinding.note_sight, unblinding_id)
    asked = view.state is UnblindingState.ASKED
    alone = asked and view.reference in only_able(db(), here(), view.round_id, view.asked_by_id)
    return render("moderate/unblinding.html", view, 422 if form.errors else 200, form=form, asked=asked, alone=alone)
