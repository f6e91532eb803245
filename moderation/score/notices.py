"""Gentle notices before submitting: things worth a second look, for the auditor alone. They never stop anybody. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from moderation.register.framework import Criterion

from .own_pace import is_hurried, worked
from .rules import UNANSWERED, Answer
from .sheet import in_words

LONG_RUN = 7
OVERALL_GOOD = 3
LOOK_AGAIN = "If you were short of time, have another look at some without evidence:"


@dataclass(frozen=True)
class Notice:
    """One thing worth a second look, with the questions it is about."""

    title: str
    text: str
    keys: tuple[str, ...]


def notices(criteria: Sequence[Criterion], answers: Mapping[str, Answer], times: Sequence[datetime] = ()) -> tuple[Notice, ...]:
    """At most one of each kind, the contradiction first. `times`: when this auditor's answers were saved."""
    found = (
        _good_in_spite_of_no(criteria, answers),
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


def _good_in_spite_of_no(criteria: Sequence[Criterion], answers: Mapping[str, Answer]) -> Notice | None:
    """An overall judgement of Good or better beside a No on a critical question."""
    overall = next((criterion for criterion in criteria if criterion.section == "O" and criterion.is_ordinal), None)
    if overall is None or (_value(answers, overall) or 0) < OVERALL_GOOD:
        return None
    against = tuple(one.key for one in criteria if one.critical and one.is_no(_value(answers, one)))
    if not against:
        return None
    title = f"You judged the plan {in_words(overall, answers[overall.key])}, and said No to a critical question"
    text = f"That can be right: {overall.key} is your own view of the whole plan. Have another look at"
    return Notice(title, text, (*against[:5], overall.key))


def _value(answers: Mapping[str, Answer], criterion: Criterion) -> int | None:
    return answers.get(criterion.key, UNANSWERED).value
