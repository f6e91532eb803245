"""What meetings learned, beside the guidance as it reads now, with what speaks for it; and what the lead decided.

Lessons come from meetings that are over. Plans are named only where the round is published: until then ratings and disagreements
are for the meeting."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from sqlmodel import Session, col, select

from moderation.allocate.rules import RoundState
from moderation.allocate.tables import Round
from moderation.measure.rules import Scope
from moderation.moderate.lesson_sources import sources_of
from moderation.moderate.queries import plans_of, policy_of
from moderation.moderate.states import OVER, LessonState
from moderation.moderate.tables import AgreedRating, Disagreement, Lesson, LessonDecision, Meeting
from moderation.people.tables import Account
from moderation.register.framework import Criterion, Ruling
from moderation.register.framework_views import FrameworkLine, framework_versions, framework_view
from moderation.register.wording import Sides, carried_over, compared
from moderation.words import NotFound, Refused
from stats.results import Agreement

from .measured import measured
from .rounds import PUBLISHED

SHOWN = {"waiting": LessonState.PROPOSED, "adopted": LessonState.ADOPTED, "declined": LessonState.REJECTED}


@dataclass(frozen=True)
class LessonLine:
    """One lesson, where it comes from, and the guidance with it: `sides` compares with how the guidance reads now.

    `fits`: can its wording be carried over into the guidance as it reads now?
    """

    id: str
    version: int
    criterion_key: str
    title: str
    text: str
    wording: str | None
    meeting: str
    meeting_on: datetime
    round_id: str
    round_name: str
    now: str
    rulings: tuple[Ruling, ...]
    sides: Sides
    is_known: bool
    fits: bool
    plans: int  # how many it came from

    @property
    def proposed(self) -> str:
        """The guidance as it would read."""
        return self.wording if self.wording is not None else self.now


@dataclass(frozen=True)
class Evidence:
    """What speaks for the lessons on one criterion. `plans` are named for published rounds only."""

    disagreements: int
    plans: tuple[str, ...]
    unpublished: tuple[str, ...]  # names of rounds
    meetings: tuple[datetime, ...]
    dissents: int
    round_name: str
    agreement: Agreement
    percent: tuple[float, float] | None  # interval of the percentage


@dataclass(frozen=True)
class WaitingGroup:
    """The waiting lessons of one criterion that are decided together: one, or several that change the same sentences."""

    lessons: tuple[LessonLine, ...]
    evidence: Evidence

    @property
    def first(self) -> LessonLine:
        return self.lessons[0]

    @property
    def is_clash(self) -> bool:
        return len(self.lessons) > 1


@dataclass(frozen=True)
class DecidedLesson:
    """What was decided. `number` is that of the framework version; `sides` how the guidance was changed."""

    line: LessonLine
    ruling: str
    is_edited: bool
    reason: str
    number: int | None
    is_published: bool
    decided_at: datetime
    decided_by: str
    change: Sides | None

    @property
    def words(self) -> str:
        what = (
            f"declined by {self.decided_by}" if self.number is None else f"adopted into version {self.number} by {self.decided_by}"
        )
        return f"{what}, with the reason “{self.reason}”" if self.reason else what

    @property
    def may_undo(self) -> bool:
        return not self.is_published


@dataclass(frozen=True)
class LessonsPage:
    """`draft`: the version that is being prepared, if there is one; `published`: the one in use."""

    show: str
    counts: Mapping[str, int]
    waiting: tuple[WaitingGroup, ...]
    decided: tuple[DecidedLesson, ...]
    published: FrameworkLine | None
    draft: FrameworkLine | None
    adopted_in_draft: int
    open_rounds: tuple[str, ...]

    @property
    def next_number(self) -> int:
        """The version that adopted lessons go into."""
        return self.draft.number if self.draft else (self.published.number + 1 if self.published else 1)


@dataclass(frozen=True)
class _Guidance:
    """The criteria as they read now: in the newest draft, or else in the newest version."""

    published: FrameworkLine | None
    draft: FrameworkLine | None
    criteria: Mapping[str, Criterion]


def lessons_page(session: Session, area_id: str, show: str) -> LessonsPage:
    """The lessons that wait, that were adopted, or that were declined."""
    guidance = _guidance(session, area_id)
    lines = _lines(session, area_id, guidance)
    states = {key: state for key, state in _states(session, area_id).items() if key in lines}
    decided = _decided(session, area_id, {key: lines[key] for key, state in states.items() if state is SHOWN.get(show)})
    waiting = [lines[key] for key, state in states.items() if state is LessonState.PROPOSED]
    in_draft = _in_draft(session, area_id, guidance.draft)
    return LessonsPage(
        show if show in SHOWN else "waiting",
        {name: sum(state is one for one in states.values()) for name, state in SHOWN.items()},
        tuple(_groups(session, area_id, waiting)) if show not in ("adopted", "declined") else (),
        decided, guidance.published, guidance.draft, in_draft, _open_rounds(session, area_id),
    )  # fmt: skip


def waiting_group(session: Session, area_id: str, lesson_id: str) -> WaitingGroup:
    """The waiting lesson, with those that change the same sentences. Whoever comes after the decision is told of it."""
    page = lessons_page(session, area_id, "waiting")
    found = next((group for group in page.waiting if any(line.id == lesson_id for line in group.lessons)), None)
    if found is None:
        _refuse_decided(session, area_id, lesson_id)
        raise NotFound("Page not found")
    return found


def _refuse_decided(session: Session, area_id: str, lesson_id: str) -> None:
    decided = [one for show in ("adopted", "declined") for one in lessons_page(session, area_id, show).decided]
    made = next((one for one in decided if one.line.id == lesson_id), None)
    if made is not None:
        raise Refused(f"This lesson is decided already: {made.words}. Nothing was changed.")


def _guidance(session: Session, area_id: str) -> _Guidance:
    versions = framework_versions(session, area_id)
    draft = versions[0] if versions and versions[0].is_draft else None
    newest = versions[0] if versions else None
    framework = framework_view(session, area_id, newest.id).framework if newest else None
    criteria = {criterion.key: criterion for criterion in framework.criteria} if framework else {}
    return _Guidance(next((line for line in versions if not line.is_draft), None), draft, criteria)


def _lines(session: Session, area_id: str, guidance: _Guidance) -> dict[str, LessonLine]:
    """Every lesson of a meeting that is over, the oldest first."""
    chosen = (
        select(Lesson, Meeting, Round)
        .join(Meeting, col(Meeting.id) == Lesson.meeting_id)
        .join(Round, col(Round.id) == Lesson.round_id)
        .where(Lesson.area_id == area_id, Meeting.area_id == area_id, col(Meeting.state).in_(OVER))
        .order_by(col(Lesson.created_at), col(Lesson.id))
    )
    rows = session.exec(chosen).all()
    versions = {found.framework_version_id for _, _, found in rows}
    titles = {version: _titles(session, area_id, version) for version in versions}
    plans = {key: len(sources) for key, sources in sources_of(session, area_id, [row for row, _, _ in rows]).items()}
    return {
        row.id: _line(row, held, found, guidance, titles[found.framework_version_id], plans[row.id]) for row, held, found in rows
    }


def _titles(session: Session, area_id: str, framework_version_id: str) -> Mapping[str, str]:
    return {key: criterion.title for key, criterion in policy_of(session, area_id, framework_version_id).criteria.items()}


def _line(row: Lesson, held: Meeting, found: Round, guidance: _Guidance, titles: Mapping[str, str], plans: int) -> LessonLine:
    known = guidance.criteria.get(row.criterion_key)
    now = known.guidance if known else ""
    moved = now if row.wording is None else carried_over(row.wording_before or "", row.wording, now)
    wording = row.wording if row.wording is None or moved is None else moved
    return LessonLine(
        row.id, row.version, row.criterion_key, known.title if known else titles.get(row.criterion_key, ""), row.text, wording,
        held.title, held.starts_at, found.id, found.name, now, known.rulings if known else (),
        compared(now, now if wording is None else wording), is_known=known is not None, fits=moved is not None, plans=plans,
    )  # fmt: skip


def _states(session: Session, area_id: str) -> dict[str, LessonState]:
    chosen = select(Lesson.id, Lesson.state).where(Lesson.area_id == area_id)
    return {key: LessonState(state) for key, state in session.exec(chosen.order_by(col(Lesson.created_at), col(Lesson.id)))}


def _groups(session: Session, area_id: str, lines: Sequence[LessonLine]) -> Iterable[WaitingGroup]:
    by_criterion: defaultdict[str, list[LessonLine]] = defaultdict(list)
    for line in lines:
        by_criterion[line.criterion_key].append(line)
    for key in sorted(by_criterion):
        mine = by_criterion[key]
        clashing = {line.id for pair in combinations(mine, 2) if _clash(*pair) for line in pair}
        evidence = _evidence(session, area_id, key, mine)
        if clashing:
            yield WaitingGroup(tuple(line for line in mine if line.id in clashing), evidence)
        yield from (WaitingGroup((line,), evidence) for line in mine if line.id not in clashing)


def _clash(one: LessonLine, other: LessonLine) -> bool:
    """Do both change the same sentences of the guidance, differently?"""
    if one.wording is None or other.wording is None:
        return False
    return carried_over(one.now, one.wording, other.wording) is None


def _evidence(session: Session, area_id: str, key: str, lines: Sequence[LessonLine]) -> Evidence:
    rounds = list(dict.fromkeys(line.round_id for line in lines))
    names = {line.round_id: line.round_name for line in lines}
    published = _published(session, area_id, rounds)
    cells = _disagreements(session, area_id, key, rounds)
    plans = [reference for each in published for reference in _references(session, area_id, each, cells)]
    found = measured(session, area_id, rounds[-1])
    percent = found.figures.get(Scope.CRITERION, key, "percent") if found.figures else None
    ends = (percent.low, percent.high) if percent and percent.low is not None and percent.high is not None else None
    return Evidence(
        len(cells), tuple(plans), tuple(names[each] for each in rounds if each not in published),
        tuple(dict.fromkeys(line.meeting_on for line in lines)), _dissents(session, area_id, key, rounds),
        names[rounds[-1]], found.criterion(key), ends,
    )  # fmt: skip


def _published(session: Session, area_id: str, rounds: Sequence[str]) -> list[str]:
    chosen = select(Round.id).where(Round.area_id == area_id, col(Round.id).in_(rounds), col(Round.state).in_(PUBLISHED))
    known = set(session.exec(chosen))
    return [each for each in rounds if each in known]


def _disagreements(session: Session, area_id: str, key: str, rounds: Sequence[str]) -> list[tuple[str, str]]:
    """Round and plan of every difference on the criterion; not those that were drawn at random, nor those withdrawn."""
    chosen = select(Disagreement.round_id, Disagreement.round_plan_id, Disagreement.stake).where(
        Disagreement.area_id == area_id, Disagreement.criterion_key == key, col(Disagreement.round_id).in_(rounds)
    )
    return [
        (round_id, plan) for round_id, plan, stake in session.exec(chosen.where(Disagreement.state != "withdrawn")) if stake > 0
    ]


def _references(session: Session, area_id: str, round_id: str, cells: Sequence[tuple[str, str]]) -> list[str]:
    lines = plans_of(session, area_id, round_id)
    return sorted(lines[plan].reference for each, plan in cells if each == round_id)


def _dissents(session: Session, area_id: str, key: str, rounds: Sequence[str]) -> int:
    chosen = select(AgreedRating.dissent).where(
        AgreedRating.area_id == area_id, AgreedRating.criterion_key == key, col(AgreedRating.round_id).in_(rounds)
    )
    return sum(bool(dissent) for dissent in session.exec(chosen))


def _decided(session: Session, area_id: str, lines: Mapping[str, LessonLine]) -> tuple[DecidedLesson, ...]:
    chosen = (
        select(LessonDecision, Account.name)
        .join(Account, col(Account.id) == LessonDecision.decided_by, isouter=True)
        .where(LessonDecision.area_id == area_id, col(LessonDecision.lesson_id).in_(list(lines)))
        .order_by(col(LessonDecision.decided_at).desc(), col(LessonDecision.id))
    )
    versions = {line.id: line for line in framework_versions(session, area_id)}
    return tuple(_decision(row, name or "", lines[row.lesson_id], versions) for row, name in session.exec(chosen))


def _decision(row: LessonDecision, name: str, line: LessonLine, versions: Mapping[str, FrameworkLine]) -> DecidedLesson:
    version = versions.get(row.framework_version_id or "")
    change = None if row.guidance is None else compared(row.guidance_before or "", row.guidance)
    return DecidedLesson(
        line, row.ruling, bool(version and row.reason), row.reason, version.number if version else None,
        bool(version and not version.is_draft), row.decided_at, name, change,
    )  # fmt: skip


def _in_draft(session: Session, area_id: str, draft: FrameworkLine | None) -> int:
    if draft is None:
        return 0
    chosen = select(LessonDecision.id).where(LessonDecision.area_id == area_id, LessonDecision.framework_version_id == draft.id)
    return len(session.exec(chosen).all())


def _open_rounds(session: Session, area_id: str) -> tuple[str, ...]:
    chosen = select(Round.name).where(Round.area_id == area_id, Round.state == RoundState.OPEN)
    return tuple(session.exec(chosen.order_by(col(Round.number))))
