"""Decisions of the gate, in plain values: what must be done before a pack may pass, and which findings outlast a new search."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from moderation.words import InvalidInput, Problem, Refused

from .identity.kinds import Kind, is_token


class Check(StrEnum):
    """What only somebody who has the real names can say of a plan: that part of the question about accuracy."""

    NAME = "name"
    BORN = "born"
    SETTING = "setting"
    OTHERS = "others"


class CheckAnswer(StrEnum):
    YES = "yes"
    NO = "no"
    NOT_THERE = "not_there"
    CANNOT_TELL = "cannot_tell"


QUESTIONS: Mapping[Check, str] = {
    Check.NAME: "Is the child or young person’s name right, and spelled the same, everywhere?",
    Check.BORN: "Is the date of birth right everywhere?",
    Check.SETTING: "Is the school or setting named correctly everywhere?",
    Check.OTHERS: "Is every person named in the plan somebody who belongs in it, and no child’s name there by mistake?",
}
ABOUT: Mapping[Check, str] = {
    Check.NAME: "Name of the child or young person",
    Check.BORN: "Date of birth",
    Check.SETTING: "Name of the school or setting",
    Check.OTHERS: "Nobody else’s name by mistake",
}
ANSWERS: Mapping[CheckAnswer, str] = {
    CheckAnswer.YES: "Yes",
    CheckAnswer.NO: "No",
    CheckAnswer.NOT_THERE: "The documents do not say",
    CheckAnswer.CANNOT_TELL: "I cannot tell",
}
UNANSWERED: Mapping[Check, str] = {
    Check.NAME: "Choose whether the child or young person’s name is right everywhere",
    Check.BORN: "Choose whether the date of birth is right everywhere",
    Check.SETTING: "Choose whether the school or setting is named correctly everywhere",
    Check.OTHERS: "Choose whether everybody who is named in the plan belongs in it",
}
SAID: Mapping[CheckAnswer, str] = {
    CheckAnswer.YES: "right",
    CheckAnswer.NO: "not right",
    CheckAnswer.NOT_THERE: "the documents do not say",
    CheckAnswer.CANNOT_TELL: "could not be told",
}


@dataclass(frozen=True)
class GateState:
    """What stands between a pack and its auditors."""

    kinds: tuple[str, ...]
    unreadable: int
    is_searched: bool
    undecided: int
    unseen_pages: int
    is_checked: bool

    @property
    def missing(self) -> list[str]:
        """What is to be done before the pack may be released, each as a sentence."""
        wanted = (
            ("final_plan" not in self.kinds, "Add the final plan."),
            (self.unreadable > 0, "A document cannot be shown as pages. Remove it, or replace it by a new one."),
            (not self.is_searched, "Wait until the documents have been searched."),
            (self.undecided > 0, f"Decide {_count(self.undecided, 'finding')}."),
            (self.unseen_pages > 0, f"Look at {_count(self.unseen_pages, 'page')} that could not be searched completely."),
            (not self.is_checked, "Compare names and dates with the register."),
        )
        return [words for is_wanted, words in wanted if is_wanted]


def check_passable(state: GateState) -> None:
    if state.missing:
        raise Refused("The audit pack cannot be released yet. " + " ".join(state.missing))


def check_undecided(is_passed: bool) -> None:
    """What was released stays as it is; to change it, the gate is closed first."""
    if is_passed:
        raise Refused("This audit pack has been released. Close the gate first to change what is replaced.")


def check_searched(is_searched: bool) -> None:
    """A search may move findings and change their tokens: what is decided before it ends would be about something else."""
    if not is_searched:
        raise Refused("The documents are being searched. Wait until that is done, then decide: the findings may change.")


def check_token(token: str) -> None:
    if not is_token(token):
        raise InvalidInput([Problem("token", "Choose a token of the list, like PARENT 1. A token must not name anybody")])


def seen_of(versions: Mapping[str, int]) -> str:
    """What a page has seen of some findings: another value as soon as somebody decides one of them."""
    lines = "\n".join(f"{finding}:{version}" for finding, version in sorted(versions.items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


def stays(decision: str, origin: str, still_found: bool) -> bool:
    """Does a finding stay after a new search? What a person decided to replace or added does, and what is found again."""
    return still_found or origin == "added" or decision == "replace"


def overlaps(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def covers(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] <= other[0] and other[1] <= one[1]


def union(places: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """The shortest place that covers all of these: what crosses without covering is replaced as one."""
    starts, ends = zip(*places, strict=True)
    return min(starts), max(ends)


def is_known_better(kind: Kind, token: str, now_kind: Kind, now_token: str) -> bool:
    """Was somebody a stranger before, or another person? A number that moved on (PERSON 2, PERSON 1) tells nothing new."""
    return (kind, token.rstrip(" 0123456789")) != (now_kind, now_token.rstrip(" 0123456789"))


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" + ("s" if number != 1 else "")
