"""Telephone numbers, on one line or over the ends of lines."""

import re
from collections.abc import Iterator

import phonenumbers

from .folding import BREAK, Folded
from .kinds import Hit, Kind
from .patterns import DATE, day_of

START = r"(?:\+|00)?(?:44[\s(0)-]{0,5})?\(?0?\d"
ON_A_LINE = re.compile(rf"(?<![\d.]){START}(?:(?:[ ()-]{{0,2}}|\.|(?<=\d\d\d)(?:/| - )(?=\d\d\d))\d){{8,12}}(?!\d)")
GROUPS = r"(?:[ ()-]{0,2}\d){0,12}"
OVER_LINES = re.compile(rf"(?<![\d.])(?=(?P<number>{START}{GROUPS}(?:[ ()-]{{0,2}}[\n{BREAK}]\(?\d{GROUPS}){{1,2}}))")
LABEL = re.compile(r"(?:tel(?:ephone)?|phone|mobile|mob|fax|contact(?:\sno|\snumber)?)\b[\s.:)no-]{0,8}$")
LINE_END = re.compile(rf"[\n{BREAK}]")
ABROAD = re.compile(r"^(?:\+|00)\d\d|\(0\)")
NATIONAL = ("01", "02", "03", "07", "08")
LEAST, MOST = 9, 11  # digits of a number at home, its 0 included or left out


def telephones(page: Folded) -> Iterator[Hit]:
    for match in ON_A_LINE.finditer(page.text):
        is_one = _is_labelled(page, match.start()) or _is_telephone(match.group())
        end = match.end() if is_one and not _is_date(match.group()) else _end(page, match.start(), match.group())
        if end:
            yield Hit(match.start(), end, Kind.TELEPHONE, "TELEPHONE")
    for match in OVER_LINES.finditer(page.text):
        first = LINE_END.search(match["number"])
        if first and not _is_valid(match["number"][: first.start()]):
            end = _end(page, match.start(), match["number"], first.end())
            if end:
                yield Hit(match.start(), end, Kind.TELEPHONE, "TELEPHONE")


def _end(page: Folded, start: int, text: str, least: int = 0) -> int | None:
    """Where a number ends that other digits follow: in a row of numbers or dates, or in the next line, none begins."""
    labelled = least > 0 and _is_labelled(page, start) and sum(map(str.isdigit, text[:least])) < LEAST
    ends = [gap.start() for gap in re.finditer(r"(?<=\d)(?!\d)", text) if gap.start() > least]
    ends = [end for end in ends if not page.text[start + end : start + end + 1].isdigit()]
    whole = (end for end in reversed(ends) if _is_sure(text[:end]) or (labelled and _is_local(text[:end])))
    return next((start + end for end in whole if not _is_date(text[:end])), None)


def _is_labelled(page: Folded, start: int) -> bool:
    return LABEL.search(page.text[max(0, start - 24) : start]) is not None


def _is_local(text: str) -> bool:
    return LEAST <= sum(map(str.isdigit, text)) <= MOST


def _is_date(text: str) -> bool:
    """Does it begin with one? `01.02.2024 12` are no telephone."""
    match = DATE.match(text)
    return match is not None and day_of(match) is not None and re.search(r"(?:19|20)\d\d", match.group()) is not None


def _is_sure(text: str) -> bool:
    """A number of the right length in groups as telephones have them: `01 02 03` and `04 05 06` below are none."""
    joined = LINE_END.sub("", text)
    groups = re.findall(r"\d+", ABROAD.sub(" ", joined))
    is_home = joined.lstrip("( ").startswith(NATIONAL) and sum(map(len, groups)) == MOST
    return min(map(len, groups), default=0) >= 3 and (is_home or (joined.startswith(("+", "00", "(0", "0")) and _is_valid(joined)))


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(LINE_END.sub(" ", text), "GB")
    except phonenumbers.NumberParseException:
        return None


def _is_valid(text: str) -> bool:
    number = _parsed(text)
    return number is not None and phonenumbers.is_valid_number(number)


def _is_telephone(text: str) -> bool:
    number = _parsed(text)
    plain = text.lstrip("( ")
    if number is None or not plain.startswith(("0", "+")) or not phonenumbers.is_possible_number(number):
        return False
    return phonenumbers.is_valid_number(number) or plain.startswith(("01", "02", "07", "+44", "0044"))
