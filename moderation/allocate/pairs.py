"""How often auditors meet: the table of pairs across agencies, and the list of all pairs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from .problem import Allocation as Place
from .queries import PersonName
from .weighing import STANDING

MOST_PAIRED = 40  # auditors up to which the table of pairs fits a page


@dataclass(frozen=True)
class PairTable:
    """How often auditors of different agencies share a plan: the rows and columns of an upper triangle."""

    columns: tuple[tuple[str, bool], ...]  # surname, whether an agency begins here
    rows: tuple[tuple[str, tuple[tuple[int | None, bool], ...]], ...]
    least: int
    most: int

    @property
    def finding(self) -> str:
        if self.most == 0:
            return "Auditors of different agencies never meet"
        if self.least == 0:
            return f"Some pairs never meet, none meets more than {_times(self.most)}"
        return f"Every pair meets at least {_times(self.least)}, none more than {_times(self.most)}"


def pair_counts(places: Sequence[Place]) -> Counter[frozenset[str]]:
    """How many plans each two auditors share."""
    on_plan = defaultdict(list)
    for place in places:
        on_plan[place.plan].append(place.auditor)
    return Counter(frozenset(pair) for auditors in on_plan.values() for pair in combinations(auditors, 2))


def pair_table(places: Sequence[Place], people: Mapping[str, PersonName]) -> PairTable | None:
    """The pairs across agencies as a table; None where there is nothing to compare or too many to show."""
    order = [person for person in people.values() if any(place.auditor == person.account_id for place in places)]
    agencies = list(dict.fromkeys(person.agency_id for person in order))
    if len(agencies) < 2 or len(order) > MOST_PAIRED:
        return None
    counts, rank = pair_counts(places), {agency: index for index, agency in enumerate(agencies)}
    across = [person for person in order if rank[person.agency_id] > 0]
    starts = [index == 0 or across[index - 1].agency_id != person.agency_id for index, person in enumerate(across)]
    rows = []
    for person in order:
        if rank[person.agency_id] < len(agencies) - 1:
            shared = [
                counts[frozenset((person.account_id, other.account_id))] if rank[other.agency_id] > rank[person.agency_id] else None
                for other in across
            ]
            rows.append((person.name, tuple(zip(shared, [first and i > 0 for i, first in enumerate(starts)], strict=True))))
    shown = [number for _, cells in rows for number, _ in cells if number is not None]
    columns = tuple(
        (person.name.split()[-1], first and i > 0) for i, (person, first) in enumerate(zip(across, starts, strict=True))
    )
    return PairTable(columns, tuple(rows), min(shown), max(shown))


@dataclass(frozen=True)
class Recurring:
    """Pairs who meet in this draw and, with earlier rounds counted, share so many plans that they are standing pairs."""

    pairs: int
    often: tuple[str, str]  # the names of the two who share most
    plans: int

    @property
    def words(self) -> str:
        """
        >>> Recurring(1, ("Fiona Reid", "Daniel Osei"), 9).words
        'Counting earlier rounds, one pair recurs: Fiona Reid and Daniel Osei share 9 plans.'
        """
        share = f"{self.often[0]} and {self.often[1]} share {self.plans} plans"
        if self.pairs == 1:
            return f"Counting earlier rounds, one pair recurs: {share}."
        return f"Counting earlier rounds, {self.pairs} pairs share {STANDING} plans or more. Most often: {share}."


def recurring(places: Sequence[Place], history: Iterable[Sequence[Any]], people: Mapping[str, PersonName]) -> Recurring | None:
    """The standing pairs of a draw; None where no pair met in an earlier round, or none of them has become one."""
    now = pair_counts(places)
    before = {frozenset((one, other)): int(times) for one, other, times in history if {one, other} <= people.keys()}
    total = {pair: now[pair] + times for pair, times in before.items() if now[pair] and now[pair] + times >= STANDING}
    if not total:
        return None
    names = {pair: sorted(people[who].name for who in pair) for pair in total}
    most = min(total, key=lambda pair: (-total[pair], names[pair]))
    return Recurring(len(total), (names[most][0], names[most][1]), total[most])


def pair_rows(places: Sequence[Place], people: Mapping[str, PersonName]) -> list[tuple[str, str, str, str, int]]:
    """Every pair of auditors who share a plan, most often first, for the CSV."""
    counts, order = pair_counts(places), list(people)
    pairs = [(sorted(pair, key=order.index), number) for pair, number in counts.items() if pair <= people.keys()]
    pairs.sort(key=lambda one: (-one[1], order.index(one[0][0]), order.index(one[0][1])))
    return [(people[a].name, people[a].agency, people[b].name, people[b].agency, number) for (a, b), number in pairs]


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")
