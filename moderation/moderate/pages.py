"""Disagreements: what was found, ranked by what is at stake for moderators, in counts only for leads. Meetings join below."""

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from moderation.allocate.pages import here
from moderation.web.access import open_to, viewer
from moderation.web.render import act, db, render, settled
from moderation.words import NotFound, Role

from . import actions, agendas, lists, queries, queries_cells, queries_conflicts
from .lists import Wanted
from .queries import MISSING, RoundFacts

pages = Blueprint("moderate", __name__)


def the_round(round_id: str) -> RoundFacts:
    return queries.round_facts(db(), here(), round_id)


def moderates(round_id: str) -> bool:
    """May this person see ratings of the round? Moderators may, but not one who drew or allocated its plans."""
    person = viewer()
    return person.has(Role.MODERATOR) and not queries_conflicts.drew_allocation(db(), here(), round_id, person.account_id)


def only_moderators(round_id: str) -> None:
    if not moderates(round_id):
        raise NotFound(MISSING)


@pages.get("/disagreements")
@open_to(Role.MODERATOR, Role.LEAD)
def disagreements() -> Response:
    return render("moderate/rounds.html", lists.round_lines(db(), here()))


@pages.get("/disagreements/<round_id>")
@open_to(Role.MODERATOR, Role.LEAD)
def disagreements_of(round_id: str) -> Response:
    facts = the_round(round_id)
    if not moderates(round_id):
        return render("moderate/counts.html", lists.counts_page(db(), here(), facts), allocated=viewer().has(Role.MODERATOR))
    return render("moderate/disagreements.html", lists.disagreements_page(db(), here(), facts, viewer().account_id, _wanted()))


def _wanted() -> Wanted:
    asked = request.args.get("page", "")
    page = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 1
    return Wanted(request.args.get("view", ""), request.args.get("criterion", ""), page)


@pages.get("/disagreements/<round_id>/<disagreement_id>")
@open_to(Role.MODERATOR)
def disagreement(round_id: str, disagreement_id: str) -> Response:
    """One disagreement with its evidence, outside a meeting."""
    only_moderators(round_id)
    facts = the_round(round_id)
    cell = queries_cells.cell_view(db(), here(), facts, disagreement_id)
    if cell.plan.round_plan_id in queries_conflicts.barred_plans(db(), here(), round_id, viewer().account_id):
        raise NotFound(MISSING)
    return render("moderate/disagreement.html", cell, round=facts)


@pages.post("/disagreements/<round_id>/add")
@open_to(Role.MODERATOR)
def add_to_meeting(round_id: str) -> AnyResponse:
    """Put what was ticked on an agenda, or go on to plan a new meeting with it."""
    only_moderators(round_id)
    chosen = [each for ticked in request.form.getlist("disagreement") for each in ticked.split(",") if each]
    meeting_id, question = request.form.get("meeting", ""), request.form.get("question", "")
    if question:
        return pages_meetings.ask(round_id, meeting_id, question)
    if not chosen:
        facts, view = the_round(round_id), Wanted(request.form.get("view", ""), request.form.get("criterion", ""))
        page = lists.disagreements_page(db(), here(), facts, viewer().account_id, view)
        return render("moderate/disagreements.html", page, status=422, nothing_chosen=True)
    if not meeting_id:
        return pages_meetings.go_to_new(round_id, ",".join(chosen))
    added = act(agendas.put_on_agenda, meeting_id, chosen)
    return settled("moderate.meeting", f"{added} added to the agenda.", meeting_id=meeting_id)


@pages.route("/disagreements/<round_id>/defer-rest", methods=["GET", "POST"])
@open_to(Role.MODERATOR)
def defer_rest(round_id: str) -> AnyResponse:
    only_moderators(round_id)
    facts = the_round(round_id)
    if request.method == "GET":
        return render("moderate/defer_rest.html", lists.counts_page(db(), here(), facts))
    deferred = act(actions.defer_rest, round_id)
    return settled("moderate.disagreements_of", f"{deferred} left to the independent ratings.", round_id=round_id)


@pages.route("/disagreements/<round_id>/publish", methods=["GET", "POST"])
@open_to(Role.LEAD)
def publish(round_id: str) -> AnyResponse:
    facts = the_round(round_id)
    if request.method == "GET":
        return render("moderate/publish.html", lists.counts_page(db(), here(), facts))
    act(actions.publish_round, round_id)
    return settled("moderate.disagreements_of", "The round is published.", round_id=round_id)


from . import (  # noqa: E402, F401 (they add their pages to the blueprint)
    pages_attend,
    pages_carried,
    pages_drafts,
    pages_meetings,
    pages_minutes,
    pages_plan,
    pages_questions,
    pages_room,
    pages_routing,
    pages_unblinding,
    pages_withdrawals,
)
