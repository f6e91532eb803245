"""How values are written on pages."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from moderation.web import filters
from moderation.words import AgencyKind, Problem, Role


def test_dates_and_times_are_those_of_london() -> None:
    summer_evening = datetime(2026, 6, 30, 23, 32, tzinfo=UTC)
    assert filters.london_date(summer_evening) == "1 July 2026"
    assert filters.london_time(summer_evening) == "12:32am"
    assert filters.clock_time(summer_evening) == "00:32"
    assert filters.london_day(date(2026, 12, 4)) == "Fri 4 Dec"
    assert filters.london_instant(datetime(2026, 12, 4, 17, 0, tzinfo=UTC)) == "4 December 2026 at 5pm"


@pytest.mark.parametrize(("hour", "words"), [(0, "midnight"), (12, "midday"), (1, "1am"), (13, "1pm")])
def test_the_full_hour_needs_no_minutes(hour: int, words: str) -> None:
    assert filters.london_time(datetime(2026, 1, 5, hour, 0, tzinfo=UTC)) == words


@pytest.mark.parametrize("text", ["We need advice", "We need advice.", "Who gives advice?", "He said “wait.”", "(We wait.) "])
def test_what_somebody_typed_ends_with_one_stop(text: str) -> None:
    shown = filters.full_stop(text)
    assert shown.rstrip("”)")[-1] in ".?" and ".." not in shown and not shown.endswith((".”.", ".).", "?."))


def test_no_page_and_no_paper_puts_a_second_stop_after_why_something_is_deferred() -> None:
    pages = (Path(__file__).parents[2] / "templates").rglob("*.html")
    assert [page.name for page in pages if "deferred_reason }}." in page.read_text()] == []


def test_a_problem_names_its_field_only_where_its_words_need_one() -> None:
    assert Problem("answer-9k5lL9SV", "Choose the level").words == "Choose the level"
    assert Problem("capacity", "Enter a number", value="many").words == "Enter a number (was 'many')"
    assert Problem("criteria[2].levels", "must be at least two").words == "criteria[2].levels: must be at least two"
    assert Problem("", "is not a date", "plans.csv", 3, "born").words == "plans.csv, row 3, born: is not a date"


def test_numbers_have_a_real_minus_and_never_a_negative_zero() -> None:
    assert filters.number(1234) == "1,234"
    assert filters.number(-0.4851, 2) == "\N{MINUS SIGN}0.49"
    assert filters.number(-0.001, 2) == "0.00"
    assert filters.signed(0.07, 2) == "+0.07"
    assert filters.signed(-0.2, 1) == "\N{MINUS SIGN}0.2"
    assert filters.signed(0.0) == "0"


def test_points_say_nothing_only_where_there_is_nothing() -> None:
    assert [filters.points(share) for share in (0.2776, 0.0, -0.07)] == ["+28", "0", "\N{MINUS SIGN}7"]
    assert [filters.points(share) for share in (0.0031, -0.0042, 0.0004)] == ["+0.3", "\N{MINUS SIGN}0.4", "+0.04"]
    assert filters.points(None) == "not shown"


def test_what_is_not_known_is_said_in_words() -> None:
    assert filters.number(None) == "not known"
    assert [filters.grades(value, 1) for value in (2.0, 1.0, 0.96, 0.5)] == ["2.0 grades", "1.0 grade", "1.0 grade", "0.5 grades"]
    assert filters.coefficient(None) == "not shown"
    assert filters.percent(None) == "not shown"
    assert filters.london_date(None) == "not set"


def test_words_are_joined_as_people_write_them() -> None:
    assert filters.join_words(["education", "health", "care"]) == "education, health and care"
    assert filters.join_words(["one"]) == "one"
    assert filters.join_words([]) == ""
    assert filters.plural(1, "plan") == "1 plan"
    assert filters.plural(1200, "plan") == "1,200 plans"
    assert filters.role_names(frozenset({Role.AUDITOR, Role.LEAD})) == "QA lead and auditor"
    assert filters.agency_name(AgencyKind.CARE) == "Social care"
    assert filters.state_name("in_session") == "In session"


def test_page_numbers_leave_out_what_is_far_away() -> None:
    items = filters.pagination_items(5, 12, lambda page: f"?page={page}")
    assert [item.get("number", "...") for item in items] == [1, "...", 4, 5, 6, "...", 12]
    assert [item["number"] for item in items if item.get("current")] == [5]
