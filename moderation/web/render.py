"""What pages use: read with `db`, write with `act`, answer with `render`, `settled`, `fragment` or `csv_download`."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from flask import Response, current_app, flash, g, make_response, redirect, render_template, url_for
from flask_htmx import HTMX
from sqlalchemy import Engine
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from ..database import confine, end_reading
from ..ledger import Actor, Transaction, Via, transaction
from ..settings import Settings
from .access import visitor

P = ParamSpec("P")
T = TypeVar("T")
htmx = HTMX()


def settings() -> Settings:
    """The installation's settings."""
    found: Settings = current_app.extensions["moderation"]["settings"]
    return found


def engine() -> Engine:
    found: Engine = current_app.extensions["moderation"]["engine"]
    return found


def db() -> Session:
    """The request's session for reading."""
    if "db" not in g:
        g.db = Session(current_app.extensions["moderation"]["reading"])
        person = visitor()
        confine(g.db, person.area_id if person else None)
    session: Session = g.db
    return session


def close_db(error: BaseException | None = None) -> None:
    """End the request's reading."""
    session: Session | None = g.pop("db", None)
    if session is not None:
        end_reading(session)


def act(action: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Carry out one action in one transaction of the person who is signed in, in their area."""
    close_db()  # what is read after the act must be newer than it
    person = visitor()
    actor = Actor(person.account_id, person.name) if person else Actor(None, "visitor")
    with transaction(engine(), actor, Via.PAGE, person.area_id if person else None) as tx:
        return action(tx, *args, **kwargs)


def act_for_installation(action: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same for what belongs to no area: accounts, sessions and areas themselves."""
    close_db()
    person = visitor()
    actor = Actor(person.account_id, person.name) if person else Actor(None, "visitor")
    with transaction(engine(), actor, Via.PAGE, None) as tx:
        return action(tx, *args, **kwargs)


def render(template: str, view: Any = None, status: int = 200, **extra: Any) -> Response:
    """A whole page."""
    return make_response(render_template(template, view=view, **extra), status)


def fragment(template: str, view: Any = None, status: int = 200, **extra: Any) -> Response:
    """A part of a page, for htmx."""
    return make_response(render_template(template, view=view, **extra), status)


def redirect_to(endpoint: str, **values: Any) -> AnyResponse:
    """Go to another page with GET."""
    return redirect(url_for(endpoint, **values), code=303)


def settled(endpoint: str, message: str, **values: Any) -> AnyResponse:
    """Confirm what was done on the page that comes next."""
    flash(message)
    return redirect_to(endpoint, **values)


def csv_download(filename: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A CSV file that a spreadsheet opens as text: cells that it would read as a formula get an apostrophe in front."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    response = make_response("\ufeff" + text.getvalue())
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _cell(value: Any) -> Any:
    risky = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if risky else value
