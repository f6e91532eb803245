"""A long invented plan in which everything that identifies somebody is known, for measuring what the search finds and what it does not.

Nobody in it exists. The numbers are of ranges that are kept for tests and dramas, or have been made to pass their check digit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from moderation.register.identity.kinds import Kind, Known, Person, RoleToken

BORN = date(2015, 3, 12)
KNOWN = Known(
    (
        Person(RoleToken.CHILD, ("Tobiasz Marlow-Reid", "Tobi", "Tobes")),
        Person(RoleToken.PARENT, ("Mrs Siân Marlow",)),
        Person(RoleToken.PARENT, ("Mr Kofi Reid",)),
        Person(RoleToken.SIBLING, ("Elin Marlow-Reid",)),
        Person(RoleToken.EP, ("Dr Meera Shah",)),
        Person(RoleToken.SENCO, ("Joanna Kowalska-Price",)),
    ),
    BORN,
    ("Beck Lane Primary School",),
)
NHS, UPN = "943 476 5919", "B801200005001"

# (what is written, whom or what it stands for, kind): `{}` in a sentence is one of these
PLANTED: tuple[tuple[str, str, Kind], ...] = (
    ("Tobiasz Marlow-Reid", "CHILD", Kind.NAME), ("Tobi", "CHILD", Kind.NAME), ("TOBI", "CHILD", Kind.NAME), ("Tobes", "CHILD", Kind.NAME),
    ("Marlow-Reid, Tobiasz", "CHILD", Kind.NAME), ("T O B I A S Z", "CHILD", Kind.NAME), ("Tobi\u00ad\nasz", "CHILD", Kind.NAME),
    ("Tobiasz  Marlow\u2011Reid", "CHILD", Kind.NAME), ("T.M.", "CHILD", Kind.INITIALS), ("Mrs Marlow", "PARENT 1", Kind.NAME),
    ("Sian Marlow", "PARENT 1", Kind.NAME), ("SIÂN", "PARENT 1", Kind.NAME), ("Mr Reid", "PARENT 2", Kind.NAME), ("Kofi", "PARENT 2", Kind.NAME),
    ("Elin", "SIBLING 1", Kind.NAME), ("Dr Shah", "EP 1", Kind.NAME), ("Meera Shah", "EP 1", Kind.NAME),
    ("Joanna Kowalska-\nPrice", "SENCO 1", Kind.NAME), ("Ms Kowalska-Price", "SENCO 1", Kind.NAME), ("12/03/2015", "DOB: matches register", Kind.BIRTH),
    ("12th March 2015", "DOB: matches register", Kind.BIRTH), ("12.3.15", "DOB: matches register", Kind.BIRTH),
    (NHS, "NHS NUMBER", Kind.NHS_NUMBER), (NHS.replace(" ", ""), "NHS NUMBER", Kind.NHS_NUMBER), (UPN, "UPN", Kind.UPN),
    ("LS1 4AP", "POSTCODE", Kind.POSTCODE), ("14 Rowan Street", "ADDRESS", Kind.ADDRESS), ("Flat 3, 27 Old Mill Lane", "ADDRESS", Kind.ADDRESS),
    ("0113 496 0021", "TELEPHONE", Kind.TELEPHONE), ("07700 900 312", "TELEPHONE", Kind.TELEPHONE), ("+44 (0)113 496 0022", "TELEPHONE", Kind.TELEPHONE),
    ("sian.marlow@example.org", "EMAIL", Kind.EMAIL), ("senco@becklane.example.sch.uk", "EMAIL", Kind.EMAIL), ("www.becklane.example.sch.uk", "WEB ADDRESS", Kind.URL),
    ("Beck Lane Primary School", "SETTING 1", Kind.SETTING), ("Beck Lane", "SETTING 1", Kind.SETTING),
)  # fmt: skip
# People whom the lead did not name: their context, or their given name, gives them away.
STRANGERS: tuple[tuple[str, str], ...] = (
    ("{} is supported in the same group at lunchtime.", "Ellie"), ("Report by: {}", "Hannah Frost"), ("Mr {} teaches the class on Mondays.", "Okonkwo"),
    ("The advice of Dr {}, consultant paediatrician, is in K4.", "Aneurin Pugh"), ("The older brother, {}, has left school.", "Ruaridh"),
    ("{}, Occupational Therapist, visited in May.", "Grace Adeyemi"), ("Before that the child was at {}.", "Moor Road Academy"),
    ("{} is a lively seven-year-old girl who likes music.", "Zofia"), ("Social worker: {}", "Ffion ap Rhys"), ("The school nurse, {}, keeps the care plan.", "Nurse Begum"),
    ("A bus takes the children to {} on Fridays.", "St Aidan's Hospice"), ("Signed: {}", "B. Whitcombe"),
)  # fmt: skip
# The same of people whose names are words as well.
WORD_NAMES: tuple[tuple[str, str], ...] = (
    ("Class teacher: Mrs {}", "Brown"), ("Mr {} leads the group on Fridays.", "Taylor"), ("Sibling: {}", "Lily"), ("Her sister {} is in Year 2.", "Grace"),
    ("At lunch the child plays with {} and a ball.", "Poppy"), ("Mum: {}", "Rose"), ("A visit by {} is planned.", "Ruby Walker"), ("Miss {} runs the nurture group.", "May"),
    ("In clinic Dr {} saw no change.", "Hill"), ("{} likes to sit at the front.", "Holly"), ("MRS {} SIGNED IT.", "GREEN"), ("A friend, {}, helps.", "Ivy"),
    ("He told {} about it.", "Will"), ("Report by: {}", "Joanna Price"), ("Mr {} was asked.", "Hall"), ("When {} came, all was well.", "Violet"),
    ("As {} wrote, mornings are best.", "Baker"), ("In the yard {} runs fastest.", "April"),
)  # fmt: skip
WORD_NAMES_MISSED = frozenset(("Baker", "April"))  # without a title, and a month that no word before it makes a child
SENTENCES = (
    "{} needs instructions that are short and written down.", "It was agreed with {} that progress is looked at each term.", "In lessons {}'s work is kept in one folder.",
    "When the plan of the day changes, {} finds it hard to stay in the room.", "The family can be reached at {}.", "See the record of {} for details.",
    "For this the school asked {} in writing.",
)  # fmt: skip
PROSE = (
    "Progress is reviewed each term with the family, against the baseline of January 2026, and the targets are changed where they were met.",
    "A trained teaching assistant gives four sessions of 20 minutes a week, 38 weeks a year, planned by the therapist and checked every half term.",
    "By July 2027 the young person will follow a changed timetable with one prompt on four days out of five.",
    "The Speech and Language Therapy team uses Makaton, Talking Mats and a visual timetable; the aim is two linked sentences.",
    "Section F says what is provided, by whom and how often; Section E says what should change for the child.",
    "The Educational Psychologist used the WISC-V on 3 June 2026: the Working Memory Index was 78 (7th percentile).",
    "At home there is a calm corner. Mum says mornings are hardest, and School says the same about Mondays.",
    "Occupational Therapy advice: a movement break after 25 minutes, a wobble cushion, and pencil grips. Staff have had training.",
    "The Local Authority issued the final plan after the meeting of 14 May 2026. The Integrated Care Board agreed the provision in G.",
    "Reading age 7 years 2 months in March 2026 (York Assessment of Reading for Comprehension), a gain of 11 months.",
    "Support in the playground: an adult within sight at 10.30 and 12.15, and a buddy from Year 6.",
    "Key Stage 2 Maths is taught in a group of six. Numicon and a number line are on the table.",
    "Preparing for Adulthood: independent travel, friendships, health, and thinking about work. The Careers service is invited in Year 9.",
)  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """Something that identifies somebody, on a page (from 0), where it begins in its text, and what the search should call it."""

    page: int
    start: int
    end: int
    token: str  # empty where any token will do
    kind: Kind


@dataclass(frozen=True)
class IdentifiedPlan:
    pages: tuple[str, ...]
    planted: tuple[Planted, ...]


def an_identified_plan(pages: int = 40, seed: int = 6) -> IdentifiedPlan:
    """Pages of about 450 words, each with a few identifiers among ordinary sentences."""
    dice = Random(seed)
    texts, planted = [], []
    for number in range(pages):
        text, there = _page(number, dice)
        texts.append(text)
        planted += there
    return IdentifiedPlan(tuple(texts), tuple(planted))


def _page(number: int, dice: Random) -> tuple[str, list[Planted]]:
    text, there = f"Page {number + 1}\n", []
    strangers = [STRANGERS[number % len(STRANGERS)], WORD_NAMES[number % len(WORD_NAMES)]]
    chosen = dice.sample(PLANTED, 9)
    for sentence, what, token, kind in _shuffled(chosen, strangers, dice):
        text += "\n".join(dice.sample(PROSE, 3)) + "\n"
        before, after = sentence.split("{}")
        start = len(text) + len(before)
        text += before + what + after + "\n"
        there.append(Planted(number, start, start + len(what), token, kind))
    return text, there


def _shuffled(
    chosen: list[tuple[str, str, Kind]], strangers: list[tuple[str, str]], dice: Random
) -> Iterator[tuple[str, str, str, Kind]]:
    lines = [(dice.choice(SENTENCES), *one) for one in chosen]
    lines += [
        (sentence, what, "", Kind.SETTING if "Academy" in what or "Hospice" in what else Kind.NAME) for sentence, what in strangers
    ]
    dice.shuffle(lines)
    yield from lines
