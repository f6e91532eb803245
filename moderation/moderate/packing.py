"""Which disagreements go into a meeting when not all of them fit. Pure.

What is discussed one by one weighs most when the grade of a plan hangs on it. Disagreements of one criterion are kept together
where they fit, because the same question about the guidance is then answered once. What does not fit waits for the next meeting.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

OPENING = 5  # minutes for welcome and close, in a meeting long enough for them
LONG_ENOUGH = 30
MINUTES_EACH = 6  # fifteen fit into ninety minutes


@dataclass(frozen=True, slots=True)
class Choice:
    """A disagreement that could be discussed: what it is worth, and the criterion it belongs to."""

    key: str
    criterion: str
    worth: float


def margin(minutes: int) -> int:
    """Minutes for the welcome, and again for the close."""
    return OPENING if minutes >= LONG_ENOUGH else 0


def fitting(minutes: int, each: int) -> int:
    """How many items of the same length fit into a meeting, beside its welcome and its close."""
    return max(0, (minutes - 2 * margin(minutes)) // each)


def pack(choices: Sequence[Choice], places: int) -> list[str]:
    """The choices worth most, as many as there are places, in the order of the agenda. All items take the same time, so taking
    the worthiest is exactly the best choice; equal ones are taken by criterion, so that what is taken stands together."""
    ranked = sorted(choices, key=lambda choice: (-choice.worth, choice.criterion, choice.key))
    return [choice.key for choice in together(ranked[:places])]


def together(ranked: Sequence[Choice]) -> list[Choice]:
    """The same choices with each criterion in one piece, where its worthiest item stands."""
    groups: defaultdict[str, list[Choice]] = defaultdict(list)
    for choice in ranked:
        groups[choice.criterion].append(choice)
    return [choice for group in groups.values() for choice in group]
