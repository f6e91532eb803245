"""What most rounds leave alone: expertise, plans scored twice, hidden seeds, quotas, repair by itself, large draws."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from moderation.allocate import actions, drawing, experts, ordering, repairing, setup
from moderation.allocate.draft import draft_view
from moderation.allocate.jobs import repair_rounds, work_out_draws
from moderation.allocate.population import eligible_plans
from moderation.allocate.queries import auditor_lines, given, plan_lines, round_view, sample_view
from moderation.allocate.rules import STRATIFIERS, AuditorChoice, Options, RoundTerms, SampleTerms
from moderation.allocate.seeds import candidates
from moderation.allocate.tables import Allocation, CaseMet, Draw, Round, RoundPlan, RoundPlanKind
from moderation.instants import today
from moderation.post import Outbox
from moderation.register.tables import PlanVersion
from moderation.settings import Settings
from moderation.words import AgencyKind, InvalidInput, NotFound, Refused, StaleWrite
from tests.build import OPERATOR, Via, World, a_round, act_as, allocations_of, an_open_round, some_plans, transaction


def lead(engine: Engine, world: World, action, *args, **kwargs):  # type: ignore[no-untyped-def]
    return act_as(engine, world.grace, world.area_id, action, *args, **kwargs)


def the_round(engine: Engine, round_id: str) -> Round:
    with Session(engine) as session:
        return session.exec(select(Round).where(Round.id == round_id)).one()


def the_draw(engine: Engine, round_id: str) -> Draw:
    with Session(engine) as session:
        return session.exec(select(Draw).where(Draw.round_id == round_id).order_by(col(Draw.number).desc())).first()  # type: ignore[return-value]


def draw(engine: Engine, world: World, round_id: str, weighing: int = 3) -> Draw:
    again = "to try something else" if the_round(engine, round_id).state.value == "allocated" else ""
    lead(engine, world, drawing.allocate, round_id, the_round(engine, round_id).version, again, weighing=weighing)
    return the_draw(engine, round_id)


def a_published_round(engine: Engine, world: World, plans: int = 6) -> str:
    """Everybody has scored, and the results are out."""
    found = an_open_round(engine, world, plans)
    for person in world.auditors():
        for one in allocations_of(engine, found, person):
            act_as(engine, person, world.area_id, actions.mark_started, one)
            act_as(engine, person, world.area_id, actions.mark_submitted, one)
    act_as(engine, None, world.area_id, actions.mark_closed, found)
    act_as(engine, None, world.area_id, actions.mark_published, found)
    return found


def a_second_round(engine: Engine, world: World, first: str, plans: int = 6) -> str:
    """With the same people, before its plans are drawn."""
    terms = RoundTerms("Round 2", the_round(engine, first).framework_version_id, today(), today() + timedelta(days=9))
    found = lead(engine, world, setup.create_round, terms)
    lead(engine, world, setup.choose_agencies, found, 1, dict.fromkeys(world.agencies.values(), 1))
    with Session(engine) as session:
        from moderation.allocate.population import possible_auditors

        people = possible_auditors(session, world.area_id)
    lead(engine, world, setup.choose_auditors, found, 2, [AuditorChoice(one.account_id, one.agency_id, 9) for one in people])
    some_plans(engine, world, plans, prefix="S")
    return found


def seeds_of(engine: Engine, round_id: str) -> list[str]:
    with Session(engine) as session:
        chosen = select(RoundPlan.id).join(RoundPlanKind, col(RoundPlanKind.round_plan_id) == RoundPlan.id)
        return list(session.exec(chosen.where(RoundPlan.round_id == round_id)))


# --- expertise --------------------------------------------------------------------------------------------------------------


def test_a_lead_records_what_an_auditor_knows_best_and_a_draw_uses_it(engine: Engine, world: World) -> None:
    found = a_round(engine, world)
    lead(engine, world, experts.record_expertise, world.helen.id, 0, ["SEMH"], ["Post-16"])
    inputs = draw(engine, world, found).inputs
    assert set(inputs["expertise_cost"]) == {world.helen.id}
    assert set(inputs["expertise_cost"][world.helen.id].values()) <= {400, 600, 1000}
    with Session(engine) as session:
        line = experts.expert_line(session, world.area_id, world.helen.id)
        assert (line.needs, line.phases, line.version) == (("SEMH",), ("Post-16",), 1)
        assert "Social, emotional" in line.words and "Post-16" in line.words


def test_expertise_changed_after_the_draw_asks_for_another_draw(engine: Engine, world: World) -> None:
    found = a_round(engine, world)
    draw(engine, world, found)
    lead(engine, world, experts.record_expertise, world.helen.id, 0, ["SEMH"], [])
    with Session(engine) as session:
        assert drawing.readiness(session, world.area_id, the_draw(engine, found)).stale


def test_expertise_of_strangers_and_unknown_needs_are_refused(engine: Engine, world: World) -> None:
    with pytest.raises(NotFound):
        lead(engine, world, experts.record_expertise, world.grace.id, 0, ["SEMH"], [])
    with pytest.raises(InvalidInput):
        lead(engine, world, experts.record_expertise, world.helen.id, 0, ["XXX"], [])


def test_two_leads_who_record_expertise_at_once_see_both_versions(engine: Engine, world: World) -> None:
    lead(engine, world, experts.record_expertise, world.helen.id, 0, ["SEMH"], [])
    lead(engine, world, experts.record_expertise, world.helen.id, 1, ["ASD"], [])
    with pytest.raises(StaleWrite):
        lead(engine, world, experts.record_expertise, world.helen.id, 1, ["MLD"], [])


def test_the_chosen_setting_is_kept_with_the_draw(engine: Engine, world: World) -> None:
    found = a_round(engine, world)
    lead(engine, world, experts.record_expertise, world.helen.id, 0, ["SEMH"], [])
    first, second = draw(engine, world, found), draw(engine, world, found, weighing=1)
    assert (first.weighing, first.inputs["pair_weight"]) == (3, None)
    assert (second.weighing, second.inputs["pair_weight"], second.inputs["linking_share"]) == (1, 0, 0.0)
    assert [line["weighing"] for line in second.outcome["compared"]] == [1, 2, 3, 4, 5]
    with Session(engine) as session:
        assert not drawing.readiness(session, world.area_id, second).stale


# --- plans scored twice -----------------------------------------------------------------------------------------------------


def test_somebody_who_works_part_time_gets_plans_in_proportion(engine: Engine, world: World) -> None:
    found = a_round(engine, world, plans=12, capacity=12)
    with Session(engine) as session:
        lines = [line for line in auditor_lines(session, world.area_id, found) if line.capacity is not None]
        agency = next(line.agency_id for line in lines if sum(one.agency_id == line.agency_id for one in lines) == 2)
    full, part = (line.account_id for line in lines if line.agency_id == agency)
    choices = [AuditorChoice(one.account_id, one.agency_id, 12, 50 if one.account_id == part else 100) for one in lines]
    lead(engine, world, drawing.allocate, found, 4)
    lead(engine, world, setup.choose_auditors, found, 5, choices)
    with Session(engine) as session:
        view = draft_view(session, world.area_id, found)
        name = next(line.name for line in lines if line.account_id == part)
        assert view is not None and view.changes == (f"the working time of {name} changed",)
    lead(engine, world, drawing.allocate, found, 6, "part time")
    with Session(engine) as session:
        loads = Counter(place.auditor for place in drawing.shown_places(session, world.area_id, found))
    assert (loads[full], loads[part]) == (8, 4)


@pytest.mark.parametrize("availability", [0, 101, -5])
def test_a_share_of_full_time_has_limits(engine: Engine, world: World, availability: int) -> None:
    found = a_round(engine, world)
    choice = AuditorChoice(world.helen.id, world.agencies[AgencyKind.EDUCATION], 3, availability)
    with pytest.raises(InvalidInput, match="from 1 to 100"):
        lead(engine, world, setup.choose_auditors, found, 4, [choice])


def test_a_share_of_plans_is_scored_twice_within_an_agency(engine: Engine, world: World) -> None:
    found = a_round(engine, world)
    lead(engine, world, setup.choose_options, found, 4, Options(double_share=50))
    kept = draw(engine, world, found)
    assert Counter(agency for _, agency in kept.inputs["extra"]) == dict.fromkeys(world.agencies.values(), 3)
    assert lead(engine, world, drawing.open_round, found, the_round(engine, found).version) == 18 + 9
    with Session(engine) as session:
        view = draft_view(session, world.area_id, found)
        assert view and (view.ready.places, view.ready.filled, view.scored_twice) == (27, 27, 9)
        assert not repairing.repair_of(session, world.area_id, found)


def test_no_more_plans_are_scored_twice_than_there_is_room_for(engine: Engine, world: World) -> None:
    found = a_round(engine, world, capacity=3)
    lead(engine, world, setup.choose_options, found, 4, Options(double_share=100))
    kept = draw(engine, world, found)
    assert kept.inputs["extra"] == [] and kept.outcome["status"] == "feasible"


# --- seeds ------------------------------------------------------------------------------------------------------------------


def test_a_first_round_has_no_seed(engine: Engine, world: World) -> None:
    assert seeds_of(engine, a_round(engine, world)) == []


def test_a_later_round_gets_one_seed_by_itself_for_everybody_who_never_met_the_case(engine: Engine, world: World) -> None:
    first = a_published_round(engine, world)
    found = a_second_round(engine, world, first)
    assert lead(engine, world, setup.draw_plans, found, 3, SampleTerms(6)) == 6
    (seed,) = seeds_of(engine, found)
    draw(engine, world, found)
    lead(engine, world, drawing.open_round, found, the_round(engine, found).version)
    with Session(engine) as session:
        case_of = select(PlanVersion.case_id).join(RoundPlan, col(RoundPlan.plan_version_id) == PlanVersion.id)
        case = session.exec(case_of.where(RoundPlan.id == seed)).one()
        of_case = select(RoundPlan.id).join(PlanVersion, col(PlanVersion.id) == RoundPlan.plan_version_id)
        everywhere = list(session.exec(of_case.where(PlanVersion.case_id == case)))
        raters = list(session.exec(select(Allocation.account_id).where(col(Allocation.round_plan_id).in_(everywhere))))
    assert sorted(raters) == sorted(person.id for person in world.auditors())  # everybody, and nobody twice


def test_seeds_are_in_no_count_and_no_list_of_the_lead(engine: Engine, world: World) -> None:
    first = a_published_round(engine, world)
    found = a_second_round(engine, world, first)
    lead(engine, world, setup.draw_plans, found, 3, SampleTerms(6))
    (seed,) = seeds_of(engine, found)
    draw(engine, world, found)
    with Session(engine) as session:
        area = world.area_id
        view = draft_view(session, area, found)
        assert round_view(session, area, found).plans == 6 and sample_view(session, area, found).drawn == 6
        assert seed not in {line.round_plan_id for line in plan_lines(session, area, found)}
        assert seed not in {place.plan for place in drawing.shown_places(session, area, found)}
        assert view and (view.ready.plans, view.ready.places) == (6, 18)
        assert sum(load.plans for agency in view.agencies for load in agency.loads) == 18
    lead(engine, world, drawing.open_round, found, the_round(engine, found).version)
    with Session(engine) as session:
        assert seed not in {line.round_plan_id for line in given(session, world.area_id, found)}
        assert drawing.places_in(session, world.area_id, found) == 18


def test_a_lead_may_want_no_seed_or_more(engine: Engine, world: World) -> None:
    first = a_published_round(engine, world)
    found = a_second_round(engine, world, first)
    lead(engine, world, setup.draw_plans, found, 3, SampleTerms(6))
    chosen = seeds_of(engine, found)
    lead(engine, world, setup.choose_options, found, the_round(engine, found).version, Options(seed_plans=3))
    assert len(seeds_of(engine, found)) == 3 and set(chosen) <= set(seeds_of(engine, found))
    lead(engine, world, setup.choose_options, found, the_round(engine, found).version, Options(seed_plans=0))
    assert seeds_of(engine, found) == []


def test_a_seed_that_was_named_stays_when_the_sample_is_drawn_again(engine: Engine, world: World) -> None:
    first = a_published_round(engine, world)
    found = a_second_round(engine, world, first)
    with Session(engine) as session:
        named = candidates(session, world.area_id, found)[0].plan_version_id
    lead(engine, world, setup.add_seed, found, named)
    lead(engine, world, setup.draw_plans, found, the_round(engine, found).version, SampleTerms(6, again=True))
    lead(engine, world, setup.draw_plans, found, the_round(engine, found).version, SampleTerms(5, again=True))
    with Session(engine) as session:
        rows = session.exec(select(RoundPlan.plan_version_id).where(RoundPlan.round_id == found)).all()
    assert len(seeds_of(engine, found)) == 1 and rows.count(named) == 1 and len(rows) == 6


def test_a_plan_that_is_no_candidate_cannot_be_named_as_a_seed(engine: Engine, world: World) -> None:
    first = a_published_round(engine, world)
    found = a_second_round(engine, world, first)
    fresh = some_plans(engine, world, 1, prefix="T")[0]
    with pytest.raises(Refused):
        lead(engine, world, setup.add_seed, found, fresh)
    with pytest.raises(Refused):
        lead(engine, world, setup.add_seed, first, fresh)


def test_somebody_who_met_a_case_in_a_meeting_never_rates_it(engine: Engine, world: World) -> None:
    found = a_round(engine, world)
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        cases = list(tx.session.exec(select(PlanVersion.case_id).where(PlanVersion.area_id == world.area_id)))
        actions.mark_met(tx, "a meeting", [world.helen.id], cases[:4])
        actions.mark_met(tx, "a meeting", [world.helen.id], cases[:4])
    kept = draw(engine, world, found)
    with Session(engine) as session:
        assert len(session.exec(select(CaseMet)).all()) == 4
    assert sum(who == world.helen.id for _, who, _ in kept.inputs["conflicts"]) == 4


# --- quotas -----------------------------------------------------------------------------------------------------------------


def test_a_quota_oversamples_a_group_and_its_plans_weigh_less(engine: Engine, world: World) -> None:
    found = a_round(engine, world, plans=5)
    some_plans(engine, world, 20, prefix="Q")
    lead(engine, world, setup.draw_plans, found, 4, SampleTerms(10, ("primary_need",)))
    strata = the_round(engine, found).sample["strata"]
    name, population, drawn = max(strata, key=lambda line: line[1])
    terms = SampleTerms(10, ("primary_need",), quotas={name: min(population, drawn + 2)})
    lead(engine, world, setup.draw_plans, found, 5, terms)
    with Session(engine) as session:
        rows = session.exec(select(RoundPlan).where(RoundPlan.round_id == found, RoundPlan.stratum == name)).all()
        everything = session.exec(select(RoundPlan).where(RoundPlan.round_id == found)).all()
    assert len(rows) == min(population, drawn + 2)
    assert {row.weight for row in rows} == {population / len(rows)}
    represented = sum(total for _, total, number in the_round(engine, found).sample["strata"] if number)
    assert sum(row.weight for row in everything) == pytest.approx(represented)
    first = {row.plan_version_id for row in everything}
    lead(engine, world, setup.draw_plans, found, 6, terms)
    with Session(engine) as session:
        assert set(session.exec(select(RoundPlan.plan_version_id).where(RoundPlan.round_id == found))) == first


def test_plans_are_drawn_in_proportion_to_each_thing_a_lead_may_choose(engine: Engine, world: World) -> None:
    found = a_round(engine, world, plans=6)
    some_plans(engine, world, 12, prefix="Q")
    with Session(engine) as session:
        population = [plan.attributes for plan in eligible_plans(session, world.area_id, found)]
    for version, key in enumerate(STRATIFIERS, 4):
        lead(engine, world, setup.draw_plans, found, version, SampleTerms(9, (key,)))
        strata = the_round(engine, found).sample["strata"]
        assert {name: total for name, total, _ in strata} == Counter(plan[key] or "not recorded" for plan in population)
        assert all(abs(drawn - 9 * total / 18) < 1 for _, total, drawn in strata)
        assert len(strata) > 1 or key == "plan_event"  # all plans of this world are new ones


def test_a_quota_that_cannot_be_met_is_said_beside_the_size(engine: Engine, world: World) -> None:
    found = a_round(engine, world, plans=5)
    lead(engine, world, setup.draw_plans, found, 4, SampleTerms(5, ("primary_need",)))
    name = the_round(engine, found).sample["strata"][0][0]
    with pytest.raises(InvalidInput) as refusal:
        lead(engine, world, setup.draw_plans, found, 5, SampleTerms(5, ("primary_need",), quotas={name: 99}))
    assert "99" in refusal.value.problems[0].message


# --- repair by itself -------------------------------------------------------------------------------------------------------


def test_a_round_repairs_itself_in_the_morning_if_its_lead_has_said_so(engine: Engine, world: World, settings: Settings) -> None:
    found = an_open_round(engine, world)
    mine = allocations_of(engine, found, world.helen)[0]
    act_as(engine, world.helen, world.area_id, actions.decline, mine, "no time")
    assert repair_rounds(engine, settings) == "0 rounds looked at, 0 places filled"
    lead(engine, world, setup.let_repair, found, True)
    assert repair_rounds(engine, settings) == "1 round looked at, 1 place filled"
    assert repair_rounds(engine, settings) == "1 round looked at, 0 places filled"
    assert len(allocations_of(engine, found, world.robert)) == 4
    with Session(engine) as session:
        letters = session.exec(select(Outbox).where(col(Outbox.subject).contains("a change to your list"))).all()
        assert len(letters) == 1 and letters[0].not_before is not None


# --- large draws ------------------------------------------------------------------------------------------------------------


def test_a_large_draw_is_left_to_the_clock_and_kept_for_whoever_asked(engine: Engine, world: World, settings: Settings) -> None:
    found = a_round(engine, world)
    lead(engine, world, ordering.order_draw, found, 4, "", 3)
    lead(engine, world, ordering.order_draw, found, 4, "", 5)  # pressed twice
    assert work_out_draws(engine, settings) == "1 draw worked out"
    assert the_draw(engine, found).weighing == 3
    with Session(engine) as session:
        assert ordering.order_of(session, world.area_id, found) is None
    assert work_out_draws(engine, settings) == "0 draws worked out"


def test_a_large_draw_of_a_round_that_changed_is_not_kept_and_says_why(engine: Engine, world: World, settings: Settings) -> None:
    found = a_round(engine, world)
    lead(engine, world, ordering.order_draw, found, 4, "", 3)
    lead(engine, world, setup.choose_options, found, 4, Options(repairs_itself=True))
    work_out_draws(engine, settings)
    with Session(engine) as session:
        order = ordering.order_of(session, world.area_id, found)
        assert order and order.failure
    assert the_draw(engine, found) is None
    lead(engine, world, ordering.order_draw, found, 5, "", 3)
    work_out_draws(engine, settings)
    assert the_draw(engine, found).number == 1
