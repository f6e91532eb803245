"""Headings say no more than their intervals allow."""

from moderation.track.figures import agreement_cells, reading
from moderation.track.figures_quality import _level_row
from moderation.track.queries.agreement import AgencyName, NamedAgreement, Pair
from moderation.track.queries.measured import nothing
from moderation.track.queries.quality import QualityRow
from moderation.track.rules import Quality
from moderation.track.tabulate import Column, Kind, Table
from moderation.track.words import (
    agreement_words,
    changes_heading,
    least_agreed,
    levels_heading,
    pairs_heading,
    state_words,
    weakest,
    why_undefined,
)
from moderation.web.charts import Reading, Scale, Undefined
from moderation.web.charts.readings import ends
from moderation.web.filters import points
from moderation.words import AgencyKind
from stats.results import Agreement
from stats.shares import wilson


def agreement(value: float, low: float, high: float, plans: int = 60) -> Agreement:
    return Agreement("alpha_ordinal", value, low, high, 0.95, "bootstrap", None, 0.6, plans, plans, 3, 3 * plans)


def all_the_same(plans: int) -> Agreement:
    why = "Every rating is the same, so there is nothing to tell agreement from chance."
    return Agreement("alpha_ordinal", None, None, None, 0.95, None, why, 1.0, plans, plans, 3, 3 * plans)


def named(name: str, found: Agreement) -> NamedAgreement:
    return NamedAgreement(name[0], name, found)


def row(name: str, good: int, of: int = 60, before: int | None = None) -> QualityRow:
    earlier = Quality(of, (), wilson(before / of, of)) if before is not None else None
    return QualityRow(name[0], name, Quality(of, (), wilson(good / of, of)), agreement(0.5, 0.4, 0.6), earlier)


WHOLE = agreement(0.5, 0.4, 0.6)
AGENCIES = [AgencyName(kind, kind.title(), kind) for kind in (AgencyKind.EDUCATION, AgencyKind.HEALTH, AgencyKind.CARE)]


def test_a_question_is_named_only_when_its_interval_lies_below_the_round() -> None:
    clear, vague = named("Health provision", agreement(0.2, 0.1, 0.35)), named("Outcomes", agreement(0.4, 0.2, 0.6))
    assert least_agreed([clear, vague], "question", WHOLE) == "Auditors differ most on \u2018Health provision\u2019"
    assert least_agreed([vague], "question", WHOLE) == "No question is clearly below the rest"
    assert least_agreed([clear], "question", nothing("not measured")) == "Agreement by question"


def test_an_upper_end_of_nought_is_an_end_like_any_other() -> None:
    """The interval from -0.40 to 0.00 lies wholly below 0.50, and from 0.00 on no pair is below another that ends there."""
    worst = agreement(-0.11, -0.4, 0.0)
    assert least_agreed([named("Outcomes", worst)], "question", WHOLE) == "Auditors differ most on \u2018Outcomes\u2019"
    pairs = [Pair(AGENCIES[0], AGENCIES[1], agreement(0.5, 0.4, 0.6), None), Pair(AGENCIES[1], AGENCIES[2], worst, None)]
    assert pairs_heading(pairs) == "Health and care agree less than education and health"
    unsure = Pair(AGENCIES[0], AGENCIES[1], agreement(0.2, 0.0, 0.6), None)
    assert pairs_heading([unsure, pairs[1]]) == "No pair of agencies clearly agrees less than another"


def test_pairs_of_agencies_are_compared_only_when_their_intervals_part() -> None:
    strong, weak = agreement(0.7, 0.6, 0.8), agreement(0.3, 0.2, 0.4)
    pairs = [Pair(AGENCIES[0], AGENCIES[1], strong, None), Pair(AGENCIES[1], AGENCIES[2], weak, None)]
    assert pairs_heading(pairs) == "Health and care agree less than education and health"
    assert (
        pairs_heading([pairs[0], Pair(AGENCIES[1], AGENCIES[2], strong, None)])
        == "No pair of agencies clearly agrees less than another"
    )
    assert pairs_heading([pairs[0]]) == "Agreement between agencies"


def test_weak_sections_are_named_only_when_clearly_weaker() -> None:
    rows = [row("Aspirations", 40), row("Outcomes", 42), row("Health", 10)]
    assert levels_heading(rows) == "Health is clearly more often below Good"
    assert (
        levels_heading([row("Aspirations", 40), row("Outcomes", 42), row("Health", 38)])
        == "No section is clearly weaker than the rest"
    )
    assert weakest(rows) == "The lowest figure is that of health: 17% (9% to 28%), from 60 plans."


def test_changes_are_named_or_counted() -> None:
    assert changes_heading([row("Outcomes", 50, before=20), row("Health", 30, before=30)]) == "Outcomes clearly better"
    many = [row(name, 50, before=20) for name in ("Outcomes", "Views", "Needs")]
    assert changes_heading([*many, row("Health", 10, before=40)]) == "3 sections clearly better; Health clearly worse"
    assert changes_heading([row("Health", 30, before=30)]) == "No section has clearly changed"


def test_a_missing_figure_gives_its_reason_in_a_few_words() -> None:
    assert why_undefined(agreement(0.5, 0.4, 0.6, plans=8)) == "fewer than 10 plans"
    assert why_undefined(all_the_same(plans=12)) == "every rating is the same"
    assert why_undefined(nothing("It has not been worked out yet.")) == "it has not been worked out yet"


def test_of_fewer_than_five_plans_not_even_that_all_are_the_same_is_said() -> None:
    for few in (all_the_same(plans=4), all_the_same(plans=1), agreement(0.5, 0.4, 0.6, plans=4)):
        assert reading(few) == Undefined("fewer than 5 plans")
        assert agreement_cells(few) == (*[None] * 6, "fewer than 5 plans")
        assert state_words(few) == "fewer than 5 plans"


def test_quality_says_which_plans_are_too_few_for_agreement() -> None:
    """23 plans have a grade of this section; it is those with two ratings that are fewer than ten."""
    assert agreement_words(agreement(0.5, 0.4, 0.6, plans=8)) == "agreement not shown: fewer than 10 plans have two ratings"
    assert agreement_words(all_the_same(plans=12)) == "agreement not shown: every rating is the same"


def test_the_chart_of_quality_says_it_as_the_words_do() -> None:
    few = QualityRow("I", "Placement", Quality(23, (), wilson(0.5, 23)), agreement(0.5, 0.4, 0.6, plans=8), None)
    assert _level_row(few).agreement == Undefined("fewer than 10 plans have two ratings")


def test_a_change_whose_interval_ends_just_above_nought_shows_it_in_chart_and_table() -> None:
    """Under "the interval leaves out no change" +28 (0 to +51) would read as a mistake."""
    table = Table("change", "Change", (Column("Change", Kind.POINTS), Column("From", Kind.POINTS)), ((0.28, 0.0031),))
    assert table.texts == (("+28", "+0.3"),) and table.values == ((28.0, 0.31),)
    assert ends(Reading(0.28, 0.0031, 0.51), Scale(-1, 1, show=points)) == "(+0.3 to +51)"
