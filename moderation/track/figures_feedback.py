"""The figure of an auditor's own feedback: how strict they were, round by round, for that auditor alone."""

from collections.abc import Sequence

from moderation.web.charts import IntervalRow, Label, Reading, Scale, Undefined, interval_plot
from moderation.web.filters import number, signed

from .figures import Figure
from .queries.feedback import RatedRound
from .strictness import PLANS_NEEDED, Strictness
from .tabulate import Column, Kind, Table

NOTE = (
    "Levels above zero: you were stricter than the agreed answers, on average. Below zero: more lenient. "
    "The line is the 95% interval: the true figure is probably on it."
)
SOURCE = "Your own answers, given alone and before any meeting, on questions with more than two levels. Only you can see this."
MARKS = (("firm", "average with its 95% interval: a clear difference"), ("open", "there may be no difference"))
TOO_FEW = f"fewer than {PLANS_NEEDED} plans with levels to compare"
ALIKE = "the same on every plan, so there is no interval"


def strictness_figure(rounds: Sequence[RatedRound], heading: str) -> Figure | None:
    """The latest round first; nothing while no round has an interval."""
    if not any(isinstance(_reading(one.strictness), Reading) for one in rounds):
        return None
    table = Table(
        "how-strict", "How strict you were in each round, in levels",
        (
            Column("Audit round"), Column("Stricter (levels)", Kind.DIFFERENCE), Column("From", Kind.DIFFERENCE),
            Column("To", Kind.DIFFERENCE), Column("Answers", Kind.COUNT), Column("Plans", Kind.COUNT), Column("Note"),
        ),
        tuple(_row(one) for one in rounds),
    )  # fmt: skip
    rows = [
        IntervalRow(one.round.name, _reading(one.strictness), (number(one.strictness.answers), number(one.strictness.plans)))
        for one in rounds
    ]
    heads = ("Levels (95% interval)", "Answers", "Plans")
    plot = interval_plot(rows, Label("how-strict", table.caption, heading), _scale(rounds), heads, "Audit round")
    return Figure("how-strict", "Round by round", NOTE, table, plot, marks=MARKS, source=SOURCE)


def _reading(found: Strictness) -> Reading | Undefined:
    if found.value is None or found.low is None or found.high is None:
        return Undefined(TOO_FEW if found.value is None else ALIKE)
    return Reading(found.value, found.low, found.high, "firm" if found.is_clear else "open")


def _row(one: RatedRound) -> tuple[str | float | int | None, ...]:
    found, reading = one.strictness, _reading(one.strictness)
    note = reading.reason if isinstance(reading, Undefined) else ""
    return one.round.name, found.value, found.low, found.high, found.answers, found.plans, note


def _scale(rounds: Sequence[RatedRound]) -> Scale:
    """Symmetric about no difference, and wide enough for every interval."""
    ends = [abs(end) for one in rounds for end in (one.strictness.low, one.strictness.high) if end is not None]
    reach = next((step for step in (0.4, 1.0, 2.0) if max(ends) <= step), 3.0)
    ticks = (-reach, -reach / 2, 0, reach / 2, reach)
    return Scale(-reach, reach, ticks, "more lenient", "stricter", (0, "no difference"), _levels)


def _levels(value: float) -> str:
    return signed(value, 2)
