"""The small named world of the tests, the demo and the documentation: Northfield, and builders for what stands in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine

from moderation.ledger import OPERATOR, Actor, Transaction, Via, transaction
from moderation.people import tables as people
from moderation.people.actions import start_session as start_session_of
from moderation.words import AgencyKind, Event, Role, new_id

PASSWORD = "correct horse battery"
# argon2 hash of PASSWORD, made once with cheap parameters: hashing anew for every test world would cost seconds
PASSWORD_HASH = "$argon2id$v=19$m=8,t=1,p=1$3LA/6PMbhMOx37d7slxMiQ$e9W1gDj2B9jHVJtAsObelCSS8lVILOYfDpSW6Vp9bPE"


@dataclass(frozen=True)
class WorldBuilt(Event):
    area_id: str


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    email: str
    roles: tuple[Role, ...]
    agency: AgencyKind | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.id, self.name)


@dataclass(frozen=True)
class World:
    area_id: str
    agencies: Mapping[AgencyKind, str]
    people: Mapping[str, Person]  # by first name, lower case

    def __getattr__(self, name: str) -> Person:
        try:
            found: Person = self.people[name]
        except KeyError as error:
            raise AttributeError(name) from error
        return found

    def auditors(self, kind: AgencyKind | None = None) -> list[Person]:
        return [person for person in self.people.values() if person.agency and kind in (None, person.agency)]


CAST: tuple[tuple[str, tuple[Role, ...], AgencyKind | None], ...] = (
    ("Grace Obi", (Role.LEAD,), None),
    ("Helen Marsh", (Role.AUDITOR,), AgencyKind.EDUCATION),
    ("Robert Chen", (Role.AUDITOR,), AgencyKind.EDUCATION),
    ("Amina Yusuf", (Role.AUDITOR,), AgencyKind.HEALTH),
    ("Jana Novak", (Role.AUDITOR,), AgencyKind.HEALTH),
    ("Tom Evans", (Role.AUDITOR,), AgencyKind.CARE),
    ("Shirin Begum", (Role.AUDITOR,), AgencyKind.CARE),
    ("Priya Nair", (Role.MODERATOR,), None),
    ("Ruth Adeyemi", (Role.AREA_LEAD,), None),
    ("Sam Cole", (Role.ADMINISTRATOR,), None),
)


def a_world(engine: Engine, name: str = "Northfield", domain: str = "northfield.example") -> World:
    """A local area with education, health and care, two auditors of each, a lead, a moderator, an area lead, an administrator."""
    area_id = new_id()
    with transaction(engine, OPERATOR, Via.COMMAND, None) as tx:
        tx.session.add(people.Area(id=area_id, name=name, colour="navy", region="North East", created_at=tx.now))
        tx.session.flush()
        agencies = {kind: _agency(tx, area_id, kind) for kind in (AgencyKind.EDUCATION, AgencyKind.HEALTH, AgencyKind.CARE)}
        cast = [_person(tx, area_id, agencies, full, roles, agency, domain) for full, roles, agency in CAST]
        tx.record(WorldBuilt(area_id))
    return World(area_id, agencies, {person.name.split()[0].lower(): person for person in cast})


def _agency(tx: Transaction, area_id: str, kind: AgencyKind) -> str:
    agency = people.Agency(area_id=area_id, name={"care": "Social care"}.get(kind, kind.title()), kind=kind)
    tx.session.add(agency)
    tx.session.flush()
    return agency.id


def _person(
    tx: Transaction, area_id: str, agencies: Mapping[AgencyKind, str], name: str, roles: tuple[Role, ...],
    agency: AgencyKind | None, domain: str,
) -> Person:
    email = f"{name.lower().replace(' ', '.')}@{domain}"
    account = people.Account(email=email, name=name, password_hash=PASSWORD_HASH, state=people.AccountState.ACTIVE, created_at=tx.now)
    tx.session.add(account)
    tx.session.flush()
    for role in roles:
        tx.session.add(people.Membership(
            area_id=area_id, account_id=account.id, role=role, agency_id=agencies[agency] if agency else None,
            starts_on=date(2024, 1, 1),
        ))
    return Person(account.id, name, email, roles, agency)


def act_as(engine: Engine, person: Person | None, area_id: str | None, action, *args, **kwargs):  # type: ignore[no-untyped-def]
    """Carry out one action as a person (or as the clock), in one transaction."""
    actor = person.actor if person else OPERATOR
    with transaction(engine, actor, Via.PAGE, area_id) as tx:
        return action(tx, *args, **kwargs)


def start_session(engine: Engine, person: Person) -> str:
    """A session token of a person, as signing in would give."""
    with transaction(engine, person.actor, Via.PAGE, None) as tx:
        return start_session_of(tx, person.id, "test")
