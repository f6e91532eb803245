"""A figure's whole table: the page shows it in words and rounded, the CSV file has the same rows as plain numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from moderation.web.filters import coefficient, london_date, number, percent, points, signed

Value = str | int | float | date | None


class Kind(StrEnum):
    """What stands in a column."""

    TEXT = "text"
    COUNT = "count"
    COEFFICIENT = "coefficient"
    DIFFERENCE = "difference"
    SHARE = "share"
    POINTS = "points"  # a difference of shares


@dataclass(frozen=True)
class Column:
    title: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Table:
    """`name` is the file's name; every row has one value per column, the first names the row."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.title for column in self.columns)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The columns to be set right."""
        return tuple(place for place, column in enumerate(self.columns) if column.kind is not Kind.TEXT)

    @property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(map(_text, self.columns, row)) for row in self.rows)

    @property
    def values(self) -> tuple[tuple[Value, ...], ...]:
        """For a file: shares as percentages, because that is what the header says."""
        return tuple(tuple(map(_value, self.columns, row)) for row in self.rows)


SHOWN: Mapping[Kind, Callable[[float | None], str]] = {
    Kind.COUNT: lambda value: number(value, empty="not shown"),
    Kind.COEFFICIENT: coefficient,
    Kind.DIFFERENCE: lambda value: signed(value, 2),
    Kind.SHARE: percent,
    Kind.POINTS: points,
}


def _text(column: Column, value: Value) -> str:
    if isinstance(value, date):
        return london_date(value)
    if column.kind is Kind.TEXT or isinstance(value, str):
        return "" if value is None else str(value)
    return SHOWN[column.kind](value)


def _value(column: Column, value: Value) -> Value:
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str):
        return "" if value is None else value
    return round(100 * value, 6) if column.kind in (Kind.SHARE, Kind.POINTS) else value
