"""Hostile and unfit PDF files: a clear message or correct pages, never a worker lost."""

import io
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText, Text
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from weasyprint import HTML

from moderation.register import packs
from moderation.register.packs import draw_pages, keep_document, picture_of, texts_of
from moderation.register.pdf import PICTURE_LIMIT
from moderation.store import Store
from moderation.words import InvalidInput
from tests import build_hostile as hostile

CANARY = "CANARY"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path.as_uri(), b"k" * 32)


def written(writer: PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def blank(pages: int) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    return written(writer)


def a_document(html: str) -> bytes:
    content: bytes = HTML(string=f"<style>@page {{ size: A4 }}</style>{html}").write_pdf(pdf_forms=True)
    return content


def encrypted(user: str, owner: str) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(blank(1)))
    writer.encrypt(user, owner, algorithm="AES-256")
    return written(writer)


def message_of(store: Store, content: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        keep_document(store, content)
    (problem,) = refused.value.problems
    assert problem.field == "file"
    return problem.message


def everything_in(content: bytes) -> bytes:
    """All of a file: its bytes, and every stream in it unpacked."""
    found = [content]
    for part in content.split(b"stream")[1:]:
        try:
            found.append(zlib.decompressobj().decompress(part.lstrip(b"\r\n")))
        except zlib.error:
            continue
    return b"".join(found)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"a text file", "is not a PDF or Word"),
        (b"%PDF-1.7\nnothing more", "is damaged"),
        (blank(2)[:120], "is damaged"),
        (blank(301), "has 301 pages"),
        (encrypted("secret", "owner"), "is protected"),
        (encrypted("", "owner"), "is protected"),
        (b"%PDF-" + bytes(50_000_000), "is too large"),
    ],
    ids=["empty", "not a pdf", "nothing in it", "cut", "301 pages", "password", "restrictions", "50 MB"],
)
def test_unfit_files_are_refused_in_words(store: Store, content: bytes, words: str) -> None:
    assert words in message_of(store, content)
    assert list(store.sealed()) == []


def test_ten_thousand_pages_are_refused_before_they_are_read(store: Store) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(blank(1)))
    pages = writer._root_object["/Pages"]
    pages["/Kids"].extend(list(pages["/Kids"]) * 9_999)  # type: ignore[index]
    pages[NameObject("/Count")] = type(pages["/Count"])(10_000)  # type: ignore[index,call-arg]
    assert "has 10,000 pages" in message_of(store, written(writer))


def test_nothing_but_the_pages_is_kept(store: Store) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(a_document("<h1>Section A</h1><p>Likes the trampoline.</p>")))
    writer.add_metadata({"/Author": f"{CANARY} author", "/Title": f"{CANARY} title"})
    writer.add_attachment(f"{CANARY}.txt", f"{CANARY} attachment".encode())
    writer.add_outline_item(title=f"{CANARY} outline", page_number=0)
    writer.add_annotation(0, Text(text=f"{CANARY} comment", rect=(50, 450, 70, 470)))
    writer.add_annotation(0, FreeText(text=f"{CANARY} note", rect=(50, 350, 200, 370)))
    script = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(f"app.alert('{CANARY}')")}
    )
    writer._root_object[NameObject("/OpenAction")] = script
    writer.pages[0][NameObject("/PieceInfo")] = DictionaryObject({NameObject("/X"): TextStringObject(f"{CANARY} private")})
    kept = keep_document(store, written(writer))
    content = store.get(kept.stored.path, kept.stored.wrapped_key)
    assert CANARY.encode() not in everything_in(content)
    assert CANARY.encode("utf-16-be") not in everything_in(content)
    reader = PdfReader(io.BytesIO(content))
    assert "trampoline" in reader.pages[0].extract_text()
    assert set(reader.trailer["/Root"]) == {"/Type", "/Pages"}  # type: ignore[arg-type]


def test_what_was_filled_into_a_form_stays_on_the_page(store: Store) -> None:
    kept = keep_document(store, a_document("<form><input name=a value='Four hours a week'></form>"))
    draw_pages(store, kept.stored.path, kept.stored.wrapped_key)
    assert "Four hours a week" in texts_of(store, kept.stored.path, kept.stored.wrapped_key)[0]


def test_every_page_gets_a_small_picture_and_its_text_in_any_script(store: Store) -> None:
    words = "<p>Seren likes Ysgol y Bont, Tŷ Gwyn.</p><p dir=rtl>تحب نور الرسم</p>" + "<p>Provision. </p>" * 120
    kept = keep_document(store, a_document(words))
    drawn = draw_pages(store, kept.stored.path, kept.stored.wrapped_key)
    assert (drawn.pages, drawn.fault) == (kept.pages, None)
    texts = texts_of(store, kept.stored.path, kept.stored.wrapped_key)
    assert "Ysgol y Bont, Tŷ Gwyn" in texts[0]
    assert any("\u0600" <= letter <= "\u06ff" or "\ufb50" <= letter <= "\ufeff" for letter in texts[0])
    for page in range(1, drawn.pages + 1):
        assert len(picture_of(store, kept.stored.path, kept.stored.wrapped_key, page)) <= PICTURE_LIMIT


def test_a_page_of_an_absurd_size_is_drawn_within_limits(store: Store) -> None:
    writer = PdfWriter()
    writer.add_blank_page(14_400, 14_400)
    writer.add_blank_page(10, 14_400)
    kept = keep_document(store, written(writer))
    assert draw_pages(store, kept.stored.path, kept.stored.wrapped_key).pages == 2


def test_a_file_that_takes_too_long_costs_a_refusal_not_a_worker(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "CLEAN_SECONDS", 0.01)
    assert "takes too long" in message_of(store, blank(1))


def test_a_process_that_dies_costs_a_refusal_not_a_worker(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert "cannot be read" in message_of(store, blank(1))


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (hostile.a_million_objects, "holds more than 300,000 objects"),
        (hostile.objects_in_streams, "holds more than 300,000 objects"),
        (hostile.a_stream_bomb, "becomes too large when it is unpacked"),
        (hostile.a_picture_bomb, "has a picture on page 1 that is too large"),
        (hostile.forms_within_forms, "cannot be read"),
        (hostile.pages_within_pages, "is damaged"),
        (hostile.pages_in_a_ring, "is damaged"),
        (hostile.a_dynamic_form, "is a form that only Adobe’s own program can show"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_files_that_would_cost_too_much_are_refused_in_words(store: Store, build: Callable[[], bytes], words: str) -> None:
    assert words in message_of(store, build())
    assert list(store.sealed()) == []


@pytest.mark.parametrize(
    "build", [hostile.brackets_within_brackets, hostile.tables_in_a_ring, hostile.a_huge_page], ids=lambda one: one.__name__
)
def test_odd_files_that_show_something_are_shown(store: Store, build: Callable[[], bytes]) -> None:
    kept = keep_document(store, build())
    assert draw_pages(store, kept.stored.path, kept.stored.wrapped_key).pages == 1


def test_scripts_programs_and_files_inside_do_not_come_along(store: Store) -> None:
    kept = keep_document(store, hostile.scripts_and_files())
    content = everything_in(store.get(kept.stored.path, kept.stored.wrapped_key))
    assert not any(word in content for word in (b"CANARY", b"JavaScript", b"Launch", b"EmbeddedFile"))


def test_words_whose_font_is_missing_are_shown_and_kept_as_text(store: Store) -> None:
    kept = keep_document(store, hostile.words_without_their_font())
    draw_pages(store, kept.stored.path, kept.stored.wrapped_key)
    assert texts_of(store, kept.stored.path, kept.stored.wrapped_key) == ["Outcomes of the council"]
    with Image.open(io.BytesIO(picture_of(store, kept.stored.path, kept.stored.wrapped_key, 1))) as page:
        assert page.convert("L").getextrema()[0] < 100  # something dark is on the page


def test_even_a_page_of_noise_becomes_a_small_picture(store: Store) -> None:
    kept = keep_document(store, hostile.a_noisy_scan())
    assert kept.wordless == (1,)
    draw_pages(store, kept.stored.path, kept.stored.wrapped_key)
    picture = picture_of(store, kept.stored.path, kept.stored.wrapped_key, 1)
    assert len(picture) <= PICTURE_LIMIT
    with Image.open(io.BytesIO(picture)) as page:
        assert page.width > 400  # smaller, and still a picture
