"""What can have happened to rounds, draws, conflicts and allocations. Ids, numbers and states; reasons stay in the rows."""

from dataclasses import dataclass

from moderation.words import Event


@dataclass(frozen=True)
class RoundCreated(Event):
    """The commitment fixes the secret that will key every draw of the round, before anything is known of its plans."""

    round_id: str
    framework_version_id: str
    secret_sha256: str


@dataclass(frozen=True)
class RoundTermsChanged(Event):
    round_id: str


@dataclass(frozen=True)
class RoundAgenciesChanged(Event):
    round_id: str


@dataclass(frozen=True)
class RoundAuditorsChanged(Event):
    round_id: str


@dataclass(frozen=True)
class RoundAuditorAdded(Event):
    round_id: str
    auditor_id: str


@dataclass(frozen=True)
class SampleDrawn(Event):
    """The plans of a round were drawn at random from those that qualified."""

    round_id: str
    plans: int
    eligible: int


@dataclass(frozen=True)
class RoundOptionsChanged(Event):
    """The share scored twice, hidden plans, repair by itself."""

    round_id: str
    double_share: int
    seed_plans: int
    repairs_itself: bool


@dataclass(frozen=True)
class SeedsChosen(Event):
    """Hidden plans were added to a round or taken out. Which ones stands in a private table only."""

    round_id: str
    seeds: int


@dataclass(frozen=True)
class ExpertiseRecorded(Event):
    """What an auditor knows best was written down anew."""

    account_id: str
    needs: int
    phases: int


@dataclass(frozen=True)
class CasesMet(Event):
    """Cases were met in a moderation meeting by people who had not rated them: they never will."""

    meeting_id: str
    people: int
    cases: int


@dataclass(frozen=True)
class DrawOrdered(Event):
    """A draw too large to wait for was left to the clock."""

    round_id: str
    weighing: int


@dataclass(frozen=True)
class DrawFailed(Event):
    """The clock could not keep a draw; nothing was changed."""

    round_id: str


@dataclass(frozen=True)
class PlanExcluded(Event):
    """A plan must not be drawn for this round, or may be again."""

    round_id: str
    plan_version_id: str
    excluded: bool


@dataclass(frozen=True)
class PlansTaken(Event):
    """The plans of a round were given, not drawn."""

    round_id: str
    plans: int


@dataclass(frozen=True)
class PlanLeftOut(Event):
    """A plan was taken out of a round that is not open yet."""

    round_plan_id: str
    round_id: str


@dataclass(frozen=True)
class ConflictRecorded(Event):
    conflict_id: str
    auditor_id: str


@dataclass(frozen=True)
class ConflictCleared(Event):
    conflict_id: str
    auditor_id: str


@dataclass(frozen=True)
class PlansAllocated(Event):
    """A numbered draw: the commitment was fixed before the result was known."""

    round_id: str
    draw_id: str
    number: int
    commitment: str


@dataclass(frozen=True)
class AllocationsSwapped(Event):
    """The lead exchanged two auditors by hand: each now has the other's plan."""

    round_id: str
    draw_id: str
    first_plan: str
    first_auditor: str
    second_plan: str
    second_auditor: str


@dataclass(frozen=True)
class AllocationRepaired(Event):
    """Places that had lost their auditor were filled with the smallest change."""

    round_id: str
    filled: int
    moved: int


@dataclass(frozen=True)
class RoundOpened(Event):
    round_id: str
    plans: int
    empty_places: int


@dataclass(frozen=True)
class ClosingDateMoved(Event):
    round_id: str
    closes_on: str


@dataclass(frozen=True)
class RoundClosed(Event):
    round_id: str


@dataclass(frozen=True)
class RoundInModeration(Event):
    round_id: str


@dataclass(frozen=True)
class RoundPublished(Event):
    round_id: str


@dataclass(frozen=True)
class RoundAbandoned(Event):
    round_id: str


@dataclass(frozen=True)
class PlanWithdrawn(Event):
    """A plan was taken out of an open round; its allocations ended."""

    round_plan_id: str
    round_id: str


@dataclass(frozen=True)
class AllocationAccepted(Event):
    allocation_id: str
    round_id: str


@dataclass(frozen=True)
class AllocationStarted(Event):
    allocation_id: str
    round_id: str


@dataclass(frozen=True)
class AllocationReopened(Event):
    allocation_id: str
    round_id: str


@dataclass(frozen=True)
class AllocationEnded(Event):
    """How it ended is one of `rules.Ending`."""

    allocation_id: str
    round_id: str
    ended_as: str


@dataclass(frozen=True)
class AuditorsReminded(Event):
    round_id: str
    auditors: int


@dataclass(frozen=True)
class AuditorMarkedAbsent(Event):
    round_id: str
    auditor_id: str
    absent: bool


@dataclass(frozen=True)
class RoundArchived(Event):
    round_id: str
