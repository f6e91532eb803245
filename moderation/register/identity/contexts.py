"""People whom nobody has named to us, known by what stands around them: titles, labels, relations, sentences, signatures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .folding import BREAK, Folded
from .kinds import RoleToken
from .lexicon import AMBIGUOUS, DATED, GIVEN_NAMES, GIVEN_WORDS, ORDINARY, PARTICLES, SURNAMES, TITLES
from .patterns import emails
from .roles import LABELS, STAFF_ROLES, relation_role, role_in, titled_role
from .wordlike import is_asked, is_believed, is_no_name, is_word, within_sentences

NAME = rf"[A-Z][A-Za-z]{{0,40}}(?:['{BREAK}-][A-Za-z]{{1,40}}){{0,4}}"  # bounded, so that no page takes for ever
PARTICLE = r"(?:(?:al|el|ap|ab|bin|bint|ibn|de|da|di|la|le|van|von|der|den|ul|ur|dos|du)[\s-])"
NEXT_TITLE = r"(?!(?:Mr|Mrs|Ms|Miss|Mx|Dr|MR|MRS|MISS|DR)\b)"
FULL = rf"(?:(?:[A-Z]\.){{1,3}}(?:{NAME})?|{NAME})(?:[ ]{PARTICLE}{{0,2}}(?:[A-Z]\.[ ])?{NEXT_TITLE}{NAME}){{0,3}}"
TITLE_WORDS = "Miss|Professor|Doctor|Sir|Dame|Lady|Rev|Nurse"  # ordinary words in small letters: "they miss Anna"
TITLE = re.compile(
    rf"(?<![A-Za-z])(?P<title>(?i:Mr|Mrs|Mx|Dr|Prof|Cllr)|[Mm]s|MS(?=\.?\s[A-Z]{{2}})|{TITLE_WORDS}|{TITLE_WORDS.upper()})\b\.?\s(?P<name>{FULL})"
)
LABEL = re.compile(
    "(?<![A-Za-z])(?i:"
    + "|".join(f"(?P<{role.name}>(?:{words})(?:'s)?(?:\\sname)?s?)" for role, words in LABELS)
    + r")(?P<sep>\s?[:|]\s?|\s?\n\s?|\s-\s)"
    rf"(?:Mr|Mrs|Ms|Miss|Dr|Prof)?\.?\s?(?P<name>{FULL})"
)
NAME_OF_THINGS = re.compile(  # whose name is no child's
    r"(?i:school|setting|nursery|college|academy|placement|provider|surgery|practice|hospital|file|document|service|team|council|authority|company|street|house|road)\s$"
)
STAFFED = re.compile(  # staff by the letters of what they are: "TA Sue", "OT: Jo"
    rf"(?<![A-Za-z])(?P<role>TA|LSA|HLTA|OT|SALT|SLT|EP|SENCO|SENDCO|Teaching Assistant)(?P<colon>\s?:\s?|[ ])(?P<name>{FULL})"
)
RELATION = re.compile(
    r"(?<![A-Za-z])(?i:(?:his|her|their|the|a|an|my|our|older|younger|elder|little|big|baby|twin|step|half|whose|and|named|called|'s)[\s-])?"
    r"(?P<relation>(?i:(?:(?:birth|step|foster|grand|great)[\s-]?){0,3}(?:mother|father|mum|mummy|mam|mammy|dad|daddy|brother|sister|sibling|twin|aunt|auntie|uncle|gran|granny|nan|nana|nanna|nanny"
    r"|grandma|grandmother|grandfather|grandad|grandpa|cousin|nephew|niece|carer|friend|classmate|partner|husband|wife|son|daughter)))s?"
    rf"(?:\s\((?:called\s)?|(?:,?\s(?:(?:who\s)?is\s(?:called|named)|called|named|is)|,|:)?\s)(?P<name>{FULL})"
)
SIGNED_BY = re.compile(rf"(?<![A-Za-z])(?:[Bb]y|[Ff]rom|[Ww]ith|met|saw|told)\s(?P<name>(?:[A-Z]\.[ ]?){{1,3}}{NAME})")
OVER_LINE = re.compile(rf"\n(?P<name>{NAME})(?=[,.;)]|'s|\s[a-z(])")
CAPITALS = re.compile(rf"(?<![A-Za-z'-])(?P<name>{FULL})")
CHILD_IS = re.compile(
    rf"(?<![A-Za-z])(?P<name>{FULL})\s(?:is|was)\s(?:an?|the)\s(?:[a-z0-9-]+,?\s(?:and\s|but\s|old\s)?){{0,6}}?(?:boy|girl|young\s(?:man|woman|person|lady)|child|pupil|student|teenager|toddler|baby)"
)
CHILD_BORN = re.compile(rf"(?<![A-Za-z])(?P<name>{FULL})(?:,?\s(?:was\sborn|born\son|aged\s\d|d\.?o\.?b)|\s\(?(?i:dob)\b)")
CHILD_DOES = re.compile(
    rf"(?<![A-Za-z])(?P<name>{NAME})(?:\s(?:has|is|was|will|can|needs|likes|loves|enjoys|finds|struggles|lives|attends|said|says|told|wants|does|uses|requires|would|could|should|often|"
    r"sometimes|also|became|becomes|receives|shows|responds|made|makes|had)\b|'s\s)"
)
LISTED = re.compile(rf"(?<![A-Za-z])(?P<name>{FULL})\s?[,(\-]\s?(?:[A-Z]{{2,4}}\b\)?[,;:\s-]{{1,3}})?(?i:(?:(?:specialist|advisory|lead|senior)\s)*(?P<role>educational\spsychologist|ep\b|senco|sendco|head\s?teacher|class\steacher|teacher|teaching\sassistant|ta\b|social\sworker"
                    r"|(?:consultant\s|community\s)*pa?ediatrician|gp\b|(?:highly\s|specialist\s|senior\s|lead\s)*(?:speech\s(?:and|&)\slanguage\s|occupational\s)therapist|physiotherapist|nurse|"
                    r"school\snurse|health\svisitor|ehc\s?p?\s?(?:plan\s)?co-?ordinator|case\s?worker|mother|father|mum|dad|parent|key\s?worker))")  # fmt: skip
IN_A_ROW = re.compile(rf"(?<![A-Za-z(])(?P<name>{FULL})")
HOW_OLD = re.compile(r",?\s?\(?(?:aged\s)?\d")
IN_BRACKETS = r"(?:\s?\([^()\n]{1,60}\))?"
GATHERED = re.compile(  # people in a row behind a label
    r"(?<![A-Za-z])(?i:present|those\spresent|in\sattendance|attendees?|attended\sby|apologies(?:\sfrom)?|cc|copy\sto|copies\sto|circulation|distribution|invited|professionals\sinvolved)"
    rf"\s?:\s?(?P<names>{FULL}{IN_BRACKETS}(?:\s?[,;&\n]\s?(?:and\s)?{FULL}{IN_BRACKETS}|\sand\s{FULL}){{0,30}})"
)
KIN = re.compile(  # brothers, sisters and others in a row behind a label: "Siblings: Will (7), May (5)"
    rf"(?<![A-Za-z])(?i:(?P<siblings>siblings?|brothers?|sisters?)(?:\s?(?:/|and)\s?(?:brothers?|sisters?))?|family(?:\smembers)?|household)\s?:\s?"
    rf"(?P<names>{FULL}{IN_BRACKETS}(?:(?:\s?[,;&]\s?(?:and\s)?|\sand\s){FULL}{IN_BRACKETS}){{0,12}})"
)
SHORTENED = re.compile(rf"(?<![A-Za-z])(?P<name>{FULL})\s?\((?P<letters>[A-Z]{{2,4}})(?=[),;])")
MAILBOXES = frozenset(
    (
        "office admin enquiries enquiry info contact senco send sen ehcp head headteacher reception mail hello support team "
        "safeguarding school inclusion referrals camhs casework the secretary noreply help desk duty"
    ).split()
)
HEADS = frozenset(
    "forename forenames firstname surnames middle initial initials client learner applicant sex title".split()
)  # of a table
STOP = ORDINARY | HEADS | frozenset(("he", "she", "they", "it", "this", "that", "there"))
STATION_LETTERS = frozenset(
    "TA EP OT GP PE SALT SLT LSA HLTA SEN SEND SENCO MRI EHC EHCP NHS ADHD ASD ASC PDA DLA EAL UPN DOB CAMHS".split()
)
ADULTS = frozenset("mr mrs ms miss dr".split())
NO_SURNAMES = frozenset(  # not even behind a title
    "a an the and or is was has had will in on at of to he she it they we you i head teacher senco parent report letter name surname teams office excel".split()
)
CUT_OFF = re.compile(rf"[{BREAK}-](?:\n|\s*\Z)")  # a name goes on in the next page
STATIONS = frozenset("teacher nurse parent child childs".split())  # behind a name they say what somebody is


@dataclass(frozen=True)
class Mention:
    """Somebody who is named on a page: where, how, and as what. `sure`: the context leaves little doubt."""

    start: int
    end: int
    name: str
    role: RoleToken
    title: str = ""
    sure: bool = True


def mentions(page: Folded, ordinary: frozenset[str]) -> Iterator[Mention]:
    """Everybody whom a page names. `ordinary`: words that the pack uses in small letters too."""
    text = page.cased
    for match in TITLE.finditer(text):
        stop = STOP | ordinary if match["title"].isupper() else STOP  # a line in capitals goes on with other words
        yield from _named(match, titled_role(text, match), stop - SURNAMES, title=match["title"].lower(), believed=True)
        yield from _over_line(match, STOP | ordinary)
    for match in LABEL.finditer(text):
        role = _label_role(match)
        if role is RoleToken.CHILD and NAME_OF_THINGS.search(text, max(0, match.start() - 16), match.start()):
            continue
        sure = match["sep"].strip() in (":", "|")
        yield from _named(match, role, STOP if sure else STOP | ordinary, sure=sure, least=1 if sure else 2, believed=sure)
    for match in RELATION.finditer(text):
        yield from _named(match, relation_role(match["relation"].lower()), STOP | ordinary, believed=True)
    yield from _staffed(text, ordinary)
    for match in LISTED.finditer(text):
        yield from _named(match, role_in(match["role"].lower()) or RoleToken.STAFF, STOP | ordinary, least=2, ending=True)
    for pattern in (CHILD_IS, CHILD_BORN):
        for match in pattern.finditer(text):
            is_given = match["name"].lower() in GIVEN_WORDS
            yield from _named(match, RoleToken.CHILD, STOP | ordinary, believed=is_given)
    for match in SIGNED_BY.finditer(text):
        yield from _named(match, RoleToken.PERSON, STOP | ordinary, sure=False, least=2)
    for row in KIN.finditer(text):
        role = RoleToken.SIBLING if row["siblings"] else RoleToken.RELATIVE
        for match in IN_A_ROW.finditer(text, row.start("names"), row.end("names")):
            is_given = match["name"].split()[0].lower() in GIVEN_NAMES | GIVEN_WORDS
            if row["siblings"] or is_given or HOW_OLD.match(text, match.end()):  # "Family: Supportive" is nobody
                yield from _named(match, role, STOP | ordinary, believed=True)
    for row in GATHERED.finditer(text):
        for match in IN_A_ROW.finditer(text, row.start("names"), row.end("names")):
            if _title_of(match["name"]) is None:  # such people are met above
                yield from _named(match, RoleToken.PERSON, STOP | ordinary, sure=False, least=2)
    yield from _given(page, ordinary)
    yield from _in_mail(page)


def _staffed(text: str, ordinary: frozenset[str]) -> Iterator[Mention]:
    """Behind such letters, whoever has a given name; anything else might be what they do."""
    for match in STAFFED.finditer(text):
        first = match["name"].split()[0].lower()
        if (first in GIVEN_NAMES and first not in STOP) or (first in GIVEN_WORDS and first not in DATED):
            yield from _named(match, STAFF_ROLES.get(match["role"], RoleToken.ASSISTANT), STOP | ordinary, believed=True)


def shortened(page: Folded) -> Iterator[tuple[Mention, str]]:
    """Who is called by letters from here on: `Clare Whitfield (CW)`, if the letters are of the name."""
    for match in SHORTENED.finditer(page.cased):
        letters, title = match["letters"], _title_of(match["name"])
        named = [word for word in match["name"].split() if word.lower().strip(".") not in TITLES]
        if named and (named[0][0], named[-1][0]) == (letters[0], letters[-1]):
            yield Mention(*match.span("name"), " ".join(named), RoleToken.PERSON, title or ""), letters.lower()


def _title_of(name: str) -> str | None:
    first = name.split()[0].lower().strip(".")
    return first if first in TITLES else None


def _label_role(match: re.Match[str]) -> RoleToken:
    return next(role for role, _ in LABELS if match[role.name])


def _named(
    match: re.Match[str],
    role: RoleToken,
    stop: frozenset[str],
    title: str = "",
    sure: bool = True,
    least: int = 1,
    ending: bool = False,
    believed: bool = False,
) -> Iterator[Mention]:
    """The name of a match without the ordinary words around it; nothing when only such words are left.

    `believed`: what stands around it makes a name even of a word like Brown or Lily.
    """
    words = [(word.start(), word.end(), word.group()) for word in re.finditer(r"[A-Z]\.(?=[A-Z])|[^\s]+", match["name"])]
    named = [word for word in words if word[2].lower().strip(".") not in TITLES]
    kept = _trimmed(named, stop, ending, _believed(named) if title in ADULTS else 0)
    if title and not words[0][2][:1].isupper():
        return
    if sum(word[2].lower() not in PARTICLES for word in kept) < least or not kept:
        return
    start, end = match.start("name") + kept[0][0], match.start("name") + kept[-1][1]
    text = match.string[start:end].rstrip(".,").removesuffix("'s").removesuffix("'S")
    end = start + len(text)
    plain = text.lower()
    if CUT_OFF.match(match.string, end) or (text in STATION_LETTERS and not title):  # "his brother (ASD)"
        return
    if is_word(plain) and not (believed and (title or is_believed(match.string, end, plain, role, "sep" in match.groupdict()))):
        return
    if len(text.replace(".", "")) > 1:
        yield Mention(start, end, re.sub(r"(?<=[A-Z]\.)(?=[A-Z])", " ", text), role, title, sure)


def _believed(words: list[tuple[int, int, str]]) -> int:
    """How many words behind Mr, Mrs, Ms or Miss are a name whatever they mean: "Mrs Post", "Mrs Sarah Prior", "Mr A. Self"."""
    first = next((n for n, word in enumerate(words) if not _is_letter(word[2])), len(words))
    plain = [word[2].lower() for word in words[first : first + 2]]
    has_given_name = len(plain) > 1 and plain[0] in GIVEN_NAMES | GIVEN_WORDS and not words[first][2].isupper()
    named = plain if has_given_name else plain[:1]
    return first + next((n for n, word in enumerate(named) if word in NO_SURNAMES), len(named))


def _trimmed(words: list[tuple[int, int, str]], stop: frozenset[str], ending: bool, known: int) -> list[tuple[int, int, str]]:
    """Up to the first ordinary word; with `ending`, what stands after the last one. The first `known` are none."""

    def is_ordinary(n: int) -> bool:
        plain = words[n][2].lower().strip(".,'").removesuffix("'s")
        if n < known or plain not in stop or plain in AMBIGUOUS:
            return False
        return not _is_letter(words[n][2]) or n + 1 == len(words) or is_ordinary(n + 1)  # "A. Patel", but "I Can"

    if ending:
        last = max((n for n in range(len(words)) if is_ordinary(n)), default=-1)
        return words[last + 1 :]
    in_capitals = bool(words) and words[0][2].isupper()
    first = next((n for n in range(len(words)) if is_ordinary(n) or (n and _is_station(words[n][2], in_capitals))), len(words))
    return words[: first - 1] if first > 1 and words[first - 1][2].lower() == "head" else words[:first]


def _is_letter(word: str) -> bool:
    return len(word.strip(".")) == 1 and word[0].isupper()


def _is_station(word: str, in_capitals: bool) -> bool:
    """What somebody is behind their name: a word, or letters like EP."""
    return word.lower() in STATIONS or (word in STATION_LETTERS and not in_capitals)


def _given(page: Folded, ordinary: frozenset[str]) -> Iterator[Mention]:
    """Common given names with a capital, and whoever does what people do; less sure than a label."""
    stop = STOP | ordinary
    for match in _rows_of_words(page.cased, stop):
        first = re.split(r"[\s-]", match["name"].lower())[0].strip(".'")
        several = " " in match["name"]
        if is_no_name(match.string, *match.span("name")) or is_asked(match.string, match.start(), first):
            continue
        if (first in GIVEN_NAMES and first not in stop) or (several and first in GIVEN_WORDS):
            role = RoleToken.PERSON if several else RoleToken.OTHER_CHILD
            yield from _named(match, role, stop, sure=False)
            yield from _over_line(match, stop)
    for match in within_sentences(page.cased):
        yield Mention(*match.span(), match.group(), RoleToken.OTHER_CHILD, sure=False)
    for match in CHILD_DOES.finditer(page.cased):
        word = match["name"].lower()
        if len(word) > 2 and not match["name"].isupper() and word not in STOP and word not in ordinary:
            yield from _named(match, RoleToken.OTHER_CHILD, STOP | ordinary, sure=False)


def _over_line(match: re.Match[str], stop: frozenset[str]) -> Iterator[Mention]:
    """The surname of "Mrs Khadija" at the end of a line stands in the next one: perhaps, for it may be somebody else."""
    more = OVER_LINE.match(match.string, match.end())
    if more and " " not in match["name"] and more["name"].lower() not in stop | TITLES:
        yield Mention(*more.span("name"), more["name"], RoleToken.PERSON, sure=False)


def _rows_of_words(text: str, stop: frozenset[str]) -> Iterator[re.Match[str]]:
    """Words with a capital that stand together, without the ordinary ones that begin them: "When Ellie Jones"."""
    for match in CAPITALS.finditer(text):
        skipped = 0
        for word in match["name"].split(" "):
            if word.lower() not in stop or word.lower() in GIVEN_WORDS:
                break
            skipped += len(word) + 1
        found = CAPITALS.match(text, match.start() + skipped) if skipped < len(match["name"]) else None
        if found:
            yield found


def _in_mail(page: Folded) -> Iterator[Mention]:
    """`sarah.marlow@` names Sarah Marlow; an office is nobody."""
    for match in emails(page.text):
        local = re.split(r"@|\[at\]", match.group())[0].strip()
        parts = [part for part in re.split(r"[._-]+", re.sub(r"\d+", "", local)) if len(part) > 1]
        if len(parts) >= 2 and not MAILBOXES & set(parts) and not set(parts) <= ORDINARY:
            start = match.start()
            yield Mention(start, start + len(local), " ".join(part.capitalize() for part in parts), RoleToken.PERSON)
