"""What a lead does to a round that is open: its closing date, its plans, an auditor added, away or with other limits."""

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from moderation.web.access import open_to, viewer
from moderation.web.render import act, db, render, settled
from moderation.words import NotFound, Refused, Role

from . import actions, draft, queries, setup
from .forms import AbsenceForm, AddAuditorForm, CapacityForm, ClosingForm
from .pages import here, pages, status, submitted, the_round
from .problem import Allocation as Place
from .queries import AuditorLine, RoundView
from .rules import RELEASED, AllocationState, AuditorChoice, Ending, may_see_progress

MOVABLE = (AllocationState.OFFERED, AllocationState.ACCEPTED)
GONE = (Ending.DECLINED, Ending.HANDED_BACK, Ending.WITHDRAWN, Ending.REASSIGNED)


def open_for_leads(round_id: str) -> RoundView:
    """An open round, for leads who do not rate in it: what the others are doing is not for its auditors to know."""
    view = the_round(round_id)
    if view.in_setup:
        raise NotFound("Page not found")
    if not may_see_progress(view.state, viewer().account_id, queries.auditor_ids(db(), here(), round_id)):
        raise Refused("You rate in this round, so how it is going stays hidden from you until it closes. Ask another QA lead.")
    return view


@pages.route("/rounds/<round_id>/closing-date", methods=["GET", "POST"])
@open_to(Role.LEAD)
def closing_date(round_id: str) -> AnyResponse:
    view = the_round(round_id)
    form = ClosingForm(obj=view)
    done = submitted(form, lambda: _moved(round_id, form))
    return done or render("allocate/closing_date.html", view, form=form, status=status(form))


def _moved(round_id: str, form: ClosingForm) -> AnyResponse:
    act(actions.move_closing_date, round_id, form.version.data, form.closes_on.data)
    return settled(
        "allocate.round_page", "The closing date is moved. Auditors with work left are told tomorrow morning.", round_id=round_id
    )


@pages.get("/rounds/<round_id>/plans")
@open_to(Role.LEAD)
def plans(round_id: str) -> Response:
    view = open_for_leads(round_id)
    given = [line for line in queries.given(db(), here(), round_id) if line.ended_as not in GONE]
    places = [Place(line.round_plan_id, line.account_id, line.agency_id) for line in given]
    needed = [line for line in queries.agency_lines(db(), here(), round_id) if line.auditors_per_plan]
    movable = {(line.round_plan_id, line.account_id) for line in given if line.state in MOVABLE}
    lines = draft.placed(db(), here(), round_id, places)
    return render("allocate/plans.html", view, lines=lines, agencies=needed, movable=movable, closed=view.state in RELEASED)


@pages.route("/rounds/<round_id>/auditors/add", methods=["GET", "POST"])
@open_to(Role.LEAD)
def add_auditor(round_id: str) -> AnyResponse:
    view = the_round(round_id)
    free = [line for line in queries.auditor_lines(db(), here(), round_id) if line.capacity is None]
    form = AddAuditorForm()
    form.auditor.choices = [(line.account_id, f"{line.name}, {line.agency}") for line in free]
    done = submitted(form, lambda: _added(view, form, {line.account_id: line for line in free}))
    return done or render("allocate/add_auditor.html", view, form=form, nobody=not free, status=status(form))


def _added(view: RoundView, form: AddAuditorForm, free: dict[str, AuditorLine]) -> AnyResponse:
    line = free[form.auditor.data]
    act(setup.add_auditor, view.id, AuditorChoice(line.account_id, line.agency_id, form.capacity.data))
    return _after_a_change(view, f"{line.name} is added to the round.")


def _after_a_change(view: RoundView, message: str) -> AnyResponse:
    """In setup the lead draws again; in an open round they look at what a repair would change."""
    return settled("allocate.allocation" if view.in_setup else "allocate.moves", message, round_id=view.id)


def _auditor(round_id: str, account_id: str) -> AuditorLine:
    lines = queries.auditor_lines(db(), here(), round_id)
    found = next((line for line in lines if line.account_id == account_id and line.capacity is not None), None)
    if found is None:
        raise NotFound("Page not found")
    return found


@pages.route("/rounds/<round_id>/auditors/<account_id>/capacity", methods=["GET", "POST"])
@open_to(Role.LEAD)
def capacity(round_id: str, account_id: str) -> AnyResponse:
    view, line = the_round(round_id), _auditor(round_id, account_id)
    form = CapacityForm(obj=line)
    done = submitted(form, lambda: _limited(view, line, form.capacity.data))
    return done or render("allocate/capacity.html", view, form=form, line=line, status=status(form))


def _limited(view: RoundView, line: AuditorLine, number: int) -> AnyResponse:
    act(setup.change_capacity, view.id, line.account_id, number)
    return _after_a_change(view, f"{line.name} can now take {number} plan{'' if number == 1 else 's'}.")


@pages.route("/rounds/<round_id>/auditors/<account_id>/away", methods=["GET", "POST"])
@open_to(Role.LEAD)
def away(round_id: str, account_id: str) -> AnyResponse:
    view, line = open_for_leads(round_id), _auditor(round_id, account_id)
    form = AbsenceForm(obj=line)
    done = submitted(form, lambda: _is_away(view, line, form))
    return done or render("allocate/away.html", view, form=form, line=line, status=status(form))


def _is_away(view: RoundView, line: AuditorLine, form: AbsenceForm) -> AnyResponse:
    act(actions.mark_absent, view.id, line.account_id, form.absent_from.data)
    return settled("allocate.moves", f"{line.name} is marked as away. Their plans have not moved yet.", round_id=view.id)


@pages.post("/rounds/<round_id>/auditors/<account_id>/back")
@open_to(Role.LEAD)
def back(round_id: str, account_id: str) -> AnyResponse:
    view, line = open_for_leads(round_id), _auditor(round_id, account_id)
    act(actions.mark_absent, view.id, line.account_id, None)
    return settled("allocate.moves", f"{line.name} is back.", round_id=view.id)
