"""What has changed since a draw, in words: its inputs as they were frozen beside the inputs as they are now. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .warnings import Names

Inputs = Mapping[str, Any]


def what_changed(before: Inputs, now: Inputs, names: Names) -> tuple[str, ...]:
    """A clause for everything that differs. Which plans are hidden is never said, nor what concerns them."""
    found = tuple(_clauses(before, now, names)) or tuple(words for field, words in LAST.items() if before[field] != now[field])
    return found or ("the way in which plans are drawn has changed",)


def _clauses(before: Inputs, now: Inputs, names: Names) -> Iterator[str]:
    then_people, people = _people(before), _people(now)
    came, left = _named(people - then_people, names), _named(then_people - people, names)
    yield from _counted(len(set(now["plans"]) - set(before["plans"])), "plan", "was added", "were added")
    yield from _counted(len(set(before["plans"]) - set(now["plans"])), "plan", "was taken out", "were taken out")
    if before["auditors_per_plan"] != now["auditors_per_plan"]:
        yield "the number of auditors for each plan changed"
    if came:
        yield f"{came} joined"
    if left:
        yield f"{left} left or went away"
    yield from _limits(before, now, then_people & people, names)
    yield from _conflicts(before, now, then_people & people)
    both, plans = then_people & people, set(before["plans"]) & set(now["plans"])
    if _expertise(before, both, plans) != _expertise(now, both, plans):
        yield "what auditors know best changed"
    if _meetings(before, both) != _meetings(now, both):
        yield "auditors have met in another round"


LAST = {  # follow from other changes; said where nothing else is
    "extra": "the plans to be scored twice changed",
    "seeds": "the hidden plans changed",
}


def _people(inputs: Inputs) -> set[str]:
    return {auditor for auditors in inputs["agencies"].values() for auditor in auditors}


def _limits(before: Inputs, now: Inputs, both: set[str], names: Names) -> Iterator[str]:
    for field, words in (("capacity", "the number of plans that {} can take"), ("availability", "the working time of {}")):
        who = {one for one in both if before.get(field, {}).get(one) != now.get(field, {}).get(one)}
        if who:
            yield words.format(_named(who, names)) + " changed"


def _conflicts(before: Inputs, now: Inputs, both: set[str]) -> Iterator[str]:
    """Conflicts that came or went among people and plans that stayed."""
    plans = set(before["plans"]) & set(now["plans"])
    then, today = ({(bar[0], bar[1]) for bar in one["conflicts"] if bar[0] in plans and bar[1] in both} for one in (before, now))
    yield from _counted(len(today - then), "conflict", "was recorded", "were recorded")
    yield from _counted(len(then - today), "conflict", "was cleared", "were cleared")


def _expertise(inputs: Inputs, people: set[str], plans: set[str]) -> dict[tuple[str, str], int]:
    rows = inputs["expertise_cost"]
    return {(who, plan): cost for who in people for plan, cost in rows.get(who, {}).items() if cost and plan in plans}


def _meetings(inputs: Inputs, people: set[str]) -> set[tuple[str, str, int]]:
    return {(one, other, times) for one, other, times in inputs["history"] if {one, other} <= people}


def _counted(number: int, noun: str, one: str, more: str) -> Iterator[str]:
    if number:
        yield f"{number} {noun}{'' if number == 1 else 's'} {one if number == 1 else more}"


def _named(ids: set[str], names: Names, most: int = 3) -> str:
    """
    >>> _named({"a", "b", "c", "d"}, Names({}, {}))
    '4 auditors'
    """
    known: Sequence[str] = sorted(names.people[one].name for one in ids if one in names.people)
    if not ids or len(known) < len(ids) or len(ids) > most:
        return f"{len(ids)} auditor{'' if len(ids) == 1 else 's'}" if ids else ""
    return " and ".join(part for part in (", ".join(known[:-1]), known[-1]) if part)
