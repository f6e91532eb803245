"""Stacked bars of levels, split at the boundary below Good, with the agreement of each on the same line."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..filters import coefficient, number, percent, plural
from .arial import fitted, shortened, width, wrap
from .drawing import Canvas, Chart, Drawing, Label, fits
from .readings import NARROW, WIDE, Place, Reading, Scale, Undefined, ends, interval_css, placed, point_css, tick_text


@dataclass(frozen=True)
class LevelRow:
    """One stacked bar. shares: of one, in the order of the levels; better: share at or above the boundary."""

    key: str
    name: str
    shares: tuple[float, ...] | Undefined
    better: Reading | Undefined
    agreement: Reading | Undefined
    plans: int | None
    last: float | None = None


@dataclass(frozen=True)
class _Bars:
    """One scale for all rows of level bars; `at(share)` is the place of a share counted from the boundary."""

    boundary: float
    per_share: float
    below: float
    above: float

    def at(self, share: float) -> float:
        return self.boundary + share * self.per_share


def level_bars(rows: Sequence[LevelRow], boundary: int, label: Label) -> Chart:
    """Stacked bars split where the first `boundary` levels end, so that the length at the right is 'Good or better'."""
    return Chart(_levels_wide(rows, boundary, label), _levels_narrow(rows, boundary, label))


def _bars(rows: Sequence[LevelRow], boundary: int, left: float, right: float) -> _Bars:
    shares = [row.shares for row in rows if isinstance(row.shares, tuple)]
    tops = [row.better.high for row in rows if isinstance(row.better, Reading)]
    lasts = [row.last for row in rows if row.last is not None]
    below = max([0.25, *(sum(share[:boundary]) for share in shares)]) + 0.03
    above = max([0.25, *(sum(share[boundary:]) for share in shares), *tops, *lasts]) + 0.04
    per_share = (right - left) / (below + above)
    return _Bars(left + below * per_share, per_share, below, above)


def _percent_ticks(bars: _Bars) -> list[float]:
    ticks = [tick / 100 for tick in range(-100, 101, 25) if tick]
    return [tick for tick in ticks if -bars.below <= tick <= bars.above]


def _levels_wide(rows: Sequence[LevelRow], boundary: int, label: Label) -> Drawing:
    canvas, top, row_height = Canvas(WIDE), 66, 54
    bars, bottom = _bars(rows, boundary, 178, 490), top + row_height * len(rows)
    _level_heads(canvas, bars.boundary)
    for tick in _percent_ticks(bars):
        canvas.text(bars.at(tick), top - 12, percent(abs(tick)), "c-s c-m", "middle")
        canvas.line(bars.at(tick), top - 6, bars.at(tick), bottom, "c-grid")
    place = placed(Scale(), 524, 616)
    for tick in (0, 0.5, 1):
        canvas.line(place(tick), top - 6, place(tick), bottom, "c-grid")
        canvas.text(place(tick), top - 12, tick_text(tick, Scale()), "c-s", "middle")
    for index, row in enumerate(rows):
        _level_row_wide(canvas, row, boundary, bars, place, top + row_height * index)
    canvas.line(bars.boundary, top - 6, bars.boundary, top, "c-boundary")
    canvas.line(0, bottom, WIDE, bottom, "c-row")
    return canvas.done(label, "wide", bottom + 4)


def _level_heads(canvas: Canvas, boundary: float) -> None:
    canvas.text(0, 18, "Section", "c-s c-b")
    canvas.text(boundary - 8, 18, "\u2190 below Good", "c-s c-b", "end")
    canvas.text(boundary + 8, 18, "Good or better \u2192", "c-s c-b")
    canvas.text(616, 18, "Agreement", "c-s c-b", "end")
    canvas.text(640, 18, "In words", "c-s c-b")


def _level_row_wide(canvas: Canvas, row: LevelRow, boundary: int, bars: _Bars, place: Place, top: float) -> None:
    middle = top + 27
    canvas.line(0, top, WIDE, top, "c-row")
    canvas.text(0, middle + 6, row.key, "c-t c-b")
    names = fitted(row.name, 136, 3)
    canvas.lines(34, middle + 6 - 9 * (len(names) - 1), names, "c-t")
    if isinstance(row.shares, Undefined):
        canvas.text(182, middle + 6, row.shares.reason, "c-s c-m c-halo")
        canvas.text(640, middle + 6, "not shown", "c-s c-m")
        return
    _level_bar(canvas, row, boundary, bars, middle - 12, 24)
    canvas.line(bars.boundary, top, bars.boundary, top + 54, "c-boundary")
    if isinstance(row.agreement, Reading):
        canvas.line(place(row.agreement.low), middle, place(row.agreement.high), middle, interval_css(row.agreement))
        canvas.dot(place(row.agreement.value), middle, 5, point_css(row.agreement))
    else:
        canvas.text(place(0) + 2, middle + 5, "not shown", "c-s c-m c-halo")
    words = wrap(_agreement_line(row), WIDE - 640, 14)[:2]
    lift = 7 * (len(words) - 1)
    canvas.rich(640, middle - 3 - lift, _better_runs(row))
    canvas.lines(640, middle + 17 - lift, words, "c-s", 16)


def _levels_narrow(rows: Sequence[LevelRow], boundary: int, label: Label) -> Drawing:
    canvas, top, row_height = Canvas(NARROW), 62, _narrow_height(rows)
    bars = _bars(rows, boundary, 0, NARROW)
    canvas.text(bars.boundary - 6, 18, "\u2190 below Good", "c-s c-b", "end")
    canvas.text(bars.boundary + 6, 18, "Good or better \u2192", "c-s c-b")
    for tick in _percent_ticks(bars):
        text = percent(abs(tick))
        half = width(text, 14) / 2
        canvas.text(min(max(bars.at(tick), half), NARROW - half), 44, text, "c-s c-m", "middle")
    for index, row in enumerate(rows):
        _level_row_narrow(canvas, row, boundary, bars, top + row_height * index)
    bottom = top + row_height * len(rows)
    canvas.line(0, bottom, NARROW, bottom, "c-row")
    return canvas.done(label, "narrow", bottom + 4)


def _narrow_height(rows: Sequence[LevelRow]) -> int:
    return 100 + 16 * max((len(_agreement_lines(row)) for row in rows if isinstance(row.shares, tuple)), default=1)


def _level_row_narrow(canvas: Canvas, row: LevelRow, boundary: int, bars: _Bars, top: float) -> None:
    canvas.line(0, top, NARROW, top, "c-row")
    canvas.text(0, top + 20, shortened(f"{row.key} {row.name}".strip(), NARROW, 16, bold=True), "c-t c-b")
    if isinstance(row.shares, Undefined):
        canvas.lines(0, top + 46, wrap(row.shares.reason, NARROW, 14), "c-s c-m")
        return
    for tick in _percent_ticks(bars):
        canvas.line(bars.at(tick), top + 32, bars.at(tick), top + 66, "c-grid")
    _level_bar(canvas, row, boundary, bars, top + 34, 22)
    canvas.line(bars.boundary, top + 30, bars.boundary, top + 66, "c-boundary")
    canvas.rich(0, top + 84, _better_runs(row))
    canvas.lines(0, top + 103, _agreement_lines(row), "c-s", 16)


def _level_bar(canvas: Canvas, row: LevelRow, boundary: int, bars: _Bars, top: float, height: float) -> None:
    shares = row.shares if isinstance(row.shares, tuple) else ()
    start = -sum(shares[:boundary])
    for level, share in enumerate(shares, start=1):
        canvas.rect(bars.at(start), top, share * bars.per_share, height, f"c-lev{level}")
        if fits(number(100 * share), share * bars.per_share):
            canvas.text(bars.at(start + share / 2), top + height / 2 + 5, number(100 * share), f"c-s c-on{level}", "middle")
        start += share
    if isinstance(row.better, Reading):
        low, high, y = bars.at(row.better.low), bars.at(row.better.high), top + height + 5
        canvas.line(low, y, high, y, "c-whisk")
        for end in (low, high):
            canvas.line(end, y - 4, end, y + 4, "c-whisk")
    if row.last is not None:
        x = bars.at(row.last)
        canvas.path([(x, top - 1), (x - 5, top - 9), (x + 5, top - 9)], "c-last", closed=True)


def _better_runs(row: LevelRow) -> list[tuple[str, str]]:
    if isinstance(row.better, Undefined):
        return [(row.better.reason, "c-s c-m")]
    interval = f" ({number(100 * row.better.low)} to {number(100 * row.better.high)})"
    return [(f"{percent(row.better.value)} Good or better", "c-b"), (interval, "")]


def _agreement_lines(row: LevelRow) -> tuple[str, ...]:
    """For a narrow page, where a reason may take two lines."""
    return wrap(_agreement_line(row), NARROW, 14)[:2]


def _agreement_line(row: LevelRow) -> str:
    plans = plural(row.plans, "plan") if row.plans is not None else ""
    if isinstance(row.agreement, Undefined):
        return f"agreement not shown: {row.agreement.reason}, {plans}"
    return f"agreement {coefficient(row.agreement.value)} {ends(row.agreement, Scale())}, {plans}"
