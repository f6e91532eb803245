"""What a file name says: which plan, what, and of which day."""

from datetime import date

import pytest

from moderation.register.matching import by_squeezed, guess
from moderation.register.tables import DocumentKind

KNOWN = by_squeezed(["NF-0012", "NF-1", "NF-12", "NF-123", "NF-12-A", "2026/44", "Plan 7"])
TODAY = date(2026, 11, 23)
FINAL, ADVICE, DATES, OTHER = (
    DocumentKind.FINAL_PLAN, DocumentKind.SECTION_K_ADVICE, DocumentKind.KEY_DATES, DocumentKind.OTHER,
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "references"),
    [
        ("NF-0012 final plan.pdf", ("NF-0012",)),
        ("nf0012_final_plan.PDF", ("NF-0012",)),
        ("EHCP_nf 0012.docx", ("NF-0012",)),
        ("NF-123.pdf", ("NF-123",)),
        ("NF-1234.pdf", ()),
        ("NF-12-A plan.pdf", ("NF-12-A",)),
        ("NF-12/advice/EP report.pdf", ("NF-12",)),
        ("NF-12 and NF-123 advice.pdf", ("NF-12", "NF-123")),
        ("NF-12 plan (copy of NF-12).pdf", ("NF-12",)),
        ("2026-44 advice.pdf", ("2026/44",)),
        ("Plan 7.pdf", ("Plan 7",)),
        ("Siân Tŷ-Gwyn.pdf", ()),
        ("نور NF-12.pdf", ("NF-12",)),
        ("scan.pdf", ()),
    ],
)
def test_a_reference_counts_as_a_whole_word_and_the_longest_wins(name: str, references: tuple[str, ...]) -> None:
    assert guess(name, KNOWN, TODAY).references == references


def test_no_plan_is_chosen_where_the_name_has_two() -> None:
    assert guess("NF-12 and NF-123.pdf", KNOWN, TODAY).reference == ""


def test_references_that_are_the_same_when_squeezed_are_never_guessed() -> None:
    assert guess("NF-12.pdf", by_squeezed(["NF-12", "NF 12"]), TODAY).references == ()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("NF-12.pdf", FINAL),
        ("NF-12 final plan.pdf", FINAL),
        ("NF-12 EHCP.docx", FINAL),
        ("NF-12 Final EHCP with section K advice.pdf", FINAL),
        ("NF-12 EP advice for the plan.pdf", ADVICE),
        ("NF-12 section K.pdf", ADVICE),
        ("NF-12 SALT report.pdf", ADVICE),
        ("NF-12 Educational Psychology.pdf", ADVICE),
        ("NF-12 key dates.pdf", DATES),
        ("NF-12 care plan.pdf", OTHER),
        ("NF-12 review minutes.pdf", OTHER),
        ("NF-12 scan.pdf", OTHER),
    ],
)
def test_the_kind_is_guessed_from_the_words(name: str, kind: DocumentKind) -> None:
    assert guess(name, KNOWN, TODAY).kind is kind


@pytest.mark.parametrize(
    ("name", "dated"),
    [
        ("NF-12 plan 2026-03-27.pdf", date(2026, 3, 27)),
        ("NF-12 plan 20260327.pdf", date(2026, 3, 27)),
        ("NF-12 plan 27.03.2026.pdf", date(2026, 3, 27)),
        ("NF-12 plan 27-3-2026.pdf", date(2026, 3, 27)),
        ("NF-12 plan 27.03.26.pdf", date(2026, 3, 27)),
        ("NF-12 plan 31.02.2026.pdf", None),
        ("NF-12 plan 27.03.2027.pdf", None),
        ("NF-12 plan.pdf", None),
    ],
)
def test_a_date_in_the_name_is_read_as_in_england_and_never_lies_ahead(name: str, dated: date | None) -> None:
    assert guess(name, KNOWN, TODAY).dated == dated
