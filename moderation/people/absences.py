"""Days on which an auditor cannot score: they say so themselves, and the leads who share out plans see it. No reason is asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from ..instants import today
from ..ledger import Transaction
from ..words import InvalidInput, NotFound, Problem
from .events import AwayDatesRemoved, AwayDatesSaved
from .tables import Absence

LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Away:
    """From the first to the last day away, both included."""

    id: str
    starts_on: date
    ends_on: date


def away_dates(session: Session, area_id: str, account_id: str) -> tuple[Away, ...]:
    """Somebody's days away that are not over yet."""
    return _everybodys(session, area_id, today()).get(account_id, ())


def away_in(session: Session, area_id: str, first: date, last: date) -> Mapping[str, tuple[Away, ...]]:
    """Who is away on some of these days, by account."""
    everybody = _everybodys(session, area_id, first)
    within = {who: tuple(one for one in theirs if one.starts_on <= last) for who, theirs in everybody.items()}
    return {who: theirs for who, theirs in within.items() if theirs}


def _everybodys(session: Session, area_id: str, since: date) -> Mapping[str, tuple[Away, ...]]:
    chosen = select(Absence).where(Absence.area_id == area_id, Absence.ends_on >= since)
    found: dict[str, list[Away]] = {}
    for row in session.exec(chosen.order_by(col(Absence.starts_on), col(Absence.id))):
        found.setdefault(row.account_id, []).append(Away(row.id, row.starts_on, row.ends_on))
    return {who: tuple(theirs) for who, theirs in found.items()}


def check_dates(starts_on: date, ends_on: date, now: date) -> None:
    """Days away are to come, in order, and at most a year."""
    problems = []
    if ends_on < starts_on:
        problems.append(Problem("ends_on", "The last day away must be the same as or after the first"))
    elif ends_on < now:
        problems.append(Problem("ends_on", "The last day away must be today or in the future"))
    elif ends_on - starts_on > LONGEST:
        problems.append(Problem("ends_on", "Enter at most a year. If you are leaving, tell your QA lead"))
    if problems:
        raise InvalidInput(problems)


def save_away_dates(tx: Transaction, starts_on: date, ends_on: date) -> None:
    """Note days away. The same first day again changes the last day; the same days again change nothing."""
    check_dates(starts_on, ends_on, today())
    known = next(iter(_own(tx, Absence.starts_on == starts_on)), None)
    if known is not None and known.ends_on == ends_on:
        return
    row = known or Absence(area_id=tx.area_id, account_id=_who(tx), starts_on=starts_on, ends_on=ends_on, version=0)
    row.ends_on = ends_on
    row.version += 1
    tx.session.add(row)
    tx.record(AwayDatesSaved(row.id, row.account_id))


def remove_away_dates(tx: Transaction, absence_id: str) -> None:
    """Take days away back. What is gone already is gone."""
    for row in _own(tx, Absence.id == absence_id):
        tx.session.delete(row)
        tx.record(AwayDatesRemoved(absence_id, row.account_id))


def _own(tx: Transaction, *where: object) -> Iterable[Absence]:
    return list(tx.session.exec(select(Absence).where(Absence.area_id == tx.area_id, Absence.account_id == _who(tx), *where)))  # type: ignore[arg-type]


def _who(tx: Transaction) -> str:
    if tx.actor.account_id is None:
        raise NotFound("Page not found")
    return tx.actor.account_id
