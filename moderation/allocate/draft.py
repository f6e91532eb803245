"""What a lead sees of a draft allocation: coverage, load, what could not be covered and why, how well auditors are linked."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Any

from sqlmodel import Session, col, select

from moderation.words import AgencyKind

from .drawing import MET_BEFORE, drafted, latest_draw, readiness
from .pairs import PairTable, pair_table
from .problem import Allocation as Place
from .queries import PersonName, PlanLine, people_of, plan_lines
from .rules import Readiness
from .tables import Draw

RATING_SD = 0.7  # spread of one rating around plan and severity, in levels: as in `design.plans_to_see`


@dataclass(frozen=True)
class Load:
    """What one auditor was given, and what they can take."""

    account_id: str
    name: str
    agency: str
    kind: AgencyKind
    plans: int
    capacity: int

    @property
    def words(self) -> str:
        full = ", full" if self.plans == self.capacity else ""
        return f"{self.plans} of {self.capacity}{full}"


@dataclass(frozen=True)
class AgencyLoad:
    name: str
    kind: AgencyKind
    filled: int
    places: int
    loads: tuple[Load, ...]


@dataclass(frozen=True)
class FixView:
    """One change that would help, in words; `account_id` where more room is asked of somebody."""

    words: str
    note: str
    account_id: str | None = None


@dataclass(frozen=True)
class ShortfallView:
    """Plans that the auditors who may take them cannot all cover."""

    agency: str
    plans: tuple[tuple[str, str], ...]  # id in the round, reference
    auditors: tuple[str, ...]
    need: int
    have: int
    fixes: tuple[FixView, ...]
    one_is_enough: bool

    @property
    def short(self) -> int:
        return self.need - self.have


@dataclass(frozen=True)
class Linking:
    """How well the draft lets auditors' severities be compared."""

    auditors: int
    groups: int
    visible: float | None  # the smallest difference between two auditors that would show, in grades
    plans_for_quarter: int | None  # plans needed until a quarter of a grade shows
    efficiency: float | None
    repeat_pairs: int
    repeat_triads: int


@dataclass(frozen=True)
class DraftView:
    draw_id: str
    number: int
    drawn_at: datetime
    reason: str | None
    ready: Readiness
    swaps: int
    conflicts: int
    met_before: int
    broken: int
    shortfalls: tuple[ShortfallView, ...]
    agencies: tuple[AgencyLoad, ...]
    linking: Linking | None
    pairs: PairTable | None
    only_ones: tuple[tuple[str, str, str], ...]  # reference, agency, the only possible auditor
    commitment: str
    inputs_sha256: str

    @property
    def plans_short(self) -> int:
        return self.ready.plans - self.ready.covered

    @property
    def headline(self) -> str:
        conflicts = "no conflict is broken" if not self.broken else f"{self.broken} conflicts are broken"
        return f"{self.ready.filled} of {self.ready.places} places are filled and {conflicts}."


def draft_view(session: Session, area_id: str, round_id: str) -> DraftView | None:
    """The newest draw of a round, as it stands after swaps by hand; None before the first."""
    draw = latest_draw(session, area_id, round_id)
    if draw is None:
        return None
    people, lines = people_of(session, area_id, round_id), plan_lines(session, area_id, round_id)
    references = {line.round_plan_id: line.reference for line in lines}
    places, bars = drafted(draw), draw.inputs["conflicts"]
    made = {(place.plan, place.auditor) for place in places}
    names = _Names(people, references)
    return DraftView(
        draw.id, draw.number, draw.drawn_at, draw.reason, readiness(session, area_id, draw), len(draw.outcome["swaps"]),
        conflicts=len(bars), met_before=sum(reason == MET_BEFORE for *_, reason in bars),
        broken=sum((plan, auditor) in made for plan, auditor, _ in bars),
        shortfalls=tuple(_shortfall(short, draw, names) for short in draw.outcome["short"]),
        agencies=tuple(_agency_loads(draw, places, people)),
        linking=_linking(draw, places),
        pairs=pair_table(places, people),
        only_ones=tuple(_only_ones(draw, names)),
        commitment=draw.commitment, inputs_sha256=draw.inputs_sha256,
    )  # fmt: skip


@dataclass(frozen=True)
class _Names:
    people: Mapping[str, PersonName]
    references: Mapping[str, str]

    def person(self, account_id: str) -> str:
        found = self.people.get(account_id)
        return found.name if found else "an auditor who has left the round"

    def plan(self, round_plan_id: str) -> str:
        return self.references.get(round_plan_id, "a plan that has left the round")

    def agency(self, agency_id: str) -> str:
        return next((person.agency for person in self.people.values() if person.agency_id == agency_id), "this agency")


def _agency_loads(draw: Draw, places: Sequence[Place], people: Mapping[str, PersonName]) -> list[AgencyLoad]:
    count, capacity = Counter(place.auditor for place in places), draw.inputs["capacity"]
    loads = defaultdict(list)
    for person in people.values():
        if person.account_id in capacity:
            load = Load(
                person.account_id, person.name, person.agency, person.kind, count[person.account_id], capacity[person.account_id]
            )
            loads[person.agency_id].append(load)
    needed, plans = draw.inputs["auditors_per_plan"], len(draw.inputs["plans"])
    return [
        AgencyLoad(
            theirs[0].agency, theirs[0].kind, sum(load.plans for load in theirs), needed.get(agency_id, 1) * plans, tuple(theirs)
        )
        for agency_id, theirs in loads.items()
    ]


def _shortfall(short: Mapping[str, Any], draw: Draw, names: _Names) -> ShortfallView:
    reasons = {(plan, auditor): reason for plan, auditor, reason in draw.inputs["conflicts"]}
    chosen = short["fixes"] or short["steps"]
    fixes = [fix for one in chosen if (fix := _fix(one, draw, names, reasons)) is not None]
    return ShortfallView(
        names.agency(short["agency"]), tuple(sorted(((plan, names.plan(plan)) for plan in short["plans"]), key=lambda one: one[1])),
        tuple(sorted(names.person(one) for one in short["auditors"])), short["need"], short["have"], tuple(fixes),
        one_is_enough=bool(short["fixes"]),
    )  # fmt: skip


def _fix(fix: Mapping[str, Any], draw: Draw, names: _Names, reasons: Mapping[tuple[str, str], str]) -> FixView | None:
    """A fix in words; None for what nobody can change (a case that was met before)."""
    who, plan = names.person(fix["auditor"]), fix["plan"]
    if plan is None:
        capacity = draw.inputs["capacity"].get(fix["auditor"], 0)
        more = f"{fix['places']} more plan{'' if fix['places'] == 1 else 's'}"
        return FixView(
            f"Let {who} take {more} ({capacity + fix['places']} instead of {capacity})", f"Ask {who} first", fix["auditor"]
        )
    reason = reasons.get((plan, fix["auditor"]), "")
    if reason == MET_BEFORE:
        return None
    return FixView(
        f"Clear {who}'s conflict with {names.plan(plan)} ({reason})",
        "Somebody else than the auditor must confirm that it has ended",
    )


def _linking(draw: Draw, places: Sequence[Place]) -> Linking | None:
    outcome = draw.outcome
    if outcome.get("given"):
        return None
    variance, plans = outcome["contrast_variance"], len(draw.inputs["plans"])
    error = RATING_SD * sqrt(variance) if variance else None
    return Linking(
        auditors=len({place.auditor for place in places}),
        groups=outcome["components"],
        visible=2 * error if error else None,
        plans_for_quarter=round(plans * (2 * error / 0.25) ** 2) if error else None,
        efficiency=outcome["efficiency"],
        repeat_pairs=outcome["repeat_pairs"],
        repeat_triads=outcome["repeat_triads"],
    )


def _only_ones(draw: Draw, names: _Names) -> list[tuple[str, str, str]]:
    """Plans that only one auditor of an agency may rate: nobody could step in."""
    barred = {(plan, auditor) for plan, auditor, _ in draw.inputs["conflicts"]}
    found = []
    for agency_id, auditors in draw.inputs["agencies"].items():
        for plan in draw.inputs["plans"]:
            able = [auditor for auditor in auditors if (plan, auditor) not in barred]
            if len(able) == 1 and len(auditors) > 1:
                found.append((names.plan(plan), names.agency(agency_id), names.person(able[0])))
    return sorted(found)


@dataclass(frozen=True)
class PlacedLine:
    """A plan and who was given it, agency by agency."""

    plan: PlanLine
    auditors: tuple[PersonName, ...]


def placed(session: Session, area_id: str, round_id: str, places: Sequence[Place]) -> list[PlacedLine]:
    """The plans of a round with their auditors, by reference."""
    people, on_plan = people_of(session, area_id, round_id), defaultdict(set)
    for place in places:
        on_plan[place.plan].add(place.auditor)
    return [
        PlacedLine(line, tuple(person for person in people.values() if person.account_id in on_plan[line.round_plan_id]))
        for line in plan_lines(session, area_id, round_id)
    ]


@dataclass(frozen=True)
class DrawLine:
    """One numbered draw of a round: what was committed to, and why it was drawn."""

    number: int
    drawn_at: datetime
    reason: str | None
    commitment: str
    inputs_sha256: str
    swaps: int
    given: bool  # allocated elsewhere: nothing was drawn


def draw_lines(session: Session, area_id: str, round_id: str) -> list[DrawLine]:
    """Every draw of a round, newest first."""
    chosen = select(Draw).where(Draw.area_id == area_id, Draw.round_id == round_id).order_by(col(Draw.number).desc())
    return [
        DrawLine(
            row.number,
            row.drawn_at,
            row.reason,
            row.commitment,
            row.inputs_sha256,
            len(row.outcome["swaps"]),
            bool(row.outcome.get("given")),
        )
        for row in session.exec(chosen)
    ]
