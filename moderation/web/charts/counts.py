"""Bars of counts: progress, load, what became of a number of things."""

from collections.abc import Sequence
from dataclasses import dataclass

from .arial import width
from .drawing import Canvas, Chart, Drawing, Label, fits
from .readings import NARROW, TWO_THIRDS


@dataclass(frozen=True)
class CountRow:
    """One bar of counts. parts: (count, class) from the left; capacity is the outline; tick is where it should be."""

    name: str
    parts: tuple[tuple[int, str], ...]
    capacity: int
    text: str
    tick: float | None = None


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
        if fits(str(count), count * scale) and not _ticked(row, count, left, x + count * scale / 2, scale):
            canvas.text(x + count * scale / 2, middle + 5, str(count), "c-s" if css == "c-started" else "c-s c-inv", "middle")
        x += count * scale
    if row.tick is not None:
        canvas.line(left + row.tick * scale, middle - 14, left + row.tick * scale, middle + 14, "c-tick")


def _ticked(row: CountRow, count: int, left: float, x: float, scale: float) -> bool:
    """Would the tick run through this number?"""
    return row.tick is not None and abs(left + row.tick * scale - x) < width(str(count), 14) / 2 + 3


def _tick_label(canvas: Canvas, text: str, x: float, y: float) -> None:
    half = width(text, 14, bold=True) / 2
    canvas.text(min(max(x, half), canvas.width - half), y, text, "c-s c-b", "middle")
