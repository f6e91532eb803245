"""Closed, measured and published rounds with plausible ratings, for what tracking shows."""

import random
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.allocate.rules import RoundState
from moderation.instants import frozen, now
from moderation.ledger import OPERATOR, Transaction, Via, transaction
from moderation.measure.actions import compute, keep
from moderation.moderate import actions as moderate
from moderation.moderate.states import Basis, DisagreementState, MeetingState
from moderation.moderate.tables import AgreedRating, Disagreement, Meeting, Revote
from moderation.register.framework import builtin, parse
from tests.build import Person, World, act_as
from tests.build_moderation import Answer, ClosedRound, RoundBuilt, a_closed_round

SIX = ("helen", "robert", "amina", "jana", "tom", "shirin")


def plausible(plans: int, prefix: str, seats: int, seed: int = 1, noise: float = 0.5) -> dict[str, dict[str, list[Answer]]]:
    """Every plan has a quality of its own; auditors see it with some noise. The same seed gives the same ratings."""
    dice = random.Random(seed)
    framework = parse(builtin())
    found: dict[str, dict[str, list[Answer]]] = {}
    for number in range(1, plans + 1):
        quality = dice.gauss(2.5, 0.8)
        found[f"{prefix}{number:03}"] = {
            criterion.key: [_seen(dice, quality, noise, criterion.scale.values) for _ in range(seats)]
            for criterion in framework.criteria
        }
    return found


def _seen(dice: random.Random, quality: float, noise: float, values: Sequence[int]) -> Answer:
    if dice.random() < 0.04:
        return "not_applicable"
    place = (quality - 1) / 3 * (len(values) - 1) + dice.gauss(0, noise * (len(values) - 1) / 3)
    return sorted(values)[min(max(round(place), 0), len(values) - 1)]


def a_measured_round(
    engine: Engine, world: World, plans: int = 12, prefix: str = "A", at: datetime | None = None, seed: int = 1,
    raters: Sequence[str] = SIX, noise: float = 0.5,
) -> ClosedRound:  # fmt: skip
    """Closed at that instant, and measured."""
    with frozen(at or now()):
        found = a_closed_round(engine, world, plausible(plans, prefix, len(raters), seed, noise), raters, RoundState.CLOSED)
        measured = compute(engine, world.area_id, found.id, 100)
        with transaction(engine, OPERATOR, Via.JOB, world.area_id) as tx:
            keep(tx, found.id, measured)
    return found


def publish(engine: Engine, world: World, round_id: str) -> None:
    """Everything undiscussed is left to the independent ratings, and the round is published."""
    moderator: Person = world.priya
    act_as(engine, None, world.area_id, moderate.find_disagreements, round_id)
    act_as(engine, moderator, world.area_id, moderate.defer_rest, round_id)
    act_as(engine, moderator, world.area_id, moderate.publish_round, round_id)


def a_published_round(
    engine: Engine, world: World, plans: int = 12, prefix: str = "A", at: datetime | None = None, **wanted: object
) -> ClosedRound:
    found = a_measured_round(engine, world, plans, prefix, at, **wanted)  # type: ignore[arg-type]
    publish(engine, world, found.id)
    return found


def trends_of(engine: Engine, world: World) -> int:
    """Run the nightly job for the area; returns how many points changed."""
    from moderation.track import actions
    from moderation.track.queries.working_out import work_out

    with Session(engine) as session:
        points = work_out(session, world.area_id, 100)
    return act_as(engine, None, world.area_id, actions.recompute_trends, points)


def a_meeting_that_settles(
    engine: Engine, world: World, found: ClosedRound, criterion: str, raters: Sequence[str], level: int
) -> None:
    """Every plan of the round was discussed on one criterion, and every auditor voted for the same level afterwards."""
    act_as(engine, None, world.area_id, moderate.find_disagreements, found.id)
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        held = Meeting(
            area_id=world.area_id, round_id=found.id, number=1, title="Meeting 1", starts_at=tx.now,
            moderator_id=world.priya.id, state=MeetingState.CONCLUDED,
        )  # fmt: skip
        tx.session.add(held)
        for plan in found.plans.values():
            item = _discussed(tx, found, plan, criterion)
            tx.session.add_all(_vote(tx, held, item, world.people[name].id, level) for name in raters)
            tx.session.add(_agreed(tx, held, item, level))
        tx.record(RoundBuilt(found.id))


def _discussed(tx: Transaction, found: ClosedRound, plan: str, criterion: str) -> Disagreement:
    here = select(Disagreement).where(Disagreement.round_plan_id == plan, Disagreement.criterion_key == criterion)
    item = tx.session.exec(here).first() or Disagreement(
        area_id=tx.area_id, round_id=found.id, round_plan_id=plan, criterion_key=criterion, triggers=["calibration"], stake=0.0,
        reasons=[],
    )  # fmt: skip
    item.state = DisagreementState.AGREED
    tx.session.add(item)
    tx.session.flush()
    return item


def _vote(tx: Transaction, held: Meeting, item: Disagreement, account_id: str, level: int) -> Revote:
    return Revote(
        area_id=tx.area_id, meeting_id=held.id, disagreement_id=item.id, account_id=account_id, original_rater=True, value=level,
        voted_at=tx.now,
    )  # fmt: skip


def _agreed(tx: Transaction, held: Meeting, item: Disagreement, level: int) -> AgreedRating:
    return AgreedRating(
        area_id=tx.area_id, round_id=item.round_id, round_plan_id=item.round_plan_id, criterion_key=item.criterion_key, value=level,
        basis=Basis.UNANIMOUS, reason="The plan says how often and by whom.", meeting_id=held.id, disagreement_id=item.id,
        decided_at=tx.now,
    )  # fmt: skip
