"""How a round is getting on, for leads: states of sheets and times, counted, and which sheets can be given back.

Never a value, and never to a lead who rates in the round.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from moderation.allocate.drawing import places_in
from moderation.allocate.population import secret_plans
from moderation.allocate.queries import GivenLine, PersonName, RoundView, agency_lines, given, people_of, plan_lines
from moderation.allocate.rules import RELEASED, Ending, RoundState, may_see_progress
from moderation.allocate.tables import Round, RoundAuditor, RoundPlan
from moderation.people.tables import Account
from moderation.register.tables import ChildCase, PlanVersion
from moderation.words import NotFound

from .pace import AgencyPace, AuditorPace, SheetCount, by_agency_in_words, days_left, due_by, finding, headline
from .rules import SheetState
from .tables import Scoresheet

IN = (SheetState.SUBMITTED, SheetState.LOCKED)
NOTHING = SheetCount(0, 0, 0)


@dataclass(frozen=True)
class Happening:
    """A plan that came back or was withdrawn, and whether somebody else has it now."""

    at: datetime
    reference: str
    words: str


@dataclass(frozen=True)
class Progress:
    agencies: tuple[AgencyPace, ...]
    auditors: tuple[AuditorPace, ...]
    everything: SheetCount
    days: int
    empty_places: int
    lapsed: int
    happenings: tuple[Happening, ...]

    @property
    def headline(self) -> str:
        return headline(self.everything, self.days)

    @property
    def words(self) -> str:
        return by_agency_in_words(self.agencies)

    @property
    def finding(self) -> str:
        return finding(self.agencies)

    @property
    def behind(self) -> list[AuditorPace]:
        """Auditors behind an even pace, the furthest behind first."""
        return sorted((one for one in self.auditors if one.behind), key=lambda one: -one.behind)

    def to_remind(self, now: datetime) -> list[AuditorPace]:
        return [one for one in self.behind if not one.was_reminded_lately(now)]


@dataclass(frozen=True)
class _Sheet:
    state: SheetState
    saved_at: datetime


def progress(session: Session, area_id: str, view: RoundView, today: date) -> Progress:
    """Counts of sheets by agency and by auditor against an even pace to the closing date."""
    lines, sheets = given(session, area_id, view.id), _sheets(session, area_id, view.id)
    withdrawn = {plan.round_plan_id for plan in plan_lines(session, area_id, view.id) if plan.withdrawn_at}
    standing = [line for line in lines if line.ended_as in (None, Ending.SUBMITTED) and line.round_plan_id not in withdrawn]
    auditors = _auditors(session, area_id, view, standing, sheets, today)
    return Progress(
        agencies=tuple(_agencies(auditors)),
        auditors=tuple(auditors),
        everything=_total(one.count for one in auditors),
        days=days_left(view.closes_on, today),
        empty_places=max(0, places_in(session, area_id, view.id) - len(standing)),
        lapsed=sum(line.ended_as is Ending.LAPSED and line.round_plan_id not in withdrawn for line in lines),
        happenings=tuple(_happenings(session, area_id, view, lines)),
    )


def _sheets(session: Session, area_id: str, round_id: str) -> dict[str, _Sheet]:
    chosen = select(Scoresheet.allocation_id, Scoresheet.state, Scoresheet.saved_at)
    rows = session.exec(chosen.where(Scoresheet.area_id == area_id, Scoresheet.round_id == round_id))
    return {allocation_id: _Sheet(SheetState(state), saved_at) for allocation_id, state, saved_at in rows}


def _auditors(
    session: Session, area_id: str, view: RoundView, standing: Sequence[GivenLine], sheets: Mapping[str, _Sheet], today: date
) -> list[AuditorPace]:
    people, reminded = people_of(session, area_id, view.id), _reminded(session, area_id, view.id)
    lists = defaultdict(list)
    for line in standing:
        lists[line.account_id].append(sheets.get(line.allocation_id))
    return [_pace(person, lists[person.account_id], view, today, reminded.get(person.account_id)) for person in people.values()]


def _reminded(session: Session, area_id: str, round_id: str) -> dict[str, datetime | None]:
    chosen = select(RoundAuditor.account_id, RoundAuditor.reminded_at)
    return dict(session.exec(chosen.where(RoundAuditor.area_id == area_id, RoundAuditor.round_id == round_id)).all())


def _pace(
    person: PersonName, sheets: Sequence[_Sheet | None], view: RoundView, today: date, reminded: datetime | None
) -> AuditorPace:
    known = [sheet for sheet in sheets if sheet is not None]
    count = SheetCount(sum(one.state in IN for one in known), sum(one.state is SheetState.DRAFT for one in known), len(sheets))
    due = due_by(count.total, view.opens_on, view.closes_on, today)
    last = max((one.saved_at for one in known), default=None)
    return AuditorPace(person.account_id, person.name, person.agency, person.kind.value, count, due, last, reminded)


def _agencies(auditors: Sequence[AuditorPace]) -> Iterable[AgencyPace]:
    for name, kind in dict.fromkeys((one.agency, one.kind) for one in auditors):
        theirs = [one for one in auditors if one.agency == name]
        yield AgencyPace(name, kind, _total(one.count for one in theirs), sum(one.due for one in theirs))


def _total(counts: Iterable[SheetCount]) -> SheetCount:
    return sum(counts, NOTHING)


def _happenings(session: Session, area_id: str, view: RoundView, lines: Sequence[GivenLine]) -> list[Happening]:
    """Plans that were declined, handed back or withdrawn, the newest first."""
    plans = {plan.round_plan_id: plan for plan in plan_lines(session, area_id, view.id)}
    people = people_of(session, area_id, view.id)
    held = Counter((line.round_plan_id, line.agency_id) for line in lines if line.ended_as in (None, Ending.SUBMITTED))
    needed = {line.agency_id: line.auditors_per_plan for line in agency_lines(session, area_id, view.id)}
    found = [
        Happening(plan.withdrawn_at, plan.reference, f"{plan.reference} was withdrawn: {plan.withdrawn_reason}.")
        for plan in plans.values() if plan.withdrawn_at and view.opened_at and plan.withdrawn_at >= view.opened_at
    ]  # fmt: skip
    for line in lines:
        plan, person = plans[line.round_plan_id], people.get(line.account_id)
        if line.ended_as in (Ending.DECLINED, Ending.HANDED_BACK) and line.ended_at and person:
            verb = "declined" if line.ended_as is Ending.DECLINED else "handed back"
            full = held[line.round_plan_id, line.agency_id] >= needed.get(line.agency_id, 1)
            after = "Somebody else has it now." if full or plan.withdrawn_at else "Nobody has it yet."
            found.append(
                Happening(line.ended_at, plan.reference, f"{person.name} {verb} {plan.reference} ({line.reason}). {after}")
            )
    return sorted(found, key=lambda one: one.at, reverse=True)


@dataclass(frozen=True)
class SubmittedSheet:
    """One sheet that can be reopened, or withdrawn after closing."""

    id: str
    round_id: str
    round_name: str
    reference: str
    auditor: str
    submitted_at: datetime | None


def submitted_sheets(session: Session, area_id: str, viewer_id: str, round_id: str) -> tuple[SubmittedSheet, ...]:
    """The submitted sheets of an open round, by auditor; NotFound for a lead who rates in it, and for any other round."""
    of_round = (RoundAuditor.area_id == area_id, RoundAuditor.round_id == round_id)
    auditors = session.exec(select(RoundAuditor.account_id).where(*of_round))
    here = session.exec(select(Round).where(Round.area_id == area_id, Round.id == round_id)).first()
    if here is None or here.state is not RoundState.OPEN or not may_see_progress(here.state, viewer_id, auditors.all()):
        raise NotFound("Page not found")
    return _listed(session, area_id, here, SheetState.SUBMITTED)


def locked_sheets(session: Session, area_id: str, round_id: str) -> tuple[SubmittedSheet, ...]:
    """The sheets that count in a closed round, by auditor; NotFound for any other round."""
    here = session.exec(select(Round).where(Round.area_id == area_id, Round.id == round_id)).first()
    if here is None or here.state not in RELEASED:
        raise NotFound("Page not found")
    return _listed(session, area_id, here, SheetState.LOCKED)


def _listed(session: Session, area_id: str, here: Round, state: SheetState) -> tuple[SubmittedSheet, ...]:
    """Without those of hidden plans until the round is published: leads know the sample, so one plan more would be the hidden."""
    statement = (
        select(Scoresheet.id, ChildCase.reference, Account.name, Scoresheet.submitted_at)
        .join(RoundPlan, col(RoundPlan.id) == col(Scoresheet.round_plan_id))
        .join(PlanVersion, col(PlanVersion.id) == col(RoundPlan.plan_version_id))
        .join(ChildCase, col(ChildCase.id) == col(PlanVersion.case_id))
        .join(Account, col(Account.id) == col(Scoresheet.account_id))
        .where(Scoresheet.area_id == area_id, Scoresheet.round_id == here.id)
        .where(Scoresheet.state == state, col(Scoresheet.withdrawn_at).is_(None))
        .where(col(Scoresheet.round_plan_id).not_in(secret_plans(area_id)))
        .order_by(col(Account.name), col(ChildCase.reference), col(Scoresheet.id))
    )
    rows = session.exec(statement).all()
    return tuple(SubmittedSheet(key, here.id, here.name, reference, name, at) for key, reference, name, at in rows)


def submitted_sheet(session: Session, area_id: str, viewer_id: str, round_id: str, sheet_id: str) -> SubmittedSheet:
    """One of them."""
    found = next((sheet for sheet in submitted_sheets(session, area_id, viewer_id, round_id) if sheet.id == sheet_id), None)
    if found is None:
        raise NotFound("Page not found")
    return found
