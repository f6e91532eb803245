"""What moderation reads: the released ratings of a closed round, cell by cell (a cell is one plan and one criterion), and the
list of its disagreements. The only module of this stage that may look through `score.released`, and it always needs a Release."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from moderation.allocate.conflicts import conflict_facts
from moderation.allocate.events import PlansAllocated
from moderation.allocate.rules import RELEASED, PlanFacts, RoundState
from moderation.allocate.tables import Round, RoundAgency, RoundPlan
from moderation.ledger import history
from moderation.people.tables import Agency
from moderation.register.codes import EVENT_NAMES, PlanEvent, year_name
from moderation.register.framework import Criterion
from moderation.register.tables import ChildCase, FrameworkVersion, PlanVersion
from moderation.score import released
from moderation.score.questions import framework_of
from moderation.score.released import Release, ReleasedRating, release_for
from moderation.words import AgencyKind, NotFound

from .finding import Cells
from .rules import OPEN, DisagreementState, Mark, MeetingState, Policy, agencies_to_show, level_name
from .stakes import CHECK_TITLE
from .tables import AuditorLetter, Disagreement, Meeting, MeetingItem, RoutedRound
from .views import AuditorView, ReasonView, Strip, reason_view, strip_of

MISSING = "Page not found"
FREE = (DisagreementState.FOUND, DisagreementState.DEFERRED)


@dataclass(frozen=True)
class RoundFacts:
    """A closed round as moderation needs it."""

    round_id: str
    name: str
    state: RoundState
    closed_at: datetime | None
    framework_version_id: str
    framework_title: str
    routed_at: datetime | None

    @property
    def is_published(self) -> bool:
        return self.state in (RoundState.PUBLISHED, RoundState.ARCHIVED)


@dataclass(frozen=True)
class PlanLine:
    """A plan of the round, as moderators see it."""

    round_plan_id: str
    reference: str
    year_group: str
    event: str


def round_facts(session: Session, area_id: str, round_id: str) -> RoundFacts:
    """A round that is closed or later; any other is not there."""
    return _one(closed_rounds(session, area_id, round_id))


def closed_rounds(session: Session, area_id: str, round_id: str | None = None) -> list[RoundFacts]:
    """The area's rounds whose ratings are released, newest first."""
    chosen = (
        select(Round, FrameworkVersion.title, RoutedRound.routed_at)
        .join(FrameworkVersion, col(FrameworkVersion.id) == Round.framework_version_id)
        .join(RoutedRound, col(RoutedRound.round_id) == Round.id, isouter=True)
        .where(Round.area_id == area_id, FrameworkVersion.area_id == area_id, col(Round.state).in_(RELEASED))
        .order_by(col(Round.number).desc())
    )
    rows = session.exec(chosen.where(Round.id == round_id) if round_id else chosen)
    return [
        RoundFacts(row.id, row.name, row.state, row.closed_at, row.framework_version_id, title, routed)
        for row, title, routed in rows
    ]


def _one(found: Sequence[RoundFacts]) -> RoundFacts:
    if not found:
        raise NotFound(MISSING)
    return found[0]


def policy_of(session: Session, area_id: str, framework_version_id: str) -> Policy:
    """Routing and grading as the framework version says."""
    return Policy.of(framework_of(session, area_id, framework_version_id))


def plans_of(session: Session, area_id: str, round_id: str) -> dict[str, PlanLine]:
    """The round's plans by id, withdrawn ones included: their history stays readable."""
    chosen = (
        select(RoundPlan.id, ChildCase.reference, PlanVersion.year_group, PlanVersion.plan_event)
        .join(PlanVersion, col(PlanVersion.id) == RoundPlan.plan_version_id)
        .join(ChildCase, col(ChildCase.id) == PlanVersion.case_id)
        .where(RoundPlan.area_id == area_id, RoundPlan.round_id == round_id, PlanVersion.area_id == area_id)
    )
    return {
        plan_id: PlanLine(plan_id, reference, year_name(year), event_name(event))
        for plan_id, reference, year, event in session.exec(chosen)
    }


def event_name(event: str) -> str:
    return EVENT_NAMES[PlanEvent(event)] if event in list(PlanEvent) else event


def agency_kinds_needed(session: Session, area_id: str, round_id: str) -> frozenset[AgencyKind]:
    """The kinds of agency whose auditors rate in the round: a quorum has somebody from each."""
    chosen = select(Agency.kind).join(RoundAgency, col(RoundAgency.agency_id) == Agency.id)
    kinds = session.exec(chosen.where(RoundAgency.area_id == area_id, RoundAgency.round_id == round_id))
    return frozenset(AgencyKind(kind) for kind in kinds)


def released_cells(session: Session, area_id: str, round_id: str) -> Cells:
    """All ratings of a closed round that meetings see, for the rules."""
    sight = sight_of(session, area_id, round_id)
    cells: defaultdict[str, defaultdict[str, list[Mark]]] = defaultdict(lambda: defaultdict(list))
    for rating in released.ratings_of(session, sight.release):
        if sight.shows(rating):
            cells[rating.round_plan_id][rating.criterion_key].append(_mark(rating))
    return {plan: {key: tuple(marks) for key, marks in criteria.items()} for plan, criteria in cells.items()}


def raters_by_agency(session: Session, area_id: str, round_id: str) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Who finished a sheet of each plan: account and agency, shuffled per plan. For dealing letters, never for a page."""
    return released.people_of(session, release_for(session, area_id, round_id))


def rated_cells(
    session: Session, area_id: str, round_id: str, plan_id: str | None = None, criterion_key: str | None = None
) -> Mapping[tuple[str, str, str], Mark]:
    """Who answered what, of the round or of one cell: by plan, criterion and account. For linking a vote to the voter's own
    rating, never for a page."""
    release = release_for(session, area_id, round_id)
    raters = released.raters_of(session, release)
    return {
        (rating.round_plan_id, rating.criterion_key, raters[rating.round_plan_id][rating.letter]): _mark(rating)
        for rating in released.ratings_of(session, release, plan_id, criterion_key)
    }


def _mark(rating: ReleasedRating) -> Mark:
    return Mark(rating.value, rating.non_score, rating.confidence)


def barred_plans(session: Session, area_id: str, round_id: str, account_id: str) -> dict[str, str]:
    """The plans this person may not moderate, with the reason in words."""
    scored = select(AuditorLetter.round_plan_id).join(RoundPlan, col(RoundPlan.id) == AuditorLetter.round_plan_id)
    mine = session.exec(
        scored.where(AuditorLetter.area_id == area_id, RoundPlan.round_id == round_id, AuditorLetter.account_id == account_id)
    )
    conflicted = dict.fromkeys(conflicted_plans(session, area_id, round_id, account_id), "you have a conflict of interest with it")
    return conflicted | dict.fromkeys(mine, "you scored it")


def drew_allocation(session: Session, area_id: str, round_id: str, account_id: str) -> bool:
    """Did this person allocate the round's plans? Whoever did sees no rating before the minutes, in whatever role."""
    events = history(session, area_id, round_id)
    return any(event.actor_id == account_id for event in events if event.name == PlansAllocated.__name__)


def conflicted_plans(session: Session, area_id: str, round_id: str, account_id: str) -> Collection[str]:
    """The plans whose child, setting or team this person has a conflict of interest with."""
    return conflicted_by(session, area_id, round_id, [account_id])[account_id]


def conflicted_by(session: Session, area_id: str, round_id: str, accounts: Collection[str]) -> dict[str, frozenset[str]]:
    """The same for several people at once."""
    wanted = set(accounts)
    conflicts = [conflict for conflict in conflict_facts(session, area_id) if conflict.auditor_id in wanted]
    if not conflicts:
        return dict.fromkeys(wanted, frozenset())
    chosen = (
        select(RoundPlan.id, PlanVersion.case_id, PlanVersion.setting, PlanVersion.team)
        .join(PlanVersion, col(PlanVersion.id) == RoundPlan.plan_version_id)
        .where(RoundPlan.area_id == area_id, RoundPlan.round_id == round_id)
    )
    plans = [PlanFacts(*row) for row in session.exec(chosen)]
    barred = {(conflict.auditor_id, plan.round_plan_id) for plan in plans for conflict in conflicts if conflict.bars(plan)}
    return {account: frozenset(plan for whose, plan in barred if whose == account) for account in wanted}


# --- what a page shows of one cell ----------------------------------------------------------------------------------------


CONFIDENCE_WORDS = {"sure": "Very sure", "fairly_sure": "Fairly sure", "not_sure": "Not sure", None: ""}


@dataclass(frozen=True)
class Sight:
    """How much of the auditors may be seen: letters that stay the same for good, and agencies that have enough people."""

    release: Release
    letters: Mapping[tuple[str, str], str]  # plan and today's letter -> the letter dealt when the round closed, where shown
    agencies: frozenset[str]

    def shows(self, rating: ReleasedRating) -> bool:
        return (rating.round_plan_id, rating.letter) in self.letters


def sight_of(session: Session, area_id: str, round_id: str) -> Sight:
    release = release_for(session, area_id, round_id)
    dealt = _dealt_letters(session, area_id, round_id)
    raters = released.raters_of(session, release)
    letters = {
        (plan, letter): seen
        for plan, people in raters.items()
        for letter, account in people.items()
        if (seen := dealt.get((plan, account), letter))
    }
    return Sight(release, letters, agencies_to_show(released.auditors_per_agency(session, release)))


def _dealt_letters(session: Session, area_id: str, round_id: str) -> dict[tuple[str, str], str | None]:
    """By plan and account; None for who stays out of sight."""
    chosen = (
        select(AuditorLetter.round_plan_id, AuditorLetter.account_id, AuditorLetter.letter, AuditorLetter.is_shown)
        .join(RoundPlan, col(RoundPlan.id) == AuditorLetter.round_plan_id)
        .where(AuditorLetter.area_id == area_id, RoundPlan.round_id == round_id)
    )
    return {(plan, account): letter if is_shown else None for plan, account, letter, is_shown in session.exec(chosen)}


def auditors_by_cell(
    session: Session,
    sight: Sight,
    policy: Policy,
    plan_id: str | None = None,
    criterion_key: str | None = None,
    decided: bool = False,
) -> dict[tuple[str, str], tuple[AuditorView, ...]]:
    """What the auditors of each cell said, by letter. Once a cell is decided every agency may be named."""
    found: defaultdict[tuple[str, str], list[AuditorView]] = defaultdict(list)
    for rating in released.ratings_of(session, sight.release, plan_id, criterion_key):
        if rating.criterion_key in policy.criteria and sight.shows(rating):
            named = decided or rating.agency_id in sight.agencies
            found[rating.round_plan_id, rating.criterion_key].append(_auditor(rating, sight, policy, named))
    return {cell: tuple(sorted(auditors, key=lambda auditor: auditor.letter)) for cell, auditors in found.items()}


def _auditor(rating: ReleasedRating, sight: Sight, policy: Policy, named: bool) -> AuditorView:
    criterion = policy.criteria[rating.criterion_key]
    said = policy.framework.non_score(rating.non_score).label if rating.non_score else level_name(criterion.scale, rating.value)
    return AuditorView(
        letter=sight.letters[rating.round_plan_id, rating.letter],
        agency_kind=rating.agency_kind if named else None,
        agency_name=rating.agency_name if named else "",
        value=rating.value,
        rating=said,
        non_score=rating.non_score,
        confidence=CONFIDENCE_WORDS[rating.confidence],
        evidence=rating.evidence,
        quote=rating.quote,
        quote_place=rating.quote_place,
    )


# --- the list of disagreements --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DisagreementLine:
    """One row of the list."""

    disagreement_id: str
    plan: PlanLine
    criterion: Criterion
    section: str
    state: DisagreementState
    triggers: tuple[str, ...]
    reasons: tuple[ReasonView, ...]
    stake: float
    strip: Strip
    meeting: str | None

    @property
    def is_free(self) -> bool:
        """May it be put on an agenda?"""
        return self.state in FREE

    @property
    def is_difference(self) -> bool:
        """Not one that was drawn at random to check agreement."""
        return not self.says(CHECK_TITLE)

    def says(self, title: str) -> bool:
        return any(reason.title == title for reason in self.reasons)


def disagreement_lines(session: Session, area_id: str, facts: RoundFacts, barred: Mapping[str, str]) -> list[DisagreementLine]:
    """Every routed cell of the round that this moderator may see, where most is at stake first."""
    policy, sight = policy_of(session, area_id, facts.framework_version_id), sight_of(session, area_id, facts.round_id)
    rows = session.exec(
        select(Disagreement)
        .where(Disagreement.area_id == area_id, Disagreement.round_id == facts.round_id)
        .order_by(col(Disagreement.stake).desc(), col(Disagreement.criterion_key), col(Disagreement.id))
    ).all()
    plans, meetings = plans_of(session, area_id, facts.round_id), _meetings_of(session, area_id, facts.round_id)
    auditors = auditors_by_cell(session, sight, policy)
    return [
        _line(row, plans[row.round_plan_id], policy, auditors.get((row.round_plan_id, row.criterion_key), ()), meetings.get(row.id))
        for row in rows
        if row.round_plan_id not in barred and row.triggers
    ]


def _line(
    row: Disagreement, plan: PlanLine, policy: Policy, auditors: tuple[AuditorView, ...], meeting: str | None
) -> DisagreementLine:
    criterion = policy.criteria[row.criterion_key]
    section = policy.framework.section(criterion.section).label
    reasons = tuple(reason_view(text) for text in row.reasons)
    listed = meeting if row.state in (DisagreementState.LISTED, DisagreementState.DISCUSSED) else None
    strip = strip_of(criterion, auditors, policy)
    return DisagreementLine(row.id, plan, criterion, section, row.state, tuple(row.triggers), reasons, row.stake, strip, listed)


def _meetings_of(session: Session, area_id: str, round_id: str) -> dict[str, str]:
    """Disagreement -> the meeting on whose agenda it stands."""
    chosen = (
        select(MeetingItem.disagreement_id, Meeting.title)
        .join(Meeting, col(Meeting.id) == MeetingItem.meeting_id)
        .where(MeetingItem.area_id == area_id, Meeting.round_id == round_id, Meeting.state != MeetingState.CANCELLED)
        .order_by(col(Meeting.number))
    )
    return dict(session.exec(chosen).all())


def open_cells(session: Session, area_id: str, round_id: str) -> list[tuple[str, list[str]]]:
    """Criterion and reasons of every disagreement that is neither decided nor deferred."""
    chosen = select(Disagreement.criterion_key, Disagreement.reasons).where(
        Disagreement.area_id == area_id, Disagreement.round_id == round_id, col(Disagreement.state).in_(OPEN)
    )
    return [(key, list(reasons)) for key, reasons in session.exec(chosen)]


@dataclass(frozen=True)
class Counts:
    """How moderation of a round stands, in numbers: this is all a lead sees before the minutes."""

    found: int
    plans: int
    plans_in_round: int
    open: int
    listed: int
    decided: int
    deferred: int
    withdrawn: int
    minutes_booked: int


def counts_of(session: Session, area_id: str, round_id: str) -> Counts:
    mine = (Disagreement.area_id == area_id, Disagreement.round_id == round_id)
    rows = session.exec(select(Disagreement.state, Disagreement.round_plan_id, Disagreement.triggers).where(*mine)).all()
    states = [state for state, _, triggers in rows if triggers or state in OPEN]
    in_round = (
        select(func.count())
        .select_from(RoundPlan)
        .where(RoundPlan.area_id == area_id, RoundPlan.round_id == round_id, col(RoundPlan.withdrawn_at).is_(None))
    )
    planned = (col(Meeting.round_id) == round_id, col(Meeting.state).in_([MeetingState.PLANNED, MeetingState.INVITED]))
    booked = select(func.coalesce(func.sum(Meeting.minutes), 0)).where(Meeting.area_id == area_id, *planned)
    return Counts(
        found=len(states),
        plans=len({plan for _, plan, triggers in rows if triggers}),
        plans_in_round=session.exec(in_round).one(),
        open=sum(state in OPEN for state in states),
        listed=sum(state in (DisagreementState.LISTED, DisagreementState.DISCUSSED) for state in states),
        decided=sum(state in (DisagreementState.AGREED, DisagreementState.NOT_AGREED_CHAIR_DECIDED) for state in states),
        deferred=states.count(DisagreementState.DEFERRED),
        withdrawn=states.count(DisagreementState.WITHDRAWN),
        minutes_booked=session.exec(booked).one(),
    )
