"""Setting a round up: its agencies, auditors and sample."""

from typing import Any

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from moderation.web.access import open_to
from moderation.web.keeping import keeps_typed, named
from moderation.web.render import act, csv_download, db, render, settled
from moderation.words import InvalidInput, Problem, Role

from . import queries, setup
from .forms import ExcludeForm, OptionsForm, OutlookForm, ReasonForm, SampleForm, agencies_form, auditors_form, sample_form
from .outlook import USUAL_PLANS
from .pages import here, others_left, pages, status, submitted, the_round
from .queries import AuditorLine, RoundView, SampleView
from .rules import FULL_TIME, AuditorChoice

NOBODY = "Enter how many plans at least one auditor can take"


@pages.route("/rounds/<round_id>/agencies", methods=["GET", "POST"])
@open_to(Role.LEAD)
def round_agencies(round_id: str) -> AnyResponse:
    view, lines = the_round(round_id), queries.agency_lines(db(), here(), round_id)
    form = agencies_form(lines)(version=view.version)
    done = submitted(form, lambda: _agencies_chosen(round_id, form, [line.agency_id for line in lines]))
    return done or render("allocate/agencies.html", view, form=form, lines=lines, status=status(form))


def _agencies_chosen(round_id: str, form, agency_ids: list[str]) -> AnyResponse:  # type: ignore[no-untyped-def]
    act(setup.choose_agencies, round_id, form.version.data, {one: form[f"n_{one}"].data or 0 for one in agency_ids})
    return settled("allocate.round_page", "The agencies are saved.", round_id=round_id)


@pages.route("/rounds/<round_id>/auditors", methods=["GET", "POST"])
@open_to(Role.LEAD)
def round_auditors(round_id: str) -> AnyResponse:
    view, lines = the_round(round_id), queries.auditor_lines(db(), here(), round_id)
    form = auditors_form(lines)(version=view.version)
    done = submitted(form, lambda: _auditors_chosen(round_id, form, lines))
    agencies = [line for line in queries.agency_lines(db(), here(), round_id) if line.auditors_per_plan]
    return done or render("allocate/auditors.html", view, form=form, lines=lines, agencies=agencies, status=status(form))


def _auditors_chosen(round_id: str, form, lines: list[AuditorLine]) -> AnyResponse:  # type: ignore[no-untyped-def]
    numbers = [(line, form[f"n_{line.account_id}"].data, form[f"part_{line.account_id}"].data) for line in lines]
    choices = [
        AuditorChoice(line.account_id, line.agency_id, number, FULL_TIME if part is None else part)
        for line, number, part in numbers
        if number is not None
    ]
    if not any(choice.capacity for choice in choices):
        raise InvalidInput([Problem(f"n_{lines[0].account_id}" if lines else "auditors", NOBODY)])
    act(setup.choose_auditors, round_id, form.version.data, choices)
    return settled("allocate.round_page", "The auditors are saved.", round_id=round_id)


@pages.route("/rounds/<round_id>/sample", methods=["GET", "POST"])
@open_to(Role.LEAD)
def round_sample(round_id: str) -> AnyResponse:
    view, sample = the_round(round_id), queries.sample_view(db(), here(), round_id)
    form = _sample_form(sample, view.version)
    done = submitted(form, lambda: _sample_drawn(round_id, form))
    return done or _sample_page(view, sample, form, ExcludeForm(formdata=None))


def _sample_page(view: RoundView, sample: SampleView, form: SampleForm, exclude: ExcludeForm) -> Response:
    planner = _planner(view, sample)
    code = max(map(status, (form, exclude, planner)))
    bars = {"others_moderate": others_left(view.id)}
    return render("allocate/sample.html", view, form=form, exclude=exclude, sample=sample, planner=planner, status=code, **bars)


def _planner(view: RoundView, sample: SampleView) -> OutlookForm:
    """What was asked, or the round as it stands."""
    if "plans" in request.args:
        asked = OutlookForm(formdata=request.args)
        asked.validate()
        return asked
    auditors = sum(line.auditors_per_plan for line in queries.agency_lines(db(), here(), view.id))
    plans: Any = sample.drawn or sample.record.get("size") or USUAL_PLANS
    return OutlookForm(formdata=None, plans=max(plans, 2), auditors=min(max(auditors, 2), 12), expected="5")


def _sample_form(sample: SampleView, version: int, **rest: None) -> SampleForm:
    """The terms of the last draw, to be changed."""
    record, strata = sample.record, [name for name, *_ in sample.record.get("strata", []) if name]
    quotas = {f"quota_{index}": record.get("quotas", {}).get(name) for index, name in enumerate(strata)}
    by, again = record.get("by", []), record.get("again", False)
    form: SampleForm = sample_form(by, strata)(
        size=record.get("size"), stratify_by=by, again=again, version=version, **quotas, **rest
    )
    return form


def _sample_drawn(round_id: str, form: SampleForm) -> AnyResponse:
    drawn = act(setup.draw_plans, round_id, form.version.data, form.terms())
    return settled("allocate.round_sample", f"{drawn} plan{'' if drawn == 1 else 's'} drawn.", round_id=round_id)


@pages.get("/rounds/<round_id>/sample.csv")
@open_to(Role.LEAD)
def sample_csv(round_id: str) -> Response:
    sample = queries.sample_view(db(), here(), round_id)
    return csv_download(
        f"round-{the_round(round_id).number}-sample.csv", ("Group", "Plans that qualify", "Plans drawn"), sample.strata
    )


@pages.post("/rounds/<round_id>/sample/exclude")
@open_to(Role.LEAD)
@keeps_typed(named(reference="Plan", reason="Reason"))
def exclude(round_id: str) -> AnyResponse:
    view, form = the_round(round_id), ExcludeForm()
    done = submitted(form, lambda: _excluded(round_id, form))
    if done:
        return done
    sample = queries.sample_view(db(), here(), round_id)
    return _sample_page(view, sample, _sample_form(sample, view.version, formdata=None), form)


def _excluded(round_id: str, form: ExcludeForm) -> AnyResponse:
    act(setup.exclude_plan, round_id, form.reference.data, form.reason.data)
    return settled(
        "allocate.round_sample", f"{form.reference.data} will not be drawn. Draw again for this to take effect.", round_id=round_id
    )


@pages.post("/rounds/<round_id>/sample/include/<plan_version_id>")
@open_to(Role.LEAD)
def include(round_id: str, plan_version_id: str) -> AnyResponse:
    act(setup.include_plan, round_id, plan_version_id)
    return settled("allocate.round_sample", "The plan may be drawn again.", round_id=round_id)


@pages.route("/rounds/<round_id>/plans/<round_plan_id>/leave-out", methods=["GET", "POST"])
@open_to(Role.LEAD)
@keeps_typed(named(reason="Reason"))
def leave_out(round_id: str, round_plan_id: str) -> AnyResponse:
    view, plan = the_round(round_id), queries.plan_line(db(), here(), round_id, round_plan_id)
    form = ReasonForm().ask(f"Why leave {plan.reference} out of this round?", "The reason is kept. Nobody but leads sees it.")
    done = submitted(form, lambda: _left_out(round_id, round_plan_id, form.reason.data))
    return done or render("allocate/leave_out.html", view, form=form, plan=plan, status=status(form))


def _left_out(round_id: str, round_plan_id: str, reason: str) -> AnyResponse:
    act(setup.leave_out, round_plan_id, reason)
    return settled("allocate.round_page", "The plan is left out of this round. Draw the allocation again.", round_id=round_id)


@pages.route("/rounds/<round_id>/options", methods=["GET", "POST"])
@open_to(Role.LEAD)
def round_options(round_id: str) -> AnyResponse:
    view = the_round(round_id)
    form = OptionsForm(obj=view)
    done = submitted(form, lambda: _options_chosen(round_id, form))
    return done or render("allocate/options.html", view, form=form, others_moderate=others_left(round_id), status=status(form))


def _options_chosen(round_id: str, form: OptionsForm) -> AnyResponse:
    act(setup.choose_options, round_id, form.version.data, form.options())
    return settled("allocate.round_page", "The options are saved.", round_id=round_id)
