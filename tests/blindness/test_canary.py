"""Unmistakable words stand in everybody else's ratings, evidence, notes, concerns, reasons, meetings and old rounds.

Every page is opened, with every id there is, whole and as a fragment. Who may not read a word must not receive it: not in a
body, not in a header, not in a letter.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from moderation.ledger import CLOCK, Via, transaction
from moderation.post import Letter, Outbox, queue
from moderation.register import audit_packs
from moderation.register.packs import texts_of
from moderation.register.tables import Document
from moderation.score.own import RaterDesk
from moderation.score.tables import Rating
from moderation.web.access import visitor
from moderation.words import Role
from tests.blindness.conftest import Stage
from tests.blindness.scene import ASKED, CANARY, sheets_of
from tests.blindness.things import Request, all_ids, open_for, requests
from tests.build import Person, WorldBuilt

# What leads deal with: why plans came back, and the facts of the register that only leads see.
LEADS_BUSINESS = ("setting", "team", "conflict", "draft-round", "reason", "meeting", "room", "file-name")
# After a meeting its minutes are for leads too: the decision, dissent and lessons, without a name.
MINUTES = ("decision", "dissent", "lesson", "action-over")
# Whoever is invited to a meeting knows its title and its place. Ratings come when the chair opens an item, after closing.
INVITED = ("meeting", "room")
# Whoever was there may read its minutes once they are published: decisions on a closed round.
WAS_THERE = ("decision-over", "dissent-over", "lesson-over", "action-over")
# They read its agenda on paper, too, with what was recorded in the closed round about the plans on it.
PAPER = "moderate.meeting_room_pack"
ON_PAPER = ("quokka-moderating-evidence", "quokka-moderating-quote")
# Their plans have no pack in this scene; tests/pages/test_moderate_plan.py opens them.
WITHOUT_PACK = {"moderate.meeting_room_plan", "moderate.meeting_room_picture"}


@dataclass(frozen=True)
class Leak:
    where: str
    word: str


def crawl(stage: Stage, person: Person, endpoints: Collection[str] | None = None) -> Iterator[tuple[Request, TestResponse]]:
    """Every page and fragment, as this person gets it."""
    client = stage.client(person)
    for request in requests(stage, person, all_ids(stage, of_each=1), endpoints):
        yield request, client.get(request.address, headers=request.headers)


def words_in(response: TestResponse) -> set[str]:
    everything = b"\n".join([response.data, *(f"{name}: {value}".encode() for name, value in response.headers)])
    return {found.decode().lower() for found in CANARY.findall(everything)}


def leaks(stage: Stage, person: Person, may_read: tuple[str, ...] = (), endpoints: Collection[str] | None = None) -> list[Leak]:
    """Words that this person received and may not read."""
    allowed = tuple(f"quokka-{word}" for word in may_read)
    return [
        Leak(str(request), word)
        for request, response in crawl(stage, person, endpoints)
        for word in sorted(words_in(response))
        if not (allowed and word.startswith(allowed))
    ]


def letters_to(stage: Stage, person: Person) -> list[Outbox]:
    with Session(stage.engine) as session:
        return list(session.exec(select(Outbox).where(Outbox.recipient == person.email).order_by(Outbox.key)))


def test_an_auditor_receives_no_word_of_anybody_else(busy: Stage) -> None:
    """Pages for auditors with every id there is, and pages of other roles."""
    found = leaks(busy, busy.scene.northfield.helen, (*INVITED, *WAS_THERE))
    assert [leak for leak in found if not (leak.where.startswith(f"{PAPER} ") and leak.word.startswith(ON_PAPER))] == []


def test_the_pages_that_were_looked_at_were_really_open(busy: Stage) -> None:
    """Otherwise the test above would pass on 404s alone."""
    mine = {name for name in open_for(busy.app, busy.scene.northfield.helen) if Role.AUDITOR in open_to(busy.app, name)}
    met: defaultdict[str, set[int]] = defaultdict(set)
    for request, response in crawl(busy, busy.scene.northfield.helen, mine):
        met[request.endpoint].add(response.status_code)
    assert {"score.question", "score.picture", "track.my_feedback_on", "register.guidance"} <= met.keys()
    assert {endpoint for endpoint, statuses in met.items() if not statuses & {200, 303}} <= WITHOUT_PACK


def open_to(app: Flask, endpoint: str) -> frozenset[object]:
    found: frozenset[object] = app.view_functions[endpoint].open_to  # type: ignore[attr-defined]
    return found


def test_no_letter_to_an_auditor_holds_a_word_of_anybody_else(busy: Stage) -> None:
    letters = [letter for person in busy.scene.northfield.auditors() for letter in letters_to(busy, person)]
    assert letters
    assert [one.key for one in letters if "quokka" in f"{one.subject} {one.body} {one.key}".lower()] == []


def test_a_lead_sees_reasons_but_no_rating_evidence_or_disagreement(busy: Stage) -> None:
    assert leaks(busy, busy.scene.northfield.grace, (*LEADS_BUSINESS, *MINUTES, "original")) == []


def test_an_administrator_never_sees_any_of_it(busy: Stage) -> None:
    assert leaks(busy, busy.scene.northfield.sam) == []


def test_an_area_lead_sees_figures_and_the_concerns_sent_to_them_only(busy: Stage) -> None:
    """The scene's area lead is the one person who is told of concerns."""
    assert leaks(busy, busy.scene.northfield.ruth, ("concern", "reason-of-unblinding")) == []


def test_a_moderator_reads_released_evidence_but_nothing_of_an_open_round_and_no_private_note(busy: Stage) -> None:
    released = tuple(f"{state}-{part}" for state in ("moderating", "published") for part in ("evidence", "quote"))
    assert leaks(busy, busy.scene.northfield.priya, (*released, *MINUTES, "action", "meeting", "room")) == []


def test_another_area_receives_nothing(busy: Stage) -> None:
    allowed = ("elsewhere", "setting", "team", "file-name")  # what is theirs
    for person in (busy.scene.southmoor.helen, busy.scene.southmoor.grace, busy.scene.southmoor.priya):
        own = ("original",) if Role.LEAD in person.roles else ()
        assert leaks(busy, person, (*allowed, *own)) == [], person.name


SEEN_BY = [
    ("grace", "score.round_progress", "quokka-reason-of-declining"),
    ("grace", "allocate.conflicts", "quokka-conflict-of-jana"),
    ("grace", "register.gate_page_of", "quokka-original-child"),
    ("grace", "register.gate_people", "quokka-original-parent"),
    ("grace", "register.uploads", "quokka-file-name"),
    ("ruth", "score.concerns_list", "quokka-concern"),
    ("grace", "track.actions", "quokka-action-over"),
    ("helen", PAPER, "quokka-moderating-evidence"),
    ("priya", "moderate.disagreement", "quokka-moderating-evidence"),
    ("priya", "moderate.minutes", "quokka-decision-over"),
    ("priya", "moderate.meeting_item", "quokka-moderating-quote"),
    ("priya", "moderate.meeting_question", "quokka-moderating-evidence"),
]


@pytest.mark.parametrize(("who", "endpoint", "word"), SEEN_BY)
def test_the_words_really_stand_where_somebody_may_read_them(busy: Stage, who: str, endpoint: str, word: str) -> None:
    """A word that is nowhere to be seen would prove nothing."""
    person = busy.scene.northfield.people[who]
    assert word in {leak.word for leak in leaks(busy, person, endpoints={endpoint})}


# --- and the canary sings -----------------------------------------------------------------------------------------------------


def everybodys(self: RaterDesk, sheet_id: str) -> list[Rating]:
    """The leak to be found: answers to a question, whoever gave them."""
    with Session(self._session.get_bind()) as session:
        return list(session.exec(select(Rating).where(Rating.area_id == self._area_id).order_by(Rating.evidence.desc()).limit(400)))


def test_evidence_of_others_on_an_auditors_page_is_noticed(busy: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RaterDesk, "_ratings", everybodys)
    found = leaks(busy, busy.scene.northfield.helen, endpoints={"score.question"})
    begun = sheets_of(busy.engine, busy.scene.rounds["open"], busy.scene.northfield.helen)[0]
    assert any(begun in leak.where and ASKED in leak.where for leak in found)


def test_the_original_of_a_pack_on_an_auditors_page_is_noticed(busy: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The leak to be found: the original where the released copy should be."""

    def the_originals(session, store, area_id, plan_version_id, document_id, page=1):  # type: ignore[no-untyped-def]
        row = session.exec(select(Document).where(Document.id == document_id)).one()
        return texts_of(store, row.store_path, row.wrapped_key)

    monkeypatch.setattr(audit_packs, "document_texts", the_originals)
    found = leaks(busy, busy.scene.northfield.helen, endpoints={"score.question"})
    assert {leak.word for leak in found} >= {"quokka-original-child"}


def test_a_header_that_says_too_much_is_noticed(busy: Stage) -> None:
    @busy.app.after_request
    def leak(response):  # type: ignore[no-untyped-def]
        if visitor():
            response.headers["X-Last-Note"] = "quokka-open-note-to-self"
        return response

    found = leaks(busy, busy.scene.northfield.helen, endpoints={"score.my_plans"})
    assert {leak.word for leak in found} == {"quokka-open-note-to-self"}


def test_a_letter_that_says_too_much_is_noticed(busy: Stage) -> None:
    helen = busy.scene.northfield.helen
    with transaction(busy.engine, CLOCK, Via.JOB, busy.scene.northfield.area_id) as tx:
        queue(tx, Letter(helen.email, "A plan is withdrawn: quokka-reason-of-withdrawal", "", "leak"))
        tx.record(WorldBuilt("leak"))
    with pytest.raises(AssertionError):
        test_no_letter_to_an_auditor_holds_a_word_of_anybody_else(busy)
