"""Who is who: everybody whom the lead or the text names, each with one token throughout the pack."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from .contexts import Mention
from .folding import BREAK, folded_words
from .kinds import Known, RoleToken
from .lexicon import PARTICLES, TITLES
from .names import Form, forms_of

CHILDREN = (RoleToken.CHILD, RoleToken.SIBLING, RoleToken.OTHER_CHILD)
VAGUE = (RoleToken.PERSON, RoleToken.OTHER_CHILD, RoleToken.STAFF)  # gives way to any role that says more


@dataclass
class Member:
    """One person of the cast while it is put together."""

    role: RoleToken
    names: list[str]
    given_by_lead: bool = False
    sure: bool = True
    token: str = ""
    parts: set[str] = field(default_factory=set)
    titles: set[str] = field(default_factory=set)
    short: set[str] = field(default_factory=set)  # initials that the text itself uses

    def __post_init__(self) -> None:
        for name in self.names:
            self.add(name)

    def add(self, name: str, title: str = "") -> None:
        parts = parts_of(name)
        self.parts |= {*parts, *(piece for part in parts if "-" in part for piece in part.split("-") if len(piece) > 1)}
        self.titles |= {word for word in (*words_of(name)[:1], title) if word in TITLES}

    def initials(self) -> set[str]:
        """Of given names, those of which only the letter is known included."""
        named = [[word for word in words_of(name) if word not in TITLES] for name in self.names]
        return {words[0][0] for words in named if len(words) > 1}


def _hyphened(name: str) -> str:
    return name.replace(BREAK, "-")


def words_of(name: str) -> list[str]:
    return [word for word in re.split(r"[\s,.]+", folded_words(name)) if word]


def parts_of(name: str) -> list[str]:
    """The parts of a name that can tell somebody: no title, particle or single letter."""
    return [word for word in words_of(name) if len(word) > 1 and word not in PARTICLES | TITLES]


class Cast:
    """Everybody of a pack."""

    def __init__(self, known: Known) -> None:
        self.members = [Member(person.role, list(person.names), given_by_lead=True) for person in known.people]

    def meet(self, mentions: Iterable[Mention]) -> None:
        """Take in everybody whom the text names; full names first, so that a surname alone finds its owner."""
        for mention in sorted(mentions, key=lambda one: (-len(parts_of(_hyphened(one.name))), BREAK in one.name, not one.sure)):
            name = self._in_one_line(mention.name)
            parts = parts_of(name)
            if parts:
                self._meet(replace(mention, name=name), parts)

    def _in_one_line(self, name: str) -> str:
        """A name that the end of a line divides: without the hyphen if somebody is called so, else the hyphen is its own."""
        joined, hyphened = name.replace(BREAK, ""), _hyphened(name)
        known = (each for each in (hyphened, joined) if any(set(parts_of(each)) <= one.parts for one in self.members))
        return next(known, hyphened) if BREAK in name else name

    def _meet(self, mention: Mention, parts: list[str]) -> None:
        there = self._same(mention, parts)
        if there is None:
            there = Member(mention.role, [mention.name], sure=mention.sure)
            self.members.append(there)
        there.sure = there.sure or mention.sure
        there.add("" if there.given_by_lead else mention.name, mention.title)
        if not there.given_by_lead:
            there.names.append(mention.name)
            if there.role in VAGUE and mention.role not in VAGUE:
                there.role = mention.role

    def _same(self, mention: Mention, parts: list[str]) -> Member | None:
        """Whoever has all these parts; behind a title a surname is an adult's."""
        having = [one for one in self.members if set(parts) <= one.parts]
        if len(parts) == 1 and mention.title:
            return self._adult([one for one in having if one.role not in CHILDREN], mention.title)
        return having[0] if having else None

    def _adult(self, adults: list[Member], title: str) -> Member | None:
        """Of several adults with a surname, the one who is known by this title, else one whose title is not known."""
        titled = [one for one in adults if title in one.titles]
        open_ = [one for one in adults if not one.titles]
        return next(iter(titled or open_), None)

    def settle(self) -> None:
        """Number everybody within their role, in the order in which they were met. There is one child."""
        first_child = next((one for one in self.members if one.role is RoleToken.CHILD and one.given_by_lead), None)
        first_child = first_child or _most_named([one for one in self.members if one.role is RoleToken.CHILD])
        numbers: Counter[RoleToken] = Counter()
        for one in self.members:
            if one.role is RoleToken.CHILD and one is not first_child:
                one.role = RoleToken.OTHER_CHILD
            if one.role is RoleToken.CHILD:
                one.token = RoleToken.CHILD.value
                continue
            numbers[one.role] += 1
            one.token = f"{one.role.value} {numbers[one.role]}"

    def forms(self) -> list[Form]:
        """Everything to look for. A surname alone is the child's before anybody else's of the family."""
        found: list[Form] = []
        for one in self.members:
            alone = 4 if one.role is RoleToken.CHILD else 3 if one.given_by_lead else 2
            found += forms_of(one.names, one.token, alone, met=not one.given_by_lead)
        return found

    def titled(self, title: str, surname: str, initial: str = "") -> str | None:
        """The token of the adult with this title and surname, and of several the one with this initial."""
        adults = [one for one in self.members if surname in one.parts and one.role not in CHILDREN]
        found = self._adult([one for one in adults if initial and initial in one.initials()] or adults, title)
        return found.token if found else None

    def initialled(self, initial: str, surname: str) -> str | None:
        """The token of whoever has this surname and a given name with this initial."""
        return next((one.token for one in self.members if surname in one.parts and initial in one.initials()), None)

    def lettered(self, title: str, letter: str) -> str | None:
        """The token of the only adult with this title whose surname has this letter."""
        there = {
            one.token
            for one in self.members
            if title in one.titles and any(parts_of(name)[-1:] and parts_of(name)[-1][0] == letter for name in one.names)
        }
        return there.pop() if len(there) == 1 else None

    def has_letter(self, part: str, letter: str) -> bool:
        """Has somebody who is called so another name with this letter?"""
        return any(part in one.parts and any(other[0] == letter for other in one.parts - {part}) for one in self.members)

    def has_all_of(self, words: str) -> bool:
        """Is somebody called by all these words?"""
        parts = set(parts_of(_hyphened(words)))
        return bool(parts) and any(parts <= one.parts for one in self.members)

    def is_given_name(self, word: str) -> bool:
        return any(word == parts[0] for one in self.members for name in one.names if len(parts := parts_of(name)) > 1)

    def shorten(self, shortened: Iterable[tuple[Mention, str]]) -> None:
        """Take in who is called by which letters."""
        for mention, letters in shortened:
            there = self._same(mention, parts_of(self._in_one_line(mention.name)))
            if there is not None:
                there.short.add(letters)

    def initials(self) -> dict[str, tuple[str, bool]]:
        """By initials: the token, and whether they are known to be somebody's. Two people with the same have them undecided."""
        owners: defaultdict[str, list[tuple[str, bool]]] = defaultdict(list)
        for one in self.members:
            is_known = one.given_by_lead or one.role is RoleToken.CHILD
            for letters in one.short | (initials_of(one.names[0]) if one.names and (is_known or one.sure) else set()):
                owners[letters].append((one.token, is_known or letters in one.short))
        return {letters: _owner(tokens) for letters, tokens in owners.items()}

    def unsure(self) -> frozenset[str]:
        return frozenset(one.token for one in self.members if not one.sure and not one.given_by_lead)


def initials_of(name: str) -> set[str]:
    """`tm` and `tjm` of Tobi James Marlow, `tr` and `tmr` of Tobi Marlow-Reid; none of a name with one part."""
    parts = parts_of(name)
    pieces = [piece for part in parts for piece in part.split("-") if piece]
    all_of_them = "".join(piece[0] for piece in pieces)
    return {f"{parts[0][0]}{parts[-1][0]}", f"{pieces[0][0]}{pieces[-1][0]}", all_of_them[:4]} if len(parts) > 1 else set()


def _owner(tokens: list[tuple[str, bool]]) -> tuple[str, bool]:
    known = [token for token, is_known in tokens if is_known] or [token for token, _ in tokens]
    token = known[0] if len(set(known)) == 1 or known[0] == RoleToken.CHILD.value else "INITIALS"
    return token, any(is_known for _, is_known in tokens)


def _most_named(children: list[Member]) -> Member | None:
    return max(children, key=lambda one: len(one.names), default=None)
