"""Drawing: the round's inputs are frozen, the solver allocates, the draft is looked at, swapped by hand, and opened.

A draft stands in its draw only. Auditors' allocations come into being when the round opens, so before that there is
nothing that a page for auditors could show.
"""

import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from moderation import instants
from moderation.ledger import Transaction
from moderation.post import queue
from moderation.register.actions import hold_plans
from moderation.register.tables import ChildCase, PlanVersion
from moderation.words import NotFound, Refused

from . import letters
from .actions import addressees
from .draw import commitment, reading_order, seed_of
from .events import AllocationsSwapped, PlansAllocated, RoundOpened
from .freezing import freeze
from .population import pool, seeds_in
from .problem import Allocation as Place
from .problem import Outcome, Problem
from .rules import (
    RECOMMENDED,
    Readiness,
    RoundState,
    Swap,
    check_in_setup,
    check_ready,
    check_reason,
    check_swap,
    move_round,
    swapped,
)
from .seeds import drop_unreleased
from .tables import Allocation, Draw, Round, RoundPlan
from .weighing import Consequence, compared


@dataclass(frozen=True)
class Solved:
    """A draw worked out beside the database: it is kept only if nothing has changed meanwhile."""

    number: int
    secret: str
    problem: Problem
    outcome: Outcome
    weighing: int
    compared: tuple[Consequence, ...]  # what each setting would have given; none where no expertise is recorded


def draw_secret(round_secret: str, number: int) -> str:
    """Every numbered draw has a secret of its own, fixed when the round was made."""
    return hmac.new(round_secret.encode(), f"draw {number}".encode(), hashlib.sha256).hexdigest()


def work_out(session: Session, area_id: str, round_id: str, weighing: int = RECOMMENDED) -> Solved:
    """The next draw of a round, computed without holding anything up."""
    from .solve import allocate as solve  # late: the solver's libraries take a second to load
    from .verifier import violations

    found = session.get(Round, round_id)
    if found is None or found.area_id != area_id:
        raise NotFound("Page not found")
    check_in_setup(found.state)
    problem = freeze(session, area_id, round_id, weighing)
    if not problem.plans or not any(problem.agencies.values()):
        raise Refused("Choose agencies and auditors and draw the plans before you allocate.")
    number = _last_number(session, round_id) + 1
    secret = draw_secret(found.secret, number)
    outcome = solve(problem, seed_of(secret, problem.sha256))
    if wrong := violations(problem, outcome.allocations, outcome.shortfalls):
        raise RuntimeError(f"a draw broke its own rules: {wrong[:3]}")
    return Solved(number, secret, problem, outcome, weighing, compared(problem, weighing, outcome))


def _last_number(session: Session, round_id: str) -> int:
    return session.exec(select(func.max(Draw.number)).where(Draw.round_id == round_id)).one() or 0


def allocate(
    tx: Transaction, round_id: str, version: int, reason: str = "", solved: Solved | None = None, weighing: int = RECOMMENDED
) -> str:
    """Keep a draw as the round's draft. A second draw needs a reason; the earlier ones stay. Returns the draw's id."""
    solved = solved or work_out(tx.session, tx.area_id, round_id, weighing)
    found = tx.get(Round, round_id)
    if (
        solved.number != _last_number(tx.session, round_id) + 1
        or solved.problem.sha256 != freeze(tx.session, tx.area_id, round_id, solved.weighing).sha256
    ):
        raise Refused("Something changed while the plans were being allocated. Nothing was kept. Try again.")
    why = check_reason(reason) if solved.number > 1 else None
    tx.fresh(found, version, mine={"state": RoundState.ALLOCATED.value})
    found.state = move_round(found.state, RoundState.ALLOCATED)
    kept = _draw(tx, found, solved.number, solved.problem, _outcome_json(solved), solved.secret, why)
    kept.weighing = solved.weighing
    return kept.id


def _outcome_json(solved: Solved) -> dict[str, Any]:
    """The outcome as it is kept: with ids, which pages turn into names."""
    outcome = solved.outcome
    return {
        **outcome.to_json(), "short": [asdict(shortfall) for shortfall in outcome.shortfalls],
        "cautions": [asdict(caution) for caution in outcome.warnings],
        "compared": [asdict(line) for line in solved.compared], "swaps": [],
    }  # fmt: skip


def _draw(
    tx: Transaction, found: Round, number: int, problem: Problem, outcome: Mapping[str, Any], secret: str, reason: str | None
) -> Draw:
    kept = Draw(
        area_id=tx.area_id, round_id=found.id, number=number, drawn_at=tx.now, reason=reason, inputs=problem.to_json(),
        commitment=commitment(secret, problem.sha256), inputs_sha256=problem.sha256, outcome=dict(outcome),
    )  # fmt: skip
    tx.session.add(kept)
    tx.session.flush()
    tx.record(PlansAllocated(found.id, kept.id, number, kept.commitment))
    return kept


def allocate_as_given(tx: Transaction, round_id: str, places: Iterable[tuple[str, str]]) -> str:
    """Exactly these (plan in the round, auditor) pairs: for rounds that were allocated elsewhere. Conflicts hold all the same."""
    found = tx.get(Round, round_id)
    check_in_setup(found.state)
    problem = freeze(tx.session, tx.area_id, round_id)
    agency_of = problem.agency_of
    given = [Place(plan, who, agency_of[who]) for plan, who in places if plan in set(problem.plans) and who in agency_of]
    if {(bar.plan, bar.auditor) for bar in problem.conflicts} & {(place.plan, place.auditor) for place in given}:
        raise Refused("A conflict keeps one of these auditors from one of these plans.")
    number = _last_number(tx.session, round_id) + 1
    found.state = move_round(found.state, RoundState.ALLOCATED)
    found.version += 1
    outcome = {"given": True, "allocations": [place._asdict() for place in given], "short": [], "swaps": []}
    return _draw(tx, found, number, problem, outcome, draw_secret(found.secret, number), None).id


def latest_draw(session: Session, area_id: str, round_id: str) -> Draw | None:
    chosen = select(Draw).where(Draw.area_id == area_id, Draw.round_id == round_id)
    return session.exec(chosen.order_by(col(Draw.number).desc()).limit(1)).first()


def drafted(draw: Draw) -> list[Place]:
    """Who gets which plan in the draft: the draw, and what was swapped by hand since."""
    places = [Place(one["plan"], one["auditor"], one["agency"]) for one in draw.outcome["allocations"]]
    for swap in draw.outcome["swaps"]:
        places = swapped(places, Swap(*swap["pair"]))
    return places


def shown_places(session: Session, area_id: str, round_id: str) -> list[Place]:
    """Who gets which plan of the sample in the newest draft."""
    draw = latest_draw(session, area_id, round_id)
    return ordinary(draw, drafted(draw)) if draw else []


def bars_of(session: Session, area_id: str, round_id: str) -> set[tuple[str, str]]:
    """Who was kept from which plan in the newest draft."""
    draw = latest_draw(session, area_id, round_id)
    return {(plan, auditor) for plan, auditor, _ in draw.inputs["conflicts"]} if draw else set()


def ordinary(draw: Draw, places: Iterable[Place]) -> list[Place]:
    """The places that pages count and show. Seeds are neither."""
    hidden = set(draw.inputs["seeds"])
    return [place for place in places if place.plan not in hidden]


def places_needed(inputs: Mapping[str, Any]) -> dict[str, int]:
    """How many auditors each plan of a draw should get, all agencies together."""
    each = sum(inputs["auditors_per_plan"].values())
    more = Counter(plan for plan, _ in inputs["extra"])
    return {plan: each + more[plan] for plan in inputs["plans"]}


def places_in(session: Session, area_id: str, round_id: str) -> int:
    """How many places the plans still in a round have, those that an agency scores twice included."""
    draw = latest_draw(session, area_id, round_id)
    standing = select(RoundPlan.id).where(RoundPlan.area_id == area_id, RoundPlan.round_id == round_id)
    still = set(session.exec(standing.where(col(RoundPlan.withdrawn_at).is_(None))))
    return sum(number for plan, number in places_needed(draw.inputs).items() if plan in still) if draw else 0


def readiness(session: Session, area_id: str, draw: Draw) -> Readiness:
    """Can the round open with this draft?"""
    filled = Counter(place.plan for place in ordinary(draw, drafted(draw)))
    stale = freeze(session, area_id, draw.round_id, draw.weighing).sha256 != draw.inputs_sha256
    if draw.outcome.get("given"):
        return Readiness(filled.total(), filled.total(), len(filled), len(filled), stale)
    needed = places_needed(draw.inputs)
    got = {plan: min(filled[plan], number) for plan, number in needed.items()}
    covered = sum(got[plan] == number for plan, number in needed.items())
    return Readiness(sum(got.values()), sum(needed.values()), covered, len(needed), stale)


def swap_draft(tx: Transaction, round_id: str, version: int, swap: Swap, reason: str) -> None:
    """Exchange two auditors of the draft by hand; the draw itself stays as it was drawn."""
    found, why = tx.get(Round, round_id), check_reason(reason)
    draw = latest_draw(tx.session, tx.area_id, round_id)
    if draw is None or found.state is not RoundState.ALLOCATED:
        raise Refused("There is no draft allocation to change.")
    places, bars = drafted(draw), {(one[0], one[1]) for one in draw.inputs["conflicts"]}
    check_swap(places, swap, bars)
    tx.fresh(found, version, mine={"swap": list(swap)})
    line = {"pair": list(swap), "reason": why, "by": tx.actor.account_id, "at": tx.now.isoformat()}
    draw.outcome = {**draw.outcome, "swaps": [*draw.outcome["swaps"], line]}
    tx.record(AllocationsSwapped(round_id, draw.id, *swap))


def open_round(tx: Transaction, round_id: str, version: int, confirmed: bool = False) -> int:
    """Give every auditor their plans, each in their own random order, and tell them. Returns the number of allocations."""
    found = tx.get(Round, round_id)
    to = move_round(found.state, RoundState.OPEN)
    draw = latest_draw(tx.session, tx.area_id, round_id)
    if draw is None:
        raise Refused("Allocate the plans before you open the round.")
    ready = readiness(tx.session, tx.area_id, draw)
    check_ready(ready, confirmed)
    today = instants.today()
    if found.closes_on < today:
        raise Refused("The closing date has passed. Move it before you open the round.")
    _require_released(tx, round_id)
    tx.fresh(found, version, mine={"state": to.value})
    found.state, found.opened_at, found.opens_on = to, tx.now, today
    dropped = drop_unreleased(tx, round_id)
    places = [place for place in drafted(draw) if place.plan not in dropped]
    seed = seed_of(draw_secret(found.secret, draw.number), draw.inputs_sha256)
    tx.session.add_all(_allocations(tx, found, places, seed))
    hold_plans(tx, round_id, [*_plan_versions(tx, round_id), *tx.session.exec(pool(found))])
    tx.record(RoundOpened(round_id, ready.plans, ready.places - ready.filled))
    for to_whom in addressees(tx, {place.auditor for place in places}):
        queue(tx, letters.offer(to_whom, round_id, found.name, found.closes_on))
    return len(places)


def _require_released(tx: Transaction, round_id: str) -> None:
    """A release may have been taken back since the sample was drawn; once open, a round holds its packs as they are."""
    lacking = (
        select(ChildCase.reference)
        .join(PlanVersion, col(PlanVersion.case_id) == ChildCase.id)
        .join(RoundPlan, col(RoundPlan.plan_version_id) == PlanVersion.id)
        .where(RoundPlan.area_id == tx.area_id, RoundPlan.round_id == round_id, col(RoundPlan.withdrawn_at).is_(None))
        .where(col(PlanVersion.released_at).is_(None), col(RoundPlan.id).not_in(seeds_in(tx.area_id)))
    )
    names = sorted(tx.session.exec(lacking))
    if names:
        raise Refused(f"The audit pack is not released for {', '.join(names)}. Release it, or leave it out.")


def _plan_versions(tx: Transaction, round_id: str) -> Sequence[str]:
    """The plans of the round, whose audit packs must now stay as they are. Those of the pool that its seeds come from do so too."""
    mine = select(RoundPlan.plan_version_id).where(RoundPlan.area_id == tx.area_id, RoundPlan.round_id == round_id)
    return tx.session.exec(mine.where(col(RoundPlan.withdrawn_at).is_(None))).all()


def _allocations(tx: Transaction, found: Round, places: Sequence[Place], seed: str) -> list[Allocation]:
    lists = defaultdict(list)
    for place in places:
        lists[place.auditor].append(place)
    rows = []
    for auditor, theirs in sorted(lists.items()):
        order = reading_order(seed, auditor, [place.plan for place in theirs])
        agency_id = theirs[0].agency
        rows += [_allocation(tx, found.id, plan, auditor, agency_id, number) for number, plan in enumerate(order, 1)]
    return rows


def _allocation(tx: Transaction, round_id: str, plan: str, auditor: str, agency_id: str, position: int) -> Allocation:
    return Allocation(
        area_id=tx.area_id, round_id=round_id, round_plan_id=plan, account_id=auditor, agency_id=agency_id,
        position=position, allocated_at=tx.now,
    )  # fmt: skip
