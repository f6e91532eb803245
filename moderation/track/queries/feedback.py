"""An auditor's own answers beside the agreed ones, in published rounds. Nobody else's ratings are in here."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session, col, select

from moderation.allocate.rules import Ending
from moderation.allocate.tables import Allocation, RoundPlan
from moderation.moderate.lesson_sources import sources_of
from moderation.moderate.policy import distance, level_name
from moderation.moderate.queries import PlanLine, plans_of
from moderation.moderate.queries_discussed import discussed_cells
from moderation.moderate.states import Basis, LessonState
from moderation.moderate.tables import Disagreement, Lesson
from moderation.register.framework import Criterion, Framework, NonScore
from moderation.score import released
from moderation.score.questions import framework_of
from moderation.score.released import OwnRating
from moderation.words import NotFound

from ..strictness import Change, Strictness, change, strictness
from .agreed import AgreedOutcome, outcomes
from .rounds import TrackedRound, published_round, published_rounds

ROUNDS_SHOWN = 6
Show = Literal["different", "all"]


@dataclass(frozen=True)
class Steps:
    """Where two answers stand among the levels of a scale, counted from 0."""

    count: int
    mine: int
    agreed: int


@dataclass(frozen=True)
class FeedbackRow:
    """One question: what I said, what was agreed, and why. `apart` counts levels; None where they cannot be compared.

    Advice that each discipline rates for itself has no agreed answer, so it is not among the rows.
    """

    key: str
    title: str
    mine: str
    agreed: str
    is_same: bool
    apart: int | None
    steps: Steps | None
    basis: Basis | None
    reason: str
    rulings: tuple[str, ...]
    gave: str = "gave"  # a level is given, anything else is an answer
    was_discussed: bool = False  # by a meeting, whether or not it decided


@dataclass(frozen=True)
class FeedbackPlan:
    id: str
    line: PlanLine
    rows: tuple[FeedbackRow, ...]

    @property
    def different(self) -> tuple[FeedbackRow, ...]:
        return tuple(row for row in self.rows if not row.is_same)


@dataclass(frozen=True)
class Tally:
    """All answers of the round, counted."""

    plans: int
    levels: int
    same: int
    one_away: int
    further: int
    not_compared: int


@dataclass(frozen=True)
class RatedRound:
    """A round with this auditor's answers in it: for every plan, how many levels below the agreed ones they were."""

    round: TrackedRound
    below: tuple[tuple[int, ...], ...]

    @property
    def strictness(self) -> Strictness:
        return strictness(self.below)


@dataclass(frozen=True)
class Feedback:
    """`rated`: this round and those before it, the latest first."""

    round: TrackedRound
    rounds: tuple[TrackedRound, ...]
    plans: tuple[FeedbackPlan, ...]
    tally: Tally
    rated: tuple[RatedRound, ...]

    @property
    def strictness(self) -> Strictness:
        return self.rated[0].strictness

    @property
    def change(self) -> Change | None:
        """Since the round before; None if there was none."""
        now, *before = self.rated
        return change(now.below, before[0].below, before[0].round.name) if before else None

    @property
    def is_another_framework(self) -> bool:
        """Were other questions asked, or asked in other words, in the round before?"""
        return len({one.round.framework_version_id for one in self.rated[:2]}) > 1

    def plan(self, plan_id: str | None) -> FeedbackPlan:
        """The chosen plan, or the first; NotFound for a plan that this auditor did not rate here."""
        chosen = [plan for plan in self.plans if plan_id in (None, plan.id)]
        if not chosen:
            raise NotFound("Page not found")
        return chosen[0]


def rated_rounds(session: Session, area_id: str, account_id: str) -> tuple[TrackedRound, ...]:
    """Published rounds in which this auditor finished a sheet, the latest first."""
    statement = (
        select(Allocation.round_id)
        .join(RoundPlan, col(RoundPlan.id) == Allocation.round_plan_id)
        .where(Allocation.area_id == area_id, RoundPlan.area_id == area_id, Allocation.account_id == account_id)
        .where(Allocation.ended_as == Ending.SUBMITTED, col(RoundPlan.withdrawn_at).is_(None))
    )
    mine = set(session.exec(statement))
    return tuple(one for one in reversed(published_rounds(session, area_id)) if one.id in mine)


def feedback(session: Session, area_id: str, account_id: str, round_id: str) -> Feedback:
    """The feedback of one published round; NotFound before publication, and for whoever finished no sheet in it."""
    chosen = published_round(session, area_id, round_id)
    mine = _own(session, area_id, round_id, account_id)
    if not mine:
        raise NotFound("Page not found")
    plans = _plans(session, area_id, chosen, mine)
    rows = [row for plan in plans for row in plan.rows]
    rounds = rated_rounds(session, area_id, account_id)
    before = rounds[[one.id for one in rounds].index(round_id) + 1 :][: ROUNDS_SHOWN - 1]
    earlier = [RatedRound(one, _below(_plans(session, area_id, one, _own(session, area_id, one.id, account_id)))) for one in before]
    return Feedback(chosen, rounds, plans, _tally(len(plans), rows), (RatedRound(chosen, _below(plans)), *earlier))


def _below(plans: Iterable[FeedbackPlan]) -> tuple[tuple[int, ...], ...]:
    """How many levels below the agreed ones mine were; Yes or No says nothing about how strict somebody is."""
    return tuple(
        tuple(row.steps.agreed - row.steps.mine for row in plan.rows if row.steps and row.steps.count > 2) for plan in plans
    )


def _own(session: Session, area_id: str, round_id: str, account_id: str) -> tuple[OwnRating, ...]:
    return released.own_ratings(session, released.release_for(session, area_id, round_id), account_id)


def _plans(session: Session, area_id: str, chosen: TrackedRound, mine: tuple[OwnRating, ...]) -> tuple[FeedbackPlan, ...]:
    framework = framework_of(session, area_id, chosen.framework_version_id)
    agreed, lines = outcomes(session, area_id, chosen.id), plans_of(session, area_id, chosen.id)
    rulings, talked = _rulings(session, area_id, chosen.id), discussed_cells(session, area_id, chosen.id)
    by_plan: dict[str, list[OwnRating]] = {}
    for rating in mine:
        by_plan.setdefault(rating.round_plan_id, []).append(rating)
    plans = [
        FeedbackPlan(plan, lines[plan], _rows(framework, ratings, agreed, rulings, talked)) for plan, ratings in by_plan.items()
    ]
    return tuple(sorted(plans, key=lambda plan: plan.line.reference))


def _rows(
    framework: Framework,
    mine: Iterable[OwnRating],
    agreed: Mapping[tuple[str, str], AgreedOutcome],
    rulings: Mapping[tuple[str, str], tuple[str, ...]],
    talked: Collection[tuple[str, str]],
) -> tuple[FeedbackRow, ...]:
    answered = {one.criterion_key: one for one in mine if one.value is not None or one.non_score is not None}
    return tuple(
        _row(
            framework,
            criterion,
            answered[criterion.key],
            agreed.get((answered[criterion.key].round_plan_id, criterion.key)),
            rulings,
            talked,
        )
        for criterion in framework.criteria
        if criterion.key in answered and criterion.is_pooled
    )


def _row(
    framework: Framework,
    criterion: Criterion,
    mine: OwnRating,
    agreed: AgreedOutcome | None,
    rulings: Mapping[tuple[str, str], tuple[str, ...]],
    talked: Collection[tuple[str, str]],
) -> FeedbackRow:
    said = _words(framework, criterion, mine.value, mine.non_score)
    found = _words(framework, criterion, agreed.value, agreed.non_score) if agreed else "Not settled yet"
    both = mine.value is not None and agreed is not None and agreed.value is not None
    apart = _apart(criterion, mine.value, agreed.value) if both and agreed else None  # type: ignore[arg-type]
    return FeedbackRow(
        criterion.key,
        criterion.title,
        said,
        found,
        said == found,
        apart,
        _steps(criterion, mine.value, agreed.value) if both and agreed else None,  # type: ignore[arg-type]
        agreed.basis if agreed else None,
        agreed.reason if agreed else "",
        rulings.get((mine.round_plan_id, criterion.key), ()),
        "answered" if mine.value is None else "gave",
        (mine.round_plan_id, criterion.key) in talked,
    )


def _words(framework: Framework, criterion: Criterion, value: float | None, non_score: str | None) -> str:
    if non_score is not None:
        return framework.non_score(NonScore(non_score)).label
    return level_name(criterion.scale, value)


def _apart(criterion: Criterion, mine: float, agreed: float) -> int:
    return round(distance(criterion.scale, min(mine, agreed), max(mine, agreed)))


def _steps(criterion: Criterion, mine: float, agreed: float) -> Steps | None:
    values = criterion.scale.values
    if not criterion.is_ordinal or mine not in values or agreed not in values:
        return None
    return Steps(len(values), values.index(int(mine)), values.index(int(agreed)))


def _tally(plans: int, rows: list[FeedbackRow]) -> Tally:
    compared = [row.apart for row in rows if row.apart is not None]
    return Tally(
        plans, len(compared), compared.count(0), compared.count(1), sum(apart > 1 for apart in compared), len(rows) - len(compared)
    )


def _rulings(session: Session, area_id: str, round_id: str) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """What the meeting learned on a plan and criterion, once it was adopted into the guidance."""
    adopted = (Lesson.area_id == area_id, Lesson.round_id == round_id, Lesson.state == LessonState.ADOPTED)
    lessons = session.exec(select(Lesson).where(*adopted).order_by(col(Lesson.created_at))).all()
    sources = sources_of(session, area_id, lessons)
    every = [key for keys in sources.values() for key in keys]
    chosen = select(Disagreement.id, Disagreement.round_plan_id).where(Disagreement.area_id == area_id)
    plans = dict(session.exec(chosen.where(col(Disagreement.id).in_(every))).all())
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for lesson in lessons:
        for key in sources[lesson.id]:
            cell = (plans[key], lesson.criterion_key)
            found[cell] = (*found.get(cell, ()), lesson.text)
    return found
