"""A file of ratings for `moderation replay`: its criteria with their scales, its raters by group, its sheets and rounds."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..register.criteria import ScaleKind
from ..words import InvalidInput, Problem
from .csv_columns import Table, read_columns, unusable

NEEDED = ("item", "rater", "criterion", "score")
OPTIONAL = ("round", "rater_group")
MOST_ORDINAL = 10
MOST_DECIMALS = 4
Sheet = tuple[str, str]  # item, rater


@dataclass(frozen=True)
class Criterion:
    """One criterion of the file and how its scores are stored: whole numbers, 35 with one decimal being 3.5."""

    key: str
    kind: ScaleKind
    levels: tuple[int, ...]  # of a nominal or ordinal scale
    lowest: int
    highest: int
    decimals: int = 0
    bands: tuple[float, ...] = ()

    def stored(self, score: float) -> int:
        """A score as it is stored: its band (the lower edge belongs to it; the last has both), or a whole number."""
        if self.bands:
            return min(bisect_right(self.bands, score), len(self.bands) - 1)
        return int(round(score * 10**self.decimals))  # noqa: RUF046 - numpy floats round to floats


@dataclass(frozen=True)
class RatingsFile:
    """Answers by sheet, for the first round and (maybe) the second."""

    criteria: Mapping[str, Criterion]
    raters: Mapping[str, str]  # rater -> group
    first: Mapping[Sheet, Mapping[str, int]]
    second: Mapping[Sheet, Mapping[str, int]]
    rounds: tuple[str, ...]

    @property
    def items(self) -> list[str]:
        return list(dict.fromkeys(item for item, _ in self.first))

    @property
    def groups(self) -> list[str]:
        return list(dict.fromkeys(self.raters.values()))

    def most_raters(self, group: str) -> int:
        """How many raters of a group an item has, at most."""
        return max(Counter(item for item, rater in self.first if self.raters[rater] == group).values())


@dataclass(frozen=True)
class _Line:
    round: str
    sheet: Sheet
    group: str
    criterion: str
    score: float


def read_ratings(path: Path, declared: Sequence[str] = ()) -> RatingsFile:
    """The file's ratings; InvalidInput names file, row, column, value and what is allowed."""
    lines = _lines(path)
    rounds = tuple(sorted({line.round for line in lines}))
    if len(rounds) > 2:
        raise unusable("round", "a replay has one round, or two", path.name, column="round", value=", ".join(rounds))
    scores: defaultdict[str, list[float]] = defaultdict(list)
    for line in lines:
        scores[line.criterion].append(line.score)
    wanted = _declarations(declared, scores)
    criteria = {key: _criterion(key, values, wanted.get(key)) for key, values in scores.items()}
    raters = {line.sheet[1]: line.group for line in lines}
    by_round = [_answers(path, (line for line in lines if line.round == name), criteria) for name in rounds]
    return RatingsFile(criteria, raters, by_round[0], by_round[1] if len(by_round) > 1 else {}, rounds)


def _lines(path: Path) -> list[_Line]:
    table = read_columns(path, NEEDED, OPTIONAL)
    rows = range(len(table.lines))
    found = [line for row in rows if (line := _line(table, row)) is not None]
    if not found:
        raise unusable("score", "every score is empty", table.file)
    return found


def _line(table: Table, row: int) -> _Line | None:
    """One row of the file; None where the score is empty."""
    score = _word(table, "score", row)
    if not score:
        return None
    try:
        number = float(score)
    except ValueError:
        raise unusable("score", "is not a number", table.file, row=int(table.lines[row]), column="score", value=score) from None
    sheet = (_word(table, "item", row), _word(table, "rater", row))
    group, round_name = _word(table, "rater_group", row) or "raters", _word(table, "round", row) or "1"
    return _Line(round_name, sheet, group, _word(table, "criterion", row), number)


def _word(table: Table, name: str, row: int) -> str:
    column = table.columns.get(name)
    return column.names[column.codes[row]] if column and column.codes[row] >= 0 else ""


def _answers(path: Path, lines: Iterable[_Line], criteria: Mapping[str, Criterion]) -> dict[Sheet, dict[str, int]]:
    found: defaultdict[Sheet, dict[str, int]] = defaultdict(dict)
    for line in lines:
        if line.criterion in found[line.sheet]:
            item, rater = line.sheet
            raise InvalidInput([Problem("rater", f"{rater} rated {item} twice on {line.criterion}", path.name, column="rater")])
        found[line.sheet][line.criterion] = _stored(path, line, criteria[line.criterion])
    return dict(found)


def _stored(path: Path, line: _Line, criterion: Criterion) -> int:
    value = criterion.stored(line.score)
    known = value in criterion.levels if criterion.levels else criterion.lowest <= value <= criterion.highest
    if not known or (criterion.bands and not criterion.bands[0] <= line.score <= criterion.bands[-1]):
        allowed = ", ".join(map(str, criterion.bands or criterion.levels))
        place = {"column": "score", "value": str(line.score), "allowed": allowed}
        raise unusable("score", f"is not on the scale of {line.criterion}", path.name, **place)
    return value


def _declarations(declared: Sequence[str], known: Iterable[str]) -> dict[str, tuple[str, list[float]]]:
    found = {}
    for text in declared:
        key, _, scale = text.partition("=")
        kind, _, values = scale.partition(":")
        if key not in known or kind not in (*ScaleKind, "bands"):
            allowed = f"one of {', '.join(known)}, then = and nominal, ordinal, interval, ratio or bands"
            raise InvalidInput([Problem("criterion", "cannot be read", value=text, allowed=allowed)])
        try:
            found[key] = (kind, [float(value) for value in values.split(",") if value])
        except ValueError:
            raise InvalidInput([Problem("criterion", "its levels must be numbers", value=text)]) from None
    return found


def _criterion(key: str, scores: Sequence[float], declared: tuple[str, list[float]] | None) -> Criterion:
    kind, values = declared or (_usual_kind(scores), [])
    if kind == "bands":
        bands = tuple(sorted(values))
        return Criterion(key, ScaleKind.ORDINAL, tuple(range(1, len(bands))), 1, len(bands) - 1, bands=bands)
    decimals = _decimals([*scores, *values])
    stored = sorted({round(value * 10**decimals) for value in values or scores})
    if kind == ScaleKind.ORDINAL and not values:
        stored = list(range(stored[0], stored[-1] + 1))
    levels = tuple(stored) if kind in (ScaleKind.NOMINAL, ScaleKind.ORDINAL) else ()
    return Criterion(key, ScaleKind(kind), levels, stored[0], stored[-1], decimals)


def _usual_kind(scores: Sequence[float]) -> ScaleKind:
    """Two values are nominal, up to ten whole numbers ordinal over their whole range, anything else interval."""
    if len(set(scores)) <= 2:
        return ScaleKind.NOMINAL
    whole = all(score.is_integer() for score in scores)
    return ScaleKind.ORDINAL if whole and max(scores) - min(scores) < MOST_ORDINAL else ScaleKind.INTERVAL


def _decimals(scores: Iterable[float]) -> int:
    """Decimal places that store every score exactly, four at most."""
    return next((places for places in range(MOST_DECIMALS) if all(round(s, places) == s for s in scores)), MOST_DECIMALS)
