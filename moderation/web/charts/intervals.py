"""Intervals, one per row on a common scale; and a small one for a table cell."""

from collections.abc import Sequence
from dataclasses import dataclass

from .arial import wrap
from .drawing import Canvas, Chart, Drawing, Label
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
    return Chart(_intervals_wide(rows, label, scale, heads, name), _intervals_narrow(rows, label, scale))


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
        if index == 0:
            canvas.text(660, top - 14, head, "c-s c-b")
        else:
            lines = head.split("|")
            for line, text in enumerate(lines):
                canvas.text(_column(index, len(heads)), top - 14 - 17 * (len(lines) - 1 - line), text, "c-s c-b", "end")


def _column(index: int, count: int) -> float:
    """The right edge of a column; the last ends with the chart."""
    return WIDE - 70 * (count - 1 - index)


def _interval_row_wide(canvas: Canvas, row: IntervalRow, top: float, scale: Scale, place: Place) -> None:
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
    canvas.rich(660, middle + 5, [(scale.show(row.reading.value), "c-b"), (f" {ends(row.reading, scale)}", "")])


def _intervals_narrow(rows: Sequence[IntervalRow], label: Label, scale: Scale) -> Drawing:
    canvas, top, row_height = Canvas(NARROW), 48, 82
    place = placed(scale, 8, NARROW - 8)
    canvas.text(0, 16, f"{tick_text(scale.low, scale)} = {scale.low_words}", "c-s c-m")
    canvas.text(0, 36, f"{tick_text(scale.high, scale)} = {scale.high_words}", "c-s c-m")
    if scale.reference:
        canvas.text(NARROW, 36, scale.reference[1], "c-s c-b", "end")
    for index, row in enumerate(rows):
        _interval_row_narrow(canvas, row, top + row_height * index, scale, place)
    bottom = top + row_height * len(rows)
    canvas.line(0, bottom, NARROW, bottom, "c-row")
    return canvas.done(label, "narrow", bottom + 6)


def _interval_row_narrow(canvas: Canvas, row: IntervalRow, top: float, scale: Scale, place: Place) -> None:
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
    words = ", ".join([f" {ends(row.reading, scale)}", *row.columns])
    provisional = ", provisional" if row.reading.state == "provisional" else ""
    canvas.rich(0, middle + 30, [(scale.show(row.reading.value), "c-b"), (words + provisional, "c-s")])


def _interval_mark(
    canvas: Canvas, reading: Reading, after: float | None, middle: float, scale: Scale, place: Place
) -> None:
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
