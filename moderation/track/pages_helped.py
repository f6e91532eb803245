"""Did it help? For area leads and QA leads, of published rounds."""

from flask import request
from werkzeug.wrappers import Response

from moderation.web.access import open_to, viewer
from moderation.web.render import csv_download, db, render
from moderation.words import NotFound, Role

from . import words_helped as words
from .figures_helped import helped_figures
from .pages import pages
from .queries.helped import HelpedView, helped_view


@pages.get("/did-it-help")
@open_to(Role.AREA_LEAD, Role.LEAD)
def agreement_helped() -> Response:
    view = _asked()
    if view is None:
        return render("track/helped_empty.html")
    return render("track/helped.html", view, figures=helped_figures(view), answer=words.answer(view), summary=words.summary(view))


@pages.get("/did-it-help/<name>.csv")
@open_to(Role.AREA_LEAD, Role.LEAD)
def agreement_helped_csv(name: str) -> Response:
    """One figure's whole table, for the same round as on the page."""
    view = _asked()
    figure = next((one for one in helped_figures(view) if one.table.name == name), None) if view else None
    if figure is None:
        raise NotFound("Page not found")
    return csv_download(f"{name}.csv", figure.table.header, figure.table.values)


def _asked() -> HelpedView | None:
    return helped_view(db(), viewer().area_id or "", request.args.get("round") or None)
