"""The lists of disagreements: by what is at stake, by criterion, already settled; and the counts that leads may see."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from sqlmodel import Session

from moderation.register.criteria import Criterion, Level

from . import queries, queries_conflicts, queries_list
from .packing import MINUTES_EACH, USUAL, Need, fit, minutes_of_question, need, parts
from .queries import RoundFacts
from .queries_able import stuck
from .queries_carried import ToConfirm, next_to_confirm, unconfirmed
from .queries_list import FREE, Counts, DisagreementLine
from .queries_meetings import MeetingFacts, MeetingLine, meeting_lines, open_meetings
from .stakes import RECURS_FROM, alone
from .states import OPEN, DisagreementState

PAGE = 20
VIEWS = (("stake", "By what is at stake"), ("criterion", "By criterion"), ("settled", "Already settled"))


@dataclass(frozen=True)
class Wanted:
    """Which list a moderator asked for."""

    view: str = "stake"
    criterion: str = ""
    page: int = 1

    @property
    def name(self) -> str:
        return self.view if self.view in dict(VIEWS) else "stake"


@dataclass(frozen=True)
class RoundLine:
    facts: RoundFacts
    counts: Counts


@dataclass(frozen=True)
class CountsPage:
    """How moderation of a round stands, in counts: no rating, no plan."""

    facts: RoundFacts
    counts: Counts
    meetings: tuple[MeetingLine, ...]
    unconfirmed: int  # decided without a quorum, and no later meeting has confirmed it
    need: Need
    stuck: int  # plans with something to settle that no moderator may touch

    @property
    def minutes_needed(self) -> int:
        return self.need.minutes

    @property
    def may_publish(self) -> bool:
        waits = self.counts.open or self.unconfirmed or self.in_session
        return not waits and not self.facts.is_published and self.facts.routed_at is not None

    @property
    def in_session(self) -> tuple[MeetingFacts, ...]:
        return tuple(line.meeting for line in self.meetings if line.meeting.is_in_session)


@dataclass(frozen=True)
class Group:
    """One criterion on which several plans differ: usually a question about the guidance."""

    criterion: Criterion
    lines: tuple[DisagreementLine, ...]

    @property
    def free(self) -> tuple[DisagreementLine, ...]:
        return tuple(line for line in self.lines if line.is_free)

    @property
    def value(self) -> str:
        """What ticking the group sends."""
        return ",".join(line.disagreement_id for line in self.free)

    @property
    def differing(self) -> int:
        """On how many plans auditors differ: not counting those drawn at random."""
        return sum(line.is_difference for line in self.lines)

    @property
    def recurs(self) -> bool:
        return self.differing >= RECURS_FROM

    @property
    def asked(self) -> tuple[DisagreementLine, ...]:
        """What one question about the guidance would take, the worthiest first: free plans, without what is discussed alone."""
        lines = [line for line in self.free if not line.is_alone]
        return tuple(lines[: parts(len(lines))[0]]) if len(lines) >= RECURS_FROM else ()

    @property
    def question(self) -> str:
        """What asking it sends."""
        return ",".join(line.disagreement_id for line in self.asked)

    @property
    def minutes(self) -> int:
        return minutes_of_question(len(self.asked))


@dataclass(frozen=True)
class DisagreementsPage:
    """The list as one moderator may see it."""

    facts: RoundFacts
    counts: Counts
    wanted: Wanted
    lines: tuple[DisagreementLine, ...]
    pending: tuple[DisagreementLine, ...]  # of all, whatever is listed: neither decided nor deferred
    shown: tuple[DisagreementLine, ...]
    groups: tuple[Group, ...]
    criteria: tuple[Criterion, ...]
    barred: Mapping[str, str]
    meetings: tuple[MeetingFacts, ...]
    settled: int
    key_levels: tuple[Level, ...]
    need: Need
    confirm: ToConfirm
    stuck: int  # plans with something to settle that no moderator may touch

    @property
    def pages(self) -> int:
        return max(1, ceil(len(self.lines) / PAGE))

    @property
    def first(self) -> int:
        return (self.wanted.page - 1) * PAGE + 1

    @property
    def changes_overall(self) -> int:
        return sum(line.says("Changes the overall grade") or line.says("Is the overall grade") for line in self.pending)

    @property
    def statutory(self) -> int:
        return sum(line.criterion.statutory for line in self.pending)

    @property
    def minutes_needed(self) -> int:
        return self.need.minutes

    @property
    def each(self) -> int:
        return MINUTES_EACH

    @property
    def usual(self) -> int:
        return USUAL

    @property
    def fit(self) -> int:
        """What the packing takes into a meeting of usual length, when each is discussed by itself."""
        return fit(USUAL)

    @property
    def questions(self) -> tuple[Group, ...]:
        """Criteria whose guidance can be discussed once for several plans, those with most plans first."""
        found = [group for group in self.groups if group.asked]
        return tuple(sorted(found, key=lambda group: -len(group.asked)))


def round_lines(session: Session, area_id: str) -> list[RoundLine]:
    """Closed rounds and how their moderation stands, newest first."""
    return [
        RoundLine(facts, queries_list.counts_of(session, area_id, facts.round_id))
        for facts in queries.closed_rounds(session, area_id)
    ]


def counts_page(session: Session, area_id: str, facts: RoundFacts) -> CountsPage:
    meetings = tuple(meeting_lines(session, area_id, facts.round_id))
    counts = queries_list.counts_of(session, area_id, facts.round_id)
    waits, needed = unconfirmed(session, area_id, facts.round_id), need_of(session, area_id, facts)
    return CountsPage(facts, counts, meetings, waits, needed, _stuck(session, area_id, facts))


def _stuck(session: Session, area_id: str, facts: RoundFacts) -> int:
    return 0 if facts.is_published else stuck(session, area_id, facts.round_id)


def need_of(session: Session, area_id: str, facts: RoundFacts) -> Need:
    """The time for all that is open: known before anybody is invited, and it says nothing of a rating."""
    criteria = queries.policy_of(session, area_id, facts.framework_version_id).criteria
    cells = queries_list.open_cells(session, area_id, facts.round_id)
    return need(((key, alone(criteria[key], reasons)) for key, reasons in cells if key in criteria), RECURS_FROM)


def disagreements_page(session: Session, area_id: str, facts: RoundFacts, account_id: str, wanted: Wanted) -> DisagreementsPage:
    """The list asked for, without plans that this moderator may not moderate; how many those are is said."""
    barred = queries_conflicts.barred_plans(session, area_id, facts.round_id, account_id)
    everything = queries_list.disagreement_lines(session, area_id, facts, barred)
    standing = [line for line in everything if line.state in OPEN or line.state in FREE]
    settled = [line for line in everything if line.state not in OPEN and line.state is not DisagreementState.DEFERRED]
    chosen = _narrowed(settled if wanted.name == "settled" else standing, wanted.criterion)
    page = Wanted(wanted.name, wanted.criterion, min(max(wanted.page, 1), max(1, ceil(len(chosen) / PAGE))))
    counts = queries_list.counts_of(session, area_id, facts.round_id)
    pending = tuple(line for line in everything if line.state in OPEN)
    meetings = tuple(open_meetings(meeting_lines(session, area_id, facts.round_id)))
    return DisagreementsPage(
        facts, counts, page, tuple(chosen), pending, tuple(chosen[(page.page - 1) * PAGE : page.page * PAGE]), _groups(chosen),
        _criteria(everything), barred, meetings, len(settled), _key_levels(everything), need_of(session, area_id, facts),
        next_to_confirm(session, area_id, facts.round_id, meetings, account_id), _stuck(session, area_id, facts),
    )  # fmt: skip


def _narrowed(lines: Sequence[DisagreementLine], criterion: str) -> list[DisagreementLine]:
    return [line for line in lines if not criterion or line.criterion.key == criterion]


def _criteria(lines: Sequence[DisagreementLine]) -> tuple[Criterion, ...]:
    found = {line.criterion.key: line.criterion for line in lines}
    return tuple(found[key] for key in sorted(found))


def _groups(lines: Sequence[DisagreementLine]) -> tuple[Group, ...]:
    """By criterion: those that recur on most plans first."""
    found: defaultdict[str, list[DisagreementLine]] = defaultdict(list)
    for line in lines:
        found[line.criterion.key].append(line)
    groups = [Group(members[0].criterion, tuple(members)) for members in found.values()]
    return tuple(sorted(groups, key=lambda group: (-group.differing, group.criterion.key)))


def _key_levels(lines: Sequence[DisagreementLine]) -> tuple[Level, ...]:
    """The levels that the key explains: those of the first ordinal criterion listed."""
    return next((line.criterion.levels for line in lines if line.criterion.is_ordinal), ())
