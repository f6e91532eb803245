"""Who may open which page: declared on the view as data, denied by default, checked before anything else happens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from flask import Flask, current_app, g, request

from ..words import AgencyKind, NotFound, Role

View = TypeVar("View", bound=Callable[..., Any])


class Openness(Enum):
    """Pages that need no role."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"


ANYONE = Openness.ANYONE
SIGNED_IN = Openness.SIGNED_IN


@dataclass(frozen=True)
class Viewer:
    """The person behind a request, in the one area that the request is about."""

    account_id: str
    name: str
    email: str
    session_id: str
    seen_at: datetime
    area_id: str | None
    area_name: str
    colour: str
    roles: frozenset[Role]
    agency_id: str | None = None
    agency_name: str = ""
    agency_kind: AgencyKind | None = None
    other_areas: tuple[tuple[str, str], ...] = ()  # (id, name) of further areas of this person
    shortcuts: bool = True
    goes_on: bool = False

    def has(self, *roles: Role) -> bool:
        return bool(self.roles & set(roles))


class SignInNeeded(Exception):
    """The page needs somebody to be signed in."""


def open_to(*who: Role | Openness) -> Callable[[View], View]:
    """Declare who may open a view: roles, or one of ANYONE and SIGNED_IN."""
    if not who:
        raise TypeError("name at least one role, ANYONE or SIGNED_IN")

    def declare(view: View) -> View:
        view.open_to = frozenset(who)  # type: ignore[attr-defined]
        return view

    return declare


def viewer() -> Viewer:
    """Who is signed in; raises SignInNeeded for nobody."""
    found = visitor()
    if found is None:
        raise SignInNeeded
    return found


def visitor() -> Viewer | None:
    """Who is signed in, if anybody."""
    found: Viewer | None = g.get("viewer")
    return found


def recognise() -> Viewer | None:
    """See who is signed in: before a page is answered, or before an answer to a form that was stopped on its way to the page."""
    g.viewer = current_app.extensions["load_viewer"]()
    return visitor()


def guard(app: Flask, load: Callable[[], Viewer | None]) -> None:
    """Check every request against its view's declaration; refuse to start with a page that has none."""
    undeclared = [rule.rule for rule in app.url_map.iter_rules() if not _declared(app, rule.endpoint)]
    app.extensions["load_viewer"] = load
    if undeclared:
        raise RuntimeError(f"these pages do not say whom they are open to: {', '.join(sorted(undeclared))}")

    @app.before_request
    def check() -> None:
        if request.endpoint == "static" or request.endpoint is None:
            return
        recognise()
        if _holds_nul():
            raise NotFound("Page not found")
        admit(openness(current_app, request.endpoint), g.viewer)


def admit(allowed: frozenset[Role | Openness], person: Viewer | None) -> None:
    """Let a person in, or say that nobody is signed in, or that there is no such page for them."""
    if ANYONE in allowed:
        return
    if person is None:
        raise SignInNeeded
    if SIGNED_IN not in allowed and not person.roles & allowed:
        raise NotFound("Page not found")


def openness(app: Flask, endpoint: str) -> frozenset[Role | Openness]:
    """Whom a page is open to."""
    who: frozenset[Role | Openness] = vars(app.view_functions[endpoint])["open_to"]
    return who


def _holds_nul() -> bool:
    """Nothing is called by a name that PostgreSQL cannot hold, so an address with such a name finds nothing."""
    return any("\0" in text for text in (request.path, *request.args, *(value for _, value in request.args.items(multi=True))))


def _declared(app: Flask, endpoint: str) -> bool:
    return endpoint == "static" or hasattr(app.view_functions[endpoint], "open_to")
