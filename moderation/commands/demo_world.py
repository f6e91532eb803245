"""The world of the demo: Northfield, its people and plans, two finished rounds, one in moderation and an
open one, made with the service's own actions.

Everything is invented. The past is played with the clock held at the time in question, so that dates and intervals look as they would.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine
from sqlmodel import Session, select

from .. import instants
from ..allocate.drawing import allocate, open_round
from ..allocate.rules import AuditorChoice, RoundTerms, SampleTerms
from ..allocate.setup import choose_agencies, choose_auditors, create_round, draw_plans
from ..allocate.tables import Round
from ..clock import run_jobs
from ..ledger import OPERATOR, Actor, Transaction, Via, transaction
from ..people.absences import save_away_dates
from ..people.actions import choose_password
from ..people.administration import NewArea, create_account, create_area, invite
from ..people.passwords import hashed
from ..people.rules import Invitee, Post
from ..people.tables import Account, Agency
from ..register.actions import install_framework, register_plans
from ..register.codes import PlanEvent, SettingType
from ..register.rules import PlanFacts
from ..score.actions import close_round
from ..settings import Settings
from ..store import open_store
from ..words import AgencyKind, Role
from .demo_documents import CHILDREN
from .demo_lessons import ask_for_names, settle_lessons
from .demo_meeting import hold_meeting
from .demo_packs import attach_all, attach_waiting, prepared_packs
from .demo_scoring import score_round

P = ParamSpec("P")
T = TypeVar("T")

PASSWORD = "correct horse battery staple"  # printed for everybody to use: a demo has no secrets
PLANS_IN_ROUND, PLANS_IN_REGISTER = 24, 90
TEAMS = ("North team", "South team")
SETTINGS = {
    SettingType.MAINSTREAM: ("Beck Lane Primary", "Moor Road Academy", "St Aidan's"),
    SettingType.SPECIAL: ("The Willows", "Fernhill School"),
    SettingType.POST_16: ("Northfield College",),
}
CAST: tuple[tuple[str, tuple[Role, ...], AgencyKind | None], ...] = (
    ("Grace Obi", (Role.LEAD,), None),
    ("Helen Marsh", (Role.AUDITOR,), AgencyKind.EDUCATION),
    ("Robert Chen", (Role.AUDITOR,), AgencyKind.EDUCATION),
    ("Kiran Patel", (Role.AUDITOR,), AgencyKind.EDUCATION),
    ("Amina Yusuf", (Role.AUDITOR,), AgencyKind.HEALTH),
    ("Jana Novak", (Role.AUDITOR,), AgencyKind.HEALTH),
    ("Fiona Reid", (Role.AUDITOR,), AgencyKind.HEALTH),
    ("Tom Evans", (Role.AUDITOR,), AgencyKind.CARE),
    ("Shirin Begum", (Role.AUDITOR,), AgencyKind.CARE),
    ("Niall Walsh", (Role.AUDITOR,), AgencyKind.CARE),
    ("Priya Nair", (Role.MODERATOR,), None),
    ("Ruth Adeyemi", (Role.AREA_LEAD,), None),
    ("Meera Shah", (Role.OBSERVER,), None),  # a parent-carer representative
)
ADMINISTRATOR = "Sam Cole"


def address(name: str) -> str:
    """The e-mail address of somebody in the demo."""
    return f"{name.lower().replace(' ', '.')}@northfield.example"


def build(engine: Engine, settings: Settings, say: Callable[[str], None]) -> None:
    """Fill an empty, migrated database with Northfield."""
    today = instants.today()
    with _at(today - timedelta(days=220)):
        demo = _found(engine, settings)
    say("people are invited, the framework is there")
    with _at(today - timedelta(days=210)):
        demo.fill_register()
    say(f"{PLANS_IN_REGISTER} plans are registered, with their documents")
    demo.finished_round("Spring", today - timedelta(days=150), 1)
    say("the first round is scored, measured, moderated and published")
    with _at(today - timedelta(days=100)):
        demo = replace(demo, framework_id=settle_lessons(demo))
    say("what the meeting learned is in version 2 of the framework")
    summer = demo.finished_round("Summer", today - timedelta(days=70), 2)
    say("the second round is scored, measured, moderated and published")
    demo.round_in_moderation("September sample", today - timedelta(days=40))
    say("a small third round waits for its meeting")
    demo.open_round("Autumn", today - timedelta(days=9))
    with _at(today - timedelta(days=2)):
        ask_for_names(demo, summer)
    run_jobs(engine, settings, "recompute_trends", "sign_ledger")
    say("the fourth round is open")


def _at(day: date, hour: int = 10) -> AbstractContextManager[None]:
    """The clock held at a London time of a day."""
    return instants.frozen(datetime.combine(day, time(hour), instants.LONDON).astimezone(UTC))


@dataclass(frozen=True)
class Demo:
    """Who is there, and what they do."""

    engine: Engine
    settings: Settings
    area_id: str
    people: Mapping[str, Actor]
    agency_ids: Mapping[AgencyKind, str]
    framework_id: str
    random: Random

    @property
    def auditors(self) -> list[str]:
        return [name for name, _, kind in CAST if kind is not None]

    def act(self, name: str, action: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return _as(self.engine, self.people[name], self.area_id, action, *args, **kwargs)

    def fill_register(self) -> None:
        """Plans of every kind of need, most with a pack that was released, and one at the gate."""
        store = open_store(self.settings)
        packs = {need: prepared_packs(store, need) for need in CHILDREN}
        facts = [_facts(number, self.random) for number in range(1, PLANS_IN_REGISTER + 1)]
        versions = self.act("Grace Obi", register_plans, facts)
        ready = facts[: PLANS_IN_REGISTER - 6]  # the last ones wait for their documents, as some always do
        self.act("Grace Obi", attach_all, [(versions[one.reference], packs[one.primary_need]) for one in ready], store)
        gated = facts[len(ready)]  # one stands at the gate, to be looked at
        self.act("Grace Obi", attach_waiting, versions[gated.reference], gated.primary_need, store)

    def new_round(self, season: str, opens: date, size: int = PLANS_IN_ROUND) -> str:
        """A round set up, drawn, allocated and opened by the lead."""
        closes = opens + timedelta(days=21)
        terms = RoundTerms(f"{season} {opens.year}", self.framework_id, opens, closes)
        round_id = self.act("Grace Obi", create_round, terms)
        self.act("Grace Obi", choose_agencies, round_id, self.version(round_id), dict.fromkeys(self.agency_ids.values(), 1))
        self.act("Grace Obi", choose_auditors, round_id, self.version(round_id), self._choices())
        self.act("Grace Obi", draw_plans, round_id, self.version(round_id), SampleTerms(size, ("primary_need",)))
        self.act("Grace Obi", allocate, round_id, self.version(round_id))
        self.act("Grace Obi", open_round, round_id, self.version(round_id))
        return round_id

    def _choices(self) -> list[AuditorChoice]:
        capacity = PLANS_IN_ROUND // 3 + 2
        chosen = [(name, kind) for name, _, kind in CAST if kind is not None]
        return [AuditorChoice(self.people[name].account_id or "", self.agency_ids[kind], capacity) for name, kind in chosen]

    def version(self, round_id: str) -> int:
        with Session(self.engine) as session:
            return session.get_one(Round, round_id).version

    def finished_round(self, season: str, opens: date, number: int) -> str:
        """A round from opening to publication. Agreement and plans are a little better the second time."""
        with _at(opens):
            round_id = self.new_round(season, opens)
        with _at(opens + timedelta(days=12)):
            score_round(self, round_id, *((0.75, 2.4) if number == 1 else (0.6, 2.7)))
        with _at(opens + timedelta(days=22), hour=1):
            self.act("Grace Obi", close_round, round_id)
            run_jobs(self.engine, self.settings, "measure", "find_disagreements")
        with _at(opens + timedelta(days=30)):
            hold_meeting(self, round_id, f"{season} moderation")
        return round_id

    def round_in_moderation(self, season: str, opens: date) -> None:
        """A closed round whose disagreements are found and not discussed yet."""
        with _at(opens):
            round_id = self.new_round(season, opens, size=10)
        with _at(opens + timedelta(days=12)):
            score_round(self, round_id, noise=0.6)
        with _at(opens + timedelta(days=22), hour=1):
            self.act("Grace Obi", close_round, round_id)
            run_jobs(self.engine, self.settings, "measure", "find_disagreements")

    def open_round(self, season: str, opens: date) -> None:
        """A round that is being scored: some sheets are in, some begun."""
        with _at(opens):
            round_id = self.new_round(season, opens)
        with _at(opens + timedelta(days=6)):
            score_round(self, round_id, noise=0.6, share=0.5, but="Helen Marsh")
            self.act("Helen Marsh", save_away_dates, opens + timedelta(days=16), opens + timedelta(days=17))


def _found(engine: Engine, settings: Settings) -> Demo:
    """The area, its agencies, everybody in it with the demo's password, and the built-in framework."""
    password_hash = hashed(PASSWORD)
    people = {ADMINISTRATOR: _administrator(engine, password_hash)}
    new = NewArea("Northfield Local Area Partnership", "navy", "391")
    area_id = _as(engine, people[ADMINISTRATOR], None, create_area, new, people[ADMINISTRATOR].account_id or "")
    with Session(engine) as session:
        rows = session.exec(select(Agency.kind, Agency.id).where(Agency.area_id == area_id)).all()
    agency_ids = {AgencyKind(kind): agency_id for kind, agency_id in rows}
    for name, roles, kind in CAST:
        people[name] = _invited(
            engine, area_id, people[ADMINISTRATOR], name, Post(frozenset(roles), kind and agency_ids[kind]), password_hash
        )
    framework_id = _as(engine, people["Grace Obi"], area_id, install_framework)
    return Demo(engine, settings, area_id, people, agency_ids, framework_id, Random(2026))


def _administrator(engine: Engine, password_hash: str) -> Actor:
    link = _as(engine, OPERATOR, None, create_account, ADMINISTRATOR, address(ADMINISTRATOR))
    return _with_password(engine, ADMINISTRATOR, link, password_hash)


def _invited(engine: Engine, area_id: str, administrator: Actor, name: str, post: Post, password_hash: str) -> Actor:
    links: list[str] = []
    _as(engine, administrator, area_id, invite, [Invitee(name, address(name))], post, _noting(links))
    return _with_password(engine, name, links[-1], password_hash)


def _noting(links: list[str]) -> Callable[[str], str]:
    """Makes addresses of paths, as for a letter, and keeps the paths."""

    def url(path: str) -> str:
        links.append(path)
        return path

    return url


def _with_password(engine: Engine, name: str, link: str, password_hash: str) -> Actor:
    _as(engine, OPERATOR, None, choose_password, link.rpartition("/")[2], password_hash, lambda path: path)
    with Session(engine) as session:
        return Actor(session.exec(select(Account.id).where(Account.email == address(name))).one(), name)


def _as(
    engine: Engine,
    actor: Actor,
    area_id: str | None,
    action: Callable[Concatenate[Transaction, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    with transaction(engine, actor, Via.COMMAND, area_id) as tx:
        return action(tx, *args, **kwargs)


def _facts(number: int, random: Random) -> PlanFacts:
    need = list(CHILDREN)[number % len(CHILDREN)]
    year = random.randint(1, 13)
    kind = (
        SettingType.POST_16 if year > 11 else random.choice((SettingType.MAINSTREAM, SettingType.MAINSTREAM, SettingType.SPECIAL))
    )
    event = random.choice(
        (PlanEvent.NEW_PLAN, PlanEvent.AMENDED_AFTER_REVIEW, PlanEvent.AMENDED_AFTER_REVIEW, PlanEvent.PHASE_TRANSFER)
    )
    issued = instants.today() - timedelta(days=random.randint(20, 120))
    return PlanFacts(
        f"NF-{number:04}", year, need, kind, event, setting=random.choice(SETTINGS[kind]), team=random.choice(TEAMS),
        requested_on=issued - timedelta(days=random.randint(120, 160)) if event is PlanEvent.NEW_PLAN else None, issued_on=issued,
    )  # fmt: skip
