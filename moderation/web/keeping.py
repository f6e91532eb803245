"""What somebody typed is not lost with an answer that cannot take it: signed out meanwhile, the service down, the page gone.

A page says how its form reads (`keeps_typed`). What was sent to it and not taken is shown whole, with a button that sends the same
form again. Over signing in it is carried by the sign-in page itself, sealed for the person whose session it was: nothing is written
anywhere, nobody else can open it, and it is good for some hours.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from .render import htmx, render, settings

View = TypeVar("View", bound=Callable[..., Any])
Lines = Sequence[tuple[str, str]]
Reading = Callable[[Mapping[str, str]], Lines]
DATE_PARTS = ("day", "month", "year")
HOURS = 12
LONGEST_SEALED = 500_000  # bytes; more is shown at once, to be copied


@dataclass(frozen=True)
class Unsent:
    """A form that was sent and not taken: where to, what it carried, and what of that somebody typed, in words."""

    address: str
    fields: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str], ...]


def keeps_typed(reading: Reading) -> Callable[[View], View]:
    """Declare how the form of a page reads. `reading`: from the fields that were sent to what was typed, field by field."""

    def declare(view: View) -> View:
        view.keeps_typed = reading  # type: ignore[attr-defined]
        return view

    return declare


def named(**labels: str) -> Reading:
    """Of a plain form: its fields and what they are called. A date is read in one go."""

    def reading(sent: Mapping[str, str]) -> Lines:
        found = ((label, _text(sent, name)) for name, label in labels.items())
        return [(label, text) for label, text in found if text.strip()]

    return reading


def _text(sent: Mapping[str, str], name: str) -> str:
    return sent.get(name) or " ".join(text for part in DATE_PARTS if (text := sent.get(f"{name}-{part}", "").strip()))


def unsent() -> Unsent | None:
    """What the request has sent, if it is the form of such a page and somebody has typed something. A page with a script keeps
    what is typed itself."""
    reading = _reading(request.endpoint)
    if reading is None or htmx or request.method != "POST":
        return None
    try:
        sent = [(name, text) for name, text in request.form.items(multi=True) if name != "csrf_token"]
    except HTTPException:  # too big to be read
        return None
    typed = _typed(reading, request.full_path.rstrip("?"), sent)
    return typed if typed.lines else None


def _typed(reading: Reading, address: str, sent: Sequence[Sequence[str]]) -> Unsent:
    first: dict[str, str] = {}
    for name, text in sent:
        first.setdefault(name, text)
    return Unsent(address, tuple((name, text) for name, text in sent), tuple(reading(first)))


def _reading(endpoint: str | None) -> Reading | None:
    found: Reading | None = getattr(current_app.view_functions.get(endpoint or ""), "keeps_typed", None)
    return found


def not_taken(typed: Unsent, why: str, status: int, heading: str = "This was not saved", again: bool = True) -> Response:
    """The answer that shows everything. `again`: with a button that sends it once more."""
    return render("not_taken.html", typed, status, why=why, heading=heading, again=again)


def from_this_site() -> bool:
    """Does the browser say that a page of this service sent the request? For forms whose token against forgery does not fit."""
    says = request.headers.get("Sec-Fetch-Site")
    if says is not None:
        return says == "same-origin"
    return request.headers.get("Origin", "") == "{0.scheme}://{0.netloc}".format(urlsplit(request.host_url))


# --- over signing in ------------------------------------------------------------------------------------------------------


def seal(typed: Unsent, account_id: str) -> str | None:
    """For this person alone; nothing where it is too long to be carried."""
    plain = json.dumps([request.endpoint, typed.address, typed.fields]).encode()
    return _lock(account_id).encrypt(plain).decode() if len(plain) <= LONGEST_SEALED else None


def opened(sealed: str, account_id: str) -> Unsent | None:
    """What was sealed for this person; nothing for anybody else, or after some hours."""
    try:
        endpoint, address, fields = json.loads(_lock(account_id).decrypt(sealed.encode(), HOURS * 3600))
    except (InvalidToken, UnicodeEncodeError):
        return None
    reading = _reading(endpoint)
    return _typed(reading, address, fields) if reading else None


def _lock(account_id: str) -> Fernet:
    """A key of its own for each person, so that what one has typed is noise to another."""
    key = HKDF(SHA256(), 32, None, f"typed before signing in: {account_id}".encode()).derive(settings().secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(key))
