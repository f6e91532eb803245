"""Ratings of one criterion: plans in rows, raters in columns, gaps where nobody rated."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stats.arrays import BoolArray, CodeArray
from stats.scales import Scale

MISSING = -1
_BLOCK = 1 << 15


@dataclass(frozen=True)
class Ratings:
    """`codes[plan, rater]` is the position of the rating on the scale, or -1 where there is none."""

    codes: CodeArray
    scale: Scale

    @classmethod
    def of(cls, values: npt.ArrayLike, scale: Scale) -> "Ratings":
        """Ratings from values as people give them: plans x raters, NaN or None where missing.

        Raises ValueError, naming the value, when one is not a level of the scale.

        >>> Ratings.of([[1, 2], [4, None]], Scale.of("ordinal", [1, 2, 3, 4])).codes.tolist()
        [[0, 1], [3, -1]]
        """
        array = _as_table(values)
        if array.dtype.kind in "fiu" and scale.is_numeric:
            return cls(_codes_of_numbers(array, scale), scale)
        return cls(_codes_of_objects(array, scale), scale)

    @classmethod
    def from_codes(cls, codes: npt.ArrayLike, scale: Scale) -> "Ratings":
        """Ratings given as positions on the scale (0 for its first level), -1 where missing."""
        array = _as_table(codes)
        if array.dtype.kind not in "iu":
            raise ValueError("codes must be whole numbers")
        if array.size and (array.min() < MISSING or array.max() >= len(scale)):
            raise ValueError(f"codes must lie between -1 and {len(scale) - 1}")
        return cls(array if array.dtype.kind == "i" else array.astype(np.int64), scale)

    @property
    def given(self) -> BoolArray:
        return np.asarray(self.codes != MISSING)

    def of_raters(self, columns: Sequence[int]) -> "Ratings":
        """The same plans, as rated by some of the raters."""
        return Ratings(self.codes[:, list(columns)], self.scale)

    def of_plans(self, rows: Any) -> "Ratings":
        """Some of the plans (positions, a slice or a mask)."""
        return Ratings(self.codes[rows], self.scale)


def smallest_type(highest: int) -> type[np.signedinteger[Any]]:
    """The smallest signed integer type that can hold `highest`."""
    fitting = (kind for kind in (np.int8, np.int16, np.int32) if highest <= np.iinfo(kind).max)
    return next(fitting, np.int64)


def _as_table(values: npt.ArrayLike) -> npt.NDArray[Any]:
    array = np.asarray(values)
    if array.dtype.kind not in "fiu":
        array = np.asarray(values, dtype=object)
    if array.ndim != 2:
        raise ValueError(f"ratings are a table of plans x raters, not {array.ndim}-dimensional")
    return array


def _codes_of_numbers(array: npt.NDArray[Any], scale: Scale) -> CodeArray:
    """Block by block, so that the work stays in the processor's cache; a rater's codes lie side by side, as patterns are read."""
    codes = np.empty(array.shape, dtype=smallest_type(len(scale)), order="F")
    fill = _fill_from_any if scale.first_whole is None else _fill_from_whole
    for start in range(0, len(array), _BLOCK):
        values = array[start : start + _BLOCK]
        wrong = fill(values, scale, codes[start : start + _BLOCK])
        missing = values != values  # NaN differs from itself
        if np.count_nonzero(wrong) != np.count_nonzero(missing):
            _refuse(array, np.argwhere(wrong & ~missing)[0] + (start, 0), scale)
    return codes


def _fill_from_whole(values: npt.NDArray[Any], scale: Scale, codes: CodeArray) -> BoolArray:
    """Writes the codes of values on a run of whole numbers; tells which values are no levels.

    Small whole numbers, compared as unsigned, need a tenth of the time that fractions do.
    """
    first = scale.first_whole or 0
    kind = smallest_type(max(abs(first), abs(first + len(scale))))
    with np.errstate(invalid="ignore"):
        whole = values.astype(kind)
    wrong = np.asarray(whole != values)
    whole -= kind(first)
    wrong |= whole.view(f"u{whole.itemsize}") >= len(scale)
    whole |= -wrong.view(np.int8)  # all bits set: -1, missing
    codes[:] = whole
    return wrong


def _fill_from_any(values: npt.NDArray[Any], scale: Scale, codes: CodeArray) -> BoolArray:
    """The same for levels that are any numbers."""
    place = np.minimum(np.searchsorted(scale.values, values), len(scale) - 1)
    right = np.asarray(scale.values[place] == values)
    codes[:] = np.where(right, place, MISSING)
    return ~right


def _codes_of_objects(array: npt.NDArray[Any], scale: Scale) -> CodeArray:
    place: dict[Any, int] = {label: code for code, label in enumerate(scale.labels)}
    place[None] = MISSING
    codes = np.full(array.shape, len(scale), dtype=smallest_type(len(scale)))
    for where, value in np.ndenumerate(array):
        codes[where] = MISSING if value != value else place.get(value, len(scale))  # NaN differs from itself
    if np.any(codes == len(scale)):
        _refuse(array, np.argwhere(codes == len(scale))[0], scale)
    return codes


def _refuse(array: npt.NDArray[Any], where: npt.NDArray[np.int64], scale: Scale) -> None:
    plan, rater = where
    levels = ", ".join(map(str, scale.labels))
    raise ValueError(f"plan {plan}, rater {rater}: {array[plan, rater]} is not a level of the scale ({levels})")
