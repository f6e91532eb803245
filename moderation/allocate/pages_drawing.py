"""Drawing: the draft allocation with its figures, drawing again, exchanging two auditors, opening the round."""

from collections.abc import Callable
from functools import partial

from flask import Response, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from moderation.web.access import open_to
from moderation.web.keeping import keeps_typed, named
from moderation.web.render import act, csv_download, db, redirect_to, render, settings, settled
from moderation.words import NotFound, Refused, Role

from . import designs, draft, drawing, experts, ordering, queries, receipts
from .charts import load_chart
from .designs import Effect
from .draft import DraftView
from .forms import DrawForm, OpenForm, SwapForm, VersionForm
from .pages import here, others_left, pages, status, submitted, the_round
from .pairs import pair_rows
from .queries import RoundView
from .rules import RECOMMENDED, Swap, exchanges
from .terms import SLIDER


@pages.get("/rounds/<round_id>/allocation")
@open_to(Role.LEAD)
def allocation(round_id: str) -> Response:
    view = the_round(round_id)
    return _allocation_page(view, OpenForm(formdata=None, version=view.version))


def _allocation_page(view: RoundView, form: OpenForm) -> Response:
    order = ordering.order_of(db(), here(), view.id) if view.in_setup else None
    if order and not order.failure:
        return render("allocate/working.html", view, order=order)
    failure, found = order.failure if order else None, draft.draft_view(db(), here(), view.id)
    if found is None:
        form = VersionForm(formdata=None, version=view.version)
        return render("allocate/not_drawn.html", view, form=form, failure=failure, others_moderate=others_left(view.id))
    chart = load_chart(found.agencies)
    return render("allocate/allocation.html", view, draft=found, form=form, chart=chart, failure=failure, status=status(form))


@pages.route("/rounds/<round_id>/allocation/draw", methods=["GET", "POST"])
@open_to(Role.LEAD)
@keeps_typed(named(reason="Why draw again?"))
def draw(round_id: str) -> AnyResponse:
    view = the_round(round_id)
    asked = request.args.get("weighing", type=int)
    form = DrawForm(version=view.version, weighing=asked if asked in range(1, len(SLIDER) + 1) else RECOMMENDED)
    done = submitted(form, lambda: _drawn(view, form))
    known = experts.recorded(db(), here(), queries.auditor_ids(db(), here(), round_id))
    others = others_left(round_id)
    return done or render("allocate/draw_again.html", view, form=form, known=known, others_moderate=others, status=status(form))


def _drawn(view: RoundView, form: DrawForm) -> AnyResponse:
    version, reason, weighing = form.version.data, form.reason.data or "", form.weighing.data or RECOMMENDED
    if ordering.takes_long(db(), here(), view):
        act(ordering.order_draw, view.id, version, reason, weighing)
        return redirect_to("allocate.allocation", round_id=view.id)
    solved = drawing.work_out(db(), here(), view.id, weighing)  # outside the transaction: nobody else has to wait
    act(drawing.allocate, view.id, version, reason, solved)
    return settled("allocate.allocation", f"Draft allocation {solved.number} is drawn. Only leads can see it.", round_id=view.id)


@pages.post("/rounds/<round_id>/open")
@open_to(Role.LEAD)
def open_round(round_id: str) -> AnyResponse:
    form = OpenForm()
    done = submitted(form, lambda: _opened(round_id, form))
    return done or _allocation_page(the_round(round_id), form)


def _opened(round_id: str, form: OpenForm) -> AnyResponse:
    act(drawing.open_round, round_id, form.version.data, bool(form.confirm.data))
    return settled("allocate.round_page", "The round is open. Every auditor is told by email.", round_id=round_id)


def _drafted(round_id: str) -> tuple[RoundView, DraftView]:
    view, found = the_round(round_id), draft.draft_view(db(), here(), round_id)
    if found is None:
        raise NotFound("Page not found")
    return view, found


@pages.get("/rounds/<round_id>/allocation/load.csv")
@open_to(Role.LEAD)
def load_csv(round_id: str) -> Response:
    view, found = _drafted(round_id)
    rows = [(load.name, load.agency, load.plans, load.capacity) for agency in found.agencies for load in agency.loads]
    return csv_download(f"round-{view.number}-load.csv", ("Auditor", "Agency", "Plans", "Can take"), rows)


@pages.get("/rounds/<round_id>/allocation/pairs.csv")
@open_to(Role.LEAD)
def pairs_csv(round_id: str) -> Response:
    view, _ = _drafted(round_id)
    rows = pair_rows(drawing.shown_places(db(), here(), round_id), queries.people_of(db(), here(), round_id))
    return csv_download(
        f"round-{view.number}-pairs.csv", ("Auditor", "Agency", "Other auditor", "Other agency", "Plans shared"), rows
    )


@pages.get("/rounds/<round_id>/allocation.csv")
@open_to(Role.LEAD)
def allocation_csv(round_id: str) -> Response:
    view = the_round(round_id)
    if not view.in_setup:
        raise NotFound("Page not found")
    lines = draft.placed(db(), here(), round_id, drawing.shown_places(db(), here(), round_id))
    rows = [(line.plan.reference, person.agency, person.name) for line in lines for person in line.auditors]
    return csv_download(f"round-{view.number}-draft-allocation.csv", ("Plan", "Agency", "Auditor"), rows)


@pages.get("/rounds/<round_id>/allocation/plans")
@open_to(Role.LEAD)
def draft_plans(round_id: str) -> Response:
    view = the_round(round_id)
    if not view.in_setup:
        raise NotFound("Page not found")
    places = drawing.shown_places(db(), here(), round_id)
    needed = [line for line in queries.agency_lines(db(), here(), round_id) if line.auditors_per_plan]
    return render("allocate/draft_plans.html", view, lines=draft.placed(db(), here(), round_id, places), agencies=needed)


@pages.get("/rounds/<round_id>/allocation/receipt")
@open_to(Role.LEAD)
def receipt(round_id: str) -> Response:
    view = the_round(round_id)
    lines = draft.draw_lines(db(), here(), round_id)
    given_out = view.state in receipts.GIVEN_OUT
    key = receipts.service_key(settings().ledger_key) if given_out else None
    return render("allocate/receipt.html", view, draws=lines, given_out=given_out, key=key)


@pages.get("/rounds/<round_id>/allocation/receipt/<int:number>.json")
@open_to(Role.LEAD)
def receipt_json(round_id: str, number: int) -> Response:
    """The signed file with which whoever the lead gives it to can check a draw (`moderation allocate --verify`)."""
    body = receipts.receipt_file(db(), here(), round_id, number, settings().ledger_key)
    response = make_response(body)
    response.headers["Content-Type"] = "application/json"
    response.headers["Content-Disposition"] = f'attachment; filename="round-receipt-{number}.json"'
    return response


@pages.route("/rounds/<round_id>/allocation/swap/<plan>/<auditor>", methods=["GET", "POST"])
@open_to(Role.LEAD)
@keeps_typed(named(reason="Reason"))
def swap(round_id: str, plan: str, auditor: str) -> AnyResponse:
    """Exchange one auditor's plan with another auditor of the same agency: only what the rules allow is offered."""
    view, line = the_round(round_id), queries.plan_line(db(), here(), round_id, plan)
    people = queries.people_of(db(), here(), round_id)
    if auditor not in people or not view.in_setup:
        raise NotFound("Page not found")
    form = SwapForm(version=view.version)
    form.other.choices = _partners(round_id, plan, auditor)
    effect = swap_looked_at(form, plan, auditor, partial(designs.effect_on_draft, db(), here(), round_id))
    done = None if effect and not swap_seen(form) else submitted(form, lambda: _swapped(round_id, plan, auditor, form))
    return done or render(
        "allocate/swap.html", view, form=form, plan=line, person=people[auditor], effect=effect, status=status(form)
    )


def swap_looked_at(form: SwapForm, plan: str, auditor: str, effect_of: Callable[[Swap], Effect]) -> Effect | None:
    """What the chosen exchange would do to the design: shown before it can be made."""
    other_plan, _, other = (form.other.data or "").partition(":")
    chosen = (form.other.data or "") in {value for value, _ in form.other.choices}
    return effect_of(Swap(plan, auditor, other_plan, other)) if chosen else None


def swap_seen(form: SwapForm) -> bool:
    """Was the effect of this very exchange on the page?"""
    return bool(request.form.get("seen") == form.other.data)


def _partners(round_id: str, plan: str, auditor: str) -> list[tuple[str, str]]:
    places, bars = drawing.shown_places(db(), here(), round_id), drawing.bars_of(db(), here(), round_id)
    people = queries.people_of(db(), here(), round_id)
    references = {line.round_plan_id: line.reference for line in queries.plan_lines(db(), here(), round_id)}
    found = exchanges(places, plan, auditor, bars)
    named = [(f"{one.plan}:{one.auditor}", f"{people[one.auditor].name}, {references[one.plan]}") for one in found]
    return sorted(named, key=lambda option: option[1])


def _swapped(round_id: str, plan: str, auditor: str, form: SwapForm) -> AnyResponse:
    other_plan, _, other = form.other.data.partition(":")
    if not other:
        raise Refused("Choose whom to exchange with.")
    act(drawing.swap_draft, round_id, form.version.data, Swap(plan, auditor, other_plan, other), form.reason.data)
    return settled("allocate.allocation", "The two auditors are exchanged.", round_id=round_id)
