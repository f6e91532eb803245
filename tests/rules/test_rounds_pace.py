"""Counts of sheets against an even pace to the closing date."""

from datetime import UTC, date, datetime, timedelta

from moderation.score.pace import (
    AgencyPace,
    AuditorPace,
    SheetCount,
    by_agency_in_words,
    days_left,
    due_by,
    finding,
    headline,
    listed,
)

OPENS, CLOSES = date(2026, 11, 2), date(2026, 11, 11)  # ten days


def agency(name: str, submitted: int, due: int = 5) -> AgencyPace:
    return AgencyPace(name, name.lower(), SheetCount(submitted, 1, 10), due)


def test_nothing_is_due_on_the_first_day_and_everything_after_the_last() -> None:
    assert due_by(10, OPENS, CLOSES, OPENS) == 0
    assert due_by(10, OPENS, CLOSES, CLOSES) == 9
    assert due_by(10, OPENS, CLOSES, date(2026, 12, 1)) == 10
    assert due_by(10, OPENS, CLOSES, date(2026, 10, 1)) == 0


def test_what_is_due_never_falls_as_days_pass() -> None:
    dues = [due_by(37, OPENS, CLOSES, OPENS + timedelta(days=day)) for day in range(12)]
    assert dues == sorted(dues)


def test_the_headline_counts_sheets_and_days() -> None:
    assert headline(SheetCount(79, 21, 126), 11) == "79 of 126 score sheets are in, 11 days before the round closes."
    assert headline(SheetCount(1, 0, 2), 1) == "1 of 2 score sheets are in, 1 day before the round closes."
    assert headline(SheetCount(1, 0, 2), 0) == "1 of 2 score sheets are in and the round closes today."


def test_the_sentence_names_who_is_on_time_and_who_is_behind() -> None:
    words = by_agency_in_words([agency("Education", 6), agency("Health", 4), agency("Social care", 5)])
    assert words == "Education and Social care are on time. Health is 1 sheet behind."


def test_the_finding_is_the_agency_furthest_behind() -> None:
    assert finding([agency("Health", 1), agency("Education", 4)]) == "Health is 4 sheets behind where it should be today"
    assert finding([agency("Health", 5)]) == "Every agency is where it should be today"


def test_counts_add_up() -> None:
    both = SheetCount(1, 2, 4) + SheetCount(3, 0, 5)
    assert (both.submitted, both.started, both.untouched, both.total) == (4, 2, 3, 9)


def test_one_reminder_a_week_is_enough() -> None:
    now = datetime(2026, 11, 9, 12, tzinfo=UTC)
    novak = AuditorPace("n", "J. Novak", "Health", "health", SheetCount(3, 0, 12), 6, None, now - timedelta(days=3))
    assert novak.behind == 3
    assert novak.was_reminded_lately(now)
    assert not novak.was_reminded_lately(now + timedelta(days=5))


def test_lists_in_sentences() -> None:
    assert [listed([]), listed(["A"]), listed(["A", "B"]), listed(["A", "B", "C"])] == ["", "A", "A and B", "A, B and C"]


def test_days_left_are_never_negative() -> None:
    assert days_left(CLOSES, OPENS) == 9
    assert days_left(CLOSES, date(2027, 1, 1)) == 0
