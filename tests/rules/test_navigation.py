"""The menu: links by role, only to pages that exist."""

from moderation.web.navigation import ENTRIES, navigation
from moderation.words import Role

EVERYTHING = {entry.endpoint for entry in ENTRIES}


def test_an_auditor_sees_only_the_own_desk() -> None:
    items = navigation({Role.AUDITOR}, EVERYTHING, "score.my_plans")
    assert [item.text for item in items] == ["My plans", "My meetings", "My feedback", "Guidance"]
    assert [item.text for item in items if item.active] == ["My plans"]


def test_a_page_that_does_not_exist_has_no_link() -> None:
    assert navigation({Role.LEAD}, {"allocate.rounds"}, None)[0].text == "Rounds"
    assert len(navigation({Role.LEAD}, {"allocate.rounds"}, None)) == 1


def test_a_page_below_a_link_marks_that_link() -> None:
    items = navigation({Role.LEAD}, EVERYTHING, "allocate.something_deep")
    assert [item.text for item in items if item.active] == ["Rounds"]


def test_nobody_without_a_role_has_links() -> None:
    assert navigation(set(), EVERYTHING, "score.my_plans") == ()
