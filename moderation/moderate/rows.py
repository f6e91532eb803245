"""The rows that the verbs of a meeting work on: found, checked to be of this area, and moved by the rules."""

from collections.abc import Collection

from sqlmodel import col, select

from moderation.allocate.tables import Round
from moderation.ledger import Transaction
from moderation.words import NotFound, Refused

from . import rules, states
from .agenda_rows import Pair, pairs_in
from .events import ItemDeferred
from .meeting_rules import ActionState
from .policy import Policy
from .queries import MISSING, plans_of, policy_of
from .queries_conflicts import barred_plans, drew_allocation, may_not_sit
from .states import DisagreementState, MeetingState
from .steps import Step
from .tables import AgreedRating, Attendance, Ballot, Disagreement, Meeting, MeetingItem, PlanAction

BEFORE = frozenset({MeetingState.PLANNED, MeetingState.INVITED})
UNFINISHED = BEFORE | {MeetingState.IN_SESSION}


def meeting_in(tx: Transaction, meeting_id: str, states: Collection[MeetingState]) -> Meeting:
    meeting = tx.get(Meeting, meeting_id)
    if meeting.state not in states:
        raise Refused(f"This meeting is {meeting.state.words.lower()}, so that cannot be done any more.")
    return meeting


def item_in(
    tx: Transaction, item_id: str, states: Collection[MeetingState], meeting_id: str | None = None
) -> tuple[MeetingItem, Meeting, Disagreement]:
    item = tx.get(MeetingItem, item_id)
    if meeting_id not in (None, item.meeting_id):
        raise NotFound(MISSING)
    meeting = meeting_in(tx, item.meeting_id, states)
    refuse_published(tx, meeting)
    return item, meeting, tx.get(Disagreement, item.disagreement_id)


def refuse_published(tx: Transaction, meeting: Meeting) -> None:
    """No meeting writes about the items of a round that is published."""
    rules.refuse_published(tx.get(Round, meeting.round_id).state)


def agenda_of(tx: Transaction, meeting_id: str) -> list[Pair]:
    return pairs_in(tx.session, tx.area_id, meeting_id)


def by_cell(tx: Transaction, meeting_id: str) -> dict[tuple[str, str], Pair]:
    return {(row.round_plan_id, row.criterion_key): (item, row) for item, row in agenda_of(tx, meeting_id)}


def disagreements_of(tx: Transaction, round_id: str) -> dict[str, Disagreement]:
    chosen = select(Disagreement).where(Disagreement.area_id == tx.area_id, Disagreement.round_id == round_id)
    return {row.id: row for row in tx.session.exec(chosen)}


def policy_for(tx: Transaction, meeting: Meeting) -> Policy:
    return policy_of(tx.session, tx.area_id, tx.get(Round, meeting.round_id).framework_version_id)


def move(row: Disagreement, to: DisagreementState) -> None:
    row.state = states.move_disagreement(row.state, to)
    row.version += 1


def decisions_on(tx: Transaction, disagreement_ids: Collection[str]) -> dict[str, AgreedRating]:
    """By disagreement. Where a meeting decides again what had no quorum, the former decision is there until it has."""
    chosen = select(AgreedRating).where(AgreedRating.area_id == tx.area_id)
    found = tx.session.exec(chosen.where(col(AgreedRating.disagreement_id).in_(disagreement_ids)))
    return {made.disagreement_id or "": made for made in found}


def let_stand(tx: Transaction, rows: Collection[Disagreement]) -> None:
    """What a meeting took up again and did not decide is decided as it was, and still waits to be confirmed."""
    free = {row.id: row for row in rows if row.state in (DisagreementState.FOUND, DisagreementState.DEFERRED)}
    for key, made in decisions_on(tx, free).items():
        free[key].state = states.decided(made.basis)
        free[key].version += 1


def action_on(tx: Transaction, disagreement_id: str) -> PlanAction | None:
    chosen = select(PlanAction).where(PlanAction.area_id == tx.area_id, PlanAction.disagreement_id == disagreement_id)
    return tx.session.exec(chosen).first()


def drop_action(tx: Transaction, disagreement_id: str) -> None:
    """The action goes with its decision, unless somebody has settled it: that stays. One that was opened again goes too."""
    action = action_on(tx, disagreement_id)
    if action and action.state is ActionState.OPEN:
        tx.session.delete(action)


def ballots_of(tx: Transaction, item_id: str) -> list[Ballot]:
    return list(tx.session.exec(select(Ballot).where(Ballot.area_id == tx.area_id, Ballot.item_id == item_id)))


def drop_ballots(tx: Transaction, item_id: str) -> None:
    for ballot in ballots_of(tx, item_id):
        tx.session.delete(ballot)


def drop_vote(tx: Transaction, item: MeetingItem) -> None:
    """What was voted and not revealed is dropped: nobody will ever see it. That the meeting discussed the item stays on record."""
    drop_ballots(tx, item.id)
    item.step = Step.DISCUSSION if item.step is Step.VOTING else item.step


def refuse_actor(tx: Transaction, meeting: Meeting, *rows: Disagreement) -> None:
    """Another moderator may write for the chair. Nobody writes about a plan that they may not moderate (`barred_plans`):
    not the chair either, whose conflict may become known when the meeting is under way. Whoever allocated the plans sees no rating
    of the round, so to them there is nothing to write about."""
    account = tx.actor.account_id
    if account is None:
        return
    if drew_allocation(tx.session, tx.area_id, meeting.round_id, account):
        raise NotFound(MISSING)
    barred = barred_plans(tx.session, tx.area_id, meeting.round_id, account)
    out = [barred[row.round_plan_id] for row in rows if row.round_plan_id in barred]
    if out:
        rules.refuse_barred(account == meeting.moderator_id, out[0])


def refuse_left(item: MeetingItem) -> None:
    """What a meeting deferred is for another one: that may be held at the same time."""
    if item.deferred_reason:
        raise Refused("This item is deferred, so it is for another meeting to decide.")


def defer(tx: Transaction, item: MeetingItem, row: Disagreement, reason: str) -> None:
    refuse_left(item)
    move(row, DisagreementState.DEFERRED)
    drop_vote(tx, item)
    item.deferred_reason = reason
    item.version += 1
    tx.record(ItemDeferred(row.id, item.meeting_id))


def refuse_conflicts(tx: Transaction, meeting: Meeting, plans: Collection[str]) -> None:
    barred = barred_plans(tx.session, tx.area_id, meeting.round_id, meeting.moderator_id)
    mine = barred.keys() & plans
    references = plans_of(tx.session, tx.area_id, meeting.round_id) if mine else {}
    rules.refuse_conflicted(references[plan].reference for plan in mine)


def attendance_of(tx: Transaction, meeting_id: str) -> list[Attendance]:
    return list(tx.session.exec(select(Attendance).where(Attendance.area_id == tx.area_id, Attendance.meeting_id == meeting_id)))


def voting_seats(tx: Transaction, meeting: Meeting) -> dict[str, str]:
    """Who is here for an agency and may be: account and agency. Observers do not vote."""
    seats = {row.account_id: row.agency_id for row in attendance_of(tx, meeting.id) if row.arrived_at and not row.left_at}
    out = may_not_sit(tx.session, tx.area_id, meeting.round_id, seats)
    return {account: agency for account, agency in seats.items() if agency and account not in out}
