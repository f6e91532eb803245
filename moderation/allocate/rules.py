"""What may happen to a round, to a conflict and to one auditor's allocation: decisions in plain values.

The two life cycles are one table of moves each; the tables' CHECKs restate their states.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from moderation.words import InvalidInput, Problem, Refused

from .problem import Allocation as Place


class RoundState(StrEnum):
    DRAFT = "draft"
    ALLOCATED = "allocated"
    OPEN = "open"
    CLOSED = "closed"
    MODERATING = "moderating"
    PUBLISHED = "published"
    ARCHIVED = "archived"
    ABANDONED = "abandoned"


class AllocationState(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    STARTED = "started"
    ENDED = "ended"


class Ending(StrEnum):
    """How an allocation ended."""

    SUBMITTED = "submitted"
    DECLINED = "declined"
    HANDED_BACK = "handed_back"
    WITHDRAWN = "withdrawn"
    REASSIGNED = "reassigned"
    LAPSED = "lapsed"


class PlanKind(StrEnum):
    """Why a plan is in a round. Private: no page shows it, no auditor's query joins it."""

    ORDINARY = "ordinary"
    SEED = "seed"
    RE_AUDIT = "re_audit"
    BLIND_REPEAT = "blind_repeat"


class ConflictWith(StrEnum):
    """What an auditor is too close to."""

    CASE = "case"
    SETTING = "setting"
    TEAM = "team"


ROUND_MOVES: Mapping[RoundState, frozenset[RoundState]] = {
    RoundState.DRAFT: frozenset({RoundState.ALLOCATED, RoundState.ABANDONED}),
    RoundState.ALLOCATED: frozenset({RoundState.ALLOCATED, RoundState.OPEN, RoundState.ABANDONED}),
    RoundState.OPEN: frozenset({RoundState.CLOSED, RoundState.ABANDONED}),
    RoundState.CLOSED: frozenset({RoundState.MODERATING, RoundState.PUBLISHED}),
    RoundState.MODERATING: frozenset({RoundState.PUBLISHED}),
    RoundState.PUBLISHED: frozenset({RoundState.ARCHIVED}),
    RoundState.ARCHIVED: frozenset(),
    RoundState.ABANDONED: frozenset(),
}

ALLOCATION_MOVES: Mapping[AllocationState, frozenset[AllocationState]] = {
    AllocationState.OFFERED: frozenset({AllocationState.ACCEPTED, AllocationState.ENDED}),
    AllocationState.ACCEPTED: frozenset({AllocationState.STARTED, AllocationState.ENDED}),
    AllocationState.STARTED: frozenset({AllocationState.ENDED}),
    AllocationState.ENDED: frozenset({AllocationState.STARTED}),  # a reopened sheet; only after `submitted`
}

IN_SETUP = frozenset({RoundState.DRAFT, RoundState.ALLOCATED})
RELEASED = frozenset({RoundState.CLOSED, RoundState.MODERATING, RoundState.PUBLISHED, RoundState.ARCHIVED})
ROUND_STEPS = tuple(state for state in RoundState if state not in {RoundState.ARCHIVED, RoundState.ABANDONED})

ROUND_NAMES: Mapping[RoundState, str] = {state: state.value.capitalize() for state in RoundState}
CONFLICT_NAMES: Mapping[ConflictWith, str] = {
    ConflictWith.CASE: "One plan",
    ConflictWith.SETTING: "A school or setting",
    ConflictWith.TEAM: "A team",
}


MOST_SEEDS = 3
FULL_TIME = 100  # per cent
RECOMMENDED = 3  # the setting between expertise (1) and independence (5) that is used when nobody chooses one


def move_round(state: RoundState, to: RoundState) -> RoundState:
    """The round's next state; refuses a move that is not in the table."""
    if to not in ROUND_MOVES[state]:
        raise Refused(f"This round is {state.value}. It cannot become {to.value}.")
    return to


def move_allocation(state: AllocationState, ended: Ending | None, to: AllocationState) -> AllocationState:
    """The allocation's next state. What has ended stays ended, except a submitted sheet that the lead reopens."""
    reopens = state is AllocationState.ENDED and ended is Ending.SUBMITTED
    if to not in ALLOCATION_MOVES[state] or (state is AllocationState.ENDED and not reopens):
        raise Refused("This plan is no longer waiting for that. Reload the page to see how it stands.")
    return to


@dataclass(frozen=True)
class RoundTerms:
    """What a lead decides about a round before anything is drawn."""

    name: str
    framework_version_id: str
    opens_on: date
    closes_on: date


def check_terms(terms: RoundTerms, today: date) -> None:
    """A round has a name and closes after it opens, in the future."""
    problems = []
    if not terms.name.strip():
        problems.append(Problem("name", "Enter a name for the round"))
    if terms.closes_on <= terms.opens_on:
        problems.append(Problem("closes_on", "The closing date must be after the opening date"))
    elif terms.closes_on < today:
        problems.append(Problem("closes_on", "The closing date must be today or later"))
    if problems:
        raise InvalidInput(problems)


def check_closing_date(state: RoundState, opens_on: date, closes_on: date, today: date) -> None:
    """The closing date of a round that is not closed may move to any day that is still to come."""
    if state not in IN_SETUP | {RoundState.OPEN}:
        raise Refused(f"This round is {state.value}. Its closing date cannot change.")
    if closes_on < today or closes_on <= opens_on:
        raise InvalidInput([Problem("closes_on", "The closing date must be today or later, and after the opening date")])


def check_in_setup(state: RoundState) -> None:
    """Plans, agencies and capacities are decided before the round opens."""
    if state not in IN_SETUP:
        raise Refused(f"This round is {state.value}. It can no longer be set up.")


def check_open(state: RoundState) -> None:
    """Some things happen in open rounds only."""
    if state is not RoundState.OPEN:
        raise Refused(f"This round is {state.value}, not open.")


def check_may_withdraw(state: RoundState) -> None:
    """A plan can be taken out from the opening until the results are published; what was measured is then measured again."""
    if state not in {RoundState.OPEN, RoundState.CLOSED, RoundState.MODERATING}:
        raise Refused(f"This round is {state.value}. Its plans can no longer be withdrawn.")


@dataclass(frozen=True)
class Readiness:
    """What a lead must know before opening: places filled, places needed, plans fully covered, and whether the draw is stale."""

    filled: int
    places: int
    covered: int
    plans: int
    stale: bool

    @property
    def is_complete(self) -> bool:
        return self.filled == self.places


def check_ready(readiness: Readiness, confirmed: bool) -> None:
    """Open a round only when every place is filled, or when the lead says in so many words to open it with fewer."""
    if readiness.stale:
        raise Refused("Something has changed since this draw. Draw again before you open the round.")
    if not readiness.filled:
        raise Refused("No plan has an auditor yet, so the round cannot open.")
    if not readiness.is_complete and not confirmed:
        missing = readiness.places - readiness.filled
        raise InvalidInput([Problem("confirm", f"Confirm that the round opens with {missing} of {readiness.places} places empty")])


def check_reason(reason: str, field: str = "reason") -> str:
    """A reason is a few words, kept beside the act it explains."""
    if not reason.strip():
        raise InvalidInput([Problem(field, "Enter a reason")])
    return reason.strip()


def check_may_clear(auditor_id: str, actor_id: str) -> None:
    """Nobody clears a conflict of their own: somebody else confirms that it has ended."""
    if auditor_id == actor_id:
        raise Refused("You cannot clear a conflict of your own. Ask another QA lead to confirm that it has ended.")


def check_capacity(capacity: int) -> None:
    """A number of plans one person can take in one round."""
    if not 0 <= capacity <= 500:
        raise InvalidInput([Problem("capacity", "Enter a number from 0 to 500", value=str(capacity))])


def taking(capacity: int, availability: int) -> str:
    """
    >>> taking(6, 100), taking(6, 60)
    ('6', '6, at 60% of full time')
    """
    return str(capacity) if availability == FULL_TIME else f"{capacity}, at {availability}% of full time"


def check_availability(availability: int) -> None:
    """A share of full time, in per cent."""
    if not 1 <= availability <= FULL_TIME:
        raise InvalidInput([Problem("availability", f"Enter a number from 1 to {FULL_TIME}", value=str(availability))])


def may_see_progress(state: RoundState, viewer_id: str, auditor_ids: Sequence[str]) -> bool:
    """Whoever rates in a round does not see how the others are getting on until it is closed, whatever their roles."""
    return state in RELEASED or viewer_id not in auditor_ids


STRATIFIERS: Mapping[str, str] = {
    "phase": "Phase (from the year group)",
    "primary_need": "Primary need",
    "setting_type": "Type of setting",
    "plan_event": "Why the plan was written",
    "team": "Team that wrote it",
}

PHASES = (
    (-1, "Early years"),
    (2, "Reception to year 2"),
    (6, "Years 3 to 6"),
    (9, "Years 7 to 9"),
    (11, "Years 10 and 11"),
    (14, "Post-16"),
)


LAST_PHASE = "Post-19"
PHASE_NAMES = (*(name for _, name in PHASES), LAST_PHASE)


def phase(year_group: int) -> str:
    """The phase of education of a national curriculum year.

    >>> phase(7), phase(-2), phase(16)
    ('Years 7 to 9', 'Early years', 'Post-19')
    """
    return next((name for last, name in PHASES if year_group <= last), LAST_PHASE)


@dataclass(frozen=True)
class SampleTerms:
    """How the plans of a round are to be drawn."""

    size: int
    stratify_by: tuple[str, ...] = ()
    again: bool = False  # also plans that were in an earlier round
    quotas: Mapping[str, int] = field(default_factory=dict)  # plans from a stratum, by its name; the others share the rest


@dataclass(frozen=True)
class Options:
    """What most rounds leave as it is: plans scored once more by an agency (per cent), hidden seed plans, repair by itself."""

    double_share: int = 0
    seed_plans: int = 1
    repairs_itself: bool = False


def check_options(options: Options) -> None:
    """A share in per cent, and no more seeds than auditors can afford: each costs everybody a plan."""
    problems = []
    if not 0 <= options.double_share <= 100:
        problems.append(Problem("double_share", "Enter a number from 0 to 100", value=str(options.double_share)))
    if not 0 <= options.seed_plans <= MOST_SEEDS:
        problems.append(Problem("seed_plans", f"Enter a number from 0 to {MOST_SEEDS}", value=str(options.seed_plans)))
    if problems:
        raise InvalidInput(problems)


@dataclass(frozen=True)
class AuditorChoice:
    """Who rates in a round, for which agency, and how many plans they can take."""

    account_id: str
    agency_id: str
    capacity: int
    availability: int = FULL_TIME  # per cent of full time


@dataclass(frozen=True)
class PlanFacts:
    """What conflicts need to know of a plan in a round."""

    round_plan_id: str
    case_id: str
    setting: str | None = None
    team: str | None = None


@dataclass(frozen=True)
class ConflictFacts:
    """A conflict that stands: exactly one of case, setting and team is given."""

    auditor_id: str
    reason: str
    case_id: str | None = None
    setting: str | None = None
    team: str | None = None

    def bars(self, plan: PlanFacts) -> bool:
        """May this auditor not rate this plan?"""
        same = ((self.case_id, plan.case_id), (self.setting, plan.setting), (self.team, plan.team))
        return any(mine is not None and _folded(mine) == _folded(theirs) for mine, theirs in same)


def _folded(name: str | None) -> str:
    return " ".join((name or "").split()).casefold()


def barred(plans: Sequence[PlanFacts], conflicts: Sequence[ConflictFacts]) -> dict[tuple[str, str], str]:
    """(plan, auditor) -> reason, for every plan that a conflict keeps from an auditor."""
    return {
        (plan.round_plan_id, conflict.auditor_id): conflict.reason
        for plan in plans
        for conflict in conflicts
        if conflict.bars(plan)
    }


class Swap(NamedTuple):
    """The first auditor's plan goes to the second, and the second's to the first."""

    first_plan: str
    first_auditor: str
    second_plan: str
    second_auditor: str


def check_swap(places: Sequence[Place], swap: Swap, bars: Collection[tuple[str, str]]) -> None:
    """A swap is between two auditors of one agency, onto plans they may rate and do not have yet."""
    now = {(place.plan, place.auditor): place.agency for place in places}
    agencies = {now.get((swap.first_plan, swap.first_auditor)), now.get((swap.second_plan, swap.second_auditor))}
    if None in agencies:
        raise Refused("One of these two no longer has that plan. Reload the page.")
    if len(agencies) > 1:
        raise Refused("Choose two auditors of the same agency.")
    for plan, auditor in ((swap.second_plan, swap.first_auditor), (swap.first_plan, swap.second_auditor)):
        if (plan, auditor) in now:
            raise Refused("One of these two already has the other's plan.")
        if (plan, auditor) in bars:
            raise Refused("A conflict of interest keeps one of these two from the other's plan.")


def swapped(places: Sequence[Place], swap: Swap) -> list[Place]:
    """The allocation after a swap."""
    turned = {
        (swap.first_plan, swap.first_auditor): swap.second_auditor,
        (swap.second_plan, swap.second_auditor): swap.first_auditor,
    }
    return [Place(place.plan, turned.get((place.plan, place.auditor), place.auditor), place.agency) for place in places]


def exchanges(places: Sequence[Place], plan: str, auditor: str, bars: Collection[tuple[str, str]]) -> list[Place]:
    """Whom an auditor's plan may be exchanged with: every other place that the rules of a swap allow."""
    return [other for other in places if _may_swap(places, Swap(plan, auditor, other.plan, other.auditor), bars)]


def _may_swap(places: Sequence[Place], swap: Swap, bars: Collection[tuple[str, str]]) -> bool:
    try:
        check_swap(places, swap, bars)
    except Refused:
        return False
    return True
