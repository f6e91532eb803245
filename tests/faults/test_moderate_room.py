"""What can go wrong in a meeting, each with its outcome: two decide at once, the server dies, the chair goes, clocks change."""

import re
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from moderation.instants import frozen
from moderation.ledger import EventRow
from moderation.moderate import ballots, decisions, drafts, meetings
from moderation.moderate.item_states import item_state
from moderation.moderate.queries_agenda import agenda_items
from moderation.moderate.queries_meetings import meeting_facts
from moderation.moderate.queries_room import room_page
from moderation.moderate.steps import Step
from moderation.moderate.tables import AgreedRating, Ballot, MeetingItem, Revote
from moderation.settings import Settings
from moderation.words import Refused, StaleWrite
from tests.actions.test_moderate_meetings import TERMS, agreed, item, list_all, rows
from tests.build import Person, World, act_as
from tests.build_moderation import ClosedRound, a_routed_round
from tests.conftest import SignIn
from tests.faults.test_crash_sheets import cookie_of, post, serving

PLANS = {"NF-1": {"E01": (1, 3, 3)}}


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


def held(engine: Engine, world: World, closed: ClosedRound, starts: datetime = TERMS.starts_at, minutes: int = 90) -> MeetingItem:
    """A meeting in session; its only item."""
    terms = replace(TERMS, starts_at=starts, minutes=minutes)
    meeting = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, terms)
    list_all(engine, world, meeting)
    act_as(engine, world.priya, world.area_id, meetings.begin, meeting, [world.helen.id, world.amina.id, world.tom.id])
    return item(engine, closed, "NF-1", "E01")


def test_of_two_moderators_who_decide_at_the_same_moment_one_is_shown_both(
    engine: Engine, world: World, closed: ClosedRound
) -> None:
    at, refused = held(engine, world, closed), []

    def decide(person: Person, reason: str) -> None:
        made = agreed(closed, reason=reason)
        try:
            act_as(engine, person, world.area_id, decisions.decide_item, at.id, at.version, made)
        except StaleWrite as clash:
            refused.append((clash.mine["reason"], clash.theirs["reason"]))

    threads = [threading.Thread(target=decide, args=one) for one in ((world.priya, "The first"), (world.ruth, "The second"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (made,) = rows(engine, AgreedRating)
    (clash,) = refused
    assert {*clash} == {"The first", "The second"} and clash[1] == made.reason
    assert sum(row.name == "DisagreementDecided" for row in rows(engine, EventRow)) == 1


def test_a_server_killed_between_reveal_and_decision_loses_nothing(
    settings: Settings, engine: Engine, world: World, closed: ClosedRound, sign_in: SignIn
) -> None:
    at = held(engine, world, closed)
    url = f"/meetings/{at.meeting_id}/items/{at.id}"
    chair, helen = cookie_of(settings, engine, world.priya), cookie_of(settings, engine, world.helen)
    with serving(settings) as (port, process):
        assert post(port, f"{url}/step", chair, {"to": "voting"}, htmx=False)
        assert post(port, f"/meetings/{at.meeting_id}/room/vote", helen, {"item": at.id, "answer": "2"}, htmx=False)
        assert post(port, f"{url}/step", chair, {"to": "revealed"}, htmx=False)
        kept = post(port, f"{url}/draft", chair, {"reason": "Two of four have", "window": "w", "draft_version": "0"})
        assert kept is not None and kept.status == 200
        process.kill()
        process.wait()
    page = sign_in(world.priya).get(url).text
    assert "1 vote" in page and "Two of four have</textarea>" in page
    version = re.search(r'name="version" value="(\d+)"', page)[1]  # type: ignore[index]
    given = {"rating": "2", "reason": "Two of four have no measure.", "dissent": "none", "version": version}
    assert sign_in(world.priya).post(url, data=given).status_code == 303
    assert [row.reason for row in rows(engine, AgreedRating)] == ["Two of four have no measure."]


def test_when_the_chair_leaves_another_moderator_goes_on(engine: Engine, world: World, closed: ClosedRound) -> None:
    at = held(engine, world, closed)
    act_as(engine, world.priya, world.area_id, ballots.take_step, at.meeting_id, at.id, Step.VOTING)
    act_as(engine, world.helen, world.area_id, ballots.cast, at.meeting_id, at.id, "2")
    act_as(engine, world.priya, world.area_id, drafts.save_draft, at.meeting_id, at.id, "w1", 0, {"reason": "Half a sen"})
    act_as(engine, world.ruth, world.area_id, ballots.take_step, at.meeting_id, at.id, Step.REVEALED)
    (found,) = rows(engine, MeetingItem)
    assert found.draft["values"] == {"reason": "Half a sen"} and [row.value for row in rows(engine, Revote)] == [2]
    act_as(engine, world.ruth, world.area_id, decisions.decide_item, at.id, found.version, agreed(closed))
    (made,) = rows(engine, AgreedRating)
    assert made.decided_by == world.ruth.id


def test_who_leaves_during_a_vote_is_not_waited_for_and_a_vote_that_is_in_counts(
    engine: Engine, world: World, closed: ClosedRound
) -> None:
    at = held(engine, world, closed)
    act_as(engine, world.priya, world.area_id, ballots.take_step, at.meeting_id, at.id, Step.VOTING)
    act_as(engine, world.helen, world.area_id, ballots.cast, at.meeting_id, at.id, "2")
    for _ in range(2):
        act_as(engine, world.helen, world.area_id, ballots.leave, at.meeting_id)
    act_as(engine, world.tom, world.area_id, ballots.leave, at.meeting_id)
    with Session(engine) as session:
        state = item_state(session, world.area_id, at.meeting_id, world.amina.id)
    assert state and (state.voters, state.voted) == (1, 0)
    assert act_as(engine, world.amina, world.area_id, ballots.cast, at.meeting_id, at.id, "3")
    assert sorted(row.value for row in rows(engine, Revote)) == [2, 3]


def test_a_vote_at_the_moment_of_the_reveal_is_counted_or_refused_and_never_left_over(
    engine: Engine, world: World, closed: ClosedRound
) -> None:
    at, refused = held(engine, world, closed), []
    act_as(engine, world.priya, world.area_id, ballots.take_step, at.meeting_id, at.id, Step.VOTING)
    act_as(engine, world.helen, world.area_id, ballots.cast, at.meeting_id, at.id, "2")

    def vote() -> None:
        try:
            act_as(engine, world.amina, world.area_id, ballots.cast, at.meeting_id, at.id, "3")
        except Refused as late:
            refused.append(str(late))

    def reveal() -> None:
        act_as(engine, world.priya, world.area_id, ballots.take_step, at.meeting_id, at.id, Step.REVEALED)

    threads = [threading.Thread(target=one) for one in (vote, reveal)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    votes = sorted(row.value or 0 for row in rows(engine, Revote))
    assert rows(engine, Ballot) == []
    assert (votes, len(refused)) in (([2, 3], 0), ([2], 1)) and all("too late" in words for words in refused)


def test_who_comes_late_is_waited_for(engine: Engine, world: World, closed: ClosedRound) -> None:
    at = held(engine, world, closed)
    act_as(engine, world.tom, world.area_id, ballots.leave, at.meeting_id)
    act_as(engine, world.priya, world.area_id, ballots.take_step, at.meeting_id, at.id, Step.VOTING)
    act_as(engine, world.helen, world.area_id, ballots.cast, at.meeting_id, at.id, "2")
    act_as(engine, world.tom, world.area_id, ballots.join, at.meeting_id)
    assert not act_as(engine, world.amina, world.area_id, ballots.cast, at.meeting_id, at.id, "3")
    assert len(rows(engine, Ballot)) == 2
    assert act_as(engine, world.tom, world.area_id, ballots.cast, at.meeting_id, at.id, "3")


def test_a_meeting_past_midnight_says_both_dates(engine: Engine, world: World, closed: ClosedRound, sign_in: SignIn) -> None:
    late = datetime(2026, 11, 26, 23, 50, tzinfo=UTC)
    with frozen(late):
        at = held(engine, world, closed, late)
        act_as(engine, world.priya, world.area_id, ballots.take_up, at.meeting_id, at.id)
    with frozen(late + timedelta(minutes=20)):
        act_as(engine, world.priya, world.area_id, decisions.decide_item, at.id, at.version, agreed(closed))
        act_as(engine, world.priya, world.area_id, meetings.conclude, at.meeting_id)
        page = " ".join(sign_in(world.priya).get(f"/meetings/{at.meeting_id}/minutes").text.split())
    assert "26 November 2026, 11:50pm to 27 November 2026, 12:10am" in page


AUTUMN = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)  # half past midnight in London; at two the clocks go back to one


def test_when_the_clocks_go_back_a_meeting_and_an_item_are_as_long_as_planned(
    engine: Engine, world: World, closed: ClosedRound
) -> None:
    with frozen(AUTUMN):
        at = held(engine, world, closed, AUTUMN, minutes=120)
    opened = AUTUMN + timedelta(minutes=88)  # 1:58am, in summer time
    with frozen(opened):
        act_as(engine, world.priya, world.area_id, ballots.take_up, at.meeting_id, at.id)
    with Session(engine) as session:
        found = meeting_facts(session, world.area_id, at.meeting_id)
        page = room_page(session, world.area_id, at.meeting_id, at.id, world.priya.id)
        agenda = agenda_items(session, world.area_id, found)
    assert found.ends_at - found.starts_at == timedelta(hours=2) and agenda[0].starts_at == AUTUMN + timedelta(minutes=5)
    assert page.ends_at == opened + timedelta(minutes=6)
    assert [page.time_left(opened + timedelta(minutes=n)) for n in (0, 1, 6, 8)] == [
        "6 min left", "5 min left", "0 min left, 0 over", "0 min left, 2 over",
    ]  # fmt: skip


def test_a_time_that_the_clocks_skip_is_refused(sign_in: SignIn, world: World, closed: ClosedRound) -> None:
    priya, url = sign_in(world.priya), f"/disagreements/{closed.id}/new-meeting"
    given = {"title": "Night", "date-month": "3", "date-year": "2026", "minutes": "60", "minutes_per_item": "6"}
    answer = priya.post(url, data=given | {"date-day": "29", "time": "1:30am"})
    assert answer.status_code == 422 and "There is no 1:30am on 29 March 2026" in answer.text
    assert priya.post(url, data=given | {"date-day": "28", "time": "1:30am"}).status_code == 303
