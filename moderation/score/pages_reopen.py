"""The lead gives a submitted sheet back to its auditor, before closing and with a reason, without seeing an answer."""

from werkzeug.wrappers import Response

from moderation.allocate.pages import status, submitted
from moderation.allocate.queries import people_of
from moderation.web.access import open_to, viewer
from moderation.web.fields import Form, Select, Text, TextArea
from moderation.web.keeping import keeps_typed, named
from moderation.web.render import act, db, render, settled
from moderation.words import Role

from . import actions
from . import progress as sheets
from .by_name import reopen_named
from .pages import pages
from .rules import LONGEST_REASON


class ReopenForm(Form):
    reason = TextArea(
        "Why are you reopening it?", needed="Enter a reason", limit=LONGEST_REASON,
        hint="The auditor sees this. Do not say what to answer.",
    )  # fmt: skip


class NamedSheetForm(ReopenForm):
    auditor = Select("Auditor", needed="Choose an auditor", blank="Choose an auditor")
    reference = Text(
        "Plan", needed="Enter the plan's reference", limit=40, hint="Its reference, as the auditor reads it on their list."
    )


@pages.route("/rounds/<round_id>/submitted", methods=["GET", "POST"])
@open_to(Role.LEAD)
@keeps_typed(named(reference="Plan", reason="Why you are reopening it"))
def submitted_sheets(round_id: str) -> Response:
    """Which sheets are in, for a lead who has to give one back; one that is not in the list, by its names."""
    area_id, form = viewer().area_id or "", NamedSheetForm()
    view = sheets.submitted_sheets(db(), area_id, viewer().account_id, round_id)
    form.auditor.choices = [(one.account_id, f"{one.name}, {one.agency}") for one in people_of(db(), area_id, round_id).values()]
    done = submitted(form, lambda: _reopened(round_id, form))
    return done or render("score/submitted.html", view, status(form), form=form, round_id=round_id)


def _reopened(round_id: str, form: NamedSheetForm) -> Response:
    act(reopen_named, round_id, form.auditor.data, form.reference.data, form.reason.data)
    said = f"If this auditor had submitted plan {form.reference.data}, it is open again. Ask them to look at their list."
    return settled("score.submitted_sheets", said, round_id=round_id)


@pages.route("/rounds/<round_id>/submitted/<sheet_id>/reopen", methods=["GET", "POST"])
@open_to(Role.LEAD)
@keeps_typed(named(reason="Why you are reopening it"))
def reopen(round_id: str, sheet_id: str) -> Response:
    view = sheets.submitted_sheet(db(), viewer().area_id or "", viewer().account_id, round_id, sheet_id)
    form = ReopenForm()
    if form.validate_on_submit():
        act(actions.reopen, sheet_id, form.reason.data)
        return settled("score.submitted_sheets", f"The sheet of {view.auditor} is open again.", round_id=round_id)
    return render("score/reopen.html", view, 422 if form.errors else 200, form=form)
