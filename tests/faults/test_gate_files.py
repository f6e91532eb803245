"""Released copies: what was replaced is really gone, from the text, from the bytes and from the picture."""

import io
import json
import re
import zlib
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import StreamObject

from moderation.register.flattening import Box, cover, type_of
from moderation.register.gate_packs import CoverPlace, Original, People, flattened, make_copy, search_pack
from moderation.register.packs import keep_document
from moderation.register.pdf import opened
from moderation.register.pdf_text import PageText, readable
from moderation.register.right_to_left import runs_right_to_left
from moderation.store import Store
from tests.build_gate import a_html_pdf

PAGE = """<style>.big { font: italic 40pt serif } .white { color: #fff } .tiny { font-size: 2pt } @page { size: A4 }</style>
<h1>Plan for Tobi Marlow</h1><p>Tobi's mother is Mrs Siân Marlow. The ﬁnal plan for TOBI; T o b i; and Tobi&shy;as.</p>
<p class="big">Tobi Marlow</p><p class="white">Hidden Marlow</p><p class="tiny">tiny Tobi</p>
<p>Born 12/03/2015, NHS number 943 476 5919, at 14 Rowan Street, NF1 4AP.</p><table><tr><td>Name</td><td>Tobi</td></tr></table>"""
PEOPLE = People(("Tobi Marlow", "Tobias"), date(2015, 3, 12), (("Mrs Siân Marlow",),))
GONE = ("tobi", "marlow", "siân", "sian", "12/03/2015", "9434765919", "943 476 5919", "rowan", "nf1 4ap")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path.as_uri(), b"k" * 32)


def kept_original(store: Store, content: bytes) -> Original:
    kept = keep_document(store, content)
    return Original("d", kept.stored.path, kept.stored.wrapped_key)


def released(store: Store, content: bytes, people: People = PEOPLE) -> dict[str, bytes]:
    """A document searched in a process of its own, everything replaced, and copied in another."""
    original = kept_original(store, content)
    (searched,) = search_pack(store, [original], people, (), date(2026, 11, 30))
    places = [CoverPlace(one.page, one.token, one.start, one.end) for one in searched.found]
    return flattened(store.get(original.path, original.wrapped_key), places, ())


def words_in(content: bytes) -> str:
    """Every text that two readers find in a PDF, and every stream of it unpacked."""
    pages = pypdfium2.PdfDocument(content)
    texts = [page.get_textpage().get_text_bounded() for page in pages]
    texts += [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    return "\n".join(texts) + everything_in(content)


def everything_in(content: bytes) -> str:
    reader = PdfReader(io.BytesIO(content))
    parts = [content]
    for number in range(1, len(reader.xref[0]) + 1 if reader.xref else 200):
        try:
            found = reader.get_object(number)
        except Exception:
            continue
        parts.append(repr(found).encode())
        if isinstance(found, StreamObject):
            parts.append(found.get_data())
    plain = b"\n".join(parts)
    hexadecimal = [bytes.fromhex(run.decode()) for run in re.findall(rb"<((?:[0-9a-f]{4})+)>", plain)]
    return plain.decode("latin-1") + "\n" + "\n".join(run.decode("utf-16-be", "replace") for run in hexadecimal)


def test_the_text_of_a_copy_has_tokens_and_nothing_of_what_they_replace(store: Store) -> None:
    parts = released(store, a_html_pdf(PAGE, title="Tobi Marlow"))
    text = (words_in(parts["copy.pdf"]) + parts["texts.json"].decode()).lower()
    assert [word for word in GONE if word in text] == []
    assert "[child]'s mother is mrs [parent 1]" in text.replace("\u2019", "'")
    assert "[dob: matches register]" in text


def test_the_search_for_words_would_have_found_them_in_the_original(store: Store) -> None:
    """Otherwise the test above would prove nothing."""
    original = kept_original(store, a_html_pdf(PAGE))
    text = words_in(store.get(original.path, original.wrapped_key)).lower()
    assert [word for word in GONE if word not in text and word != "sian" and word != "9434765919"] == []


OVER_LINES = """<p style="width: 62pt; hyphens: auto">and Wetherington, or Fitzgeraldson says</p>
<p>A hyphen: Wether&#x2010;<br>ington and To&#x2010;<br>bi.</p><p>at 943<br>476 5919 and NHS number 943<br>476 5918</p>
<p>ring 07700<br>900123, 020 7946<br>0018, or 0113<br>496<br>0021</p><p>Tel. 9496 002<br>195</p><p>UPN A12345678<br>9012</p>
<p>Case reference EHC/2024/<br>0193</p><p>born 12-03-<br>2015</p>
<p>tobimum77@gmail.<br>com, mum@gmail<br>.com, dad@<br>gmail.com</p>
<table style="width: 75pt"><tr><td style="overflow-wrap: anywhere">9434765870 07700900321 nan77@example.org</td></tr></table>"""
GONE_OVER_LINES = re.split(r"\s", (
    "wether weth ington fitz aldson tobi 943 476 5919 5918 07700 900123 7946 0018 0113 496 0021 9496 195 a12345678 9012 ehc/2024 "
    "0193 12-03 tobimum gmail com 94347658 70 0770090 321 nan77 example org"
))  # fmt: skip
BESIDE = (  # a line's end is `|`
    ("NHS number 943 476 5919|12 sessions", "NHS number [NHS NUMBER]|12 sessions"), ("01 02 03|04 05 06", "01 02 03|04 05 06"),
    ("0113|0456|0789", "0113|0456|0789"), ("01.02.2024|02.03.2024|12", "01.02.2024|02.03.2024|12"), ("well -|then", "well -|then"),
    ("01 02 2024 10 11 2024", "01 02 2024 10 11 2024"), ("to 0113 496 0021|12 weeks", "to [TELEPHONE]|12 weeks"),
    ("Contact: 12-04-2024|10 minutes", "Contact: 12-04-2024|10 minutes"), ("mum@gmail.com.|Then", "[EMAIL].|Then"),
    ("Mosaic ID: 1234567|2025 review", "Mosaic ID: [NUMBER]|2025 review"),
)  # fmt: skip


def test_what_runs_over_the_end_of_a_line_is_gone_and_what_stands_beside_it_in_lists_and_tables_stays(store: Store) -> None:
    people = People(("Tobi Wetherington",), date(2015, 3, 12), (("Ann Fitzgeraldson",),))
    beside = "".join(f"<p>{each.replace('|', '<br>')}</p>" for each, _ in BESIDE)
    table = "<table><tr><td>07700</td><td>12</td></tr><tr><td>900124</td><td>38</td></tr></table>"
    content = a_html_pdf(f"{OVER_LINES}<section style='break-before: page'>{beside}{table}</section>")
    assert "\u2010 \n" in PageText(opened(keep_and_get(store, content))[0], 100, 100).text  # as in no string of a test
    parts = released(store, content, people)
    text, lists = json.loads(parts["texts.json"])
    first, second = (page.get_textpage().get_text_bounded().lower() for page in pypdfium2.PdfDocument(parts["copy.pdf"]))
    assert [words for words in GONE_OVER_LINES if words in text.lower() or words in first] == []
    assert [words for words in GONE_OVER_LINES if len(words) > 5 and words in everything_in(parts["copy.pdf"]).lower()] == []
    assert "[PARENT 1]\nsays" in text
    assert [words for _, words in BESIDE if words.replace("|", "\n") not in lists] == []
    assert "07700 12\n900124 38" in lists and "900124 38" in second


def test_a_copy_shares_no_stream_with_the_original_and_says_nothing_of_its_making(store: Store) -> None:
    original = kept_original(store, a_html_pdf(PAGE))
    content = store.get(original.path, original.wrapped_key)
    copy = flattened(content, (), ())["copy.pdf"]
    assert PdfReader(io.BytesIO(copy)).metadata is None
    assert streams(content) & streams(copy) == set()
    assert b"/Font" in copy
    assert not re.search(rb"/(Annots|AcroForm|JS|EmbeddedFiles|Metadata|Producer|CreationDate)", copy)


def streams(content: bytes) -> set[bytes]:
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    return {_plain(each) for each in found if len(each) > 40}


def _plain(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error:
        return content


@pytest.mark.parametrize(
    "style",
    (
        "font: italic 60pt serif",
        "font: bold 11pt sans-serif",
        "font: 30pt cursive; letter-spacing: 12pt",
        "text-decoration: underline",
    ),
)
def test_no_stroke_of_a_covered_word_is_left_in_the_picture(store: Store, style: str) -> None:
    """Whatever letter it is, italic and overhanging: a page with nothing but the word is the same as one with an empty cover."""
    content = a_html_pdf(f"<p style='{style}'>fjÅÇgŷ</p>")
    page = pypdfium2.PdfDocument(content)[0]
    image = page.render(scale=2).to_pil().convert("RGB")
    there = PageText(page, *image.size)
    boxes = there.boxes(0, len(there.text.strip()))
    cover(image, boxes, "X")
    outside = image.copy()
    for box in boxes:
        outside.paste((255, 255, 255), (round(box.left) - 3, round(box.top) - 3, round(box.right) + 4, round(box.bottom) + 4))
    assert outside.convert("L").getextrema()[0] > 200


def test_a_covered_area_takes_the_words_under_it_from_the_text_as_well(store: Store) -> None:
    content = a_html_pdf("<p>Above stays.</p><p style='margin-top: 300pt'>Signed by somebody below</p>")
    parts = flattened(content, [CoverPlace(1, "SIGNATURE", area=(0, 3_000, 10_000, 6_000))], ())
    text = words_in(parts["copy.pdf"])
    assert "Above stays." in text
    assert "[SIGNATURE]" in text
    assert "somebody" not in text


def test_a_page_that_is_left_out_says_so_and_keeps_its_number(store: Store) -> None:
    content = a_html_pdf("<p>First</p><p style='break-before: page'>Secret</p><p style='break-before: page'>Third</p>")
    parts = flattened(content, (), (2,))
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(parts["copy.pdf"])).pages]
    assert ["First" in pages[0], "left out" in pages[1], "Third" in pages[2]] == [True, True, True]
    assert "Secret" not in words_in(parts["copy.pdf"])


def test_pages_that_are_turned_cropped_or_huge_are_covered_in_the_right_place(store: Store) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=io.BytesIO(a_html_pdf("<p>Keep Tobi Marlow here</p>")))
    for turn in (90, 180, 270):
        writer.add_page(writer.pages[0]).rotate(turn)
    writer.pages[-1].mediabox.upper_right = (3_000, 3_000)
    file = io.BytesIO()
    writer.write(file)
    parts = released(store, file.getvalue())
    for number in range(1, 5):
        image = Image.open(io.BytesIO(parts[f"page-{number}"])).convert("L")
        assert max(image.histogram()[210:240]) >= 225 - 12 or any(image.histogram()[210:240]), number
    assert "tobi" not in words_in(parts["copy.pdf"]).lower()


def test_a_photograph_in_a_copy_stays_under_the_limit_of_a_picture(store: Store) -> None:
    grey = Image.effect_noise((900, 1200), 90)
    noise = Image.merge("RGB", [grey, *(grey.point(lambda shade, by=by: shade * by % 256) for by in (7, 13))])
    file = io.BytesIO()
    noise.save(file, "PDF")
    parts = flattened(keep_and_get(store, file.getvalue()), (), ())
    assert type_of(parts["page-1"]) == "image/webp"
    assert len(PdfReader(io.BytesIO(parts["copy.pdf"])).pages) == 1


def keep_and_get(store: Store, content: bytes) -> bytes:
    original = kept_original(store, content)
    return store.get(original.path, original.wrapped_key)


def test_pages_without_text_and_pages_with_pictures_are_listed_for_a_person(store: Store) -> None:
    picture = io.BytesIO()
    Image.new("L", (400, 300), 90).save(picture, "PNG")
    import base64

    source = f"data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()}"
    logo = f"<img src='{source}' style='width: 60pt; height: 60pt; position: absolute; top: 0; left: 0'>"
    page = f"<section style='break-before: page; position: relative'>{logo}<p>Words</p></section>"
    content = a_html_pdf(page * 4 + f"<div style='break-before: page'><img style='width: 300pt' src='{source}'></div>")
    (searched,) = search_pack(store, [kept_original(store, content)], People(), (), date(2026, 11, 30))
    assert searched.looks == ((1, "picture"), (5, "no_text"))  # the letterhead once, the scan always


WHO = (
    ("MRS MARLOW came", "MRS [PARENT 1] came"), ("Mrs Marlow came", "Mrs [PARENT 1] came"), ("T. Marlow came", "[CHILD] came"),
    ("Mrs S Marlow came", "Mrs [PARENT 1] came"), ("mrs S. Marlow came", "mrs [PARENT 1] came"), ("T Marlow came", "[CHILD] came"),
    ("S. MARLOW came", "[PARENT 1] came"),
    ("MR MARLOW CAME HERE", "MR [PARENT 2] CAME HERE"), ("J. Marlow came", "[PARENT 2] came"),
    ("as in Section F. Marlow came", "as in Section F. [CHILD] came"), ("they will miss Tobi", "they will miss [CHILD]"),
    ("In Year R Tobi came", "In Year R [CHILD] came"),
    ("A Marlow plan", "A [CHILD] plan"), ("by MS Teams", "by MS Teams"),
)  # fmt: skip


def test_titles_in_any_letters_and_initials_tell_who_of_a_family_is_meant_and_no_initial_is_left(store: Store) -> None:
    content = a_html_pdf("".join(f"<p>{words}</p>" for words, _ in WHO))
    parts = released(store, content, People(("Tobi Marlow",), None, (("Mrs Si\u00e2n Marlow",), ("Mr James Marlow",))))
    assert json.loads(parts["texts.json"])[0].split("\n") == [words for _, words in WHO]
    assert [words for words in ("tobi", "marlow", "mrs s ", "s. [") if words in words_in(parts["copy.pdf"]).lower()] == []


UNREAD = """<style>
p { break-before: page; font: 14pt 'Liberation Sans' } b { font-family: 'Liberation Serif' } i { font-style: italic }</style>
<p>In this plan <b>Tobi Marlow</b> has help with reading.</p>
<p><i>Tobi likes maps and will read a book with help from an adult.</i></p>
<p>In this plan Quennell Harrowgate likes maps.</p><p>\uf0b7 One \uf0b7 Two: maps</p>"""


def unread_pdf() -> bytes:
    """Page 1: a font whose letters are said to be none; 2: others; 3: words in place of a name; 4: bullets, which are right."""
    from pypdf import PdfWriter
    from pypdf.generic import ContentStream, DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

    def wrong(code: re.Match[bytes]) -> bytes:
        letter = int(code[2], 16)
        return b"%s<%04x>" % (code[1], 0xE000 + letter if not slanted else 97 + (letter - 84) % 26 if 96 < letter < 123 else letter)

    writer = PdfWriter(clone_from=io.BytesIO(a_html_pdf(UNREAD)))
    for font in (each.get_object() for each in writer.pages[0]["/Resources"]["/Font"].values()):
        slanted = "Italic" in font["/BaseFont"]
        if slanted or "Serif" in font["/BaseFont"]:
            codes = DecodedStreamObject()
            codes.set_data(re.sub(rb"(<[0-9a-f]+> ?)<([0-9a-f]{4})>(?=\s*\n)", wrong, font["/ToUnicode"].get_data()))
            font[NameObject("/ToUnicode")] = writer._add_object(codes)
    third = writer.pages[2]
    content = ContentStream(third["/Contents"], writer)
    says = DictionaryObject({NameObject("/ActualText"): TextStringObject("he")})
    content.operations = [([NameObject("/Span"), says], b"BDC"), *content.operations, ([], b"EMC")]
    third[NameObject("/Contents")] = writer._add_object(content)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def test_pages_whose_text_is_not_what_they_show_are_listed_and_what_says_nothing_is_given_to_nobody(store: Store) -> None:
    original = kept_original(store, unread_pdf())
    (searched,) = search_pack(store, [original], PEOPLE, (), date(2026, 11, 30))
    assert searched.looks == ((1, "no_text"), (2, "no_text"), (3, "no_text"))
    copy = flattened(store.get(original.path, original.wrapped_key), (), ())
    texts = json.loads(copy["texts.json"])
    assert re.findall("[\ue000-\uf8ff]", "".join(texts) + PageText(opened(copy["copy.pdf"])[0], 9, 9).text) == []
    assert "e054e06f" not in everything_in(copy["copy.pdf"])
    assert ("has help with reading" in texts[0], "One  Two: maps" in texts[3]) == (True, True)


def test_a_copy_of_what_is_no_pdf_any_more_is_refused_in_words(store: Store) -> None:
    from moderation.register.gate_packs import WorkFailed

    stored = store.put(b"%PDF-1.4 nonsense")
    with pytest.raises(WorkFailed, match="damaged"):
        make_copy(store, Original("d", stored.path, stored.wrapped_key), (), ())


def test_boxes_of_text_are_where_the_words_are() -> None:
    assert Box(0, 0, 10, 10).holds_centre_of(Box(4, 4, 8, 8))
    assert not Box(0, 0, 10, 10).holds_centre_of(Box(8, 8, 20, 20))


# --- words that run from the right ----------------------------------------------------------------------------------------------

ARABIC = (
    "الاسم: علاء حسن العمري",
    "علاء يحب الخرائط 12 سنة Beck Lane مدرسة",
    "Her brother علاء حسن likes maps.",
    "שם: נועה לוי",
    "Siân Llŷr",
)


def test_a_copy_has_words_that_run_from_the_right_in_the_order_of_reading_as_text_and_in_the_file(store: Store) -> None:
    body = "".join(f'<p dir="{"rtl" if runs_right_to_left(line) else "ltr"}">{line}</p>' for line in ARABIC)
    parts = flattened(keep_and_get(store, a_html_pdf(body)), (), ())
    assert json.loads(parts["texts.json"])[0].split("\n") == list(ARABIC)
    copied = opened(parts["copy.pdf"])[0]
    assert readable(PageText(copied, 100, 100).text).split("\n") == list(ARABIC)


def test_a_name_that_runs_from_the_right_is_found_and_covered_in_every_line(store: Store) -> None:
    body = "".join(f'<p dir="{"rtl" if runs_right_to_left(line) else "ltr"}">{line}</p>' for line in ARABIC)
    original = kept_original(store, a_html_pdf(body))
    (searched,) = search_pack(store, [original], People(("علاء حسن العمري",)), (), date(2026, 11, 23))
    names = [one for one in searched.found if one.token == "CHILD"]
    assert len(names) == 3
    covered = [CoverPlace(one.page, one.token, one.start, one.end) for one in names]
    parts = flattened(store.get(original.path, original.wrapped_key), covered, ())
    text = json.loads(parts["texts.json"])[0]
    assert text.split("\n")[0] == "الاسم: [CHILD]"
    assert "علاء" not in text and "Her brother [CHILD] likes maps." in text
    assert "علاء" not in PageText(opened(parts["copy.pdf"])[0], 100, 100).text
