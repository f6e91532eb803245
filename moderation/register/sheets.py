"""Reads an uploaded CSV or XLSX file into rows of text, whatever its encoding, or says in words why it cannot be read.

Nothing here trusts the file: its kind is told from its content, its unpacked size, rows and columns are limited, and a formula
is never taken for its last value.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from moderation.words import InvalidInput, Problem

MOST_BYTES = 10_000_000
MOST_UNPACKED = 40_000_000
MOST_PARTS = 500
MOST_ROWS = 20_000
MOST_LINES = 50_000  # blank ones too
MOST_COLUMNS = 60
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z0-9:]{2,20})"')
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
DELIMITERS = ",;\t|"

Line = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A header and the rows under it, each with its number as a spreadsheet shows it."""

    file: str
    header: Line
    rows: tuple[tuple[int, Line], ...]


def read_table(file: str, content: bytes) -> Table:
    """The table of a CSV or XLSX file; InvalidInput says why there is none."""
    if len(content) > MOST_BYTES:
        raise _refusal(file, f"is too large: {len(content) / 1e6:.0f} MB", allowed=f"files of up to {MOST_BYTES // 1_000_000} MB")
    if not content.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise _refusal(file, "is empty")
    lines = list(islice(_reader(file, content)(file, content), MOST_LINES + 1))
    return _table(file, lines)


def _reader(file: str, content: bytes) -> Callable[[str, bytes], Iterator[Line]]:
    if content.startswith(OLD_EXCEL):
        raise _refusal(file, "is an old Excel file, or is protected by a password", allowed="XLSX without a password, or CSV")
    if content.startswith(b"PK"):
        return _xlsx_lines
    if content.startswith((b"%PDF", b"\x89PNG", b"{\\rtf", b"<?xml", b"<html", b"<!DOCTYPE")):
        raise _refusal(file, "is not a table", allowed="CSV or XLSX")
    return _csv_lines


def _table(file: str, lines: list[Line]) -> Table:
    filled = [(number, line) for number, line in enumerate(lines, start=1) if any(line)]
    if not filled:
        raise _refusal(file, "is empty")
    if len(lines) > MOST_LINES or len(filled) > MOST_ROWS + 1:
        raise _refusal(file, "has too many rows", allowed=f"up to {MOST_ROWS:,} rows in a file")
    return Table(file, filled[0][1], tuple(filled[1:]))


def _csv_lines(file: str, content: bytes) -> Iterator[Line]:
    text = _decoded(file, content)
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        try:
            line = next(reader)
        except StopIteration:
            return
        except csv.Error:
            wrong = "cannot be read: a cell is too long, or a quotation mark is not closed"
            raise _refusal(file, wrong, row=reader.line_num) from None
        if len(line) > MOST_COLUMNS and any(line[MOST_COLUMNS:]):
            raise _refusal(file, "has too many columns", row=reader.line_num, allowed=f"up to {MOST_COLUMNS} columns")
        yield tuple(cell.strip() for cell in line[:MOST_COLUMNS])


def _decoded(file: str, content: bytes) -> str:
    """UTF-8, UTF-16 (Excel's "Unicode text"), or else what Windows writes in this country."""
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _is_garbled(text):
            return text
    raise _refusal(file, "is not text that can be read", allowed="CSV saved as UTF-8, or XLSX")


def _encodings(content: bytes) -> Iterable[str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    if b"\0" in content[:400]:
        return ("utf-16-le", "utf-16-be") if content[1:2] == b"\0" else ("utf-16-be",)
    return ("utf-8-sig", "cp1252")


def _is_garbled(text: str) -> bool:
    return any(letter < " " and letter not in "\t\r\n\f\v" for letter in text)


def _xlsx_lines(file: str, content: bytes) -> Iterator[Line]:
    _check_unpacked_size(file, content)
    try:
        yield from _first_sheet(file, content)
    except InvalidInput:
        raise
    except Exception:  # whatever a damaged or hostile workbook makes the reader raise, the answer is the same
        wrong = "cannot be read as an Excel workbook. Open it in Excel and save it again"
        raise _refusal(file, wrong, allowed="XLSX or CSV") from None


def _check_unpacked_size(file: str, content: bytes) -> None:
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise _refusal(file, "is damaged and cannot be opened", allowed="XLSX or CSV") from None
    # zipfile never unpacks more of a part than it declares, so the declared sizes hold.
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        allowed = f"workbooks of up to {MOST_UNPACKED // 1_000_000} MB unpacked"
        raise _refusal(file, "unpacks to more than can be read", allowed=allowed)


def _first_sheet(file: str, content: bytes) -> Iterator[Line]:
    """The sheet called Plans, else the first one."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    try:
        sheets = {sheet.title.casefold(): sheet for sheet in reversed(book.worksheets)}
        sheet = sheets.get("plans", book.worksheets[0])
        _refuse_merged_cells(file, book, sheet)
        for row in sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True):
            yield tuple(_as_text(value) for value in row)
    finally:
        book.close()


def _refuse_merged_cells(file: str, book: Any, sheet: Any) -> None:
    merged = MERGED.findall(book._archive.read(sheet._worksheet_path))  # a read-only sheet does not tell
    if merged:
        cells = ", ".join(ref.decode() for ref in merged[:20])
        raise _refusal(file, "has merged cells, so it is not clear which row a value belongs to. Unmerge them", value=cells)


def _as_text(value: Any) -> str:
    """A cell as a person reads it; dates in ISO form, a formula as its text, never as its last result."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.min.time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (str, int, float)):
        return str(value).strip()
    return "=" if hasattr(value, "ref") else str(value)  # array formulas are objects


def _refusal(file: str, message: str, row: int | None = None, value: str | None = None, allowed: str | None = None) -> InvalidInput:
    return InvalidInput([Problem("", message, file=file, row=row, value=value, allowed=allowed)])
