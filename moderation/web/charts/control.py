"""Agreement round by round: a box per round, a black line per period, a dotted line where something changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..filters import coefficient
from .arial import width
from .drawing import Canvas, Chart, Drawing, Label, Size
from .readings import NARROW, WIDE, Reading, Undefined, point_css


@dataclass(frozen=True)
class RoundMark:
    """One round: its short name, month and year under the axis, and its figure."""

    name: str
    month: str
    year: str
    plans: str
    reading: Reading | Undefined


@dataclass(frozen=True)
class Change:
    """Something that happened after so many rounds, such as a new framework."""

    after: int
    text: str


@dataclass(frozen=True)
class Period:
    """Rounds first to last (counted from 0) taken together."""

    first: int
    last: int
    value: float
    text: str


@dataclass(frozen=True)
class _Frame:
    """Where things stand: columns for rounds, the vertical scale, lanes for the texts of changes."""

    size: Size
    left: float
    column: float
    top: float
    height: float
    highest: float

    @property
    def narrow(self) -> bool:
        return self.size == "narrow"

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def box(self) -> float:
        return min(self.column * 0.72, 40)

    def x(self, index: int) -> float:
        return self.left + self.column * (index + 0.5)

    def y(self, value: float) -> float:
        return self.bottom - self.height * max(value, 0) / self.highest


def control_chart(
    rounds: Sequence[RoundMark], label: Label, changes: Sequence[Change] = (), periods: Sequence[Period] = ()
) -> Chart:
    """Rounds in order of time; the scale starts at 0 and reaches 0.8, further if an interval does."""
    return Chart(_draw(rounds, label, changes, periods, "wide"), _draw(rounds, label, changes, periods, "narrow"))


def _draw(rounds: Sequence[RoundMark], label: Label, changes: Sequence[Change], periods: Sequence[Period], size: Size) -> Drawing:
    canvas = Canvas(NARROW if size == "narrow" else WIDE)
    frame, lanes = _frame(rounds, changes, size)
    canvas.text(0, 14, "Agreement (alpha), with 95% interval", "c-t c-b")
    _grid(canvas, frame)
    for index, change in enumerate(changes):
        _change(canvas, frame, index, change, lanes[index], max(lanes))
    for index, mark in enumerate(rounds):
        _box(canvas, frame, index, mark)
    for period in periods:
        _period(canvas, frame, rounds, period)
    for index, mark in enumerate(rounds):
        if isinstance(mark.reading, Reading):
            canvas.dot(frame.x(index), frame.y(mark.reading.value), 4.5 if frame.narrow else 5.5, point_css(mark.reading))
    if not frame.narrow:
        _last_round(canvas, frame, rounds)
    return canvas.done(label, size, _axis(canvas, frame, rounds))


def _frame(rounds: Sequence[RoundMark], changes: Sequence[Change], size: Size) -> tuple[_Frame, list[int]]:
    narrow = size == "narrow"
    left, right = (34, NARROW - 6) if narrow else (44, WIDE - 162)
    column = (right - left) / max(len(rounds), 3)
    lanes = _lanes(changes, left, column, narrow)
    tops = [mark.reading.high for mark in rounds if isinstance(mark.reading, Reading)]
    highest = 1.0 if max([0.0, *tops]) > 0.8 else 0.8
    top = 32 + 22 * (max(lanes) + 1 if lanes else 0)
    return _Frame(size, left, column, top, 170 if narrow else 230, highest), lanes


def _lanes(changes: Sequence[Change], left: float, column: float, narrow: bool) -> list[int]:
    """From the right: a text that reaches past a later line goes one lane up, so that no line crosses a text."""
    starts = [left + column * change.after for change in changes]
    stops = [x + (22 if narrow else width(change.text, 14) + 14) for x, change in zip(starts, changes, strict=True)]
    lanes = [0] * len(changes)
    for index in reversed(range(len(changes))):
        crossed = [lanes[later] + 1 for later in range(index + 1, len(changes)) if starts[later] < stops[index]]
        lanes[index] = max(crossed, default=0)
    return lanes


def _grid(canvas: Canvas, frame: _Frame) -> None:
    right = canvas.width - (6 if frame.narrow else 162)
    for step in range(round(frame.highest * 5) + 1):
        y = frame.y(step / 5)
        canvas.line(frame.left, y, right, y, "c-grid" if step else "c-axis")
        canvas.text(frame.left - 6, y + 5, f"{step / 5:.1f}" if step else "0", "c-s", "end")


def _change(canvas: Canvas, frame: _Frame, index: int, change: Change, lane: int, highest_lane: int) -> None:
    x, y = frame.left + frame.column * change.after, 30 + 22 * (highest_lane - lane)
    canvas.line(x, y - 2, x, frame.bottom, "c-event")
    if frame.narrow:
        canvas.dot(x, y + 6, 10, "c-event-dot")
        canvas.text(x, y + 11, str(index + 1), "c-s c-b c-inv", "middle")
    else:
        canvas.text(x + 6, y + 9, change.text, "c-s")


def _box(canvas: Canvas, frame: _Frame, index: int, mark: RoundMark) -> None:
    x = frame.x(index)
    if isinstance(mark.reading, Undefined):
        y = frame.bottom - 12
        canvas.path([(x - 5, y - 5), (x + 5, y + 5)], "c-x")
        canvas.path([(x + 5, y - 5), (x - 5, y + 5)], "c-x")
        if not frame.narrow and width(mark.reading.reason, 14) < frame.column - 6:
            canvas.text(x, y - 12, mark.reading.reason, "c-s c-m", "middle")
        return
    css = "c-band" if mark.reading.state == "firm" else "c-band c-band--prov"
    high, low = frame.y(mark.reading.high), frame.y(mark.reading.low)
    canvas.rect(x - frame.box / 2, high, frame.box, low - high, css)


def _period(canvas: Canvas, frame: _Frame, rounds: Sequence[RoundMark], period: Period) -> None:
    start, stop = frame.x(period.first) - frame.box / 2, frame.x(period.last) + frame.box / 2
    canvas.line(start, frame.y(period.value), stop, frame.y(period.value), "c-mean")
    covered = [mark.reading for mark in rounds[period.first : period.last + 1] if isinstance(mark.reading, Reading)]
    y = frame.y(max([period.value, *(reading.high for reading in covered)])) - 8
    text = period.text.partition(" (")[0] if frame.narrow else period.text
    canvas.text(start if period.first == 0 or not frame.narrow else stop, y, text, "c-s c-b c-halo",
                "start" if period.first == 0 or not frame.narrow else "end")  # fmt: skip


def _last_round(canvas: Canvas, frame: _Frame, rounds: Sequence[RoundMark]) -> None:
    if not rounds or isinstance(rounds[-1].reading, Undefined):
        return
    reading, x = rounds[-1].reading, canvas.width - 152
    y = frame.y(reading.value)
    canvas.text(x, y - 2, f"Latest: {coefficient(reading.value)}", "c-t c-b")
    canvas.text(x, y + 16, f"({coefficient(reading.low)} to {coefficient(reading.high)})", "c-s")


def _axis(canvas: Canvas, frame: _Frame, rounds: Sequence[RoundMark]) -> float:
    """Writes the rows under the axis; returns where they end."""
    y = frame.bottom + 20
    rows = [("round", [mark.name for mark in rounds], "c-s c-b", 0)]
    if not frame.narrow:
        rows += [("month", [mark.month for mark in rounds], "c-s c-m", 18), ("plans", [mark.plans for mark in rounds], "c-s", 40)]
    for title, texts, css, below in rows:
        for index, text in enumerate(texts):
            canvas.text(frame.x(index), y + below, text, css, "middle")
        if not frame.narrow:
            canvas.text(canvas.width - 152, y + below, title, "c-s c-m")
    return _years(canvas, frame, rounds, y + (8 if frame.narrow else 52)) + 24


def _years(canvas: Canvas, frame: _Frame, rounds: Sequence[RoundMark], y: float) -> float:
    start = 0
    for index, mark in enumerate(rounds):
        last = index + 1 == len(rounds)
        if last or rounds[index + 1].year != mark.year:
            canvas.line(frame.x(start) - frame.column * 0.4, y, frame.x(index) + frame.column * 0.4, y, "c-axis")
            canvas.text((frame.x(start) + frame.x(index)) / 2, y + 17, mark.year, "c-s", "middle")
            start = index + 1
    return y
