"""When a batch of files can be added, in plain values."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Protocol

from moderation.words import InvalidInput, Problem


class Fit(StrEnum):
    """How a file of a batch stands; only the first can be added."""

    READY = "ready"
    CHECKING = "checking"
    REFUSED = "refused"
    LEFT_OUT = "left_out"
    NO_PLAN = "no_plan"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    CLOSED = "closed"
    TWICE = "twice"
    THERE = "there"


OPEN = (Fit.NO_PLAN, Fit.UNKNOWN, Fit.AMBIGUOUS, Fit.CLOSED, Fit.TWICE, Fit.THERE)  # what somebody has to decide
NAMES = {
    Fit.READY: "Will be added",
    Fit.CHECKING: "Being checked",
    Fit.REFUSED: "Cannot be used",
    Fit.LEFT_OUT: "Left out",
    Fit.NO_PLAN: "No plan found",
    Fit.UNKNOWN: "No such plan",
    Fit.AMBIGUOUS: "More than one plan",
    Fit.CLOSED: "Pack cannot change",
    Fit.TWICE: "Same file twice",
    Fit.THERE: "In the pack already",
}


class Line(Protocol):
    @property
    def position(self) -> int: ...
    @property
    def fit(self) -> Fit: ...
    @property
    def says(self) -> str: ...


def check_addable(lines: Sequence[Line]) -> None:
    """Everything is decided, and there is something to add."""
    problems = [
        Problem(f"reference-{line.position}", f"File {line.position}: {line.says}")
        for line in lines
        if line.fit in (*OPEN, Fit.CHECKING)
    ]
    if problems:
        raise InvalidInput(problems)
    if not any(line.fit is Fit.READY for line in lines):
        raise InvalidInput([Problem("files", "There is no file to add. Throw these away, and upload others")])


def at_file(position: int, problems: Iterable[Problem]) -> list[Problem]:
    """The same problems, said of one file of the batch."""
    return [replace(each, field=f"reference-{position}", message=f"File {position}: {each.message}") for each in problems]
