"""Decisions about accounts, in plain values."""

from datetime import UTC, date, datetime, timedelta

import pytest

from moderation.people import passwords, rules
from moderation.people.places import authorities, authority_choices
from moderation.people.rules import Invitee, Post
from moderation.web.fields import EMAIL
from moderation.words import Refused, Role

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
IDLE = timedelta(minutes=30)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "password1234",
        "Password2027!",
        "1234567890123",
        "qwertyuiop12345",
        "aaaaaaaaaaaa",
        "abcabcabcabcabc",
        "121212121212",
        "iloveyou!!!!!!",
        "LiverpoolFC2027",
        "amina.yusuf@nhs.example",
        "Amina.Yusuf2027!",
        "zxcvbnmasdfghjkl"[:7] + "12345",
        "x" * 201,
    ],
)
def test_guessable_passwords_are_refused(password: str) -> None:
    assert rules.password_problem(password, "amina.yusuf@nhs.example", passwords.common_passwords())


@pytest.mark.parametrize("password", ["teapot orchard sleet", "Fjord-Lantern-Mosaic", "sieben tapfere Wölfe", "k8#fQ2!vLm0Zp"])
def test_three_random_words_or_a_long_random_string_will_do(password: str) -> None:
    assert rules.password_problem(password, "amina.yusuf@nhs.example", passwords.common_passwords()) is None


def test_a_password_matches_its_own_hash_only() -> None:
    secret = passwords.hashed("teapot orchard sleet")
    assert secret.startswith("$argon2id$")
    assert passwords.matches(secret, "teapot orchard sleet")
    assert not passwords.matches(secret, "teapot orchard sleeT")
    assert not passwords.matches(None, "teapot orchard sleet")
    assert not passwords.matches("not a hash", "teapot orchard sleet")
    assert not passwords.is_outdated(secret)


def test_failures_are_counted_for_an_address_however_it_is_typed() -> None:
    key = passwords.account_key("Amina@NHS.example ", "secret")
    assert key == passwords.account_key("amina@nhs.example", "secret")
    assert key != passwords.account_key("amina@nhs.example", "other secret")


def test_a_session_ends_when_idle_when_old_and_when_ended() -> None:
    live = rules.session_is_live
    assert live(NOON, NOON, None, NOON + timedelta(minutes=29), IDLE)
    assert not live(NOON, NOON, None, NOON + IDLE, IDLE)
    assert not live(NOON, NOON + timedelta(hours=11, minutes=59), None, NOON + timedelta(hours=12), IDLE)
    assert not live(NOON, NOON, NOON, NOON, IDLE)


def test_the_first_failures_cost_nothing_and_further_ones_double_the_wait() -> None:
    assert rules.wait_until([NOON] * 4, free=5) is None
    waits = [rules.wait_until([NOON] * n, free=5) for n in (5, 6, 7, 8, 30)]
    assert [wait - NOON for wait in waits if wait] == [timedelta(seconds=s) for s in (1, 2, 4, 8, 120)]


def test_a_role_that_ends_today_no_longer_holds() -> None:
    today = date(2026, 11, 23)
    assert rules.holds(today, None, today)
    assert rules.holds(today, date(2026, 11, 24), today)
    assert not rules.holds(today, today, today)
    assert not rules.holds(date(2026, 11, 24), None, today)


def test_an_auditor_needs_an_agency_of_the_area() -> None:
    assert [p.field for p in rules.post_problems(Post(frozenset({Role.AUDITOR})), {"a1"})] == ["agency"]
    assert [p.field for p in rules.post_problems(Post(frozenset({Role.AUDITOR}), "elsewhere"), {"a1"})] == ["agency"]
    assert [p.field for p in rules.post_problems(Post(frozenset()), {"a1"})] == ["roles"]
    assert not rules.post_problems(Post(frozenset({Role.AUDITOR, Role.MODERATOR}), "a1"), {"a1"})
    assert not rules.post_problems(Post(frozenset({Role.LEAD})), set())


def test_the_print_of_a_post_tells_any_two_posts_apart() -> None:
    posts = [
        Post(frozenset(roles), agency) for roles in ((), (Role.LEAD,), (Role.LEAD, Role.AUDITOR)) for agency in (None, "a1", "a2")
    ]
    assert len({post.print for post in posts}) == len(posts)


def test_the_last_administrator_stays() -> None:
    with pytest.raises(Refused):
        rules.keep_an_administrator({"me"}, "me", Post(frozenset({Role.LEAD})))
    with pytest.raises(Refused):
        rules.keep_an_administrator({"me"}, "me", None)
    rules.keep_an_administrator({"me", "you"}, "me", None)
    rules.keep_an_administrator({"me"}, "you", None)
    rules.keep_an_administrator({"me"}, "me", Post(frozenset({Role.ADMINISTRATOR})))


def test_only_an_administrator_of_all_their_areas_may_disable_an_account() -> None:
    assert rules.may_disable_account({"north"}, {"north", "south"})
    assert not rules.may_disable_account({"north", "south"}, {"north"})


def test_the_operators_first_account_may_create_an_area_and_a_plain_member_may_not() -> None:
    assert rules.may_create_area(ever_a_member=False, administers=False)
    assert rules.may_create_area(ever_a_member=True, administers=True)
    assert not rules.may_create_area(ever_a_member=True, administers=False)


def test_people_are_read_from_lines_however_they_were_pasted() -> None:
    text = "Amina Yusuf, Amina.Yusuf@nhs.example\r\n\n Tom O'Neill <tom@council.example>;\nZoë van Dijk\tzoe@care.example\n"
    assert rules.read_invitees(text, EMAIL) == (
        [
            Invitee("Amina Yusuf", "amina.yusuf@nhs.example"),
            Invitee("Tom O'Neill", "tom@council.example"),
            Invitee("Zoë van Dijk", "zoe@care.example"),
        ],
        [],
    )


def test_every_line_that_cannot_be_read_is_named_at_once() -> None:
    text = "nobody@example.com\nAmina Yusuf\nTom, tom@council.example\nTom again, TOM@council.example\nA B, a@b"
    people, problems = rules.read_invitees(text, EMAIL)
    assert [person.name for person in people] == ["Tom"]
    assert [problem.row for problem in problems] == [1, 2, 4, 5]
    assert "enter a name before nobody@example.com" in problems[0].message


def test_reading_people_stays_fast_on_hostile_lines() -> None:
    people, problems = rules.read_invitees(("a" * 50_000 + " ,;" * 10_000 + "\n") * 3, EMAIL)
    assert not people and len(problems) == 3


def test_every_authority_of_the_code_list_has_a_region() -> None:
    assert len(authorities()) == 153
    assert authorities()["330"].name == "Birmingham"
    assert len({authority.region for authority in authorities().values()}) == 9
    assert ("839", "Bournemouth, Christchurch and Poole (South West)") in authority_choices()


def test_the_shipped_code_list_is_the_shared_one(shared) -> None:  # type: ignore[no-untyped-def]
    from importlib.resources import files

    shipped = files("moderation.people").joinpath("data/england_las.csv").read_bytes()
    assert shipped == (shared / "data/uk/england_las.csv").read_bytes()
