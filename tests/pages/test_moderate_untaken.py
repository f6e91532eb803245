"""Nothing that somebody typed in a meeting is lost: what cannot be recorded is shown whole, and kept where the meeting goes on."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from moderation.allocate.events import PlansAllocated
from moderation.ledger import Transaction
from moderation.moderate import ballots, meetings, question_decisions
from moderation.moderate.question_tables import MeetingQuestion
from moderation.moderate.steps import Step
from moderation.moderate.tables import AgreedRating, MeetingItem, PlanAction
from tests.actions.test_moderate_meetings import TERMS, item, rows
from tests.actions.test_moderate_questions import PLANS, REASON, asked, decision, ids, meeting, put, version
from tests.build import World, act_as
from tests.build_moderation import ClosedRound, a_routed_round
from tests.conftest import SignIn
from tests.pages.test_moderate_attend import text
from tests.pages.test_moderate_pages import make_moderator
from tests.pages.test_moderate_questions import decided, page

__all__ = ["asked", "meeting", "page"]
HTMX = {"HX-Request": "true"}
ALL = {
    "rating": "3", "basis": "majority", "reason": "My own reason", "cause": "guidance_unclear", "dissent": "named",
    "dissent_text": "I read page 9 otherwise", "dissenter": "Q. Dissenter", "lesson": "My own lesson", "action": "amend",
    "action_text": "Rewrite outcome 7", "action_owner": "Owner of outcome 7", "action_due-day": "17", "action_due-month": "3",
    "action_due-year": "2031", "notes": "My own notes", "version": "1",
}  # fmt: skip
WORDS = (
    "My own reason", "Guidance is unclear", "I read page 9 otherwise", "Q. Dissenter", "With a name", "My own lesson",
    "Rewrite outcome 7", "Owner of outcome 7", "17 3 2031", "Amend the plan", "My own notes",
)  # fmt: skip


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def priya(sign_in: SignIn, world: World, closed: ClosedRound) -> FlaskClient:
    return sign_in(world.priya)


@pytest.fixture
def alone(engine: Engine, closed: ClosedRound, meeting: str, asked: str) -> str:
    """The page of an item that stands by itself."""
    return f"/meetings/{meeting}/items/{item(engine, closed, 'NF-1', 'E01').id}"


def sees_all(answer: str, *more: str) -> None:
    assert [words for words in (*WORDS, *more) if words not in answer] == []


def of_plan(key: str) -> dict[str, str]:
    """All fields that one plan of a question has beside its rating."""
    due = {f"action_due-{key}-{part}": ALL[f"action_due-{part}"] for part in ("day", "month", "year")}
    same = {f"{name}-{key}": ALL[name] for name in ("dissenter", "action", "action_text", "action_owner")}
    return {f"dissent-{key}": ALL["dissent_text"], f"note-{key}": "Only about this plan", **same, **due}


def typed(engine: Engine, closed: ClosedRound, key: str) -> dict[str, str]:
    """The form of a question as another tab has it: something in every field, the plan's own fields for one plan."""
    ratings = {f"rating-{one}": "1" for one in ids(engine, closed)}
    shared = {name: ALL[name] for name in ("basis", "reason", "cause", "lesson", "notes")}
    return {**ratings, **shared, **of_plan(key), "version": "1", "window": "two", "draft_version": "0"}


def sees_all_of_plan(answer: str, *more: str) -> None:
    left = [words for words in WORDS if words != "With a name"]
    assert [words for words in (*left, "Only about this plan", *more) if words not in answer] == []


def conclude(engine: Engine, world: World, meeting: str) -> None:
    act_as(engine, world.priya, world.area_id, meetings.conclude, meeting)


def step(engine: Engine, world: World, meeting: str, at: str, to: Step) -> None:
    act_as(engine, world.priya, world.area_id, ballots.take_step, meeting, at.rsplit("/", 1)[-1], to)


def vote_and_reveal(engine: Engine, world: World, meeting: str, at: str, number: int = 1) -> None:
    act_as(engine, world.helen, world.area_id, ballots.cast, meeting, at.rsplit("/", 1)[-1], "3", number)
    step(engine, world, meeting, at, Step.REVEALED)


def test_who_decides_an_item_second_sees_every_field_and_what_was_decided(priya: FlaskClient, alone: str) -> None:
    assert priya.post(alone, data=ALL | {"reason": "The first reason", "rating": "2"}).status_code == 303
    answer = priya.post(alone, data=ALL)
    assert answer.status_code == 409
    sees_all(answer.text, "The first reason", "It stands nowhere else", "Go to item 1", alone)


@pytest.mark.parametrize("mistake", [{"reason": "My own reason" + "x" * 2000}, {"cause": "no such cause"}, {"action_text": ""}])
def test_a_mistake_in_what_is_typed_about_an_item_that_is_settled_meanwhile_does_not_hide_it(
    priya: FlaskClient, alone: str, mistake: dict[str, str]
) -> None:
    assert priya.post(f"{alone}/defer", data={"deferred_reason": "No time", "version": "1"}).status_code == 303
    answer = priya.post(alone, data=ALL | mistake)
    assert answer.status_code == 409 and "No time" in answer.text
    gone = {"cause": "Guidance is unclear", "action_text": "Rewrite outcome 7"}
    assert [words for words in WORDS if words not in answer.text] == [gone[name] for name in mistake if name in gone]


def test_a_decision_sent_while_a_vote_is_open_is_kept_as_a_draft(
    engine: Engine, world: World, priya: FlaskClient, meeting: str, alone: str
) -> None:
    step(engine, world, meeting, alone, Step.VOTING)
    for wrong in ({"rating": ""}, {}):  # the page has no form now, so a mistake cannot be shown in it
        answer = priya.post(alone, data=ALL | {"window": "w", "draft_version": "0"} | wrong)
        assert answer.status_code == 409 and "A vote on this item is open" in answer.text and "kept as a draft" in answer.text
        sees_all(answer.text)
    assert rows(engine, AgreedRating) == []
    step(engine, world, meeting, alone, Step.DISCUSSION)
    shown = text(priya, alone)
    assert all(ALL[name] in shown for name in ("dissent_text", "dissenter", "lesson", "action_owner", "notes")) and "2031" in shown


def test_what_is_sent_after_the_meeting_is_over_is_shown_whole(
    engine: Engine, world: World, priya: FlaskClient, closed: ClosedRound, meeting: str, alone: str, page: str
) -> None:
    key = ids(engine, closed, "NF-1")[0]
    conclude(engine, world, meeting)
    for data in (ALL, ALL | {"reason": "My own reason", "action_owner": "Owner of outcome 7" + "x" * 200}):
        answer = priya.post(alone, data=data)
        assert answer.status_code == 409 and "concluded" in answer.text and "It stands nowhere else" in answer.text
        sees_all(answer.text)
    for wrong in ({}, {f"rating-{key}": ""}):
        answer = priya.post(page, data=typed(engine, closed, key) | wrong)
        assert answer.status_code == 409 and "concluded" in answer.text
        sees_all_of_plan(answer.text, "Plan NF-1")
    for url in (alone, page):
        late = priya.post(f"{url}/defer", data={"deferred_reason": "Ask the school", "version": "1", "what": "all"})
        assert late.status_code == 409 and "Ask the school" in late.text
    saved = priya.post(f"{alone}/draft", data=ALL)
    assert saved.status_code == 409
    sees_all(saved.text)


@pytest.mark.parametrize("mistake", [{}, {"reason": "My own reason" + "x" * 2000}])
def test_who_decides_a_question_second_sees_every_field_of_every_plan(
    engine: Engine, world: World, priya: FlaskClient, closed: ClosedRound, asked: str, page: str, mistake: dict[str, str]
) -> None:
    act_as(engine, world.priya, world.area_id, question_decisions.decide_question, asked, 1, decision(engine, closed))
    answer = priya.post(page, data=typed(engine, closed, ids(engine, closed, "NF-3")[0]) | mistake)
    assert answer.status_code == 409 and len(rows(engine, AgreedRating)) == 4
    sees_all_of_plan(answer.text, "Plan NF-3", REASON, "It stands nowhere else", "Go to item 2")


def test_what_is_typed_about_a_plan_that_has_left_its_question_is_shown_and_kept_with_the_plan(
    engine: Engine, priya: FlaskClient, closed: ClosedRound, meeting: str, asked: str, page: str
) -> None:
    sent = typed(engine, closed, ids(engine, closed, "NF-2")[0])
    assert priya.post(f"/meetings/{meeting}/items/{asked}/alone").status_code == 303
    others = f"/meetings/{meeting}/questions/{item(engine, closed, 'NF-3', 'A05').id}"
    for wrong in ({"basis": ""}, {}):
        answer = priya.post(others, data=sent | wrong)
        assert answer.status_code == 409 and rows(engine, AgreedRating) == []
        sees_all_of_plan(answer.text, "Plan NF-2", "kept as a draft")
    own = text(priya, f"/meetings/{meeting}/items/{asked}")
    assert all(words in own for words in ("Only about this plan", "Q. Dissenter", "Owner of outcome 7", "2031"))
    assert "My own lesson" in text(priya, others)


def test_a_form_that_saves_by_itself_keeps_what_is_about_a_plan_that_has_left(
    engine: Engine, priya: FlaskClient, closed: ClosedRound, meeting: str, asked: str
) -> None:
    sent = typed(engine, closed, ids(engine, closed, "NF-2")[0])
    other = item(engine, closed, "NF-3", "A05").id
    assert priya.post(f"/meetings/{meeting}/items/{asked}/alone").status_code == 303
    saved = priya.post(f"/meetings/{meeting}/items/{other}/draft", data=sent, headers=HTMX)
    assert saved.status_code == 200 and "Draft saved" in saved.text
    assert "Only about this plan" in text(priya, f"/meetings/{meeting}/items/{asked}")
    own, mine = f"/meetings/{meeting}/items/{asked}/draft", {"notes": "Typed where the plan is", "window": "three"}
    assert priya.post(own, data=mine | {"draft_version": "0"}, headers=HTMX).status_code == 409  # it never saw the other text
    assert priya.post(own, data=mine | {"draft_version": "1"}, headers=HTMX).status_code == 200
    late = priya.post(f"/meetings/{meeting}/items/{other}/draft", data=sent, headers=HTMX)
    assert late.status_code == 409 and "Draft saved" not in late.text and "Only about this plan" in late.text
    assert "Typed where the plan is" in text(priya, f"/meetings/{meeting}/items/{asked}")


def test_no_form_says_that_it_saved_what_it_dropped(
    engine: Engine, world: World, priya: FlaskClient, closed: ClosedRound, meeting: str, asked: str
) -> None:
    key, other = ids(engine, closed, "NF-2")[0], item(engine, closed, "NF-3", "A05").id
    sent, draft = typed(engine, closed, key), f"/meetings/{meeting}/items/{other}/draft"
    assert priya.post(draft, data=sent, headers=HTMX).status_code == 200
    act_as(engine, world.priya, world.area_id, question_decisions.defer_plan, asked, 1, "Ask the school")
    more = sent | {f"note-{key}": "Typed too late", "notes": "Typed for all"}
    for headers in (HTMX, {}):
        saved = priya.post(draft, data=more, headers=headers)
        assert saved.status_code == 409 and "Draft saved" not in saved.text
        assert all(words in saved.text for words in ("Plan NF-2", "Typed too late", "Owner of outcome 7"))
    assert "Typed for all" in text(priya, f"/meetings/{meeting}/questions/{other}")
    (deferred,) = [row for row in rows(engine, MeetingItem) if row.id == asked]
    assert deferred.draft["values"]["notes"] == "Only about this plan"  # for the meeting that takes it up
    conclude(engine, world, meeting)
    saved = priya.post(draft, data=more, headers=HTMX)
    assert saved.status_code == 409 and "Typed for all" in saved.text and "Draft saved" not in saved.text


def test_what_was_typed_about_plans_that_were_deferred_one_by_one_is_in_their_question_in_the_next_meeting(
    engine: Engine, world: World, priya: FlaskClient, closed: ClosedRound, meeting: str, asked: str, page: str
) -> None:
    references = ("NF-2", "NF-3")
    sent = decided(engine, closed) | {f"note-{key}": f"Note on {key}" for key in ids(engine, closed, *references)}
    assert priya.post(f"/meetings/{meeting}/items/{asked}/draft", data=sent, headers=HTMX).status_code == 200
    for count, reference in enumerate(references):
        one = item(engine, closed, reference, "A05").id
        act_as(engine, world.priya, world.area_id, question_decisions.defer_plan, one, 1 + count, "Ask the school")
    assert priya.post(page, data=decided(engine, closed, "NF-1", "NF-4")).status_code == 303
    conclude(engine, world, meeting)
    later: str = act_as(engine, world.priya, world.area_id, meetings.create_meeting, closed.id, TERMS)
    assert put(engine, world, closed, later, *references) == 2
    (question,) = [row for row in rows(engine, MeetingQuestion) if row.meeting_id == later]
    kept = question.draft["values"]
    assert [kept[f"note-{key}"] for key in ids(engine, closed, *references)] == [
        f"Note on {key}" for key in ids(engine, closed, *references)
    ]


def test_a_text_too_long_to_be_recorded_is_kept_whole_while_it_is_written(priya: FlaskClient, alone: str) -> None:
    long = "Said at length. " * 300 + "The end."
    assert "Draft saved" in priya.post(f"{alone}/draft", data={"notes": long}, headers=HTMX).text
    assert "The end." in text(priya, alone)
    longer = priya.post(f"{alone}/draft", data={"notes": long * 5, "window": "w", "draft_version": "1"}, headers=HTMX)
    assert longer.status_code == 409 and "Draft saved" not in longer.text and longer.text.count("The end.") == 5


def test_a_decision_that_is_sent_twice_is_recorded_once(
    engine: Engine, priya: FlaskClient, closed: ClosedRound, meeting: str, alone: str, page: str
) -> None:
    of_question = typed(engine, closed, ids(engine, closed, "NF-3")[0])
    for url, sent, changed in ((alone, ALL, "lesson"), (page, of_question, f"note-{ids(engine, closed, 'NF-3')[0]}")):
        first, second = priya.post(url, data=sent), priya.post(url, data=sent)
        assert (first.status_code, second.status_code) == (303, 303) and first.location == second.location
        assert priya.post(url, data=sent | {changed: "Another text"}).status_code == 409
    assert (len(rows(engine, AgreedRating)), len(rows(engine, PlanAction))) == (5, 2)
    assert version(engine) == 2


def test_nothing_has_to_be_done_before_the_day_of_the_meeting(
    engine: Engine, priya: FlaskClient, closed: ClosedRound, alone: str, page: str
) -> None:
    key = ids(engine, closed, "NF-3")[0]
    for url, sent, field in ((alone, ALL, "action_due"), (page, typed(engine, closed, key), f"action_due-{key}")):
        answer = priya.post(url, data=sent | {f"{field}-year": "1999"})
        assert answer.status_code == 422 and f'href="#{field}"' in answer.text
        assert "The date must not be before the day of the meeting" in answer.text
    assert rows(engine, PlanAction) == []


def test_somebody_who_may_not_see_the_item_is_shown_their_own_text_and_nothing_else(
    sign_in: SignIn, world: World, priya: FlaskClient, alone: str
) -> None:
    answer = sign_in(world.priya).post("/meetings/none/items/none", data=ALL)
    assert answer.status_code == 404 and "My own reason" in answer.text and "NF-1" not in answer.text
    assert sign_in(world.helen).post(alone, data=ALL).status_code == 404


def test_a_moderator_who_allocated_the_plans_writes_in_no_draft(
    engine: Engine, world: World, sign_in: SignIn, priya: FlaskClient, closed: ClosedRound, meeting: str, alone: str, page: str
) -> None:
    def allocated(tx: Transaction) -> None:
        tx.record(PlansAllocated(closed.id, "draw", 1, "commitment"))

    urls = {alone: f"{alone}/draft", page: f"/meetings/{meeting}/items/{page.rsplit('/', 1)[-1]}/draft"}
    for url in urls.values():
        assert priya.post(url, data={"reason": "The words of the chair", "window": "p"}, headers=HTMX).status_code == 200
    make_moderator(engine, world, world.grace.id)
    act_as(engine, world.grace, world.area_id, allocated)
    grace = sign_in(world.grace)
    for url, draft in urls.items():
        assert grace.get(url).status_code == 404
        for at, headers in ((url, {}), (draft, {}), (draft, HTMX)):
            sent = {"reason": "The words of an outsider", "draft_version": "1", "window": "w", "version": "1"}
            answer = grace.post(at, data=sent, headers=headers)
            assert answer.status_code in (404, 409) and "kept as a draft" not in answer.text and "Draft saved" not in answer.text
            assert "The words of an outsider" in answer.text and "The words of the chair" not in answer.text
    kept = [row.draft["values"] for table in (MeetingItem, MeetingQuestion) for row in rows(engine, table) if row.draft]
    assert kept == [{"reason": "The words of the chair"}] * 2


def test_a_window_from_before_the_decision_does_not_overwrite_what_is_reopened(
    engine: Engine, priya: FlaskClient, closed: ClosedRound, meeting: str, alone: str, page: str
) -> None:
    of_question = typed(engine, closed, ids(engine, closed, "NF-3")[0])
    for url, sent, table in ((alone, ALL, MeetingItem), (page, of_question, MeetingQuestion)):
        draft = f"/meetings/{meeting}/items/{url.rsplit('/', 1)[-1]}/draft"
        assert priya.post(draft, data=sent | {"window": "a", "draft_version": "0"}, headers=HTMX).status_code == 200
        assert priya.post(url, data=sent).status_code == 303
        assert priya.post(f"{url}/reopen", data={"version": "2"}).status_code == 303
        stale = {"basis": "majority", "reason": "From an old window", "version": "1", "window": "b", "draft_version": "1"}
        answer = priya.post(url, data=stale)
        assert answer.status_code == 409 and "kept as a draft" not in answer.text and "It stands nowhere else" in answer.text
        assert priya.post(draft, data=stale, headers=HTMX).status_code == 409
        (kept,) = [row.draft["values"] for row in rows(engine, table) if row.draft]
        assert (kept["reason"], kept["lesson"]) == ("My own reason", "My own lesson")
        assert "Rewrite outcome 7" in kept.values()


def test_what_is_typed_is_kept_by_every_step_that_the_room_takes(
    engine: Engine, world: World, priya: FlaskClient, closed: ClosedRound, meeting: str, alone: str
) -> None:
    sent = ALL | {"window": "w", "draft_version": "0"}
    assert 'form="decision"' in priya.get(alone).text
    for to in ("here", "discussion", "voting"):
        answer = priya.post(f"{alone}/step", data=sent | {"to": to, "reason": f"My reason to go to {to}"})
        assert answer.status_code == 303
    vote_and_reveal(engine, world, meeting, alone)
    shown = text(priya, alone)
    assert "My reason to go to voting" in shown and all(ALL[name] in shown for name in ("dissenter", "action_owner", "notes"))
    again = priya.post(f"{alone}/vote-again", data=sent | {"ballot": "1", "reason": "My reason to vote again"})
    assert again.status_code == 303
    vote_and_reveal(engine, world, meeting, alone, 2)
    assert "My reason to vote again" in text(priya, alone) and rows(engine, AgreedRating) == []


def test_a_step_is_not_taken_over_what_another_window_has_written(
    engine: Engine, priya: FlaskClient, closed: ClosedRound, alone: str
) -> None:
    assert priya.post(f"{alone}/draft", data={"reason": "Theirs", "window": "one", "draft_version": "0"}).status_code == 303
    answer = priya.post(f"{alone}/step", data=ALL | {"to": "voting", "window": "two", "draft_version": "0"})
    assert answer.status_code == 409
    sees_all(answer.text, "It stands nowhere else")
    assert item(engine, closed, "NF-1", "E01").step is Step.WAITING and "Theirs" in text(priya, alone)
    assert (
        priya.post(f"{alone}/step", data={"to": "voting", "dissent": "none", "version": "1"}).status_code == 303
    )  # nothing is typed


def hidden(page: str) -> dict[str, str]:
    """What the form of a page sends along, typed by nobody."""
    found = re.findall(r'name="(draft_version|window|draft_seen)" value="([^"]*)"', page)
    assert len(found) == 3
    return dict(found)


def test_without_script_a_form_that_nobody_has_typed_in_goes_on_whatever_another_window_has_written(
    engine: Engine, priya: FlaskClient, closed: ClosedRound, alone: str
) -> None:
    kept = ALL | {"reason": "First line\r\nsecond line"}
    assert priya.post(f"{alone}/draft", data=kept | {"window": "one", "draft_version": "0"}).status_code == 303
    shown = hidden(text(priya, alone))
    assert priya.post(f"{alone}/draft", data=kept | {"notes": "Theirs", "window": "one", "draft_version": "1"}).status_code == 303
    assert priya.post(f"{alone}/step", data=kept | shown | {"to": "discussion"}).status_code == 303
    assert item(engine, closed, "NF-1", "E01").step is Step.DISCUSSION and "Theirs" in text(priya, alone)
    changed = priya.post(f"{alone}/step", data=kept | shown | {"notes": "Mine", "to": "voting"})
    assert changed.status_code == 409 and "Mine" in changed.text


def test_without_script_what_is_taken_out_of_a_form_stays_out_when_the_room_goes_on(
    engine: Engine, priya: FlaskClient, closed: ClosedRound, alone: str
) -> None:
    assert priya.post(f"{alone}/draft", data=ALL | {"window": "one", "draft_version": "0"}).status_code == 303
    empty = {"dissent": "none", "action": "none", "reason": "", "notes": "", "version": "1", **hidden(text(priya, alone))}
    assert priya.post(f"{alone}/step", data=empty | {"to": "discussion"}).status_code == 303
    draft = item(engine, closed, "NF-1", "E01").draft
    assert draft and "reason" not in draft["values"] and "My own reason" not in text(priya, alone)


def test_without_script_a_question_that_nobody_has_typed_in_goes_on_too(
    engine: Engine, priya: FlaskClient, closed: ClosedRound, page: str
) -> None:
    own, sent = page.replace("/questions/", "/items/"), typed(engine, closed, ids(engine, closed, "NF-1")[0])
    assert priya.post(f"{own}/draft", data=sent).status_code == 303
    shown = hidden(text(priya, page))
    assert shown["draft_version"] == "1"
    assert priya.post(f"{own}/draft", data=sent | {"notes": "Theirs", "draft_version": "1"}).status_code == 303
    assert priya.post(f"{own}/step", data=sent | shown | {"to": "discussion"}).status_code == 303
    assert "Theirs" in text(priya, page)


def test_what_is_typed_about_a_question_is_kept_by_its_steps_and_goes_along_with_a_plan_that_is_taken_alone(
    engine: Engine, priya: FlaskClient, closed: ClosedRound, page: str, meeting: str
) -> None:
    key, sent = ids(engine, closed, "NF-1")[0], typed(engine, closed, ids(engine, closed, "NF-1")[0])
    own = page.replace("/questions/", "/items/")
    assert priya.post(f"{own}/step", data=sent | {"to": "voting"}).status_code == 303
    assert priya.post(f"{own}/step", data={"to": "discussion"}).status_code == 303
    assert "My own reason" in text(priya, page) and "Only about this plan" in text(priya, page)
    of_it = next(one for one in rows(engine, MeetingItem) if one.disagreement_id == key)
    more = {"lesson": "A lesson typed last", f"note-{key}": "A note typed last"}
    assert priya.post(f"/meetings/{meeting}/items/{of_it.id}/alone", data=sent | more).status_code == 303
    assert "A note typed last" in text(priya, f"/meetings/{meeting}/items/{of_it.id}")
    left = next(one for one in rows(engine, MeetingItem) if one.disagreement_id in ids(engine, closed) and one.id != of_it.id)
    assert "A lesson typed last" in text(priya, f"/meetings/{meeting}/questions/{left.id}")
