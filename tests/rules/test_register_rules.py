"""Codes, dates and differences of the register, in plain values."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

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
from moderation.register.gate_rules import GateState, check_passable
from moderation.register.rules import check_changeable, wordless_in_words
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


def test_a_pack_changes_only_while_no_round_works_with_it() -> None:
    check_changeable(is_held=False)
    with pytest.raises(Refused):
        check_changeable(is_held=True)


READY = GateState(("other", "final_plan"), unreadable=0, is_searched=True, undecided=0, unseen_pages=0, is_checked=True)
NOT_READY = (
    {"kinds": ("other",)}, {"unreadable": 1}, {"is_searched": False}, {"undecided": 1}, {"unseen_pages": 2}, {"is_checked": False},
)  # fmt: skip


def test_a_pack_passes_when_everything_in_it_was_decided_and_seen() -> None:
    check_passable(READY)


@pytest.mark.parametrize("lacking", NOT_READY, ids=lambda lacking: next(iter(lacking)))
def test_a_pack_that_lacks_anything_does_not_pass_and_the_refusal_says_what(lacking: dict[str, Any]) -> None:
    state = replace(READY, **lacking)
    assert len(state.missing) == 1
    with pytest.raises(Refused, match=re.escape(state.missing[0])):
        check_passable(state)


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
