"""What was measured, as frozen views. Only for rounds that are closed: before, there is nothing here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from ..allocate.rules import RELEASED
from ..allocate.tables import Round
from .rules import Scope
from .tables import Measurement, MeasurementResult

TOO_FEW, PROVISIONAL = 10, 50


@dataclass(frozen=True)
class Figure:
    """One statistic of one thing. `undefined` says why there is no value; below 10 plans a page shows no coefficient."""

    scope: Scope
    key: str
    stat: str
    statistic: str
    value: float | None
    low: float | None
    high: float | None
    level: float
    undefined: str | None
    plans: int
    ratings: int
    raters: int

    @property
    def interval(self) -> tuple[float, float] | None:
        return None if self.low is None or self.high is None else (self.low, self.high)

    @property
    def state(self) -> str:
        if self.value is None or self.plans < TOO_FEW:
            return "undefined"
        return "provisional" if self.plans < PROVISIONAL else "firm"


@dataclass(frozen=True)
class RoundFigures:
    """Everything measured of one closed round."""

    round_id: str
    measured_at: datetime
    seed: int
    replicates: int
    code_version: str
    plans: int
    sheets: int
    lapsed_sheets: int
    ratings: int
    figures: Mapping[tuple[Scope, str, str], Figure]

    def get(self, scope: Scope, key: str, stat: str = "alpha") -> Figure | None:
        return self.figures.get((scope, key, stat))

    def of(self, scope: Scope, stat: str = "alpha") -> list[Figure]:
        return [figure for (at, _, name), figure in self.figures.items() if at is scope and name == stat]


def round_figures(session: Session, area_id: str, round_id: str) -> RoundFigures | None:
    """What was measured of a round; None before it was closed and measured."""
    row = session.exec(
        select(Measurement).join(Round, col(Round.id) == col(Measurement.round_id))
        .where(Measurement.area_id == area_id, Measurement.round_id == round_id, col(Round.state).in_(RELEASED))
    ).first()  # fmt: skip
    return None if row is None else _figures(session, row)


def _figures(session: Session, row: Measurement) -> RoundFigures:
    chosen = select(MeasurementResult).where(MeasurementResult.area_id == row.area_id, MeasurementResult.measurement_id == row.id)
    found = [_figure(result) for result in session.exec(chosen.order_by(MeasurementResult.scope, MeasurementResult.key))]
    return RoundFigures(
        row.round_id, row.measured_at, row.seed, row.replicates, row.code_version, row.plans, row.sheets, row.lapsed_sheets,
        row.ratings, {(figure.scope, figure.key, figure.stat): figure for figure in found},
    )  # fmt: skip


def _figure(row: MeasurementResult) -> Figure:
    return Figure(
        Scope(row.scope), row.key, row.stat, row.statistic, row.value, row.low, row.high, row.level, row.undefined,
        row.plans, row.ratings, row.raters,
    )  # fmt: skip
