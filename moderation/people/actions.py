"""What people do with their own account: sign in and out, choose a password, change a name, change area.

Passwords are checked and hashed before a transaction opens, because that work is slow on purpose and writers queue.
"""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import delete, update
from sqlmodel import col, select

from .. import post
from ..instants import today
from ..ledger import Transaction
from ..words import NotFound, Refused
from . import events, letters, rules
from .passwords import new_token, token_hash
from .queries import failures, works_in
from .tables import Account, AccountState, LinkKind, SignInFailure, SignInLink, UserSession

LINK_PATH = "/choose-password/"

MakeUrl = Callable[[str], str]  # a path of this service as a whole address


def note_try(tx: Transaction, account_key: str, address: str) -> None:
    """Count a try before it is looked at; a success takes it back. Refuses while the wait after earlier failures lasts.

    Failures are counted per typed address, whether or not it has an account, and per network address.
    """
    of_account, of_address = failures(tx.session, account_key, address, tx.now - rules.FAILURE_MEMORY)
    waits = (rules.wait_until(of_account, rules.ACCOUNT_TRIES), rules.wait_until(of_address, rules.ADDRESS_TRIES))
    if any(wait is not None and tx.now < wait for wait in waits):
        raise Refused("There were too many tries. Wait two minutes, then try again.")
    tx.session.add(SignInFailure(account_key=account_key, address=address, at=tx.now))


def forgive(tx: Transaction, account_key: str) -> None:
    """Take back the counted failures of somebody who has shown that they know the password."""
    tx.session.exec(delete(SignInFailure).where(col(SignInFailure.account_key) == account_key))


def start_session(tx: Transaction, account_id: str, account_key: str, stronger_hash: str | None = None) -> str:
    """Sign somebody in whose password was right; returns the new token. Always a new one: nothing from before is reused."""
    account = _active(tx, account_id)
    token = new_token()
    area_id = _first_area(tx, account_id)
    forgive(tx, account_key)
    tx.session.add(
        UserSession(token_hash=token_hash(token), account_id=account_id, area_id=area_id, created_at=tx.now, last_seen_at=tx.now)
    )
    if stronger_hash:
        account.password_hash = stronger_hash
    tx.record(events.SignedIn(account_id))
    return token


def touch_session(tx: Transaction, session_id: str) -> None:
    """Note that a session was used; sessions end when idle."""
    seen = update(UserSession).where(col(UserSession.token_hash) == session_id, col(UserSession.ended_at).is_(None))
    tx.session.exec(seen.values(last_seen_at=tx.now))


def sign_out(tx: Transaction, session_id: str) -> None:
    session = tx.session.get(UserSession, session_id)
    if session is None or session.ended_at is not None:
        return
    session.ended_at = tx.now
    tx.record(events.SignedOut(session.account_id))


def end_sessions(tx: Transaction, account_id: str, but: str = "") -> None:
    """End every session of an account at once, except one."""
    live = update(UserSession).where(col(UserSession.account_id) == account_id, col(UserSession.ended_at).is_(None))
    tx.session.exec(live.where(col(UserSession.token_hash) != but).values(ended_at=tx.now))
    tx.record(events.SessionsEnded(account_id))


def switch_area(tx: Transaction, session_id: str, area_id: str) -> None:
    """Go on working in another of one's areas. A foreign area is a missing one."""
    session = tx.session.get(UserSession, session_id)
    if session is None or area_id not in _areas(tx, session.account_id):
        raise NotFound("Page not found")
    if session.area_id != area_id:
        session.area_id = area_id
        tx.record(events.AreaSwitched(session.account_id, area_id))


def ask_reset(tx: Transaction, email: str, account_key: str, address: str, make_url: MakeUrl) -> None:
    """Send a link to choose a new password, if there is such an account; the asker is told the same in any case."""
    note_try(tx, account_key, address)
    account = tx.session.exec(select(Account).where(Account.email == email)).first()
    if account is None or account.state == AccountState.DISABLED or _asked_often(tx, account.id):
        return
    link = make_url(LINK_PATH + new_link(tx, account.id, LinkKind.PASSWORD_RESET, rules.RESET_LIFE))
    hours = int(rules.RESET_LIFE.total_seconds() // 3600)
    send(tx, account.email, letters.reset(account.name, link, hours), link)
    tx.record(events.PasswordResetAsked(account.id))


def _asked_often(tx: Transaction, account_id: str) -> bool:
    """Were three links sent within the last hour? More would only fill somebody's letter box."""
    recent = col(SignInLink.expires_at) > tx.now + rules.RESET_LIFE - timedelta(hours=1)
    links = select(SignInLink).where(SignInLink.account_id == account_id, SignInLink.kind == LinkKind.PASSWORD_RESET, recent)
    return len(tx.session.exec(links).all()) >= 3


def choose_password(tx: Transaction, token: str, password_hash: str, make_url: MakeUrl) -> None:
    """Set a password by a link from a letter: once, in time, and every session and other link of the account ends."""
    link = tx.session.get(SignInLink, token_hash(token))
    if link is None or link.used_at is not None or link.expires_at <= tx.now:
        raise NotFound("Page not found")
    account = tx.session.get_one(Account, link.account_id)
    if account.state == AccountState.DISABLED:
        raise NotFound("Page not found")
    warn = account.password_hash is not None
    account.password_hash, account.state = password_hash, AccountState.ACTIVE
    use_up_links(tx, account.id)
    end_sessions(tx, account.id)
    tx.record(events.PasswordChosen(account.id, link.kind))
    if warn:
        _warn(tx, account, make_url)


def change_password(tx: Transaction, account_id: str, password_hash: str, session_id: str, make_url: MakeUrl) -> None:
    """Replace one's password, the present one having been shown; every other session ends."""
    account = _active(tx, account_id)
    account.password_hash = password_hash
    use_up_links(tx, account_id)
    end_sessions(tx, account_id, but=session_id)
    tx.record(events.PasswordChosen(account_id, "change"))
    _warn(tx, account, make_url)


def change_own_details(tx: Transaction, account_id: str, version: int, name: str, shortcuts: bool, goes_on: bool) -> None:
    account = _active(tx, account_id)
    tx.fresh(account, version, {"name": name, "shortcuts": shortcuts, "goes_on": goes_on})
    account.name, account.shortcuts, account.goes_on = name, shortcuts, goes_on
    tx.record(events.DetailsChanged(account_id))


def new_link(tx: Transaction, account_id: str, kind: LinkKind, life: timedelta) -> str:
    """The token of a new single-use link; earlier links of that kind stop working."""
    use_up_links(tx, account_id, kind)
    token = new_token()
    tx.session.add(SignInLink(token_hash=token_hash(token), account_id=account_id, kind=kind, expires_at=tx.now + life))
    tx.session.flush()
    return token


def use_up_links(tx: Transaction, account_id: str, *kinds: LinkKind) -> None:
    unused = update(SignInLink).where(col(SignInLink.account_id) == account_id, col(SignInLink.used_at).is_(None))
    tx.session.exec(unused.where(col(SignInLink.kind).in_(kinds or tuple(LinkKind))).values(used_at=tx.now))


def send(tx: Transaction, email: str, text: letters.Text, cause: str) -> None:
    """Queue a letter; `cause` tells letters to the same person apart."""
    post.queue(tx, post.Letter(to_email=email, subject=text.subject, body=text.body, key=f"people:{token_hash(email + cause)}"))


def _warn(tx: Transaction, account: Account, make_url: MakeUrl) -> None:
    text = letters.password_changed(account.name, make_url("/forgotten-password"))
    send(tx, account.email, text, f"changed {tx.now.isoformat()}")


def _active(tx: Transaction, account_id: str) -> Account:
    account = tx.session.get(Account, account_id)
    if account is None or account.state != AccountState.ACTIVE:
        raise NotFound("Page not found")
    return account


def _areas(tx: Transaction, account_id: str) -> list[str]:
    return [area.id for area in works_in(tx.session, account_id, today())]


def _first_area(tx: Transaction, account_id: str) -> str | None:
    """The area somebody worked in last, if they still do; else their only one. With several they are asked."""
    areas = _areas(tx, account_id)
    last = tx.session.exec(
        select(UserSession.area_id).where(UserSession.account_id == account_id).order_by(col(UserSession.created_at).desc())
    ).first()
    return last if last in areas else areas[0] if len(areas) == 1 else None
