"""What people and administrators do, on both databases."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from moderation import instants
from moderation.ledger import OPERATOR, Via, history, transaction
from moderation.people import actions, administration, jobs, queries, rules
from moderation.people.administration import NewArea
from moderation.people.passwords import hashed, token_hash
from moderation.people.rules import Invitee, Post
from moderation.people.tables import Account, AccountState, Membership, SignInFailure, SignInLink, UserSession
from moderation.post import Outbox
from moderation.words import AgencyKind, InvalidInput, NotFound, Refused, Role, StaleWrite
from tests.build import PASSWORD, Person, World, WorldBuilt, a_world, act_as, start_session

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
IDLE = timedelta(minutes=30)
AMINA = "amina.yusuf@northfield.example"


def url_of(path: str) -> str:
    return f"https://service.example{path}"


def viewer_of(engine: Engine, token: str):  # type: ignore[no-untyped-def]
    with Session(engine) as session:
        return queries.load_viewer(session, token, instants.now(), IDLE)


def posts(engine: Engine, area_id: str) -> dict[str, Post]:
    with Session(engine) as session:
        return {member.email: member.post for member in queries.members(session, area_id)}


def letters(engine: Engine) -> list[Outbox]:
    with Session(engine) as session:
        return list(session.exec(select(Outbox).order_by(col(Outbox.subject), col(Outbox.recipient))))


def link_in(letter: Outbox) -> str:
    return next(line for line in letter.body.splitlines() if "/choose-password/" in line).rpartition("/")[2]


def invite(engine: Engine, world: World, *lines: str, post: Post | None = None) -> list[str]:
    people = [Invitee(line.split(",")[0], line.split(", ")[1]) for line in lines]
    return act_as(engine, world.sam, world.area_id, administration.invite, people, post or Post(frozenset({Role.LEAD})), url_of)


def test_the_operators_first_account_sets_up_an_area_and_works_in_it(engine: Engine) -> None:
    with transaction(engine, OPERATOR, Via.COMMAND, None) as tx:
        path = administration.create_account(tx, "Sam Cole", "sam@north.example")
    act_as(engine, None, None, actions.choose_password, path.rpartition("/")[2], hashed("teapot orchard sleet"), url_of)
    with Session(engine) as session:
        account = session.exec(select(Account)).one()
        assert queries.may_create_area(session, account.id)
    sam = Person(account.id, account.name, account.email, ())
    token = start_session(engine, sam)
    new = NewArea("Birmingham Partnership", "teal", "330")
    area_id = act_as(engine, sam, None, administration.create_area, new, sam.id, token_hash(token))
    viewer = viewer_of(engine, token)
    assert (viewer.area_id, viewer.area_name, viewer.colour, viewer.roles) == (
        area_id,
        "Birmingham Partnership",
        "teal",
        frozenset({Role.ADMINISTRATOR}),
    )
    with Session(engine) as session:
        assert queries.area(session, area_id).region == "West Midlands"
        kinds = [(agency.kind, agency.name) for agency in queries.agencies(session, area_id)]
    assert kinds == [(AgencyKind.EDUCATION, "Education"), (AgencyKind.HEALTH, "Health"), (AgencyKind.CARE, "Social care")]


def test_two_areas_cannot_have_the_same_name(engine: Engine, world: World) -> None:
    with pytest.raises(InvalidInput) as refusal:
        act_as(engine, world.sam, None, administration.create_area, NewArea("Northfield", "pink", "330"), world.sam.id)
    assert [problem.field for problem in refusal.value.problems] == ["name", "colour"]


def test_several_people_are_invited_at_once_with_several_roles(engine: Engine, world: World) -> None:
    health = world.agencies[AgencyKind.HEALTH]
    post = Post(frozenset({Role.AUDITOR, Role.MODERATOR}), health)
    invited = invite(engine, world, "Ann Wu, ann@nhs.example", "Bo Li, bo@nhs.example", post=post)
    assert len(invited) == 2
    assert posts(engine, world.area_id)["ann@nhs.example"] == posts(engine, world.area_id)["bo@nhs.example"] == post
    assert [letter.recipient for letter in letters(engine)] == ["ann@nhs.example", "bo@nhs.example"]
    with Session(engine) as session:
        names = [line.name for line in history(session, world.area_id, invited[0])]
    assert names == ["AccountInvited", "MembershipStarted"]


def test_inviting_the_same_people_twice_invites_them_once(engine: Engine, world: World) -> None:
    invite(engine, world, "Ann Wu, ann@nhs.example")
    assert invite(engine, world, "Ann Wu, ann@nhs.example") == []
    assert len(letters(engine)) == 1


def test_an_invitation_with_one_mistake_invites_nobody(engine: Engine, world: World) -> None:
    with pytest.raises(InvalidInput) as refusal:
        invite(engine, world, "Ann Wu, ann@nhs.example", f"Amina Yusuf, {AMINA}")
    assert AMINA in str(refusal.value)
    assert "ann@nhs.example" not in posts(engine, world.area_id)
    assert not letters(engine)


def test_a_disabled_account_is_not_invited_without_a_word(engine: Engine, world: World) -> None:
    other = a_world(engine, "Southfield", "southfield.example")
    with transaction(engine, OPERATOR, Via.COMMAND, None) as tx:
        tx.session.get_one(Account, other.tom.id).state = AccountState.DISABLED
        tx.record(WorldBuilt(other.area_id))
    with pytest.raises(InvalidInput, match="disabled"):
        invite(engine, world, f"Tom Evans, {other.tom.email}")
    assert other.tom.email not in posts(engine, world.area_id)


def test_an_agency_of_another_area_cannot_be_given(engine: Engine, world: World) -> None:
    elsewhere = a_world(engine, "Southfield", "southfield.example")
    with pytest.raises(InvalidInput):
        invite(
            engine, world, "Ann Wu, ann@nhs.example", post=Post(frozenset({Role.AUDITOR}), elsewhere.agencies[AgencyKind.HEALTH])
        )


def test_an_invited_person_chooses_a_password_once_and_in_time(engine: Engine, world: World) -> None:
    with instants.frozen(NOON):
        (account_id,) = invite(engine, world, "Ann Wu, ann@nhs.example")
        token = link_in(letters(engine)[0])
    with instants.frozen(NOON + timedelta(days=7)), pytest.raises(NotFound):
        act_as(engine, None, None, actions.choose_password, token, hashed(PASSWORD), url_of)
    with instants.frozen(NOON + timedelta(days=6)):
        act_as(engine, None, None, actions.choose_password, token, hashed(PASSWORD), url_of)
        with pytest.raises(NotFound):
            act_as(engine, None, None, actions.choose_password, token, hashed(PASSWORD), url_of)
    with Session(engine) as session:
        assert session.get_one(Account, account_id).state == AccountState.ACTIVE
        assert queries.credentials(session, "ann@nhs.example").account_id == account_id


def test_the_database_holds_no_token_that_would_open_anything(engine: Engine, world: World) -> None:
    invite(engine, world, "Ann Wu, ann@nhs.example")
    link, session_token = link_in(letters(engine)[0]), start_session(engine, world.sam)
    with Session(engine) as session:
        assert session.exec(select(SignInLink.token_hash)).all() == [token_hash(link)]
        assert session.exec(select(UserSession.token_hash)).all() == [token_hash(session_token)]


def test_a_new_invitation_replaces_the_old_one(engine: Engine, world: World) -> None:
    (account_id,) = invite(engine, world, "Ann Wu, ann@nhs.example")
    first = link_in(letters(engine)[0])
    act_as(engine, world.sam, world.area_id, administration.invite_again, account_id, url_of)
    with Session(engine) as session:
        assert queries.link_holder(session, first, instants.now()) is None
    second = next(link_in(letter) for letter in letters(engine) if link_in(letter) != first)
    act_as(engine, None, None, actions.choose_password, second, hashed(PASSWORD), url_of)
    with pytest.raises(Refused):
        act_as(engine, world.sam, world.area_id, administration.invite_again, account_id, url_of)


def test_somebody_from_another_area_keeps_their_password_and_gets_a_welcome(engine: Engine, world: World) -> None:
    south = a_world(engine, "Southfield", "southfield.example")
    invite(engine, world, f"Somebody Else, {south.amina.email}")
    (letter,) = letters(engine)
    assert "password you already use" in letter.body and "choose-password" not in letter.body
    with Session(engine) as session:
        areas = [area.name for area in queries.works_in(session, south.amina.id, instants.today())]
        assert queries.member(session, world.area_id, south.amina.id).name == "Amina Yusuf"
    assert areas == ["Northfield", "Southfield"]


def test_changed_roles_bite_with_the_next_request(engine: Engine, world: World) -> None:
    token = start_session(engine, world.grace)
    assert viewer_of(engine, token).roles == {Role.LEAD}
    was = posts(engine, world.area_id)[world.grace.email].print
    post = Post(frozenset({Role.MODERATOR}))
    act_as(engine, world.sam, world.area_id, administration.change_post, world.grace.id, post, was)
    assert viewer_of(engine, token).roles == {Role.MODERATOR}


def test_roles_may_change_there_and_back_on_one_day(engine: Engine, world: World) -> None:
    change = administration.change_post
    lead, both, auditor = (
        Post(frozenset({Role.LEAD})),
        Post(frozenset({Role.LEAD, Role.AUDITOR}), world.agencies[AgencyKind.CARE]),
        Post(frozenset({Role.AUDITOR}), world.agencies[AgencyKind.HEALTH]),
    )
    steps = [lead, both, auditor, both, lead, auditor, lead]
    for before, after in itertools.pairwise(steps):
        act_as(engine, world.sam, world.area_id, change, world.grace.id, after, before.print)
        assert posts(engine, world.area_id)[world.grace.email] == after
    with Session(engine) as session:
        rows = session.exec(
            select(Membership).where(Membership.account_id == world.grace.id, col(Membership.ends_on).is_(None))
        ).all()
    assert [row.role for row in rows] == [Role.LEAD]


def test_the_second_of_two_administrators_is_shown_both_versions(engine: Engine, world: World) -> None:
    was = posts(engine, world.area_id)[world.grace.email].print
    act_as(engine, world.sam, world.area_id, administration.change_post, world.grace.id, Post(frozenset({Role.MODERATOR})), was)
    with pytest.raises(StaleWrite) as refusal:
        act_as(engine, world.sam, world.area_id, administration.change_post, world.grace.id, Post(frozenset({Role.AREA_LEAD})), was)
    assert (refusal.value.mine["Roles"], refusal.value.theirs["Roles"]) == ("area_lead", "moderator")


def test_the_only_administrator_cannot_leave(engine: Engine, world: World) -> None:
    was = posts(engine, world.area_id)[world.sam.email].print
    with pytest.raises(Refused):
        act_as(engine, world.sam, world.area_id, administration.end_membership, world.sam.id)
    with pytest.raises(Refused):
        act_as(engine, world.sam, world.area_id, administration.change_post, world.sam.id, Post(frozenset({Role.LEAD})), was)


def test_an_ended_membership_ends_access_at_once_and_can_be_given_again(engine: Engine, world: World) -> None:
    token = start_session(engine, world.amina)
    act_as(engine, world.sam, world.area_id, administration.end_membership, world.amina.id)
    assert (viewer_of(engine, token).area_id, viewer_of(engine, token).roles) == (None, frozenset())
    assert world.amina.email not in posts(engine, world.area_id)
    with pytest.raises(NotFound):
        act_as(engine, world.sam, world.area_id, administration.end_membership, world.amina.id)
    post = Post(frozenset({Role.AUDITOR}), world.agencies[AgencyKind.HEALTH])
    invite(engine, world, f"Amina Yusuf, {world.amina.email}", post=post)
    assert viewer_of(engine, token).roles == {Role.AUDITOR}


def test_a_disabled_account_is_signed_out_at_once_and_cannot_come_back_by_a_link(engine: Engine, world: World) -> None:
    token = start_session(engine, world.amina)
    act_as(engine, None, None, actions.ask_reset, world.amina.email, "key", "192.0.2.1", url_of)
    link = link_in(letters(engine)[0])
    act_as(engine, world.sam, world.area_id, administration.disable_account, world.amina.id)
    assert viewer_of(engine, token) is None
    with pytest.raises(NotFound):
        act_as(engine, None, None, actions.choose_password, link, hashed(PASSWORD), url_of)
    with Session(engine) as session:
        assert queries.credentials(session, world.amina.email) == queries.NOBODY
    act_as(engine, None, None, actions.ask_reset, world.amina.email, "key", "192.0.2.1", url_of)
    assert len(letters(engine)) == 1
    act_as(engine, world.sam, world.area_id, administration.enable_account, world.amina.id)
    assert viewer_of(engine, token) is None
    assert viewer_of(engine, start_session(engine, world.amina)).roles == {Role.AUDITOR}


def test_an_administrator_of_one_area_cannot_disable_somebody_who_works_in_two(engine: Engine, world: World) -> None:
    south = a_world(engine, "Southfield", "southfield.example")
    invite(engine, world, f"Amina Yusuf, {south.amina.email}")
    with pytest.raises(NotFound):
        act_as(engine, world.sam, world.area_id, administration.disable_account, south.amina.id)
    act_as(engine, world.sam, world.area_id, administration.end_membership, south.amina.id)
    with Session(engine) as session:
        assert [area.name for area in queries.works_in(session, south.amina.id, instants.today())] == ["Southfield"]


def test_nobody_disables_themselves(engine: Engine, world: World) -> None:
    with pytest.raises(Refused):
        act_as(engine, world.sam, world.area_id, administration.disable_account, world.sam.id)


@pytest.mark.parametrize("verb", ["end_membership", "disable_account", "enable_account"])
def test_somebody_of_another_area_is_missing(engine: Engine, world: World, verb: str) -> None:
    south = a_world(engine, "Southfield", "southfield.example")
    for stranger in (south.amina.id, "no-such-account"):
        with pytest.raises(NotFound):
            act_as(engine, world.sam, world.area_id, getattr(administration, verb), stranger)


def test_agencies_are_added_and_renamed_but_never_share_a_name(engine: Engine, world: World) -> None:
    school = act_as(engine, world.sam, world.area_id, administration.add_agency, "Virtual School", AgencyKind.EDUCATION)
    act_as(engine, world.sam, world.area_id, administration.rename_agency, school, 1, "Virtual School and SEN")
    with pytest.raises(StaleWrite):
        act_as(engine, world.sam, world.area_id, administration.rename_agency, school, 1, "Late")
    with pytest.raises(InvalidInput):
        act_as(engine, world.sam, world.area_id, administration.add_agency, "HEALTH", AgencyKind.HEALTH)
    with Session(engine) as session:
        assert [(agency.name, agency.people) for agency in queries.agencies(session, world.area_id)] == [
            ("Education", 2),
            ("Virtual School and SEN", 0),
            ("Health", 2),
            ("Social care", 2),
        ]


def test_sessions_end_when_idle_and_after_twelve_hours(engine: Engine, world: World) -> None:
    with instants.frozen(NOON):
        token = start_session(engine, world.grace)
    with instants.frozen(NOON + timedelta(minutes=29)):
        session_id = viewer_of(engine, token).session_id
        act_as(engine, None, None, actions.touch_session, session_id)
    with instants.frozen(NOON + timedelta(minutes=58)):
        assert viewer_of(engine, token)
    with instants.frozen(NOON + timedelta(minutes=60)):
        assert viewer_of(engine, token) is None
    with instants.frozen(NOON + timedelta(minutes=29, seconds=30)):
        seen_at = viewer_of(engine, token).seen_at
    assert not rules.wants_touch(seen_at, NOON + timedelta(minutes=29, seconds=30))
    assert rules.wants_touch(seen_at, NOON + timedelta(minutes=30))


def test_signing_out_ends_the_session_for_whoever_kept_the_cookie(engine: Engine, world: World) -> None:
    token = start_session(engine, world.grace)
    act_as(engine, world.grace, None, actions.sign_out, token_hash(token))
    act_as(engine, world.grace, None, actions.sign_out, token_hash(token))
    assert viewer_of(engine, token) is None


def test_a_changed_password_ends_the_other_sessions_and_warns(engine: Engine, world: World) -> None:
    here, there = start_session(engine, world.grace), start_session(engine, world.grace)
    act_as(
        engine, world.grace, None, actions.change_password, world.grace.id, hashed("new words here now"), token_hash(here), url_of
    )
    assert viewer_of(engine, here)
    assert viewer_of(engine, there) is None
    assert [letter.subject for letter in letters(engine)] == ["Your password was changed"]


def test_a_forgotten_password_asks_for_at_most_three_letters_an_hour(engine: Engine, world: World) -> None:
    for _ in range(5):
        act_as(engine, None, None, actions.ask_reset, world.amina.email, "key", "192.0.2.1", url_of)
    assert len(letters(engine)) == 3


def test_asking_for_an_unknown_address_leaves_nothing_but_a_count(engine: Engine, world: World) -> None:
    act_as(engine, None, None, actions.ask_reset, "nobody@northfield.example", "key", "192.0.2.1", url_of)
    assert not letters(engine)
    with Session(engine) as session:
        assert len(session.exec(select(SignInFailure)).all()) == 1


def test_failures_slow_down_one_account_and_one_address_and_a_success_forgives(engine: Engine, world: World) -> None:
    with instants.frozen(NOON):
        for _ in range(5):
            act_as(engine, None, None, actions.note_try, "amina", "192.0.2.1")
        with pytest.raises(Refused):
            act_as(engine, None, None, actions.note_try, "amina", "198.51.100.7")
        act_as(engine, None, None, actions.note_try, "grace", "192.0.2.1")
    with instants.frozen(NOON + timedelta(seconds=1)):
        act_as(engine, None, None, actions.note_try, "amina", "192.0.2.1")
        with pytest.raises(Refused):
            act_as(engine, None, None, actions.note_try, "amina", "192.0.2.1")
        act_as(engine, None, None, actions.start_session, world.amina.id, "amina")
        act_as(engine, None, None, actions.note_try, "amina", "192.0.2.1")
    with instants.frozen(NOON + timedelta(seconds=2)):
        for n in range(28):
            act_as(engine, None, None, actions.note_try, f"account {n}", "192.0.2.1")
        with pytest.raises(Refused):
            act_as(engine, None, None, actions.note_try, "one more", "192.0.2.1")
        act_as(engine, None, None, actions.note_try, "one more", "203.0.113.9")


def test_somebody_with_two_areas_switches_between_them_and_comes_back_to_the_last(engine: Engine, world: World) -> None:
    south = a_world(engine, "Southfield", "southfield.example")
    invite(engine, world, f"Amina Yusuf, {south.amina.email}")
    token = start_session(engine, south.amina)
    assert viewer_of(engine, token).area_id is None
    act_as(engine, south.amina, None, actions.switch_area, token_hash(token), world.area_id)
    assert (viewer_of(engine, token).area_name, viewer_of(engine, token).roles) == ("Northfield", {Role.LEAD})
    assert viewer_of(engine, token).other_areas == ((south.area_id, "Southfield"),)
    with pytest.raises(NotFound):
        act_as(engine, world.amina, None, actions.switch_area, token_hash(start_session(engine, world.amina)), south.area_id)
    assert viewer_of(engine, start_session(engine, south.amina)).area_name == "Northfield"


def test_own_details_are_locked_against_a_second_window(engine: Engine, world: World) -> None:
    act_as(engine, world.grace, None, actions.change_own_details, world.grace.id, 1, "Grace Obi-Wright", False, True)
    with pytest.raises(StaleWrite):
        act_as(engine, world.grace, None, actions.change_own_details, world.grace.id, 1, "Grace", True, False)
    with Session(engine) as session:
        own = queries.own_account(session, world.grace.id)
    assert (own.name, own.shortcuts, own.goes_on, own.version) == ("Grace Obi-Wright", False, True, 2)


def test_tidying_forgets_what_is_old_and_keeps_what_is_in_use(engine: Engine, world: World, settings) -> None:  # type: ignore[no-untyped-def]
    with instants.frozen(NOON):
        start_session(engine, world.grace)
        act_as(engine, None, None, actions.note_try, "amina", "192.0.2.1")
        invite(engine, world, "Ann Wu, ann@nhs.example")
    with instants.frozen(NOON + timedelta(hours=20)):
        assert jobs.tidy_sessions(engine, settings) == "0 failed sign-ins, 0 sessions and 0 links forgotten"
    with instants.frozen(NOON + timedelta(days=40)):
        assert jobs.tidy_sessions(engine, settings) == "1 failed sign-in, 1 session and 1 link forgotten"


def test_an_administrator_learns_kind_and_place_of_an_error_but_not_its_words() -> None:
    trace = (
        'Traceback (most recent call last):\n  File "/srv/moderation/jobs.py", line 105, in run_if_due\n    x\n'
        '  File "/srv/moderation/measure/actions.py", line 12, in measure\n    y\n'
        "sqlalchemy.exc.IntegrityError: rating 4 of Amina Yusuf\n[parameters: ('4',)]"
    )
    assert jobs.fault_of(trace) == "IntegrityError in moderation/measure/actions.py, line 12"
    assert jobs.fault_of("") == ""
