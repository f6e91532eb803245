"""What a meeting votes and decides beside the untouched independent ratings: many cells at once, or one item from a page."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from moderation.instants import london
from moderation.ledger import Transaction
from moderation.register.criteria import Criterion, NonScore
from moderation.words import InvalidInput, NotFound, Problem, Refused, StaleWrite

from .agenda_rows import state_here
from .drafts import emptied, own_draft
from .events import ActionAgreed, DisagreementDecided, RevotesRecorded
from .lesson_sources import propose, proposed_in, stands, take_from
from .meeting_rules import ActionKind, ActionState, refuse_basis
from .meetings import quorate_plans
from .places import place_in
from .policy import Policy, level_name
from .queries import MISSING, rated_cells
from .queries_conflicts import CONFLICT, barred_plans
from .queries_votes import Votes, votes_of
from .replaced import keep_whole
from .rows import (
    action_on,
    attendance_of,
    by_cell,
    decisions_on,
    defer,
    drop_action,
    item_in,
    meeting_in,
    move,
    policy_for,
    refuse_actor,
    refuse_left,
    refuse_published,
)
from .states import DECIDED, Basis, Cause, DisagreementState, MeetingState, decided
from .steps import refuse_open_vote
from .tables import AgreedRating, Disagreement, Meeting, MeetingItem, PlanAction, Revote

LONGEST_NOTE = 1000  # of an action


@dataclass(frozen=True)
class Vote:
    """One person's vote after the discussion. Neither value nor non-score: "I cannot judge this"."""

    round_plan_id: str
    criterion_key: str
    account_id: str
    value: float | None
    non_score: str | None = None


def record_revotes(tx: Transaction, meeting_id: str, votes: Sequence[Vote]) -> int:
    """Votes of people in the meeting. A vote is linked to the voter's own independent rating of the cell, where there is one;
    any other voter is marked new. Nobody votes twice on a cell. Returns how many are linked."""
    meeting = meeting_in(tx, meeting_id, {MeetingState.IN_SESSION})
    policy, rows = policy_for(tx, meeting), by_cell(tx, meeting_id)
    here = {row.account_id: row.agency_id for row in attendance_of(tx, meeting_id) if row.arrived_at and not row.left_at}
    rated = rated_cells(tx.session, tx.area_id, meeting.round_id)
    added = [_revote(tx, meeting_id, vote, rows, here, rated, policy) for vote in votes]
    tx.session.add_all(added)
    linked = sum(row.original_rater for row in added)
    tx.record(RevotesRecorded(meeting_id, len(added), linked))
    return linked


def _revote(
    tx: Transaction, meeting_id: str, vote: Vote, rows: dict[tuple[str, str], tuple[MeetingItem, Disagreement]],
    here: dict[str, str | None], rated: Collection[tuple[str, str, str]], policy: Policy,
) -> Revote:  # fmt: skip
    cell = (vote.round_plan_id, vote.criterion_key)
    if cell not in rows or vote.account_id not in here:
        raise NotFound(MISSING)
    if (vote.value, vote.non_score) != (None, None):
        _check_rating(policy.criteria[vote.criterion_key], vote.value, vote.non_score)
    item, row = rows[cell]
    refuse_left(item)
    if row.state is DisagreementState.LISTED:
        move(row, DisagreementState.DISCUSSED)
    elif row.state is not DisagreementState.DISCUSSED:
        raise Refused("This item is settled, so a vote on it comes too late.")
    return Revote(
        area_id=tx.area_id, meeting_id=meeting_id, disagreement_id=row.id, account_id=vote.account_id,
        agency_id=here[vote.account_id], original_rater=(*cell, vote.account_id) in rated,
        value=vote.value, non_score=vote.non_score, voted_at=tx.now,
    )  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """What a meeting agreed about one cell."""

    round_plan_id: str
    criterion_key: str
    value: float | None
    non_score: str | None
    basis: Basis
    reason: str
    cause: Cause | None = None
    dissent: str = ""
    dissenter: str = ""
    lesson: str = ""
    action: "WantedAction | None" = None
    notes: str = ""


@dataclass(frozen=True)
class WantedAction:
    """What has to happen to the plan, who sees to it, and by when."""

    kind: ActionKind
    text: str
    owner: str
    due_on: date


def decide(tx: Transaction, meeting_id: str, decisions: Iterable[Decision]) -> int:
    """Record agreed ratings of cells on the agenda, beside the untouched independent ratings. Returns how many."""
    meeting = meeting_in(tx, meeting_id, {MeetingState.IN_SESSION})
    refuse_published(tx, meeting)
    policy, rows, made = policy_for(tx, meeting), by_cell(tx, meeting_id), list(decisions)
    votes = votes_of(tx.session, tx.area_id, meeting_id, {row.id for _, row in rows.values()})
    quorate = quorate_plans(tx, meeting, {decision.round_plan_id for decision in made})
    for decision in made:
        cell = (decision.round_plan_id, decision.criterion_key)
        if cell not in rows:
            raise NotFound(MISSING)
        row = rows[cell][1]
        refuse_wrong(meeting, policy.criteria[decision.criterion_key], decision, votes.get(row.id, ()))
        refuse_past(tx, meeting, row.id, decision.action)
        _record_decision(tx, meeting, *rows[cell], decision, decision.round_plan_id in quorate)
    return len(made)


def refuse_wrong(meeting: Meeting, criterion: Criterion, decision: Decision, ballots: Sequence[Votes]) -> None:
    """A decision has a reason and a rating of its scale, and came about as the area's rule allows."""
    _check_decision(criterion, decision)
    refuse_basis(meeting.decision_rule, decision.basis, _last(ballots))


def refuse_past(tx: Transaction, meeting: Meeting, disagreement_id: str, action: WantedAction | None) -> None:
    """Nobody can see to something before the meeting asks for it; one that began early is held on that day. What an earlier
    meeting asked for keeps its date."""
    held = min(london(begun).date() for begun in (meeting.starts_at, meeting.started_at) if begun)
    if action is None or action.due_on >= held:
        return
    asked = action_on(tx, disagreement_id)
    if asked is None or asked.due_on != action.due_on:
        raise InvalidInput([Problem("action_due", "The date must not be before the day of the meeting")])


def _last(ballots: Sequence[Votes]) -> Mapping[str, int]:
    """What the meeting decides on: the votes that were revealed last, without those who could not judge."""
    return ballots[-1].answers if ballots else {}


def decide_item(tx: Transaction, item_id: str, version: int, decision: Decision) -> int:
    """The same for one item from a page that showed this version of it. Whoever comes second is shown both decisions; the same
    decision sent twice is recorded once, and the second time changes nothing: none are recorded then."""
    item, meeting, row = item_in(tx, item_id, {MeetingState.IN_SESSION})
    refuse_actor(tx, meeting, row)
    criterion = policy_for(tx, meeting).criteria[row.criterion_key]
    if item.version != version and is_recorded(tx, item, row, decision):
        return 0
    if item.version != version:
        raise StaleWrite(_texts(criterion, decision), present_texts(tx, criterion, item, row))
    return decide(tx, meeting.id, [decision])


def is_recorded(tx: Transaction, item: MeetingItem, row: Disagreement, decision: Decision) -> bool:
    """Did the meeting decide exactly this?"""
    made = decisions_on(tx, [row.id]).get(row.id)
    if made is None or made.meeting_id != item.meeting_id or row.state not in DECIDED:
        return False
    same_lesson = stands(tx, row.id, decision.lesson) if decision.lesson.strip() else not proposed_in(tx, row.id, item.meeting_id)
    return (
        _said(made) == _said(decision) and item.notes == decision.notes.strip() and same_lesson and _same_action(tx, row, decision)
    )


def _said(made: Decision | AgreedRating) -> tuple[Any, ...]:
    texts = (made.reason.strip(), made.dissent.strip(), made.dissenter.strip())
    return (made.value, made.non_score, made.basis, made.cause or "", *texts)


def _same_action(tx: Transaction, row: Disagreement, decision: Decision) -> bool:
    wanted, there = decision.action, action_on(tx, row.id)
    if wanted is None or there is None:
        return wanted is None and (there is None or there.state is not ActionState.OPEN)
    asked = (wanted.kind, wanted.text.strip(), wanted.owner.strip(), wanted.due_on)
    return asked == (there.kind, there.text, there.owner, there.due_on)


def _check_decision(criterion: Criterion, decision: Decision) -> None:
    problems = [] if decision.reason.strip() else [Problem("reason", "Enter the reason for the agreed rating")]
    if decision.dissenter and not decision.dissent.strip():
        problems.append(Problem("dissent", "Enter what the person who disagreed said"))
    if decision.action and not (decision.action.text.strip() and decision.action.owner.strip()):
        problems.append(Problem("action_text", "Enter what has to happen to the plan, and who sees to it"))
    if problems:
        raise InvalidInput(problems)
    _check_rating(criterion, decision.value, decision.non_score)


def _check_rating(criterion: Criterion, value: float | None, non_score: str | None) -> None:
    if not is_rating(criterion, value, non_score):
        raise InvalidInput([Problem("rating", "Choose the agreed rating")])


def is_rating(criterion: Criterion, value: float | None, non_score: str | None) -> bool:
    """Is this a level of the criterion's scale, or an answer that it allows beside the scale?"""
    if value is None:
        return non_score in list(NonScore) and criterion.allows_non_score(NonScore(non_score))
    return non_score is None and float(value).is_integer() and criterion.scale.allows(int(value))


def _record_decision(
    tx: Transaction, meeting: Meeting, item: MeetingItem, row: Disagreement, decision: Decision, quorate: bool
) -> None:
    refuse_left(item)
    refuse_open_vote(item.step)
    if row.state is DisagreementState.LISTED:
        move(row, DisagreementState.DISCUSSED)
    move(row, decided(decision.basis))
    _replace(tx, meeting, item, row, decision)
    item.version, item.draft, item.notes = item.version + 1, emptied(item.draft), decision.notes.strip()
    tx.session.add(AgreedRating(
        area_id=tx.area_id, round_id=meeting.round_id, round_plan_id=row.round_plan_id, criterion_key=row.criterion_key,
        value=decision.value, non_score=decision.non_score, basis=decision.basis, reason=decision.reason.strip(),
        cause=decision.cause or "", dissent=decision.dissent.strip(), dissenter=decision.dissenter.strip(), quorate=quorate,
        meeting_id=meeting.id, disagreement_id=row.id, decided_by=tx.actor.account_id, decided_at=tx.now,
    ))  # fmt: skip
    tx.record(DisagreementDecided(row.id, meeting.id, decision.basis, quorate))
    if decision.lesson.strip() and not stands(tx, row.id, decision.lesson):
        propose(tx, meeting, [row], decision.lesson)
    if decision.action:
        _ask_for(tx, meeting, row, decision.action)


def _replace(tx: Transaction, meeting: Meeting, item: MeetingItem, row: Disagreement, decision: Decision) -> None:
    """A former decision, which had no quorum, was there until now; it is kept with the item. A lesson or an action that both ask
    for stays as it is."""
    former = decisions_on(tx, [row.id]).get(row.id)
    if former is None:
        return
    words = texts_of(policy_for(tx, meeting).criteria[row.criterion_key], former)
    keep_whole(item, words, former, proposed_in(tx, row.id, former.meeting_id), action_on(tx, row.id))
    take_from(tx, row.id, former.meeting_id, but=decision.lesson.strip())
    if decision.action is None:
        drop_action(tx, row.id)
    tx.session.delete(former)
    tx.session.flush()


def _ask_for(tx: Transaction, meeting: Meeting, row: Disagreement, action: WantedAction) -> None:
    wanted = action_on(tx, row.id) or PlanAction(
        area_id=tx.area_id, meeting_id=meeting.id, disagreement_id=row.id, round_plan_id=row.round_plan_id, kind=action.kind,
        text=action.text.strip(), owner="", due_on=action.due_on, created_at=tx.now, version=0,
    )  # fmt: skip
    if (wanted.kind, wanted.text) != (action.kind, action.text.strip()):  # other work than was asked for, so not done yet
        wanted.note = _done_before(wanted)
        wanted.meeting_id, wanted.kind, wanted.text = meeting.id, action.kind, action.text.strip()
        wanted.state, wanted.settled_at, wanted.settled_by = ActionState.OPEN, None, None
    wanted.owner, wanted.due_on, wanted.version = action.owner.strip(), action.due_on, wanted.version + 1
    tx.session.add(wanted)
    tx.record(ActionAgreed(wanted.id, row.id, action.kind))


def _done_before(former: PlanAction) -> str:
    """What became of the work that another meeting had asked for; that stays beside the new work."""
    if former.state is ActionState.OPEN:
        return ""
    return f"Asked for before: {former.text.rstrip('.')}. {former.state.words}: {former.note}"[:LONGEST_NOTE]


def _texts(criterion: Criterion, decision: Decision | AgreedRating) -> dict[str, str]:
    rating = level_name(criterion.scale, decision.value) if decision.non_score is None else decision.non_score.replace("_", " ")
    return {"agreed_rating": rating, "how": decision.basis.words, "reason": decision.reason, "dissent": decision.dissent}


def texts_of(criterion: Criterion, made: AgreedRating) -> dict[str, Any]:
    """A decision in words, as it is kept when it is reopened."""
    return _texts(criterion, made) | {"decided_at": made.decided_at.isoformat(), "quorate": made.quorate}


def present_texts(tx: Transaction, criterion: Criterion, item: MeetingItem, row: Disagreement) -> dict[str, str]:
    agreed = decisions_on(tx, [row.id]).get(row.id)
    state = state_here(item, row)
    if agreed is None or state not in DECIDED:
        return {"agreed_rating": state.words, "reason": item.deferred_reason or ""}
    return _texts(criterion, agreed)


ASIDE = {CONFLICT: "The chair has a conflict of interest with this plan"}  # in the minutes; no other reason is for everybody


def stand_aside(tx: Transaction, meeting_id: str, item_id: str) -> None:
    """The chair, who may not moderate the plan, leaves its item for another meeting. They see nothing of it, so
    they give no reason of their own. Leaving it again changes nothing."""
    place = place_in(tx, item_id, {MeetingState.IN_SESSION}, meeting_id)
    meeting, (item, row) = place.meeting, next(pair for pair in place.pairs if pair[0].id == item_id)
    barred = barred_plans(tx.session, tx.area_id, meeting.round_id, meeting.moderator_id)
    if tx.actor.account_id != meeting.moderator_id or row.round_plan_id not in barred:
        raise NotFound(MISSING)
    if not item.deferred_reason:
        defer(tx, item, row, ASIDE.get(barred[row.round_plan_id], "The chair may not run this item"))
        if place.question:
            item.draft = own_draft(tx, place.question, row)
            place.question.version += 1


def defer_item(tx: Transaction, item_id: str, version: int, reason: str) -> None:
    """Leave an item for another meeting, with the reason."""
    item, meeting, row = item_in(tx, item_id, {MeetingState.IN_SESSION})
    refuse_actor(tx, meeting, row)
    if not reason.strip():
        raise InvalidInput([Problem("deferred_reason", "Enter why the item is deferred")])
    if item.version != version:
        criterion = policy_for(tx, meeting).criteria[row.criterion_key]
        raise StaleWrite({"agreed_rating": "deferred", "reason": reason}, present_texts(tx, criterion, item, row))
    defer(tx, item, row, reason.strip())
