"""A closed round with exactly the ratings a test needs, written straight into the tables: moderation begins where scoring ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Engine
from sqlmodel import select

from moderation.allocate.rules import AllocationState, Ending, RoundState
from moderation.allocate.tables import Allocation, Round, RoundAgency, RoundAuditor, RoundPlan
from moderation.ledger import OPERATOR, Transaction, Via, transaction
from moderation.moderate.actions import find_disagreements
from moderation.register.framework import builtin
from moderation.register.tables import ChildCase, FrameworkVersion, PlanVersion, VersionState
from moderation.score.rules import SheetState
from moderation.score.tables import Rating, Scoresheet
from moderation.words import Event, new_id
from tests.build import Person, World, act_as

THREE = ("helen", "amina", "tom")
Answer = int | str | None  # a level, a non-score, or not answered


@dataclass(frozen=True)
class RoundBuilt(Event):
    round_id: str


@dataclass(frozen=True)
class ClosedRound:
    """The round, and its plans by reference."""

    id: str
    plans: Mapping[str, str]


def a_closed_round(
    engine: Engine,
    world: World,
    ratings: Mapping[str, Mapping[str, Sequence[Answer]]],
    raters: Sequence[str] = THREE,
    state: RoundState = RoundState.CLOSED,
    content: Mapping[str, object] | None = None,
    confidence: str = "fairly_sure",
) -> ClosedRound:
    """Plan reference -> criterion -> one answer per rater. The evidence of each rating is unmistakable ("Evidence 1 of B01")."""
    people = [world.people[name] for name in raters]
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        round_id = _round(tx, world, people, state, dict(content or builtin()))
        plans = {
            reference: _plan(tx, world, round_id, place, reference, people, answers, confidence)
            for place, (reference, answers) in enumerate(ratings.items())
        }
        tx.record(RoundBuilt(round_id))
    return ClosedRound(round_id, plans)


def a_routed_round(
    engine: Engine, world: World, ratings: Mapping[str, Mapping[str, Sequence[Answer]]], raters: Sequence[str] = THREE
) -> ClosedRound:
    """The same, and what auditors differ on is found."""
    found = a_closed_round(engine, world, ratings, raters)
    act_as(engine, None, world.area_id, find_disagreements, found.id)
    return found


def _round(tx: Transaction, world: World, people: Sequence[Person], state: RoundState, content: dict[str, object]) -> str:
    number = 1 + len(tx.session.exec(select(FrameworkVersion.id).where(FrameworkVersion.area_id == world.area_id)).all())
    version = FrameworkVersion(
        area_id=world.area_id,
        number=number,
        title="EHC plan quality audit",
        state=VersionState.PUBLISHED,
        content=content,
        content_sha256=new_id(),
        created_at=tx.now,
        published_at=tx.now,
    )
    tx.session.add(version)
    tx.session.flush()
    closed = state in (RoundState.CLOSED, RoundState.MODERATING, RoundState.PUBLISHED)
    found = Round(
        area_id=world.area_id,
        framework_version_id=version.id,
        number=number,
        name=f"Autumn {number}",
        state=state,
        opens_on=date(2026, 9, 1),
        closes_on=date(2026, 11, 6),
        sample={},
        secret=f"secret-{number}",
        created_at=tx.now - timedelta(days=60),
        opened_at=tx.now - timedelta(days=50),
        closed_at=tx.now if closed else None,
        published_at=tx.now if state is RoundState.PUBLISHED else None,
    )
    tx.session.add(found)
    tx.session.flush()
    for agency_id in dict.fromkeys(world.agencies[person.agency] for person in people if person.agency):
        tx.session.add(RoundAgency(area_id=world.area_id, round_id=found.id, agency_id=agency_id))
    for person in people:
        agency_id = world.agencies[person.agency]  # type: ignore[index]
        tx.session.add(
            RoundAuditor(area_id=world.area_id, round_id=found.id, account_id=person.id, agency_id=agency_id, capacity=99)
        )
    return found.id


def _plan(
    tx: Transaction,
    world: World,
    round_id: str,
    place: int,
    reference: str,
    people: Sequence[Person],
    answers: Mapping[str, Sequence[Answer]],
    confidence: str,
) -> str:
    case = ChildCase(area_id=world.area_id, reference=reference, created_at=tx.now)
    tx.session.add(case)
    tx.session.flush()
    version = PlanVersion(
        area_id=world.area_id,
        case_id=case.id,
        number=1,
        year_group=3 + place % 9,
        primary_need="SLCN",
        setting_type="mainstream",
        setting="Oak School",
        team="North",
        plan_event="new_plan",
        imported_at=tx.now,
    )
    tx.session.add(version)
    tx.session.flush()
    plan = RoundPlan(area_id=world.area_id, round_id=round_id, plan_version_id=version.id)
    tx.session.add(plan)
    tx.session.flush()
    for seat, person in enumerate(people):
        _sheet(tx, world, round_id, plan.id, place, person, {key: given[seat] for key, given in answers.items()}, confidence)
    return plan.id


def _sheet(
    tx: Transaction,
    world: World,
    round_id: str,
    plan_id: str,
    place: int,
    person: Person,
    answers: Mapping[str, Answer],
    confidence: str,
) -> None:
    agency_id = world.agencies[person.agency]  # type: ignore[index]
    allocation = Allocation(
        area_id=world.area_id,
        round_id=round_id,
        round_plan_id=plan_id,
        account_id=person.id,
        agency_id=agency_id,
        position=place + 1,
        state=AllocationState.ENDED,
        ended_as=Ending.SUBMITTED,
        allocated_at=tx.now,
        ended_at=tx.now,
    )
    tx.session.add(allocation)
    tx.session.flush()
    sheet = Scoresheet(
        area_id=world.area_id,
        round_id=round_id,
        round_plan_id=plan_id,
        allocation_id=allocation.id,
        account_id=person.id,
        agency_id=agency_id,
        state=SheetState.LOCKED,
        started_at=tx.now,
        saved_at=tx.now,
        submitted_at=tx.now,
    )
    tx.session.add(sheet)
    tx.session.flush()
    tx.session.add_all(
        Rating(
            area_id=world.area_id,
            sheet_id=sheet.id,
            criterion_key=key,
            value=answer if isinstance(answer, int) else None,
            non_score=answer if isinstance(answer, str) else None,
            evidence=f"Evidence {answer} of {key}",
            confidence=confidence,
            saved_at=tx.now,
        )
        for key, answer in answers.items()
    )
