"""Names that are words as well: whoever is called Brown, Lily or May is found, and brown, lilies and the month stay."""

import pytest

from moderation.register.identity.kinds import Known, Person, RoleToken
from tests.finding import found, marked, plain

SURNAMES = "Smith Brown Taylor Walker White Green Wood Hill King Baker Parker Price Young Cook Carter Bell Miller Mason Hall May Page Park Day"
GIVEN = "Lily Grace Poppy Rose Daisy Ivy Ruby Willow Holly Violet Will May Hope Mark Summer Joy Robin Amber Olive"


@pytest.mark.parametrize("name", SURNAMES.split())
def test_behind_a_title_any_word_is_a_surname(name: str) -> None:
    text = f"Class teacher: Mrs {name}\nThen Mr {name} left. MRS {name.upper()} AGREED."
    assert [words for words, _ in found(text)] == [name, name, name.upper()]


@pytest.mark.parametrize("name", GIVEN.split())
def test_behind_a_label_or_a_relation_any_given_name_is_one(name: str) -> None:
    assert found(f"Sibling: {name}") == [(name, "SIBLING 1")]
    assert found(f"His sister {name} is ten.") == [(name, "SIBLING 1")]
    assert found(f"Mum: {name}\nThe plan says so.") == [(name, "PARENT 1")]
    assert found(f"We saw his friend {name} there.") == [(name, "OTHER CHILD 1")]


# `<Lily>` is found, `<?Lily>` is found as a possible name, and nothing else is
SENTENCES = (
    "Miss <May> came. In May 2026 it was agreed. By May it was done; May be. Miss <May> left on 14 May 2026.",
    "Mrs <Brown> came. The Brown Bear book and Brown paper. Mrs <S Brown> wrote.",
    "He plays with <?Lily> at lunch.", "We met <?Rose Brown> there. <?Rose Brown>'s view.", "It is said that <?Will> helps. Will this work?", "<?Lily> has asked for it.",
    "Sibling: <Violet>\n<Violet> is kind to all. The violet book is by <Violet>’s bed.", "Sibling: <Hope>\n<Hope> likes trains. We Hope so.",
    "Sibling: <May> (6)\nMay 2026 was good. He plays with <May> at home.", "<Grace> is a lively girl.", "<?Hope> has autism. <?Summer> says so. <?Bill>'s mum came, and <?River Adeyemi>.", "Class teacher: <Brown>\nBrown paper is used.",
    "Mr <King> Mr <Baker> and Mrs <Smith> Head Teacher were there.", "When <?Ellie Jones> is there he sits down.", "Mrs <Park> went to the Park.",
)  # fmt: skip


@pytest.mark.parametrize("text", SENTENCES)
def test_such_a_name_is_found_where_something_makes_it_one_and_nowhere_else(text: str) -> None:
    assert marked(plain(text)) == text


WORDS = (
    "Parents: Short breaks are used. Mother: Good progress. Parents: Will attend. Signed: Parent", "From: May 2026 to July. Reviewed by: June 2026. Teacher: Green group.",
    "In Green class he is in the White Rose Maths group. Zones: Green Zone, rated Amber. Red, Amber and Green.", "Holly class, Willow Class and Ruby Room in Autumn Term. In April and in Summer.",
    "Hope is important. May is a busy month. Patience has been needed. The Grace Room. Clay has helped.", "Name: English\nSubject teacher: English. Contact: West team",
)  # fmt: skip


@pytest.mark.parametrize("text", WORDS)
def test_the_same_words_in_ordinary_places_name_nobody(text: str) -> None:
    assert found(text) == []


def test_the_month_of_a_date_is_nobody_even_if_the_lead_names_a_child_so() -> None:
    known = Known((Person(RoleToken.CHILD, ("May Okoro",)),))
    assert found("On 3 May 2026 May sang.", known) == [("May", "CHILD")]


def test_a_surname_that_the_lead_gave_is_found_by_itself() -> None:
    known = Known((Person(RoleToken.CHILD, ("Tobi Brown",)),))
    assert found("Mrs Brown says Brown is well, in brown.", known) == [("Brown", "PERSON 1"), ("Brown", "CHILD")]


def test_of_whom_the_lead_calls_by_a_title_only_such_a_surname_is_found_behind_titles() -> None:
    known = Known(
        (Person(RoleToken.TEACHER, ("Mr Young",)), Person(RoleToken.HEAD, ("Mrs Brown",)), Person(RoleToken.STAFF, ("Miss Okoro",)))
    )
    text = "Mr <Young> and Mrs <Brown> met <Okoro>. Young Person's views, on brown and Brown paper. MRS <BROWN> wrote."
    assert marked(plain(text), known) == text


def test_a_set_phrase_is_nobody_even_if_the_child_is_called_so() -> None:
    known = Known((Person(RoleToken.CHILD, ("Tobi Young",)),))
    text = "<Tobi Young> is a Young Person. <Young> likes maps. YOUNG PEOPLE say so. The young man."
    assert marked(plain(text), known) == text


STAFF = "Report by <Rose Walker>, educational psychologist\nMother: <Dawn Marlow>\nSocial worker: <Faith Adeyemi>\nKey worker: <Grace Okoro>\n"
BEGINNING = (
    f"{STAFF}<Rose> met him. <Rose> observed a lesson. <Rose> recommends it. Rose to 5 points.\n<Dawn> feels tired. <Dawn> reports it. <Dawn> would like help.",
    f"{STAFF}<Faith> visits weekly. <Faith> will review it.\n<Grace> supports him. <Grace> runs a group. <Grace> uses signs.",
    "Key worker: <Will Adeyemi>\n<Will> noted it. Will parents be told? Will this work? Will he be seen? Will its price rise?",
    "Key worker: <Pat Jones>\n<Pat> can be reached. Ask <Pat>. Thanks, <Pat>. Contact <Pat>. Dear <Pat>, hello. Pat the dog.",
    "Child: <Hope Baker>\n<Hope>, 9, needs help. “<Hope>,” said mum. We Hope so. <Hope> is important.", "<?Hope>, 9, needs help. “<?Hope>,” said mum.",
)  # fmt: skip


@pytest.mark.parametrize("text", BEGINNING)
def test_such_a_name_begins_a_sentence_about_whoever_is_known_by_it(text: str) -> None:
    assert marked(plain(text)) == text


ORDINARY_SURNAMES = "Post Reading Prior Fair Early Friend Self Hands Music Art Still Care"


@pytest.mark.parametrize("name", ORDINARY_SURNAMES.split())
@pytest.mark.parametrize("title", ("Mr", "Mrs", "Ms", "Miss"))
def test_behind_such_a_title_a_word_with_a_capital_is_a_name_whatever_it_means(title: str, name: str) -> None:
    text = f"{title} <{name}> came. {name} is a word. {title} <{name}> The plan. {title} Sarah <{name}>".replace(
        "Sarah <", "<Sarah "
    )
    assert marked(plain(text)) == text


NAMED_ART = (
    "Teacher: <Art Parker>",
    "Ms <Art Parker> came. Art is fun. In Art he sits.",
    "Teacher: Art",
    "Mrs <Prior> Head Teacher. Prior to this",
)


@pytest.mark.parametrize("text", NAMED_ART)
def test_a_subject_or_a_station_is_no_part_of_a_name(text: str) -> None:
    assert marked(plain(text)) == text


KIN = (
    ("mum (Dawn), dad (Dean)", ["PARENT 1", "PARENT 2"]), ("sister (Faith)", ["SIBLING 1"]), ("Nan (Joy)", ["RELATIVE 1"]), ("His sister (Ruby, 5)", ["SIBLING 1"]),
    ("Mother (Dawn Price)", ["PARENT 1"]), ("Siblings: Will (7), May (5), Mark (3)", ["SIBLING 1", "SIBLING 2", "SIBLING 3"]),
    ("Siblings: Ruby (5); Jay (7); Drew (3)", ["SIBLING 1", "SIBLING 2", "SIBLING 3"]), ("Family: Will (7) and May (5)", ["RELATIVE 1", "RELATIVE 2"]),
    ("His grandma Dawn, nanna Joy and mam Rose.", ["RELATIVE 1", "RELATIVE 2", "PARENT 1"]), ("Siblings: Ellie, Jack and Ruby live with him.", ["SIBLING 1", "SIBLING 2", "SIBLING 3"]),
    ("Siblings: None, Family: Mum, Dad and a dog. His mum (SENCO), dad (EP), brother (ASD) and friend (Year 5). Family: Supportive and warm.", []),
)  # fmt: skip


@pytest.mark.parametrize(("text", "tokens"), KIN, ids=[text for text, _ in KIN])
def test_relations_in_brackets_and_in_a_row_are_found_each_with_a_role(text: str, tokens: list[str]) -> None:
    assert [token for _, token in found(text)] == tokens


MIDDLE = (
    "When Will this be reviewed?", "What Will Success Look Like", "Support that May be offered", "Tasks to Mark", "Read and Mark", "With May half term", "He has Hope",
    "Robin Hood", "Poppy Day", "At Poppy Day and in Robin Hood.", "Sibling: <Will>\nWhen Will this be reviewed? He said that <Will> helps. With <Will> he plays.", "Sibling: <Mark>\nHe gave it to <Mark>.",
)  # fmt: skip


@pytest.mark.parametrize("text", MIDDLE)
def test_a_word_that_asks_allows_or_names_a_day_within_a_sentence_is_nobody(text: str) -> None:
    assert marked(plain(text)) == text
