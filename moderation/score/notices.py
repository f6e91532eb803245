"""Gentle notices before submitting: things worth a second look, for the auditor alone. They never stop anybody. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from statistics import median

from moderation.register.framework import Criterion, Framework, LimitKind, Scale, Section

from .own_pace import is_hurried, worked
from .rules import UNANSWERED, Answer
from .sheet import in_words, letter_and_name

LONG_RUN = 7
LOOK_AGAIN = "If you were short of time, have another look at some without evidence:"


@dataclass(frozen=True)
class Notice:
    """One thing worth a second look, with the questions it is about."""

    title: str
    text: str
    keys: tuple[str, ...]


def notices(
    framework: Framework, criteria: Sequence[Criterion], answers: Mapping[str, Answer], times: Sequence[datetime] = ()
) -> tuple[Notice, ...]:
    """At most one of each kind, the contradiction first. `times`: when this auditor's answers were saved."""
    found = (
        _grade_in_spite_of_no(framework, criteria, answers),
        _same_answer_many_times(criteria, answers),
        _very_short_time(criteria, answers, times),
    )
    return tuple(notice for notice in found if notice)


def _same_answer_many_times(criteria: Sequence[Criterion], answers: Mapping[str, Answer]) -> Notice | None:
    """The longest run of one level on questions with more than two levels, if it is long."""
    levelled = [criterion for criterion in criteria if criterion.is_ordinal and _value(answers, criterion) is not None]
    runs = [list(run) for _, run in groupby(levelled, key=lambda criterion: _value(answers, criterion))]
    longest = max(runs, key=len, default=[])
    if len(longest) < LONG_RUN:
        return None
    bare = _without_evidence(longest, answers)
    return Notice(
        f"You chose {in_words(longest[0], answers[longest[0].key])} {len(longest)} times in a row",
        f"From {longest[0].key} to {longest[-1].key}, every question with several levels has the same answer. That can be right. "
        + (LOOK_AGAIN if bare else ""),
        bare,
    )


def _very_short_time(criteria: Sequence[Criterion], answers: Mapping[str, Answer], times: Sequence[datetime]) -> Notice | None:
    """Every question answered faster than the plan can have been read."""
    if not is_hurried(times):
        return None
    bare = _without_evidence([one for one in criteria if answers.get(one.key, UNANSWERED).value is not None], answers)
    minutes = max(1, round(worked(times) / timedelta(minutes=1)))
    return Notice(
        f"You answered {len(times)} questions in about {minutes} minute{'' if minutes == 1 else 's'}",
        "That can be right, for example if you read the plan first and answered afterwards. " + (LOOK_AGAIN if bare else ""),
        bare,
    )


def _without_evidence(criteria: Sequence[Criterion], answers: Mapping[str, Answer]) -> tuple[str, ...]:
    """The first few questions of these that have no evidence."""
    return tuple(criterion.key for criterion in criteria if not answers[criterion.key].has_evidence)[:6]


def _grade_in_spite_of_no(framework: Framework, criteria: Sequence[Criterion], answers: Mapping[str, Answer]) -> Notice | None:
    """A grade above what the framework allows after a No to a critical question: of the whole plan, or else of a section."""
    against = [one for one in criteria if one.critical and one.is_no(_value(answers, one))]
    if not against:
        return None
    for whole in [one for one in criteria if one.key in framework.overall]:
        if _all_above([whole], framework, against, answers):
            return _about_the_plan(whole, against, answers)
    for section in dict.fromkeys(one.section for one in against):
        inside = [one for one in against if one.section == section]
        grades = _grades_of(section, framework, criteria)
        if _all_above(grades, framework, inside, answers):
            return _about_a_section(framework.section(section), grades, inside, answers)
    return None


def _grades_of(section: str, framework: Framework, criteria: Sequence[Criterion]) -> list[Criterion]:
    """What grades a section: the questions without weight that sum it up, or else all its questions with levels."""
    levelled = [one for one in criteria if one.section == section and one.is_ordinal and one.key not in framework.overall]
    return [one for one in levelled if not one.weight] or levelled


def _all_above(
    judged: Sequence[Criterion], framework: Framework, against: Sequence[Criterion], answers: Mapping[str, Answer]
) -> bool:
    """Is every one of these judgements made, and higher than goes with these Nos?"""
    given = [(one, _value(answers, one)) for one in judged]
    return bool(given) and all(value is not None and value > _ceiling(one.scale, framework, against) for one, value in given)


def _ceiling(scale: Scale, framework: Framework, against: Sequence[Criterion]) -> float:
    """The highest level that goes with Nos to these critical questions: by the framework's rules for grades, which speak of
    the scale of its graded questions; where it has none, the middle of the scale."""
    rules = [limit for limit in framework.grade_rules.limits if limit.kind is LimitKind.CRITICAL_NO]
    if not rules or scale != _grade_scale(framework):
        return median(scale.values or (scale.lowest, scale.highest))
    caps = [limit.cap for limit in rules if sum(map(limit.watches, against)) >= limit.at_least]
    return min(caps, default=scale.highest)


def _grade_scale(framework: Framework) -> Scale | None:
    return next((one.scale for one in framework.criteria if one.is_ordinal and one.key not in framework.overall), None)


def _about_the_plan(overall: Criterion, against: Sequence[Criterion], answers: Mapping[str, Answer]) -> Notice:
    title = f"You judged the plan {in_words(overall, answers[overall.key])}, and said No to {_critical(against)}"
    text = f"That can be right: {overall.key} is your own view of the whole plan. Have another look at"
    return Notice(title, text, (*_keys(against), overall.key))


def _about_a_section(
    section: Section, grades: Sequence[Criterion], against: Sequence[Criterion], answers: Mapping[str, Answer]
) -> Notice:
    letter, name = letter_and_name(section)
    lowest = min(grades, key=lambda one: answers[one.key].value or 0)
    chosen = f"every level you chose there is at least {in_words(lowest, answers[lowest.key])}"
    title = f"You said No to {_critical(against)} in {f'section {letter}' if letter else f'“{name}”'}, and {chosen}"
    text = "That can be right, and a key can be pressed by mistake. Have another look at"
    return Notice(title, text, (*_keys(against), *_keys(grades)))


def _critical(against: Sequence[Criterion]) -> str:
    return "a critical question" if len(against) == 1 else f"{len(against)} critical questions"


def _keys(criteria: Sequence[Criterion]) -> tuple[str, ...]:
    return tuple(one.key for one in criteria[:5])


def _value(answers: Mapping[str, Answer], criterion: Criterion) -> int | None:
    return answers.get(criterion.key, UNANSWERED).value
