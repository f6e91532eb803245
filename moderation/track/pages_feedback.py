"""An auditor's own feedback, after publication only."""

from flask import request
from werkzeug.wrappers import Response

from moderation.web.access import open_to, viewer
from moderation.web.render import db, redirect_to, render
from moderation.words import Role

from .pages import pages
from .queries.feedback import feedback, rated_rounds
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
    everything = request.args.get("show") == "all"
    return render("track/feedback.html", view, plan=plan, everything=everything, strict=strict_words(view.strictness))
