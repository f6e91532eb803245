"""Who has to come so that every plan of an agenda has somebody from each agency of the round. Pure.

Somebody with a conflict of interest is out of a plan, so one person of an agency is not always enough for it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from moderation.words import AgencyKind


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could speak for an agency, but not about the plans they have a conflict of interest with."""

    account_id: str
    name: str
    kind: AgencyKind
    is_invited: bool
    out_of: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Gap:
    """Plans for which nobody who is invited can speak for an agency, the people who would change that, and the plans for which
    nobody can."""

    kind: AgencyKind
    plans: frozenset[str]
    people: tuple[Candidate, ...]
    beyond: frozenset[str]


def gaps(needed: Collection[AgencyKind], people: Sequence[Candidate], plans: Collection[str]) -> tuple[Gap, ...]:
    """Agency by agency. Whoever stands first in `people` is preferred among equals."""
    found = (_gap(kind, [one for one in people if one.kind is kind], plans) for kind in AgencyKind if kind in needed)
    return tuple(gap for gap in found if gap.plans)


def _gap(kind: AgencyKind, people: Sequence[Candidate], plans: Collection[str]) -> Gap:
    bare = uncovered((one for one in people if one.is_invited), plans)
    left, free, chosen = bare, [one for one in people if not one.is_invited], list[Candidate]()
    while left and free:
        best = min(free, key=lambda one: len(left & one.out_of))
        if left <= best.out_of:
            break
        chosen.append(best)
        free.remove(best)
        left &= best.out_of
    return Gap(kind, bare, tuple(chosen), left)


def absent(needed: Collection[AgencyKind], people: Iterable[Candidate], wanted: Collection[str]) -> tuple[AgencyKind, ...]:
    """The agencies of which nobody is wanted. What the wanted ones are out of is not looked at: else one list after the other would
    tell who has a conflict of interest with what."""
    chosen = {one.kind for one in people if one.account_id in wanted}
    return tuple(kind for kind in AgencyKind if kind in needed and kind not in chosen)


def uncovered(people: Iterable[Candidate], plans: Collection[str]) -> frozenset[str]:
    """The plans that none of these people can speak about."""
    left = frozenset(plans)
    for one in people:
        left &= one.out_of
    return left


def inviting(people: Iterable[Candidate], wanted: Collection[str]) -> tuple[Candidate, ...]:
    """The same people when exactly the wanted ones are invited."""
    return tuple(replace(one, is_invited=one.account_id in wanted) for one in people)


def inviting_everybody(people: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(replace(one, is_invited=True) for one in people)


def people_for(found: Iterable[Gap]) -> tuple[Candidate, ...]:
    """Everybody who has to be invited to close these gaps."""
    return tuple(one for gap in found for one in gap.people)
