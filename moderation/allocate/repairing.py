"""Repairing an open round: the smallest change that fills what was declined, handed back or left by somebody who is away.

Every change is worked out first and shown; what is then applied is exactly what was shown, or nothing. Work that has been
started never moves.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import func
from sqlmodel import Session, col, select

from moderation.ledger import Transaction
from moderation.post import queue
from moderation.words import NotFound, Refused

from . import letters
from .actions import addressees, end_as_reassigned, tell_of_change
from .draw import seed_of
from .drawing import draw_secret, latest_draw
from .events import AllocationRepaired
from .freezing import freeze
from .problem import Allocation as Place
from .problem import Conflict as Bar
from .problem import Problem, Shortfall
from .rules import RECOMMENDED, AllocationState, Ending, RoundState, Swap, check_open, check_reason, check_swap
from .tables import Allocation, Draw, Round, RoundAuditor, RoundPlan

if TYPE_CHECKING:
    from .repair import Change

STANDING = (None, Ending.SUBMITTED)
MOVABLE = (AllocationState.OFFERED, AllocationState.ACCEPTED)


@dataclass(frozen=True)
class Proposal:
    """A change that has not been made: who would lose and who would get which plan, and what stays empty."""

    removed: tuple[Place, ...]
    added: tuple[Place, ...]
    shortfalls: tuple[Shortfall, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.removed or self.added)

    @property
    def fingerprint(self) -> str:
        """Says whether a later proposal is the one that was shown."""
        text = repr((sorted(self.removed), sorted(self.added)))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Situation:
    """An open round as a problem: what stands, what is locked because it was started, and what is barred."""

    problem: Problem
    places: tuple[Place, ...]
    movable: frozenset[tuple[str, str]]
    seed: str

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(place.plan, place.auditor) for place in self.places]

    @property
    def bars(self) -> set[tuple[str, str]]:
        return {(bar.plan, bar.auditor) for bar in self.problem.conflicts}


def situation(session: Session, area_id: str, round_id: str) -> Situation:
    """The round as it stands now."""
    found = _open_round(session, area_id, round_id)
    rows = _rows(session, area_id, round_id)
    standing = [row for row in rows if row.ended_as in STANDING]
    locked = {(row.round_plan_id, row.account_id) for row in standing if row.state not in MOVABLE}
    gone = {(row.round_plan_id, row.account_id) for row in rows if row.ended_as not in STANDING}
    draw = latest_draw(session, area_id, round_id)
    number, inputs = (draw.number, draw.inputs_sha256) if draw else (0, "")
    return Situation(
        problem=_problem(session, area_id, round_id, locked, gone, draw),
        places=tuple(Place(row.round_plan_id, row.account_id, row.agency_id) for row in standing),
        movable=frozenset((row.round_plan_id, row.account_id) for row in standing if row.state in MOVABLE),
        seed=seed_of(draw_secret(found.secret, number), inputs),
    )


def _open_round(session: Session, area_id: str, round_id: str) -> Round:
    found = session.get(Round, round_id)
    if found is None or found.area_id != area_id or found.state is not RoundState.OPEN:
        raise NotFound("Page not found")
    return found


def _rows(session: Session, area_id: str, round_id: str) -> list[Allocation]:
    """The allocations of the plans that are still in the round."""
    chosen = (
        select(Allocation)
        .join(RoundPlan, col(RoundPlan.id) == Allocation.round_plan_id)
        .where(Allocation.area_id == area_id, Allocation.round_id == round_id, col(RoundPlan.withdrawn_at).is_(None))
    )
    return list(session.exec(chosen.order_by(col(Allocation.id))))


def _problem(
    session: Session, area_id: str, round_id: str, locked: set[tuple[str, str]], gone: set[tuple[str, str]], draw: Draw | None
) -> Problem:
    """Today's inputs, with started work in place, who is away at their started work, nobody asked twice for the same plan, and
    those plans scored twice that were when the round opened."""
    now, started = freeze(session, area_id, round_id, draw.weighing if draw else RECOMMENDED), [auditor for _, auditor in locked]
    away = _away(session, area_id, round_id, now.agency_of)
    capacity = {who: max(limit, started.count(who)) for who, limit in now.capacity.items()} | {
        who: started.count(who) for who in away
    }
    agencies = {
        agency: (*people, *(who for who, theirs in away.items() if theirs == agency)) for agency, people in now.agencies.items()
    }
    bars = {(bar.plan, bar.auditor): bar.reason for bar in now.conflicts} | dict.fromkeys(gone, "came back once")
    return replace(
        now, agencies=agencies, capacity=capacity, locked=tuple(sorted(locked)), extra=_extra(now, draw),
        conflicts=tuple(Bar(plan, who, reason) for (plan, who), reason in sorted(bars.items()) if (plan, who) not in locked),
    )  # fmt: skip


def _extra(now: Problem, draw: Draw | None) -> tuple[tuple[str, str], ...]:
    """The plans that the draw let an agency score once more, and that are still in the round."""
    drawn = draw.inputs["extra"] if draw else []
    return tuple((plan, agency) for plan, agency in drawn if plan in set(now.plans) and agency in now.agencies)


def _away(session: Session, area_id: str, round_id: str, present: Mapping[str, str]) -> dict[str, str]:
    """Auditors of the round who are away, or who have stopped being auditors, with their agencies."""
    chosen = select(RoundAuditor.account_id, RoundAuditor.agency_id).where(RoundAuditor.area_id == area_id)
    rows = session.exec(chosen.where(RoundAuditor.round_id == round_id).order_by(col(RoundAuditor.account_id)))
    return {account_id: agency_id for account_id, agency_id in rows if account_id not in present}


def repair_of(session: Session, area_id: str, round_id: str) -> Proposal:
    """The smallest change that fills the empty places."""
    from .repair import repair  # late: the solver's libraries take a second to load

    now = situation(session, area_id, round_id)
    return _proposal(repair(now.problem, now.pairs, now.seed))


def share_of(session: Session, area_id: str, round_id: str, newcomer: str) -> Proposal:
    """The fewest plans that would have to move until a new auditor has a fair share."""
    from .repair import share_with

    now = situation(session, area_id, round_id)
    if newcomer not in now.problem.agency_of:
        raise NotFound("Page not found")
    return _proposal(share_with(now.problem, now.pairs, newcomer, now.seed))


def late_of(session: Session, area_id: str, round_id: str, auditor: str) -> Proposal:
    """What somebody late has not started goes to others; what nobody else can take stays with them."""
    from .repair import repair

    now = situation(session, area_id, round_id)
    if auditor not in now.problem.agency_of:
        raise NotFound("Page not found")
    started = sum(who == auditor for _, who in now.problem.locked)
    change = repair(replace(now.problem, capacity={**now.problem.capacity, auditor: started}), now.pairs, now.seed)
    taken = {(place.plan, place.agency) for place in change.added}
    removed = tuple(one for one in change.removed if one.auditor != auditor or (one.plan, one.agency) in taken)
    return Proposal(removed, change.added)


def _proposal(change: "Change") -> Proposal:
    return Proposal(change.removed, change.added, change.shortfalls)


def swap_of(session: Session, area_id: str, round_id: str, swap: Swap) -> Proposal:
    """Exchange two auditors by hand; neither may have started."""
    now = situation(session, area_id, round_id)
    check_swap(now.places, swap, now.bars)
    if not {(swap.first_plan, swap.first_auditor), (swap.second_plan, swap.second_auditor)} <= now.movable:
        raise Refused("One of these plans has been started, so it stays where it is.")
    agency = now.problem.agency_of[swap.first_auditor]
    first, second = (swap.first_plan, swap.first_auditor), (swap.second_plan, swap.second_auditor)
    crossed = (swap.first_plan, swap.second_auditor), (swap.second_plan, swap.first_auditor)
    return Proposal(tuple(Place(*pair, agency) for pair in (first, second)), tuple(Place(*pair, agency) for pair in crossed))


def apply_repair(tx: Transaction, round_id: str, shown: str) -> int:
    """Make the repair that was shown; returns how many places were filled or moved."""
    return _apply(tx, round_id, repair_of(tx.session, tx.area_id, round_id), shown)


def apply_share(tx: Transaction, round_id: str, newcomer: str, shown: str) -> int:
    """Give a new auditor the plans that were shown."""
    return _apply(tx, round_id, share_of(tx.session, tx.area_id, round_id, newcomer), shown)


def apply_late(tx: Transaction, round_id: str, auditor: str, shown: str) -> int:
    """Give to others what was shown of the plans of somebody late."""
    return _apply(tx, round_id, late_of(tx.session, tx.area_id, round_id, auditor), shown)


def apply_swap(tx: Transaction, round_id: str, swap: Swap, reason: str) -> int:
    """Exchange two auditors of an open round."""
    check_reason(reason)
    proposal = swap_of(tx.session, tx.area_id, round_id, swap)
    return _apply(tx, round_id, proposal, proposal.fingerprint)


def _apply(tx: Transaction, round_id: str, proposal: Proposal, shown: str) -> int:
    found = tx.get(Round, round_id)
    check_open(found.state)
    if proposal.fingerprint != shown:
        raise Refused("Something has changed since this was shown, so nothing was moved. Look at the change again.")
    if not proposal:
        return 0
    newcomers = {place.auditor for place in proposal.added} - _known(tx, round_id)
    for row in _rows_of(tx, round_id, proposal.removed):
        end_as_reassigned(tx, row)
    _add(tx, round_id, proposal.added)
    moved = {(place.plan, place.agency) for place in proposal.removed}
    tx.record(
        AllocationRepaired(round_id, sum((one.plan, one.agency) not in moved for one in proposal.added), len(proposal.removed))
    )
    for to in addressees(tx, newcomers):
        queue(tx, letters.offer(to, round_id, found.name, found.closes_on))
    tell_of_change(tx, found, {place.auditor for place in (*proposal.removed, *proposal.added)} - newcomers)
    return len(proposal.added)


def _known(tx: Transaction, round_id: str) -> set[str]:
    chosen = select(Allocation.account_id).where(Allocation.area_id == tx.area_id, Allocation.round_id == round_id)
    return set(tx.session.exec(chosen))


def _rows_of(tx: Transaction, round_id: str, places: Sequence[Place]) -> list[Allocation]:
    wanted = {(place.plan, place.auditor) for place in places}
    rows = [row for row in _rows(tx.session, tx.area_id, round_id) if (row.round_plan_id, row.account_id) in wanted]
    return [row for row in rows if row.state in MOVABLE]


def _add(tx: Transaction, round_id: str, places: Iterable[Place]) -> None:
    """New allocations stand at the end of each list: what an auditor has seen of their order does not change."""
    chosen = select(Allocation.account_id, func.max(Allocation.position)).where(Allocation.round_id == round_id)
    last = dict(tx.session.exec(chosen.group_by(col(Allocation.account_id))).all())
    for place in places:
        last[place.auditor] = last.get(place.auditor, 0) + 1
        tx.session.add(
            Allocation(
                area_id=tx.area_id, round_id=round_id, round_plan_id=place.plan, account_id=place.auditor,
                agency_id=place.agency, position=last[place.auditor], allocated_at=tx.now,
            )
        )  # fmt: skip
