"""What auditors do with their sheets, and what becomes of the sheets: the only writer of ratings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from moderation import instants
from moderation.allocate import actions as allocate
from moderation.allocate.rules import RELEASED, AllocationState, RoundState
from moderation.allocate.tables import Allocation, Round, RoundPlan
from moderation.ledger import Transaction
from moderation.register.framework import Criterion
from moderation.register.readers import knows_names
from moderation.words import NotFound, StaleWrite

from . import rules
from .events import (
    RatingSaved,
    ScoresheetLapsed,
    ScoresheetLocked,
    ScoresheetReopened,
    ScoresheetStarted,
    ScoresheetSubmitted,
    ScoresheetWithdrawn,
)
from .own import OwnRows, RaterDesk, answer_of
from .questions import asked, questions_for
from .rules import SheetState
from .tables import Rating, RatingRevision, Scoresheet
from .views import AskedSheet, MyPlan


@dataclass(frozen=True)
class Saved:
    """What the page is told after a save: the version of the answer it now looks at, and the sheet as it is."""

    version: int
    asked: AskedSheet


# What was sent, as fields of an answer to this question.
Wanted = Callable[[Criterion], Mapping[str, Any]]


def start(tx: Transaction, allocation_id: str) -> str:
    """Open the audit pack of a plan and begin its sheet; returns the sheet's id. Starting again finds the same sheet."""
    plan = _desk(tx).plan(allocation_id)
    if plan.sheet_id is not None:
        return plan.sheet_id
    _check_blind(tx, plan)
    allocate.mark_started(tx, allocation_id)
    given = tx.get(Allocation, allocation_id)
    sheet = Scoresheet(
        area_id=tx.area_id, round_id=given.round_id, round_plan_id=given.round_plan_id, allocation_id=given.id,
        account_id=given.account_id, agency_id=given.agency_id, pass_number=given.pass_number,
        started_at=tx.now, saved_at=tx.now,
    )  # fmt: skip
    tx.session.add(sheet)
    tx.record(ScoresheetStarted(sheet.id, sheet.round_plan_id))
    return sheet.id


def save(tx: Transaction, sheet_id: str, criterion_key: str, wanted: Wanted, version: int) -> Saved:
    """Save some fields of one answer. The page says which version of the answer it was made from.

    What is saved already is not saved again. A page that has not seen all of the answer that is saved keeps the version it
    has, and a change that it makes is refused with both versions.
    """
    mine = _to_write(tx, sheet_id)
    criterion = _question(questions_for(tx.session, tx.area_id, mine.plan), criterion_key)
    version = _save(tx, mine, criterion, wanted(criterion), version)
    return Saved(version, asked(tx.session, tx.area_id, mine.as_value()))


def _save(tx: Transaction, mine: OwnRows, criterion: Criterion, wanted: Mapping[str, Any], version: int) -> int:
    """Save fields of one answer of a sheet that may be changed; returns the version that the page then knows."""
    rating = mine.ratings.get(criterion.key)
    now = answer_of(rating) if rating else rules.UNANSWERED
    fresh = rules.differs(now, wanted)
    version = _known(tx, rating, version, wanted)
    if not fresh:
        return version
    rules.check_answer(criterion, replace(now, **fresh))
    if version != (rating.version if rating else 0):
        raise StaleWrite(*rules.both_versions(now, fresh))
    kept = mine.ratings[criterion.key] = _keep(tx, mine.row, criterion.key, rating, fresh)
    tx.record(RatingSaved(mine.row.id, criterion.key))
    return kept.version


def _known(tx: Transaction, rating: Rating | None, version: int, wanted: Mapping[str, Any]) -> int:
    """The version that a page knows which wants this: the saved one, if all that was changed since its own is what it wants.

    So a save whose answer was lost on the way is no conflict with oneself when it is sent again.
    """
    if rating is None or version == rating.version:
        return version
    before = _answer_at(tx, rating, version)
    return rating.version if before and rules.covers(before, wanted, answer_of(rating)) else version


def _answer_at(tx: Transaction, rating: Rating, version: int) -> rules.Answer | None:
    """The answer as an earlier version had it; left for now or not, which is not kept, as it is today."""
    if version == 0:
        return rules.UNANSWERED
    chosen = select(RatingRevision).where(RatingRevision.area_id == tx.area_id, RatingRevision.rating_id == rating.id)
    kept = tx.session.exec(chosen.where(RatingRevision.version == version)).first()
    return answer_of(Rating(**kept.model_dump(), left_for_now=rating.left_for_now)) if kept else None


def fill_in(tx: Transaction, allocation_id: str, answers: Mapping[str, Mapping[str, Any]], finish: bool = True) -> str:
    """Begin a sheet, save these answers by criterion and, to finish, submit it: what a program does that has them all at once."""
    mine = _to_write(tx, start(tx, allocation_id))
    criteria = questions_for(tx.session, tx.area_id, mine.plan)
    for key, wanted in answers.items():
        _save(tx, mine, _question(criteria, key), wanted, 0)
    if finish:
        submit(tx, mine.row.id, mine.row.version)
    return mine.row.id


def submit(tx: Transaction, sheet_id: str, version: int) -> None:
    """Lock a complete sheet. Submitting what is submitted changes nothing."""
    sheet = _own_sheet(tx, sheet_id)
    if sheet.state is not SheetState.DRAFT:
        return
    mine = _to_write(tx, sheet_id)
    _check_blind(tx, mine.plan)
    criteria = questions_for(tx.session, tx.area_id, mine.plan)
    submitted = rules.submit(sheet.state, criteria, mine.as_value().answers)
    tx.fresh(sheet, version, mine={})
    sheet.state, sheet.submitted_at = submitted, tx.now
    allocate.mark_submitted(tx, sheet.allocation_id)
    tx.record(ScoresheetSubmitted(sheet_id, sheet.round_plan_id))


def reopen(tx: Transaction, sheet_id: str, reason: str) -> None:
    """Give a submitted sheet back to its auditor, before closing. Reopening what is open again changes nothing."""
    sheet = tx.get(Scoresheet, sheet_id)
    why = rules.check_reason(reason)
    if sheet.state is SheetState.DRAFT and sheet.reopened_reason == why:
        return
    is_open = tx.get(Round, sheet.round_id).state is RoundState.OPEN
    rules.check_may_reopen(sheet.state, sheet.withdrawn_at is not None, is_open)
    sheet.state = rules.move(sheet.state, SheetState.DRAFT)
    sheet.reopened_reason, sheet.submitted_at = why, None
    sheet.version += 1
    allocate.mark_reopened(tx, sheet.allocation_id)
    tx.record(ScoresheetReopened(sheet_id, sheet.round_plan_id))


def reopen_of(tx: Transaction, account_id: str, round_plan_id: str, reason: str) -> None:
    """Give an auditor back what they submitted about a plan; nothing happens if they did not."""
    theirs = (col(Scoresheet.account_id) == account_id) & (col(Scoresheet.round_plan_id) == round_plan_id)
    for sheet in _sheets(tx, theirs & (col(Scoresheet.state) == SheetState.SUBMITTED) & col(Scoresheet.withdrawn_at).is_(None)):
        reopen(tx, sheet.id, reason)


def close_round(tx: Transaction, round_id: str) -> bool:
    """Lock what is submitted, let the rest lapse, close the round. True if this call closed it."""
    if tx.get(Round, round_id).state is not RoundState.OPEN:
        return False
    for sheet in _sheets(tx, col(Scoresheet.round_id) == round_id):
        _settle(tx, sheet)
    allocate.mark_closed(tx, round_id)
    return True


def due_to_close(session: Session, now: datetime) -> list[tuple[str, str]]:
    """Open rounds whose closing day is over in London: (area id, round id)."""
    today = instants.london(now).date()
    overdue = select(Round.area_id, Round.id).where(Round.state == RoundState.OPEN, Round.closes_on < today)
    return [(area_id, round_id) for area_id, round_id in session.exec(overdue.order_by(col(Round.closes_on), col(Round.id)))]


def withdraw_plan(tx: Transaction, round_plan_id: str, reason: str) -> int:
    """Take a plan out of its round and its sheets out of everything; returns how many sheets."""
    allocate.withdraw_plan(tx, round_plan_id, reason)
    return withdraw_sheets(tx, round_plan_id)


def withdraw_sheets(tx: Transaction, round_plan_id: str) -> int:
    """Take a withdrawn plan's sheets out of everything; returns how many. The answers stay, unseen."""
    plan = tx.get(RoundPlan, round_plan_id)
    standing = [sheet for sheet in _sheets(tx, col(Scoresheet.round_plan_id) == round_plan_id) if sheet.withdrawn_at is None]
    for sheet in standing:
        sheet.withdrawn_at, sheet.withdrawn_reason = tx.now, plan.withdrawn_reason or "plan withdrawn"
        sheet.version += 1
        tx.record(ScoresheetWithdrawn(sheet.id, round_plan_id))
    return len(standing)


@dataclass(frozen=True)
class WithdrawnSheet:
    """Where a withdrawn sheet belonged, whose it was, and the criteria it had rated."""

    round_id: str
    round_plan_id: str
    account_id: str
    criteria: frozenset[str]


def withdraw_sheet(tx: Transaction, sheet_id: str, reason: str) -> WithdrawnSheet | None:
    """Take one locked sheet out of everything, after closing and with a reason; its answers stay, unseen. None if it was out."""
    sheet = tx.get(Scoresheet, sheet_id)
    why = rules.check_reason(reason)
    if sheet.withdrawn_at is not None:
        return None
    rules.check_may_withdraw(sheet.state, tx.get(Round, sheet.round_id).state in RELEASED)
    sheet.withdrawn_at, sheet.withdrawn_reason = tx.now, why
    sheet.version += 1
    tx.record(ScoresheetWithdrawn(sheet.id, sheet.round_plan_id))
    rated = select(Rating.criterion_key).where(Rating.area_id == tx.area_id, Rating.sheet_id == sheet.id)
    answered = rated.where(col(Rating.value).is_not(None) | col(Rating.non_score).is_not(None))
    return WithdrawnSheet(sheet.round_id, sheet.round_plan_id, sheet.account_id, frozenset(tx.session.exec(answered)))


def _desk(tx: Transaction) -> RaterDesk:
    if tx.actor.account_id is None:
        raise NotFound("Page not found")
    return RaterDesk(tx.session, tx.area_id, tx.actor.account_id)


def _own_sheet(tx: Transaction, sheet_id: str) -> Scoresheet:
    sheet = tx.get(Scoresheet, sheet_id)
    if sheet.account_id != tx.actor.account_id:
        raise NotFound("Page not found")
    return sheet


def _to_write(tx: Transaction, sheet_id: str) -> OwnRows:
    """An auditor's own sheet whose answers may be changed; Refused, in words, for one of their own where they may not."""
    try:
        mine = _desk(tx).rows(sheet_id)
    except NotFound:
        rules.check_may_save(_own_sheet(tx, sheet_id).state, is_listed=False, round_is_open=True)
        raise
    is_listed = mine.plan.state is AllocationState.STARTED and mine.row.withdrawn_at is None
    rules.check_may_save(mine.row.state, is_listed, mine.plan.is_open)
    return mine


def _check_blind(tx: Transaction, plan: MyPlan) -> None:
    """Somebody may have become able to see names, and looked, after the plan was given to them."""
    if knows_names(tx.session, tx.area_id, tx.actor.account_id or "", plan.plan_version_id):
        raise rules.NamesSeen(plan.allocation_id)


def _question(criteria: tuple[Criterion, ...], key: str) -> Criterion:
    """The question of that key, if it is asked on this sheet."""
    found = next((criterion for criterion in criteria if criterion.key == key), None)
    if found is None:
        raise NotFound("Page not found")
    return found


def _keep(tx: Transaction, sheet: Scoresheet, criterion_key: str, rating: Rating | None, fresh: Mapping[str, Any]) -> Rating:
    """Write the changed fields; the version before them is kept."""
    if rating is None:
        rating = Rating(area_id=tx.area_id, sheet_id=sheet.id, criterion_key=criterion_key, version=0)
    else:
        tx.session.add(_revision(rating))
    for name, value in fresh.items():
        setattr(rating, name, value)
    rating.version += 1
    rating.saved_at = sheet.saved_at = tx.now
    sheet.version += 1
    tx.session.add(rating)
    return rating


def _revision(rating: Rating) -> RatingRevision:
    before = rating.model_dump(exclude={"id", "sheet_id", "criterion_key", "left_for_now"})
    return RatingRevision(rating_id=rating.id, **before)


def _sheets(tx: Transaction, which: Any) -> list[Scoresheet]:
    chosen = select(Scoresheet).where(Scoresheet.area_id == tx.area_id, which)
    return list(tx.session.exec(chosen.order_by(col(Scoresheet.id))))


def _settle(tx: Transaction, sheet: Scoresheet) -> None:
    """What becomes of one sheet at closing."""
    if sheet.state is SheetState.SUBMITTED:
        sheet.state = rules.move(sheet.state, SheetState.LOCKED)
        tx.record(ScoresheetLocked(sheet.id, sheet.round_plan_id))
    elif sheet.state is SheetState.DRAFT:
        sheet.state = rules.move(sheet.state, SheetState.LAPSED)
        tx.record(ScoresheetLapsed(sheet.id, sheet.round_plan_id))
    sheet.version += 1
