"""Plan quality, for area leads and QA leads: published rounds only."""

from flask import request
from werkzeug.wrappers import Response

from moderation import instants
from moderation.web.access import open_to, viewer
from moderation.web.render import db, render
from moderation.words import Role

from . import words
from .figures_quality import quality_figures
from .pages import pages
from .pages_agreement import download
from .queries.plan_actions import tally_of_round
from .queries.quality import QualityView, quality_view


@pages.get("/quality")
@open_to(Role.AREA_LEAD, Role.LEAD)
def quality() -> Response:
    view = _asked()
    if view is None:
        return render("track/quality_empty.html")
    tally = tally_of_round(db(), viewer().area_id or "", instants.today(), view.round.id)
    return render("track/quality.html", view, figures=quality_figures(view), answer=words.quality_answer(view), tally=tally)


@pages.get("/quality/<name>.csv")
@open_to(Role.AREA_LEAD, Role.LEAD)
def quality_csv(name: str) -> Response:
    """One figure's whole table, for the same round as on the page."""
    view = _asked()
    return download(name, quality_figures(view) if view else ())


def _asked() -> QualityView | None:
    return quality_view(db(), viewer().area_id or "", request.args.get("round") or None)
