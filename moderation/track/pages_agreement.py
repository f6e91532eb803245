"""Agreement, for area leads and QA leads: closed rounds only."""

from flask import request
from werkzeug.wrappers import Response

from moderation.web.access import open_to, viewer
from moderation.web.render import csv_download, db, render
from moderation.words import NotFound, Role

from . import words
from .figures import Figure, agreement_figures
from .pages import pages
from .queries.agreement import AgreementView, agreement_view


@pages.get("/agreement")
@open_to(Role.AREA_LEAD, Role.LEAD)
def agreement() -> Response:
    view = _asked()
    if view is None:
        return render("track/agreement_empty.html")
    return render(
        "track/agreement.html", view, figures=agreement_figures(view), answer=words.answer(view), coefficients=words.COEFFICIENTS
    )


@pages.get("/agreement/<name>.csv")
@open_to(Role.AREA_LEAD, Role.LEAD)
def agreement_csv(name: str) -> Response:
    """One figure's whole table, for the same round and coefficient as on the page."""
    view = _asked()
    return download(name, agreement_figures(view) if view else ())


def _asked() -> AgreementView | None:
    family = request.args.get("coefficient", "alpha")
    known = family if family in words.COEFFICIENTS else "alpha"
    return agreement_view(db(), viewer().area_id or "", request.args.get("round") or None, known)


def download(name: str, figures: tuple[Figure, ...]) -> Response:
    """The table of that name as a file; NotFound when there is none."""
    found = [figure.table for figure in figures if figure.table.name == name]
    if not found:
        raise NotFound("Page not found")
    return csv_download(f"{name}.csv", found[0].header, found[0].values)
