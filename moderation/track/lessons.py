"""Lessons go into the framework: the lead adopts them, as proposed or edited, or takes that back. The one loop of the service, and
it runs forward: this stage calls the framework's own verbs, and marks the lesson, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass

from moderation.ledger import Transaction
from moderation.moderate.lessons import (
    Adopted,
    adopted_together,
    decision_on,
    decline,
    mark_adopted,
    take_back,
    undecided,
)
from moderation.moderate.tables import Lesson, LessonDecision
from moderation.register.actions import LessonText, adopt_lesson, drop_lesson
from moderation.register.tables import FrameworkVersion, VersionState
from moderation.words import InvalidInput, Problem, Refused

Versions = Mapping[str, int]  # lesson -> the version that the page showed


@dataclass(frozen=True)
class Edited:
    """Wording that the lead edited: the guidance before and after, the ruling of a single lesson, and why."""

    before: str
    guidance: str
    ruling: str
    reason: str


def adopt(tx: Transaction, lesson_id: str, version: int) -> str:
    """Adopt a lesson as it was proposed; returns the draft that it went into."""
    lesson = undecided(tx, lesson_id, version, {})
    guidance = (lesson.wording_before or "", lesson.wording) if lesson.wording is not None else None
    return _adopt(tx, lesson, lesson.text, guidance)


def adopt_edited(tx: Transaction, versions: Versions, edited: Edited) -> str:
    """Adopt one lesson, or several that change the same sentences, with wording that the lead edited."""
    _check(edited)
    mine = {"guidance": edited.guidance.strip(), "ruling": edited.ruling.strip(), "reason": edited.reason.strip()}
    lessons = [undecided(tx, lesson_id, version, mine) for lesson_id, version in versions.items()]
    guidance = (edited.before, edited.guidance.strip()) if edited.guidance.strip() != edited.before.strip() else None
    draft = ""
    for place, lesson in enumerate(lessons):
        ruling = edited.ruling.strip() if len(lessons) == 1 else lesson.text
        draft = _adopt(tx, lesson, ruling, guidance, edited.reason.strip(), changes_guidance=place == 0)
    return draft


def settle_clash(tx: Transaction, versions: Versions, chosen: str | None, reason: str) -> None:
    """Of lessons that change the same sentences adopt one, or none, and decline the others."""
    if not reason.strip():
        raise InvalidInput([Problem("reason", "Enter why you decline the other wording")])
    for lesson_id, version in versions.items():
        if lesson_id != chosen:
            decline(tx, lesson_id, version, reason)
    if chosen is not None and chosen in versions:
        adopt(tx, chosen, versions[chosen])


def undo(tx: Transaction, lesson_id: str) -> None:
    """Take a decision back. What was adopted can be taken back until its version is published; undoing twice is undoing."""
    lesson = tx.get(Lesson, lesson_id)
    if lesson.state.words == "waiting":
        return
    together = adopted_together(tx, lesson)
    for place, each in enumerate(together):
        _drop(tx, each, decision_on(tx, each.id), changes_guidance=place == 0)
        take_back(tx, each)


def _check(edited: Edited) -> None:
    problems = [] if edited.ruling.strip() else [Problem("ruling", "Enter the ruling")]
    if not edited.reason.strip():
        problems.append(Problem("reason", "Enter why you edit it"))
    if problems:
        raise InvalidInput(problems)


def _adopt(
    tx: Transaction, lesson: Lesson, ruling: str, guidance: tuple[str, str] | None, reason: str | None = None,
    changes_guidance: bool = True,
) -> str:  # fmt: skip
    """The guidance is changed once, also where several lessons are adopted with the same change."""
    text = LessonText(lesson.id, lesson.criterion_key, ruling, guidance if changes_guidance else None)
    draft = adopt_lesson(tx, text)
    tx.session.flush()
    mark_adopted(tx, lesson, Adopted(draft, ruling, guidance, reason or "", is_edited=reason is not None))
    return draft


def _drop(tx: Transaction, lesson: Lesson, decision: LessonDecision, changes_guidance: bool) -> None:
    if decision.framework_version_id is None:
        return
    if tx.get(FrameworkVersion, decision.framework_version_id).state is VersionState.PUBLISHED:
        raise Refused("The version with this lesson is published, so it stays. A new version can say it differently.")
    guidance = None if decision.guidance is None else (decision.guidance_before or "", decision.guidance)
    text = LessonText(lesson.id, lesson.criterion_key, decision.ruling, guidance if changes_guidance else None)
    drop_lesson(tx, decision.framework_version_id, text)
