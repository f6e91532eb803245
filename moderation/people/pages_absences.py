"""What an auditor says about their own time: days away, and on which days they want to be reminded."""

from werkzeug.wrappers import Response as AnyResponse

from ..web.access import open_to, viewer
from ..web.render import act, act_for_installation, db, render, settled
from ..words import InvalidInput, Role
from . import absences, reminders
from .blueprint import pages
from .forms import AwayDates, ReminderDays


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


@pages.route("/my-plans/reminders", methods=["GET", "POST"])
@open_to(Role.AUDITOR)
def reminder_days() -> AnyResponse:
    form = ReminderDays(data={"days": reminders.own_reminder_days(db(), viewer().account_id)})
    if form.validate_on_submit():
        act_for_installation(reminders.choose_reminder_days, viewer().account_id, form.days.data)
        return settled("score.my_plans", _told(reminders.in_words(form.days.data)))
    return render("people/reminders.html", status=422 if form.problems else 200, form=form)


def _told(when: str) -> str:
    if not when:
        return "Saved. We will not email you about plans you have not finished."
    return f"Saved. When a round is about to close, we will email you {when}."
