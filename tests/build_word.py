"""Word files for tests, made of the parts they are about."""

import io
import zipfile
from collections.abc import Mapping

HEAD = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">'
)
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="png" ContentType="image/png"/><Default Extension="emf" ContentType="image/x-emf"/>'
    '<Override PartName="/word/document.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
    "</Types>"
)
STYLES = (
    '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    + "".join(
        f'<w:style w:type="paragraph" w:styleId="Heading{level}"><w:name w:val="heading {level}"/></w:style>' for level in (1, 2, 3)
    )
    + "</w:styles>"
)
OUTSIDE = ' TargetMode="External"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def a_word_file(body: str, parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """A DOCX with this body (WordprocessingML) and these parts besides."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        all_parts = {
            "[Content_Types].xml": TYPES,
            "word/document.xml": f"{HEAD}<w:body>{body}</w:body></w:document>",
            "word/styles.xml": STYLES,
            **(parts or {}),
        }
        for name, content in all_parts.items():
            package.writestr(name, content)
    return file.getvalue()


def para(text: str, style: str = "", properties: str = "") -> str:
    style = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f'<w:p><w:pPr>{style}{properties}</w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def numbered(text: str, number: str = "1", level: int = 0) -> str:
    return para(text, properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def table(*rows: tuple[str, ...]) -> str:
    lines = ("".join(f"<w:tc>{para(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{line}</w:tr>' for line in lines)}</w:tbl>"


def run(content: str) -> str:
    return f"<w:r>{content}</w:r>"


def text_run(text: str, font: str = "") -> str:
    fonts = f'<w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}"/></w:rPr>' if font else ""
    return run(f'{fonts}<w:t xml:space="preserve">{text}</w:t>')


def symbol(code: str, font: str = "Wingdings") -> str:
    return run(f'<w:sym w:font="{font}" w:char="{code}"/>')


def form_box(ticked: int) -> str:
    """A box to tick of an old form."""
    box = f'<w:ffData><w:checkBox><w:default w:val="{ticked}"/></w:checkBox></w:ffData>'
    return (
        run(f'<w:fldChar w:fldCharType="begin">{box}</w:fldChar>')
        + run('<w:instrText xml:space="preserve"> FORMCHECKBOX </w:instrText>')
        + run('<w:fldChar w:fldCharType="end"/>')
    )


def control_box(ticked: int) -> str:
    """A box to tick as Word makes it now."""
    box = (
        '<w14:checkbox xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml">'
        f'<w14:checked w14:val="{ticked}"/></w14:checkbox>'
    )
    return f"<w:sdt><w:sdtPr>{box}</w:sdtPr><w:sdtContent>{text_run('x')}</w:sdtContent></w:sdt>"


def picture(relationship: str = "r1") -> str:
    return (
        "<w:p><w:r><w:drawing><wp:inline><a:graphic><a:graphicData><pic:pic><pic:blipFill>"
        f'<a:blip r:embed="{relationship}"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>'
        "</w:r></w:p>"
    )


def relationships(*targets: tuple[str, str, bool]) -> dict[str, str]:
    """The document's relationships: (id, target, whether it is outside of the file)."""
    lines = "".join(
        f'<Relationship Id="{name}" Type="{OFFICE}/image" Target="{target}"{OUTSIDE if outside else ""}/>'
        for name, target, outside in targets
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return {"word/_rels/document.xml.rels": f'<Relationships xmlns="{space}">{lines}</Relationships>'}
