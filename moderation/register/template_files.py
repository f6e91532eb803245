"""The empty import files that a lead downloads: a CSV with the header, and a workbook that also lists what is allowed."""

import csv
import io
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from .codes import EVENT_NAMES, NEED_NAMES, SETTING_NAMES
from .columns import COLUMNS, Column

CODES: Mapping[str, Mapping[Any, str]] = {"primary_need": NEED_NAMES, "setting_type": SETTING_NAMES, "plan_event": EVENT_NAMES}
ROWS_WITH_LISTS = 5_001


def csv_template() -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(column.key for column in COLUMNS)
    return text.getvalue().encode("utf-8-sig")


def xlsx_template() -> bytes:
    """The sheet Plans to fill in, with lists to choose codes from, and a sheet that explains every column and code."""
    from openpyxl import Workbook

    book = Workbook()
    sheet: Any = book.active
    sheet.title = "Plans"
    sheet.append([column.key for column in COLUMNS])
    for place, column in enumerate(COLUMNS, start=1):
        _shape(sheet, place, column)
    sheet.freeze_panes = "A2"
    _explain(book.create_sheet("What is allowed"))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _shape(sheet: Any, place: int, column: Column) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    letter = get_column_letter(place)
    sheet[f"{letter}1"].font = Font(bold=True)
    sheet.column_dimensions[letter].width = max(14, len(column.key) + 2)
    if column.key in CODES:
        choices = DataValidation("list", formula1=_quoted(CODES[column.key]), allow_blank=True)
        choices.add(f"{letter}2:{letter}{ROWS_WITH_LISTS}")
        sheet.add_data_validation(choices)


def _quoted(names: Mapping[StrEnum, str]) -> str:
    return f'"{",".join(names)}"'


def _explain(sheet: Any) -> None:
    from openpyxl.styles import Font

    sheet.append(["column", "needed", "what is allowed", "example"])
    for column in COLUMNS:
        sheet.append([column.key, "yes" if column.required else "no", column.allowed, column.example])
    sheet.append([])
    sheet.append(["column", "code", "name"])
    for key, names in CODES.items():
        for code, name in names.items():
            sheet.append([key, code.value, name])
    for letter, width in (("A", 20), ("B", 24), ("C", 60), ("D", 16)):
        sheet.column_dimensions[letter].width = width
        sheet[f"{letter}1"].font = Font(bold=True)
