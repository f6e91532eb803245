"""How the audit framework changes: a copy is edited as a draft and published as a new version, which then never changes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from moderation.instants import today
from moderation.ledger import Transaction
from moderation.words import AgencyKind, Refused, StaleWrite

from . import events
from .changes import changes, differing_fields
from .criteria import Criterion, Framework, Ruling, YearGroups
from .framework import builtin, parse, to_content
from .tables import FrameworkVersion, VersionState
from .wording import carried_over


@dataclass(frozen=True)
class CriterionEdit:
    """What a lead may say differently about a criterion. `seen` is the mark of the text that they started from."""

    seen: str
    title: str
    question: str
    guidance: str
    descriptors: Mapping[str, str]
    good_example: str
    not_yet_example: str
    na_rule: str
    scorers: tuple[AgencyKind, ...]
    applies_when: YearGroups
    weight: float
    statutory: bool
    critical: bool
    comparable_with_previous: bool

    def applied_to(self, criterion: Criterion) -> Criterion:
        levels = tuple(replace(level, descriptor=self.descriptors.get(level.key, level.descriptor)) for level in criterion.levels)
        plain = {name: value for name, value in vars(self).items() if name not in ("seen", "descriptors")}
        return replace(criterion, levels=levels, **plain)


def mark_of(criterion: Criterion) -> str:
    """A short digest of everything a criterion says: two people's edits of the same text clash, of different criteria never."""
    return hashlib.sha256(repr(criterion).encode()).hexdigest()[:16]


def install_framework(tx: Transaction) -> str:
    """The built-in framework as the first published version; an area that has one keeps it. Returns the latest version's id."""
    latest = _latest(tx)
    if latest is not None:
        return latest.id
    row = _add(tx, parse(builtin()), VersionState.PUBLISHED, based_on_id=None)
    tx.record(events.FrameworkInstalled(row.id, row.content_sha256))
    return row.id


def publish_content(tx: Transaction, content: Mapping[str, Any]) -> str:
    """A framework from elsewhere (a file of ratings, say) as a new published version; InvalidInput if it is none."""
    row = _add(tx, parse(content), VersionState.PUBLISHED, based_on_id=None)
    tx.record(events.FrameworkPublished(row.id, row.number, row.content_sha256))
    return row.id


def copy_framework(tx: Transaction, framework_version_id: str) -> str:
    """A draft to edit, based on this version. A draft that is already there and unchanged serves again."""
    base = tx.get(FrameworkVersion, framework_version_id)
    if base.state is not VersionState.PUBLISHED:
        raise Refused("This version is a draft. Change it, or publish it before you copy it.")
    waiting = tx.session.exec(
        select(FrameworkVersion).where(
            FrameworkVersion.area_id == tx.area_id,
            FrameworkVersion.based_on_id == base.id,
            FrameworkVersion.state == VersionState.DRAFT,
            FrameworkVersion.version == 1,
        )
    ).first()
    if waiting is not None:
        return waiting.id
    framework = parse(base.content)
    same = framework.with_criteria(
        replace(each, comparable_with_previous=True) for each in framework.criteria
    )  # until it is changed
    row = _add(tx, same, VersionState.DRAFT, based_on_id=base.id)
    tx.record(events.FrameworkDrafted(row.id, base.id))
    return row.id


def change_criterion(tx: Transaction, framework_version_id: str, key: str, edit: CriterionEdit) -> None:
    """Edit one criterion of a draft. StaleWrite if somebody changed that criterion since it was shown."""
    row, framework = _draft(tx, framework_version_id)
    criterion = framework.criterion(key)
    changed = edit.applied_to(criterion)
    if changed == criterion:
        return
    if edit.seen != mark_of(criterion):
        raise StaleWrite(*_differing(changed, criterion))
    _save(row, framework.with_criteria(changed if each.key == key else each for each in framework.criteria))
    tx.record(events.CriterionChanged(row.id, key))


def retitle(tx: Transaction, framework_version_id: str, version: int, title: str) -> None:
    row, framework = _draft(tx, framework_version_id)
    tx.fresh(row, version, mine={"title": title})
    row.title = title
    _write(row, replace(framework, title=title))
    tx.record(events.FrameworkRetitled(row.id))


def discard_draft(tx: Transaction, framework_version_id: str) -> None:
    row, framework = _draft(tx, framework_version_id)
    base = parse(tx.get(FrameworkVersion, row.based_on_id).content) if row.based_on_id else None
    adopted = _lessons(framework) - (_lessons(base) if base else set())
    if adopted:
        noun = "an adopted lesson" if len(adopted) == 1 else f"{len(adopted)} adopted lessons"
        raise Refused(f"This draft holds {noun}. Undo what was adopted under Lessons first, then discard the draft.")
    tx.session.delete(row)
    tx.record(events.DraftDiscarded(row.id))


def publish_framework(tx: Transaction, framework_version_id: str, version: int) -> None:
    """Make a draft a version that rounds can use and nobody can change. Publishing twice is publishing."""
    row = tx.get(FrameworkVersion, framework_version_id)
    if row.state is VersionState.PUBLISHED:
        return
    tx.fresh(row, version, mine={"title": row.title})
    framework = parse(row.content)
    base = tx.get(FrameworkVersion, row.based_on_id) if row.based_on_id else None
    if base is not None and not changes(parse(base.content), framework):
        raise Refused(f"This draft says the same as version {base.number}. Change a criterion first, or discard the draft.")
    row.state, row.published_at = VersionState.PUBLISHED, tx.now
    tx.record(events.FrameworkPublished(row.id, row.number, row.content_sha256))


@dataclass(frozen=True)
class LessonText:
    """A lesson for the framework: its ruling on a criterion, and the guidance if that changes too (before, after)."""

    lesson_id: str
    criterion_key: str
    ruling: str
    guidance: tuple[str, str] | None = None


def adopt_lesson(tx: Transaction, lesson: LessonText) -> str:
    """Put a ruling, and a change of the guidance, into the newest draft, or a new one: auditors see it once that is published.
    Returns the draft's id."""
    latest = _latest(tx)
    if latest is None:
        raise Refused("This area has no framework yet.")
    draft_id = latest.id if latest.state is VersionState.DRAFT else copy_framework(tx, latest.id)
    row, framework, criterion = _ruled(tx, draft_id, lesson.criterion_key)
    if all(ruling.lesson_id != lesson.lesson_id for ruling in criterion.rulings):
        rulings = (*criterion.rulings, Ruling(lesson.ruling, today().isoformat(), lesson.lesson_id))
        _rule(tx, row, framework, replace(_reworded(criterion, lesson.guidance), rulings=rulings))
    return row.id


def drop_lesson(tx: Transaction, framework_version_id: str, lesson: LessonText) -> None:
    """Take an adopted lesson out of its draft again, with its change of the guidance."""
    row, framework, criterion = _ruled(tx, framework_version_id, lesson.criterion_key)
    rulings = tuple(ruling for ruling in criterion.rulings if ruling.lesson_id != lesson.lesson_id)
    if rulings != criterion.rulings:
        back = (lesson.guidance[1], lesson.guidance[0]) if lesson.guidance else None
        _rule(tx, row, framework, replace(_reworded(criterion, back), rulings=rulings))


def _ruled(tx: Transaction, framework_version_id: str, key: str) -> tuple[FrameworkVersion, Framework, Criterion]:
    row, framework = _draft(tx, framework_version_id)
    criterion = next((each for each in framework.criteria if each.key == key), None)
    if criterion is None:
        raise Refused(f"{key} is not in the framework any more. Decline the lesson.")
    return row, framework, criterion


def _rule(tx: Transaction, row: FrameworkVersion, framework: Framework, changed: Criterion) -> None:
    _save(row, framework.with_criteria(changed if each.key == changed.key else each for each in framework.criteria))
    tx.record(events.CriterionChanged(row.id, changed.key))


def _reworded(criterion: Criterion, guidance: tuple[str, str] | None) -> Criterion:
    """With this change of its guidance, carried over into how it reads now."""
    if guidance is None:
        return criterion
    wanted = carried_over(*guidance, criterion.guidance)
    if wanted is None:
        raise Refused(f"The guidance of {criterion.key} has changed in the same sentences since. Edit the wording, then save.")
    return replace(criterion, guidance=wanted)


def _lessons(framework: Framework) -> set[str]:
    return {ruling.lesson_id for criterion in framework.criteria for ruling in criterion.rulings if ruling.lesson_id}


def _latest(tx: Transaction) -> FrameworkVersion | None:
    versions = select(FrameworkVersion).where(FrameworkVersion.area_id == tx.area_id)
    return tx.session.exec(versions.order_by(col(FrameworkVersion.number).desc())).first()


def _draft(tx: Transaction, framework_version_id: str) -> tuple[FrameworkVersion, Framework]:
    row = tx.get(FrameworkVersion, framework_version_id)
    if row.state is not VersionState.DRAFT:
        raise Refused("A published framework cannot change. Copy it into a new draft.")
    return row, parse(row.content)


def _add(tx: Transaction, framework: Framework, state: VersionState, based_on_id: str | None) -> FrameworkVersion:
    most = tx.session.exec(select(func.max(FrameworkVersion.number)).where(FrameworkVersion.area_id == tx.area_id)).one()
    number = (most or 0) + 1
    content = to_content(replace(framework, version=str(number)))
    row = FrameworkVersion(
        area_id=tx.area_id,
        number=number,
        title=framework.title,
        state=state,
        content=content,
        content_sha256=_digest(content),
        based_on_id=based_on_id,
        created_at=tx.now,
        published_at=tx.now if state is VersionState.PUBLISHED else None,
    )
    tx.session.add(row)
    return row


def _save(row: FrameworkVersion, framework: Framework) -> None:
    _write(row, framework)
    row.version += 1


def _write(row: FrameworkVersion, framework: Framework) -> None:
    row.content = to_content(framework)
    row.content_sha256 = _digest(row.content)


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _differing(mine: Criterion, theirs: Criterion) -> tuple[dict[str, str], dict[str, str]]:
    """Mine and theirs, field by field, where they differ."""
    fields = differing_fields(theirs, mine)
    return {each.field: each.after for each in fields}, {each.field: each.before for each in fields}
