"""What stands at the edges of a name or a number: initials, footnotes, boxes of a form, the end of a page."""

from datetime import date

import pytest

from moderation.register.identity.kinds import Kind, Known, Person, RoleToken
from moderation.register.identity.search import occurrences, search
from tests.finding import TODAY, kinds, marked, plain

FAMILY = Known(
    (
        Person(RoleToken.CHILD, ("Tobi James Marlow",)),
        Person(RoleToken.PARENT, ("Siân Marlow",)),
        Person(RoleToken.SIBLING, ("Ffion Marlow",)),
        Person(RoleToken.EP, ("Dr Priya Shah",)),
    ),
    date(2015, 3, 14),
)

LETTERS = (
    "<T J Marlow> and <T. J. Marlow> and <TJM>.", "<Marlow, T.> was there. <Marlow TJ>. <Marlow, TJ> and <Tobi M> and <Tobi J.> too.", "I met <Ffion F.> then.",
    "Section F. <Marlow> likes it. Section F <Marlow> too.", "As <Marlow>, E. says.", "Then <Marlow>. T was next.", "Mrs <Marlow> TA, <Tobi> SEN, Dr <Shah> EP.",
    "The <Marlows> live here.", "We met <?Sarah LEE> and Dr <Amy WOOD>.", "1<Tobi>2 and <Tobi>1 and 2<Tobi> and <Tobi>² but not the tobiko.", "D.O.B. unknown.",
    "Miss <J> came, and Mr <K>. Dr <S> wrote. I miss J.", "OT: <Jo> came. TA <Sue> helps. LSA <Emma>. TA Support, OT Report, OT: Wobble cushion, SALT: Makaton.",
)  # fmt: skip


@pytest.mark.parametrize("text", LETTERS)
def test_letters_belong_to_the_name_beside_them_and_to_no_other(text: str) -> None:
    assert marked(plain(text), FAMILY) == text


ARTICLES = (  # initials that are words as well
    "Report by Mrs <A. Patel>, SENCO", "Social worker: <A. Patel>", "SENCO: <I. Adeyemi>", "Dr <A. B. Okafor> and Dr <A B Okoro>", "Mr <I Khan>", "Mrs <P.Patel> came. <Patel> said so.",
    "Signed by <?P. Patel>", "Signed by: <A.B. Patel>", "TA: A Plan", "Teacher: I Can Do It", "Parents: A quiet place", "Worked on with A. The plan", "Sections A, B and F. Wobble cushions are used. By A. Plan of action.",
)  # fmt: skip


@pytest.mark.parametrize("text", ARTICLES)
def test_the_letter_a_or_i_hides_no_name_behind_it(text: str) -> None:
    assert marked(plain(text)) == text


def test_a_letter_behind_a_title_is_whose_it_can_only_be() -> None:
    assert [one.token for one in search([["Dr S wrote. Miss J came."]], FAMILY, TODAY)] == ["EP 1", "INITIALS"]


NUMBERS = (
    ("0044 7700 900123", Kind.TELEPHONE, "0044 7700 900123"), ("ring 01535/606060", Kind.TELEPHONE, "01535/606060"), ("07700 – 900123", Kind.TELEPHONE, "07700 – 900123"),
    ("NHS 9|4|3|4|7|6|5|9|1|9 and", Kind.NHS_NUMBER, "9|4|3|4|7|6|5|9|1|9"), ("is 9 4 3 4 7 6 5 9 1 9 now", Kind.NHS_NUMBER, "9 4 3 4 7 6 5 9 1 9"),
    ("NHS number 9 | 4 | 3 | 4 | 7 | 6 | 5 | 9 | 1 | 8 a", Kind.NHS_NUMBER, "9 | 4 | 3 | 4 | 7 | 6 | 5 | 9 | 1 | 8"), ("NHS no\n9\n4\n3\n4\n7\n6\n5\n9\n1\n8 was", Kind.NHS_NUMBER, "9\n4\n3\n4\n7\n6\n5\n9\n1\n8"),
    ("DOB 1|5|0|3|2|0|1|5", Kind.BIRTH, "1|5|0|3|2|0|1|5"), ("Date of birth: 1 4 / 0 3 / 2 0 1 5", Kind.BIRTH, "1 4 / 0 3 / 2 0 1 5"), ("D.O.B. 1 | 5 | / | 0 | 3 | / | 1 | 5", Kind.BIRTH, "1 | 5 | / | 0 | 3 | / | 1 | 5"),
    ("on 1 4 0 3 2 0 1 5 then", Kind.BIRTH, "1 4 0 3 2 0 1 5"), ("UPN: B 8 0 1 2 0 0 0 0 5 0 0 1 a", Kind.UPN, "B 8 0 1 2 0 0 0 0 5 0 0 1"), ("UPN A|8|0|1|2|0|0|0|0|5|0|0|1 a", Kind.UPN, "A|8|0|1|2|0|0|0|0|5|0|0|1"),
    ("is B|8|0|1|2|0|0|0|0|5|0|0|1 a", Kind.UPN, "B|8|0|1|2|0|0|0|0|5|0|0|1"), ("T|O|B|I", Kind.NAME, "T|O|B|I"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "words"), NUMBERS, ids=[text for text, _, _ in NUMBERS])
def test_a_number_is_found_whole_however_it_is_divided(text: str, kind: Kind, words: str) -> None:
    assert kinds(text, FAMILY) == [(kind, words)]


NO_NUMBERS = (
    "Rate it 1 2 3 4 5 6 7 8 9 10.",
    "07/11/25-09/11/25 and 01/09/2024 - 05/07/2025",
    "Scores: 0 1 0 2 2 0 2 0",
    "in 2024/2025 and 2025/2026",
)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_rows_of_digits_that_are_no_number_of_anybody_stay(text: str) -> None:
    assert kinds(text, FAMILY) == []


OVER = (
    ("The views of <Tobi Mar->", "<low> were heard."), ("His NHS number is <943 476>", "<5919> and"), ("Somebody wrote <943 476>", "<5919> here"), ("Her telephone is <07700>", "<900123> now"),
    ("He was born on <14 March>", "<2015> in Leeds"), ("Date of birth:", "<13/03/2015> it says"), ("They chose <Oak Hollow>", "<Primary School> then"), ("Social worker:", "<Quorra Vance>"),
    ("By the end of May", "2026 it was done"), ("There were 943 476", "5918 of them"),
)  # fmt: skip
LINES = "A line of the plan that says what is done, by whom and how often.\r\n" * 6


@pytest.mark.parametrize("around", ((), ("Plan of a pupil\r\n", "\r\nPage {} of 2")), ids=("bare", "between running lines"))
@pytest.mark.parametrize("ends", OVER, ids=[ends[0] for ends in OVER])
def test_what_runs_over_the_end_of_a_page_is_found_on_both(ends: tuple[str, str], around: tuple[str, ...]) -> None:
    head, foot = around or ("", "")
    wanted = [f"{head}{LINES}{ends[0]}{foot.format(1)}", f"{head}{ends[1]}\r\n{LINES}{foot.format(2)}"]
    found = search([[plain(page) for page in wanted]], FAMILY, TODAY)
    pages = [plain(page) for page in wanted]
    for one in reversed(found):
        text = pages[one.page]
        pages[one.page] = f"{text[: one.start]}<{text[one.start : one.end]}>{text[one.end :]}"
    assert pages == wanted


def test_words_that_a_lead_adds_are_found_whole_only_lest_half_of_them_is_looked_for_later() -> None:
    places = [
        (one.page, one.start, one.end)
        for one in occurrences([["a Kingfisher, King-", "fisher"]], "Kingfisher", Kind.ADDED, "SETTING 3")
    ]
    assert places == [(0, 2, 12)]


def test_a_name_that_two_findings_share_is_covered_whole() -> None:
    """ "Tobi M." and "M. Marlow" meet in one letter: what one of them leaves is the other's."""
    assert marked("Plan of Tobi M. \nMarlow, T 4", FAMILY) == "Plan of <Tobi> <M. \nMarlow, T> 4"


def test_ten_boxes_of_a_longer_number_are_no_nhs_number() -> None:
    assert kinds("UPN \nA 8 0 1 2 0 0 0 0 1 0 0 1") == [(Kind.UPN, "A 8 0 1 2 0 0 0 0 1 0 0 1")]
    assert kinds("is 8 9 4 3 4 7 6 5 9 1 9 then") == []


def test_the_surname_of_somebody_unknown_may_stand_in_the_next_line() -> None:
    assert marked("We met Mrs Khadija\nRahman, who agreed. Mr Okon\nThe plan is here.") == (
        "We met Mrs <Khadija>\n<?Rahman>, who agreed. Mr <Okon>\nThe plan is here."
    )


def test_a_line_that_is_a_number_alone_is_no_foot_of_a_page() -> None:
    pages = [["NHS is 943 \n476", "5919 and a phone 07700", "900123 too."]]
    assert [(one.page, one.kind) for one in search(pages, FAMILY, TODAY)] == [
        (0, Kind.NHS_NUMBER), (1, Kind.NHS_NUMBER), (1, Kind.TELEPHONE), (2, Kind.TELEPHONE),
    ]  # fmt: skip


def test_two_documents_have_no_common_end_of_a_page() -> None:
    assert search([["It is 943 476"], ["5919 here"]], FAMILY, TODAY) == []
