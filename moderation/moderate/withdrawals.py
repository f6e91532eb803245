"""One sheet is withdrawn after closing: its ratings leave everything, and its plan is looked at again.

In a published round the cells that nobody discussed are settled anew; what a meeting decided stands. Before publication a decision
on a cell that the sheet had rated falls. The minutes of the meeting keep it, because they are a record of their own."""

from collections.abc import Mapping

from sqlmodel import col, select

from moderation.allocate.rules import RoundState
from moderation.allocate.tables import Round
from moderation.ledger import Transaction
from moderation.people.tables import Account
from moderation.post import Letter, queue
from moderation.score.actions import WithdrawnSheet
from moderation.score.actions import withdraw_sheet as withdraw

from . import rules, states
from .agenda_rows import questions_in
from .decisions import texts_of
from .events import DisagreementFoundAgain, DisagreementWithdrawn, PlanLookedAtAgain
from .finding import Cell, route_cells, stakes_of
from .policy import Policy
from .queries import plans_of, policy_of, released_cells
from .queries_routing import routing_policy
from .reopening import take_back
from .replaced import FELL, WHY, in_words
from .revealing import stop_voting_on
from .rows import drop_action
from .rules import Mark, settle_undiscussed
from .stakes import Stake
from .states import Basis, DisagreementState, MeetingState
from .tables import AgreedRating, Disagreement, Meeting, MeetingItem, RoutedRound

PUBLISHED = (RoundState.PUBLISHED, RoundState.ARCHIVED)
FALLEN = "A sheet that rated this was withdrawn, so the decision no longer stands."
UNDISCUSSED = (Basis.NOT_DISCUSSED, Basis.ONE_OPINION)


def withdraw_sheet(tx: Transaction, sheet_id: str, reason: str) -> int:
    """Withdraw it and look at its plan again; returns how many cells came out differently. Doing so twice is doing it once."""
    sheet = withdraw(tx, sheet_id, reason)
    if sheet is None:
        return 0
    tx.session.flush()
    found = tx.get(Round, sheet.round_id)
    cells = _resettled(tx, found, sheet) if found.state in PUBLISHED else _found_again(tx, found, sheet)
    tx.record(PlanLookedAtAgain(sheet.round_plan_id, cells))
    _tell(tx, sheet, sheet_id)
    return cells


def _marks(tx: Transaction, sheet: WithdrawnSheet) -> Mapping[str, tuple[Mark, ...]]:
    """What is left of the plan: criterion -> ratings."""
    return released_cells(tx.session, tx.area_id, sheet.round_id).get(sheet.round_plan_id, {})


def _found_again(tx: Transaction, found: Round, sheet: WithdrawnSheet) -> int:
    """Route the plan once more by the rules that held: what no longer differs is withdrawn, what still does keeps its place."""
    routed = select(RoutedRound.id).where(RoutedRound.area_id == tx.area_id, RoutedRound.round_id == found.id)
    if tx.session.exec(routed).first() is None:
        return 0
    policy, left = routing_policy(tx.session, tx.area_id, found.id), {sheet.round_plan_id: _marks(tx, sheet)}
    fired = {cell: keys for cell, keys in route_cells(left, policy, found.secret).items() if not _is_draw(keys, policy)}
    stakes = stakes_of(fired, left, policy, found.secret)
    chosen = select(Disagreement).where(Disagreement.area_id == tx.area_id, Disagreement.round_plan_id == sheet.round_plan_id)
    rows = {row.criterion_key: row for row in tx.session.exec(chosen) if row.criterion_key in sheet.criteria}
    changed = [_again(tx, row, policy, left, fired, stakes) for row in rows.values()]
    new = [cell for cell in fired if cell[1] in sheet.criteria - rows.keys()]
    tx.session.add_all(_new(tx, found.id, cell, fired[cell], stakes[cell]) for cell in new)
    return sum(changed) + len(new)


def _is_draw(keys: tuple[str, ...], policy: Policy) -> bool:
    return policy.calibration is not None and keys == (policy.calibration.key,)


def _again(
    tx: Transaction, row: Disagreement, policy: Policy, left: Mapping[str, Mapping[str, tuple[Mark, ...]]],
    fired: Mapping[Cell, tuple[str, ...]], stakes: Mapping[Cell, Stake],
) -> bool:  # fmt: skip
    """Did the row change its state?"""
    cell, before = (row.round_plan_id, row.criterion_key), row.state
    drawn = not row.triggers or _is_draw(tuple(row.triggers), policy)
    marks = left[row.round_plan_id].get(row.criterion_key, ())
    differs = cell in fired or (drawn and rules.comparable(marks, policy.criteria[row.criterion_key]))
    row.state = states.unsettled(row.state, differs)
    row.version += 1
    if cell in fired:
        row.triggers, row.stake, row.reasons = list(fired[cell]), stakes[cell].weight, list(stakes[cell].reasons)
    _let_decision_fall(tx, row, policy)
    if row.state is DisagreementState.WITHDRAWN:
        stop_voting_on(tx, row)
    if row.state is not before:
        gone = row.state is DisagreementState.WITHDRAWN
        tx.record(DisagreementWithdrawn(row.id, row.round_id) if gone else DisagreementFoundAgain(row.id, row.round_id))
    return row.state is not before


def _let_decision_fall(tx: Transaction, row: Disagreement, policy: Policy) -> None:
    """The agreed rating and its action go. A meeting in session has the item open again, with what was decided as its draft; later
    it waits for another meeting."""
    chosen = (
        select(AgreedRating, Meeting, MeetingItem)
        .join(Meeting, col(Meeting.id) == AgreedRating.meeting_id)
        .join(MeetingItem, col(MeetingItem.meeting_id) == Meeting.id)
        .where(AgreedRating.area_id == tx.area_id, AgreedRating.disagreement_id == row.id, MeetingItem.disagreement_id == row.id)
    )
    criterion = policy.criteria[row.criterion_key]
    for made, meeting, item in tx.session.exec(chosen).all():
        question = questions_in(tx.session, tx.area_id, meeting.id).get(item.id)
        if question:
            question.version += 1
        if meeting.state is MeetingState.IN_SESSION and row.state is DisagreementState.FOUND:
            row.state = DisagreementState.DISCUSSED
            take_back(tx, criterion, question, item, row, made, FELL)
            continue
        item.former = [*in_words(item), {**texts_of(criterion, made), WHY: FELL}]
        item.version += 1
        item.deferred_reason = item.deferred_reason or FALLEN
        tx.session.delete(made)
        drop_action(tx, row.id)


def _new(tx: Transaction, round_id: str, cell: Cell, keys: tuple[str, ...], ranked: Stake) -> Disagreement:
    plan, criterion = cell
    return Disagreement(
        area_id=tx.area_id, round_id=round_id, round_plan_id=plan, criterion_key=criterion, triggers=list(keys),
        stake=ranked.weight, reasons=list(ranked.reasons),
    )  # fmt: skip


def _resettled(tx: Transaction, found: Round, sheet: WithdrawnSheet) -> int:
    """Cells nobody discussed get what the remaining ratings come to, or nothing where none is left."""
    policy, left = policy_of(tx.session, tx.area_id, found.framework_version_id), _marks(tx, sheet)
    chosen = select(AgreedRating).where(
        AgreedRating.area_id == tx.area_id, AgreedRating.round_plan_id == sheet.round_plan_id,
        col(AgreedRating.basis).in_(UNDISCUSSED), col(AgreedRating.criterion_key).in_(sheet.criteria),
    )  # fmt: skip
    return sum(_settle(tx, row, left.get(row.criterion_key, ()), policy) for row in tx.session.exec(chosen).all())


def _settle(tx: Transaction, row: AgreedRating, marks: tuple[Mark, ...], policy: Policy) -> bool:
    outcome = settle_undiscussed(marks, policy.criteria[row.criterion_key])
    before = (row.value, row.non_score, row.basis)
    if outcome is None:
        tx.session.delete(row)
        return True
    row.value, row.non_score, row.basis = outcome.value, outcome.non_score, outcome.basis
    row.version += 1
    return (row.value, row.non_score, row.basis) != before


def _tell(tx: Transaction, sheet: WithdrawnSheet, sheet_id: str) -> None:
    """The auditor hears of it; why, they ask the lead: a letter is no place for that."""
    person = tx.session.get(Account, sheet.account_id)
    if person is None:
        return
    reference = plans_of(tx.session, tx.area_id, sheet.round_id)[sheet.round_plan_id].reference
    body = (
        f"Hello {person.name},\n\nYour answers about plan {reference} have been withdrawn after the round closed. They no longer "
        "count in any figure or agreed rating. They are kept, and nobody can see them.\n\nYour QA lead can tell you why.\n"
    )
    queue(tx, Letter(person.email, f"Your answers about plan {reference} were withdrawn", body, f"sheet-withdrawn:{sheet_id}"))
