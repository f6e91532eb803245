"""Word files become pages that say the same; unfit and hostile ones are refused in words."""

import http.server
import io
import threading
import zipfile
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from moderation.register.identity.kinds import Kind, Known, Person, RoleToken
from moderation.register.identity.search import search
from moderation.register.packs import draw_pages, keep_document, picture_of, texts_of
from moderation.register.pdf import PICTURE_LIMIT, clean, opened
from moderation.register.pdf_text import PageText
from moderation.register.refusals import Refusal
from moderation.register.word import look_through, to_pdf
from moderation.store import Store
from moderation.words import InvalidInput
from tests.build_word import (
    HEAD,
    TYPES,
    a_word_file,
    control_box,
    form_box,
    numbered,
    para,
    picture,
    relationships,
    symbol,
    table,
    text_run,
)

TEMPLATE = Path(__file__).parents[1] / "data" / "cpg_template.docx"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path.as_uri(), b"k" * 32)


def text_of(store: Store, content: bytes) -> str:
    kept = keep_document(store, content)
    assert draw_pages(store, kept.stored.path, kept.stored.wrapped_key).fault is None
    return "\n".join(texts_of(store, kept.stored.path, kept.stored.wrapped_key))


def message_of(store: Store, content: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        keep_document(store, content)
    assert list(store.sealed()) == []
    (problem,) = refused.value.problems
    return problem.message


def a_png(size: tuple[int, int] = (30, 20), colour: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def test_headings_lists_tables_and_pictures_stay(store: Store) -> None:
    body = (
        para("Section A: Views", "Heading2") + para("I like maps.") + table(("Need", "Provision"), ("B1", "F1 weekly")) + picture()
    )
    content = a_word_file(body, {**relationships(("r1", "media/one.png", False)), "word/media/one.png": a_png()})
    kept = keep_document(store, content)
    drawn = draw_pages(store, kept.stored.path, kept.stored.wrapped_key)
    text = texts_of(store, kept.stored.path, kept.stored.wrapped_key)[0]
    assert [found.section for found in drawn.sections] == ["A"]
    assert all(words in text for words in ("I like maps.", "Need", "Provision", "F1 weekly"))
    with Image.open(io.BytesIO(picture_of(store, kept.stored.path, kept.stored.wrapped_key, 1))) as page:
        colours = page.convert("RGB").getcolors(1 << 20) or []
    assert any(red > 200 and green < 60 for _, (red, green, _) in colours)
    assert kept.remarks == ("Made from a Word file: comments were left out",)


NUMBERING = (
    '<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:abstractNum w:abstractNumId="7">'
    '<w:lvl w:ilvl="0"><w:start w:val="2"/><w:numFmt w:val="upperLetter"/><w:lvlText w:val="Section %1:"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1%2."/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num></w:numbering>'
)


def test_numbers_that_word_counts_become_words(store: Store) -> None:
    """ "Section B", "B1", "B2", "Section C", "C1" stand nowhere in the file: Word counts them when it shows it."""
    body = numbered("Special educational needs") + numbered("Reads signs.", level=1) + numbered("Tires by noon.", level=1)
    body += numbered("Health care needs") + numbered("Sleeps well.", level=1)
    text = text_of(store, a_word_file(body, {"word/numbering.xml": NUMBERING}))
    for words in ("Section B: Special educational needs", "B1. Reads", "B2. Tires", "Section C: Health care needs", "C1. Sleeps"):
        assert words in text


def test_hidden_text_comments_and_deleted_words_are_not_shown(store: Store) -> None:
    hidden = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>CANARY hidden</w:t></w:r><w:r><w:t>Shown.</w:t></w:r></w:p>"
    deleted = (
        "<w:p><w:del><w:r><w:delText>CANARY deleted</w:delText></w:r></w:del><w:ins><w:r><w:t>Inserted.</w:t></w:r></w:ins></w:p>"
    )
    text = text_of(store, a_word_file(hidden + deleted))
    assert "Shown." in text and "Inserted." in text and "CANARY" not in text


def test_welsh_arabic_and_hebrew_are_kept_in_the_order_of_reading_and_set_from_the_right(store: Store) -> None:
    lines = (
        "Tŷ Gwyn, Ysgol y Bont, ŵ",
        "الاسم: علاء حسن العمري",
        "שלום נועה",
        "Her name is ليلى حسن and she reads.",
        "Left again.",
    )
    kept = keep_document(store, a_word_file("".join(map(para, lines))))
    draw_pages(store, kept.stored.path, kept.stored.wrapped_key)
    assert texts_of(store, kept.stored.path, kept.stored.wrapped_key)[0].split("\n") == list(lines)
    with Image.open(io.BytesIO(picture_of(store, kept.stored.path, kept.stored.wrapped_key, 1))) as page:
        grey = page.convert("L")
    line = grey.crop((0, grey.height // 14, grey.width, grey.height // 8)).point(lambda shade: 255 * (shade < 128))
    assert (line.getbbox() or (0, 0, 0, 0))[2] > grey.width * 0.85  # ink at the right edge: Arabic begins there


def test_the_template_of_a_council_shows_all_its_sections(store: Store) -> None:
    kept = keep_document(store, TEMPLATE.read_bytes())
    drawn = draw_pages(store, kept.stored.path, kept.stored.wrapped_key)
    assert [found.section for found in drawn.sections] == ["A", "B", "C", "D", "E", "F", "G", "H1", "H2", "I", "J", "K"]
    for page in range(1, drawn.pages + 1):
        assert len(picture_of(store, kept.stored.path, kept.stored.wrapped_key, page)) <= PICTURE_LIMIT


def test_nothing_outside_of_the_file_is_fetched(store: Store, tmp_path: Path) -> None:
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (tmp_path / "secret.png").write_bytes(a_png())
    outside = (f"http://127.0.0.1:{server.server_port}/CANARY.png", (tmp_path / "secret.png").as_uri(), "../../../etc/passwd")
    links = relationships(*((f"r{place}", target, True) for place, target in enumerate(outside, 1)))
    body = "".join(picture(f"r{place}") + picture(f"r{place}").replace("r:embed", "r:link") for place in (1, 2, 3))
    kept = keep_document(store, a_word_file(body + para("Words."), links))
    server.shutdown()
    assert asked == []
    assert "6 pictures of the Word file could not be shown" in kept.remarks


def test_embedded_files_are_left_out_and_said_to_be(store: Store) -> None:
    kept = keep_document(store, a_word_file(para("Words."), {"word/embeddings/oleObject1.bin": b"CANARY" * 100}))
    assert "1 embedded file was left out" in kept.remarks
    assert b"CANARY" not in store.get(kept.stored.path, kept.stored.wrapped_key)


def zeros(size: int) -> bytes:
    return b" " * size


def with_a_lie(content: bytes) -> bytes:
    """The directory says that the text is small; it is not."""
    real = zipfile.ZipFile(io.BytesIO(content)).getinfo("word/document.xml").file_size
    return content.replace(real.to_bytes(4, "little"), (100).to_bytes(4, "little"))


DEEP_TABLE = "<w:tbl><w:tr><w:tc>" * 12 + para("x") + "</w:tc></w:tr></w:tbl>" * 12
DOCM = TYPES.replace("document.main", "macroEnabled.main")
LAUGHS = (
    '<!DOCTYPE w [<!ENTITY a "ha ha ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    f"{HEAD}<w:body>{para('&c;')}</w:body></w:document>"
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: a_word_file(para("x"), {"word/media/bomb.bin": zeros(210_000_000)}), "becomes too large"),
        (lambda: a_word_file(para("x") + zeros(21_000_000).decode()), "becomes too large"),
        (lambda: with_a_lie(a_word_file(para("x") + zeros(21_000_000).decode())), "is damaged"),
        (lambda: a_word_file("", {"word/document.xml": LAUGHS}), "is damaged"),
        (lambda: a_word_file("", {"word/document.xml": "<w:document"}), "is damaged"),
        (lambda: a_word_file(DEEP_TABLE), "tables within tables"),
        (lambda: a_word_file("<w:p>" * 100_000), "is damaged"),
        (lambda: a_word_file("<w:sdt><w:sdtContent>" * 3_000 + "</w:sdtContent></w:sdt>" * 3_000), "cannot be read"),
        (lambda: a_word_file(para("x"), {"word/vbaProject.bin": b"macro"}), "contains macros"),
        (lambda: a_word_file(para("x"), {"[Content_Types].xml": DOCM}), "contains macros"),
        (lambda: a_word_file(para("x"))[:-200], "is damaged"),
        (lambda: a_word_file("", {f"word/part{number}.xml": "" for number in range(5_001)}), "becomes too large"),
        (lambda: a_word_file("".join(para("word " * 1_000) for _ in range(310))), "too much text"),
        (lambda: a_word_file(table(*[("x",) * 200] * 101)), "more than 20,000 cells"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Word file"),
    ],
    ids=["bomb", "text bomb", "lying directory", "laughs", "broken", "nested tables", "unclosed", "deep", "macros", "docm",
         "cut", "many parts", "too much text", "many cells", "doc"],
)  # fmt: skip
def test_hostile_and_unfit_word_files_are_refused_in_words(store: Store, content: object, words: str) -> None:
    assert words in message_of(store, content())  # type: ignore[operator]


def test_a_table_of_too_many_cells_is_refused_while_somebody_waits() -> None:
    with pytest.raises(Refusal, match="20,000 cells"):
        look_through(a_word_file(table(*[("x",) * 200] * 101)))


def test_a_picture_that_would_fill_the_memory_is_left_out(store: Store) -> None:
    file = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(file, "PNG")
    content = a_word_file(
        picture() + para("Words."), {**relationships(("r1", "media/a.png", False)), "word/media/a.png": file.getvalue()}
    )
    kept = keep_document(store, content)
    assert "1 picture of the Word file could not be shown" in kept.remarks


def test_names_that_lead_out_of_the_file_write_nothing(store: Store, tmp_path: Path) -> None:
    content = a_word_file(para("Words."), {"../../escaped.txt": "out", "word/media/../../../escaped.png": a_png()})
    assert "Words." in text_of(store, content)
    assert not list(tmp_path.parent.rglob("escaped*"))


def test_a_cell_of_a_billion_columns_is_a_table_still(store: Store) -> None:
    wide = table(("Need", "Provision")).replace("<w:tc>", '<w:tc><w:tcPr><w:gridSpan w:val="999999"/></w:tcPr>', 1)
    assert "Provision" in text_of(store, a_word_file(wide))


# --- page headers and footers ---------------------------------------------------------------------------------------------------

SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def a_file_with_edges(body: str, **edges: str) -> bytes:
    """A Word file with headers and footers: `every_header=para(...)`, `first_footer=...`."""
    targets = [(name, f"{name}.xml", False) for name in edges]
    said = "".join(
        f'<w:{name.rpartition("_")[2]}Reference w:type="{name.partition("_")[0].replace("every", "default")}" r:id="{name}"/>'
        for name in edges
    )
    first = "<w:titlePg/>" if any(name.startswith("first") for name in edges) else ""
    parts = {f"word/{name}.xml": f"<w:hdr {SPACE}>{content}</w:hdr>" for name, content in edges.items()}
    return a_word_file(f"{body}<w:sectPr>{said}{first}</w:sectPr>", {**relationships(*targets), **parts})


def pages_of(store: Store, content: bytes) -> list[str]:
    kept = keep_document(store, content)
    draw_pages(store, kept.stored.path, kept.stored.wrapped_key)
    return texts_of(store, kept.stored.path, kept.stored.wrapped_key)


def test_headers_and_footers_stand_on_their_pages_with_the_right_numbers(store: Store) -> None:
    number = (
        '<w:p><w:r><w:t xml:space="preserve">Page </w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        '<w:r><w:instrText> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>7</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t xml:space="preserve"> of </w:t></w:r>'
        '<w:fldSimple w:instr=" NUMPAGES "><w:r><w:t>9</w:t></w:r></w:fldSimple></w:p>'
    )
    body = "".join(para(f"Line {line} of the plan.") for line in range(60))
    content = a_file_with_edges(
        body, every_header=para("Plan of Tobi Marlow"), first_header=para("Northfield"), every_footer=number
    )
    first, second = pages_of(store, content)
    assert "Northfield" in first and "Tobi" not in first
    assert "Plan of Tobi Marlow" in second and "Page 2 of 2" in second


def test_a_header_that_is_too_long_for_a_margin_stands_before_the_text_and_is_said_to(store: Store) -> None:
    content = a_file_with_edges(para("The plan."), every_header="".join(para(f"Row {row}") for row in range(30)))
    kept = keep_document(store, content)
    assert any("stands once, before or after the text" in remark for remark in kept.remarks)
    text = "\n".join(pages_of(store, content))
    assert text.index("Row 29") < text.index("The plan.")


def test_what_a_field_shows_is_text_as_well(store: Store) -> None:
    field = '<w:p><w:fldSimple w:instr=" MERGEFIELD name "><w:r><w:t>Tobi Marlow</w:t></w:r></w:fldSimple></w:p>'
    assert "Tobi Marlow" in text_of(store, a_word_file(field))


PROVISION = (
    "A daily session of fifteen minutes with a trained assistant who uses the programme of the speech and language therapist. "
)
SECTION_F = (
    ("Ref", "Area of need", "Outcome", "Provision", "Who provides it", "How often", "Date of review", "Name"),
    ("F1", "Communication and interaction", "Understands instructions of three words", PROVISION * 3,
     "Speech and Language Therapist", "3 x 15 minutes weekly", "14/03/2015", "Okonkwo-Marlow"),
    ("F2", "Cognition and learning", "Reads", PROVISION * 2, "SENCO", "Termly", "NHS 9434765870", "Siobh\u00e1n"),
)  # fmt: skip
WEEK = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY", "COMMUNICATION", "UNDERSTANDING")
LONG_WEEK = (*WEEK, *(f"{day}S" for day in WEEK))
ADDRESS = "https://www.example.org/" + "a" * 140


def set_pages(content: bytes) -> list[PageText]:
    document = opened(clean(to_pdf(content)[0]))
    return [PageText(document[number], 10_000, 10_000) for number in range(len(document))]


def lines_of(page: PageText) -> list[str]:
    return [line.strip() for line in page.text.split("\n")]


def test_no_word_of_a_table_is_divided_and_the_gate_finds_what_stands_in_narrow_cells() -> None:
    (page,) = set_pages(a_word_file(para("Section F", "Heading1") + table(*SECTION_F) + table(WEEK, ("a",) * 9)))
    there = page.text.replace("\u00ad", "-").replace("\u2010", "-").split()
    whole = (
        "Communication interaction instructions Therapist minutes 14/03/2015 9434765870 Okonkwo-Marlow Siobh\u00e1n COMMUNICATION"
    )
    assert set(whole.split()) <= set(there)
    known = Known((Person(RoleToken.CHILD, ("Siobh\u00e1n Okonkwo-Marlow",)),), date(2015, 3, 14))
    found = search([[page.text]], known, date(2026, 11, 30))
    assert sorted((one.kind, one.token) for one in found) == [
        (Kind.BIRTH, "DOB: matches register"), (Kind.NAME, "CHILD"), (Kind.NAME, "CHILD"), (Kind.NHS_NUMBER, "NHS NUMBER"),
    ]  # fmt: skip


@pytest.mark.parametrize("width", ("", '<w:sectPr><w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/></w:sectPr>'))
def test_no_table_runs_off_the_page_however_much_stands_in_it(width: str) -> None:
    inner = f"<w:tbl><w:tr><w:tc>{para(PROVISION)}</w:tc><w:tc>{table(*SECTION_F)}{para('')}</w:tc></w:tr></w:tbl>"
    wide = (
        table(LONG_WEEK),
        table(("Website", "Who"), (ADDRESS, "Si\u00e2n")),
        table(*SECTION_F, ("", "", ADDRESS, *[""] * 5)),
        inner,
    )
    pages = set_pages(a_word_file(para(ADDRESS) + "".join(wide) + width))
    boxes = [box for page in pages for _, _, box in page.words()]
    assert len(boxes) > 150
    assert max(box.right for box in boxes) < 9_700
    text = "".join("".join(page.text.split()) for page in pages)
    assert all(day in text for day in LONG_WEEK)


def test_boxes_of_forms_stand_on_their_line_and_say_in_the_text_whether_they_are_ticked() -> None:
    def line(*parts: str) -> str:
        return f"<w:p>{''.join(parts)}</w:p>"

    body = (
        line(text_run("Looked after "), symbol("F0FE"), text_run(" Yes "), symbol("F0A8"), text_run(" No"))
        + line(
            text_run("Typed "), text_run("\u00fe", "Wingdings"), text_run(" Yes "), text_run("\u00a8", "Wingdings"), text_run(" No")
        )
        + line(
            text_run("Crossed "), symbol("F0FD"), text_run(" Yes "), symbol("F053", "Wingdings 2"), text_run(" No "), symbol("F06F")
        )
        + line(text_run("Form "), form_box(1), text_run(" Yes "), form_box(0), text_run(" No"))
        + line(text_run("Control "), control_box(1), text_run(" Yes "), control_box(0), text_run(" No"))
    )
    (page,) = set_pages(a_word_file(body))
    assert lines_of(page) == [
        "Looked after \u2611 Yes \u2610 No", "Typed \u2611 Yes \u2610 No", "Crossed \u2612 Yes \u2612 No \u2610",
        "Form \u2612 Yes \u2610 No", "Control \u2612 Yes \u2610 No",
    ]  # fmt: skip
    ink = [ink_of(f"<w:p>{box}</w:p>") for box in (symbol("F0A8"), form_box(0), form_box(1), symbol("F0FE"))]
    assert ink[0] == ink[1] > 0
    assert min(ink[2:]) > 1.2 * ink[0]  # a cross or a tick stands in the box: a font has them


def ink_of(body: str) -> int:
    """How much of the page is dark."""
    page = opened(clean(to_pdf(a_word_file(body))[0]))[0]
    return sum(page.render(scale=4).to_pil().convert("L").histogram()[:128])
