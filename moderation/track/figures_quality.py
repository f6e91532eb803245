"""The figures of plan quality. Every percentage carries its interval, its agreement and its number on the same line."""

from collections.abc import Sequence

from moderation.web.charts import IntervalRow, Label, LevelRow, Reading, Scale, Undefined, interval_plot, level_bars
from moderation.web.filters import percent, plural, points
from stats.shares import ShareChange

from . import words
from .figures import Figure, reading
from .queries.quality import QualityRow, QualityView
from .rules import COEFFICIENT_FROM, FIRM_FROM, HIDDEN_BELOW
from .tabulate import Column, Kind, Table, Value

RELIABILITY = (
    Column("Agreement", Kind.COEFFICIENT),
    Column("Agreement from", Kind.COEFFICIENT),
    Column("Agreement to", Kind.COEFFICIENT),
    Column("Note"),
)
SHARE = (Column("Good or better (%)", Kind.SHARE), Column("From (%)", Kind.SHARE), Column("To (%)", Kind.SHARE))
LEVELS_NOTE = (
    "Share of plans at each level, in %, weighted to all plans of the area. Grades come from the agreed ratings; where nobody "
    "discussed a question, from the lower middle one of the independent ratings."
)
LEVELS_SOURCE = (
    f"Below {COEFFICIENT_FROM} plans no agreement is shown; below {FIRM_FROM} it is provisional; with fewer than {HIDDEN_BELOW} "
    "plans nothing is shown. Agreement is that of the independent ratings. Hidden plans are not counted, because they were not "
    "drawn to speak for the area; in agreement they are."
)


def quality_figures(view: QualityView) -> tuple[Figure, ...]:
    """In the order of the page; those without anything to show are left out."""
    made = (_levels(view), _change(view), _needs(view), _over_time(view))
    return tuple(figure for figure in made if figure is not None)


def _levels(view: QualityView) -> Figure:
    rows = (*view.sections, view.overall)
    levels = tuple(Column(f"{level} (%)", Kind.SHARE) for level in view.levels)
    table = Table(
        "plan-quality-by-section",
        "Plan quality by section, with its reliability",
        (Column("Section"), Column("Plans", Kind.COUNT), *levels, *SHARE, *RELIABILITY),
        tuple(
            (f"{row.key} {row.name}".strip(), row.quality.plans, *_shares(row, len(levels)), *_better(row), *_reliability(row))
            for row in rows
        ),
    )
    heading = words.levels_heading(view.sections)
    label = Label("levels", table.caption, " ".join(part for part in (f"{heading}.", *words.quality_answer(view)) if part))
    marks = (
        *((f"lev{place}", level) for place, level in enumerate(view.levels, start=1)),
        ("whisker", "95% interval of Good or better"),
        ("firm", "agreement, 95% interval"),
        ("provisional", f"agreement, provisional: fewer than {FIRM_FROM} plans"),
    )
    if view.earlier:
        marks = (*marks, ("last", f"Good or better in {view.earlier.name}"))
    return Figure(
        "levels",
        heading,
        LEVELS_NOTE,
        table,
        level_bars([_level_row(row) for row in rows], view.boundary, label),
        marks=marks,
        source=LEVELS_SOURCE,
    )


def _level_row(row: QualityRow) -> LevelRow:
    found = row.quality
    if found.better is None:
        missing = Undefined(found.hidden)
        return LevelRow(row.key, row.name, missing, missing, missing, None)
    better = Reading(found.better.value, found.better.low, found.better.high)
    last = row.before.better.value if row.before and row.before.better else None
    return LevelRow(row.key, row.name, found.shares, better, _agreement(row), found.plans, last)


def _agreement(row: QualityRow) -> Reading | Undefined:
    found = reading(row.agreement)
    return Undefined(words.why_without_agreement(row.agreement)) if isinstance(found, Undefined) else found


def _shares(row: QualityRow, count: int) -> tuple[Value, ...]:
    return row.quality.shares or (None,) * count


def _better(row: QualityRow) -> tuple[Value, ...]:
    found = row.quality.better
    return (found.value, found.low, found.high) if found else (None, None, None)


def _reliability(row: QualityRow) -> tuple[Value, ...]:
    if row.quality.better is None:
        return (None, None, None, row.quality.hidden)
    if row.agreement.reason is not None:
        return (None, None, None, f"agreement: {words.why_without_agreement(row.agreement)}")
    return (row.agreement.value, row.agreement.low, row.agreement.high, words.state_words(row.agreement))


def _change(view: QualityView) -> Figure | None:
    rows = [row for row in (*view.sections, view.overall) if row.change]
    if view.earlier is None or not rows:
        return None
    rows.sort(key=lambda row: -(row.change.value if row.change else 0.0))
    table = Table(
        "plan-quality-change",
        f"Change in Good or better since {view.earlier.name}, in percentage points",
        (Column("Section"), Column("Change (points)", Kind.POINTS), Column("From", Kind.POINTS), Column("To", Kind.POINTS)),
        tuple((f"{row.key} {row.name}".strip(), *_shares_of(row.change)) for row in rows if row.change),
    )
    heading = words.changes_heading(rows)
    scale = _points_scale([row.change for row in rows if row.change])
    plot = interval_plot(
        [_change_row(row) for row in rows if row.change],
        Label("change", table.caption, heading),
        scale,
        ("Change in points (95% interval)",),
        "Section",
    )
    return Figure(
        "change",
        heading,
        f"Change in % Good or better since {view.earlier.name}, in points, with 95% interval. It may be the plans or the auditors: "
        "compare agreement and guidance in both rounds before you decide which.",
        table,
        plot,
        marks=(("firm", "the interval leaves out no change"), ("open", "no clear change")),
    )


def _change_row(row: QualityRow) -> IntervalRow:
    change = row.change
    assert change is not None
    return IntervalRow(f"{row.key} {row.name}".strip(), Reading(*_shares_of(change), "firm" if change.is_clear else "open"))


def _shares_of(change: ShareChange) -> tuple[float, float, float]:
    return change.value, change.low, change.high


def _points_scale(changes: Sequence[ShareChange]) -> Scale:
    reach = max(max(abs(100 * change.low), abs(100 * change.high)) for change in changes)
    end = max(1, min(5, -(-int(reach) // 20))) / 5
    ticks = tuple(end * step / 2 for step in range(-2, 3))
    return Scale(-end, end, ticks, "worse", "better", (0.0, "no change"), points)


def _needs(view: QualityView) -> Figure | None:
    if len(view.needs) < 2:
        return None
    table = Table(
        "plan-quality-by-need",
        "Whole plans by primary need",
        (Column("Primary need"), Column("Plans", Kind.COUNT), *SHARE, *RELIABILITY),
        tuple((row.name, row.quality.plans, *_better(row), *_reliability(row)) for row in view.needs),
    )
    return Figure(
        "needs",
        words.needs_heading(view.needs),
        "Whole plans, by the overall judgement.",
        table,
        source="A hidden group is never the only one: others are hidden so that nobody can take the rest away from the total.",
    )


def _over_time(view: QualityView) -> Figure | None:
    """Whole plans round by round, as the nightly run left them."""
    names = {one.id: one for one in view.rounds}
    known = [point for point in view.trends.quality if point.key == "round" and point.round_id in names]
    if len(known) < 2:
        return None
    table = Table(
        "plan-quality-over-time",
        "Whole plans at Good or better by audit round",
        (Column("Audit round"), Column("Closed"), *SHARE, Column("Plans", Kind.COUNT), Column("Note")),
        tuple(
            (
                names[point.round_id or ""].name,
                point.first_on,
                point.value,
                point.low,
                point.high,
                point.plans if point.value is not None else None,
                point.undefined,
            )
            for point in known
        ),
    )
    scale = Scale(0, 1, (0, 0.25, 0.5, 0.75, 1), "no plan", "every plan", None, percent)
    rows = [
        IntervalRow(
            names[point.round_id or ""].name, _share_reading(point.value, point.low, point.high, point.plans, point.undefined)
        )
        for point in known
    ]
    heading = "Whole plans at Good or better, round by round"
    return Figure(
        "over-time",
        heading,
        "Share of plans, with 95% interval.",
        table,
        interval_plot(rows, Label("over-time", table.caption, heading), scale, ("Good or better (95% interval)",), "Audit round"),
        marks=(("firm", f"{plural(FIRM_FROM, 'plan')} or more"), ("provisional", f"provisional: fewer than {FIRM_FROM} plans")),
    )


def _share_reading(value: float | None, low: float | None, high: float | None, plans: int, why: str | None) -> Reading | Undefined:
    if value is None or low is None or high is None:
        return Undefined(why or "not shown")
    return Reading(value, low, high, "provisional" if plans < FIRM_FROM else "firm")
