"""An auditor's own feedback, after publication only."""

from flask import request
from werkzeug.wrappers import Response

from moderation.web.access import open_to, viewer
from moderation.web.render import csv_download, db, redirect_to, render
from moderation.words import NotFound, Role

from .figures_feedback import strictness_figure
from .pages import pages
from .queries.feedback import feedback, rated_rounds
from .strictness import change_words
from .strictness import words as strict_words


@pages.get("/my-feedback")
@open_to(Role.AUDITOR)
def my_feedback() -> Response:
    """The latest feedback, or why there is none yet."""
    person = viewer()
    rounds = rated_rounds(db(), person.area_id or "", person.account_id)
    if rounds:
        return redirect_to("track.my_feedback_on", round_id=rounds[0].id)
    return render("track/feedback_empty.html")


@pages.get("/my-feedback/<round_id>")
@open_to(Role.AUDITOR)
def my_feedback_on(round_id: str) -> Response:
    person = viewer()
    view = feedback(db(), person.area_id or "", person.account_id, round_id)
    plan = view.plan(request.args.get("plan"))
    strict, since = strict_words(view.strictness), change_words(view.change)
    figure = strictness_figure(view.rated, strict)
    everything = request.args.get("show") == "all"
    return render("track/feedback.html", view, plan=plan, everything=everything, strict=strict, since=since, figure=figure)


@pages.get("/my-feedback/<round_id>/how-strict.csv")
@open_to(Role.AUDITOR)
def my_strictness_csv(round_id: str) -> Response:
    """The figures behind the drawing, for the auditor whose they are."""
    person = viewer()
    view = feedback(db(), person.area_id or "", person.account_id, round_id)
    figure = strictness_figure(view.rated, "")
    if figure is None:
        raise NotFound("Page not found")
    return csv_download("how-strict.csv", figure.table.header, figure.table.values)
