"""The lead takes one auditor's sheet out of a closed round, with a reason and without seeing an answer."""

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from moderation.allocate.pages import here
from moderation.score import progress as sheets
from moderation.score.rules import LONGEST_REASON
from moderation.web.access import open_to
from moderation.web.fields import Form, TextArea
from moderation.web.keeping import keeps_typed, named
from moderation.web.render import act, db, render, settled
from moderation.words import NotFound, Role

from . import withdrawals
from .pages import pages, the_round
from .queries import MISSING


class WithdrawForm(Form):
    reason = TextArea(
        "Why is it withdrawn?", called="Reason", needed="Enter a reason", limit=LONGEST_REASON,
        hint="For example, a conflict of interest that came to light. It is kept with the sheet.",
    )  # fmt: skip


@pages.get("/disagreements/<round_id>/sheets")
@open_to(Role.LEAD)
def closed_sheets(round_id: str) -> Response:
    """Whose sheets count in a closed round: never what is in them."""
    return render("moderate/sheets.html", sheets.locked_sheets(db(), here(), round_id), round=the_round(round_id))


@pages.route("/disagreements/<round_id>/sheets/<sheet_id>/withdraw", methods=["GET", "POST"])
@open_to(Role.LEAD)
@keeps_typed(named(reason="Reason"))
def sheet_withdraw(round_id: str, sheet_id: str) -> AnyResponse:
    view = next((one for one in sheets.locked_sheets(db(), here(), round_id) if one.id == sheet_id), None)
    if view is None:
        raise NotFound(MISSING)
    form = WithdrawForm()
    if form.validate_on_submit():
        act(withdrawals.withdraw_sheet, sheet_id, form.reason.data)
        said = f"The sheet of {view.auditor} on {view.reference} is withdrawn. Figures are worked out again within minutes."
        return settled("moderate.closed_sheets", said, round_id=round_id)
    return render("moderate/sheet_withdraw.html", view, 422 if form.errors else 200, form=form, round=the_round(round_id))
