"""A pack that is searched again, on both databases: a decided part of a name hides nothing, and tokens follow the names."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from moderation.instants import frozen
from moderation.ledger import CLOCK, Via, transaction
from moderation.register import actions, gate_searching, jobs, queries
from moderation.register import gate_deciding as deciding
from moderation.register.codes import PlanEvent, PrimaryNeed, SettingType
from moderation.register.gate_packs import FoundPlace, People, SearchedDocument, keep_people
from moderation.register.gate_reading import pack_texts
from moderation.register.gate_tables import Decision, Finding, Gate
from moderation.register.identity.kinds import Found, Kind
from moderation.register.identity.search import occurrences
from moderation.register.packs import keep_document
from moderation.register.rules import PlanFacts
from moderation.register.tables import Document, DocumentKind
from moderation.settings import Settings
from moderation.store import Store, open_store
from moderation.words import Refused
from tests.build import World, act_as
from tests.build_gate import a_html_pdf, decide_all, findings_of, in_this_process, pass_the_gate, seen

TEXT = "<p>Mrs Marlow came with Zbynko Marlow to the Kingfisher room.</p>"


@pytest.fixture(autouse=True)
def here_and_now(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    in_this_process(monkeypatch)
    with frozen(datetime(2026, 11, 23, 12, tzinfo=UTC)):
        yield


@pytest.fixture(scope="module")
def content() -> bytes:
    return a_html_pdf(TEXT)


@pytest.fixture
def store(settings: Settings) -> Store:
    return open_store(settings)


@pytest.fixture
def plan(engine: Engine, world: World, store: Store, settings: Settings, content: bytes) -> str:
    facts = PlanFacts("NF-1", 4, PrimaryNeed.ASD, SettingType.MAINSTREAM, PlanEvent.NEW_PLAN)
    found: str = lead(engine, world, actions.register_plans, [facts])["NF-1"]
    attach(engine, world, store, found, content, DocumentKind.FINAL_PLAN)
    searched(engine, settings)
    return found


def lead(engine: Engine, world: World, verb, *args):  # type: ignore[no-untyped-def]
    return act_as(engine, world.grace, world.area_id, verb, *args)


def attach(engine: Engine, world: World, store: Store, plan: str, content: bytes, kind: DocumentKind) -> None:
    lead(engine, world, actions.attach_document, plan, kind, None, keep_document(store, content))


def searched(engine: Engine, settings: Settings) -> None:
    jobs.render_documents(engine, settings)
    jobs.search_packs(engine, settings)


def named(engine: Engine, world: World, store: Store, plan: str, people: People) -> None:
    """The lead says who is in the plan: it waits to be searched again."""
    lead(engine, world, deciding.name_people, plan, gate_of(engine).version, keep_people(store, people))


def gate_of(engine: Engine) -> Gate:
    with Session(engine) as session:
        return session.exec(select(Gate)).one()


def texts(engine: Engine, world: World, store: Store, plan: str) -> list[list[str]]:
    with Session(engine) as session:
        return pack_texts(session, store, world.area_id, plan)


def shown(engine: Engine, world: World, store: Store, plan: str) -> list[tuple[str, str, str]]:
    """Words, token and decision of each finding, in reading order of the first document."""
    text = texts(engine, world, store, plan)[0][0]
    first = document_of(engine)
    rows = [row for row in findings_of(engine, plan) if row.document_id == first]
    return [(text[row.starts or 0 : row.ends], row.token, row.decision.value) for row in rows]


def document_of(engine: Engine) -> str:
    with Session(engine) as session:
        return session.exec(select(Document.id).order_by(col(Document.position))).first() or ""


def added(engine: Engine, world: World, store: Store, plan: str, words: str, token: str) -> int:
    """The lead has these words replaced everywhere, as the page does it."""
    found = occurrences(texts(engine, world, store, plan), words, Kind.ADDED, token)
    count: int = lead(engine, world, deciding.add_findings, plan, found, token)
    return count


def test_a_decision_about_part_of_a_name_hides_no_longer_name_and_no_first_name_is_released(
    engine: Engine, world: World, plan: str, store: Store, settings: Settings
) -> None:
    decide_all(engine, world, plan)
    assert ("Marlow", "PERSON 1", "replace") in shown(engine, world, store, plan)
    named(engine, world, store, plan, People(("Zbynko Marlow",)))
    searched(engine, settings)
    assert ("Zbynko Marlow", "CHILD", "waiting") in shown(engine, world, store, plan)
    decide_all(engine, world, plan)
    pass_the_gate(engine, world, plan)
    jobs.release_packs(engine, settings)
    with Session(engine) as session:
        text = queries.page_text(session, store, world.area_id, plan, document_of(engine), 1)
    assert "came with [CHILD] to the Kingfisher room." in text
    assert "Zbynko" not in text


def test_a_longer_name_that_the_lead_adds_takes_the_place_of_its_decided_part(
    engine: Engine, world: World, plan: str, store: Store, settings: Settings
) -> None:
    decide_all(engine, world, plan)
    assert added(engine, world, store, plan, "Zbynko Marlow", "CHILD") == 1
    assert added(engine, world, store, plan, "Zbynko Marlow", "CHILD") == 0  # replaced already
    assert added(engine, world, store, plan, "Zbynko", "CHILD") == 0  # as part of the name
    assert ("Zbynko Marlow", "CHILD", "replace") in shown(engine, world, store, plan)


def test_tokens_of_what_is_replaced_follow_the_names_and_those_chosen_by_hand_stay(
    engine: Engine, world: World, plan: str, store: Store, settings: Settings
) -> None:
    decide_all(engine, world, plan)
    mother, other = [row.id for row in findings_of(engine, plan) if row.token == "PERSON 1"]
    lead(engine, world, deciding.change_token, plan, [other], "RELATIVE 1", seen(engine, plan, [other]))
    named(engine, world, store, plan, People(("Tobi Reid",), parents=(("Mrs Ann Marlow",),)))
    searched(engine, settings)
    after = {row.id: (row.kind, row.token, row.decision) for row in findings_of(engine, plan)}
    assert after[mother] == (Kind.NAME, "PARENT 1", Decision.REPLACE)
    assert after[other][1:] == ("RELATIVE 1", Decision.REPLACE)


def test_a_stranger_who_was_kept_is_decided_anew_when_it_is_known_who_it_is_and_only_then(
    engine: Engine, world: World, plan: str, store: Store, settings: Settings
) -> None:
    ids = [row.id for row in findings_of(engine, plan)]
    lead(engine, world, deciding.decide, plan, ids, Decision.KEEP)
    named(engine, world, store, plan, People(("Tobi Reid",)))
    searched(engine, settings)
    assert {decision for *_, decision in shown(engine, world, store, plan)} == {"keep"}
    named(engine, world, store, plan, People(("Tobi Reid",), parents=(("Mrs Ann Marlow",),)))
    searched(engine, settings)
    assert ("Marlow", "PARENT 1", "waiting") in shown(engine, world, store, plan)


def test_nothing_is_decided_while_the_documents_are_searched(
    engine: Engine, world: World, plan: str, store: Store, settings: Settings
) -> None:
    ids = [row.id for row in findings_of(engine, plan)]
    named(engine, world, store, plan, People(("Zbynko Marlow",)))
    for verb, *rest in (
        (deciding.decide, ids, Decision.REPLACE),
        (deciding.change_token, ids, "CHILD", seen(engine, plan, ids)),
        (deciding.add_findings, [], "CHILD"),
    ):
        with pytest.raises(Refused, match="being searched"):
            lead(engine, world, verb, plan, *rest)
    searched(engine, settings)
    assert lead(engine, world, deciding.decide, plan, [row.id for row in findings_of(engine, plan)], Decision.REPLACE)


def test_words_that_the_lead_added_are_looked_for_in_a_document_that_comes_later(
    engine: Engine, world: World, plan: str, store: Store, settings: Settings
) -> None:
    decide_all(engine, world, plan)
    assert added(engine, world, store, plan, "kingfisher room", "SETTING 2") == 1
    later = a_html_pdf("<p>The Kingfisher\nroom is quiet. In KINGFISHER ROOM Mr Marlow reads.</p>")
    attach(engine, world, store, plan, later, DocumentKind.SECTION_K_ADVICE)
    searched(engine, settings)
    rows = [row for row in findings_of(engine, plan) if row.kind is Kind.ADDED]
    assert sorted((row.token, row.decision.value) for row in rows) == [
        ("SETTING 2", "replace"), ("SETTING 2", "waiting"), ("SETTING 2", "waiting"),
    ]  # fmt: skip
    before = shown(engine, world, store, plan)
    named(engine, world, store, plan, People(("Zbynko Reid",)))
    searched(engine, settings)  # twice finds nothing twice
    assert len([row for row in findings_of(engine, plan) if row.kind is Kind.ADDED]) == 3
    assert ("Kingfisher room", "SETTING 2", "replace") in shown(engine, world, store, plan)
    assert [words for words, *_ in before if "room" in words] == ["Kingfisher room"]


# --- places that meet, as plain numbers ---------------------------------------------------------------------------------------


def a_search_finds(engine: Engine, world: World, plan: str, *found: tuple[int, int, Kind, str]) -> None:
    """A new search whose whole answer is this."""
    with transaction(engine, CLOCK, Via.JOB, world.area_id) as tx:
        gate = tx.session.exec(select(Gate)).one()
        gate.asked, gate.searched_at = gate.asked + 1, None
        places = tuple(FoundPlace(1, start, end, kind, token) for start, end, kind, token in found)
        assert gate_searching.mark_searched(tx, plan, gate.asked, [SearchedDocument(document_of(engine), places, ())])


def places(engine: Engine, plan: str) -> list[tuple[int | None, int | None, str, str]]:
    return [(row.starts, row.ends, row.token, row.decision.value) for row in findings_of(engine, plan)]


def decided(engine: Engine, world: World, plan: str, decision: Decision, start: int, end: int, token: str, kind: Kind) -> None:
    with transaction(engine, CLOCK, Via.JOB, world.area_id) as tx:
        for row in tx.session.exec(select(Finding)).all():
            tx.session.delete(row)
        tx.session.add(
            Finding(
                area_id=world.area_id, document_id=document_of(engine), page=1, starts=start, ends=end, kind=kind, token=token,
                decision=decision,
            )
        )  # fmt: skip
        tx.record(deciding.events.FindingsDecided(plan, decision.value, 1))


NAME, POSSIBLE, ADDRESS = Kind.NAME, Kind.POSSIBLE_NAME, Kind.ADDRESS


@pytest.mark.parametrize(
    ("decision", "found", "after"),
    [
        (Decision.REPLACE, [(5, 25, NAME, "CHILD")], [(5, 25, "CHILD", "waiting")]),  # crosses: both are replaced as one
        (Decision.REPLACE, [(15, 25, NAME, "CHILD")], [(10, 25, "CHILD", "waiting")]),
        (Decision.REPLACE, [(5, 12, NAME, "CHILD"), (18, 25, NAME, "CHILD")], [(5, 25, "CHILD", "waiting")]),
        (Decision.REPLACE, [(12, 18, NAME, "CHILD")], [(10, 20, "CHILD", "replace")]),  # covered, and it is known who it is
        (Decision.REPLACE, [(12, 15, NAME, "CHILD"), (16, 18, NAME, "CHILD")], [(10, 20, "CHILD", "replace")]),
        (
            Decision.REPLACE,
            [(12, 15, NAME, "CHILD"), (16, 18, NAME, "PARENT 1")],
            [(10, 20, "PERSON 1", "replace")],
        ),  # of two it is nobody's
        (Decision.REPLACE, [(12, 18, ADDRESS, "ADDRESS")], [(10, 20, "PERSON 1", "replace")]),  # another kind of thing
        (Decision.REPLACE, [], [(10, 20, "PERSON 1", "replace")]),
        (Decision.KEEP, [(15, 25, NAME, "CHILD")], [(15, 25, "CHILD", "waiting")]),  # what was kept covers nothing
        (Decision.KEEP, [(12, 18, NAME, "CHILD")], [(12, 18, "CHILD", "waiting")]),
        (Decision.KEEP, [(10, 20, POSSIBLE, "PERSON 2")], [(10, 20, "PERSON 2", "keep")]),
        (Decision.KEEP, [(10, 20, NAME, "PERSON 1")], [(10, 20, "PERSON 1", "waiting")]),
        (Decision.KEEP, [], []),
        (Decision.WAITING, [(10, 20, NAME, "CHILD")], [(10, 20, "CHILD", "waiting")]),
    ],
)
def test_what_a_search_finds_meets_what_was_decided_there(
    engine: Engine,
    world: World,
    plan: str,
    decision: Decision,
    found: list[tuple[int, int, Kind, str]],
    after: list[tuple[int, int, str, str]],
) -> None:
    decided(engine, world, plan, decision, 10, 20, "PERSON 1", POSSIBLE)
    a_search_finds(engine, world, plan, *found)
    assert places(engine, plan) == after


def test_words_that_cross_two_findings_are_replaced_with_them_as_one(engine: Engine, world: World, plan: str) -> None:
    decided(engine, world, plan, Decision.REPLACE, 10, 20, "PERSON 1", POSSIBLE)
    a_search_finds(engine, world, plan, (22, 30, NAME, "CHILD"))
    assert lead(engine, world, deciding.add_findings, plan, [Found(0, 0, 15, 25, Kind.ADDED, "CHILD")], "CHILD") == 1
    assert places(engine, plan) == [(10, 30, "CHILD", "replace")]
