"""What a chart is told about a figure, and how a figure looks: the same on every chart."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..filters import coefficient, number

WIDE, TWO_THIRDS, NARROW = 960, 620, 345
Place: TypeAlias = Callable[[float], float]


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
class Scale:
    """The axis of an interval plot: its ends, its ticks, what the ends mean, and a reference line."""

    low: float = 0.0
    high: float = 1.0
    ticks: tuple[float, ...] = (0, 0.2, 0.4, 0.6, 0.8, 1)
    low_words: str = "no better than chance"
    high_words: str = "always the same"
    reference: tuple[float, str] | None = None
    show: Callable[[float], str] = coefficient


def placed(scale: Scale, left: float, right: float) -> Place:
    """Values to pixels; what lies outside the scale stands at its end."""
    span = scale.high - scale.low
    return lambda value: left + (right - left) * (min(max(value, scale.low), scale.high) - scale.low) / span


def tick_text(tick: float, scale: Scale) -> str:
    return number(tick, 0 if tick == int(tick) else 1) if scale.show is coefficient else scale.show(tick)


def ends(reading: Reading, scale: Scale) -> str:
    return f"({scale.show(reading.low)} to {scale.show(reading.high)})"


def interval_css(reading: Reading) -> str:
    return "c-int c-int--prov" if reading.state == "provisional" else "c-int"


def point_css(reading: Reading) -> str:
    return "c-point" if reading.state == "firm" else "c-point c-point--prov"
