"""The text of a Word file made ready for mammoth: numbers of headings and lists written out, hidden text gone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from .refusals import Refusal

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WIDEST = 63  # columns: what Word itself allows
DEEPEST = 6  # tables within tables
ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"),
    (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
EMPTY, TICKED = "\u2610", "\u2612"
BOXES = {  # what mammoth makes of symbols in forms, as characters that our fonts have
    0x1F78E: EMPTY, 0x1F78F: EMPTY, 0x1F790: EMPTY, 0x1F5F7: TICKED, 0x1F5F5: TICKED, 0x2BBD: TICKED, 0x1F5F9: "\u2611",
    0x1F5F8: "\u2713", 0x1F5F4: "\u2717", 0x1F5F6: "\u2717", 0x1F868: "\u2190", 0x1F869: "\u2191", 0x1F86A: "\u2192",
    0x1F86B: "\u2193",
}  # fmt: skip
SYMBOLS = frozenset({"Wingdings", "Wingdings 2", "Wingdings 3", "Webdings"})  # fonts whose letters are pictures
register_namespace("w", W[1:-1])


@dataclass(frozen=True)
class Level:
    """How one level of a numbering is written: `pattern` like "Section %1:"."""

    form: str
    pattern: str
    start: int
    style: str | None


@dataclass(frozen=True)
class Scheme:
    """A numbering: paragraphs with the same `counts` go on counting together."""

    counts: str
    levels: Mapping[int, Level]
    restarts: bool = False


def prepared(parts: Mapping[str, Element]) -> tuple[dict[str, bytes], bool]:
    """The parts as they go on, and whether the pages lie on their side."""
    document = parts["document.xml"]
    _check_depth(document)
    for name in ("document.xml", "footnotes.xml", "endnotes.xml"):
        if name in parts:
            _drop_hidden(parts[name])
            _narrow(parts[name])
            _open_fields(parts[name])
            _spell_symbols(parts[name])
    _write_numbers(document, _schemes(parts.get("numbering.xml")), _style_numbers(parts.get("styles.xml")))
    return {name: tostring(part) for name, part in parts.items()}, _is_landscape(document)


def _check_depth(document: Element) -> None:
    waiting = [(document, 0)]
    while waiting:
        element, depth = waiting.pop()
        depth += element.tag == W + "tbl"
        if depth > DEEPEST:
            raise Refusal("has tables within tables that cannot be laid out. Save it as PDF in Word, and add that")
        waiting.extend((child, depth) for child in element)


def _drop_hidden(part: Element) -> None:
    for parent in list(part.iter()):
        for run in parent.findall(W + "r"):
            if _is_on(run.find(f"{W}rPr/{W}vanish")):
                parent.remove(run)


def _is_on(switch: Element | None) -> bool:
    return switch is not None and switch.get(W + "val", "1") not in ("0", "false", "off")


def _open_fields(part: Element) -> None:
    """mammoth does not look into a simple field; into a tag it does."""
    for field in part.iter(W + "fldSimple"):
        field.tag = W + "smartTag"


def _spell_symbols(part: Element) -> None:
    """Letters in a font of pictures become the characters that they show: in such a form an empty box is typed as a letter."""
    from mammoth.docx.dingbats import dingbats

    for run in part.iter(W + "r"):
        fonts = run.find(f"{W}rPr/{W}rFonts")
        font = fonts.get(W + "ascii", fonts.get(W + "hAnsi", "")) if fonts is not None else ""
        for text in run.findall(W + "t") if font in SYMBOLS else ():
            shown = (
                dingbats.get((font, ord(letter) & 0xFF)) if 0x20 < ord(letter) < 0xF100 else None for letter in text.text or ""
            )
            text.text = "".join(chr(sign) if sign else letter for sign, letter in zip(shown, text.text or "", strict=True))


def _narrow(part: Element) -> None:
    for span in part.iter(W + "gridSpan"):
        span.set(W + "val", str(min(max(_whole(span, 1), 1), WIDEST)))


def _whole(element: Element | None, otherwise: int) -> int:
    text = element.get(W + "val", "") if element is not None else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else otherwise


def _is_landscape(document: Element) -> bool:
    sizes = list(document.iter(W + "pgSz"))
    turned = sum(size.get(W + "orient") == "landscape" for size in sizes)
    return 2 * turned > len(sizes)


def _write_numbers(document: Element, schemes: Mapping[str, Scheme], by_style: Mapping[str, tuple[str, int]]) -> None:
    """Word counts when it shows a text; the numbers belong to the plan ("E2"), so they become words here."""
    counts: dict[str, dict[int, int]] = {}
    restarted: set[str] = set()
    for paragraph in document.iter(W + "p"):
        numbered, depth = _numbered(paragraph, by_style)
        scheme = schemes.get(numbered)
        level = scheme.levels.get(depth) if scheme else None
        if scheme is None or level is None or level.form == "bullet":
            continue
        if scheme.restarts and numbered not in restarted:
            counts.pop(scheme.counts, None)
            restarted.add(numbered)
        label = _label(scheme, depth, counts.setdefault(scheme.counts, {}))
        _put(paragraph, label)


def _numbered(paragraph: Element, by_style: Mapping[str, tuple[str, int]]) -> tuple[str, int]:
    """The numbering and the level of a paragraph, of its own or of its style; "" for none."""
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    inherited = by_style.get(style.get(W + "val", "") if style is not None else "", ("", 0))
    own = paragraph.find(f"{W}pPr/{W}numPr")
    if own is None:
        return inherited
    number = own.find(W + "numId")
    return (number.get(W + "val", "") if number is not None else inherited[0]), _whole(own.find(W + "ilvl"), inherited[1])


def _label(scheme: Scheme, depth: int, counts: dict[int, int]) -> str:
    counts[depth] = counts[depth] + 1 if depth in counts else scheme.levels[depth].start
    for deeper in [each for each in counts if each > depth]:
        del counts[deeper]
    label = scheme.levels[depth].pattern
    for each, level in scheme.levels.items():
        label = label.replace(f"%{each + 1}", _written(level.form, counts.get(each, level.start)))
    return label.strip()


def _written(form: str, number: int) -> str:
    if form in ("upperLetter", "lowerLetter"):
        letters = chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 20)
        return letters.upper() if form == "upperLetter" else letters
    if form in ("upperRoman", "lowerRoman"):
        return _roman(number).upper() if form == "upperRoman" else _roman(number)
    if form == "none":
        return ""
    return f"{number:02}" if form == "decimalZero" else str(number)


def _roman(number: int) -> str:
    written, left = "", min(number, 3999)
    for value, letters in ROMAN:
        written += letters * (left // value)
        left %= value
    return written


def _put(paragraph: Element, label: str) -> None:
    """The label as the first words of the paragraph, which is then numbered no more."""
    properties = paragraph.find(W + "pPr")
    if properties is None:
        properties = Element(W + "pPr")
        paragraph.insert(0, properties)
    for old in properties.findall(W + "numPr"):
        properties.remove(old)
    numbering = SubElement(properties, W + "numPr")
    SubElement(numbering, W + "ilvl", {W + "val": "0"})
    SubElement(numbering, W + "numId", {W + "val": "0"})
    run = Element(W + "r")
    SubElement(run, W + "t").text = f"{label} " if label else ""
    paragraph.insert(list(paragraph).index(properties) + 1, run)


def _schemes(numbering: Element | None) -> dict[str, Scheme]:
    """The numberings by the id that paragraphs use."""
    if numbering is None:
        return {}
    abstract = {each.get(W + "abstractNumId", ""): dict(_levels(each)) for each in numbering.findall(W + "abstractNum")}
    schemes = {}
    for each in numbering.findall(W + "num"):
        target = each.find(W + "abstractNumId")
        counts = target.get(W + "val", "") if target is not None else ""
        starts = {_int(one, "ilvl"): _whole(one.find(W + "startOverride"), -1) for one in each.findall(W + "lvlOverride")}
        levels = {
            depth: Level(level.form, level.pattern, starts[depth] if starts.get(depth, -1) >= 0 else level.start, level.style)
            for depth, level in abstract.get(counts, {}).items()
        }
        schemes[each.get(W + "numId", "")] = Scheme(counts, levels, any(start >= 0 for start in starts.values()))
    return schemes


def _levels(abstract: Element) -> Iterator[tuple[int, Level]]:
    for level in abstract.findall(W + "lvl"):
        form, text, style = (level.find(W + name) for name in ("numFmt", "lvlText", "pStyle"))
        yield (
            _int(level, "ilvl"),
            Level(
                form.get(W + "val", "decimal") if form is not None else "decimal",
                text.get(W + "val", "") if text is not None else "",
                _whole(level.find(W + "start"), 1),
                style.get(W + "val") if style is not None else None,
            ),
        )


def _int(element: Element, name: str) -> int:
    text = element.get(W + name, "")
    return int(text) if text in tuple("012345678") else 0


def _style_numbers(styles: Element | None) -> dict[str, tuple[str, int]]:
    """Numbering and level by style, also where a style takes them from the one it is based on."""
    if styles is None:
        return {}
    known = {style.get(W + "styleId", ""): style for style in styles.findall(W + "style")}
    found = {}
    for name in known:
        number = _style_number(name, known)
        if number:
            found[name] = number
    return found


def _style_number(name: str, known: Mapping[str, Element]) -> tuple[str, int] | None:
    for _ in range(12):  # a chain of styles is short; a loop is a fault of the file
        style = known.get(name)
        if style is None:
            return None
        own = style.find(f"{W}pPr/{W}numPr")
        number = own.find(W + "numId") if own is not None else None
        if own is not None and number is not None:
            return number.get(W + "val", ""), _whole(own.find(W + "ilvl"), 0)
        based = style.find(W + "basedOn")
        name = based.get(W + "val", "") if based is not None else ""
    return None
