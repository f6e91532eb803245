"""Files that mean harm, or come out of a broken scanner: built when a test runs, small on disk whatever they become."""

import io
import zlib

from PIL import Image

BOX = "/MediaBox [0 0 595 842]"


def a_raw_pdf(*objects: str | bytes, root: str = "1 0 R", trailer: str = "") -> bytes:
    """A PDF of these objects, numbered from 1, with a table that is right."""
    file, places = io.BytesIO(b"%PDF-1.7\n"), []
    file.seek(0, io.SEEK_END)
    for number, each in enumerate(objects, start=1):
        places.append(file.tell())
        body = each if isinstance(each, bytes) else each.encode("latin-1")
        file.write(f"{number} 0 obj\n".encode() + body + b"\nendobj\n")
    start = file.tell()
    file.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    file.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    file.write(f"trailer\n<< /Size {len(objects) + 1} /Root {root} {trailer} >>\nstartxref\n{start}\n%%EOF".encode())
    return file.getvalue()


def a_stream(content: bytes, described: str = "", packed: bool = True) -> bytes:
    body = zlib.compress(content, 9) if packed else content
    how = "/Filter /FlateDecode " if packed else ""
    return f"<< {how}{described} /Length {len(body)} >>\nstream\n".encode() + body + b"\nendstream"


def one_page(page: str = "", *more: str | bytes, catalog: str = "") -> bytes:
    """Objects 1 to 3 are catalog, pages and the page; `more` are numbered from 4."""
    return a_raw_pdf(
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R {'' if 'MediaBox' in page else BOX} {page} >>",
        *more,
    )


def a_million_objects() -> bytes:
    """As many as fit: a million numbered empty objects, and no table."""
    lines = b"".join(b"%d 0 obj\n1\nendobj\n" % number for number in range(4, 1_000_004))
    head, _, tail = one_page().partition(b"xref")
    return head + lines + b"xref" + tail


def objects_in_streams() -> bytes:
    """A million objects that a few bytes promise."""
    return one_page("", a_stream(b"0 0 " * 50, "/Type /ObjStm /N 1000000 /First 100"))


def a_stream_bomb() -> bytes:
    """A page whose description is 400 MB of spaces."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(400)) + packer.flush()
    stream = f"<< /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode() + packed + b"\nendstream"
    return one_page("/Contents 4 0 R", stream)


def a_picture_bomb() -> bytes:
    """A picture of 60,000 by 60,000 points in a few kilobytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(450)) + packer.flush()
    about = "/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 1 /ColorSpace /DeviceGray"
    picture = f"<< {about} /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode() + packed + b"\nendstream"
    return one_page(
        "/Contents 4 0 R /Resources << /XObject << /P 5 0 R >> >>", a_stream(b"q 500 0 0 500 40 40 cm /P Do Q"), picture
    )


def forms_within_forms(depth: int = 30) -> bytes:
    """Each form draws the next one ten times."""
    forms = [
        a_stream(
            b"/F Do " * 10,
            f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F {number + 1} 0 R >> >>",
        )
        for number in range(5, 5 + depth)
    ]
    last = a_stream(b"0 0 5 5 re f", "/Type /XObject /Subtype /Form /BBox [0 0 9 9]")
    return one_page("/Contents 4 0 R /Resources << /XObject << /F 5 0 R >> >>", a_stream(b"/F Do"), *forms, last)


def pages_within_pages(depth: int = 20_000) -> bytes:
    """A tree of pages that is a very long stick."""
    sticks = [f"<< /Type /Pages /Kids [{number + 1} 0 R] /Count 1 /Parent {number - 1} 0 R >>" for number in range(2, 2 + depth)]
    leaf = f"<< /Type /Page /Parent {1 + depth} 0 R {BOX} >>"
    return a_raw_pdf("<< /Type /Catalog /Pages 2 0 R >>", *sticks, leaf)


def brackets_within_brackets() -> bytes:
    return one_page("/Annots " + "[" * 50_000 + "]" * 50_000)


def pages_in_a_ring() -> bytes:
    return a_raw_pdf(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Pages /Kids [2 0 R] /Count 1 /Parent 2 0 R >>",
    )


def tables_in_a_ring() -> bytes:
    """A table of objects that says that the one before it is itself."""
    content = one_page()
    start = content.rindex(b"xref\n0")
    return content.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % start)


def a_dynamic_form() -> bytes:
    """An XFA form: its one page says that another program is needed."""
    xfa = a_stream(b'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template/></xdp:xdp>')
    return one_page("", "<< /XFA 5 0 R /Fields [] >>", xfa, catalog="/AcroForm 4 0 R /NeedsRendering true")


def a_huge_page() -> bytes:
    return one_page("/MediaBox [0 0 1000000 1000000]")


def scripts_and_files() -> bytes:
    """Scripts that run on opening, a program to launch, a file inside, a form that sends itself."""
    return one_page(
        "/AA << /O 4 0 R >> /Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 99 99] /A << /S /Launch /F (CANARY.exe) >> >>]",
        "<< /S /JavaScript /JS (app.launchURL('http://127.0.0.1/CANARY')) >>",
        "<< /Type /Filespec /F (CANARY.txt) /EF << /F 6 0 R >> >>",
        a_stream(b"CANARY " * 50, "/Type /EmbeddedFile"),
        catalog="/OpenAction 4 0 R /Names << /EmbeddedFiles << /Names [(a) 5 0 R] >> /JavaScript << /Names [(j) 4 0 R] >> >>",
    )


def words_without_their_font() -> bytes:
    """A page that asks for fonts that nobody has, and does not bring them."""
    return one_page(
        "/Contents 4 0 R /Resources << /Font << /A 5 0 R >> >>",
        a_stream(b"BT /A 20 Tf 60 700 Td (Outcomes of the council) Tj ET"),
        "<< /Type /Font /Subtype /TrueType /BaseFont /NoSuchFontOfTheCouncil /Encoding /WinAnsiEncoding >>",
    )


def a_noisy_scan() -> bytes:
    """An A4 page of pure noise at 200 dots per inch: no two points are alike, and nothing packs it."""
    file = io.BytesIO()
    noise = Image.effect_noise((1654, 2339), 120)
    Image.merge("RGB", (noise, noise.rotate(90).resize(noise.size), noise.rotate(180))).save(file, "PDF", quality=95)
    return file.getvalue()
