"""A chart as plain values: marks with a place and a class, no colour. `components/charts.html` writes them as SVG."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

from .arial import width

Size = Literal["wide", "narrow", "cell"]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Line:
    kind: ClassVar[str] = "line"
    x1: float
    y1: float
    x2: float
    y2: float
    css: str


@dataclass(frozen=True)
class Rect:
    kind: ClassVar[str] = "rect"
    x: float
    y: float
    width: float
    height: float
    css: str


@dataclass(frozen=True)
class Dot:
    kind: ClassVar[str] = "dot"
    x: float
    y: float
    radius: float
    css: str


@dataclass(frozen=True)
class Path:
    kind: ClassVar[str] = "path"
    d: str
    css: str


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style."""

    text: str
    css: str


@dataclass(frozen=True)
class Text:
    kind: ClassVar[str] = "text"
    x: float
    y: float
    runs: tuple[Run, ...]
    anchor: Anchor


Mark: TypeAlias = Line | Rect | Dot | Path | Text


@dataclass(frozen=True)
class Drawing:
    id: str
    title: str
    finding: str
    size: Size
    width: float
    height: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Chart:
    """The same figure drawn for a wide and for a narrow page; the style sheet shows one of them."""

    wide: Drawing
    narrow: Drawing


@dataclass(frozen=True)
class Label:
    """What a figure is called and what it says, in words."""

    id: str
    title: str
    finding: str


@dataclass
class Canvas:
    """Collects marks while a chart is drawn."""

    width: float
    marks: list[Mark] = field(default_factory=list)

    def line(self, x1: float, y1: float, x2: float, y2: float, css: str) -> None:
        self.marks.append(Line(_tidy(x1), _tidy(y1), _tidy(x2), _tidy(y2), css))

    def rect(self, x: float, y: float, width: float, height: float, css: str) -> None:
        if width > 0 and height > 0:
            self.marks.append(Rect(_tidy(x), _tidy(y), _tidy(width), _tidy(height), css))

    def dot(self, x: float, y: float, radius: float, css: str) -> None:
        self.marks.append(Dot(_tidy(x), _tidy(y), radius, css))

    def path(self, points: Iterable[tuple[float, float]], css: str, closed: bool = False) -> None:
        d = "M" + "L".join(f"{_tidy(x)} {_tidy(y)}" for x, y in points)
        self.marks.append(Path(d + ("Z" if closed else ""), css))

    def diamond(self, x: float, y: float, radius: float, css: str) -> None:
        self.path([(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)], css, closed=True)

    def text(self, x: float, y: float, text: str, css: str = "c-t", anchor: Anchor = "start") -> None:
        self.rich(x, y, [(text, css)], anchor)

    def rich(self, x: float, y: float, runs: Iterable[tuple[str, str]], anchor: Anchor = "start") -> None:
        self.marks.append(Text(_tidy(x), _tidy(y), tuple(Run(text, css) for text, css in runs), anchor))

    def lines(self, x: float, y: float, texts: Iterable[str], css: str, leading: float = 18) -> None:
        for index, text in enumerate(texts):
            self.text(x, y + leading * index, text, css)

    def done(self, label: Label, size: Size, height: float) -> Drawing:
        return Drawing(f"{label.id}-{size}", label.title, label.finding, size, self.width, _tidy(height), tuple(self.marks))


def fits(text: str, room: float, size: float = 14) -> bool:
    """Has the text 4 pixels of room on each side?"""
    return width(text, size) + 8 < room


def _tidy(value: float) -> float:
    rounded = round(value, 1)
    return int(rounded) if rounded == int(rounded) else rounded
