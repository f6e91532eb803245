"""An auditor's days away."""

from werkzeug.wrappers import Response as AnyResponse

from ..web.access import open_to, viewer
from ..web.render import act, db, render, settled
from ..words import InvalidInput, Role
from . import absences
from .blueprint import pages
from .forms import AwayDates


@pages.route("/my-plans/away", methods=["GET", "POST"])
@open_to(Role.AUDITOR)
def away() -> AnyResponse:
    form = AwayDates()
    if form.validate_on_submit():
        try:
            act(absences.save_away_dates, form.starts_on.data, form.ends_on.data or form.starts_on.data)
            return settled("people.away", "Your days away are saved. Your QA lead can see them.")
        except InvalidInput as refusal:
            form.add(refusal.problems)
    view = absences.away_dates(db(), viewer().area_id or "", viewer().account_id)
    return render("people/away.html", view, 422 if form.problems else 200, form=form)


@pages.post("/my-plans/away/<absence_id>/remove")
@open_to(Role.AUDITOR)
def away_remove(absence_id: str) -> AnyResponse:
    act(absences.remove_away_dates, absence_id)
    return settled("people.away", "Those days are removed.")
