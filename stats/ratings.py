"""Ratings of one criterion: plans in rows, raters in columns, gaps where nobody rated."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stats.arrays import BoolArray, CodeArray
from stats.scales import Scale

MISSING = -1


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
    kind = smallest_type(len(scale))
    if scale.first_whole is not None:
        place = np.nan_to_num(array - scale.first_whole, nan=MISSING, posinf=len(scale), neginf=len(scale))
        absent = np.isnan(array) if array.dtype.kind == "f" else np.zeros(1, dtype=bool)
        wrong = ((place < 0) & ~absent) | (place >= len(scale)) | (place % 1 != 0)
    else:
        place = np.searchsorted(scale.values, array).astype(np.int64)
        place[np.isnan(array)] = MISSING
        wrong = (place >= len(scale)) | (scale.values[np.minimum(place, len(scale) - 1)] != array)
        wrong &= place != MISSING
    if np.any(wrong):
        _refuse(array, np.asarray(wrong), scale)
    return np.asarray(place.astype(kind))


def _codes_of_objects(array: npt.NDArray[Any], scale: Scale) -> CodeArray:
    place: dict[Any, int] = {label: code for code, label in enumerate(scale.labels)}
    place[None] = MISSING
    codes = np.full(array.shape, len(scale), dtype=smallest_type(len(scale)))
    for where, value in np.ndenumerate(array):
        codes[where] = MISSING if value != value else place.get(value, len(scale))  # NaN differs from itself
    if np.any(codes == len(scale)):
        _refuse(array, np.asarray(codes == len(scale)), scale)
    return codes


def _refuse(array: npt.NDArray[Any], wrong: BoolArray, scale: Scale) -> None:
    plan, rater = np.argwhere(wrong)[0]
    levels = ", ".join(map(str, scale.labels))
    raise ValueError(f"plan {plan}, rater {rater}: {array[plan, rater]} is not a level of the scale ({levels})")
