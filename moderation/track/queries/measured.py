"""What was measured of a round, put together again: a coefficient, its interval, its basis and the percentage beside it."""

from dataclasses import dataclass

from sqlmodel import Session

from moderation.measure.queries import Figure, RoundFigures, round_figures
from moderation.measure.rules import ROUND, Scope, pair_key
from stats.results import Agreement

NOT_MEASURED = "It has not been worked out yet."


@dataclass(frozen=True)
class Measured:
    """Agreement on the independent ratings of one closed round, in one family of coefficients."""

    figures: RoundFigures | None
    family: str = "alpha"

    def round(self) -> Agreement:
        return self.of(Scope.ROUND, ROUND)

    def section(self, key: str) -> Agreement:
        return self.of(Scope.SECTION, key)

    def criterion(self, key: str) -> Agreement:
        return self.of(Scope.CRITERION, key)

    def pair(self, one: str, other: str) -> Agreement:
        """Two agencies on the plans they share, or one agency within itself."""
        return self.of(Scope.AGENCY_PAIR, pair_key(one, other))

    def level_difference(self, one: str, other: str) -> Figure | None:
        """How many levels the later of the two ids gives more than the earlier."""
        return self.figures.get(Scope.AGENCY_PAIR, pair_key(one, other), "level_difference") if self.figures else None

    def of(self, scope: Scope, key: str) -> Agreement:
        figure = self.figures.get(scope, key, self.family) if self.figures else None
        percent = self.figures.get(scope, key, "percent") if self.figures else None
        return _agreement(figure, percent) if figure else nothing(NOT_MEASURED)


def measured(session: Session, area_id: str, round_id: str, family: str = "alpha") -> Measured:
    """The present measurement of a closed round."""
    return Measured(round_figures(session, area_id, round_id), family)


def nothing(why: str) -> Agreement:
    """No coefficient, for a reason of the service rather than of arithmetic."""
    return Agreement("alpha", None, None, None, 0.95, None, why, None, 0, 0, 0, 0)


def _agreement(figure: Figure, percent: Figure | None) -> Agreement:
    return Agreement(
        figure.statistic,
        figure.value,
        figure.low,
        figure.high,
        figure.level,
        None,
        figure.undefined,
        percent.value if percent else None,
        figure.plans,
        figure.plans,
        figure.raters,
        figure.ratings,
    )
