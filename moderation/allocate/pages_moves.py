"""Moving plans in an open round: what would change is shown, then made."""

from collections.abc import Callable
from functools import partial

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from moderation.web.access import open_to
from moderation.web.keeping import keeps_typed, named
from moderation.web.render import act, db, render, settled
from moderation.words import NotFound, Refused, Role

from . import designs, queries, repairing, setup
from .forms import SwapForm
from .moves import MovesView, moves_view, named_moves
from .pages import here, pages, status, submitted
from .pages_drawing import swap_looked_at, swap_seen
from .pages_open import open_for_leads
from .queries import RoundView
from .repairing import Proposal
from .rules import RoundState, Swap, exchanges


def _open(round_id: str) -> RoundView:
    view = open_for_leads(round_id)
    if view.state is not RoundState.OPEN:
        raise NotFound("Page not found")
    return view


@pages.get("/rounds/<round_id>/moves")
@open_to(Role.LEAD)
def moves(round_id: str) -> Response:
    view = _open(round_id)
    found: MovesView = moves_view(db(), here(), round_id, repairing.repair_of(db(), here(), round_id))
    return render("allocate/moves.html", view, moves=found)


@pages.post("/rounds/<round_id>/moves/repair")
@open_to(Role.LEAD)
def repair(round_id: str) -> AnyResponse:
    _open(round_id)
    return _given(round_id, act(repairing.apply_repair, round_id, request.form.get("shown", "")), "somebody new")


@pages.post("/rounds/<round_id>/moves/by-itself")
@open_to(Role.LEAD)
def by_itself(round_id: str) -> AnyResponse:
    """Let the round repair itself every morning, or no longer."""
    _open(round_id)
    wanted = request.form.get("wanted") == "yes"
    act(setup.let_repair, round_id, wanted)
    message = "Plans that come back are given to somebody else every morning." if wanted else "Plans that come back wait for you."
    return settled("allocate.moves", message, round_id=round_id)


@pages.route("/rounds/<round_id>/moves/share/<account_id>", methods=["GET", "POST"])
@open_to(Role.LEAD)
def share(round_id: str, account_id: str) -> AnyResponse:
    """What would move to a new auditor."""
    asked, make = repairing.share_of, repairing.apply_share
    return _looked_at_and_made(round_id, account_id, "share", asked, make, "the new auditor")


@pages.route("/rounds/<round_id>/moves/late/<account_id>", methods=["GET", "POST"])
@open_to(Role.LEAD)
def late(round_id: str, account_id: str) -> AnyResponse:
    """What somebody late has not started would go to others."""
    asked, make = repairing.late_of, repairing.apply_late
    return _looked_at_and_made(round_id, account_id, "late", asked, make, "somebody new")


def _looked_at_and_made(
    round_id: str, account_id: str, name: str, asked: Callable[..., Proposal], make: Callable[..., int], to: str
) -> AnyResponse:
    """The moves around one person: shown when asked for, made once they were seen."""
    view = _open(round_id)
    if request.method == "POST":
        return _given(round_id, act(make, round_id, account_id, request.form.get("shown", "")), to)
    proposal = asked(db(), here(), round_id, account_id)
    person = queries.people_of(db(), here(), round_id)[account_id]
    lines = named_moves(db(), here(), round_id, proposal)
    return render(f"allocate/{name}.html", view, person=person, lines=lines, shown=proposal.fingerprint)


def _given(round_id: str, count: int, to: str) -> AnyResponse:
    return settled("allocate.moves", f"{count} plan{'' if count == 1 else 's'} given to {to}.", round_id=round_id)


@pages.route("/rounds/<round_id>/moves/swap/<plan>/<auditor>", methods=["GET", "POST"])
@open_to(Role.LEAD)
@keeps_typed(named(reason="Reason"))
def swap_open(round_id: str, plan: str, auditor: str) -> AnyResponse:
    """Exchange two auditors, neither of whom has started."""
    view, line = _open(round_id), queries.plan_line(db(), here(), round_id, plan)
    people = queries.people_of(db(), here(), round_id)
    if auditor not in people:
        raise NotFound("Page not found")
    form = SwapForm()
    form.other.choices = _partners(round_id, plan, auditor)
    effect = swap_looked_at(form, plan, auditor, partial(designs.effect_on_round, db(), here(), round_id))
    done = None if effect and not swap_seen(form) else submitted(form, lambda: _swapped(round_id, plan, auditor, form))
    return done or render(
        "allocate/swap.html", view, form=form, plan=line, person=people[auditor], effect=effect, status=status(form)
    )


def _partners(round_id: str, plan: str, auditor: str) -> list[tuple[str, str]]:
    now = repairing.situation(db(), here(), round_id)
    people = queries.people_of(db(), here(), round_id)
    references = {line.round_plan_id: line.reference for line in queries.plan_lines(db(), here(), round_id)}
    shown = [one for one in exchanges(now.places, plan, auditor, now.bars) if one.plan in references]
    found = [one for one in shown if (one.plan, one.auditor) in now.movable]
    return sorted(
        ((f"{one.plan}:{one.auditor}", f"{people[one.auditor].name}, {references[one.plan]}") for one in found), key=lambda o: o[1]
    )


def _swapped(round_id: str, plan: str, auditor: str, form: SwapForm) -> AnyResponse:
    other_plan, _, other = form.other.data.partition(":")
    if not other:
        raise Refused("Choose whom to exchange with.")
    act(repairing.apply_swap, round_id, Swap(plan, auditor, other_plan, other), form.reason.data)
    return settled(
        "allocate.plans",
        "The two auditors are exchanged. They are told tomorrow morning that their lists have changed.",
        round_id=round_id,
    )
