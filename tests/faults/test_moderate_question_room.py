"""What can go wrong while a question about the guidance is discussed: two decide at once, the server dies, somebody leaves."""

import re
import threading

import pytest
from sqlalchemy import Engine

from moderation.ledger import EventRow
from moderation.moderate import ballots, question_decisions
from moderation.moderate.steps import Step
from moderation.moderate.tables import AgreedRating, Lesson, Revote
from moderation.settings import Settings
from moderation.words import StaleWrite
from tests.actions.test_moderate_meetings import rows
from tests.actions.test_moderate_questions import PLANS, REASON, asked, decision, go, ids, meeting, vote
from tests.build import Person, World, act_as
from tests.build_moderation import ClosedRound, a_routed_round
from tests.conftest import SignIn
from tests.faults.test_crash_sheets import cookie_of, post, serving

__all__ = ["asked", "meeting"]


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


def test_of_two_moderators_who_decide_at_the_same_moment_one_is_shown_both(
    engine: Engine, world: World, closed: ClosedRound, asked: str
) -> None:
    refused = []

    def decide(person: Person, reason: str) -> None:
        made = decision(engine, closed, reason=reason)
        try:
            act_as(engine, person, world.area_id, question_decisions.decide_question, asked, 1, made)
        except StaleWrite as clash:
            refused.append((clash.mine["reason"], clash.theirs["reason"]))

    threads = [threading.Thread(target=decide, args=one) for one in ((world.priya, "The first"), (world.ruth, "The second"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (clash,) = refused
    assert {*clash} == {"The first", "The second"}
    assert [row.reason for row in rows(engine, AgreedRating)] == [clash[1]] * 4 and len(rows(engine, Lesson)) == 1
    assert sum(row.name == "QuestionDecided" for row in rows(engine, EventRow)) == 1


def test_a_server_killed_between_reveal_and_decision_loses_nothing(
    settings: Settings, engine: Engine, world: World, closed: ClosedRound, sign_in: SignIn, meeting: str, asked: str
) -> None:
    item, page = f"/meetings/{meeting}/items/{asked}", f"/meetings/{meeting}/questions/{asked}"
    chair, helen = cookie_of(settings, engine, world.priya), cookie_of(settings, engine, world.helen)
    first, *others = ids(engine, closed)
    sent = {"item": asked, "question": "1", f"answer-{first}": "0", **{f"answer-{key}": "1" for key in others}}
    with serving(settings) as (port, process):
        assert post(port, f"{item}/step", chair, {"to": "voting"}, htmx=False)
        assert post(port, f"/meetings/{meeting}/room/vote", helen, sent, htmx=False)
        assert post(port, f"{item}/step", chair, {"to": "revealed"}, htmx=False)
        typed = {"reason": "A dated review", f"note-{first}": "Page 3", f"rating-{first}": "0"}
        kept = post(port, f"{item}/draft", chair, {**typed, "window": "w", "draft_version": "0"})
        assert kept is not None and kept.status == 200
        process.kill()
        process.wait()
    shown = sign_in(world.priya).get(page).text
    assert shown.count("1 vote<") == 4 and "A dated review</textarea>" in shown and "Page 3</textarea>" in shown
    chosen = dict(re.findall(r'name="rating-([^"]+)" id="[^"]+" value="(\d)" checked', shown))
    assert chosen == {first: "0", **dict.fromkeys(others, "1")}  # what was typed, and for the others what was voted
    version = re.search(r'name="version" value="(\d+)"', shown)[1]  # type: ignore[index]
    given = {"reason": REASON, "version": version, **{f"rating-{key}": value for key, value in chosen.items()}}
    assert sign_in(world.priya).post(page, data=given).status_code == 303
    assert sorted(row.value for row in rows(engine, AgreedRating)) == [0, 1, 1, 1]


def test_who_leaves_during_a_vote_is_not_waited_for_and_votes_that_are_in_count(
    engine: Engine, world: World, closed: ClosedRound, meeting: str, asked: str
) -> None:
    go(engine, world, meeting, asked, Step.VOTING)
    answers = dict.fromkeys(ids(engine, closed), "1")
    vote(engine, world, world.helen, meeting, asked, answers)
    for person in (world.helen, world.tom):
        act_as(engine, person, world.area_id, ballots.leave, meeting)
    assert vote(engine, world, world.amina, meeting, asked, answers)
    assert {row.account_id for row in rows(engine, Revote)} == {world.helen.id, world.amina.id}
