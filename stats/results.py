"""What the library answers: values that know their interval, their basis, and why they may be missing."""

from dataclasses import dataclass, replace
from enum import StrEnum

TOO_FEW = 10
PROVISIONAL = 50


class State(StrEnum):
    """How far a result may be relied on."""

    FIRM = "firm"
    PROVISIONAL = "provisional"
    UNDEFINED = "undefined"


@dataclass(frozen=True)
class Basis:
    """What a result rests on. A plan is pairable when at least two raters rated it."""

    items: int
    pairable_items: int
    raters: int
    ratings: int


@dataclass(frozen=True)
class Agreement:
    """One coefficient with its interval.

    `value` is None when the coefficient does not exist for these ratings, and `undefined` says why in
    words. `low` and `high` may be None beside a value: no interval was asked for, or the ratings vary
    too little to give one (then `note` says so). `percent` is pairwise percent agreement, 0 to 1.
    """

    stat: str
    value: float | None
    low: float | None
    high: float | None
    level: float
    method: str | None
    undefined: str | None
    percent: float | None
    items: int
    pairable_items: int
    raters: int
    ratings: int
    note: str | None = None
    standard_error: float | None = None

    @property
    def state(self) -> State:
        """`undefined` also covers what a page must not show: fewer than ten pairable plans."""
        if self.value is None or self.pairable_items < TOO_FEW:
            return State.UNDEFINED
        return State.PROVISIONAL if self.pairable_items < PROVISIONAL else State.FIRM

    @property
    def reason(self) -> str | None:
        """Why a page shows no coefficient, or None when it shows one."""
        if self.value is None:
            return self.undefined
        if self.state is State.UNDEFINED:
            return few_plans(self.pairable_items)
        return None

    @property
    def width(self) -> float | None:
        return None if self.low is None or self.high is None else self.high - self.low

    def named(self, stat: str) -> "Agreement":
        return replace(self, stat=stat)


@dataclass(frozen=True)
class Difference:
    """A change from one measurement to another: `value` is after minus before, with its own interval."""

    stat: str
    value: float | None
    low: float | None
    high: float | None
    level: float
    method: str | None
    undefined: str | None
    before: Agreement
    after: Agreement

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def few_plans(count: int) -> str:
    rated = "1 plan was" if count == 1 else f"{count or 'no'} plans were"
    return f"Only {rated} rated by two or more auditors; {TOO_FEW} are needed.".replace("Only no plans", "No plans")
