"""The lead gives a submitted sheet back to its auditor, before closing and with a reason, without seeing an answer."""

from werkzeug.wrappers import Response

from moderation.web.access import open_to, viewer
from moderation.web.fields import Form, TextArea
from moderation.web.render import act, db, render, settled
from moderation.words import Role

from . import actions
from . import progress as sheets
from .pages import pages
from .rules import LONGEST_REASON


class ReopenForm(Form):
    reason = TextArea(
        "Why are you reopening it?", needed="Enter a reason", limit=LONGEST_REASON,
        hint="The auditor sees this. Do not say what to answer.",
    )  # fmt: skip


@pages.get("/rounds/<round_id>/submitted")
@open_to(Role.LEAD)
def submitted_sheets(round_id: str) -> Response:
    """Which sheets are in, for a lead who has to give one back."""
    view = sheets.submitted_sheets(db(), viewer().area_id or "", viewer().account_id, round_id)
    return render("score/submitted.html", view, round_id=round_id)


@pages.route("/rounds/<round_id>/submitted/<sheet_id>/reopen", methods=["GET", "POST"])
@open_to(Role.LEAD)
def reopen(round_id: str, sheet_id: str) -> Response:
    view = sheets.submitted_sheet(db(), viewer().area_id or "", viewer().account_id, round_id, sheet_id)
    form = ReopenForm()
    if form.validate_on_submit():
        act(actions.reopen, sheet_id, form.reason.data)
        return settled("score.submitted_sheets", f"The sheet of {view.auditor} is open again.", round_id=round_id)
    return render("score/reopen.html", view, 422 if form.errors else 200, form=form)
