"""The minutes of a meeting, in words: what is kept when the meeting ends, and shown as page and as PDF ever after. Pure.

It holds no id, no evidence and no name beside a rating. What it says of before and after rests on linked votes only: those of
people whose own independent rating of the same plan and criterion is known.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from pydantic import TypeAdapter

from moderation.words import AgencyKind

from .states import Basis
from .views import AuditorView, Strip

EMPTY = Strip((), "")
ONE_MEMBER, SOMEBODY = "One member", "Somebody whom the meeting named"  # what an observer reads in place of a name


@dataclass(frozen=True)
class AgreedView:
    """What was agreed about a cell."""

    key: str
    rating: str
    basis: Basis
    reason: str
    cause: str
    dissent: str
    dissenter: str
    quorate: bool
    decided_at: datetime


@dataclass(frozen=True)
class ActionView:
    """What has to happen to the plan."""

    kind: str
    text: str
    owner: str
    due_on: date
    noted: str = ""  # what was done before that, where another meeting had asked for other work


@dataclass(frozen=True)
class ItemRecord:
    """One item. Ratings appear only where the meeting decided. `same_before` and `same_after` are None where fewer than two of
    those who voted had rated the plan."""

    place: int
    key: str
    title: str
    plan: str
    auditors: tuple[AuditorView, ...] = ()
    strip: Strip = EMPTY
    votes: Mapping[str, int] = field(default_factory=dict)
    cannot_judge: int = 0
    first_votes: Mapping[str, int] = field(default_factory=dict)  # where the meeting voted again
    first_cannot_judge: int = 0
    not_voting: int = 0  # there, and without a vote when the votes were revealed
    first_not_voting: int = 0
    agreed: AgreedView | None = None
    former: tuple[Mapping[str, Any], ...] = ()
    lessons: tuple[str, ...] = ()
    action: ActionView | None = None
    notes: str = ""
    deferred_reason: str = ""
    withdrawn: bool = False
    same_before: bool | None = None
    same_after: bool | None = None
    is_question: bool = False  # one of the plans of a question about the guidance
    question_notes: str = ""

    @property
    def is_voted_twice(self) -> bool:
        return bool(self.first_votes or self.first_cannot_judge)

    @property
    def is_linked(self) -> bool:
        return self.same_after is not None


@dataclass(frozen=True)
class PlaceRecord:
    """What took one place on the agenda: an item, or the plans of a question, with what was said once about all of them."""

    items: tuple[ItemRecord, ...]

    @property
    def first(self) -> ItemRecord:
        """The first that was decided, if one was."""
        return next((item for item in self.items if item.agreed), self.items[0])

    @property
    def is_question(self) -> bool:
        return self.first.is_question

    @property
    def counting(self) -> tuple[ItemRecord, ...]:
        """The plans of a question without those that were withdrawn: the minutes name what stands."""
        return tuple(item for item in self.items if not item.withdrawn)

    @property
    def withdrawn(self) -> int:
        return sum(item.withdrawn for item in self.items)

    @property
    def reason(self) -> str:
        return self.first.agreed.reason if self.first.agreed else ""

    @property
    def cause(self) -> str:
        return self.first.agreed.cause if self.first.agreed else ""

    @property
    def lessons(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(lesson for item in self.items for lesson in item.lessons))


@dataclass(frozen=True)
class AgencyCame:
    kind: AgencyKind
    name: str
    came: int


@dataclass(frozen=True)
class MinutesRecord:
    """A whole meeting."""

    round: str
    title: str
    place: str
    chair: str
    framework: str
    started_at: datetime | None
    concluded_at: datetime | None
    attendance: tuple[AgencyCame, ...]
    items: tuple[ItemRecord, ...]
    observers: int = 0
    confirmed: tuple[str, ...] = ()  # decisions of earlier meetings that this chair confirmed
    decision_rule: str = ""
    unconfirmed: int = 0  # decisions of earlier meetings that this chair might have confirmed, and did not

    @property
    def places(self) -> tuple[PlaceRecord, ...]:
        return tuple(PlaceRecord(tuple(found)) for _, found in groupby(self.items, key=lambda item: item.place))

    @property
    def decided(self) -> tuple[ItemRecord, ...]:
        return tuple(item for item in self.items if item.agreed)

    @property
    def undecided(self) -> int:
        return sum(not item.agreed and not item.withdrawn for item in self.items)

    @property
    def plans(self) -> int:
        return len({item.plan for item in self.decided})

    @property
    def voted(self) -> tuple[ItemRecord, ...]:
        return tuple(item for item in self.items if item.votes or item.first_votes)

    @property
    def voted_twice(self) -> tuple[ItemRecord, ...]:
        return tuple(item for item in self.items if item.is_voted_twice)

    @property
    def linked(self) -> tuple[ItemRecord, ...]:
        return tuple(item for item in self.items if item.is_linked)

    @property
    def actions(self) -> tuple[ItemRecord, ...]:
        return tuple(item for item in self.items if item.action)

    @property
    def without_quorum(self) -> int:
        return sum(not item.agreed.quorate for item in self.decided if item.agreed)


_KEPT = TypeAdapter(MinutesRecord)


def kept(record: MinutesRecord) -> dict[str, Any]:
    """The record as plain JSON."""
    content: dict[str, Any] = _KEPT.dump_python(record, mode="json")
    return content


def read(content: Mapping[str, Any]) -> MinutesRecord:
    return _KEPT.validate_python(content)


def digest_of(content: Mapping[str, Any], notes: str) -> str:
    """It stands in the ledger, so that a change past the service would be found."""
    plain = json.dumps([content, notes], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def for_reader(record: MinutesRecord, hidden: Collection[str], observes: bool) -> MinutesRecord:
    """For a reader: without plans they have a conflict of interest with; for an observer no identities."""
    items = tuple(item for item in record.items if item.plan not in hidden)
    confirmed = tuple(line for line in record.confirmed if not any(words in line for words in _plans_in_words(hidden).values()))
    shown = replace(record, items=items, confirmed=() if observes else confirmed)
    if not observes:
        return shown
    return replace(shown, items=tuple(_without_names(item) for item in without_agencies(shown).items))


def _without_names(item: ItemRecord) -> ItemRecord:
    agreed, action = unnamed(item.agreed, item.action)
    return replace(item, plan="", agreed=agreed, action=action)


def with_numbers(record: MinutesRecord, references: Collection[str]) -> MinutesRecord:
    """For those who know a round's sample and may not know yet what was hidden in it: plans are numbered, not named, and without
    their actions: leads follow up the same actions by name, but not those on a hidden plan.

    `references` are all of the round's plans: decisions that were confirmed name theirs in their words.
    """
    confirmed = _plans_in_words(references)
    named = [item.plan for item in record.items]
    named += [plan for line in record.confirmed for plan, words in confirmed.items() if words in line]
    numbers = {plan: str(number) for number, plan in enumerate(dict.fromkeys(named), start=1)}
    lines = tuple(_numbered(line, confirmed, numbers) for line in record.confirmed)
    items = tuple(replace(item, plan=numbers[item.plan], action=None) for item in record.items)
    return replace(record, items=items, confirmed=lines)


def _plans_in_words(references: Collection[str]) -> dict[str, str]:
    """How a line about a decision that was confirmed names its plan."""
    return {plan: f", plan {plan}: " for plan in sorted(references)}


def _numbered(line: str, words: Mapping[str, str], numbers: Mapping[str, str]) -> str:
    for plan in numbers.keys() & words.keys():
        line = line.replace(words[plan], f", plan {numbers[plan]}: ")
    return line


def unnamed(agreed: AgreedView | None, action: ActionView | None) -> tuple[AgreedView | None, ActionView | None]:
    """What was agreed and what has to happen, without who differed and who sees to it."""
    if agreed and agreed.dissent:
        agreed = replace(agreed, dissenter=ONE_MEMBER)
    return agreed, replace(action, owner=SOMEBODY, noted="") if action else None


def without_agencies(record: MinutesRecord, plans: Collection[str] | None = None, but: Collection[str] = ()) -> MinutesRecord:
    """For those to whom the agency of an auditor would name the person: on all plans, or on some; `but` agencies of many people."""
    hides = [plans is None or item.plan in plans for item in record.items]
    items = (_without_agencies(item, but) if hidden else item for item, hidden in zip(record.items, hides, strict=True))
    return replace(record, items=tuple(items))


def _without_agencies(item: ItemRecord, but: Collection[str]) -> ItemRecord:
    auditors, strip = without_identities(item.auditors, item.strip, but)
    return replace(item, auditors=auditors, strip=strip)


def without_identities(
    auditors: Iterable[AuditorView], strip: Strip, but: Collection[str] = ()
) -> tuple[tuple[AuditorView, ...], Strip]:
    """The same ratings, and nothing that says from which agency they are."""
    bare = _bare(auditors, but)
    columns = tuple(replace(column, auditors=_bare(column.auditors, but)) for column in strip.columns)
    return bare, Strip(columns, " ".join(auditor.spoken for auditor in bare))


def _bare(auditors: Iterable[AuditorView], but: Collection[str]) -> tuple[AuditorView, ...]:
    return tuple(one if one.agency_name in but else replace(one, agency_kind=None, agency_name="") for one in auditors)


def without_evidence(auditors: Iterable[AuditorView]) -> tuple[AuditorView, ...]:
    """The auditors' notes and quotes are for the room; the minutes hold ratings and reasons."""
    return tuple(replace(auditor, evidence="", quote="", quote_place="", confidence="") for auditor in auditors)


@dataclass(frozen=True)
class Linked:
    """Of one cell: the independent ratings of those who voted, and their votes, as answers of a form."""

    before: tuple[str, ...]
    after: tuple[str, ...]

    def same(self, side: tuple[str, ...]) -> bool | None:
        """Did everybody give the same answer? None where fewer than two can be compared."""
        return len(set(side)) == 1 if len(side) > 1 else None
