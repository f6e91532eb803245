"""Every kind of hostile or odd file through the real upload page: the answer, how long it took, and how much memory.

Run `python -m benchmarks.hostile_files`; it exits 1 when a refusal takes more than 2 seconds of the processor or more than 200 MB,
when a page answers with a fault of the service, or when a file that can be shown does not become pages. Each file is uploaded by a
web process of its own, which reads it in another; memory is that of the reader, and what the web process grew by.
"""

import io
import os
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from multiprocessing import get_context
from pathlib import Path
from re import DOTALL, search, sub
from threading import Event, Thread
from typing import Any

from flask import Flask
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, NumberObject
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from moderation.database import open_engine
from moderation.register import jobs
from moderation.register.tables import Document
from moderation.settings import Settings
from moderation.wiring import create_app
from tests import build_hostile as hostile
from tests.build import World, a_world, start_session
from tests.build_packs import a_pdf, a_registered_plan
from tests.build_word import a_word_file, para
from tests.conftest import make_settings, migrate

MOST_SECONDS, MOST_MEGABYTES = 2.0, 200.0
ARABIC, WELSH = "الاسم: علاء حسن العمري", "Enw: Siân Llŷr ap Rhŷs"
REFUSED, SHOWN = "refused", "shown"


@dataclass(frozen=True)
class Case:
    """A file, what it is called, and what has to become of it; `words`: those of its first page."""

    title: str
    name: str
    build: Callable[[], bytes]
    fate: str
    words: str = ""


def encrypted() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(a_pdf())))
    writer.encrypt("secret", "owner")
    return _written(writer)


def ten_thousand_pages() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(a_pdf())))
    pages: Any = writer._root_object["/Pages"]
    pages["/Kids"].extend(list(pages["/Kids"]) * 9_999)
    pages[NameObject("/Count")] = NumberObject(10_000)
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def a_word_bomb() -> bytes:
    """A picture of 2 GB of zeros in a Word file of 2 MB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package, zipfile.ZipFile(io.BytesIO(a_word_file(para("x")))) as whole:
        for name in whole.namelist():
            package.writestr(name, whole.read(name))
        with package.open("word/media/bomb.bin", "w", force_zip64=True) as bomb:
            for _ in range(2_000):
                bomb.write(bytes(1_000_000))
    return file.getvalue()


def a_word_text_bomb() -> bytes:
    return a_word_file(f"<w:p><w:r><w:t>{' ' * 60_000_000}</w:t></w:r></w:p>")


def in_arabic() -> bytes:
    return a_pdf(f'<p dir="rtl">{ARABIC}</p>')


CASES = (
    Case("encrypted PDF", "plan.pdf", encrypted, REFUSED),
    Case("zero bytes", "plan.pdf", lambda: b"", REFUSED),
    Case("wrong extension: a text", "plan.pdf", lambda: b"Dear all,\n" * 1_000, REFUSED),
    Case("wrong extension: a program", "plan.docx", lambda: b"MZ" + os.urandom(1_000_000), REFUSED),
    Case("wrong extension: a PDF", "plan.docx", a_pdf, SHOWN, "Words."),
    Case("Word bomb", "plan.docx", a_word_bomb, REFUSED),
    Case("Word text bomb", "plan.docx", a_word_text_bomb, REFUSED),
    Case("stream bomb", "plan.pdf", hostile.a_stream_bomb, REFUSED),
    Case("picture bomb", "plan.pdf", hostile.a_picture_bomb, REFUSED),
    Case("scripts and embedded files", "plan.pdf", hostile.scripts_and_files, SHOWN),
    Case("a million objects", "plan.pdf", hostile.a_million_objects, REFUSED),
    Case("objects in streams", "plan.pdf", hostile.objects_in_streams, REFUSED),
    Case("10,000 pages", "plan.pdf", ten_thousand_pages, REFUSED),
    Case("forms within forms", "plan.pdf", hostile.forms_within_forms, REFUSED),
    Case("pages within pages", "plan.pdf", hostile.pages_within_pages, REFUSED),
    Case("fonts missing", "plan.pdf", hostile.words_without_their_font, SHOWN, "Outcomes of the council"),
    Case("a name in Welsh", "Siân Llŷr.docx", lambda: a_word_file(para(WELSH)), SHOWN, WELSH),
    Case("a name in Arabic, Word", "علاء.docx", lambda: a_word_file(para(ARABIC)), SHOWN, ARABIC),
    Case("right-to-left text, PDF", "plan.pdf", in_arabic, SHOWN, ARABIC),
)


@dataclass(frozen=True)
class Answer:
    """What the page said, seconds of the processor and on the wall, and megabytes of the reader and of the page."""

    status: int
    says: str
    processor: float
    wall: float
    reader: float
    grew: float


def uploaded(app: Flask, token: str, plan: str, case: Case, content: bytes) -> Answer:
    """Upload one file as a lead does. Runs in a process of its own, so that its peak of memory is this file's."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["token"] = token
    client.get(f"/plans/{plan}/documents/new")
    data = {"file": (io.BytesIO(content), case.name), "kind": "final_plan"}
    before, start, own = _processor(), time.perf_counter(), _own_peak()
    with Watcher() as watcher:
        answer = client.post(f"/plans/{plan}/documents/new", data=data)
    wall, processor = time.perf_counter() - start, _processor() - before
    return Answer(answer.status_code, _says(answer.text), processor, wall, watcher.peak, _own_peak() - own)


class Watcher:
    """The most memory that any process had which this one started. (What the system keeps of it counts what it was forked from.)"""

    def __init__(self) -> None:
        self.peak, self._over = 0.0, Event()
        self._thread = Thread(target=self._watch)

    def __enter__(self) -> "Watcher":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.005):
            for children in Path("/proc/self/task").glob("*/children"):
                for number in children.read_text().split():
                    self.peak = max(self.peak, _peak_of(number))


def _peak_of(number: str) -> float:
    """Megabytes, once the process is its own program; nothing when it has ended."""
    try:
        if b"moderation.register" not in Path(f"/proc/{number}/cmdline").read_bytes():
            return 0.0
        said = search(r"VmHWM:\s+(\d+)", Path(f"/proc/{number}/status").read_text())
    except OSError:
        return 0.0
    return int(said[1]) / 1_000 if said else 0.0


def _says(page: str) -> str:
    found = search(r'class="govuk-error-summary__body">(.*?)</div>', page, DOTALL)
    return unescape(" ".join(sub(r"<[^>]+>", " ", found[1]).split())) if found else ""


def _processor() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _own_peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000


def first_page(engine: Engine, settings: Settings, plan: str) -> str | None:
    """The text of the first page once the clock has done its work; None when there are no pages."""
    from moderation.register.packs import texts_of
    from moderation.store import open_store

    jobs.check_uploads(engine, settings)
    jobs.render_documents(engine, settings)
    with Session(engine) as session:
        row = session.exec(select(Document).where(Document.plan_version_id == plan, col(Document.render_error).is_(None))).first()
    return texts_of(open_store(settings), row.store_path, row.wrapped_key or "")[0] if row else None


def faults_of(case: Case, answer: Answer, text: str | None) -> list[str]:
    """What a case breaks of what was promised."""
    is_refused = answer.status == 422 and text is None
    promised = (
        (answer.status in (303, 422), f"answered {answer.status}"),
        ((case.fate == REFUSED) == is_refused, f"should have been {case.fate}"),
        (not is_refused or answer.processor <= MOST_SECONDS, "took too long"),
        (not is_refused or answer.reader + answer.grew <= MOST_MEGABYTES, "took too much memory"),
        (case.words in (text or ""), f"the page says {text!r}"),
    )
    return [words for is_kept, words in promised if not is_kept]


def main() -> int:
    broken = 0
    with tempfile.TemporaryDirectory() as folder:
        settings = make_settings(Path(folder), f"sqlite:///{folder}/bench.sqlite")
        engine = open_engine(settings)
        migrate(engine)
        world, app = a_world(engine), create_app(settings, engine)
        app.config["WTF_CSRF_ENABLED"] = False
        token = start_session(engine, world.grace)
        print(f"{'file':<28}{'answer':>7}{'CPU s':>7}{'wall s':>7}{'reader MB':>10}{'page MB':>9}  what the page says")
        for number, case in enumerate(CASES):
            broken += _run(engine, settings, world, app, token, number, case)
    return min(broken, 1)


def _run(engine: Engine, settings: Settings, world: World, app: Flask, token: str, number: int, case: Case) -> int:
    plan, content = a_registered_plan(engine, world, f"NF-{number}"), case.build()
    engine.dispose()  # a connection is not for two processes
    here, there = get_context("fork").Pipe(duplex=False)
    process = get_context("fork").Process(target=lambda: there.send(uploaded(app, token, plan, case, content)))
    process.start()
    answer = here.recv()
    process.join()
    text = first_page(engine, settings, plan)
    faults = faults_of(case, answer, text)
    says = answer.says or f"shown: {text!r}"
    figures = f"{answer.processor:>7.2f}{answer.wall:>7.2f}{answer.reader:>10.0f}{answer.grew:>9.0f}"
    broken = "".join(f"  BROKEN: {fault}" for fault in faults)
    print(f"{case.title:<28}{answer.status:>7}{figures}  {says[:90]}{broken}", flush=True)
    return len(faults)


if __name__ == "__main__":
    sys.exit(main())
