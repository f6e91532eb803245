"""Names for the kinds of array that the library passes about."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
WholeArray = npt.NDArray[np.float32] | npt.NDArray[np.float64]
"""Whole numbers, as floats for the sake of speed."""
IntArray = npt.NDArray[np.int64]
CodeArray = npt.NDArray[np.signedinteger[Any]]
BoolArray = npt.NDArray[np.bool_]


def divide(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """`top / bottom`, NaN wherever the bottom is zero: inside the library NaN means undefined."""
    result = np.full(np.broadcast_shapes(top.shape, bottom.shape), np.nan)
    np.divide(top, bottom, out=result, where=bottom != 0)
    return result


_DENSE_CELLS = 4_000_000

P = ParamSpec("P")
T = TypeVar("T")


def sum_by(owner: npt.NDArray[np.signedinteger[Any]], groups: int, weights: WholeArray) -> FloatArray:
    """Sums of the columns of `weights` (B x n) by the group that owns each column (B x groups); -1: nobody."""
    if len(owner) * groups <= _DENSE_CELLS:
        return np.asarray(weights @ (owner[:, None] == np.arange(groups)).astype(weights.dtype), dtype=np.float64)
    owned = np.flatnonzero(owner >= 0)
    return np.asarray(weights @ sparse(owned, owner[owned], np.ones(len(owned)), (len(owner), groups)), dtype=np.float64)


def sparse(rows: npt.NDArray[Any], columns: npt.NDArray[Any], values: FloatArray, shape: tuple[int, int]) -> Any:
    """A matrix of few values, to be multiplied from the left; values in the same cell are added."""
    from scipy.sparse import csr_array

    return csr_array((values, (rows, columns)), shape=shape)


def remembered(function: Callable[P, T]) -> Callable[P, T]:
    """The result of the last call, when the very same objects come again: several coefficients ask for the same sums."""
    last: list[Any] = [(), None]

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        if kwargs or len(last[0]) != len(args) or any(one is not other for one, other in zip(last[0], args, strict=True)):
            last[:] = [args, function(*args, **kwargs)]
        result: T = last[1]
        return result

    return call
