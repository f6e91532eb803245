"""Expertise costs kept small: a round of 5,000 plans and 600 auditors has three million of them."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int32]


class CostRow(Mapping[str, int]):
    """One auditor's cost for every plan, read like a dict; all rows of a problem share one index of plans."""

    __slots__ = ("costs", "index")

    def __init__(self, index: Mapping[str, int], costs: npt.NDArray[np.int16]) -> None:
        self.index = index
        self.costs = costs

    @classmethod
    def of(cls, index: Mapping[str, int], given: Mapping[str, int]) -> "CostRow":
        costs = np.zeros(len(index), dtype=np.int16)
        costs[[index[plan] for plan in given]] = list(given.values())
        return cls(index, costs)

    def __getitem__(self, plan: str) -> int:
        return int(self.costs[self.index[plan]])

    def __iter__(self) -> Iterator[str]:
        return iter(self.index)

    def __len__(self) -> int:
        return len(self.index)


def cost_rows(rows: Mapping[str, Mapping[str, int]], plans: Sequence[str], auditors: Sequence[str]) -> Iterator[Numbers]:
    """Each auditor's costs of these plans in their order, 0 where none is given."""
    places: dict[int, list[int]] = {}
    for auditor in auditors:
        row = rows.get(auditor, {})
        if isinstance(row, CostRow):
            if id(row.index) not in places:
                places[id(row.index)] = [row.index.get(plan, -1) for plan in plans]
            yield np.append(row.costs, np.int16(0))[places[id(row.index)]].astype(np.int32)
        else:
            yield np.fromiter((row.get(plan, 0) for plan in plans), dtype=np.int32, count=len(plans))
