"""Agency by agency, as an HTML table: agreement on and below the diagonal, who grades higher above it, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..filters import coefficient, number, percent, plural
from .drawing import Drawing, Label
from .intervals import cell_interval
from .readings import Reading, Undefined


@dataclass(frozen=True)
class PairFigures:
    """Two agencies on the same plans (or one agency with itself). same: share of pairs with the same grade;
    difference: mean grade of the second minus mean grade of the first."""

    agreement: Reading | Undefined
    same: float | None
    plans: int
    difference: Reading | Undefined | None = None


@dataclass(frozen=True)
class MatrixCell:
    """One cell in words. A figure stands large and has words beside it; without one the words stand alone."""

    kind: Literal["within", "between", "diff"]
    names: str
    figure: str = ""
    beside: str = ""
    words: str = ""
    note: str = ""
    drawing: Drawing | None = None


@dataclass(frozen=True)
class Matrix:
    label: Label
    agencies: tuple[tuple[str, str], ...]
    rows: tuple[tuple[tuple[str, str], tuple[MatrixCell, ...]], ...]


def agency_matrix(agencies: Sequence[tuple[str, str]], pairs: Mapping[frozenset[str], PairFigures], label: Label) -> Matrix:
    """agencies: (kind, name) in order; pairs by the set of names (one name: within the agency)."""
    names = [name for _, name in agencies]
    rows = tuple(
        (agency, tuple(_cell(row, column, names, pairs, label) for column in range(len(names))))
        for row, agency in enumerate(agencies)
    )
    return Matrix(label, tuple(agencies), rows)


def _cell(row: int, column: int, names: list[str], pairs: Mapping[frozenset[str], PairFigures], label: Label) -> MatrixCell:
    first, second = names[min(row, column)], names[max(row, column)]
    figures = pairs.get(frozenset({first, second}))
    if row < column:
        return _difference_cell(first, second, figures)
    place = Label(f"{label.id}-{row}-{column}", f"{first} and {second}", "")
    return _agreement_cell(first, second, figures, place)


def _agreement_cell(first: str, second: str, figures: PairFigures | None, place: Label) -> MatrixCell:
    kind: Literal["within", "between"] = "within" if first == second else "between"
    names = f"Two auditors of {first}" if first == second else f"{first} and {second}"
    if figures is None or figures.plans == 0:
        return MatrixCell(kind, names, words="No shared plans")
    if isinstance(figures.agreement, Undefined):
        return _percent_only(kind, names, figures, figures.agreement)
    reading = figures.agreement
    words = f"{coefficient(reading.value)} ({coefficient(reading.low)} to {coefficient(reading.high)})"
    provisional = ", provisional" if reading.state == "provisional" else ""
    return MatrixCell(
        kind, names, coefficient(reading.value), words.partition(" ")[2],
        note=f"{percent(figures.same)} same grade, {plural(figures.plans, 'plan')}{provisional}",
        drawing=cell_interval(reading, Label(place.id, f"Agreement of {names}", words)),
    )  # fmt: skip


def _percent_only(kind: Literal["within", "between"], names: str, figures: PairFigures, agreement: Undefined) -> MatrixCell:
    if figures.same is None:
        return MatrixCell(kind, names, words="Not shown", note=agreement.reason)
    note = f"{agreement.reason}, {plural(figures.plans, 'plan')}"
    return MatrixCell(kind, names, percent(figures.same), "same grade", note=note)


def _difference_cell(first: str, second: str, figures: PairFigures | None) -> MatrixCell:
    names = f"{first} against {second}"
    difference = figures.difference if figures else None
    if figures is None or difference is None:
        return MatrixCell("diff", names, words="No shared plans")
    if isinstance(difference, Undefined):
        return MatrixCell("diff", names, words="Not shown", note=difference.reason)
    return MatrixCell("diff", names, words=_who_is_higher(first, second, difference), note=_difference_note(difference, figures))


def _who_is_higher(first: str, second: str, difference: Reading) -> str:
    if difference.low <= 0 <= difference.high:
        return "No clear difference"
    higher, lower = (second, first) if difference.value > 0 else (first, second)
    return f"{higher} grades {number(abs(difference.value), 1)} higher than {lower.lower()}"


def _difference_note(difference: Reading, figures: PairFigures) -> str:
    clear = not difference.low <= 0 <= difference.high
    low, high = sorted((abs(difference.low), abs(difference.high))) if clear else (difference.low, difference.high)
    return f"{number(low, 2)} to {number(high, 2)} of a grade, {plural(figures.plans, 'plan')}"
