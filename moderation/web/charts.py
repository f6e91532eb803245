"""The charts' geometry: rows in, drawings out. The rules are few and the same everywhere.

A firm figure is a filled mark on a solid line, a provisional one a hollow mark on a dashed line, an undefined one has no
mark but its reason in words, at the mark's place. Every chart is drawn twice, for a wide and for a narrow page.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from .arial import width, wrap
from .drawing import Canvas, Chart, Drawing, Label, fits
from .filters import coefficient, number, percent, plural

WIDE, TWO_THIRDS, NARROW = 960, 620, 345


@dataclass(frozen=True)
class Reading:
    """A figure with its interval. `open`: a hollow mark on a solid line, for a difference that may be none."""

    value: float
    low: float
    high: float
    state: Literal["firm", "provisional", "open"] = "firm"


@dataclass(frozen=True)
class Undefined:
    reason: str


@dataclass(frozen=True)
class CountRow:
    """One bar of counts. parts: (count, class) from the left; capacity is the outline; tick is where it should be."""

    name: str
    parts: tuple[tuple[int, str], ...]
    capacity: int
    text: str
    tick: float | None = None


@dataclass(frozen=True)
class IntervalRow:
    """One interval. after: where the meeting's second vote ended, never called agreement. columns: texts at the right."""

    name: str
    reading: Reading | Undefined
    columns: tuple[str, ...] = ()
    after: float | None = None


@dataclass(frozen=True)
class Scale:
    """The axis of an interval plot: its ends, its ticks, what the ends mean, and a reference line."""

    low: float = 0.0
    high: float = 1.0
    ticks: tuple[float, ...] = (0, 0.2, 0.4, 0.6, 0.8, 1)
    low_words: str = "no better than chance"
    high_words: str = "always the same"
    reference: tuple[float, str] | None = None
    show: Callable[[float], str] = coefficient


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


# count bars ---------------------------------------------------------------------------------------------------------


def count_bars(rows: Sequence[CountRow], label: Label, tick_label: str | None = None, span: int = TWO_THIRDS) -> Chart:
    """Bars of counts with an outline for the whole; the tick is labelled once."""
    return Chart(_count_wide(rows, label, tick_label, span), _count_narrow(rows, label, tick_label))


def _count_wide(rows: Sequence[CountRow], label: Label, tick_label: str | None, span: int) -> Drawing:
    canvas, row_height = Canvas(span), 44
    left = max([110.0, *(width(row.name, 16, bold=True) + 16 for row in rows)])
    right = max([80.0, *(width(row.text) for row in rows)]) + 10
    scale = (span - left - right) / max([1, *(row.capacity for row in rows)])
    top = 22 if tick_label else 4
    for index, row in enumerate(rows):
        middle = top + row_height * (index + 0.5)
        canvas.text(0, middle + 5, row.name, "c-t c-b")
        canvas.text(span - right + 10, middle + 5, row.text)
        _count_bar(canvas, row, left, middle, scale)
    if tick_label and rows and rows[0].tick is not None:
        _tick_label(canvas, tick_label, left + rows[0].tick * scale, top + row_height / 2 - 18)
    return canvas.done(label, "wide", top + row_height * len(rows) + 4)


def _count_narrow(rows: Sequence[CountRow], label: Label, tick_label: str | None) -> Drawing:
    canvas, row_height = Canvas(NARROW), 66
    scale = (NARROW - 4) / max([1, *(row.capacity for row in rows)])
    for index, row in enumerate(rows):
        top = row_height * index
        canvas.rich(0, top + 20, [(row.name, "c-b"), (f"   {row.text}", "c-s c-m")])
        _count_bar(canvas, row, 0, top + 40, scale)
    bottom = row_height * len(rows)
    if tick_label and rows and rows[-1].tick is not None:
        _tick_label(canvas, tick_label, rows[-1].tick * scale, bottom + 8)
        bottom += 14
    return canvas.done(label, "narrow", bottom + 4)


def _count_bar(canvas: Canvas, row: CountRow, left: float, middle: float, scale: float) -> None:
    canvas.rect(left, middle - 9, row.capacity * scale, 18, "c-cap")
    x = left
    for count, css in row.parts:
        canvas.rect(x, middle - 9, count * scale, 18, css)
        if fits(str(count), count * scale):
            canvas.text(x + count * scale / 2, middle + 5, str(count), "c-s" if css == "c-started" else "c-s c-inv", "middle")
        x += count * scale
    if row.tick is not None:
        canvas.line(left + row.tick * scale, middle - 14, left + row.tick * scale, middle + 14, "c-tick")


def _tick_label(canvas: Canvas, text: str, x: float, y: float) -> None:
    half = width(text, 14, bold=True) / 2
    canvas.text(min(max(x, half), canvas.width - half), y, text, "c-s c-b", "middle")


# interval plot ------------------------------------------------------------------------------------------------------


def interval_plot(
    rows: Sequence[IntervalRow], label: Label, scale: Scale | None = None, heads: tuple[str, ...] = (), name: str = "Criterion"
) -> Chart:
    """One interval per row, in the order given. heads: over the figure and over each column at the right."""
    scale = scale or Scale()
    return Chart(_intervals_wide(rows, label, scale, heads, name), _intervals_narrow(rows, label, scale))


def _intervals_wide(rows: Sequence[IntervalRow], label: Label, scale: Scale, heads: tuple[str, ...], name: str) -> Drawing:
    canvas, top, row_height = Canvas(WIDE), 66, 34
    bottom, place = top + row_height * len(rows), _placed(scale, 292, 628)
    _interval_heads(canvas, heads, name, top)
    for tick in scale.ticks:
        canvas.line(place(tick), top - 6, place(tick), bottom, "c-grid")
        for y in (top - 14, bottom + 18):
            canvas.text(place(tick), y, _tick_text(tick, scale), "c-s", "middle")
    canvas.text(place(scale.low), 20, scale.low_words, "c-s c-m")
    canvas.text(place(scale.high), 20, scale.high_words, "c-s c-m", "end")
    if scale.reference:
        at = place(scale.reference[0])
        canvas.line(at, top - 6, at, bottom + 26, "c-ref")
        canvas.text(at, bottom + 42, scale.reference[1], "c-s c-b", "middle")
    for index, row in enumerate(rows):
        _interval_row_wide(canvas, row, top + row_height * index, scale, place)
    canvas.line(0, bottom, WIDE, bottom, "c-row")
    return canvas.done(label, "wide", bottom + (50 if scale.reference else 26))


def _interval_heads(canvas: Canvas, heads: tuple[str, ...], name: str, top: float) -> None:
    canvas.text(0, top - 14, name, "c-s c-b")
    for index, head in enumerate(heads):
        if index == 0:
            canvas.text(660, top - 14, head, "c-s c-b")
        else:
            lines = head.split("|")
            for line, text in enumerate(lines):
                canvas.text(_column(index, len(heads)), top - 14 - 17 * (len(lines) - 1 - line), text, "c-s c-b", "end")


def _column(index: int, count: int) -> float:
    """The right edge of a column; the last ends with the chart."""
    return WIDE - 70 * (count - 1 - index)


def _interval_row_wide(canvas: Canvas, row: IntervalRow, top: float, scale: Scale, place: Callable[[float], float]) -> None:
    middle = top + 17
    canvas.line(0, top, WIDE, top, "c-row")
    names = wrap(row.name, 280)
    size = "c-t" if len(names) == 1 else "c-s"
    canvas.lines(0, middle + 5 - 8 * (min(len(names), 2) - 1), names[:2], size, 15)
    for index, text in enumerate(row.columns):
        canvas.text(_column(index + 1, len(row.columns) + 1), middle + 5, text, "c-t", "end")
    if isinstance(row.reading, Undefined):
        canvas.text(place(scale.low) + 8, middle + 5, row.reading.reason, "c-s c-m c-halo")
        canvas.text(660, middle + 5, "not shown", "c-s c-m")
        return
    _interval_mark(canvas, row.reading, row.after, middle, scale, place)
    canvas.rich(660, middle + 5, [(scale.show(row.reading.value), "c-b"), (f" {_ends(row.reading, scale)}", "")])


def _intervals_narrow(rows: Sequence[IntervalRow], label: Label, scale: Scale) -> Drawing:
    canvas, top, row_height = Canvas(NARROW), 48, 82
    place = _placed(scale, 8, NARROW - 8)
    canvas.text(0, 16, f"{_tick_text(scale.low, scale)} = {scale.low_words}", "c-s c-m")
    canvas.text(0, 36, f"{_tick_text(scale.high, scale)} = {scale.high_words}", "c-s c-m")
    if scale.reference:
        canvas.text(NARROW, 36, scale.reference[1], "c-s c-b", "end")
    for index, row in enumerate(rows):
        _interval_row_narrow(canvas, row, top + row_height * index, scale, place)
    bottom = top + row_height * len(rows)
    canvas.line(0, bottom, NARROW, bottom, "c-row")
    return canvas.done(label, "narrow", bottom + 6)


def _interval_row_narrow(canvas: Canvas, row: IntervalRow, top: float, scale: Scale, place: Callable[[float], float]) -> None:
    middle = top + 38
    canvas.line(0, top, NARROW, top, "c-row")
    name = wrap(row.name, NARROW, 16, bold=True)
    canvas.text(0, top + 20, name[0] + ("..." if len(name) > 1 else ""), "c-t c-b c-halo")
    if isinstance(row.reading, Undefined):
        words = ", ".join([row.reading.reason, *row.columns])
        canvas.lines(0, middle + 8, wrap(words, NARROW, 14), "c-s c-m")
        return
    canvas.line(place(scale.low), middle, place(scale.high), middle, "c-grid")
    for tick in (scale.low, (scale.low + scale.high) / 2, scale.high):
        canvas.line(place(tick), middle - 5, place(tick), middle + 5, "c-grid")
    if scale.reference:
        canvas.line(place(scale.reference[0]), middle - 9, place(scale.reference[0]), middle + 9, "c-ref")
    _interval_mark(canvas, row.reading, row.after, middle, scale, place)
    words = ", ".join([f" {_ends(row.reading, scale)}", *row.columns])
    provisional = ", provisional" if row.reading.state == "provisional" else ""
    canvas.rich(0, middle + 30, [(scale.show(row.reading.value), "c-b"), (words + provisional, "c-s")])


def _interval_mark(
    canvas: Canvas, reading: Reading, after: float | None, middle: float, scale: Scale, place: Callable[[float], float]
) -> None:
    if after is not None:
        start = place(max(reading.value, reading.high))
        canvas.line(start, middle, max(start, place(after) - 7), middle, "c-move")
    canvas.line(place(reading.low), middle, place(reading.high), middle, _interval_css(reading))
    for end, inward in ((reading.low, 8), (reading.high, -8)):
        x = place(end)
        if scale.low <= end <= scale.high:
            canvas.line(x, middle - 5, x, middle + 5, "c-int")
        else:
            canvas.path([(x + inward, middle - 5), (x, middle), (x + inward, middle + 5)], "c-arrow")
    if after is not None:
        canvas.diamond(place(after), middle, 6, "c-after")
    canvas.dot(place(reading.value), middle, 5.5, _point_css(reading))


def _placed(scale: Scale, left: float, right: float) -> Callable[[float], float]:
    """Values to pixels; what lies outside the scale stands at its end."""
    span = scale.high - scale.low
    return lambda value: left + (right - left) * (min(max(value, scale.low), scale.high) - scale.low) / span


def _tick_text(tick: float, scale: Scale) -> str:
    return number(tick, 0 if tick == int(tick) else 1) if scale.show is coefficient else scale.show(tick)


def _ends(reading: Reading, scale: Scale) -> str:
    return f"({scale.show(reading.low)} to {scale.show(reading.high)})"


def _interval_css(reading: Reading) -> str:
    return "c-int c-int--prov" if reading.state == "provisional" else "c-int"


def _point_css(reading: Reading) -> str:
    return "c-point" if reading.state == "firm" else "c-point c-point--prov"


# one interval in a table cell ---------------------------------------------------------------------------------------


def cell_interval(reading: Reading, label: Label, span: int = 150) -> Drawing:
    """A small interval on a scale from 0 to 1, beside its number."""
    canvas, place = Canvas(span), _placed(Scale(), 6, span - 6)
    canvas.line(place(0), 11, place(1), 11, "c-grid")
    for tick in (0, 0.5, 1):
        canvas.line(place(tick), 6, place(tick), 16, "c-grid")
    canvas.line(place(reading.low), 11, place(reading.high), 11, _interval_css(reading))
    canvas.dot(place(reading.value), 11, 5, _point_css(reading))
    return canvas.done(label, "cell", 22)


# level bars ---------------------------------------------------------------------------------------------------------


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
    for x, text, anchor in (
        (0.0, "Section", "start"), (bars.boundary - 8, "\u2190 below Good", "end"), (bars.boundary + 8, "Good or better \u2192", "start"),
        (616.0, "Agreement", "end"), (640.0, "In words", "start"),
    ):  # fmt: skip
        canvas.text(x, 18, text, "c-s c-b", anchor)  # type: ignore[arg-type]
    for tick in _percent_ticks(bars):
        canvas.text(bars.at(tick), top - 12, percent(abs(tick)), "c-s c-m", "middle")
        canvas.line(bars.at(tick), top - 6, bars.at(tick), bottom, "c-grid")
    place = _placed(Scale(), 524, 616)
    for tick in (0, 0.5, 1):
        canvas.line(place(tick), top - 6, place(tick), bottom, "c-grid")
        canvas.text(place(tick), top - 12, _tick_text(tick, Scale()), "c-s", "middle")
    for index, row in enumerate(rows):
        _level_row_wide(canvas, row, boundary, bars, place, top + row_height * index)
    canvas.line(bars.boundary, top - 6, bars.boundary, top, "c-boundary")
    canvas.line(0, bottom, WIDE, bottom, "c-row")
    return canvas.done(label, "wide", bottom + 4)


def _level_row_wide(
    canvas: Canvas, row: LevelRow, boundary: int, bars: _Bars, place: Callable[[float], float], top: float
) -> None:
    middle = top + 27
    canvas.line(0, top, WIDE, top, "c-row")
    canvas.text(0, middle + 6, row.key, "c-t c-b")
    names = wrap(row.name, 136)
    canvas.lines(34, middle + 6 - 9 * (len(names) - 1), names, "c-t")
    if isinstance(row.shares, Undefined):
        canvas.text(182, middle + 6, row.shares.reason, "c-s c-m c-halo")
        canvas.text(640, middle + 6, "not shown", "c-s c-m")
        return
    _level_bar(canvas, row, boundary, bars, middle - 12, 24)
    canvas.line(bars.boundary, top, bars.boundary, top + 54, "c-boundary")
    if isinstance(row.agreement, Reading):
        canvas.line(place(row.agreement.low), middle, place(row.agreement.high), middle, _interval_css(row.agreement))
        canvas.dot(place(row.agreement.value), middle, 5, _point_css(row.agreement))
    else:
        canvas.text(place(0) + 2, middle + 5, "not shown", "c-s c-m c-halo")
    canvas.rich(640, middle - 3, _better_runs(row))
    canvas.text(640, middle + 17, _agreement_line(row), "c-s")


def _levels_narrow(rows: Sequence[LevelRow], boundary: int, label: Label) -> Drawing:
    canvas, top, row_height = Canvas(NARROW), 62, 112
    bars = _bars(rows, boundary, 0, NARROW)
    canvas.text(bars.boundary - 6, 18, "\u2190 below Good", "c-s c-b", "end")
    canvas.text(bars.boundary + 6, 18, "Good or better \u2192", "c-s c-b")
    for tick in _percent_ticks(bars):
        canvas.text(bars.at(tick), 44, percent(abs(tick)), "c-s c-m", "middle")
    for index, row in enumerate(rows):
        _level_row_narrow(canvas, row, boundary, bars, top + row_height * index)
    bottom = top + row_height * len(rows)
    canvas.line(0, bottom, NARROW, bottom, "c-row")
    return canvas.done(label, "narrow", bottom + 4)


def _level_row_narrow(canvas: Canvas, row: LevelRow, boundary: int, bars: _Bars, top: float) -> None:
    canvas.line(0, top, NARROW, top, "c-row")
    canvas.text(0, top + 21, f"{row.key}  {row.name}", "c-t c-b")
    if isinstance(row.shares, Undefined):
        canvas.lines(0, top + 46, wrap(row.shares.reason, NARROW, 14), "c-s c-m")
        return
    for tick in _percent_ticks(bars):
        canvas.line(bars.at(tick), top + 28, bars.at(tick), top + 62, "c-grid")
    _level_bar(canvas, row, boundary, bars, top + 30, 22)
    canvas.line(bars.boundary, top + 26, bars.boundary, top + 62, "c-boundary")
    canvas.rich(0, top + 80, _better_runs(row))
    canvas.lines(0, top + 99, wrap(_agreement_line(row), NARROW, 14)[:1], "c-s")


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
    ends = f" ({number(100 * row.better.low)} to {number(100 * row.better.high)})"
    return [(f"{percent(row.better.value)} Good or better", "c-b"), (ends, "")]


def _agreement_line(row: LevelRow) -> str:
    plans = plural(row.plans, "plan") if row.plans is not None else ""
    if isinstance(row.agreement, Undefined):
        return f"agreement not shown: {row.agreement.reason}, {plans}"
    return f"agreement {coefficient(row.agreement.value)} {_ends(row.agreement, Scale())}, {plans}"
