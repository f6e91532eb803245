"""What an auditor may answer, what is still missing from a sheet, and how a sheet moves. Decisions in plain values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from moderation.register.criteria import Criterion, EvidenceRule, Framework, NonScore
from moderation.words import AgencyKind, InvalidInput, Problem, Refused, ServiceError

LONGEST_TEXT = 5000
LONGEST_QUOTE = 2000


class SheetState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    LOCKED = "locked"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class Confidence(StrEnum):
    SURE = "sure"
    FAIRLY_SURE = "fairly_sure"
    NOT_SURE = "not_sure"


class ConcernKind(StrEnum):
    SAFEGUARDING = "safeguarding"
    DATA_BREACH = "data_breach"


MOVES: Mapping[SheetState, frozenset[SheetState]] = {
    SheetState.DRAFT: frozenset({SheetState.SUBMITTED, SheetState.LAPSED, SheetState.WITHDRAWN}),
    SheetState.SUBMITTED: frozenset({SheetState.DRAFT, SheetState.LOCKED, SheetState.WITHDRAWN}),
    SheetState.LOCKED: frozenset({SheetState.WITHDRAWN}),
    SheetState.LAPSED: frozenset({SheetState.WITHDRAWN}),
    SheetState.WITHDRAWN: frozenset(),
}


@dataclass(frozen=True)
class Answer:
    """What one auditor says about one criterion. Neither a value nor a non-score: not answered yet."""

    value: int | None = None
    non_score: NonScore | None = None
    evidence: str = ""
    quote: str = ""
    quote_page: str = ""
    confidence: Confidence | None = None
    note_to_self: str = ""

    @property
    def is_answered(self) -> bool:
        return self.value is not None or self.non_score is not None

    @property
    def has_evidence(self) -> bool:
        return bool(self.evidence.strip() or self.quote.strip())


UNANSWERED = Answer()


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
        super().__init__("Some questions are not finished yet. Put these right before you submit.")
        self.missing = tuple(missing)


def move(state: SheetState, to: SheetState) -> SheetState:
    """The sheet's next state; refuses a move that is not in the table."""
    if to not in MOVES[state]:
        raise Refused(f"These answers are {state.value}. They cannot become {to.value}.")
    return to


def check_may_save(state: SheetState, round_is_open: bool) -> None:
    """Answers change only in a draft, and only while the round is open."""
    if not round_is_open:
        raise Refused("This round is not open, so answers can no longer be changed. What was saved before is kept.")
    if state is not SheetState.DRAFT:
        raise Refused("You have submitted these answers, so they are locked. Ask your QA lead if you need to change one.")


def check_may_reopen(state: SheetState, round_is_open: bool) -> None:
    """A lead may give a submitted sheet back to its auditor, before closing only."""
    if not round_is_open:
        raise Refused("This round is not open. Submitted answers can be reopened only before a round closes.")
    if state is not SheetState.SUBMITTED:
        raise Refused("Only a submitted sheet can be reopened.")


def questions(framework: Framework, agency: AgencyKind, ncy: int | None) -> tuple[Criterion, ...]:
    """The criteria that this agency scores and that apply in this year group, section by section: A to K, whole plan, overall."""
    order = {key: place for place, key in enumerate(section_order(framework))}
    mine = [criterion for criterion in framework.criteria if criterion.scored_by(agency) and criterion.applies_when.include(ncy)]
    return tuple(sorted(mine, key=lambda criterion: order[criterion.section]))


def section_order(framework: Framework) -> tuple[str, ...]:
    """Sections as they are scored: what needs the whole plan read comes last."""
    late = [key for key in ("W", "O") if any(section.key == key for section in framework.sections)]
    return (*(section.key for section in framework.sections if section.key not in late), *late)


def needs_evidence(criterion: Criterion, answer: Answer, rules: Sequence[EvidenceRule]) -> bool:
    """Must this answer say what in the plan shows it? Never where the auditor cannot judge, unless the framework asks."""
    asked = {*rules, *criterion.evidence_when}
    if answer.non_score is not None:
        return EvidenceRule(answer.non_score.value) in asked
    if answer.value is None:
        return False
    critical = criterion.critical and EvidenceRule.CRITICAL_CRITERION in asked
    said_no = criterion.is_no(answer.value) and EvidenceRule.COMPLIANCE_NO in asked
    return EvidenceRule.ALWAYS in asked or critical or said_no


def missing(criteria: Iterable[Criterion], answers: Mapping[str, Answer], rules: Sequence[EvidenceRule]) -> tuple[Missing, ...]:
    """What stands between these answers and submitting, in the order of the questions."""
    lacks = ((criterion.key, _lack(criterion, answers.get(criterion.key, UNANSWERED), rules)) for criterion in criteria)
    return tuple(Missing(key, lack) for key, lack in lacks if lack)


def _lack(criterion: Criterion, answer: Answer, rules: Sequence[EvidenceRule]) -> Lack | None:
    if not answer.is_answered:
        return Lack.ANSWER
    return Lack.EVIDENCE if needs_evidence(criterion, answer, rules) and not answer.has_evidence else None


def complete(criteria: Iterable[Criterion], answers: Mapping[str, Answer], rules: Sequence[EvidenceRule]) -> bool:
    """Is every question answered, with evidence where the framework asks for it?"""
    return not missing(criteria, answers, rules)


def submit(
    state: SheetState, criteria: Iterable[Criterion], answers: Mapping[str, Answer], rules: Sequence[EvidenceRule]
) -> SheetState:
    """The submitted state, if nothing is missing."""
    lacking = missing(criteria, answers, rules)
    if lacking:
        raise ScoresheetIncomplete(lacking)
    return move(state, SheetState.SUBMITTED)


def changed(before: Answer, fields: Mapping[str, object]) -> Answer:
    """The answer with some of its fields replaced; choosing a level takes a non-score away and the other way round."""
    return replace(before, **fields)  # type: ignore[arg-type]


def check_answer(criterion: Criterion, answer: Answer) -> None:
    """A level of the scale, or a non-score that the framework offers here, and texts of a length that can be read."""
    problems = [*_bad_choice(criterion, answer), *_long_texts(answer)]
    if problems:
        raise InvalidInput(problems)


def _bad_choice(criterion: Criterion, answer: Answer) -> list[Problem]:
    if answer.value is not None and answer.non_score is not None:
        return [Problem("answer", "Choose one answer only")]
    if answer.value is not None and not criterion.scale.allows(answer.value):
        return [Problem("answer", "Choose one of the answers offered for this question")]
    if answer.non_score is not None and not criterion.allows_non_score(answer.non_score):
        return [Problem("answer", "This answer is not offered for this question")]
    return []


def _long_texts(answer: Answer) -> list[Problem]:
    limits = {"evidence": LONGEST_TEXT, "note_to_self": LONGEST_TEXT, "quote": LONGEST_QUOTE, "quote_page": 40}
    return [
        Problem(field, f"Use {longest:,} characters or fewer")
        for field, longest in limits.items()
        if len(getattr(answer, field)) > longest
    ]


def check_concern(details: str) -> str:
    """A concern says what was seen, so that the named person can act on it."""
    if not details.strip():
        raise InvalidInput([Problem("details", "Say what you have seen and where in the papers it is")])
    if len(details) > LONGEST_TEXT:
        raise InvalidInput([Problem("details", f"Use {LONGEST_TEXT:,} characters or fewer")])
    return details.strip()
