"""Charts: rows in, plain drawings out; `components/charts.html` writes them as SVG, `css/charts.css` colours them.

A firm figure is a filled mark on a solid line, a provisional one a hollow mark on a dashed line, an undefined one has no
mark but its reason in words, at the mark's place. Every chart is drawn twice, for a wide and for a narrow page.
"""

from .control import Change, Period, RoundMark, control_chart
from .counts import CountRow, count_bars
from .drawing import Chart, Drawing, Label
from .intervals import IntervalRow, cell_interval, interval_plot
from .levels import LevelRow, level_bars
from .matrix import Matrix, PairFigures, agency_matrix
from .readings import TWO_THIRDS, WIDE, Reading, Scale, Undefined

__all__ = [
    "TWO_THIRDS", "WIDE", "Change", "Chart", "CountRow", "Drawing", "IntervalRow", "Label", "LevelRow", "Matrix", "PairFigures",
    "Period", "Reading", "RoundMark", "Scale", "Undefined", "agency_matrix", "cell_interval", "control_chart", "count_bars",
    "interval_plot", "level_bars",
]  # fmt: skip
