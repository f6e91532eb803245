"""Reads the columns of a CSV file as codes of their distinct values, fast: a million rows in about a second.

A plain file (no quotes, no stray blanks) is cut with numpy: fields become 64-bit words, words become codes. Any other
file goes through the csv module, with the same result. Anything unusable raises InvalidInput that names
file, row and field.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..words import InvalidInput, Problem

Bytes = npt.NDArray[np.uint8]
Codes = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

_COMMA, _NEWLINE = ord(","), ord("\n")
_UNUSUAL = (b'"', b"\n\n", b" ,", b", ", b" \n", b"\n ", b"\t")
_TABLE_CELLS = 50_000_000
_FIELD_LIMIT = 10_000


@dataclass(frozen=True)
class Column:
    """A column of text: a code for each row, numbered by first appearance; the text is read when asked for."""

    codes: Codes
    first: Codes
    text: Callable[[int], str]
    """The text of a row."""
    empty: int | None
    """The first row without a text."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(self.text(int(row)) for row in self.first)

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True)
class Table:
    """The wanted columns of a file. `lines[row]` is the line on which a row stands."""

    file: str
    columns: dict[str, Column]
    lines: Codes

    def __len__(self) -> int:
        return len(self.lines)


def unusable(field: str, message: str, file: str | None = None, **where: object) -> InvalidInput:
    """One thing that is wrong with the input."""
    return InvalidInput([Problem(field, message, file, **where)])  # type: ignore[arg-type]


def read_columns(path: Path, needed: Sequence[str], optional: Sequence[str] = ()) -> Table:
    """The needed columns, and the optional ones that the file has."""
    data = _read(path)
    header, _, body = data.partition(b"\n")
    names = _header(header, path.name, needed)
    wanted = [name for name in (*needed, *optional) if name in names]
    places = {name: names.index(name) for name in wanted}
    if not body.strip():
        raise _no_ratings(path.name)
    if any(mark in body for mark in _UNUSUAL):
        return _by_csv(data, path.name, places, len(names))
    return _by_words(body if body.endswith(b"\n") else body + b"\n", path.name, places, len(names))


def _no_ratings(file: str) -> InvalidInput:
    return unusable("file", "the file has a header but no ratings", file, row=2)


def _read(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unusable("file", f"cannot be read: {error.strerror}", path.name) from error
    if not data.strip():
        raise unusable("file", "the file is empty", path.name)
    if data.startswith(b"PK\x03\x04"):
        raise unusable("file", "this is a workbook, not a CSV file; save it as CSV UTF-8", path.name, row=1)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or data[:1000].count(0) * 3 > len(data[:1000]):
        raise unusable("file", "the file is in UTF-16; save it as CSV UTF-8", path.name, row=1)
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise unusable("file", "this is not UTF-8 text; save the file as CSV UTF-8", path.name, row=row) from error
    if b"\0" in data:
        row = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise unusable("file", "there is a zero byte in the text", path.name, row=row)
    return data


def _header(line: bytes, file: str, needed: Sequence[str]) -> list[str]:
    text = line.decode("utf-8")
    names = [name.strip() for name in next(csv.reader([text]), [])]
    if len(names) < 2 and (";" in text or "\t" in text):
        found = "semicolons" if ";" in text else "tabs"
        raise unusable("file", f"the columns are separated by {found}; separate them by commas", file, row=1)
    missing = [name for name in needed if name not in names]
    if missing:
        raise unusable(missing[0], "the column is missing", file, row=1, value=text[:200], allowed=", ".join(needed))
    twice = [name for name in names if names.count(name) > 1 and name]
    if twice:
        raise unusable(twice[0], "the column stands there twice", file, row=1)
    return names


def _by_words(body: bytes, file: str, places: dict[str, int], width: int) -> Table:
    buffer = np.frombuffer(body + bytes(8), dtype=np.uint8)
    marks = np.flatnonzero((buffer == _COMMA) | (buffer == _NEWLINE))
    rows = body.count(b"\n")
    line_ends = np.flatnonzero(buffer[marks] == _NEWLINE)
    fields = np.diff(line_ends, prepend=-1)
    if np.any(fields != width):
        row = int(np.flatnonzero(fields != width)[0])
        raise _ragged(file, row + 2, int(fields[row]), width)
    ends = marks.reshape(rows, width)
    words = np.lib.stride_tricks.as_strided(buffer[:8].view(np.uint64), (len(body) + 1,), (1,))
    columns = {}
    for name, place in places.items():
        starts = ends[:, place - 1] + 1 if place else np.append(0, ends[:-1, -1] + 1)
        columns[name] = _column(body, words, starts, ends[:, place], file, name)
    return Table(file, columns, np.arange(2, rows + 2))


def _column(body: bytes, words: Words, starts: Codes, ends: Codes, file: str, name: str) -> Column:
    lengths = ends - starts
    longest = int(lengths.max())
    if longest > _FIELD_LIMIT:
        raise unusable(name, f"the field is longer than {_FIELD_LIMIT:,} characters", file, row=int(lengths.argmax()) + 2)
    codes = np.zeros(len(starts), dtype=np.int64)
    for offset in range(0, max(longest, 1), 8):
        part = _codes_of_words(_word_at(words, starts, lengths, offset))
        codes = dense(codes * (int(part.max()) + 1) + part)[0]
    empty = int(lengths.argmin()) if not lengths.min() else None
    return Column(*dense(codes), lambda row: body[starts[row] : ends[row]].decode("utf-8"), empty)


def _word_at(words: Words, starts: Codes, lengths: Codes, offset: int) -> Words:
    """The eight bytes of each field from `offset` on, zero beyond its end."""
    left = np.clip(lengths - offset, 0, 8)
    keep = np.array([(1 << 8 * count) - 1 for count in range(9)], dtype=np.uint64)[left]
    return np.asarray(words[np.where(left > 0, starts + offset, 0)] & keep)


def _codes_of_words(found: Words) -> Codes:
    if found.max() < 1 << 16:
        small = found.astype(np.int64)
        table = np.zeros(1 << 16, dtype=np.int64)
        table[small] = 1
        return np.asarray((np.cumsum(table) - 1)[small])
    return np.asarray(np.unique(found, return_inverse=True)[1], dtype=np.int64)


def dense(codes: Codes) -> tuple[Codes, Codes]:
    """Codes renumbered 0, 1, 2 ... by first appearance, and the first row of each."""
    if not len(codes):
        return codes, codes
    if codes.max() > _TABLE_CELLS:
        codes = np.unique(codes, return_inverse=True)[1]
    first = np.full(int(codes.max()) + 1, -1, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    used = np.flatnonzero(first >= 0)
    order = used[np.argsort(first[used], kind="stable")]
    place = np.empty(len(first), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[codes], first[order]


def _by_csv(data: bytes, file: str, places: dict[str, int], width: int) -> Table:
    reader = csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True)
    found: dict[str, list[int]] = {name: [] for name in places}
    names: dict[str, dict[str, int]] = {name: {} for name in places}
    lines = []
    try:
        next(reader)
        if reader.line_num > 1:
            raise unusable("file", "a quotation mark in the header is not closed", file, row=1)
        for record in reader:
            if not record:
                continue
            if len(record) != width:
                raise _ragged(file, reader.line_num, len(record), width)
            lines.append(reader.line_num)
            for name, place in places.items():
                found[name].append(names[name].setdefault(record[place].strip(), len(names[name])))
    except csv.Error as error:
        raise unusable("file", f"cannot be read as CSV: {error}", file, row=reader.line_num) from error
    if not lines:
        raise _no_ratings(file)
    columns = {name: _listed(found[name], tuple(names[name])) for name in places}
    return Table(file, columns, np.array(lines, dtype=np.int64))


def _listed(found: Sequence[int], names: tuple[str, ...]) -> Column:
    codes, first = dense(np.array(found, dtype=np.int64))
    empty = int(first[names.index("")]) if "" in names else None
    return Column(codes, first, lambda row: names[found[row]], empty)


def _ragged(file: str, row: int, fields: int, width: int) -> InvalidInput:
    return unusable("file", f"the row has {fields} field{'' if fields == 1 else 's'} and the header {width}", file, row=row)
