"""Codes, dates and differences of the register, in plain values."""

from dataclasses import replace
from datetime import date

import pytest

from moderation.register.changes import changes
from moderation.register.codes import (
    EVENT_NAMES,
    NEED_NAMES,
    SETTING_NAMES,
    PlanEvent,
    PrimaryNeed,
    SettingType,
    read_code,
    read_year_group,
    year_name,
)
from moderation.register.columns import column_called, is_nhs_number, read_date
from moderation.register.criteria import YearGroups
from moderation.register.framework import builtin, parse
from moderation.register.rules import check_attestable, check_changeable, check_editable, wordless_in_words
from moderation.words import Refused


def test_every_code_has_a_name_and_is_read_by_code_and_by_name() -> None:
    for codes, names in ((PrimaryNeed, NEED_NAMES), (SettingType, SETTING_NAMES), (PlanEvent, EVENT_NAMES)):
        assert set(names) == set(codes)
        for code in codes:
            assert read_code(codes, names, code.value.upper()) is code
            assert read_code(codes, names, f"  {names[code].lower()} ") is code


def test_plan_events_are_those_that_the_built_in_framework_is_for() -> None:
    assert set(parse(builtin()).plan_scope) == {event.value for event in PlanEvent}


@pytest.mark.parametrize(
    ("text", "setting"), [("EYP", "early_years"), ("EOTAS", "arranged_by_authority"), ("SEN unit", "mainstream_unit")]
)
def test_settings_are_read_in_the_spelling_of_the_national_return(text: str, setting: str) -> None:
    assert read_code(SettingType, SETTING_NAMES, text) == setting


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("9", 9),
        ("Year 9", 9),
        ("Y9", 9),
        ("nc year 9", 9),
        ("R", 0),
        ("Reception", 0),
        ("-4", -4),
        ("20", 20),
        ("21", None),
        ("", None),
    ],
)
def test_year_groups_are_read_as_people_write_them(text: str, year: int | None) -> None:
    assert read_year_group(text) == year


def test_year_groups_are_named() -> None:
    assert [year_name(year) for year in (-2, -1, 0, 9)] == [
        "2 years before Reception",
        "1 year before Reception",
        "Reception",
        "Year 9",
    ]


def test_dates_are_never_read_in_the_american_order() -> None:
    assert read_date("04/03/2026") == date(2026, 3, 4)
    assert read_date("12/31/2026") is None


def test_nhs_numbers_are_known_by_their_check_digit() -> None:
    assert is_nhs_number("943 476 5919")
    assert not is_nhs_number("943 476 5918")
    assert not is_nhs_number("2026-00412")


def test_headings_are_known_by_key_title_and_other_names() -> None:
    found = [column_called(heading) for heading in ("Primary need", "primary_need", "SENtype", "nonsense")]
    assert [column.key if column else None for column in found] == ["primary_need"] * 3 + [None]


def test_changes_name_what_was_said_before_and_what_is_said_now() -> None:
    before = parse(builtin())
    edited = [
        replace(each, title="New", weight=9.0) if each.key == "A01" else each for each in before.criteria if each.key != "A02"
    ]
    first, second = changes(before, before.with_criteria(edited))
    assert (first.key, [(field.field, field.after) for field in first.fields]) == ("A01", [("Title", "New"), ("Weight", "9")])
    assert (second.key, {field.after for field in second.fields}) == ("A02", {""})
    assert changes(before, before) == ()


def test_year_groups_of_a_criterion_are_said_in_words() -> None:
    limits = (YearGroups(), YearGroups(min_ncy=9), YearGroups(max_ncy=6), YearGroups(0, 6))
    assert [limit.in_words for limit in limits] == ["", "From Year 9", "Up to Year 6", "Reception to Year 6"]


def test_a_pack_changes_only_while_nobody_relies_on_it() -> None:
    check_editable(is_attested=False, is_held=False)
    for attested, held in ((True, False), (False, True), (True, True)):
        with pytest.raises(Refused):
            check_editable(attested, held)
    with pytest.raises(Refused):
        check_changeable(is_held=True)


def test_a_pack_is_attestable_with_a_final_plan_that_can_be_shown() -> None:
    check_attestable(("other", "final_plan"), unreadable=0)
    for kinds, unreadable in (((), 0), (("other",), 0), (("final_plan",), 1)):
        with pytest.raises(Refused):
            check_attestable(kinds, unreadable)


@pytest.mark.parametrize(
    ("wordless", "pages", "words"),
    [
        ((), 4, ""),
        ((3,), 4, "Page 3 is a picture, so its words"),
        ((1, 2), 4, "Pages 1 and 2 are pictures, so their words"),
        ((1, 3, 4, 5, 9), 12, "Pages 1, 3 to 5 and 9 are pictures, so their words"),
        ((1, 2, 3), 3, "Every page is a picture, so their words"),
        ((1,), 1, "Page 1 is a picture, so its words"),
    ],
)
def test_pages_that_are_pictures_are_named(wordless: tuple[int, ...], pages: int, words: str) -> None:
    assert wordless_in_words(wordless, pages).startswith(words)
