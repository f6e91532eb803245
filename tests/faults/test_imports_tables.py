"""Every import names file, row, column, value and what is allowed, all errors at once; no file makes it stumble."""

import io
import random
import zipfile
from collections.abc import Mapping
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from moderation.register.codes import PlanEvent, PrimaryNeed, SettingType
from moderation.register.rules import KnownVersion, PlanFacts, check_import
from moderation.register.sheets import MOST_ROWS, MOST_UNPACKED, Table, read_table
from moderation.register.template_files import csv_template, xlsx_template
from moderation.words import InvalidInput, Problem

TODAY = date(2026, 11, 23)
HEADER = "reference,year_group,primary_need,setting_type,plan_event,requested_on,issued_on"
ROW = "NF-1,9,SLCN,mainstream,new_plan,2025-11-03,2026-03-27"


def plans_of(content: bytes | str, known: Mapping[str, KnownVersion] | None = None) -> tuple[PlanFacts, ...]:
    raw = content.encode() if isinstance(content, str) else content
    return check_import(read_table("plans.csv", raw), known or {}, TODAY)


def problems_of(content: bytes | str, known: Mapping[str, KnownVersion] | None = None) -> list[Problem]:
    with pytest.raises(InvalidInput) as refused:
        plans_of(content, known)
    assert all(problem.file == "plans.csv" and problem.message for problem in refused.value.problems)
    return refused.value.problems


def places(problems: list[Problem]) -> list[tuple[int | None, str | None]]:
    return [(problem.row, problem.column) for problem in problems]


def workbook(*lines: tuple[object, ...], title: str = "Plans") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for line in lines:
        sheet.append(line)  # type: ignore[attr-defined]
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


HEADINGS = tuple(HEADER.split(","))
CELLS = ("NF-1", 9, "SLCN", "mainstream", "new_plan", datetime(2025, 11, 3), datetime(2026, 3, 27))


# --- what is read -------------------------------------------------------------------------------------------------------------


def test_a_row_is_read_into_its_facts() -> None:
    (facts,) = plans_of(f"{HEADER}\n{ROW}\n")
    assert facts == PlanFacts(
        "NF-1",
        9,
        PrimaryNeed.SLCN,
        SettingType.MAINSTREAM,
        PlanEvent.NEW_PLAN,
        requested_on=date(2025, 11, 3),
        issued_on=date(2026, 3, 27),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_encoding_and_delimiter_that_a_spreadsheet_writes_is_read(encoding: str, delimiter: str, ending: str) -> None:
    text = (
        f"{HEADER},setting{ending}{ROW},Ysgol Tŷ{ending}"
        if encoding != "cp1252"
        else f"{HEADER},setting{ending}{ROW},École{ending}"
    )
    (facts,) = plans_of(text.replace(",", delimiter).encode(encoding))
    assert facts.setting in ("Ysgol Tŷ", "École")


def test_a_workbook_is_read_like_the_same_csv() -> None:
    assert plans_of(workbook(HEADINGS, CELLS)) == plans_of(f"{HEADER}\n{ROW}\n")


def test_headings_may_be_in_any_order_and_spelled_as_people_do() -> None:
    text = (
        "Issued on;Plan event;Setting type;Primary need;NCY;Plan reference\n27/03/2026;New plan;EYP;Down syndrome;Reception;NF 1\n"
    )
    (facts,) = plans_of(text)
    assert (facts.reference, facts.year_group, facts.primary_need) == ("NF 1", 0, PrimaryNeed.DS)
    assert (facts.setting_type, facts.issued_on) == (SettingType.EARLY_YEARS, date(2026, 3, 27))


@pytest.mark.parametrize(
    "text",
    ["2026-03-27", "27/03/2026", "27.03.2026", "27 March 2026", "27 Mar 2026", "2026-Mar-27 00:00:00", "2026-03-27 00:00:00"],
)
def test_dates_are_read_in_the_usual_spellings(text: str) -> None:
    assert plans_of(f"{HEADER}\nNF-1,9,SLCN,mainstream,new_plan,,{text}\n")[0].issued_on == date(2026, 3, 27)


def test_blank_rows_are_passed_over_and_rows_keep_the_number_that_the_spreadsheet_shows() -> None:
    wrong = "NF-2,99,SLCN,mainstream,new_plan,,"
    assert places(problems_of(f"\n{HEADER}\n\n,,,,,,\n{ROW}\n{wrong}\n\n")) == [(6, "year_group")]


def test_quoted_cells_with_line_breaks_count_as_one_row() -> None:
    text = f'{HEADER},team\n{ROW},"North\nteam"\nNF-2,99,SLCN,mainstream,new_plan,,,\n'
    assert places(problems_of(text)) == [(3, "year_group")]


def test_both_templates_are_read_and_said_to_hold_no_plans() -> None:
    for template in (csv_template(), xlsx_template()):
        assert [problem.message for problem in problems_of(template)] == ["has a header, but no plans under it"]


# --- what is refused ----------------------------------------------------------------------------------------------------------


def test_all_errors_of_all_rows_come_at_once_with_value_and_what_is_allowed() -> None:
    rows = ["Tobi Smith!,99,AUTISM,castle,birthday,31/02/2026,27/03/26", "NF-2,,SLCN,mainstream,new_plan,2026-04-01,2026-03-27"]
    problems = problems_of("\n".join([HEADER, *rows]))
    assert places(problems) == [
        (2, "reference"),
        (2, "year_group"),
        (2, "primary_need"),
        (2, "setting_type"),
        (2, "plan_event"),
        (2, "requested_on"),
        (2, "issued_on"),
        (3, "year_group"),
        (3, "requested_on"),
    ]
    need = problems[2]
    assert (need.value, need.message) == ("AUTISM", "is not a primary need")
    assert need.allowed is not None and "ASD" in need.allowed


@pytest.mark.parametrize(
    "text", ["30/02/2026", "2026-13-01", "99/99/9999", "03/27/2026", "0001-01-01", "yesterday", "45000", "2013-01-01", "2027-01-01"]
)
def test_impossible_and_improbable_dates_are_refused(text: str) -> None:
    assert places(problems_of(f"{HEADER}\nNF-1,9,SLCN,mainstream,new_plan,,{text}\n")) == [(2, "issued_on")]


@pytest.mark.parametrize("year", ["-5", "21", "9.5", "nine", "Year", "1e3", "\u0669\u0669\u0669"])
def test_year_groups_out_of_range_are_refused(year: str) -> None:
    assert places(problems_of(f"{HEADER}\nNF-1,{year},SLCN,mainstream,new_plan,,\n")) == [(2, "year_group")]


@pytest.mark.parametrize("reference", ["A123456789012", "943 476 5919", "Ëlla", "x" * 41, "../../etc", "<b>"])
def test_references_that_may_be_a_person_or_an_attack_are_refused(reference: str) -> None:
    assert places(problems_of(f"{HEADER}\n{reference},9,SLCN,mainstream,new_plan,,\n")) == [(2, "reference")]


def test_a_reference_twice_in_a_file_is_refused_with_the_earlier_row() -> None:
    problems = problems_of("\n".join([HEADER, ROW, ROW.replace("NF-1", "nf-1")]))
    assert [(problem.row, problem.message) for problem in problems] == [(3, "is in row 2 too")]


def test_a_reference_of_the_register_needs_a_later_version() -> None:
    known = {"nf-1": KnownVersion("new_plan", date(2026, 3, 27))}
    assert "already in the register" in problems_of(f"{HEADER}\n{ROW}\n", known)[0].message
    earlier = "NF-1,9,SLCN,mainstream,amended_after_review,,2026-03-01"
    assert places(problems_of(f"{HEADER}\n{earlier}\n", known)) == [(2, "issued_on")]
    undated = "NF-1,9,SLCN,mainstream,amended_after_review,,"
    assert places(problems_of(f"{HEADER}\n{undated}\n", known)) == [(2, "issued_on")]
    later = "NF-1,9,SLCN,mainstream,amended_after_review,,2026-10-01"
    assert len(plans_of(f"{HEADER}\n{later}\n", known)) == 1


@pytest.mark.parametrize("cell", ["=1+1", "=HYPERLINK(A1)", '=cmd|"/c calc"!A1'])
def test_formulas_are_never_taken_for_values(cell: str) -> None:
    lines = (HEADINGS, (*CELLS[:2], cell, *CELLS[3:]))
    assert places(problems_of(workbook(*lines))) == [(2, "primary_need")]
    quoted = cell.replace('"', '""')
    assert places(problems_of(f'{HEADER}\nNF-1,9,"{quoted}",mainstream,new_plan,,\n')) == [(2, "primary_need")]


def test_merged_cells_are_named() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (HEADINGS, CELLS, CELLS):
        sheet.append(line)  # type: ignore[attr-defined]
    sheet.merge_cells("C2:C3")  # type: ignore[attr-defined]
    file = io.BytesIO()
    book.save(file)
    (problem,) = problems_of(file.getvalue())
    assert "merged" in problem.message
    assert problem.value == "C2:C3"


def test_unknown_missing_and_repeated_columns_are_named_with_those_that_are_known() -> None:
    problems = problems_of("reference,reference,colour,year_group\nNF-1,NF-1,red,9\n")
    assert {problem.message for problem in problems} == {
        "is there more than once", "is not a column of this import", "lacks these columns",
    }  # fmt: skip
    assert any(problem.value == "primary_need, setting_type, plan_event" for problem in problems)


def test_cells_without_a_heading_are_named() -> None:
    assert places(problems_of(f"{HEADER}\n{ROW},stray\n")) == [(2, "number 8")]


def test_every_wrong_row_of_a_long_file_is_reported() -> None:
    rows = [f"NF-{number},99,SLCN,mainstream,new_plan,," for number in range(1_000)]
    assert len(problems_of("\n".join([HEADER, *rows]))) == 1_000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"   \r\n\t ", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\xff\xfe", "is empty"),
        (b",,,\n,,,\n", "is empty"),
        (b"%PDF-1.7 ...", "is not a table"),
        (b"<html><table>", "is not a table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel file"),
        (b"PK\x03\x04 not a zip", "is damaged"),
        (b"\x81\x8d\x8f\x90\x9d" * 10, "is not text"),
        (bytes(range(256)) * 4, "is not text"),
        (b"\0" * 3_000, "is empty"),
        (b'a,b\n"' + b"x" * 200_000, "cannot be read"),
        (b"a," * 100_000, "too many columns"),
        (b"x" * 10_000_001, "is too large"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content: bytes, words: str) -> None:
    (problem,) = problems_of(content)
    assert words in problem.message


def test_a_file_of_100_megabytes_is_refused() -> None:
    (problem,) = problems_of(b"NF-1,9,SLCN\n" * 8_500_000)
    assert "100 MB" in problem.message or "102 MB" in problem.message


def test_too_many_rows_are_refused() -> None:
    (problem,) = problems_of(HEADER + "\n" + f"{ROW}\n" * (MOST_ROWS + 1))
    assert "too many rows" in problem.message


# --- hostile workbooks --------------------------------------------------------------------------------------------------------


def repacked(parts: Mapping[str, bytes]) -> bytes:
    """A good workbook in which some parts are replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(HEADINGS, CELLS))) as good, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bad:
        for name in good.namelist():
            bad.writestr(name, parts.get(name, good.read(name)))
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>'
)


def sheet(rows: str, before: str = "", dimension: str = "") -> dict[str, bytes]:
    return {SHEET: f"{before}<worksheet {SPACE}>{dimension}<sheetData>{rows}</sheetData></worksheet>".encode()}


ENTITY = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
HOSTILE = {
    "billion laughs": sheet('<row r="1"><c t="str"><v>&d;</v></c></row>', before=LAUGHS),
    "external entity": sheet('<row r="1"><c t="str"><v>&x;</v></c></row>', before=ENTITY),
    "row two thousand million": sheet('<row r="2000000000"><c r="A2000000000" t="str"><v>x</v></c></row>'),
    "a column far out": sheet('<row r="1"><c r="XFD1" t="str"><v>x</v></c></row>'),
    "wrong dimension": sheet("<row><c><v>1</v></c></row>", dimension='<dimension ref="A1:A1"/>'),
    "zip bomb": {SHEET: b"<worksheet>" + b" " * (MOST_UNPACKED + 1)},
    "broken xml": {SHEET: b"<worksheet><sheetData><row>"},
    "not xml": {SHEET: random.Random(1).randbytes(5_000)},
    "no workbook": {"xl/workbook.xml": b""},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_is_refused_in_words(name: str) -> None:
    assert problems_of(repacked(HOSTILE[name]))


def test_a_thousand_damaged_files_are_read_or_refused_in_words() -> None:
    """Bytes of good files flipped, cut and doubled at random: never anything but plans or problems."""
    chance = random.Random(7)
    good = [f"{HEADER}\n{ROW}\n".encode(), f"{HEADER}\n{ROW}\n".encode("utf-16"), workbook(HEADINGS, CELLS)]
    for _ in range(1_000):
        content = bytearray(chance.choice(good))
        for _ in range(chance.randint(1, 8)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        cut = bytes(content[: chance.randint(1, len(content))]) if chance.random() < 0.3 else bytes(content)
        try:
            assert isinstance(read_table("plans.csv", cut), Table)
            plans_of(cut)
        except InvalidInput as refused:
            assert refused.problems
