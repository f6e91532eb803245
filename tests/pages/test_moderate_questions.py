"""A question on the pages: on an agenda by one press, one form for the votes, one decision, one entry in the minutes."""

import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from moderation.instants import frozen, now
from moderation.moderate import ballots
from moderation.moderate.steps import Step
from moderation.moderate.tables import AgreedRating, Lesson, MeetingItem, PlanAction
from tests.actions.test_moderate_item_time import conflict_of
from tests.actions.test_moderate_meetings import item, rows
from tests.actions.test_moderate_questions import PLANS, REASON, REFERENCES, asked, ids, meeting, version
from tests.build import World, act_as
from tests.build_moderation import ClosedRound, a_routed_round
from tests.conftest import SignIn
from tests.pages.test_moderate_aside import conflict
from tests.pages.test_moderate_attend import text

__all__ = ["asked", "meeting"]
LESSON = "Say that a dated review counts."


pytestmark = pytest.mark.scene(a_routed_round, PLANS)


@pytest.fixture
def priya(sign_in: SignIn, world: World, closed: ClosedRound) -> FlaskClient:
    return sign_in(world.priya)


@pytest.fixture
def page(meeting: str, asked: str) -> str:
    return f"/meetings/{meeting}/questions/{asked}"


def votes(engine: Engine, closed: ClosedRound, asked: str, answer: str = "1", *references: str) -> dict[str, str]:
    return {"item": asked, "question": "1", **{f"answer-{key}": answer for key in ids(engine, closed, *references)}}


def decided(engine: Engine, closed: ClosedRound, *references: str, **changed: str) -> dict[str, str]:
    plans = {f"rating-{key}": "1" for key in ids(engine, closed, *references)}
    return {"reason": REASON, "basis": "majority", "lesson": LESSON, "version": str(version(engine)), **plans, **changed}


def open_vote(engine: Engine, world: World, meeting: str, asked: str) -> None:
    act_as(engine, world.priya, world.area_id, ballots.take_step, meeting, asked, Step.VOTING)


def test_one_press_puts_what_recurs_on_an_agenda(engine: Engine, priya: FlaskClient, closed: ClosedRound, meeting: str) -> None:
    listed = text(priya, f"/disagreements/{closed.id}")
    assert "4 plans differ" in listed and "18 minutes" in listed and "24 if taken one by one" in listed
    question = re.search(r'name="question" value="([^"]+)"', listed)[1]  # type: ignore[index]
    assert sorted(question.split(",")) == sorted(ids(engine, closed))
    sent = {"meeting": meeting, "question": question}
    assert priya.post(f"/disagreements/{closed.id}/add", data=sent).location == f"/meetings/{meeting}"
    agenda = text(priya, f"/meetings/{meeting}")
    assert "A question about the guidance." in agenda and "NF-1, NF-2, NF-3, NF-4" in agenda
    assert "28 of 90 minutes planned" in agenda
    assert "4 plans differ" not in text(priya, f"/disagreements/{closed.id}")


def test_a_new_meeting_can_begin_with_a_question(engine: Engine, priya: FlaskClient, closed: ClosedRound) -> None:
    sent = {"meeting": "", "question": ",".join(ids(engine, closed))}
    form = priya.get(priya.post(f"/disagreements/{closed.id}/add", data=sent).location).text
    assert "One question about the guidance, with 4 plans" in form
    terms = {
        "title": "First", "date-day": "26", "date-month": "11", "date-year": "2026", "time": "10am", "minutes": "90",
        "minutes_per_item": "6", "question": sent["question"],
    }  # fmt: skip
    planned = priya.post(f"/disagreements/{closed.id}/new-meeting", data=terms)
    assert "A question about the guidance." in text(priya, planned.location)


def test_a_plan_is_taken_on_its_own_from_the_agenda(engine: Engine, priya: FlaskClient, closed: ClosedRound, meeting: str) -> None:
    priya.post(f"/disagreements/{closed.id}/add", data={"meeting": meeting, "question": ",".join(ids(engine, closed))})
    one = item(engine, closed, "NF-2", "A05").id
    assert priya.post(f"/meetings/{meeting}/items/{one}/alone", data={"back": "agenda"}).location == f"/meetings/{meeting}"
    agenda = text(priya, f"/meetings/{meeting}")
    assert "NF-1, NF-3, NF-4" in agenda and "2. A05" in agenda and "Plan NF-2." in agenda


def test_the_room_shows_the_guidance_once_and_every_plan_without_names(
    engine: Engine, world: World, sign_in: SignIn, priya: FlaskClient, meeting: str, asked: str, page: str
) -> None:
    assert priya.get(f"/meetings/{meeting}/items/{asked}").location == page
    shown = text(priya, page)
    assert shown.count('id="cr"') == 1 and all(f"Plan {reference}" in shown for reference in REFERENCES)
    assert "Auditor A" in shown and "Helen Marsh" not in shown and "Evidence 1 of A05" in shown
    priya.post(f"/meetings/{meeting}/items/{asked}/step", data={"to": "here"})
    seen = text(sign_in(world.helen), f"/meetings/{meeting}/room")
    assert all(f"Plan {reference}" in seen for reference in REFERENCES) and "Amina" not in seen
    for person in (world.robert, world.grace, world.helen):
        assert sign_in(person).get(page).status_code == 404


def test_votes_are_sent_by_one_press_and_shown_together(
    engine: Engine, world: World, sign_in: SignIn, priya: FlaskClient, closed: ClosedRound, meeting: str, asked: str, page: str
) -> None:
    open_vote(engine, world, meeting, asked)
    room = f"/meetings/{meeting}/room"
    helen, amina, tom = (sign_in(person) for person in (world.helen, world.amina, world.tom))
    assert text(helen, room).count("<fieldset") == 4 and "Cast my votes" in text(helen, room)
    gap = helen.post(f"{room}/vote", data=votes(engine, closed, asked, "1", "NF-1", "NF-2", "NF-3"))
    (missing,) = ids(engine, closed, "NF-4")
    assert gap.status_code == 422 and gap.text.count(" checked") == 3
    assert f'<a href="#answer-{missing}">Plan NF-4. Choose the level' in gap.text
    assert helen.post(f"{room}/vote", data=votes(engine, closed, asked)).status_code == 303
    assert "Your votes are in" in text(helen, room) and "1 of 3 have voted" in text(priya, page)
    assert 'name="reason"' not in text(priya, page)
    amina.post(f"{room}/vote", data=votes(engine, closed, asked))
    tom.post(f"{room}/vote", data=votes(engine, closed, asked) | {f"answer-{missing}": "0"})
    shown = text(priya, page)
    assert shown.count("3 votes") == 3 and "worked out from the votes" in shown
    chosen = re.findall(r'name="rating-([^"]+)"[^>]* checked', shown)
    assert sorted(chosen) == sorted(ids(engine, closed, "NF-1", "NF-2", "NF-3"))  # where everybody voted alike
    late = amina.post(f"{room}/vote", data=votes(engine, closed, asked))
    assert late.status_code == 409 and "too late" in late.text
    assert "2 votes" in text(tom, room)


def test_no_byte_before_the_reveal_depends_on_how_anybody_voted(
    engine: Engine, world: World, sign_in: SignIn, priya: FlaskClient, closed: ClosedRound, meeting: str, asked: str, page: str
) -> None:
    open_vote(engine, world, meeting, asked)
    room, amina = f"/meetings/{meeting}/room", sign_in(world.amina)
    watchers = [(sign_in(person), room) for person in (world.helen, world.tom, world.amina)] + [(priya, page)]
    seen = []
    with frozen(now()):
        for answer in ("0", "1", "abstain"):
            assert amina.post(f"{room}/vote", data=votes(engine, closed, asked, answer)).status_code == 303
            seen.append([text(client, url) for client, url in watchers])
    assert all(pages == seen[0] for pages in seen)


def test_somebody_with_a_conflict_sees_nothing_of_the_plan(
    engine: Engine, world: World, sign_in: SignIn, priya: FlaskClient, closed: ClosedRound, meeting: str, asked: str
) -> None:
    conflict_of(engine, world, world.tom)
    open_vote(engine, world, meeting, asked)
    seen = text(sign_in(world.tom), f"/meetings/{meeting}/room")
    assert "You are out of this item" in seen and "Plan NF-1" not in seen and "Evidence" not in seen
    assert sign_in(world.tom).post(f"/meetings/{meeting}/room/vote", data=votes(engine, closed, asked)).status_code == 404
    assert "no quorum" in text(priya, f"/meetings/{meeting}/questions/{asked}").lower()


def test_somebody_with_a_conflict_on_one_plan_sees_the_others_and_votes_on_them(
    engine: Engine, world: World, sign_in: SignIn, closed: ClosedRound, meeting: str, asked: str
) -> None:
    conflict(engine, world, world.tom)  # with NF-1
    open_vote(engine, world, meeting, asked)
    tom, url = sign_in(world.tom), f"/meetings/{meeting}/room"
    seen = text(tom, url)
    assert "conflict of interest with 1 more plan" in seen and "Plan NF-1" not in seen and seen.count("<fieldset") == 3
    assert ids(engine, closed, "NF-1")[0] not in seen
    assert tom.post(f"{url}/vote", data=votes(engine, closed, asked, "1", "NF-2", "NF-3", "NF-4")).status_code == 303
    assert "Your votes are in" in text(tom, url)


def test_a_chair_with_a_conflict_on_one_plan_is_told_how_it_goes_on(
    engine: Engine, world: World, priya: FlaskClient, closed: ClosedRound, meeting: str, asked: str, page: str
) -> None:
    conflict(engine, world, world.priya)  # with NF-1
    shown = text(priya, page)
    assert "one of those that this item asks about" in shown and "NF-1" not in shown and "Evidence" not in shown
    aside = re.search(r'action="([^"]+/stand-aside)"', shown)[1]  # type: ignore[index]
    assert priya.post(aside).status_code == 303
    after = text(priya, page)
    assert "Plan NF-2" in after and "NF-1" not in after


def test_one_decision_is_recorded_and_stands_in_the_minutes_once(
    engine: Engine, world: World, priya: FlaskClient, closed: ClosedRound, meeting: str, asked: str, page: str
) -> None:
    gap = priya.post(page, data=decided(engine, closed, "NF-1", "NF-2", "NF-3", reason=""))
    assert gap.status_code == 422
    assert "Choose the agreed rating of plan NF-4" in gap.text and "Enter the reason for the agreed ratings" in gap.text
    first = ids(engine, closed, "NF-1")[0]
    said = {f"dissent-{first}": "Too mild", f"note-{first}": "Only page 3.", "notes": "Talked long."}
    assert priya.post(page, data=decided(engine, closed, **said)).status_code == 303
    assert len(rows(engine, AgreedRating)) == 4 and len(rows(engine, Lesson)) == 1
    after = text(priya, page)
    assert REASON in after and "Too mild" in after and "Reopen in this meeting" in after and "Only page 3." in after
    again = priya.post(page, data=decided(engine, closed, version="1"))
    assert again.status_code == 409
    priya.post(f"/meetings/{meeting}/conclude")
    minutes = text(priya, f"/meetings/{meeting}/minutes")
    assert minutes.count(REASON) == 1 and minutes.count(LESSON) == 2  # in the item, and in what became of the lessons
    assert "a question about the guidance, 4 plans" in minutes and "Talked long." in minutes and "Only page 3." in minutes
    assert priya.get(f"/meetings/{meeting}/minutes.pdf").status_code == 200


def an_action(key: str, **changed: str) -> dict[str, str]:
    due = {f"action_due-{key}-{part}": value for part, value in (("day", "29"), ("month", "1"), ("year", "2027"))}
    said = {"action": "amend", "action_text": "Rewrite outcome 2", "action_owner": "SEND team manager"} | changed
    return {**{f"{name}-{key}": value for name, value in said.items()}, **due}


def test_something_can_have_to_happen_to_one_plan_of_a_question(
    engine: Engine, priya: FlaskClient, closed: ClosedRound, meeting: str, asked: str, page: str
) -> None:
    first, second, third, _ = ids(engine, closed)
    assert "Action on plan NF-1 (optional)" in text(priya, page)
    wrong = {f"action-{first}": "escalate", f"action_owner-{second}": "Somebody"}
    refused = priya.post(page, data=decided(engine, closed, **wrong))
    assert refused.status_code == 422 and rows(engine, PlanAction) == []
    for field in (f"action_text-{first}", f"action_owner-{first}", f"action_due-{first}", f"action-{second}"):
        assert f'href="#{field}"' in refused.text, field
    both = an_action(first) | an_action(third, action="escalate", action_text="Ask the health board")
    assert priya.post(page, data=decided(engine, closed, **both)).status_code == 303
    made = {row.disagreement_id: (row.kind, row.text, row.owner, row.due_on) for row in rows(engine, PlanAction)}
    assert made == {
        first: ("amend", "Rewrite outcome 2", "SEND team manager", date(2027, 1, 29)),
        third: ("escalate", "Ask the health board", "SEND team manager", date(2027, 1, 29)),
    }
    assert text(priya, page).count("SEND team manager, by 29 January 2027.") == 2
    priya.post(f"/meetings/{meeting}/conclude")
    minutes = text(priya, f"/meetings/{meeting}/minutes")
    assert "Actions from this meeting (2)" in minutes and "Amend the plan: Rewrite outcome 2" in minutes


def test_an_action_on_one_plan_comes_back_with_the_decision_and_goes_along_when_the_plan_is_taken_on_its_own(
    engine: Engine, priya: FlaskClient, closed: ClosedRound, meeting: str, asked: str, page: str
) -> None:
    first = ids(engine, closed, "NF-1")[0]
    priya.post(page, data=decided(engine, closed, **an_action(first)))
    priya.post(f"{page}/reopen", data={"version": version(engine)})
    shown = text(priya, page)
    assert rows(engine, PlanAction) == [] and "Rewrite outcome 2" in shown and 'value="2027"' in shown
    one = item(engine, closed, "NF-1", "A05").id
    priya.post(f"/meetings/{meeting}/items/{one}/alone")
    alone = text(priya, f"/meetings/{meeting}/items/{one}")
    assert "Rewrite outcome 2" in alone and "SEND team manager" in alone and 'value="2027"' in alone


def test_what_is_typed_is_kept_and_two_windows_are_shown_both_texts(
    engine: Engine, priya: FlaskClient, closed: ClosedRound, meeting: str, asked: str, page: str
) -> None:
    draft = f"/meetings/{meeting}/items/{asked}/draft"
    first = ids(engine, closed, "NF-1")[0]
    typed = {"reason": "Half a reason", f"rating-{first}": "0", f"note-{first}": "Page 3"}
    kept = priya.post(draft, data={**typed, "window": "one", "draft_version": "0"}, headers={"HX-Request": "true"})
    assert kept.status_code == 200 and "Draft saved" in kept.text
    shown = text(priya, page)
    assert "Half a reason" in shown and "Page 3" in shown
    assert re.findall(r'name="(\w+)-[^"]*"[^>]*checked', shown) == ["rating", "action", "action", "action", "action"]
    other = {"reason": "Another", "window": "two", "draft_version": "0", "version": "1", f"rating-{first}": "1"}
    clash = priya.post(draft, data=other, headers={"HX-Request": "true"})
    assert clash.status_code == 409 and "Half a reason" in clash.text and "Agreed rating of plan NF-1" in clash.text
    whole = priya.post(draft, data=other)
    assert whole.status_code == 409 and "Another" in whole.text and "Half a reason" in whole.text


def test_one_plan_or_the_whole_question_is_deferred(
    engine: Engine, priya: FlaskClient, closed: ClosedRound, meeting: str, asked: str, page: str
) -> None:
    assert priya.post(f"{page}/defer", data={"what": "all", "version": "1"}).status_code == 422
    one = item(engine, closed, "NF-3", "A05").id
    sent = {"what": one, "deferred_reason": "Ask the school", "version": "1"}
    assert priya.post(f"{page}/defer", data=sent).location == page
    assert "Ask the school" in text(priya, page) and text(priya, page).count("app-choices--plan") == 3
    assert priya.post(f"{page}/defer", data={"what": "all", "deferred_reason": "Time.", "version": "2"}).status_code == 303
    assert "1 item is not settled" in text(priya, f"/meetings/{meeting}/conclude")
    priya.post(f"/meetings/{meeting}/conclude")
    assert text(priya, f"/meetings/{meeting}/minutes").count("Deferred: Time.<") == 3


def test_what_is_left_over_is_carried_over_as_one_question(
    engine: Engine, world: World, priya: FlaskClient, closed: ClosedRound, meeting: str, asked: str, page: str
) -> None:
    priya.post(f"{page}/defer", data={"what": "all", "deferred_reason": "Time", "version": "1"})
    priya.post(f"/meetings/{meeting}/conclude")
    terms = {
        "title": "Second", "date-day": "27", "date-month": "11", "date-year": "2026", "time": "10am", "minutes": "90",
        "minutes_per_item": "6",
    }  # fmt: skip
    later = priya.post(f"/disagreements/{closed.id}/new-meeting", data=terms).location
    agenda = text(priya, later)
    assert "A05, NF-1, NF-2, NF-3, NF-4" in agenda
    wanted = ",".join(ids(engine, closed))
    assert f'value="{wanted}"' in agenda
    assert priya.post(f"{later}/carried-over", data={"to": "add", "disagreement": wanted}).status_code == 303
    assert "A question about the guidance." in text(priya, later)


def test_the_agenda_pack_has_the_guidance_once_and_all_plans(
    engine: Engine, world: World, sign_in: SignIn, priya: FlaskClient, closed: ClosedRound, meeting: str, asked: str
) -> None:
    assert priya.get(f"/meetings/{meeting}/agenda.pdf").data.startswith(b"%PDF")


def test_a_lesson_says_from_how_many_plans_it_came(
    engine: Engine, world: World, sign_in: SignIn, priya: FlaskClient, closed: ClosedRound, meeting: str, asked: str, page: str
) -> None:
    priya.post(page, data=decided(engine, closed))
    priya.post(f"/meetings/{meeting}/conclude")
    assert "from 4 plans" in text(sign_in(world.grace), "/lessons")
    assert len(rows(engine, MeetingItem)) == 5


def test_what_is_typed_about_a_question_that_a_plan_has_left_meanwhile_is_shown_beside_what_is_there(
    engine: Engine, world: World, closed: ClosedRound, priya: FlaskClient, meeting: str, asked: str, page: str
) -> None:
    shown = re.search(r'name="question" value="([^"]+)"', priya.get(page).text)
    typed = decided(engine, closed, notes="Typed in the other tab.") | {"question": shown[1] if shown else ""}
    assert priya.post(f"/meetings/{meeting}/items/{asked}/alone").status_code == 303
    answer = priya.post(page, data=typed)
    assert answer.status_code == 409 and rows(engine, AgreedRating) == []
    assert all(words in answer.text for words in (REASON, LESSON, "Typed in the other tab."))


def test_what_is_typed_about_a_question_that_is_gone_is_shown_and_kept_for_its_last_plan(
    engine: Engine, world: World, closed: ClosedRound, priya: FlaskClient, meeting: str, asked: str, page: str
) -> None:
    shown = re.search(r'name="question" value="([^"]+)"', priya.get(page).text)
    key = ids(engine, closed, "NF-2")[0]
    typed = decided(engine, closed) | {"question": shown[1] if shown else "", f"note-{key}": "About this plan."}
    others = [one.id for one in rows(engine, MeetingItem) if one.position == 2 and one.id != asked]
    for one in [*others, asked]:
        assert priya.post(f"/meetings/{meeting}/items/{one}/alone").status_code == 303
    answer = priya.post(page, data=typed)
    assert answer.status_code == 409 and rows(engine, AgreedRating) == []
    assert all(words in answer.text for words in (REASON, LESSON, "About this plan.", "kept as a draft"))
    form = text(priya, f"/meetings/{meeting}/items/{asked}")
    assert all(words in form for words in (REASON, LESSON, "About this plan."))


def test_a_page_that_is_out_of_date_reopens_nothing(engine: Engine, closed: ClosedRound, priya: FlaskClient, page: str) -> None:
    priya.post(page, data=decided(engine, closed))
    shown = re.search(r'/reopen">.*?name="version" value="(\d+)"', priya.get(page).text)
    old = {"version": shown[1] if shown else ""}
    assert priya.post(f"{page}/reopen", data=old).status_code == 303
    priya.post(page, data=decided(engine, closed, reason="A newer reason."))
    assert priya.post(f"{page}/reopen", data=old).status_code == 409
    assert {row.reason for row in rows(engine, AgreedRating)} == {"A newer reason."}
