"""What administrators do: create an area, keep its agencies, invite people, change what they may do, and end it.

An account is global and an administrator is not. In their own area an administrator gives, changes and ends memberships. An
account as a whole may be disabled only by an administrator of every area it works in; otherwise they end the membership in
theirs, which takes away everything the account can do there with the next request.
"""

from dataclasses import dataclass

from sqlmodel import col, select

from ..instants import today
from ..ledger import Transaction
from ..web.palette import COLOURS
from ..words import AGENCY_NAMES, AgencyKind, InvalidInput, NotFound, Problem, Refused, Role, StaleWrite, new_id
from . import events, letters, rules
from .actions import LINK_PATH, MakeUrl, end_sessions, new_link, send, use_up_links
from .places import authorities
from .queries import agencies, may_disable, member, members
from .rules import Invitee, Post
from .tables import Account, AccountState, Agency, Area, LinkKind, Membership, UserSession

DEFAULT_AGENCIES = (AgencyKind.EDUCATION, AgencyKind.HEALTH, AgencyKind.CARE)


@dataclass(frozen=True)
class NewArea:
    """What creating an area asks for."""

    name: str
    colour: str
    la_code: str


def create_account(tx: Transaction, name: str, email: str) -> str:
    """An account for the first administrator, made by the operator; returns the path of their link."""
    if tx.session.exec(select(Account.id).where(Account.email == email)).first():
        raise InvalidInput([Problem("email", "There is already an account with this email address", value=email)])
    account = _new_account(tx, Invitee(name, email))
    return LINK_PATH + new_link(tx, account.id, LinkKind.INVITATION, rules.INVITATION_LIFE)


def create_area(tx: Transaction, new: NewArea, account_id: str, session_id: str | None = None) -> str:
    """A local area with its three usual agencies; its creator is its administrator and goes on working there."""
    _check_area(tx, new.name, new.colour)
    authority = authorities().get(new.la_code)
    if authority is None:
        raise InvalidInput([Problem("la_code", "Select a local authority from the list")])
    area = Area(id=new_id(), name=new.name, colour=new.colour, la_code=authority.code, region=authority.region, created_at=tx.now)
    tx.session.add(area)
    tx.session.flush()
    tx.session.add_all(Agency(area_id=area.id, name=AGENCY_NAMES[kind], kind=kind) for kind in DEFAULT_AGENCIES)
    tx.session.add(Membership(area_id=area.id, account_id=account_id, role=Role.ADMINISTRATOR, starts_on=today()))
    session = tx.session.get(UserSession, session_id) if session_id else None
    if session is not None:
        session.area_id = area.id
    tx.record(events.AreaCreated(area.id, authority.code))
    return area.id


def change_area(tx: Transaction, version: int, name: str, colour: str) -> None:
    area = tx.session.get_one(Area, tx.area_id)
    tx.fresh(area, version, {"name": name, "colour": colour})
    _check_area(tx, name, colour, but=area.id)
    area.name, area.colour = name, colour
    tx.record(events.AreaChanged(area.id))


def _check_area(tx: Transaction, name: str, colour: str, but: str = "") -> None:
    problems = []
    if tx.session.exec(select(Area.id).where(Area.name == name, Area.id != but)).first():
        problems.append(Problem("name", "Choose another name: this one is taken"))
    if colour not in dict(COLOURS):
        problems.append(Problem("colour", "Select a colour from the list"))
    if problems:
        raise InvalidInput(problems)


def add_agency(tx: Transaction, name: str, kind: AgencyKind) -> str:
    _check_agency_name(tx, name)
    agency = Agency(id=new_id(), area_id=tx.area_id, name=name, kind=kind)
    tx.session.add(agency)
    tx.record(events.AgencyAdded(agency.id, kind))
    return agency.id


def rename_agency(tx: Transaction, agency_id: str, version: int, name: str) -> None:
    agency = tx.get(Agency, agency_id)
    tx.fresh(agency, version, {"name": name})
    _check_agency_name(tx, name, but=agency_id)
    agency.name = name
    tx.record(events.AgencyRenamed(agency_id))


def _check_agency_name(tx: Transaction, name: str, but: str = "") -> None:
    taken = [view.name.lower() for view in agencies(tx.session, tx.area_id) if view.id != but]
    if name.lower() in taken:
        raise InvalidInput([Problem("name", "There is already an agency with this name")])


def invite(tx: Transaction, people: list[Invitee], post: Post, make_url: MakeUrl) -> list[str]:
    """Give several people the same roles, each with a letter; returns their accounts. All or nobody.

    Somebody who has exactly these roles already is left as they are, so that sending the page twice does it once.
    """
    here = {member.email: member for member in members(tx.session, tx.area_id)}
    problems = rules.post_problems(post, [agency.id for agency in agencies(tx.session, tx.area_id)])
    problems += [_already(person) for person in people if person.email in here and here[person.email].post != post]
    problems += [_disabled(email) for email in _disabled_among(tx, people)]
    if problems:
        raise InvalidInput(problems)
    return [_welcome(tx, person, post, make_url) for person in people if person.email not in here]


def _already(person: Invitee) -> Problem:
    return Problem("people", f"{person.email} has roles here already: change them on their page", value=person.email)


def _disabled_among(tx: Transaction, people: list[Invitee]) -> list[str]:
    wanted = select(Account.email).where(col(Account.email).in_([person.email for person in people]))
    return list(tx.session.exec(wanted.where(Account.state == AccountState.DISABLED)))


def _disabled(email: str) -> Problem:
    return Problem("people", f"The account of {email} is disabled: it must be enabled before it can be invited", value=email)


def _welcome(tx: Transaction, person: Invitee, post: Post, make_url: MakeUrl) -> str:
    account = tx.session.exec(select(Account).where(Account.email == person.email)).first() or _new_account(tx, person)
    _write_post(tx, account.id, post)
    tx.record(events.MembershipStarted(account.id, post.agency_id, post.names))
    area = tx.session.get_one(Area, tx.area_id).name
    if account.state == AccountState.INVITED:
        _send_invitation(tx, account, area, make_url)
    elif account.state == AccountState.ACTIVE:
        send(tx, account.email, letters.welcome(account.name, area, make_url("/")), f"{tx.area_id} {tx.now.isoformat()}")
    return account.id


def _new_account(tx: Transaction, person: Invitee) -> Account:
    account = Account(id=new_id(), email=person.email, name=person.name, state=AccountState.INVITED, created_at=tx.now)
    tx.session.add(account)
    tx.session.flush()
    tx.record(events.AccountInvited(account.id))
    return account


def _send_invitation(tx: Transaction, account: Account, area: str, make_url: MakeUrl) -> None:
    link = make_url(LINK_PATH + new_link(tx, account.id, LinkKind.INVITATION, rules.INVITATION_LIFE))
    send(tx, account.email, letters.invitation(account.name, area, link, rules.INVITATION_LIFE.days), link)


def invite_again(tx: Transaction, account_id: str, make_url: MakeUrl) -> None:
    """Send a fresh link; the earlier ones stop working."""
    account = _account_here(tx, account_id)
    if account.state != AccountState.INVITED:
        raise Refused(f"{account.name} has chosen a password already.")
    _send_invitation(tx, account, tx.session.get_one(Area, tx.area_id).name, make_url)
    tx.record(events.InvitationSentAgain(account_id))


def change_post(tx: Transaction, account_id: str, post: Post, was: str) -> None:
    """Give somebody other roles in this area, from their next request on. `was` is the print of the post the page showed."""
    present = member(tx.session, tx.area_id, account_id)
    if present.post.print != was:
        raise StaleWrite(_words(tx, post), _words(tx, present.post))
    problems = rules.post_problems(post, [agency.id for agency in agencies(tx.session, tx.area_id)])
    if problems:
        raise InvalidInput(problems)
    if post == present.post:
        return
    rules.keep_an_administrator(_administrators(tx), account_id, post)
    _write_post(tx, account_id, post)
    tx.record(events.RolesChanged(account_id, post.agency_id, present.post.names, post.names))


def end_membership(tx: Transaction, account_id: str) -> None:
    """Take away every role somebody has in this area; what they did stays."""
    member(tx.session, tx.area_id, account_id)
    rules.keep_an_administrator(_administrators(tx), account_id, None)
    _write_post(tx, account_id, Post(frozenset()))
    tx.record(events.MembershipEnded(account_id))


def disable_account(tx: Transaction, account_id: str) -> None:
    """Close an account everywhere: no sign-in, no link works, and its sessions end at once."""
    account = _account_in_my_hands(tx, account_id)
    if account.state == AccountState.DISABLED:
        return
    account.state = AccountState.DISABLED
    use_up_links(tx, account_id)
    end_sessions(tx, account_id)
    tx.record(events.AccountDisabled(account_id))


def enable_account(tx: Transaction, account_id: str) -> None:
    """Open a disabled account again, as it was."""
    account = _account_in_my_hands(tx, account_id)
    if account.state != AccountState.DISABLED:
        return
    account.state = AccountState.ACTIVE if account.password_hash else AccountState.INVITED
    tx.record(events.AccountEnabled(account_id))


def _account_here(tx: Transaction, account_id: str) -> Account:
    member(tx.session, tx.area_id, account_id)
    return tx.session.get_one(Account, account_id)


def _account_in_my_hands(tx: Transaction, account_id: str) -> Account:
    """The account, if the actor may disable it; the page offers it only then, so anybody else finds nothing."""
    account = _account_here(tx, account_id)
    if account_id == tx.actor.account_id:
        raise Refused("You cannot disable your own account. Ask another administrator.")
    if not may_disable(tx.session, tx.actor.account_id or "", account_id):
        raise NotFound("Page not found")
    return account


def _administrators(tx: Transaction) -> set[str]:
    """Who can still administer this area."""
    return {
        person.account_id
        for person in members(tx.session, tx.area_id)
        if Role.ADMINISTRATOR in person.post.roles and person.state == AccountState.ACTIVE
    }


def _write_post(tx: Transaction, account_id: str, post: Post) -> None:
    """Make the membership rows say exactly this from today on. A row that ended today may be taken up again."""
    theirs = select(Membership).where(Membership.area_id == tx.area_id, Membership.account_id == account_id)
    rows = tx.session.exec(theirs.order_by(col(Membership.starts_on))).all()
    for row in rows:
        keeps = row.role in post.roles and row.agency_id == post.agency_id
        if rules.holds(row.starts_on, row.ends_on, today()) and not keeps:
            row.ends_on = today()
    held = {row.role for row in rows if rules.holds(row.starts_on, row.ends_on, today())}
    of_today = {row.role: row for row in rows if row.starts_on == today()}
    for role in post.roles - held:
        row = of_today.get(role) or Membership(area_id=tx.area_id, account_id=account_id, role=role, starts_on=today())
        row.agency_id, row.ends_on = post.agency_id, None
        tx.session.add(row)
    tx.session.flush()


def _words(tx: Transaction, post: Post) -> dict[str, str]:
    """A post as the page about a stale edit shows it."""
    agency = next((view.name for view in agencies(tx.session, tx.area_id) if view.id == post.agency_id), "none")
    return {"Roles": ", ".join(post.names), "Agency": agency}
