"""Repairing an open round: the smallest change, made exactly as it was shown, never touching started work."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.allocate import actions, repairing, setup
from moderation.allocate.queries import auditor_lines
from moderation.allocate.repairing import Proposal
from moderation.allocate.rules import AllocationState, AuditorChoice, Ending, Swap
from moderation.allocate.tables import Allocation
from moderation.instants import today
from moderation.people.tables import Account, AccountState, Membership
from moderation.post import Outbox
from moderation.words import AgencyKind, Refused, Role
from tests.build import OPERATOR, PASSWORD_HASH, Via, World, WorldBuilt, act_as, allocations_of, an_open_round, transaction


def the_repair(engine: Engine, world: World, round_id: str) -> Proposal:
    with Session(engine) as session:
        return repairing.repair_of(session, world.area_id, round_id)


def standing(engine: Engine, round_id: str) -> dict[tuple[str, str], Allocation]:
    with Session(engine) as session:
        rows = session.exec(select(Allocation).where(Allocation.round_id == round_id))
        return {(row.round_plan_id, row.account_id): row for row in rows if row.ended_as in repairing.STANDING}


def plan_of(engine: Engine, allocation_id: str) -> str:
    with Session(engine) as session:
        return session.exec(select(Allocation.round_plan_id).where(Allocation.id == allocation_id)).one()


def lead(engine: Engine, world: World, action, *args, **kwargs):  # type: ignore[no-untyped-def]
    return act_as(engine, world.grace, world.area_id, action, *args, **kwargs)


def test_nothing_has_to_move_in_a_round_where_every_place_is_filled(engine: Engine, world: World) -> None:
    assert not the_repair(engine, world, an_open_round(engine, world))


def test_a_declined_plan_goes_to_a_colleague_and_nothing_else_moves(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    mine = allocations_of(engine, found, world.helen)[0]
    act_as(engine, world.helen, world.area_id, actions.decline, mine, "no time")
    proposal = the_repair(engine, world, found)
    assert proposal.removed == ()
    assert [(place.plan, place.auditor) for place in proposal.added] == [(plan_of(engine, mine), world.robert.id)]
    assert lead(engine, world, repairing.apply_repair, found, proposal.fingerprint) == 1
    given = standing(engine, found)[plan_of(engine, mine), world.robert.id]
    assert (given.state, given.position) == (AllocationState.OFFERED, 4)
    assert not the_repair(engine, world, found)


def test_only_what_was_shown_is_done(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    first, second = allocations_of(engine, found, world.helen)[:2]
    act_as(engine, world.helen, world.area_id, actions.decline, first, "no time")
    shown = the_repair(engine, world, found).fingerprint
    act_as(engine, world.helen, world.area_id, actions.decline, second, "no time")
    with pytest.raises(Refused, match="Look at the change again"):
        lead(engine, world, repairing.apply_repair, found, shown)
    assert len(standing(engine, found)) == 16


def test_a_repair_made_twice_is_made_once(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    act_as(engine, world.helen, world.area_id, actions.decline, allocations_of(engine, found, world.helen)[0], "no time")
    shown = the_repair(engine, world, found).fingerprint
    lead(engine, world, repairing.apply_repair, found, shown)
    with pytest.raises(Refused):
        lead(engine, world, repairing.apply_repair, found, shown)
    assert len(standing(engine, found)) == 18


def test_somebody_who_is_away_keeps_started_work_only(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    started, *others = allocations_of(engine, found, world.amina)
    act_as(engine, world.amina, world.area_id, actions.mark_started, started)
    lead(engine, world, actions.mark_absent, found, world.amina.id, today())
    proposal = the_repair(engine, world, found)
    assert {place.plan for place in proposal.removed} == {plan_of(engine, one) for one in others}
    lead(engine, world, repairing.apply_repair, found, proposal.fingerprint)
    theirs = [pair for pair in standing(engine, found) if pair[1] == world.amina.id]
    assert theirs == [(plan_of(engine, started), world.amina.id)]
    lead(engine, world, actions.mark_absent, found, world.amina.id, None)
    assert not the_repair(engine, world, found)


def test_somebody_who_is_away_stays_away_when_their_number_changes(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    lead(engine, world, actions.mark_absent, found, world.amina.id, today())
    lead(engine, world, setup.change_capacity, found, world.amina.id, 5)
    assert {place.auditor for place in the_repair(engine, world, found).removed} == {world.amina.id}
    with Session(engine) as session:
        line = next(one for one in auditor_lines(session, world.area_id, found) if one.account_id == world.amina.id)
    assert (line.capacity, line.absent_from) == (5, today())


def test_somebody_who_stops_being_an_auditor_is_like_somebody_who_is_away(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        account = tx.session.get(Account, world.amina.id)
        assert account is not None
        account.state = AccountState.DISABLED
        tx.record(WorldBuilt(world.area_id))
    proposal = the_repair(engine, world, found)
    assert {place.auditor for place in proposal.removed} == {world.amina.id} and len(proposal.removed) == 3
    assert {place.auditor for place in proposal.added} == {world.jana.id}


def test_those_whose_list_changed_get_one_letter_in_the_morning(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    for mine in allocations_of(engine, found, world.helen)[:2]:
        act_as(engine, world.helen, world.area_id, actions.decline, mine, "no time")
    lead(engine, world, repairing.apply_repair, found, the_repair(engine, world, found).fingerprint)
    with Session(engine) as session:
        told = [letter.recipient for letter in session.exec(select(Outbox)) if letter.key.startswith("change:")]
    assert told == [world.robert.email]


def test_what_nobody_can_take_stays_empty_and_is_said(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world, capacity=3)
    act_as(engine, world.helen, world.area_id, actions.decline, allocations_of(engine, found, world.helen)[0], "ill")
    lead(engine, world, actions.mark_absent, found, world.helen.id, today())
    proposal = the_repair(engine, world, found)
    assert not proposal.added and sum(short.short for short in proposal.shortfalls) == 3


def test_a_new_auditor_gets_a_fair_share_of_what_is_not_started(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world, plans=6)
    newcomer = _another_auditor(engine, world)
    lead(engine, world, setup.add_auditor, found, AuditorChoice(newcomer, world.agencies[AgencyKind.CARE], 6))
    act_as(engine, world.tom, world.area_id, actions.mark_started, allocations_of(engine, found, world.tom)[0])
    with Session(engine) as session:
        proposal = repairing.share_of(session, world.area_id, found, newcomer)
    assert {place.auditor for place in proposal.added} == {newcomer}
    lead(engine, world, repairing.apply_share, found, newcomer, proposal.fingerprint)
    loads = [sum(who == person for _, who in standing(engine, found)) for person in (newcomer, world.tom.id, world.shirin.id)]
    assert sum(loads) == 6 and 1 <= loads[0] <= 2 and max(loads) <= 3
    with Session(engine) as session:
        offers = [letter.recipient for letter in session.exec(select(Outbox)) if letter.key == f"offer:{found}:{newcomer}"]
    assert offers == ["new@northfield.example"]


def _another_auditor(engine: Engine, world: World) -> str:
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        account = Account(
            email="new@northfield.example",
            name="New Person",
            password_hash=PASSWORD_HASH,
            state=AccountState.ACTIVE,
            created_at=tx.now,
        )
        tx.session.add(account)
        tx.session.flush()
        care = world.agencies[AgencyKind.CARE]
        tx.session.add(
            Membership(area_id=world.area_id, account_id=account.id, role=Role.AUDITOR, agency_id=care, starts_on=today())
        )
        tx.record(WorldBuilt(world.area_id))
    return account.id


def test_two_auditors_are_exchanged_by_hand_unless_one_has_started(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    helens, roberts = (allocations_of(engine, found, person) for person in (world.helen, world.robert))
    swap = Swap(plan_of(engine, helens[0]), world.helen.id, plan_of(engine, roberts[0]), world.robert.id)
    lead(engine, world, repairing.apply_swap, found, swap, "Distance")
    pairs = standing(engine, found)
    assert (swap.first_plan, world.robert.id) in pairs and (swap.second_plan, world.helen.id) in pairs and len(pairs) == 18
    act_as(engine, world.helen, world.area_id, actions.mark_started, helens[1])
    fixed = Swap(plan_of(engine, helens[1]), world.helen.id, plan_of(engine, roberts[1]), world.robert.id)
    with pytest.raises(Refused, match="has been started"):
        lead(engine, world, repairing.apply_swap, found, fixed, "Distance")


def test_a_plan_never_comes_back_to_somebody_who_gave_it_up(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    mine = allocations_of(engine, found, world.helen)[0]
    act_as(engine, world.helen, world.area_id, actions.decline, mine, "no time")
    lead(engine, world, repairing.apply_repair, found, the_repair(engine, world, found).fingerprint)
    now_roberts = standing(engine, found)[plan_of(engine, mine), world.robert.id].id
    act_as(engine, world.robert, world.area_id, actions.decline, now_roberts, "no time either")
    proposal = the_repair(engine, world, found)
    assert not proposal and proposal.shortfalls
    given = select(Allocation).where(Allocation.round_plan_id == plan_of(engine, mine))
    with Session(engine) as session:
        endings = [row.ended_as for row in session.exec(given)]
    assert endings.count(Ending.DECLINED) == 2
