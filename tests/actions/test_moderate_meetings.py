"""A meeting from its plan to its end: agenda, attendance, votes, decisions, deferral, what is carried over."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.ledger import EventRow
from moderation.moderate import actions, agendas, decisions, filling, meetings
from moderation.moderate.decisions import Decision, Vote
from moderation.moderate.meetings import MeetingTerms
from moderation.moderate.states import Basis, Cause, DisagreementState, MeetingState
from moderation.moderate.tables import AgreedRating, Attendance, Disagreement, Lesson, Meeting, MeetingItem, Revote
from moderation.score.tables import Rating
from moderation.words import InvalidInput, NotFound, Refused, StaleWrite
from tests.build import Person, World, a_world, act_as
from tests.build_moderation import ClosedRound, a_routed_round

TERMS = MeetingTerms("Meeting 1", datetime(2026, 11, 26, 10, tzinfo=UTC))
PLANS = {
    "NF-1": {"B01": (0, 1, 1), "E01": (1, 3, 3)},
    "NF-2": {"B01": (1, 1, 1), "E01": (2, 3, 3)},
    "NF-3": {"B01": (1, 1, 1), "E01": (3, 3, 3)},
}


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def meeting(engine: Engine, world: World, closed: ClosedRound) -> str:
    planned: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    return planned


def rows(engine: Engine, table: type) -> list:  # type: ignore[type-arg]
    with Session(engine) as session:
        return list(session.exec(select(table)))


def cell(engine: Engine, closed: ClosedRound, reference: str, key: str) -> Disagreement:
    plan = closed.plans[reference]
    return next(row for row in rows(engine, Disagreement) if (row.round_plan_id, row.criterion_key) == (plan, key))


def item(engine: Engine, closed: ClosedRound, reference: str, key: str) -> MeetingItem:
    wanted = cell(engine, closed, reference, key).id
    return next(row for row in rows(engine, MeetingItem) if row.disagreement_id == wanted)


def list_all(engine: Engine, world: World, meeting: str) -> None:
    found = sorted(rows(engine, Disagreement), key=lambda row: -row.stake)
    act_as(engine, world.priya, world.area_id, agendas.put_on_agenda, meeting, [row.id for row in found])


def begin(engine: Engine, world: World, meeting: str, *present: Person) -> None:
    list_all(engine, world, meeting)
    act_as(engine, world.priya, world.area_id, meetings.start, meeting)
    people = present or (world.helen, world.amina, world.tom)
    act_as(engine, world.priya, world.area_id, meetings.record_attendance, meeting, [person.id for person in people])


def agreed(closed: ClosedRound, reference: str = "NF-1", key: str = "E01", **changed: object) -> Decision:
    given = {"value": 2, "non_score": None, "basis": Basis.MAJORITY, "reason": "Two of four outcomes have no measure."} | changed
    return Decision(closed.plans[reference], key, **given)  # type: ignore[arg-type]


def test_a_meeting_of_a_closed_round_is_planned_and_numbered(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    assert sorted(row.number for row in rows(engine, Meeting)) == [1, 2]
    assert {row.moderator_id for row in rows(engine, Meeting)} == {world.priya.id}


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (MeetingTerms(" ", TERMS.starts_at), "title"),
        (MeetingTerms("M", TERMS.starts_at, minutes=1, minutes_per_item=1), "minutes"),
        (MeetingTerms("M", TERMS.starts_at, minutes_per_item=0), "minutes_per_item"),
    ],
)
def test_impossible_meetings_are_refused_by_field(
    engine: Engine, world: World, closed: ClosedRound, terms: MeetingTerms, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, terms)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_two_people_who_change_a_meeting_see_both_versions(engine: Engine, world: World, meeting: str) -> None:
    later = MeetingTerms("Later", TERMS.starts_at)
    act_as(engine, world.priya, world.area_id, meetings.change_meeting, meeting, 1, later)
    with pytest.raises(StaleWrite) as stale:
        act_as(engine, world.priya, world.area_id, meetings.change_meeting, meeting, 1, MeetingTerms("Other", TERMS.starts_at))
    assert (stale.value.mine["title"], stale.value.theirs["title"]) == ("Other", "Later")


def test_disagreements_are_listed_once_and_in_order(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    list_all(engine, world, meeting)
    list_all(engine, world, meeting)
    items = sorted(rows(engine, MeetingItem), key=lambda row: row.position)
    assert [row.position for row in items] == [1, 2, 3, 4]
    assert {row.state for row in rows(engine, Disagreement)} == {DisagreementState.LISTED}


def test_what_is_listed_in_one_meeting_cannot_be_listed_in_another(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    list_all(engine, world, meeting)
    second = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    with pytest.raises(Refused, match="on an agenda"):
        list_all(engine, world, second)


def test_a_moderator_never_moderates_a_plan_they_scored(engine: Engine, world: World, closed: ClosedRound) -> None:
    own = act_as(engine, world.helen, world.area_id, meetings.create_meeting, closed.id, TERMS)
    with pytest.raises(Refused, match=r"may not moderate NF-1, NF-2.* they scored it"):
        list_all(engine, world, own)
    assert rows(engine, MeetingItem) == []


def test_items_move_by_one_place_and_come_off(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    list_all(engine, world, meeting)
    first, second, *_ = sorted(rows(engine, MeetingItem), key=lambda row: row.position)
    assert act_as(engine, world.priya, world.area_id, agendas.move_item, meeting, second.id, -1) == 1
    assert act_as(engine, world.priya, world.area_id, agendas.move_item, meeting, second.id, -1) == 1
    assert [row.id for row in sorted(rows(engine, MeetingItem), key=lambda row: row.position)][:2] == [second.id, first.id]
    act_as(engine, world.priya, world.area_id, agendas.take_off, meeting, second.id)
    assert len(rows(engine, MeetingItem)) == 3
    assert next(row for row in rows(engine, Disagreement) if row.id == second.disagreement_id).state is DisagreementState.FOUND


def test_the_free_time_is_filled_with_what_is_worth_most(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    short = MeetingTerms("Short", TERMS.starts_at, minutes=20, minutes_per_item=6)
    second = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, short)
    assert act_as(engine, world.priya, world.area_id, filling.fill_agenda, second) == 3
    assert act_as(engine, world.priya, world.area_id, filling.fill_agenda, second) == 0
    found = rows(engine, Disagreement)
    listed = [row.stake for row in found if row.state is DisagreementState.LISTED]
    assert min(listed) >= max(row.stake for row in found if row.state is DisagreementState.FOUND)
    assert act_as(engine, world.priya, world.area_id, filling.fill_agenda, meeting) == 1


def test_filling_leaves_out_what_the_moderator_scored(engine: Engine, world: World, closed: ClosedRound) -> None:
    own = act_as(engine, world.helen, world.area_id, meetings.create_meeting, closed.id, TERMS)
    assert act_as(engine, world.helen, world.area_id, filling.fill_agenda, own) == 0


def test_an_empty_meeting_does_not_start(engine: Engine, world: World, meeting: str) -> None:
    with pytest.raises(Refused, match="nothing on the agenda"):
        act_as(engine, world.priya, world.area_id, meetings.start, meeting)


def test_a_cancelled_meeting_frees_its_items(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    list_all(engine, world, meeting)
    act_as(engine, world.priya, world.area_id, meetings.cancel_meeting, meeting)
    assert {row.state for row in rows(engine, Disagreement)} == {DisagreementState.FOUND}
    with pytest.raises(Refused, match="cancelled"):
        act_as(engine, world.priya, world.area_id, meetings.start, meeting)


def test_people_arrive_and_leave(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    begin(engine, world, meeting)
    act_as(engine, world.priya, world.area_id, meetings.record_attendance, meeting, [world.helen.id, world.robert.id])
    here = {row.account_id for row in rows(engine, Attendance) if row.arrived_at and not row.left_at}
    assert here == {world.helen.id, world.robert.id} and len(rows(engine, Attendance)) == 4
    with pytest.raises(NotFound):
        act_as(engine, world.priya, world.area_id, meetings.record_attendance, meeting, [world.sam.id])


def test_a_decision_is_recorded_beside_the_ratings(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    before = [row.model_dump() for row in rows(engine, Rating)]
    begin(engine, world, meeting)
    decision = agreed(closed, cause=Cause.GUIDANCE, dissent="It is good.", dissenter="Tom Evans", lesson="Say how many.")
    act_as(engine, world.priya, world.area_id, decisions.decide_item, item(engine, closed, "NF-1", "E01").id, 1, decision)
    (made,) = rows(engine, AgreedRating)
    assert (made.value, made.basis, made.cause, made.dissenter, made.quorate) == (
        2,
        "majority",
        "guidance_unclear",
        "Tom Evans",
        True,
    )
    assert (made.meeting_id, made.decided_by) == (meeting, world.priya.id)
    assert cell(engine, closed, "NF-1", "E01").state is DisagreementState.AGREED
    assert [(row.text, row.state, row.criterion_key) for row in rows(engine, Lesson)] == [("Say how many.", "proposed", "E01")]
    assert [row.model_dump() for row in rows(engine, Rating)] == before


def test_no_event_of_a_meeting_carries_a_rating_or_a_word(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    begin(engine, world, meeting)
    decision = agreed(closed, reason="Canary reason", dissent="Canary dissent", lesson="Canary lesson")
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [decision])
    contents = " ".join(str(row.content) for row in rows(engine, EventRow))
    assert "DisagreementDecided" in {row.name for row in rows(engine, EventRow)}
    assert "Canary" not in contents and "'value'" not in contents


def test_a_decision_without_quorum_is_marked(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    begin(engine, world, meeting, world.helen, world.amina)
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed)])
    assert [row.quorate for row in rows(engine, AgreedRating)] == [False]


def test_the_chairs_decision_is_not_called_agreed(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    begin(engine, world, meeting)
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed, basis=Basis.CHAIR)])
    assert cell(engine, closed, "NF-1", "E01").state is DisagreementState.NOT_AGREED_CHAIR_DECIDED


@pytest.mark.parametrize(
    ("key", "changed", "field"),
    [
        ("E01", {"reason": "  "}, "reason"),
        ("E01", {"value": 5}, "rating"),
        ("E01", {"value": 2.5}, "rating"),
        ("E01", {"value": None}, "rating"),
        ("B01", {"value": None, "non_score": "not_applicable"}, "rating"),
        ("E01", {"value": 2, "non_score": "not_applicable"}, "rating"),
        ("E01", {"dissenter": "Tom Evans"}, "dissent"),
    ],
)
def test_incomplete_decisions_are_refused_by_field(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, key: str, changed: dict[str, object], field: str
) -> None:
    begin(engine, world, meeting)
    with pytest.raises(InvalidInput) as refused:
        act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed, key=key, **changed)])
    assert [problem.field for problem in refused.value.problems] == [field]
    assert rows(engine, AgreedRating) == []


def test_two_moderators_who_decide_at_once_see_both_texts(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    begin(engine, world, meeting)
    key = item(engine, closed, "NF-1", "E01").id
    act_as(engine, world.priya, world.area_id, decisions.decide_item, key, 1, agreed(closed, reason="First."))
    with pytest.raises(StaleWrite) as stale:
        act_as(engine, world.priya, world.area_id, decisions.decide_item, key, 1, agreed(closed, value=3, reason="Second."))
    assert (stale.value.mine["reason"], stale.value.theirs["reason"]) == ("Second.", "First.")
    assert (stale.value.mine["agreed_rating"], stale.value.theirs["agreed_rating"]) == ("Good", "Requires improvement")
    assert [row.reason for row in rows(engine, AgreedRating)] == ["First."]


def test_a_decision_is_never_made_again(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    begin(engine, world, meeting)
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed)])
    with pytest.raises(Refused, match="agreed"):
        act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed)])


def test_somebody_who_scored_the_plan_cannot_write_its_decision(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    begin(engine, world, meeting)
    with pytest.raises(NotFound):
        act_as(engine, world.helen, world.area_id, decisions.decide_item, item(engine, closed, "NF-1", "E01").id, 1, agreed(closed))


def test_a_deferred_item_can_go_into_the_next_meeting(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    begin(engine, world, meeting)
    waiting = item(engine, closed, "NF-1", "E01").id
    with pytest.raises(InvalidInput):
        act_as(engine, world.priya, world.area_id, decisions.defer_item, waiting, 1, " ")
    act_as(engine, world.priya, world.area_id, decisions.defer_item, waiting, 1, "Waiting for the timetable")
    assert cell(engine, closed, "NF-1", "E01").state is DisagreementState.DEFERRED
    second = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    assert act_as(engine, world.priya, world.area_id, agendas.put_on_agenda, second, [cell(engine, closed, "NF-1", "E01").id]) == 1


def test_what_a_meeting_did_not_reach_is_free_again(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    begin(engine, world, meeting)
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed)])
    vote = Vote(closed.plans["NF-1"], "B01", world.helen.id, 1)
    act_as(engine, world.priya, world.area_id, decisions.record_revotes, meeting, [vote])
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    assert {row.state for row in rows(engine, Meeting)} == {MeetingState.CONCLUDED}
    assert cell(engine, closed, "NF-1", "B01").state is DisagreementState.DEFERRED
    assert cell(engine, closed, "NF-2", "E01").state is DisagreementState.FOUND
    assert all(row.left_at for row in rows(engine, Attendance))
    with pytest.raises(Refused, match="concluded"):
        act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed, "NF-2")])


def test_votes_are_linked_to_the_voters_own_ratings(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    begin(engine, world, meeting, world.helen, world.amina, world.tom, world.robert)
    plan = closed.plans["NF-1"]
    votes = [Vote(plan, "E01", person.id, 2) for person in (world.helen, world.amina, world.robert)]
    votes.append(Vote(plan, "E01", world.tom.id, None))
    assert act_as(engine, world.priya, world.area_id, decisions.record_revotes, meeting, votes) == 3
    linked = {row.account_id: row.original_rater for row in rows(engine, Revote)}
    assert linked == {world.helen.id: True, world.amina.id: True, world.tom.id: True, world.robert.id: False}
    assert cell(engine, closed, "NF-1", "E01").state is DisagreementState.DISCUSSED


def test_only_people_in_the_meeting_vote_and_not_after_the_decision(
    engine: Engine, world: World, closed: ClosedRound, meeting: str
) -> None:
    begin(engine, world, meeting)
    plan = closed.plans["NF-1"]
    with pytest.raises(NotFound):
        act_as(engine, world.priya, world.area_id, decisions.record_revotes, meeting, [Vote(plan, "E01", world.robert.id, 2)])
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed)])
    with pytest.raises(Refused, match="too late"):
        act_as(engine, world.priya, world.area_id, decisions.record_revotes, meeting, [Vote(plan, "E01", world.helen.id, 2)])


def test_a_meeting_decides_and_the_round_is_published(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    begin(engine, world, meeting)
    act_as(engine, world.priya, world.area_id, decisions.decide, meeting, [agreed(closed), agreed(closed, "NF-1", "B01", value=0)])
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)
    act_as(engine, world.priya, world.area_id, actions.defer_rest, closed.id)
    act_as(engine, world.grace, world.area_id, actions.publish_round, closed.id)
    found = {(row.round_plan_id, row.criterion_key): (row.value, row.basis.value) for row in rows(engine, AgreedRating)}
    assert found[closed.plans["NF-1"], "E01"] == (2, "majority")
    assert found[closed.plans["NF-1"], "B01"] == (0, "majority")
    assert found[closed.plans["NF-2"], "E01"] == (3, "not_discussed")
    assert len(found) == 6


def test_every_cell_can_be_listed_for_a_complete_revote(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    assert act_as(engine, world.priya, world.area_id, agendas.list_every_cell, meeting) == 6
    triggers = [row.triggers for row in rows(engine, Disagreement)]
    assert triggers.count([]) == 2 and len(triggers) == 6


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_three_thousand_cells_are_listed_voted_and_decided_at_once(engine: Engine, world: World) -> None:
    keys = ("A01", "A03", "E01", "E02", "W04", "W05", "W07")
    plans = {f"P{place:03}": dict.fromkeys(keys, (place % 4 + 1, 3, 2)) for place in range(416)}
    closed = a_routed_round(engine, world, plans)
    meeting = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    assert act_as(engine, world.priya, world.area_id, agendas.list_every_cell, meeting) == 2912
    act_as(engine, world.priya, world.area_id, meetings.start, meeting)
    people = [world.helen.id, world.amina.id, world.tom.id]
    act_as(engine, world.priya, world.area_id, meetings.record_attendance, meeting, people)
    votes = [Vote(plan, key, person, 3) for plan in closed.plans.values() for key in keys for person in people]
    assert act_as(engine, world.priya, world.area_id, decisions.record_revotes, meeting, votes) == 8736
    made = [agreed(closed, reference, key, value=3, basis=Basis.UNANIMOUS) for reference in closed.plans for key in keys]
    assert act_as(engine, world.priya, world.area_id, decisions.decide, meeting, made) == 2912
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)


def test_meetings_of_another_area_are_not_there(engine: Engine, world: World, closed: ClosedRound, meeting: str) -> None:
    begin(engine, world, meeting)
    other = a_world(engine, "Southfield", "southfield.example")
    foreign = item(engine, closed, "NF-1", "E01").id
    for action, *given in (
        (meetings.create_meeting, closed.id, TERMS), (meetings.start, meeting), (meetings.conclude, meeting),
        (meetings.cancel_meeting, meeting), (meetings.record_attendance, meeting, []),
        (agendas.put_on_agenda, meeting, []), (agendas.list_every_cell, meeting),
        (agendas.move_item, meeting, foreign, 1), (agendas.take_off, meeting, foreign),
        (decisions.decide_item, foreign, 1, agreed(closed)), (decisions.defer_item, foreign, 1, "x"),
        (decisions.record_revotes, meeting, []), (decisions.decide, meeting, []),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            act_as(engine, other.priya, other.area_id, action, *given)
