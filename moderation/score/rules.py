"""What an auditor may answer, what is still missing from a sheet, and how a sheet moves. Decisions in plain values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from string import ascii_uppercase
from typing import Any

from moderation.register.framework import Criterion, NonScore, evidence_required
from moderation.words import InvalidInput, Problem, Refused, ServiceError


class SheetState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    LOCKED = "locked"
    LAPSED = "lapsed"


class Confidence(StrEnum):
    SURE = "sure"
    FAIRLY_SURE = "fairly_sure"
    NOT_SURE = "not_sure"


class ConcernKind(StrEnum):
    SAFEGUARDING = "safeguarding"
    DATA_BREACH = "data_breach"


# A withdrawn sheet keeps its state and says when and why it was withdrawn.
MOVES: Mapping[SheetState, frozenset[SheetState]] = {
    SheetState.DRAFT: frozenset({SheetState.SUBMITTED, SheetState.LAPSED}),
    SheetState.SUBMITTED: frozenset({SheetState.DRAFT, SheetState.LOCKED}),
    SheetState.LOCKED: frozenset(),
    SheetState.LAPSED: frozenset(),
}

LONGEST: Mapping[str, int] = {"evidence": 4000, "quote": 2000, "quote_place": 200, "note_to_self": 2000}
TEXT_NAMES: Mapping[str, str] = {
    "evidence": "What shows this", "quote": "Quote", "quote_place": "Where the words are", "note_to_self": "Note to yourself",
}  # fmt: skip
LONGEST_REASON = 500
LONGEST_CONCERN = 2000


@dataclass(frozen=True)
class Answer:
    """What one auditor says about one criterion. Neither a value nor a non-score: not answered yet."""

    value: int | None = None
    non_score: NonScore | None = None
    left_for_now: bool = False
    evidence: str = ""
    quote: str = ""
    quote_place: str = ""
    confidence: Confidence | None = None
    note_to_self: str = ""

    @property
    def is_answered(self) -> bool:
        return self.value is not None or self.non_score is not None

    @property
    def has_evidence(self) -> bool:
        return bool(self.evidence.strip() or self.quote.strip())


UNANSWERED = Answer()
FIELDS = tuple(field.name for field in fields(Answer))
CHOICE = ("value", "non_score", "left_for_now")  # one choice, kept in three fields


class Lack(StrEnum):
    """Why a question stops a sheet from being submitted."""

    ANSWER = "answer"
    EVIDENCE = "evidence"


@dataclass(frozen=True)
class Missing:
    """One question that is not finished, and what it lacks."""

    criterion_key: str
    lack: Lack


class ScoresheetIncomplete(ServiceError):
    """A sheet cannot be submitted yet; `missing` says what it lacks, question by question."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__("Some questions are not finished. Put these right before you submit.")
        self.missing = tuple(missing)


def move(state: SheetState, to: SheetState) -> SheetState:
    """The sheet's next state; refuses a move that is not in the table."""
    if to not in MOVES[state]:
        raise Refused(f"These answers are {state.value}. They cannot become {to.value}.")
    return to


def check_may_save(state: SheetState, is_listed: bool, round_is_open: bool) -> None:
    """Answers change only in a draft of a plan that is still on the auditor's list, and only while the round is open."""
    if not round_is_open:
        raise Refused("This round is not open, so answers can no longer be changed. What was saved before is kept.")
    if state is not SheetState.DRAFT:
        raise Refused("These answers are locked. If you need to change one, ask your QA lead to reopen them.")
    if not is_listed:
        raise Refused("This plan is no longer on your list, so its answers can no longer be changed. What was saved is kept.")


class NamesSeen(Refused):
    """The auditor has seen the real names in the papers of this plan since it was given to them."""

    def __init__(self, allocation_id: str) -> None:
        super().__init__("You have seen the real names in the papers of this plan, so you cannot score it. Send it back.")
        self.allocation_id = allocation_id


def check_may_reopen(state: SheetState, withdrawn: bool, round_is_open: bool) -> None:
    """A lead may give a submitted sheet back to its auditor, before closing only."""
    if not round_is_open:
        raise Refused("This round is not open. Submitted answers can be reopened only before a round closes.")
    if withdrawn or state is not SheetState.SUBMITTED:
        raise Refused("Only submitted answers can be reopened.")


def check_may_withdraw(state: SheetState, is_released: bool) -> None:
    """One sheet is withdrawn after its round is closed; before, the lead reopens it or withdraws the plan."""
    if not is_released or state is not SheetState.LOCKED:
        raise Refused("Only a locked sheet of a closed round can be withdrawn. While the round is open, reopen it instead.")


def missing(criteria: Iterable[Criterion], answers: Mapping[str, Answer]) -> tuple[Missing, ...]:
    """What stands between these answers and submitting, in the order of the questions."""
    lacks = ((criterion.key, _lack(criterion, answers.get(criterion.key, UNANSWERED))) for criterion in criteria)
    return tuple(Missing(key, lack) for key, lack in lacks if lack)


def _lack(criterion: Criterion, answer: Answer) -> Lack | None:
    if not answer.is_answered:
        return Lack.ANSWER
    wanted = evidence_required(criterion, answer.value, answer.non_score)
    return Lack.EVIDENCE if wanted and not answer.has_evidence else None


def complete(criteria: Iterable[Criterion], answers: Mapping[str, Answer]) -> bool:
    """Is every question answered, with evidence where the framework asks for it?"""
    return not missing(criteria, answers)


def submit(state: SheetState, criteria: Iterable[Criterion], answers: Mapping[str, Answer]) -> SheetState:
    """The submitted state, if nothing is missing."""
    lacking = missing(criteria, answers)
    if lacking:
        raise ScoresheetIncomplete(lacking)
    return move(state, SheetState.SUBMITTED)


def check_answer(criterion: Criterion, answer: Answer) -> None:
    """A level of the scale, or a non-score that the framework offers here, and texts that fit."""
    problems = [*_bad_choice(criterion, answer), *_long_texts(answer)]
    if problems:
        raise InvalidInput(problems)


def _bad_choice(criterion: Criterion, answer: Answer) -> list[Problem]:
    if (answer.value is not None) + (answer.non_score is not None) + answer.left_for_now > 1:
        return [Problem("answer", "Choose one answer only")]
    if answer.value is not None and not criterion.scale.allows(answer.value):
        return [Problem("answer", "Choose one of the answers offered for this question")]
    if answer.non_score is not None and not criterion.allows_non_score(answer.non_score):
        return [Problem("answer", "This answer is not offered for this question. Choose another one")]
    return []


def _long_texts(answer: Answer) -> list[Problem]:
    return [
        Problem(field, f"{TEXT_NAMES[field]} must be {longest:,} characters or fewer")
        for field, longest in LONGEST.items()
        if len(getattr(answer, field)) > longest
    ]


def differs(now: Answer, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The wanted fields that are not so already. Nothing left over: saving again what is saved is not a change.

    A level takes a non-score away, and the other way round.
    """
    return {field: value for field, value in _whole(wanted).items() if getattr(now, field) != value}


def covers(before: Answer, wanted: Mapping[str, Any], now: Answer) -> bool:
    """Does somebody who saw `before` and wants this know all that is saved now? A page whose save got no answer does."""
    changed = {name: getattr(now, name) for name in FIELDS if getattr(now, name) != getattr(before, name)}
    return changed.items() <= _whole(wanted).items()


def _whole(wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    chooses = any(name in wanted for name in CHOICE)
    return {name: getattr(UNANSWERED, name) for name in CHOICE} | dict(wanted) if chooses else wanted


def both_versions(now: Answer, fresh: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What this person wants and what is saved, in the fields that differ; a choice is shown whole."""
    wanted = replace(now, **fresh)
    names = [name for name in FIELDS if name in fresh or (name in CHOICE and any(part in fresh for part in CHOICE))]
    return {name: getattr(wanted, name) for name in names}, {name: getattr(now, name) for name in names}


def check_reason(reason: str) -> str:
    """A reason is a few words that are kept."""
    if not reason.strip():
        raise InvalidInput([Problem("reason", "Enter a reason")])
    if len(reason) > LONGEST_REASON:
        raise InvalidInput([Problem("reason", f"Reason must be {LONGEST_REASON:,} characters or fewer")])
    return reason.strip()


def check_concern(text: str) -> str:
    """A concern says what was seen, so that the named person can act on it."""
    if not text.strip():
        raise InvalidInput([Problem("text", "Say what you have seen and where in the papers it is")])
    if len(text) > LONGEST_CONCERN:
        raise InvalidInput([Problem("text", f"What you have seen must be {LONGEST_CONCERN:,} characters or fewer")])
    return text.strip()


def check_outcome(text: str) -> str:
    """What became of a concern: said in words, because a closed one is not looked at again."""
    if not text.strip():
        raise InvalidInput([Problem("outcome", "Say what was done")])
    if len(text) > LONGEST_CONCERN:
        raise InvalidInput([Problem("outcome", f"Use {LONGEST_CONCERN:,} characters or fewer")])
    return text.strip()


def letters(count: int) -> Sequence[str]:
    """What the auditors of a plan are called where their names are hidden: A to Z, then AA, AB and so on."""
    double = (first + second for first in ascii_uppercase for second in ascii_uppercase)
    return [*ascii_uppercase, *double][:count]
