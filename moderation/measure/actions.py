"""Measuring a closed round: read the locked ratings, compute outside any transaction, keep the results."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import combinations_with_replacement

import numpy as np
from sqlalchemy import Engine, delete, insert
from sqlmodel import Session, col, select

from stats import Agreement, Ratings, measure_pairs, measure_round
from stats.bootstrap import METHOD, interval, resample

from ..allocate.rules import RELEASED, RoundState
from ..allocate.tables import Round
from ..ledger import Transaction
from ..register.criteria import Criterion, Framework
from ..register.framework import parse
from ..register.tables import FrameworkVersion
from ..score.locked import NON_SCORES, LockedRatings, lapsed_sheets, last_withdrawal, last_withdrawals, locked_ratings
from ..words import CODE_VERSION, new_id
from . import rules
from .events import RoundMeasured
from .rules import Scope
from .table import Answers, Floats, Places, level_gaps, places, ratings, tables
from .tables import Measurement, MeasurementResult

LEVEL = 0.95


@dataclass(frozen=True)
class Result:
    """One row to keep: an agreement, or a share or difference of our own."""

    scope: Scope
    key: str
    stat: str
    statistic: str
    value: float | None
    low: float | None
    high: float | None
    level: float
    method: str
    undefined: str | None
    plans: int
    ratings: int
    raters: int


@dataclass(frozen=True)
class Measured:
    """Everything measured of a round, ready to be kept."""

    fingerprint: str
    seed: int
    replicates: int
    plans: int
    sheets: int
    lapsed: int
    ratings: int
    results: tuple[Result, ...]
    withdrawn_at: datetime | None = None  # the last withdrawal that these numbers know of


def due_rounds(session: Session) -> list[tuple[str, str]]:
    """Closed rounds that were never measured, or from which a sheet was withdrawn since: (area id, round id)."""
    withdrawn = last_withdrawals(session)
    rows = session.exec(
        select(Round.area_id, Round.id, Measurement.measured_at)
        .outerjoin(Measurement, col(Measurement.round_id) == col(Round.id))
        .where(col(Round.state).in_(RELEASED - {RoundState.ARCHIVED}))
        .order_by(col(Round.closed_at), col(Round.id))
    )
    return [(area_id, round_id) for area_id, round_id, at in rows if at is None or _is_older(at, withdrawn.get(round_id))]


def _is_older(measured_at: datetime, withdrawn_at: datetime | None) -> bool:
    return withdrawn_at is not None and withdrawn_at > measured_at


def compute(engine: Engine, area_id: str, round_id: str, replicates: int) -> Measured:
    """Measure a round's locked ratings. Reads only; the same inputs give the same numbers."""
    with Session(engine) as session:
        withdrawn_at = last_withdrawal(session, area_id, round_id)  # first: what is withdrawn from here on must be noticed
        framework = _framework(session, area_id, round_id)
        locked = locked_ratings(session, area_id, round_id)
        lapsed = lapsed_sheets(session, area_id, round_id)
    seed = rules.seed_of(round_id)
    answers = _answers(locked)
    results = tuple(_results(framework, locked, answers, replicates, seed))
    sheets = len(np.unique(answers.plan * max(len(answers.agency), 1) + answers.rater))
    return Measured(
        fingerprint(framework, locked, replicates, seed), seed, replicates, len(locked.round_plan_ids), sheets, lapsed,
        int((~np.isnan(locked.value)).sum()), results, withdrawn_at,
    )  # fmt: skip


def keep(tx: Transaction, round_id: str, measured: Measured) -> bool:
    """Keep a measurement in place of the earlier one; nothing changes when its inputs did not. True if it is new.

    Numbers that were worked out while a plan was withdrawn are not kept: the round stays due.
    """
    tx.get(Round, round_id)
    if last_withdrawal(tx.session, tx.area_id, round_id) != measured.withdrawn_at:
        return False
    old = tx.session.exec(select(Measurement).where(Measurement.area_id == tx.area_id, Measurement.round_id == round_id)).first()
    if old is not None and old.fingerprint == measured.fingerprint:
        old.measured_at = tx.now
        tx.record(RoundMeasured(round_id, measured.fingerprint, again=True))
        return False
    row = _replace(tx, round_id, old, measured)
    if measured.results:
        tx.session.execute(insert(MeasurementResult), [_row(tx.area_id, row.id, result) for result in measured.results])
    tx.record(RoundMeasured(round_id, measured.fingerprint, again=old is not None))
    return True


def _replace(tx: Transaction, round_id: str, old: Measurement | None, measured: Measured) -> Measurement:
    """One measurement a round: the earlier one goes, with its results."""
    if old is not None:
        tx.session.execute(delete(MeasurementResult).where(col(MeasurementResult.measurement_id) == old.id))
        tx.session.delete(old)
        tx.session.flush()
    row = Measurement(
        area_id=tx.area_id, round_id=round_id, measured_at=tx.now, fingerprint=measured.fingerprint, seed=measured.seed,
        replicates=measured.replicates, code_version=CODE_VERSION, plans=measured.plans, sheets=measured.sheets,
        lapsed_sheets=measured.lapsed, ratings=measured.ratings,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    return row


def _row(area_id: str, measurement_id: str, result: Result) -> dict[str, object]:
    return {"id": new_id(), "area_id": area_id, "measurement_id": measurement_id} | asdict(result)


def _framework(session: Session, area_id: str, round_id: str) -> Framework:
    joined = select(FrameworkVersion.content).join(Round, col(Round.framework_version_id) == col(FrameworkVersion.id))
    return parse(session.exec(joined.where(Round.area_id == area_id, Round.id == round_id)).one())


def fingerprint(framework: Framework, locked: LockedRatings, replicates: int, seed: int) -> str:
    """A digest of everything the numbers depend on, the code's version included."""
    total = hashlib.sha256(repr((CODE_VERSION, framework, replicates, seed, locked.round_plan_ids, locked.criterion_keys)).encode())
    total.update(repr([(rater.agency_id, rater.agency_kind) for rater in locked.raters]).encode())
    for column in (locked.plan, locked.rater, locked.criterion, locked.value, locked.non_score):
        total.update(np.ascontiguousarray(column).tobytes())
    return total.hexdigest()


def _answers(locked: LockedRatings) -> Answers:
    return Answers(
        len(locked.round_plan_ids), tuple(rater.agency_id for rater in locked.raters), locked.criterion_keys,
        locked.plan.astype(np.int64), locked.rater.astype(np.int64), locked.criterion.astype(np.int64), locked.value,
    )  # fmt: skip


def _results(framework: Framework, locked: LockedRatings, answers: Answers, replicates: int, seed: int) -> Iterator[Result]:
    criteria = rules.pooled(framework)
    where = places(answers)
    values = tables(answers, where, criteria)
    scaled = {criterion.key: ratings(criterion, values[criterion.key]) for criterion in criteria}
    raters = _raters_by_criterion(answers)
    yield from _by_group(framework, scaled, raters, replicates, seed)
    yield from _by_pair(scaled, where, answers, replicates, seed)
    yield from _differences(criteria, values, where, replicates, seed)
    yield from _non_scores(locked)


def _raters_by_criterion(answers: Answers) -> Mapping[str, set[int]]:
    given = ~np.isnan(answers.value)
    raters = max(len(answers.agency), 1)
    pairs = np.unique(answers.criterion[given] * raters + answers.rater[given])
    found: dict[str, set[int]] = {key: set() for key in answers.criteria}
    for criterion, rater in zip((pairs // raters).tolist(), (pairs % raters).tolist(), strict=True):
        found[answers.criteria[criterion]].add(rater)
    return found


def _by_group(
    framework: Framework, scaled: Mapping[str, Ratings], raters: Mapping[str, set[int]], replicates: int, seed: int
) -> Iterator[Result]:
    groups = rules.groups(framework)
    found = measure_round(scaled, groups, rules.STATS, replicates=replicates, seed=seed, level=LEVEL)
    for (key, stat), agreement in found.by_criterion.items():
        yield _of_agreement(Scope.CRITERION, key, stat, agreement, len(raters.get(key, ())))
    for (name, stat), agreement in found.by_group.items():
        scope = Scope.ROUND if name == rules.ROUND else Scope.SECTION
        everyone: set[int] = set().union(*(raters.get(key, set()) for key in groups[name]))
        yield _of_agreement(scope, name, stat, agreement, len(everyone))


def _of_agreement(scope: Scope, key: str, stat: str, agreement: Agreement, raters: int) -> Result:
    return Result(
        scope, key, stat, agreement.stat, agreement.value, agreement.low, agreement.high, agreement.level, agreement.method or "",
        agreement.undefined, agreement.pairable_items, agreement.ratings, raters,
    )  # fmt: skip


def _by_pair(scaled: Mapping[str, Ratings], where: Places, answers: Answers, replicates: int, seed: int) -> Iterator[Result]:
    for (one, other), agreement in measure_pairs(scaled, where.of_agency, replicates=replicates, seed=seed, level=LEVEL).items():
        raters = sum(agency in (one, other) for agency in answers.agency)
        key = rules.pair_key(one, other)
        yield _of_agreement(Scope.AGENCY_PAIR, key, "alpha", agreement, raters)
        if agreement.percent is not None:
            yield _percent_of(Scope.AGENCY_PAIR, key, agreement, raters)


def _percent_of(scope: Scope, key: str, agreement: Agreement, raters: int) -> Result:
    """The share of equal ratings that stands beside a coefficient."""
    return Result(
        scope, key, "percent", "percent_agreement", agreement.percent, None, None, agreement.level, "", None,
        agreement.pairable_items, agreement.ratings, raters,
    )  # fmt: skip


def _differences(
    criteria: tuple[Criterion, ...], values: Mapping[str, Floats], where: Places, replicates: int, seed: int
) -> Iterator[Result]:
    """How many levels the second agency of a pair gives more than the first, on the same ordinal cells."""
    ordinal = [values[criterion.key] for criterion in criteria if criterion.is_ordinal]
    for one, other in combinations_with_replacement(sorted(where.of_agency), 2):
        if one != other and ordinal:
            yield _difference(rules.pair_key(one, other), ordinal, where.of_agency[one], where.of_agency[other], replicates, seed)


def _difference(key: str, ordinal: list[Floats], left: list[int], right: list[int], replicates: int, seed: int) -> Result:
    plans, gaps = len(ordinal[0]), level_gaps(ordinal, left, right)
    value = float(gaps.mean(np.ones((1, plans)))[0])
    shared = int((gaps.cells > 0).sum())
    draws = [gaps.mean(weights) for weights in resample(np.ones(plans, np.int64), replicates, seed)]
    limits = interval(np.concatenate(draws), value, LEVEL, shared) if draws and shared else None
    missing = None if shared else "No plan was rated by both agencies."
    low, high = limits or (None, None)
    return Result(
        Scope.AGENCY_PAIR, key, "level_difference", "level_difference", None if missing else value, low, high, LEVEL,
        METHOD if limits else "", missing, shared, int(gaps.cells.sum()), len(left) + len(right),
    )  # fmt: skip


def _non_scores(locked: LockedRatings) -> Iterator[Result]:
    """The share of answers to each criterion that are not scores, by kind."""
    for place, key in enumerate(locked.criterion_keys):
        mine = locked.criterion == place
        said, answers = locked.non_score[mine], int(mine.sum())
        plans, raters = len(np.unique(locked.plan[mine])), len(np.unique(locked.rater[mine]))
        for kind, name in enumerate(NON_SCORES):
            stat = f"share_{name.value}"
            share = float((said == kind).sum() / answers)
            yield Result(Scope.CRITERION, key, stat, stat, share, None, None, LEVEL, "", None, plans, answers, raters)
