"""The ratings of a closed round as numbers and codes, for arithmetic only: who a rater is cannot be told from here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import String, type_coerce
from sqlmodel import Session, col, func, select

from moderation.people.tables import Agency
from moderation.register.framework import NonScore
from moderation.words import AgencyKind

from .rules import SheetState
from .tables import Rating, Scoresheet

NON_SCORES: tuple[NonScore, ...] = tuple(NonScore)


@dataclass(frozen=True)
class RaterCode:
    """One auditor of a round: an agency, and a place in the list that means nothing elsewhere."""

    agency_id: str
    agency_kind: AgencyKind


@dataclass(frozen=True)
class LockedRatings:
    """One entry per answer of a locked sheet, in columns of equal length.

    `plan`, `rater` and `criterion` are places in the three lists. `value` is NaN where there is no level;
    `non_score` is then a place in NON_SCORES, else -1. What was not answered is not here.
    """

    round_plan_ids: tuple[str, ...]
    raters: tuple[RaterCode, ...]
    criterion_keys: tuple[str, ...]
    plan: NDArray[np.int32]
    rater: NDArray[np.int32]
    criterion: NDArray[np.int32]
    value: NDArray[np.float64]
    non_score: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.value)


def locked_ratings(session: Session, area_id: str, round_id: str) -> LockedRatings:
    """Every answer of the round's locked sheets that were not withdrawn; first readings only."""
    sheets = _locked_sheets(session, area_id, round_id)
    plans = sorted({sheet.round_plan_id for sheet in sheets})
    people = sorted({(sheet.account_id, sheet.agency_id) for sheet in sheets})
    plan_place, rater_place = _places(plans), _places(people)
    sheet_place = _places(sorted(sheet.id for sheet in sheets))
    plan_of, rater_of = np.empty(len(sheets), np.int32), np.empty(len(sheets), np.int32)
    for sheet in sheets:
        place = sheet_place[sheet.id]
        plan_of[place], rater_of[place] = plan_place[sheet.round_plan_id], rater_place[sheet.account_id, sheet.agency_id]
    ids, keys, values, said = _columns(_answers(session, area_id, round_id))
    names = sorted(set(keys))
    sheet_code, criterion = _coded(ids, sheet_place), _coded(keys, _places(names))
    order = np.lexsort((criterion, sheet_code))
    return LockedRatings(
        tuple(plans),
        _codes(session, area_id, [agency_id for _, agency_id in people]),
        tuple(names),
        plan_of[sheet_code[order]],
        rater_of[sheet_code[order]],
        criterion[order],
        np.array(values, dtype=np.float64)[order],  # None becomes NaN
        _coded(said, {None: -1} | {name.value: place for place, name in enumerate(NON_SCORES)}).astype(np.int8)[order],
    )


def _of_round(area_id: str, round_id: str) -> tuple[Any, ...]:
    """Which sheets count: locked, not withdrawn, first reading."""
    return (
        col(Scoresheet.area_id) == area_id,
        col(Scoresheet.round_id) == round_id,
        col(Scoresheet.state) == SheetState.LOCKED,
        col(Scoresheet.withdrawn_at).is_(None),
        col(Scoresheet.pass_number) == 1,
    )


def _locked_sheets(session: Session, area_id: str, round_id: str) -> Sequence[Any]:
    chosen = select(Scoresheet.id, Scoresheet.round_plan_id, Scoresheet.account_id, Scoresheet.agency_id)
    return session.exec(chosen.where(*_of_round(area_id, round_id))).all()


def _answers(session: Session, area_id: str, round_id: str) -> Sequence[Any]:
    """Rows in no order: numbers are sorted faster than text, and alike on every database."""
    said = type_coerce(col(Rating.non_score), String)  # as text: hundreds of thousands of enums would take a second
    columns = (col(Rating.sheet_id), col(Rating.criterion_key), col(Rating.value), said)
    answered = col(Rating.value).is_not(None) | col(Rating.non_score).is_not(None)
    statement = select(*columns).join(Scoresheet, col(Scoresheet.id) == col(Rating.sheet_id))
    return session.execute(statement.where(*_of_round(area_id, round_id), answered)).all()


def _columns(rows: Sequence[Any]) -> tuple[Sequence[Any], ...]:
    return tuple(zip(*rows, strict=True)) if rows else ((), (), (), ())


def _coded(names: Sequence[Any], places: Mapping[Any, int]) -> NDArray[np.int32]:
    return np.fromiter(map(places.__getitem__, names), np.int32, len(names))


def _codes(session: Session, area_id: str, agency_ids: Sequence[str]) -> tuple[RaterCode, ...]:
    found = session.exec(select(Agency.id, Agency.kind).where(Agency.area_id == area_id))
    kinds = {agency_id: AgencyKind(kind) for agency_id, kind in found}
    return tuple(RaterCode(agency_id, kinds[agency_id]) for agency_id in agency_ids)


def _places(items: Sequence[Any]) -> dict[Any, int]:
    return {item: place for place, item in enumerate(items)}


def lapsed_sheets(session: Session, area_id: str, round_id: str) -> int:
    """How many sheets of a round were not finished in time: they are left out of everything, and counted."""
    lapsed = select(func.count()).where(
        col(Scoresheet.area_id) == area_id, col(Scoresheet.round_id) == round_id, col(Scoresheet.state) == SheetState.LAPSED
    )
    return session.exec(lapsed).one()


def last_withdrawal(session: Session, area_id: str, round_id: str) -> datetime | None:
    """When a sheet of the round was last withdrawn: figures that are older are out of date."""
    return session.exec(
        select(func.max(col(Scoresheet.withdrawn_at))).where(
            col(Scoresheet.area_id) == area_id, col(Scoresheet.round_id) == round_id
        )
    ).one()


def last_withdrawals(session: Session) -> dict[str, datetime]:
    """The same for every round of the installation that had one: one query for the clock."""
    last = select(Scoresheet.round_id, func.max(col(Scoresheet.withdrawn_at))).group_by(col(Scoresheet.round_id))
    return {round_id: at for round_id, at in session.exec(last.where(col(Scoresheet.withdrawn_at).is_not(None))) if at is not None}
