"""Plans on the register and their audit packs, on both databases. The gate has tests of its own."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from pypdf import PdfReader, PdfWriter
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.allocate.actions import abandon_round
from moderation.allocate.tables import Round
from moderation.instants import frozen
from moderation.ledger import EventRow
from moderation.register import actions, gate, jobs, queries
from moderation.register.audit_packs import AuditPack
from moderation.register.codes import PlanEvent, PrimaryNeed, SettingType
from moderation.register.packs import Kept, keep_document
from moderation.register.queries import PlanFilter
from moderation.register.rules import PlanFacts
from moderation.register.sheets import Table
from moderation.register.tables import Document, DocumentKind, PlanHold
from moderation.settings import Settings
from moderation.store import Store, Unreadable, open_store
from moderation.words import InvalidInput, NotFound, Refused
from tests.build import World, a_world, act_as, an_open_round
from tests.build_gate import in_this_process, through_the_gate

HEADER = ("reference", "year_group", "primary_need", "setting_type", "plan_event", "issued_on")
ROW = ("NF-1", "9", "SLCN", "mainstream", "new_plan", "2026-03-27")


@pytest.fixture(autouse=True)
def at_a_fixed_time() -> Iterator[None]:
    with frozen(datetime(2026, 11, 23, 12, tzinfo=UTC)):
        yield


@pytest.fixture(autouse=True)
def without_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    in_this_process(monkeypatch)


@pytest.fixture
def store(settings: Settings) -> Store:
    return open_store(settings)


def a_table(*lines: tuple[str, ...]) -> Table:
    return Table("plans.csv", HEADER, tuple(enumerate(lines, start=2)))


def facts(reference: str = "NF-1", **changes: object) -> PlanFacts:
    known = {
        "year_group": 9,
        "primary_need": PrimaryNeed.SLCN,
        "setting_type": SettingType.SPECIAL,
        "plan_event": PlanEvent.NEW_PLAN,
    }
    return PlanFacts(reference, **{**known, "issued_on": date(2026, 3, 27), **changes})  # type: ignore[arg-type]


def a_pdf(pages: int = 2, title: str = "") -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    writer.add_metadata({"/Title": title, "/Author": "CANARY Author"})
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def a_plan(engine: Engine, world: World, reference: str = "NF-1") -> str:
    return act_as(engine, world.grace, world.area_id, actions.register_plans, [facts(reference)])[reference]


def kept(store: Store, pages: int = 2) -> Kept:
    return keep_document(store, a_pdf(pages))


def a_pack(engine: Engine, world: World, store: Store, plan: str, pages: int = 2) -> str:
    arguments = (plan, DocumentKind.FINAL_PLAN, date(2026, 3, 27), kept(store, pages))
    return act_as(engine, world.grace, world.area_id, actions.attach_document, *arguments)


def view(engine: Engine, world: World, plan: str) -> queries.PlanView:
    with Session(engine) as session:
        return queries.plan_view(session, world.area_id, plan)


def pack_of(engine: Engine, world: World, plan: str) -> AuditPack:
    with Session(engine) as session:
        return queries.audit_pack(session, world.area_id, plan)


# --- the register -------------------------------------------------------------------------------------------------------------


def test_an_import_puts_plans_on_the_register(engine: Engine, world: World) -> None:
    other = ("NF-2", "Reception", "Down syndrome", "EYP", "Phase transfer", "27/03/2026")
    assert act_as(engine, world.grace, world.area_id, actions.import_plans, a_table(ROW, other)).keys() == {"NF-1", "NF-2"}
    with Session(engine) as session:
        listed = queries.plans(session, world.area_id, PlanFilter())
    assert [(line.reference, line.year_group, line.primary_need) for line in listed.lines] == [
        ("NF-1", "Year 9", "SLCN"),
        ("NF-2", "Reception", "DS"),
    ]


def test_one_wrong_row_and_nothing_is_imported(engine: Engine, world: World) -> None:
    wrong = ("NF-2", "99", "SLCN", "mainstream", "new_plan", "2026-03-27")
    with pytest.raises(InvalidInput):
        act_as(engine, world.grace, world.area_id, actions.import_plans, a_table(ROW, wrong))
    with Session(engine) as session:
        assert queries.plans(session, world.area_id, PlanFilter()).registered == 0


def test_the_same_plan_a_second_time_is_said_to_be_in_the_register(engine: Engine, world: World) -> None:
    act_as(engine, world.grace, world.area_id, actions.import_plans, a_table(ROW))
    with pytest.raises(InvalidInput) as refused:
        act_as(engine, world.grace, world.area_id, actions.import_plans, a_table(("nf-1", *ROW[1:])))
    assert "already in the register" in str(refused.value)


def test_a_known_reference_with_a_later_issue_date_is_a_new_version_of_the_same_case(engine: Engine, world: World) -> None:
    act_as(engine, world.grace, world.area_id, actions.import_plans, a_table(ROW))
    later = ("NF-1", "10", "SLCN", "mainstream", "amended_after_review", "2026-10-01")
    act_as(engine, world.grace, world.area_id, actions.import_plans, a_table(later))
    with Session(engine) as session:
        listed = queries.plans(session, world.area_id, PlanFilter())
        newest = queries.plan_view(session, world.area_id, listed.lines[0].id)
    assert (listed.registered, listed.total, listed.lines[0].number) == (1, 1, 2)
    assert [version.number for version in newest.versions] == [2, 1]


def test_the_same_reference_in_another_area_is_another_case(engine: Engine, world: World) -> None:
    other = a_world(engine, "Southfield", "southfield.example")
    act_as(engine, world.grace, world.area_id, actions.import_plans, a_table(ROW))
    assert act_as(engine, other.grace, other.area_id, actions.import_plans, a_table(ROW)).keys() == {"NF-1"}


def test_plans_are_found_by_reference_need_event_and_pack(engine: Engine, world: World, store: Store) -> None:
    many = [facts(f"NF-{number:03}", primary_need=PrimaryNeed.ASD if number % 2 else PrimaryNeed.SLCN) for number in range(120)]
    ids = act_as(engine, world.grace, world.area_id, actions.register_plans, many)
    a_pack(engine, world, store, ids["NF-007"])
    with Session(engine) as session:

        def found(page: int = 1, **wanted: str) -> queries.PlanPage:
            return queries.plans(session, world.area_id, PlanFilter(**wanted), page)

        assert (found().total, found().pages, len(found(3).lines)) == (120, 3, 20)
        assert found(page=99).page == 3
        assert found(text="nf-01").total == 10
        assert found(text="%").total == 0
        assert found(primary_need="ASD").total == 60
        assert found(plan_event="phase_transfer").total == 0
        assert [line.reference for line in found(pack="waiting").lines] == ["NF-007"]
        assert found(pack="none").total == 119
        assert found(pack="ready").total == 0


def test_a_plan_of_another_area_does_not_exist(engine: Engine, world: World) -> None:
    other = a_world(engine, "Southfield", "southfield.example")
    plan = a_plan(engine, world)
    with Session(engine) as session, pytest.raises(NotFound):
        queries.plan_view(session, other.area_id, plan)


# --- the audit pack -----------------------------------------------------------------------------------------------------------


def test_a_document_is_kept_encrypted_and_without_its_metadata(engine: Engine, world: World, store: Store) -> None:
    document = a_pack(engine, world, store, a_plan(engine, world))
    with Session(engine) as session:
        found = queries.original(session, world.area_id, document)
    content = store.get(found.place.path, found.place.wrapped_key)
    assert b"CANARY" not in content
    assert len(PdfReader(io.BytesIO(content)).pages) == 2
    assert found.filename == "NF-1-final-plan-1.pdf"


def test_the_same_document_twice_is_refused(engine: Engine, world: World, store: Store) -> None:
    plan, twice = a_plan(engine, world), kept(store)
    act_as(engine, world.grace, world.area_id, actions.attach_document, plan, DocumentKind.FINAL_PLAN, None, twice)
    with pytest.raises(InvalidInput):
        act_as(engine, world.grace, world.area_id, actions.attach_document, plan, DocumentKind.OTHER, None, twice)


def test_the_clock_draws_pages_which_the_lead_sees_at_once_and_auditors_after_the_release(
    engine: Engine, world: World, store: Store, settings: Settings
) -> None:
    plan = a_plan(engine, world)
    document = a_pack(engine, world, store, plan)
    assert jobs.render_documents(engine, settings) == "1 document drawn"
    assert jobs.render_documents(engine, settings) == "0 documents drawn"
    with Session(engine) as session:
        assert queries.lead_picture(session, store, world.area_id, document, 1).startswith(b"RIFF")
        with pytest.raises(NotFound):
            queries.page_picture(session, store, world.area_id, plan, document, 1)
        with pytest.raises(NotFound):
            queries.audit_pack(session, world.area_id, plan)
    through_the_gate(engine, world, settings, plan)
    pack = pack_of(engine, world, plan)
    assert [(each.label, each.pages, each.is_drawn) for each in pack.documents] == [("Final plan", 2, True)]
    with Session(engine) as session:
        assert queries.page_picture(session, store, world.area_id, plan, document, 2).startswith(b"\x89PNG")
        assert queries.page_text(session, store, world.area_id, plan, document, 2) == ""
        for page in (0, 3):
            with pytest.raises(NotFound):
                queries.page_picture(session, store, world.area_id, plan, document, page)


def test_a_page_is_not_given_out_under_another_plan_or_area(engine: Engine, world: World, store: Store, settings: Settings) -> None:
    other = a_world(engine, "Southfield", "southfield.example")
    plan, second = a_plan(engine, world), a_plan(engine, world, "NF-2")
    document = a_pack(engine, world, store, plan)
    through_the_gate(engine, world, settings, plan)
    with Session(engine) as session:
        for area, asked in ((world.area_id, second), (other.area_id, plan)):
            with pytest.raises(NotFound):
                queries.page_picture(session, store, area, asked, document, 1)


def test_a_removed_document_is_gone_from_the_pack_the_register_and_the_store(engine: Engine, world: World, store: Store) -> None:
    plan = a_plan(engine, world)
    document = a_pack(engine, world, store, plan)
    with Session(engine) as session:
        place = queries.original(session, world.area_id, document).place
    store.erase(act_as(engine, world.grace, world.area_id, actions.remove_document, document))
    assert view(engine, world, plan).documents == ()
    with Session(engine) as session:
        assert session.exec(select(Document.wrapped_key)).one() is None
        with pytest.raises(NotFound):
            queries.original(session, world.area_id, document)
    with pytest.raises(Unreadable):
        store.get(place.path, place.wrapped_key)


def test_a_document_that_left_the_store_is_said_to_be_unreadable(
    engine: Engine, world: World, store: Store, settings: Settings
) -> None:
    plan = a_plan(engine, world)
    a_pack(engine, world, store, plan)
    for document in Session(engine).exec(select(Document)):
        store.erase(document.store_path)
    jobs.render_documents(engine, settings)
    assert view(engine, world, plan).documents[0].fault == "is not in the store, or was changed there"
    assert jobs.search_packs(engine, settings) == "0 packs searched"
    with pytest.raises(Refused):
        act_as(engine, world.grace, world.area_id, gate.pass_gate, plan, view(engine, world, plan).version)


def test_no_event_of_the_register_holds_more_than_ids_keys_and_states(engine: Engine, world: World, store: Store) -> None:
    plan = act_as(
        engine, world.grace, world.area_id, actions.register_plans, [facts("NF-9", setting="CANARY School", team="CANARY team")]
    )
    a_pack(engine, world, store, plan["NF-9"])
    with Session(engine) as session:
        written = json.dumps([row.content for row in session.exec(select(EventRow))])
    assert "CANARY" not in written
    assert "NF-9" not in written


def test_an_open_round_holds_its_plans_until_it_is_given_up(engine: Engine, world: World) -> None:
    round_id = an_open_round(engine, world)
    with Session(engine) as session:
        held = set(session.exec(select(PlanHold.plan_version_id)))
        version = session.exec(select(Round.version).where(Round.id == round_id)).one()
    assert len(held) == 6
    plan = held.pop()
    with pytest.raises(Refused):
        act_as(engine, world.grace, world.area_id, gate.close_gate, plan, view(engine, world, plan).version)
    act_as(engine, world.grace, world.area_id, abandon_round, round_id, version)
    with Session(engine) as session:
        assert session.exec(select(PlanHold)).all() == []
