"""Expertise costs kept small: a round of 5,000 plans and 600 auditors has three million of them."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt


class CostRow(Mapping[str, int]):
    """One auditor's cost for every plan, read like a dict; all rows share one index of plans."""

    __slots__ = ("_costs", "_index")

    def __init__(self, index: Mapping[str, int], costs: npt.NDArray[np.int16]) -> None:
        self._index = index
        self._costs = costs

    @classmethod
    def of(cls, index: Mapping[str, int], given: Mapping[str, int]) -> "CostRow":
        costs = np.zeros(len(index), dtype=np.int16)
        costs[[index[plan] for plan in given]] = list(given.values())
        return cls(index, costs)

    def __getitem__(self, plan: str) -> int:
        return int(self._costs[self._index[plan]])

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def along(self, plans: Sequence[str]) -> npt.NDArray[np.int32]:
        return self._costs[[self._index[plan] for plan in plans]].astype(np.int32)

    def __len__(self) -> int:
        return len(self._index)


def along(row: Mapping[str, int], plans: Sequence[str]) -> npt.NDArray[np.int32]:
    """The costs of these plans in their order, 0 where none is given."""
    if isinstance(row, CostRow):
        return row.along(plans)
    return np.fromiter((row.get(plan, 0) for plan in plans), dtype=np.int32, count=len(plans))
