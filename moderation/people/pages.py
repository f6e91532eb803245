"""The first page, and the pages about the service itself. Signing in and administration add theirs to the same Blueprint."""

from flask import Response, current_app
from werkzeug.wrappers import Response as AnyResponse

from ..web.access import ANYONE, Viewer, open_to, visitor
from ..web.navigation import navigation
from ..web.render import db, redirect_to, render, settings
from . import pages_absences, pages_administration, pages_signing  # noqa: F401 (they add their pages to the Blueprint)
from .blueprint import pages
from .forms import SignIn
from .queries import may_create_area

__all__ = ["pages"]


@pages.get("/")
@open_to(ANYONE)
def home() -> AnyResponse:
    person = visitor()
    if person is None:
        return render("people/sign_in.html", form=SignIn(formdata=None))
    return _first_page(person) if person.area_id else _without_area(person)


def _first_page(person: Viewer) -> AnyResponse:
    """The first page of somebody's menu."""
    menu = navigation(person.roles, set(current_app.view_functions), None)
    return redirect_to(menu[0].endpoint if menu else "people.account")


def _without_area(person: Viewer) -> AnyResponse:
    """Somebody may choose among their areas, create the first one, or has to ask for access."""
    if person.other_areas:
        return redirect_to("people.change_area")
    if may_create_area(db(), person.account_id):
        return redirect_to("people.area_new")
    return render("people/nowhere.html")


@pages.get("/help")
@open_to(ANYONE)
def help_page() -> Response:
    return render("people/help.html")


@pages.get("/privacy")
@open_to(ANYONE)
def privacy() -> Response:
    return render("people/privacy.html", document_days=settings().document_days)


@pages.get("/cookies")
@open_to(ANYONE)
def cookies() -> Response:
    return render("people/cookies.html", current_app.config["SESSION_COOKIE_NAME"])


@pages.get("/accessibility")
@open_to(ANYONE)
def accessibility() -> Response:
    present = settings()
    return render("people/accessibility.html", contact=present.accessibility_contact, days=present.accessibility_days)
