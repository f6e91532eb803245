"""Words are found in a document as a reader means them."""

import pytest

from moderation.register.finding import MOST_HITS, Hit, Part, find, parts

PAGES = ["Seren likes maps.\nShe wants to travel", "alone. The child’s plan says: “Four hours\na week”. MAPS again – Tŷ Gwyn.", ""]


def test_every_place_is_found_with_its_page_and_the_words_around_it() -> None:
    assert [(hit.page, hit.found) for hit in find(PAGES, "maps")] == [(1, "maps"), (2, "MAPS")]
    assert find(PAGES, "wants")[0] == Hit(1, "Seren likes maps. She ", "wants", " to travel")


@pytest.mark.parametrize("wanted", ["hours a week", "child's plan", '"four', "again - tŷ", "  HOURS   A  "])
def test_line_breaks_capitals_and_marks_do_not_matter(wanted: str) -> None:
    assert [hit.page for hit in find(PAGES, wanted)] == [2]


@pytest.mark.parametrize("wanted", ["", "   ", "zebra", ".*", "(", "[a-z]"])
def test_what_is_not_there_is_not_found_and_is_never_a_pattern(wanted: str) -> None:
    assert find(PAGES, wanted) == []


def test_a_hundred_places_are_enough() -> None:
    assert len(find(["a " * 500], "a")) == MOST_HITS


def test_a_text_is_cut_where_the_words_stand() -> None:
    assert parts("One map, one MAP.", "map") == [Part("One "), Part("map", True), Part(", one "), Part("MAP", True), Part(".")]
    assert parts("One.", "") == [Part("One.")]
