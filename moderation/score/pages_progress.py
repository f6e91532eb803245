"""A round from its opening on: counts of sheets for leads, reminders, closing, withdrawing a plan.

A lead who rates in the round gets dates and their own list instead: how the others are getting on is not for auditors.
"""

from typing import Any

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from moderation import instants
from moderation.allocate import actions as allocate
from moderation.allocate import queries as rounds
from moderation.allocate.forms import ReasonForm, VersionForm
from moderation.allocate.pages import here, status, submitted, the_round
from moderation.allocate.queries import RoundView
from moderation.allocate.rules import RoundState, may_see_progress
from moderation.web.access import open_to, viewer
from moderation.web.charts import Chart, CountRow, Label, count_bars
from moderation.web.fields import Text
from moderation.web.keeping import keeps_typed, named
from moderation.web.render import act, csv_download, db, redirect_to, render, settled
from moderation.words import Refused, Role

from . import actions
from .by_name import withdraw_named
from .pages import pages
from .progress import Progress, progress

# Pages of later stages about a closed round: endpoint, words, the name of its parameter, and whether it is there only before
# (False) or only after (True) publication.
AFTERWARDS = (
    ("moderate.disagreements_of", "Disagreements", "round_id", None),
    ("moderate.publish", "Publish the round", "round_id", False),
    ("track.agreement", "Agreement", "round", None),
    ("track.quality", "Plan quality", "round", True),
)


def _rates_here(view: RoundView) -> bool:
    return not may_see_progress(view.state, viewer().account_id, rounds.auditor_ids(db(), here(), view.id))


def _for_leads(round_id: str) -> RoundView:
    view = the_round(round_id)
    if _rates_here(view):
        raise Refused("You rate in this round, so how it is going stays hidden from you until it closes. Ask another QA lead.")
    return view


@pages.get("/rounds/<round_id>/progress")
@open_to(Role.LEAD)
def round_progress(round_id: str) -> AnyResponse:
    view = the_round(round_id)
    if view.in_setup or view.state is RoundState.ABANDONED:
        return redirect_to("allocate.round_page", round_id=round_id)
    if _rates_here(view):
        return render("score/progress_hidden.html", view)
    found = progress(db(), here(), view, instants.today())
    if view.state is not RoundState.OPEN:
        return render("score/round_closed.html", view, progress=found, links=_links(view))
    return render("score/progress.html", view, progress=found, chart=_chart(found), today=instants.today())


def _links(view: RoundView) -> list[tuple[str, str]]:
    """Addresses and words of the pages about this closed round."""
    done = view.state in (RoundState.PUBLISHED, RoundState.ARCHIVED)
    wanted = [(endpoint, words, name) for endpoint, words, name, published in AFTERWARDS if published in (None, done)]
    return [(url_for(endpoint, **_values(name, view)), words) for endpoint, words, name in wanted]


def _values(name: str, view: RoundView) -> dict[str, Any]:
    return {name: view.id}


def _chart(found: Progress) -> Chart:
    rows = [
        CountRow(
            agency.name, ((agency.count.submitted, "c-done"), (agency.count.started, "c-started")), agency.count.total,
            f"{agency.count.submitted} of {agency.count.total} in", float(agency.due),
        )
        for agency in found.agencies
    ]  # fmt: skip
    words = [
        f"{agency.name} {agency.count.submitted} of {agency.count.total}, {agency.due} due by today" for agency in found.agencies
    ]
    return count_bars(rows, Label("progress", "Score sheets submitted by agency", f"{'; '.join(words)}."), "should be here today")


@pages.get("/rounds/<round_id>/progress.csv")
@open_to(Role.LEAD)
def progress_csv(round_id: str) -> Response:
    view = _for_leads(round_id)
    found = progress(db(), here(), view, instants.today())
    rows = [
        (one.name, one.agency, one.count.submitted, one.count.started, one.count.untouched, one.count.total)
        for one in found.auditors
    ]
    return csv_download(
        f"round-{view.number}-progress.csv", ("Auditor", "Agency", "Submitted", "Started", "Not started", "All"), rows
    )


@pages.post("/rounds/<round_id>/remind")
@open_to(Role.LEAD)
def round_remind(round_id: str) -> AnyResponse:
    """Remind one auditor (`auditor` in the form), or everybody who is behind and had no reminder this week."""
    view = _for_leads(round_id)
    one = request.form.get("auditor", "")
    late = progress(db(), here(), view, instants.today()).to_remind(instants.now())
    count = act(allocate.remind, round_id, [one] if one else [auditor.auditor_id for auditor in late])
    return settled("score.round_progress", f"{count} auditor{'' if count == 1 else 's'} reminded.", round_id=round_id)


@pages.route("/rounds/<round_id>/close", methods=["GET", "POST"])
@open_to(Role.LEAD)
def round_close(round_id: str) -> AnyResponse:
    """Close before the closing date."""
    view, form = the_round(round_id), VersionForm()
    if view.state is not RoundState.OPEN:  # for instance after the browser's Back button
        return redirect_to("score.round_progress", round_id=round_id)
    done = submitted(form, lambda: _closed(round_id))
    counted = None if _rates_here(view) else progress(db(), here(), view, instants.today())
    return done or render("score/close_round.html", view, form=form, progress=counted, status=status(form))


def _closed(round_id: str) -> AnyResponse:
    act(actions.close_round, round_id)
    return settled("score.round_progress", "The round is closed. Agreement is worked out within minutes.", round_id=round_id)


@pages.route("/rounds/<round_id>/plans/<round_plan_id>/withdraw", methods=["GET", "POST"])
@open_to(Role.LEAD)
@keeps_typed(named(reason="Reason"))
def round_withdraw(round_id: str, round_plan_id: str) -> AnyResponse:
    """Take a plan, and every sheet of it, out of the round."""
    view, plan = the_round(round_id), rounds.plan_line(db(), here(), round_id, round_plan_id)
    form = ReasonForm().ask(
        f"Why withdraw {plan.reference} from this round?", "Auditors are told that their list has changed, not why."
    )
    done = submitted(form, lambda: _withdrawn(round_id, round_plan_id, form.reason.data))
    return done or render("score/withdraw.html", view, form=form, plan=plan, status=status(form))


class NamedPlanForm(ReasonForm):
    reference = Text("Plan", needed="Enter the plan's reference", limit=40)


@pages.route("/rounds/<round_id>/plans/withdraw", methods=["GET", "POST"])
@open_to(Role.LEAD)
@keeps_typed(named(reference="Plan", reason="Reason"))
def round_withdraw_named(round_id: str) -> AnyResponse:
    """The same by the plan's name, for one that leads do not see in the list."""
    view = _for_leads(round_id)
    form = NamedPlanForm().ask("Why withdraw it from this round?", "Auditors are told that their list has changed, not why.")
    done = submitted(form, lambda: _withdrawn_named(round_id, form))
    return done or render("score/withdraw_named.html", view, form=form, status=status(form))


def _withdrawn_named(round_id: str, form: NamedPlanForm) -> AnyResponse:
    act(withdraw_named, round_id, form.reference.data, form.reason.data)
    return settled("allocate.plans", f"If plan {form.reference.data} was in this round, it is withdrawn.", round_id=round_id)


def _withdrawn(round_id: str, round_plan_id: str, reason: str) -> AnyResponse:
    act(actions.withdraw_plan, round_plan_id, reason)
    return settled("allocate.round_page", "The plan is withdrawn from the round.", round_id=round_id)
