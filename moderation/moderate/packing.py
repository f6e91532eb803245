"""Which disagreements go into a meeting when not all of them fit. Pure.

What is discussed one by one weighs most when the grade of a plan hangs on it. Disagreements of one criterion are kept together
where they fit, because the same question about the guidance is then answered once. What does not fit waits for the next meeting.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

OPENING = 5  # minutes for welcome and close, in a meeting long enough for them
LONG_ENOUGH = 30
LONGEST = 120  # minutes that an item may take
MINUTES_EACH = 6  # fifteen fit into ninety minutes
QUESTION, PLAN = 10, 2  # minutes for a question about the guidance, and for each plan once it is answered


@dataclass(frozen=True, slots=True)
class Choice:
    """A disagreement that could be discussed: what it is worth, and the criterion it belongs to."""

    key: str
    criterion: str
    worth: float


@dataclass(frozen=True)
class Need:
    """The time that disagreements take: some one by one, the others as questions about the guidance of a criterion."""

    one_by_one: int
    questions: tuple[int, ...]  # plans of each

    @property
    def grouped(self) -> int:
        return sum(self.questions)

    @property
    def minutes(self) -> int:
        return MINUTES_EACH * self.one_by_one + sum(QUESTION + PLAN * plans for plans in self.questions)


def need(cells: Iterable[tuple[str, bool]], recurs_from: int) -> Need:
    """From each open cell its criterion and whether it is discussed alone. Where few are left of a criterion, those are too."""
    single, grouped = 0, Counter[str]()
    for criterion, is_alone in cells:
        single += is_alone
        grouped[criterion] += not is_alone
    questions = tuple(sorted((plans for plans in grouped.values() if plans >= recurs_from), reverse=True))
    return Need(single + grouped.total() - sum(questions), questions)


def margin(minutes: int) -> int:
    """Minutes for the welcome, and again for the close."""
    return OPENING if minutes >= LONG_ENOUGH else 0


def fitting(minutes: int, each: int, used: int = 0) -> int:
    """How many items of the same length fit into a meeting, beside its welcome, its close and the minutes already used."""
    return max(0, (minutes - 2 * margin(minutes) - used) // each)


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
