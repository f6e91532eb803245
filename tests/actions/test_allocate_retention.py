"""Documents leave the service 90 days after their last use: announced, then really gone, on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from moderation.allocate import actions as allocate
from moderation.allocate import jobs as allocate_jobs
from moderation.allocate.rules import RoundState
from moderation.allocate.tables import Round, RoundPlan
from moderation.clock import TIMETABLE
from moderation.commands.backup import backup, restore
from moderation.commands.database import upgrade
from moderation.database import open_engine
from moderation.instants import frozen
from moderation.ledger import EventRow
from moderation.post import Outbox
from moderation.register import jobs
from moderation.register.actions import attach_document
from moderation.register.gate_deciding import name_people
from moderation.register.gate_packs import People, keep_people
from moderation.register.gate_tables import DiscardedObject, Finding, Gate, PageLook, ReleasedCopy
from moderation.register.packs import keep_document
from moderation.register.tables import Document, DocumentKind, DocumentSection, PlanVersion
from moderation.settings import Settings
from moderation.store import Store, open_store
from tests.build import World, a_round, act_as, an_open_round, some_plans
from tests.build_gate import a_html_pdf, in_this_process, through_the_gate
from tests.build_packs import a_registered_plan

START = datetime(2026, 11, 2, 12, tzinfo=UTC)
LAST_DAY = START.date() + timedelta(days=90)


@pytest.fixture(autouse=True)
def at_a_fixed_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    in_this_process(monkeypatch)
    with frozen(START):
        yield


def on(engine: Engine, settings: Settings, day: date) -> str:
    """What the job says on a day at four o'clock; whatever has lost its key is then removed from the store."""
    with frozen(datetime(day.year, day.month, day.day, 4, tzinfo=UTC)):
        said = allocate_jobs.erase_documents(engine, settings)
        jobs.erase_discarded(engine, settings)
    return said


def days(engine: Engine) -> list[date | None]:
    with Session(engine) as session:
        return list(session.exec(select(PlanVersion.erase_on).order_by(col(PlanVersion.imported_at), col(PlanVersion.id))))


def count(engine: Engine, *kinds: type) -> int:
    with Session(engine) as session:
        return sum(len(session.exec(select(kind)).all()) for kind in kinds)


def put_in_state(engine: Engine, round_id: str, state: RoundState, at: datetime) -> None:
    """A round that has come as far as this."""
    with Session(engine.execution_options(writes=True)) as session, session.begin():
        found = session.get_one(Round, round_id)
        found.state, found.closed_at = state, at
        found.published_at = at if state in (RoundState.PUBLISHED, RoundState.ARCHIVED) else None


@pytest.fixture
def pack(engine: Engine, world: World, settings: Settings) -> str:
    """A released pack of two documents, with names of people, findings and sections."""
    store, plan = open_store(settings), a_registered_plan(engine, world)
    for kind, words in (
        (DocumentKind.FINAL_PLAN, "<h2>Section A</h2><p>Tobi likes cats.</p>"),
        (DocumentKind.OTHER, "<p>Tobi.</p>"),
    ):
        kept = keep_document(store, a_html_pdf(words))
        act_as(engine, world.grace, world.area_id, attach_document, plan, kind, None, kept)
    people = keep_people(store, People(("Tobi Marlow",)))
    act_as(engine, world.grace, world.area_id, name_people, plan, 1, people)
    through_the_gate(engine, world, settings, plan)
    return plan


def test_a_pack_that_nobody_uses_is_announced_two_weeks_before_and_erased_on_its_day_with_all_that_belongs_to_it(
    engine: Engine, world: World, settings: Settings, pack: str
) -> None:
    store: Store = open_store(settings)
    assert count(engine, Finding, DocumentSection, ReleasedCopy) >= 5
    assert on(engine, settings, LAST_DAY - timedelta(days=15)) == "0 documents erased, 0 audit packs announced"
    assert on(engine, settings, LAST_DAY - timedelta(days=14)) == "0 documents erased, 1 audit pack announced"
    assert days(engine) == [LAST_DAY]
    assert on(engine, settings, LAST_DAY - timedelta(days=1)) == "0 documents erased, 0 audit packs announced"
    assert list(store.sealed())
    assert on(engine, settings, LAST_DAY) == "2 documents erased, 0 audit packs announced"
    assert list(store.sealed()) == []
    assert count(engine, Finding, PageLook, DocumentSection, ReleasedCopy, DiscardedObject) == 0
    with Session(engine) as session:
        rows, gate, plan = (
            session.exec(select(Document)).all(),
            session.exec(select(Gate)).one(),
            session.get_one(PlanVersion, pack),
        )
        assert [row.wrapped_key for row in rows] == [None, None]
        assert (gate.people_path, gate.people_key, gate.checks, gate.passed_at, plan.released_at, plan.erase_on) == (None,) * 6
        names = list(session.exec(select(EventRow.name)))
        event = session.exec(select(EventRow).where(EventRow.name == "PackErased")).one()
    assert (names.count("ErasurePlanned"), names.count("PackErased")) == (1, 1)
    assert event.content == {"plan_version_id": pack, "document_ids": [row.id for row in rows]}


def test_erasing_twice_is_erasing_once_and_the_leads_get_one_letter(
    engine: Engine, world: World, settings: Settings, pack: str
) -> None:
    for day in (LAST_DAY - timedelta(days=14), LAST_DAY - timedelta(days=14), LAST_DAY, LAST_DAY):
        said = on(engine, settings, day)
    assert said == "0 documents erased, 0 audit packs announced"
    with Session(engine) as session:
        letters = session.exec(select(Outbox)).all()
    assert [(one.recipient, one.subject) for one in letters] == [(world.grace.email, "Documents that will be erased soon")]
    assert "- NF-1, on Sunday 31 January 2027" in letters[0].body


def test_nothing_is_erased_that_was_not_announced_even_when_the_clock_stood_still_for_a_year(
    engine: Engine, world: World, settings: Settings, pack: str
) -> None:
    late = LAST_DAY + timedelta(days=365)
    assert on(engine, settings, late) == "0 documents erased, 1 audit pack announced"
    assert days(engine) == [late + timedelta(days=14)]
    assert on(engine, settings, late + timedelta(days=14)) == "2 documents erased, 0 audit packs announced"


@pytest.mark.parametrize("state", (RoundState.OPEN, RoundState.CLOSED, RoundState.MODERATING))
def test_a_round_keeps_its_documents_until_it_is_published(
    engine: Engine, world: World, settings: Settings, state: RoundState
) -> None:
    found = an_open_round(engine, world, plans=3)
    if state is not RoundState.OPEN:
        put_in_state(engine, found, state, START)
    year = START.date() + timedelta(days=365)
    assert on(engine, settings, year) == "0 documents erased, 0 audit packs announced"
    put_in_state(engine, found, RoundState.PUBLISHED, START + timedelta(days=365))
    act_as(engine, None, world.area_id, allocate.let_go_plans, found)
    assert on(engine, settings, year + timedelta(days=75)) == "0 documents erased, 0 audit packs announced"
    assert on(engine, settings, year + timedelta(days=76)) == "0 documents erased, 3 audit packs announced"
    assert on(engine, settings, year + timedelta(days=90)) == "3 documents erased, 0 audit packs announced"


def test_a_draft_keeps_the_documents_of_its_sample_and_an_abandoned_round_counts_as_their_last_use(
    engine: Engine, world: World, settings: Settings
) -> None:
    found = a_round(engine, world, plans=3)
    half_a_year = START + timedelta(days=180)
    assert on(engine, settings, half_a_year.date()) == "0 documents erased, 0 audit packs announced"
    with frozen(half_a_year), Session(engine) as session:
        version = session.get_one(Round, found).version
        act_as(engine, world.grace, world.area_id, allocate.abandon_round, found, version)
    assert on(engine, settings, half_a_year.date() + timedelta(days=75)) == "0 documents erased, 0 audit packs announced"
    assert on(engine, settings, half_a_year.date() + timedelta(days=76)) != "0 documents erased, 0 audit packs announced"


def test_a_plan_that_is_put_into_a_round_after_the_notice_keeps_its_documents(
    engine: Engine, world: World, settings: Settings
) -> None:
    plans = some_plans(engine, world, 3)
    assert on(engine, settings, LAST_DAY - timedelta(days=14)) == "0 documents erased, 3 audit packs announced"
    with frozen(START + timedelta(days=89)):
        found = a_round(engine, world, plans=1, prefix="Q")
    with Session(engine.execution_options(writes=True)) as session, session.begin():
        session.exec(delete(RoundPlan))
        session.add_all(RoundPlan(area_id=world.area_id, round_id=found, plan_version_id=plan) for plan in plans[:2])
    assert on(engine, settings, LAST_DAY) == "1 document erased, 0 audit packs announced"
    with Session(engine) as session:
        kept = select(Document.plan_version_id).where(col(Document.erased_at).is_(None), col(Document.plan_version_id).in_(plans))
        assert set(session.exec(kept)) == set(plans[:2])
    assert days(engine) == [None] * 4


def test_a_pack_that_changes_after_the_notice_starts_its_days_anew(
    engine: Engine, world: World, settings: Settings, pack: str
) -> None:
    on(engine, settings, LAST_DAY - timedelta(days=14))
    with frozen(START + timedelta(days=80)):
        kept = keep_document(open_store(settings), a_html_pdf("<p>Key dates.</p>"))
        act_as(engine, world.grace, world.area_id, attach_document, pack, DocumentKind.KEY_DATES, None, kept)
    assert days(engine) == [None]
    assert on(engine, settings, LAST_DAY) == "0 documents erased, 0 audit packs announced"


def test_the_clock_erases_every_night_after_as_many_days_as_the_installation_says(
    engine: Engine, world: World, settings: Settings, pack: str
) -> None:
    assert "erase_documents" in {job.name for job in TIMETABLE}
    assert on(engine, replace(settings, document_days=30), START.date() + timedelta(days=16)).endswith("1 audit pack announced")


def test_a_backup_brings_an_erased_pack_back_and_the_clock_erases_it_again(
    engine: Engine, world: World, settings: Settings, pack: str, tmp_path: Path
) -> None:
    on(engine, settings, LAST_DAY - timedelta(days=14))
    backup(engine, settings, tmp_path / "backup.zip")
    on(engine, settings, LAST_DAY)
    folder = tmp_path / "restored"
    folder.mkdir()
    new = replace(settings, database_url=f"sqlite:///{folder}/db.sqlite", store_url=f"file://{folder}/documents", data_dir=folder)
    restored = open_engine(new)
    upgrade(restored)
    restore(restored, new, tmp_path / "backup.zip")
    assert list(open_store(new).sealed())
    assert on(restored, new, LAST_DAY + timedelta(days=1)) == "2 documents erased, 0 audit packs announced"
    assert list(open_store(new).sealed()) == []
