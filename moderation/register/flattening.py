"""Builds the copy of a document that auditors read: pages as pictures with tokens drawn over what identifies, and a new text layer.

Nothing of the original file goes into the copy: each page is drawn, covered, and packed anew.
"""

import io
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from .pdf_text import SAYS_NOTHING, Box, PageText, readable
from .right_to_left import has_right_to_left, runs_right_to_left

LEFT_OUT = "This page was left out, because it could not be de-identified."
WIDTH, TALLEST = 1240, 3 * 1240  # pixels, as in the pictures of the original
MARGIN = 2  # pixels around what is covered: strokes stand out of their boxes
GREYS, COLOURS = 8, 64
PAPER = (225, 225, 225)  # of what is covered
COLOURFUL = 12  # a difference between red, green and blue from which a page is kept in colour
PICTURE_LIMIT = 150_000
TYPES = ((b"\x89PNG", "image/png"), (b"RIFF", "image/webp"))


@dataclass(frozen=True)
class Covering:
    """What is covered on a page: a part of its text, or a part of its area in ten-thousandths; and what stands there instead."""

    token: str
    start: int = 0
    end: int = 0
    area: tuple[int, int, int, int] | None = None  # left, top, right, bottom


@dataclass(frozen=True)
class Line:
    """A line of the new text layer."""

    text: str
    box: Box


@dataclass(frozen=True)
class FlatPage:
    """A page of the copy: its picture as a file, what a PDF needs of it, its text and its lines; sizes in points and pixels."""

    picture: bytes
    text: str
    lines: tuple[Line, ...]
    points: tuple[float, float]
    pixels: tuple[int, int]


def type_of(picture: bytes) -> str:
    return next(kind for start, kind in TYPES if picture.startswith(start))


def flatten(document: Any, coverings: Mapping[int, Sequence[Covering]], left_out: frozenset[int]) -> Iterator[FlatPage]:
    """The pages of the copy, counted from 1. There are as many as in the original, so that places keep their numbers."""
    for number in range(1, len(document) + 1):
        page = document[number - 1]
        yield _without(page) if number in left_out else _flat(page, coverings.get(number, ()))
        page.close()


def _size(page: Any) -> tuple[float, float, float]:
    wide, high = max(page.get_width(), 1.0), max(page.get_height(), 1.0)
    return wide, high, min(WIDTH / wide, TALLEST / high)


def _without(page: Any) -> FlatPage:
    from PIL import Image, ImageDraw

    wide, high, scale = _size(page)
    image = Image.new("L", (max(1, round(wide * scale)), max(1, round(high * scale))), 255)
    ImageDraw.Draw(image).text((WIDTH / 12, WIDTH / 12), LEFT_OUT, fill=0, font=_font(24))
    line = Line(LEFT_OUT, Box(WIDTH / 12, WIDTH / 12, WIDTH / 12 + 640, WIDTH / 12 + 24))
    return FlatPage(encoded(image.convert("RGB")), LEFT_OUT, (line,), (wide, high), image.size)


def _flat(page: Any, coverings: Sequence[Covering]) -> FlatPage:
    wide, high, scale = _size(page)
    image = page.render(scale=scale).to_pil().convert("RGB")
    there = PageText(page, *image.size)
    for covering in coverings:
        cover(image, _boxes(there, covering, image.size), covering.token)
    pieces = _pieces(there, coverings, image.size)
    text = "".join(piece for _, _, piece in pieces)
    return FlatPage(encoded(image), readable(text), tuple(_lines(there, pieces)), (wide, high), image.size)


def _boxes(there: PageText, covering: Covering, size: tuple[int, int]) -> list[Box]:
    return [_area(covering.area, size)] if covering.area else there.boxes(covering.start, covering.end)


def _area(area: tuple[int, int, int, int], size: tuple[int, int]) -> Box:
    left, top, right, bottom = area
    return Box(left * size[0] / 10_000, top * size[1] / 10_000, right * size[0] / 10_000, bottom * size[1] / 10_000)


# --- the picture --------------------------------------------------------------------------------------------------------------


def cover(image: Any, boxes: Sequence[Box], token: str) -> None:
    """Paint over boxes and write the token into the first, as large as it fits."""
    from PIL import ImageDraw

    draw = ImageDraw.Draw(image)
    for number, box in enumerate(boxes):
        frame = (box.left - MARGIN, box.top - MARGIN, box.right + MARGIN, box.bottom + MARGIN)
        draw.rectangle(frame, fill=PAPER)
        if number == 0:
            _write(image, frame, f"[{token}]")


def _write(image: Any, frame: tuple[float, float, float, float], words: str) -> None:
    """The words in the frame: in full size where there is room, else in two lines, else narrower."""
    from PIL import Image, ImageDraw

    wide, high = max(1, round(frame[2] - frame[0])), max(1, round(frame[3] - frame[1]))
    size = max(9, min(18, round(high * 0.72)))
    if _font(size).getlength(words) * 0.75 > wide and " " in words:
        words, size = "\n".join(words.rsplit(" ", 1)), max(8, round(high * 0.42))
    font = _font(size)
    length = round(max(font.getlength(line) for line in words.split("\n"))) + 2
    label = Image.new("RGB", (length, high), PAPER)
    ImageDraw.Draw(label).text((1, high / 2), words, fill=(0, 0, 0), font=font, anchor="lm", spacing=1)
    if length > wide:
        label = label.resize((wide, high), Image.Resampling.BILINEAR)
    image.paste(label, (round(frame[0]), round(frame[1])))


def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)


def encoded(image: Any) -> bytes:
    """A picture file: few greys or colours are enough for text, and small; what has many is kept as WebP."""
    from PIL import Image, ImageChops

    red, green, blue = image.split()
    apart: list[Any] = [ImageChops.difference(red, green).getextrema(), ImageChops.difference(green, blue).getextrema()]
    file = io.BytesIO()
    if max(most for _, most in apart) <= COLOURFUL:
        _grey(image.convert("L")).save(file, "PNG", bits=4, compress_level=4)
    else:
        image.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, "PNG", compress_level=4)
    if file.tell() <= PICTURE_LIMIT:
        return file.getvalue()
    return _small(image)


def _grey(image: Any) -> Any:
    from PIL import Image

    steps = image.point([round(value / 255 * (GREYS - 1)) for value in range(256)])
    found = Image.frombytes("P", image.size, steps.tobytes())
    found.putpalette([value for step in range(GREYS) for value in (round(step * 255 / (GREYS - 1)),) * 3])
    return found


def _small(image: Any) -> bytes:
    for quality in (60, 40, 25):
        file = io.BytesIO()
        image.save(file, "WEBP", quality=quality, method=1)
        if file.tell() <= PICTURE_LIMIT:
            break
    return file.getvalue()


# --- the text -----------------------------------------------------------------------------------------------------------------

Piece = tuple[int, int, str]  # from and to where in the original, and what stands there now


def _pieces(there: PageText, coverings: Sequence[Covering], size: tuple[int, int]) -> list[Piece]:
    """The text with tokens in place of what was covered: by its words, or because it stands in a covered area."""
    gone: dict[int, int] = {}
    for number, covering in enumerate(coverings):
        if covering.area:
            area = _area(covering.area, size)
            gone |= {place: number for place in range(len(there.text)) if (box := there.box(place)) and area.holds_centre_of(box)}
        else:
            gone |= dict.fromkeys(range(covering.start, min(covering.end, len(there.text))), number)
    pieces: list[Piece] = []
    last: int | None = None
    for place, letter in enumerate(there.text):
        now = gone.get(place)
        if now is None:
            pieces.append((place, place + 1, letter))
        elif now == last:
            start, _, token = pieces[-1]
            pieces[-1] = (start, place + 1, token)
        else:
            pieces.append((place, place + 1, f"[{coverings[now].token}]"))
        last = now
    return pieces


def _lines(there: PageText, pieces: Sequence[Piece]) -> Iterator[Line]:
    line: list[Piece] = []
    for piece in [*pieces, (0, 0, "\n")]:
        if piece[2] != "\n":
            line.append(piece)
            continue
        if has_right_to_left("".join(part for _, _, part in line)):
            yield from _as_it_looks(there, line)
        else:
            yield from _line(there, line)
        line = []


def _line(there: PageText, line: Sequence[Piece]) -> Iterator[Line]:
    text = SAYS_NOTHING.sub("", "".join(part for _, _, part in line)).replace("\u00ad", "").strip()
    box = there.ends(line[0][0], line[-1][1]) if line and text else None
    if box:
        yield Line(text, box)


def _as_it_looks(there: PageText, line: Sequence[Piece]) -> Iterator[Line]:
    """Word by word from the left, as a PDF holds what runs from the right: readers of the file turn it round."""
    words: list[Line] = []
    for is_gap, word in groupby(line, key=lambda piece: piece[2].isspace()):
        for found in () if is_gap else _line(there, list(word)):
            words.append(Line(found.text[::-1] if runs_right_to_left(found.text) else found.text, found.box))
    yield from sorted(words, key=lambda found: found.box.left)


# --- the PDF ------------------------------------------------------------------------------------------------------------------


def as_pdf(pages: Sequence[FlatPage]) -> bytes:
    """A new PDF of the pictures with an unseen text over each. It says neither who made it nor when."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, NameObject

    writer = PdfWriter()
    writer.metadata = None
    font = writer._add_object(_unseen_font(writer))
    for flat in pages:
        page = writer.add_blank_page(*flat.points)
        image = writer._add_object(_image(flat))
        content = DecodedStreamObject()
        content.set_data(_content(flat))
        page[NameObject("/Resources")] = _plain({"/XObject": {"/I": image}, "/Font": {"/F": font}})
        page[NameObject("/Contents")] = writer._add_object(content.flate_encode())
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _content(flat: FlatPage) -> bytes:
    wide, high = flat.points
    scale = wide / flat.pixels[0]
    parts = [f"q {wide:.2f} 0 0 {high:.2f} 0 0 cm /I Do Q BT 3 Tr"]
    for line in flat.lines:
        size = max(1.0, line.box.high * scale * 0.8)
        stretch = max(1.0, 100 * line.box.wide * scale / (size * 0.5 * max(1, len(line.text))))
        codes = line.text.encode("utf-16-be", "replace").hex()
        x, y = line.box.left * scale, high - line.box.bottom * scale + size * 0.2
        parts.append(f"/F {size:.2f} Tf {stretch:.1f} Tz 1 0 0 1 {x:.2f} {y:.2f} Tm <{codes}> Tj")
    return "\n".join([*parts, "ET"]).encode()


def _unseen_font(writer: Any) -> Any:
    """A font without shapes whose codes are the characters themselves."""
    from pypdf.generic import DecodedStreamObject

    info = _plain({"/Registry": "Adobe", "/Ordering": "Identity", "/Supplement": 0})
    described = {"/Type": "/FontDescriptor", "/FontName": "/Unseen", "/FontBBox": [0, -200, 1000, 800]}
    measures = {"/Flags": 4, "/ItalicAngle": 0, "/Ascent": 800, "/Descent": -200, "/CapHeight": 700, "/StemV": 80}
    descriptor = writer._add_object(_plain(described | measures))
    shapes = {"/Type": "/Font", "/Subtype": "/CIDFontType2", "/BaseFont": "/Unseen", "/DW": 500}
    descendant = writer._add_object(_plain(shapes | {"/CIDSystemInfo": info, "/FontDescriptor": descriptor}))
    codes = DecodedStreamObject()
    codes.set_data(_code_map())
    font = {"/Type": "/Font", "/Subtype": "/Type0", "/BaseFont": "/Unseen", "/Encoding": "/Identity-H"}
    return _plain(font | {"/DescendantFonts": [descendant], "/ToUnicode": writer._add_object(codes.flate_encode())})


def _plain(value: Any) -> Any:
    """Python's values as PDF's: words with a stroke are names, others are text."""
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, PdfObject, TextStringObject

    if isinstance(value, PdfObject):
        return value
    if isinstance(value, dict):
        return DictionaryObject({NameObject(name): _plain(each) for name, each in value.items()})
    if isinstance(value, list):
        return ArrayObject([_plain(each) for each in value])
    if isinstance(value, int):
        return NumberObject(value)
    return NameObject(value) if value.startswith("/") else TextStringObject(value)


def _code_map() -> bytes:
    ranges = [f"<{high:02x}00> <{high:02x}ff> <{high:02x}00>" for high in range(256)]
    blocks = [ranges[first : first + 100] for first in range(0, 256, 100)]
    body = "\n".join(f"{len(block)} beginbfrange\n" + "\n".join(block) + "\nendbfrange" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Unseen def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{body}\nendcmap end end"
    ).encode()


def _image(flat: FlatPage) -> Any:
    """The picture as PDF holds it: the rows of a PNG as they are, or a JPEG of what is no PNG."""
    from pypdf.generic import ByteStringObject, NameObject, StreamObject

    image = StreamObject()
    entries: dict[str, Any] = {"/Type": "/XObject", "/Subtype": "/Image", "/Width": flat.pixels[0], "/Height": flat.pixels[1]}
    if flat.picture.startswith(b"\x89PNG"):
        image._data, palette, bits = _png(flat.picture)
        space = ["/Indexed", "/DeviceRGB", len(palette) // 3 - 1, ByteStringObject(palette)]
        rows = {"/Predictor": 15, "/Colors": 1, "/BitsPerComponent": bits, "/Columns": flat.pixels[0]}
        entries |= {"/Filter": "/FlateDecode", "/ColorSpace": space, "/BitsPerComponent": bits, "/DecodeParms": rows}
    else:
        image._data = _jpeg(flat.picture)
        entries |= {"/Filter": "/DCTDecode", "/ColorSpace": "/DeviceRGB", "/BitsPerComponent": 8}
    for name, value in entries.items():
        image[NameObject(name)] = _plain(value)
    return image


def _png(picture: bytes) -> tuple[bytes, bytes, int]:
    """Compressed rows, palette and bits of a picture with a palette."""
    rows, palette, bits, place = b"", b"", 8, 8
    while place < len(picture):
        (length,) = struct.unpack(">I", picture[place : place + 4])
        kind, content = picture[place + 4 : place + 8], picture[place + 8 : place + 8 + length]
        bits = content[8] if kind == b"IHDR" else bits
        palette = content if kind == b"PLTE" else palette
        rows += content if kind == b"IDAT" else b""
        place += length + 12
    return rows, palette, bits


def _jpeg(picture: bytes) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").save(file, "JPEG", quality=70)
    return file.getvalue()
