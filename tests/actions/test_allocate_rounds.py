"""A round from its first line to its opening, and what may be changed on the way."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from moderation.allocate import actions, conflicts, drawing, setup
from moderation.allocate.conflicts import NewConflict
from moderation.allocate.freezing import freeze
from moderation.allocate.rules import (
    AllocationState,
    AuditorChoice,
    ConflictWith,
    Ending,
    Options,
    RoundState,
    RoundTerms,
    SampleTerms,
    Swap,
)
from moderation.allocate.tables import Allocation, Draw, Round, RoundAuditor, RoundPlan
from moderation.instants import today
from moderation.ledger import history, verify
from moderation.post import Outbox
from moderation.register.actions import attach_document, record_reading
from moderation.register.gate import close_gate
from moderation.register.gate_deciding import add_findings
from moderation.register.identity.kinds import Found, Kind
from moderation.register.packs import Kept
from moderation.register.tables import ChildCase, Document, DocumentKind, PlanVersion
from moderation.store import Stored
from moderation.words import AgencyKind, InvalidInput, NotFound, Refused, StaleWrite
from tests.build import World, a_round, a_world, act_as, allocations_of, an_open_round, some_plans


def rows(engine: Engine, kind: type, **where: object) -> list:  # type: ignore[type-arg]
    with Session(engine) as session:
        return list(session.exec(select(kind).filter_by(**where)))


def the_round(engine: Engine, round_id: str) -> Round:
    return rows(engine, Round, id=round_id)[0]


def lead(engine: Engine, world: World, action, *args, **kwargs):  # type: ignore[no-untyped-def]
    return act_as(engine, world.grace, world.area_id, action, *args, **kwargs)


def test_a_round_is_drawn_allocated_and_opened(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world, plans=6)
    given = rows(engine, Allocation, round_id=found)
    assert the_round(engine, found).state is RoundState.OPEN
    assert len(given) == 18 and {row.state for row in given} == {AllocationState.OFFERED}
    assert {len(allocations_of(engine, found, person)) for person in world.auditors()} == {3}
    names = [line.name for line in history(Session(engine), world.area_id, found)]
    assert names == ["RoundCreated", "RoundAgenciesChanged", "RoundAuditorsChanged", "SampleDrawn", "PlansAllocated", "RoundOpened"]


def test_each_auditor_gets_one_letter_when_the_round_opens(engine: Engine, world: World) -> None:
    an_open_round(engine, world)
    letters = rows(engine, Outbox)
    assert sorted(letter.recipient for letter in letters) == sorted(person.email for person in world.auditors())
    assert len({letter.body.partition(",")[2] for letter in letters}) == 1


def test_a_draft_gives_auditors_nothing(engine: Engine, world: World) -> None:
    found = a_round(engine, world)
    lead(engine, world, drawing.allocate, found, 4)
    assert rows(engine, Allocation) == [] and rows(engine, Outbox) == []


def test_reading_positions_are_each_auditors_own(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world, plans=6)
    for person in world.auditors():
        positions = [row.position for row in rows(engine, Allocation, round_id=found, account_id=person.id)]
        assert sorted(positions) == [1, 2, 3]


def test_the_same_inputs_draw_the_same_plans_again(engine: Engine, world: World) -> None:
    found = a_round(engine, world, plans=5)
    some_plans(engine, world, 20, prefix="Q")
    lead(engine, world, setup.draw_plans, found, 4, SampleTerms(8, ("primary_need",)))
    first = {row.plan_version_id for row in rows(engine, RoundPlan, round_id=found)}
    lead(engine, world, setup.draw_plans, found, 5, SampleTerms(8, ("primary_need",)))
    assert {row.plan_version_id for row in rows(engine, RoundPlan, round_id=found)} == first
    assert len(first) == 8


def test_only_released_plans_can_be_drawn(engine: Engine, world: World) -> None:
    found = a_round(engine, world, plans=3)
    some_plans(engine, world, 5, is_released=False, prefix="N")
    with pytest.raises(InvalidInput, match="3 plans qualify"):
        lead(engine, world, setup.draw_plans, found, 4, SampleTerms(4))


def test_an_excluded_plan_is_not_drawn_and_may_come_back(engine: Engine, world: World) -> None:
    found = a_round(engine, world, plans=3)
    lead(engine, world, setup.exclude_plan, found, "p002", "Tribunal")
    with pytest.raises(InvalidInput, match="2 plans qualify"):
        lead(engine, world, setup.draw_plans, found, 5, SampleTerms(3))
    line = the_round(engine, found).sample["excluded"][0]
    assert (line["reference"], line["reason"]) == ("P002", "Tribunal")
    lead(engine, world, setup.include_plan, found, line["plan_version_id"])
    lead(engine, world, setup.draw_plans, found, 6, SampleTerms(3))


def test_excluding_an_unknown_plan_names_it(engine: Engine, world: World) -> None:
    found = a_round(engine, world, plans=3)
    with pytest.raises(InvalidInput, match="ZZZ"):
        lead(engine, world, setup.exclude_plan, found, "ZZZ", "Tribunal")


def test_plans_of_another_round_are_drawn_only_when_asked_for(engine: Engine, world: World) -> None:
    first = an_open_round(engine, world, plans=4)
    terms = RoundTerms("Round 2", the_round(engine, first).framework_version_id, today(), today() + timedelta(days=9))
    second = lead(engine, world, setup.create_round, terms)
    with pytest.raises(InvalidInput, match="No plan qualifies"):
        lead(engine, world, setup.draw_plans, second, 1, SampleTerms(1))
    with pytest.raises(InvalidInput, match="No plan qualifies"):  # the first round is still open
        lead(engine, world, setup.draw_plans, second, 1, SampleTerms(1, again=True))
    act_as(engine, None, world.area_id, actions.mark_closed, first)
    act_as(engine, None, world.area_id, actions.mark_published, first)
    with pytest.raises(InvalidInput, match="no hidden plans"):  # it hides its own among them
        lead(engine, world, setup.draw_plans, second, 1, SampleTerms(1, again=True))
    lead(engine, world, setup.choose_options, second, 1, Options(seed_plans=0))
    assert lead(engine, world, setup.draw_plans, second, 2, SampleTerms(4, again=True)) == 4


def test_rounds_are_numbered(engine: Engine, world: World) -> None:
    first = a_round(engine, world)
    terms = RoundTerms("Next", the_round(engine, first).framework_version_id, today(), today() + timedelta(days=9))
    assert the_round(engine, lead(engine, world, setup.create_round, terms)).number == 2


def test_two_leads_who_choose_auditors_at_once_see_both_versions(engine: Engine, world: World) -> None:
    found = a_round(engine, world)
    choice = AuditorChoice(world.helen.id, world.agencies[AgencyKind.EDUCATION], 3)
    lead(engine, world, setup.choose_auditors, found, 4, [choice])
    with pytest.raises(StaleWrite) as stale:
        lead(engine, world, setup.choose_auditors, found, 4, [])
    assert stale.value.theirs == {"Helen Marsh": "3"}
    assert len(rows(engine, RoundAuditor, round_id=found)) == 1


def test_an_agency_that_leaves_takes_its_auditors_along(engine: Engine, world: World) -> None:
    found = a_round(engine, world)
    lead(engine, world, setup.choose_agencies, found, 4, {world.agencies[AgencyKind.HEALTH]: 2, world.agencies[AgencyKind.CARE]: 0})
    assert {row.account_id for row in rows(engine, RoundAuditor, round_id=found)} == {world.amina.id, world.jana.id}


def test_a_stranger_cannot_be_chosen_as_auditor(engine: Engine, world: World) -> None:
    found = a_round(engine, world)
    with pytest.raises(Refused):
        lead(engine, world, setup.choose_auditors, found, 4, [AuditorChoice(world.grace.id, world.agencies[AgencyKind.CARE], 3)])


def test_another_areas_round_does_not_exist(engine: Engine, world: World) -> None:
    found = a_round(engine, world)
    elsewhere = a_world(engine, "Southfield", "southfield.example")
    for attempt in (lambda tx: setup.draw_plans(tx, found, 4, SampleTerms(1)), lambda tx: drawing.allocate(tx, found, 4)):
        with pytest.raises(NotFound):
            act_as(engine, elsewhere.grace, elsewhere.area_id, attempt)


def test_a_conflict_with_a_case_a_setting_or_a_team_is_respected(engine: Engine, world: World) -> None:
    found = a_round(engine, world, plans=6)
    lead(engine, world, conflicts.record_conflict, NewConflict(world.helen.id, ConflictWith.CASE, "P001", "wrote the advice"))
    lead(engine, world, conflicts.record_conflict, NewConflict(world.amina.id, ConflictWith.SETTING, "school 2", "governor"))
    lead(engine, world, conflicts.record_conflict, NewConflict(world.tom.id, ConflictWith.TEAM, "Team 0", "managed it"))
    lead(engine, world, drawing.allocate, found, 4)
    lead(engine, world, drawing.open_round, found, 5)
    plans_of = {person.id: _plans_of(engine, found, person.id) for person in world.auditors()}
    assert "P001" not in {reference for reference, *_ in plans_of[world.helen.id]}
    assert "School 2" not in {setting for _, setting, _ in plans_of[world.amina.id]}
    assert "Team 0" not in {team for *_, team in plans_of[world.tom.id]}


def _plans_of(engine: Engine, round_id: str, account_id: str) -> list[tuple[str, str, str]]:
    chosen = (
        select(ChildCase.reference, PlanVersion.setting, PlanVersion.team)
        .join(PlanVersion, col(PlanVersion.case_id) == ChildCase.id)
        .join(RoundPlan, col(RoundPlan.plan_version_id) == PlanVersion.id)
        .join(Allocation, col(Allocation.round_plan_id) == RoundPlan.id)
        .where(Allocation.round_id == round_id, Allocation.account_id == account_id)
    )
    with Session(engine) as session:
        return list(session.exec(chosen))  # type: ignore[arg-type]


def test_a_conflict_said_twice_is_recorded_once_and_cleared_by_somebody_else(engine: Engine, world: World) -> None:
    new = NewConflict(world.helen.id, ConflictWith.TEAM, "Team 0", "managed it")
    first = lead(engine, world, conflicts.record_conflict, new)
    assert lead(engine, world, conflicts.record_conflict, new) == first
    with pytest.raises(Refused, match="of your own"):
        act_as(engine, world.helen, world.area_id, conflicts.clear_conflict, first)
    lead(engine, world, conflicts.clear_conflict, first)
    lead(engine, world, conflicts.clear_conflict, first)
    assert conflicts.standing_conflicts(Session(engine), world.area_id) == []


def test_a_short_draft_is_kept_explained_and_opened_only_on_purpose(engine: Engine, world: World) -> None:
    found = a_round(engine, world, plans=6, capacity=2)
    lead(engine, world, drawing.allocate, found, 4)
    draw = rows(engine, Draw, round_id=found)[0]
    assert draw.outcome["status"] == "infeasible" and len(draw.outcome["short"]) == 3
    with pytest.raises(InvalidInput, match="6 of 18 places empty"):
        lead(engine, world, drawing.open_round, found, 5)
    assert lead(engine, world, drawing.open_round, found, 5, confirmed=True) == 12


def test_a_redraw_is_numbered_needs_a_reason_and_keeps_the_first(engine: Engine, world: World) -> None:
    found = a_round(engine, world)
    lead(engine, world, drawing.allocate, found, 4)
    with pytest.raises(InvalidInput, match="reason"):
        lead(engine, world, drawing.allocate, found, 5)
    lead(engine, world, drawing.allocate, found, 5, "A new conflict")
    draws = sorted(rows(engine, Draw, round_id=found), key=lambda draw: draw.number)
    assert [(draw.number, draw.reason) for draw in draws] == [(1, None), (2, "A new conflict")]
    assert len({draw.commitment for draw in draws}) == 2


def test_a_change_after_the_draw_asks_for_another_draw(engine: Engine, world: World) -> None:
    found = a_round(engine, world)
    lead(engine, world, drawing.allocate, found, 4)
    lead(engine, world, conflicts.record_conflict, NewConflict(world.helen.id, ConflictWith.CASE, "P001", "met the family"))
    with pytest.raises(Refused, match="Draw again"):
        lead(engine, world, drawing.open_round, found, 5)


def test_a_draw_worked_out_before_a_change_is_not_kept(engine: Engine, world: World) -> None:
    found = a_round(engine, world)
    with Session(engine) as session:
        solved = drawing.work_out(session, world.area_id, found)
    lead(engine, world, conflicts.record_conflict, NewConflict(world.helen.id, ConflictWith.CASE, "P001", "met the family"))
    with pytest.raises(Refused, match="Nothing was kept"):
        lead(engine, world, drawing.allocate, found, 4, "", solved)


def test_a_round_without_plans_or_auditors_cannot_be_allocated(engine: Engine, world: World) -> None:
    found = a_round(engine, world)
    lead(engine, world, setup.choose_auditors, found, 4, [])
    with pytest.raises(Refused, match="Choose agencies"):
        lead(engine, world, drawing.allocate, found, 5)


def test_two_auditors_are_swapped_by_hand(engine: Engine, world: World) -> None:
    found = a_round(engine, world, plans=6)
    lead(engine, world, drawing.allocate, found, 4)
    places = drawing.drafted(rows(engine, Draw, round_id=found)[0])
    helens = next(place.plan for place in places if place.auditor == world.helen.id)
    roberts = next(place.plan for place in places if place.auditor == world.robert.id)
    lead(engine, world, drawing.swap_draft, found, 5, Swap(helens, world.helen.id, roberts, world.robert.id), "Distance")
    after = {(place.plan, place.auditor) for place in drawing.drafted(rows(engine, Draw, round_id=found)[0])}
    assert {(helens, world.robert.id), (roberts, world.helen.id)} <= after and len(after) == 18
    with pytest.raises(Refused, match="no longer has"):
        lead(engine, world, drawing.swap_draft, found, 6, Swap(helens, world.helen.id, roberts, world.robert.id), "Again")


def test_a_plan_left_out_makes_the_draft_stale(engine: Engine, world: World) -> None:
    found = a_round(engine, world, plans=6)
    lead(engine, world, drawing.allocate, found, 4)
    plan = rows(engine, RoundPlan, round_id=found)[0].id
    lead(engine, world, setup.leave_out, plan, "Complaint")
    lead(engine, world, drawing.allocate, found, 5, "One plan left out")
    assert lead(engine, world, drawing.open_round, found, 6) == 15


def test_a_plan_left_out_is_not_drawn_again(engine: Engine, world: World) -> None:
    found = a_round(engine, world, plans=6)
    out = rows(engine, RoundPlan, round_id=found)[0]
    lead(engine, world, setup.leave_out, out.id, "Complaint")
    lead(engine, world, setup.draw_plans, found, 4, SampleTerms(5))
    assert out.plan_version_id not in {row.plan_version_id for row in rows(engine, RoundPlan, round_id=found)}
    assert [line["reason"] for line in rows(engine, Round, id=found)[0].sample["excluded"]] == ["Complaint"]


def test_a_round_does_not_open_with_a_pack_whose_confirmation_was_taken_back(engine: Engine, world: World) -> None:
    found = a_round(engine, world, plans=6)
    lead(engine, world, drawing.allocate, found, 4)
    plan = rows(engine, RoundPlan, round_id=found)[0].plan_version_id
    version = rows(engine, PlanVersion, id=plan)[0].version
    lead(engine, world, close_gate, plan, version)
    with pytest.raises(Refused, match="The audit pack is not released for P00"):
        lead(engine, world, drawing.open_round, found, 5)


def test_a_round_allocated_elsewhere_keeps_its_places(engine: Engine, world: World) -> None:
    found = a_round(engine, world, plans=2)
    plans = [row.id for row in rows(engine, RoundPlan, round_id=found)]
    places = [(plan, person.id) for plan in plans for person in (world.helen, world.robert, world.amina)]
    lead(engine, world, drawing.allocate_as_given, found, places)
    assert lead(engine, world, drawing.open_round, found, 5) == 6
    assert {(row.round_plan_id, row.account_id) for row in rows(engine, Allocation, round_id=found)} == set(places)


def test_an_auditor_never_meets_a_case_twice(engine: Engine, world: World) -> None:
    first = an_open_round(engine, world, plans=4)
    met = _plans_of(engine, first, world.helen.id)
    act_as(engine, None, world.area_id, actions.mark_closed, first)
    act_as(engine, None, world.area_id, actions.mark_published, first)
    terms = RoundTerms("Round 2", the_round(engine, first).framework_version_id, today(), today() + timedelta(days=9))
    second = lead(engine, world, setup.create_round, terms)
    lead(engine, world, setup.choose_agencies, second, 1, {world.agencies[AgencyKind.EDUCATION]: 1})
    education = world.agencies[AgencyKind.EDUCATION]
    lead(
        engine,
        world,
        setup.choose_auditors,
        second,
        2,
        [AuditorChoice(person.id, education, 4) for person in (world.helen, world.robert)],
    )
    lead(engine, world, setup.choose_options, second, 3, Options(seed_plans=0))
    lead(engine, world, setup.draw_plans, second, 4, SampleTerms(4, again=True))
    lead(engine, world, drawing.allocate, second, 5)
    lead(engine, world, drawing.open_round, second, 6)
    assert not {one[0] for one in met} & {one[0] for one in _plans_of(engine, second, world.helen.id)}


def test_whoever_has_seen_the_real_names_of_a_case_is_not_given_it(engine: Engine, world: World) -> None:
    found = a_round(engine, world, plans=6)
    read, worked, other, uploaded = rows(engine, RoundPlan, round_id=found)[:4]
    document = rows(engine, Document, plan_version_id=read.plan_version_id)[0].id
    act_as(engine, world.helen, world.area_id, record_reading, document, 1)
    lead(engine, world, close_gate, worked.plan_version_id, 1)
    act_as(
        engine, world.helen, world.area_id, add_findings, worked.plan_version_id, [Found(0, 0, 0, 4, Kind.ADDED, "CHILD")], "CHILD"
    )
    kept = Kept(Stored("somewhere", "key", "1" * 64, 10), 1)
    act_as(engine, world.helen, world.area_id, attach_document, uploaded.plan_version_id, DocumentKind.OTHER, None, kept)
    lead(engine, world, record_reading, rows(engine, Document, plan_version_id=other.plan_version_id)[0].id)  # Grace rates nobody
    with Session(engine) as session:
        bars = freeze(session, world.area_id, found).conflicts
    assert {(bar.plan, bar.auditor, bar.reason) for bar in bars} == {
        (plan.id, world.helen.id, "has uploaded or seen the audit pack with the real names") for plan in (read, worked, uploaded)
    }


# --- an open round ----------------------------------------------------------------------------------------------------------


def test_an_auditor_accepts_starts_and_submits(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    mine = allocations_of(engine, found, world.helen)[0]
    for verb in (
        actions.accept,
        actions.accept,
        actions.mark_started,
        actions.mark_started,
        actions.mark_submitted,
        actions.mark_submitted,
    ):
        act_as(engine, world.helen, world.area_id, verb, mine)
    row = rows(engine, Allocation, id=mine)[0]
    assert (row.state, row.ended_as) == (AllocationState.ENDED, Ending.SUBMITTED)
    lead(engine, world, actions.mark_reopened, mine)
    assert rows(engine, Allocation, id=mine)[0].state is AllocationState.STARTED


def test_starting_accepts(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    mine = allocations_of(engine, found, world.helen)[0]
    act_as(engine, world.helen, world.area_id, actions.mark_started, mine)
    names = [line.name for line in history(Session(engine), world.area_id, mine)]
    assert names == ["AllocationAccepted", "AllocationStarted"]


def test_somebody_elses_allocation_does_not_exist(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    hers = allocations_of(engine, found, world.helen)[0]
    for verb in (actions.accept, actions.mark_started, actions.mark_submitted):
        with pytest.raises(NotFound):
            act_as(engine, world.robert, world.area_id, verb, hers)
    with pytest.raises(NotFound):
        act_as(engine, world.robert, world.area_id, actions.decline, hers, "no time")


def test_a_conflict_declared_on_a_plan_hands_it_back_and_bars_the_case(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    offered, started = allocations_of(engine, found, world.helen)[:2]
    act_as(engine, world.helen, world.area_id, actions.mark_started, started)
    for mine in (offered, started):
        first = act_as(engine, world.helen, world.area_id, actions.declare_conflict, mine, "knows the family")
        assert act_as(engine, world.helen, world.area_id, actions.declare_conflict, mine, "knows the family") == first
    endings = [rows(engine, Allocation, id=mine)[0].ended_as for mine in (offered, started)]
    assert endings == [Ending.DECLINED, Ending.HANDED_BACK]
    assert len(conflicts.standing_conflicts(Session(engine), world.area_id)) == 2


def test_a_plan_goes_back_even_where_a_lead_had_recorded_the_conflict(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    mine = allocations_of(engine, found, world.helen)[0]
    plan = rows(engine, RoundPlan, id=rows(engine, Allocation, id=mine)[0].round_plan_id)[0]
    case = rows(engine, ChildCase, id=rows(engine, PlanVersion, id=plan.plan_version_id)[0].case_id)[0]
    known = NewConflict(world.helen.id, ConflictWith.CASE, case.reference, "taught the child")
    first = lead(engine, world, conflicts.record_conflict, known)
    assert act_as(engine, world.helen, world.area_id, actions.declare_conflict, mine, "knows the family") == first
    assert rows(engine, Allocation, id=mine)[0].ended_as is Ending.DECLINED


def test_declining_needs_a_reason(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    mine = allocations_of(engine, found, world.helen)[0]
    with pytest.raises(InvalidInput):
        act_as(engine, world.helen, world.area_id, actions.decline, mine, " ")
    for _ in range(2):
        act_as(engine, world.helen, world.area_id, actions.decline, mine, "away")
    assert rows(engine, Allocation, id=mine)[0].reason == "away"


def test_closing_lapses_what_is_unfinished(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    mine = allocations_of(engine, found, world.helen)[0]
    act_as(engine, world.helen, world.area_id, actions.mark_started, mine)
    act_as(engine, world.helen, world.area_id, actions.mark_submitted, mine)
    act_as(engine, None, world.area_id, actions.mark_closed, found)
    endings = [row.ended_as for row in rows(engine, Allocation, round_id=found)]
    assert endings.count(Ending.SUBMITTED) == 1 and endings.count(Ending.LAPSED) == 17
    with pytest.raises(Refused):
        act_as(engine, world.helen, world.area_id, actions.accept, allocations_of(engine, found, world.helen)[1])


def test_a_withdrawn_plan_ends_its_unfinished_sheets_and_says_nothing_of_why(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    plan = rows(engine, RoundPlan, round_id=found)[0].id
    lead(engine, world, actions.withdraw_plan, plan, "A name was left in the papers")
    lead(engine, world, actions.withdraw_plan, plan, "A name was left in the papers")
    assert {row.ended_as for row in rows(engine, Allocation, round_plan_id=plan)} == {Ending.WITHDRAWN}
    told = [letter for letter in rows(engine, Outbox) if letter.key.startswith("change:")]
    assert len(told) == 3 and not any("papers" in letter.body for letter in told)


def test_several_changes_in_a_day_are_one_letter(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    closes = the_round(engine, found).closes_on
    for version, days in ((6, 1), (7, 2)):
        lead(engine, world, actions.move_closing_date, found, version, closes + timedelta(days=days))
    assert the_round(engine, found).closes_on == closes + timedelta(days=2)
    told = [letter for letter in rows(engine, Outbox) if letter.key.startswith("change:")]
    assert len(told) == 6


def test_a_closing_date_moved_on_an_old_page_shows_both(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    with pytest.raises(StaleWrite) as stale:
        lead(engine, world, actions.move_closing_date, found, 1, date(2099, 1, 1))
    assert stale.value.theirs == {"closes_on": the_round(engine, found).closes_on}


def test_an_abandoned_round_ends_everything(engine: Engine, world: World) -> None:
    found = an_open_round(engine, world)
    lead(engine, world, actions.abandon_round, found, the_round(engine, found).version)
    assert the_round(engine, found).state is RoundState.ABANDONED
    assert {row.state for row in rows(engine, Allocation, round_id=found)} == {AllocationState.ENDED}


def test_the_ledger_stands_after_all_of_it(engine: Engine, world: World, tmp_path) -> None:  # type: ignore[no-untyped-def]
    an_open_round(engine, world)
    assert verify(engine, tmp_path / "heads").fault is None
