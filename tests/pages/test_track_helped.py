"""Did it help? What the page says where nothing helped, where a criterion fell, where there is too little to tell."""

import csv
import io
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from moderation.instants import frozen
from moderation.ledger import OPERATOR, Via, transaction
from moderation.measure.actions import compute, keep
from moderation.moderate import actions as moderate
from moderation.moderate import agendas, ballots, meetings
from moderation.moderate.decisions import Vote, record_revotes
from moderation.moderate.states import DisagreementState
from moderation.moderate.steps import Step
from moderation.moderate.tables import Disagreement, Meeting, MeetingItem
from moderation.register.framework import builtin, parse
from moderation.track.queries.helped import Fate, HelpedView, helped_view
from tests.actions.test_moderate_meetings import TERMS
from tests.build import World, act_as
from tests.build_moderation import ClosedRound, RoundBuilt, a_closed_round
from tests.build_track import _discussed, _vote, a_meeting_that_settles, publish
from tests.conftest import SignIn
from tests.pages.test_track import text_of

THREE = ("helen", "amina", "tom")
SPRING, SUMMER = (datetime(2026, month, 4, 12, tzinfo=UTC) for month in (3, 6))
CRITERIA = [one for one in parse(builtin()).criteria if one.is_pooled and len(one.scorers) > 1]
Share = Callable[[int], float]


def ratings(seed: int, plans: int, prefix: str, differ: Share) -> dict[str, dict[str, list[int]]]:
    """Three auditors; on criterion number n one of them differs with chance `differ(n)`."""
    dice = random.Random(seed)
    found = {}
    for number in range(plans):
        answers = {}
        for place, criterion in enumerate(CRITERIA):
            low, high = criterion.scale.lowest, criterion.scale.highest
            answers[criterion.key] = [high, high, low if dice.random() < differ(place) else high]
        found[f"{prefix}{number:02}"] = answers
    return found


def measure(engine: Engine, world: World, found: ClosedRound) -> None:
    measured = compute(engine, world.area_id, found.id, 50)
    with transaction(engine, OPERATOR, Via.JOB, world.area_id) as tx:
        keep(tx, found.id, measured)


def two_rounds(engine: Engine, world: World, before: Share, after: Share) -> tuple[ClosedRound, ClosedRound]:
    made = []
    for seed, at, prefix, share in ((1, SPRING, "A", before), (2, SUMMER, "B", after)):
        with frozen(at):
            found = a_closed_round(engine, world, ratings(seed, 12, prefix, share), THREE)
            measure(engine, world, found)
            act_as(engine, None, world.area_id, moderate.find_disagreements, found.id)
        made.append(found)
    return made[0], made[1]


def discuss(engine: Engine, world: World, found: ClosedRound, criteria: int) -> None:
    """A meeting decided one plan of each of the first criteria."""
    wanted = [one.key for one in CRITERIA[:criteria]]
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        chosen = select(Disagreement).where(Disagreement.round_id == found.id, col(Disagreement.criterion_key).in_(wanted))
        for row in tx.session.exec(chosen):
            row.state = DisagreementState.AGREED
        tx.record(RoundBuilt(found.id))


def view(engine: Engine, world: World, round_id: str | None = None) -> HelpedView:
    with Session(engine) as session:
        found = helped_view(session, world.area_id, round_id)
    assert found is not None
    return found


def test_where_discussed_questions_agree_more_the_next_time_it_says_so(engine: Engine, sign_in: SignIn, world: World) -> None:
    first, _ = two_rounds(engine, world, lambda n: 0.6, lambda n: 0.05 if n < 20 else 0.6)
    discuss(engine, world, first, 20)
    publish(engine, world, first.id)
    found = view(engine, world, first.id).follow_up
    assert found is not None and found.discussed.is_clear and (found.discussed.value or 0) > 0.2
    assert found.count(Fate.DIFFERED) == 20 and found.count(Fate.LEFT) == len(CRITERIA) - 20 - found.count(Fate.DRAWN)
    page = text_of(sign_in(world.ruth).get("/did-it-help").text)
    assert "The meetings helped." in page and "that had been discussed" in page
    assert "Without any meeting the discussed ones would have changed by" in page


def test_where_the_discussed_only_come_back_by_themselves_it_cannot_tell(engine: Engine, sign_in: SignIn, world: World) -> None:
    """The discussed questions rise a lot: because they had differed most, not because somebody talked."""
    dice = random.Random(5)
    unlucky = [dice.random() * 0.8 for _ in CRITERIA[:20]]
    first, _ = two_rounds(engine, world, lambda n: unlucky[n] if n < 20 else 0.1, lambda n: 0.3)
    discuss(engine, world, first, 20)
    publish(engine, world, first.id)
    found = view(engine, world, first.id).follow_up
    assert found is not None and not found.discussed.is_clear
    page = text_of(sign_in(world.ruth).get(f"/did-it-help?round={first.id}").text)
    assert "We cannot tell whether the meetings helped." in page and "The meetings helped." not in page


def test_with_no_question_left_undiscussed_there_is_nothing_to_compare_with(engine: Engine, sign_in: SignIn, world: World) -> None:
    first, _ = two_rounds(engine, world, lambda n: 0.9, lambda n: 0.1)
    discuss(engine, world, first, len(CRITERIA))
    publish(engine, world, first.id)
    page = text_of(sign_in(world.ruth).get("/did-it-help").text)
    assert "We cannot tell whether the meetings helped." in page and "are needed on each" in page


def test_a_question_that_was_discussed_and_not_decided_is_none_that_nobody_discussed(
    engine: Engine, sign_in: SignIn, world: World
) -> None:
    """Talked about, or voted on: discussed. Only read: not discussed."""
    first, _ = two_rounds(engine, world, lambda n: 0.9, lambda n: 0.3)
    talked, voted, read = (one.key for one in CRITERIA[:3])
    priya = partial(act_as, engine, world.priya, world.area_id)
    meeting = priya(meetings.create_meeting, first.id, TERMS)
    with Session(engine) as session:
        found_in = session.exec(select(Disagreement).where(Disagreement.round_id == first.id))
        rows = {row.criterion_key: row for row in found_in if row.triggers != ["calibration"]}
    priya(agendas.put_on_agenda, meeting, [rows[key].id for key in (talked, voted, read)])
    priya(meetings.begin, meeting, [world.people[name].id for name in THREE])
    with Session(engine) as session:
        places = {row.disagreement_id: row.id for row in session.exec(select(MeetingItem))}
    priya(ballots.take_step, meeting, places[rows[talked].id], Step.DISCUSSION)
    priya(ballots.take_step, meeting, places[rows[read].id], Step.EVIDENCE)
    people = zip(THREE, (1, 2, 2), strict=True)
    votes = [Vote(rows[voted].round_plan_id, voted, world.people[name].id, level) for name, level in people]
    priya(record_revotes, meeting, votes)
    priya(meetings.conclude, meeting)
    publish(engine, world, first.id)
    found = view(engine, world, first.id).follow_up
    fates = {one.key: one.fate for one in found.questions} if found else {}
    assert (fates[talked], fates[voted], fates[read]) == (Fate.DIFFERED, Fate.DIFFERED, Fate.LEFT)
    file = sign_in(world.ruth).get(f"/did-it-help/the-next-round.csv?round={first.id}").text.lstrip("\ufeff")
    counts = {row[0]: row[1] for row in csv.reader(io.StringIO(file))}
    assert counts["Discussed, because auditors differed: plain change"] == "2"
    assert counts["Not discussed: plain change"] == str(len(fates) - 2)


def test_a_question_that_fell_in_the_vote_is_named_and_so_is_one_that_rose(engine: Engine, sign_in: SignIn, world: World) -> None:
    plans = {f"P{number:02}": {"E01": (3, 3, 3 - number % 2), "F02": (1 + number % 2, 3, 3)} for number in range(12)}
    found = a_closed_round(engine, world, plans, THREE)
    a_meeting_that_settles(engine, world, found, "F02", THREE, 3)
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        held = tx.session.exec(select(Meeting)).one()
        for plan in found.plans.values():
            item = _discussed(tx, found, plan, "E01")
            tx.session.add_all(
                _vote(tx, held, item, world.people[name].id, level) for name, level in zip(THREE, (1, 2, 4), strict=True)
            )
        tx.record(RoundBuilt(found.id))
    publish(engine, world, found.id)
    body = sign_in(world.ruth).get("/did-it-help").text
    page = text_of(body)
    assert "After discussion auditors agreed less on ‘SMART outcomes’" in page
    assert "Of 2 questions, 1 rose, 1 fell" in page and "It is too early to tell." in page
    assert "not agreement" in page
    header, *rows = csv.reader(
        io.StringIO(sign_in(world.ruth).get("/did-it-help/agreement-after-discussion.csv").text.lstrip("\ufeff"))
    )
    words = {row[0].split()[0]: row[-1] for row in rows}
    assert (words["E01"], words["F02"]) == ("fell", "rose")
    assert all(len(row) == len(header) for row in rows)


def test_what_no_rule_sent_to_the_meeting_counts_among_plans_on_which_auditors_had_agreed(engine: Engine, world: World) -> None:
    """As where a complete second round is taken for the votes."""
    plans = {f"P{number:02}": {"F02": (3, 3, 3) if number < 6 else (1, 3, 3)} for number in range(13)}
    found = a_closed_round(engine, world, plans, THREE)
    act_as(engine, None, world.area_id, moderate.find_disagreements, found.id)
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        for plan in list(found.plans.values())[:6]:
            _discussed(tx, found, plan, "F02").triggers = []
        tx.record(RoundBuilt(found.id))
    a_meeting_that_settles(engine, world, found, "F02", THREE, 3)
    publish(engine, world, found.id)
    shown = view(engine, world, found.id)
    assert shown.drawn and shown.everything and (shown.drawn.plans, shown.everything.plans) == (6, 7)


def test_few_plans_show_no_figure(engine: Engine, sign_in: SignIn, world: World) -> None:
    plans = {f"P{number:02}": {"F02": (1, 3, 3)} for number in range(4)}
    found = a_closed_round(engine, world, plans, THREE)
    a_meeting_that_settles(engine, world, found, "F02", THREE, 3)
    publish(engine, world, found.id)
    page = sign_in(world.ruth).get("/did-it-help").text
    assert "Fewer than five plans of any question" in page and not re.search(r"F02[^<]*</th><td[^>]*>\d", page)


@pytest.mark.parametrize(("who", "status"), [("ruth", 200), ("grace", 200), ("priya", 404), ("helen", 404), ("sam", 404)])
def test_the_page_is_for_leads_and_there_from_publication_on(
    engine: Engine, sign_in: SignIn, world: World, who: str, status: int
) -> None:
    found = a_closed_round(engine, world, ratings(1, 6, "A", lambda n: 0.5), THREE)
    client = sign_in(world.people[who])
    assert client.get("/did-it-help").status_code == status
    assert client.get(f"/did-it-help?round={found.id}").status_code == (200 if status == 200 else 404)
    if status == 200:
        assert "No audit round is published yet" in client.get("/did-it-help").text
    assert client.get("/did-it-help/agreement-after-discussion.csv").status_code == 404
