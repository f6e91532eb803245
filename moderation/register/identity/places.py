"""Schools and other settings, and addresses."""

import re
from collections.abc import Callable, Iterator

from .folding import BREAK, Folded
from .kinds import PLACEHOLDER, Hit, Kind
from .lexicon import AMBIGUOUS, GIVEN_NAMES, ORDINARY, TITLES

CHURCH = r"\((?:VA|VC|CE|C\.?\sof\sE\.?|RC|Aided|Controlled)\)|C\.?\sof\sE\.?|C\.\s?E\.?|R\.\s?C\.?"
CHURCHES = frozenset("c e c.e ce cofe r.c rc va vc aided controlled".split())
WORD = rf"(?:{CHURCH}|(?:St|ST|[A-Z])\.|[A-Z][A-Za-z]{{0,40}}(?:['{BREAK}-][A-Za-z]{{1,40}}){{0,4}}|of|the|and|&|for)"
KIND_OF_SETTING = (
    r"(?:Primary|Infants?|Junior|Secondary|High|Grammar|Middle|Nursery|Pre-?[Ss]chool|Special|Academy|Academies|School|College|Sixth\sForm"
    r"|Children's\sCentre|Family\sHub|Hospital|Surgery|Medical\s(?:Centre|Practice)|Health\sCentre|Clinic|Child\sDevelopment\sCentre"
    r"|Hospice|Residential\sHome|Children's\sHome|Day\sNursery|Playgroup|Youth\sClub|Pupil\sReferral\sUnit|PRU)"
)
SETTING = re.compile(
    rf"(?<![A-Za-z'-])(?:{WORD}\s){{0,5}}?{WORD}[ ](?=[A-Z])(?i:{KIND_OF_SETTING}(?:\s(?:(?:and|&)\s)?{KIND_OF_SETTING}){{0,3}})(?![A-Za-z])"
)
PROPER = rf"(?:St\.|[A-Z][A-Za-z]{{0,40}}(?:['{BREAK}-][A-Za-z]{{1,40}}){{0,4}})"
YSGOL = re.compile(rf"(?<![A-Za-z])(?:Ysgol|YSGOL)(?:[ ](?:(?:y|yr|ar|o|a|Y|YR|AR)[ ])?{PROPER}){{1,5}}")
WHAT = r"(?:school|(?:educational\s)?setting|nursery|pre-?school|college|academy|placement|provider|childminder|surgery|hospital)"
WHATS = rf"{WHAT}(?:\s?/\s?{WHAT}|\sor\s{WHAT})?"
WHEN = r"(?:current|previous|former|present|last|new|named|proposed|preferred|future)"
SETTING_NAMED = rf"name\sof\s(?:the\s)?(?:{WHEN}\s)?{WHATS}|{WHATS}\s(?:name|attended)|{WHEN}\s{WHATS}"
SETTING_LABEL = re.compile(
    rf"(?<![A-Za-z])(?:(?i:{SETTING_NAMED})(?:\s?[:|]\s?|\s?\n)|(?i:{WHATS})\s?[:|]\s?)"
    rf"(?P<name>(?:[Tt]he[ ])?{PROPER}(?:[ ](?:(?:of|the|on|upon|in)[ ]){{0,2}}{PROPER}){{0,5}})"
)
GOES_ON = re.compile(r" ?\d| (?!(?:since|from|until|in|for|where|at|and|or)\b)[a-z]")  # a sentence, or a figure, not a name
GENERIC = frozenset(
    (
        "special primary infant infants junior secondary high grammar middle nursery mainstream maintained independent "
        "academy academies school schools college colleges local the a an of and & for in at new current previous his her "
        "their its this that which any another every all no our your preferred named free church england ce rc catholic "
        "community sixth form further education specialist residential day children's child district general county royal "
        "university placement section type name date from to by with or pupil referral unit hospital clinic surgery "
        "health medical centre practice home hospice youth club playgroup pre-school preschool development family hub "
        "year years key stage after before during reception transition attend attends attended since within parent "
        "parents mother father head teacher senco advice report final plan outcome outcomes provision "
    ).split()
)
SAINT = re.compile(
    r"(?<![A-Za-z])(?:St|Saint)\.?\s[A-Z][a-z]{1,40}(?:'s|'|\s(?:and|&)\s(?:St\.?\s)?[A-Z][a-z]{1,40}(?:'s)?)?(?![A-Za-z])"
)
STREET = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|close|drive|way|court|ct|crescent|cres|gardens|gdns|grove|place|terrace|terr|walk|hill|view|mews"
    r"|park|row|square|sq|rise|green|croft|fold|gate|parade|vale|bank|meadows?|common|path|quay|heights|villas|cottages?|house|buildings|broadway)"
)
ADDRESS = re.compile(
    rf"(?<![\d/.])(?:(?:flat|apartment|apt|unit|room)\s?\d{{0,4}}[a-z]?,?\s)?\d{{1,4}}[a-z]?,?[ ](?:[a-z][a-z'-]{{0,40}}\s){{1,4}}?{STREET}(?![a-z])\.?"
)
ADDRESS_LABEL = re.compile(r"(?<![a-z])(?:home\s)?address(?:\sline\s\d)?\s?[:\n]\s?")
NOT_STREETS = frozenset(
    (
        "minutes minute hours hours' days weeks months years times year pupils children sessions per a the of in to x "
        "per-cent percent and number "
    ).split()
)
LIKE_A_NAME = re.compile(rf"{PROPER}(?:[ ]{PROPER}){{1,2}}")
OF_TWO_WORDS = re.compile(rf"(?!(?i:{KIND_OF_SETTING})\b){PROPER}[ ](?!(?i:{KIND_OF_SETTING})\b){PROPER}[ ]")
SAYS_HOW = re.compile(r"(?:ed|ing|ly|ous|ectomy)$")  # what somebody does or is: "Placement: Unsettled"
SMALL = frozenset("the of on upon and in y".split())
COUNTED = re.compile(
    r"(?<![A-Za-z])(?i:year|lesson|step|level|outcome|target|stage|section|page|table|figure|week|session|part)\s$"
)
ACTIVITIES = frozenset(("forest school", "sunday school", "saturday school", "summer school"))
SHORT = 4  # letters of what in capitals is no name: TBC, NHS
TOWN = 60  # characters between a street and its postcode
POSTCODE_END = re.compile(r"[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}(?![a-z0-9])")


def settings(page: Folded, ordinary: frozenset[str], is_called: Callable[[str], bool]) -> Iterator[Hit]:
    """Settings by the words that such names end with, by their label, and saints. `token` is empty: which one it is, is settled later.

    `is_called`: is somebody of the pack called so? Their name in the line above is no part of the school's.
    """
    for match in SETTING.finditer(page.cased):
        start = _proper_start(match, ordinary)
        if start is not None:
            yield from _below_names(page.cased, start, match.end(), is_called)
    for pattern in (SAINT, YSGOL):
        yield from (Hit(*match.span(), Kind.SETTING, "") for match in pattern.finditer(page.cased))
    yield from labelled_settings(page, ordinary)


def labelled_settings(page: Folded, ordinary: frozenset[str]) -> Iterator[Hit]:
    for match in SETTING_LABEL.finditer(page.cased):
        name = match["name"].removeprefix("The ").removeprefix("the ")
        if _is_setting(name, ordinary) and not GOES_ON.match(page.cased, match.end()):
            yield Hit(match.end() - len(name), match.end(), Kind.SETTING, "")


def _below_names(text: str, start: int, end: int, is_called: Callable[[str], bool]) -> Iterator[Hit]:
    """A setting whose name may wrap, without the lines above it that name somebody: "Tobi Marlow / Beck Lane Primary School".

    Below a line that might name somebody it is looked for by its own line as well.
    """
    line_end = text.rfind("\n", start, end)
    while line_end > start:
        line_start = max(start, text.rfind("\n", start, line_end) + 1)
        upper, stands_alone = (
            text[line_start:line_end],
            text[max(0, line_start - 2) : line_start].strip(" ")[-1:] in ("", "\n", ":", "|"),
        )
        if is_called(upper) and (" " in upper or stands_alone):
            start = line_end + 1
            break
        if stands_alone and LIKE_A_NAME.fullmatch(upper) and OF_TWO_WORDS.match(text, line_end + 1, end):
            yield Hit(line_end + 1, end, Kind.SETTING, "")
        line_end = text.rfind("\n", start, line_end)
    is_label = text[end : end + 2].strip()[:1] in (":", "|")  # "Tobi Marlow School: Beck Lane"
    if not (is_label and is_called(text[start:end].rsplit(" ", 1)[0])):
        yield Hit(start, end, Kind.SETTING, "")


def _proper_start(match: re.Match[str], ordinary: frozenset[str]) -> int | None:
    """Where the proper name begins: "the Special School" has none, "At Beck Lane Primary" begins at Beck.

    In capitals, as in a letterhead, ordinary words do not begin it: "SUPPORT IN SCHOOL" names none.
    """
    stop = GENERIC | ((ORDINARY - AMBIGUOUS) | ordinary if match.group().isupper() else frozenset())
    words = list(re.finditer(r"\S+", match.group()))
    proper = [word for word in words if word.group().strip(".,()").lower() not in stop | CHURCHES]
    if (
        not proper
        or not proper[0].group()[0].isupper()
        or match.string[match.start() + proper[0].start() : match.end()].lower() in ACTIVITIES
    ):
        return None
    return match.start() + proper[0].start()


def _is_setting(name: str, ordinary: frozenset[str]) -> bool:
    """Is what stands behind the label of a setting the name of one, and not what is said of it, by whom, or `TBC`?"""
    words = name.lower().replace(".", "").split()
    if words[0] in TITLES or (len(words) == 1 and (words[0] in GIVEN_NAMES or (name.isupper() and len(name) <= SHORT))):
        return False
    said = any(word in AMBIGUOUS for word in words)  # "Goring Hall" is a place, "Struggling" is none
    return any(word not in ORDINARY | GENERIC | ordinary and (said or not SAYS_HOW.search(word)) for word in words)


def addresses(page: Folded) -> Iterator[Hit]:
    """A house number with a street, and what stands behind the label."""
    for match in ADDRESS.finditer(page.text):
        if _is_street(page.cased, match.start(), match.end()):
            yield Hit(match.start(), match.end() + _town(page.text[match.end() : match.end() + TOWN]), Kind.ADDRESS, "ADDRESS")
    for label in ADDRESS_LABEL.finditer(page.text):
        yield from _labelled(page, label.end())


def _is_street(text: str, start: int, end: int) -> bool:
    """A street is written with capitals, and no part of a plan has its number: "Step 3 Quiet Place", "2 brothers near Rose Hill"."""
    words = [word for word in text[start:end].replace(",", " ").split()[1:] if not word[0].isdigit()]
    named = {word.lower() for word in words[:-1] if word != "The"}
    in_capitals = all(word[0].isupper() or word in SMALL for word in words) and words[-1][0].isupper()
    return in_capitals and not NOT_STREETS & named and COUNTED.search(text, max(0, start - 12), start) is None


def _town(after: str) -> int:
    """How far the address goes on behind its street: to the postcode, if only a town stands between."""
    postcode = POSTCODE_END.search(after)
    between = after[: postcode.start()] if postcode else ""
    return postcode.end() if postcode and re.fullmatch(r"(?:[,\s]+[a-z' -]+){0,3}[,\s]*", between) else 0


def _labelled(page: Folded, start: int) -> Iterator[Hit]:
    """Up to the postcode within reach, else to the end of the line."""
    reach = page.text[start : start + 160]
    postcode = POSTCODE_END.search(reach)
    end = postcode.end() if postcode else (reach.find("\n") if "\n" in reach else len(reach))
    value = PLACEHOLDER.split(reach[:end], maxsplit=1)[0].strip()
    if len(value) > 5:
        offset = start + reach.find(value)
        yield Hit(offset, offset + len(value), Kind.ADDRESS, "ADDRESS")
