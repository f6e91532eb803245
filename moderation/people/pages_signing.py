"""Signing in and out, passwords, one's own account and area.

No answer says whether an address has an account: the same words, the same status, the same work for the password.
"""

import time

from flask import Response, redirect, request, session
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as AnyResponse

from .. import instants
from ..web.access import ANYONE, SIGNED_IN, SignInNeeded, Viewer, open_to, recognise, viewer, visitor
from ..web.errors import SIGNED_OUT, expired
from ..web.keeping import Unsent, from_this_site, not_taken, opened, seal, unsent
from ..web.render import act_for_installation, db, htmx, redirect_to, render, settings, settled
from ..words import InvalidInput, NotFound, Refused
from . import actions, passwords, queries
from .blueprint import pages
from .forms import ChangePassword, ChooseArea, ChoosePassword, Forgotten, OwnDetails, SignIn
from .rules import local_path

RESET_SECONDS = 0.3  # what asking for a link always takes: writing a letter, or finding nobody, takes less
WRONG = "The email address or the password is not right. Check both and try again"


def url_of(path: str) -> str:
    """A path as a whole address. Never from the request: a letter must not lead where a forged Host header says."""
    return settings().base_url + path


def _address() -> str:
    return request.remote_addr or "unknown"


def _key(purpose: str, email: str) -> str:
    return passwords.account_key(f"{purpose}:{email}", settings().secret_key)


def _status(form: SignIn | Forgotten | ChoosePassword | ChangePassword | OwnDetails | ChooseArea) -> int:
    return 422 if form.problems else 200


@pages.app_errorhandler(SignInNeeded)
def sign_in_first(error: SignInNeeded) -> AnyResponse:
    """To the form to sign in with; what somebody has typed and sent goes along, sealed for the person whose session it was."""
    if htmx:
        return render("errors/signed_out.html", status=401)
    if typed := unsent():
        return _sign_in_with(typed)
    wanted = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect_to("people.sign_in", next=wanted if wanted != "/" else None)


def _sign_in_with(typed: Unsent) -> Response:
    whose = queries.holder_of(db(), session.get("token", ""))
    sealed = seal(typed, whose) if whose else None
    if sealed is None:
        return not_taken(typed, SIGNED_OUT, 401)
    return render("people/sign_in.html", form=SignIn(formdata=None, typed=sealed), status=401)


@pages.route("/sign-in", methods=["GET", "POST"])
@open_to(ANYONE)
def sign_in() -> AnyResponse:
    form = SignIn(next=local_path(request.args.get("next")))
    if visitor() and request.method == "GET":
        return redirect_to("people.home")
    if form.validate_on_submit():
        try:
            account_id = _enter(form.email.data, form.password.data)
            return _go_on(account_id, form.typed.data) if form.typed.data else redirect(local_path(form.next.data), code=303)
        except Refused as refusal:
            form.say("email", str(refusal))
    return render("people/sign_in.html", form=form, status=_status(form))


def _go_on(account_id: str, sealed: str) -> AnyResponse:
    """What was typed before the session ended is not saved yet: whoever typed it looks at it, and sends it again."""
    typed = opened(sealed, account_id)
    if typed is None:
        return settled("people.home", "What was entered here before cannot be shown: it is somebody else’s, or too old.")
    return _look_again(typed)


@pages.errorhandler(CSRFError)
def signed_in_since(error: CSRFError) -> Response:
    """Signed in in another tab meanwhile: the form to sign in with is of the time before, and what it carries is not."""
    sealed = request.form.get("typed", "") if request.endpoint == "people.sign_in" and from_this_site() else ""
    person = recognise() if sealed else None
    typed = opened(sealed, person.account_id) if person else None
    return _look_again(typed) if typed else expired(error)


def _look_again(typed: Unsent) -> Response:
    return not_taken(typed, "You had been signed out, so what you entered was not saved.", 200, "You are signed in again")


def _enter(email: str, password: str) -> str:
    """Returns the account."""
    key = _key("sign-in", email)
    act_for_installation(actions.note_try, key, _address())
    known = queries.credentials(db(), email)
    if not passwords.matches(known.password_hash, password):
        raise Refused(WRONG)
    stronger = passwords.hashed(password) if passwords.is_outdated(known.password_hash or "") else None
    token = act_for_installation(actions.start_session, known.account_id, key, stronger)
    _end_old_session()
    session["token"] = token
    return known.account_id


def _end_old_session() -> None:
    """Nothing of an earlier session lives on, in the cookie or in the database."""
    before = visitor()
    session.clear()
    if before:
        act_for_installation(actions.sign_out, before.session_id)


@pages.post("/sign-out")
@open_to(ANYONE)
def sign_out() -> AnyResponse:
    _end_old_session()
    return settled("people.sign_in", "You have signed out.")


@pages.route("/forgotten-password", methods=["GET", "POST"])
@open_to(ANYONE)
def forgotten_password() -> AnyResponse:
    form, started = Forgotten(), time.monotonic()
    if form.validate_on_submit():
        try:
            act_for_installation(actions.ask_reset, form.email.data, _key("reset", form.email.data), _address(), url_of)
            time.sleep(max(0, started + RESET_SECONDS - time.monotonic()))
            return redirect_to("people.reset_sent")
        except Refused as refusal:
            form.say("email", str(refusal))
    return render("people/forgotten_password.html", form=form, status=_status(form))


@pages.get("/forgotten-password/sent")
@open_to(ANYONE)
def reset_sent() -> Response:
    return render("people/reset_sent.html")


@pages.route("/choose-password/<token>", methods=["GET", "POST"])
@open_to(ANYONE)
def choose_password(token: str) -> AnyResponse:
    holder = queries.link_holder(db(), token, instants.now())
    if holder is None:
        return render("people/link_over.html", status=404)
    form = ChoosePassword()
    if form.validate_on_submit():
        try:
            act_for_installation(actions.choose_password, token, passwords.checked_hash(form.password.data, holder.email), url_of)
            return settled("people.sign_in", "Your password is saved. Sign in with it.")
        except InvalidInput as refusal:
            form.add(refusal.problems)
    return render("people/choose_password.html", holder, form=form, status=_status(form))


@pages.route("/account", methods=["GET", "POST"])
@open_to(SIGNED_IN)
def account() -> AnyResponse:
    own = queries.own_account(db(), viewer().account_id)
    form = OwnDetails(obj=own)
    if form.validate_on_submit():
        details = (form.version.data, form.name.data, form.shortcuts.data, form.goes_on.data)
        act_for_installation(actions.change_own_details, viewer().account_id, *details)
        return settled("people.account", "Your details are saved.")
    return render("people/account.html", own, form=form, status=_status(form))


@pages.route("/account/password", methods=["GET", "POST"])
@open_to(SIGNED_IN)
def change_password() -> AnyResponse:
    form = ChangePassword()
    if form.validate_on_submit():
        try:
            _replace_password(viewer(), form.current.data, form.password.data)
            return settled("people.account", "Your password is changed. You are signed out everywhere else.")
        except Refused as refusal:
            form.say("current", str(refusal))
        except InvalidInput as refusal:
            form.add(refusal.problems)
    return render("people/change_password.html", viewer(), form=form, status=_status(form))


def _replace_password(person: Viewer, current: str, new: str) -> None:
    key = _key("change", person.email)
    act_for_installation(actions.note_try, key, _address())
    if not passwords.matches(queries.credentials(db(), person.email).password_hash, current):
        raise Refused("Your current password is not right. Check it and try again")
    act_for_installation(actions.forgive, key)
    new_hash = passwords.checked_hash(new, person.email)
    act_for_installation(actions.change_password, person.account_id, new_hash, person.session_id, url_of)


@pages.route("/change-area", methods=["GET", "POST"])
@open_to(SIGNED_IN)
def change_area() -> AnyResponse:
    person = viewer()
    if not person.other_areas:
        raise NotFound("Page not found")
    form = ChooseArea(area=person.area_id)
    form.area.choices = [*([(person.area_id, person.area_name)] if person.area_id else []), *person.other_areas]
    if form.validate_on_submit():
        act_for_installation(actions.switch_area, person.session_id, form.area.data)
        return redirect_to("people.home")
    return render("people/change_area.html", form=form, status=_status(form))
