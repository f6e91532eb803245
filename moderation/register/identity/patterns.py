"""What has a form of its own: dates of birth, NHS numbers, UPNs, other numbers, postcodes, telephones, e-mail and web addresses."""

import re
from collections.abc import Iterator
from datetime import date

from stdnum.gb import nhs, upn

from .folding import BREAK, Folded
from .kinds import DOB, DOB_DIFFERS, DOB_MATCHES, Hit, Kind

MONTHS = {name: n for n, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}
MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
BOX, BOXES = r"\s?[|\s]\s?", r"\s?[|/.\s-]\s?(?:[/.-]\s?[|\s]\s?)?"  # one character to each cell of a form
BOX_BEFORE = re.compile(rf"(?<![a-z0-9])[a-z0-9]{BOX}$")
DATE = re.compile(
    r"(?<![\d/.-])(?:"
    r"(?P<year>(?:19|20)\d\d)[-/.\x1f]\n?(?P<month>\d{1,2})[-/.\x1f]\n?(?P<day>\d{1,2})"
    r"|(?P<day2>\d{1,2})\s?[-/.\s]\s?(?P<month2>\d{1,2})\s?[-/.\s]\s?(?P<year2>(?:19|20)?\d\d)"
    rf"|(?P<day3>\d{{1,2}})(?:st|nd|rd|th)?[\s-](?:of\s)?(?P<month3>{MONTH})\.?,?[\s-](?P<year3>(?:19|20)?\d\d)"
    rf"|(?P<day5>[0-3]{BOX}\d){BOXES}(?P<month5>[01]{BOX}\d){BOXES}(?P<year5>(?:[12]{BOX}\d{BOX})?\d{BOX}\d)"
    rf"|(?P<month4>{MONTH})\.?\s(?P<day4>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year4>(?:19|20)\d\d)"
    r")(?![\d/])"
)
BIRTH_LABEL = re.compile(r"(?<![a-z])(?:d\.?\s?o\.?\s?b\b\.?|date\sof\sbirth|birth\s?date|born(?:\son)?)")
BIRTH_NEAR = 160  # characters after a label in which the first date of a child's age is taken for theirs: tables part the two
OLDEST_BIRTH = 30  # years

NHS_NUMBER = re.compile(  # in its three groups, or in one that a narrow cell of a table divides anywhere
    rf"(?<![\d.])(?:\d{{3}}[\s.-]?\d{{3}}[\s.-]?\d{{4}}|(?=(?:\d\n?){{10}}(?!\d))\d+\n\d+|\d(?:{BOX}\d){{9}}(?!{BOX}\d(?!\d)))(?!\d)"
)
UPN_NUMBER = re.compile(r"(?<![a-z0-9])[a-hj-np-rt-z](?:[\s|]{0,3}\d){11}[\s|]{0,3}[0-9a-hj-np-rt-z](?![a-z0-9])")
LABELLED = re.compile(
    r"(?<![a-z])(?P<what>nhs|upn|uln|unique\s(?:pupil|learner)|national\sinsurance|ni|hospital|patient|mrn|case|client|pupil|student|person|child(?:'s)?"
    r"|social\scare|mosaic|liquid\s?logic|carefirst|capita|synergy|ehm|ehcp?|ehc\splan|file|passport|our|your)"
    r"\s?(?P<word>no\b\.?|numbers?\b|num\b\.?|id\b|ref\b\.?|reference\b)?[\s:#.-]{0,4}(?:(?:is|was)\s)?"
    rf"(?P<number>(?P<boxed>[a-z0-9](?:{BOX}[a-z0-9](?![a-z0-9])){{6,15}})|[a-z]{{0,4}}[\s/-]?\d[a-z0-9/ {BREAK}-]{{0,19}}(?<=[a-z0-9/]))(?![a-z0-9])"
)
LENGTHS = {"nhs": 10, "upn": 13, "uln": 10, "unique pupil": 13, "unique learner": 10}  # letters and digits
NOTHING = re.compile(r"(?!)")
GOES_ON = re.compile(  # in the next line, where nobody knows how long it is: no year, no telephone, no small count of things
    r"(?:/ ?\n|\n/)\d{2,10}(?![a-z0-9])|\n(?!0|(?:19|20)\d\d(?!\d))\d{4,10}(?![a-z0-9/:-]|[. ,]\d)"
)
NEEDS_NO_WORD = ("nhs", "upn", "uln", "mrn", "unique")
INSURANCE = re.compile(r"(?<![a-z0-9])[a-z]{2}\s?\d\d\s?\d\d\s?\d\d\s?[a-d](?![a-z0-9])")
POSTCODE = re.compile(
    r"(?<![a-z0-9])(?:gir\s?0aa|(?:[a-pr-uwyz]\d[\da-hjkpstuw]?|[a-pr-uwyz][a-hk-y]\d[\dabehmnprv-y]?)(?P<gap>\s?)\d[abd-hjlnp-uw-z]{2})(?![a-z0-9])"
)
# What follows the dot at the end of a line is an ending, not a sentence.
ENDS = r"(?=(?:com|co|org|net|uk|gov|nhs|sch|ac|edu|ie|eu)(?![a-z-]))"
# No repeat is without a bound: a page of one endless word takes no longer than another page.
LABELS = 8
EMAIL = re.compile(
    rf"[a-z0-9](?:[a-z0-9._%+'{BREAK}-]|(?<=\d)\n(?=\d)){{0,64}}(?:\s?@\s?|\s?\[at\]\s?)[a-z0-9{BREAK}-]{{1,63}}(?:\n(?=[a-z0-9-]{{1,63}}\.[a-z]{{2}})[a-z0-9-]{{1,63}})?"
    rf"(?:\n?\.(?:\n{ENDS})?[a-z0-9{BREAK}-]{{1,63}}){{0,{LABELS}}}\n?\.(?:\n{ENDS})?(?:[a-z]{{2,63}}|[a-z]\n(?:om|o|rg|et|k)(?![a-z]))"
)
URL = re.compile(
    r"(?:https?://|www\.)[^\s<>()\"]{0,2000}[^\s<>()\".,;:]"
    rf"|(?<![@\w.-])(?:[a-z0-9-]{{1,63}}\.){{1,{LABELS}}}(?:sch|org|co|gov|nhs|ac|me)\.uk(?:/[^\s<>()\",;]{{0,2000}}[^\s<>()\",.;:])?"
    r"|(?<![@\w.-])[a-z0-9-]{3,63}\.(?:com|org|net|school|education|co)(?![\w.])(?:/[^\s<>()\",;]{0,2000})?"
)


def shapes(page: Folded) -> Iterator[Hit]:
    """Everything on a page that is known by its form alone."""
    yield from _labelled_numbers(page)
    yield from (Hit(*match.span(), Kind.EMAIL, "EMAIL") for match in emails(page.text))
    for kind, token, pattern in ((Kind.URL, "WEB ADDRESS", URL), (Kind.NUMBER, "NUMBER", INSURANCE)):
        yield from (Hit(*match.span(), kind, token) for match in pattern.finditer(page.text))
    yield from (
        Hit(*match.span(), Kind.POSTCODE, "POSTCODE") for match in POSTCODE.finditer(page.text) if _is_postcode(page, match)
    )
    yield from (Hit(*m.span(), Kind.NHS_NUMBER, "NHS NUMBER") for m in NHS_NUMBER.finditer(page.text) if _is_nhs(m))
    yield from (Hit(*m.span(), Kind.UPN, "UPN") for m in UPN_NUMBER.finditer(page.text) if _is_upn(m.group()))


def emails(text: str) -> Iterator[re.Match[str]]:
    return EMAIL.finditer(text) if "@" in text or "[at]" in text else iter(())


def _is_postcode(page: Folded, match: re.Match[str]) -> bool:
    """In capitals, or with its gap: `e1 2nd` in a sentence is neither."""
    cased = page.cased[match.start() : match.end()]
    return cased.isupper() or (bool(match["gap"]) and cased[0].isupper()) or match.group()[-2:] not in ("st", "nd", "rd", "th")


def _is_nhs(match: re.Match[str]) -> bool:
    """With its check digit, and if it stands in boxes, from the first box on: ten boxes of a longer number are none."""
    is_part = not match.group()[:2].isdigit() and BOX_BEFORE.search(match.string, max(0, match.start() - 5), match.start())
    return not is_part and bool(nhs.is_valid(_digits(match.group())))


def _is_upn(text: str) -> bool:
    return upn.is_valid(re.sub(r"[\s|]", "", text).upper())


def _labelled_numbers(page: Folded) -> Iterator[Hit]:
    """A number behind its label is one even if its check digit is wrong: a slip of the pen still identifies."""
    for match in LABELLED.finditer(page.text):
        what = match["what"]
        if not match["word"] and not what.startswith(NEEDS_NO_WORD):
            continue
        number = _whole(page, match)
        if sum(letter.isdigit() for letter in number) < 4 or DATE.fullmatch(number):
            continue
        kind, token = {"nhs": (Kind.NHS_NUMBER, "NHS NUMBER"), "upn": (Kind.UPN, "UPN"), "uni": (Kind.UPN, "UPN")}.get(
            what[:3], (Kind.NUMBER, "NUMBER")
        )
        start = match.start("number")
        yield Hit(start, start + len(number), kind, token)


def _whole(page: Folded, match: re.Match[str]) -> str:
    """The number, with what of it stands in the next line: as much as its length asks for, else a whole run of digits."""
    if match["boxed"]:
        return _boxed(match["boxed"], LENGTHS.get(" ".join(match["what"].split()), len(match["boxed"])))
    number = _digits_only_end(match["number"])
    start, end = match.start("number"), match.start("number") + len(number)
    rest = _rest(match["what"], sum(letter.isalnum() for letter in number)).match(page.text, end)
    return page.text[start : rest.end()] if rest else number


def _boxed(number: str, length: int) -> str:
    """As many boxes as the number has letters and digits."""
    filled = [place for place, letter in enumerate(number) if letter.isalnum()]
    return number[: filled[min(length, len(filled)) - 1] + 1]


def _rest(what: str, there: int) -> re.Pattern[str]:
    """How a number goes on in the next line after so many letters and digits."""
    length = LENGTHS.get(" ".join(what.split()))
    if length is None:
        return GOES_ON if there > 2 else NOTHING
    missing = length - there
    return re.compile(rf"[ -]?\n(?:[ -]?\d){{{missing - 1}}}(?:[ -]?\d|(?<=\d)[a-z])(?![a-z0-9])") if missing > 0 else NOTHING


def _digits_only_end(number: str) -> str:
    """Without the words that follow a number on the same line."""
    cut = re.search(r"\s(?=[a-z]{2,}|[a-z]\s)", number)
    return (number[: cut.start()] if cut else number).rstrip(f" -/{BREAK}")


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


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
    for suffix in ("", "2", "3", "4", "5"):
        if match[f"year{suffix}"]:
            return _day(*(re.sub(r"[\s|]", "", match[f"{part}{suffix}"]) for part in ("day", "month", "year")))
    return None


def _day(day: str, month: str, year: str) -> date | None:
    number = int(year) if len(year) == 4 else 2000 + int(year)
    try:
        return date(number, int(month) if month.isdigit() else MONTHS[month[:3]], int(day))
    except ValueError:
        return None
