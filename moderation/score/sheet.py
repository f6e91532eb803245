"""What the sheet and its check page show: questions, steps, sections, and what is done, from an auditor's own answers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from moderation.register.framework import Criterion, EvidenceRule, Framework, NonScore, Section, evidence_required

from .rules import UNANSWERED, Answer, Lack, Missing, missing

# The law's sections by the names that auditors use; a framework may call its sections something else.
SHORT_NAMES: Mapping[str, str] = {
    "A": "Views", "B": "Needs", "C": "Health needs", "D": "Care needs", "E": "Outcomes", "F": "Provision",
    "G": "Health provision", "H1": "Care, 1970 Act", "H2": "Other care", "I": "Placement", "J": "Personal budget", "K": "Advice",
}  # fmt: skip

NON_SCORE_LABELS: Mapping[NonScore, str] = {
    NonScore.NOT_APPLICABLE: "Not applicable",
    NonScore.NO_EVIDENCE: "No evidence in the pack",
    NonScore.OUTSIDE_DISCIPLINE: "Outside my discipline",
}
_NON_SCORE_HINTS: Mapping[NonScore, str] = {
    NonScore.NO_EVIDENCE: "It applies, but the papers do not show it",
    NonScore.OUTSIDE_DISCIPLINE: "For another service to judge",
}
_NON_SCORE_KEYS: Mapping[NonScore, str] = {
    NonScore.NOT_APPLICABLE: "x",
    NonScore.NO_EVIDENCE: "v",
    NonScore.OUTSIDE_DISCIPLINE: "o",
}


class Mark(StrEnum):
    """How far a section has come."""

    DONE = "done"
    PART = "part"
    TODO = "todo"


@dataclass(frozen=True)
class Step:
    """A question of the section in hand, in the strip above the question."""

    key: str
    title: str
    is_done: bool
    is_current: bool


@dataclass(frozen=True)
class SectionLine:
    """One line of the list of sections."""

    key: str
    code: str
    name: str
    short: str
    answered: int
    total: int
    first_key: str
    is_current: bool

    @property
    def mark(self) -> Mark:
        if self.answered == self.total:
            return Mark.DONE
        return Mark.PART if self.answered else Mark.TODO


@dataclass(frozen=True)
class Progress:
    """Everything on the page that changes when an answer is saved."""

    answered: int
    total: int
    left_for_now: int
    first_left: str | None
    section: SectionLine
    steps: tuple[Step, ...]
    sections: tuple[SectionLine, ...]


@dataclass(frozen=True)
class LevelChoice:
    value: int
    label: str
    descriptor: str
    is_chosen: bool
    key: str
    needs_evidence: bool


@dataclass(frozen=True)
class NonScoreChoice:
    value: str
    label: str
    hint: str
    is_chosen: bool
    is_offered: bool
    key: str
    needs_evidence: bool


@dataclass(frozen=True)
class Question:
    """One question with its help, its choices and this auditor's answer."""

    criterion: Criterion
    answer: Answer
    levels: tuple[LevelChoice, ...]
    non_scores: tuple[NonScoreChoice, ...]
    evidence_hint: str
    previous: Criterion | None
    next: Criterion | None


def progress(framework: Framework, criteria: Sequence[Criterion], answers: Mapping[str, Answer], current: str) -> Progress:
    """Marks and counts of a sheet, seen from one question."""
    section_key = next(criterion.section for criterion in criteria if criterion.key == current)
    lines = sections(framework, criteria, answers, section_key)
    left = [criterion.key for criterion in criteria if answers.get(criterion.key, UNANSWERED).left_for_now]
    return Progress(
        sum(line.answered for line in lines),
        len(criteria),
        len(left),
        left[0] if left else None,
        next(line for line in lines if line.is_current),
        tuple(
            Step(criterion.key, criterion.title, _is_done(answers, criterion), criterion.key == current)
            for criterion in criteria
            if criterion.section == section_key
        ),
        lines,
    )


def sections(
    framework: Framework, criteria: Sequence[Criterion], answers: Mapping[str, Answer], current: str | None = None
) -> tuple[SectionLine, ...]:
    """The sections in which this auditor has questions, in the order in which they are scored."""
    by_key: dict[str, list[Criterion]] = {}
    for criterion in criteria:
        by_key.setdefault(criterion.section, []).append(criterion)
    return tuple(_line(framework.section(key), asked, answers, key == current) for key, asked in by_key.items())


def _line(section: Section, asked: Sequence[Criterion], answers: Mapping[str, Answer], is_current: bool) -> SectionLine:
    code, name = letter_and_name(section)
    short = SHORT_NAMES.get(code, name)
    done = [_is_done(answers, criterion) for criterion in asked]
    waiting = [criterion.key for criterion, is_done in zip(asked, done, strict=True) if not is_done]
    return SectionLine(section.key, code, name, short, sum(done), len(asked), (waiting or [asked[0].key])[0], is_current)


def letter_and_name(section: Section) -> tuple[str, str]:
    """Letter and name: "F - Special educational provision" is F and Special educational provision."""
    letter, dash, rest = section.label.partition(" - ")
    return (letter, rest) if dash and letter == section.key else ("", section.label)


def _is_done(answers: Mapping[str, Answer], criterion: Criterion) -> bool:
    return answers.get(criterion.key, UNANSWERED).is_answered


def question(criteria: Sequence[Criterion], answers: Mapping[str, Answer], key: str) -> Question:
    """The question of that key with its choices and neighbours."""
    place = next(number for number, criterion in enumerate(criteria) if criterion.key == key)
    criterion, answer = criteria[place], answers.get(key, UNANSWERED)
    return Question(
        criterion,
        answer,
        tuple(
            LevelChoice(
                level.value,
                short_label(level.label),
                level.descriptor,
                level.value == answer.value,
                str(number),
                evidence_required(criterion, level.value, None),
            )
            for number, level in enumerate(criterion.levels, 1)
        ),
        tuple(_non_score(criterion, answer, non_score) for non_score in NonScore),
        evidence_hint(criterion),
        criteria[place - 1] if place else None,
        criteria[place + 1] if place + 1 < len(criteria) else None,
    )


def short_label(label: str) -> str:
    """ "Yes - met" is Yes: the descriptor beside it says the rest."""
    return label.partition(" - ")[0]


def _non_score(criterion: Criterion, answer: Answer, non_score: NonScore) -> NonScoreChoice:
    return NonScoreChoice(
        non_score.value,
        NON_SCORE_LABELS[non_score],
        _NON_SCORE_HINTS.get(non_score) or _na_hint(criterion),
        answer.non_score is non_score,
        criterion.allows_non_score(non_score),
        _NON_SCORE_KEYS[non_score],
        evidence_required(criterion, None, non_score),
    )


def _na_hint(criterion: Criterion) -> str:
    if not criterion.allows_non_score(NonScore.NOT_APPLICABLE):
        return "Not offered: this question applies to every plan"
    return f"Only if: {criterion.na_rule}" if criterion.na_rule else "Only if the question cannot apply to this plan"


def evidence_hint(criterion: Criterion) -> str:
    """When the note is needed, in a sentence; and what an overall judgement has to say."""
    return " ".join([_when_needed(criterion), *_wanted_words(criterion)])


def _when_needed(criterion: Criterion) -> str:
    asked = criterion.evidence_when
    if EvidenceRule.ALWAYS in asked or (criterion.critical and EvidenceRule.CRITICAL_CRITERION in asked):
        return "Needed here, unless the question is outside your discipline."
    no = [short_label(level.label) for level in criterion.levels if criterion.is_no(level.value)]
    offered = [non_score for non_score in NonScore if criterion.allows_non_score(non_score)]
    other = [NON_SCORE_LABELS[non_score] for non_score in offered if EvidenceRule(non_score.value) in asked]
    choices = [*(no if EvidenceRule.COMPLIANCE_NO in asked else []), *other]
    if not choices:
        return "You can leave this empty."
    listed = " or ".join([", ".join(choices[:-1]), choices[-1]]) if len(choices) > 1 else choices[0]
    return f"Needed if you choose {listed}."


def _wanted_words(criterion: Criterion) -> list[str]:
    wanted = [item.replace("_", " ") for item in criterion.required_text]
    return [f"Say: {'; '.join(wanted)}."] if wanted else []


@dataclass(frozen=True)
class CheckedAnswer:
    """One line of the check page."""

    criterion: Criterion
    answer: Answer
    words: str
    problem: str


@dataclass(frozen=True)
class CheckedSection:
    line: SectionLine
    answers: tuple[CheckedAnswer, ...]


@dataclass(frozen=True)
class Check:
    """The whole sheet for a last look, with what is missing."""

    sections: tuple[CheckedSection, ...]
    missing: tuple[Missing, ...]
    answered: int
    total: int

    @property
    def lacking_evidence(self) -> int:
        return sum(lacking.lack is Lack.EVIDENCE for lacking in self.missing)

    @property
    def problems(self) -> tuple[CheckedAnswer, ...]:
        return tuple(answer for section in self.sections for answer in section.answers if answer.problem)


def check(framework: Framework, criteria: Sequence[Criterion], answers: Mapping[str, Answer]) -> Check:
    """Every answer in words, section by section."""
    lacking = missing(criteria, answers)
    lacks = {lack.criterion_key: lack.lack for lack in lacking}
    lines = sections(framework, criteria, answers)
    checked = [_checked(criterion, answers.get(criterion.key, UNANSWERED), lacks.get(criterion.key)) for criterion in criteria]
    return Check(
        tuple(CheckedSection(line, tuple(one for one in checked if one.criterion.section == line.key)) for line in lines),
        lacking,
        sum(line.answered for line in lines),
        len(criteria),
    )


def _checked(criterion: Criterion, answer: Answer, lack: Lack | None) -> CheckedAnswer:
    words = in_words(criterion, answer)
    problems = {
        Lack.ANSWER: f"Choose an answer for {criterion.key} {criterion.title}",
        Lack.EVIDENCE: f"Say what in the plan shows that {criterion.key} is {words}",
    }
    return CheckedAnswer(criterion, answer, words, problems[lack] if lack else "")


def in_words(criterion: Criterion, answer: Answer) -> str:
    """An answer as the auditor would say it."""
    if answer.non_score is not None:
        return NON_SCORE_LABELS[answer.non_score]
    if answer.value is None:
        return "Left for now" if answer.left_for_now else "Not answered yet"
    level = criterion.level(answer.value)
    return short_label(level.label) if level else f"{criterion.scale.number(answer.value):g}"
