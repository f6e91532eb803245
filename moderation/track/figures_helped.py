"""The figures of "Did it help?": the votes after the discussion, and the next round. Every figure has its whole table."""

from moderation.web.charts import IntervalRow, Label, Reading, Scale, Undefined, interval_plot
from moderation.web.filters import number, percent, plural, points
from stats import Difference
from stats.adjusted import AdjustedChange

from . import words_helped as words
from .figures import Figure
from .queries.helped import Fate, FollowedUp, FollowUp, HelpedView, Voted
from .rules import COEFFICIENT_FROM, HIDDEN_BELOW
from .tabulate import Column, Kind, Table, Value

VOTES_NOTE = (
    "How much more often two auditors gave the same answer in the silent vote after the discussion than alone, in percentage "
    "points. The same auditors, the same plans; the interval draws whole plans anew. Where a meeting voted twice the first vote "
    "counts, because by the second people had seen how the others voted."
)
VOTES_SOURCE = (
    "This is agreement after discussion, not agreement: the plans were picked because auditors differed, and people had talked. "
    f"Not shown where fewer than {HIDDEN_BELOW} plans were voted on; a coefficient from {COEFFICIENT_FROM} plans on."
)
NEXT_NOTE = (
    "How much more often two auditors, each alone, gave the same answer in the next round, in percentage points, "
    "compared with questions that started in the same place, because what differs most improves by itself."
)
NEXT_SOURCE = (
    "Analysis of covariance on the questions, adjusted for the observed starting point, with HC3 standard errors. It speaks of "
    "these questions. Other things that happened between the rounds to some questions only cannot be told apart."
)


def helped_figures(view: HelpedView) -> tuple[Figure, ...]:
    """In the order of the page; those without anything to show are left out."""
    made = (_next_round(view.follow_up), _questions(view.follow_up), _votes(view))
    return tuple(figure for figure in made if figure is not None)


def _scale(ends: list[float], low_words: str, high_words: str) -> Scale:
    """Symmetric about no change, wide enough for what there is, in steps of ten or twenty points."""
    widest = max((abs(end) for end in ends), default=0.1)
    reach = next((step for step in (0.1, 0.2, 0.4, 0.6, 1.0) if widest <= step), 1.0)
    return Scale(-reach, reach, (-reach, -reach / 2, 0, reach / 2, reach), low_words, high_words, (0, "no change"), points)


# --- the next round -------------------------------------------------------------------------------------------------------


def _next_round(found: FollowUp | None) -> Figure | None:
    if found is None:
        return None
    tests = (
        (words.DISCUSSED, found.discussed), ("Drawn at random against not discussed", found.drawn),
        ("New guidance against the same guidance", found.reworded),
    )  # fmt: skip
    groups = [(f"{fate.value.capitalize()}: plain change", [one for one in found.questions if one.fate is fate]) for fate in Fate]
    rows = [*(_group_row(name, members) for name, members in groups), *(_test_row(name, test) for name, test in tests)]
    table = Table(
        "the-next-round", f"Change of the same answer from this round to {found.next.name}, in percentage points",
        (
            Column("Questions"), Column("How many", Kind.COUNT), Column("Change (points)", Kind.POINTS),
            Column("From", Kind.POINTS), Column("To", Kind.POINTS), Column("Would have come by itself", Kind.POINTS),
            Column("Note"),
        ),
        tuple(rows),
    )  # fmt: skip
    heading = words.follow_up_heading(found)
    shown = [(name, test) for name, test in tests if test.value is not None] or [tests[0]]
    ends = [end for _, test in shown for end in (test.low, test.high) if end is not None]
    plot = interval_plot(
        [IntervalRow(name, _reading(test), (number(test.treated),)) for name, test in shown],
        Label("next-round", table.caption, heading), _scale(ends, "less agreement", "more agreement"),
        ("Adjusted change|(95% interval)", "Questions"), "Compared",
    )  # fmt: skip
    marks = (("open", "adjusted for the starting point, 95% interval"),)
    return Figure("next-round", heading, NEXT_NOTE, table, plot, marks=marks, source=NEXT_SOURCE)


def _group_row(name: str, members: list[FollowedUp]) -> tuple[Value, ...]:
    if not members:
        return (name, 0, None, None, None, None, "none")
    change = sum(one.after - one.before for one in members) / len(members)
    return (name, len(members), change, None, None, None, "not adjusted: questions that differ most improve by themselves")


def _test_row(name: str, test: AdjustedChange) -> tuple[Value, ...]:
    return (
        name,
        test.treated,
        test.value,
        test.low,
        test.high,
        test.by_itself,
        test.undefined or "adjusted for the starting point",
    )


def _reading(test: AdjustedChange) -> Reading | Undefined:
    if test.value is None or test.low is None or test.high is None:
        return Undefined(test.undefined or "not worked out")
    return Reading(test.value, test.low, test.high, "open")


def _questions(found: FollowUp | None) -> Figure | None:
    if found is None or not found.questions:
        return None
    rows = sorted(found.questions, key=lambda one: one.before - one.after)
    table = Table(
        "questions-in-the-next-round", f"Same answer by question in this round and in {found.next.name}",
        (
            Column("Question"), Column("In meetings"), Column("Guidance changed"), Column("Same answer before (%)", Kind.SHARE),
            Column("In the next round (%)", Kind.SHARE), Column("Change (points)", Kind.POINTS), Column("Plans", Kind.COUNT),
        ),
        tuple(
            _question_row(one)
            for one in rows
        ),
    )  # fmt: skip
    note = "Independent ratings in both rounds. One question moves up or down by chance: look at many together, as above."
    return Figure("questions", f"{plural(len(rows), 'question')} in both rounds, those that rose most first", note, table)


def _question_row(one: FollowedUp) -> tuple[Value, ...]:
    reworded = "yes" if one.reworded else "no"
    return (f"{one.key} {one.name}", one.fate.value, reworded, one.before, one.after, one.after - one.before, one.plans)


# --- the votes ------------------------------------------------------------------------------------------------------------


def _votes(view: HelpedView) -> Figure | None:
    rows = [row for row in (view.everything, view.drawn, *view.voted) if row is not None]
    if not rows:
        return None
    table = Table(
        "agreement-after-discussion", "Agreement after discussion: the same auditors alone and in the vote",
        (
            Column("Question"), Column("Plans", Kind.COUNT), Column("Same answer alone (%)", Kind.SHARE),
            Column("After discussion (%)", Kind.SHARE), Column("Change (points)", Kind.POINTS), Column("From", Kind.POINTS),
            Column("To", Kind.POINTS), Column("Coefficient alone", Kind.COEFFICIENT), Column("After discussion", Kind.COEFFICIENT),
            Column("Change", Kind.DIFFERENCE), Column("From ", Kind.DIFFERENCE), Column("To ", Kind.DIFFERENCE), Column("In words"),
        ),
        tuple(_voted_row(row) for row in rows),
    )  # fmt: skip
    shown = [row for row in rows if row.same is not None]
    heading = words.votes_heading(view)
    ends = [end for row in shown if row.same for end in (row.same.low, row.same.high) if end is not None]
    plot = interval_plot(
        [_vote_mark(row) for row in shown],
        Label("votes", table.caption, heading), _scale(ends, "fell", "rose"),
        ("Change|(95% interval)", "Plans", "Alone", "After"), "Question",
    )  # fmt: skip
    return Figure(
        "votes", heading, VOTES_NOTE, table, plot if shown else None, marks=VOTE_MARKS if shown else (), source=VOTES_SOURCE
    )


def _vote_mark(row: Voted) -> IntervalRow:
    sides = (row.same.before.value, row.same.after.value) if row.same else (None, None)
    return IntervalRow(f"{row.key} {row.name}".strip(), _difference(row.same), (number(row.plans), *map(percent, sides)))


VOTE_MARKS = (("open", "after discussion less alone, 95% interval"),)


def _difference(found: Difference | None) -> Reading | Undefined:
    if found is None or found.value is None:
        return Undefined((found.undefined if found else None) or "not worked out")
    if found.low is None or found.high is None:
        return Undefined("the votes vary too little for an interval")
    return Reading(found.value, found.low, found.high, "open")


def _voted_row(row: Voted) -> tuple[Value, ...]:
    name = f"{row.key} {row.name}".strip()
    if row.same is None:
        return (name, *[None] * 11, f"fewer than {HIDDEN_BELOW} plans")
    same, alpha = row.same, row.alpha
    coefficients = (alpha.before.value, alpha.after.value, alpha.value, alpha.low, alpha.high) if alpha else (None,) * 5
    return (
        name, row.plans, same.before.value, same.after.value, same.value, same.low, same.high, *coefficients, words.voted_words(row)
    )  # fmt: skip
