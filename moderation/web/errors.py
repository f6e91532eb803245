"""What a person sees when something is refused, missing, stale or broken: a page, never a traceback."""

import logging
from typing import Any

from flask import Flask, Response, request, session
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from ..words import InvalidInput, NotFound, Refused, StaleWrite
from .keeping import from_this_site, not_taken, unsent
from .render import htmx, render

log = logging.getLogger("moderation")

MISSING = "The page that you sent this to cannot be found any more, or you may not see it now."
SIGNED_OUT = (
    "You are signed out. Sign in, in another tab or window, then come back to this page and send what you entered again: here it"
    " stays as long as the page is open."
)
SINCE = "You have signed in since you opened the page, so it could not be told whether this comes from you."
AWAY = "The service is not available at the moment. Wait a few minutes."
BROKEN = "Something went wrong in the service. If it happens again, tell an administrator of your area."


def handle_errors(app: Flask) -> None:
    """Answer every kind of error with its page."""
    app.register_error_handler(NotFound, _missing)
    app.register_error_handler(404, _missing)
    app.register_error_handler(405, _missing)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(InvalidInput, _invalid)
    app.register_error_handler(StaleWrite, _stale)
    app.register_error_handler(CSRFError, expired)
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(HTTPException, _other)
    app.register_error_handler(Exception, _broken)


def _missing(error: Exception) -> Response:
    typed = unsent() if isinstance(error, NotFound) else None
    return not_taken(typed, MISSING, 404) if typed else render("errors/404.html", status=404)


def _refused(error: Refused) -> Response:
    if typed := unsent():
        return not_taken(typed, str(error), 409, again=False)
    return _on_the_page(render("errors/409.html", status=409, message=str(error)))


def _invalid(error: InvalidInput) -> Response:
    return _on_the_page(render("errors/422.html", status=422, problems=error.problems))


def _stale(error: StaleWrite) -> Response:
    """Both versions, and of a form that says how it reads whatever else was typed into it."""
    typed = unsent()
    shown = {_plain(text) for text in error.mine.values()}
    more = [line for line in typed.lines if _plain(line[1]) not in shown] if typed else []
    return _on_the_page(render("errors/stale.html", status=409, mine=error.mine, theirs=error.theirs, more=more))


def _plain(text: object) -> str:
    """Browsers end lines otherwise than what is kept."""
    return " ".join(str(text).split())


def _on_the_page(response: Response) -> Response:
    """For a part of a page: the message goes to the top of the page that is open, and nothing typed there is lost."""
    if htmx:
        response.headers["HX-Retarget"], response.headers["HX-Reselect"] = "#main-content", "#refusal"
        response.headers["HX-Reswap"] = "afterbegin show:window:top"
    return response


def expired(error: CSRFError) -> Response:
    """A form without its token: most often the session is over, and then the way on is to sign in."""
    typed = unsent() if from_this_site() else None
    if "token" not in session:
        return not_taken(typed, SIGNED_OUT, 401) if typed else render("errors/signed_out.html", status=401)
    return not_taken(typed, SINCE, 400) if typed else render("errors/400.html", status=400)


def _unavailable(error: OperationalError) -> Response:
    log.error("the database did not answer: %s", error.orig)
    if typed := unsent():
        return not_taken(typed, AWAY, 503)
    return render("errors/503.html", status=503)


def _other(error: HTTPException) -> Any:
    known = {413: "errors/413.html", 403: "errors/403.html", 400: "errors/400.html"}
    if error.code in known:
        return render(known[error.code], status=error.code)
    return error


def _broken(error: Exception) -> Response:
    log.exception("a request failed: %s %s", request.method, request.path)
    if typed := unsent():
        return not_taken(typed, BROKEN, 500)
    return render("errors/500.html", status=500)
