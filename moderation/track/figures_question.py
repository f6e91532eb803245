"""The figures of one question, each a finding in a sentence and its whole table."""

from collections.abc import Sequence

from moderation.web.filters import coefficient, join_words, percent, plural
from stats.definitive import DefinitiveGrade
from stats.results import PROVISIONAL, Agreement

from .figures import Figure
from .queries.question import Differing, Leaning, LevelPair, QuestionView, Relied
from .rules import COEFFICIENT_FROM
from .tabulate import Column, Kind, Table, Value

DIFFER = "Where auditors differ"
RELY = "How far one auditor’s grade can be relied on"
LEAN = "Whether one auditor decides the figure"

DIFFER_NOTE = (
    "Every two auditors’ answers to the same plan are a pair; each answer counts once, however many auditors a plan had. "
    "By chance: if the same answers were dealt out to the plans at random."
)
RELY_NOTE = (
    "How likely one auditor, working alone, is to give the grade that a meeting agreed on. Meetings mostly take up plans on which "
    "auditors differed, so over all plans one grade is right more often than this. Published rounds of twelve months are taken "
    "together as long as the question meant the same."
)
LEAN_NOTE = (
    "Agreement is worked out once more without each auditor in turn. The lowest and the highest figure are shown, and not whose "
    "absence gives them: each auditor alone sees how strict they were, in their own feedback."
)


def question_figures(view: QuestionView) -> tuple[Figure, ...]:
    """In the order of the page; where a figure is not shown its table has no rows, and its source says why."""
    return _differ(view), _rely(view), _lean(view)


def _differ(view: QuestionView) -> Figure:
    table = Table(
        f"{view.key.lower()}-where-auditors-differ",
        f"{DIFFER}: {view.title}",
        (Column("Two answers"), Column("Share of pairs (%)", Kind.SHARE), Column("By chance (%)", Kind.SHARE)),
        tuple((pair_name(pair), pair.share, pair.by_chance) for pair in view.differing.pairs),
    )
    return Figure("differ", DIFFER, DIFFER_NOTE if view.differing.pairs else "", table, source=differ_words(view.differing))


def _rely(view: QuestionView) -> Figure:
    columns = (
        Column("One auditor alone"),
        Column("Share (%)", Kind.SHARE),
        Column("From (%)", Kind.SHARE),
        Column("To (%)", Kind.SHARE),
        Column("Plans", Kind.COUNT),
        Column("Answers", Kind.COUNT),
        Column("Note"),
    )
    grade = view.relied.grade
    table = Table(f"{view.key.lower()}-one-auditor-alone", f"{RELY}: {view.title}", columns, _rely_rows(grade) if grade else ())
    return Figure("rely", RELY, RELY_NOTE if grade else "", table, source=rely_words(view.relied))


def _rely_rows(grade: DefinitiveGrade) -> tuple[tuple[Value, ...], ...]:
    low, high = _limits(grade) or (None, None)
    note = "provisional" if grade.items < PROVISIONAL else ""
    exact = ("Gives the agreed grade", grade.value, low, high, grade.items, grade.ratings, note)
    near = ("At most one level away", grade.within_one, None, None, grade.items, grade.ratings, "without an interval")
    return (exact,) if grade.within_one is None else (exact, near)


def _lean(view: QuestionView) -> Figure:
    leaning = view.leaning
    rows = (("All auditors", leaning.everybody), ("Lowest without one", leaning.lowest), ("Highest without one", leaning.highest))
    table = Table(
        f"{view.key.lower()}-without-one-auditor",
        f"{LEAN}: {view.title}",
        (Column("Auditors counted"), Column("Agreement", Kind.COEFFICIENT), Column("Change", Kind.DIFFERENCE)),
        () if leaning.hidden else tuple((name, value, _change(leaning, value)) for name, value in rows),
    )
    return Figure("lean", LEAN, "" if leaning.hidden else LEAN_NOTE, table, source=lean_words(leaning, view.agreement))


def _change(leaning: Leaning, value: float | None) -> float | None:
    return None if value is None or leaning.everybody is None else value - leaning.everybody


def pair_name(pair: LevelPair) -> str:
    return f"Both {pair.first}" if pair.is_same else f"{pair.first} and {pair.second}"


def differ_words(found: Differing) -> str:
    """How often two auditors differ, between which levels most, and what chance would make of it."""
    if found.hidden:
        return found.hidden
    basis = f"{plural(found.plans, 'plan')}, {plural(found.answers, 'answer')}"
    apart = [pair for pair in found.pairs if not pair.is_same]
    if not any(pair.share for pair in apart):
        return f"No two auditors gave different levels ({basis})."
    share, chance = (sum(getattr(pair, name) for pair in apart) for name in ("share", "by_chance"))
    said = f"Two auditors gave different levels in {percent(share)} of pairs; by chance it would be {percent(chance)} ({basis})."
    return said if len(apart) == 1 else f"{said} {_most_often(apart)}"


def _most_often(apart: Sequence[LevelPair]) -> str:
    most = [f"‘{pair.first}’ and ‘{pair.second}’ ({percent(pair.share)})" for pair in apart if pair.share == apart[0].share]
    return f"Most often they differ between {join_words(most, 'or between')}."


def rely_words(relied: Relied) -> str:
    """The probability with its interval and basis."""
    grade = relied.grade
    if grade is None or grade.value is None:
        return relied.hidden
    limits = _limits(grade)
    said = f"between {percent(limits[0])} and {percent(limits[1])}" if limits else f"without an interval, as {_why_none(grade)}"
    rounds = "" if relied.rounds == 1 else f" in {relied.rounds} rounds of the last twelve months"
    basis = f"{plural(grade.items, 'plan')}, {plural(grade.ratings, 'answer')}{rounds}"
    near = "" if grade.within_one is None else f" {percent(grade.within_one)} were at most one level away."
    provisional = f" This is provisional: fewer than {PROVISIONAL} plans." if limits and grade.items < PROVISIONAL else ""
    alone = f"One auditor alone gave the grade that a meeting agreed on in {percent(grade.value)} of answers"
    return f"{alone} ({said}; {basis}).{near}{provisional}"


def _limits(grade: DefinitiveGrade) -> tuple[float, float] | None:
    """Resampling fewer than ten plans says too little of how far others would differ."""
    if grade.low is None or grade.high is None or grade.items < COEFFICIENT_FROM:
        return None
    return grade.low, grade.high


def _why_none(grade: DefinitiveGrade) -> str:
    few = f"there are fewer than {COEFFICIENT_FROM} plans"
    return few if grade.items < COEFFICIENT_FROM else "the plans are too alike for one"


def lean_words(leaning: Leaning, agreement: Agreement) -> str:
    """Whether any single auditor moves the figure further than chance may have moved it."""
    if leaning.everybody is None or leaning.lowest is None or leaning.highest is None:
        return leaning.hidden
    ends = f"{coefficient(leaning.lowest)} and {coefficient(leaning.highest)}"
    every = f"{coefficient(leaning.everybody)} with all {leaning.auditors} auditors"
    said = f"Without any one auditor, agreement would be between {ends}; it is {every}."
    if agreement.low is None or agreement.high is None:
        return said
    if agreement.low <= leaning.lowest and leaning.highest <= agreement.high:
        return f"{said} That is inside the interval of the figure, so no single auditor decides it."
    return (
        f"{said} That is outside the interval of the figure: one auditor’s answers count for much. Go over the guidance with all."
    )
