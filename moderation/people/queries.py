"""What is known about areas and people, as frozen views. Every question about an area takes the area as an argument."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session, col, select

from .. import instants
from ..web.access import Viewer
from ..words import AgencyKind, NotFound, Role
from . import rules
from .passwords import token_hash
from .places import authorities
from .tables import Account, AccountState, Agency, Area, Membership, SignInFailure, SignInLink, UserSession


@dataclass(frozen=True)
class AreaLine:
    """An area somebody works in."""

    id: str
    name: str
    colour: str
    roles: frozenset[Role]
    agency_id: str | None
    agency_name: str
    agency_kind: AgencyKind | None


def load_viewer(session: Session, token: str, now: datetime, idle: timedelta) -> Viewer | None:
    """Who holds this session token, with the roles they have at this moment; None when the session or the account has ended."""
    found = session.exec(
        select(UserSession, Account)
        .join(Account, col(Account.id) == UserSession.account_id)
        .where(UserSession.token_hash == token_hash(token), Account.state == AccountState.ACTIVE)
    ).first()
    if found is None:
        return None
    held, account = found
    if not rules.session_is_live(held.created_at, held.last_seen_at, held.ended_at, now, idle):
        return None
    return _viewer(held, account, works_in(session, account.id, instants.london(now).date()))


def holder_of(session: Session, token: str) -> str | None:
    """Whose session this token was, also when it has ended."""
    return session.exec(select(UserSession.account_id).where(UserSession.token_hash == token_hash(token))).first()


def _viewer(held: UserSession, account: Account, areas: list[AreaLine]) -> Viewer:
    """In the session's area if its roles there still hold, else in none."""
    here = next((area for area in areas if area.id == held.area_id), None)
    others = tuple((area.id, area.name) for area in areas if area is not here)
    if here is None:
        return Viewer(
            account.id,
            account.name,
            account.email,
            held.token_hash,
            held.last_seen_at,
            None,
            "",
            "navy",
            frozenset(),
            other_areas=others,
            shortcuts=account.shortcuts,
            goes_on=account.goes_on,
        )
    return Viewer(
        account.id,
        account.name,
        account.email,
        held.token_hash,
        held.last_seen_at,
        here.id,
        here.name,
        here.colour,
        here.roles,
        here.agency_id,
        here.agency_name,
        here.agency_kind,
        others,
        account.shortcuts,
        account.goes_on,
    )


def works_in(session: Session, account_id: str, today: date) -> list[AreaLine]:
    """The areas where somebody has a role today, by name."""
    rows = session.exec(
        select(Membership, Area, Agency)
        .join(Area, col(Area.id) == Membership.area_id)
        .outerjoin(Agency, col(Agency.id) == Membership.agency_id)
        .where(Membership.account_id == account_id, _holds(today))
        .order_by(col(Area.name), col(Membership.id))
    ).all()
    areas = {area.id: area for _, area, _ in rows}
    return [_area_line(area, [(m, agency) for m, of, agency in rows if of.id == area.id]) for area in areas.values()]


def _area_line(area: Area, posts: list[tuple[Membership, Agency | None]]) -> AreaLine:
    agency = next((agency for _, agency in posts if agency is not None), None)
    return AreaLine(
        area.id,
        area.name,
        area.colour,
        frozenset(post.role for post, _ in posts),
        agency.id if agency else None,
        agency.name if agency else "",
        agency.kind if agency else None,
    )


def _holds(today: date) -> ColumnElement[bool]:
    """`rules.holds`, in SQL."""
    return (col(Membership.starts_on) <= today) & or_(col(Membership.ends_on).is_(None), col(Membership.ends_on) > today)


@dataclass(frozen=True)
class Credentials:
    """What signing in compares with."""

    account_id: str
    password_hash: str | None


NOBODY = Credentials("", None)


def credentials(session: Session, email: str) -> Credentials:
    """The account that may sign in with this address; NOBODY, which no password matches, if there is none."""
    account = session.exec(select(Account).where(Account.email == email, Account.state == AccountState.ACTIVE)).first()
    return Credentials(account.id, account.password_hash) if account else NOBODY


def failures(session: Session, account_key: str, address: str, since: datetime) -> tuple[list[datetime], list[datetime]]:
    """When tries failed lately: for a typed address, and from a network address."""

    def times(where: ColumnElement[bool]) -> list[datetime]:
        return list(session.exec(select(SignInFailure.at).where(where, col(SignInFailure.at) > since)))

    return times(col(SignInFailure.account_key) == account_key), times(col(SignInFailure.address) == address)


@dataclass(frozen=True)
class LinkHolder:
    """Whom a link to choose a password is for."""

    name: str
    email: str
    is_new: bool


def link_holder(session: Session, token: str, now: datetime) -> LinkHolder | None:
    """Whom a link is for, while it works."""
    found = session.exec(
        select(Account)
        .join(SignInLink, col(SignInLink.account_id) == Account.id)
        .where(SignInLink.token_hash == token_hash(token), col(SignInLink.used_at).is_(None), col(SignInLink.expires_at) > now)
        .where(Account.state != AccountState.DISABLED)
    ).first()
    return LinkHolder(found.name, found.email, found.password_hash is None) if found else None


@dataclass(frozen=True)
class OwnAccount:
    name: str
    email: str
    shortcuts: bool
    goes_on: bool
    version: int


def own_account(session: Session, account_id: str) -> OwnAccount:
    account = session.get_one(Account, account_id)
    return OwnAccount(account.name, account.email, account.shortcuts, account.goes_on, account.version)


def may_create_area(session: Session, account_id: str) -> bool:
    """See `rules.may_create_area`."""
    ever = session.exec(select(Membership.id).where(Membership.account_id == account_id)).first() is not None
    return rules.may_create_area(ever, bool(administered(session, account_id, instants.today())))


def administered(session: Session, account_id: str, today: date) -> set[str]:
    """The areas somebody is an administrator of."""
    return {area.id for area in works_in(session, account_id, today) if Role.ADMINISTRATOR in area.roles}


@dataclass(frozen=True)
class AgencyView:
    id: str
    name: str
    kind: AgencyKind
    people: int
    version: int


def agencies(session: Session, area_id: str) -> list[AgencyView]:
    """The agencies of an area in the order education, health, care, other; with how many people belong to each today."""
    counted = (
        select(Membership.agency_id, func.count(func.distinct(Membership.account_id)))
        .where(Membership.area_id == area_id, _holds(instants.today()))
        .group_by(Membership.agency_id)
    )
    people = dict(session.exec(counted).all())
    rows = session.exec(select(Agency).where(Agency.area_id == area_id)).all()
    order = list(AgencyKind)
    views = [AgencyView(row.id, row.name, row.kind, people.get(row.id, 0), row.version) for row in rows]
    return sorted(views, key=lambda view: (order.index(view.kind), view.name))


def agency(session: Session, area_id: str, agency_id: str) -> AgencyView:
    found = next((view for view in agencies(session, area_id) if view.id == agency_id), None)
    if found is None:
        raise NotFound("Page not found")
    return found


@dataclass(frozen=True)
class AreaView:
    """An area as its administrator sees it."""

    id: str
    name: str
    colour: str
    region: str
    authority: str
    created_at: datetime
    version: int


def area(session: Session, area_id: str) -> AreaView:
    row = session.get_one(Area, area_id)
    authority = authorities().get(row.la_code or "")
    return AreaView(row.id, row.name, row.colour, row.region, authority.name if authority else "", row.created_at, row.version)


@dataclass(frozen=True)
class Member:
    """A person with roles in an area today."""

    account_id: str
    name: str
    email: str
    state: AccountState
    post: rules.Post
    agency_name: str
    agency_kind: AgencyKind | None


def members(session: Session, area_id: str) -> list[Member]:
    """Everybody with a role in an area today, by name."""
    rows = session.exec(
        select(Membership, Account, Agency)
        .join(Account, col(Account.id) == Membership.account_id)
        .outerjoin(Agency, col(Agency.id) == Membership.agency_id)
        .where(Membership.area_id == area_id, _holds(instants.today()))
        .order_by(func.lower(Account.name), col(Account.email))
    ).all()
    accounts = {account.id: account for _, account, _ in rows}
    return [_member(account, [(m, agency) for m, of, agency in rows if of.id == account.id]) for account in accounts.values()]


def _member(account: Account, posts: list[tuple[Membership, Agency | None]]) -> Member:
    agency = next((agency for _, agency in posts if agency is not None), None)
    post = rules.Post(frozenset(row.role for row, _ in posts), agency.id if agency else None)
    return Member(
        account.id, account.name, account.email, account.state, post, agency.name if agency else "", agency.kind if agency else None
    )


def member(session: Session, area_id: str, account_id: str) -> Member:
    """One person of an area; NotFound for anybody else, wherever they may be."""
    found = next((member for member in members(session, area_id) if member.account_id == account_id), None)
    if found is None:
        raise NotFound("Page not found")
    return found


def people_with(session: Session, area_id: str, *roles: Role) -> list[Member]:
    """The people of an area who hold any of these roles today and can sign in or are invited, by name."""
    able = [member for member in members(session, area_id) if member.state != AccountState.DISABLED]
    return [member for member in able if member.post.roles & set(roles)]


def disabled_among(session: Session, account_ids: Iterable[str]) -> frozenset[str]:
    """Those who cannot sign in anywhere any more."""
    chosen = select(Account.id).where(col(Account.id).in_(set(account_ids)), Account.state == AccountState.DISABLED)
    return frozenset(session.exec(chosen))


def names(session: Session, account_ids: Iterable[str]) -> dict[str, str]:
    """The names of accounts, of people who have left as well."""
    rows = session.exec(select(Account.id, Account.name).where(col(Account.id).in_(set(account_ids))))
    return dict(rows.all())


def may_disable(session: Session, actor_id: str, account_id: str) -> bool:
    """May this administrator disable that account everywhere? See `rules.may_disable_account`; nobody disables their own."""
    theirs = [area.id for area in works_in(session, account_id, instants.today())]
    return actor_id != account_id and rules.may_disable_account(theirs, administered(session, actor_id, instants.today()))
