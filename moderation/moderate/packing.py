"""Which disagreements go into a meeting when not all of them fit. Pure.

What is discussed one by one weighs most when the grade of a plan hangs on it. What recurs on a criterion is one question about the
guidance, which is answered once: it takes one turn with all its plans. What does not fit waits for the next meeting.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

OPENING = 5  # minutes for welcome and close, in a meeting long enough for them
LONG_ENOUGH = 30
LONGEST = 120  # minutes that an item may take
USUAL = 90  # minutes of a meeting
MINUTES_EACH = 6
QUESTION, PLAN = 10, 2  # minutes for a question about the guidance, and for each plan once it is answered
PLANS_MOST = 20  # plans that one question can hold: more cannot be looked at in one go


@dataclass(frozen=True, slots=True)
class Choice:
    """A disagreement that could be discussed: what it is worth, its criterion, and whether it is discussed by itself."""

    key: str
    criterion: str
    worth: float
    is_alone: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """What takes one place on an agenda: a disagreement, or a question with the disagreements it covers, the worthiest first."""

    choices: tuple[Choice, ...]
    minutes: int

    @property
    def keys(self) -> list[str]:
        return [choice.key for choice in self.choices]

    @property
    def is_question(self) -> bool:
        return len(self.choices) > 1

    @property
    def worth(self) -> float:
        """A question is worth what all its plans are: it settles them all."""
        return sum(choice.worth for choice in self.choices)

    @property
    def first(self) -> Choice:
        return self.choices[0]


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
        return MINUTES_EACH * self.one_by_one + sum(map(minutes_of_question, self.questions))


def need(cells: Iterable[tuple[str, bool]], recurs_from: int) -> Need:
    """From each open cell its criterion and whether it is discussed alone. Where few are left of a criterion, those are too."""
    single, grouped = 0, Counter[str]()
    for criterion, is_alone in cells:
        single += is_alone
        grouped[criterion] += not is_alone
    questions = [size for plans in grouped.values() if plans >= recurs_from for size in parts(plans)]
    return Need(single + grouped.total() - sum(questions), tuple(sorted(questions, reverse=True)))


def parts(plans: int) -> list[int]:
    """So many plans as questions of about the same size, none with more than one question can hold."""
    number = -(-plans // PLANS_MOST)
    return [plans // number + (place < plans % number) for place in range(number)]


def minutes_of_question(plans: int) -> int:
    """How long a question about so many plans usually takes."""
    return QUESTION + PLAN * plans


def margin(minutes: int) -> int:
    """Minutes for the welcome, and again for the close."""
    return OPENING if minutes >= LONG_ENOUGH else 0


def fit(minutes: int) -> int:
    """How many disagreements can be discussed one by one, beside the welcome and the close.

    >>> fit(USUAL)
    13
    """
    return left(minutes) // MINUTES_EACH


def left(minutes: int, used: int = 0) -> int:
    """What is left of the minutes of a meeting, beside its welcome, its close and the minutes already used."""
    return max(0, minutes - 2 * margin(minutes) - used)


def turns(choices: Iterable[Choice], each: int, recurs_from: int, asked: Collection[str] = ()) -> list[Turn]:
    """One turn for each disagreement, but one question for those of a criterion that are not discussed alone, where they are
    many enough. A meeting asks about a criterion once, so nothing of a criterion that is `asked` already."""
    ranked = sorted(choices, key=_rank)
    grouped: defaultdict[str, list[Choice]] = defaultdict(list)
    for choice in ranked:
        if not choice.is_alone:
            grouped[choice.criterion].append(choice)
    recurring = {key: found for key, found in grouped.items() if len(found) >= recurs_from}
    single = [Turn((one,), each) for one in ranked if one.is_alone or one.criterion not in recurring]
    return single + [_question(found) for key, found in recurring.items() if key not in asked]


def _question(found: Sequence[Choice]) -> Turn:
    size = parts(len(found))[0]
    return Turn(tuple(found[:size]), minutes_of_question(size))


def _rank(choice: Choice) -> tuple[float, str, str]:
    return -choice.worth, choice.criterion, choice.key


def pack(offered: Sequence[Turn], minutes: int) -> list[Turn]:
    """The turns that are worth most together within the minutes, in the order of the agenda. Exact: single disagreements all take
    the same time, so the worthiest of them fill up whatever the best choice of questions leaves. Equal ones are taken by
    criterion, so that what is taken stands together."""
    single = sorted((turn for turn in offered if not turn.is_question), key=lambda turn: _rank(turn.first))
    questions = [turn for turn in offered if turn.is_question]
    each = single[0].minutes if single else 1
    worth = list(accumulate((turn.worth for turn in single), initial=0.0))
    best = _best(questions, minutes)
    fit = [min((minutes - used) // each, len(single)) for used in range(minutes + 1)]
    used = max(range(minutes + 1), key=lambda used: (best[used][0] + worth[fit[used]], -used))
    return together([*best[used][1], *single[: fit[used]]])


def _best(questions: Iterable[Turn], minutes: int) -> list[tuple[float, tuple[Turn, ...]]]:
    """For every number of minutes the questions worth most that fit into it, and their worth."""
    best: list[tuple[float, tuple[Turn, ...]]] = [(0.0, ())] * (minutes + 1)
    for turn in questions:
        for used in range(minutes, turn.minutes - 1, -1):
            worth, taken = best[used - turn.minutes]
            if worth + turn.worth > best[used][0]:
                best[used] = (worth + turn.worth, (*taken, turn))
    return best


def together(taken: Iterable[Turn]) -> list[Turn]:
    """The same turns, the worthiest disagreement first, and each criterion in one piece where its worthiest stands."""
    groups: defaultdict[str, list[Turn]] = defaultdict(list)
    for turn in sorted(taken, key=lambda turn: _rank(turn.first)):
        groups[turn.first.criterion].append(turn)
    return [turn for group in groups.values() for turn in group]
