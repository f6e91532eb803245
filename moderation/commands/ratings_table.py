"""A long table of ratings (`item,rater,score` and more) as groups of ratings, checked row by row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stats import Level, Ratings, Scale
from stats.ratings import smallest_type

from .csv_columns import Codes, Column, Table, dense, read_columns, unusable

NEEDED = ("item", "rater", "score")
OPTIONAL = ("criterion", "round", "rater_group")
EMPTY = -1
_LARGEST = 1e75

Label = str | int | float


@dataclass(frozen=True)
class Group:
    """The ratings of one group; rows of the same item carry the same number in `plans`."""

    key: dict[str, str]
    ratings: Ratings
    plans: Codes
    items: int


@dataclass(frozen=True)
class RatingsTable:
    """A file of ratings: labels of the distinct scores and the code of each row's score, -1 where empty."""

    table: Table
    labels: tuple[Label, ...]
    scores: Codes
    level: Level

    def column(self, name: str) -> Column:
        return self.table.columns[name]

    def codes(self, name: str) -> Codes:
        return self.table.columns[name].codes


def read_ratings_table(path: Path, level: Level | None, else_allowed: str = "") -> RatingsTable:
    """Reads and checks the file; without a level, numbers are ordinal and words nominal. `else_allowed` says what a
    command allows besides numbers."""
    table = read_columns(path, NEEDED, OPTIONAL)
    for name in ("item", "rater"):
        _refuse_empty(table, name)
    column = table.columns["score"]
    labels, rank = _labels(table, column, level, else_allowed)
    if not labels:
        raise unusable("score", "every score is empty", table.file, row=int(table.lines[0]))
    words = any(isinstance(label, str) for label in labels)
    data = RatingsTable(table, labels, rank[column.codes], level or (Level.NOMINAL if words else Level.ORDINAL))
    _refuse_single_rater(data)
    return data


def _refuse_single_rater(data: RatingsTable) -> None:
    """Somebody whose scores are all empty is no second rater."""
    given = np.flatnonzero(data.scores != EMPTY)
    raters = data.codes("rater")[given]
    if raters.min() < raters.max():
        return
    row, only = int(data.table.lines[given[0]]), data.column("rater").text(int(given[0]))
    raise unusable("rater", "there is only one rater with a score; it takes two", data.table.file, row=row, value=only)


def declared_scale(text: str, level: Level | None) -> tuple[Label, ...]:
    """The levels of `--scale 1,2,3,4`, numbers where all of them are."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) == 1 and ";" in text:
        raise unusable("--scale", "separate the levels by commas", value=text, allowed="1,2,3,4")
    if not all(parts) or len(set(parts)) != len(parts):
        raise unusable("--scale", "give each level once, separated by commas", value=text)
    numbers = [_number(part) for part in parts]
    if all(number is not None for number in numbers):
        if len(set(numbers)) != len(numbers):
            raise unusable("--scale", "give each level once, separated by commas", value=text)
        return tuple(number for number in numbers if number is not None)
    if level not in (None, Level.NOMINAL):
        raise unusable("--scale", f"the level {level} needs numbers", value=text, allowed="numbers, or --level nominal")
    return tuple(parts)


def groups_of(data: RatingsTable, by: Sequence[str], scale: Sequence[Label] | None) -> Iterator[Group]:
    """One group of ratings for each combination of the columns `by`, in the order in which they appear."""
    missing = [name for name in by if name not in data.table.columns]
    if missing:
        raise unusable(missing[0], "the column for --by is missing", data.table.file, row=1)
    labels, scores = _on_scale(data, scale)
    key = _combined([data.codes(name) for name in by], len(data.table))
    observed = None if scale is not None else _combined([data.codes("criterion")] if "criterion" in by else [], len(key))
    order = np.argsort(key, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
        used = _used(observed, scores, rows)
        yield _group(data, by, rows, labels, scores, used)


def units_of(data: RatingsTable, by: Sequence[str], rows: Codes) -> Codes:
    """The unit of each row: its item, and its criterion and round where groups are not made by them."""
    parts = [data.codes("item")[rows]]
    parts += [data.codes(name)[rows] for name in ("criterion", "round") if name in data.table.columns and name not in by]
    return _combined(parts, len(rows))


def refuse_twice(data: RatingsTable, rows: Codes, units: Codes) -> None:
    """Refuses a rater who rates a unit a second time."""
    rater = data.codes("rater")[rows]
    cell = units * (int(rater.max(initial=0)) + 1) + rater
    if len(dense(cell)[1]) == len(cell):
        return
    order = np.argsort(cell, kind="stable")
    again = int(order[1:][np.diff(cell[order]) == 0].min())
    before = int(np.flatnonzero(cell == cell[again])[0])
    lines, row = data.table.lines, rows[again]
    message = f"this rater rates item {data.column('item').text(row)} a second time, first in row {lines[rows[before]]}"
    allowed = "one score by a rater for an item"
    raise unusable("rater", message, data.table.file, row=int(lines[row]), value=data.column("rater").text(row), allowed=allowed)


def _group(data: RatingsTable, by: Sequence[str], rows: Codes, labels: Sequence[Label], scores: Codes, used: Codes | None) -> Group:
    units = units_of(data, by, rows)
    refuse_twice(data, rows, units)
    unit, first = dense(units)
    rater, raters = dense(data.codes("rater")[rows])
    item, items = dense(data.codes("item")[rows])
    shown, place = labels, scores[rows]
    if used is not None:
        shown = [labels[code] for code in used]
        place = np.where(place == EMPTY, EMPTY, np.searchsorted(used, place))
    codes = np.full((len(first), len(raters)), EMPTY, dtype=smallest_type(len(shown)))
    codes[unit, rater] = place
    return Group(
        {name: data.column(name).text(rows[0]) for name in by},
        Ratings.from_codes(codes, Scale.of(data.level, shown or [0])),
        item[first],
        len(items),
    )


def _labels(table: Table, column: Column, level: Level | None, else_allowed: str) -> tuple[tuple[Label, ...], Codes]:
    """The distinct scores in order, and for each name of the column its place among them."""
    numbers = [_number(name) for name in column.names]
    words = [code for code, name in enumerate(column.names) if name and numbers[code] is None]
    if words and (level not in (None, Level.NOMINAL) or len(words) < sum(map(bool, column.names))):
        if level is not Level.NOMINAL:
            raise _needs_number(table, column, words[0], level, else_allowed)
        numbers = [None] * len(numbers)
    found: list[Label] = (
        [name for name in column.names if name] if words else sorted({number for number in numbers if number is not None})
    )
    place = {label: code for code, label in enumerate(found)}
    texts: list[Label | None] = [name or None for name in column.names] if words else list(numbers)
    return tuple(found), np.array([EMPTY if text is None else place[text] for text in texts], dtype=np.int64)


def _needs_number(table: Table, column: Column, code: int, level: Level | None, else_allowed: str) -> Exception:
    row = int(np.flatnonzero(column.codes == code)[0])
    name = level or Level.ORDINAL
    allowed = "; ".join(one for one in ("numbers", "nothing where a rating is missing", else_allowed) if one)
    return unusable(
        "score",
        f"the level {name} needs a number",
        table.file,
        row=int(table.lines[row]),
        value=column.names[code],
        allowed=allowed,
    )


def _on_scale(data: RatingsTable, scale: Sequence[Label] | None) -> tuple[Sequence[Label], Codes]:
    """Scores as places on the declared scale; refuses the first that is not on it."""
    if scale is None:
        return data.labels, data.scores
    words = any(isinstance(label, str) for label in scale)
    shown = [str(label) if words else label for label in data.labels]
    declared = {label: code for code, label in enumerate(Scale.of(data.level, scale).labels)}
    strange = [code for code, label in enumerate(shown) if label not in declared]
    if strange:
        row = int(np.flatnonzero(np.isin(data.scores, strange))[0])
        raise unusable(
            "score",
            "the score is not on the scale",
            data.table.file,
            row=int(data.table.lines[row]),
            value=data.column("score").text(row),
            allowed=", ".join(map(str, declared)),
        )
    place = np.array([declared[label] for label in shown], dtype=np.int64)
    return list(declared), np.where(data.scores == EMPTY, EMPTY, place[data.scores])


def _used(observed: Codes | None, scores: Codes, rows: Codes) -> Codes | None:
    """The scores that occur in the group's criterion, or in the file when groups are not by criterion."""
    if observed is None:
        return None
    mine = scores[observed == observed[rows[0]]]
    return np.unique(mine[mine != EMPTY])


def _refuse_empty(table: Table, name: str) -> None:
    empty = table.columns[name].empty
    if empty is not None:
        raise unusable(name, f"the {name} is empty", table.file, row=int(table.lines[empty]), value="")


def _combined(parts: Sequence[Codes], rows: int) -> Codes:
    """One code for each combination of codes, numbered by first appearance."""
    total = np.zeros(rows, dtype=np.int64)
    for part in parts:
        if len(part) and part.max() > 0:
            total = dense(total * (int(part.max()) + 1) + part)[0] if total.any() else part
    return dense(total)[0]


def _number(text: str) -> float | int | None:
    """A number, whole where it is; None for anything else, and for numbers too large to be squared twice."""
    try:
        number = float(text)
    except ValueError:
        return None
    if not abs(number) <= _LARGEST or "_" in text:
        return None
    return int(number) if number.is_integer() else number
