"""One question of a closed round: between which levels auditors differ, how far one auditor's grade can be relied on, and whether
one auditor decides the figure. Nothing here says who gave a level.

Worked out when it is looked at: one question has as many ratings as the round has sheets, and all of this depends on few patterns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from sqlmodel import Session

from moderation.measure.rules import seed_of
from moderation.measure.table import Floats
from moderation.measure.table import ratings as on_scale
from moderation.register.criteria import Criterion, Framework
from moderation.score import released
from moderation.score.questions import framework_of
from moderation.score.released import GivenLevel
from moderation.words import NotFound
from stats import Ratings, measure
from stats.coincidences import Coincidences, coincidences
from stats.definitive import DefinitiveGrade, definitive_grade
from stats.influence import influence
from stats.results import Agreement, few_plans

from ..rules import AUDITORS_NEEDED, COEFFICIENT_FROM, HIDDEN_BELOW, PEOPLE_NEEDED, comparable_criteria
from .agreed import decided
from .measured import measured
from .names import section_name
from .rounds import TrackedRound, released_rounds

NUMBERS = "The answers are numbers, not levels."
TWO_AUDITORS = f"Fewer than {AUDITORS_NEEDED} auditors answered this question, so it would speak of a person."
FEW_AUDITORS = f"Fewer than {PEOPLE_NEEDED} auditors answered this question, so it would speak of a person."
NOT_PUBLISHED = "The round is not published yet. The grades that its meetings agree on are known then."
FEW_DECIDED = f"Meetings of the last twelve months agreed on the grade of fewer than {HIDDEN_BELOW} plans here."
FEW_WITHOUT = f"Without some of the auditors, fewer than {COEFFICIENT_FROM} plans would have two answers."
ALIKE = "Without some of the auditors, the answers would vary too little."


@dataclass(frozen=True)
class LevelPair:
    """Two auditors' answers to the same plan: the share of all pairs that are these two levels, and what chance would give."""

    first: str
    second: str
    share: float
    by_chance: float

    @property
    def is_same(self) -> bool:
        return self.first == self.second


@dataclass(frozen=True)
class Differing:
    """The pairs, those that differ first and most frequent first; none, and why, where they would say too much."""

    pairs: tuple[LevelPair, ...]
    plans: int
    answers: int
    hidden: str = ""


@dataclass(frozen=True)
class Leaning:
    """Agreement with everybody, and the lowest and the highest without any one of the auditors."""

    auditors: int
    everybody: float | None
    lowest: float | None
    highest: float | None
    hidden: str = ""


@dataclass(frozen=True)
class Relied:
    """How likely one auditor is to give the grade that a meeting agreed on, in so many rounds."""

    grade: DefinitiveGrade | None
    rounds: int
    hidden: str = ""


@dataclass(frozen=True)
class QuestionView:
    round: TrackedRound
    key: str
    title: str
    question: str
    section: str
    agreement: Agreement
    differing: Differing
    relied: Relied
    leaning: Leaning


def question_view(session: Session, area_id: str, round_id: str, key: str) -> QuestionView:
    """A question whose answers can be compared, of a closed round; NotFound for any other."""
    rounds = released_rounds(session, area_id)
    chosen = next((one for one in rounds if one.id == round_id), None)
    if chosen is None:
        raise NotFound("Page not found")
    framework = framework_of(session, area_id, chosen.framework_version_id)
    criterion = next((one for one in framework.criteria if one.key == key and one.is_pooled), None)
    if criterion is None:
        raise NotFound("Page not found")
    table = _table(released.levels_of(session, released.release_for(session, area_id, round_id), key), criterion)
    return QuestionView(
        chosen, key, criterion.title, criterion.question, section_name(framework.section(criterion.section)),
        measured(session, area_id, round_id).criterion(key),
        _differing(criterion, table), _relied(session, area_id, rounds, chosen, framework, criterion), _leaning(table),
    )  # fmt: skip


def _table(given: Sequence[GivenLevel], criterion: Criterion) -> Ratings:
    """A row for each plan, a column for each auditor."""
    row = {plan: place for place, plan in enumerate(sorted({one.round_plan_id for one in given}))}
    values = np.full((len(row), 1 + max((one.auditor for one in given), default=-1)), np.nan)
    for one in given:
        values[row[one.round_plan_id], one.auditor] = one.value
    return on_scale(criterion, values)


def _differing(criterion: Criterion, table: Ratings) -> Differing:
    plans = _pairable(table)
    if not criterion.levels:
        return Differing((), 0, 0, NUMBERS)
    if table.codes.shape[1] < AUDITORS_NEEDED:
        return Differing((), 0, 0, TWO_AUDITORS)
    if plans < COEFFICIENT_FROM:
        return Differing((), 0, 0, _too_few(plans))
    found, names = coincidences(table), {float(level.value): level.label for level in criterion.levels}
    return Differing(_pairs(found, names), plans, round(float(found.observed.sum())))


def _pairs(found: Coincidences, names: Mapping[float, str]) -> tuple[LevelPair, ...]:
    total, levels = float(found.observed.sum()), range(len(found.levels))
    labels = [names[float(level)] for level in found.levels]
    pairs = [
        LevelPair(labels[one], labels[other], _share(found.observed, one, other, total), _share(found.expected, one, other, total))
        for one in levels
        for other in levels[one:]
    ]
    return tuple(sorted(pairs, key=lambda pair: (pair.is_same, -pair.share)))


def _share(counts: Floats, one: int, other: int, total: float) -> float:
    """Of all pairs; two different levels stand in the matrix both ways round."""
    return float(counts[one, other]) * (1 if one == other else 2) / total


def _relied(
    session: Session, area_id: str, rounds: Sequence[TrackedRound], chosen: TrackedRound, framework: Framework, criterion: Criterion
) -> Relied:
    """Over a year, as a meeting settles few plans on one question."""
    if not chosen.is_published:
        return Relied(None, 0, NOT_PUBLISHED)
    year = _comparable(session, area_id, rounds, chosen, framework, criterion)
    settled = [row for one in year for row in _settled(session, area_id, one.id, criterion.key)]
    agreed = np.array([value for value, _ in settled], dtype=float)
    table = np.full((len(settled), max((len(levels) for _, levels in settled), default=0)), np.nan)
    for row, (_, levels) in enumerate(settled):
        table[row, : len(levels)] = levels
    found = definitive_grade(on_scale(criterion, table), agreed, seed=seed_of(chosen.id))
    if found.items < HIDDEN_BELOW:
        return Relied(None, len(year), FEW_DECIDED)
    near = found.within_one if len(criterion.levels) != 2 else None  # of two levels, the other is always one away
    return Relied(replace(found, within_one=near), len(year))


def _comparable(
    session: Session, area_id: str, rounds: Sequence[TrackedRound], chosen: TrackedRound, framework: Framework, criterion: Criterion
) -> list[TrackedRound]:
    """The published rounds of the year up to this one, as far back as the question means the same."""
    first = chosen.closed_on - timedelta(days=365)
    year = [one for one in rounds if one.is_published and first < one.closed_on <= chosen.closed_on and one.id != chosen.id]
    known, found, versions = {chosen.framework_version_id: framework}, [chosen], [framework]
    for one in reversed(year):
        version = one.framework_version_id
        known[version] = known.get(version) or framework_of(session, area_id, version)
        versions.insert(0, known[version])
        if criterion not in comparable_criteria(versions):
            break
        found.append(one)
    return found


def _settled(session: Session, area_id: str, round_id: str, key: str) -> list[tuple[float, list[float]]]:
    """What a meeting decided on each plan, and the levels that auditors had given it."""
    agreed = decided(session, area_id, round_id, key)
    levels: dict[str, list[float]] = {}
    for one in released.levels_of(session, released.release_for(session, area_id, round_id), key) if agreed else ():
        levels.setdefault(one.round_plan_id, []).append(one.value)
    return [(agreed[plan], levels[plan]) for plan in sorted(agreed) if plan in levels]


def _leaning(table: Ratings) -> Leaning:
    auditors = table.codes.shape[1]
    everybody = measure(table, replicates=0)
    if auditors < PEOPLE_NEEDED:
        return Leaning(auditors, None, None, None, FEW_AUDITORS)
    if everybody.reason is not None:
        return Leaning(auditors, None, None, None, _too_few(everybody.pairable_items, everybody.reason))
    without = influence(table)
    if any(one.pairable_items < COEFFICIENT_FROM for one in without):
        return Leaning(auditors, None, None, None, FEW_WITHOUT)
    values = [one.without for one in without if one.without is not None]
    if len(values) < len(without):
        return Leaning(auditors, None, None, None, ALIKE)
    return Leaning(auditors, everybody.value, min(values), max(values))


def _pairable(table: Ratings) -> int:
    return int((table.given.sum(axis=1) >= 2).sum())


def _too_few(plans: int, reason: str = "") -> str:
    """Under five plans not even the number is said."""
    if plans < HIDDEN_BELOW:
        return f"Fewer than {HIDDEN_BELOW} plans have two answers."
    return reason or few_plans(plans)
