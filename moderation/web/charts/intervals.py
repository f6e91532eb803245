"""Intervals, one per row on a common scale; and a small one for a table cell."""

from collections.abc import Sequence
from dataclasses import dataclass

from .arial import shortened, width, wrap
from .drawing import Anchor, Canvas, Chart, Drawing, Label
from .readings import NARROW, WIDE, Place, Reading, Scale, Undefined, ends, interval_css, placed, point_css, tick_text


@dataclass(frozen=True)
class IntervalRow:
    """One interval. after: where the meeting's second vote ended, never called agreement. columns: texts at the right."""

    name: str
    reading: Reading | Undefined
    columns: tuple[str, ...] = ()
    after: float | None = None


def interval_plot(
    rows: Sequence[IntervalRow], label: Label, scale: Scale | None = None, heads: tuple[str, ...] = (), name: str = "Criterion"
) -> Chart:
    """One interval per row, in the order given. heads: over the figure and over each column at the right."""
    scale = scale or Scale()
    return Chart(_intervals_wide(rows, label, scale, heads, name), _intervals_narrow(rows, label, scale, heads))


def _intervals_wide(rows: Sequence[IntervalRow], label: Label, scale: Scale, heads: tuple[str, ...], name: str) -> Drawing:
    canvas, top, row_height = Canvas(WIDE), 66, 34
    bottom, place = top + row_height * len(rows), placed(scale, 292, 628)
    _interval_heads(canvas, heads, name, top)
    for tick in scale.ticks:
        canvas.line(place(tick), top - 6, place(tick), bottom, "c-grid")
        for y in (top - 14, bottom + 18):
            canvas.text(place(tick), y, tick_text(tick, scale), "c-s", "middle")
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
        x, lines = _column(index, len(heads)) if index else 660, head.split("|")
        anchor: Anchor = "end" if index else "start"
        for line, text in enumerate(lines):
            canvas.text(x, top - 14 - 17 * (len(lines) - 1 - line), text, "c-s c-b", anchor)


def _column(index: int, count: int) -> float:
    """The right edge of a column; the last ends with the chart."""
    return WIDE - 70 * (count - 1 - index)


def _interval_row_wide(canvas: Canvas, row: IntervalRow, top: float, scale: Scale, place: Place) -> None:
    middle = top + 17
    canvas.line(0, top, WIDE, top, "c-row")
    _name(canvas, row.name, middle)
    for index, text in enumerate(row.columns):
        canvas.text(_column(index + 1, len(row.columns) + 1), middle + 5, text, "c-t", "end")
    if isinstance(row.reading, Undefined):
        lines = wrap(row.reading.reason, 336, 14)[:2]
        canvas.lines(place(scale.low) + 8, middle + 5 - 7 * (len(lines) - 1), lines, "c-s c-m c-halo", 14)
        canvas.text(660, middle + 5, "not shown", "c-s c-m")
        return
    _interval_mark(canvas, row.reading, row.after, middle, scale, place)
    canvas.rich(660, middle + 5, [(scale.show(row.reading.value), "c-b"), (f" {ends(row.reading, scale)}", "")])


def _name(canvas: Canvas, name: str, middle: float) -> None:
    """On one line, in smaller type if it must, or on two."""
    if width(name) <= 280:
        canvas.text(0, middle + 5, name, "c-t")
        return
    lines = wrap(name, 280, 14)[:2]
    canvas.lines(0, middle + 5 - 7.5 * (len(lines) - 1), lines, "c-s", 15)


def _intervals_narrow(rows: Sequence[IntervalRow], label: Label, scale: Scale, heads: tuple[str, ...]) -> Drawing:
    canvas, top, row_height = Canvas(NARROW), 48, 98 if heads[1:] else 82
    units = [head.replace("|", " ").lower() for head in heads[1:]]
    place = placed(scale, 8, NARROW - 8)
    canvas.text(0, 16, f"{tick_text(scale.low, scale)} = {scale.low_words}", "c-s c-m")
    canvas.text(0, 36, f"{tick_text(scale.high, scale)} = {scale.high_words}", "c-s c-m")
    if scale.reference:
        canvas.text(NARROW, 36, scale.reference[1], "c-s c-b", "end")
    for index, row in enumerate(rows):
        _interval_row_narrow(canvas, row, units, top + row_height * index, scale, place)
    bottom = top + row_height * len(rows)
    canvas.line(0, bottom, NARROW, bottom, "c-row")
    return canvas.done(label, "narrow", bottom + 6)


def _interval_row_narrow(canvas: Canvas, row: IntervalRow, units: Sequence[str], top: float, scale: Scale, place: Place) -> None:
    middle = top + 38
    canvas.line(0, top, NARROW, top, "c-row")
    canvas.text(0, top + 20, shortened(row.name, NARROW, 16, bold=True), "c-t c-b c-halo")
    beside = ", ".join(f"{value} {unit}" for value, unit in zip(row.columns, units, strict=False))
    if isinstance(row.reading, Undefined):
        canvas.lines(
            0, middle + 8, wrap(", ".join(part for part in (row.reading.reason, beside) if part), NARROW, 14)[:3], "c-s c-m"
        )
        return
    canvas.line(place(scale.low), middle, place(scale.high), middle, "c-grid")
    for tick in (scale.low, (scale.low + scale.high) / 2, scale.high):
        canvas.line(place(tick), middle - 5, place(tick), middle + 5, "c-grid")
    if scale.reference:
        canvas.line(place(scale.reference[0]), middle - 9, place(scale.reference[0]), middle + 9, "c-ref")
    _interval_mark(canvas, row.reading, row.after, middle, scale, place)
    provisional = ", provisional" if row.reading.state == "provisional" else ""
    canvas.rich(0, middle + 30, [(scale.show(row.reading.value), "c-b"), (f" {ends(row.reading, scale)}{provisional}", "c-s")])
    if beside:
        canvas.text(0, middle + 48, beside, "c-s c-m")


def _interval_mark(canvas: Canvas, reading: Reading, after: float | None, middle: float, scale: Scale, place: Place) -> None:
    if after is not None:
        start = place(max(reading.value, reading.high))
        canvas.line(start, middle, max(start, place(after) - 7), middle, "c-move")
    canvas.line(place(reading.low), middle, place(reading.high), middle, interval_css(reading))
    for end, inward in ((reading.low, 8), (reading.high, -8)):
        x = place(end)
        if scale.low <= end <= scale.high:
            canvas.line(x, middle - 5, x, middle + 5, "c-int")
        else:
            canvas.path([(x + inward, middle - 5), (x, middle), (x + inward, middle + 5)], "c-arrow")
    if after is not None:
        canvas.diamond(place(after), middle, 6, "c-after")
    canvas.dot(place(reading.value), middle, 5.5, point_css(reading))


def cell_interval(reading: Reading, label: Label, span: int = 150) -> Drawing:
    """A small interval on a scale from 0 to 1, beside its number."""
    canvas, place = Canvas(span), placed(Scale(), 6, span - 6)
    canvas.line(place(0), 11, place(1), 11, "c-grid")
    for tick in (0, 0.5, 1):
        canvas.line(place(tick), 6, place(tick), 16, "c-grid")
    canvas.line(place(reading.low), 11, place(reading.high), 11, interval_css(reading))
    canvas.dot(place(reading.value), 11, 5, point_css(reading))
    return canvas.done(label, "cell", 22)
