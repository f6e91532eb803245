"""Many files at once: kept, checked, matched by name, looked over, added all together or not at all."""

import io
import json
import zipfile

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from moderation.instants import frozen, now
from moderation.ledger import EventRow
from moderation.register import jobs, queries, uploads
from moderation.register.batch_views import BatchView
from moderation.register.readers import seen_by_name
from moderation.register.tables import Document, DocumentKind, PlanVersion, UploadedFile
from moderation.register.uploads import Change
from moderation.register.uploads_rules import Fit
from moderation.settings import Settings
from moderation.store import Store, open_store
from moderation.words import InvalidInput, StaleWrite
from tests.build import World, act_as
from tests.build_gate import through_the_gate
from tests.build_packs import a_pdf, a_registered_plan
from tests.build_word import a_word_file, para


@pytest.fixture
def store(settings: Settings) -> Store:
    return open_store(settings)


def a_zip(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def upload(engine: Engine, settings: Settings, world: World, files: dict[str, bytes], checked: bool = True) -> str:
    store = open_store(settings)
    kept = [one for name, content in files.items() for one in uploads.arrived(store, name, content)]
    batch: str = act_as(engine, world.grace, world.area_id, uploads.start_batch, kept)
    if checked:
        jobs.check_uploads(engine, settings)
    return batch


def seen(engine: Engine, world: World, batch: str) -> BatchView:
    with Session(engine) as session:
        return queries.batch_view(session, world.area_id, batch, world.grace.id)


def fits(engine: Engine, world: World, batch: str) -> list[Fit]:
    return [line.fit for line in seen(engine, world, batch).files]


def add(engine: Engine, world: World, batch: str) -> int:
    count, _ = act_as(engine, world.grace, world.area_id, uploads.add_batch, batch)
    return int(count)


def change(engine: Engine, world: World, batch: str, position: int, version: int = 1, **changes: object) -> None:
    line = seen(engine, world, batch).files[position - 1]
    asked = {"reference": line.reference, "kind": line.kind, "dated": line.dated, "is_left_out": line.is_left_out, **changes}
    wanted = {line.id: Change(**asked)}  # type: ignore[arg-type]
    act_as(engine, world.grace, world.area_id, uploads.change_batch, batch, wanted, version)


def documents(engine: Engine) -> list[Document]:
    with Session(engine) as session:
        return list(session.exec(select(Document).order_by(Document.position)))


def test_files_go_to_the_plans_in_their_names(engine: Engine, settings: Settings, world: World, store: Store) -> None:
    first, second = a_registered_plan(engine, world, "NF-1"), a_registered_plan(engine, world, "NF-12")
    files = {
        "NF-1 final plan 2026-03-27.pdf": a_pdf("Section A: Views"),
        "packs.zip": a_zip({"NF-12/EP advice.docx": a_word_file(para("Advice.")), "NF-12/Final EHCP.pdf": a_pdf("Plan.")}),
    }
    batch = upload(engine, settings, world, files)
    assert fits(engine, world, batch) == [Fit.READY] * 3
    assert add(engine, world, batch) == 3
    assert add(engine, world, batch) == 3  # a second click finds it done
    added = {(each.plan_version_id, each.kind, str(each.dated)) for each in documents(engine)}
    assert added == {
        (first, DocumentKind.FINAL_PLAN, "2026-03-27"),
        (second, DocumentKind.SECTION_K_ADVICE, "None"),
        (second, DocumentKind.FINAL_PLAN, "None"),
    }
    jobs.render_documents(engine, settings)
    for each in documents(engine):
        assert each.render_error is None and store.get(each.store_path, each.wrapped_key or "")
    assert len({name.partition("/")[0] for name, _ in store.sealed()}) == 3


def test_nothing_is_added_before_every_file_is_decided(engine: Engine, settings: Settings, world: World) -> None:
    for reference in ("NF-1", "NF-2"):
        a_registered_plan(engine, world, reference)
    files = {name: a_pdf(name) for name in ("NF-1.pdf", "scan.pdf", "NF-1 or NF-2.pdf")} | {"text.pdf": b"not a pdf"}
    batch = upload(engine, settings, world, files)
    assert fits(engine, world, batch) == [Fit.READY, Fit.NO_PLAN, Fit.AMBIGUOUS, Fit.REFUSED]
    with pytest.raises(InvalidInput) as undecided:
        add(engine, world, batch)
    assert [problem.field for problem in undecided.value.problems] == ["reference-2", "reference-3"]
    assert documents(engine) == []
    change(engine, world, batch, 2, is_left_out=True)
    change(engine, world, batch, 3, 2, reference="nf 2")
    assert fits(engine, world, batch) == [Fit.READY, Fit.LEFT_OUT, Fit.READY, Fit.REFUSED]
    assert add(engine, world, batch) == 2


def test_a_plan_that_is_not_on_the_register_is_said(engine: Engine, settings: Settings, world: World) -> None:
    batch = upload(engine, settings, world, {"scan.pdf": a_pdf()})
    change(engine, world, batch, 1, reference="NF-9")
    (line,) = seen(engine, world, batch).files
    assert (line.fit, line.says[:18]) == (Fit.UNKNOWN, "There is no plan N")


def test_the_same_file_twice_and_one_that_is_there_are_said(engine: Engine, settings: Settings, world: World) -> None:
    a_registered_plan(engine, world)
    word = a_word_file(para("Words."))
    assert add(engine, world, upload(engine, settings, world, {"NF-1.docx": word})) == 1
    again = upload(engine, settings, world, {"NF-1 again.docx": word, "NF-1 a.pdf": a_pdf("x"), "NF-1 b.pdf": a_pdf("x")})
    assert fits(engine, world, again) == [Fit.THERE, Fit.READY, Fit.TWICE]


def test_a_released_pack_takes_no_files(engine: Engine, settings: Settings, world: World) -> None:
    plan = a_registered_plan(engine, world)
    assert add(engine, world, upload(engine, settings, world, {"NF-1.pdf": a_pdf()})) == 1
    through_the_gate(engine, world, settings, plan)
    assert fits(engine, world, upload(engine, settings, world, {"NF-1 advice.pdf": a_pdf("y")})) == [Fit.CLOSED]


def test_files_wait_for_their_check(engine: Engine, settings: Settings, world: World) -> None:
    a_registered_plan(engine, world)
    batch = upload(engine, settings, world, {"NF-1.pdf": a_pdf()}, checked=False)
    assert fits(engine, world, batch) == [Fit.CHECKING]
    with pytest.raises(InvalidInput):
        add(engine, world, batch)
    assert jobs.check_uploads(engine, settings) == "1 file checked"
    assert jobs.check_uploads(engine, settings) == "0 files checked"
    assert add(engine, world, batch) == 1


def test_two_checks_of_one_file_leave_one_copy(engine: Engine, settings: Settings, world: World, store: Store) -> None:
    a_registered_plan(engine, world)
    batch = upload(engine, settings, world, {"NF-1.pdf": a_pdf()}, checked=False)
    with Session(engine) as session:
        (file,) = session.exec(select(UploadedFile).where(UploadedFile.batch_id == batch))
    jobs._check_file(engine, store, file)
    jobs._check_file(engine, store, file)  # another clock that had begun with the same file; the raw file is gone by then
    assert fits(engine, world, batch) == [Fit.READY]
    assert len({name.partition("/")[0] for name, _ in store.sealed()}) == 1


def test_a_change_on_an_old_page_is_refused(engine: Engine, settings: Settings, world: World) -> None:
    batch = upload(engine, settings, world, {"scan.pdf": a_pdf()})
    change(engine, world, batch, 1, reference="NF-1")
    change(engine, world, batch, 1, 1, reference="NF-1")  # the same again changes nothing
    with pytest.raises(StaleWrite):
        change(engine, world, batch, 1, 1, reference="NF-2")


def test_thrown_away_files_and_their_names_are_gone(engine: Engine, settings: Settings, world: World, store: Store) -> None:
    batch = upload(engine, settings, world, {"CANARY Tŷ Gwyn.pdf": a_pdf(), "x.pdf": b""})
    for place in act_as(engine, world.grace, world.area_id, uploads.throw_away, batch):
        store.erase(place)
    assert list(store.sealed()) == []
    assert act_as(engine, world.grace, world.area_id, uploads.throw_away, batch) == []
    with Session(engine) as session:
        assert session.exec(select(UploadedFile)).all() == []
        written = json.dumps([row.content for row in session.exec(select(EventRow))])
    assert "CANARY" not in written


def test_what_nobody_adds_for_a_week_is_thrown_away_by_the_clock(
    engine: Engine, settings: Settings, world: World, store: Store
) -> None:
    upload(engine, settings, world, {"old.pdf": a_pdf()})
    assert jobs.forget_uploads(engine, settings) == "0 uploads thrown away"
    with frozen(now() + uploads.KEEP * 1.3):
        assert jobs.forget_uploads(engine, settings) == "1 upload thrown away"
        assert jobs.forget_uploads(engine, settings) == "0 uploads thrown away"
    assert list(store.sealed()) == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("inner.zip", lambda: a_zip({"more.zip": a_zip({"NF-1.pdf": b"x"})}), "a ZIP file in a ZIP file"),
        ("many.zip", lambda: a_zip({f"{number}.pdf": b"x" for number in range(201)}), "holds 201 files"),
        ("flood.zip", lambda: a_zip(dict.fromkeys((f"{number}" for number in range(5_001)), b"")), "holds more than 200 files"),
        ("cut.zip", lambda: a_zip({"NF-1.pdf": a_pdf()})[:-30], "is damaged and cannot be opened"),
        ("NF-1.exe", lambda: b"MZ program", "is not a PDF or Word"),
        ("NF-1.pdf", lambda: b"", "is empty"),
    ],
)
def test_unfit_files_are_refused_one_by_one(
    engine: Engine, settings: Settings, world: World, name: str, content: object, words: str
) -> None:
    batch = upload(engine, settings, world, {name: content(), "scan.pdf": a_pdf()})  # type: ignore[operator]
    refused, good = seen(engine, world, batch).files
    assert refused.fit is Fit.REFUSED and words in refused.says
    assert good.fit is Fit.NO_PLAN


def test_a_bomb_in_a_zip_is_refused_by_itself_and_a_name_that_leads_out_is_a_name(
    engine: Engine, settings: Settings, world: World, store: Store
) -> None:
    a_registered_plan(engine, world)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("NF-1 bomb.pdf", bytes(60_000_000))
        archive.writestr("../../../NF-1.pdf", a_pdf())
        archive.writestr("__MACOSX/NF-1.pdf", b"x")
    batch = upload(engine, settings, world, {"packs.zip": file.getvalue()})
    bomb, escaping = seen(engine, world, batch).files
    assert bomb.fit is Fit.REFUSED and "too large" in bomb.says
    assert (escaping.fit, escaping.reference, escaping.name) == (Fit.READY, "NF-1", "packs.zip: ../../../NF-1.pdf")


def test_who_uploads_files_knows_whose_they_are_and_so_does_who_adds_them(engine: Engine, settings: Settings, world: World) -> None:
    plan = a_registered_plan(engine, world, "NF-1")
    batch = upload(engine, settings, world, {"NF-1 Tobi Marlow.pdf": a_pdf("Plan.")})
    act_as(engine, world.helen, world.area_id, uploads.add_batch, batch)
    with Session(engine) as session:
        case = session.get_one(PlanVersion, plan).case_id
        people = [world.grace.id, world.helen.id, world.robert.id]
        knowing = {who for who, _ in seen_by_name(session, world.area_id, people, [case])}
    assert knowing == {world.grace.id, world.helen.id}
