"""What the minutes show: the record as it was kept when the meeting ended, its state, and its addenda."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from moderation.people.tables import Account
from moderation.words import NotFound

from . import record
from .meeting_rules import FIXED, MinutesState
from .policy import Policy
from .queries import MISSING, auditors_by_cell, plans_of, policy_of, rated_cells, sight_of
from .queries_agenda import AgendaItem, agenda_items
from .queries_carried import to_confirm
from .queries_cells import actions_of, agreed_of, agreed_view, lessons_of
from .queries_conflicts import conflicted_plans, drew_allocation
from .queries_meetings import MeetingFacts, meeting_facts
from .queries_naming import with_few_unnamed
from .queries_outcomes import LessonOutcome, lesson_outcomes
from .queries_people import attending
from .queries_votes import Votes, votes_of
from .record import ActionView, AgencyCame, AgreedView, ItemRecord, Linked, MinutesRecord
from .states import DECIDED, DisagreementState
from .tables import AgreedRating, Attendance, Disagreement, MeetingMinutes, MinutesAddendum, Revote
from .views import AuditorView, answer_key, strip_of

NO_VOTES = Votes({}, 0)


@dataclass(frozen=True)
class Addendum:
    number: int
    text: str
    reason: str
    author: str
    added_at: datetime


@dataclass(frozen=True)
class MinutesPage:
    """The minutes of a meeting that is over, and how far their sign-off is."""

    meeting: MeetingFacts
    record: MinutesRecord
    state: MinutesState
    notes: str
    version: int
    approved_at: datetime | None
    approved_by: str
    published_at: datetime | None
    published_by: str
    addenda: tuple[Addendum, ...]
    lessons: tuple[LessonOutcome, ...] = ()
    is_numbered: bool = False  # plans are not named
    actions: int = 0  # how many there are, where they are not shown
    left_out: int = 0  # items about plans with which the reader has a conflict of interest

    @property
    def is_fixed(self) -> bool:
        return self.state in FIXED


def minutes_page(session: Session, area_id: str, meeting_id: str, knows_allocation: bool = False) -> MinutesPage:
    """The minutes of a meeting; not there before it is over.

    Whoever knows which auditor of an agency had which plan sees no agencies: they would put a name to each rating.
    """
    meeting = meeting_facts(session, area_id, meeting_id)
    chosen = select(MeetingMinutes).where(MeetingMinutes.area_id == area_id, MeetingMinutes.meeting_id == meeting_id)
    row = session.exec(chosen).first()
    if not meeting.is_over:
        raise NotFound(MISSING)
    if row is None:  # it ended before minutes were kept
        return _unwritten(meeting, _shown(session, area_id, meeting, record_of(session, area_id, meeting_id), knows_allocation))
    names = _names(session, row.approved_by, row.published_by)
    return MinutesPage(
        meeting, _shown(session, area_id, meeting, record.read(row.content), knows_allocation), row.state, row.notes, row.version,
        row.approved_at, names.get(row.approved_by or "", ""), row.published_at, names.get(row.published_by or "", ""),
        _addenda(session, area_id, row.id), lesson_outcomes(session, area_id, meeting_id),
    )  # fmt: skip


def numbered(session: Session, area_id: str, page: MinutesPage) -> MinutesPage:
    """For leads who do not moderate the round: they know its sample, so the reference of a hidden plan would tell them which it is.
    Plans are named once the round is published."""
    if page.meeting.round.is_published:
        return page
    plans = plans_of(session, area_id, page.meeting.round.round_id).values()
    shown = record.with_numbers(page.record, [plan.reference for plan in plans])
    return replace(page, record=shown, is_numbered=True, actions=len(page.record.actions))


def minutes_for(session: Session, area_id: str, meeting_id: str, account_id: str) -> MinutesPage:
    """Published minutes for somebody who was there; not there for anybody else, or before."""
    seat = session.exec(
        select(Attendance).where(
            Attendance.area_id == area_id, Attendance.meeting_id == meeting_id, Attendance.account_id == account_id
        )
    ).first()
    if seat is None or seat.arrived_at is None:
        raise NotFound(MISSING)
    round_id = meeting_facts(session, area_id, meeting_id).round.round_id
    page = minutes_page(session, area_id, meeting_id, drew_allocation(session, area_id, round_id, account_id))
    if page.state is not MinutesState.PUBLISHED:
        raise NotFound(MISSING)
    return for_reader(session, area_id, page, account_id, seat.agency_id is None)


def for_reader(session: Session, area_id: str, page: MinutesPage, account_id: str, observes: bool = False) -> MinutesPage:
    """Without the plans that this person has a conflict of interest with, in whatever role they read."""
    round_id = page.meeting.round.round_id
    plans, hidden = plans_of(session, area_id, round_id), conflicted_plans(session, area_id, round_id, account_id)
    kept = record.for_reader(page.record, [plans[key].reference for key in hidden], observes)
    lessons = lesson_outcomes(session, area_id, page.meeting.meeting_id, hidden)
    return replace(page, record=kept, lessons=lessons, left_out=len(page.record.items) - len(kept.items))


def _shown(session: Session, area_id: str, meeting: MeetingFacts, found: MinutesRecord, knows_allocation: bool) -> MinutesRecord:
    if knows_allocation:
        return record.without_agencies(found)
    return with_few_unnamed(session, area_id, meeting.round, found)


def _unwritten(meeting: MeetingFacts, shown: MinutesRecord) -> MinutesPage:
    return MinutesPage(meeting, shown, MinutesState.DRAFT, "", 0, None, "", None, "", ())


def _names(session: Session, *accounts: str | None) -> dict[str, str]:
    chosen = select(Account.id, Account.name).where(col(Account.id).in_([one for one in accounts if one]))
    return dict(session.exec(chosen).all())


def _addenda(session: Session, area_id: str, minutes_id: str) -> tuple[Addendum, ...]:
    chosen = (
        select(MinutesAddendum, Account.name)
        .join(Account, col(Account.id) == MinutesAddendum.added_by)
        .where(MinutesAddendum.area_id == area_id, MinutesAddendum.minutes_id == minutes_id)
        .order_by(col(MinutesAddendum.number))
    )
    return tuple(Addendum(row.number, row.text, row.reason, name, row.added_at) for row, name in session.exec(chosen))


# --- what is kept when a meeting ends -------------------------------------------------------------------------------------


def record_of(session: Session, area_id: str, meeting_id: str) -> MinutesRecord:
    """The record of a meeting, from what was recorded in it."""
    meeting = meeting_facts(session, area_id, meeting_id)
    policy = policy_of(session, area_id, meeting.round.framework_version_id)
    items = agenda_items(session, area_id, meeting)
    known = _known(session, area_id, meeting, items, policy)
    people = attending(session, area_id, meeting)
    came = tuple(AgencyCame(seats.kind, seats.name, seats.came) for seats in people.agencies)
    return MinutesRecord(
        meeting.round.name, meeting.title, meeting.place, meeting.moderator, meeting.round.framework_title, meeting.started_at,
        meeting.concluded_at, came, tuple(_item(item, known, policy) for item in items), people.observed,
        _confirmed(session, area_id, meeting, policy), meeting.decision_rule.words, to_confirm(session, area_id, meeting)[0],
    )  # fmt: skip


@dataclass(frozen=True)
class _Known:
    """Everything about the items of one meeting, by disagreement; ratings by plan and criterion."""

    ratings: Mapping[tuple[str, str], tuple[AuditorView, ...]]
    agreed: Mapping[str, AgreedView]
    lessons: Mapping[str, tuple[str, ...]]
    actions: Mapping[str, ActionView]
    votes: Mapping[str, tuple[Votes, ...]]
    linked: Mapping[str, Linked]


def _known(session: Session, area_id: str, meeting: MeetingFacts, items: Sequence[AgendaItem], policy: Policy) -> _Known:
    sight, ids = sight_of(session, area_id, meeting.round.round_id), [item.disagreement_id for item in items]
    return _Known(
        auditors_by_cell(session, sight, policy, settled={item.plan.round_plan_id for item in items}),  # shown when they are
        agreed_of(session, area_id, ids, policy),
        lessons_of(session, area_id, ids),
        actions_of(session, area_id, ids),
        votes_of(session, area_id, meeting.meeting_id, ids),
        _linked(session, area_id, meeting),
    )


def _item(item: AgendaItem, known: _Known, policy: Policy) -> ItemRecord:
    plain = ItemRecord(
        item.place, item.criterion.key, item.criterion.title, item.plan.reference, former=item.former,
        notes=item.notes, is_question=item.question is not None,
        question_notes=item.question.notes if item.question else "", deferred_reason=item.deferred_reason or "",
        withdrawn=item.state is DisagreementState.WITHDRAWN,
    )  # fmt: skip
    agreed = known.agreed.get(item.disagreement_id) if item.state in DECIDED else None
    return _decided(plain, item, agreed, known, policy) if agreed else plain


def _decided(plain: ItemRecord, item: AgendaItem, agreed: AgreedView, known: _Known, policy: Policy) -> ItemRecord:
    key = item.disagreement_id
    auditors = record.without_evidence(known.ratings.get((item.plan.round_plan_id, item.criterion.key), ()))
    linked, ballots = known.linked.get(key, Linked((), ())), known.votes.get(key, ())
    last, first = (ballots or (NO_VOTES,))[-1], ballots[0] if len(ballots) > 1 else NO_VOTES
    return replace(
        plain, agreed=agreed, auditors=auditors, strip=strip_of(item.criterion, auditors, policy, agreed.key),
        votes=last.answers, cannot_judge=last.cannot_judge, first_votes=first.answers,
        first_cannot_judge=first.cannot_judge, not_voting=last.not_voting, first_not_voting=first.not_voting,
        lessons=known.lessons.get(key, ()),
        action=known.actions.get(key), same_before=linked.same(linked.before), same_after=linked.same(linked.after),
    )  # fmt: skip


def _confirmed(session: Session, area_id: str, meeting: MeetingFacts, policy: Policy) -> tuple[str, ...]:
    chosen = select(AgreedRating).where(AgreedRating.area_id == area_id, AgreedRating.confirmed_in == meeting.meeting_id)
    plans = plans_of(session, area_id, meeting.round.round_id)
    lines = [(row, plans[row.round_plan_id].reference) for row in session.exec(chosen)]
    return tuple(sorted(f"{row.criterion_key}, plan {plan}: {agreed_view(row, policy).rating}" for row, plan in lines))


def _linked(session: Session, area_id: str, meeting: MeetingFacts) -> dict[str, Linked]:
    """By disagreement: what those who voted had given, and what they voted the first time: by a second vote they had seen how the
    others voted."""
    chosen = (
        select(Revote, Disagreement)
        .join(Disagreement, col(Disagreement.id) == Revote.disagreement_id)
        .where(Revote.area_id == area_id, Revote.meeting_id == meeting.meeting_id, col(Revote.original_rater))
        .where(Revote.ballot_number == 1)
        .where((col(Revote.value).is_not(None)) | (col(Revote.non_score).is_not(None)))
    )
    rated = rated_cells(session, area_id, meeting.round.round_id)
    pairs: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for vote, row in session.exec(chosen):
        mark = rated.get((row.round_plan_id, row.criterion_key, vote.account_id))
        if mark is not None and (mark.value, mark.non_score) != (None, None):
            before, after = answer_key(mark.value, mark.non_score), answer_key(vote.value, vote.non_score)
            pairs[row.id].append((before, after))
    return {key: Linked(*(tuple(side) for side in zip(*found, strict=True))) for key, found in pairs.items()}
