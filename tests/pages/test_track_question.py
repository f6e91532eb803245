"""One question of a closed round: where auditors differ, how far one grade can be relied on, and what stays hidden of people."""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session

from moderation.instants import frozen
from moderation.register.framework import builtin, parse
from moderation.track.figures_question import lean_words
from moderation.track.queries.question import Leaning, question_view
from stats.results import Agreement
from tests.build import World, a_world
from tests.build_moderation import ClosedRound, a_closed_round
from tests.build_track import SIX, a_measured_round, a_meeting_that_settles, a_published_round, publish
from tests.conftest import SignIn
from tests.pages.test_track import LATER, THREE, rows_of, text_of

KEY, YES_NO = "F02", "A01"
TABLES = ("where-auditors-differ", "one-auditor-alone", "without-one-auditor")


def address(found: ClosedRound, key: str = KEY) -> str:
    return f"/agreement/{found.id}/questions/{key}"


def rows(client, found: ClosedRound, table: str, key: str = KEY) -> dict[str, list[str]]:  # type: ignore[no-untyped-def]
    body = client.get(f"{address(found, key)}/{key.lower()}-{table}.csv").text
    return {row[0]: row[1:] for row in rows_of(body)}


def test_the_pairs_of_levels_are_those_of_the_answers_and_add_up(engine: Engine, world: World, sign_in: SignIn) -> None:
    """On ten plans the three auditors say 2, 2 and 3, on two all say 3: of 36 pairs 20 differ."""
    answers = {f"P{number:03}": {KEY: [2, 2, 3] if number < 10 else [3, 3, 3]} for number in range(12)}
    found = a_closed_round(engine, world, answers, THREE)
    client = sign_in(world.grace)
    pairs = rows(client, found, "where-auditors-differ")
    pairs.pop("Two answers")
    differ = [name for name in pairs if not name.startswith("Both")]
    assert float(pairs[differ[0]][0]) == pytest.approx(100 * 20 / 36)
    assert [sum(float(row[column]) for row in pairs.values()) for column in (0, 1)] == pytest.approx([100, 100])
    said = text_of(client.get(address(found)).text)
    assert "different levels in 56% of pairs; by chance it would be 51% (12 plans, 36 answers)" in said
    assert "Most often they differ between" in said
    assert differ[0].replace(" and ", "’ and ‘") in said


def test_a_question_on_which_all_are_of_one_mind_says_so(engine: Engine, world: World, sign_in: SignIn) -> None:
    found = a_closed_round(engine, world, {f"P{number:03}": {KEY: [3] * 6} for number in range(12)}, SIX)
    page = text_of(sign_in(world.ruth).get(address(found)).text)
    assert "No two auditors gave different levels" in page
    assert "Whether one auditor decides the figure Not shown." in page
    assert "nan" not in re.findall(r"[a-z]+", page.lower())


def test_one_auditor_is_held_against_what_a_meeting_decided_and_never_against_the_median(
    engine: Engine, world: World, sign_in: SignIn
) -> None:
    found = a_measured_round(engine, world, 12, raters=THREE, noise=0.9)
    client = sign_in(world.grace)
    assert "The round is not published yet." in client.get(address(found)).text
    a_meeting_that_settles(engine, world, found, KEY, THREE, 3)
    publish(engine, world, found.id)
    exact, near = (rows(client, found, "one-auditor-alone")[name] for name in ("Gives the agreed grade", "At most one level away"))
    with Session(engine) as session:
        grade = question_view(session, world.area_id, found.id, KEY).relied.grade
    assert grade is not None and float(exact[0]) == pytest.approx(100 * grade.value, abs=1e-4)
    assert float(exact[1]) <= float(exact[0]) <= float(exact[2]) and float(near[0]) >= float(exact[0])
    assert exact[3] == "12" and exact[5] == "provisional" and near[1:3] == ["", ""]
    assert re.search(
        r"in \d+% of answers \(between \d+% and \d+%; 12 plans, 3\d answers\)", text_of(client.get(address(found)).text)
    )
    undecided = text_of(client.get(address(found, YES_NO)).text)
    assert "agreed on the grade of fewer than 5 plans here." in undecided


def test_what_meetings_of_a_year_settled_is_taken_together(engine: Engine, world: World, sign_in: SignIn) -> None:
    rounds = []
    for prefix, at in (("A", LATER - timedelta(days=400)), ("B", LATER - timedelta(days=20)), ("C", LATER)):
        found = a_measured_round(engine, world, 4, prefix, at, raters=THREE, noise=0.9)
        with frozen(at):
            a_meeting_that_settles(engine, world, found, KEY, THREE, 3)
            publish(engine, world, found.id)
        rounds.append(found)
    client = sign_in(world.ruth)
    shown = [text_of(client.get(address(found)).text) for found in rounds]
    assert "agreed on the grade of fewer than 5 plans here" in shown[0] and "agreed on the grade of fewer than 5" in shown[1]
    assert re.search(
        r"without an interval, as there are fewer than 10 plans; 8 plans, 2\d answers in 2 rounds of the last twelve months\)",
        shown[2],
    )


def test_influence_shows_two_ends_and_nobody(engine: Engine, world: World, sign_in: SignIn) -> None:
    found = a_published_round(engine, world, 12)
    client = sign_in(world.ruth)
    ends = rows(client, found, "without-one-auditor")
    assert list(ends) == ["Auditors counted", "All auditors", "Lowest without one", "Highest without one"]
    assert float(ends["Lowest without one"][0]) <= float(ends["Highest without one"][0])
    page = client.get(address(found)).text
    assert "Without any one auditor, agreement would be between" in text_of(page)
    assert not [person.name for person in world.auditors() if person.name in page]


@pytest.mark.parametrize(
    ("plans", "raters", "differ", "lean"),
    [
        (12, SIX, "", ""),
        (12, THREE, "", "Fewer than 5 auditors answered"),
        (12, THREE[:2], "Fewer than 3 auditors answered", "Fewer than 5 auditors answered"),
        (8, SIX, "Only 8 plans were rated", "Only 8 plans were rated"),
        (4, SIX, "Fewer than 5 plans have two answers", "Fewer than 5 plans have two answers"),
        (0, SIX, "Fewer than 3 auditors answered", "Fewer than 5 auditors answered"),
    ],
)
def test_few_plans_or_few_people_show_less_on_the_page_and_in_the_files(
    engine: Engine, world: World, sign_in: SignIn, plans: int, raters: tuple[str, ...], differ: str, lean: str
) -> None:
    dice = random.Random(5)
    answers = {f"P{number:03}": {KEY: [dice.choice([2, 3, 4]) for _ in raters]} for number in range(plans)}
    found = a_closed_round(engine, world, answers or {"P001": {YES_NO: [1] * len(raters)}}, raters)
    client = sign_in(world.ruth)
    page = text_of(client.get(address(found)).text)
    for table, reason in zip(TABLES[::2], (differ, lean), strict=True):
        status = client.get(f"{address(found)}/{KEY.lower()}-{table}.csv").status_code
        assert status == (404 if reason else 200)
        assert reason in page
    if plans == 4:
        assert " 4 plans" not in page and "%" not in page


def test_before_closing_and_elsewhere_there_is_no_such_page(engine: Engine, world: World, sign_in: SignIn) -> None:
    found = a_closed_round(engine, world, {"P001": {KEY: [1, 2, 3]}}, THREE)
    stranger = a_world(engine, "Southmoor", "southmoor.example")
    unknown = sign_in(world.ruth).get(f"/agreement/no-such-round/questions/{KEY}")
    assert unknown.status_code == 404
    for client, path in (
        (sign_in(stranger.ruth), address(found)),
        (sign_in(world.ruth), address(found, "no-such-question")),
        (sign_in(world.helen), address(found)),
        (sign_in(world.priya), address(found)),
    ):
        assert client.get(path).status_code == 404


def test_every_question_of_the_agreement_page_leads_to_its_own(engine: Engine, world: World, sign_in: SignIn) -> None:
    found = a_measured_round(engine, world, 12, raters=THREE)
    client = sign_in(world.grace)
    links = re.findall(rf'href="({address(found, "")}[^"]+)"', client.get("/agreement").text)
    pooled = [criterion for criterion in parse(builtin()).criteria if criterion.is_pooled]
    assert len(links) == len(set(links)) == len(pooled)
    assert {client.get(link).status_code for link in links[:3]} == {200}


def test_one_auditor_who_moves_the_figure_beyond_its_interval_is_spoken_of_without_a_name() -> None:
    agreement = Agreement("alpha_ordinal", 0.5, 0.4, 0.6, 0.95, "bootstrap", None, 0.7, 60, 60, 6, 180)
    assert "no single auditor decides it" in lean_words(Leaning(6, 0.5, 0.45, 0.55), agreement)
    assert "outside the interval" in lean_words(Leaning(6, 0.5, 0.45, 0.7), agreement)
    unmeasured = Agreement("alpha", None, None, None, 0.95, None, "It has not been worked out yet.", None, 0, 0, 0, 0)
    assert lean_words(Leaning(6, 0.5, 0.45, 0.7), unmeasured).endswith("it is 0.50 with all 6 auditors.")


def test_a_question_asks_the_database_as_often_for_many_plans_as_for_few(engine: Engine, world: World) -> None:
    asked = []
    for prefix, plans in (("A", 2), ("B", 12)):
        found = a_closed_round(engine, world, {f"{prefix}{number:03}": {KEY: [1, 2, 3]} for number in range(plans)}, THREE)
        with Session(engine) as session, counted(engine) as statements:
            question_view(session, world.area_id, found.id, KEY)
        asked.append(len(statements))
    assert asked[0] == asked[1]


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(args[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
