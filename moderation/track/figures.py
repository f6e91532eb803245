"""The figures of agreement: for each a finding, a chart and its whole table, all from the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from moderation.web.charts import (
    Change,
    Chart,
    IntervalRow,
    Label,
    Matrix,
    PairFigures,
    Period,
    Reading,
    RoundMark,
    Scale,
    Undefined,
    agency_matrix,
    control_chart,
    interval_plot,
)
from moderation.web.filters import coefficient, interval, number, percent
from stats.results import PROVISIONAL, Agreement

from . import words
from .queries.agreement import AgreementView, NamedAgreement, Pair
from .rules import HIDDEN_BELOW
from .tabulate import Column, Kind, Table, Value

TOO_LITTLE = "too few plans, or plans too alike, for an interval"
AGREEMENT_COLUMNS = (
    Column("Agreement", Kind.COEFFICIENT),
    Column("From", Kind.COEFFICIENT),
    Column("To", Kind.COEFFICIENT),
    Column("Same answer (%)", Kind.SHARE),
    Column("Plans", Kind.COUNT),
    Column("Ratings", Kind.COUNT),
    Column("Note"),
)

ROUNDS_NOTE = (
    "Independent ratings only, before any meeting. Each round stands on its own; a black line takes the rounds of twelve "
    "months together."
)
AGENCIES_NOTE = (
    "On and below the diagonal: agreement, on a small scale from 0 to 1. Above it (dotted): who grades higher on the same plans."
)
DIAMOND_NOTE = (
    "The diamond shows where meetings ended, on the plans that they discussed. People had talked by then, so it is never counted "
    "as agreement."
)
DISCUSSED_NOTE = (
    "How often two auditors gave the same answer, alone and in the vote after the discussion. These plans were discussed because "
    "auditors differed, so some of the change would have come by itself. It is not agreement."
)


@dataclass(frozen=True)
class Figure:
    """What `components/charts.html: figure` needs. A matrix is a table by itself; every other figure is a chart."""

    id: str
    heading: str
    note: str
    table: Table
    chart: Chart | None = None
    matrix: Matrix | None = None
    marks: tuple[tuple[str, str], ...] = ()
    source: str = ""


def agreement_figures(view: AgreementView) -> tuple[Figure, ...]:
    """In the order of the page; those without anything to show are left out."""
    made = (_rounds(view), _agencies(view), _sections(view), _criteria(view), _discussed(view))
    return tuple(figure for figure in made if figure is not None)


def _rounds(view: AgreementView) -> Figure:
    table = Table(
        "agreement-by-round",
        "Agreement on independent ratings by audit round",
        (Column("Audit round"), Column("Closed"), *AGREEMENT_COLUMNS),
        tuple((one.round.name, one.round.closed_on, *agreement_cells(one.agreement)) for one in view.history),
    )
    heading = words.rounds_heading(view)
    label = Label("rounds", table.caption, f"{heading}. {' '.join(words.answer(view))}")
    marks = [
        RoundMark(
            str(one.round.number),
            f"{one.round.closed_on:%b}",
            str(one.round.closed_on.year),
            _count(one.agreement),
            reading(one.agreement, short=True),
        )
        for one in view.history
    ]
    chart = control_chart(marks, label, _changes(view), _periods(view))
    return Figure(
        "rounds",
        heading,
        ROUNDS_NOTE,
        table,
        chart,
        marks=(
            ("band", "agreement and its 95% interval"),
            ("band-provisional", f"provisional: fewer than {PROVISIONAL} plans"),
            ("mean", "twelve months together"),
            ("none", "no figure: see the table for the reason"),
        ),
        source=_changes_in_words(view),
    )


def _changes(view: AgreementView) -> list[Change]:
    """A dotted line where a new version of the framework came in."""
    rounds = [one.round for one in view.history]
    return [
        Change(place, f"Framework version {now.framework_number}")
        for place, (before, now) in enumerate(pairwise(rounds), start=1)
        if before.framework_version_id != now.framework_version_id
    ]


def _changes_in_words(view: AgreementView) -> str:
    lines = [f"{place}: {change.text}" for place, change in enumerate(_changes(view), start=1)]
    return f"Dotted lines: {'; '.join(lines)}." if lines else ""


def _periods(view: AgreementView) -> list[Period]:
    if view.family != "alpha":
        return []
    days = [one.round.closed_on for one in view.history]
    found = []
    for point in view.trends.periods:
        inside = [place for place, day in enumerate(days) if point.first_on <= day <= point.last_on]
        if point.value is not None and point.low is not None and point.high is not None and len(inside) > 1:
            text = f"12 months: {coefficient(point.value)} {interval((point.low, point.high))}"
            found.append(Period(inside[0], inside[-1], point.value, text))
    return found


def _agencies(view: AgreementView) -> Figure | None:
    if len(view.agencies) < 2:
        return None
    table = Table(
        "agreement-between-agencies",
        "Agreement between agencies and within each",
        (
            Column("Agency"),
            Column("With"),
            *AGREEMENT_COLUMNS,
            Column("Second gives more by", Kind.DIFFERENCE),
            Column("From", Kind.DIFFERENCE),
            Column("To", Kind.DIFFERENCE),
        ),
        tuple(
            (pair.first.name, pair.second.name, *agreement_cells(pair.agreement), *(pair.difference or (None, None, None)))
            for pair in view.pairs
        ),
    )
    heading = words.pairs_heading(view.pairs)
    agencies = [(agency.kind.value, agency.name) for agency in view.agencies]
    matrix = agency_matrix(
        agencies,
        {frozenset({pair.first.name, pair.second.name}): _pair(pair) for pair in view.pairs},
        Label("agencies", table.caption, heading),
    )
    note = f"{view.round.name}. {AGENCIES_NOTE}"
    return Figure(
        "agencies",
        heading,
        note,
        table,
        matrix=matrix,
        source="Grey: two auditors of one agency on the same plan, a yardstick for the others.",
    )


def _pair(pair: Pair) -> PairFigures:
    plans, percent_same = pair.agreement.pairable_items, pair.agreement.percent
    difference = Reading(*pair.difference) if pair.difference else Undefined(pair.hidden or TOO_LITTLE)
    if plans < HIDDEN_BELOW:
        return PairFigures(
            Undefined(f"fewer than {HIDDEN_BELOW} shared plans"), None, plans, Undefined("too few shared plans") if plans else None
        )
    return PairFigures(reading(pair.agreement), percent_same, plans, difference)


def _sections(view: AgreementView) -> Figure:
    return _named(
        view,
        view.sections,
        "sections",
        "section",
        "In the order of the plan. A section's agreement is the mean over its questions.",
    )


def _criteria(view: AgreementView) -> Figure:
    return _named(view, view.criteria, "criteria", "question", "Most agreed first.")


def _named(view: AgreementView, rows: Sequence[NamedAgreement], name: str, what: str, note: str) -> Figure:
    discussed = any(row.after is not None for row in rows)
    columns = (
        Column(what.capitalize()),
        *AGREEMENT_COLUMNS,
        *([Column("After discussion, not agreement", Kind.COEFFICIENT)] if discussed else []),
    )
    table = Table(
        f"agreement-by-{what}",
        f"Agreement on independent ratings by {what}",
        columns,
        tuple((f"{row.key} {row.name}", *agreement_cells(row.agreement), *([row.after] if discussed else [])) for row in rows),
    )
    heading = words.least_agreed(rows, what, view.overall)
    overall = view.overall.value if view.overall.reason is None else None
    scale = Scale(reference=(overall, f"whole round: {coefficient(overall)}") if overall is not None else None)
    plot = interval_plot(
        [_interval_row(row) for row in rows],
        Label(name, table.caption, heading),
        scale,
        ("Agreement (95% interval)", "Same|answer", "Plans"),
        what.capitalize(),
    )
    after = (("after", "after the meeting's second vote (not agreement)"),) if discussed else ()
    source = DIAMOND_NOTE if discussed else ""
    marks = (("firm", "independent ratings, 95% interval"), ("provisional", f"provisional: fewer than {PROVISIONAL} plans"), *after)
    return Figure(name, heading, f"{view.round.name}. {note}", table, plot, marks=marks, source=source)


def _interval_row(row: NamedAgreement) -> IntervalRow:
    shown = row.agreement.pairable_items >= HIDDEN_BELOW
    same = percent(row.agreement.percent) if shown and row.agreement.percent is not None else "-"
    return IntervalRow(row.name, reading(row.agreement), (same, _count(row.agreement)), row.after)


def _discussed(view: AgreementView) -> Figure | None:
    if view.discussed is None:
        return None
    rows = (view.discussed.everything, *view.discussed.rows)
    table = Table(
        "before-and-after-the-meeting",
        "Same answer before and after the discussion, on the questions discussed",
        (
            Column("Question"),
            Column("Plans discussed", Kind.COUNT),
            Column("Same answer before (%)", Kind.SHARE),
            Column("Same answer after (%)", Kind.SHARE),
        ),
        tuple((f"{row.key} {row.name}".strip(), row.plans, row.before, row.after) for row in rows),
    )
    return Figure(
        "discussed",
        words.discussed_heading(view),
        DISCUSSED_NOTE,
        table,
        source=f"Not shown where fewer than {HIDDEN_BELOW} plans were discussed.",
    )


def reading(agreement: Agreement, short: bool = False) -> Reading | Undefined:
    """The mark of an agreement, or the reason in words why there is none."""
    if agreement.reason is not None or agreement.value is None or agreement.low is None or agreement.high is None:
        return Undefined("too few" if short else words.why_undefined(agreement))
    state = "provisional" if agreement.pairable_items < PROVISIONAL else "firm"
    return Reading(agreement.value, agreement.low, agreement.high, state)  # type: ignore[arg-type]


def agreement_cells(agreement: Agreement) -> tuple[Value, ...]:
    """The same for every table: what a page must not show is not in the file either."""
    if agreement.pairable_items < HIDDEN_BELOW:
        return (None, None, None, None, None, None, words.why_undefined(agreement))
    shown = agreement.reason is None
    figures = (agreement.value, agreement.low, agreement.high) if shown else (None, None, None)
    return (*figures, agreement.percent, agreement.pairable_items, agreement.ratings, words.state_words(agreement))


def _count(agreement: Agreement) -> str:
    return number(agreement.pairable_items) if agreement.pairable_items >= HIDDEN_BELOW else "<5"
