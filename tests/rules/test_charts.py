"""The charts' geometry: three states look the same everywhere, nothing leaves the drawing, labels keep clear of each other."""

import pytest

from moderation.web.charts import (
    Change,
    Chart,
    CountRow,
    IntervalRow,
    Label,
    LevelRow,
    PairFigures,
    Period,
    Reading,
    RoundMark,
    Scale,
    Undefined,
    agency_matrix,
    control_chart,
    count_bars,
    interval_plot,
    level_bars,
)
from moderation.web.charts.arial import fitted, spread, width, wrap
from moderation.web.charts.drawing import Dot, Drawing, Rect, Text

LABEL = Label("chart", "A title", "A finding")
FIRM, PROVISIONAL = Reading(0.5, 0.4, 0.6), Reading(0.3, -0.2, 0.6, "provisional")


def rounds(count: int) -> list[RoundMark]:
    readings = [FIRM, PROVISIONAL, Undefined("too few plans")]
    return [RoundMark(str(n), "Jan", str(2024 + n // 6), "40", readings[n % 3]) for n in range(count)]


def interval_rows() -> list[IntervalRow]:
    undefined = IntervalRow("Advice attached", Undefined("every rating is the same"), ("100%", "178"))
    return [IntervalRow("Provision", FIRM, ("60%", "60"), 0.8), IntervalRow("Budget", PROVISIONAL, ("50%", "14")), undefined]


def level_rows() -> list[LevelRow]:
    hidden = Undefined("fewer than 5 plans: not shown")
    return [
        LevelRow("A", "Views and aspirations", (0.1, 0.3, 0.5, 0.1), FIRM, FIRM, 60, 0.4),
        LevelRow("B", "Special educational needs", (0.0, 0.0, 0.0, 1.0), Reading(1.0, 0.8, 1.0), Undefined("too few"), 7),
        LevelRow(
            "I", "Placement", (0, 0.1, 0.6, 0.3), FIRM, Undefined("only one auditor rated these plans and nobody else did"), 22
        ),
        LevelRow("J", "Personal budget", hidden, hidden, hidden, None),
    ]


def charts() -> dict[str, Chart]:
    changes = [Change(1, "Four new auditors joined"), Change(2, "Meeting on 'specific and quantified'")]
    return {
        "rounds": control_chart(rounds(14), LABEL, changes, [Period(0, 5, 0.4, "Before: 0.40 (0.31 to 0.43)")]),
        "one round": control_chart(rounds(1), LABEL),
        "no round": control_chart([], LABEL),
        "intervals": interval_plot(interval_rows(), LABEL, Scale(reference=(0.54, "all: 0.54")), ("Agreement", "Same", "Plans")),
        "levels": level_bars(level_rows(), 2, LABEL),
        "counts": count_bars([CountRow("Education", ((33, "c-done"), (5, "c-started")), 42, "33 of 42", 26)], LABEL, "here"),
        "no counts": count_bars([], LABEL, "here"),
    }


def ends(text: Text) -> tuple[float, float]:
    length = sum(width(run.text, 14 if "c-s" in run.css else 16, "c-b" in run.css) for run in text.runs)
    start = text.x - {"start": 0, "middle": length / 2, "end": length}[text.anchor]
    return start, start + length


@pytest.mark.parametrize("name", list(charts()))
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_no_text_leaves_the_drawing_and_none_stands_on_another(name: str, size: str) -> None:
    drawing: Drawing = getattr(charts()[name], size)
    texts = [mark for mark in drawing.marks if isinstance(mark, Text)]
    for text in texts:
        start, stop = ends(text)
        assert start >= -1 and stop <= drawing.width + 1, text
        assert 0 < text.y <= drawing.height, text
    for index, one in enumerate(texts):
        for other in texts[index + 1 :]:
            (a, b), (c, d) = ends(one), ends(other)
            assert abs(one.y - other.y) >= 13 or b <= c or d <= a, (one, other)


def test_a_provisional_figure_is_hollow_and_an_undefined_one_has_no_mark() -> None:
    wide = charts()["intervals"].wide
    points = [mark.css for mark in wide.marks if isinstance(mark, Dot)]
    assert points == ["c-point", "c-point c-point--prov"]
    assert any("every rating is the same" in run.text for mark in wide.marks if isinstance(mark, Text) for run in mark.runs)


def test_the_length_right_of_the_boundary_is_good_or_better() -> None:
    row = LevelRow("A", "Views", (0.2, 0.2, 0.4, 0.2), Reading(0.6, 0.5, 0.7), FIRM, 60)
    bars = [mark for mark in level_bars([row], 2, LABEL).wide.marks if isinstance(mark, Rect)]
    assert sum(bar.width for bar in bars[2:]) == pytest.approx(1.5 * sum(bar.width for bar in bars[:2]), abs=0.5)


def test_the_matrix_says_who_grades_higher_in_words() -> None:
    pairs = {
        frozenset({"Education", "Health"}): PairFigures(FIRM, 0.6, 178, Reading(-0.3, -0.4, -0.2)),
        frozenset({"Health"}): PairFigures(Undefined("too few plans for a coefficient"), 0.67, 9),
    }
    matrix = agency_matrix([("education", "Education"), ("health", "Health")], pairs, LABEL)
    cells = [cell for _, row in matrix.rows for cell in row]
    assert cells[1].words == "Education grades 0.3 higher than health"
    assert cells[1].note == "0.20 to 0.40 of a grade, 178 plans"
    assert (cells[2].figure, cells[2].beside) == ("0.50", "(0.40 to 0.60)")
    assert (cells[3].figure, cells[3].note) == ("67%", "too few plans for a coefficient, 9 plans")
    assert cells[0].words == "No shared plans"


def test_long_texts_break_and_crowded_labels_move_apart() -> None:
    assert wrap("Special educational needs", 136) == ("Special", "educational needs")
    assert spread([10, 12, 40], 17) == [2.5, 19.5, 40]


def test_a_long_name_is_cut_off_with_dots_where_its_lines_would_reach_into_the_next() -> None:
    assert fitted("Social care provision", 136, 2) == ("Social care", "provision")
    assert fitted("Social care provision under the Chronically Sick Act", 136, 2) == ("Social care", "provision under...")


def test_a_narrow_chart_says_the_number_of_plans_also_after_a_long_reason() -> None:
    why = Undefined("fewer than 10 plans have two ratings")
    narrow = level_bars([LevelRow("I", "Placement", (0, 0.1, 0.6, 0.3), FIRM, why, 23)], 2, LABEL).narrow
    said = " ".join(run.text for mark in narrow.marks if isinstance(mark, Text) for run in mark.runs)
    assert "agreement not shown: fewer than 10 plans have two ratings, 23 plans" in said
