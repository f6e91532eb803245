"""What has a form of its own: dates of birth, NHS numbers, UPNs, other numbers, postcodes, telephones, e-mail and web addresses."""

import re
from collections.abc import Iterator
from datetime import date

import phonenumbers
from stdnum.gb import nhs, upn

from .folding import Folded
from .kinds import DOB, DOB_DIFFERS, DOB_MATCHES, Hit, Kind

MONTHS = {name: n for n, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}
MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
DATE = re.compile(
    r"(?<![\d/.-])(?:"
    r"(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"|(?P<day2>\d{1,2})\s?[-/.\s]\s?(?P<month2>\d{1,2})\s?[-/.\s]\s?(?P<year2>(?:19|20)?\d\d)"
    rf"|(?P<day3>\d{{1,2}})(?:st|nd|rd|th)?[\s-](?:of\s)?(?P<month3>{MONTH})\.?,?[\s-](?P<year3>(?:19|20)?\d\d)"
    rf"|(?P<month4>{MONTH})\.?\s(?P<day4>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year4>(?:19|20)\d\d)"
    r")(?![\d/])"
)
BIRTH_LABEL = re.compile(r"(?<![a-z])(?:d\.?\s?o\.?\s?b\b\.?|date\sof\sbirth|birth\s?date|born(?:\son)?)")
BIRTH_NEAR = 160  # characters after a label in which the first date of a child's age is taken for theirs: tables part the two
OLDEST_BIRTH = 30  # years

NHS_NUMBER = re.compile(r"(?<![\d.])\d{3}[\s.-]?\d{3}[\s.-]?\d{4}(?![\d])")
UPN_NUMBER = re.compile(r"(?<![a-z0-9])[a-hj-np-rt-z](?:\s?\d){11}\s?[0-9a-hj-np-rt-z](?![a-z0-9])")
LABELLED = re.compile(
    r"(?<![a-z])(?P<what>nhs|upn|uln|unique\s(?:pupil|learner)|national\sinsurance|ni|hospital|patient|mrn|case|client|pupil|student|person|child(?:'s)?"
    r"|social\scare|mosaic|liquid\s?logic|carefirst|capita|synergy|ehm|ehcp?|ehc\splan|file|passport|our|your)"
    r"\s?(?P<word>no\b\.?|numbers?\b|num\b\.?|id\b|ref\b\.?|reference\b)?[\s:#.-]{0,4}(?P<number>[a-z]{0,4}[\s/-]?\d[a-z0-9/ -]{2,18}[a-z0-9])(?![a-z0-9])"
)
NEEDS_NO_WORD = ("nhs", "upn", "uln", "mrn", "unique")
INSURANCE = re.compile(r"(?<![a-z0-9])[a-z]{2}\s?\d\d\s?\d\d\s?\d\d\s?[a-d](?![a-z0-9])")
POSTCODE = re.compile(
    r"(?<![a-z0-9])(?:gir\s?0aa|(?:[a-pr-uwyz]\d[\da-hjkpstuw]?|[a-pr-uwyz][a-hk-y]\d[\dabehmnprv-y]?)(?P<gap>\s?)\d[abd-hjlnp-uw-z]{2})(?![a-z0-9])"
)
EMAIL = re.compile(r"[a-z0-9][a-z0-9._%+'-]*(?:\s?@\s?|\s?\[at\]\s?)[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}")
URL = re.compile(r"(?:https?://|www\.)[^\s<>()\"]+[^\s<>()\".,;:]|(?<![@\w.])(?:[a-z0-9-]+\.)+(?:sch|org|co|gov|nhs|ac|me)\.uk(?:/[^\s<>()\",;]*[^\s<>()\",.;:])?"
                 r"|(?<![@\w.])[a-z0-9-]{3,}\.(?:com|org|net|school|education|co)(?![\w.])(?:/[^\s<>()\",;]*)?")  # fmt: skip
TELEPHONE = re.compile(r"(?<![\d.])(?:\+|00)?(?:44[\s(0)-]{0,5})?\(?0?\d(?:(?:[ ()-]{0,2}|\.)\d){8,12}(?!\d)")
TELEPHONE_LABEL = re.compile(r"(?:tel(?:ephone)?|phone|mobile|mob|fax|contact(?:\sno|\snumber)?)\b[\s.:)no-]{0,8}$")
INTERNAL = ("moderation",)


def shapes(page: Folded) -> Iterator[Hit]:
    """Everything on a page that is known by its form alone."""
    yield from _labelled_numbers(page)
    for kind, token, pattern in ((Kind.EMAIL, "EMAIL", EMAIL), (Kind.URL, "WEB ADDRESS", URL), (Kind.NUMBER, "NUMBER", INSURANCE)):
        yield from (Hit(*match.span(), kind, token) for match in pattern.finditer(page.text))
    yield from (
        Hit(*match.span(), Kind.POSTCODE, "POSTCODE") for match in POSTCODE.finditer(page.text) if _is_postcode(page, match)
    )
    yield from (Hit(*m.span(), Kind.NHS_NUMBER, "NHS NUMBER") for m in NHS_NUMBER.finditer(page.text) if nhs.is_valid(m.group()))
    yield from (Hit(*m.span(), Kind.UPN, "UPN") for m in UPN_NUMBER.finditer(page.text) if _is_upn(m.group()))
    yield from _telephones(page)


def _is_postcode(page: Folded, match: re.Match[str]) -> bool:
    """In capitals, or with its gap: `e1 2nd` in a sentence is neither."""
    cased = page.cased[match.start() : match.end()]
    return cased.isupper() or (bool(match["gap"]) and cased[0].isupper()) or match.group()[-2:] not in ("st", "nd", "rd", "th")


def _is_upn(text: str) -> bool:
    return upn.is_valid("".join(text.split()).upper())


def _labelled_numbers(page: Folded) -> Iterator[Hit]:
    """A number behind its label is one even if its check digit is wrong: a slip of the pen still identifies."""
    for match in LABELLED.finditer(page.text):
        what = match["what"]
        if not match["word"] and not what.startswith(NEEDS_NO_WORD):
            continue
        number = _digits_only_end(match["number"])
        if sum(letter.isdigit() for letter in number) < 4 or DATE.fullmatch(number):
            continue
        kind, token = {"nhs": (Kind.NHS_NUMBER, "NHS NUMBER"), "upn": (Kind.UPN, "UPN"), "uni": (Kind.UPN, "UPN")}.get(
            what[:3], (Kind.NUMBER, "NUMBER")
        )
        start = match.start("number")
        yield Hit(start, start + len(number), kind, token)


def _digits_only_end(number: str) -> str:
    """Without the words that follow a number on the same line."""
    cut = re.search(r"\s(?=[a-z]{2,}|[a-z]\s)", number)
    return (number[: cut.start()] if cut else number).rstrip(" -/")


def _telephones(page: Folded) -> Iterator[Hit]:
    for match in TELEPHONE.finditer(page.text):
        labelled = TELEPHONE_LABEL.search(page.text[max(0, match.start() - 24) : match.start()]) is not None
        if labelled or _is_telephone(match.group()):
            yield Hit(*match.span(), Kind.TELEPHONE, "TELEPHONE")


def _is_telephone(text: str) -> bool:
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        return False
    starts_like_one = text.lstrip("( ").startswith(("0", "+"))
    return (
        starts_like_one
        and phonenumbers.is_possible_number(number)
        and (phonenumbers.is_valid_number(number) or text.lstrip("( ").startswith(("01", "02", "07", "+44")))
    )


def births(page: Folded, born: date | None, labelled: frozenset[date], today: date) -> Iterator[Hit]:
    """Dates behind a label, and the known dates wherever they stand."""
    near = _after_labels(page, today)
    for match in DATE.finditer(page.text):
        day = day_of(match)
        if match.start() in near or (day is not None and (day == born or day in labelled)):
            yield Hit(*match.span(), Kind.BIRTH, _birth_token(day, born))


def labelled_births(page: Folded, today: date) -> Iterator[date]:
    """The dates that a page calls a date of birth: elsewhere they stand without the label."""
    near = _after_labels(page, today)
    days = (day_of(match) for match in DATE.finditer(page.text) if match.start() in near)
    yield from (day for day in days if day is not None)


def _birth_token(day: date | None, born: date | None) -> str:
    if born is None:
        return DOB
    return DOB_MATCHES if day == born else DOB_DIFFERS


def _after_labels(page: Folded, today: date) -> set[int]:
    """Where the dates begin that labels speak of: the first one of a child's age within reach."""
    places = set()
    for label in BIRTH_LABEL.finditer(page.text):
        for match in DATE.finditer(page.text, label.end(), label.end() + BIRTH_NEAR):
            day = day_of(match)
            if match.start() - label.end() < 8 or (day and 0 <= today.year - day.year <= OLDEST_BIRTH):
                places.add(match.start())
                break
    return places


def day_of(match: re.Match[str]) -> date | None:
    """The day that a written date means, in British order."""
    for suffix in ("", "2", "3", "4"):
        if match[f"year{suffix}"]:
            return _day(match[f"day{suffix}"], match[f"month{suffix}"], match[f"year{suffix}"])
    return None


def _day(day: str, month: str, year: str) -> date | None:
    number = int(year) if len(year) == 4 else 2000 + int(year)
    try:
        return date(number, int(month) if month.isdigit() else MONTHS[month[:3]], int(day))
    except ValueError:
        return None
