"""What is known about rounds, as frozen views. Nothing here knows a rating, or says what kind of plan a plan is.

Seeds are left out of every count and list for leads, so that nothing tells them from the plans of the sample.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from moderation.people.absences import Away, away_in
from moderation.people.tables import Account, Agency
from moderation.register.codes import EVENT_NAMES, NEED_NAMES, SETTING_NAMES, PlanEvent, PrimaryNeed, SettingType, year_name
from moderation.register.tables import ChildCase, FrameworkVersion, PlanVersion, VersionState
from moderation.words import AgencyKind, NotFound

from .population import Standing, all_seeds, possible_auditors, secret_plans, standings
from .rules import FULL_TIME, IN_SETUP, ROUND_NAMES, ROUND_STEPS, AllocationState, Ending, RoundState
from .tables import Allocation, Round, RoundAgency, RoundAuditor, RoundPlan


@dataclass(frozen=True)
class RoundLine:
    id: str
    number: int
    name: str
    state: RoundState
    opens_on: date
    closes_on: date
    plans: int
    auditors: int


def rounds(session: Session, area_id: str) -> list[RoundLine]:
    """The area's rounds, newest first."""
    plans, auditors = _plans_in(session, area_id), _auditors_in(session, area_id)
    chosen = select(Round).where(Round.area_id == area_id).order_by(col(Round.number).desc())
    return [
        RoundLine(
            one.id, one.number, one.name, one.state, one.opens_on, one.closes_on, plans.get(one.id, 0), auditors.get(one.id, 0)
        )
        for one in session.exec(chosen)
    ]


def _plans_in(session: Session, area_id: str) -> dict[str, int]:
    chosen = select(RoundPlan.round_id, func.count()).where(RoundPlan.area_id == area_id, col(RoundPlan.withdrawn_at).is_(None))
    chosen = chosen.where(col(RoundPlan.id).not_in(all_seeds(area_id)))
    return dict(session.exec(chosen.group_by(col(RoundPlan.round_id))).all())


def _auditors_in(session: Session, area_id: str) -> dict[str, int]:
    chosen = select(RoundAuditor.round_id, func.count()).where(RoundAuditor.area_id == area_id)
    return dict(session.exec(chosen.group_by(col(RoundAuditor.round_id))).all())


@dataclass(frozen=True)
class RoundView:
    """A round as every page about it needs it."""

    id: str
    number: int
    name: str
    state: RoundState
    opens_on: date
    closes_on: date
    version: int
    framework_version_id: str
    framework: str
    plans: int
    auditors: int
    agencies: int
    created_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    published_at: datetime | None
    double_share: int
    seed_plans: int
    repairs_itself: bool

    @property
    def in_setup(self) -> bool:
        return self.state in IN_SETUP

    @property
    def caption(self) -> str:
        counts = ((self.plans, "plan"), (self.auditors, "auditor"))
        words = [f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in counts]
        return ", ".join([*words, f"{self.agencies} {'agency' if self.agencies == 1 else 'agencies'}"])

    @property
    def steps(self) -> list[tuple[str, str, str]]:
        """Name, date and standing (done, now, next) of every stage, for the stepper."""
        here = ROUND_STEPS.index(self.state) if self.state in ROUND_STEPS else len(ROUND_STEPS)
        standing = ("done", "now", "next")
        return [
            (ROUND_NAMES[state], self._note(state, index <= here), standing[(index > here) + (index >= here)])
            for index, state in enumerate(ROUND_STEPS)
        ]

    def _note(self, state: RoundState, reached: bool) -> str:
        known = {RoundState.DRAFT: self.created_at, RoundState.CLOSED: self.closed_at, RoundState.PUBLISHED: self.published_at}
        instant = known.get(state)
        if reached and instant:
            return _short(instant.date())
        if state is RoundState.OPEN:
            return f"until {_short(self.closes_on)}" if self.state is RoundState.OPEN else _short(self.opens_on)
        return f"due {_short(self.closes_on)}" if state is RoundState.CLOSED else ""


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"


def round_view(session: Session, area_id: str, round_id: str) -> RoundView:
    """One round of this area."""
    found = get_round(session, area_id, round_id)
    framework = session.get(FrameworkVersion, found.framework_version_id)
    agencies = session.exec(select(func.count()).select_from(RoundAgency).where(RoundAgency.round_id == round_id)).one()
    return RoundView(
        found.id, found.number, found.name, found.state, found.opens_on, found.closes_on, found.version,
        found.framework_version_id, _framework_name(framework), _plans_in(session, area_id).get(round_id, 0),
        _auditors_in(session, area_id).get(round_id, 0), agencies,
        found.created_at, found.opened_at, found.closed_at, found.published_at,
        found.double_share, found.seed_plans, found.repairs_itself,
    )  # fmt: skip


def get_round(session: Session, area_id: str, round_id: str) -> Round:
    found = session.get(Round, round_id)
    if found is None or found.area_id != area_id:
        raise NotFound("Page not found")
    return found


def _framework_name(framework: FrameworkVersion | None) -> str:
    return f"{framework.title}, version {framework.number}" if framework else ""


def framework_choices(session: Session, area_id: str) -> list[tuple[str, str]]:
    """The published framework versions, newest first."""
    chosen = select(FrameworkVersion).where(FrameworkVersion.area_id == area_id, FrameworkVersion.state == VersionState.PUBLISHED)
    return [(one.id, _framework_name(one)) for one in session.exec(chosen.order_by(col(FrameworkVersion.number).desc()))]


@dataclass(frozen=True)
class AgencyLine:
    agency_id: str
    name: str
    kind: AgencyKind
    auditors_per_plan: int
    auditors: int
    places: int  # how many plans its auditors in the round can take together


def agency_lines(session: Session, area_id: str, round_id: str) -> list[AgencyLine]:
    """Every agency of the area, and its part in this round (0 auditors per plan: none)."""
    wanted = {
        row.agency_id: row.auditors_per_plan for row in session.exec(select(RoundAgency).where(RoundAgency.round_id == round_id))
    }
    people = defaultdict(list)
    for row in session.exec(select(RoundAuditor).where(RoundAuditor.area_id == area_id, RoundAuditor.round_id == round_id)):
        people[row.agency_id].append(row.capacity)
    agencies = session.exec(select(Agency).where(Agency.area_id == area_id))
    lines = [
        AgencyLine(one.id, one.name, one.kind, wanted.get(one.id, 0), len(people[one.id]), sum(people[one.id])) for one in agencies
    ]
    return sorted(lines, key=lambda line: (kind_order(line.kind), line.name))


def kind_order(kind: AgencyKind) -> int:
    """Education, health, care, other: the order of every page."""
    return list(AgencyKind).index(kind)


@dataclass(frozen=True)
class AuditorLine:
    account_id: str
    name: str
    agency_id: str
    agency: str
    kind: AgencyKind
    capacity: int | None  # None: not in this round
    availability: int  # per cent of full time
    absent_from: date | None = None
    away: tuple[Away, ...] = ()  # days during the round on which they say that they are away


def auditor_lines(session: Session, area_id: str, round_id: str) -> list[AuditorLine]:
    """Everybody who could rate for an agency of this round, and who has been chosen."""
    taking_part = set(session.exec(select(RoundAgency.agency_id).where(RoundAgency.round_id == round_id)))
    chosen = {row.account_id: row for row in session.exec(select(RoundAuditor).where(RoundAuditor.round_id == round_id))}
    away = _away_during(session, area_id, round_id)
    lines = []
    for person in possible_auditors(session, area_id):
        row = chosen.get(person.account_id)
        mine = row if row and row.agency_id == person.agency_id else None
        if person.agency_id in taking_part:
            lines.append(AuditorLine(
                person.account_id, person.name, person.agency_id, person.agency_name, person.kind,
                mine.capacity if mine else None, mine.availability if mine else FULL_TIME, mine.absent_from if mine else None,
                away.get(person.account_id, ()),
            ))  # fmt: skip
    return lines


def _away_during(session: Session, area_id: str, round_id: str) -> Mapping[str, tuple[Away, ...]]:
    """Who says that they are away on days of this round."""
    found = session.exec(select(Round).where(Round.area_id == area_id, Round.id == round_id)).first()
    return away_in(session, area_id, found.opens_on, found.closes_on) if found else {}


def auditor_ids(session: Session, area_id: str, round_id: str) -> list[str]:
    """Who rates in the round."""
    chosen = select(RoundAuditor.account_id).where(RoundAuditor.area_id == area_id, RoundAuditor.round_id == round_id)
    return list(session.exec(chosen))


WHY_NOT: Mapping[Standing, tuple[str, str]] = {
    Standing.EARLIER: (
        "was in an earlier round: tick the box below to let it be drawn again",
        "were in an earlier round: tick the box below to let them be drawn again",
    ),
    Standing.ELSEWHERE: ("is in another round now", "are in another round now"),
    Standing.KEPT_BACK: (
        "was in a recent round, where hidden plans come from: it waits until no unpublished round has hidden plans",
        "were in recent rounds, where hidden plans come from: they wait until no unpublished round has hidden plans",
    ),
    Standing.UNRELEASED: ("has no released audit pack yet", "have no released audit pack yet"),
    Standing.ERASED: ("has no papers any more: they were erased", "have no papers any more: they were erased"),
    Standing.EXCLUDED: ("is excluded, see the end of this page", "are excluded, see the end of this page"),
}


@dataclass(frozen=True)
class SampleView:
    """How the round's plans were drawn, and what may be drawn."""

    standings: Mapping[Standing, int]
    drawn: int
    left_out: int
    record: Mapping[str, Any]

    @property
    def eligible(self) -> int:
        """How many plans can be drawn, in the way in which they were drawn last."""
        return sum(self.standings.get(one, 0) for one in self._drawable)

    @property
    def plans(self) -> int:
        return sum(self.standings.values())

    @property
    def reasons(self) -> list[str]:
        """Why the other plans cannot be drawn, with how many there are of each."""
        found = [(self.standings.get(one, 0), words) for one, words in WHY_NOT.items() if one not in self._drawable]
        return [f"{count:,} {one if count == 1 else several}" for count, (one, several) in found if count]

    @property
    def _drawable(self) -> tuple[Standing, ...]:
        return (Standing.FREE, Standing.EARLIER) if self.record.get("again") else (Standing.FREE,)

    @property
    def excluded(self) -> list[dict[str, str]]:
        return list(self.record.get("excluded", []))

    @property
    def strata(self) -> list[tuple[str, int, int]]:
        return [(name or "All plans", population, drawn) for name, population, drawn in self.record.get("strata", [])]


def sample_view(session: Session, area_id: str, round_id: str) -> SampleView:
    found = get_round(session, area_id, round_id)
    excluded = {line["plan_version_id"] for line in found.sample.get("excluded", [])}
    stand = standings(session, area_id, round_id, excluded)
    chosen = select(RoundPlan.withdrawn_at).where(RoundPlan.area_id == area_id, RoundPlan.round_id == round_id)
    rows = session.exec(chosen.where(col(RoundPlan.id).not_in(all_seeds(area_id)))).all()
    return SampleView(stand, sum(at is None for at in rows), sum(at is not None for at in rows), found.sample)


@dataclass(frozen=True)
class PlanLine:
    round_plan_id: str
    reference: str
    year: str
    need: str
    setting_type: str
    plan_event: str
    withdrawn_at: datetime | None
    withdrawn_reason: str | None

    @property
    def caption(self) -> str:
        return f"{self.year}, {self.need}"


def plan_lines(session: Session, area_id: str, round_id: str) -> list[PlanLine]:
    """The plans of a round's sample, by reference; those left out or withdrawn with their reason."""
    return _plan_lines(session, area_id, round_id, col(RoundPlan.id).not_in(all_seeds(area_id)))


def _plan_lines(session: Session, area_id: str, round_id: str, which: Any) -> list[PlanLine]:
    chosen = (
        select(RoundPlan, PlanVersion, ChildCase.reference)
        .join(PlanVersion, col(PlanVersion.id) == RoundPlan.plan_version_id)
        .join(ChildCase, col(ChildCase.id) == PlanVersion.case_id)
        .where(RoundPlan.area_id == area_id, RoundPlan.round_id == round_id, which)
        .order_by(col(ChildCase.reference))
    )
    return [_plan_line(row, plan, reference) for row, plan, reference in session.exec(chosen)]


def _plan_line(row: RoundPlan, plan: PlanVersion, reference: str) -> PlanLine:
    return PlanLine(
        row.id, reference, year_name(plan.year_group), NEED_NAMES[PrimaryNeed(plan.primary_need)],
        SETTING_NAMES[SettingType(plan.setting_type)], EVENT_NAMES[PlanEvent(plan.plan_event)],
        row.withdrawn_at, row.withdrawn_reason,
    )  # fmt: skip


def plan_line(session: Session, area_id: str, round_id: str, round_plan_id: str) -> PlanLine:
    """One plan of a round that leads may know of."""
    which = (col(RoundPlan.id) == round_plan_id) & col(RoundPlan.id).not_in(secret_plans(area_id))
    found = next(iter(_plan_lines(session, area_id, round_id, which)), None)
    if found is None:
        raise NotFound("Page not found")
    return found


@dataclass(frozen=True)
class PersonName:
    account_id: str
    name: str
    agency_id: str
    agency: str
    kind: AgencyKind


def people_of(session: Session, area_id: str, round_id: str) -> dict[str, PersonName]:
    """The auditors of a round by id, agency by agency."""
    chosen = (
        select(RoundAuditor, Account.name, Agency)
        .join(Account, col(Account.id) == RoundAuditor.account_id)
        .join(Agency, col(Agency.id) == RoundAuditor.agency_id)
        .where(RoundAuditor.area_id == area_id, RoundAuditor.round_id == round_id)
    )
    people = [PersonName(row.account_id, name, agency.id, agency.name, agency.kind) for row, name, agency in session.exec(chosen)]
    ordered = sorted(people, key=lambda one: (kind_order(one.kind), one.agency, one.name, one.account_id))
    return {one.account_id: one for one in ordered}


@dataclass(frozen=True)
class GivenLine:
    """One allocation of an open round."""

    allocation_id: str
    round_plan_id: str
    account_id: str
    agency_id: str
    state: AllocationState
    ended_as: Ending | None
    reason: str | None
    ended_at: datetime | None


def given(session: Session, area_id: str, round_id: str) -> list[GivenLine]:
    """Every allocation of the sample's plans in a round that was opened, in no telling order."""
    chosen = select(Allocation).where(Allocation.area_id == area_id, Allocation.round_id == round_id).order_by(col(Allocation.id))
    chosen = chosen.where(col(Allocation.round_plan_id).not_in(all_seeds(area_id)))
    return [
        GivenLine(row.id, row.round_plan_id, row.account_id, row.agency_id, row.state, row.ended_as, row.reason, row.ended_at)
        for row in session.exec(chosen)
    ]
