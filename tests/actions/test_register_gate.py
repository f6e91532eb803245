"""The gate on both databases: nothing reaches an auditor that a person has not passed, and nothing of the original at all."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from moderation.instants import frozen
from moderation.ledger import CLOCK, EventRow, Via, transaction
from moderation.register import actions, events, gate, gate_due, gate_searching, jobs, queries
from moderation.register import gate_deciding as deciding
from moderation.register.codes import PlanEvent, PrimaryNeed, SettingType
from moderation.register.gate_packs import People, keep_people
from moderation.register.gate_page_views import gate_page
from moderation.register.gate_rules import CheckAnswer
from moderation.register.gate_tables import Decision, DiscardedObject, Finding, Gate, ReleasedCopy
from moderation.register.gate_views import gate_view
from moderation.register.identity.kinds import Found, Kind
from moderation.register.packs import keep_document
from moderation.register.rules import PlanFacts
from moderation.register.tables import Document, DocumentKind, PlanVersion
from moderation.settings import Settings
from moderation.store import Store, Unreadable, open_store
from moderation.words import InvalidInput, NotFound, Refused, StaleWrite
from tests.build import World, a_world, act_as
from tests.build_gate import (
    ALL_RIGHT,
    a_html_pdf,
    decide_all,
    findings_of,
    in_this_process,
    pass_the_gate,
    seen,
    through_the_gate,
    version_of,
)

TOBI = "<p>Name: Tobi Marlow</p><p>Tobi is a boy of nine. Ellie will be supported at lunchtime. See NF1 4AP.</p>"


@pytest.fixture(autouse=True)
def at_a_fixed_time() -> Iterator[None]:
    with frozen(datetime(2026, 11, 23, 12, tzinfo=UTC)):
        yield


@pytest.fixture(autouse=True)
def without_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    in_this_process(monkeypatch)


@pytest.fixture(scope="module")
def tobi() -> bytes:
    return a_html_pdf(TOBI)


@pytest.fixture(scope="module")
def advice() -> bytes:
    return a_html_pdf("<p>Advice about Tobi, by Dr Meera Shah, educational psychologist.</p>")


@pytest.fixture
def store(settings: Settings) -> Store:
    return open_store(settings)


@pytest.fixture
def plan(engine: Engine, world: World, store: Store, settings: Settings, tobi: bytes) -> str:
    """A plan whose one document is drawn and searched."""
    facts = PlanFacts("NF-1", 4, PrimaryNeed.ASD, SettingType.MAINSTREAM, PlanEvent.NEW_PLAN, setting="Beck Lane Primary")
    found: str = act_as(engine, world.grace, world.area_id, actions.register_plans, [facts])["NF-1"]
    attach(engine, world, store, found, tobi)
    searched(engine, settings)
    return found


def attach(
    engine: Engine, world: World, store: Store, plan: str, content: bytes, kind: DocumentKind = DocumentKind.FINAL_PLAN
) -> str:
    kept = keep_document(store, content)
    document: str = act_as(engine, world.grace, world.area_id, actions.attach_document, plan, kind, None, kept)
    return document


def searched(engine: Engine, settings: Settings) -> None:
    jobs.render_documents(engine, settings)
    jobs.search_packs(engine, settings)


def document_of(engine: Engine, plan: str) -> Document:
    with Session(engine) as session:
        chosen = select(Document).where(Document.plan_version_id == plan, col(Document.erased_at).is_(None))
        return session.exec(chosen.order_by(col(Document.position))).first()  # type: ignore[return-value]


def is_released(engine: Engine, world: World, plan: str) -> bool:
    try:
        with Session(engine) as session:
            return bool(queries.audit_pack(session, world.area_id, plan).documents)
    except NotFound:
        return False


def names(engine: Engine) -> list[str]:
    with Session(engine) as session:
        return list(session.exec(select(EventRow.name).order_by(col(EventRow.seq))))


def lead(engine: Engine, world: World, verb, *args):  # type: ignore[no-untyped-def]
    return act_as(engine, world.grace, world.area_id, verb, *args)


# --- the search ---------------------------------------------------------------------------------------------------------------


def test_a_pack_is_searched_by_the_clock_once_its_pages_are_drawn_and_only_once(
    engine: Engine, plan: str, settings: Settings
) -> None:
    assert [(row.kind, row.token, row.decision) for row in findings_of(engine, plan)] == [
        (Kind.NAME, "CHILD", Decision.WAITING), (Kind.NAME, "CHILD", Decision.WAITING),
        (Kind.POSSIBLE_NAME, "OTHER CHILD 1", Decision.WAITING), (Kind.POSTCODE, "POSTCODE", Decision.WAITING),
    ]  # fmt: skip
    assert jobs.search_packs(engine, settings) == "0 packs searched"


def test_no_row_of_the_database_holds_a_word_of_the_document_or_a_name(
    engine: Engine, world: World, plan: str, store: Store, settings: Settings
) -> None:
    with Session(engine) as session:
        version = session.exec(select(Gate.version)).one()
    lead(
        engine,
        world,
        deciding.name_people,
        plan,
        version,
        keep_people(store, People(("Tobi Marlow",), None, (("Mrs Ann Marlow",),))),
    )
    through_the_gate(engine, world, settings, plan)
    with Session(engine) as session:
        rows = [session.exec(select(kind)).all() for kind in (Gate, Finding, ReleasedCopy, DiscardedObject, EventRow, Document)]
    written = " ".join(str(row.model_dump()) for found in rows for row in found)
    assert "Tobi" not in written
    assert "Marlow" not in written
    assert "Ellie" not in written


def test_when_the_lead_says_who_is_in_the_plan_it_is_searched_again_and_decisions_stay(
    engine: Engine, world: World, plan: str, store: Store, settings: Settings
) -> None:
    ellie = next(row for row in findings_of(engine, plan) if row.token == "OTHER CHILD 1")
    lead(engine, world, deciding.decide, plan, [ellie.id], Decision.KEEP)
    first = findings_of(engine, plan)[0]
    lead(engine, world, deciding.decide, plan, [first.id], Decision.REPLACE)
    with Session(engine) as session:
        row = session.exec(select(Gate)).one()
    lead(
        engine,
        world,
        deciding.name_people,
        plan,
        row.version,
        keep_people(store, People(("Tobi Marlow", "NF1"), settings=("Ellie",))),
    )
    assert not gate_of(engine).searched_at
    jobs.search_packs(engine, settings)
    after = findings_of(engine, plan)
    assert next(row.decision for row in after if row.id == first.id) is Decision.REPLACE
    assert gate_of(engine).searched_at


def gate_of(engine: Engine) -> Gate:
    with Session(engine) as session:
        return session.exec(select(Gate)).one()


def test_an_old_searchs_answer_is_thrown_away_when_the_pack_changed_meanwhile(
    engine: Engine, world: World, plan: str, store: Store, advice: bytes
) -> None:
    asked = gate_of(engine).asked
    attach(engine, world, store, plan, advice, DocumentKind.SECTION_K_ADVICE)
    with transaction(engine, CLOCK, Via.JOB, world.area_id) as tx:
        assert gate_searching.mark_searched(tx, plan, asked, []) is False
        tx.record(events.PackSearched(plan, 0, 0))
    assert gate_of(engine).searched_at is None


def test_the_same_person_has_one_token_in_both_documents(
    engine: Engine, world: World, plan: str, store: Store, settings: Settings, advice: bytes
) -> None:
    attach(engine, world, store, plan, advice, DocumentKind.SECTION_K_ADVICE)
    searched(engine, settings)
    with Session(engine) as session:
        view = gate_view(session, store, world.area_id, plan)
    child = next(group for kind in view.kinds for group in kind.groups if group.words == "Tobi")
    assert child.token == "CHILD"
    assert len({place.document_id for place in child.places}) == 2


def test_what_an_uploaded_file_was_called_and_calls_itself_is_looked_for_and_lies_nowhere_but_in_the_store(
    engine: Engine, world: World, store: Store, settings: Settings
) -> None:
    facts = PlanFacts("NF-7", 4, PrimaryNeed.ASD, SettingType.MAINSTREAM, PlanEvent.NEW_PLAN)
    plan = lead(engine, world, actions.register_plans, [facts])["NF-7"]
    text = "<p>At home we met Quorra. The report speaks of Velloso, by Ombersley.</p>"
    kept = keep_document(store, a_html_pdf(text, "Advice by Ombersley"), "NF-7 Quorra Velloso final plan.pdf")
    lead(engine, world, actions.attach_document, plan, DocumentKind.FINAL_PLAN, None, kept)
    searched(engine, settings)
    with Session(engine) as session:
        groups = [group for kind in gate_view(session, store, world.area_id, plan).kinds for group in kind.groups]
        assert {group.words for group in groups} == {"Quorra", "Velloso", "Ombersley"}
        assert len({group.token for group in groups}) == 2
        assert "Quorra" not in str(session.exec(select(Document)).one())


# --- decisions ----------------------------------------------------------------------------------------------------------------


def test_nothing_is_decided_before_a_person_decides_and_an_undecided_pack_does_not_pass(
    engine: Engine, world: World, plan: str
) -> None:
    assert {row.decision for row in findings_of(engine, plan)} == {Decision.WAITING}
    lead(engine, world, deciding.answer_checks, plan, gate_of(engine).version, ALL_RIGHT)
    with pytest.raises(Refused, match="Decide 4 findings"):
        lead(engine, world, gate.pass_gate, plan, version_of(engine, plan))


def test_a_decision_twice_is_one_event_and_can_be_taken_back(engine: Engine, world: World, plan: str) -> None:
    ids = [row.id for row in findings_of(engine, plan)]
    assert [lead(engine, world, deciding.decide, plan, ids, Decision.REPLACE) for _ in range(2)] == [4, 0]
    assert names(engine).count("FindingsDecided") == 1
    assert lead(engine, world, deciding.decide, plan, ids[:1], Decision.WAITING, seen(engine, plan, ids[:1])) == 1


def test_two_leads_who_decide_about_one_finding_see_each_others_decision_and_undo_nothing_unseen(
    engine: Engine, world: World, plan: str
) -> None:
    first, *others = [row.id for row in findings_of(engine, plan)]
    before, all_before = seen(engine, plan, [first]), seen(engine, plan, [first, *others])
    lead(engine, world, deciding.decide, plan, [first], Decision.KEEP, before)
    with pytest.raises(StaleWrite) as refused:
        act_as(engine, world.ruth, world.area_id, deciding.decide, plan, [first], Decision.REPLACE, before)
    assert (refused.value.mine, refused.value.theirs) == ({"decision": "replace"}, {"decision": "1 × keep [CHILD]"})
    for late in (
        (deciding.decide, [first, *others], Decision.REPLACE, all_before),
        (deciding.change_token, [first], "SIBLING 1", before),
    ):
        with pytest.raises(StaleWrite):
            act_as(engine, world.ruth, world.area_id, late[0], plan, *late[1:])
    assert (
        act_as(engine, world.ruth, world.area_id, deciding.decide, plan, [first], Decision.KEEP, before) == 0
    )  # the same: nothing lost
    assert (
        act_as(engine, world.ruth, world.area_id, deciding.decide, plan, [first, *others], Decision.REPLACE) == 3
    )  # those that wait
    assert [row.decision for row in findings_of(engine, plan)] == [Decision.KEEP, *[Decision.REPLACE] * 3]


def test_a_finding_of_another_plan_or_area_is_not_there(engine: Engine, world: World, plan: str) -> None:
    other = a_world(engine, "Southfield", "southfield.example")
    ids = [row.id for row in findings_of(engine, plan)]
    with pytest.raises(NotFound):
        act_as(engine, other.grace, other.area_id, deciding.decide, plan, ids, Decision.KEEP)
    with pytest.raises(NotFound):
        lead(engine, world, deciding.decide, plan, ["a" * 22], Decision.KEEP)


def test_a_token_can_be_another_one_but_never_a_name(engine: Engine, world: World, plan: str) -> None:
    ids = [row.id for row in findings_of(engine, plan)][:1]
    assert lead(engine, world, deciding.change_token, plan, ids, "SIBLING 2", seen(engine, plan, ids)) == 1
    with pytest.raises(InvalidInput):
        lead(engine, world, deciding.change_token, plan, ids, "TOBI", "")


def test_words_that_the_lead_adds_are_replaced_and_widen_what_was_found_there(engine: Engine, world: World, plan: str) -> None:
    name = findings_of(engine, plan)[0]
    wider = Found(0, 0, (name.starts or 0) - 6, name.ends or 0, Kind.ADDED, "CHILD")
    assert lead(engine, world, deciding.add_findings, plan, [wider], "CHILD") == 1
    assert lead(engine, world, deciding.add_findings, plan, [wider], "CHILD") == 0  # a second click
    after = findings_of(engine, plan)
    assert len(after) == 4
    assert (after[0].starts, after[0].decision) == ((name.starts or 0) - 6, Decision.REPLACE)


def test_a_rectangle_must_lie_on_a_page(engine: Engine, world: World, plan: str) -> None:
    document = document_of(engine, plan).id
    lead(engine, world, deciding.mark_area, deciding.AreaPlace(document, 1, 0, 0, 5_000, 1_000), "SIGNATURE")
    for wrong in ((1, 5_000, 0, 5_000, 10), (1, -1, 0, 10, 10), (1, 0, 0, 10_001, 10), (2, 0, 0, 10, 10)):
        with pytest.raises(InvalidInput):
            lead(engine, world, deciding.mark_area, deciding.AreaPlace(document, *wrong), "SIGNATURE")


# --- release ------------------------------------------------------------------------------------------------------------------


def test_a_pack_reaches_auditors_only_when_a_person_has_passed_it_and_the_copies_are_made(
    engine: Engine, world: World, plan: str, settings: Settings
) -> None:
    decide_all(engine, world, plan)
    assert jobs.release_packs(engine, settings) == "0 packs released"
    pass_the_gate(engine, world, plan)
    assert not is_released(engine, world, plan)
    assert jobs.release_packs(engine, settings) == "1 pack released"
    assert jobs.release_packs(engine, settings) == "0 packs released"
    assert is_released(engine, world, plan)
    with Session(engine) as session:
        released = session.get_one(PlanVersion, plan)
    assert released.released_by == world.grace.id
    assert [name for name in names(engine) if name in ("GatePassed", "PackReleased")] == ["GatePassed", "PackReleased"]


def test_auditors_read_tokens_and_the_copy_is_another_object_under_another_key(
    engine: Engine, world: World, plan: str, settings: Settings, store: Store
) -> None:
    through_the_gate(engine, world, settings, plan)
    document = document_of(engine, plan)
    with Session(engine) as session:
        text_read = queries.page_text(session, store, world.area_id, plan, document.id, 1)
        copy = session.exec(select(ReleasedCopy)).one()
    assert "[CHILD] is a boy of nine. [OTHER CHILD 1] will be supported at lunchtime. See [POSTCODE]." in text_read
    assert "Tobi" not in text_read
    assert copy.store_path != document.store_path
    assert copy.wrapped_key != document.wrapped_key
    with pytest.raises(Unreadable):
        store.get(copy.store_path, document.wrapped_key or "")


def test_the_database_itself_refuses_a_release_by_nobody(engine: Engine, world: World, plan: str) -> None:
    wrong = (
        "UPDATE plan_version SET released_at = '2026-11-23 12:00:00'",
        "UPDATE gate SET passed_at = '2026-11-23 12:00:00'",
        f"UPDATE gate SET passed_at = '2026-11-23 12:00:00', passed_by = '{world.grace.id}'",  # nothing was compared yet
    )
    for statement in wrong:
        with pytest.raises(IntegrityError), engine.execution_options(writes=True).begin() as connection:
            connection.execute(text(statement))


def test_passing_what_changed_since_it_was_seen_is_refused(
    engine: Engine, world: World, plan: str, store: Store, settings: Settings, advice: bytes
) -> None:
    decide_all(engine, world, plan)
    lead(engine, world, deciding.answer_checks, plan, gate_of(engine).version, ALL_RIGHT)
    seen = version_of(engine, plan)
    attach(engine, world, store, plan, advice, DocumentKind.SECTION_K_ADVICE)
    with pytest.raises(StaleWrite):
        lead(engine, world, gate.pass_gate, plan, seen)


@pytest.mark.parametrize("change", ("add", "remove"))
def test_a_document_that_is_added_or_removed_closes_the_gate_and_the_copies_are_erased(
    engine: Engine, world: World, plan: str, store: Store, settings: Settings, advice: bytes, change: str
) -> None:
    through_the_gate(engine, world, settings, plan)
    with Session(engine) as session:
        copy = session.exec(select(ReleasedCopy)).one()
    if change == "add":
        attach(engine, world, store, plan, advice, DocumentKind.SECTION_K_ADVICE)
    else:
        store.erase(lead(engine, world, actions.remove_document, document_of(engine, plan).id))
    assert not is_released(engine, world, plan)
    assert jobs.erase_discarded(engine, settings) == "1 object erased"
    with pytest.raises(Unreadable):
        store.get(copy.store_path, copy.wrapped_key)
    assert not [name for name, _ in store.sealed() if name.startswith(copy.store_path)]


def test_taking_a_release_back_is_refused_while_a_round_holds_the_plan(
    engine: Engine, world: World, plan: str, settings: Settings, store: Store, advice: bytes
) -> None:
    through_the_gate(engine, world, settings, plan)
    lead(engine, world, actions.hold_plans, "round-1", [plan])
    with pytest.raises(Refused):
        lead(engine, world, gate.close_gate, plan, version_of(engine, plan))
    with pytest.raises(Refused):
        attach(engine, world, store, plan, advice, DocumentKind.OTHER)
    lead(engine, world, actions.let_go_plans, "round-1")
    lead(engine, world, gate.close_gate, plan, version_of(engine, plan))
    assert not is_released(engine, world, plan)


def test_while_a_pack_is_released_nothing_about_it_can_be_decided_anew(
    engine: Engine, world: World, plan: str, settings: Settings
) -> None:
    through_the_gate(engine, world, settings, plan)
    ids = [row.id for row in findings_of(engine, plan)]
    for verb, *rest in (
        (deciding.decide, ids, Decision.KEEP),
        (deciding.change_token, ids, "CHILD", ""),
        (deciding.add_findings, [], "CHILD"),
    ):
        with pytest.raises(Refused):
            lead(engine, world, verb, plan, *rest)


def test_copies_of_a_pack_that_is_closed_while_they_are_made_are_thrown_away(
    engine: Engine, world: World, plan: str, settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide_all(engine, world, plan)
    pass_the_gate(engine, world, plan)
    real, objects = jobs.make_copy, len(list(store.sealed()))

    def slow(*arguments):  # type: ignore[no-untyped-def]
        made = real(*arguments)
        lead(engine, world, gate.close_gate, plan, version_of(engine, plan))
        return made

    monkeypatch.setattr(jobs, "make_copy", slow)
    jobs.release_packs(engine, settings)
    assert not is_released(engine, world, plan)
    assert len(list(store.sealed())) == objects


def test_a_copy_that_cannot_be_made_opens_the_gate_again_and_says_why(
    engine: Engine, world: World, plan: str, settings: Settings, store: Store
) -> None:
    decide_all(engine, world, plan)
    pass_the_gate(engine, world, plan)
    store.erase(document_of(engine, plan).store_path)
    jobs.release_packs(engine, settings)
    row = gate_of(engine)
    assert (row.passed_at, row.fault) == (None, "is not in the store, or was changed there")
    assert gate_due.due_for_release(Session(engine), 5) == []


def test_what_the_lead_compared_is_the_same_for_every_auditor_and_names_nobody(
    engine: Engine, world: World, plan: str, settings: Settings
) -> None:
    decide_all(engine, world, plan)
    answers = {**ALL_RIGHT, "born": CheckAnswer.NO}
    lead(engine, world, deciding.answer_checks, plan, gate_of(engine).version, answers)
    lead(engine, world, gate.pass_gate, plan, version_of(engine, plan))
    jobs.release_packs(engine, settings)
    with Session(engine) as session:
        checks = queries.pack_checks(session, world.area_id, plan)
    assert ("Date of birth", "not right") in checks
    assert len(checks) == 4


def test_with_the_last_document_goes_who_is_in_the_plan(
    engine: Engine, world: World, plan: str, settings: Settings, store: Store
) -> None:
    kept = keep_people(store, People(("Tobi Marlow",)))
    lead(engine, world, deciding.name_people, plan, gate_of(engine).version, kept)
    store.erase(lead(engine, world, actions.remove_document, document_of(engine, plan).id))
    jobs.erase_discarded(engine, settings)
    assert gate_of(engine).people_key is None
    assert list(store.sealed()) == []
    assert findings_of(engine, plan) == []


# --- what the lead sees -------------------------------------------------------------------------------------------------------


def test_the_lead_sees_each_finding_in_its_place_and_the_text_is_whole(
    engine: Engine, world: World, plan: str, store: Store
) -> None:
    with Session(engine) as session:
        page = gate_page(session, store, world.area_id, document_of(engine, plan).id, 1)
    assert [finding.words for finding in page.findings] == ["Tobi Marlow", "Tobi", "Ellie", "NF1 4AP"]
    assert all(finding.boxes and 0 <= finding.boxes[0][0] < 10_000 for finding in page.findings)
    assert "Tobi is a boy of nine." in "".join(part.text for part in page.parts)
    assert (page.undecided, page.total, page.next_page) == (4, 4, None)


def test_every_reading_of_an_original_page_is_an_event(engine: Engine, world: World, plan: str) -> None:
    document = document_of(engine, plan).id
    lead(engine, world, actions.record_reading, document, 1)
    lead(engine, world, actions.record_reading, document)
    with Session(engine) as session:
        rows = session.exec(select(EventRow).where(col(EventRow.name).in_(("OriginalPageRead", "DocumentRead")))).all()
    assert [json.dumps(row.content, sort_keys=True) for row in rows] == [
        json.dumps({"document_id": document, "page": 1, "plan_version_id": plan}, sort_keys=True),
        json.dumps({"document_id": document, "plan_version_id": plan}, sort_keys=True),
    ]
    assert {row.actor_id for row in rows} == {world.grace.id}


def test_the_overview_reads_the_words_that_were_found_and_not_the_texts_of_all_documents(
    engine: Engine, world: World, plan: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = Store.get_derived

    def noted(store: Store, path: str, key: str, name: str) -> bytes:
        read.append(name)
        return real(store, path, key, name)

    def view() -> set[str]:
        read.clear()
        with Session(engine) as session:
            found = gate_view(session, store, world.area_id, plan)
        return {group.words for kind in found.kinds for group in kind.groups}

    monkeypatch.setattr(Store, "get_derived", noted)
    assert "Tobi" in view()
    assert read == ["found-words.json"]
    lead(engine, world, deciding.add_findings, plan, [Found(0, 0, 0, 4, Kind.ADDED, "REMOVED")], "REMOVED")
    before = view()
    assert read == ["found-words.json", "raw-texts.json"]  # once for the words that were added
    assert view() == before
    assert read == ["found-words.json"]
