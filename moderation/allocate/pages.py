"""Rounds: the list, a new round, and the page of one round until it opens. The other pages of the stage join below."""

from collections.abc import Callable

from flask import Blueprint, Response
from werkzeug.wrappers import Response as AnyResponse

from moderation import instants
from moderation.web.access import open_to, viewer
from moderation.web.fields import Form
from moderation.web.keeping import keeps_typed, named
from moderation.web.render import act, db, redirect_to, render, settled
from moderation.words import InvalidInput, NotFound, Role

from . import actions, queries, setup
from .barring import others_moderate
from .forms import TermsForm, VersionForm
from .queries import RoundView
from .rules import RoundState
from .tasks import tasks

pages = Blueprint("allocate", __name__)
_terms_in = named(name="Name of the round", opens_on="Opening date", closes_on="Closing date")


def here() -> str:
    """The area the request is about."""
    area_id = viewer().area_id
    if area_id is None:
        raise NotFound("Page not found")
    return area_id


def the_round(round_id: str) -> RoundView:
    return queries.round_view(db(), here(), round_id)


def others_left(round_id: str) -> bool:
    """Does somebody else moderate here who did not draw? Said before somebody draws, for it bars them from moderating."""
    return others_moderate(db(), here(), round_id, viewer().account_id)


def submitted(form: Form, do: Callable[[], AnyResponse]) -> AnyResponse | None:
    """What `do` answers to a form that was sent and can be used; None when it has to be shown (again)."""
    if not form.validate_on_submit():
        return None
    try:
        return do()
    except InvalidInput as refusal:
        form.add(refusal.problems)
        return None


def status(form: Form) -> int:
    return 422 if form.problems else 200


@pages.get("/rounds")
@open_to(Role.LEAD)
def rounds() -> Response:
    return render("allocate/rounds.html", queries.rounds(db(), here()))


@pages.route("/rounds/new", methods=["GET", "POST"])
@open_to(Role.LEAD)
@keeps_typed(_terms_in)
def round_new() -> AnyResponse:
    frameworks = queries.framework_choices(db(), here())
    form = TermsForm(opens_on=instants.today()).offer(frameworks)
    done = submitted(form, lambda: _created(act(setup.create_round, form.terms())))
    return done or render("allocate/round_new.html", form=form, frameworks=frameworks, status=status(form))


def _created(round_id: str) -> AnyResponse:
    return settled("allocate.round_page", "The round is created. Nobody but leads can see it yet.", round_id=round_id)


@pages.get("/rounds/<round_id>")
@open_to(Role.LEAD)
def round_page(round_id: str) -> AnyResponse:
    """The page of a round: its tasks until it opens, its progress from then on."""
    view = the_round(round_id)
    if view.in_setup:
        return render("allocate/round.html", view, tasks=tasks(db(), here(), view))
    if view.state is RoundState.ABANDONED:
        return render("allocate/abandoned.html", view)
    return redirect_to("score.round_progress", round_id=round_id)


@pages.route("/rounds/<round_id>/terms", methods=["GET", "POST"])
@open_to(Role.LEAD)
@keeps_typed(_terms_in)
def round_terms(round_id: str) -> AnyResponse:
    view = the_round(round_id)
    form = TermsForm(obj=view).offer(queries.framework_choices(db(), here()))
    done = submitted(form, lambda: _changed(round_id, form))
    return done or render("allocate/terms.html", view, form=form, status=status(form))


def _changed(round_id: str, form: TermsForm) -> AnyResponse:
    act(setup.change_terms, round_id, form.version.data, form.terms())
    return settled("allocate.round_page", "The name, framework and dates are saved.", round_id=round_id)


@pages.route("/rounds/<round_id>/abandon", methods=["GET", "POST"])
@open_to(Role.LEAD)
def abandon(round_id: str) -> AnyResponse:
    view = the_round(round_id)
    form = VersionForm(obj=view)
    done = submitted(form, lambda: _abandoned(round_id, form.version.data))
    return done or render("allocate/abandon.html", view, form=form, status=status(form))


def _abandoned(round_id: str, version: int) -> AnyResponse:
    act(actions.abandon_round, round_id, version)
    return settled("allocate.rounds", "The round is abandoned.")


# these add their pages above
from . import pages_conflicts, pages_drawing, pages_experts, pages_moves, pages_open, pages_setup  # noqa: E402, F401
