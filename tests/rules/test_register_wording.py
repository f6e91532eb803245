"""The difference of two wordings, and one change carried over into a text that has changed since."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.register.wording import carried_over, compared

GUIDANCE = "Could a parent tell on a given Friday? Look for vague words.\n\nJudge all items, then weigh them."
sentences = st.lists(st.sampled_from(["One here.", "Two there!", "Is it three?", "Four\n", "Five e.g. so."]), max_size=6)


def changed(pieces: object) -> list[str]:
    return [piece.text.strip() for piece in pieces if piece.is_changed]  # type: ignore[attr-defined]


def test_what_goes_is_marked_on_the_left_and_what_is_new_on_the_right() -> None:
    sides = compared(GUIDANCE, GUIDANCE.replace("Judge all items, then weigh them.", "First find the main needs."))
    assert changed(sides.before) == ["Judge all items, then weigh them."]
    assert changed(sides.after) == ["First find the main needs."]


def test_a_word_in_common_does_not_cut_a_change_into_scraps() -> None:
    sides = compared("Say who does it and how often it is done.", "Say how many there are and which of them count most.")
    assert len(changed(sides.before)) == len(changed(sides.after)) == 1


def test_the_same_wording_has_no_difference() -> None:
    assert compared(GUIDANCE, GUIDANCE).is_same and compared("", "").is_same


@given(before=sentences, after=sentences)
def test_both_sides_hold_their_text_whole(before: list[str], after: list[str]) -> None:
    one, other = " ".join(before).strip(), " ".join(after).strip()
    sides = compared(one, other)
    assert "".join(piece.text for piece in sides.before) == one
    assert "".join(piece.text for piece in sides.after) == other


def test_changes_of_different_sentences_are_both_kept() -> None:
    first = GUIDANCE.replace("Look for vague words.", "Vague words count double.")
    last = f"{GUIDANCE}\n\nAsk the SENCO."
    both = carried_over(GUIDANCE, last, first)
    assert both == f"{first}\n\nAsk the SENCO."


def test_two_additions_in_the_same_place_come_one_after_the_other() -> None:
    assert carried_over("A.", "A.\n\nMine.", "A.\n\nTheirs.") == "A.\n\nTheirs.\n\nMine."


def test_the_same_change_twice_is_made_once() -> None:
    assert carried_over("A. B.", "A. C.", "A. C.") == "A. C."


@pytest.mark.parametrize("now", ["Judge some items.", "Judge nothing at all."])
def test_different_changes_of_one_sentence_are_a_clash(now: str) -> None:
    assert carried_over("Judge all items.", "Judge the weakest item.", now) is None


@given(before=sentences, wanted=sentences)
def test_a_change_carried_over_into_the_text_it_was_made_from_gives_what_was_wanted(before: list[str], wanted: list[str]) -> None:
    one, other = " ".join(before), " ".join(wanted)
    moved = carried_over(one, other, one)
    assert moved is not None and moved.split() == other.split()


@given(before=sentences, wanted=sentences)
def test_what_was_carried_over_can_be_taken_back(before: list[str], wanted: list[str]) -> None:
    one, other = " ".join(before), " ".join(wanted)
    back = carried_over(other, one, other)
    assert back is not None and back.split() == one.split()
