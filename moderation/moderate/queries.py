"""What moderation reads: the released ratings of a closed round, cell by cell (a cell is one plan and one criterion). The only
module of this stage that may look through `score.released`, and it always needs a Release."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, and_, col, select

from moderation.allocate.rules import RELEASED, RoundState
from moderation.allocate.tables import Round, RoundAgency, RoundPlan
from moderation.people.tables import Agency
from moderation.register.codes import EVENT_NAMES, PlanEvent, year_name
from moderation.register.tables import ChildCase, FrameworkVersion, PlanVersion
from moderation.score import released
from moderation.score.questions import framework_of
from moderation.score.released import Release, ReleasedRating, release_for
from moderation.words import AgencyKind, NotFound

from .finding import Cells
from .policy import Policy, level_name
from .rules import Mark, agencies_to_show
from .tables import AgreedRating, AuditorLetter, RoutedRound
from .views import AuditorView

MISSING = "Page not found"
UNCONFIRMED = and_(col(AgreedRating.quorate).is_(False), col(AgreedRating.confirmed_in).is_(None))
"""Decided without a quorum, and by no later meeting confirmed."""


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
    hides_plans: bool  # said to leads only: they chose it

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
        RoundFacts(row.id, row.name, row.state, row.closed_at, row.framework_version_id, title, routed, row.seed_plans > 0)
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
    settled: Collection[str] = (),
) -> dict[tuple[str, str], tuple[AuditorView, ...]]:
    """What the auditors of each cell said, by letter. On plans that are `settled` every agency is named (`queries_naming`)."""
    found: defaultdict[tuple[str, str], list[AuditorView]] = defaultdict(list)
    for rating in released.ratings_of(session, sight.release, plan_id, criterion_key):
        if rating.criterion_key in policy.criteria and sight.shows(rating):
            named = rating.round_plan_id in settled or rating.agency_id in sight.agencies
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
