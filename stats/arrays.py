"""Names for the kinds of array that the library passes about."""

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
CodeArray = npt.NDArray[np.signedinteger[Any]]
BoolArray = npt.NDArray[np.bool_]


def divide(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """`top / bottom`, NaN wherever the bottom is zero: inside the library NaN means undefined."""
    result = np.full(np.broadcast_shapes(top.shape, bottom.shape), np.nan)
    np.divide(top, bottom, out=result, where=bottom != 0)
    return result


_DENSE_CELLS = 4_000_000


def sum_by(owner: npt.NDArray[np.signedinteger[Any]], groups: int, weights: FloatArray) -> FloatArray:
    """Sums of the columns of `weights` (B x n) by the group that owns each column (B x groups); -1: nobody."""
    if len(owner) * groups <= _DENSE_CELLS:
        return np.asarray(weights @ (owner[:, None] == np.arange(groups)).astype(np.float64))
    from scipy import sparse

    owned = np.flatnonzero(owner >= 0)
    member = sparse.csr_array((np.ones(len(owned)), (owned, owner[owned])), shape=(len(owner), groups))
    return np.asarray(weights @ member)
