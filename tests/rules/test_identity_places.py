"""Schools and other settings by their label, in a letterhead, in church names, in Welsh; and no page that takes for ever."""

import re

import pytest

from moderation.register.identity import contexts, patterns, places
from moderation.register.identity.kinds import Known, Person, RoleToken
from tests.finding import found, marked, plain

LABELLED = (
    "School: <Oakfield>\nHe left <Oakfield> in May.", "Previous school: <Oakfield> since 2023", "Nursery: <Busy Bees>", "Name of setting: The <Willows>\nAt the <Willows> he plays.",
    "School name: <Oak Hill>", "Name of current school: <Oak Hill>, Leeds", "Name of school/setting\n<Oak Hill>", "Named school:\n<Oakfield>", "School | <Oakfield> | Year 4", "School attended: <Little Acorns> (2019-2020)",
)  # fmt: skip
NAMED = (
    "<OAKFIELD PRIMARY SCHOOL>\nA plan.", "THE PLAN OF <OAKFIELD SCHOOL>", "<BECK LANE ACADEMY>", "He goes to <Oakfield C of E (VA) Primary School> and likes <Oakfield>.",
    "He goes to <Oakfield (VA) Primary School>.", "It is <Oakfield C.E. Primary School>.", "It is <St. Mary's R.C. Primary School> now.", "At <Oakfield Primary school> then.", "<Oakfield Infant & Nursery School>", "<St Anne's> and <Saint Anne’s>", "<Beck Lane Primary School>, <beck lane primary school>",
    "He attends <Ysgol Gyfun Glantaf>. <Ysgol y Bryn> was full. <Ysgol Gynradd Gymraeg Bryn y Môr>.",
)  # fmt: skip


@pytest.mark.parametrize("text", LABELLED + NAMED)
def test_a_setting_that_is_not_registered_is_found_by_its_label_or_its_kind(text: str) -> None:
    assert marked(plain(text)) == text
    assert {token.split()[0] for _, token in found(plain(text))} == {"SETTING"}


def test_a_setting_has_one_number_whatever_church_stands_in_its_name() -> None:
    text = (
        "Oakfield C.E. Primary School, Oakfield CE Primary, Oakfield C of E (VA) Primary School, OAKFIELD PRIMARY SCHOOL, Oakfield"
    )
    assert [token for _, token in found(text)] == ["SETTING 1"] * 5


CHILD = Known((Person(RoleToken.CHILD, ("Tobi Marlow",)),))
BELOW_A_NAME = (
    "<Tobi Marlow>\n<Beck Lane Primary School>\n<Beck Lane> is big. At <Beck Lane> he learns.", "<Tobi>\n<Beck Lane Primary School>\n<Beck Lane> is big.",
    "<Tobi Marlow>. School: <Beck Lane Primary School>. <Beck Lane> is big.", "He goes to <Beck\nLane Primary School> now. <Beck Lane> is big.", "<Tobi Marlow> School: <Beck Lane>\nAt <Beck Lane> he learns.",
    "School\n<Oak\nHill\nPrimary School>. At <Oak Hill>", "<St. Anne's\nPrimary School>", "Social worker: <Quorra Vance>\n<Beck Lane Primary School>\n<Beck Lane> is big.", "<Xiu Vanque\nBeck Lane Primary School>\n<Beck Lane> is big.",
)  # fmt: skip


@pytest.mark.parametrize("text", BELOW_A_NAME)
def test_the_name_above_a_school_is_no_part_of_its_name(text: str) -> None:
    assert marked(plain(text), CHILD) == text


SAID = (
    ("Placement", "Unsettled"), ("School", "Refuses"), ("School", "Anxious"), ("School", "Struggling"), ("School", "Withdrawn"), ("School", "Excluded"),
    ("School", "Home Educated"), ("School", "EOTAS"), ("College", "Undecided"), ("Nursery", "Unknown"), ("Nursery", "Settled Quickly"), ("Hospital", "Tonsillectomy"),
    ("Surgery", "Bilateral Grommets"), ("Setting", "Resourced Provision"),
)  # fmt: skip


@pytest.mark.parametrize(("label", "words"), SAID)
def test_what_is_said_behind_a_label_is_no_setting_anywhere(label: str, words: str) -> None:
    assert found(f"{label}: {words}\n{words} behaviour is seen. At {words} he sits.") == []


def test_a_single_word_behind_a_label_is_looked_for_elsewhere_only_where_something_else_makes_it_a_place() -> None:
    alone = "School: <Quillon>\nQuillon behaviour is seen."
    confirmed = "School: <Quillon>\n<Quillon> is big. He left <Quillon>. School: Goring. School: <Goring Hall>"
    assert marked(plain(alone)) == alone
    assert marked(plain(confirmed)) == confirmed


NO_SETTING = (
    "School: Mainstream\nPlacement: Yes\nSchool: Staff will help.\nSchool: TBC\nSchool: To be confirmed\nSetting: Early Years\nSchool: English",
    "School: Makes good progress. Setting: Quiet space and a mat. School: Attendance 95%. Type of setting: Mainstream", "School: Autumn 2026",
    "SUPPORT IN SCHOOL\nTYPE OF SCHOOL\nWORKING WITH SCHOOL\nPRIMARY SCHOOL\nATTENDANCE AT SPECIAL SCHOOL\nNAME OF SCHOOL\nMAINSTREAM SECONDARY SCHOOL",
    "Forest School is on Fridays. File name: Oak Hill. Home school agreement.",
)  # fmt: skip


@pytest.mark.parametrize("text", NO_SETTING)
def test_what_is_said_of_a_setting_is_none(text: str) -> None:
    assert found(text) == []


def test_the_head_of_a_table_is_no_child() -> None:
    assert found("Title Forename Surname Gender DOB UPN\nForename Surname DOB\n") == []


PATTERNS = [
    pattern
    for module in (contexts, patterns, places)
    for name, pattern in sorted(vars(module).items())
    if isinstance(pattern, re.Pattern) and not pattern.pattern.endswith("$")
]
ENDLESS = ("a", "A", "a.", "A-", "1", "Foster-")


@pytest.mark.parametrize("unit", ENDLESS)
def test_a_page_of_one_endless_word_is_searched_in_steps_that_grow_with_its_length_only(unit: str) -> None:
    """Where they grow with its square, this would not end within the time that a run of the tests has."""
    text = unit * (100_000 // len(unit))
    for pattern in PATTERNS:
        assert sum(1 for _ in pattern.finditer(text)) <= len(text)


NO_STREET = (
    "Year 5\n<Tobi> likes Beck Lane.", "100 Number Square", "Lesson 2 Number Square", "1 Daily phonics Place", "Step 3 Quiet Place", "Lives with 2 brothers near <?Rose Hill>",
    "At <14 Rowan Street> and <12 The Green>, <3 Stoke on Trent Road>, <27 OLD MILL LANE> then.",
)  # fmt: skip


@pytest.mark.parametrize("text", NO_STREET)
def test_a_figure_in_a_sentence_is_no_number_of_a_house(text: str) -> None:
    assert marked(plain(text), CHILD) == text
