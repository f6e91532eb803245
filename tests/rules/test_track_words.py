"""Headings say no more than their intervals allow."""

from moderation.track.queries.agreement import AgencyName, NamedAgreement, Pair
from moderation.track.queries.measured import nothing
from moderation.track.queries.quality import QualityRow
from moderation.track.rules import Quality
from moderation.track.words import changes_heading, least_agreed, levels_heading, pairs_heading, weakest, why_undefined
from moderation.words import AgencyKind
from stats.results import Agreement
from stats.shares import wilson


def agreement(value: float, low: float, high: float, plans: int = 60) -> Agreement:
    return Agreement("alpha_ordinal", value, low, high, 0.95, "bootstrap", None, 0.6, plans, plans, 3, 3 * plans)


def named(name: str, found: Agreement) -> NamedAgreement:
    return NamedAgreement(name[0], name, found)


def row(name: str, good: int, of: int = 60, before: int | None = None) -> QualityRow:
    earlier = Quality(of, (), wilson(before / of, of)) if before is not None else None
    return QualityRow(name[0], name, Quality(of, (), wilson(good / of, of)), agreement(0.5, 0.4, 0.6), earlier)


WHOLE = agreement(0.5, 0.4, 0.6)


def test_a_question_is_named_only_when_its_interval_lies_below_the_round() -> None:
    clear, vague = named("Health provision", agreement(0.2, 0.1, 0.35)), named("Outcomes", agreement(0.4, 0.2, 0.6))
    assert least_agreed([clear, vague], "question", WHOLE) == "Auditors differ most on \u2018Health provision\u2019"
    assert least_agreed([vague], "question", WHOLE) == "No question is clearly below the rest"
    assert least_agreed([clear], "question", nothing("not measured")) == "Agreement by question"


def test_pairs_of_agencies_are_compared_only_when_their_intervals_part() -> None:
    agencies = [AgencyName(kind, kind.title(), kind) for kind in (AgencyKind.EDUCATION, AgencyKind.HEALTH, AgencyKind.CARE)]
    strong, weak = agreement(0.7, 0.6, 0.8), agreement(0.3, 0.2, 0.4)
    pairs = [Pair(agencies[0], agencies[1], strong, None), Pair(agencies[1], agencies[2], weak, None)]
    assert pairs_heading(pairs) == "Health and care agree less than education and health"
    assert (
        pairs_heading([pairs[0], Pair(agencies[1], agencies[2], strong, None)])
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
    same = nothing("Every rating is the same, so there is nothing to tell agreement from chance.")
    assert why_undefined(same) == "every rating is the same"
