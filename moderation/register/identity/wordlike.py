"""Names that are words as well: when `Lily`, `Will`, `May` or `Brown` on a page is somebody."""

import re
from collections.abc import Iterator

from .kinds import RoleToken
from .lexicon import AMBIGUOUS, DATED, FUNCTIONS, GIVEN_NAMES, GIVEN_WORDS, ORDINARY, SURNAMES, THINGS

FAMILY = (RoleToken.CHILD, RoleToken.PARENT, RoleToken.SIBLING, RoleToken.RELATIVE, RoleToken.OTHER_CHILD)
COLOURS = frozenset("amber coral hazel olive rose ruby saffron violet".split())
TALKS = THINGS | frozenset("grace mark will".split())  # begin a sentence behind a label: "Parents: Will attend"
GIVEN = re.compile(rf"(?<![A-Za-z'-])(?:{'|'.join(sorted(word.capitalize() for word in GIVEN_WORDS))})(?![A-Za-z])")
STARTS = "After|Although|And|As|At|Because|Before|But|For|If|Once|Since|That|To|When|While|With"
BEFORE = re.compile(rf"(?<![A-Za-z])(?P<word>[a-z]+(?:'s)?|{STARTS})(?P<gap>,?\s)$")
ASKING = re.compile(r"(?<![A-Za-z])(?i:when|what|how|who|where|why|which|that|as)\s$")
NOT_OF_THINGS = frozenset("has have had give gives gave bring brings lost find finds".split())  # "He has Hope"
HAILED = re.compile(  # by whom one is called so: "Ask Pat", "Thanks, Pat"
    r"(?<![A-Za-z])(?:Ask|Tell|Contact|Call|Email|Phone|Ring|Meet|See|Dear|Hi|Hello|Thanks|Thank\syou|[Rr]egards|[Ww]ishes),?\s$"
)
NOT_BEHIND = frozenset("a an the this each every any some our your its one no".split())  # "the Rose", "each Hunter"
NO_COLOUR_BEHIND = frozenset("rated is was at as to from on or in colour coded green red".split())
NO_DATE_BEHIND = frozenset("sister brother called named told asks asked helps".split())
A_THING = re.compile(
    r"[ -](?:[A-Z]|(?i:class|group|room|team|house|ward|centre|unit|form|table|zone|wing|band|level|base|hub|card|rating|term|half|holidays?)\b)|\s?\d"
)
DATE_GOES_ON = re.compile(r",?\s?(?:\d|(?i:terms?|holidays?|half|to|until|onwards|and)\b)")
DAY_BEFORE = re.compile(r"(?<!\d)\d{1,2}(?:st|nd|rd|th)?\s?(?:of\s)?$")
OF_A_DATE = re.compile(r",?\s?\d")
ANYTHING_GOES_ON = re.compile(r" (?!(?:is|was|has|had|and|or|who|also|says?|said|lives|likes|loves|works)\b)[A-Za-z]")
PERSON_DOES = re.compile(
    r"(?:\s(?:has|is|was|needs|likes|loves|enjoys|finds|struggles|lives|attends|said|says|told|wants|does|requires|became|becomes|receives|shows|responds|had)\b|'s(?![A-Za-z]))"
)

PERSON_ONLY = re.compile(  # what no thing and no month does
    r"\s(?:likes|loves|enjoys|lives|attends|said|says|told|wants|struggles|was\sborn|has\s(?:autism|adhd|a\sdiagnosis|difficulty|difficulties)"
    r"|is\s(?:autistic|in\sYear|\d|nine|ten))\b|,\s\d{1,2},|,['\"\u201d]\ssa(?:id|ys)\b|'s\s(?:mum|mother|dad|father|parents?|family|brother|sister|teacher|class|friends?)\b"
)
FINITE = re.compile(  # what follows whoever begins a sentence and is known to be called so: "Rose met", "Faith visits", "Hope, 9"
    r",['\"\u201d]?\s|'s(?![A-Za-z])|\sand\s[A-Z]|\s(?!(?:this|his|its|us|as|is|[a-z]{2,20}s\s(?:be|have|need|get|help|know|agree|attend|do))\b)[a-z]{2,20}(?:s|ed)\b"
    r"|\s(?:will|can|would|could|should|may|also|met|told|wrote|felt|said|often|never|always|saw|gave|made|came|went|began|spoke|thought|led|ran|took|knew|knows)\b"
)

SET_PHRASE = re.compile(
    r"(?i:young\s(?:person|people|carer|adult)|head\s(?:teacher|of)|(?:white|black)\s(?:british|african|caribbean|other)|white\spaper|green\spaper"
    r"|robin\shood|poppy\s(?:day|appeal|seeds?)|may\s(?:day|bank)|short\sbreak|best\sinterest|good\s(?:level|progress|practice)|day\s(?:centre|care|nursery))"
)


def is_word(name: str) -> bool:
    return (name in ORDINARY and (name in AMBIGUOUS or name not in GIVEN_NAMES)) or name in SURNAMES


def is_no_name(text: str, start: int, end: int) -> bool:
    """`May` of a date and `Young` of a young person, whoever is called so."""
    if SET_PHRASE.match(text, start):
        return True
    is_dated = text[start:end].lower() in DATED
    return is_dated and bool(OF_A_DATE.match(text, end) or DAY_BEFORE.search(text, max(0, start - 12), start))


def is_believed(text: str, end: int, name: str, role: RoleToken, labelled: bool) -> bool:
    """Is a single such word behind a label or a relation a name? `Sibling: Lily` is one, `Parents: Short breaks` is none."""
    if name in FUNCTIONS or (name in DATED and (role not in FAMILY or DATE_GOES_ON.match(text, end))):
        return False
    if name in GIVEN_WORDS and (not labelled or name not in TALKS):
        return True
    return ANYTHING_GOES_ON.match(text, end) is None


def within_sentences(text: str) -> Iterator[re.Match[str]]:
    """Given names that are words, where a capital within a sentence, or what its subject does, makes somebody of them."""
    for match in GIVEN.finditer(text):
        if is_somebody(text, match.start(), match.end()):
            yield match


def is_somebody(text: str, start: int, end: int, known: bool = False) -> bool:
    """`known`: somebody is called so, and what a thing does as well (`Hope has`) is then theirs."""
    name = text[start:end].lower()
    before = BEFORE.search(text, max(0, start - 16), start)
    if name not in GIVEN_WORDS or A_THING.match(text, end):
        return False
    if known and name not in DATED and HAILED.search(text, max(0, start - 16), start):
        return True
    if before is None:
        return _begins(text, start) and _does(text, end, name, known)
    word = before["word"].lower()
    if word in NOT_BEHIND or ("\n" in before["gap"] and name in TALKS) or _is_verb(text, start, end, name, known):
        return False
    if name in DATED:
        return word in NO_DATE_BEHIND or (known and word in ("with", "that"))
    if name in THINGS and not known and word in NOT_OF_THINGS:
        return False
    return name not in COLOURS or ("," not in before["gap"] and word not in NO_COLOUR_BEHIND)


def is_asked(text: str, start: int, name: str) -> bool:
    """Does such a word ask or allow something: "What Will Success Look Like", "that May be offered"?"""
    return name in ("will", "may") and ASKING.search(text, max(0, start - 8), start) is not None


def _is_verb(text: str, start: int, end: int, name: str, known: bool) -> bool:
    """`Will`, `May` and `Mark` behind words that a verb may follow, unless something is said of whom they name."""
    if is_asked(text, start, name):
        return PERSON_DOES.match(text, end) is None and FINITE.match(text, end) is None
    is_task = name == "mark" and not known and text[max(0, start - 4) : start].strip().split()[-1:] in (["to"], ["and"])
    return is_task and PERSON_DOES.match(text, end) is None


def _does(text: str, end: int, name: str, known: bool) -> bool:
    """Does whoever begins a sentence do what people do? Of one who is known to be called so, whatever is said."""
    does = PERSON_ONLY if name in (DATED if known else THINGS) else PERSON_DOES
    return does.match(text, end) is not None or (known and name not in DATED and FINITE.match(text, end) is not None)


def _begins(text: str, start: int) -> bool:
    """Does a sentence or a line begin here?"""
    return start == 0 or text[start - 1] == "\n" or text[max(0, start - 2) : start].strip()[-1:] in tuple('.!?:;("\u201c')
