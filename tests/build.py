"""The small named world of the tests, the demo and the documentation: Northfield, and builders for what stands in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from moderation.ledger import OPERATOR, Actor, Transaction, Via, transaction
from moderation.people import tables as people
from moderation.people.actions import start_session as start_session_of
from moderation.words import AgencyKind, Event, Role, new_id

if TYPE_CHECKING:
    from moderation.allocate.rules import RoundTerms

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
    tx: Transaction,
    area_id: str,
    agencies: Mapping[AgencyKind, str],
    name: str,
    roles: tuple[Role, ...],
    agency: AgencyKind | None,
    domain: str,
) -> Person:
    email = f"{name.lower().replace(' ', '.')}@{domain}"
    account = people.Account(
        email=email, name=name, password_hash=PASSWORD_HASH, state=people.AccountState.ACTIVE, created_at=tx.now
    )
    tx.session.add(account)
    tx.session.flush()
    for role in roles:
        tx.session.add(
            people.Membership(
                area_id=area_id,
                account_id=account.id,
                role=role,
                agency_id=agencies[agency] if agency else None,
                starts_on=date(2024, 1, 1),
            )
        )
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


# --- a framework, plans in the register and rounds (allocate) -----------------------------------------------------------------


def a_framework_version(engine: Engine, world: World, number: int | None = None, content: dict[str, Any] | None = None) -> str:
    """The built-in framework, or another, published as a version of the area: its next one, unless a number is given."""
    from sqlmodel import func, select

    from moderation.register import framework
    from moderation.register.tables import FrameworkVersion, VersionState

    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        latest = select(func.coalesce(func.max(FrameworkVersion.number), 0)).where(FrameworkVersion.area_id == world.area_id)
        number = number or tx.session.exec(latest).one() + 1
        row = FrameworkVersion(
            area_id=world.area_id,
            number=number,
            title="EHC plan audit",
            state=VersionState.PUBLISHED,
            content=content or framework.builtin(),
            content_sha256=str(number - 1) * 64,
            created_at=tx.now,
            published_at=tx.now,
        )
        tx.session.add(row)
        tx.record(WorldBuilt(world.area_id))
    return row.id


NEEDS, SETTINGS = ("SEMH", "SLCN", "ASD"), ("mainstream", "special")


def some_plans(engine: Engine, world: World, count: int = 12, is_released: bool = True, prefix: str = "P") -> list[str]:
    """Plans P001, P002, ... with an audit pack each; returns the ids of their versions."""
    with transaction(engine, world.grace.actor, Via.COMMAND, world.area_id) as tx:
        found = [_plan(tx, world, number, is_released, prefix) for number in range(1, count + 1)]
        tx.record(WorldBuilt(world.area_id))
    return found


def _plan(tx: Transaction, world: World, number: int, is_released: bool, prefix: str) -> str:
    from moderation.register.gate_tables import Gate
    from moderation.register.tables import ChildCase, Document, DocumentKind, PlanVersion

    case = ChildCase(area_id=world.area_id, reference=f"{prefix}{number:03}", created_at=tx.now)
    tx.session.add(case)
    tx.session.flush()
    plan = PlanVersion(
        area_id=world.area_id,
        case_id=case.id,
        number=1,
        year_group=number % 14,
        primary_need=NEEDS[number % 3],
        setting_type=SETTINGS[number % 2],
        setting=f"School {number % 4}",
        team=f"Team {number % 2}",
        plan_event="new_plan",
        imported_at=tx.now,
        released_at=tx.now if is_released else None,
        released_by=world.grace.id if is_released else None,
    )
    tx.session.add(plan)
    tx.session.flush()
    document = Document(
        area_id=world.area_id,
        plan_version_id=plan.id,
        kind=DocumentKind.FINAL_PLAN,
        position=1,
        pages=2,
        size=1000,
        sha256="0" * 64,
        store_path=f"{plan.id}/1",
        wrapped_key="k",
        uploaded_at=tx.now,
    )
    tx.session.add(document)
    if is_released:
        from tests.build_gate import copy_row

        tx.session.flush()
        passed = {"searched_at": tx.now, "checks": {}, "passed_at": tx.now, "passed_by": world.grace.id}
        tx.session.add(Gate(area_id=world.area_id, plan_version_id=plan.id, **passed))
        tx.session.add(copy_row(tx, document, world.grace.id))
    return plan.id


def a_round(
    engine: Engine,
    world: World,
    plans: int = 6,
    capacity: int = 6,
    opens: date | None = None,
    closes: date | None = None,
    prefix: str = "P",
    framework: str | None = None,
) -> str:
    """A round in draft: one auditor of each agency per plan, every auditor of the world, plans drawn at random."""
    from moderation.allocate import setup
    from moderation.allocate.rules import SampleTerms

    terms = _round_terms("Round 1", framework or a_framework_version(engine, world), opens, closes)
    some_plans(engine, world, plans, prefix=prefix)
    with transaction(engine, world.grace.actor, Via.PAGE, world.area_id) as tx:
        found = _round_of(tx, world, terms, capacity, ())
        setup.draw_plans(tx, found, 3, SampleTerms(plans))
    return found


def _round_terms(name: str, framework: str, opens: date | None = None, closes: date | None = None) -> "RoundTerms":
    from moderation.allocate.rules import RoundTerms
    from moderation.instants import today

    opens = opens or today()
    return RoundTerms(name, framework, opens, closes or opens + timedelta(days=20))


def _round_of(tx: Transaction, world: World, terms: "RoundTerms", capacity: int, among: Sequence[Person]) -> str:
    from moderation.allocate import setup
    from moderation.allocate.population import possible_auditors
    from moderation.allocate.rules import AuditorChoice

    found = setup.create_round(tx, terms)
    setup.choose_agencies(tx, found, 1, dict.fromkeys(world.agencies.values(), 1))
    wanted = {person.id for person in among}
    possible = [one for one in possible_auditors(tx.session, world.area_id) if not wanted or one.account_id in wanted]
    setup.choose_auditors(tx, found, 2, [AuditorChoice(one.account_id, one.agency_id, capacity) for one in possible])
    return found


def an_open_round(engine: Engine, world: World, plans: int = 6, **wanted: int) -> str:
    """The same, allocated and open: every auditor has half of the plans of their agency."""
    from moderation.allocate import drawing

    found = a_round(engine, world, plans, **wanted)
    with transaction(engine, world.grace.actor, Via.PAGE, world.area_id) as tx:
        drawing.allocate(tx, found, 4)
        drawing.open_round(tx, found, 5)
    return found


def an_open_round_about(engine: Engine, world: World, plans: Sequence[str], framework: str, among: Sequence[Person]) -> str:
    """A second round, about plans whose packs have passed their gates, shared out among these auditors."""
    from moderation.allocate import drawing, setup

    with transaction(engine, world.grace.actor, Via.PAGE, world.area_id) as tx:
        found = _round_of(tx, world, _round_terms("Round 2", framework), len(plans), among)
        setup.take_plans(tx, found, plans)
        drawing.allocate(tx, found, 4)
        drawing.open_round(tx, found, 5)
    return found


def allocations_of(engine: Engine, round_id: str, person: Person) -> list[str]:
    """The ids of a person's allocations in a round, in reading order."""
    from sqlmodel import Session, col, select

    from moderation.allocate.tables import Allocation

    with Session(engine) as session:
        mine = select(Allocation.id).where(Allocation.round_id == round_id, Allocation.account_id == person.id)
        return list(session.exec(mine.order_by(col(Allocation.position))))


def also_auditor(engine: Engine, world: World, person: Person, agency_id: str) -> None:
    """Somebody of the world who rates as well."""
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        tx.session.add(
            people.Membership(
                area_id=world.area_id, account_id=person.id, role=Role.AUDITOR, agency_id=agency_id, starts_on=date(2024, 1, 1)
            )
        )
        tx.record(WorldBuilt(world.area_id))
