"""What a lead sees of a draft allocation: coverage, load, what could not be covered and why, how well auditors are linked."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from sqlmodel import Session, col, select

from moderation.words import AgencyKind

from .changes import what_changed
from .designs import design_now
from .drawing import drafted, latest_draw, ordinary, readiness
from .freezing import DISCUSSED, KNOWS_NAMES, MET_BEFORE, freeze
from .pairs import PairTable, Recurring, pair_table, recurring
from .problem import Allocation as Place
from .queries import PersonName, PlanLine, people_of, plan_lines
from .rules import Readiness
from .tables import Draw
from .warnings import Names, warnings_of
from .weighing import Consequence, visible_difference

MET = (MET_BEFORE, DISCUSSED, KNOWS_NAMES)


@dataclass(frozen=True)
class Load:
    """What one auditor was given, and what they can take."""

    account_id: str
    name: str
    agency: str
    kind: AgencyKind
    plans: int
    capacity: int
    full: bool

    @property
    def words(self) -> str:
        full = ", full" if self.full else ""
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
    plans_for_half: int | None  # plans needed until half a grade shows
    plans_for_quarter: int | None  # and until a quarter does
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
    recurring: Recurring | None
    warnings: tuple[str, ...]
    weighing: int
    compared: tuple[Consequence, ...]
    scored_twice: int
    commitment: str
    inputs_sha256: str
    changes: tuple[str, ...]  # since the draw, in words; none while it is fresh

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
    everything, hidden = drafted(draw), set(draw.inputs["seeds"])
    places, bars = ordinary(draw, everything), [bar for bar in draw.inputs["conflicts"] if bar[0] not in hidden]
    made = {(place.plan, place.auditor) for place in places}
    names, ready = Names(people, references), readiness(session, area_id, draw)
    return DraftView(
        draw.id, draw.number, draw.drawn_at, draw.reason, ready, len(draw.outcome["swaps"]),
        conflicts=len(bars), met_before=sum(reason in MET for *_, reason in bars),
        broken=sum((plan, auditor) in made for plan, auditor, _ in bars),
        shortfalls=tuple(_shortfall(short, draw, names) for short in _gathered(draw.outcome["short"])),
        agencies=tuple(_agency_loads(draw, everything, people)),
        linking=_linking(draw, places),
        pairs=pair_table(places, people), recurring=recurring(places, draw.inputs["history"], people),
        warnings=tuple(warnings_of(draw.outcome.get("cautions", ()), names)), weighing=draw.weighing,
        compared=tuple(Consequence(**line) for line in draw.outcome.get("compared", ())),
        scored_twice=len(draw.inputs["extra"]),
        commitment=draw.commitment, inputs_sha256=draw.inputs_sha256,
        changes=_changes(session, area_id, draw, names) if ready.stale else (),
    )  # fmt: skip


def _changes(session: Session, area_id: str, draw: Draw, names: Names) -> tuple[str, ...]:
    now = freeze(session, area_id, draw.round_id, draw.weighing)
    return what_changed(draw.inputs, now.to_json(), names)


def _agency_loads(draw: Draw, everything: Sequence[Place], people: Mapping[str, PersonName]) -> list[AgencyLoad]:
    count, total = Counter(place.auditor for place in ordinary(draw, everything)), Counter(place.auditor for place in everything)
    capacity, loads = draw.inputs["capacity"], defaultdict(list)
    for person in people.values():
        if (limit := capacity.get(person.account_id)) is not None:
            full = total[person.account_id] >= limit
            load = Load(person.account_id, person.name, person.agency, person.kind, count[person.account_id], limit, full)
            loads[person.agency_id].append(load)
    return [
        AgencyLoad(theirs[0].agency, theirs[0].kind, sum(load.plans for load in theirs), _places(draw, agency_id), tuple(theirs))
        for agency_id, theirs in loads.items()
    ]


def _places(draw: Draw, agency_id: str) -> int:
    needed: int = draw.inputs["auditors_per_plan"].get(agency_id, 1)
    more = sum(agency == agency_id for _, agency in draw.inputs["extra"])
    return int(needed * len(draw.inputs["plans"]) + more)


def _gathered(found: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Plans that the same people (or nobody) of an agency may rate stand in one box: there can be dozens of such plans."""
    alike = defaultdict(list)
    for short in found:
        alike[short["agency"], tuple(short["auditors"])].append(short)
    return [_as_one(shorts) for shorts in alike.values()]


def _as_one(shorts: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What cures one of several shortfalls fills its own place only."""
    if len(shorts) == 1:
        return shorts[0]
    added = {name: sum(short[name] for short in shorts) for name in ("need", "have")}
    steps = [step for short in shorts for step in short["fixes"] or short["steps"]]
    once = [step for index, step in enumerate(steps) if step not in steps[:index]]
    return {**shorts[0], **added, "plans": [plan for short in shorts for plan in short["plans"]], "fixes": [], "steps": once}


def _shortfall(short: Mapping[str, Any], draw: Draw, names: Names) -> ShortfallView:
    reasons = {(plan, auditor): reason for plan, auditor, reason in draw.inputs["conflicts"]}
    chosen = short["fixes"] or short["steps"]
    fixes = [fix for one in chosen if (fix := _fix(one, draw, names, reasons)) is not None]
    return ShortfallView(
        names.agency(short["agency"]), tuple(sorted(((plan, names.plan(plan)) for plan in short["plans"]), key=lambda one: one[1])),
        tuple(sorted(names.person(one) for one in short["auditors"])), short["need"], short["have"], tuple(fixes),
        one_is_enough=bool(short["fixes"]),
    )  # fmt: skip


def _fix(fix: Mapping[str, Any], draw: Draw, names: Names, reasons: Mapping[tuple[str, str], str]) -> FixView | None:
    """A fix in words; None for what nobody can change (a case that was met before)."""
    who, plan = names.person(fix["auditor"]), fix["plan"]
    if plan is None:
        capacity = draw.inputs["capacity"].get(fix["auditor"], 0)
        more = f"{fix['places']} more plan{'' if fix['places'] == 1 else 's'}"
        return FixView(
            f"Let {who} take {more} ({capacity + fix['places']} instead of {capacity})", f"Ask {who} first", fix["auditor"]
        )
    reason = reasons.get((plan, fix["auditor"]), "")
    if reason in MET:
        return None
    return FixView(
        f"Clear {who}'s conflict with {names.plan(plan)} ({reason})",
        "Somebody else than the auditor must confirm that it has ended",
    )


def _linking(draw: Draw, places: Sequence[Place]) -> Linking | None:
    if draw.outcome.get("given"):
        return None
    design = design_now(draw)
    plans, visible = len(draw.inputs["plans"]), visible_difference(design.contrast_variance)
    return Linking(
        auditors=len({place.auditor for place in places}),
        groups=design.components,
        visible=visible,
        plans_for_half=_plans_for(0.5, visible, plans),
        plans_for_quarter=_plans_for(0.25, visible, plans),
        efficiency=design.efficiency,
        repeat_pairs=design.repeat_pairs,
        repeat_triads=design.repeat_triads,
    )


def _plans_for(difference: float, visible: float | None, plans: int) -> int | None:
    """A difference half as large takes four times as many plans."""
    return ceil(plans * (visible / difference) ** 2) if visible else None


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
