"""Sections A to K are found by their headings, whatever a council makes of them; lists of contents and mentions do not count."""

import pytest

from moderation.register.sections import SECTIONS, Line, find_sections

PROSE = "Seren understands instructions when they are short and written down, and gives up when asked to repeat."
HEADINGS = {
    "A": "Section A: The views, interests and aspirations of the child and their parents",
    "B": "Section B: Special educational needs",
    "C": "Section C: Health care needs",
    "D": "Section D: Social care needs",
    "E": "Section E: Outcomes",
    "F": "Section F: Special educational provision",
    "G": "Section G: Health care provision",
    "H1": "Section H1: Social care provision under the 1970 Act",
    "H2": "Section H2: Any other social care provision reasonably required",
    "I": "Section I: Placement",
    "J": "Section J: Personal budget",
    "K": "Section K: Advice and information",
}


def a_page(*texts: str) -> list[Line]:
    return [Line(text, top=(place + 1) / 40) for place, text in enumerate(texts)]


def places(*pages: list[Line]) -> dict[str, int]:
    return {found.section: found.page for found in find_sections(pages)}


def a_plan() -> list[list[Line]]:
    """Each section on a page of its own, from page 1."""
    return [a_page(heading, PROSE, PROSE, PROSE) for heading in HEADINGS.values()]


IN_ORDER = {key: page for page, key in enumerate(SECTIONS, start=1)}


def test_every_section_of_a_plan_is_found() -> None:
    assert places(*a_plan()) == IN_ORDER


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("Section B", "B"),
        ("SECTION B - SPECIAL EDUCATIONAL NEEDS", "B"),
        ("Section B – Special Educational Needs (SEN)", "B"),
        ("Section B Special educational needs", "B"),
        ("section b: special educational needs", "B"),
        ("B. Special educational needs", "B"),
        ("B) Special educational needs", "B"),
        ("(B) Special educational needs", "B"),
        ("B – Special Educational", "B"),
        ("Part B: The child’s special educational needs", "B"),
        ("B | Special educational needs", "B"),
        ("• Section B: special educational needs", "B"),
        ("A2 SUMMARY the views, interests and aspirations of the CHILD and their parent", "A"),
        ("B1. [CHILD]’s special educational needs: cognition", "B"),
        ("H1 – Any social care provision which must be made for a child or young person under 18", "H1"),
        ("Section H 2: Other social care provision", "H2"),
        ("I - Placement", "I"),
        ("J - Direct Payments", "J"),
        ("K - The advice and information gathered during the EHC needs assessment", "K"),
        ("G: Health provision", "G"),
        ("Section F (continued)", "F"),
    ],
)
def test_headings_are_known_in_many_forms(text: str, section: str) -> None:
    assert places(a_page(PROSE, text, PROSE)) == {section: 1}


@pytest.mark.parametrize(
    "text",
    [
        "Section F of this plan sets out what will be provided.",
        "section B is reviewed every year",
        "A visual timetable, gone through at the start of the day",
        "I like football and telling jokes.",
        "I want to live in my own flat",
        "B12 injections every three months",
        "E2. [CHILD] will be happier and more confident at school.",
        "As set out in section F, and in the outcomes of section E",
        "K2 is the advice of the school",
        "A1 paper",
        "Health",
        "C",
    ],
)
def test_sentences_and_codes_are_not_headings(text: str) -> None:
    assert places(a_page(PROSE, text, PROSE)) == {}


def test_a_mention_that_a_line_break_brings_to_the_front_is_not_a_heading() -> None:
    mention = a_page(
        "The hours that the psychologist recommends are set out in", "Section F: special educational provision.", PROSE
    )
    assert places(mention, a_page("Section F: Special educational provision", PROSE)) == {"F": 2}


@pytest.mark.parametrize("ending", [" ........ 7", " 7", "", "\t7", " . . . . 7", "…7"])
def test_a_list_of_contents_gives_way_to_the_sections_themselves(ending: str) -> None:
    contents = a_page("Contents", *(heading + ending for heading in HEADINGS.values()))
    assert places(contents, *a_plan()) == {key: page + 1 for key, page in IN_ORDER.items()}


def test_a_plan_of_headings_alone_is_still_found() -> None:
    assert places(a_page(*HEADINGS.values())) == dict.fromkeys(SECTIONS, 1)


def test_the_first_of_equal_headings_wins_and_a_continued_one_loses() -> None:
    again = a_page("Section F: Special educational provision (continued)", PROSE)
    first = a_page("Section F: Special educational provision", PROSE)
    assert places(again, first, first) == {"F": 2}


def test_one_heading_may_stand_for_two_sections() -> None:
    both = (
        "Sections C (The child’s health care needs which relate to their SEN) and G (Health Care Provision relating to those needs)"
    )
    assert places(a_page(both, PROSE)) == {"C": 1, "G": 1}


def test_an_undivided_section_h_stands_for_both_halves() -> None:
    assert places(a_page("Section H: Social care provision", PROSE)) == {"H1": 1, "H2": 1}


def test_a_title_without_a_letter_counts_when_it_stands_out() -> None:
    title = Line("Special educational provision", top=0.3, size=16, bold=True)
    assert places([*a_page(PROSE, PROSE), title, *a_page(PROSE)]) == {"F": 1}
    assert places([*a_page(PROSE, PROSE), Line("Special educational provision", top=0.3), *a_page(PROSE)]) == {}


def test_a_heading_with_its_letter_beats_a_title_without() -> None:
    title = [Line("Outcomes", size=16, bold=True), *a_page(PROSE)]
    assert places(title, a_page("Section E: Outcomes", PROSE)) == {"E": 2}


def test_the_place_on_the_page_is_kept() -> None:
    (found,) = find_sections([a_page(PROSE, PROSE, "Section B: Special educational needs")])
    assert found.top == pytest.approx(3 / 40)


def test_advice_has_no_sections() -> None:
    assert (
        places(
            a_page("Educational psychologist’s advice", "Views of the young person", "Strengths", PROSE, "Recommended provision")
        )
        == {}
    )


def test_a_document_full_of_headings_is_read_in_no_time() -> None:
    """Tens of thousands of them: the work must not grow with their square."""
    pages = [a_page(*["Section A", "Section B", "Section C", "Section D", "E1", "F1"] * 20)] * 300
    assert len(find_sections(pages)) >= 4
